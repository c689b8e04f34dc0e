//! The turns in words: a table of all of them, which is also what the picture says to those who do not
//! see it, and a card for each with all that is known.

use super::escaped;
use crate::audio::TICK_MS;
use crate::call::{EndOfTurn, Endpointing};
use crate::dialogue::{Hypothesis, Word};
use crate::explain::timeline::{Fate, Kind, Part, Sentence, Stage, Timeline, Turn};
use crate::explain::told;
use std::fmt::Write as _;

/// Shortest scale of the bars, in ms.
const SCALE_MS: u32 = 1000;
/// What is longer does not make all others tiny.
const LONGEST_MS: u32 = 4000;

/// Adds the table.
pub(super) fn table(page: &mut String, line: &Timeline) {
    let scale = scale(line);
    *page += "<section aria-labelledby=\"turns-title\">\n<h2 id=\"turns-title\">Turn by turn</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"Table of turns\"><table id=\"turns\">\n\
              <thead><tr><th scope=\"col\">Turn</th><th scope=\"col\">At</th><th scope=\"col\">Caller</th><th scope=\"col\">Why it ended</th>\
              <th scope=\"col\">Rule</th><th scope=\"col\">Reply after</th><th scope=\"col\">Bot</th></tr></thead>\n<tbody>\n";
    for turn in &line.turns {
        row(page, turn, scale);
    }
    *page += "</tbody></table></div>\n</section>\n";
}

fn row(page: &mut String, turn: &Turn, scale: u32) {
    let n = turn.number;
    let mut marks = String::new();
    if turn.taken_back.is_some() {
        marks += "<em class=\"mark\">taken back</em>";
    }
    if turn.cut.is_some() {
        marks += "<em class=\"mark\">interrupted</em>";
    }
    if turn.overheard.iter().any(|aside| aside.resumed.is_some()) {
        marks += "<em class=\"mark soft\">nod</em>";
    }
    if let Some(end) = &turn.end {
        let _ = write!(
            marks,
            "<em class=\"mark soft\">{}</em>",
            told::disposition(end.disposition)
        );
    }
    let sure = turn
        .guesses
        .first()
        .map(|best| told::percent(best.confidence));
    let sure = sure.map_or(String::new(), |sure| format!(" <small>{sure}</small>"));
    let said = answer(turn);
    let gap = turn
        .stages
        .last()
        .map_or("–".to_owned(), |stage| format!("{} ms", stage.to_ms));
    let _ = writeln!(
        page,
        "<tr data-turn=\"{n}\"><th scope=\"row\"><a href=\"#turn-{n}\">{n}</a></th><td class=\"num\">{}</td><td class=\"words\">{}{sure}</td>\
         <td>{}</td><td>{}</td><td class=\"gap\"><span class=\"num\">{gap}</span>{}</td><td class=\"bot\">{}{marks}</td></tr>",
        told::clock(turn.at),
        escaped(&turn.words),
        why(turn),
        escaped(&turn.rule()),
        bar(&turn.stages, scale),
        said,
    );
}

/// What of the reply was heard; the rest struck out.
fn answer(turn: &Turn) -> String {
    let mut out = String::new();
    let mut never = 0;
    for sentence in &turn.said {
        let (heard, rest) = told::parts(sentence);
        if heard.is_empty() {
            never += 1;
            continue;
        }
        let _ = write!(out, "{} ", escaped(heard));
        if !rest.is_empty() {
            let _ = write!(out, "<s>{}</s> ", escaped(rest));
        }
    }
    match never {
        0 => {}
        1 => out += "<s>1 more sentence</s> ",
        count => {
            let _ = write!(out, "<s>{count} more sentences</s> ");
        }
    }
    out
}

