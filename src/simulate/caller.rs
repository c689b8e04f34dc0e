//! A simulated caller on the line: waits for the bot as the script says, sounds, keys, and does what else
//! happens in a call. Told each tick whether the bot speaks.

use super::script::{AFTER_MS, Fault, Script, Step};
use crate::audio::tone::dtmf;
use crate::audio::{Digit, FRAME_SAMPLES, Frame, TICK_MS};
use crate::call::{Tick, ticks};
use std::collections::VecDeque;

/// Keys are pressed for this long, with as long a pause, in ms.
const KEY_MS: u32 = 100;
/// Level of each of a key's two tones, in dB below full scale.
const KEY_DB: f64 = -13.0;
/// Quiet on both sides after which a caller speaks although the bot has not.
const PATIENCE: Tick = ticks(12_000);
/// A caller who says nothing does so for no longer.
const LONGEST_SILENCE: Tick = ticks(40_000);
/// A person's telephone rings so long before nobody has taken the call.
const RINGING: Tick = ticks(1200);
/// A voice without words that is shorter need not be spoken about, nor any at a secret question: nobody knows
/// whether it was a word.
pub const NOISE: Tick = ticks(700);

/// What happens, beside sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    HangUp,
    Returned,
    Closing,
    BackEnd(Fault),
}

/// One tick of the caller.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Doing {
    pub frame: Frame,
    /// It is a voice or a key, not the pause between.
    pub sounds: bool,
    /// A key begins to sound.
    pub key: Option<char>,
    pub deeds: Vec<Deed>,
    /// Words, or a voice long enough to be taken for some, have just ended: so long were they. 0: none.
    pub said: Tick,
}

#[derive(Clone, Debug)]
struct Ready {
    step: Step,
    frames: Vec<Frame>,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Caller {
    steps: VecDeque<Ready>,
    playing: Option<(Ready, usize)>,
    /// Says nothing until the bot speaks again; since then.
    silent: Option<Tick>,
    bot_speaks: bool,
    /// For how long the bot has been speaking, or quiet.
    bot_since: Tick,
    own_quiet: Tick,
    begun: bool,
    /// The bot has spoken since the caller's last step.
    answered: bool,
    passed_on: Tick,
}

impl Caller {
    /// `sound` gives the sound of a step that says something or makes a noise.
    ///
    /// # Errors
    /// What `sound` gives.
    pub fn new<E>(
        script: &Script,
        mut sound: impl FnMut(&Step) -> Result<Vec<Frame>, E>,
    ) -> Result<Self, E> {
        let mut steps = VecDeque::new();
        for step in &script.step {
            let frames = match &step.keys {
                Some(keys) => tones(keys),
                None if !step.say.is_empty() || step.noise.is_some() => sound(step)?,
                None => Vec::new(),
            };
            steps.push_back(Ready {
                step: step.clone(),
                frames,
            });
        }
        Ok(Self {
            steps,
            playing: None,
            silent: None,
            bot_speaks: false,
            bot_since: 0,
            own_quiet: 0,
            begun: false,
            answered: false,
            passed_on: 0,
        })
    }

    /// The caller was passed on, and nobody will send him back.
    pub fn is_gone(&self) -> bool {
        self.passed_on > 0 && !self.steps.iter().any(|ready| ready.step.returned)
    }

    /// The next 20 ms; `passed_on`: the bot has passed the caller on.
    pub fn next(&mut self, bot_speaks: bool, passed_on: bool) -> Doing {
        let mut doing = Doing::default();
        if passed_on {
            self.ring(&mut doing);
            return doing;
        }
        self.passed_on = 0;
        self.listen(bot_speaks);
        if self.playing.is_none() {
            self.begin(&mut doing);
        }
        let Some((ready, at)) = &mut self.playing else {
            self.own_quiet += 1;
            return doing;
        };
        doing.frame = ready.frames.get(*at).copied().unwrap_or_default();
        doing.sounds = doing.frame != Frame::SILENCE;
        let key = ready.step.keys.as_deref().unwrap_or_default();
        let per_key = (2 * KEY_MS / TICK_MS) as usize;
        doing.key = (*at % per_key == 0)
            .then(|| key.chars().nth(*at / per_key))
            .flatten();
        *at += 1;
        // What the bot says meanwhile is no answer yet.
        self.answered = false;
        if *at >= ready.frames.len() {
            let step = &ready.step;
            let heard = step.hears.as_deref().unwrap_or(step.say.text());
            let length = ready.frames.len() as Tick;
            if step.keys.is_none() && (!heard.trim().is_empty() || length >= NOISE) {
                doing.said = length;
            }
            self.playing = None;
            self.own_quiet = 0;
            self.begun = true;
        }
        doing
    }

