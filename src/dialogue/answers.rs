//! Questions that are answered at once: opening hours and the knowledge pages.

use super::domain::Intent;
use super::hours::State;
use super::reply::{Reply, Sentence};
use super::state::{Dialogue, Open};
use super::understand::Day;
use std::sync::Arc;

impl Dialogue {
    /// Reads a section of the knowledge pages, then goes on.
    pub(super) fn tell(&mut self, intent: &Intent, section: &str) -> Reply {
        let domain = Arc::clone(&self.domain);
        let (values, now) = (domain.values(), self.context.now);
        let text = domain
            .knowledge(section)
            .map(|text| text.0.as_slice())
            .unwrap_or_default();
        let out = text
            .iter()
            .map(|template| template.render(&values, now))
            .collect();
        self.told(intent, out)
    }

    /// Tells the hours of one day, or of today and the week.
    pub(super) fn tell_hours(&mut self, intent: &Intent, day: Option<Day>) -> Reply {
        let mut out = Vec::new();
        match day.map(|day| day.date(self.context.now.date())) {
            Some(date) => {
                let text = date.to_string();
                self.note(&intent.name, self.noted(), &[("day", &text)]);
                match self.domain.hours.on(date) {
                    Some((open, close)) => {
                        let (open, close) = (open.to_string(), close.to_string());
                        self.say(
                            &mut out,
                            "hours_day",
                            &[("day", &text), ("open", &open), ("close", &close)],
                        );
                    }
                    None => self.say(&mut out, "hours_day_closed", &[("day", &text)]),
                }
            }
            None => {
                self.say_hours_now(&mut out);
                self.say_week(&mut out);
            }
        }
        self.told(intent, out)
    }

    fn noted(&self) -> u16 {
        self.understood
            .as_ref()
            .map_or(0, |understood| understood.confidence)
    }

    /// Whether the business is open now.
    pub(super) fn say_hours_now(&mut self, out: &mut Vec<Sentence>) {
        match self.domain.hours.at(self.context.now) {
            State::Open { close } => {
                self.say(out, "hours_open_now", &[("close", &close.to_string())])
            }
            State::OpensToday { open } => {
                self.say(out, "hours_opens_today", &[("open", &open.to_string())])
            }
            State::Closed {
                next: Some((date, open)),
            } => {
                let (day, open) = (date.to_string(), open.to_string());
                self.say(out, "hours_closed_now", &[("day", &day), ("open", &open)]);
            }
            // Closed for good: the week says it.
            State::Closed { next: None } => {}
        }
    }

    fn say_week(&mut self, out: &mut Vec<Sentence>) {
        // Any Monday: only its weekday is read.
        let monday = jiff::civil::date(2024, 1, 1);
        for (first, last, hours) in self.domain.hours.rows() {
            let day = |offset: usize| {
                let days = i64::try_from(offset).unwrap_or(0);
                monday
                    .saturating_add(jiff::Span::new().days(days))
                    .to_string()
            };
            let (from, to) = (day(first), day(last));
            let (open, close) = hours
                .map(|(open, close)| (open.to_string(), close.to_string()))
                .unwrap_or_default();
            let prompt = match (hours.is_some(), first == last) {
                (true, false) => "hours_rows",
                (true, true) => "hours_row",
                (false, false) => "hours_closed_rows",
                (false, true) => "hours_closed_row",
            };
            self.say(
                out,
                prompt,
                &[
                    ("from", &from),
                    ("to", &to),
                    ("open", &open),
                    ("close", &close),
                ],
            );
        }
    }

    /// After an answer: back to the form that was being filled, or "anything else?".
    fn told(&mut self, intent: &Intent, mut out: Vec<Sentence>) -> Reply {
        if !self.done.contains(&intent.menu) {
            self.done.push(if intent.menu.is_empty() {
                intent.label.clone()
            } else {
                intent.menu.clone()
            });
        }
        self.progress();
        match self.open {
            Open::Slot | Open::ConfirmSlot => self.say(&mut out, "back_to_form", &[]),
            _ => self.open = Open::AnythingElse,
        }
        self.ask(out)
    }
}
