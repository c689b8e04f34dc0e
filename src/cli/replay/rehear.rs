//! `attendant replay --rehear`: the sound of each turn to the recogniser of today, and word errors.

use super::clock;
use crate::audio::wav::{Channel, WavReader};
use crate::bundle::{Bundle, CALLER};
use crate::call::journal::{Entry, Journal};
use crate::call::{Action, Event, Recognition, RecognitionId, Tick};
use crate::dialogue::spoken::Language;
use crate::runtime::house::House;
use crate::runtime::sound::Sound;
use crate::speech::wer::{self, Errors};
use crate::speech::{Recognized, Request};
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::mpsc::channel;

/// One recognition of the call, heard again.
struct Turn {
    tick: Tick,
    then: String,
    request: Request,
}

/// Hears a call again and prints it.
///
/// # Errors
/// Its journal or its sound cannot be read.
pub(super) fn rehear(path: &Path, house: &House, json: bool) -> anyhow::Result<u8> {
    let bundle = Bundle::open(path)?;
    let journal = bundle.journal;
    let caller = bundle.folder.join(CALLER);
    let file = File::open(&caller).with_context(|| format!("cannot open {}", caller.display()))?;
    let frames = WavReader::new(BufReader::new(file), Channel::Mix)
        .with_context(|| caller.display().to_string())?;
    let turns = turns(&journal, frames);
    let mut scores = Vec::new();
    for turn in turns {
        let (sender, receiver) = channel::<Recognized>();
        house.hearing.recognize(
            turn.request,
            Box::new(move |recognized| drop(sender.send(recognized))),
        );
        let recognized = receiver.recv().context("the recogniser died")?;
        let now = recognized
            .result?
            .first()
            .map(|best| best.text.clone())
            .unwrap_or_default();
        let score = wer::compare(&turn.then, &now);
        if json {
            let line = serde_json::json!({"tick": turn.tick, "then": turn.then, "now": now, "errors": score.total(), "words": score.words});
            println!("{line}");
        } else {
            let mark = if score.total() == 0 { ' ' } else { '!' };
            println!(
                "{mark} {} then: {:<40} now: {now}",
                clock(turn.tick),
                turn.then
            );
        }
        scores.push(score);
    }
    let total: Errors = scores.iter().copied().sum();
    if !json {
        let (turns, rate) = (scores.len(), 100.0 * total.rate());
        println!(
            "{}: {turns} recognitions, {} of {} words differ ({rate:.1} %)",
            path.display(),
            total.total(),
            total.words
        );
    }
    Ok(u8::from(total.total() > 0))
}

/// Every recognition that the call used, with the sound it was made from.
fn turns(journal: &Journal, mut frames: impl Iterator<Item = crate::audio::Frame>) -> Vec<Turn> {
    let mut sound = Sound::new(journal.header.endpointing.max_speech_ms);
    let mut asked: BTreeMap<RecognitionId, Request> = BTreeMap::new();
    let mut turns = Vec::new();
    let mut now = 0;
    for (tick, entry) in &journal.entries {
        match entry {
            Entry::In(Event::Heard(heard)) => {
                now += 1;
                sound.push(now, &frames.next().unwrap_or_default(), *heard);
            }
            Entry::In(Event::Gap) => {
                now += 1;
                frames.next();
            }
            Entry::Out(Action::Recognize {
                id,
                spans,
                bias,
                language,
            }) => {
                asked.insert(
                    *id,
                    Request {
                        samples: sound.samples(spans),
                        bias: bias.clone(),
                        language: Language::from_code(language),
                    },
                );
            }
            Entry::In(Event::Recognized { id, outcome }) => {
                let then = match outcome {
                    Recognition::Words(words) => words
                        .first()
                        .map(|best| best.text.clone())
                        .unwrap_or_default(),
                    Recognition::Nothing | Recognition::Failed => String::new(),
                };
                if let Some(request) = asked.remove(id) {
                    turns.push(Turn {
                        tick: *tick,
                        then,
                        request,
                    });
                }
            }
            _ => {}
        }
    }
    turns
}
