//! What hearing costs per tick of 20 ms: `cargo bench --no-default-features --bench hearing`.
//!
//! Each figure is the time for one tick, averaged over a whole sound: speech (a telephone clip with
//! its pauses), a conversation (the same, then as long a silence), noise, silence, keys.

use attendant::audio::dtmf::Dtmf;
use attendant::audio::ear::Ear;
use attendant::audio::resample::Resampler;
use attendant::audio::vad::Vad;
use attendant::audio::wav::{Channel, WavReader};
use attendant::audio::{Frame, digit::Digit, g711, tone};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::io::Cursor;
use std::time::{Duration, Instant};

fn sounds() -> Vec<(&'static str, Vec<Frame>)> {
    let clip = include_bytes!("../audio-fixtures/speech/order-slt.wav").as_slice();
    let speech: Vec<Frame> = WavReader::new(Cursor::new(clip), Channel::Mix).expect("a fixture").collect();
    let silence: Vec<Frame> = tone::frames(&tone::silence(4000)).collect();
    let key = [tone::dtmf(Digit::new('5').expect("a key"), 10.0, 100), tone::silence(100)].concat();
    vec![
        ("conversation", [speech.clone(), silence.clone()].concat()),
        ("speech", speech),
        ("pink noise", tone::frames(&tone::pink_noise(40.0, 4000, 1)).collect()),
        ("loud noise", tone::frames(&tone::white_noise(20.0, 4000, 1)).collect()),
        ("silence", silence),
        ("keys", tone::frames(&key.repeat(20)).collect()),
    ]
}

/// Time per tick of `hear`, over and over the frames.
fn per_tick(frames: &[Frame], ticks: u64, mut hear: impl FnMut(&Frame)) -> Duration {
    let start = Instant::now();
    for n in 0..ticks {
        hear(black_box(&frames[n as usize % frames.len()]));
    }
    start.elapsed()
}

fn hearing(c: &mut Criterion) {
    for (name, frames) in sounds() {
        let (mut vad, mut dtmf, mut ear) = (Vad::new(), Dtmf::new(), Ear::new());
        c.bench_function(&format!("vad/{name}"), |b| {
            b.iter_custom(|ticks| per_tick(&frames, ticks, |frame| _ = black_box(vad.push(frame))));
        });
        c.bench_function(&format!("dtmf/{name}"), |b| {
            b.iter_custom(|ticks| per_tick(&frames, ticks, |frame| _ = black_box(dtmf.push(frame))));
        });
        c.bench_function(&format!("ear/{name}"), |b| {
            b.iter_custom(|ticks| per_tick(&frames, ticks, |frame| _ = black_box(ear.hear(frame))));
        });
    }
}

/// A telephone line's edge: 20 ms of µ-law to a frame and back.
fn line(c: &mut Criterion) {
    let (mut up, mut down) = (Resampler::new(8000, 16_000), Resampler::new(16_000, 8000));
    let (mut narrow, mut wide, mut back) = ([0i16; 160], Vec::with_capacity(640), Vec::with_capacity(320));
    let mut bytes = [0x5a; 160];
    let (Ok(up), Ok(down)) = (&mut up, &mut down) else { return };
    c.bench_function("line/µ-law to 16 kHz and back", |b| {
        b.iter(|| {
            (wide.clear(), back.clear());
            g711::decode_ulaw(black_box(&bytes), &mut narrow);
            up.push(&narrow, &mut wide);
            down.push(&wide, &mut back);
            g711::encode_ulaw(&back, &mut bytes);
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500));
    targets = hearing, line
}
criterion_main!(benches);
