//! What the caller's words can mean: a yes or no, an intent or two. All are offered side by side; the
//! policy takes the one that the open question calls for. Values are read when a slot wants them.

use super::domain::{Domain, Label, Words};
use super::reply::{Confidence, Hypothesis};
use super::value::YesNo;
use super::value::tongue::is_function_word;
use super::value::{Kind, find, yes_no};
use super::words::{Token, tokens};
use jiff::civil::DateTime;

/// Alternatives that are looked at.
const MAX_HYPOTHESES: usize = 5;
/// An intent in one half of a sentence must be that sure to count beside the other half's.
const SECOND: Confidence = 650;
/// An intent that sure is not looked for any further.
const SURELY: Confidence = 800;
/// What stands word for word in the business's texts.
const CERTAIN: Confidence = 990;
/// An intent that was found by leaving words out is no surer than that: it takes nobody out of a task.
const GUESSED: Confidence = 690;

/// Readings of a turn.
#[derive(Clone, Debug, Default)]
pub(super) struct Meaning {
    /// Words of the best hypothesis.
    pub tokens: Vec<Token>,
    /// The words of the other hypotheses.
    pub others: Vec<Vec<Token>>,
    /// Another hypothesis reads differently and is nearly as likely.
    pub rival: bool,
    pub yes_no: Option<YesNo>,
    /// Best label, with how sure it is.
    pub intent: Option<Intent>,
    /// The second wish of the same sentence.
    pub second: Option<(Intent, Vec<Token>)>,
    /// That the words are none of the business's, by the ranker.
    pub outside: Confidence,
    /// How sure the recogniser was of the words that the intent was found in.
    pub heard: Confidence,
}

/// A label with how sure it is, the recogniser's doubts counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Intent {
    pub label: Label,
    /// Its place among the labels.
    pub place: usize,
    pub confidence: Confidence,
    /// By the words alone, however they were heard.
    pub by_words: Confidence,
}

/// All readings of `hypotheses`.
pub(super) fn hear(
    domain: &Domain,
    words: &Words,
    hypotheses: &[Hypothesis],
    now: DateTime,
) -> Meaning {
    let mut meaning = Meaning::default();
    for (place, hypothesis) in hypotheses.iter().take(MAX_HYPOTHESES).enumerate() {
        let tokens = tokens(hypothesis);
        let ranked = rank(words, &tokens, now);
        let doubt = u32::try_from(place * 50).unwrap_or(1000);
        let intent = ranked.best.map(|(at, confidence)| Intent {
            label: words.labels[at],
            place: at,
            confidence: share(confidence, hypothesis.confidence).saturating_sub(doubt as u16),
            by_words: confidence,
        });
        if place == 0 {
            meaning.outside = ranked.outside;
            meaning.heard = hypothesis.confidence;
            split(
                domain,
                words,
                &tokens,
                hypothesis.confidence,
                now,
                &mut meaning,
            );
        }
        let better = |new: &Intent| {
            meaning
                .intent
                .is_none_or(|old| new.confidence > old.confidence)
        };
        if meaning.second.is_none() && intent.as_ref().is_some_and(better) {
            meaning.intent = intent;
            meaning.heard = hypothesis.confidence;
        }
        meaning.yes_no = meaning
            .yes_no
            .take()
            .or_else(|| yes_no(&tokens, words.language));
        if place == 0 {
            meaning.tokens = tokens;
        } else {
            meaning.others.push(tokens);
        }
    }
    let close = |other: &Hypothesis| {
        hypotheses
            .first()
            .is_some_and(|best| other.confidence + 100 >= best.confidence)
    };
    meaning.rival = hypotheses.get(1).is_some_and(close);
    meaning
}

struct Ranked {
    best: Option<(usize, Confidence)>,
    outside: Confidence,
}

/// The best label for the words, read strictly; where that is not sure, with every bare number as an
/// amount ("send fifty") and without the names that nobody put into examples ("… to Anna"), or from a
/// word on that begins a wish ("this is terrible where is my money").
fn rank(words: &Words, tokens: &[Token], now: DateTime) -> Ranked {
    let text = sentence(words, tokens, now, false);
    if words.is_outside(&text) {
        return Ranked {
            best: None,
            outside: 1000,
        };
    }
    // A page's own question, word for word.
    if let Some(place) = words.page_label(&text) {
        return Ranked {
            best: Some((place, CERTAIN)),
            outside: 0,
        };
    }
    let mut best = rank_text(words, &text);
    if confidence_of(&best) >= SURELY {
        return best;
    }
    let mut offer = |other: Ranked| {
        let confidence = confidence_of(&other).min(GUESSED);
        if confidence > confidence_of(&best) {
            best = Ranked {
                best: other.best.map(|(place, _)| (place, confidence)),
                outside: other.outside,
            };
        }
    };
    let other = sentence(words, tokens, now, true);
    if other != text && has_content(&other, words) {
        offer(rank_text(words, &other));
    }
    let begins = tokens
        .iter()
        .enumerate()
        .skip(3)
        .filter(|(_, token)| begins_wish(&token.text));
    for (at, _) in begins.take(4) {
        let part = tokens.get(at..).unwrap_or_default();
        if part.len() >= 3 && tokens.len() >= 8 {
            offer(rank_text(words, &sentence(words, part, now, false)));
        }
    }
    best
}

/// Whether a word of the examples that tells something is left.
fn has_content(text: &str, words: &Words) -> bool {
    text.split(' ')
        .any(|word| words.knows(word) && !is_function_word(word, words.language))
}

