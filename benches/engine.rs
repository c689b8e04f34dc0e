//! What a call costs beside its models: time and allocations per tick of the engine, of the ear and
//! the engine over a recorded conversation, memory of a whole session, time of a replay. Asserts that
//! steady ticks allocate nothing, and says of every figure whether it is within the project's target.
//!
//! `cargo bench --bench engine [-- --strict]`; `--strict`: exit code 1 when a target is missed.

#[path = "../tests/suite/support/counting.rs"]
mod counting;

use attendant::audio::wav::{Channel, WavReader};
use attendant::audio::{Digit, DigitSource, Ear, Frame, Heard};
use attendant::call::journal::{Entry, Journal};
use attendant::call::replay::replay;
use attendant::call::{Call, Endpointing, Event};
use attendant::dialogue::{Context, Dialogue, Domain};
use attendant::runtime::business::Business;
use attendant::runtime::house::House;
use attendant::runtime::session::{LineTraits, Out, Session};
use attendant::speech::hearing_pool::HearingPool;
use attendant::speech::scripted::Scripted;
use attendant::speech::{Rendered, Saying, Speaking};
use attendant::store::BackEnd;
use counting::{Counting, allocations, held, peak_since};
use jiff::civil::DateTime;
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const TICKS: u32 = 200_000;

/// Figures with their targets.
#[derive(Default)]
struct Table {
    missed: usize,
}

impl Table {
    fn row(&mut self, what: &str, value: f64, unit: &str, most: f64) {
        let met = value <= most;
        self.missed += usize::from(!met);
        println!(
            "{what:<58}{value:>10.3} {unit:<4} target {most:>6} {}",
            if met { "PASS" } else { "miss" }
        );
    }
}

fn endpointing() -> Endpointing {
    (&attendant::config::Config::default().call).into()
}

fn answered() -> Call<Dialogue> {
    let context = Context {
        now: "2026-11-22T10:00:00".parse().expect("a time"),
        caller: None,
        language: String::new(),
    };
    let dialogue = Dialogue::new(Arc::new(Domain::shop()), context.clone());
    let mut call = Call::new(endpointing(), dialogue);
    feed(&mut call, &Event::Answered(context));
    call
}

/// Handles an event; gives the number of actions.
fn feed(call: &mut Call<Dialogue>, event: &Event) -> usize {
    call.handle(event);
    std::iter::from_fn(|| call.poll_action())
        .map(black_box)
        .count()
}

fn tick(voice: u8) -> Event {
    Event::Heard(Heard {
        voice,
        level: 30,
        tone: false,
    })
}

/// µs per tick, the best of five runs: what the machine can do, not what else it did.
fn per_tick(mut run: impl FnMut() -> u32) -> f64 {
    let once = |_| {
        let start = Instant::now();
        let ticks = run();
        start.elapsed().as_secs_f64() * 1e6 / f64::from(ticks)
    };
    (0..5).map(once).fold(f64::INFINITY, f64::min)
}

fn engine_alone(table: &mut Table) {
    let mut call = answered();
    // The greeting is never reported as heard, so no silence is ever too long: a steady state.
    let silence = tick(0);
    feed(&mut call, &silence);
    let before = allocations();
    (0..TICKS).for_each(|_| _ = feed(&mut call, &silence));
    let silent = allocations() - before;
    table.row(
        "allocations in 200,000 ticks of silence",
        silent as f64,
        "",
        0.0,
    );
    table.row(
        "tick of the engine, silence",
        per_tick(|| ticks(&mut call, |_| 0)),
        "µs",
        5.0,
    );
    table.row(
        "tick of the engine, speech 1 s in 3",
        per_tick(|| ticks(&mut call, |n| if n % 150 < 50 { 230 } else { 0 })),
        "µs",
        5.0,
    );
    let mut call = answered();
    let digit = Event::Digit {
        digit: Digit::new('5').expect("a key"),
        source: DigitSource::Signalled,
    };
    let keys = per_tick(|| {
        (0..TICKS / 10).for_each(|n| {
            feed(&mut call, &tick(0));
            if n.is_multiple_of(50) {
                feed(&mut call, &digit);
            }
        });
        TICKS / 10
    });
    table.row("tick of the engine, a key every second", keys, "µs", 5.0);
}

fn ticks(call: &mut Call<Dialogue>, voice: impl Fn(u32) -> u8) -> u32 {
    (0..TICKS).for_each(|n| _ = feed(call, &tick(voice(n))));
    TICKS
}

fn recorded(name: &str) -> (Vec<Frame>, Journal) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("audio-fixtures/calls")
        .join(name);
    let file = std::fs::File::open(folder.join("caller.wav")).expect("a recorded caller");
    let frames = WavReader::new(std::io::BufReader::new(file), Channel::Mix)
        .expect("a WAV file")
        .collect();
    let text = std::fs::read_to_string(folder.join("journal.jsonl")).expect("a journal");
    (
        frames,
        Journal::parse(&text).expect("a journal that parses"),
    )
}

