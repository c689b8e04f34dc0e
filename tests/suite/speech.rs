//! Speaking as its users meet it: `attendant say`, the fallback of a broken voice, many calls at once.
//! espeak-ng does not give the same samples twice, so nothing here compares samples.

use attendant::speech::loudness::{ACTIVE_LEVEL_DBFS, active_level};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

#[cfg(feature = "speech")]
const TONE_VOICE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/models/voices/tone-test/tone-test.onnx"
);

/// `attendant say`, without anything from the environment that would choose settings or a library.
fn say(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attendant"));
    command.arg("say").args(args).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("ATTENDANT_") || text == "ORT_DYLIB_PATH" || text == "VIRTUAL_ENV" {
            command.env_remove(&name);
        }
    }
    command
}
fn run(command: &mut Command) -> Output {
    command.output().expect("the binary runs")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn wav(bytes: &[u8]) -> (u32, Vec<i16>) {
    let mut reader = hound::WavReader::new(bytes).expect("a WAV");
    let rate = reader.spec().sample_rate;
    (
        rate,
        reader
            .samples()
            .collect::<Result<_, _>>()
            .expect("samples as long as the header says"),
    )
}

fn read(path: &Path) -> (u32, Vec<i16>) {
    wav(&std::fs::read(path).expect("the file"))
}

#[test]
fn say_writes_speech_of_telephone_loudness() {
    let dir = tempfile::tempdir().expect("temporary folder");
    for rate in [8_000, 16_000, 22_050, 48_000] {
        let path = dir.path().join(format!("{rate}.wav"));
        let name = path.to_str().expect("UTF-8");
        let output = run(&mut say(&[
            "Your order is on its way.",
            "--out",
            name,
            "--rate-hz",
            &rate.to_string(),
        ]));
        assert!(output.status.success(), "{}", stderr(&output));
        let (found, samples) = read(&path);
        let seconds = samples.len() as f64 / f64::from(rate);
        assert_eq!(found, rate);
        assert!((0.8..4.0).contains(&seconds), "{seconds} s");
        assert!(
            samples.iter().all(|s| s.unsigned_abs() < 25_000),
            "clipped at {rate} Hz"
        );
        if rate == 16_000 {
            let level = active_level(&samples).expect("not silent");
            assert!((level - ACTIVE_LEVEL_DBFS).abs() < 1.5, "{level} dBFS");
        }
    }
    assert_eq!(
        std::fs::read_dir(dir.path()).expect("listed").count(),
        4,
        "no part files are left"
    );
}

#[test]
fn say_reports_as_json() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let path = dir.path().join("a.wav");
    let output = run(&mut say(&[
        "It costs $12.50. Really?",
        "--json",
        "--out",
        path.to_str().expect("UTF-8"),
    ]));
    let report: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("one JSON object");
    let (_, samples) = read(&path);
    assert_eq!(report["sentences"], 2);
    assert_eq!(report["sample_rate_hz"], 16_000);
    assert_eq!(report["duration_ms"], samples.len() as u64 / 16);
    assert!(report["real_time_factor"].as_f64().expect("a number") < 1.0);
    assert!(!report["voice"].as_str().expect("a name").is_empty());
}

