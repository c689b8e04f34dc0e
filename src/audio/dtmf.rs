//! In-band keys: the two tones of a telephone key found in the sound (ITU-T Q.23, Q.24).
//!
//! Decides which key sounds and when it counts as pressed; joining it with a key that the line
//! signals as well is [`super::dtmf_merge`]'s business.
//!
//! Eight frequencies are correlated over 4 ms pieces; three neighbouring pieces make a 12 ms window,
//! a new one every 4 ms. A window is a hit when it holds one row and one column tone and little else.
//! A key counts after six hits in a row (32 ms: 40 ms must be taken, 23 ms must not) whose phases turn
//! no faster than a tone within 2.5 % of its frequency would (1.5 % must be taken, 3.5 % must not).

use super::digit::Digit;
use super::tone::{COLUMNS_HZ, KEYS, ROWS_HZ};
use super::{FRAME_SAMPLES, Frame, RATE_HZ};
use std::f64::consts::TAU;
use std::sync::LazyLock;

/// Samples in a piece: 4 ms.
const PIECE: usize = 64;
/// Pieces in a window: 12 ms, about the distance of two tones.
const WINDOW: usize = 3;
/// Hits in a row that make a key.
const HITS_TO_START: u32 = 6;
/// Windows without the key that end it: 24 ms. A break of 10 ms is bridged, one of 40 ms is not.
const MISSES_TO_END: u32 = 6;
/// Hits within one tick from which its sound is kept from the recogniser, the key proven or not.
const HITS_TO_MASK: u32 = 3;

/// Mean square of the quietest tone taken: about −36 dBm0; Q.24 wants −25 taken and −55 refused.
const MIN_TONE: f32 = 8e4;
/// Share of the window's energy that must lie in the two tones.
const MIN_SHARE: f32 = 0.72;
/// The column may be so much stronger than the row (Q.24: 4 dB)…
const MAX_TWIST: f32 = 4.0;
/// …and so much weaker (Q.24: 8 dB), as powers.
const MAX_REVERSE_TWIST: f32 = 10.0;
/// The second strongest tone of a group lies so far below the strongest, as a power: 6 dB.
const MIN_LEAD: f32 = 4.0;
/// The column tone's second harmonic lies so far below it, as a power: 13 dB. Voices have strong ones.
const MIN_HARMONIC_GAP: f32 = 20.0;
/// Greatest deviation of a tone from its frequency.
const MAX_DEVIATION: f32 = 0.025;

/// What one tick held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DtmfTick {
    /// A key, once per press, when it is beyond doubt (about 40 ms after it began).
    pub digit: Option<Digit>,
    /// The tick holds a key's tones: they are not speech.
    pub tone: bool,
}

/// A complex number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Phasor {
    re: f32,
    im: f32,
}

impl Phasor {
    fn at(angle: f64) -> Self {
        Self { re: angle.cos() as f32, im: angle.sin() as f32 }
    }

    fn plus(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }

    fn times(self, other: Self) -> Self {
        Self { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }

    fn conjugate(self) -> Self {
        Self { im: -self.im, ..self }
    }

    fn power(self) -> f32 {
        self.re * self.re + self.im * self.im
    }
}

/// Cosines and sines of the eight tones over a piece; rows first.
struct Tables {
    cosines: [[f32; 8]; PIECE],
    sines: [[f32; 8]; PIECE],
    /// How far each tone's phase turns within a piece, backwards.
    turn: [Phasor; 8],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let hz = |tone: usize| f64::from(if tone < 4 { ROWS_HZ[tone] } else { COLUMNS_HZ[tone - 4] });
    let angle = |tone: usize, n: usize| TAU * hz(tone) * n as f64 / f64::from(RATE_HZ);
    let table = |f: fn(f64) -> f64| std::array::from_fn(|n| std::array::from_fn(|tone| f(angle(tone, n)) as f32));
    Tables {
        cosines: table(f64::cos),
        sines: table(f64::sin),
        turn: std::array::from_fn(|tone| Phasor::at(-angle(tone, PIECE))),
    }
});

/// A key seen in one window, and the two tones' phasors.
#[derive(Clone, Copy, Debug)]
struct Hit {
    row: usize,
    column: usize,
    tones: [Phasor; 2],
}

