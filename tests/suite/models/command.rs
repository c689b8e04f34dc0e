//! `attendant models` as a command, and names of models where other verbs take files.

use super::hub::{Answer, Hub};
use super::{SIZE, body, list, nobody, write};
use crate::support::{attendant, told};
use serde_json::Value;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use tempfile::TempDir;

/// A folder with an own list (the model `tale`) and a models folder.
pub(super) struct Desk {
    dir: TempDir,
}

impl Desk {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        write(&dir.path().join("catalog.toml"), list(bytes));
        std::fs::create_dir(dir.path().join("models")).unwrap();
        Self { dir }
    }

    pub(super) fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join("models").join(name)
    }

    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = attendant(self.dir.path());
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        command
            .env_remove("HF_ENDPOINT")
            .env_remove("HF_HUB_OFFLINE")
            .env("ATTENDANT_MODELS_DIR", "models")
            .env("ATTENDANT_MODELS_CATALOG", "catalog.toml")
            .args(args);
        command
    }

    pub(super) fn run(&self, args: &[&str], env: &[(&str, &str)]) -> (Option<i32>, String, String) {
        let mut command = self.command(args);
        told(&command.envs(env.iter().copied()).output().unwrap())
    }
}

#[test]
fn a_model_is_listed_fetched_found_and_verified() {
    let bytes = body(1);
    let served = bytes.clone();
    let hub = Hub::start(move |asked| Answer::file(&served, "a", asked));
    let desk = Desk::new(&bytes);
    let row = || {
        let (code, out, err) = desk.run(&["models", "list"], &[]);
        assert_eq!((code, err.as_str()), (Some(0), ""));
        assert!(out.starts_with("NAME") && out.contains("base.en") && out.contains("built in"));
        let row = out.lines().find(|line| line.starts_with("tale "));
        row.unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(row(), "tale whisper 1 MB en no MIT");
    let (code, out, err) = desk.run(&["models", "path", "tale"], &[]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("hint: attendant models pull tale"), "{err}");

    let pull = ["models", "pull", "tale"];
    let (code, out, err) = desk.run(&pull, &[("HF_ENDPOINT", &hub.url())]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("tale is installed: models/tale.bin"), "{out}");
    assert!(out.contains("--model tale") && out.contains("MIT"), "{out}");
    assert!(err.contains("fetching tale.bin (300007 bytes)"), "{err}");
    let (code, out, _) = desk.run(&pull, &[("HF_HUB_OFFLINE", "1")]);
    assert!(
        code == Some(0) && out.contains("already, and right"),
        "{out}"
    );

    assert_eq!(row(), "tale whisper 1 MB en yes MIT");
    let (code, out, _) = desk.run(&["models", "path", "tale"], &[]);
    assert_eq!((code, out.as_str()), (Some(0), "models/tale.bin\n"));
    assert_eq!(desk.run(&["models", "path"], &[]).1, "models\n");
    let (code, out, _) = desk.run(&["models", "verify"], &[]);
    assert_eq!((code, out.as_str()), (Some(0), "tale  tale.bin  good\n"));
}

#[test]
fn the_list_as_json_has_everything() {
    let desk = Desk::new(&body(1));
    write(&desk.path("tale.bin"), body(2));
    let (code, out, _) = desk.run(&["models", "list", "--json"], &[]);
    assert_eq!(code, Some(0));
    let all: Vec<Value> = serde_json::from_str(&out).unwrap();
    let find = |name: &str| all.iter().find(|model| model["name"] == name).unwrap();
    let bundled = find("attendant-en");
    let size = std::fs::metadata(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/models/attendant-en.bin"
    ));
    assert_eq!(bundled["bytes"], size.unwrap().len());
    assert_eq!(bundled["installed"], true);
    let tale = find("tale");
    assert_eq!(
        (&tale["installed"], &tale["path"]),
        (&true.into(), &"models/tale.bin".into())
    );
    let voice = find("en_US-norman-medium");
    assert_eq!(
        (&voice["kind"], &voice["installed"]),
        (&"piper".into(), &false.into())
    );
    assert_eq!(voice["files"].as_array().unwrap().len(), 2);
    for model in &all {
        assert!(
            model["bytes"].as_u64() > Some(0) && !model["licence"].as_str().unwrap().is_empty()
        );
        for file in model["files"].as_array().unwrap() {
            assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
        }
    }
}

