//! The facts in sentences, for the terminal and the page alike.

use super::rules::Source;
use super::timeline::{Fate, Hearing, Key, Kind, Overheard, Part, Sentence, Timeline, Turn};
use crate::audio::TICK_MS;
use crate::call::{EndOfTurn, Endpointing, Tick};
use crate::dialogue::{Completeness, Disposition, Keypad};

/// Turns the direction of the text that follows: in a caller's words it would show others than there are.
pub(super) fn turns_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A moment of the call: `0:12.34`.
pub(super) fn clock(tick: Tick) -> String {
    let ms = tick * TICK_MS;
    format!("{}:{:02}.{:02}", ms / 60_000, ms / 1000 % 60, ms / 10 % 100)
}

/// `97.3 %`, and `100 %` without a decimal.
pub(super) fn percent(confidence: u16) -> String {
    match (confidence / 10, confidence % 10) {
        (whole, 0) => format!("{whole} %"),
        (whole, tenth) => format!("{whole}.{tenth} %"),
    }
}

/// A line of the dialogue's own reasons, `per mille` in percent.
pub(super) fn reason(line: &str) -> String {
    const UNIT: &str = " per mille";
    let Some(at) = line.find(UNIT) else {
        return line.to_owned();
    };
    let digits = line[..at]
        .chars()
        .rev()
        .take_while(char::is_ascii_digit)
        .count();
    let (before, number) = line[..at].split_at(at - digits);
    let rest = reason(&line[at + UNIT.len()..]);
    match number.parse() {
        Ok(confidence) => format!("{before}{}{rest}", percent(confidence)),
        Err(_) => format!("{before}{number}{UNIT}{rest}"),
    }
}

/// Why a turn ended.
pub(super) fn ended(turn: &Turn, times: Endpointing, keys: &[Key]) -> String {
    let mut told = match (turn.kind, turn.why) {
        (Kind::Answered, _) => return "the call was answered".into(),
        (Kind::Calling, _) => return "a person's telephone rings, and the caller waits".into(),
        (Kind::Returned, _) => return "the transfer failed: the caller is back".into(),
        (Kind::Hurry, _) => return "the house closes in some seconds".into(),
        (Kind::Closing, _) => return "the house is closing".into(),
        (Kind::Silence, _) => return silence(turn),
        (Kind::Keys, _) => return keyed(turn, keys),
        (Kind::Deaf, _) => "the recogniser gave no answer".into(),
        (Kind::Noise, _) => format!(
            "there was a voice without words in it, and {} ms of pause",
            times.open_ms
        ),
        (Kind::Speech, Some(EndOfTurn::Typed)) => {
            return "it was typed: sure and whole, nothing is waited for".into();
        }
        (Kind::Speech, Some(why)) => spoken(why, times),
        (Kind::Speech, None) => "not known".into(),
    };
    if let Some(late) = held_up(turn, times) {
        told += &format!("; the recogniser held it up by {late} ms");
    }
    told
}

fn spoken(why: EndOfTurn, times: Endpointing) -> String {
    match why {
        EndOfTurn::Complete => format!(
            "the words are all that the open question asks for: {} ms of pause are enough",
            times.complete_ms
        ),
        EndOfTurn::Whole => format!(
            "the words are a whole sentence, and {} ms of pause passed",
            times.whole_ms
        ),
        EndOfTurn::Pause => format!("the usual pause of {} ms passed", times.open_ms),
        EndOfTurn::Incomplete => format!(
            "more was to come after these words, but {} ms passed without",
            times.incomplete_ms
        ),
        EndOfTurn::MaxSpeech => format!(
            "the caller had spoken for {} s, the longest turn there is",
            times.max_speech_ms / 1000
        ),
        EndOfTurn::Typed => "it was typed".into(),
    }
}

/// How much later than the pause allowed the answer of the recogniser came, in ms.
fn held_up(turn: &Turn, times: Endpointing) -> Option<u32> {
    let wait = match turn.why? {
        EndOfTurn::Complete => times.complete_ms,
        EndOfTurn::Whole => times.whole_ms,
        EndOfTurn::Pause => times.open_ms,
        EndOfTurn::Incomplete => times.incomplete_ms,
        EndOfTurn::MaxSpeech | EndOfTurn::Typed => return None,
    };
    let answered = turn.hearings.last()?.answered?;
    let after = answered.saturating_sub(turn.speech_end?) * TICK_MS;
    after.checked_sub(wait).filter(|late| *late > 0)
}