/// Why a turn ended, in a word or two.
fn why(turn: &Turn) -> &'static str {
    match (turn.kind, turn.why) {
        (Kind::Answered, _) => "answered",
        (Kind::Keys, _) => "keys",
        (Kind::Silence, _) => "silence",
        (Kind::Noise, _) => "noise",
        (Kind::Deaf, _) => "no recogniser",
        (Kind::Calling, _) => "a person is called",
        (Kind::Returned, _) => "back from the transfer",
        (Kind::Hurry, _) => "the house closes at once",
        (Kind::Closing, _) => "the house closes",
        (_, Some(EndOfTurn::Complete)) => "complete",
        (_, Some(EndOfTurn::Whole)) => "whole sentence",
        (_, Some(EndOfTurn::Pause)) => "usual pause",
        (_, Some(EndOfTurn::Incomplete)) => "long pause",
        (_, Some(EndOfTurn::MaxSpeech)) => "longest turn",
        (_, Some(EndOfTurn::Typed)) => "typed",
        (Kind::Speech, None) => "",
    }
}

fn scale(line: &Timeline) -> u32 {
    let lasts = line.turns.iter().filter_map(|turn| turn.stages.last());
    let longest = lasts.map(|stage| stage.to_ms).max();
    longest.unwrap_or_default().clamp(SCALE_MS, LONGEST_MS)
}

/// Where the time went, as a bar.
fn bar(stages: &[Stage], scale: u32) -> String {
    let Some(last) = stages.last() else {
        return String::new();
    };
    let scale = scale.max(1);
    let parts: Vec<_> = stages
        .iter()
        .map(|stage| {
            format!(
                "{} {} ms",
                told::part(stage.what),
                stage.to_ms - stage.from_ms
            )
        })
        .collect();
    let mut bar = format!(
        "<svg class=\"bar\" viewBox=\"0 0 {scale} 10\" preserveAspectRatio=\"none\" role=\"img\"><title>{} = {} ms</title>",
        parts.join(" + "),
        last.to_ms
    );
    for stage in stages {
        let _ = write!(
            bar,
            "<rect class=\"{}\" x=\"{}\" y=\"0\" width=\"{}\" height=\"10\"/>",
            class(stage.what),
            stage.from_ms.min(scale),
            stage.to_ms.min(scale) - stage.from_ms.min(scale)
        );
    }
    bar + "</svg>"
}

fn class(part: Part) -> &'static str {
    match part {
        Part::EarlyPause => "early",
        Part::Recognizer => "hear",
        Part::More => "more",
        Part::BackEnd => "back",
        Part::Voice => "voice",
    }
}

/// Adds the cards, all of them open but the greeting's; or only `open`.
pub(super) fn cards(page: &mut String, line: &Timeline, open: Option<usize>) {
    *page += "<section class=\"cards\" aria-labelledby=\"cards-title\">\n<h2 id=\"cards-title\">Each turn in full</h2>\n";
    for turn in &line.turns {
        let open = open.map_or(turn.number > 0, |number| number == turn.number);
        card(page, turn, line.endpointing, scale(line), open);
    }
    *page += "</section>\n";
}

fn card(page: &mut String, turn: &Turn, times: Endpointing, scale: u32, open: bool) {
    let n = turn.number;
    let open = if open { " open=\"open\"" } else { "" };
    let back = if turn.taken_back.is_some() {
        " taken-back"
    } else {
        ""
    };
    let gap = turn.stages.last().map_or(String::new(), |stage| {
        format!("<span class=\"num\">{} ms</span>", stage.to_ms)
    });
    let _ = write!(
        page,
        "<details class=\"turn{back}\" id=\"turn-{n}\" data-turn=\"{n}\"{open}>\n<summary><span class=\"badge\">{n}</span>\
         <span class=\"said\">{}</span><span class=\"when\">{} – {}</span>{gap}</summary>\n<div class=\"halves\">\n<div class=\"half\">\n<h3>Heard</h3>\n<dl>",
        escaped(&turn.words),
        told::clock(turn.from),
        told::clock(turn.at),
    );
    if let Some(asked) = turn.question.as_ref().filter(|_| n > 0) {
        let slot = if asked.slot.is_empty() {
            "anything: the open question"
        } else {
            &asked.slot
        };
        entry(page, "was asked for", &escaped(slot));
    }
    heard(page, turn, times);
    entry(
        page,
        "ended because",
        &format!("<strong>{}</strong>", escaped(&turn.ended)),
    );
    if let Some(at) = turn.taken_back {
        entry(
            page,
            "taken back",
            &format!(
                "at {}: the caller simply went on, so this was no end",
                told::clock(at)
            ),
        );
    }
    *page += "</dl>\n</div>\n<div class=\"half\">\n<h3>Decided and said</h3>\n<dl>";
    decided(page, turn);
    time(page, turn, scale);
    spoken(page, turn);
    *page += "</dl>\n</div>\n</div>\n</details>\n";
}

