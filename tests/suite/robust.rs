//! Bad input at the command line, and processes that die: a message with a way out, the right exit code,
//! and what was there before is still there.

use crate::support::{attendant, told};
use std::fs;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("audio-fixtures")
        .join(name)
}

fn run_in(dir: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    told(&attendant(dir).args(args).output().unwrap())
}

/// Every line of arguments ends with `code`, says `why`, and what to do.
fn refused(dir: &Path, cases: &[(&[&str], i32, &str)]) {
    for (args, code, why) in cases {
        let (ended, _, err) = run_in(dir, args);
        assert_eq!(ended, Some(*code), "{args:?}: {err}");
        assert!(err.contains(why), "{args:?}: {err}");
        let hinted = err
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("  hint: "));
        assert!(hinted, "{args:?}: no hint at the end: {err}");
    }
}

fn journal() -> String {
    fs::read_to_string(fixture("calls/keys-only/journal.jsonl")).unwrap()
}

#[test]
fn journals_that_cannot_be_replayed_are_refused_with_advice() {
    let dir = tempfile::tempdir().unwrap();
    let text = journal();
    let line = text.lines().nth(4).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    write("empty", b"");
    write("binary", b"RIFF\xff\xfe\x00");
    write("header", &text.as_bytes()[..60]);
    write("damaged", text.replacen(line, "garbage", 1).as_bytes());
    write(
        "later",
        text.replacen("\"journal\":1", "\"journal\":2", 1)
            .as_bytes(),
    );
    write(
        "bank",
        text.replacen("\"domain\":\"shop\"", "\"domain\":\"bank\"", 1)
            .as_bytes(),
    );
    fs::create_dir(dir.path().join("folder")).unwrap();
    fs::File::create(dir.path().join("huge"))
        .unwrap()
        .set_len(300 << 20)
        .unwrap();
    refused(
        dir.path(),
        &[
            (
                &["replay", "absent"],
                2,
                "absent is neither a call's folder",
            ),
            (&["replay", "empty"], 2, "the journal is empty"),
            (&["replay", "binary"], 2, "no journal of attendant"),
            (&["replay", "header"], 2, "no journal of attendant"),
            (&["replay", "damaged"], 2, "line 5: "),
            (
                &["replay", "later"],
                2,
                "format 2; this version reads format 1",
            ),
            (&["replay", "bank"], 2, "the call was with \"bank\""),
            (
                &["replay", "folder"],
                2,
                "folder is neither a call's folder",
            ),
            (&["replay", "huge"], 2, "longer than 268435456 bytes"),
            (&["replay", "/dev/zero"], 2, "longer than 268435456 bytes"),
            (&["replay", "--bless", "damaged"], 2, "line 5: "),
        ],
    );
    assert!(
        fs::read_to_string(dir.path().join("damaged"))
            .unwrap()
            .contains("garbage"),
        "left as it was"
    );
}

#[test]
fn a_journal_cut_off_anywhere_replays_up_to_there() {
    let dir = tempfile::tempdir().unwrap();
    let text = journal();
    let header = text.find('\n').unwrap() + 1;
    let answered = header + text[header..].find('\n').unwrap() + 1;
    // In a line, behind a line (with what the engine made of it lost), within a character.
    let behind = answered + text[answered..].find("\n{\"t\":").unwrap() + 1;
    let cuts = [(text.len() / 2) - 3, behind, answered];
    let names: Vec<String> = cuts.iter().map(|cut| format!("cut-{cut}")).collect();
    for (cut, name) in cuts.iter().zip(&names) {
        fs::write(dir.path().join(name), &text.as_bytes()[..*cut]).unwrap();
    }
    fs::write(
        dir.path().join("character"),
        [&text.as_bytes()[..answered], b"{\"t\":1,\"in\":\"\xe2\x82"].concat(),
    )
    .unwrap();
    for name in names.iter().map(String::as_str).chain(["character"]) {
        let (code, out, err) = run_in(dir.path(), &["replay", name]);
        assert_eq!(code, Some(0), "{name}: {out}{err}");
        assert!(
            out.contains(": same: ") && out.contains("cut off in mid-call"),
            "{name}: {out}"
        );
    }
}

#[test]
fn callers_and_scripts_that_cannot_be_used_are_refused_before_the_call() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("text.wav", "hello");
    write("empty.wav", "");
    write("no.toml", "x = ");
    write("typo.toml", "[[step]]\nsya = \"a.wav\"\n");
    write("key.toml", "[[step]]\nkeys = \"12x\"\n");
    write("clip.toml", "[[step]]\nsay = \"absent.wav\"\n");
    refused(
        dir.path(),
        &[
            (
                &["demo", "--caller", "absent.wav"],
                2,
                "cannot open absent.wav",
            ),
            (&["demo", "--caller", "."], 2, "Is a directory"),
            (&["demo", "--caller", "text.wav"], 2, "not a WAV file"),
            (&["demo", "--caller", "empty.wav"], 2, "empty"),
            (
                &["demo", "--script", "absent.toml"],
                2,
                "cannot read absent.toml",
            ),
            (&["demo", "--script", "no.toml"], 2, "no.toml is no script"),
            (&["demo", "--script", "typo.toml"], 2, "unknown field `sya`"),
            (
                &["demo", "--script", "key.toml"],
                2,
                "'x' is no telephone key",
            ),
            (&["demo", "--script", "clip.toml"], 2, "absent.wav"),
            (&["demo", "--script", "/dev/zero"], 2, "longer than"),
            (
                &["demo", "--now", "yesterday"],
                2,
                "\"yesterday\" is no time",
            ),
            (
                &["demo", "--name", "../elsewhere"],
                2,
                "cannot name a call's folder",
            ),
            (
                &["--config", "/dev/zero", "config", "check"],
                2,
                "no settings file",
            ),
            (&["transcribe", "--manifest", "/dev/zero"], 2, "manifest"),
        ],
    );
    assert!(!dir.path().join("recordings").exists(), "no call was made");
}