#[test]
fn damage_is_found_and_it_says_what_to_do() {
    let bytes = body(1);
    let desk = Desk::new(&bytes);
    let verify = |args: &[&str]| desk.run(&[&["models", "verify"], args].concat(), &[]);
    let (code, out, err) = verify(&[]);
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert!(err.contains("nothing is installed in models"), "{err}");
    let (code, out, err) = verify(&["tale"]);
    assert_eq!((code, out.as_str()), (Some(1), "tale  tale.bin  MISSING\n"));
    assert!(err.contains("hint: attendant models pull tale"), "{err}");

    let mut damaged = bytes.clone();
    damaged[7] ^= 1;
    write(&desk.path("tale.bin"), &damaged);
    let (code, out, err) = verify(&[]);
    assert!(
        code == Some(1) && out.contains("DAMAGED: its SHA-256 is"),
        "{out}"
    );
    assert!(err.contains("hint: attendant models pull tale"), "{err}");
    write(&desk.path("tale.bin"), &bytes[1..]);
    let (code, out, _) = verify(&["tale"]);
    let expected = format!("DAMAGED: {} bytes instead of {SIZE}", SIZE - 1);
    assert!(code == Some(1) && out.contains(&expected), "{out}");
    let list = desk.run(&["models", "list"], &[]).1;
    let row = list.lines().find(|line| line.starts_with("tale ")).unwrap();
    assert!(row.contains("damaged"), "{row}");
}

#[test]
fn a_name_that_is_nearly_right_is_answered_with_the_right_one() {
    let desk = Desk::new(&body(1));
    for (name, near) in [
        ("base-en", "did you mean base.en?"),
        ("ggml-small.en.bin", "did you mean small.en?"),
        ("en_US-lessac", "did you mean en_US-lessac-medium?"),
        ("tail", "did you mean tale?"),
        ("xyzzy", "attendant models list shows the names"),
    ] {
        for verb in ["pull", "verify", "path"] {
            let (code, out, err) = desk.run(&["models", verb, name], &[]);
            assert_eq!((code, out.as_str()), (Some(2), ""), "{verb} {name}");
            assert!(err.contains(near), "{verb} {name}: {err}");
        }
    }
    let (code, _, err) = desk.run(&["models", "pull", "attendant-en"], &[]);
    assert!(
        code == Some(0) && err.contains("part of the program"),
        "{err}"
    );
}

#[test]
fn the_environment_decides_where_from_and_whether() {
    let bytes = body(1);
    let served = bytes.clone();
    let pull = ["models", "pull", "tale"];
    let hub = Hub::start(move |asked| Answer::file(&served, "a", asked));
    // Through a proxy, to a host that does not exist.
    let desk = Desk::new(&bytes);
    let (code, _, err) = desk.run(
        &pull,
        &[
            ("HF_ENDPOINT", "http://mirror.invalid"),
            ("HTTP_PROXY", &hub.url()),
        ],
    );
    assert_eq!(code, Some(0), "{err}");
    let asked = hub.asked();
    assert_eq!(
        asked[0].target,
        "http://mirror.invalid/o/w/resolve/r1/tale.bin"
    );
    // Past a proxy that does not exist.
    let desk = Desk::new(&bytes);
    let past = [
        ("HF_ENDPOINT", &*hub.url()),
        ("HTTP_PROXY", &nobody()),
        ("NO_PROXY", "127.0.0.1"),
    ];
    let (code, _, err) = desk.run(&pull, &past);
    assert_eq!(code, Some(0), "{err}");

    let desk = Desk::new(&bytes);
    let asked = hub.asked().len();
    let offline = [("HF_ENDPOINT", &*hub.url()), ("HF_HUB_OFFLINE", "1")];
    let (code, _, err) = desk.run(&pull, &offline);
    assert!(
        code == Some(1) && err.contains("HF_HUB_OFFLINE is set"),
        "{err}"
    );
    assert_eq!(hub.asked().len(), asked);
    let (code, _, err) = desk.run(&pull, &[("HF_ENDPOINT", "mirror.example")]);
    assert!(
        code == Some(2) && err.contains("must begin with https://"),
        "{err}"
    );
    let (code, _, err) = desk.run(&pull, &[("HF_ENDPOINT", &nobody())]);
    assert!(code == Some(1) && err.contains("models/tale.bin"), "{err}");
}

