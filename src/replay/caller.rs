//! The caller of a recorded call, who phones again. What was said goes out when the bot is where it was
//! then: so long after it had finished, or so long into its words. A bot that answers later or speaks
//! longer than on the day is waited for, as a person would.

use super::ReplayError;
use crate::audio::wav::{Channel, WavReader};
use crate::audio::{Digit, DigitSource, Frame, tone};
use crate::bundle::{Bundle, CALLER};
use crate::call::journal::{Entry, Journal};
use crate::call::{Action, Event, Mark, Tick, ticks};
use std::collections::VecDeque;
use std::fs::File;
use std::io::BufReader;

/// Voice level (0–255) from which the caller is taken to speak.
const VOICE: u8 = 64;
/// Sound that goes with a voice, before and after it.
const BEFORE: Tick = ticks(300);
const AFTER: Tick = ticks(240);
/// The line without a voice, as loud as it was: kept for the time between. At most so much of it.
const ROOM: usize = 250;
/// Sound is only the room's where no voice was near.
const QUIET: u8 = 24;
/// A bot that has been silent for so long has no more to say, whatever it said then.
const PATIENCE: Tick = ticks(9000);

/// What a caller does, beside sounding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    Key(Digit),
    /// Which one is not known: it was a secret.
    SecretKey,
    Types(String),
    HangsUp,
    /// A person is being called, and the caller stays on the line.
    IsCalled,
    /// That person has the caller.
    IsJoined,
    /// Nobody took the call that was passed on.
    Returns,
}

/// What must be before a part of the call is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// So long after the caller's own last sound: the bot said nothing in between.
    AfterCaller(Tick),
    /// So long after the bot had spoken so many times since.
    AfterBot { times: u32, ticks: Tick },
    /// So long into the bot's words, the so manieth since.
    IntoBot { times: u32, ticks: Tick },
}

/// Sound without a long break in it, and what is done meanwhile.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub wait: Wait,
    pub frames: Vec<Frame>,
    /// With the tick within the part.
    pub does: Vec<(Tick, Does)>,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Caller {
    parts: VecDeque<Part>,
    playing: Option<(Part, Tick)>,
    room: Vec<Frame>,
    room_at: usize,
    /// Times that the bot has begun to speak since the caller's last part.
    times: u32,
    bot_speaks: bool,
    /// For how long the bot has been silent, or speaking.
    bot_since: Tick,
    own_since: Tick,
    begun: bool,
}

/// One tick of the caller.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    pub frame: Frame,
    pub does: Vec<Does>,
    /// It is part of what was said, not the room.
    pub speaks: bool,
}

impl Caller {
    /// The caller of a bundle.
    ///
    /// # Errors
    /// [`ReplayError`]: the sound is missing or cannot be read.
    pub fn of(bundle: &Bundle) -> Result<Self, ReplayError> {
        let frames = sound(bundle)?;
        Ok(Self::new(&bundle.journal, &frames))
    }

    /// `frames`: a frame for each tick of the journal.
    pub fn new(journal: &Journal, frames: &[Frame]) -> Self {
        let told = Told::of(journal);
        let islands = told.islands(frames.len() as Tick);
        let spoken = told.spoken();
        let (mut parts, mut last) = (VecDeque::new(), 0);
        for (from, to) in islands {
            let wait = told.wait(&spoken, last, from, told.voice_in(from, to));
            let frame = |tick: Tick| frames.get(tick as usize).copied().unwrap_or_default();
            let does = told.does.iter().filter(|(at, _)| (from..to).contains(at));
            parts.push_back(Part {
                wait,
                frames: (from..to).map(frame).collect(),
                does: does.map(|(at, does)| (at - from, does.clone())).collect(),
            });
            last = to;
        }
        Self {
            parts,
            playing: None,
            room: told.room(frames),
            room_at: 0,
            times: 0,
            bot_speaks: false,
            bot_since: 0,
            own_since: 0,
            begun: false,
        }
    }