/// `value` is HTML already.
fn entry(page: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        let _ = write!(page, "<dt>{name}</dt><dd>{value}</dd>");
    }
}

fn heard(page: &mut String, turn: &Turn, times: Endpointing) {
    if !turn.hearings.is_empty() {
        let mut list = String::from("<ol class=\"steps\">");
        for hearing in &turn.hearings {
            let class = if hearing.dropped.is_some() {
                "dropped"
            } else {
                "used"
            };
            let _ = write!(
                list,
                "<li class=\"{class}\"><span class=\"num\">{}</span> {}</li>",
                told::clock(hearing.asked),
                escaped(&told::hearing(hearing, times))
            );
        }
        list += "</ol>";
        entry(page, "recognised", &list);
    }
    let Some(best) = turn.guesses.first() else {
        return;
    };
    if !best.words.is_empty() {
        entry(page, "word by word", &words(&best.words));
    }
    let others: String = turn.guesses[1..].iter().map(other).collect();
    if !others.is_empty() {
        entry(
            page,
            "or else",
            &format!("<ul class=\"steps\">{others}</ul>"),
        );
    }
    if let Some(raw) = best.raw {
        let text = format!(
            "{}, the model itself says {}",
            told::percent(best.confidence),
            told::percent(raw)
        );
        entry(page, "sure", &text);
    }
    entry(page, "heard by", &escaped(&best.model));
    if let Some(tone) = best.tone {
        let text = format!(
            "{} Hz, {} dB, {} syllables a minute",
            tone.pitch_hz, tone.level_db, tone.rate
        );
        entry(page, "sounded like", &text);
    }
}

/// Each word with how sure it is.
fn words(words: &[Word]) -> String {
    let mut out = String::from("<span class=\"confidences\">");
    for word in words {
        let class = match word.confidence {
            950.. => "sure",
            800..950 => "rather",
            600..800 => "hardly",
            _ => "doubtful",
        };
        let _ = write!(
            out,
            "<span class=\"word {class}\">{}<small>{}</small></span> ",
            escaped(&word.text),
            told::percent(word.confidence)
        );
    }
    out + "</span>"
}

fn other(guess: &Hypothesis) -> String {
    let text = escaped(&guess.text);
    format!("<li>“{text}” {}</li>", told::percent(guess.confidence))
}