#[test]
fn an_interrupt_keeps_what_has_arrived() {
    let bytes = body(1);
    let served = bytes.clone();
    let (release, released) = sync_channel::<()>(1);
    let released = Arc::new(std::sync::Mutex::new(released));
    let hub = Hub::start(move |asked| {
        let mut answer = Answer::file(&served, "a", asked);
        if asked.header("range").is_none() {
            let released = Arc::clone(&released);
            answer = answer.cut(100_000);
            answer.then = Some(Arc::new(move || {
                let _ = released.lock().unwrap().recv();
            }));
        }
        answer
    });
    let desk = Desk::new(&bytes);
    let pull = desk.command(&["models", "pull", "tale"]);
    // A shell starts what runs in its background with INT ignored, and that is inherited.
    let mut command = Command::new("env");
    command
        .arg("--default-signal=INT")
        .arg(pull.get_program())
        .args(pull.get_args());
    for (name, value) in pull.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if let Some(folder) = pull.get_current_dir() {
        command.current_dir(folder);
    }
    let mut child = command
        .env("HF_ENDPOINT", hub.url())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let part = desk.path("tale.bin.part");
    while std::fs::metadata(&part).map_or(0, |meta| meta.len()) < 100_000 {
        assert!(child.try_wait().unwrap().is_none(), "it ended on its own");
        std::thread::yield_now();
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    assert!(!child.wait().unwrap().success());
    release.send(()).unwrap();
    assert_eq!(std::fs::metadata(&part).unwrap().len(), 100_000);
    assert!(!desk.path("tale.bin").exists());
    let (code, _, err) = desk.run(&["models", "pull", "tale"], &[("HF_ENDPOINT", &hub.url())]);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("100000 are there already"), "{err}");
    assert!(std::fs::read(desk.path("tale.bin")).unwrap() == bytes);
}

#[test]
fn an_own_list_that_is_wrong_says_where() {
    let desk = Desk::new(&body(1));
    write(
        &desk.dir.path().join("catalog.toml"),
        "[source.w]\nkind = \"x\"\n",
    );
    let (code, _, err) = desk.run(&["models", "list"], &[]);
    assert_eq!(code, Some(2));
    assert!(
        err.contains("catalog.toml is no list of models") && err.contains("hint:"),
        "{err}"
    );
}

