//! The real sessions behind the lines: what a server or a microphone gets from a house.

use super::{CallSession, Sign, Switchboard, Waits};
use crate::audio::{Digit, Frame};
use crate::call::Mark;
use crate::dialogue::spoken::Language;
use crate::dialogue::{Handover, unheard};
use crate::runtime::house::House;
use crate::runtime::session::{LineTraits, Out, Session};
use std::sync::Arc;

impl CallSession for Session {
    fn speaks(&mut self, language: &str) {
        Self::speaks(self, language);
    }

    fn answered(&mut self, caller: Option<String>) {
        Self::answered(self, caller);
    }

    fn tick(&mut self, heard: Option<&Frame>, out: &mut Vec<Out>) {
        Self::tick(self, heard, out);
    }

    fn digit(&mut self, digit: Digit) {
        Self::digit(self, digit);
    }

    fn typed(&mut self, text: &str) {
        Self::typed(self, text);
    }

    fn played(&mut self, mark: Mark) {
        Self::played(self, mark);
    }

    fn calling(&mut self) {
        Self::calling(self);
    }

    fn joined(&mut self) {
        Self::joined(self);
    }

    fn returned(&mut self) {
        Self::returned(self);
    }

    fn set_aside(&mut self) {
        Self::set_aside(self);
    }

    fn hung_up(&mut self) {
        Self::hung_up(self);
    }

    fn drain(&mut self) {
        Self::drain(self);
    }

    fn last_call(&mut self) {
        Self::last_call(self);
    }
}

/// Sessions for a server's calls.
pub struct HouseSwitchboard {
    house: Arc<House>,
    /// What is told of callers who are turned away: the same of all.
    unheard: Handover,
}

impl HouseSwitchboard {
    pub fn new(house: Arc<House>) -> Self {
        let unheard = unheard(&house.domain);
        Self { house, unheard }
    }
}

impl Switchboard for HouseSwitchboard {
    fn new_call(&self, call_id: &str, line: LineTraits) -> Box<dyn CallSession> {
        Box::new(Session::new(call_id, Arc::clone(&self.house), line))
    }

    fn language(&self) -> Language {
        let first = self.house.domain.languages.first();
        first.copied().unwrap_or(Language::English)
    }

    fn sign(&self) -> Sign {
        let domain = &self.house.domain;
        Sign {
            title: domain.words(domain.language()).title.clone(),
            languages: domain.languages.iter().map(|l| l.code()).collect(),
        }
    }

    fn turned_away(&self, line: &'static str, call_id: &str, caller: Option<&str>) -> Handover {
        self.house
            .tell_of_unheard(&self.unheard, line, call_id, caller);
        self.unheard.clone()
    }

    fn ready(&self) -> bool {
        self.house.hearing.is_alive()
    }

    fn waits(&self) -> Waits {
        self.house.hearing.waits()
    }
}