#[test]
fn a_folder_for_a_business_that_is_absent_is_named() {
    let dir = tempfile::tempdir().unwrap();
    refused(
        dir.path(),
        &[(&["serve", "--set", "business.domain=absent"], 2, "absent")],
    );
}

#[cfg(feature = "speech")]
mod with_models {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Command, Stdio};

    #[test]
    fn a_port_that_is_taken_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().to_string();
        let store = dir.path().join("store.db").display().to_string();
        let store = format!("business.store={store}");
        let args = ["serve", "--listen", &port, "--set", &store];
        refused(dir.path(), &[(&args, 2, "Address already in use")]);
    }

    #[test]
    fn sound_can_come_through_a_pipe() {
        let dir = tempfile::tempdir().unwrap();
        let sound = fs::read(fixture("speech/hours-espeak.wav")).unwrap();
        let mut child = attendant(dir.path())
            .args(["transcribe", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&sound).unwrap();
        let (code, out, _) = told(&child.wait_with_output().unwrap());
        assert!(
            code == Some(0) && out.contains("what are your opening hours"),
            "{out}"
        );
    }

    #[test]
    fn a_recording_without_its_end_still_phones_and_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let sound = fs::read(fixture("speech/hours-espeak.wav")).unwrap();
        fs::write(dir.path().join("cut.wav"), &sound[..sound.len() / 2]).unwrap();
        let (_, out, err) = run_in(dir.path(), &["demo", "--caller", "cut.wav", "--name", "c"]);
        assert!(
            out.contains("Thanks for calling") && out.contains("recorded in recordings/c"),
            "{out}"
        );
        assert!(
            err.contains("warning: cut.wav: the file ends before its header says"),
            "{err}"
        );
    }

    #[test]
    fn ten_hours_of_silence_end_by_the_bots_patience() {
        let dir = tempfile::tempdir().unwrap();
        let head = fs::read(fixture("calls/silent-caller/caller.wav")).unwrap();
        // A header that was never completed, and ten hours of zeros that take no space on the disk.
        let mut file = fs::File::create(dir.path().join("long.wav")).unwrap();
        let data = head.windows(4).position(|four| four == b"data").unwrap() + 4;
        file.write_all(&[&head[..data], &[0xff; 4]].concat())
            .unwrap();
        file.set_len(10 * 3600 * 16_000).unwrap();
        let (code, out, err) = run_in(dir.path(), &["demo", "--caller", "long.wav"]);
        assert!(
            code == Some(0) && out.contains("to a person (ThirdFailure)"),
            "{out}{err}"
        );
    }

    #[test]
    fn a_call_that_cannot_be_recorded_goes_on_and_says_so() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        let call = fixture("calls/person/caller.wav").display().to_string();
        let (code, out, err) = run_in(
            dir.path(),
            &["demo", "--caller", &call, "--set", "recordings.dir=file"],
        );
        assert_eq!(code, Some(0), "{err}");
        assert!(
            out.contains("to a person") && out.contains("NOT recorded"),
            "{out}"
        );
        assert!(
            err.contains("the call goes on, its record does not"),
            "{err}"
        );
    }

    #[test]
    fn a_call_heard_again_gives_the_same_words() {
        for call in ["person", "keys-only", "digits-one-by-one"] {
            let folder = fixture("calls").join(call);
            let (code, out, err) = run_in(
                &fixture(""),
                &["replay", "--rehear", &folder.display().to_string()],
            );
            assert_eq!(code, Some(0), "{call}: {out}{err}");
            assert!(out.contains(" words differ (0.0 %)"), "{out}");
        }
    }

    #[test]
    fn a_killed_call_leaves_a_journal_and_sound_that_replay() {
        let dir = tempfile::tempdir().unwrap();
        let mut child = attendant(dir.path())
            .args(["demo", "--real-time", "--name", "c"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // The second sentence begins after about two seconds: by then a second lies on the disk.
        let mut lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        assert!(lines.any(|line| line.contains("How can I help you?")));
        let id = child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-KILL", &id])
                .status()
                .unwrap()
                .success()
        );
        child.wait().unwrap();
        let folder = dir.path().join("recordings/c");
        let (code, out, err) = run_in(dir.path(), &["replay", "recordings/c"]);
        assert_eq!(code, Some(0), "{out}{err}");
        assert!(
            out.contains(": same: ") && out.contains("cut off in mid-call"),
            "{out}"
        );
        for (name, channels) in [("caller.wav", 1), ("call.wav", 2)] {
            let sound = hound::WavReader::open(folder.join(name)).unwrap();
            assert_eq!(sound.spec().channels, channels);
            assert!(
                sound.duration() >= 32_000,
                "{name}: {} samples",
                sound.duration()
            );
        }
    }
}
