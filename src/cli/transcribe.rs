//! `attendant transcribe`: sound files to text, and their word error rate.
//!
//! Decides what is printed and which files count as failed. Reading is `audio::wav`'s affair, cutting
//! `speech::segment`'s, counting errors `speech::wer`'s; the manifest is in manifest.rs.

mod manifest;
mod reliability;
mod voiced;

use super::trouble;
use crate::audio::wav::{Channel, WavReader};
use crate::audio::{FRAME_SAMPLES, RATE_HZ};
use crate::config::Config;
use crate::dialogue::Hypothesis;
use crate::runtime::business::Business;
use crate::runtime::house::strange;
use crate::speech::hearing::hearing;
use crate::speech::segment::{Segmenter, Utterance};
use crate::speech::{Hearing, Recognized, Request};
use anyhow::Context;
use serde_json::json;
use std::collections::VecDeque;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use voiced::Voiced;

/// Longest utterance, in s: what the bundled model takes at once.
const LONGEST_S: u32 = 14;

#[derive(clap::Args)]
#[command(
    after_help = "Exit code: 0 all files were read, 1 a file failed, 2 nothing could be started."
)]
pub struct Args {
    /// WAV files, 8 to 192 kHz; several channels are mixed; `-` is standard input
    #[arg(required_unless_present = "manifest", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One JSON object per line, with times in ms and a confidence in thousandths per word
    #[arg(long)]
    json: bool,
    /// Words to expect, such as "zero one two three"; with commas, phrases: "Anna Smith, four five six"
    #[arg(long, value_name = "WORDS", default_value = "")]
    bias: String,
    /// Print the word error rate over a table (TSV) with the columns `path` and `transcript`
    ///
    /// Paths are relative to the table; without a header the first two columns count. Before counting:
    /// lower case, no punctuation, digits as words ("45" = "four five"), "oh" = "zero", no "uh" or "um".
    #[arg(
        long,
        value_name = "FILE.tsv",
        conflicts_with = "files",
        verbatim_doc_comment
    )]
    manifest: Option<PathBuf>,
    /// Print how often which confidence was exactly right, and the calibration that follows from it
    #[arg(long, requires = "manifest", conflicts_with = "json")]
    reliability: bool,
    /// Hear everything, also where the voice detector finds nobody speaking
    #[arg(long)]
    no_vad: bool,
}

/// Runs the verb.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    let table = args.manifest.as_deref().map(manifest::read).transpose()?;
    let pool = hearing(&config.recognizer, strange(&Business::open(config)?.domain))?;
    let mut out = io::stdout().lock();
    let passed = match table {
        Some(rows) => manifest::score(&rows, &*pool, &args, &mut out),
        None => print_files(&args, &*pool, &mut out),
    };
    match passed {
        Ok(true) => Ok(ExitCode::SUCCESS),
        Ok(false) => Ok(ExitCode::FAILURE),
        // The reader (`head`, a pager) has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error).context("cannot write the result"),
    }
}

fn print_files(args: &Args, pool: &dyn Hearing, out: &mut impl Write) -> io::Result<bool> {
    let mut passed = true;
    for file in &args.files {
        if args.files.len() > 1 && !args.json {
            writeln!(out, "{}:", file.display())?;
        }
        let mut heard = false;
        let done = transcribe(file, pool, args, &mut |line| {
            heard = true;
            if args.json {
                writeln!(out, "{}", line.json(file))
            } else {
                writeln!(out, "{line}")
            }?;
            out.flush()
        });
        match done {
            Ok(()) if !heard => eprintln!("{}: no speech in it", file.display()),
            Ok(()) => {}
            Err(Failure::Output(error)) => return Err(error),
            Err(Failure::File(why)) => {
                passed = false;
                eprintln!("error: {}: {why}", file.display());
                if args.json {
                    let why = why.lines().next().unwrap_or_default();
                    writeln!(out, "{}", json!({ "file": file, "error": why }))?;
                }
            }
        }
    }
    Ok(passed)
}

/// An utterance of a file as text.
struct Line {
    start_ms: u64,
    end_ms: u64,
    hypothesis: Hypothesis,
}

impl Line {
    fn json(&self, file: &Path) -> serde_json::Value {
        let Hypothesis {
            text,
            confidence,
            words,
            raw,
            model,
            tone: _,
        } = &self.hypothesis;
        let mut line = json!({
            "file": file, "start_ms": self.start_ms, "end_ms": self.end_ms,
            "text": text, "confidence": confidence, "words": words,
            "raw": raw.unwrap_or(*confidence),
        });
        if !model.is_empty() {
            line["model"] = json!(model);
        }
        line
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "[{} - {}] {}",
            Clock(self.start_ms),
            Clock(self.end_ms),
            self.hypothesis.text
        )
    }
}

