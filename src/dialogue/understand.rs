//! What the caller's words can mean: digits, a yes or no, an intent, a day. All are offered side by
//! side; the policy takes the one that the open question calls for.

use super::domain::Domain;
use super::intent::{DAY, NUMBER, Ranked};
use super::number::{Digits, digits};
use super::reply::{Confidence, Hypothesis};
use super::words::{Token, essence, tokens};
use super::yes_no::{YesNo, yes_no};
use jiff::civil::{Date, Weekday};

/// Alternatives that are looked at.
const MAX_HYPOTHESES: usize = 5;
/// Confidence that an alternative can have at most: it is to be read back.
const ALTERNATIVE: Confidence = 650;
/// Lead in confidence that the best hypothesis needs over one with other digits.
const RIVAL_LEAD: Confidence = 100;

/// Readings of a turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// Words of the best hypothesis.
    pub words: Vec<String>,
    pub digits: Option<Digits>,
    /// Another hypothesis has other digits and is nearly as likely.
    pub rival: bool,
    pub yes_no: Option<YesNo>,
    pub intent: Option<Ranked>,
    /// How sure the recogniser was of the words that the intent was found in.
    pub heard: Confidence,
    pub day: Option<Day>,
}

/// A day as people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    Today,
    Tomorrow,
    Weekday(Weekday),
}

impl Day {
    /// The date, counted from `today`; a weekday is the next one, today included.
    pub fn date(self, today: Date) -> Date {
        match self {
            Self::Today => today,
            Self::Tomorrow => today.tomorrow().unwrap_or(today),
            Self::Weekday(day) if today.weekday() == day => today,
            Self::Weekday(day) => today.nth_weekday(1, day).unwrap_or(today),
        }
    }
}

/// All readings of `hypotheses`; `expected` is the number of digits that the open question asks for.
pub fn understand(domain: &Domain, expected: Option<usize>, hypotheses: &[Hypothesis]) -> Meaning {
    let mut meaning = Meaning::default();
    for (place, hypothesis) in hypotheses.iter().take(MAX_HYPOTHESES).enumerate() {
        let tokens = tokens(hypothesis);
        if place == 0 {
            meaning.words = tokens.iter().map(|token| token.text.clone()).collect();
            meaning.day = tokens.iter().find_map(|token| day(&token.text));
        }
        let found = digits(&tokens, expected);
        let ranked = rank(
            domain,
            &tokens,
            found.as_ref(),
            hypothesis.confidence,
            place,
        );
        if ranked.is_some_and(|new| {
            meaning
                .intent
                .is_none_or(|old| new.confidence > old.confidence)
        }) {
            meaning.intent = ranked;
            meaning.heard = hypothesis.confidence;
        }
        meaning.yes_no = meaning.yes_no.or_else(|| yes_no(&tokens));
        if let Some(found) = found {
            add_digits(&mut meaning, found, expected, place);
        }
    }
    meaning
}

fn add_digits(meaning: &mut Meaning, mut found: Digits, expected: Option<usize>, place: usize) {
    if place > 0 {
        found.confidence = found.confidence.min(ALTERNATIVE);
    }
    let fits = |digits: &Digits| expected == Some(digits.value.len());
    match &meaning.digits {
        None => meaning.digits = Some(found),
        Some(best) if fits(&found) && !fits(best) => meaning.digits = Some(found),
        Some(best) => {
            let near =
                found.confidence + RIVAL_LEAD >= best.confidence.min(ALTERNATIVE + RIVAL_LEAD);
            meaning.rival |= fits(&found) && fits(best) && found.value != best.value && near;
        }
    }
}

/// The best intent of one hypothesis. What the recogniser was unsure of counts less.
fn rank(
    domain: &Domain,
    tokens: &[Token],
    digits: Option<&Digits>,
    heard: Confidence,
    place: usize,
) -> Option<Ranked> {
    let words = sentence(tokens, digits);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut best = domain.ranker.rank(&words).first().copied();
    // "no, I want to return something": without the no.
    let essence = essence(&words);
    if let [first, rest @ ..] = essence.as_slice()
        && matches!(
            *first,
            "yes" | "yeah" | "yep" | "no" | "nope" | "okay" | "ok" | "actually"
        )
        && !rest.is_empty()
    {
        let other = domain.ranker.rank(rest).first().copied();
        best = best.max_by(other);
    }
    let best = best?;
    let share = share(heard);
    let penalty = u16::try_from(place * 50).unwrap_or(u16::MAX);
    let confidence = u16::try_from(u32::from(best.confidence) * share / 1000).unwrap_or(1000);
    Some(Ranked {
        confidence: confidence.saturating_sub(penalty),
        ..best
    })
}

