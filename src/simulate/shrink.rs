//! A call that broke something, made as small as it can be: delta debugging over its steps (Zeller and
//! Hildebrandt 2002), then over what is special in each of them.

use super::script::{Circumstances, Script, Step};

/// Calls that are made at most to shrink one.
const MOST: usize = 400;

/// The smallest script found for which `breaks` still holds. It holds for `script`.
pub fn shrink(script: &Script, mut breaks: impl FnMut(&Script) -> bool) -> Script {
    let mut left = MOST;
    let mut try_out = |script: &Script| {
        left = left.saturating_sub(1);
        left > 0 && !script.step.is_empty() && breaks(script)
    };
    let mut best = script.clone();
    loop {
        let before = best.clone();
        fewer_steps(&mut best, &mut try_out);
        simpler_steps(&mut best, &mut try_out);
        plainer_call(&mut best, &mut try_out);
        if best == before {
            return best;
        }
    }
}

/// Leaves out as many steps as can be: halves first, single ones last.
fn fewer_steps(best: &mut Script, breaks: &mut impl FnMut(&Script) -> bool) {
    let mut size = best.step.len() / 2;
    while size > 0 {
        let mut from = 0;
        while from < best.step.len() {
            let mut fewer = best.clone();
            fewer.step.drain(from..(from + size).min(best.step.len()));
            if breaks(&fewer) {
                *best = fewer;
            } else {
                from += size;
            }
        }
        size /= 2;
    }
}

fn simpler_steps(best: &mut Script, breaks: &mut impl FnMut(&Script) -> bool) {
    for at in 0..best.step.len() {
        for simplify in SIMPLER {
            let mut simpler = best.clone();
            let Some(step) = simpler.step.get_mut(at) else {
                continue;
            };
            simplify(step);
            if simpler != *best && breaks(&simpler) {
                *best = simpler;
            }
        }
    }
}

/// What a step may do without.
const SIMPLER: &[fn(&mut Step)] = &[
    |step| step.pause = None,
    |step| step.cut_in = None,
    |step| step.goes_on = None,
    |step| step.hears = None,
    |step| step.confidence = None,
    |step| step.also.clear(),
    |step| step.deaf = false,
    |step| step.after = None,
    |step| {
        // What was heard is what was said: one text less to read.
        if let Some(hears) = step.hears.take().filter(|hears| !hears.is_empty()) {
            step.say = hears.as_str().into();
        }
    },
    |step| step.noise = step.noise.map(|ms| ms / 2),
    |step| {
        step.keys = step
            .keys
            .as_deref()
            .and_then(|keys| keys.get(..1))
            .map(str::to_owned)
    },
    |step| {
        let words = step.say.text().split_whitespace();
        let words: Vec<&str> = words.collect();
        if words.len() > 1 && step.pause.is_none() && step.hears.is_none() {
            step.say = words[..words.len().div_ceil(2)].join(" ").as_str().into();
        }
    },
];

fn plainer_call(best: &mut Script, breaks: &mut impl FnMut(&Script) -> bool) {
    let usual = Circumstances::default();
    let changes: [fn(&mut Circumstances, &Circumstances); 3] = [
        |call, usual| call.ear_ms = usual.ear_ms,
        |call, usual| call.voice_ms = usual.voice_ms,
        |call, _| call.from = None,
    ];
    for change in changes {
        let mut plainer = best.clone();
        change(&mut plainer.call, &usual);
        if plainer != *best && breaks(&plainer) {
            *best = plainer;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::script::Pause;

    #[test]
    fn what_matters_is_left() {
        let filler = (0..12).map(|n| Step {
            after: Some(n * 100),
            confidence: Some(500),
            ..Step::say("something or other")
        });
        let mut script = Script {
            step: filler.collect(),
            ..Script::default()
        };
        script.call.ear_ms = 777;
        script.step[3] = Step {
            pause: Some(Pause { words: 1, ms: 900 }),
            cut_in: Some(100),
            ..Step::say("poison pill")
        };
        script.step[9] = Step::keys("99");
        let mut calls = 0;
        let small = shrink(&script, |script| {
            calls += 1;
            let poison = script
                .step
                .iter()
                .position(|step| step.say.text().contains("poison") && step.cut_in.is_some());
            let keys = script.step.iter().position(|step| step.keys.is_some());
            poison.is_some_and(|poison| keys.is_some_and(|keys| poison < keys))
        });
        assert_eq!(
            small.step,
            [
                Step {
                    cut_in: Some(100),
                    ..Step::say("poison")
                },
                Step::keys("9")
            ]
        );
        assert_eq!(small.call, Circumstances::default());
        assert!(calls < MOST, "{calls}");
    }
}
