//! Which of several choices was meant: by name, by place ("the second one", "la última"), by number
//! ("option two"). Decides among the given choices only; two that fit alike are both told.

use super::Found;
use super::choice_match::{Match, best, name_words};
use super::number::{Num, ordinal, quantity};
use super::said::Said;
use super::settle::keep;
use crate::dialogue::spoken::Language;
use crate::dialogue::words::Token;
use std::ops::Range;

/// A choice that can be named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    /// What callers call it, each in one or more words.
    pub names: Vec<String>,
}

/// What was said of some of the choices.
#[derive(Clone, Debug)]
struct Mention {
    /// Places among the choices: several where the words fit several.
    places: Vec<usize>,
    words: Range<usize>,
    /// Of 1000: how well the words fit.
    fit: u16,
}

/// The choices that were said, in the order they were said; several for the same words where those fit
/// several. `asked`: this is the open question, so that names may be misheard and a bare number is a
/// choice; `ordinals`: whether the choices have places that callers know.
pub fn choose(
    choices: &[Choice],
    tokens: &[Token],
    language: Language,
    asked: bool,
    ordinals: bool,
) -> Vec<Found> {
    let said = Said::new(tokens, language);
    let mut mentions = named(choices, &said, asked);
    if ordinals {
        mentions.extend(placed(choices.len(), &said, asked, mentions.is_empty()));
    }
    mentions.sort_by_key(|mention| (mention.words.start, mention.words.end));
    // One stand-in for each mention, to see which are taken back.
    let stand_ins: Vec<Found> = mentions
        .iter()
        .map(|mention| Found::of(&said, mention.words.clone(), String::new()))
        .collect();
    let mut out: Vec<Found> = Vec::new();
    let mut last: Option<usize> = None;
    for kept in keep(&said, &stand_ins) {
        let mention = &mentions[kept.place];
        for &place in &mention.places {
            let mut found = Found::of(&said, mention.words.clone(), choices[place].value.clone());
            let heard = u32::from(found.confidence) * u32::from(mention.fit) / 1000;
            found.confidence = u16::try_from(heard).unwrap_or(1000);
            found.corrected = kept.corrects.is_some();
            if let Some(before) = out.iter_mut().find(|before| before.value == found.value) {
                before.confidence = before.confidence.max(found.confidence);
            } else {
                out.push(found);
            }
        }
        // "Smith, John Smith": the second says which.
        if let Some(before) = last {
            narrow(&mut out, choices, &mentions[before], mention);
        }
        last = Some(kept.place);
    }
    out
}

/// Two mentions that share a choice mean that one: "the checking account, the first one".
fn narrow(out: &mut Vec<Found>, choices: &[Choice], before: &Mention, now: &Mention) {
    let shared: Vec<&str> = before
        .places
        .iter()
        .filter(|place| now.places.contains(place))
        .map(|&place| choices[place].value.as_str())
        .collect();
    let ambiguous = before.places.len() > 1 || now.places.len() > 1;
    if ambiguous && !shared.is_empty() {
        let named: Vec<&str> = before
            .places
            .iter()
            .chain(&now.places)
            .map(|&place| choices[place].value.as_str())
            .collect();
        out.retain(|found| {
            !named.contains(&found.value.as_str()) || shared.contains(&found.value.as_str())
        });
    }
}

fn named(choices: &[Choice], said: &Said<'_>, asked: bool) -> Vec<Mention> {
    let names: Vec<Vec<Vec<String>>> = choices
        .iter()
        .map(|choice| choice.names.iter().map(|name| name_words(name)).collect())
        .collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < said.len() {
        let matches: Vec<(usize, Match)> = names
            .iter()
            .enumerate()
            .filter_map(|(place, names)| Some((place, best(said, at, names, asked)?)))
            .collect();
        let Some(top) = matches.iter().map(|(_, one)| one.rank()).max() else {
            at += 1;
            continue;
        };
        let chosen: Vec<&(usize, Match)> = matches
            .iter()
            .filter(|(_, one)| one.rank() == top)
            .collect();
        let end = chosen
            .iter()
            .map(|(_, one)| one.end)
            .max()
            .unwrap_or(at + 1);
        out.push(Mention {
            places: chosen.iter().map(|(place, _)| *place).collect(),
            words: at..end,
            fit: chosen.iter().map(|(_, one)| one.fit).min().unwrap_or(0),
        });
        at = end.max(at + 1);
    }
    // A name heard rightly beats one that only sounds like it, and the whole name a part of it.
    let best = out.iter().map(|mention| mention.fit).max().unwrap_or(0);
    out.retain(|mention| mention.fit >= 700 || mention.fit == best);
    out
}

