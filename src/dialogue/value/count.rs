//! How many: "two", "a couple", "a dozen", "dos personas". Decides whole numbers only.

use super::Found;
use super::number::{Num, quantity};
use super::said::Said;
use super::settle::settle;

/// Larger counts are numbers of another kind.
const MOST: u64 = 1_000_000;

pub fn counts(said: &Said<'_>, asked: bool) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < said.len() {
        let Some((value, end)) = count(said, at) else {
            at += 1;
            continue;
        };
        let surely = counted(said, end) || led(said, at);
        // A lone article counts nothing: "una mesa", "a table".
        let article = said.is(at, &["un", "una"]) && end == at + 1;
        let lenient = asked && !moment(said, end) && (!article || said.len() <= 2);
        if value <= MOST && (surely || lenient) {
            let mut one = Found::of(said, at..end, value.to_string());
            let last = said.kind(end - 1);
            one.hanging =
                end == said.len() && matches!(last, Num::Tens(_) | Num::Hundred | Num::Hundreds(_));
            found.push(one);
        }
        at = end;
    }
    settle(said, found)
}

fn count(said: &Said<'_>, at: usize) -> Option<(u64, usize)> {
    let words: &[(&str, u64)] = if said.is_spanish() {
        &[
            ("un par", 2),
            ("una docena", 12),
            ("media docena", 6),
            ("dos docenas", 24),
            ("ninguno", 0),
            ("ninguna", 0),
            ("solo yo", 1),
            ("yo solo", 1),
            ("yo sola", 1),
        ]
    } else {
        &[
            ("a couple", 2),
            ("a dozen", 12),
            ("half a dozen", 6),
            ("two dozen", 24),
            ("a pair", 2),
            ("a single", 1),
            ("just me", 1),
            ("only me", 1),
            ("myself", 1),
            ("none", 0),
            ("a hundred", 100),
        ]
    };
    // A lone "to" or "for" is a number that was misheard.
    if said.len() == 1
        && said.is(at, &["to", "too", "for", "fore", "won", "ate", "tree"])
        && let Num::Digit { digit, .. } = said.kind(at)
    {
        return Some((digit.into(), at + 1));
    }
    let fixed = words
        .iter()
        .filter_map(|(phrase, value)| Some((*value, said.phrase(at, phrase)?)))
        .max_by_key(|&(_, end)| end);
    fixed.or_else(|| quantity(said, at))
}

/// What is counted stands behind.
fn counted(said: &Said<'_>, at: usize) -> bool {
    const NOUNS: [&str; 58] = [
        "people",
        "persons",
        "person",
        "guests",
        "guest",
        "adults",
        "adult",
        "children",
        "kids",
        "nights",
        "night",
        "rooms",
        "room",
        "tickets",
        "ticket",
        "copies",
        "copy",
        "units",
        "boxes",
        "box",
        "packs",
        "pack",
        "bottles",
        "bottle",
        "items",
        "item",
        "pieces",
        "seats",
        "seat",
        "tablets",
        "pills",
        "bags",
        "checks",
        "cards",
        "of us",
        "tables",
        "personas",
        "persona",
        "comensales",
        "adultos",
        "ninos",
        "noches",
        "noche",
        "entradas",
        "copias",
        "unidades",
        "cajas",
        "caja",
        "paquetes",
        "botellas",
        "piezas",
        "asientos",
        "pastillas",
        "bolsas",
        "cheques",
        "tarjetas",
        "habitaciones",
        "invitados",
    ];
    said.any(at, &NOUNS).is_some()
}

/// "a party of four", "una mesa para cuatro".
fn led(said: &Said<'_>, at: usize) -> bool {
    const LEADS: [&str; 10] = [
        "party of",
        "table for",
        "group of",
        "room for",
        "seats for",
        "mesa para",
        "somos",
        "seremos",
        "grupo de",
        "seriamos",
    ];
    said.ends_with(at, &LEADS).is_some()
}

/// Numbers of time and money, which answer other questions.
fn moment(said: &Said<'_>, at: usize) -> bool {
    said.is(
        at,
        &[
            "moment",
            "second",
            "sec",
            "minute",
            "momento",
            "momentito",
            "segundo",
            "dollars",
            "dolares",
            "euros",
            "oclock",
            "am",
            "pm",
            "st",
            "nd",
            "rd",
            "th",
            "percent",
        ],
    )
}