impl Hit {
    fn is_same_key(&self, other: &Self) -> bool {
        (self.row, self.column) == (other.row, other.column)
    }

    fn digit(&self) -> Option<Digit> {
        Digit::new(KEYS[self.row][self.column])
    }
}

/// Hears keys in one stream of sound. Under 2 KiB; never allocates.
#[derive(Clone)]
pub struct Dtmf {
    tables: &'static Tables,
    /// Correlations of the latest pieces, oldest first, and their energies.
    pieces: [[Phasor; 8]; WINDOW],
    energies: [f32; WINDOW],
    /// The latest window's samples, for the harmonics.
    samples: [f32; WINDOW * PIECE],
    run: Run,
}

/// Hits in a row, and the key they led to.
#[derive(Clone, Copy, Default)]
struct Run {
    hits: u32,
    /// The last two windows' hits: phases are compared over two pieces (8 ms).
    last: [Option<Hit>; 2],
    /// Sum of the phase turns of both tones beyond what their frequencies explain.
    drift: [Phasor; 2],
    /// The key that sounds, and windows without it.
    active: Option<Hit>,
    misses: u32,
}

impl Default for Dtmf {
    fn default() -> Self {
        Self::new()
    }
}

impl Dtmf {
    pub fn new() -> Self {
        Self {
            tables: &TABLES,
            pieces: [[Phasor::default(); 8]; WINDOW],
            energies: [0.0; WINDOW],
            samples: [0.0; WINDOW * PIECE],
            run: Run::default(),
        }
    }

    /// Listens to the next tick.
    pub fn push(&mut self, frame: &Frame) -> DtmfTick {
        let mut tick = DtmfTick { digit: None, tone: self.run.active.is_some() };
        let mut hits = 0;
        for piece in frame.0.as_chunks::<PIECE>().0 {
            self.take(piece);
            let hit = self.window();
            hits = if hit.is_some() { hits + 1 } else { 0 };
            tick.tone |= hits >= HITS_TO_MASK;
            if let Some(digit) = self.run.step(hit, &self.tables.turn) {
                tick.digit = Some(digit);
            }
        }
        tick.tone |= self.run.active.is_some();
        tick
    }

    /// Shifts the next 4 ms in.
    fn take(&mut self, piece: &[i16; PIECE]) {
        self.samples.copy_within(PIECE.., 0);
        let newest = &mut self.samples[(WINDOW - 1) * PIECE..];
        let (mut re, mut im, mut energy) = ([0.0; 8], [0.0; 8], 0.0);
        for (n, (to, from)) in newest.iter_mut().zip(piece).enumerate() {
            let x = f32::from(*from);
            *to = x;
            energy += x * x;
            for tone in 0..8 {
                re[tone] += x * self.tables.cosines[n][tone];
                im[tone] -= x * self.tables.sines[n][tone];
            }
        }
        self.pieces.rotate_left(1);
        self.pieces[WINDOW - 1] = std::array::from_fn(|tone| Phasor { re: re[tone], im: im[tone] });
        self.energies.rotate_left(1);
        self.energies[WINDOW - 1] = energy;
    }

    /// Judges the latest window.
    fn window(&self) -> Option<Hit> {
        let energy: f32 = self.energies.iter().sum();
        if energy < 2.0 * MIN_TONE * (WINDOW * PIECE) as f32 {
            return None;
        }
        let sums: [Phasor; 8] = std::array::from_fn(|tone| self.sum(tone));
        let powers = sums.map(Phasor::power);
        let (row, column) = (leader(&powers[..4])?, leader(&powers[4..])?);
        let hit = Hit { row, column, tones: [sums[row], sums[4 + column]] };
        let (low, high) = (powers[row], powers[4 + column]);
        let twisted = high > low * MAX_TWIST || low > high * MAX_REVERSE_TWIST;
        // A tone of mean square P gives a sum of power P · N² / 2 over N samples.
        let of_energy = 2.0 / (WINDOW * PIECE) as f32;
        let faint = low.min(high) * of_energy < MIN_TONE * (WINDOW * PIECE) as f32;
        let alone = (low + high) * of_energy >= MIN_SHARE * energy;
        (!twisted && !faint && alone && self.is_pure(&hit)).then_some(hit)
    }

