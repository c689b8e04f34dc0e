//! What a tick of the call engine costs, and that it allocates nothing in steady state.
//! `cargo bench --bench engine`

use attendant::audio::{Digit, DigitSource, Heard};
use attendant::call::{Call, Endpointing, Event};
use attendant::dialogue::{Context, Dialogue, Domain};
use criterion::{Criterion, criterion_group, criterion_main};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: hands everything on to the system's allocator; only counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `GlobalAlloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn answered() -> Call<Dialogue> {
    let endpointing =
        Endpointing { early_ms: 200, complete_ms: 240, whole_ms: 420, open_ms: 720, incomplete_ms: 2000, max_speech_ms: 15_000 };
    let context = Context { now: "2026-11-22T10:00:00".parse().expect("a time"), caller: None };
    let dialogue = Dialogue::new(Arc::new(Domain::shop()), context.clone());
    let mut call = Call::new(endpointing, dialogue);
    feed(&mut call, &Event::Answered(context));
    call
}

fn feed(call: &mut Call<Dialogue>, event: &Event) {
    call.handle(event);
    while call.poll_action().is_some() {}
}

fn tick(voice: u8) -> Event {
    Event::Heard(Heard { voice, level: 30, tone: false })
}

fn ticks(criterion: &mut Criterion) {
    let mut call = answered();
    let silence = tick(0);
    // The greeting is never reported as heard, so no silence is ever too long: a steady state.
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    (0..100_000).for_each(|_| feed(&mut call, &silence));
    let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
    println!("allocations in 100,000 ticks of silence: {allocations}");
    assert_eq!(allocations, 0, "a tick in steady state allocates nothing");
    criterion.bench_function("tick/silence", |bench| bench.iter(|| feed(&mut call, &silence)));

    let mut call = answered();
    let mut now = 0u32;
    criterion.bench_function("tick/speech 1 s in 3", |bench| {
        bench.iter(|| {
            now += 1;
            feed(&mut call, &tick(if now % 150 < 50 { 230 } else { 0 }));
        });
    });
    let mut call = answered();
    let digit = Event::Digit { digit: Digit::new('5').expect("a key"), source: DigitSource::Signalled };
    criterion.bench_function("tick/a key every second", |bench| {
        bench.iter(|| {
            now += 1;
            feed(&mut call, &tick(0));
            if now.is_multiple_of(50) {
                feed(&mut call, &digit);
            }
        });
    });
}

criterion_group!(benches, ticks);
criterion_main!(benches);