#[test]
fn say_streams_any_length_to_a_pipe() {
    let output = run(&mut say(&["Hello there.", "--out", "-"]));
    assert!(!wav(&output.stdout).1.is_empty());

    let mut child = say(&["-", "--out", "-", "--rate-hz", "48000"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let text =
        "This sentence is said again and again, for more than a minute and a half. ".repeat(40);
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(text.as_bytes())
        .expect("taken");
    let output = child.wait_with_output().expect("ends");
    assert!(output.status.success());
    // More than is held back for the length: the header says "until the end".
    assert!(
        output.stdout.len() > 8 * 1024 * 1024,
        "{} bytes",
        output.stdout.len()
    );
    assert_eq!(output.stdout[40..44], [0xff; 4]);
}

#[test]
fn say_refuses_what_it_cannot_do_with_a_hint() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let inside = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_owned();
    let (good, nowhere, folder) = (inside("a.wav"), inside("no/a.wav"), inside(""));
    for args in [
        vec!["", "--out", &good],
        vec![" \n", "--out", &good],
        vec!["…", "--out", &good],
        vec!["hello", "--out", &folder],
        vec!["hello", "--out", "-", "--json"],
        vec!["-", "--out", &good],
    ] {
        let output = run(&mut say(&args));
        assert_eq!(
            output.status.code(),
            Some(2),
            "{args:?}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains("hint:"),
            "{args:?}: {}",
            stderr(&output)
        );
    }
    for args in [
        vec!["hello", "--out", &nowhere],
        vec!["hello", "--out", &good, "--rate", "1"],
        vec!["hello", "--out", &good, "--rate-hz", "7"],
    ] {
        let output = run(&mut say(&args));
        assert_eq!(
            output.status.code(),
            Some(2),
            "{args:?}: {}",
            stderr(&output)
        );
    }
    assert_eq!(
        std::fs::read_dir(dir.path()).expect("listed").count(),
        0,
        "nothing is left behind"
    );
}

#[test]
fn say_without_a_loudspeaker_points_to_a_file() {
    // An empty ALSA configuration has no device, whatever the machine has.
    let output = run(say(&["hello"]).env("ALSA_CONFIG_PATH", "/dev/null"));
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--out"), "{}", stderr(&output));
}

#[cfg(not(feature = "speech"))]
#[test]
fn a_build_without_speech_says_so() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let path = dir.path().join("a.wav");
    let output = run(&mut say(&["hello", "--out", path.to_str().expect("UTF-8")]));
    assert!(
        output.status.success() && stderr(&output).contains("built without"),
        "{}",
        stderr(&output)
    );
    assert!(!read(&path).1.is_empty());
}

#[cfg(feature = "speech")]
mod with_voices {
    use super::*;
    use attendant::config::Voice;
    use attendant::dialogue::spoken::Language;
    use attendant::speech::voice_pool::{VoicePool, open_voice, voice_pool};
    use attendant::speech::{Rendered, Speaking, Synthesizer, onnxruntime};
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::mpsc;
    use std::time::Duration;

    const LONG: Duration = Duration::from_secs(60);

    /// ONNX Runtime on this machine, if it has one. Tests that need it print that they ran without.
    fn runtime() -> Option<PathBuf> {
        let named = std::env::var_os("ATTENDANT_TEST_ONNXRUNTIME").map(PathBuf::from);
        match onnxruntime::find(named.as_deref()) {
            Ok(runtime) => Some(runtime.path),
            Err(error) if named.is_some() => {
                panic!("ATTENDANT_TEST_ONNXRUNTIME does not work: {error}")
            }
            Err(_) => {
                eprintln!(
                    "no ONNX Runtime here: only the fallback is tested (set ATTENDANT_TEST_ONNXRUNTIME)"
                );
                None
            }
        }
    }

    fn report(command: &mut Command) -> (serde_json::Value, String) {
        let output = run(command);
        let errors = stderr(&output);
        assert!(output.status.success(), "{errors}");
        (
            serde_json::from_slice(&output.stdout).expect("one JSON object"),
            errors,
        )
    }