/// How much of an intent's confidence is left, per mille, when the recogniser was that sure. Right
/// words come with 600 and more; what is far below is likely invented.
fn share(heard: Confidence) -> u32 {
    match u32::from(heard.min(1000)) {
        heard @ 600.. => 550 + 450 * heard / 1000,
        heard => 820 * heard / 600,
    }
}

trait MaxBy {
    fn max_by(self, other: Self) -> Self;
}

impl MaxBy for Option<Ranked> {
    fn max_by(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) if b.confidence > a.confidence => Some(b),
            (a, b) => a.or(b),
        }
    }
}

/// Words with stand-ins for digits and days, as examples have them.
fn sentence(tokens: &[Token], digits: Option<&Digits>) -> Vec<String> {
    // A single digit may be a homophone of an ordinary word.
    let span = digits
        .filter(|digits| digits.value.len() > 1)
        .map(|digits| digits.words.clone())
        .unwrap_or_default();
    let mut out = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        if span.contains(&at) {
            if at == span.start {
                out.push(NUMBER.to_owned());
            }
        } else {
            out.push(stand_in(token.text.clone()));
        }
    }
    out
}

/// Days all look the same to the ranker.
pub fn stand_in(word: String) -> String {
    if day(&word).is_some() {
        DAY.to_owned()
    } else {
        word
    }
}

