//! A caller: decides when to speak, from what has been heard, and measures how long the bot takes.

use super::clip::{Block, Clip, SILENCE};
use super::playout::Playout;
use super::report::Report;
use super::stream::TICK;
use super::{Plan, Turn};
use std::sync::Arc;
use std::time::Duration;

/// Time from key to key.
const KEY_EVERY: Duration = Duration::from_millis(200);
/// A caller speaks when the bot has not been heard for so long…
const QUIET: Duration = Duration::from_millis(300);
/// … and has greeted, or has let so much time pass.
const GREETING: Duration = Duration::from_secs(3);

/// One caller in one call, over all its streams.
pub struct Actor {
    turns: Vec<Turn>,
    every: Duration,
    barge_in_after: Option<Duration>,
    /// The next one, in a circle.
    turn: usize,
    doing: Doing,
    next_turn: Duration,
    /// End of the last turn while its reply has not been heard.
    asked: Option<Asked>,
    /// Start of speech over a prompt that still goes on.
    barged_in: Option<Duration>,
}

/// What a caller does in 20 ms.
pub struct Act {
    pub sound: Block,
    pub key: Option<char>,
    pub hangs_up: bool,
}

/// What the caller is doing.
enum Doing {
    Listening,
    Speaking {
        clip: Arc<Clip>,
        block: usize,
        began: Duration,
    },
    Keying {
        keys: Vec<char>,
        next: usize,
        due: Duration,
    },
}

struct Asked {
    at: Duration,
    /// What was said; `None`: keyed.
    clip: Option<Arc<Clip>>,
}

impl Actor {
    pub fn new(plan: &Plan) -> Self {
        Self {
            turns: plan.turns.clone(),
            every: plan.every,
            barge_in_after: plan.barge_in_after,
            turn: 0,
            doing: Doing::Listening,
            next_turn: Duration::ZERO,
            asked: None,
            barged_in: None,
        }
    }

    /// A stream begins: times count from here.
    pub fn stream_begins(&mut self) {
        self.doing = Doing::Listening;
        self.next_turn = Duration::ZERO;
        self.barged_in = None;
    }

    /// The stream is over.
    pub fn stream_ended(&mut self, report: &mut Report) {
        if self.asked.take().is_some() {
            report.unanswered += 1;
        }
    }

    /// The 20 ms before `now`.
    pub fn tick(&mut self, now: Duration, playout: &Playout, report: &mut Report) -> Act {
        self.listen(now, playout, report);
        self.begin_turn(now, playout, report);
        let key = self.press(now);
        let sound = self.speak(now);
        Act {
            sound,
            key,
            hangs_up: false,
        }
    }

    /// Notes what the caller has heard by now.
    fn listen(&mut self, now: Duration, playout: &Playout, report: &mut Report) {
        if let Some(asked) = &self.asked
            && let Some(reply) = playout.first_after(asked.at, now)
        {
            let gap = reply - asked.at;
            match &asked.clip {
                None => report.key_reply_gap_ms.add(gap),
                Some(clip) => report.replied(&clip.name, gap),
            }
            self.asked = None;
        }
        if let Some(began) = self.barged_in
            && let Some(stopped) = playout.stopped(began, now)
        {
            report.barge_in_stop_ms.add(stopped.saturating_sub(began));
            self.barged_in = None;
        }
    }

    fn begin_turn(&mut self, now: Duration, playout: &Playout, report: &mut Report) {
        if !matches!(self.doing, Doing::Listening) || now < self.next_turn || self.turns.is_empty()
        {
            return;
        }
        let prompt = playout.sounding(now);
        let quiet = playout.sounding(now.saturating_sub(QUIET)).is_none() && prompt.is_none();
        let greeted = now >= GREETING || playout.first_after(Duration::ZERO, now).is_some();
        let over = self
            .barge_in_after
            .is_some_and(|after| prompt.is_some_and(|prompt| now - prompt.from >= after));
        if !(over || quiet && greeted) {
            return;
        }
        if self.asked.take().is_some() {
            report.unanswered += 1;
        }
        report.turns += 1;
        self.next_turn = now + self.every;
        self.doing = match &self.turns[self.turn % self.turns.len()] {
            Turn::Say(clip) => {
                let began = now.saturating_sub(TICK);
                if over {
                    self.barged_in = Some(began + Clip::time_of(clip.voice_from));
                }
                Doing::Speaking {
                    clip: Arc::clone(clip),
                    block: 0,
                    began,
                }
            }
            Turn::Keys(keys) => Doing::Keying {
                keys: keys.chars().collect(),
                next: 0,
                due: now,
            },
        };
        self.turn += 1;
    }

    fn press(&mut self, now: Duration) -> Option<char> {
        let Doing::Keying { keys, next, due } = &mut self.doing else {
            return None;
        };
        if *due > now {
            return None;
        }
        let key = keys[*next];
        (*next, *due) = (*next + 1, now + KEY_EVERY);
        if *next == keys.len() {
            self.asked = Some(Asked {
                at: now,
                clip: None,
            });
            self.doing = Doing::Listening;
        }
        Some(key)
    }

    /// The block of `now` holds the 20 ms before it.
    fn speak(&mut self, now: Duration) -> Block {
        let Doing::Speaking { clip, block, began } = &mut self.doing else {
            return SILENCE;
        };
        let sound = clip.blocks.get(*block).copied().unwrap_or(SILENCE);
        *block += 1;
        let end = *began + Clip::time_of(clip.voice_to);
        if self.asked.is_none() && end <= now {
            self.asked = Some(Asked {
                at: end,
                clip: Some(Arc::clone(clip)),
            });
        }
        if *block >= clip.blocks.len() {
            self.doing = Doing::Listening;
        }
        sound
    }
}
