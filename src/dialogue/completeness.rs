//! Listening with the question in mind: can these words be the whole turn, and are words over a
//! prompt meant for us?

use super::domain::{Act, Command, Label, SlotKind};
use super::hear::{Meaning, hear};
use super::reply::{Completeness, Confidence, Hypothesis, Interruption};
use super::spoken::Language;
use super::state::{Dialogue, Open};
use super::template::plain;
use super::value::tongue::{essence, hangs, is_hesitation, is_nodding};
use super::value::{Kind, regroup, yes_no};
use super::words::tokens;

/// An intent that sure is said in full.
const WHOLE: Confidence = 800;
/// An intent that sure, in words that no example goes on from, is a whole sentence.
const SENTENCE: Confidence = 750;
/// Words heard less clearly say little about what may follow.
const CLEAR: Confidence = 700;
/// Words heard less clearly than that end no turn at once: half a sentence is easily misheard as a
/// whole one.
const SURE_WORDS: Confidence = 850;
/// A yes or no below this may be something else.
const SURE_ANSWER: Confidence = 300;
/// Words below this, over a prompt, are noise.
const NOISE: Confidence = 200;

impl Dialogue {
    /// Can `hypotheses` be the whole turn?
    pub fn completeness(&self, hypotheses: &[Hypothesis]) -> Completeness {
        let Some(best) = hypotheses.first() else {
            return Completeness::Open;
        };
        let words = self.words();
        let meaning = hear(
            &self.domain,
            &words,
            std::slice::from_ref(best),
            self.context.now,
        );
        if meaning.tokens.is_empty() {
            return Completeness::Open;
        }
        if matches!(self.open, Open::More(_)) {
            return match self.ends_text(&meaning) {
                true => Completeness::Complete,
                // A message has pauses in it.
                false => Completeness::Incomplete,
            };
        }
        if let Some(known) = self
            .by_value(&meaning)
            .or_else(|| self.by_correction(&meaning))
            .or_else(|| self.by_bare_digits(&meaning))
        {
            return known;
        }
        if self.asks_yes_no()
            && meaning
                .yes_no
                .as_ref()
                .is_some_and(|answer| answer.alone && answer.confidence >= SURE_ANSWER)
        {
            return Completeness::Complete;
        }
        let texts: Vec<&str> = meaning
            .tokens
            .iter()
            .map(|token| token.text.as_str())
            .collect();
        let whole = best.confidence >= SURE_WORDS
            && meaning.intent.is_some_and(|intent| {
                intent.confidence >= WHOLE && self.is_whole_turn(intent.label)
            });
        // "hold on" ends like half a sentence, but is a whole one.
        if whole
            && meaning
                .intent
                .is_some_and(|intent| intent.confidence >= 950)
        {
            return Completeness::Complete;
        }
        if hangs(&texts, self.language)
            || texts.iter().all(|word| is_hesitation(word, self.language))
        {
            return Completeness::Incomplete;
        }
        if whole {
            Completeness::Complete
        } else if self.is_whole_sentence(&meaning, &texts, best.confidence) {
            Completeness::Whole
        } else {
            Completeness::Open
        }
    }

    /// Nothing is expected to follow the words that ask for it.
    fn is_whole_turn(&self, label: Label) -> bool {
        match label {
            Label::Task(task) => self
                .domain
                .tasks
                .get(task)
                .is_some_and(|task| task.whole_turn),
            Label::Command(command) => !matches!(
                command,
                Command::DontKnow | Command::Greeting | Command::Thanks | Command::Wrong
            ),
            Label::Page => false,
        }
    }

    /// Is it surely one intent, in words that no example goes on from? Where a slot still has to be
    /// filled, the caller may well add to it at once ("where is my order, number …").
    fn is_whole_sentence(&self, meaning: &Meaning, words: &[&str], heard: Confidence) -> bool {
        let Some(intent) = meaning
            .intent
            .filter(|intent| intent.confidence >= SENTENCE && heard >= CLEAR)
        else {
            return false;
        };
        let open = match intent.label {
            Label::Task(task) => self.domain.tasks.get(task).is_none_or(|task| {
                let mut acts = task.steps.iter().map(|step| &step.act);
                acts.any(|act| matches!(act, Act::Ask(_)))
            }),
            Label::Command(_) | Label::Page => false,
        };
        !open && !self.words().goes_on(&essence(words, self.language))
    }

