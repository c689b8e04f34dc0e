//! Hearing with the bundled model: sentences of recorded voices, sounds that are no speech, files of
//! every bad kind. What is heard is compared with audio-fixtures/hearing/manifest.tsv.
#![cfg(feature = "speech")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use attendant::audio::wav::{Channel, WavReader};
use attendant::config;
use attendant::dialogue::Hypothesis;
use attendant::speech::hearing::{hearing, whisper_pool};
use attendant::speech::whisper::{WhisperModel, WhisperRecognizer};
use attendant::speech::{Cancel, Hearing, Recognizer, Request, SpeechError};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, OnceLock, mpsc};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("audio-fixtures/hearing")
        .join(name)
}

fn sound(name: &str) -> Vec<i16> {
    let file = File::open(fixture(name)).unwrap();
    WavReader::new(file, Channel::Mix)
        .unwrap()
        .flat_map(|frame| frame.0)
        .collect()
}

fn model() -> &'static Arc<WhisperModel> {
    static MODEL: OnceLock<Arc<WhisperModel>> = OnceLock::new();
    MODEL.get_or_init(|| WhisperModel::bundled().unwrap())
}

fn hear(samples: Vec<i16>, bias: &str) -> String {
    let mut recognizer = WhisperRecognizer::new(model(), 1).unwrap();
    let request = Request {
        samples,
        bias: bias.into(),
        ..Request::default()
    };
    let heard = recognizer.recognize(&request, &Cancel::default()).unwrap();
    heard.into_iter().next().map(|h| h.text).unwrap_or_default()
}

fn attendant(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attendant"))
        .args(args)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The same noise every time, -1 to 1.
fn noise() -> impl Iterator<Item = f32> {
    let mut state = 1_u32;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    })
}

#[test]
fn words_come_with_their_confidence() {
    let mut recognizer = WhisperRecognizer::new(model(), 1).unwrap();
    let request = Request {
        samples: sound("order.wav"),
        ..Request::default()
    };
    let heard = recognizer.recognize(&request, &Cancel::default()).unwrap();
    assert_eq!(heard[0].text, "where is my order");
    assert!(
        (900..=1000).contains(&heard[0].confidence),
        "{:?}",
        heard[0]
    );
    let words: Vec<_> = heard[0].words.iter().map(|w| w.text.as_str()).collect();
    assert_eq!(words, ["where", "is", "my", "order"]);
}

#[test]
fn expected_words_do_not_spoil_a_sentence_without_them() {
    let digits = "zero one two three four five six seven eight nine";
    assert_eq!(
        hear(sound("hours.wav"), digits),
        "what are your opening hours"
    );
    assert_eq!(
        hear(sound("number.wav"), digits),
        "my order number is four five six seven one two"
    );
    // What a domain may hold: empty words, letters of other scripts, far too many.
    let strange = "\0 \u{1f600} — naïve 数字 ".to_string() + &"word ".repeat(1000);
    assert_eq!(hear(sound("yes.wav"), &strange), "yes");
}

#[test]
fn a_pause_within_a_sentence_does_not_make_words() {
    // 1 s of silence where the sentence is quietest, after "is".
    let sound = sound("number.wav");
    let at = (15_000..22_000)
        .step_by(160)
        .min_by_key(|n| {
            sound[*n..n + 800]
                .iter()
                .map(|s| i64::from(s.unsigned_abs()))
                .sum::<i64>()
        })
        .unwrap()
        + 400;
    let paused = [&sound[..at], &[0; 16_000], &sound[at..]].concat();
    assert_eq!(
        hear(paused, ""),
        "my order number is four five six seven one two"
    );
}

#[test]
fn sounds_that_are_no_speech_give_no_words() {
    let tone = |hz: f32, n: usize| (n as f32 * hz * std::f32::consts::TAU / 16_000.0).sin();
    let busy = |n: usize| {
        if n % 16_000 < 8000 {
            (tone(480.0, n) + tone(620.0, n)) * 4000.0
        } else {
            0.0
        }
    };
    let sounds: [(&str, Vec<i16>); 5] = [
        ("nothing", vec![]),
        ("digital silence", vec![0; 48_000]),
        (
            "loud noise",
            noise().take(48_000).map(|x| (x * 9000.0) as i16).collect(),
        ),
        (
            "dial tone",
            (0..48_000)
                .map(|n| ((tone(350.0, n) + tone(440.0, n)) * 5000.0) as i16)
                .collect(),
        ),
        ("busy tone", (0..48_000).map(|n| busy(n) as i16).collect()),
    ];
    for (name, samples) in sounds {
        assert_eq!(hear(samples, ""), "", "{name}");
    }
}