/// Words that a wish begins with, after something else was said.
fn begins_wish(word: &str) -> bool {
    matches!(
        word,
        "i" | "id"
            | "where"
            | "wheres"
            | "what"
            | "whats"
            | "when"
            | "how"
            | "can"
            | "could"
            | "please"
            | "why"
            | "is"
            | "do"
            | "dónde"
            | "cuándo"
            | "cuánto"
            | "cómo"
            | "qué"
            | "quiero"
            | "quisiera"
            | "puede"
            | "puedo"
            | "necesito"
    )
}

fn confidence_of(ranked: &Ranked) -> Confidence {
    ranked.best.map_or(0, |(_, confidence)| confidence)
}

fn rank_text(words: &Words, text: &str) -> Ranked {
    let ranking = words.ranker.rank(text);
    Ranked {
        best: ranking
            .best
            .first()
            .filter(|ranked| ranked.label < words.labels.len())
            .map(|ranked| (ranked.label, ranked.confidence)),
        outside: ranking.outside,
    }
}

/// "check my balance and then send fifty to Anna": two wishes, each with its words.
fn split(
    domain: &Domain,
    words: &Words,
    tokens: &[Token],
    heard: Confidence,
    now: DateTime,
    meaning: &mut Meaning,
) {
    let joint = |token: &Token| {
        matches!(
            token.text.as_str(),
            "and" | "then" | "also" | "y" | "luego" | "después" | "además" | "plus"
        )
    };
    let joints = tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| joint(token))
        .map(|(at, _)| at);
    let mut best: Option<(Confidence, Intent, Intent, Vec<Token>)> = None;
    for at in joints {
        let left = tokens.get(..at).unwrap_or_default();
        let right = tokens.get(at + 1..).unwrap_or_default();
        let right = match right {
            [first, rest @ ..] if joint(first) => rest,
            all => all,
        };
        if left.len() < 2 || right.len() < 2 {
            continue;
        }
        let side = |part: &[Token]| {
            let (place, confidence) = rank(words, part, now).best?;
            let label = words.labels[place];
            let task = matches!(label, Label::Task(task) if domain.tasks.get(task).is_some());
            let (confidence, by_words) = (share(confidence, heard), confidence);
            (task && confidence >= SECOND).then_some(Intent {
                label,
                place,
                confidence,
                by_words,
            })
        };
        let (Some(first), Some(second)) = (side(left), side(right)) else {
            continue;
        };
        let sure = first.confidence.min(second.confidence);
        if first.label != second.label && best.as_ref().is_none_or(|(other, ..)| sure > *other) {
            best = Some((sure, first, second, right.to_vec()));
        }
    }
    // Only where the whole is not surely one wish ("shirts and shoes").
    let whole = rank(words, tokens, now)
        .best
        .map_or(0, |(_, confidence)| share(confidence, heard));
    if let Some((sure, first, second, right)) = best
        && (sure >= whole || sure >= 800)
    {
        meaning.intent = Some(first);
        meaning.second = Some((second, right));
    }
}

/// How much of an intent's confidence is left, per mille, when the recogniser was that sure. Right
/// words come with 600 and more; what is far below is likely invented.
fn share(confidence: Confidence, heard: Confidence) -> Confidence {
    let share = match u32::from(heard.min(1000)) {
        heard @ 600.. => 550 + 450 * heard / 1000,
        heard => 820 * heard / 600,
    };
    u16::try_from(u32::from(confidence) * share / 1000).unwrap_or(1000)
}

/// Words with stand-ins for values, as examples have them. `lenient`: bare numbers are amounts, and
/// unknown words behind another slot's cue are names.
pub(super) fn sentence(words: &Words, tokens: &[Token], now: DateTime, lenient: bool) -> String {
    let kinds = [
        ("#amount", Kind::Amount),
        ("#date", Kind::Date),
        ("#time", Kind::Time),
        ("#digits", Kind::Digits { min: 2, max: 30 }),
    ];
    let mut stands: Vec<Option<(&str, bool)>> = vec![None; tokens.len()];
    let mut put = |name, range: std::ops::Range<usize>| {
        let Some(range) = stands.get_mut(range) else {
            return;
        };
        if range.iter().all(Option::is_none) {
            for (at, stand) in range.iter_mut().enumerate() {
                *stand = Some((name, at == 0));
            }
        }
    };
    for (name, kind) in &kinds {
        for found in find(kind, tokens, words.language, now, false) {
            put(*name, found.words);
        }
    }
    if lenient {
        for found in find(&Kind::Amount, tokens, words.language, now, true) {
            put("#amount", found.words);
        }
    }
    let mut out: Vec<&str> = Vec::with_capacity(tokens.len());
    let mut named = 0;
    for (at, (token, stand)) in tokens.iter().zip(stands).enumerate() {
        match stand {
            None if lenient
                && named < 3
                && !words.knows(&token.text)
                && follows_cue(words, tokens, at - named.min(at)) =>
            {
                named += 1;
            }
            None => {
                named = 0;
                out.push(&token.text);
            }
            Some((name, true)) => out.push(name),
            Some((_, false)) => {}
        }
    }
    out.join(" ")
}

/// Whether the word at this place comes right after a slot's cue ("to", "from").
fn follows_cue(words: &Words, tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|at| tokens.get(at)) else {
        return false;
    };
    // "cancel the espresso cups": a thing of the caller's.
    let determines = matches!(
        before.text.as_str(),
        "the" | "my" | "a" | "an" | "el" | "la" | "los" | "las" | "mi" | "mis" | "un" | "una"
    );
    determines
        || words
            .cues
            .values()
            .flatten()
            .any(|cue| cue.rsplit(' ').next() == Some(before.text.as_str()))
}
