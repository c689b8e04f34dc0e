//! What the caller's words say beside their meaning: mood, alarm, and the language they are in.

use super::domain::Label;
use super::hear::Meaning;
use super::reply::{Hypothesis, Reason, Reply};
use super::state::{Dialogue, Open};
use super::value::language_of;
use std::sync::Arc;

impl Dialogue {
    /// Takes the turn into the running mood.
    pub(super) fn feel(&mut self, meaning: &Meaning, hypotheses: &[Hypothesis]) {
        let tone = hypotheses.first().and_then(|best| best.tone);
        let feeling = self.mood.turn(&meaning.words(), self.language, tone);
        if self.mood.now != 0 {
            self.because(format!("mood: {} ({feeling:?})", self.mood.now));
        }
    }

    /// An emergency or a fraud goes before everything else.
    pub(super) fn red_flag(&mut self, meaning: &Meaning) -> Option<Reply> {
        let domain = Arc::clone(&self.domain);
        let flag = domain.flags.find(&meaning.words(), self.language)?;
        let (task, _) = domain.task(&flag.does)?;
        // What it leads to is being done already.
        if self.stack.last().is_some_and(|frame| frame.task == task) {
            return None;
        }
        self.because(format!("rule: red flag {}", flag.name));
        self.note(&flag.does, 1000);
        self.stack.clear();
        self.queue.clear();
        self.progress();
        Some(self.begin(task, meaning.tokens.clone(), Vec::new()))
    }

    /// The caller surely speaks another language that the business has: it goes on in that one.
    pub(super) fn other_language(&mut self, meaning: &Meaning) -> Option<Reply> {
        let language = language_of(&meaning.tokens)?;
        let spoken = self.domain.languages.contains(&language);
        // A wish that is understood as it is stands.
        if language == self.language || !spoken || meaning.heard < super::policy::SURE {
            return None;
        }
        self.because(format!("rule: language {}", language.code()));
        self.language = language;
        self.spoke = true;
        let words = self.words();
        let domain = Arc::clone(&self.domain);
        let again = [Hypothesis {
            text: meaning.text(),
            confidence: meaning.heard,
            ..Hypothesis::default()
        }];
        let heard = super::hear::hear(&domain, &words, &again, self.context.now);
        // What was asked for is done in the new language; without a wish the question is asked anew.
        if Self::accepted(&heard, super::policy::ACCEPT).is_some() {
            return Some(self.on_speech(&again));
        }
        let mut out = Vec::new();
        self.say(&mut out, "language_changed", &[]);
        Some(self.ask(out))
    }

    /// A caller who stays angry or in distress is offered a person; the second time he gets one.
    pub(super) fn offer_person(&mut self, meaning: &Meaning) -> Option<Reply> {
        let answers = self.asks_yes_no() && Self::answered(meaning).is_some();
        let wish =
            Self::accepted(meaning, super::policy::ACCEPT).is_some_and(|intent| {
                match intent.label {
                    Label::Command(command) => {
                        !command.is_idle() && intent.confidence >= super::policy::ELSEWHERE
                    }
                    Label::Task(_) | Label::Page => true,
                }
            });
        // A clear answer or wish is served; the offer is for one who only complains.
        if answers || wish || self.fills_slot(meaning) {
            return None;
        }
        self.because("rule: the mood stays low");
        let mut out = Vec::new();
        self.soothed = self.soothed.saturating_add(1);
        if self.soothed >= 2 || self.open == Open::OfferPerson {
            self.announce(&mut out, "soothe_person", Reason::Distress);
            return Some(self.hand_over(out, Reason::Distress));
        }
        self.say(&mut out, "soothe", &[]);
        self.open = Open::OfferPerson;
        self.progress();
        Some(self.ask(out))
    }

    /// Whether the words answer the slot that is asked.
    fn fills_slot(&self, meaning: &Meaning) -> bool {
        let slot = self.slot().filter(|slot| !slot.secret);
        slot.and_then(|slot| self.best_reading(slot, meaning))
            .is_some_and(|(_, covers)| covers)
    }
}

impl Meaning {
    /// The words of the best hypothesis.
    pub(super) fn text(&self) -> String {
        self.words().join(" ")
    }

    pub(super) fn words(&self) -> Vec<&str> {
        self.tokens
            .iter()
            .map(|token| token.text.as_str())
            .collect()
    }
}