fn silence(turn: &Turn) -> String {
    let patience = turn.question.as_ref().map(|question| question.no_input_ms);
    match patience {
        Some(ms) => format!(
            "nothing was said or keyed for {} s after the prompt",
            f64::from(ms) / 1000.0
        ),
        None => "nothing was said or keyed after the prompt".into(),
    }
}

fn keyed(turn: &Turn, keys: &[Key]) -> String {
    let Some(last) = keys.iter().rev().find(|key| key.at <= turn.at) else {
        return "keys were pressed".into();
    };
    let rules = turn.question.as_ref().map(|question| &question.keypad);
    let Keypad {
        max_digits,
        termchar,
        interdigit_ms,
    } = rules.cloned().unwrap_or_default();
    if turn.at > last.at {
        let ms = (turn.at - last.at) * TICK_MS;
        return match rules {
            Some(_) => format!("no further key came for {interdigit_ms} ms"),
            None => format!("no further key came for {ms} ms"),
        };
    }
    match rules {
        Some(_) if termchar == Some(last.key) => format!("{} ends an entry", last.key),
        Some(_) if max_digits == 1 => "one key is the whole entry".into(),
        Some(_) if max_digits > 0 => format!("the entry has all its {max_digits} keys"),
        _ => "the entry was complete with its last key".into(),
    }
}

/// What words were taken for, and what that means for the wait.
pub(super) fn judged(judged: Completeness, times: Endpointing) -> String {
    match judged {
        Completeness::Complete => format!("complete: wait {} ms", times.complete_ms),
        Completeness::Whole => format!("a whole sentence: wait {} ms", times.whole_ms),
        Completeness::Open => format!("may be all: wait {} ms", times.open_ms),
        Completeness::Incomplete => format!("surely goes on: wait {} ms", times.incomplete_ms),
    }
}

/// What became of a request to the recogniser.
pub(super) fn hearing(hearing: &Hearing, times: Endpointing) -> String {
    let took = |to: Tick| (to.saturating_sub(hearing.asked)) * TICK_MS;
    let mut told = match (hearing.answered, hearing.guesses.first()) {
        (Some(at), Some(best)) => format!(
            "“{}” after {} ms, {} sure",
            hearing.text(),
            took(at),
            percent(best.confidence)
        ),
        (Some(at), None) if hearing.failed => format!("it gave up after {} ms", took(at)),
        (Some(at), None) => format!("no words, after {} ms", took(at)),
        (None, _) => "no answer".into(),
    };
    if let Some(judgement) = hearing.judged {
        told += &format!("; {}", judged(judgement, times));
    }
    if let Some(at) = hearing.dropped {
        let at = clock(at);
        told += &if hearing.answered.is_some() {
            format!("; the caller went on at {at}")
        } else {
            format!("; dropped at {at}")
        };
    }
    told
}

/// A voice that was no turn.
pub(super) fn overheard(aside: &Overheard) -> String {
    let what = match aside.words.as_str() {
        "" => "a noise".to_owned(),
        words => format!("“{words}”"),
    };
    match aside.resumed {
        Some(at) if aside.words.is_empty() => {
            format!(
                "{what} over the prompt, no words in it: the bot goes on at {}",
                clock(at)
            )
        }
        Some(at) => format!(
            "{what} over the prompt is only a nod: the bot goes on at {}",
            clock(at)
        ),
        None => format!("{what} that led to nothing"),
    }
}

/// What of a sentence was heard.
pub(super) fn fate(sentence: &Sentence) -> String {
    let length = |from: Tick, to: Tick| {
        let ms = to.saturating_sub(from) * TICK_MS;
        format!("{}.{} s", ms / 1000, ms / 100 % 10)
    };
    match (sentence.fate, sentence.from, sentence.to) {
        (Fate::Heard, ..) => "heard".into(),
        (Fate::Cut, Some(from), Some(to)) => format!("cut after {}", length(from, to)),
        (Fate::Unknown, Some(_), _) => "sounding when the record ends".into(),
        (Fate::Unheard | Fate::Cut, ..) => "never heard".into(),
        (Fate::Unknown, None, _) => "not begun when the record ends".into(),
    }
}

/// The part of a sentence that was heard, and the rest; cut at a word.
pub(super) fn parts(sentence: &Sentence) -> (&str, &str) {
    let text = sentence.text.as_str();
    let at = text
        .char_indices()
        .nth(sentence.heard_chars)
        .map_or(text.len(), |(at, _)| at);
    if at == text.len() || at == 0 {
        return text.split_at(at);
    }
    let word = text[..at].rfind(' ').map_or(0, |space| space + 1);
    let end = text[at..].find(' ').map_or(text.len(), |space| at + space);
    text.split_at(if at - word > end - at { end } else { word })
}

