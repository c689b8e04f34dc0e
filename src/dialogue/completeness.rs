//! Listening with the question in mind: can these words be the whole turn, and are words over a
//! prompt meant for us?

use super::domain::{Does, Intent, SlotKind};
use super::number::digits;
use super::reply::{Completeness, Confidence, Hypothesis, Interruption};
use super::state::{Dialogue, Open};
use super::understand::{Meaning, day, understand};
use super::words::{essence, hangs, is_nodding, tokens};
use super::yes_no::yes_no;

/// An intent that sure is said in full.
const WHOLE: Confidence = 880;
/// An intent that sure, in words that no example goes on from, is a whole sentence.
const SENTENCE: Confidence = 900;
/// Words heard less clearly say little about what may follow.
const CLEAR: Confidence = 700;
/// Words heard less clearly than that end no turn at once: half a sentence is easily misheard as a
/// whole one.
const SURE_WORDS: Confidence = 850;
/// A yes or no below this may be something else.
const SURE_ANSWER: Confidence = 300;
/// Words below this, over a prompt, are noise.
const NOISE: Confidence = 200;
/// A few words below this, into an explanation, are more likely a hum than a request.
const DOUBTFUL: Confidence = CLEAR;

impl Dialogue {
    /// Can `hypotheses` be the whole turn?
    pub fn completeness(&self, hypotheses: &[Hypothesis]) -> Completeness {
        let Some(best) = hypotheses.first() else {
            return Completeness::Open;
        };
        let meaning = understand(&self.domain, self.expected(), std::slice::from_ref(best));
        if meaning.words.is_empty() {
            return Completeness::Open;
        }
        if let Some(known) = self.by_digits(&meaning) {
            return known;
        }
        let words: Vec<&str> = meaning.words.iter().map(String::as_str).collect();
        if self.asks_yes_no()
            && meaning
                .yes_no
                .is_some_and(|answer| answer.alone && answer.confidence >= SURE_ANSWER)
        {
            return Completeness::Complete;
        }
        let sure = self
            .whole_turn(&meaning)
            .filter(|_| best.confidence >= SURE_WORDS);
        // "hold on" ends like half a sentence, but is a whole one.
        if sure.is_some_and(|confidence| confidence >= 990) {
            return Completeness::Complete;
        }
        if hangs(&words) || only_hesitation(&words) {
            return Completeness::Incomplete;
        }
        let complete = sure.is_some_and(|confidence| confidence >= WHOLE)
            || self.names_day(&meaning, best.confidence);
        if complete {
            Completeness::Complete
        } else if self.whole_sentence(&words, best.confidence) {
            Completeness::Whole
        } else {
            Completeness::Open
        }
    }

    /// How sure it is, by the words alone, that the turn is one that nothing follows.
    fn whole_turn(&self, meaning: &Meaning) -> Option<Confidence> {
        let words: Vec<&str> = meaning.words.iter().map(String::as_str).collect();
        let ranked = self.domain.ranker.rank(&words).into_iter().next()?;
        self.domain
            .intents
            .get(ranked.intent)
            .filter(|intent| intent.whole_turn)
            .map(|_| ranked.confidence)
    }

    /// Is it surely one intent, in words that no example goes on from? Where a form still has to be
    /// filled, the caller may well add to it at once ("where is my order, number …").
    fn whole_sentence(&self, words: &[&str], heard: Confidence) -> bool {
        let ranked = self.domain.ranker.rank(words).into_iter().next();
        let Some(ranked) = ranked.filter(|ranked| ranked.confidence >= SENTENCE && heard >= CLEAR)
        else {
            return false;
        };
        let fills_form = |intent: &Intent| matches!(intent.does, Does::Form(_));
        !self
            .domain
            .intents
            .get(ranked.intent)
            .is_none_or(fills_form)
            && !self.domain.goes_on(&essence(words))
    }

    /// A question about opening hours that ends in its day: what it can hold is in it.
    fn names_day(&self, meaning: &Meaning, heard: Confidence) -> bool {
        let Some(ranked) = &meaning.intent else {
            return false;
        };
        let sure = ranked.confidence >= SENTENCE && heard >= SURE_WORDS && meaning.words.len() >= 3;
        let hours = self
            .domain
            .intents
            .get(ranked.intent)
            .is_some_and(|intent| matches!(intent.does, Does::Hours));
        sure && hours && meaning.words.last().is_some_and(|word| day(word).is_some())
    }

    /// What the number of digits says; none where digits do not decide.
    fn by_digits(&self, meaning: &Meaning) -> Option<Completeness> {
        let digits = meaning.digits.as_ref()?;
        let count = self.expected()?;
        let got = digits.value.len();
        let open_or_complete = if digits.hanging {
            Completeness::Open
        } else {
            Completeness::Complete
        };
        let at_end = digits.words.end == meaning.words.len();
        match self.open {
            _ if got == count => Some(open_or_complete),
            _ if got > count => Some(Completeness::Open),
            Open::Slot => {
                let part = self.form.as_ref().map_or("", |form| form.part.as_str());
                // The first digits again, and then surely the rest.
                let again = part.starts_with(&digits.value);
                let rest = !part.is_empty() && part.len() + got == count && !again;
                Some(if rest {
                    open_or_complete
                } else {
                    Completeness::Incomplete
                })
            }
            // A group can be corrected alone: "no, four five seven".
            Open::ConfirmSlot if got == 3 => Some(Completeness::Open),
            Open::ConfirmSlot => at_end.then_some(Completeness::Incomplete),
            // One digit can be a menu key, or "I have one question".
            _ if got == 1
                && !meaning
                    .words
                    .iter()
                    .any(|word| matches!(word.as_str(), "order" | "number")) =>
            {
                None
            }
            _ => at_end.then_some(Completeness::Incomplete),
        }
    }

    /// What words over a prompt are; `asked`: the sentence with the open question has begun.
    pub fn interruption(&self, hypotheses: &[Hypothesis], asked: bool) -> Interruption {
        let Some(best) = hypotheses.first() else {
            return Interruption::Backchannel;
        };
        let tokens = tokens(best);
        if tokens.is_empty() || best.confidence < NOISE {
            return Interruption::Backchannel;
        }
        let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        // Nobody greets in mid-explanation: that was "uh-huh", or somebody who wants to be sure that
        // we are there. A few doubtful words there are a hum more often than a request.
        let greets = |word: &&str| matches!(*word, "hi" | "hello" | "hey");
        let few = tokens.len() <= 4;
        if !asked
            && few
            && (best.confidence < DOUBTFUL || words.iter().any(greets) && only_nods(&words, greets))
        {
            return Interruption::Backchannel;
        }
        if !is_nodding(&words) {
            return Interruption::Meant;
        }
        let answers = asked && self.asks_yes_no() && yes_no(&tokens).is_some();
        // "oh" and "to" are nods or nothing, but digits where digits are due.
        let SlotKind::Digits(count) = self.slot().map_or(SlotKind::Digits(0), |slot| slot.kind);
        let digits = asked && self.open == Open::Slot && digits(&tokens, Some(count)).is_some();
        if answers || digits {
            Interruption::Meant
        } else {
            Interruption::Backchannel
        }
    }
}

/// Nods, whatever else is `besides` left out.
fn only_nods(words: &[&str], besides: impl Fn(&&str) -> bool) -> bool {
    let rest: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !besides(word))
        .collect();
    rest.is_empty() || is_nodding(&rest)
}

fn only_hesitation(words: &[&str]) -> bool {
    essence(words).is_empty()
}
