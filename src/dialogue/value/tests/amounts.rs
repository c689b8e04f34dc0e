//! Money and counts.

use super::*;

#[test]
fn amounts_where_they_are_asked_for() {
    hold(
        &Kind::Amount,
        Language::English,
        true,
        &[
            ("fifty dollars", "5000"),
            ("fifty", "5000"),
            ("fifty bucks", "5000"),
            ("twelve fifty", "1250"),
            ("twelve dollars and fifty cents", "1250"),
            ("twelve dollars fifty", "1250"),
            ("twelve oh five", "1205"),
            ("two hundred and fifty", "25000"),
            ("two hundred fifty dollars please", "25000"),
            ("a hundred", "10000"),
            ("a hundred bucks", "10000"),
            ("a hundred and twenty", "12000"),
            ("one hundred", "10000"),
            ("two fifty", "25000"),
            ("two fifty dollars", "25000"),
            ("$50", "5000"),
            ("$1,250.75", "125075"),
            ("1,250.75", "125075"),
            ("1250", "125000"),
            ("12.50", "1250"),
            ("50 dollars", "5000"),
            ("fifty cents", "50"),
            ("a dollar", "100"),
            ("a dollar fifty", "150"),
            ("five dollars and a half", "550"),
            ("two and a half dollars", "250"),
            ("two thousand five hundred", "250000"),
            ("twenty five hundred", "250000"),
            ("fifteen hundred dollars", "150000"),
            ("two grand", "200000"),
            ("a grand", "100000"),
            ("five k", "500000"),
            ("2 thousand", "200000"),
            ("a couple hundred", "20000"),
            ("three point five", "350"),
            ("three point two five dollars", "325"),
            ("one two five zero", "125000"),
            ("one million dollars", "100000000"),
            ("transfer fifty to savings", "5000"),
            ("um I think it was sixty five dollars", "6500"),
            ("fifty, no, sixty dollars", "6000"),
            ("fifty sorry sixty", "6000"),
            ("not fifty but sixty", "6000"),
            ("sixty not fifty", "6000"),
            ("fifty I mean sixty", "6000"),
            ("all of it", ""),
            ("half", ""),
            ("everything", ""),
            ("one moment", ""),
            ("ten percent", ""),
            ("half of the five hundred", ""),
            ("50.5", "5050"),
            ("one for my mom", ""),
            ("three quarters of it", ""),
            ("a couple of dollars", "200"),
            ("five hundred, sorry, five fifty", "55000"),
            ("$1,200", "120000"),
            ("nineteen ninety nine", "1999"),
            ("no not fifty", ""),
            ("to my savings", ""),
        ],
    );
}

#[test]
fn amounts_that_nobody_asked_for_name_their_currency() {
    hold(
        &Kind::Amount,
        Language::English,
        false,
        &[
            ("transfer fifty dollars from checking to savings", "5000"),
            ("send two hundred bucks to John", "20000"),
            ("send $200 to John", "20000"),
            ("pay the 12.50 dollars", "1250"),
            (
                "between fifty dollars and a hundred dollars",
                "5000 | 10000",
            ),
            ("order four five six seven", ""),
            ("I want two tables", ""),
            ("for to too", ""),
        ],
    );
}