    /// What there is still to say and do, in order.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter()
    }

    /// All that is said, without the time between; 16 kHz.
    pub fn said(&self) -> Vec<i16> {
        let frames = self.parts.iter().flat_map(|part| &part.frames);
        frames.flat_map(|frame| frame.0).collect()
    }

    /// Changes the caller's sound, part by part: noise, a worse line, another pace.
    pub fn change(&mut self, mut sound: impl FnMut(&[i16]) -> Vec<i16>) {
        for part in &mut self.parts {
            let samples: Vec<i16> = part.frames.iter().flat_map(|frame| frame.0).collect();
            let changed = sound(&samples);
            let before = part.frames.len().max(1) as u64;
            part.frames = tone::frames(&changed).collect();
            let after = part.frames.len() as u64;
            for (at, _) in &mut part.does {
                *at = Tick::try_from(u64::from(*at) * after / before).unwrap_or(*at);
            }
        }
        let room: Vec<i16> = self.room.iter().flat_map(|frame| frame.0).collect();
        self.room = tone::frames(&sound(&room)).collect();
    }

    /// Has everything been said and done?
    pub fn is_done(&self) -> bool {
        self.parts.is_empty() && self.playing.is_none()
    }

    /// The next 20 ms, told whether the bot is speaking.
    pub fn next(&mut self, bot_speaks: bool) -> Heard {
        self.listen(bot_speaks);
        if self.playing.is_none()
            && self.is_due()
            && let Some(part) = self.parts.pop_front()
        {
            self.playing = Some((part, 0));
            self.times = 0;
        }
        let Some((part, at)) = &mut self.playing else {
            self.own_since += 1;
            return Heard {
                frame: self.room_tone(),
                does: Vec::new(),
                speaks: false,
            };
        };
        let now = *at;
        let due = part.does.iter().filter(|(tick, _)| *tick == now);
        let heard = Heard {
            frame: part.frames.get(now as usize).copied().unwrap_or_default(),
            does: due.map(|(_, does)| does.clone()).collect(),
            speaks: true,
        };
        *at += 1;
        let last = part.does.iter().map(|(tick, _)| *tick).max().unwrap_or(0);
        if *at as usize >= part.frames.len() && *at > last {
            self.playing = None;
            self.own_since = 0;
            self.begun = true;
        }
        heard
    }

    fn listen(&mut self, bot_speaks: bool) {
        if bot_speaks == self.bot_speaks {
            self.bot_since += 1;
            return;
        }
        self.bot_speaks = bot_speaks;
        self.bot_since = 1;
        self.times += u32::from(bot_speaks);
    }

    fn is_due(&self) -> bool {
        let Some(part) = self.parts.front() else {
            return false;
        };
        let waited = !self.bot_speaks && self.bot_since >= PATIENCE && self.own_since >= PATIENCE;
        waited
            || match part.wait {
                Wait::AfterCaller(ticks) => self.own_since >= ticks,
                Wait::AfterBot { times, ticks } => {
                    self.times >= times && !self.bot_speaks && self.bot_since >= ticks
                }
                Wait::IntoBot { times, ticks } => {
                    self.times >= times && self.bot_speaks && self.bot_since >= ticks
                }
            }
    }

    fn room_tone(&mut self) -> Frame {
        if self.room.is_empty() {
            return Frame::SILENCE;
        }
        self.room_at = (self.room_at + 1) % self.room.len();
        self.room[self.room_at]
    }
}

/// The caller's frames, one a tick.
fn sound(bundle: &Bundle) -> Result<Vec<Frame>, ReplayError> {
    let path = bundle
        .file(CALLER)
        .ok_or_else(|| ReplayError::NoSound(bundle.name()))?;
    let shown = path.display().to_string();
    let file = File::open(&path).map_err(|error| ReplayError::Read {
        path: shown.clone(),
        error,
    })?;
    let frames = WavReader::new(BufReader::new(file), Channel::Mix)
        .map_err(|error| ReplayError::Sound { path: shown, error })?;
    Ok(frames.collect())
}

/// What the journal tells of both sides, tick by tick.
struct Told {
    /// Voice level of each tick, the first one's at 0.
    voice: Vec<u8>,
    tone: Vec<bool>,
    /// When the bot spoke: from, to.
    bot: Vec<(Tick, Tick)>,
    does: Vec<(Tick, Does)>,
}

impl Told {
    fn of(journal: &Journal) -> Self {
        let mut told = Self {
            voice: Vec::new(),
            tone: Vec::new(),
            bot: Vec::new(),
            does: Vec::new(),
        };
        // Since when, and the sentence that sounds: the next one begins before the news that one was heard.
        let mut speaking: Option<(Tick, Mark)> = None;
        for (_, entry) in &journal.entries {
            let now = told.voice.len() as Tick;
            match entry {
                Entry::In(Event::Heard(heard)) => {
                    told.voice.push(heard.voice);
                    told.tone.push(heard.tone);
                }
                Entry::In(Event::Gap) => {
                    told.voice.push(0);
                    told.tone.push(false);
                }
                Entry::In(Event::Started(mark)) => {
                    let from = speaking.map_or(now, |(from, _)| from);
                    speaking = Some((from, *mark));
                }
                Entry::In(Event::Played { mark, .. }) => {
                    if let Some((from, _)) = speaking.take_if(|(_, sounds)| sounds == mark) {
                        told.bot.push((from, now));
                    }
                }
                Entry::Out(Action::Clear(_)) => {
                    if let Some((from, _)) = speaking.take() {
                        told.bot.push((from, now));
                    }
                }
                Entry::In(event) => told.event(now, event),
                Entry::Out(_) => {}
            }
        }
        told
    }

