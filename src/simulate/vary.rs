//! A caller like this one, on another day: other words where there are several, a recogniser that
//! mishears, pauses, wrong keys, silences, impatience. All that chance decides is decided here, and the
//! result is a script that needs no chance any more.

use super::random::Random;
use super::script::{Fault, Guess, OneOf, Pause, SURE, Script, Step};
use serde::{Deserialize, Serialize};

/// How often a step, or a word of it, goes otherwise: 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Variants {
    /// A word is dropped, heard as another one, or joined with the next.
    pub typo: f64,
    /// The recogniser is less sure, and has other guesses.
    pub unsure: f64,
    /// A pause inside the words, too long for some.
    pub hesitate: f64,
    /// The words come into the bot's.
    pub interrupt: f64,
    /// A nod into the bot's words comes first.
    pub nod: f64,
    /// Keys are pressed by mistake first.
    pub wrong_keys: f64,
    /// Nothing is said the first time.
    pub silence: f64,
    /// A cough, or somebody else in the room, first.
    pub noise: f64,
    /// The caller says it again at once, into the answer.
    pub again: f64,
    /// The recogniser gives no answer.
    pub deaf: f64,
    /// The step is left out.
    pub skip: f64,
    /// The caller is gone.
    pub hang_up: f64,
    /// Per call: one back end is slow, or dead.
    pub fault: f64,
    /// Per call: nobody takes it where it is passed on.
    pub returned: f64,
}

impl Default for Variants {
    fn default() -> Self {
        Self {
            typo: 0.04,
            unsure: 0.15,
            hesitate: 0.15,
            interrupt: 0.15,
            nod: 0.05,
            wrong_keys: 0.04,
            silence: 0.05,
            noise: 0.05,
            again: 0.03,
            deaf: 0.02,
            skip: 0.03,
            hang_up: 0.02,
            fault: 0.1,
            returned: 0.4,
        }
    }
}

impl Variants {
    /// Everything as it is written.
    pub const NONE: Self = Self {
        typo: 0.0,
        unsure: 0.0,
        hesitate: 0.0,
        interrupt: 0.0,
        nod: 0.0,
        wrong_keys: 0.0,
        silence: 0.0,
        noise: 0.0,
        again: 0.0,
        deaf: 0.0,
        skip: 0.0,
        hang_up: 0.0,
        fault: 0.0,
        returned: 0.0,
    };
}

/// What chance may draw from.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    /// Words that the ear may take for others.
    pub words: Vec<String>,
    /// Operations of the business.
    pub operations: Vec<String>,
}

const NODS: [&str; 4] = ["mm-hm", "okay", "yeah", "uh-huh"];
const KEYS: [&str; 8] = ["1", "2", "7", "9", "*", "#", "0", "1234"];
/// Steps longer than this are few words more than a yes.
const SHORT: usize = 3;

/// The script of one call.
pub fn vary(script: &Script, usual: &Variants, stock: &Stock, random: &mut Random) -> Script {
    let often = script.variants.unwrap_or(*usual);
    let mut out = Script {
        variants: None,
        step: Vec::new(),
        ..script.clone()
    };
    out.call.ear_ms = random.between(80, 900);
    out.call.voice_ms = random.between(20, 300);
    out.call.voice = random.between(0, 99);
    if random.chance(often.fault)
        && let Some(operation) = random.one_of(&stock.operations)
    {
        let slow = random.chance(0.5).then(|| random.between(500, 7000));
        out.step.push(fault(operation, slow));
    }
    for step in &script.step {
        if random.chance(often.hang_up) {
            out.step.push(Step {
                hang_up: true,
                after: Some(random.between(0, 3000)),
                cut_in: random.chance(0.5).then(|| random.between(0, 3000)),
                ..Step::default()
            });
            return out;
        }
        if random.chance(often.skip) {
            continue;
        }
        before(&often, random, &mut out.step);
        let step = one(step, &often, stock, random);
        let again = !step.say.is_empty() && random.chance(often.again);
        let repeated = again.then(|| Step {
            goes_on: Some(random.between(150, 1500)),
            cut_in: None,
            ..step.clone()
        });
        out.step.push(step);
        out.step.extend(repeated);
    }
    if random.chance(often.returned) {
        out.step.push(Step {
            returned: true,
            ..Step::default()
        });
        // Then mostly the last words again, for a caller who wants something still.
        let last = script.step.iter().rev().find(|step| !step.say.is_empty());
        out.step
            .extend(last.map(|last| one(last, &often, stock, random)));
    }
    out
}

fn fault(operation: &str, slow: Option<u32>) -> Step {
    Step {
        back_end: Some(Fault {
            operation: operation.to_owned(),
            slow,
            once: false,
        }),
        ..Step::default()
    }
}

/// What comes before a step, by mistake.
fn before(often: &Variants, random: &mut Random, out: &mut Vec<Step>) {
    if random.chance(often.nod) {
        out.push(Step {
            cut_in: Some(random.between(200, 2500)),
            ..Step::say(random.one_of(&NODS).copied().unwrap_or("okay"))
        });
    }
    if random.chance(often.silence) {
        out.push(Step {
            silence: true,
            ..Step::default()
        });
    }
    if random.chance(often.noise) {
        let into = random.chance(0.5);
        out.push(Step {
            noise: Some(random.between(60, 1800)),
            cut_in: into.then(|| random.between(200, 3000)),
            ..Step::default()
        });
    }
    if random.chance(often.wrong_keys) {
        let into = random.chance(0.5);
        out.push(Step {
            cut_in: into.then(|| random.between(100, 2000)),
            ..Step::keys(random.one_of(&KEYS).copied().unwrap_or("9"))
        });
    }
}