    #[test]
    fn languages_and_rates_can_be_chosen() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("a.wav");
        let out = path.to_str().expect("UTF-8");
        let (spanish, _) = report(&mut say(&[
            "Buenos días",
            "--voice",
            "es",
            "--out",
            out,
            "--json",
        ]));
        assert_eq!(spanish["voice"], "espeak-ng es");
        let length = |rate| {
            let (report, _) = report(&mut say(&[
                "One two three four five six",
                "--rate",
                rate,
                "--out",
                out,
                "--json",
            ]));
            report["duration_ms"].as_u64().expect("a number")
        };
        assert!(length("100") > length("300") * 3 / 2);
        let output = run(&mut say(&["hello", "--voice", "klingon", "--out", out]));
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).contains("hint: choose one of en-us"),
            "{}",
            stderr(&output)
        );
    }

    #[test]
    fn a_broken_piper_voice_is_named_and_the_built_in_voice_speaks() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let file = |name: &str, content: &[u8]| {
            let path = dir.path().join(name);
            std::fs::write(&path, content).expect("written");
            path.to_str().expect("UTF-8").to_owned()
        };
        let settings = std::fs::read(format!("{TONE_VOICE}.json")).expect("settings");
        let alone = file("alone.onnx", b"no settings beside it");
        let torn = file("torn.onnx", b"x");
        file("torn.onnx.json", &settings[..100]);
        let absurd = file("absurd.onnx", b"x");
        file(
            "absurd.onnx.json",
            &String::from_utf8_lossy(&settings)
                .replace("22050", "1")
                .into_bytes(),
        );
        let garbage = file("garbage.onnx", b"this is no model");
        file("garbage.onnx.json", &settings);
        let library = file("libonnxruntime.so", b"this is no library");
        let missing = dir
            .path()
            .join("none.onnx")
            .to_str()
            .expect("UTF-8")
            .to_owned();
        let out = dir.path().join("a.wav");
        for (voice, library, want) in [
            (&*missing, None, "no such file"),
            (&*alone, None, "alone.onnx.json"),
            (&*torn, None, "torn.onnx.json"),
            (&*absurd, None, "sampling rate"),
            (&*garbage, runtime(), "garbage.onnx"),
            (TONE_VOICE, Some(library.into()), "cannot be loaded"),
            (TONE_VOICE, Some(dir.path().join("none.so")), "no such file"),
            (
                TONE_VOICE,
                Some("/dev/zero".into()),
                "no such file, or not a library",
            ),
        ] {
            let mut command = say(&[
                "hello",
                "--voice",
                voice,
                "--json",
                "--out",
                out.to_str().expect("UTF-8"),
            ]);
            if let Some(library) = library {
                command.env("ORT_DYLIB_PATH", library);
            }
            let (report, errors) = report(&mut command);
            assert_eq!(report["voice"], "espeak-ng en-us", "{voice}");
            assert!(
                errors.contains(want) && errors.contains("built-in voice speaks instead"),
                "{voice}: {errors}"
            );
            assert!(!read(&out).1.is_empty());
        }
    }

    #[test]
    fn a_piper_voice_speaks_where_onnxruntime_is() {
        let Some(library) = runtime() else { return };
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("a.wav");
        let out = path.to_str().expect("UTF-8");
        let text = "Good morning, how are you?";
        let length = |rate| {
            let mut command = say(&[
                text, "--voice", TONE_VOICE, "--rate", rate, "--out", out, "--json",
            ]);
            let (report, errors) = report(command.env("ORT_DYLIB_PATH", &library));
            assert_eq!(report["voice"], "piper tone-test", "{errors}");
            report["duration_ms"].as_u64().expect("a number")
        };
        let normal = length("165");
        // 2 ids of 20 ms for each phoneme: about 20 phonemes, then the pad at the end.
        assert!((600..2000).contains(&normal), "{normal} ms");
        assert!(length("110") > normal * 5 / 4, "a slower rate is longer");
        // Folders are searched too.
        let folder = library.parent().expect("a folder");
        let mut command = say(&[text, "--voice", TONE_VOICE, "--out", out, "--json"]);
        assert_eq!(
            report(command.env("ORT_DYLIB_PATH", folder)).0["voice"],
            "piper tone-test"
        );
    }

    #[test]
    fn speaks_where_nothing_but_the_temporary_folder_can_be_written() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let (home, temporary) = (dir.path().join("home"), dir.path().join("tmp"));
        std::fs::write(&home, b"a file, not a folder").expect("written");
        std::fs::create_dir(&temporary).expect("made");
        let out = dir.path().join("a.wav");
        let args = ["hello", "--out", out.to_str().expect("UTF-8"), "--json"];
        let (_, errors) = report(
            say(&args)
                .env_remove("XDG_CACHE_HOME")
                .env("HOME", &home)
                .env("TMPDIR", &temporary),
        );
        assert!(!errors.contains("warning"), "{errors}");
        std::fs::remove_dir_all(&temporary).expect("removed");
        let output = run(say(&args)
            .env_remove("XDG_CACHE_HOME")
            .env("HOME", &home)
            .env("TMPDIR", &home));
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).contains("hint: free some space"),
            "{}",
            stderr(&output)
        );
    }

    /// Asks `pool` for a sentence; the answer comes on the channel.
    fn ask(pool: &VoicePool, text: &str, answers: &mpsc::Sender<Rendered>) {
        let answers = answers.clone();
        pool.speak(
            text.into(),
            Box::new(move |rendered| answers.send(rendered).expect("the test listens")),
        );
    }

    #[test]
    fn many_calls_speak_at_once_with_both_engines() {
        let library = runtime();
        let plain = Arc::new(voice_pool(&Voice::default(), &[]).expect("the built-in voice"));
        let config = Voice {
            piper: Some(TONE_VOICE.into()),
            onnxruntime: library.clone(),
            ..Voice::default()
        };
        let neural = Arc::new(voice_pool(&config, &[]).expect("a voice in any case"));
        assert_eq!(
            neural.name().starts_with("piper"),
            library.is_some(),
            "{}",
            neural.name()
        );
        let calls: Vec<_> = (0..4)
            .map(|call| {
                let (plain, neural) = (Arc::clone(&plain), Arc::clone(&neural));
                std::thread::spawn(move || {
                    let (send, receive) = mpsc::channel();
                    for n in 0..30 {
                        let pool = if (call + n) % 2 == 0 { &plain } else { &neural };
                        // A third of the sentences is common to all calls, as prompts are.
                        let text = if n % 3 == 0 {
                            format!("Prompt {n}.")
                        } else {
                            format!("Call {call}, part {n}: hello, there?")
                        };
                        ask(pool, &text, &send);
                    }
                    for _ in 0..30 {
                        let rendered = receive.recv_timeout(LONG).expect("an answer for each");
                        let samples = rendered.result.expect("speech");
                        assert!(
                            samples.len() > 1600,
                            "{} samples are no sentence",
                            samples.len()
                        );
                        assert_eq!((samples[0], samples[samples.len() - 1]), (0, 0));
                    }
                    assert!(receive.try_recv().is_err(), "no answer comes twice");
                })
            })
            .collect();
        for call in calls {
            call.join().expect("no call fails");
        }
    }

    #[test]
    fn prompts_rendered_ahead_are_there_at_once() {
        let pool = voice_pool(&Voice::default(), &[]).expect("the built-in voice");
        pool.prerender(["Welcome.", "How can I help you?", ""]);
        assert!(pool.settle(LONG));
        let (send, receive) = mpsc::channel();
        ask(&pool, "How can I help you?", &send);
        // Answered by the asking thread itself, before `speak` returned.
        let rendered = receive.try_recv().expect("from the store");
        assert_eq!(rendered.took, Duration::ZERO);
        assert!(!rendered.result.expect("speech").is_empty());
    }

    #[test]
    fn every_voice_speaks_equally_loud() {
        let open = |config: &Voice| {
            open_voice(config, Language::English)
                .expect("a voice")
                .voice
        };
        let mut voices: Vec<Box<dyn Synthesizer>> = vec![];
        for language in ["en-us", "es", "de"] {
            let config = Voice {
                espeak: Some(language.into()),
                ..Voice::default()
            };
            voices.push(open(&config));
        }
        if let Some(library) = runtime() {
            let config = Voice {
                piper: Some(TONE_VOICE.into()),
                onnxruntime: Some(library),
                ..Voice::default()
            };
            voices.push(open(&config));
        }
        for mut voice in voices {
            let level = active_level(&voice.synthesize("Hola, hello, hallo.").expect("speech"))
                .expect("not silent");
            assert!((level - ACTIVE_LEVEL_DBFS).abs() < 1.5, "{level} dBFS");
        }
    }
}