    fn event(&mut self, now: Tick, event: &Event) {
        let does = match event {
            Event::Digit {
                digit,
                source: DigitSource::Signalled,
            } => Does::Key(*digit),
            Event::SecretDigit => Does::SecretKey,
            Event::Typed { text } => Does::Types(text.clone()),
            Event::HungUp => Does::HangsUp,
            Event::Returned => Does::Returns,
            Event::Calling => Does::IsCalled,
            Event::Joined => Does::IsJoined,
            _ => return,
        };
        self.does.push((now, does));
    }

    /// When the bot spoke, sentences of one reply joined.
    fn spoken(&self) -> Vec<(Tick, Tick)> {
        let mut joined: Vec<(Tick, Tick)> = Vec::new();
        for (from, to) in &self.bot {
            match joined.last_mut() {
                Some((_, end)) if *from <= *end + ticks(300) => *end = *to,
                _ => joined.push((*from, *to)),
            }
        }
        joined
    }

    /// Stretches in which the caller does something; `length`: ticks of sound.
    fn islands(&self, length: Tick) -> Vec<(Tick, Tick)> {
        let end = length.max(self.voice.len() as Tick);
        let voiced = self.voice.iter().zip(&self.tone).enumerate();
        let mut all: Vec<(Tick, Tick)> = voiced
            .filter(|(_, (voice, tone))| **voice >= VOICE || **tone)
            .map(|(tick, _)| {
                let tick = tick as Tick;
                (tick.saturating_sub(BEFORE), (tick + 1 + AFTER).min(end))
            })
            .collect();
        all.extend(self.does.iter().map(|(at, _)| (*at, at + 1)));
        all.sort_unstable();
        let mut islands: Vec<(Tick, Tick)> = Vec::new();
        for (from, to) in all {
            match islands.last_mut() {
                Some((_, end)) if from <= *end => *end = (*end).max(to),
                _ => islands.push((from, to)),
            }
        }
        islands
    }

    /// The first tick with a voice or a key's tone in it, or with anything else that is done.
    fn voice_in(&self, from: Tick, to: Tick) -> Tick {
        let voiced = |tick: &Tick| {
            let at = *tick as usize;
            self.voice.get(at).is_some_and(|voice| *voice >= VOICE)
                || self.tone.get(at).is_some_and(|tone| *tone)
        };
        let does = self.does.iter().map(|(at, _)| *at);
        let first = (from..to).find(voiced).unwrap_or(to);
        does.filter(|at| (from..to).contains(at))
            .min()
            .map_or(first, |at| at.min(first))
    }

    /// What the part from `from` on waited for, `last` being the end of the one before. `voice`: where in
    /// it the caller really begins.
    fn wait(&self, spoken: &[(Tick, Tick)], last: Tick, from: Tick, voice: Tick) -> Wait {
        let since = spoken
            .iter()
            .filter(|(begin, _)| (last..=voice).contains(begin));
        let times = since.count() as u32;
        let bot = spoken.iter().rev().find(|(begin, _)| *begin <= voice);
        match bot {
            Some((begin, end)) if voice < *end => Wait::IntoBot {
                times,
                ticks: from.saturating_sub(*begin),
            },
            Some((_, end)) if times > 0 => Wait::AfterBot {
                times,
                ticks: from.saturating_sub(*end),
            },
            _ => Wait::AfterCaller(from.saturating_sub(last)),
        }
    }

    fn room(&self, frames: &[Frame]) -> Vec<Frame> {
        let near = |tick: usize| {
            let around = tick.saturating_sub(BEFORE as usize)
                ..(tick + BEFORE as usize).min(self.voice.len());
            let voice = |tick: usize| self.voice[tick] >= QUIET || self.tone[tick];
            around.into_iter().any(voice)
        };
        let quiet = (0..frames.len().min(self.voice.len())).filter(|tick| !near(*tick));
        let room: Vec<Frame> = quiet.map(|tick| frames[tick]).take(ROOM).collect();
        // A loop of a few frames would be a tone.
        if room.len() < ROOM / 5 {
            Vec::new()
        } else {
            room
        }
    }
}

#[cfg(test)]
#[path = "caller_tests.rs"]
mod tests;