fn decided(page: &mut String, turn: &Turn) {
    if let Some(understood) = &turn.understood {
        let mut text = match understood.intent.as_str() {
            "" => "no intent".to_owned(),
            intent => format!(
                "<b>{}</b> {}",
                escaped(intent),
                told::percent(understood.confidence)
            ),
        };
        for (name, value) in &understood.slots {
            let _ = write!(text, "<br/>{} = <b>{}</b>", escaped(name), escaped(value));
        }
        entry(page, "understood", &text);
    }
    let rule = turn.rule();
    if !rule.is_empty() {
        entry(
            page,
            "rule",
            &format!("<strong>{}</strong>", escaped(&rule)),
        );
    }
    let because: String = turn
        .rules
        .iter()
        .map(|line| format!("<li>{}</li>", escaped(&told::reason(line))))
        .collect();
    if !because.is_empty() {
        entry(
            page,
            "because",
            &format!("<ul class=\"steps\">{because}</ul>"),
        );
    }
    let path: Vec<_> = turn
        .path
        .iter()
        .map(|step| format!("<code>{}</code>", escaped(step)))
        .collect();
    entry(page, "path", &path.join(" → "));
    if let Some(mood) = turn.mood.filter(|mood| *mood != 0) {
        entry(page, "mood", &format!("{mood} on a scale of −1000 to 1000"));
    }
    for asked in &turn.asked {
        let pairs = |pairs: &[(String, String)]| {
            let pairs = pairs
                .iter()
                .map(|(name, value)| format!("{} = {}", escaped(name), escaped(value)));
            pairs.collect::<Vec<_>>().join(", ")
        };
        let took = asked
            .answered
            .map(|at| at.saturating_sub(asked.at) * TICK_MS);
        let took = took.map_or(String::new(), |ms| format!(", {ms} ms"));
        let mut text = format!(
            "<code>{}</code>({}): {}{took}",
            escaped(&asked.name),
            pairs(&asked.arguments),
            escaped(&asked.result)
        );
        if !asked.row.is_empty() {
            let _ = write!(text, "<br/><small>{}</small>", pairs(&asked.row));
        }
        entry(page, if asked.action { "does" } else { "looks up" }, &text);
    }
}

fn time(page: &mut String, turn: &Turn, scale: u32) {
    let Some(last) = turn.stages.last() else {
        return;
    };
    let since = if turn.speech_end.is_some() {
        "sound"
    } else {
        "key"
    };
    let mut text = bar(&turn.stages, scale.max(last.to_ms));
    text += "<ul class=\"parts\">";
    for stage in &turn.stages {
        let _ = write!(
            text,
            "<li><i class=\"swatch {}\"></i>{} <b class=\"num\">{} ms</b></li>",
            class(stage.what),
            told::part(stage.what),
            stage.to_ms - stage.from_ms
        );
    }
    let _ = write!(
        text,
        "<li>= <b class=\"num\">{} ms</b> after the last {since}</li></ul>",
        last.to_ms
    );
    entry(page, "time", &text);
}

fn spoken(page: &mut String, turn: &Turn) {
    let mut text = String::new();
    for sentence in &turn.said {
        text += &said(sentence);
    }
    for aside in &turn.overheard {
        let _ = write!(
            text,
            "<li class=\"aside\"><span class=\"num\">{}</span> {}</li>",
            told::clock(aside.at),
            escaped(&told::overheard(aside))
        );
    }
    if let Some(at) = turn.cut {
        let _ = write!(
            text,
            "<li class=\"aside bad\"><span class=\"num\">{}</span> the caller cuts in: the bot stops</li>",
            told::clock(at)
        );
    }
    if let Some(end) = &turn.end {
        let _ = write!(
            text,
            "<li class=\"aside\"><span class=\"num\">{}</span> the end: {}</li>",
            told::clock(end.at),
            told::disposition(end.disposition)
        );
        if !end.handover.is_empty() {
            let _ = write!(
                text,
                "<li class=\"aside\">to a person, {}</li>",
                escaped(&end.handover)
            );
        }
    }
    if !text.is_empty() {
        entry(page, "the bot", &format!("<ol class=\"steps\">{text}</ol>"));
    }
}

/// A sentence, and what of it was heard.
fn said(sentence: &Sentence) -> String {
    let at = sentence.from.map_or_else(|| "–".to_owned(), told::clock);
    let (heard, rest) = told::parts(sentence);
    let mut text = format!(
        "<li><span class=\"num\">{at}</span> <span class=\"sentence\">{}",
        escaped(heard)
    );
    if !rest.is_empty() {
        let _ = write!(text, "<s>{}</s>", escaped(rest));
    }
    text += "</span>";
    if sentence.fate != Fate::Heard {
        let _ = write!(
            text,
            " <em class=\"mark\">{}</em>",
            escaped(&told::fate(sentence))
        );
    } else if sentence.again {
        text += " <em class=\"mark soft\">again</em>";
    }
    text + "</li>"
}