fn one(step: &Step, often: &Variants, stock: &Stock, random: &mut Random) -> Step {
    let mut step = step.clone();
    let timed = step.after.is_some() || step.cut_in.is_some() || step.goes_on.is_some();
    if !timed {
        if random.chance(often.interrupt) {
            step.cut_in = Some(random.between(100, 4000));
        }
        step.after = Some(random.between(200, 2500));
    }
    if let Some(text) = random.one_of(step.say.all()) {
        step.say = OneOf::One(text.clone());
        misheard(&mut step, often, stock, random);
    }
    step
}

/// What the ear does to the words, and the caller's tongue.
fn misheard(step: &mut Step, often: &Variants, stock: &Stock, random: &mut Random) {
    let said = step.say.text().to_owned();
    let words: Vec<&str> = said.split_whitespace().collect();
    if step.hears.is_none() {
        let hears = typos(&words, often.typo, stock, random);
        step.hears = Some(hears).filter(|hears| *hears != said);
    }
    if random.chance(often.unsure) {
        step.confidence = Some(
            u16::try_from(random.between(250, 900))
                .unwrap_or(SURE)
                .min(step.confidence.unwrap_or(SURE)),
        );
        if random.chance(0.5) {
            let other = typos(&words, 0.3, stock, random);
            step.also.push(Guess {
                hears: other,
                confidence: u16::try_from(random.between(50, 400)).unwrap_or(50),
            });
        }
    }
    // Where words are missing nobody can tell on which side of a pause.
    let heard = step.hears.as_ref();
    let whole = heard.is_none_or(|heard| heard.split_whitespace().count() == words.len());
    if random.chance(often.hesitate) && words.len() >= SHORT && whole {
        let most = u32::try_from(words.len() - 1).unwrap_or(1);
        step.pause = Some(Pause {
            words: random.between(1, most) as usize,
            ms: random.between(200, 2600),
        });
    }
    step.deaf |= random.chance(often.deaf);
}

fn typos(words: &[&str], often: f64, stock: &Stock, random: &mut Random) -> String {
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut join = false;
    for word in words {
        let mut word = (*word).to_owned();
        let mut dropped = false;
        let mut joins = false;
        if random.chance(often) {
            match random.between(0, 2) {
                0 => dropped = true,
                1 => {
                    if let Some(other) = random.one_of(&stock.words) {
                        word.clone_from(other);
                    }
                }
                _ => joins = true,
            }
        }
        match out.last_mut() {
            _ if dropped => {}
            Some(last) if join => last.push_str(&word),
            _ => out.push(word),
        }
        join = joins;
    }
    out.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script() -> Script {
        Script {
            step: vec![
                Step {
                    say: OneOf::Some(vec!["cancel my order please".into(), "drop it".into()]),
                    ..Step::default()
                },
                Step::keys("1"),
            ],
            ..Script::default()
        }
    }

    fn stock() -> Stock {
        Stock {
            words: vec!["cheese".into()],
            operations: vec!["order".into()],
        }
    }

    #[test]
    fn without_variants_it_is_what_is_written() {
        let varied = vary(&script(), &Variants::NONE, &stock(), &mut Random::of(1, 1));
        assert_eq!(varied.step.len(), 2);
        assert_eq!(varied.step[0].hears, None);
        assert!(
            script().step[0]
                .say
                .all()
                .contains(&varied.step[0].say.text().to_owned())
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_call_and_the_result_needs_no_chance() {
        let often = Variants {
            typo: 0.5,
            ..Variants::default()
        };
        for call in 0..50 {
            let first = vary(&script(), &often, &stock(), &mut Random::of(3, call));
            let again = vary(&script(), &often, &stock(), &mut Random::of(3, call));
            assert_eq!(first, again);
            assert!(first.variants.is_none());
            assert!(first.step.iter().all(|step| step.say.all().len() <= 1));
            if !first.step.is_empty() {
                let read = Script::parse(&first.to_toml()).expect("a file");
                assert_eq!(read, first);
            }
        }
    }

    /// Each variant, alone and always, shows.
    #[test]
    fn every_variant_is_met() {
        let only = |change: fn(&mut Variants)| {
            let mut often = Variants::NONE;
            change(&mut often);
            vary(&script(), &often, &stock(), &mut Random::of(5, 2))
        };
        let said = |script: &Script| script.step[0].clone();
        assert!(said(&only(|v| v.typo = 1.0)).hears.is_some());
        assert!(said(&only(|v| v.unsure = 1.0)).confidence.is_some());
        assert!(said(&only(|v| v.interrupt = 1.0)).cut_in.is_some());
        assert!(said(&only(|v| v.deaf = 1.0)).deaf);
        assert!(said(&only(|v| v.noise = 1.0)).noise.is_some());
        assert!(said(&only(|v| v.silence = 1.0)).silence);
        assert!(said(&only(|v| v.hang_up = 1.0)).hang_up);
        assert!(said(&only(|v| v.wrong_keys = 1.0)).keys.is_some());
        assert!(said(&only(|v| v.fault = 1.0)).back_end.is_some());
        assert!(NODS.contains(&said(&only(|v| v.nod = 1.0)).say.text()));
        assert!(only(|v| v.skip = 1.0).step.is_empty());
        assert!(
            only(|v| v.again = 1.0)
                .step
                .iter()
                .any(|step| step.goes_on.is_some())
        );
        assert!(
            only(|v| v.returned = 1.0)
                .step
                .iter()
                .any(|step| step.returned)
        );
        let hesitates = |call| {
            let often = Variants {
                hesitate: 1.0,
                ..Variants::NONE
            };
            let script = vary(&script(), &often, &stock(), &mut Random::of(5, call));
            script.step[0].pause.is_some()
        };
        assert!((0..20).any(hesitates), "the longer of the two texts");
    }
}
