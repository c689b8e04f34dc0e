//! What the page's script draws from, as JSON that is safe within HTML. Times are in ticks; the series are
//! bytes in base64.

use crate::audio::TICK_MS;
use crate::call::Endpointing;
use crate::explain::sound::Wave;
use crate::explain::timeline::{Fate, Hearing, Sentence, Turn};
use crate::explain::{Explained, told};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The data; `turn`: the one that the page opens at.
pub(super) fn of(call: &Explained, turn: Option<usize>) -> String {
    let line = &call.timeline;
    let spans = |spans: &[crate::call::Span]| -> Vec<[u32; 2]> {
        spans.iter().map(|span| [span.from, span.to]).collect()
    };
    let keys = line.keys.iter();
    let data = json!({
        "tickMs": TICK_MS,
        "ticks": line.ticks,
        "open": turn,
        "voice": STANDARD.encode(&line.voice),
        // Only drawn where there is no waveform.
        "level": call.sound.caller.is_none().then(|| STANDARD.encode(&line.level)),
        "caller": call.sound.caller.as_ref().map(wave),
        "bot": call.sound.bot.as_ref().map(wave),
        "speech": spans(&line.speech),
        "gaps": spans(&line.gaps),
        "keys": keys.map(|key| json!([key.at, key.key])).collect::<Vec<_>>(),
        "turns": line.turns.iter().map(|turn| turned(turn, line.endpointing)).collect::<Vec<_>>(),
    });
    // No text in it can end the script that it stands in.
    data.to_string()
        .replace('<', "\\u003c")
        .replace(told::turns_text, "\u{fffd}")
}

fn wave(wave: &Wave) -> Value {
    let bytes: Vec<u8> = wave
        .extremes
        .iter()
        .flat_map(|pair| pair.map(|sample| sample as u8))
        .collect();
    json!({ "ms": wave.ms, "data": STANDARD.encode(bytes) })
}

fn turned(turn: &Turn, times: Endpointing) -> Value {
    let hearings = turn.hearings.iter();
    let asides = turn.overheard.iter();
    let heard: Vec<Value> = hearings
        .chain(asides.flat_map(|aside| &aside.hearings))
        .map(|one| hearing(one, times))
        .collect();
    let asked = turn.asked.iter();
    let stages = turn.stages.iter();
    json!({
        "n": turn.number,
        "from": turn.from,
        "at": turn.at,
        "to": turn.to(),
        "end": turn.speech_end,
        "words": turn.words,
        "kind": turn.kind,
        "why": turn.why,
        "ended": turn.ended,
        "rule": turn.rule(),
        "intent": turn.understood.as_ref().map(|understood| &understood.intent),
        "sure": turn.understood.as_ref().map(|understood| understood.confidence),
        "slots": turn.understood.as_ref().map(|understood| &understood.slots),
        "mood": turn.mood,
        "back": turn.taken_back,
        "cut": turn.cut,
        "gap": turn.gap_ms(),
        "heard": heard,
        "said": turn.said.iter().map(said).collect::<Vec<_>>(),
        "asked": asked.map(|asked| json!({
            "name": asked.name, "at": asked.at, "to": asked.answered, "result": asked.result, "action": asked.action,
        })).collect::<Vec<_>>(),
        "resumed": turn.overheard.iter().filter_map(|aside| {
            Some(json!([aside.resumed?, told::overheard(aside)]))
        }).collect::<Vec<_>>(),
        "stages": stages.map(|stage| json!([stage.what, stage.from_ms, stage.to_ms])).collect::<Vec<_>>(),
        "over": turn.end.as_ref().map(|end| json!([end.at, told::disposition(end.disposition)])),
    })
}

fn hearing(one: &Hearing, times: Endpointing) -> Value {
    json!({
        "from": one.asked,
        "to": one.answered.or(one.dropped),
        "text": one.text(),
        "dropped": one.dropped.is_some(),
        "tip": told::hearing(one, times),
    })
}

fn said(sentence: &Sentence) -> Value {
    let (heard, rest) = told::parts(sentence);
    json!({
        "from": sentence.from,
        "to": sentence.to,
        "heard": heard,
        "rest": rest,
        "cut": matches!(sentence.fate, Fate::Cut | Fate::Unheard),
        "fate": told::fate(sentence),
        "question": sentence.question,
    })
}
