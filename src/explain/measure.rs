//! What is known only once the whole call was read: how much of each sentence was heard, where the time
//! of each reply went, and why each turn ended.

use super::timeline::{Fate, Key, Kind, Part, Sentence, Stage, Timeline, Turn};
use super::told;
use crate::audio::TICK_MS;
use crate::call::Tick;

/// Characters a second that a voice speaks, until this one's are known.
const USUAL_RATE: f64 = 15.0;

/// Fills it in.
pub(super) fn all(line: &mut Timeline) {
    let rate = rate(line);
    let end = line.ticks;
    for turn in &mut line.turns {
        for sentence in &mut turn.said {
            if sentence.from.is_some() {
                sentence.to.get_or_insert(end);
            }
            sentence.heard_chars = heard(sentence, rate);
        }
        turn.stages = stages(turn, &line.keys);
        turn.ended = told::ended(turn, line.endpointing, &line.keys);
    }
}

/// Characters that were heard of a sentence.
fn heard(sentence: &Sentence, rate: f64) -> usize {
    let all = sentence.text.chars().count();
    match (sentence.fate, sentence.from, sentence.to) {
        (Fate::Heard, ..) => all,
        (Fate::Cut | Fate::Unknown, Some(from), Some(to)) => {
            let spoken = seconds(to.saturating_sub(from)) * rate;
            (spoken.round() as usize).min(all)
        }
        _ => 0,
    }
}

/// Characters a second of the sentences that were heard whole.
fn rate(line: &Timeline) -> f64 {
    let said = line.turns.iter().flat_map(|turn| &turn.said);
    let whole = said.filter(|said| said.fate == Fate::Heard);
    let spoken = whole.filter_map(|said| {
        let ticks = said.to?.checked_sub(said.from?)?;
        Some((said.text.chars().count(), ticks))
    });
    let (chars, ticks) = spoken.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    if ticks == 0 {
        USUAL_RATE
    } else {
        chars as f64 / seconds(ticks)
    }
}

fn seconds(ticks: Tick) -> f64 {
    f64::from(ticks * TICK_MS) / 1000.0
}

/// Where the time between the caller's last sound (or key) and the bot's first went.
fn stages(turn: &Turn, keys: &[Key]) -> Vec<Stage> {
    let last_key = keys.iter().rev().find(|key| key.at <= turn.at);
    let last_key = last_key.filter(|_| turn.kind == Kind::Keys);
    let Some(zero) = turn.speech_end.or(last_key.map(|key| key.at)) else {
        return Vec::new();
    };
    let after = |tick: Tick| tick.saturating_sub(zero) * TICK_MS;
    let mut stages = Vec::new();
    let mut at = 0;
    let mut until = |what, tick: Option<Tick>| {
        let to = tick.map_or(at, after).max(at);
        if to > at {
            stages.push(Stage {
                what,
                from_ms: at,
                to_ms: to,
            });
        }
        at = to;
    };
    let heard = turn.hearings.last().filter(|heard| heard.dropped.is_none());
    until(Part::EarlyPause, heard.map(|heard| heard.asked));
    until(
        Part::Recognizer,
        heard.map(|heard| heard.answered.unwrap_or(turn.at)),
    );
    until(Part::More, Some(turn.at));
    let first = turn.said.first().map(|said| said.said);
    let waited = turn
        .asked
        .iter()
        .any(|asked| first.is_none_or(|first| asked.at <= first));
    until(Part::BackEnd, first.filter(|_| waited));
    until(Part::Voice, turn.reply_at);
    stages
}
