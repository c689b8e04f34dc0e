//! A caller: decides when to speak, from what has been heard, and measures how long the bot takes.

use super::clip::{Block, Clip, SILENCE};
use super::dialect::Caller;
use super::playout::Playout;
use super::report::Report;
use super::script::{Does, Step, When};
use super::stream::TICK;
use super::{Plan, Turn};
use std::collections::VecDeque;
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
    /// End of the last step, with the silence that a recorded sound ends with.
    step_over: Duration,
    /// Keys to press, and when.
    keys: VecDeque<(Duration, char)>,
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
    /// Presses the keys that are due.
    Keying,
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
    /// `number`: of the call, for callers who take recorded calls in turn.
    pub fn new(plan: &Plan, caller: &Caller, number: usize) -> Self {
        Self {
            turns: turns(&plan.turns, number),
            every: plan.every,
            barge_in_after: plan.barge_in_after,
            turn: 0,
            doing: Doing::Listening,
            next_turn: Duration::ZERO,
            done_at: Duration::ZERO,
            step_over: Duration::ZERO,
            keys: VecDeque::new(),
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
        self.step_over = Duration::ZERO;
        self.keys.clear();
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
            self.rest(now);
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
        let (does, over, goes_on) = match turn {
            Some(Turn::Say(clip)) => (Does::Say(clip), self.is_my_turn(now, playout), false),
            Some(Turn::Keys(keys)) => (Does::Keys(keys), self.is_my_turn(now, playout), false),
            Some(Turn::Step(step)) => (
                self.one_of(&step.does),
                self.is_due(step.when, now, playout),
                matches!(step.when, When::AfterOwn(_)),
            ),
            Some(Turn::Call(_)) | None => {
                let end = When::After(HEARD_OUT);
                (Does::HangUp, self.is_due(end, now, playout), false)
            }
        };
        let Some(over) = over else { return };
        // Who goes on by himself does not ask again.
        if !goes_on && matches!(does, Does::Say(_) | Does::Keys(_) | Does::Part(_)) {
            if self.asked.take().is_some() {
                report.unanswered += 1;
            }
            report.turns += 1;
        }
        self.begin(does, over, now, report);
    }

    /// The caller has done what he did.
    fn rest(&mut self, now: Duration) {
        self.doing = Doing::Listening;
        self.step_over = now;
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
            When::AfterOwn(pause) => now - self.step_over >= pause,
            When::AfterTimes(times, silence) => {
                playout.times(self.done_at, now) >= times
                    && last.is_some_and(|last| now - last >= silence)
            }
            When::CutInTimes(times, after) => {
                playout.times(self.done_at, now) >= times
                    && playout
                        .speech(now)
                        .is_some_and(|speech| now - speech.from >= after)
            }
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
        self.next_turn = now + self.every;
        self.turn += 1;
        self.doing = match does {
            Does::Say(clip) => self.speaking(clip, over, now),
            Does::Keys(keys) => {
                let due = |place| now + KEY_EVERY * place;
                self.keys = (0..).map(due).zip(keys.chars()).collect();
                Doing::Keying
            }
            Does::Part(part) => {
                let due = |(at, key): &(Duration, char)| (now + *at, *key);
                self.keys = part.keys.iter().map(due).collect();
                match &part.sound {
                    Some(clip) => self.speaking(Arc::clone(clip), over, now),
                    None => Doing::Keying,
                }
            }
            Does::Wait(time) => Doing::Waiting { until: now + time },
            Does::HangUp => {
                report.scripts += 1;
                Doing::Leaving
            }
        };
    }

    fn speaking(&mut self, clip: Arc<Clip>, over: bool, now: Duration) -> Doing {
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

    fn press(&mut self, now: Duration) -> Option<char> {
        let (_, key) = self.keys.pop_front_if(|(due, _)| *due <= now)?;
        if self.keys.is_empty() && matches!(self.doing, Doing::Keying) {
            self.asked = Some(Asked {
                at: now,
                clip: None,
            });
            self.done_at = now;
            self.rest(now);
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
            if self.keys.is_empty() {
                self.rest(now);
            } else {
                self.doing = Doing::Keying;
            }
        }
        sound
    }
}

/// A call's turns: those of the plan, or the steps of one of its calls.
fn turns(plan: &[Turn], number: usize) -> Vec<Turn> {
    let calls = plan.iter().filter_map(|turn| match turn {
        Turn::Call(steps) => Some(steps),
        _ => None,
    });
    let calls: Vec<&Arc<[Arc<Step>]>> = calls.collect();
    match calls.len() {
        0 => plan.to_vec(),
        count => {
            let steps = calls[number % count].iter();
            steps.cloned().map(Turn::Step).collect()
        }
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
        let mut actor = Actor::new(&plan, &Caller::any(), 0);
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

    #[test]
    fn callers_take_recorded_calls_in_turn() {
        let step = |key: &str| {
            let does = vec![Does::Keys(key.into())];
            let when = When::AfterOwn(Duration::ZERO);
            Turn::Call([Arc::new(Step { does, when })].into())
        };
        let turns = vec![step("1"), step("2")];
        let plan = Plan {
            dialect: Arc::new(Twilio::new("http://a", None)),
            callers: 1,
            duration: Duration::ZERO,
            every: Duration::ZERO,
            turns,
            barge_in_after: None,
            hang_up_after: None,
            dial_status: DialStatus::Completed,
            ring: Duration::ZERO,
        };
        let first = |number| {
            let mut actor = Actor::new(&plan, &Caller::any(), number);
            let mut report = Report::default();
            actor.stream_begins();
            actor
                .tick(Duration::from_millis(20), &Playout::default(), &mut report)
                .key
        };
        assert_eq!([0, 1, 2].map(first), [Some('1'), Some('2'), Some('1')]);
    }
}
