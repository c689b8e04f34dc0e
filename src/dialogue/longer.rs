//! A text that is longer than one turn, such as a message: the caller adds to it until that is all. Decides
//! which words end it and are no part of it, and how long it may get. What is done with the text is done
//! after every turn, so that who is cut off has left what he said.

use super::domain::{Act, Command, Label, Slot, SlotKind, Stage};
use super::flow::Next;
use super::hear::Meaning;
use super::policy::{ELSEWHERE, SURE};
use super::reply::{Reply, Sentence};
use super::spoken::Language;
use super::state::{Dialogue, Done, Open};
use super::template::plain;
use super::value::Kind;
use std::sync::Arc;

/// Turns that may be added, each of which can take `call.max_speech_ms`.
const MOST_ADDED: u8 = 8;
/// Longest text that is added to, in characters.
const LONGEST: usize = 2000;
/// Words of a turn that may be about the call instead of a part of the text.
const FEW: usize = 5;

impl Dialogue {
    /// The step that lets the caller go on.
    pub(super) fn more(&mut self, at: usize, slot: &str, out: &mut Vec<Sentence>) -> Next {
        let Some(frame) = self.stack.last_mut() else {
            return Next::Turn;
        };
        let text = frame.values.get(slot).map(plain).unwrap_or_default();
        let settled = frame.done.get(&at) == Some(&Done::Settled);
        if settled || frame.all || text.is_empty() {
            return Next::Done;
        }
        slot.clone_into(&mut frame.asking);
        frame.asked = true;
        if frame.added >= MOST_ADDED || text.chars().count() >= LONGEST {
            frame.done.insert(at, Done::Settled);
            let domain = Arc::clone(&self.domain);
            if let Some(slot) = domain.slots.get(slot) {
                self.say_slot(out, slot, Stage::Many, &[]);
            }
            return Next::Done;
        }
        self.open = Open::More(at);
        Next::Reply(self.ask(std::mem::take(out)))
    }

    /// More of it, or the end.
    pub(super) fn at_more(&mut self, meaning: &Meaning, step: usize) -> Reply {
        if self.ends_text(meaning) {
            return self.settle(step);
        }
        let few = meaning.tokens.len() <= FEW;
        let leaves = Self::accepted(meaning, ELSEWHERE).filter(|intent| {
            few && meaning.heard >= SURE
                && matches!(intent.label, Label::Command(command) if !command.is_idle())
        });
        if let Some(intent) = leaves {
            return self.act_carefully(intent, meaning);
        }
        // "Yes" to "is there more?".
        let eager = Self::answered(meaning).is_some_and(|answer| answer.yes && answer.alone);
        if eager {
            return self.stall(|dialogue| dialogue.ask(Vec::new()));
        }
        let domain = Arc::clone(&self.domain);
        let Some(slot) = self.slot().and_then(|slot| domain.slots.get(&slot.name)) else {
            return self.run(Vec::new());
        };
        if meaning.heard < slot.limits.reject_below {
            return self.on_failure("no_match");
        }
        let text = self.without_end();
        self.progress();
        if let Some(frame) = self.stack.last_mut() {
            let before = frame.values.get(&slot.name).map(plain).unwrap_or_default();
            let pause = match before.ends_with(char::is_alphanumeric) {
                true => ".",
                false => "",
            };
            let whole = format!("{before}{pause} {text}");
            frame.values.insert(slot.name.clone(), whole.trim().into());
            frame.added += 1;
            // Done anew with all of it.
            frame.done.retain(|_, done| *done != Done::Acted);
            frame.floor = 0;
        }
        self.note_slot(&slot.name, &text);
        self.run(Vec::new())
    }

    /// Nothing is added to the text any more.
    pub(super) fn settle(&mut self, step: usize) -> Reply {
        self.because("that is all");
        self.progress();
        if let Some(frame) = self.stack.last_mut() {
            frame.done.insert(step, Done::Settled);
        }
        self.run(Vec::new())
    }

