//! A caller: decides when to speak, from what has been heard, and measures how long the bot takes.

use super::clip::{Block, Clip, SILENCE};
use super::dialect::Caller;
use super::playout::Playout;
use super::report::Report;
use super::script::{Does, When};
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
/// A script's caller goes on, or away, when the bot has said nothing for so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// A caller whose script is over listens to the last reply and hangs up after so much silence.
const HEARD_OUT: Duration = Duration::from_secs(1);

/// One caller in one call, over all its streams.
pub struct Actor {
    turns: Vec<Turn>,
    every: Duration,
    barge_in_after: Option<Duration>,
    /// The next one, in a circle.
    turn: usize,
    doing: Doing,
    next_turn: Duration,
    /// End of what the caller said or keyed last.
    done_at: Duration,
    /// Tells callers apart.
    seed: u128,
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
        /// The last word is out; what remains is silence.
        said: bool,
    },
    Keying {
        keys: Vec<char>,
        next: usize,
        due: Duration,
    },
    /// Says nothing for a while.
    Waiting {
        until: Duration,
    },
    /// Has hung up.
    Leaving,
}

struct Asked {
    at: Duration,
    /// What was said; `None`: keyed.
    clip: Option<Arc<Clip>>,
}

impl Actor {
    pub fn new(plan: &Plan, caller: &Caller) -> Self {
        Self {
            turns: plan.turns.clone(),
            every: plan.every,
            barge_in_after: plan.barge_in_after,
            turn: 0,
            doing: Doing::Listening,
            next_turn: Duration::ZERO,
            done_at: Duration::ZERO,
            seed: caller.id,
            asked: None,
            barged_in: None,
        }
    }

    /// A stream begins: times count from here.
    pub fn stream_begins(&mut self) {
        self.doing = Doing::Listening;
        self.next_turn = Duration::ZERO;
        self.done_at = Duration::ZERO;
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
            hangs_up: matches!(self.doing, Doing::Leaving),
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
        if let Doing::Waiting { until } = self.doing
            && until <= now
        {
            self.doing = Doing::Listening;
        }
        if !matches!(self.doing, Doing::Listening) || self.turns.is_empty() {
            return;
        }
        let scripted = matches!(self.turns.first(), Some(Turn::Step(_)));
        let turn = if scripted {
            self.turns.get(self.turn).cloned()
        } else {
            Some(self.turns[self.turn % self.turns.len()].clone())
        };
        let (does, over) = match turn {
            Some(Turn::Say(clip)) => (Does::Say(clip), self.is_my_turn(now, playout)),
            Some(Turn::Keys(keys)) => (Does::Keys(keys), self.is_my_turn(now, playout)),
            Some(Turn::Step(step)) => (
                self.one_of(&step.does),
                self.is_due(step.when, now, playout),
            ),
            None => {
                let end = When::After(HEARD_OUT);
                (Does::HangUp, self.is_due(end, now, playout))
            }
        };
        if let Some(over) = over {
            self.begin(does, over, now, report);
        }
    }

    /// Is it time for a turn of the circle? Then: is it spoken over a prompt?
    fn is_my_turn(&self, now: Duration, playout: &Playout) -> Option<bool> {
        if now < self.next_turn {
            return None;
        }
        let prompt = playout.sounding(now);
        let quiet = playout.sounding(now.saturating_sub(QUIET)).is_none() && prompt.is_none();
        let greeted = now >= GREETING || playout.first_after(Duration::ZERO, now).is_some();
        let over = self
            .barge_in_after
            .is_some_and(|after| prompt.is_some_and(|prompt| now - prompt.from >= after));
        (over || quiet && greeted).then_some(over)
    }

    /// The same of a script's step.
    fn is_due(&self, when: When, now: Duration, playout: &Playout) -> Option<bool> {
        let last = playout.last_heard(now);
        let answered = last.is_some_and(|last| last > self.done_at);
        let over = playout.sounding(now).is_some();
        let due = match when {
            When::After(silence) => answered && last.is_some_and(|last| now - last >= silence),
            When::CutIn(after) => playout
                .sounding(now)
                .is_some_and(|prompt| answered && now - prompt.from.max(self.done_at) >= after),
        };
        // A bot that says nothing must not keep the caller for ever.
        let since = last.unwrap_or_default().max(self.done_at);
        (due || now - since >= PATIENCE).then_some(over)
    }

    /// Which one depends on the caller and the turn.
    fn one_of(&self, all: &[Does]) -> Does {
        let place = self.seed.wrapping_add(self.turn as u128 * 7919) % all.len() as u128;
        all[place as usize].clone()
    }

    fn begin(&mut self, does: Does, over: bool, now: Duration, report: &mut Report) {
        let speaks = matches!(does, Does::Say(_) | Does::Keys(_));
        if speaks {
            if self.asked.take().is_some() {
                report.unanswered += 1;
            }
            report.turns += 1;
        }
        self.next_turn = now + self.every;
        self.turn += 1;
        self.doing = match does {
            Does::Say(clip) => {
                let began = now.saturating_sub(TICK);
                if over {
                    self.barged_in = Some(began + Clip::time_of(clip.voice_from));
                }
                Doing::Speaking {
                    clip,
                    block: 0,
                    began,
                    said: false,
                }
            }
            Does::Keys(keys) => Doing::Keying {
                keys: keys.chars().collect(),
                next: 0,
                due: now,
            },
            Does::Wait(time) => Doing::Waiting { until: now + time },
            Does::HangUp => {
                report.scripts += 1;
                Doing::Leaving
            }
        };
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
            self.done_at = now;
            self.doing = Doing::Listening;
        }
        Some(key)
    }

    /// The block of `now` holds the 20 ms before it.
    fn speak(&mut self, now: Duration) -> Block {
        let Doing::Speaking {
            clip,
            block,
            began,
            said,
        } = &mut self.doing
        else {
            return SILENCE;
        };
        let sound = clip.blocks.get(*block).copied().unwrap_or(SILENCE);
        *block += 1;
        let end = *began + Clip::time_of(clip.voice_to);
        // Once: the reply may come before the silence at the clip's end is over.
        if !*said && end <= now {
            *said = true;
            self.done_at = end;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::dialect::DialStatus;
    use crate::load::twilio::Twilio;

    #[test]
    fn a_reply_into_the_silence_at_a_clips_end_is_one_reply() {
        let mut clip = Clip::synthetic();
        clip.blocks.extend([SILENCE; 50]);
        let plan = Plan {
            dialect: Arc::new(Twilio::new("http://a", None)),
            callers: 1,
            duration: Duration::from_secs(10),
            every: Duration::from_secs(20),
            turns: vec![Turn::Say(Arc::new(clip))],
            barge_in_after: None,
            hang_up_after: None,
            dial_status: DialStatus::Completed,
            ring: Duration::ZERO,
        };
        let mut actor = Actor::new(&plan, &Caller::any());
        let (mut playout, mut report) = (Playout::default(), Report::default());
        actor.stream_begins();
        for n in 1..400 {
            let now = TICK * n;
            // Nobody greets: the caller begins after 3 s, and is answered 300 ms after 1.2 s of voice.
            if n == 225 {
                playout.media(now, &[0x80; 1600]);
            }
            actor.tick(now, &playout, &mut report);
        }
        report.finish();
        assert_eq!(
            (report.turns, report.reply_gap_ms.count),
            (1, 1),
            "{report}"
        );
        assert_eq!(report.unanswered, 0);
    }
}
