//! `attendant say`: one half of the bot tried alone, text to speech.
//!
//! Decides where the sound goes and what is reported; how text is read is [`crate::dialogue::spoken`]'s
//! affair, how it sounds the voice's.

#[cfg(feature = "sound")]
mod loudspeaker;
mod wav;

use super::models;
use crate::audio::{RATE_HZ, resample::resample_all};
use crate::config::{Config, Voice};
use crate::dialogue::spoken::{Language, read_aloud, sentences::sentences};
use crate::speech::voice_pool::open_voice;
use anyhow::{Context, bail};
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// More text than anyone listens to (some 17 hours), in bytes.
const MAX_TEXT: u64 = 1024 * 1024;

#[derive(clap::Args)]
pub struct Args {
    /// What to say; `-` reads it from standard input
    #[arg(allow_hyphen_values = true)]
    text: String,
    /// Write a WAV file here instead of playing it; `-` writes to standard output
    #[arg(long, short, value_name = "FILE.wav")]
    out: Option<PathBuf>,
    /// `espeak`, an espeak-ng language (en-us, es, fr, de, cmn) or a Piper voice: a file, or a name of
    /// `attendant models list`
    #[arg(long, short, value_name = "NAME|PATH.onnx")]
    voice: Option<String>,
    /// Words per minute
    #[arg(long, value_name = "WPM", value_parser = clap::value_parser!(u32).range(80..=450))]
    rate: Option<u32>,
    /// Sampling rate of the WAV
    #[arg(long, value_name = "HZ", default_value_t = RATE_HZ, value_parser = clap::value_parser!(u32).range(8000..=48_000))]
    rate_hz: u32,
    /// Print voice, duration and computing time as JSON
    #[arg(long)]
    json: bool,
}

/// Where speech goes, sentence by sentence.
trait Sink {
    /// Takes samples at [`Sink::rate_hz`].
    fn play(&mut self, samples: &[i16]) -> anyhow::Result<()>;
    fn rate_hz(&self) -> u32;
    /// Everything was given: returns when it is written or was heard.
    fn finish(self: Box<Self>) -> anyhow::Result<()>;
}