    /// What the value says that the open slot asks for; none where it does not decide.
    fn by_value(&self, meaning: &Meaning) -> Option<Completeness> {
        let slot = self.slot().filter(|_| self.open == Open::Slot)?;
        let choices = self.choices(slot);
        let found = self
            .readings(slot, &choices, &meaning.tokens, true)
            .into_iter()
            .last()?;
        let ends = found.words.end == meaning.tokens.len();
        let part = self.stack.last().map_or("", |frame| &frame.part);
        match slot.kind {
            SlotKind::Value(
                Kind::Digits { min, max } | Kind::Letters { min, max } | Kind::Code { min, max },
            ) => {
                let (min, max) = (usize::from(min), usize::from(max));
                let got = found.value.len();
                // The same part once more is no second one.
                let second = got < min && found.value != part;
                let together = got + if second { part.len() } else { 0 };
                Some(match () {
                    () if together < min => Completeness::Incomplete,
                    // Too many: a digit that was corrected, or one more number.
                    () if together != max || found.hanging => Completeness::Open,
                    () => Completeness::Complete,
                })
            }
            // A message has pauses in it.
            SlotKind::Value(Kind::Text) if self.is_at_desk() => Some(Completeness::Incomplete),
            SlotKind::Value(Kind::Text) => None,
            SlotKind::Value(_) | SlotKind::Choice(_) | SlotKind::Record(_) => {
                let texts: Vec<&str> = meaning
                    .tokens
                    .iter()
                    .map(|token| token.text.as_str())
                    .collect();
                match (ends, found.partial, found.hanging) {
                    (_, true, _) => Some(Completeness::Incomplete),
                    (true, _, false) => Some(Completeness::Complete),
                    _ if hangs(&texts, self.language) => Some(Completeness::Incomplete),
                    _ => Some(Completeness::Open),
                }
            }
        }
    }

    /// Digits while a number is read back: too few to be a group of it, they go on.
    fn by_correction(&self, meaning: &Meaning) -> Option<Completeness> {
        let slot = self.slot().filter(|_| self.open == Open::Check)?;
        let SlotKind::Value(Kind::Digits { .. }) = slot.kind else {
            return None;
        };
        let old = plain(&self.stack.last()?.candidate.as_ref()?.value);
        let mut found = self.readings(slot, &[], &meaning.tokens, true);
        let found = found.pop()?;
        let ends = found.words.end == meaning.tokens.len();
        let few = found.value.len() < old.len() && regroup(&old, &found.value).is_none();
        (ends && few).then_some(Completeness::Incomplete)
    }

    /// What words over a prompt are; `asked`: the sentence with the open question has begun.
    pub fn interruption(&self, hypotheses: &[Hypothesis], asked: bool) -> Interruption {
        let Some(best) = hypotheses.first() else {
            return Interruption::Backchannel;
        };
        let said = tokens(best);
        if said.is_empty() || best.confidence < NOISE {
            return Interruption::Backchannel;
        }
        let texts: Vec<&str> = said.iter().map(|token| token.text.as_str()).collect();
        // Nobody greets in mid-explanation: that was "uh-huh", or somebody who wants to be sure that
        // we are there. A few doubtful words there are a hum more often than a request.
        let greets = |word: &&str| matches!(*word, "hi" | "hello" | "hey" | "hola");
        let few = said.len() <= 4;
        if !asked
            && few
            && (best.confidence < CLEAR
                || texts.iter().any(greets) && only_nods(&texts, self.language, greets))
        {
            return Interruption::Backchannel;
        }
        if !is_nodding(&texts, self.language) {
            return Interruption::Meant;
        }
        let answers = asked && self.asks_yes_no() && yes_no(&said, self.language()).is_some();
        // "oh" and "to" are nods or nothing, but digits where digits are due.
        let value = asked
            && self.open == Open::Slot
            && self.slot().is_some_and(|slot| {
                let choices = self.choices(slot);
                !self.readings(slot, &choices, &said, true).is_empty()
            });
        if answers || value {
            Interruption::Meant
        } else {
            Interruption::Backchannel
        }
    }

    /// Digits at the open question, fewer than the number that it is taken for, surely go on.
    fn by_bare_digits(&self, meaning: &Meaning) -> Option<Completeness> {
        if !matches!(self.open, Open::Main | Open::AnythingElse) {
            return None;
        }
        let slot = self.domain.tasks.iter().find_map(|task| {
            let slot = self.domain.slots.get(task.slots.first()?)?;
            (task.key.is_some() && super::asking::is_number(slot)).then_some(slot)
        })?;
        let found = self
            .readings(slot, &[], &meaning.tokens, true)
            .into_iter()
            .last()?;
        if super::asking::fits(slot, &found) {
            let open = found.hanging;
            return Some(if open {
                Completeness::Open
            } else {
                Completeness::Complete
            });
        }
        let ends = found.words.end == meaning.tokens.len();
        // One digit can be a menu key, or "I have one question".
        (ends && found.value.len() > 1).then_some(Completeness::Incomplete)
    }
}

/// Nods, whatever else is `besides` left out.
fn only_nods(words: &[&str], language: Language, besides: impl Fn(&&str) -> bool) -> bool {
    let rest: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !besides(word))
        .collect();
    rest.is_empty() || is_nodding(&rest, language)
}
