//! Spelled words, codes and free text.

use super::*;

const NAME: Kind = Kind::Letters { min: 2, max: 20 };
const CODE: Kind = Kind::Code { min: 4, max: 8 };

#[test]
fn letters_in_english() {
    hold(
        &NAME,
        Language::English,
        true,
        &[
            ("s m i t h", "SMITH"),
            ("S. M. I. T. H.", "SMITH"),
            ("it's s m i t h", "SMITH"),
            ("smith, s m i t h", "SMITH"),
            ("s as in sierra m as in mike i t h", "SMITH"),
            ("sierra mike india tango hotel", "SMITH"),
            ("b as in bravo o b", "BOB"),
            ("b for boy o y", "BOY"),
            ("bravo oscar bravo", "BOB"),
            ("b i double l", "BILL"),
            ("bee eye double el", "BILL"),
            ("jay oh en ee ess", "JONES"),
            ("j o n e s", "JONES"),
            ("w h i t e", "WHITE"),
            ("double u h i t e", "WHITE"),
            ("l e e", "LEE"),
            ("k a y e", "KAYE"),
            ("um p a r k", "PARK"),
            ("capital p a r k", "PARK"),
            ("o n e i l l", "ONEILL"),
            ("a n n", "ANN"),
            ("m c d o n a l d", "MCDONALD"),
            ("d as in dog a v i d", "DAVID"),
            ("z a c k", "ZACK"),
            ("it's spelled a n d r e w", "ANDREW"),
            ("queue u i n n", "QUINN"),
            ("s m i t, no, s m y t h", "SMYTH"),
            ("triple s a", "SSSA"),
            ("thank you", ""),
            ("I don't know", ""),
            ("you are", "UR"),
            ("where is my order", ""),
        ],
    );
    hold(
        &NAME,
        Language::English,
        false,
        &[
            ("my name is Smith spelled s m i t h", "SMITH"),
            ("I need a table", ""),
            ("why are you", ""),
        ],
    );
}

#[test]
fn letters_in_spanish() {
    hold(
        &NAME,
        Language::Spanish,
        true,
        &[
            ("ge a erre ce i a", "GARCIA"),
            ("g a r c i a", "GARCIA"),
            ("be de Barcelona o be de Barcelona", "BOB"),
            ("b de burro a", "BA"),
            ("eme u eñe o zeta", "MUÑOZ"),
            ("ele u i ese", "LUIS"),
            ("doble ele o", "LLO"),
            ("uve e ge a", "VEGA"),
            ("ve corta e ge a", "VEGA"),
            ("uve doble i", "WI"),
            ("i griega o", "YO"),
            ("jota u a ene", "JUAN"),
            ("pe e de erre o", "PEDRO"),
            ("se escribe ele u zeta", "LUZ"),
            ("hache u ge o", "HUGO"),
            ("equis a be i", "XABI"),
            ("te o eme a ese", "TOMAS"),
            ("no sé", ""),
            ("muchas gracias", ""),
        ],
    );
}

#[test]
fn codes() {
    hold(
        &CODE,
        Language::English,
        true,
        &[
            ("a b one two", "AB12"),
            ("a b 1 2", "AB12"),
            ("AB12", "AB12"),
            ("alpha bravo one two three", "AB123"),
            ("x k forty two", "XK42"),
            ("x k four two seven", "XK427"),
            ("SW1A 1AA", "SW1A1AA"),
            ("s w one a one double a", "SW1A1AA"),
            ("b double five two", "B552"),
            ("it's b seven nine three", "B793"),
            ("my code is x k four two", "XK42"),
            ("x as in x-ray k four two", "XK42"),
            ("d for dog four five six", "D456"),
            ("b four oh six", "B406"),
            ("nine four one oh five", "94105"),
            ("booking reference a b c one two three", "ABC123"),
            ("nine oh two one oh", "90210"),
            ("x k four two, no, four three", "XK43"),
            ("hello", ""),
            ("I don't have it", ""),
        ],
    );
    hold(
        &CODE,
        Language::Spanish,
        true,
        &[
            ("a be uno dos", "AB12"),
            ("equis ka cuarenta y dos", "XK42"),
            ("be de Barcelona siete nueve tres", "B793"),
            ("dos ocho cero uno tres", "28013"),
            ("28013", "28013"),
        ],
    );
    hold(
        &CODE,
        Language::English,
        false,
        &[
            ("where is parcel x k four two seven", "XK427"),
            ("transfer fifty dollars", ""),
        ],
    );
}

#[test]
fn text_is_the_turn_without_courtesy() {
    hold(
        &Kind::Text,
        Language::English,
        true,
        &[
            ("um my name is John Smith please", "john smith"),
            ("John Smith", "john smith"),
            ("hello it's John", "john"),
            ("um", ""),
            ("", ""),
            ("thank you", "thank you"),
            (
                "the screen is broken thank you very much",
                "the screen is broken",
            ),
        ],
    );
    hold(
        &Kind::Text,
        Language::Spanish,
        true,
        &[
            ("me llamo Ana García por favor", "ana garcía"),
            (
                "eh pues la pantalla no funciona gracias",
                "la pantalla no funciona",
            ),
            ("eh", ""),
        ],
    );
}