/// A part of a reply's time.
pub(super) fn part(part: Part) -> &'static str {
    match part {
        Part::EarlyPause => "early pause",
        Part::Recognizer => "recogniser",
        Part::More => "waiting for more",
        Part::BackEnd => "back end",
        Part::Voice => "voice",
    }
}

/// How a call was over.
pub(super) fn disposition(disposition: Disposition) -> &'static str {
    match disposition {
        Disposition::Completed => "completed",
        Disposition::HandedOver => "handed over",
        Disposition::Abandoned => "the caller hung up",
        Disposition::Failed => "failed",
    }
}

/// What one must know of where the rules come from; `None`: they are those of the call.
pub(super) fn source(source: &Source) -> Option<String> {
    let hint = "--set business.domain=FOLDER names another business";
    match source {
        Source::Same => None,
        Source::Changed => Some(
            "The business's files have changed since the call. The rules shown are those of today's business, \
             which would still do all that this call did."
                .into(),
        ),
        Source::Differs { from, changed } => {
            let why = if *changed {
                "The business's files have changed since the call"
            } else {
                "Today's engine differs from the one of the call"
            };
            let at = clock(*from);
            Some(format!(
                "{why}: from {at} on it would go another way. Rules are shown up to there, and are those of \
                 today's business; `attendant replay` shows the difference."
            ))
        }
        Source::Unanswered => Some("The call was never answered: no rule had to fire.".into()),
        Source::Other { theirs, ours } => Some(format!(
            "The call was with the business {theirs:?}, and {ours:?} is in force here: which rule fired is not \
             known. {hint}"
        )),
        Source::Unread(why) => Some(format!(
            "The business cannot be read: which rule fired is not known. {why}"
        )),
    }
}

/// The call in figures: each with what it is.
pub(super) fn figures(line: &Timeline) -> Vec<(String, &'static str)> {
    let mut figures = Vec::new();
    let mut count = |count: usize, one, more| match count {
        0 => {}
        1 => figures.push(("1".to_owned(), one)),
        count => figures.push((count.to_string(), more)),
    };
    let turns = &line.turns;
    count(line.spoken(), "turn of the caller", "turns of the caller");
    let cut = turns.iter().filter(|turn| turn.cut.is_some()).count();
    count(cut, "interruption", "interruptions");
    let back = turns.iter().filter(|turn| turn.taken_back.is_some());
    count(back.count(), "reply taken back", "replies taken back");
    let asides = turns.iter().flat_map(|turn| &turn.overheard);
    let nods = asides.filter(|aside| aside.resumed.is_some()).count();
    count(nods, "nod or noise", "nods or noises");
    let mut gaps = line.gaps_ms();
    gaps.sort_unstable();
    let median = gaps.get(gaps.len().saturating_sub(1) / 2);
    if let (Some(median), Some(worst)) = (median, gaps.last()) {
        figures.push((format!("{median} ms"), "median reply gap"));
        figures.push((format!("{worst} ms"), "longest reply gap"));
    }
    if let ms @ 1.. = line.both_ms() {
        figures.push((format!("{ms} ms"), "both spoke for"));
    }
    let end = line
        .end()
        .map_or("none", |end| disposition(end.disposition));
    figures.push((end.to_owned(), "end:"));
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn per_mille_is_told_in_percent() {
        let lines = [
            ("intent: returns (990 per mille)", "intent: returns (99 %)"),
            ("none of these: 3 per mille", "none of these: 0.3 %"),
            ("a per mille, 15 per mille", "a per mille, 1.5 %"),
            ("rule: no_input", "rule: no_input"),
        ];
        for (line, told) in lines {
            assert_eq!(reason(line), told);
        }
    }

    #[test]
    fn a_sentence_is_cut_between_words() {
        let mut sentence = Sentence {
            text: "You can return anything.".into(),
            question: false,
            said: 0,
            from: Some(0),
            to: Some(50),
            fate: Fate::Cut,
            heard_chars: 6,
            again: false,
            playback: 1,
            index: 0,
        };
        assert_eq!(parts(&sentence), ("You can", " return anything."));
        sentence.heard_chars = 9;
        assert_eq!(parts(&sentence), ("You can ", "return anything."));
        sentence.heard_chars = 0;
        assert_eq!(parts(&sentence), ("", "You can return anything."));
        sentence.heard_chars = 99;
        assert_eq!(parts(&sentence), ("You can return anything.", ""));
    }
}
