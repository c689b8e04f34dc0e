//! Where the time of each reply went: from the caller's last voice to the bot's first sound.

use crate::audio::TICK_MS;
use crate::call::{Action, EndOfTurn, Event, Note, Recognition, RecognitionId, Tick};
use serde::Serialize;
use std::time::Duration;

/// One turn's latencies, in ms after the end of the caller's speech (the tick after its last voice).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Latency {
    /// The caller's words.
    pub words: String,
    pub why: Option<EndOfTurn>,
    /// The recogniser was asked: the early pause had passed.
    pub asked_ms: u32,
    /// Its answer was in the engine's hands.
    pub recognized_ms: u32,
    /// Computing time of the recogniser, or of both.
    pub recognizer_ms: u32,
    /// The model that heard the words, where it was the second one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// The turn was taken for over; the dialogue's decision came in the same tick.
    pub endpoint_ms: u32,
    /// Computing time of that tick's decision, in µs.
    pub decided_us: u32,
    /// First sample of the reply on the line: the reply gap.
    pub reply_ms: Option<u32>,
}

/// Collects latencies from what passes through a session.
#[derive(Debug, Default)]
pub struct Waterfall {
    turns: Vec<Latency>,
    asked: Option<(RecognitionId, Tick)>,
    recognized: Option<(Tick, Tick, Duration)>,
    /// End of speech of the turn whose reply has not begun to sound.
    awaiting: Option<Tick>,
}

impl Waterfall {
    /// A recogniser's answer arrived, after `took` of computing.
    pub fn recognized(&mut self, now: Tick, event: &Event, took: Duration) {
        let Event::Recognized { id, outcome } = event else {
            return;
        };
        if let Some((asked, at)) = self.asked
            && asked == *id
            && matches!(outcome, Recognition::Words(_))
        {
            self.recognized = Some((at, now, took));
        }
    }

    /// An action of the engine at `now`, found after `spent` of computing in this tick.
    pub fn action(&mut self, now: Tick, action: &Action, spent: Duration) {
        match action {
            Action::Recognize { id, .. } => self.asked = Some((*id, now)),
            Action::Note(Note::TurnEnded { speech_end, why }) => {
                self.turn_ended(now, *speech_end, *why, spent)
            }
            Action::Note(Note::Caller(hypothesis)) => {
                if let Some(turn) = self.turns.last_mut() {
                    turn.words.clone_from(&hypothesis.text);
                    turn.model.clone_from(&hypothesis.model);
                }
            }
            Action::Note(Note::TakenBack) => {
                self.turns.pop();
                self.awaiting = None;
            }
            _ => {}
        }
    }

    fn turn_ended(&mut self, now: Tick, speech_end: Tick, why: EndOfTurn, spent: Duration) {
        let after = |tick: Tick| tick.saturating_sub(speech_end) * TICK_MS;
        let (asked, recognized, took) =
            self.recognized
                .take()
                .unwrap_or((speech_end, now, Duration::ZERO));
        self.turns.push(Latency {
            why: Some(why),
            asked_ms: after(asked),
            recognized_ms: after(recognized),
            recognizer_ms: took.as_millis() as u32,
            endpoint_ms: after(now),
            decided_us: spent.as_micros() as u32,
            ..Latency::default()
        });
        self.awaiting = Some(speech_end);
    }

    /// The bot's sound began.
    pub fn started(&mut self, now: Tick) {
        if let (Some(speech_end), Some(turn)) = (self.awaiting.take(), self.turns.last_mut()) {
            turn.reply_ms = Some(now.saturating_sub(speech_end) * TICK_MS);
        }
    }

    /// The turns so far.
    pub fn turns(&self) -> &[Latency] {
        &self.turns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::Hypothesis;

    #[test]
    fn a_turn_names_the_second_model_that_heard_it() {
        let mut waterfall = Waterfall::default();
        let ended = Note::TurnEnded {
            speech_end: 10,
            why: EndOfTurn::Whole,
        };
        let heard = Note::Caller(Hypothesis {
            text: "where is my order".into(),
            model: "base.en".into(),
            ..Hypothesis::default()
        });
        for note in [ended, heard] {
            waterfall.action(50, &Action::Note(note), Duration::ZERO);
        }
        let [turn] = waterfall.turns() else {
            panic!("one turn: {:?}", waterfall.turns());
        };
        assert_eq!(
            (turn.words.as_str(), turn.model.as_str()),
            ("where is my order", "base.en")
        );
        let printed = serde_json::to_string(turn).expect("plain data");
        assert!(printed.contains(r#""model":"base.en""#), "{printed}");
    }
}
