//! What is on disk after a call, whatever the disk did.

use super::*;

const ENDED: Ended = Ended {
    at: jiff::Timestamp::UNIX_EPOCH,
    ticks: 7,
    turns: 1,
    disposition: None,
};

fn manifest(call: &str) -> Manifest {
    Manifest {
        bundle: crate::bundle::manifest::FORMAT,
        attendant: "0".into(),
        call: call.into(),
        line: "twilio".into(),
        began: jiff::Timestamp::UNIX_EPOCH,
        domain: "shop".into(),
        domain_digest: "00".into(),
        identity: Identity::default(),
        ended: None,
    }
}

#[test]
fn a_call_is_recorded_both_sides() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let recorder = Recorder::start(dir.path(), true);
    let mut record = recorder.record("c1");
    record.journal.extend_from_slice(b"{}\n");
    for _ in 0..75 {
        record.tick(Some(&Frame([3; FRAME_SAMPLES])), None);
    }
    drop(record);
    drop(recorder);
    let folder = dir.path().join("c1");
    assert_eq!(
        fs::read(folder.join("journal.jsonl")).expect("a journal"),
        b"{}\n"
    );
    let caller = hound::WavReader::open(folder.join("caller.wav")).expect("a WAV file");
    assert_eq!(caller.duration() as usize, 75 * FRAME_SAMPLES);
    let mut call = hound::WavReader::open(folder.join("call.wav")).expect("a WAV file");
    assert_eq!(
        call.samples::<i16>().take(2).flatten().collect::<Vec<_>>(),
        [3, 0]
    );
}

#[test]
fn a_call_says_how_it_ended_and_what_it_was_made_with() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let made = Identity {
        settings_digest: "5e77".into(),
        ..Identity::default()
    };
    let recorder = Recorder::start(dir.path(), false).of(made.clone());
    let mut record = recorder.record("c1");
    record.begin(manifest("c1"));
    record.end(ENDED);
    drop(record);
    drop(recorder);
    let manifest = Manifest::read(&dir.path().join("c1")).expect("a manifest");
    assert_eq!((manifest.identity, manifest.ended), (made, Some(ENDED)));
}

#[test]
fn old_calls_make_room_for_new_ones() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let limits = Limits {
        bytes: Some(100_000),
        age: None,
    };
    let recorder = Recorder::start_within(dir.path(), true, limits);
    for call in ["c1", "c2", "c3"] {
        let mut record = recorder.record(call);
        // A second weighs 96 kB.
        (0..50).for_each(|_| record.tick(None, None));
    }
    drop(recorder);
    let shelf = Shelf::scan(dir.path());
    let left: Vec<String> = shelf.places().map(|place| place.name).collect();
    assert_eq!(left, ["c3"]);
}

#[test]
fn a_full_disk_costs_the_record_and_is_counted() {
    // Writing to /dev/full fails with ENOSPC, as a full disk does.
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path().join("c1");
    fs::create_dir(&folder).expect("a folder");
    std::os::unix::fs::symlink("/dev/full", folder.join("journal.jsonl")).expect("a link");
    let recorder = Recorder::start(dir.path(), true);
    let lost = Arc::clone(&recorder.lost);
    let mut record = recorder.record("c1");
    record.begin(manifest("c1"));
    record.journal.extend_from_slice(b"{}\n");
    (0..100).for_each(|_| record.tick(None, None));
    record.end(ENDED);
    drop(record);
    drop(recorder);
    assert!(lost.load(Ordering::Relaxed) > 0);
    let kept = Manifest::read(&folder).expect("its first page has room");
    assert_eq!(
        kept.ended,
        Some(ENDED),
        "how it ended is known all the same"
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_counted() {
    let recorder = Recorder::start(Path::new("/proc/nowhere"), true);
    let lost = Arc::clone(&recorder.lost);
    drop(recorder.record("c1"));
    drop(recorder);
    assert!(lost.load(Ordering::Relaxed) > 0);
}
