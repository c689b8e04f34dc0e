//! A telephone for tests and measurements: a caller of recorded phrases on one side, a real session
//! on the other, 8 kHz µ-law between them, everything on the session's virtual clock. Both wires are
//! kept, so that what is measured is what the caller hears. Decides nothing about what is good.

use attendant::audio::TICK_MS;
use attendant::call::{Action, Event, Note, Tick};
use attendant::line::coding::{Coding, Ear, Mouth};
use attendant::line::provider::LineEvent;
use attendant::runtime::house::House;
use attendant::runtime::session::{LineTraits, Narrator, Out, Session};
use audio_codec_algorithms::{decode_ulaw, encode_ulaw};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Samples on the wire in a ms.
const PER_MS: usize = 8;
/// A caller's sample is speech from −45 dB below full scale on.
const SPEECH: u16 = 184;
/// A sample of the bot is sound from −60 dB below full scale on.
const SOUND: u16 = 33;
/// Nobody waits longer for an answer, in ms.
const PATIENCE_MS: u32 = 40_000;

/// Position on either wire, in samples since the call was answered.
pub type At = usize;

/// ms from `from` to `to`; negative where `to` comes first.
pub fn ms(from: At, to: At) -> f64 {
    (to as f64 - from as f64) / PER_MS as f64
}

/// The phrases in `audio-fixtures/turns/`.
pub struct Clips {
    sound: BTreeMap<String, Vec<u8>>,
    places: BTreeMap<(String, String), Range<usize>>,
    script: String,
}

impl Clips {
    pub fn open() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio-fixtures/turns");
        let text =
            |name: &str| std::fs::read_to_string(folder.join(name)).expect("made by make.py");
        let (mut sound, mut places) = (BTreeMap::new(), BTreeMap::new());
        for line in text("clips.tsv").lines().skip(1) {
            let fields: Vec<_> = line.split('\t').collect();
            let [voice, from, count, words] = fields[..] else {
                panic!("clips.tsv: {line:?}")
            };
            let number = |field: &str| field.parse::<usize>().expect("a number of samples");
            let range = number(from)..number(from) + number(count);
            sound
                .entry(voice.to_owned())
                .or_insert_with(|| data(&folder.join(format!("{voice}.wav"))));
            places.insert((voice.to_owned(), words.to_owned()), range);
        }
        Self {
            sound,
            places,
            script: text("script.txt"),
        }
    }

    pub fn voices(&self) -> Vec<&str> {
        self.sound.keys().map(String::as_str).collect()
    }

    /// The lines of one kind in script.txt, split at their pauses.
    pub fn lines(&self, kind: &str) -> Vec<Vec<&str>> {
        let lines = self
            .script
            .lines()
            .filter_map(|line| line.strip_prefix(kind)?.strip_prefix(' '));
        lines
            .map(|line| line.split('|').map(str::trim).collect())
            .collect()
    }

    /// What `voice` says, µ-law at 8 kHz, with `pause_ms` of silence between the phrases; `None` if
    /// it does not say one of them.
    pub fn say(&self, voice: &str, phrases: &[&str], pause_ms: usize) -> Option<Vec<u8>> {
        let mut said = Vec::new();
        for (index, phrase) in phrases.iter().enumerate() {
            let place = self.places.get(&(voice.to_owned(), (*phrase).to_owned()))?;
            let mut clip = &self.sound[voice][place.clone()];
            // A pause is from the last sample of speech to the next.
            if index > 0 {
                said.extend(std::iter::repeat_n(SILENCE, pause_ms * PER_MS));
                clip = &clip[clip.iter().position(is_speech)?..];
            }
            if index + 1 < phrases.len() {
                clip = &clip[..=clip.iter().rposition(is_speech)?];
            }
            said.extend_from_slice(clip);
        }
        Some(said)
    }
}

fn is_speech(sample: &u8) -> bool {
    decode_ulaw(*sample).unsigned_abs() >= SPEECH
}

/// The data chunk of a WAV file as `sox` writes it.
fn data(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).expect("a clip");
    let at = bytes
        .windows(4)
        .position(|name| name == b"data")
        .expect("a data chunk")
        + 4;
    let length = u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
    bytes[at + 4..at + 4 + length].to_vec()
}

/// What the engine says about a call, for reports: nothing is measured with it.
#[derive(Default)]
pub struct Story {
    pub notes: Vec<(Tick, Note)>,
    pub said: Vec<String>,
}

struct Listener(Arc<Mutex<Story>>);

impl Narrator for Listener {
    fn event(&mut self, _: Tick, _: &Event) {}

    fn action(&mut self, now: Tick, action: &Action) {
        let mut story = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match action {
            Action::Note(note) => story.notes.push((now, note.clone())),
            Action::Say {
                sentences, first, ..
            } => {
                let said = sentences
                    .iter()
                    .skip(usize::from(*first))
                    .map(|sentence| sentence.text.clone());
                story.said.extend(said);
            }
            _ => {}
        }
    }
}

/// µ-law silence, and bytes of 20 ms.
const SILENCE: u8 = 0xff;
const WIRE_BYTES: usize = 160;

/// One call.
pub struct Phone {
    pub session: Session,
    ear: Ear,
    mouth: Mouth,
    caller: Vec<u8>,
    bot: Vec<u8>,
    /// Where the bot was told to be silent at once.
    cleared: Vec<At>,
    story: Arc<Mutex<Story>>,
    out: Vec<Out>,
    /// Level of the noise under the caller's voice, and its generator's state.
    noise: (i32, u32),
}