    /// Begins the next step if it is due.
    fn begin(&mut self, doing: &mut Doing) {
        if let Some(since) = &mut self.silent {
            *since += 1;
            let over = self.bot_speaks && self.bot_since == 1 || *since > LONGEST_SILENCE;
            if !over {
                return;
            }
            self.silent = None;
        }
        while let Some(ready) = self.steps.front() {
            let at_once = ready.step.back_end.is_some();
            // Only who was passed on can come back.
            let idle = ready.step.returned;
            if !at_once && !idle && !self.is_due(&ready.step) {
                return;
            }
            let Some(ready) = self.steps.pop_front() else {
                return;
            };
            if idle {
                continue;
            }
            if let Some(fault) = ready.step.back_end {
                doing.deeds.push(Deed::BackEnd(fault));
                continue;
            }
            if ready.step.hang_up || ready.step.closing {
                doing.deeds.push(match ready.step.hang_up {
                    true => Deed::HangUp,
                    false => Deed::Closing,
                });
                self.answered = false;
                return;
            }
            if ready.step.silence {
                self.silent = Some(0);
                return;
            }
            if !ready.frames.is_empty() {
                self.playing = Some((ready, 0));
                return;
            }
        }
    }

    fn ring(&mut self, doing: &mut Doing) {
        self.passed_on += 1;
        self.playing = None;
        self.silent = None;
        let back = self.steps.iter().position(|ready| ready.step.returned);
        if self.passed_on >= RINGING
            && let Some(back) = back
        {
            self.steps.drain(..=back);
            self.answered = false;
            doing.deeds.push(Deed::Returned);
        }
    }

    fn listen(&mut self, bot_speaks: bool) {
        if bot_speaks == self.bot_speaks {
            self.bot_since += 1;
        } else {
            self.bot_speaks = bot_speaks;
            self.bot_since = 1;
        }
        self.answered |= bot_speaks;
    }

    fn is_due(&self, step: &Step) -> bool {
        if let Some(ms) = step.goes_on {
            return self.begun && self.own_quiet >= ticks(ms);
        }
        let quiet = !self.bot_speaks;
        let waited = quiet && self.bot_since >= PATIENCE && self.own_quiet >= PATIENCE;
        let cuts = step
            .cut_in
            .is_some_and(|ms| self.bot_speaks && self.bot_since >= ticks(ms));
        let after = ticks(step.after.unwrap_or(AFTER_MS));
        waited || self.answered && (cuts || quiet && self.bot_since >= after)
    }
}

fn tones(keys: &str) -> Vec<Frame> {
    let keys = keys.chars().filter_map(Digit::new);
    let mut samples = Vec::new();
    for key in keys {
        samples.extend(dtmf(key, KEY_DB, KEY_MS));
        samples.extend(std::iter::repeat_n(
            0,
            (KEY_MS / TICK_MS) as usize * FRAME_SAMPLES,
        ));
    }
    framed(&samples)
}

/// Sound in frames, the last one filled up.
pub fn framed(samples: &[i16]) -> Vec<Frame> {
    let whole = samples.chunks(FRAME_SAMPLES).map(|chunk| {
        let mut frame = Frame::SILENCE;
        frame.0[..chunk.len()].copy_from_slice(chunk);
        frame
    });
    whole.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(steps: Vec<Step>) -> Caller {
        let script = Script {
            step: steps,
            ..Script::default()
        };
        let sound = |_: &Step| Ok::<_, ()>(vec![Frame([500; FRAME_SAMPLES]); 5]);
        Caller::new(&script, sound).expect("sound")
    }

    /// What happens by tick, the bot speaking in `bot`.
    fn run(mut caller: Caller, bot: std::ops::Range<u32>, ticks: u32) -> Vec<(u32, Doing)> {
        let doing = (0..ticks).map(|tick| (tick, caller.next(bot.contains(&tick), false)));
        doing
            .filter(|(_, doing)| doing.sounds || doing.key.is_some() || !doing.deeds.is_empty())
            .collect()
    }

    #[test]
    fn words_come_after_the_bots_and_keys_after_the_words() {
        let steps = vec![Step::say("a"), Step::keys("12")];
        let all = run(caller(steps), 10..60, 400);
        assert_eq!(all[0].0, 60 + ticks(AFTER_MS) - 1);
        let keys: Vec<char> = all.iter().filter_map(|(_, doing)| doing.key).collect();
        assert!(keys.is_empty(), "the bot has not answered yet");
        assert_eq!(all[4].1.said, 5);
    }

    #[test]
    fn a_caller_cuts_in_goes_on_and_waits_no_longer_than_he_can() {
        let cuts = Step {
            cut_in: Some(400),
            ..Step::say("a")
        };
        let on = Step {
            goes_on: Some(200),
            ..Step::say("b")
        };
        let all = run(caller(vec![cuts, on, Step::keys("7")]), 10..40, 900);
        assert_eq!(all[0].0, 10 + ticks(400) - 1);
        assert_eq!(all[5].0, all[4].0 + ticks(200) + 1);
        let key = all.iter().find(|(_, doing)| doing.key == Some('7'));
        let (at, _) = key.expect("a key after all");
        assert!((40 + PATIENCE..60 + PATIENCE).contains(at), "{at}");
    }

    #[test]
    fn who_was_passed_on_comes_back_only_where_the_script_says_so() {
        let back = Step {
            returned: true,
            ..Step::default()
        };
        let mut gone = caller(vec![Step::say("a")]);
        assert!(gone.next(false, true).deeds.is_empty());
        assert!(gone.is_gone());
        let mut returns = caller(vec![Step::say("a"), back]);
        let deeds: Vec<Deed> = (0..RINGING + 1)
            .flat_map(|_| returns.next(false, true).deeds)
            .collect();
        assert_eq!(deeds, [Deed::Returned]);
    }
}