#[test]
fn sound_longer_than_the_models_context_is_heard_to_its_end() {
    let names = [
        "order.wav",
        "hours.wav",
        "return.wav",
        "person.wav",
        "all.wav",
        "number.wav",
        "order.wav",
    ];
    let samples: Vec<i16> = names.iter().flat_map(|name| sound(name)).collect();
    assert!(samples.len() > 13 * 16_000);
    let heard = hear(samples, "");
    // From the first sentence to the last; single words are not what this is about.
    assert!(
        heard.contains("is my order what are your opening hours")
            && heard.ends_with("where is my order"),
        "{heard}"
    );
}

#[test]
fn an_abandoned_recognition_ends_and_the_recogniser_lives_on() {
    let mut recognizer = WhisperRecognizer::new(model(), 1).unwrap();
    let request = Request {
        samples: sound("number.wav"),
        ..Request::default()
    };
    let cancel = Cancel::default();
    cancel.cancel();
    assert!(matches!(
        recognizer.recognize(&request, &cancel),
        Err(SpeechError::Abandoned)
    ));
    assert_eq!(
        recognizer.recognize(&request, &Cancel::default()).unwrap()[0]
            .words
            .len(),
        10
    );
}

/// Hears one sound with what the settings say.
fn hear_with(settings: &config::Recognizer, name: &str) -> Hypothesis {
    let hearing = hearing(settings, Box::new(|_| false)).unwrap();
    let (done, answer) = mpsc::channel();
    let request = Request {
        samples: sound(name),
        ..Request::default()
    };
    hearing.recognize(request, Box::new(move |r| done.send(r).unwrap()));
    answer.recv().unwrap().result.unwrap().remove(0)
}

#[test]
fn a_second_model_hears_again_what_the_first_is_not_sure_of() {
    let alone = config::Recognizer {
        workers: 1,
        ..Default::default()
    };
    let first = hear_with(&alone, "number.wav");
    // The bundled model behind itself, with no first answer sure enough: it agrees with itself.
    let twice = config::Recognizer {
        second: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("models/attendant-en.bin")),
        second_below: 1000,
        second_budget_ms: 20_000,
        ..alone.clone()
    };
    let second = hear_with(&twice, "number.wav");
    assert_eq!(second.text, first.text);
    assert!(
        second.confidence > first.confidence,
        "heard twice alike: {} and {}",
        first.confidence,
        second.confidence
    );
    let never = config::Recognizer {
        second_below: 0,
        ..twice
    };
    assert_eq!(hear_with(&never, "number.wav"), first);
}

#[test]
fn a_second_model_that_cannot_be_loaded_is_said_at_the_start() {
    let settings = config::Recognizer {
        second: Some("no-such-model.bin".into()),
        ..Default::default()
    };
    let Err(error) = hearing(&settings, Box::new(|_| false)) else {
        panic!("there is no such model");
    };
    assert!(error.to_string().contains("no-such-model.bin"), "{error}");
}

#[test]
fn a_calibration_beside_a_model_changes_its_confidence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.bin");
    std::fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("models/attendant-en.bin"),
        &path,
    )
    .unwrap();
    let table = folder.path().join("mine.calibration.tsv");
    std::fs::write(&table, "0\t0\n1000\t500\n").unwrap();
    let model = WhisperModel::open(&path).unwrap();
    let mut recognizer = WhisperRecognizer::new(&model, 1).unwrap();
    let request = Request {
        samples: sound("order.wav"),
        ..Request::default()
    };
    let heard = recognizer.recognize(&request, &Cancel::default()).unwrap();
    let raw = heard[0].raw.expect("the model's own confidence is kept");
    assert!(
        raw >= 900 && heard[0].confidence.abs_diff(raw / 2) <= 1,
        "{heard:?}"
    );
    std::fs::write(&table, "500 500\n400 400\n").unwrap();
    let error = WhisperModel::open(&path).unwrap_err().to_string();
    assert!(
        error.contains("mine.calibration.tsv") && error.contains("line 2"),
        "{error}"
    );
}

#[test]
fn transcribe_prints_how_far_its_confidence_can_be_trusted() {
    let manifest = fixture("manifest.tsv");
    let manifest = manifest.to_str().unwrap();
    let output = attendant(&["transcribe", "--manifest", manifest, "--reliability"]);
    let printed = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(printed.contains("0.9 to 1.0"), "{printed}");
    assert!(printed.contains("expected calibration error"), "{printed}");
    let json = attendant(&["transcribe", "--manifest", manifest, "--json"]);
    let row: serde_json::Value =
        serde_json::from_str(text(&json.stdout).lines().next().unwrap()).unwrap();
    assert!(row["exact"].as_bool().unwrap(), "{row}");
    assert!(
        row["confidence"].as_u64() > Some(500) && row["raw"].as_u64() > Some(500),
        "{row}"
    );
}