/// "the second one", "number two", "the last", and bare numbers where that is asked.
fn placed(count: usize, said: &Said<'_>, asked: bool, nothing_named: bool) -> Vec<Mention> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < said.len() {
        let Some((place, end, marked)) = place(count, said, at) else {
            at += 1;
            continue;
        };
        // Without a question only "the second one" is a choice: "on the second" is a day.
        let alone = asked && (nothing_named || marked == Mark::Article);
        if marked == Mark::Noun || alone {
            let known = place.filter(|&place| place < count);
            if let Some(place) = known {
                out.push(Mention {
                    places: vec![place],
                    words: at..end,
                    fit: 1000,
                });
            }
        }
        at = end;
    }
    out
}

/// What shows that words name a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// Nothing: a bare number.
    Bare,
    /// "the second".
    Article,
    /// "the second one", "number two".
    Noun,
}

fn mark(article: bool, noun: bool) -> Mark {
    match (article, noun) {
        (_, true) => Mark::Noun,
        (true, false) => Mark::Article,
        (false, false) => Mark::Bare,
    }
}

/// A place, where its words end, and how surely they name one.
fn place(count: usize, said: &Said<'_>, at: usize) -> Option<(Option<usize>, usize, Mark)> {
    const NOUNS: [&str; 14] = [
        "one", "option", "choice", "item", "number", "entry", "opcion", "numero", "de ellas",
        "de ellos", "account", "cuenta", "slot", "time",
    ];
    let close = |end: usize| {
        said.any(end, &NOUNS)
            .map_or((end, false), |end| (end, true))
    };
    let index = |number: u64| usize::try_from(number).ok()?.checked_sub(1);
    let the = said.is(at, &["the", "el", "la", "los", "las"]);
    let start = at + usize::from(the);
    if said.is(start, &["last", "ultimo", "ultima"]) {
        let (end, noun) = close(start + 1);
        return Some((count.checked_sub(1), end, mark(the, noun)));
    }
    if said
        .any(start, &["second to last", "penultimo", "penultima"])
        .is_some()
    {
        let end = said.any(start, &["second to last", "penultimo", "penultima"])?;
        return Some((count.checked_sub(2), close(end).0, Mark::Noun));
    }
    if said.is(start, &["middle"]) && count % 2 == 1 {
        let (end, noun) = close(start + 1);
        return Some((Some(count / 2), end, mark(false, the && noun)));
    }
    if said.any(start, &["former", "latter"]).is_some() && count == 2 {
        let place = usize::from(said.is(start, &["latter"]));
        return Some((Some(place), start + 1, mark(the, false)));
    }
    if let Some((number, end)) = ordinal(said, start) {
        // "one second", "un segundo": wait.
        let wait = said.is(start, &["second", "segundo"])
            && said.is(start.wrapping_sub(1), &["one", "a", "un", "just", "1"]);
        let (end, noun) = close(end);
        return (!wait).then(|| (index(number), end, mark(the, noun)));
    }
    // "number two", "option 2", "opción dos"
    let led = [
        "number",
        "option",
        "choice",
        "opcion",
        "numero",
        "la opcion",
        "el numero",
    ];
    if let Some(after) = said.any(at, &led)
        && let Some((number, end)) = quantity(said, after)
    {
        return Some((index(number), end, Mark::Noun));
    }
    // A lone "to" or "for" is a number that was misheard.
    if said.len() == 1
        && said.is(at, &["to", "too", "for", "won", "tree"])
        && let Num::Digit { digit, .. } = said.kind(at)
    {
        return Some((index(digit.into()), at + 1, Mark::Bare));
    }
    let (number, end) = quantity(said, start)?;
    // "which one", "one moment", "two hundred dollars"
    let one = said.is(start, &["one", "un", "una", "uno"]) && !the && said.len() > 2;
    let counted = end < said.len()
        && !said.is(
            end,
            &[
                "please", "por", "then", "is", "sounds", "works", "thanks", "gracias", "esta", "me",
            ],
        );
    let pronoun = one
        || matches!(
            said.before(start),
            "either" | "which" | "that" | "this" | "other" | "any"
        );
    (!pronoun && !counted).then(|| (index(number), end, mark(the && said.is_spanish(), false)))
}