    /// Whether the turn only says that the text is whole.
    pub(super) fn ends_text(&self, meaning: &Meaning) -> bool {
        if meaning.tokens.len() > FEW || meaning.heard < SURE {
            return false;
        }
        let words = meaning.words();
        let ends = |command| matches!(command, Command::Goodbye | Command::Thanks);
        let leaves = Self::accepted(meaning, ELSEWHERE)
            .is_some_and(|intent| matches!(intent.label, Label::Command(command) if ends(command)));
        let denies = Self::answered(meaning).is_some_and(|answer| !answer.yes && answer.alone);
        leaves || denies || end_at(&words, self.language) == 0
    }

    /// Texts are kept as they were said where they are messages, or may be long.
    pub(super) fn is_verbatim(&self, slot: &Slot) -> bool {
        let long = |act: &Act| matches!(act, Act::More(name) if *name == slot.name);
        slot.kind == SlotKind::Value(Kind::Text)
            && (self.is_at_desk()
                || self
                    .task()
                    .is_some_and(|task| task.steps.iter().any(|step| long(&step.act))))
    }

    /// The turn as it was recognised, without a "that's all" at its end.
    pub(super) fn without_end(&mut self) -> String {
        let said = self.said.clone();
        let words: Vec<&str> = said.split_whitespace().collect();
        let end = end_at(&words, self.language);
        let all = end > 0 && end < words.len();
        if let Some(frame) = self.stack.last_mut() {
            frame.all = all;
        }
        match all {
            true => {
                let text = words[..end].join(" ");
                text.trim_end_matches([',', ';', ' ']).to_owned()
            }
            false => said,
        }
    }
}

/// Where the words begin that say that this was all; their number where nothing does.
fn end_at(words: &[&str], language: Language) -> usize {
    let (closers, courtesy): (&[&[&str]], &[&str]) = match language {
        Language::English => (
            &[
                &["that's", "all"],
                &["thats", "all"],
                &["that", "is", "all"],
                &["that's", "it"],
                &["that'll", "be", "all"],
                &["nothing", "else"],
                &["no", "more"],
                &["i'm", "done"],
                &["end", "of", "message"],
            ],
            &[
                "thank", "you", "thanks", "bye", "goodbye", "please", "very", "much",
            ],
        ),
        Language::Spanish => (
            &[
                &["eso", "es", "todo"],
                &["es", "todo"],
                &["nada", "más"],
                &["nada", "mas"],
                &["fin", "del", "mensaje"],
                &["ya", "está"],
            ],
            &["gracias", "muchas", "adiós", "adios", "por", "favor"],
        ),
    };
    let plain: Vec<String> = words
        .iter()
        .map(|word| {
            let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
            bare.to_lowercase().replace('’', "'")
        })
        .collect();
    let courteous = |word: &&String| courtesy.contains(&word.as_str());
    let rest = plain.len() - plain.iter().rev().take_while(courteous).count();
    let closer = closers.iter().find(|closer| {
        let from = rest.checked_sub(closer.len());
        from.is_some_and(|from| plain[from..rest] == ***closer)
    });
    closer.map_or(words.len(), |closer| rest - closer.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_end_a_text_are_no_part_of_it() {
        for (said, language, kept) in [
            (
                "The cups broke. That's all, thank you.",
                Language::English,
                3,
            ),
            ("that's all", Language::English, 0),
            ("That is all.", Language::English, 0),
            ("that's all I know about the cups", Language::English, 7),
            ("tell Anna thank you", Language::English, 4),
            (
                "díganle que ya llegó, eso es todo, gracias",
                Language::Spanish,
                4,
            ),
            ("nada más", Language::Spanish, 0),
        ] {
            let words: Vec<&str> = said.split(' ').collect();
            assert_eq!(end_at(&words, language), kept, "{said}");
        }
    }
}