pub(super) fn day(word: &str) -> Option<Day> {
    Some(match word {
        "today" | "tonight" => Day::Today,
        "tomorrow" => Day::Tomorrow,
        "monday" | "mondays" => Day::Weekday(Weekday::Monday),
        "tuesday" | "tuesdays" => Day::Weekday(Weekday::Tuesday),
        "wednesday" | "wednesdays" => Day::Weekday(Weekday::Wednesday),
        "thursday" | "thursdays" => Day::Weekday(Weekday::Thursday),
        "friday" | "fridays" => Day::Weekday(Weekday::Friday),
        "saturday" | "saturdays" | "weekend" | "weekends" => Day::Weekday(Weekday::Saturday),
        "sunday" | "sundays" => Day::Weekday(Weekday::Sunday),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Hypothesis {
        Hypothesis {
            text: text.into(),
            confidence: 950,
            ..Hypothesis::default()
        }
    }

    fn best(text: &str) -> (String, Confidence) {
        let shop = Domain::shop();
        let meaning = understand(&shop, Some(6), &[said(text)]);
        meaning.intent.map_or_else(Default::default, |ranked| {
            (shop.intents[ranked.intent].name.clone(), ranked.confidence)
        })
    }

    #[test]
    fn paraphrases_and_recognition_errors_find_their_intent() {
        let mut wrong = Vec::new();
        for (text, intent) in [
            ("where is my order", "order_status"),
            ("uh hello where is my order please", "order_status"),
            ("where's my parcel", "order_status"),
            ("where order", "order_status"),
            ("where is my odor", "order_status"),
            ("has my package been shipped", "order_status"),
            (
                "I ordered something last week and it hasn't arrived",
                "order_status",
            ),
            ("order four five six seven one two", "order_status"),
            ("can you check order 456712 for me", "order_status"),
            ("status of my order", "order_status"),
            ("when will my packet arrive", "order_status"),
            ("what are your opening hours", "opening_hours"),
            ("what time are you open on Saturday", "opening_hours"),
            ("are you open tomorrow", "opening_hours"),
            ("what are your opening ours", "opening_hours"),
            ("your opening hours please", "opening_hours"),
            ("when do you close today", "opening_hours"),
            ("I want to return the shoes", "returns"),
            ("I'd like to return a jacket", "returns"),
            ("how can I get a refund", "returns"),
            ("I want to send something back", "returns"),
            ("the toaster I bought doesn't work", "returns"),
            ("how do I return this", "returns"),
            ("I want to talk to a real person", "person"),
            ("can I speak to someone please", "person"),
            ("give me a human", "person"),
            ("let me talk to an agent", "person"),
            ("operator please", "person"),
            ("can you repeat that please", "repeat"),
            ("say it again", "repeat"),
            ("sorry what did you say", "repeat"),
            ("help me", "help"),
            ("what can I say here", "help"),
            ("start over please", "restart"),
            ("hold on a second", "wait"),
            ("just a moment please", "wait"),
            ("thank you very much", "thanks"),
            ("hello", "greeting"),
            ("good morning", "greeting"),
            ("I would like to know where my package is", "order_status"),
            (
                "could you tell me about the status of my delivery",
                "order_status",
            ),
            ("did you ship my order", "order_status"),
            ("my delivery is late", "order_status"),
            ("is my order on its way", "order_status"),
            ("what about Sunday", "opening_hours"),
            ("do you open on Sunday", "opening_hours"),
            ("how long are you open on Friday", "opening_hours"),
            ("is the store open now", "opening_hours"),
            ("the shoes don't fit", "returns"),
            ("I need to return a broken camera", "returns"),
            ("can I return the dress", "returns"),
            ("I want my money back", "returns"),
            ("I want to speak with a human being", "person"),
            ("can you put me through to an operator", "person"),
            ("human please", "person"),
            ("get me a manager", "person"),
            ("say again please", "repeat"),
            ("I didn't understand that", "repeat"),
            ("goodbye", "goodbye"),
            ("okay bye", "goodbye"),
            ("that will be all thanks", "goodbye"),
            ("I think that's all", "goodbye"),
            ("bye bye", "goodbye"),
            ("thank you goodbye", "goodbye"),
            ("no that's all thank you", "goodbye"),
            ("nothing else thank you", "goodbye"),
            ("I don't have the order number with me", "no_number"),
            ("I don't know the order number", "no_number"),
        ] {
            let (found, confidence) = best(text);
            if found != intent || confidence < crate::dialogue::policy::ACCEPT {
                wrong.push(format!("{text}: {found} {confidence}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn what_the_shop_does_not_do_is_none_of_these() {
        let mut wrong = Vec::new();
        for text in [
            "what's my balance",
            "I want to transfer fifty dollars to Anna",
            "I need to see a cardiologist",
            "refill my prescription",
            "what is the weather like",
            "play some music",
            "I lost my card",
            "the quick brown fox jumps over the lazy dog",
            "my date of birth is March third",
            "how many people live in France",
            "blue",
            "I need a cardiologist",
            "I need a loan",
            "do you speak Spanish",
            "can you tell me a joke",
            "book a table for two",
            "what is your name",
            "I have a question about my account",
            "please block my card",
            "can I take ibuprofen with aspirin",
            "reset my password",
            "the cat sat on the mat",
            "I have a headache and a fever",
            "what is the interest rate on a loan",
        ] {
            let (found, confidence) = best(text);
            if confidence >= crate::dialogue::policy::ACCEPT {
                wrong.push(format!("{text}: {found} {confidence}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn a_second_guess_with_six_digits_beats_a_first_with_five() {
        let shop = Domain::shop();
        let two = [
            said("four five six seven one"),
            said("four five six seven one two"),
        ];
        let digits = understand(&shop, Some(6), &two).digits.expect("digits");
        assert_eq!(digits.value, "456712");
        assert!(digits.confidence <= ALTERNATIVE, "to be read back");
        let rivals = [
            said("four five six seven one two"),
            said("four five six seven one three"),
        ];
        assert!(understand(&shop, Some(6), &rivals).rival);
    }

    #[test]
    fn days_are_dates_from_today() {
        let sunday = jiff::civil::date(2026, 11, 22);
        assert_eq!(Day::Weekday(Weekday::Sunday).date(sunday), sunday);
        assert_eq!(
            Day::Weekday(Weekday::Saturday).date(sunday),
            jiff::civil::date(2026, 11, 28)
        );
        assert_eq!(Day::Tomorrow.date(sunday), jiff::civil::date(2026, 11, 23));
    }
}