impl Phone {
    /// A call that has just been answered. `noise`: peak of the line's noise (of 32768).
    pub fn call(house: &Arc<House>, noise: i32) -> Self {
        let line = LineTraits {
            name: "recording",
            virtual_clock: true,
            ..LineTraits::PLAIN
        };
        let mut session = Session::new("phone", Arc::clone(house), line);
        let story = Arc::new(Mutex::new(Story::default()));
        session.narrate(Box::new(Listener(Arc::clone(&story))));
        session.answered(None);
        Self {
            session,
            ear: Ear::telephone(Coding::Ulaw),
            mouth: Mouth::telephone(Coding::Ulaw),
            caller: Vec::new(),
            // A frame is on its way when it is full: what is answered to it sounds after it.
            bot: vec![SILENCE; WIRE_BYTES],
            cleared: Vec::new(),
            story,
            out: Vec::new(),
            noise: (noise, 1),
        }
    }

    /// The end of both wires.
    pub fn now(&self) -> At {
        self.caller.len()
    }

    /// 20 ms, with this from the caller.
    fn tick(&mut self, said: &[u8]) {
        let mut wire = [SILENCE; WIRE_BYTES];
        wire[..said.len()].copy_from_slice(said);
        if self.noise.0 > 0 {
            wire.iter_mut()
                .for_each(|sample| *sample = noisy(*sample, &mut self.noise));
        }
        self.caller.extend_from_slice(&wire);
        let mut heard = Vec::new();
        self.ear.hear(&wire, &mut heard);
        let Some(LineEvent::Frame(frame)) = heard.first() else {
            unreachable!("160 bytes are a frame")
        };
        self.session.tick(Some(frame), &mut self.out);
        let mut heard = None;
        for out in self.out.drain(..) {
            match out {
                Out::Media(frame) => heard = Some(frame),
                Out::Clear => {
                    self.cleared.push(self.caller.len());
                    heard = None;
                }
                Out::Mark(_) | Out::Caption(_) | Out::CallOff | Out::End(_) => {}
            }
        }
        self.bot
            .extend_from_slice(self.mouth.encode(&heard.unwrap_or_default()));
    }

    /// The caller is silent.
    pub fn listen(&mut self, ms: u32) {
        (0..ms.div_ceil(TICK_MS)).for_each(|_| self.tick(&[]));
    }

    /// The caller is silent until the bot has been so for 600 ms.
    pub fn hear_out(&mut self) {
        let mut quiet_ms = 0;
        for _ in 0..PATIENCE_MS / TICK_MS {
            self.tick(&[]);
            quiet_ms = if self.session.is_speaking() {
                0
            } else {
                quiet_ms + TICK_MS
            };
            if quiet_ms >= 600 {
                break;
            }
        }
    }

    /// The caller is silent until the bot speaks, and for `ms` more.
    pub fn hear_begin(&mut self, ms: u32) {
        for _ in 0..PATIENCE_MS / TICK_MS {
            if self.session.is_speaking() {
                break;
            }
            self.tick(&[]);
        }
        self.listen(ms);
    }

    /// The caller says this; gives its first and last sample of speech.
    pub fn say(&mut self, said: &[u8]) -> (At, At) {
        let start = self.now();
        said.chunks(WIRE_BYTES).for_each(|chunk| self.tick(chunk));
        let spoken = &self.caller[start..];
        let first = spoken
            .iter()
            .position(is_speech)
            .expect("a clip has speech in it");
        let last = spoken
            .iter()
            .rposition(is_speech)
            .expect("a clip has speech in it");
        (start + first, start + last)
    }

    /// The bot's first sound in `range`.
    pub fn bot_sound(&self, range: Range<At>) -> Option<At> {
        let end = range.end.min(self.bot.len());
        let sound = |sample: &u8| decode_ulaw(*sample).unsigned_abs() >= SOUND;
        Some(range.start + self.bot[range.start.min(end)..end].iter().position(sound)?)
    }

    /// Where the bot was first told to be silent, from `from` on.
    pub fn silenced(&self, from: At) -> Option<At> {
        self.cleared.iter().copied().find(|&at| at >= from)
    }

    /// Looks at the call's story.
    pub fn story<T>(&self, look: impl FnOnce(&Story) -> T) -> T {
        look(&self.story.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many notes of this kind there were.
    pub fn count(&self, kind: impl Fn(&Note) -> bool) -> usize {
        self.story(|story| story.notes.iter().filter(|(_, note)| kind(note)).count())
    }

    /// The words of the caller's turns so far.
    pub fn turns(&self) -> Vec<String> {
        let words = |(_, note): &(Tick, Note)| match note {
            Note::Caller(hypothesis) => Some(hypothesis.text.clone()),
            _ => None,
        };
        self.story(|story| story.notes.iter().filter_map(words).collect())
    }
}

/// A sample with white noise under it.
fn noisy(sample: u8, (peak, state): &mut (i32, u32)) -> u8 {
    *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    let noise = (((*state >> 16) as i32 - 32_768) * *peak) >> 15;
    encode_ulaw((i32::from(decode_ulaw(sample)) + noise).clamp(-32_768, 32_767) as i16)
}
