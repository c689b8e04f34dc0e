//! The caller's part of an example dialogue, as a script: what it checks is left out, what the caller
//! does is all there.

use super::script::{Circumstances, Fault, Guess, OneOf, SURE, Script, Step};
use crate::rehearsal::script::{self, What};
use crate::rehearsal::{Act, Example, Mode};

/// An operation that is slow in an example takes so long, in ms: it is spoken about, and waited for.
const SLOW_MS: u32 = 2500;
/// A voice without words, in ms.
const NOISE_MS: u32 = 700;

/// What a caller says who speaks another language than the one that calls begin with.
const SPANISH: &str = "en español por favor";

/// The caller of an example.
pub fn script(example: &Example) -> Script {
    let foreign = example.header.language.as_deref() == Some("es");
    let begins = foreign.then(|| Step::say(SPANISH));
    let steps = example.lines.iter().filter_map(|line| match &line.what {
        What::Act(act) => Some(step(act)),
        What::Set(setting) => Some(Step {
            back_end: Some(Fault {
                operation: setting.operation.clone(),
                slow: (setting.mode == Mode::Slow).then_some(SLOW_MS),
                once: true,
            }),
            ..Step::default()
        }),
        What::Check(_) => None,
    });
    Script {
        title: example.title.clone(),
        call: Circumstances {
            from: example.header.from.clone(),
            now: example.header.now,
            ..Circumstances::default()
        },
        step: begins.into_iter().chain(steps).collect(),
        variants: None,
    }
}

fn step(act: &Act) -> Step {
    match act {
        Act::Says(guesses) => said(guesses),
        Act::BargesIn { after_ms, guesses } => Step {
            cut_in: Some(*after_ms),
            ..said(guesses)
        },
        Act::Keys(keys) => Step::keys(keys),
        Act::Silence => Step {
            silence: true,
            ..Step::default()
        },
        Act::Noise => Step {
            noise: Some(NOISE_MS),
            ..Step::default()
        },
        Act::Deaf => Step {
            deaf: true,
            ..Step::say("can you hear me")
        },
        Act::Returned => Step {
            returned: true,
            ..Step::default()
        },
        Act::Closing => Step {
            closing: true,
            ..Step::default()
        },
        Act::HangsUp => Step {
            hang_up: true,
            ..Step::default()
        },
    }
}

fn said(guesses: &[script::Guess]) -> Step {
    let first = guesses.first();
    let text = first.map_or("", |guess| guess.text.as_str());
    let confidence = first.map(|guess| guess.confidence);
    let also = guesses.iter().skip(1).map(|guess| Guess {
        hears: guess.text.clone(),
        confidence: guess.confidence,
    });
    Step {
        say: OneOf::from(text),
        confidence: confidence.filter(|confidence| *confidence != SURE),
        also: also.collect(),
        ..Step::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_part_is_all_there() {
        let text = "# A\ncall: from +15550102, 2026-11-24 10:15\nback end: order slow\n\
                    caller: one (0.62) | two (0.4)\n  does nothing\nsilence\nbot: *\nkeys: 12#\nhangs up\n";
        let examples = crate::rehearsal::parse(text).expect("an example");
        let script = script(&examples[0]);
        assert_eq!(script.call.from.as_deref(), Some("+15550102"));
        assert_eq!(
            script.lines(),
            [
                "(order takes 2500 ms)",
                "says \"one\" (620 ‰)",
                "is silent",
                "keys 12#",
                "hangs up"
            ]
        );
        assert_eq!(script.step[1].also.len(), 1);
        Script::parse(&script.to_toml()).expect("a file");
    }
}
