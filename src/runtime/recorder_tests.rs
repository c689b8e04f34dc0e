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

/// Files of this process in the folder.
fn held_open(folder: &Path) -> usize {
    fs::read_dir("/proc/self/fd")
        .expect("Linux")
        .flatten()
        .filter(|fd| fs::read_link(fd.path()).is_ok_and(|file| file.starts_with(folder)))
        .count()
}

#[test]
fn a_call_that_rests_holds_no_file_and_is_written_on_when_it_comes_back() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let limits = Limits {
        bytes: Some(1),
        age: None,
    };
    let recorder = Recorder::start_within(dir.path(), true, limits);
    let mut record = recorder.record("c1");
    record.begin(manifest("c1"));
    record.journal.extend_from_slice(b"1\n");
    (0..60).for_each(|_| record.tick(None, None));
    record.rest();
    // The thread works in order: when it has written the next call, the first one rests.
    drop(recorder.record("c2"));
    let next = dir.path().join("c3/journal.jsonl");
    let third = recorder.record("c3");
    while !next.exists() {
        std::thread::yield_now();
    }
    let folder = dir.path().join("c1");
    assert_eq!(held_open(&folder), 0);
    assert!(folder.exists(), "a call that rests is not an old call");
    record.journal.extend_from_slice(b"2\n");
    (0..60).for_each(|_| record.tick(None, None));
    record.end(ENDED);
    drop((record, third));
    drop(recorder.record("c4"));
    let lost = Arc::clone(&recorder.lost);
    drop(recorder);
    assert_eq!(lost.load(Ordering::Relaxed), 0);
    assert!(!folder.exists(), "it is one in the end");
}

#[test]
fn a_call_that_rested_is_whole() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let recorder = Recorder::start(dir.path(), true);
    let mut record = recorder.record("c1");
    for line in [b"1\n", b"2\n"] {
        record.journal.extend_from_slice(line);
        (0..60).for_each(|_| record.tick(Some(&Frame([3; FRAME_SAMPLES])), None));
        record.rest();
    }
    drop(record);
    drop(recorder);
    let folder = dir.path().join("c1");
    let journal = fs::read(folder.join(JOURNAL)).expect("a journal");
    assert_eq!(journal, b"1\n2\n");
    for (file, channels) in [(CALLER, 1), (BOTH, 2)] {
        let wav = hound::WavReader::open(folder.join(file)).expect("a WAV file");
        assert_eq!(wav.duration() as usize, 120 * FRAME_SAMPLES, "{file}");
        assert_eq!(wav.spec().channels, channels);
    }
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
