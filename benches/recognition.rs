//! How long a recognition takes with the bundled model: medians over many runs, by length of the
//! utterance and number of threads; and how much longer a file of the shape of Whisper tiny.en takes
//! (random weights: the same work), as whisper.cpp runs it. Run it on a machine that does nothing else:
//! `cargo bench --bench recognition`.

#[path = "recognition/random_model.rs"]
mod random_model;
#[path = "recognition/tiny.rs"]
mod tiny;

use attendant::audio::wav::{Channel, WavReader};
use attendant::speech::packed;
use attendant::speech::whisper::{WhisperModel, WhisperRecognizer};
use attendant::speech::{Cancel, Recognizer, Request};
use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

const RUNS: usize = 31;
/// The number to reach for 3 s on one core.
const TARGET: Duration = Duration::from_millis(60);
/// As much faster than tiny.en's shape it must be.
const TARGET_RATIO: f64 = 8.0;
/// Runs of the slow models.
const FEW: usize = 7;

fn main() {
    println!("processor: {}", processor());
    println!(
        "{:>5} {:>8} {:>10} {:>10} {:>10}",
        "s", "threads", "median ms", "least ms", "90 % ms"
    );
    let model = WhisperModel::bundled().expect("the bundled model loads");
    let number = speech("number.wav");
    // Whole sentences: a fragment is unsure, and heard in more than one way.
    let twice = [&number[3200..number.len() - 4800], &number[3200..]].concat();
    for samples in [speech("yes.wav"), number.clone(), twice] {
        let seconds = samples.len() as f32 / 16_000.0;
        for threads in [1, 2] {
            let mut recognizer =
                WhisperRecognizer::new(&model, threads).expect("memory for one state");
            let times = measure(
                &mut recognizer,
                &Request {
                    samples: samples.clone(),
                    ..Request::default()
                },
            );
            let ms = |time: Duration| time.as_secs_f64() * 1000.0;
            let (median, least, most) = (times[RUNS / 2], times[0], times[RUNS * 9 / 10]);
            println!(
                "{seconds:>5.1} {threads:>8} {:>10.1} {:>10.1} {:>10.1}",
                ms(median),
                ms(least),
                ms(most)
            );
            if (3.0..4.0).contains(&seconds) && threads == 1 && median > TARGET {
                println!("      the target for 3 s on one core is {TARGET:?}");
            }
        }
    }
    compare(&model, &number);
}

/// The bundled model and tiny.en's shape on the same sound, run by run in turn, so that whatever else
/// the machine does hits all alike.
fn compare(model: &std::sync::Arc<WhisperModel>, samples: &[i16]) {
    println!("\nmedians in ms over the same 3.2 s, as many tokens each");
    println!(
        "{:>8} {:>10} {:>14} {:>8} {:>24} {:>8}",
        "threads", "bundled", "tiny.en, 30 s", "ratio", "tiny.en, fitted context", "ratio"
    );
    let tiny = tiny::Tiny::open().expect("room for 78 MB in the folder for temporary files");
    let request = Request {
        samples: samples.to_vec(),
        ..Request::default()
    };
    for threads in [1, 2] {
        let mut recognizer = WhisperRecognizer::new(model, threads).expect("memory for one state");
        let heard = recognizer
            .recognize(&request, &Cancel::default())
            .expect("the model runs");
        let text = heard.first().map_or("", |best| &best.text);
        let mut work = tiny.on(samples, text, threads);
        let mut times = [const { Vec::new() }; 3];
        for _ in 0..FEW {
            let start = Instant::now();
            std::hint::black_box(recognizer.recognize(&request, &Cancel::default()).is_ok());
            times[0].push(start.elapsed());
            times[1].push(work.run(tiny::Context::Whole));
            times[2].push(work.run(tiny::Context::Fitted));
        }
        let [ours, whole, fitted] = times.map(|mut times| {
            times.sort_unstable();
            times[FEW / 2].as_secs_f64() * 1000.0
        });
        println!(
            "{threads:>8} {ours:>10.1} {whole:>14.1} {:>8.1} {fitted:>24.1} {:>8.1}",
            whole / ours,
            fitted / ours
        );
        if whole / ours < TARGET_RATIO {
            println!("      the target is a ratio of {TARGET_RATIO}");
        }
    }
}

/// Sorted.
fn measure(recognizer: &mut WhisperRecognizer, request: &Request) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            let heard = recognizer
                .recognize(request, &Cancel::default())
                .expect("the model runs");
            std::hint::black_box(heard);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times
}

/// A recording, with 0.2 s of silence before and 0.3 s after the words.
fn speech(name: &str) -> Vec<i16> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("audio-fixtures/hearing")
        .join(name);
    let file = File::open(path).expect("the fixture is part of the repository");
    let reader = WavReader::new(file, Channel::Mix).expect("the fixture is a WAV file");
    reader.flat_map(|frame| frame.0).collect()
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or("unknown");
    name.trim_start_matches([' ', '\t', ':']).to_string()
}
