//! Reads a feeling out of words with the lists of a language. Decides how phrases match, what turns
//! them round ("not happy") and what makes them stronger; the lists say what they mean.

use super::{Feeling, english, join, spanish};
use crate::dialogue::spoken::Language;

/// What a phrase speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Anger,
    Distress,
    Frustration,
    Satisfaction,
    /// Says nothing, and keeps the words in it from saying something ("no problem").
    Nothing,
}

/// A phrase, what it speaks of and how strongly (per mille). A phrase is words; `x*` is any word
/// that begins so, `a|b` either, `_` any one word, `..` up to three words or none.
pub(super) type Entry = (&'static str, Kind, u16);

/// The lists of a language.
pub(super) struct Lists {
    pub phrases: &'static [&'static [Entry]],
    pub not: &'static [&'static str],
    /// Words that end what a "not" reaches.
    pub bounds: &'static [&'static str],
    pub more: &'static [&'static str],
    pub less: &'static [&'static str],
    /// Words that count when they are repeated at once ("no no no", "help help").
    pub repeated: &'static [(&'static str, Kind)],
}

/// Words before a phrase that may turn it round.
const REACH: usize = 4;
/// Words that `..` stands for at most.
const GAP: usize = 3;

/// The feeling in the words.
pub(super) fn read(words: &[String], language: Language) -> Feeling {
    let lists = match language {
        Language::English => &english::LISTS,
        Language::Spanish => &spanish::LISTS,
    };
    let mut feeling = Feeling::default();
    let mut at = 0;
    let mut free = 0;
    while at < words.len() {
        let (length, kind, weight) = longest(&words[at..], lists);
        if length == 0 {
            at += 1;
            continue;
        }
        let weight = strength(&words[free..at], weight, lists);
        match (turned(&words[free..at], lists), kind) {
            (true, Kind::Satisfaction) => feeling.add(Kind::Frustration, weight),
            (true, _) => {}
            (false, kind) => feeling.add(kind, weight),
        }
        at += length;
        free = at;
    }
    repeats(words, lists, &mut feeling);
    feeling
}

impl Feeling {
    fn add(&mut self, kind: Kind, weight: u16) {
        let figure = match kind {
            Kind::Anger => &mut self.anger,
            Kind::Distress => &mut self.distress,
            Kind::Frustration => &mut self.frustration,
            Kind::Satisfaction => &mut self.satisfaction,
            Kind::Nothing => return,
        };
        *figure = join(*figure, weight);
    }
}

/// The longest phrase that the words begin with: its length (0: none), kind and weight.
fn longest(words: &[String], lists: &Lists) -> (usize, Kind, u16) {
    let mut best = (0, Kind::Nothing, 0);
    for (phrase, kind, weight) in lists.phrases.iter().copied().flatten() {
        if let Some(length) = length(phrase.split(' '), words)
            && length > best.0
        {
            best = (length, *kind, *weight);
        }
    }
    best
}

/// How many of the words the phrase takes.
fn length<'a>(
    mut phrase: impl Iterator<Item = &'a str> + Clone,
    words: &[String],
) -> Option<usize> {
    let Some(part) = phrase.next() else {
        return Some(0);
    };
    if part == ".." {
        return (0..=GAP.min(words.len())).find_map(|skipped| {
            length(phrase.clone(), &words[skipped..]).map(|length| skipped + length)
        });
    }
    let word = words.first()?;
    let fits = part.split('|').any(|part| match part.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => part == "_" || part == word,
    });
    fits.then_some(())?;
    length(phrase, &words[1..]).map(|length| 1 + length)
}

/// Whether a "not" reaches over the words up to a phrase.
fn turned(before: &[String], lists: &Lists) -> bool {
    let has = |list: &[&str], word: &String| list.contains(&word.as_str());
    before
        .iter()
        .rev()
        .take(REACH)
        .take_while(|word| !has(lists.bounds, word))
        .any(|word| has(lists.not, word))
}

fn strength(before: &[String], weight: u16, lists: &Lists) -> u16 {
    let near = || before.iter().rev().take(2);
    let has = |list: &[&str]| near().any(|word| list.contains(&word.as_str()));
    match (has(lists.more), has(lists.less)) {
        (true, _) => join(weight, 300),
        (false, true) => weight * 6 / 10,
        _ => weight,
    }
}

/// A word said three times at once is not said calmly; for calls for help twice is enough.
fn repeats(words: &[String], lists: &Lists, feeling: &mut Feeling) {
    for (word, kind) in lists.repeated {
        let mut run = 0;
        let mut most = 0;
        for heard in words {
            run = if heard == word { run + 1 } else { 0 };
            most = most.max(run);
        }
        let enough = if *kind == Kind::Distress { 2 } else { 3 };
        if most >= enough {
            feeling.add(*kind, 450);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::lexis;

    fn taken(phrase: &str, text: &str) -> Option<usize> {
        length(phrase.split(' '), &lexis::words(text, Language::English))
    }

    #[test]
    fn phrases_match_as_their_signs_say() {
        assert_eq!(taken("third|fourth time", "fourth time i call"), Some(2));
        assert_eq!(taken("ridicul*", "ridiculous"), Some(1));
        assert_eq!(taken("sick of _ waiting", "sick of this waiting"), Some(4));
        assert_eq!(taken("still .. waiting", "still waiting"), Some(2));
        assert_eq!(taken("still .. waiting", "still here and waiting"), Some(4));
        assert_eq!(
            taken("still .. waiting", "still here all day long waiting"),
            None
        );
        assert_eq!(taken("angry", "hungry"), None);
        assert_eq!(taken("angry now", "angry"), None);
    }

    #[test]
    fn every_list_is_written_as_words_are_compared() {
        for (lists, language) in [
            (&english::LISTS, Language::English),
            (&spanish::LISTS, Language::Spanish),
        ] {
            let lone = lists
                .not
                .iter()
                .chain(lists.bounds)
                .chain(lists.more)
                .chain(lists.less);
            for word in lone {
                assert_eq!(lexis::words(word, language), [*word], "{word}");
            }
            for (phrase, _, weight) in lists.phrases.iter().copied().flatten() {
                assert!(*weight <= 1000, "{phrase}");
                for part in phrase
                    .split([' ', '|'])
                    .filter(|part| !matches!(*part, ".." | "_"))
                {
                    let word = part.trim_end_matches('*');
                    assert_eq!(lexis::words(word, language), [word], "{phrase}");
                }
            }
        }
    }
}