/// A time in a file, `h:mm:ss.cc`, hours only where there are any.
struct Clock(u64);

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (hundredths, seconds) = (self.0 / 10 % 100, self.0 / 1000);
        if seconds >= 3600 {
            write!(f, "{}:", seconds / 3600)?;
        }
        write!(
            f,
            "{:02}:{:02}.{hundredths:02}",
            seconds / 60 % 60,
            seconds % 60
        )
    }
}

enum Failure {
    /// Of this file; the others go on.
    File(String),
    /// Nobody reads what is printed.
    Output(io::Error),
}

impl Failure {
    fn file(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::File(trouble::told(&error.into()))
    }
}

/// Hears one file, utterance by utterance, in bounded memory.
fn transcribe(
    path: &Path,
    pool: &dyn Hearing,
    args: &Args,
    each: &mut dyn FnMut(Line) -> io::Result<()>,
) -> Result<(), Failure> {
    let file = trouble::open(path).map_err(Failure::file)?;
    let mut reader = WavReader::new(BufReader::new(file), Channel::Mix).map_err(Failure::file)?;
    let mut segmenter = Segmenter::new((LONGEST_S * RATE_HZ) as usize);
    let mut waiting: VecDeque<Waiting> = VecDeque::new();
    let mut found = Vec::new();
    let mut voiced = Voiced::new();
    let spoken =
        |voiced: &mut Voiced, u: &Utterance| args.no_vad || voiced.within(u.start, u.samples.len());
    for frame in reader.by_ref() {
        voiced.push(&frame);
        segmenter.push(&frame.0, &mut |u| found.push(u));
        for utterance in found.drain(..) {
            if !spoken(&mut voiced, &utterance) {
                continue;
            }
            // No more than there are recognisers: a request that waits long would be refused.
            while waiting.len() >= pool.at_once() {
                waiting.pop_front().map_or(Ok(()), |w| w.print(each))?;
            }
            waiting.push_back(Waiting::new(utterance, pool, &args.bias));
        }
    }
    segmenter.finish(&mut |u| found.push(u));
    voiced.finish();
    found.retain(|u| spoken(&mut voiced, u));
    waiting.extend(found.into_iter().map(|u| Waiting::new(u, pool, &args.bias)));
    waiting.into_iter().try_for_each(|w| w.print(each))?;
    reader
        .warning()
        .map_or(Ok(()), |warning| Err(Failure::file(warning)))
}

/// An utterance that is being recognised.
struct Waiting {
    start_ms: u64,
    end_ms: u64,
    answer: mpsc::Receiver<Recognized>,
}

impl Waiting {
    fn new(utterance: Utterance, pool: &dyn Hearing, bias: &str) -> Self {
        let ms = |samples: u64| samples * 1000 / u64::from(RATE_HZ);
        let end = utterance.start + utterance.samples.len() as u64;
        let (done, answer) = mpsc::channel();
        let request = Request {
            samples: padded(utterance.samples),
            bias: bias.into(),
            ..Request::default()
        };
        // The receiver lives until it is asked; where an error of another line ended that, nobody asks.
        pool.recognize(request, Box::new(move |r| drop(done.send(r))));
        Self {
            start_ms: ms(utterance.start),
            end_ms: ms(end),
            answer,
        }
    }

    fn print(self, each: &mut dyn FnMut(Line) -> io::Result<()>) -> Result<(), Failure> {
        let recognized = self
            .answer
            .recv()
            .map_err(|_| Failure::File("the recogniser gave no answer".into()))?;
        let hypotheses = recognized
            .result
            .map_err(|e| Failure::File(e.to_string()))?;
        match hypotheses.into_iter().next() {
            Some(hypothesis) => each(Line {
                start_ms: self.start_ms,
                end_ms: self.end_ms,
                hypothesis,
            })
            .map_err(Failure::Output),
            None => Ok(()),
        }
    }
}

/// With 100 ms of silence on both sides: where a file begins or ends within a word there is none.
fn padded(samples: Vec<i16>) -> Vec<i16> {
    let silence = [0; 5 * FRAME_SAMPLES];
    [&silence[..], &samples, &silence].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_like_a_clock() {
        assert_eq!(Clock(0).to_string(), "00:00.00");
        assert_eq!(Clock(61_239).to_string(), "01:01.23");
        assert_eq!(Clock(36_000_000).to_string(), "10:00:00.00");
    }
}
