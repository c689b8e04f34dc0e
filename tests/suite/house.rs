//! Real sessions behind the real server, called over sockets by the load tool: whole calls with
//! handover and return, and what models, disks and callers do to them. Time is the runtime's paused
//! clock: calls of a minute take moments.

use super::line::house::{FakeSwitchboard, House as Server, options};
use super::support::{CapturedLogs, small_shop};
use attendant::audio::{Digit, Frame};
use attendant::call::journal::{Entry, Journal};
use attendant::call::replay::replay;
use attendant::call::{Action, Call, Endpointing, Event};
use attendant::config::Config;
use attendant::dialogue::{Dialogue, Disposition};
use attendant::line::server::Options;
use attendant::line::{HouseSwitchboard, Switchboard};
use attendant::load::clip::Clip;
use attendant::load::dialect::DialStatus;
use attendant::load::report::Report;
use attendant::load::twilio::Twilio;
use attendant::load::{Plan, Turn, run};
use attendant::runtime::house::House;
use attendant::runtime::recorder::Recorder;
use attendant::runtime::session::{Ending, LineTraits, Out, Session};
use attendant::speech::hearing_pool::HearingPool;
use attendant::speech::scripted::{Scripted, sure};
use attendant::speech::{
    Cancel, Hearing, Recognized, Recognizer, Rendered, Request, Saying, Speaking, SpeechError,
};
use attendant::store::BackEnd;
use jiff::civil::{Date, DateTime};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Done = Box<dyn FnOnce(Recognized) + Send>;

/// Hears from a script, at once: `!` is a failure, `?` no answer ever; after the last, nothing.
#[derive(Default)]
pub struct Ears {
    script: Mutex<VecDeque<&'static str>>,
    unanswered: Mutex<Vec<Done>>,
}

