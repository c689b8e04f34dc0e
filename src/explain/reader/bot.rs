//! The bot's side of the reading: what it said and what of that was heard, and what it asked the back end.

use super::Reader;
use crate::call::{Mark, PlaybackId};
use crate::dialogue::{self, Lookup, LookupId, LookupResult};
use crate::explain::timeline::{Asked, Fate, Kind, Sentence};
use crate::pii::stand_in::masked;

impl Reader<'_> {
    pub(super) fn say(
        &mut self,
        playback: PlaybackId,
        sentences: &[dialogue::Sentence],
        first: u16,
    ) {
        let again = self
            .resumed
            .take_if(|resumed| *resumed == playback)
            .is_some();
        // Said as the house closes: nothing else has just happened.
        let closes = self.draining && !again && !sentences.is_empty();
        if closes
            && self
                .line
                .turns
                .last()
                .is_some_and(|turn| !turn.said.is_empty())
        {
            self.draining = false;
            self.begin(Kind::Closing, "(closing)".into(), Vec::new());
        }
        let now = self.now;
        let Some(nth) = self.line.turns.len().checked_sub(1) else {
            return;
        };
        self.playbacks.insert(playback, nth);
        let new = (0u16..).zip(sentences).skip(usize::from(first));
        let all = &mut self.line.turns[nth].said;
        if again {
            // What did not get to sound before the nod comes again.
            let comes = |old: &Sentence| {
                let mut texts = new.clone().map(|(_, sentence)| masked(&sentence.text));
                old.fate == Fate::Unheard && texts.any(|text| text == old.text)
            };
            all.retain(|old| !comes(old));
        }
        all.extend(new.map(|(index, sentence)| Sentence {
            text: masked(&sentence.text),
            question: sentence.question,
            said: now,
            from: None,
            to: None,
            fate: Fate::Unknown,
            heard_chars: 0,
            again,
            playback,
            index,
        }));
    }

    pub(super) fn look_up(&mut self, lookup: &Lookup) {
        let Some(nth) = self.line.turns.len().checked_sub(1) else {
            return;
        };
        let asked = &mut self.line.turns[nth].asked;
        self.lookups.insert(lookup.id, (nth, asked.len()));
        let arguments = lookup.arguments.iter();
        asked.push(Asked {
            name: lookup.name.clone(),
            arguments: arguments.map(|(k, v)| (k.clone(), masked(v))).collect(),
            action: lookup.action,
            at: self.now,
            answered: None,
            result: "no answer".into(),
            row: Vec::new(),
        });
    }

    pub(super) fn sentence(&mut self, mark: Mark) -> Option<&mut Sentence> {
        let turn = *self.playbacks.get(&mark.playback)?;
        let mut said = self.line.turns.get_mut(turn)?.said.iter_mut();
        said.find(|said| said.playback == mark.playback && said.index == mark.sentence)
    }

    pub(super) fn started(&mut self, mark: Mark) {
        let now = self.now;
        if let Some(sentence) = self.sentence(mark) {
            sentence.from = Some(now);
        }
        let turn = self.playbacks.get(&mark.playback).copied();
        if let Some(turn) = turn.and_then(|turn| self.line.turns.get_mut(turn)) {
            turn.reply_at.get_or_insert(now);
        }
    }

    /// A mark vouches for everything before it: earlier marks may have been lost.
    pub(super) fn played(&mut self, mark: Mark) {
        let now = self.now;
        let Some(turn) = self.playbacks.get(&mark.playback) else {
            return;
        };
        let Some(turn) = self.line.turns.get_mut(*turn) else {
            return;
        };
        let heard = turn.said.iter_mut().filter(|said| {
            said.playback == mark.playback
                && said.index <= mark.sentence
                && said.fate == Fate::Unknown
        });
        for sentence in heard {
            sentence.fate = Fate::Heard;
            sentence.to = Some(now);
        }
    }

    pub(super) fn found(&mut self, id: LookupId, result: &LookupResult) {
        let place = self.lookups.get(&id).copied();
        let turns = &mut self.line.turns;
        let asked = place.and_then(|(turn, nth)| turns.get_mut(turn)?.asked.get_mut(nth));
        let Some(asked) = asked else { return };
        asked.answered = Some(self.now);
        match result {
            LookupResult::Failed => asked.result = "failed".into(),
            LookupResult::Rows(rows) => {
                asked.result = match rows.len() {
                    0 => "nothing found".into(),
                    1 => "1 row".into(),
                    count => format!("{count} rows"),
                };
                let fields = rows.first().into_iter().flatten();
                asked.row = fields
                    .map(|(name, value)| (name.clone(), masked(&plain(value))))
                    .collect();
            }
        }
    }

    /// Nothing sounds any more.
    pub(super) fn silence(&mut self) {
        let now = self.now;
        let said = self.line.turns.iter_mut().flat_map(|turn| &mut turn.said);
        for sentence in said.filter(|said| said.fate == Fate::Unknown) {
            if sentence.from.is_some() {
                sentence.fate = Fate::Cut;
                sentence.to = Some(now);
            } else {
                sentence.fate = Fate::Unheard;
            }
        }
    }
}

/// A value as people write it.
fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
