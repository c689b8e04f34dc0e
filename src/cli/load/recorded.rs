//! Recorded calls as callers of the load tool: what a caller said, keyed and waited for becomes the steps of
//! a call, in time with the bot as it speaks now.

use crate::audio::TICK_MS;
use crate::bundle::Bundle;
use crate::call::Tick;
use crate::cli::calls::folder;
use crate::load::Turn;
use crate::load::clip::Clip;
use crate::load::script::{self, Step, When};
use crate::replay::ReplayError;
use crate::replay::caller::{Caller, Does, Part, Wait};
use anyhow::bail;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Pressed for a key of a secret: which one it was is not known.
const SECRET_KEY: char = '0';

/// The callers of these calls; `dir`: where calls that are named lie.
///
/// # Errors
/// There is no such call, or nothing can be heard of its caller.
pub fn calls(dir: &Path, names: &[String]) -> anyhow::Result<Vec<Turn>> {
    let call = |name: &String| {
        let bundle = Bundle::open(&folder(dir, name)?)?;
        let caller = match Caller::of(&bundle) {
            Err(ReplayError::NoSound(name)) => bail!(
                "{name} was recorded without its sound\nhint: recordings.audio = true keeps it"
            ),
            caller => caller?,
        };
        let steps = steps(&bundle.name(), caller.parts());
        if steps.is_empty() {
            bail!("the caller of {name} says and does nothing\nhint: choose another call");
        }
        Ok(Turn::Call(steps.into()))
    };
    names.iter().map(call).collect()
}

/// The steps of a call; its sounds are named after it.
pub fn steps<'a>(name: &str, parts: impl Iterator<Item = &'a Part>) -> Vec<Arc<Step>> {
    let mut steps = Vec::new();
    // Keys one after the other are one thing that is done.
    let mut keys: Option<Keys> = None;
    for part in parts {
        let length = part.frames.len() as Tick;
        let hangs_up = part.does.iter().any(|(_, does)| *does == Does::HangsUp);
        let pressed: Vec<(Tick, char)> = pressed(part).collect();
        // What is done without a voice is a part of one tick, in which nothing is to be heard.
        let heard = (length > 1).then(|| Clip::of(name.to_owned(), &part.frames));
        let clip = heard.flatten();
        let alone = clip.is_none() && pressed.is_empty();
        if clip.is_none()
            && let Wait::AfterCaller(pause) = part.wait
            && let Some(keys) = keys.as_mut().filter(|_| !pressed.is_empty())
        {
            keys.add(pause, length, &pressed);
        } else {
            steps.extend(keys.take().map(Keys::step));
            match clip {
                Some(clip) => steps.push(spoken(part.wait, clip, &pressed)),
                None if !pressed.is_empty() => keys = Some(Keys::new(part.wait, length, &pressed)),
                // What is not the caller's doing is a tick without sound, and left out.
                None if length > 1 => steps.push(silent(part.wait, length)),
                None => {}
            }
        }
        if hangs_up {
            steps.extend(keys.take().map(Keys::step));
            let when = match alone {
                true => when(part.wait),
                false => When::AfterOwn(Duration::ZERO),
            };
            steps.push(step(script::Does::HangUp, when));
        }
    }
    steps.extend(keys.map(Keys::step));
    steps
}

/// Keys that are pressed without the bot having spoken between them.
struct Keys {
    wait: Wait,
    /// With the tick since the first part's start.
    pressed: Vec<(Tick, char)>,
    /// End of the last part.
    end: Tick,
}

impl Keys {
    fn new(wait: Wait, length: Tick, pressed: &[(Tick, char)]) -> Self {
        Self {
            wait,
            pressed: pressed.to_vec(),
            end: length,
        }
    }

    fn add(&mut self, pause: Tick, length: Tick, pressed: &[(Tick, char)]) {
        let from = self.end + pause;
        self.pressed
            .extend(pressed.iter().map(|(at, key)| (from + at, *key)));
        self.end = from + length;
    }

    fn step(self) -> Arc<Step> {
        let part = script::Part {
            sound: None,
            keys: timed(&self.pressed),
        };
        step(script::Does::Part(Arc::new(part)), when(self.wait))
    }
}

fn spoken(wait: Wait, clip: Clip, pressed: &[(Tick, char)]) -> Arc<Step> {
    let part = script::Part {
        sound: Some(Arc::new(clip)),
        keys: timed(pressed),
    };
    step(script::Does::Part(Arc::new(part)), when(wait))
}