impl Ears {
    pub fn hearing(script: &[&'static str]) -> Arc<Self> {
        Arc::new(Self {
            script: Mutex::new(script.iter().copied().collect()),
            ..Self::default()
        })
    }
}

impl Hearing for Ears {
    fn recognize(&self, _: Request, done: Done) -> Cancel {
        let result = match self.script.lock().unwrap().pop_front() {
            Some("?") => {
                self.unanswered.lock().unwrap().push(done);
                return Cancel::default();
            }
            Some("!") => Err(SpeechError::Model("asked to fail".into())),
            words => Ok(words.map(sure).into_iter().collect()),
        };
        done(Recognized {
            doubted: false,
            result,
            took: Duration::ZERO,
            queued: Duration::ZERO,
        });
        Cancel::default()
    }
}

/// 400 ms of sound for every sentence, at once.
pub struct Beeps;

impl Speaking for Beeps {
    fn speak(&self, _: Saying, done: Box<dyn FnOnce(Rendered) + Send>) {
        let beep: Arc<[i16]> = (0..6400)
            .map(|n| if n / 20 % 2 == 0 { 4000 } else { -4000 })
            .collect();
        done(Rendered {
            result: Ok(beep),
            took: Duration::ZERO,
        });
    }
}

pub const LINE: LineTraits = LineTraits {
    name: "twilio",
    marks: true,
    lead: 4,
    ..LineTraits::PLAIN
};

/// The small shop's back end, forgotten with the house.
pub fn back_end(today: Date) -> BackEnd {
    BackEnd::new(Arc::new(small_shop().store(None, today).unwrap()))
}

pub fn shop(hearing: Arc<dyn Hearing>, recordings: &Path) -> Arc<House> {
    let now: DateTime = "2026-11-23T10:00".parse().unwrap();
    Arc::new(House {
        domain: Arc::clone(&small_shop().domain),
        back_end: back_end(now.date()),
        hearing,
        speaking: Arc::new(Beeps),
        endpointing: Endpointing::from(&Config::default().call),
        recorder: Some(Recorder::start(recordings, true)),
        recognizer: "scripted".into(),
        desk: None,
        now: Some(now),
    })
}

pub async fn serve(house: &Arc<House>, options: Options) -> Server {
    let seats = Arc::new(HouseSwitchboard::new(Arc::clone(house)));
    Server::open_with(options, seats, Arc::new(FakeSwitchboard::default())).await
}

/// One word, so that it is heard once; what it is taken for is the script's affair.
pub fn says_something() -> Turn {
    let word = Clip::shop().into_iter().find(|clip| clip.name == "yes");
    Turn::Say(Arc::new(word.expect("the built-in caller says yes")))
}

pub fn plan(server: &Server, seconds: u64, turns: Vec<Turn>) -> Plan {
    Plan {
        dialect: Arc::new(Twilio::new(&server.base, None)),
        callers: 1,
        duration: Duration::from_secs(seconds),
        every: Duration::from_secs(2),
        turns,
        barge_in_after: None,
        hang_up_after: None,
        dial_status: DialStatus::NoAnswer,
        ring: Duration::ZERO,
    }
}

/// Closes the server and the house: every record is on the disk, or its loss counted (returned).
pub async fn close(server: Server, house: Arc<House>) -> u64 {
    server.stop.drain.cancel();
    assert_eq!(server.server.await.unwrap(), 0, "no call was cut off");
    let mut house = Some(house);
    loop {
        // Connections may still hold it.
        match house.take().map(Arc::try_unwrap) {
            Some(Err(shared)) => house = Some(shared),
            Some(Ok(house)) => return house.recorder.map_or(0, Recorder::finish),
            None => unreachable!("put back while it is shared"),
        }
        // The paused clock stands still while somebody is busy, as this loop is; connections end by it.
        tokio::time::advance(Duration::from_millis(20)).await;
    }
}

/// The calls on the disk, each with its folder.
pub fn journals(recordings: &Path) -> Vec<(PathBuf, Journal)> {
    let folders = std::fs::read_dir(recordings)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    folders
        .map(|folder| {
            let text = std::fs::read_to_string(folder.join("journal.jsonl")).unwrap();
            (folder, Journal::parse(&text).unwrap())
        })
        .collect()
}

fn dialogue(journal: &Journal) -> Dialogue {
    let context = journal.entries.iter().find_map(|(_, entry)| match entry {
        Entry::In(Event::Answered(context)) => Some(context.clone()),
        _ => None,
    });
    Dialogue::new(Arc::clone(&small_shop().domain), context.unwrap())
}

/// What the bot said, sentence by sentence.
fn said(journal: &Journal) -> Vec<String> {
    let says = journal.entries.iter().filter_map(|(_, entry)| match entry {
        Entry::Out(Action::Say { sentences, .. }) => Some(sentences),
        _ => None,
    });
    says.flatten()
        .map(|sentence| sentence.text.clone())
        .collect()
}

fn index_of(said: &[String], part: &str) -> usize {
    said.iter()
        .position(|text| text.contains(part))
        .unwrap_or_else(|| panic!("no {part:?} in {said:#?}"))
}

fn disposition(journal: &Journal) -> Option<Disposition> {
    let mut call = Call::new(journal.header.endpointing, dialogue(journal));
    for (_, entry) in &journal.entries {
        if let Entry::In(event) = entry {
            call.handle(event);
            while call.poll_action().is_some() {}
        }
    }
    call.disposition()
}

fn unbroken(report: &Report) {
    assert_eq!(
        (report.dropped, report.refused_messages),
        (0, 0),
        "{report}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_takes_goes_on_where_it_was_and_ends_well() {
    let recordings = tempfile::tempdir().unwrap();
    let script = [
        "where is order 456712",
        "yes",
        "talk to a person",
        "goodbye",
    ];
    let house = shop(Ears::hearing(&script), recordings.path());
    let server = serve(&house, options()).await;
    let turns = (0..script.len()).map(|_| says_something()).collect();
    // Time for one call and the start of the next.
    let report = run(plan(&server, 30, turns)).await;
    unbroken(&report);
    assert!(report.ended_by_bot >= 1 && report.marks > 5, "{report}");
    close(server, house).await;

    let calls = journals(recordings.path());
    let returned = |(_, journal): &&(PathBuf, Journal)| {
        journal
            .entries
            .iter()
            .any(|(_, entry)| matches!(entry, Entry::In(Event::Returned)))
    };
    let (folder, journal) = calls
        .iter()
        .find(returned)
        .expect("one record over both streams");
    let said = said(journal);
    let order = index_of(&said, "coffee machine");
    let handover = index_of(&said, "put you through to a person");
    let back = index_of(&said, "nobody could take your call");
    let goodbye = index_of(&said, "Goodbye");
    assert!(
        order < handover && handover < back && back < goodbye,
        "{said:#?}"
    );
    let greetings = said
        .iter()
        .filter(|text| text.contains("automatic assistant"))
        .count();
    assert_eq!(greetings, 1, "the caller is not greeted anew: {said:#?}");
    let handed_over = journal.entries.iter().find_map(|(_, entry)| match entry {
        Entry::Out(Action::HandOver(handover)) => Some(&handover.summary),
        _ => None,
    });
    let summary = handed_over.expect("a handover");
    assert!(
        summary.contains("Asked for a person") && summary.contains("has asked for the status"),
        "{summary}"
    );
    assert_eq!(disposition(journal), Some(Disposition::Completed));
    let replayed = replay(journal, dialogue(journal));
    assert_eq!(replayed.first_difference(), None);
    for (file, channels) in [("caller.wav", 1), ("call.wav", 2)] {
        let wav = hound::WavReader::open(folder.join(file)).unwrap();
        assert_eq!(wav.spec().channels, channels, "{file}");
        assert_eq!(
            wav.duration(),
            replayed.ticks * 320,
            "{file}: every tick of both streams"
        );
    }
}

/// The caller is told to use the keys, does, and gets the answer.
async fn goes_on_by_keys(hearing: Arc<dyn Hearing>) {
    let recordings = tempfile::tempdir().unwrap();
    let house = shop(hearing, recordings.path());
    let server = serve(&house, options()).await;
    let keys = |keys: &str| Turn::Keys(keys.into());
    let turns = vec![
        says_something(),
        keys("1"),
        keys("871309"),
        keys("2"),
        keys("2"),
    ];
    // Nobody keys before the patience with a silent recogniser (3 s) is over.
    let patient = Plan {
        every: Duration::from_secs(6),
        ..plan(&server, 40, turns)
    };
    let report = run(patient).await;
    unbroken(&report);
    close(server, house).await;
    let calls = journals(recordings.path());
    // Later calls of the same caller are heard as nothing.
    let told = |said: &Vec<String>| said.iter().any(|text| text.contains("trouble hearing you"));
    let deaf = calls
        .iter()
        .map(|(_, journal)| said(journal))
        .find(told)
        .expect("the caller is told");
    assert!(
        index_of(&deaf, "trouble hearing you") < index_of(&deaf, "camera"),
        "{deaf:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_recogniser_that_fails_leaves_the_keys() {
    goes_on_by_keys(Ears::hearing(&["!", "!"])).await;
}

#[tokio::test(start_paused = true)]
async fn a_recogniser_that_never_answers_leaves_the_keys() {
    goes_on_by_keys(Ears::hearing(&["?", "?"])).await;
}

#[tokio::test(start_paused = true)]
async fn a_recogniser_that_panics_leaves_the_keys() {
    let make =
        || Ok(Box::new(Scripted::new(|_| panic!("as the test wants it"))) as Box<dyn Recognizer>);
    goes_on_by_keys(Arc::new(HearingPool::start(make, 1, 8).unwrap())).await;
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_cannot_be_written_costs_the_record_only() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let logs = CapturedLogs::start();
    // Below a file there is no folder, for root neither.
    let house = shop(Ears::hearing(&["goodbye"]), &file.path().join("recordings"));
    let server = serve(&house, options()).await;
    let report = run(plan(&server, 12, vec![says_something()])).await;
    unbroken(&report);
    assert!(report.ended_by_bot >= 1, "{report}");
    assert!(close(server, house).await > 0);
    let told = logs
        .lines()
        .into_iter()
        .filter(|line| line.contains("its record does not"))
        .count();
    assert!(told > 0, "the operator is told");
}

/// Drives a session to its end without a server: a greeting, then keys.
fn by_keys(session: &mut Session, keys: &str) -> Option<Ending> {
    let mut out = Vec::new();
    session.answered(None);
    let mut keys = keys.chars();
    for tick in 0..3000 {
        session.tick(Some(&Frame::SILENCE), &mut out);
        for out in out.drain(..) {
            match out {
                Out::Mark(mark) => session.played(mark),
                Out::End(ending) => return Some(ending),
                Out::Media(_) | Out::Caption(_) | Out::Clear | Out::CallOff => {}
            }
        }
        if tick % 100 == 99
            && let Some(key) = keys.next().and_then(Digit::new)
        {
            session.digit(key);
        }
    }
    None
}

#[test]
fn a_full_disk_costs_the_record_only() {
    let recordings = tempfile::tempdir().unwrap();
    let folder = recordings.path().join("c1");
    std::fs::create_dir(&folder).unwrap();
    // Writing to /dev/full fails with ENOSPC, as a full disk does.
    std::os::unix::fs::symlink("/dev/full", folder.join("caller.wav")).unwrap();
    let house = shop(Ears::hearing(&[]), recordings.path());
    let mut session = Session::new("c1", Arc::clone(&house), LINE);
    let ending = by_keys(&mut session, "0");
    assert!(matches!(ending, Some(Ending::HandOver(_))), "{ending:?}");
    session.hung_up();
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_vanishes_in_mid_prompt_leaves_a_whole_journal() {
    let recordings = tempfile::tempdir().unwrap();
    let house = shop(Ears::hearing(&[]), recordings.path());
    let server = serve(&house, options()).await;
    let mut caller = server.call("CA1").await;
    caller.until("media").await;
    drop(caller);
    close(server, house).await;
    let calls = journals(recordings.path());
    let [(folder, journal)] = &calls[..] else {
        panic!("{} calls", calls.len())
    };
    assert!(folder.ends_with("CA1") && !journal.truncated);
    assert!(matches!(
        journal.entries.last(),
        Some((_, Entry::In(Event::HungUp)))
    ));
    assert_eq!(disposition(journal), Some(Disposition::Abandoned));
    assert_eq!(replay(journal, dialogue(journal)).first_difference(), None);
}

#[tokio::test(start_paused = true)]
async fn every_line_of_a_call_names_it() {
    let recordings = tempfile::tempdir().unwrap();
    let logs = CapturedLogs::start();
    let house = shop(Ears::hearing(&["!"]), recordings.path());
    let server = serve(&house, options()).await;
    run(plan(&server, 8, vec![says_something()])).await;
    close(server, house).await;
    let of_a_call = ["call on the line", "call off the line", "no recognition"];
    let lines = logs.lines();
    for text in of_a_call {
        let lines: Vec<_> = lines.iter().filter(|line| line.contains(text)).collect();
        assert!(!lines.is_empty(), "no line with {text:?}");
        assert!(
            lines.iter().all(|line| line.contains("in call call=")),
            "{lines:#?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_house_whose_recogniser_is_dead_is_not_ready() {
    let recordings = tempfile::tempdir().unwrap();
    let first = Mutex::new(true);
    // The first one dies of its first request, and no second one can be made.
    let make = move || match std::mem::take(&mut *first.lock().unwrap()) {
        true => {
            Ok(Box::new(Scripted::new(|_| panic!("as the test wants it"))) as Box<dyn Recognizer>)
        }
        false => Err(SpeechError::Model("the file is gone".into())),
    };
    let house = shop(
        Arc::new(HearingPool::start(make, 1, 8).unwrap()),
        recordings.path(),
    );
    let server = serve(&house, options()).await;
    assert_eq!(server.get("/readyz").await, 200);
    let seats = HouseSwitchboard::new(Arc::clone(&house));
    house
        .hearing
        .recognize(Request::default(), Box::new(|_| {}));
    while seats.ready() {
        std::thread::yield_now();
    }
    assert_eq!(server.get("/readyz").await, 503);
    drop(seats);
    close(server, house).await;
}