fn dialogue(journal: &Journal, shop: &Arc<Domain>) -> Dialogue {
    let context = journal.entries.iter().find_map(|(_, entry)| match entry {
        Entry::In(Event::Answered(context)) => Some(context.clone()),
        _ => None,
    });
    Dialogue::new(Arc::clone(shop), context.expect("an answered call"))
}

/// A recorded call through ear and engine: the sound as it came, what the models said from the journal.
/// Gives the ticks, and how many allocations there were in ticks after which nothing was wanted.
fn conversation(frames: &[Frame], journal: &Journal, call: &mut Call<Dialogue>) -> (u32, u64) {
    let (mut ear, mut ticks, mut steady) = (Ear::new(), 0, 0);
    for (_, entry) in &journal.entries {
        let Entry::In(event) = entry else { continue };
        let before = allocations();
        let heard = if let Event::Heard(journaled) = event {
            let frame = frames.get(ticks as usize).unwrap_or(&Frame::SILENCE);
            ticks += 1;
            let (heard, _) = black_box(ear.hear(frame));
            assert!(
                heard.voice.abs_diff(journaled.voice) <= 8,
                "tick {ticks}: this sound is not the journal's"
            );
            true
        } else {
            false
        };
        if feed(call, event) == 0 && heard {
            steady += allocations() - before;
        }
    }
    (ticks, steady)
}

fn ear_and_engine(table: &mut Table) {
    let (frames, journal) = recorded("shop-demo");
    let shop = Arc::new(Domain::shop());
    let fresh = || Call::new(journal.header.endpointing, dialogue(&journal, &shop));
    let (_, steady) = conversation(&frames, &journal, &mut fresh());
    table.row(
        "allocations in a conversation's ticks without an action",
        steady as f64,
        "",
        0.0,
    );
    let mut calls: Vec<_> = (0..5).map(|_| fresh()).collect();
    let cost = per_tick(|| {
        conversation(
            &frames,
            &journal,
            &mut calls.pop().expect("one for each run"),
        )
        .0
    });
    table.row(
        "tick with voice detector and DTMF, over a conversation",
        cost,
        "µs",
        30.0,
    );
}

fn a_replay(table: &mut Table) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("audio-fixtures/calls/shop-demo/journal.jsonl");
    let text = std::fs::read_to_string(path).expect("a journal");
    let shop = Arc::new(Domain::shop());
    // The same call, parsed and replayed until three minutes of calls are done.
    let (start, mut ticks) = (Instant::now(), 0);
    while ticks < 3 * 60 * 50 {
        let journal = Journal::parse(&text).expect("a journal that parses");
        ticks += black_box(replay(&journal, dialogue(&journal, &shop))).ticks;
    }
    table.row(
        "parsing and replay of 3 minutes of journal",
        start.elapsed().as_secs_f64(),
        "s",
        0.2,
    );
}

/// A voice that says every sentence in a second of silence.
struct Mute(Arc<[i16]>);

impl Speaking for Mute {
    fn speak(&self, _: Saying, done: Box<dyn FnOnce(Rendered) + Send>) {
        done(Rendered {
            result: Ok(Arc::clone(&self.0)),
            took: Duration::ZERO,
        });
    }
}

/// A whole session without a recorder on the recorded caller's sound; what the process held more.
fn memory(table: &mut Table) {
    let (frames, _) = recorded("shop-demo");
    let words = [
        "where is my order",
        "four five six seven one two",
        "yes",
        "I want to return the shoes",
        "no",
    ];
    let recognizer =
        move || Ok(Box::new(Scripted::texts(words)) as Box<dyn attendant::speech::Recognizer>);
    let now: DateTime = "2026-11-24T10:30:00".parse().expect("a time");
    let store = Business::sample("shop").store(None, now.date());
    let house = Arc::new(House {
        domain: Arc::new(Domain::shop()),
        back_end: BackEnd::new(Arc::new(store.expect("the shop's sample data"))),
        hearing: Arc::new(HearingPool::start(recognizer, 1, 8).expect("one thread")),
        speaking: Arc::new(Mute(vec![0; 16_000].into())),
        endpointing: endpointing(),
        recorder: None,
        recognizer: "scripted".into(),
        desk: None,
        now: Some(now),
    });
    let before = held();
    let (session, peak) = peak_since(|| {
        let line = LineTraits {
            name: "recording",
            virtual_clock: true,
            ..LineTraits::PLAIN
        };
        let mut session = Session::new("memory", Arc::clone(&house), line);
        session.answered(None);
        let mut out: Vec<Out> = Vec::new();
        for frame in &frames {
            session.tick(Some(frame), &mut out);
            out.clear();
        }
        session
    });
    table.row(
        "memory of a call at its peak",
        (peak - before) as f64 / 1024.0,
        "KiB",
        512.0,
    );
    table.row(
        "memory of a call at its end",
        (held() - before) as f64 / 1024.0,
        "KiB",
        512.0,
    );
    drop(session);
}

fn main() -> ExitCode {
    let mut table = Table::default();
    engine_alone(&mut table);
    ear_and_engine(&mut table);
    a_replay(&mut table);
    memory(&mut table);
    println!("{} targets missed", table.missed);
    let strict = std::env::args().any(|arg| arg == "--strict");
    if strict && table.missed > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