#[test]
fn calls_at_the_same_time_get_their_own_words() {
    let pool = whisper_pool(&config::Recognizer {
        workers: 2,
        ..Default::default()
    })
    .unwrap();
    let expected = [
        ("yes.wav", "yes"),
        ("no.wav", "no thank you"),
        ("hours.wav", "what are your opening hours"),
    ];
    // In rounds: on a busy machine a request at the end of a long queue would be refused.
    for _ in 0..3 {
        let answers = expected.map(|(name, words)| {
            let (done, answer) = mpsc::channel();
            let request = Request {
                samples: sound(name),
                ..Request::default()
            };
            pool.recognize(request, Box::new(move |r| done.send(r).unwrap()));
            (answer, words)
        });
        for (answer, words) in answers {
            assert_eq!(answer.recv().unwrap().result.unwrap()[0].text, words);
        }
    }
}

#[test]
fn a_model_that_cannot_be_used_is_named_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let bundled =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("models/attendant-en.bin"))
            .unwrap();
    let cases: [(&str, Option<&[u8]>, &str); 4] = [
        ("missing.bin", None, "No such file"),
        ("empty.bin", Some(b""), "the file is empty"),
        ("text.bin", Some(b"hello, I am no model"), "not a ggml file"),
        (
            "cut.bin",
            Some(&bundled[..bundled.len() - 100]),
            "ends too early",
        ),
    ];
    for (name, content, why) in cases {
        let path = folder.path().join(name);
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let error = WhisperModel::open(&path).unwrap_err().to_string();
        assert!(
            error.contains(name) && error.contains(why) && error.contains("\nhint: "),
            "{error}"
        );
    }
    let path = folder.path().join("cut.bin");
    let output = attendant(&[
        "transcribe",
        "--model",
        path.to_str().unwrap(),
        fixture("yes.wav").to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn a_model_file_hears_like_the_bundled_one() {
    let model =
        WhisperModel::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/attendant-en.bin"))
            .unwrap();
    let mut recognizer = WhisperRecognizer::new(&model, 2).unwrap();
    let request = Request {
        samples: sound("return.wav"),
        ..Request::default()
    };
    assert_eq!(
        recognizer.recognize(&request, &Cancel::default()).unwrap()[0].text,
        "I want to return the shoes"
    );
}

#[test]
fn the_manifest_gives_the_word_error_rate() {
    let output = attendant(&[
        "transcribe",
        "--json",
        "--manifest",
        fixture("manifest.tsv").to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines: Vec<serde_json::Value> = text(&output.stdout)
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let (total, files) = lines.split_last().unwrap();
    assert_eq!((files.len(), total["files"].as_u64()), (9, Some(9)));
    assert_eq!(files[0]["recognised"], "where is my order");
    let rate = total["wer"].as_f64().unwrap();
    assert!(rate <= 0.1, "{total}");
    assert!(
        total["wer_low"].as_f64().unwrap() <= rate && rate <= total["wer_high"].as_f64().unwrap(),
        "{total}"
    );
}

#[test]
fn a_bad_file_is_named_and_the_others_are_heard() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let good = std::fs::read(fixture("hours.wav")).unwrap();
    std::fs::write(path("empty.wav"), b"").unwrap();
    std::fs::write(
        path("text.wav"),
        b"this is no sound at all, but long enough for a header",
    )
    .unwrap();
    std::fs::write(path("cut.wav"), &good[..good.len() * 9 / 10]).unwrap();
    let names = [
        path("empty.wav"),
        path("text.wav"),
        path("cut.wav"),
        path("missing.wav"),
    ];
    let good = fixture("hours.wav");
    let mut args = vec!["transcribe"];
    args.extend(names.iter().map(String::as_str));
    args.push(good.to_str().unwrap());
    let output = attendant(&args);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        text(&output.stdout)
            .trim_end()
            .ends_with("what are your opening hours"),
        "{output:?}"
    );
    let errors = text(&output.stderr);
    for name in &names {
        assert!(
            errors.contains(&format!("error: {name}: ")),
            "{name} in {errors}"
        );
    }
}

#[test]
fn wrong_use_is_told_apart_from_bad_files() {
    assert_eq!(attendant(&["transcribe"]).status.code(), Some(2));
    let output = attendant(&[
        "transcribe",
        "--manifest",
        fixture("none.tsv").to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("hint: "), "{output:?}");
}