    /// The correlation with one tone over the whole window.
    fn sum(&self, tone: usize) -> Phasor {
        let turn = self.tables.turn[tone];
        let [first, second, third] = self.pieces.map(|piece| piece[tone]);
        first.plus(second.plus(third.times(turn)).times(turn))
    }

    /// Whether the column tone has no second harmonic to speak of: talk-off guard. The row's would lie
    /// among the column tones, where a window this short cannot tell them apart.
    fn is_pure(&self, hit: &Hit) -> bool {
        let hz = 2.0 * f32::from(COLUMNS_HZ[hit.column]);
        goertzel(&self.samples, hz) * MIN_HARMONIC_GAP < hit.tones[1].power()
    }
}

/// The strongest of a group, if the others are weak beside it.
fn leader(powers: &[f32]) -> Option<usize> {
    let best = (0..powers.len()).max_by(|&a, &b| powers[a].total_cmp(&powers[b]))?;
    let clear = (0..powers.len()).all(|other| other == best || powers[other] * MIN_LEAD < powers[best]);
    clear.then_some(best)
}

/// Power of the correlation with one frequency (Goertzel 1958).
fn goertzel(samples: &[f32], hz: f32) -> f32 {
    let coefficient = 2.0 * (std::f32::consts::TAU * hz / RATE_HZ as f32).cos();
    let (mut a, mut b) = (0.0, 0.0);
    for x in samples {
        (a, b) = (x + coefficient * a - b, a);
    }
    a * a + b * b - coefficient * a * b
}

impl Run {
    /// Takes the next window's verdict; a key that is now beyond doubt.
    fn step(&mut self, hit: Option<Hit>, turn: &[Phasor; 8]) -> Option<Digit> {
        self.follow(hit, turn);
        self.age(hit);
        let hit = hit.filter(|_| self.hits >= HITS_TO_START)?;
        if self.active.is_some_and(|active| active.is_same_key(&hit)) || !self.is_on_frequency(&hit) {
            return None;
        }
        self.active = Some(hit);
        self.misses = 0;
        hit.digit()
    }

    /// Counts hits of one key in a row and adds up how fast their phases turn.
    fn follow(&mut self, hit: Option<Hit>, turn: &[Phasor; 8]) {
        let [before, previous] = self.last;
        self.last = [previous, hit];
        let Some(hit) = hit else {
            self.hits = 0;
            return;
        };
        if self.hits == 0 || !previous.is_some_and(|p| p.is_same_key(&hit)) {
            (self.hits, self.drift) = (1, [Phasor::default(); 2]);
            self.last[0] = None;
            return;
        }
        self.hits += 1;
        if let Some(before) = before {
            for (tone, index) in [hit.row, 4 + hit.column].into_iter().enumerate() {
                let expected = turn[index].times(turn[index]);
                let turned = hit.tones[tone].times(before.tones[tone].conjugate());
                self.drift[tone] = self.drift[tone].plus(turned.times(expected));
            }
        }
    }

    /// Ends the key that sounds when it has been away for long enough.
    fn age(&mut self, hit: Option<Hit>) {
        let Some(active) = self.active else { return };
        if hit.is_some_and(|hit| hit.is_same_key(&active)) {
            self.misses = 0;
        } else {
            self.misses += 1;
            if self.misses >= MISSES_TO_END {
                self.active = None;
            }
        }
    }

    /// A phase that turns by φ more than expected over two pieces means φ / 2π · 125 Hz.
    fn is_on_frequency(&self, hit: &Hit) -> bool {
        let hz = [ROWS_HZ[hit.row], COLUMNS_HZ[hit.column]];
        let pieces_per_second = RATE_HZ as f32 / (2 * PIECE) as f32;
        hz.iter().zip(&self.drift).all(|(&hz, drift)| {
            let deviation = drift.im.atan2(drift.re) / std::f32::consts::TAU * pieces_per_second;
            deviation.abs() <= MAX_DEVIATION * f32::from(hz)
        })
    }
}

const _: () = assert!(FRAME_SAMPLES % PIECE == 0, "a tick is a whole number of pieces");