#[test]
fn amounts_in_spanish() {
    hold(
        &Kind::Amount,
        Language::Spanish,
        true,
        &[
            ("cincuenta dólares", "5000"),
            ("cincuenta", "5000"),
            ("veinte con cincuenta", "2050"),
            ("veinte dólares con cincuenta centavos", "2050"),
            ("doce cincuenta", "1250"),
            ("doscientos cincuenta", "25000"),
            ("doscientos cincuenta euros", "25000"),
            ("cien", "10000"),
            ("cien dólares", "10000"),
            ("ciento veinte", "12000"),
            ("mil quinientos", "150000"),
            ("mil doscientos cincuenta con setenta y cinco", "125075"),
            ("1.250,75", "125075"),
            ("dos mil", "200000"),
            ("cincuenta centavos", "50"),
            ("un dólar", "100"),
            ("un dólar cincuenta", "150"),
            ("treinta y cinco euros", "3500"),
            ("dos euros y medio", "250"),
            ("dos y medio", "250"),
            ("cincuenta, no, sesenta", "6000"),
            ("cincuenta perdón sesenta dólares", "6000"),
            ("no cincuenta sino sesenta", "6000"),
            ("50 euros", "5000"),
            ("un millón de dólares", "100000000"),
            ("todo", ""),
            ("la mitad", ""),
            ("un momento", ""),
        ],
    );
    hold(
        &Kind::Amount,
        Language::Spanish,
        false,
        &[
            (
                "quiero transferir cincuenta dólares a mi cuenta de ahorros",
                "5000",
            ),
            ("quiero pagar veinte euros con cincuenta", "2050"),
            ("mesa para cuatro", ""),
        ],
    );
}

#[test]
fn readings_of_amounts() {
    hold_readings(
        &Kind::Amount,
        Language::English,
        &[
            ("twelve fifty", "1250 / 125000"),
            ("two fifty", "25000 / 250"),
            ("twelve fifty dollars", "125000 / 1250"),
            ("fifty", "5000"),
        ],
    );
}

#[test]
fn counts() {
    hold(
        &Kind::Count,
        Language::English,
        true,
        &[
            ("two", "2"),
            ("two please", "2"),
            ("a couple", "2"),
            ("a dozen", "12"),
            ("half a dozen", "6"),
            ("just me", "1"),
            ("four people", "4"),
            ("there are four of us", "4"),
            ("a party of six", "6"),
            ("a table for five", "5"),
            ("twelve", "12"),
            ("twenty five", "25"),
            ("a hundred", "100"),
            ("one hundred and ten", "110"),
            ("3", "3"),
            ("it's for three people", "3"),
            ("two, no, three", "3"),
            ("three not two", "3"),
            ("two adults and three kids", "2 | 3"),
            ("make it eight", "8"),
            ("tomorrow at seven for four", "4"),
            ("to", "2"),
            ("for", "4"),
            ("oh", ""),
            ("none", "0"),
            ("zero", "0"),
            ("ten tickets", "10"),
            ("one", "1"),
            ("I think two thousand", "2000"),
            ("one moment", ""),
            ("hello", ""),
        ],
    );
    hold(
        &Kind::Count,
        Language::English,
        false,
        &[
            ("I'd like a table for four people tomorrow", "4"),
            ("a party of two", "2"),
            ("twenty checks", "20"),
            ("fifty dollars", ""),
            ("number two", ""),
        ],
    );
    hold(
        &Kind::Count,
        Language::Spanish,
        true,
        &[
            ("dos", "2"),
            ("somos cuatro", "4"),
            ("cuatro personas", "4"),
            ("una mesa para seis", "6"),
            ("un par", "2"),
            ("una docena", "12"),
            ("veintiuno", "21"),
            ("treinta y dos", "32"),
            ("una", "1"),
            ("solo yo", "1"),
            ("dos, no, tres", "3"),
            ("cien", "100"),
            ("doscientas cajas", "200"),
            ("3 por favor", "3"),
            ("dos adultos y tres niños", "2 | 3"),
            ("un momento", ""),
        ],
    );
    hold(
        &Kind::Count,
        Language::Spanish,
        false,
        &[
            ("quiero una mesa para cuatro personas", "4"),
            ("quiero una cita", ""),
        ],
    );
}

#[test]
fn numbers_beside_money_and_days_are_none() {
    hold(
        &Kind::Amount,
        Language::English,
        true,
        &[
            ("fifty dollars from 4455 to 7788", "5000"),
            ("fifty or sixty dollars", "5000 | 6000"),
            ("fifty on march 3", "5000"),
        ],
    );
}
