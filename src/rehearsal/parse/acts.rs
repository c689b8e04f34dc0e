//! Lines that say what happens, and what is arranged for later.

use super::super::script::{Act, DEFAULT_ALTERNATIVE, DEFAULT_CONFIDENCE, Guess, Mode, Setting};
use super::{after, name, word};
use crate::audio::Digit;
use crate::dialogue::Confidence;

/// Most guesses in a line.
const MOST_GUESSES: usize = 10;
/// Latest a caller can cut in, in ms.
const LATEST_MS: u32 = 600_000;

pub(super) fn read_act(text: &str) -> Option<Result<Act, String>> {
    if let Some(rest) = after(text, "caller") {
        return Some(read_guesses(rest).map(Act::Says));
    }
    if let Some(rest) = after(text, "keys") {
        return Some(read_keys(rest));
    }
    if let Some(rest) = word(text, "barge-in") {
        return Some(read_barge_in(rest));
    }
    let act = match text.to_ascii_lowercase().as_str() {
        "silence" => Act::Silence,
        "noise" => Act::Noise,
        "deaf" => Act::Deaf,
        "returned" => Act::Returned,
        "closing" => Act::Closing,
        "hangs up" => Act::HangsUp,
        _ => return None,
    };
    Some(Ok(act))
}

fn read_keys(text: &str) -> Result<Act, String> {
    let keys: String = text.split_whitespace().collect();
    match keys.chars().find(|&key| Digit::new(key).is_none()) {
        Some(wrong) => Err(format!(
            "{wrong:?} is no telephone key; hint: keys are 0-9, *, #, A-D"
        )),
        None if keys.is_empty() => Err("no keys; hint: write silence if none are pressed".into()),
        None => Ok(Act::Keys(keys)),
    }
}

fn read_barge_in(text: &str) -> Result<Act, String> {
    let hint = "hint: write barge-in after 400ms: stop";
    let (time, words) = text
        .split_once(':')
        .ok_or_else(|| format!("when, and with which words? {hint}"))?;
    let time = word(time.trim(), "after").and_then(|time| time.strip_suffix("ms"));
    let after_ms = time
        .and_then(|ms| ms.trim().parse().ok())
        .filter(|&ms| ms <= LATEST_MS)
        .ok_or_else(|| format!("that is no time to cut in; {hint}"))?;
    let guesses = read_guesses(words)?;
    Ok(Act::BargesIn { after_ms, guesses })
}

fn read_guesses(text: &str) -> Result<Vec<Guess>, String> {
    let mut guesses = Vec::new();
    for part in text.split('|') {
        let (words, confidence) = read_confidence(part.trim())?;
        if !words.contains(char::is_alphanumeric) {
            return Err("no words; hint: write silence, or noise, if nothing was said".into());
        }
        let usual = if guesses.is_empty() {
            DEFAULT_CONFIDENCE
        } else {
            DEFAULT_ALTERNATIVE
        };
        guesses.push(Guess {
            text: words.split_whitespace().collect::<Vec<_>>().join(" "),
            confidence: confidence.unwrap_or(usual),
        });
    }
    if guesses.len() > MOST_GUESSES {
        return Err(format!("more than {MOST_GUESSES} guesses"));
    }
    Ok(guesses)
}

/// `words (0.62)`; brackets around anything else are words.
fn read_confidence(text: &str) -> Result<(&str, Option<Confidence>), String> {
    let bracket = text
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once('('));
    let Some((words, number)) =
        bracket.filter(|(_, number)| number.starts_with(|c: char| c.is_ascii_digit() || c == '.'))
    else {
        return Ok((text, None));
    };
    let wrong = || format!("({number}) is no confidence; hint: write 0 to 1, like (0.62)");
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let plain = [whole, part]
        .iter()
        .all(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    if !plain || whole.len() > 1 || part.len() > 3 || number == "." {
        return Err(wrong());
    }
    let digits = format!("{whole:0>1}{part:0<3}");
    let confidence: Confidence = digits.parse().map_err(|_| wrong())?;
    if confidence > 1000 {
        return Err(wrong());
    }
    Ok((words.trim(), Some(confidence)))
}

pub(super) fn read_setting(text: &str) -> Result<Setting, String> {
    let (operation, mode) = text.rsplit_once(char::is_whitespace).unwrap_or((text, ""));
    let mode = match mode {
        "slow" => Mode::Slow,
        "dead" => Mode::Dead,
        _ => {
            return Err("how does it behave? hint: write back end: OPERATION slow, or dead".into());
        }
    };
    Ok(Setting {
        operation: name(operation)?,
        mode,
    })
}
