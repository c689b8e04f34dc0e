//! Recorded calls in the hands of a developer: listed, shown, saved as tests, run again at each level, held
//! against an edited business. The real binary on the calls of `audio-fixtures/calls`.

#[cfg(feature = "speech")]
mod by_sound;

use crate::support::{attendant, told};
use std::fs;
use std::path::{Path, PathBuf};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("audio-fixtures/calls")
}

/// A folder with copies of these calls in `recordings`.
fn recorded(calls: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for call in calls {
        let to = dir.path().join("recordings").join(call);
        fs::create_dir_all(&to).unwrap();
        for file in fs::read_dir(fixtures().join(call)).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    dir
}

fn run_in(dir: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    told(&attendant(dir).args(args).output().unwrap())
}

/// The same; it must end well.
fn fine(dir: &Path, args: &[&str]) -> String {
    let (code, out, err) = run_in(dir, args);
    assert_eq!(code, Some(0), "{args:?}: {out}{err}");
    out
}

#[test]
fn calls_are_listed_shown_exported_and_deleted() {
    let dir = recorded(&["nod", "person"]);
    let dir = dir.path();
    let list = fine(dir, &["calls", "list"]);
    assert!(list.contains("nod") && list.contains("2 calls"), "{list}");
    let shown = fine(dir, &["calls", "show", "nod"]);
    assert!(
        shown.contains("caller  what is your return policy"),
        "{shown}"
    );
    let json = fine(dir, &["calls", "show", "nod", "--json"]);
    let turns: Vec<serde_json::Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // The first page (these calls have none), the greeting, two turns.
    assert_eq!(turns.len(), 4, "{json}");
    assert_eq!(turns[2]["understood"]["intent"], "return_rules");
    fine(dir, &["calls", "export", "nod"]);
    assert!(dir.join("nod.tar.gz").exists());
    assert!(fine(dir, &["calls", "delete", "nod"]).contains("1 call deleted"));
    assert!(!dir.join("recordings/nod").exists());
    for args in [
        ["calls", "show", "nod"],
        ["calls", "delete", "../nod.tar.gz"],
    ] {
        let (code, _, err) = run_in(dir, &args);
        assert_eq!(code, Some(2), "{err}");
        assert!(
            err.contains("there is no call") && err.contains("hint: "),
            "{err}"
        );
    }
}

#[test]
fn a_bad_call_becomes_a_test_that_fails_until_what_should_happen_happens() {
    let dir = recorded(&["shop-demo"]);
    let dir = dir.path();
    let saved = fine(dir, &["calls", "save", "last", "return-of-shoes"]);
    assert!(
        saved.contains("attendant replay calls/return-of-shoes"),
        "{saved}"
    );
    let expect = dir.join("calls/return-of-shoes/expect.toml");
    let text = fs::read_to_string(&expect).unwrap();
    assert!(text.contains("disposition = \"completed\""), "{text}");
    let out = fine(dir, &["replay", "calls/return-of-shoes"]);
    assert!(out.contains("all that is expected holds"), "{out}");
    fs::write(
        &expect,
        "disposition = \"handed_over\"\nmax_turns = 3\n[slots]\norder = \"1\"\n",
    )
    .unwrap();
    let (code, out, _) = run_in(
        dir,
        &["replay", "calls/return-of-shoes", "--junit", "report.xml"],
    );
    assert_eq!(code, Some(1), "{out}");
    for miss in [
        "ended as completed, expected handed_over",
        "turns, expected at most 3",
        "order is ",
    ] {
        assert!(out.contains(miss), "{miss}: {out}");
    }
    let report = fs::read_to_string(dir.join("report.xml")).unwrap();
    assert!(
        report.contains("failures=\"1\"") && report.contains("at most 3"),
        "{report}"
    );
    fs::write(&expect, "dispositoin = \"completed\"\n").unwrap();
    let (code, _, err) = run_in(dir, &["replay", "calls/return-of-shoes"]);
    assert_eq!(code, Some(2));
    assert!(
        err.contains("dispositoin") && err.contains("hint: "),
        "{err}"
    );
    // Nothing is overwritten.
    let (code, _, err) = run_in(dir, &["calls", "save", "last", "return-of-shoes"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("exists"), "{err}");
}

#[test]
fn every_recorded_call_goes_by_text_as_it_went() {
    let calls: Vec<String> = fs::read_dir(fixtures())
        .unwrap()
        .map(|call| call.unwrap().path().display().to_string())
        .collect();
    let mut args = vec!["replay", "--level", "text", "--json"];
    args.extend(calls.iter().map(String::as_str));
    let dir = tempfile::tempdir().unwrap();
    let out = fine(dir.path(), &args);
    assert_eq!(out.lines().count(), calls.len(), "{out}");
    for line in out.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(row["same"], true, "{row}");
    }
}

/// The shop of the binary, to be edited.
fn edited(dir: &Path, file: &str, from: &str, to: &str) {
    fine(dir, &["init", "shop", "my-shop"]);
    let path = dir.join("my-shop").join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn diff_lists_the_calls_that_an_edit_changes_the_worst_first() {
    let dir = recorded(&["nod", "person", "silent-caller"]);
    let dir = dir.path();
    let same = fine(dir, &["diff", "--calls", "recordings"]);
    assert!(same.contains("3 calls run again; changed: none"), "{same}");
    edited(
        dir,
        "en/prompts.toml",
        "Thanks for calling {{ title }}. Goodbye!",
        "See you soon at {{ title }}. Goodbye!",
    );
    let with = ["diff", "--calls", "recordings", "--domain", "my-shop"];
    // Other words are no other call, unless they are asked for.
    let wording = fine(dir, &with);
    assert!(wording.contains("changed: none"), "{wording}");
    let (code, out, _) = run_in(dir, &[&with[..], &["--wording"]].concat());
    assert_eq!(code, Some(1), "{out}");
    assert!(
        out.starts_with("nod: wording changes, from turn 3 on"),
        "{out}"
    );
    assert!(out.contains("+          bot     See you soon"), "{out}");
    fs::remove_dir_all(dir.join("my-shop")).unwrap();
    edited(
        dir,
        "tasks.toml",
        "[tasks.return_rules]\naside = true\nsteps = [{ say = \"return_policy\" }]",
        "[tasks.return_rules]\nsteps = [{ person = \"topic\" }]",
    );
    let (code, out, err) = run_in(dir, &with);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(
        out.starts_with("nod: outcome changes, from turn 2 on"),
        "{out}"
    );
    assert!(
        out.contains("3 calls run again; changed: 1 in outcome"),
        "{out}"
    );
}

#[test]
fn what_cannot_be_compared_is_refused_with_advice() {
    let dir = recorded(&["nod"]);
    let dir = dir.path();
    for (args, why) in [
        (
            vec!["diff", "--calls", "nowhere"],
            "there is no folder nowhere",
        ),
        (vec!["diff", "--calls", "."], "no call is recorded in ."),
        (
            vec!["diff", "--calls", "recordings", "--domain", "bank"],
            "the business here is \"bank\"",
        ),
    ] {
        let (code, _, err) = run_in(dir, &args);
        assert_eq!(code, Some(2), "{args:?}: {err}");
        assert!(
            err.contains(why) && err.contains("hint: "),
            "{args:?}: {err}"
        );
    }
}

#[cfg(all(feature = "sound", target_os = "linux"))]
#[test]
fn a_call_is_played_on_the_loudspeaker() {
    let dir = recorded(&["person"]);
    let dir = dir.path();
    let (conf, heard) = (dir.join("alsa.conf"), dir.join("heard.raw"));
    let device = format!(
        "</usr/share/alsa/alsa.conf>\npcm.!default {{ type file slave.pcm \"null\" file \"{}\" format \"raw\" }}\n",
        heard.display()
    );
    fs::write(&conf, device).unwrap();
    let play = |side: &str| {
        let mut command = attendant(dir);
        command.env("ALSA_CONFIG_PATH", &conf);
        told(
            &command
                .args(["calls", "play", "person", "--side", side])
                .output()
                .unwrap(),
        )
    };
    let (code, _, err) = play("caller");
    assert_eq!(code, Some(0), "{err}");
    let sound = fs::read(&heard).unwrap();
    assert!(
        sound.iter().any(|byte| *byte != 0),
        "{} silent bytes",
        sound.len()
    );
    // Of the recorded callers of this repository only their own side is kept.
    let (code, _, err) = play("both");
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("--side caller"), "{err}");
}
