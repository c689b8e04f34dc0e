//! The shelf, a bundle in any state, its first page.

use super::shelf::{Limits, Shelf, copy, delete, export};
use super::*;
use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, SystemTime};

const HEADER: &str = concat!(
    r#"{"journal":1,"attendant":"0.1.0","call":"c1","line":"twilio","endpointing":{"early_ms":160,"#,
    r#""complete_ms":200,"whole_ms":420,"open_ms":720,"incomplete_ms":2000,"max_speech_ms":15000},"#,
    r#""domain":"shop","domain_digest":"00"}"#,
    "\n"
);

/// A call of `bytes` bytes of sound that was last written so many seconds after `SystemTime::UNIX_EPOCH`.
fn call(dir: &Path, name: &str, bytes: usize, written: u64) -> PathBuf {
    let folder = dir.join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(JOURNAL), HEADER).unwrap();
    fs::write(folder.join(CALLER), vec![0; bytes]).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(written);
    let journal = File::options()
        .append(true)
        .open(folder.join(JOURNAL))
        .unwrap();
    journal.set_modified(time).unwrap();
    folder
}

fn names(dir: &Path) -> Vec<String> {
    let calls = Shelf::scan(dir).places().map(|place| place.name).collect();
    let mut calls: Vec<String> = calls;
    calls.sort();
    calls
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn the_oldest_calls_go_when_the_shelf_is_full() {
    let dir = tempfile::tempdir().unwrap();
    for (name, written) in [("old", 10), ("older", 5), ("new", 20)] {
        call(dir.path(), name, 10_000, written);
    }
    let mut shelf = Shelf::scan(dir.path());
    let limits = Limits {
        bytes: Some(22_000),
        age: None,
    };
    assert_eq!(shelf.trim(limits, at(30), &BTreeSet::new()), ["older"]);
    assert_eq!(names(dir.path()), ["new", "old"]);
    assert!(shelf.bytes() < 22_000);
}

#[test]
fn calls_go_by_age_and_those_that_go_on_stay() {
    let dir = tempfile::tempdir().unwrap();
    for (name, written) in [("open", 1), ("old", 2), ("new", 100)] {
        call(dir.path(), name, 10, written);
    }
    let mut shelf = Shelf::scan(dir.path());
    let limits = Limits {
        bytes: None,
        age: Some(Duration::from_secs(50)),
    };
    let open = BTreeSet::from(["open".to_owned()]);
    assert_eq!(shelf.trim(limits, at(101), &open), ["old"]);
    assert_eq!(names(dir.path()), ["new", "open"]);
}

#[test]
fn what_is_no_call_is_never_touched() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("photos")).unwrap();
    fs::write(dir.path().join("photos/cat.jpg"), vec![0; 100_000]).unwrap();
    let folder = call(dir.path(), "c1", 10, 1);
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    let mut shelf = Shelf::scan(dir.path());
    let nothing = Limits {
        bytes: Some(0),
        age: Some(Duration::ZERO),
    };
    assert_eq!(shelf.trim(nothing, at(9), &BTreeSet::new()), ["c1"]);
    assert!(dir.path().join("photos/cat.jpg").exists());
    assert!(folder.join("notes.txt").exists());
    assert!(delete(&dir.path().join("photos")).is_err());
    assert!(dir.path().join("photos/cat.jpg").exists());
}

#[test]
fn a_copy_is_whole_and_overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let folder = call(dir.path(), "c1", 10, 1);
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    let to = dir.path().join("saved/bad-number");
    copy(&folder, &to).unwrap();
    assert_eq!(fs::read(to.join(JOURNAL)).unwrap(), HEADER.as_bytes());
    assert!(!to.join("notes.txt").exists());
    let error = copy(&folder, &to).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
}

#[test]
fn an_exported_call_can_be_unpacked() {
    let dir = tempfile::tempdir().unwrap();
    let folder = call(dir.path(), "c1", 1000, 1);
    let packed = export(&folder, "c1", Vec::new()).unwrap();
    let out = dir.path().join("out");
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(&packed[..]));
    tar.unpack(&out).unwrap();
    assert_eq!(fs::read(out.join("c1").join(CALLER)).unwrap().len(), 1000);
    assert_eq!(Bundle::open(&out.join("c1")).unwrap().name(), "c1");
}

#[test]
fn a_call_is_read_without_a_manifest_and_with_a_broken_one() {
    let dir = tempfile::tempdir().unwrap();
    let folder = call(dir.path(), "c1", 10, 1);
    assert_eq!(Bundle::open(&folder).unwrap().manifest, None);
    fs::write(folder.join(MANIFEST), "{\"bundle\": 1, \"att").unwrap();
    let bundle = Bundle::open(&folder.join(JOURNAL)).unwrap();
    assert_eq!(bundle.manifest, None);
    assert!(bundle.journal.truncated);
    let error = Bundle::open(dir.path()).unwrap_err().to_string();
    assert!(error.contains("attendant calls list"), "{error}");
}

#[test]
fn a_manifest_is_read_as_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let began = "2026-11-29T19:00:00Z".parse().unwrap();
    let manifest = Manifest {
        bundle: manifest::FORMAT,
        attendant: "0.1.0".into(),
        call: "c1".into(),
        line: "twilio".into(),
        began,
        domain: "shop".into(),
        domain_digest: "00".into(),
        identity: Identity {
            settings_digest: "11".into(),
            second: Some(Model {
                name: "base.en".into(),
                digest: "22".into(),
            }),
            ..Identity::default()
        },
        ended: Some(Ended {
            at: began,
            ticks: 50,
            turns: 2,
            disposition: Some(crate::dialogue::Disposition::Completed),
        }),
    };
    manifest.write(dir.path()).unwrap();
    assert_eq!(Manifest::read(dir.path()), Some(manifest));
}
