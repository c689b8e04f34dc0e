//! A simulated call in words, for whoever looks into it.

use super::simulator::Called;
use crate::call::journal::Entry;
use crate::call::{Action, Event, Note};
use crate::pii::stand_in::masked;

impl Called {
    /// Turns of the caller: words, keys, silences, noises.
    pub fn turns(&self) -> usize {
        let turn = |note: &Note| {
            matches!(
                note,
                Note::Caller(_) | Note::Keys(_) | Note::NoInput | Note::Noise
            )
        };
        let entries = self.entries.iter();
        entries
            .filter(|(_, entry)| matches!(entry, Entry::Out(Action::Note(note)) if turn(note)))
            .count()
    }

    /// What was said and done, a line each.
    pub fn told(&self) -> Vec<String> {
        let lines = self.entries.iter().filter_map(|(tick, entry)| {
            let what = match entry {
                Entry::In(event) => event_line(event)?,
                Entry::Out(action) => action_line(action)?,
            };
            Some(format!("{:>7.2} {what}", f64::from(*tick) / 50.0))
        });
        lines.collect()
    }
}

fn event_line(event: &Event) -> Option<String> {
    Some(match event {
        Event::HungUp => "the caller hangs up".into(),
        Event::Returned => "nobody took the call: the caller is back".into(),
        Event::Drain => "the house closes".into(),
        Event::Hurry => "the house closes at once".into(),
        _ => return None,
    })
}

fn action_line(action: &Action) -> Option<String> {
    Some(match action {
        Action::Say {
            sentences, first, ..
        } => {
            let sentences = sentences.iter().skip(usize::from(*first));
            let texts: Vec<&str> = sentences.map(|sentence| sentence.text.as_str()).collect();
            format!("bot:    {}", texts.join(" "))
        }
        Action::LookUp(lookup) => format!(
            "        {} {}",
            if lookup.action { "does" } else { "asks" },
            lookup.name
        ),
        Action::HandOver(handover) => format!("handed over: {}", handover.reason.name()),
        Action::HangUp(disposition) => format!("the bot hangs up: {disposition:?}"),
        Action::Clear(_) => "        (the bot stops)".into(),
        Action::CallOff => "        (the person is called off)".into(),
        Action::Note(note) => match note {
            Note::Caller(heard) => format!("caller: {}", heard.text),
            Note::Keys(keys) => format!("keys:   {}", masked(keys)),
            Note::NoInput => "        (no input)".into(),
            Note::Noise => "        (noise)".into(),
            Note::TakenBack => "        (the reply is taken back)".into(),
            Note::Resumed { .. } => "        (the bot goes on)".into(),
            _ => return None,
        },
        Action::Recognize { .. } | Action::Abandon(_) | Action::Seal { .. } => return None,
    })
}