/// What was done.
#[derive(serde::Serialize)]
struct Report {
    voice: String,
    sentences: usize,
    duration_ms: u64,
    synthesis_ms: f64,
    /// Computing time over the duration of the speech: below 1 is faster than it is spoken.
    real_time_factor: f64,
    sample_rate_hz: u32,
    out: Option<PathBuf>,
    warning: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// No text, no such voice, no loudspeaker, or the file cannot be written.
pub fn run(args: Args, config: &Config) -> anyhow::Result<ExitCode> {
    if args.json && args.out.as_ref().is_some_and(|out| out.as_os_str() == "-") {
        bail!("--json and --out - both write to standard output\nhint: name a file");
    }
    let text = text(&args.text)?;
    let opened = open_voice(&voice(&args, config)?, Language::English)?;
    if let Some(warning) = &opened.warning {
        eprintln!("warning: {warning}");
    }
    let mut sink = sink(&args)?;
    let mut voice = opened.voice;
    let mut computing = Duration::ZERO;
    let (mut count, mut samples, rate_hz) = (0, 0, sink.rate_hz());
    for sentence in sentences(&text) {
        let start = Instant::now();
        let speech = resample_all(&voice.synthesize(&read_aloud(sentence))?, RATE_HZ, rate_hz);
        computing += start.elapsed();
        count += 1;
        samples += speech.len() as u64;
        match sink.play(&speech) {
            Err(error) if is_broken_pipe(&error) => return Ok(ExitCode::SUCCESS),
            result => result?,
        }
    }
    if samples == 0 {
        bail!("there is nothing to say in this text\nhint: it has no letters or digits");
    }
    match sink.finish() {
        Err(error) if is_broken_pipe(&error) => return Ok(ExitCode::SUCCESS),
        result => result.with_context(|| match &args.out {
            Some(path) => format!("{} cannot be written", path.display()),
            None => "the loudspeaker failed".into(),
        })?,
    }
    let seconds = samples as f64 / f64::from(rate_hz);
    report(
        &Report {
            voice: opened.name,
            sentences: count,
            duration_ms: samples * 1000 / u64::from(rate_hz),
            synthesis_ms: (computing.as_secs_f64() * 1e6).round() / 1e3,
            real_time_factor: (computing.as_secs_f64() / seconds * 1e5).round() / 1e5,
            sample_rate_hz: rate_hz,
            out: args.out,
            warning: opened.warning,
        },
        args.json,
    )
}

fn text(argument: &str) -> anyhow::Result<String> {
    let text = if argument == "-" {
        let mut bytes = Vec::new();
        std::io::stdin()
            .take(MAX_TEXT + 1)
            .read_to_end(&mut bytes)
            .context("standard input cannot be read")?;
        String::from_utf8(bytes)
            .ok()
            .context("the text is not UTF-8\nhint: convert it, for example with iconv")?
    } else {
        argument.to_owned()
    };
    if text.len() as u64 > MAX_TEXT {
        bail!(
            "the text is longer than {} KiB\nhint: split it",
            MAX_TEXT / 1024
        );
    }
    if text.trim().is_empty() {
        bail!("there is no text to say\nhint: attendant say \"Good morning.\"");
    }
    Ok(text)
}

/// The settings with the flags over them.
fn voice(args: &Args, config: &Config) -> anyhow::Result<Voice> {
    let mut config = config.clone();
    match args.voice.as_deref() {
        None => {}
        Some("espeak") => (config.voice.piper, config.voice.piper_en) = (None, None),
        Some(name) if name.ends_with(".onnx") || name.contains(std::path::MAIN_SEPARATOR) => {
            config.voice.piper = Some(name.into());
        }
        Some(name) if models::is_voice(name, &config)? => config.voice.piper = Some(name.into()),
        Some(language) => {
            (config.voice.piper, config.voice.piper_en) = (None, None);
            config.voice.espeak = Some(language.into());
        }
    }
    let needs = models::Needs {
        hears: false,
        speaks: true,
    };
    models::resolve(&mut config, needs)?;
    config.voice.rate_wpm = args.rate.unwrap_or(config.voice.rate_wpm);
    Ok(config.voice)
}

/// Plays sound of 16 kHz on the loudspeaker, to its end.
///
/// # Errors
/// There is no loudspeaker, or it fails.
#[cfg(feature = "sound")]
pub(super) fn play(samples: &[i16]) -> anyhow::Result<()> {
    let mut sink: Box<dyn Sink> = Box::new(loudspeaker::Loudspeaker::open()?);
    // By the second: resampled whole, an hour of call would be held twice.
    for second in samples.chunks(RATE_HZ as usize) {
        sink.play(&resample_all(second, RATE_HZ, sink.rate_hz()))?;
    }
    sink.finish()
}

fn sink(args: &Args) -> anyhow::Result<Box<dyn Sink>> {
    match &args.out {
        Some(path) if path.as_os_str() == "-" => Ok(Box::new(wav::Stream::stdout(args.rate_hz)?)),
        Some(path) => wav::open(path, args.rate_hz),
        #[cfg(feature = "sound")]
        None => Ok(Box::new(loudspeaker::Loudspeaker::open()?)),
        #[cfg(not(feature = "sound"))]
        None => {
            bail!("this attendant was built without the feature `sound`\nhint: use --out FILE.wav")
        }
    }
}

/// The reader of our output had enough: no error of ours.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

fn report(report: &Report, json: bool) -> anyhow::Result<ExitCode> {
    if json {
        println!("{}", serde_json::to_string(report)?);
    } else {
        let seconds = report.duration_ms as f64 / 1000.0;
        eprintln!(
            "{seconds:.1} s of speech in {:.0} ms ({})",
            report.synthesis_ms, report.voice
        );
    }
    Ok(ExitCode::SUCCESS)
}
