//! What the person who takes over is told: the summary, what is whispered before the caller is joined,
//! and the case with its values. All of it in the language that the business's calls begin with, which
//! is its people's; whatever the caller speaks.

use super::domain::{Domain, Level, Stage};
use super::handover::{Case, Feelings, Given, Handover, How, Identified, Tried};
use super::reply::Reason;
use super::slots::SURE;
use super::spoken::Language;
use super::state::{Dialogue, Frame};
use super::template::{View, plain};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is told of a secret.
const SECRET: &str = "given";

/// What a person is told of a caller whose call was not taken, for there was too much to do.
pub fn unheard(domain: &Domain) -> Handover {
    let words = domain.words(domain.language());
    let mut values = domain.constants.clone();
    values.insert("title".into(), words.title.clone().into());
    let said = words.render("unheard", Stage::Say, 0, &View::from(&values));
    let said: Vec<&str> = said.iter().map(|said| said.text.as_str()).collect();
    let mut handover = Handover::new(Reason::Overload, said.join(" "));
    domain
        .language()
        .code()
        .clone_into(&mut handover.case.language);
    handover
}

impl Dialogue {
    /// Everything that a person should know who takes over now.
    pub(super) fn tell_person(&mut self, reason: Reason) -> Handover {
        let language = self.language;
        self.language = self.domain.language();
        let why = self.told_in_words("why_person", reason, language, "");
        let summary = self.told_in_words("summary", reason, language, &why);
        let whisper = self.told_in_words("whisper", reason, language, &why);
        let mut handover = Handover::new(reason, summary);
        let subject = self.subject();
        let words = self.words();
        *handover.case = Case {
            priority: reason.priority(),
            intent: subject
                .and_then(|frame| self.domain.tasks.get(frame.wish()))
                .map(|task| task.name.clone())
                .unwrap_or_default(),
            topic: subject
                .and_then(|frame| words.tasks.get(frame.wish()))
                .map(|task| task.topic.clone())
                .unwrap_or_default(),
            slots: self.all_given(),
            verified: match self.level {
                Level::Anyone => Identified::No,
                Level::Known => Identified::Known,
                Level::Verified => Identified::Verified,
            },
            customer: self.caller.get("id").map(plain).unwrap_or_default(),
            language: language.code().to_owned(),
            mood: Feelings {
                now: self.mood.now,
                anger: self.mood.anger,
                distress: self.mood.distress,
                frustration: self.mood.frustration,
            },
            tried: Tried {
                done: self.done.clone(),
                failures: self.failures,
                misses: subject.map_or(0, |frame| frame.misses),
                faults: self.faults,
                returned: self.returned,
            },
            whisper,
        };
        self.language = language;
        handover
    }

    /// The task that the caller is about: not the one that only finds out who calls.
    fn subject(&self) -> Option<&Frame> {
        let shared = |task: usize| self.domain.tasks.get(task).is_some_and(|task| task.shared);
        let own = |frame: &&Frame| !self.domain.identifies(frame.task) && !shared(frame.task);
        let found = self.stack.iter().rev().find(own);
        found.or_else(|| self.stack.iter().rfind(|frame| !shared(frame.task)))
    }

    fn told_in_words(
        &mut self,
        prompt: &str,
        reason: Reason,
        speaks: Language,
        why: &str,
    ) -> String {
        let words = self.words();
        let subject = self.subject();
        let topic = subject
            .and_then(|frame| words.tasks.get(frame.wish()))
            .map(|task| task.topic.clone())
            .unwrap_or_default();
        let given = subject.map(|frame| self.given(frame)).unwrap_or_default();
        let values = [
            ("topic", topic.into()),
            ("given", given.into()),
            ("done", self.done.join(", ").into()),
            ("reason", reason.name().into()),
            ("why", why.into()),
            ("speaks", speaks.code().into()),
        ];
        let mut out = Vec::new();
        self.say_stage(&mut out, prompt, Stage::Say, &values);
        let texts = out.iter().map(|sentence| sentence.text.as_str());
        texts.collect::<Vec<_>>().join(" ")
    }

    /// A task that is done, in the words of the summary.
    pub(super) fn told_done(&mut self, frame: &Frame) -> Option<String> {
        let spoken = std::mem::replace(&mut self.language, self.domain.language());
        let topic = self
            .words()
            .tasks
            .get(frame.wish())
            .map(|task| task.topic.clone());
        let given = self.given(frame);
        self.language = spoken;
        topic.map(|topic| match given.as_str() {
            "" => topic,
            given => format!("{topic} ({given})"),
        })
    }

    /// What is known of a task's values, in words.
    fn given(&self, frame: &Frame) -> String {
        let words = self.words();
        let shown = self.given_in(frame);
        let shown = shown.iter().map(|(name, given)| {
            let text = match given.text.as_str() {
                "" => &given.value,
                text => text,
            };
            let doubt = if given.how == How::Doubtful {
                " (?)"
            } else {
                ""
            };
            format!("{} {text}{doubt}", words.slot_label(name))
        });
        shown.collect::<Vec<_>>().join(", ")
    }

    /// The values of all tasks that were begun and not done, and what was given before.
    fn all_given(&self) -> BTreeMap<String, Given> {
        let mut all = BTreeMap::new();
        for (name, (value, confidence, how)) in &self.memory {
            if let Some(given) = self.told_value(name, value, *confidence, *how) {
                all.insert(name.clone(), given);
            }
        }
        for frame in &self.stack {
            all.extend(self.given_in(frame));
        }
        all
    }

    fn given_in(&self, frame: &Frame) -> BTreeMap<String, Given> {
        let mut all = BTreeMap::new();
        for (name, value) in &frame.values {
            let (confidence, how) = match frame.heard.get(name) {
                Some(heard) => *heard,
                None => (SURE, How::Known),
            };
            if let Some(given) = self.told_value(name, value, confidence, how) {
                all.insert(name.clone(), given);
            }
        }
        if let Some(candidate) = &frame.candidate {
            let (name, confidence) = (&frame.asking, candidate.confidence);
            if let Some(given) = self.told_value(name, &candidate.value, confidence, How::Doubtful)
            {
                all.insert(name.clone(), given);
            }
        }
        all
    }

    /// A slot's value for a person; none where it is no slot's.
    fn told_value(&self, name: &str, value: &Value, confidence: u16, how: How) -> Option<Given> {
        let slot = self.domain.slots.get(name)?;
        if value.is_null() {
            return None;
        }
        if slot.secret {
            return Some(Given {
                value: SECRET.to_owned(),
                text: String::new(),
                confidence,
                how,
            });
        }
        let words = self.words();
        let text = words.formatted(slot, &self.name_of(slot, value), value, self.context.now);
        // A record is a whole row: its number stands for it.
        let value = match value {
            Value::Object(row) => row.get("id").map(plain).unwrap_or_default(),
            value => plain(value),
        };
        let value = if value.is_empty() {
            text.clone()
        } else {
            value
        };
        Some(Given {
            text: if text == value { String::new() } else { text },
            value,
            confidence,
            how,
        })
    }
}