#[test]
fn a_model_that_is_not_installed_is_named_with_the_command_that_fetches_it() {
    let desk = Desk::new(&body(1));
    let not_installed = "hint: attendant models pull base.en";
    for args in [
        &["demo", "--model", "base.en"][..],
        &["demo", "--set", "recognizer.model=base.en"],
        &["serve", "--model", "base.en"],
        &["talk", "--model", "base.en"],
        &["transcribe", "--model", "base.en", "a.wav"],
        &["replay", "--rehear", "--model", "base.en", "a"],
    ] {
        let (code, out, err) = desk.run(args, &[]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{args:?}: {err}");
        assert!(err.contains(not_installed), "{args:?}: {err}");
    }
    for args in [
        &["say", "Hello.", "--voice", "en_US-norman-medium"][..],
        &["say", "Hello.", "--set", "voice.piper=en_US-norman-medium"],
        &["demo", "--set", "voice.piper=en_US-norman-medium"],
    ] {
        let (code, _, err) = desk.run(args, &[]);
        assert_eq!(code, Some(2), "{args:?}: {err}");
        assert!(
            err.contains("models pull en_US-norman-medium"),
            "{args:?}: {err}"
        );
    }
    let (code, _, err) = desk.run(&["demo", "--model", "en_US-norman-medium"], &[]);
    assert!(
        code == Some(2) && err.contains("recognizer.model takes a recogniser"),
        "{err}"
    );
    let (code, _, err) = desk.run(&["config", "check", "--model", "base.en"], &[]);
    assert!(
        code == Some(1) && err.contains("--model: recognizer.model: "),
        "{err}"
    );
    assert!(err.contains(not_installed), "{err}");
    // What needs no recogniser does not ask for one.
    let (code, _, err) = desk.run(
        &[
            "say", "Hello.", "--voice", "espeak", "--model", "base.en", "--out", "a.wav",
        ],
        &[],
    );
    assert!(code == Some(0) || !err.contains("base.en"), "{err}");
}

/// The recogniser in the program, under a name of an own list, hears what it hears otherwise.
#[cfg(feature = "speech")]
#[test]
fn an_installed_model_is_used_by_its_name() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let bundled = std::fs::read(root.join("models/attendant-en.bin")).unwrap();
    let desk = Desk::new(&bundled);
    write(&desk.path("tale.bin"), &bundled);
    let caller = root.join("audio-fixtures/calls/shop-demo/caller.wav");
    let heard = |args: &[&str]| {
        let caller = caller.to_str().unwrap();
        let (code, out, err) = desk.run(&[&["transcribe", caller], args].concat(), &[]);
        assert_eq!(code, Some(0), "{err}");
        out
    };
    let usual = heard(&[]);
    assert!(usual.lines().count() > 3, "{usual}");
    assert_eq!(heard(&["--model", "tale"]), usual);
    assert_eq!(heard(&["--model", "attendant-en"]), usual);
    assert_eq!(heard(&["--set", "recognizer.model=tale"]), usual);
    assert_eq!(heard(&["--model", "models/tale.bin"]), usual);
    assert_eq!(
        desk.run(&["config", "check", "--model", "tale"], &[]).0,
        Some(0)
    );
}

/// A voice of an own list is opened by its name: the warning that it is none names its file.
#[cfg(feature = "speech")]
#[test]
fn an_installed_voice_is_opened_by_its_name() {
    let sum = super::sum(b"voice");
    let desk = Desk::new(b"-");
    let list = format!(
        "[source.p]\nkind = \"piper\"\nrepository = \"o/p\"\nrevision = \"r1\"\n\
         [[model]]\nname = \"nora\"\nsource = \"p\"\nlanguages = [\"en\"]\nlicence = \"MIT\"\n\
         [[model.file]]\npath = \"n.onnx\"\nsize = 5\nsha256 = \"{sum}\"\n\
         [[model.file]]\npath = \"n.onnx.json\"\nsize = 5\nsha256 = \"{sum}\"\n"
    );
    write(&desk.dir.path().join("catalog.toml"), list);
    let say = ["say", "Hello.", "--out", "a.wav"];
    for args in [["--voice", "nora"], ["--set", "voice.piper=nora"]] {
        let line = [&say[..], &args].concat();
        let (code, _, err) = desk.run(&line, &[]);
        assert!(code == Some(2) && err.contains("models pull nora"), "{err}");
        write(&desk.path("n.onnx"), "voice");
        write(&desk.path("n.onnx.json"), "voice");
        let (code, _, err) = desk.run(&line, &[]);
        assert_eq!(code, Some(0), "{err}");
        assert!(
            err.contains("Piper voice") && err.contains("models/n.onnx"),
            "{err}"
        );
        std::fs::remove_file(desk.path("n.onnx")).unwrap();
    }
}