/// A part that cannot be heard takes its time all the same.
fn silent(wait: Wait, length: Tick) -> Arc<Step> {
    step(script::Does::Wait(time(length)), when(wait))
}

fn step(does: script::Does, when: When) -> Arc<Step> {
    Arc::new(Step {
        does: vec![does],
        when,
    })
}

fn when(wait: Wait) -> When {
    match wait {
        Wait::AfterCaller(ticks) => When::AfterOwn(time(ticks)),
        Wait::AfterBot { times, ticks } => When::AfterTimes(times as usize, time(ticks)),
        Wait::IntoBot { times, ticks } => When::CutInTimes(times as usize, time(ticks)),
    }
}

fn pressed(part: &Part) -> impl Iterator<Item = (Tick, char)> {
    part.does.iter().filter_map(|(at, does)| match does {
        Does::Key(digit) => Some((*at, digit.as_char())),
        Does::SecretKey => Some((*at, SECRET_KEY)),
        // What a page's keyboard typed has no key; whether a person takes the call is the provider's affair.
        Does::Types(_) | Does::HangsUp | Does::IsCalled | Does::IsJoined | Does::Returns => None,
    })
}

fn timed(pressed: &[(Tick, char)]) -> Vec<(Duration, char)> {
    pressed.iter().map(|(at, key)| (time(*at), *key)).collect()
}

fn time(ticks: Tick) -> Duration {
    Duration::from_millis(u64::from(ticks) * u64::from(TICK_MS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{Digit, FRAME_SAMPLES, Frame};

    fn part(wait: Wait, length: usize, does: &[(Tick, Does)]) -> Part {
        let tone = |n: usize| if (n / 20).is_multiple_of(2) { 5000 } else { -5000 };
        let mut frame = Frame::SILENCE;
        (0..FRAME_SAMPLES).for_each(|n| frame.0[n] = tone(n));
        Part {
            wait,
            frames: vec![frame; length],
            does: does.to_vec(),
        }
    }

    #[test]
    fn what_was_done_is_done_again_at_its_time() {
        let key = |key| (0, Does::Key(Digit::new(key).expect("a key")));
        let after = |times, ticks| Wait::AfterBot { times, ticks };
        let recorded = [
            part(
                after(1, 30),
                50,
                &[(25, Does::Key(Digit::new('7').expect("a key")))],
            ),
            part(after(2, 10), 1, &[key('1')]),
            part(Wait::AfterCaller(9), 1, &[key('2')]),
            part(Wait::AfterCaller(4), 1, &[(0, Does::SecretKey)]),
            part(Wait::AfterCaller(70), 1, &[(0, Does::Returns)]),
            part(
                Wait::IntoBot {
                    times: 1,
                    ticks: 20,
                },
                1,
                &[(0, Does::HangsUp)],
            ),
        ];
        let steps = steps("c1", recorded.iter());
        let ms = Duration::from_millis;
        let whens: Vec<When> = steps.iter().map(|step| step.when).collect();
        let expected = [
            When::AfterTimes(1, ms(600)),
            When::AfterTimes(2, ms(200)),
            When::CutInTimes(1, ms(400)),
        ];
        assert_eq!(whens, expected);
        let [sound, keys, end] = &steps[..] else {
            panic!("{steps:?}")
        };
        let script::Does::Part(sound) = &sound.does[0] else {
            panic!("{sound:?}")
        };
        assert_eq!(sound.sound.as_ref().map(|clip| clip.blocks.len()), Some(50));
        assert_eq!(sound.keys, [(ms(500), '7')]);
        let script::Does::Part(keys) = &keys.does[0] else {
            panic!("{keys:?}")
        };
        assert!(keys.sound.is_none());
        assert_eq!(
            keys.keys,
            [(ms(0), '1'), (ms(200), '2'), (ms(300), SECRET_KEY)]
        );
        assert!(matches!(end.does[0], script::Does::HangUp));
    }

    #[test]
    fn who_hangs_up_in_mid_sentence_does() {
        let wait = Wait::AfterCaller(100);
        let steps = steps("c1", [part(wait, 30, &[(29, Does::HangsUp)])].iter());
        let [said, end] = &steps[..] else {
            panic!("{steps:?}")
        };
        assert_eq!(said.when, When::AfterOwn(Duration::from_secs(2)));
        assert_eq!(end.when, When::AfterOwn(Duration::ZERO));
    }
}
