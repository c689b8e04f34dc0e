//! The model of turn-taking: plain, and slow to surprise.

use attendant::call::{Event, Mark, Recognition, Tick, ticks};
use std::collections::VecDeque;

const EARLY: Tick = ticks(200);
const COMPLETE: Tick = ticks(240);
const OPEN: Tick = ticks(720);
const INCOMPLETE: Tick = ticks(2000);
pub const NO_INPUT: Tick = ticks(2000);
pub const BETWEEN_KEYS: Tick = ticks(1000);

/// What is answered: which sentences ask, whether it may be stopped, what follows.
pub fn answer(input: &str) -> (&'static [bool], bool, After) {
    match input {
        "says bye" => (&[false], false, After::HangUp),
        "says soon" => (&[false], true, After::HangUp),
        "says person" => (&[false, false], false, After::HandOver),
        "says story" => (&[false, false, true], true, After::Listen),
        "says law" => (&[false, true], false, After::Listen),
        "says hush" => (&[], true, After::Listen),
        _ => (&[true], true, After::Listen),
    }
}

fn wait(word: &str) -> Tick {
    match word {
        "yes" => COMPLETE,
        "well" => INCOMPLETE,
        _ => OPEN,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    Listen,
    HangUp,
    HandOver,
}

/// A reply on its way to the caller's ear.
#[derive(Clone, Debug)]
struct Saying {
    number: u32,
    asks: &'static [bool],
    stops: bool,
    heard: usize,
    /// Sentences that have begun to sound, and since when the first has.
    begun: usize,
    since: Option<Tick>,
}

#[derive(Clone, Debug, Default)]
struct Turn {
    /// Ticks with voice from first to last, stretch by stretch.
    voice: Vec<(Tick, Tick)>,
    asked_for: Option<(u32, Tick)>,
    heard: Option<Recognition>,
    cut: Vec<Saying>,
    asked: bool,
}

/// The model.
#[derive(Default)]
pub struct Model {
    now: Tick,
    talking: bool,
    passed_on: bool,
    voiced: VecDeque<bool>,
    stirs: VecDeque<bool>,
    speaking: bool,
    last_voice: Tick,
    saying: Vec<Saying>,
    after: Option<After>,
    says: u32,
    hears: u32,
    turn: Option<Turn>,
    /// The turn that was answered last, and the number of the answer.
    answered: Option<(Turn, u32)>,
    waiting: Option<Tick>,
    keys: String,
    last_key: Tick,
    full: Option<Tick>,
    useless: Option<Tick>,
    wants: Vec<String>,
}

impl Model {
    pub fn feed(&mut self, event: &Event) -> Vec<String> {
        match event {
            Event::Heard(heard) => self.tick(heard.voice > 0),
            Event::Answered(_) => {
                self.talking = true;
                self.input("start");
            }
            Event::Returned if self.passed_on && !self.talking => {
                (self.talking, self.passed_on) = (true, false);
                self.deafen();
                self.input("returned");
            }
            _ if !self.talking => {}
            Event::Digit { digit, .. } => self.key(digit.as_char()),
            Event::Recognized { id, outcome } => {
                if let Some(turn) = &mut self.turn
                    && turn.asked_for.is_some_and(|(current, _)| current == *id)
                {
                    turn.asked_for = None;
                    turn.heard = Some(outcome.clone());
                    self.perhaps_over();
                }
            }
            Event::Started(mark) => {
                let now = self.now;
                let mut all = self.saying.iter_mut();
                if let Some(saying) = all.find(|saying| saying.number == mark.playback) {
                    saying.begun = usize::from(mark.sentence) + 1;
                    saying.since.get_or_insert(now);
                }
            }
            Event::Played {
                mark,
                cleared: false,
            } => self.played(*mark),
            Event::HungUp => {
                self.forget();
                self.turn = None;
                self.end();
            }
            _ => {}
        }
        std::mem::take(&mut self.wants)
    }

    fn want(&mut self, what: impl Into<String>) {
        self.wants.push(what.into());
    }

    fn input(&mut self, input: &str) {
        self.want(format!("in: {input}"));
        self.waiting = None;
        let (asks, stops, after) = answer(input);
        if !asks.is_empty() {
            self.say(asks, stops, 0);
        }
        self.after = Some(after);
        self.go_on_when_silent();
    }

    fn say(&mut self, asks: &'static [bool], stops: bool, heard: usize) {
        self.says += 1;
        self.want(format!("say {} from {heard}", self.says));
        self.saying.push(Saying {
            number: self.says,
            asks,
            stops,
            heard,
            begun: 0,
            since: None,
        });
    }

    fn go_on_when_silent(&mut self) {
        if !self.saying.is_empty() {
            return;
        }
        match self.after.take() {
            None => {}
            Some(After::Listen) => self.waiting = Some(self.now),
            Some(After::HangUp) => {
                self.end();
                self.want("hang up");
            }
            Some(After::HandOver) => {
                self.end();
                self.passed_on = true;
                self.want("hand over");
            }
        }
    }

    fn end(&mut self) {
        self.talking = false;
        self.saying.clear();
        self.keys.clear();
        (self.after, self.waiting, self.answered) = (None, None, None);
    }

    fn tick(&mut self, voice: bool) {
        self.now += 1;
        if !self.talking {
            return;
        }
        self.listen(voice);
        self.perhaps_over();
        if !self.keys.is_empty() && self.now >= self.last_key + BETWEEN_KEYS {
            self.entry();
        }
        if let Some(since) = self.waiting
            && self.turn.is_none()
            && self.keys.is_empty()
            && !self.speaking
            && self.now - since >= NO_INPUT
        {
            self.input("no input");
        }
    }

    fn listen(&mut self, voice: bool) {
        let keep = |of: &mut VecDeque<bool>, most: usize| {
            of.push_back(voice);
            if of.len() > most {
                of.pop_front();
            }
        };
        keep(&mut self.voiced, 8);
        keep(&mut self.stirs, 3);
        if voice {
            self.last_voice = self.now;
        }
        if self.speaking {
            if self.now - self.last_voice >= EARLY {
                self.speaking = false;
                self.voiced.clear();
                self.paused();
            }
        } else if self.voiced.iter().filter(|voice| **voice).count() >= 4 {
            self.speaking = true;
            let first = self.voiced.iter().position(|voice| *voice).unwrap_or(0);
            self.speaks(self.now - (self.voiced.len() - 1 - first) as Tick);
        }
    }

    fn deafen(&mut self) {
        self.speaking = false;
        self.voiced.clear();
        self.stirs.clear();
    }

    fn speaks(&mut self, from: Tick) {
        let voice = (from, self.last_voice);
        if let Some(turn) = &mut self.turn {
            turn.voice.push(voice);
            return self.forget();
        }
        if self.saying.first().is_some_and(|saying| !saying.stops) {
            return self.deafen();
        }
        self.keys.clear();
        if let Some((mut turn, number)) = self.answered.take()
            && let Some(saying) = self.saying.first()
            && saying.number == number
            && saying.since.is_none_or(|since| from < since + ticks(300))
        {
            self.want("stop");
            self.saying.clear();
            self.after = Some(After::Listen);
            turn.voice.push(voice);
            (turn.asked_for, turn.heard) = (None, None);
            self.turn = Some(turn);
            return;
        }
        let asked = self.saying.first().is_none_or(|saying| {
            let reached = saying.begun.max(saying.heard);
            saying.asks[..reached].contains(&true)
        });
        if !self.saying.is_empty() {
            self.want("stop");
        }
        self.turn = Some(Turn {
            voice: vec![voice],
            cut: std::mem::take(&mut self.saying),
            asked,
            ..Turn::default()
        });
    }

    fn paused(&mut self) {
        let last = self.last_voice;
        let Some(turn) = &mut self.turn else { return };
        if let Some(voice) = turn.voice.last_mut() {
            voice.1 = last;
        }
        self.forget();
        self.hears += 1;
        if let Some(turn) = &mut self.turn {
            turn.asked_for = Some((self.hears, self.now));
        }
        self.want(format!("hear {}", self.hears));
    }

    fn forget(&mut self) {
        if let Some(turn) = &mut self.turn {
            turn.heard = None;
            if let Some((number, _)) = turn.asked_for.take() {
                self.want(format!("forget {number}"));
            }
        }
    }

    fn perhaps_over(&mut self) {
        let Some(turn) = &self.turn else { return };
        if self.speaking {
            return;
        }
        if turn
            .asked_for
            .is_some_and(|(_, at)| self.now - at >= ticks(3000))
        {
            self.forget();
            self.turn = None;
            return self.input("deaf");
        }
        let Some(heard) = turn.heard.clone() else {
            return;
        };
        let word = match &heard {
            Recognition::Words(words) => words[0].text.clone(),
            _ => String::new(),
        };
        let nod = heard == Recognition::Nothing || word == "mhm" && !turn.asked;
        if nod && !turn.cut.is_empty() {
            let cut = self.turn.take().map(|turn| turn.cut).unwrap_or_default();
            for saying in cut {
                self.say(saying.asks, saying.stops, saying.heard);
            }
            return self.go_on_when_silent();
        }
        let quiet = self.now - turn.voice.last().map_or(0, |voice| voice.1);
        let stirs = self.stirs.contains(&true) && quiet < wait(&word) + ticks(200);
        if quiet < wait(&word) || stirs {
            return;
        }
        let mut turn = self.turn.take().unwrap_or_default();
        turn.cut.clear();
        let length: Tick = turn.voice.iter().map(|(from, to)| to + 1 - from).sum();
        match heard {
            Recognition::Words(_) => {
                let number = self.says + 1;
                self.input(&format!("says {word}"));
                self.answered = Some((turn, number));
            }
            Recognition::Nothing if length < ticks(400) => self.go_on_when_silent(),
            Recognition::Nothing => self.input("noise"),
            Recognition::Failed => self.input("deaf"),
        }
    }

    fn key(&mut self, key: char) {
        let last = self.saying.first().is_some_and(|saying| !saying.stops);
        let leaves = self.after.is_some_and(|after| after != After::Listen);
        if last && leaves {
            return;
        }
        if self
            .useless
            .is_some_and(|then| self.now - then < ticks(700))
        {
            self.useless = Some(self.now);
            return;
        }
        (self.useless, self.answered) = (None, None);
        self.forget();
        self.deafen();
        if self.turn.take().is_some_and(|turn| !turn.cut.is_empty()) {
            self.after = Some(After::Listen);
        }
        self.go_on_when_silent();
        if self.saying.first().is_some_and(|saying| saying.stops) {
            self.want("stop");
            self.saying.clear();
            self.after = Some(After::Listen);
            self.go_on_when_silent();
        }
        self.waiting = self.waiting.map(|_| self.now);
        let full = self.full.take();
        if key == '#' {
            // Many press it after an entry that was over without.
            let late = full.is_some_and(|then| self.now < then + ticks(2000));
            if self.keys.is_empty() && late {
                return;
            }
            if self.keys.is_empty() {
                self.keys.push('#');
            }
            return self.entry();
        }
        self.keys.push(key);
        self.last_key = self.now;
        if self.keys.len() == 2 {
            self.full = Some(self.now);
            self.entry();
        }
    }

    fn entry(&mut self) {
        let entry = std::mem::take(&mut self.keys);
        self.input(&format!("keys {entry}"));
        self.useless = (self.talking && !entry.contains('1')).then_some(self.now);
    }

    fn played(&mut self, mark: Mark) {
        let mut all = self.saying.iter();
        let Some(at) = all.position(|saying| saying.number == mark.playback) else {
            return;
        };
        self.saying.drain(..at);
        let saying = &mut self.saying[0];
        saying.heard = saying.heard.max(usize::from(mark.sentence) + 1);
        if saying.heard == saying.asks.len() {
            self.saying.remove(0);
        }
        if self.saying.is_empty() && self.turn.is_none() {
            self.go_on_when_silent();
        }
    }
}
