//! Corrections of a part of a number that was read back: one group said again, "the last two are four
//! seven". Decides the corrected number; whether the caller meant a correction is the dialogue's business.

use super::digits::{Fit, digits};
use super::number::below_hundred;
use super::said::Said;
use crate::dialogue::spoken::Language;
use crate::dialogue::words::Token;

/// Digits in a group when a number is read back.
const GROUP: usize = 3;

/// `old` with one group of digits, as it was read back, replaced by `said`: the group that differs
/// least, so that a one-digit slip in it is repaired. None where no group has that length.
pub fn regroup(old: &str, said: &str) -> Option<String> {
    if !old.is_ascii() || !said.is_ascii() || said.is_empty() {
        return None;
    }
    let sizes = group_sizes(old.len());
    let mut start = 0;
    let mut best: Option<(usize, usize)> = None;
    for size in sizes {
        let group = &old.as_bytes()[start..start + size];
        let differing = group
            .iter()
            .zip(said.bytes())
            .filter(|&(&a, b)| a != b)
            .count();
        let closer = best.is_none_or(|(_, least)| differing < least);
        if size == said.len() && differing > 0 && closer {
            best = Some((start, differing));
        }
        start += size;
    }
    let (start, _) = best?;
    let mut out = old.to_owned();
    out.replace_range(start..start + said.len(), said);
    Some(out)
}

/// How numbers are cut when read back: fours where it divides, else threes with no digit left alone.
fn group_sizes(mut count: usize) -> Vec<usize> {
    let size = if count >= 8 && count.is_multiple_of(4) {
        4
    } else {
        GROUP
    };
    let mut out = Vec::new();
    while count > 4 {
        out.push(size);
        count -= size;
    }
    if count > 0 {
        out.push(count);
    }
    out
}

/// [`regroup`] in the caller's words: "the last two are four seven", "las tres primeras son uno dos
/// tres", or only the digits of a group.
pub fn regroup_said(old: &str, tokens: &[Token], language: Language) -> Option<String> {
    if !old.is_ascii() {
        return None;
    }
    let said = Said::new(tokens, language);
    for at in 0..said.len() {
        let Some((first, count, end)) = place(&said, at) else {
            continue;
        };
        let rest = Said::new(&tokens[end.min(tokens.len())..], language);
        let short = Fit {
            min: 1,
            max: old.len().max(1),
        };
        let Some(value) = digits(&rest, short, true).pop().map(|found| found.value) else {
            continue;
        };
        let count = count.unwrap_or(value.len());
        if value.len() != count || count > old.len() || count == 0 {
            return None;
        }
        let start = if first { 0 } else { old.len() - count };
        let mut out = old.to_owned();
        out.replace_range(start..start + count, &value);
        return Some(out);
    }
    let all = Fit {
        min: 1,
        max: old.len().max(1),
    };
    let value = digits(&said, all, true).pop()?.value;
    if value.len() == old.len() {
        return Some(value);
    }
    regroup(old, &value)
}

/// "the last two", "las tres primeras": which end, how many, and where the words end.
fn place(said: &Said<'_>, at: usize) -> Option<(bool, Option<usize>, usize)> {
    let side = |at: usize| match said.word(at) {
        "first" | "primeros" | "primeras" | "primer" | "primera" | "primero" => Some(true),
        "last" | "ultimos" | "ultimas" | "ultimo" | "ultima" => Some(false),
        _ => None,
    };
    let number = |at: usize| {
        let (value, end) = match said.literal(at) {
            Some(value) => (value, at + 1),
            None => below_hundred(said, at, false)?,
        };
        Some((
            usize::try_from(value)
                .ok()
                .filter(|n| (1..=19).contains(n))?,
            end,
        ))
    };
    let (first, count, end) = if let Some(first) = side(at) {
        match number(at + 1) {
            Some((count, end)) => (first, Some(count), end),
            None => (first, None, at + 1),
        }
    } else {
        // "las tres primeras"
        let (count, next) = number(at)?;
        (side(next)?, Some(count), next + 1)
    };
    // "the first digit is", "los últimos números son"
    let noun = said
        .any(
            end,
            &[
                "digits", "digit", "numbers", "number", "ones", "one", "digitos", "digito",
                "numeros", "numero", "cifras", "cifra",
            ],
        )
        .unwrap_or(end);
    let end = said.any(
        noun,
        &["are", "is", "should be", "son", "es", "deberian ser"],
    )?;
    let single = count.is_none()
        && said.is(
            noun.wrapping_sub(1),
            &["digit", "number", "one", "digito", "numero", "cifra"],
        );
    Some((first, if single { Some(1) } else { count }, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::words::tokens_of;

    #[test]
    fn a_group_replaces_the_one_it_resembles() {
        assert_eq!(regroup("456712", "457").as_deref(), Some("457712"));
        assert_eq!(regroup("456712", "713").as_deref(), Some("456713"));
        assert_eq!(regroup("456712", "71"), None);
        assert_eq!(regroup("456456", "456"), None);
        assert_eq!(regroup("2025550123", "0124").as_deref(), Some("2025550124"));
    }

    #[test]
    fn an_end_is_corrected_in_words() {
        for (said, language, want) in [
            (
                "the last two are four seven",
                Language::English,
                Some("456747"),
            ),
            (
                "no the first three are one two three",
                Language::English,
                Some("123712"),
            ),
            ("the last digit is nine", Language::English, Some("456719")),
            (
                "the last four should be 6 6 6 6",
                Language::English,
                Some("456666"),
            ),
            ("no four five seven", Language::English, Some("457712")),
            ("the last two are four", Language::English, None),
            (
                "las tres primeras son uno dos tres",
                Language::Spanish,
                Some("123712"),
            ),
            (
                "los últimos dos son cuatro siete",
                Language::Spanish,
                Some("456747"),
            ),
            ("no siete uno tres", Language::Spanish, Some("456713")),
            ("hello", Language::English, None),
        ] {
            assert_eq!(
                regroup_said("456712", &tokens_of(said), language).as_deref(),
                want,
                "{said}"
            );
        }
    }
}
