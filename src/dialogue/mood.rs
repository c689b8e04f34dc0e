//! How the caller feels, turn by turn: from the words, and from the voice as compared with the caller's
//! own start. Decides the figures and when they call for soothing words or a person; what is then said
//! or done is the dialogue's affair.
//!
//! Words lead. A raised voice alone may be a bad line or a lively nature: it strengthens what the words
//! say, and by itself only counts when pitch and level rise together. Integers only, so that a replay
//! gives the same.
//!
//! Word lists hear what they know: of sentences made up after the lists were written, 31 of 103 that
//! were meant to be cross or worried were heard so, and 4 of 63 neutral ones were taken for it. (They
//! have since joined the lists and the tests.) No feeling found is no proof that a caller is content.

mod english;
mod lexicon;
mod spanish;

use super::lexis;
use super::spoken::Language;
use serde::{Deserialize, Serialize};

/// Turns that a caller's usual voice is learned from.
const START_TURNS: u16 = 2;
/// A feeling that counts as strong, per mille.
const STRONG: u16 = 400;
/// Running frustration that wants a person.
const FED_UP: u16 = 450;
/// A feeling that counts as extreme.
const EXTREME: u16 = 850;
/// A feeling that asks for kind words.
const NOTABLE: u16 = 300;
/// How much of the running figures is left after another turn, per mille.
const KEPT: i32 = 550;
/// Words of a turn that are looked at.
const MAX_WORDS: usize = 120;

/// How a turn sounded. The same figures as the audio side measures; the call hands them over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tone {
    /// Median pitch.
    pub pitch_hz: u16,
    /// Level of the voiced parts in dB, negative below full scale.
    pub level_db: i16,
    /// Syllables per minute.
    pub rate: u16,
}

/// What one turn says about how the caller feels, each 0 to 1000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Feeling {
    pub anger: u16,
    /// Worry, fear, despair.
    pub distress: u16,
    /// Things do not work, again.
    pub frustration: u16,
    pub satisfaction: u16,
    /// How much more aroused the voice is than at the start.
    pub arousal: u16,
}

/// The running mood of a caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mood {
    /// -1000 (as bad as can be) to 1000.
    pub now: i16,
    /// Running figures, 0 to 1000.
    pub anger: u16,
    pub distress: u16,
    pub frustration: u16,
    pub satisfaction: u16,
    /// The last turn's feeling.
    last: Feeling,
    /// The one before.
    before: Feeling,
    start: Start,
    /// Complaints so far: what is said for the third time weighs more.
    complaints: u16,
}

/// The caller's usual voice: sums over the first turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Start {
    turns: u16,
    pitch: u32,
    level: i32,
    rate: u32,
}

impl Feeling {
    /// The feeling on one scale, -1000 to 1000.
    pub fn valence(self) -> i16 {
        let bad = join(join(self.anger, self.distress), self.frustration * 7 / 10);
        (i32::from(self.satisfaction) - i32::from(bad)).clamp(-1000, 1000) as i16
    }

    /// The strongest of the bad ones.
    fn worst(self) -> u16 {
        self.anger.max(self.distress).max(self.frustration)
    }

    fn hot(self) -> u16 {
        self.anger.max(self.distress)
    }
}

impl Mood {
    /// Takes in a turn: its words as recognised, and how it sounded where that was measured.
    pub fn turn<S: AsRef<str>>(
        &mut self,
        words: &[S],
        language: Language,
        tone: Option<Tone>,
    ) -> Feeling {
        let words = lexis::normal(&words[..words.len().min(MAX_WORDS)], language);
        let mut feeling = lexicon::read(&words, language);
        if let Some(tone) = tone {
            self.start.hear(tone, &mut feeling);
        }
        if feeling.worst() >= NOTABLE {
            // The second complaint is worse than the first, the fourth no worse than the third.
            let again = self.complaints.min(2) * 80;
            feeling.frustration = join(feeling.frustration, again);
            self.complaints += 1;
        }
        self.before = self.last;
        self.last = feeling;
        self.anger = run(self.anger, feeling.anger);
        self.distress = run(self.distress, feeling.distress);
        self.frustration = run(self.frustration, feeling.frustration);
        self.satisfaction = run(self.satisfaction, feeling.satisfaction);
        let now = i32::from(self.now) * KEPT + i32::from(feeling.valence()) * (1000 - KEPT);
        self.now = (now / 1000).clamp(-1000, 1000) as i16;
        feeling
    }

    /// Whether the reply to the last turn should begin with kind words.
    pub fn wants_soothing(&self) -> bool {
        self.last.worst() >= NOTABLE && self.last.satisfaction < self.last.worst()
    }

    /// Whether the caller should be offered a person: anger or distress over two turns, or extreme.
    pub fn wants_person(&self) -> bool {
        let persists = self.last.hot() >= STRONG && self.before.hot() >= STRONG;
        // Frustration alone has to be strong for longer.
        let fed_up = self.frustration >= FED_UP && self.last.frustration >= STRONG;
        persists || fed_up || self.last.hot() >= EXTREME
    }
}

impl Start {
    /// Learns from the first turns, compares the later ones.
    fn hear(&mut self, tone: Tone, feeling: &mut Feeling) {
        if tone.pitch_hz == 0 {
            return;
        }
        if self.turns < START_TURNS {
            self.turns += 1;
            self.pitch += u32::from(tone.pitch_hz);
            self.level += i32::from(tone.level_db);
            self.rate += u32::from(tone.rate);
            return;
        }
        let turns = i32::from(self.turns);
        let ratio = |now: u16, sum: u32| match sum {
            0 => 1000,
            sum => (i64::from(now) * 1000 * i64::from(turns) / i64::from(sum)) as i32,
        };
        let pitch = ratio(tone.pitch_hz, self.pitch);
        let rate = ratio(tone.rate, self.rate);
        let louder = i32::from(tone.level_db) - self.level / turns;
        // A tenth higher, 3 dB louder and a fifth faster are ordinary.
        let higher = ((pitch - 1100) * 3 / 2).clamp(0, 400);
        let louder = ((louder - 3) * 60).clamp(0, 400);
        let faster = ((rate - 1200) / 2).clamp(0, 200);
        feeling.arousal = (higher + louder + faster).clamp(0, 1000) as u16;
        feeling.raise(higher, louder);
    }
}

impl Feeling {
    /// Adds what the voice says.
    fn raise(&mut self, higher: i32, louder: i32) {
        let more = self.arousal / 2;
        if self.satisfaction > self.worst() {
            return; // a happy voice is a lively one
        }
        if self.anger.max(self.frustration) >= self.distress && self.anger.max(self.frustration) > 0
        {
            self.anger = join(self.anger, more);
        } else if self.distress > 0 {
            self.distress = join(self.distress, more);
        } else if louder >= 180 && higher >= 100 {
            // Shouting, whatever the words.
            self.anger = join(self.anger, more);
        } else if higher >= 300 && louder == 0 {
            self.distress = join(self.distress, more / 2);
        }
    }
}

/// Two figures that strengthen each other, never above 1000.
fn join(a: u16, b: u16) -> u16 {
    let (a, b) = (u32::from(a.min(1000)), u32::from(b.min(1000)));
    (a + b - a * b / 1000) as u16
}

/// A running figure after another turn: rises at once by half, falls slowly.
fn run(was: u16, now: u16) -> u16 {
    let next = i32::from(was) * KEPT + i32::from(now) * (1000 - KEPT);
    (next / 1000).clamp(0, 1000) as u16
}

#[cfg(test)]
#[path = "mood/tests.rs"]
mod tests;
