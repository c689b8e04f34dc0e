//! Turn-taking on real models: whether sentences with pauses are cut off, how long the caller waits
//! for an answer, how soon the bot falls silent, and what a nod does. Phones the sample shop with the
//! voices of `audio-fixtures/turns/`, 8 kHz µ-law on the wire, on the virtual clock (computing time is
//! measured and counted), and measures on the two wires alone.
//!
//! `cargo bench --bench turns [-- --strict] [--verbose] [--noise PEAK]`; `--strict`: exit code 1 when a
//! target is missed; `--noise`: white noise of that peak (of 32768) under every caller.

#[path = "../tests/suite/support/phone.rs"]
#[allow(dead_code, reason = "the test suite uses the rest")]
mod phone;

use attendant::call::{EndOfTurn, Note};
use attendant::config::Config;
use attendant::runtime::house::{House, Keep};
use phone::{At, Clips, Phone, ms};
use std::process::ExitCode;
use std::sync::Arc;

const PAUSE_MS: usize = 600;
const DIGIT_PAUSE_MS: usize = 1000;
/// Long enough for every answer to have begun.
const ANSWER_MS: u32 = 3500;
/// Samples in that time.
const ANSWER: At = ANSWER_MS as At * 8;

/// One measured line of the table.
struct Row {
    what: &'static str,
    tried: usize,
    good: usize,
    /// ms, of those where there is something to measure.
    times: Vec<f64>,
    target: &'static str,
    met: fn(&Row) -> bool,
}

impl Row {
    fn new(what: &'static str, target: &'static str, met: fn(&Row) -> bool) -> Self {
        Self {
            what,
            tried: 0,
            good: 0,
            times: Vec::new(),
            target,
            met,
        }
    }

    fn add(&mut self, good: bool, time: Option<f64>) {
        self.tried += 1;
        self.good += usize::from(good);
        self.times.extend(time);
    }

    fn share(&self) -> f64 {
        self.good as f64 * 100.0 / self.tried.max(1) as f64
    }

    fn all_good(&self) -> bool {
        self.tried > 0 && self.good == self.tried
    }

    /// Quantile by nearest rank; infinite without times.
    fn quantile(&self, share: f64) -> f64 {
        let mut times = self.times.clone();
        times.sort_by(f64::total_cmp);
        let rank = (times.len() as f64 * share).ceil() as usize;
        times.get(rank.max(1) - 1).copied().unwrap_or(f64::INFINITY)
    }

    fn print(&self) {
        let Self {
            what,
            tried,
            good,
            target,
            ..
        } = self;
        let time = |share: f64| {
            if self.times.is_empty() {
                "–".into()
            } else {
                format!("{:.0}", self.quantile(share))
            }
        };
        let met = if (self.met)(self) { "PASS" } else { "miss" };
        let (share, median, p95, most) = (self.share(), time(0.5), time(0.95), time(1.0));
        println!(
            "{what:<52}{tried:>5}{good:>6}{share:>6.0} %{median:>8}{p95:>8}{most:>8}  {met}  {target}"
        );
    }
}

/// What all measurements share.
struct Bench {
    house: Arc<House>,
    clips: Clips,
    noise: i32,
    verbose: bool,
}

impl Bench {
    fn phone(&self) -> Phone {
        Phone::call(&self.house, self.noise)
    }

    fn clip(&self, voice: &str, words: &str) -> Vec<u8> {
        self.clips
            .say(voice, &[words], 0)
            .expect("every voice says this")
    }

    fn tell(&self, line: impl FnOnce() -> String) {
        if self.verbose {
            println!("  {}", line());
        }
    }

    /// Says a turn; gives the reply gap.
    fn turn(&self, phone: &mut Phone, voice: &str, words: &str) -> f64 {
        let before = phone.turns().len();
        let clip = self.clip(voice, words);
        // Not always at the same place in a tick.
        phone.listen(20 * (clip.len() % 3) as u32);
        let (_, last) = phone.say(&clip);
        phone.listen(ANSWER_MS);
        let gap = phone
            .bot_sound(last..last + ANSWER)
            .map_or(f64::INFINITY, |first| ms(last, first));
        self.tell(|| {
            format!(
                "{voice:<9}{gap:>6.0} ms  {words:?} heard as {:?} {}",
                &phone.turns()[before..],
                timing(phone)
            )
        });
        gap
    }

    /// Sentences with a pause at various words.
    fn pauses(&self, rows: &mut Vec<Row>) {
        let mut whole = Row::new(
            "a sentence with a 600 ms pause is not cut off",
            "none",
            Row::all_good,
        );
        let mut back = Row::new(
            "  … nor a reply begun that had to be taken back",
            "report",
            |_| true,
        );
        for line in self.clips.lines("pause") {
            for voice in self.clips.voices() {
                let Some(said) = self.clips.say(voice, &line, PAUSE_MS) else {
                    continue;
                };
                let mut phone = self.phone();
                phone.hear_out();
                let (first, last) = phone.say(&said);
                phone.listen(ANSWER_MS);
                let sound = phone.bot_sound(first..last);
                let taken_back = phone.count(|note| *note == Note::TakenBack);
                let gap = phone.bot_sound(last..last + ANSWER).map(|at| ms(last, at));
                // Two turns instead of one: the first half was answered, even if silently.
                whole.add(
                    sound.is_none() && phone.turns().len() - taken_back <= 1,
                    gap,
                );
                back.add(taken_back == 0, None);
                self.tell(|| {
                    format!(
                        "{voice:<9}{} {line:?} heard as {:?} {:?} {:?}",
                        verdict(sound.is_none()),
                        phone.turns(),
                        ends(&phone),
                        sure(&phone)
                    )
                });
            }
        }
        rows.extend([whole, back]);
    }

    /// An order number, said one by one.
    fn digits(&self, rows: &mut Vec<Row>) {
        let mut whole = Row::new(
            "digits one by one, 1 s between: not cut off",
            "none",
            Row::all_good,
        );
        let mut gap = Row::new(
            "  … answered after the last digit within 400 ms",
            "all ≤ 400",
            |row| row.all_good(),
        );
        let mut right = Row::new("  … and heard right", "report", |_| true);
        for voice in self.clips.voices() {
            for line in self.clips.lines("digits") {
                let said = self
                    .clips
                    .say(voice, &line, DIGIT_PAUSE_MS)
                    .expect("every voice says digits");
                let mut phone = self.phone();
                phone.hear_out();
                self.turn(&mut phone, voice, "where is my order");
                phone.hear_out();
                let (first, last) = phone.say(&said);
                phone.listen(ANSWER_MS);
                let cut = phone.bot_sound(first..last).is_some();
                whole.add(!cut, None);
                let time = phone
                    .bot_sound(last..last + ANSWER)
                    .map_or(f64::INFINITY, |at| ms(last, at));
                gap.add(!cut && time <= 400.0, Some(time));
                let turns = phone.turns();
                right.add(
                    turns.last().is_some_and(|words| {
                        words.contains("456712") || words.contains("four five six seven one two")
                    }),
                    None,
                );
                self.tell(|| {
                    format!(
                        "{voice:<9}{time:>6.0} ms  digits heard as {turns:?} {}",
                        timing(&phone)
                    )
                });
            }
        }
        rows.extend([whole, gap, right]);
    }

    /// Turns as callers of the shop make them.
    fn replies(&self, rows: &mut Vec<Row>) {
        let mut all = Row::new("reply gap, a mixed set of turns", "median ≤ 500", |row| {
            row.quantile(0.5) <= 500.0
        });
        let mut slot = Row::new(
            "reply gap, the answer completes the open slot",
            "median ≤ 350",
            |row| row.quantile(0.5) <= 350.0,
        );
        for voice in self.clips.voices() {
            let mut phone = self.phone();
            // "yes": there is something else.
            let turns = [
                "what are your opening hours",
                "are you open on sunday",
                "I want to return the shoes",
                "yes",
                "where is my order",
            ];
            for words in turns {
                phone.hear_out();
                let gap = self.turn(&mut phone, voice, words);
                all.add(gap <= 500.0, Some(gap));
            }
            phone.hear_out();
            let gap = self.turn(&mut phone, voice, "four five six seven one two");
            all.add(gap <= 500.0, Some(gap));
            slot.add(gap <= 350.0, Some(gap));
            phone.hear_out();
            if phone.story(|story| {
                story
                    .said
                    .last()
                    .is_some_and(|said| said.contains("is that right"))
            }) {
                let gap = self.turn(&mut phone, voice, "yes");
                all.add(gap <= 500.0, Some(gap));
                slot.add(gap <= 350.0, Some(gap));
                phone.hear_out();
            }
            let gap = self.turn(&mut phone, voice, "no thank you");
            all.add(gap <= 500.0, Some(gap));
            for words in ["I want to talk to a person", "goodbye"] {
                let mut phone = self.phone();
                phone.hear_out();
                let gap = self.turn(&mut phone, voice, words);
                all.add(gap <= 500.0, Some(gap));
            }
        }
        rows.extend([all, slot]);
    }

    /// The caller cuts in: at the greeting, at an explanation, at opening hours.
    fn barge_in(&self, rows: &mut Vec<Row>) {
        let mut row = Row::new(
            "barge-in: the bot is silent within 200 ms",
            "all ≤ 200",
            Row::all_good,
        );
        for voice in self.clips.voices() {
            for (asked, cut_in, after_ms) in [
                (None, "where is my order", 1500),
                (None, "I want to talk to a person", 900),
                (
                    Some("I want to return the shoes"),
                    "what are your opening hours",
                    2500,
                ),
                (
                    Some("I want to return the shoes"),
                    "are you open on sunday",
                    4020,
                ),
                (
                    Some("what are your opening hours"),
                    "I want to return the shoes",
                    1240,
                ),
            ] {
                let mut phone = self.phone();
                if let Some(words) = asked {
                    phone.hear_out();
                    phone.say(&self.clip(voice, words));
                }
                phone.hear_begin(after_ms);
                let (first, _) = phone.say(&self.clip(voice, cut_in));
                phone.listen(ANSWER_MS);
                let time = phone
                    .silenced(first)
                    .map_or(f64::INFINITY, |at| ms(first, at));
                row.add(time <= 200.0, Some(time));
                self.tell(|| {
                    format!(
                        "{voice:<9}{time:>6.0} ms  {cut_in:?} into {asked:?} heard as {:?}",
                        phone.turns()
                    )
                });
            }
        }
        rows.push(row);
    }

    /// Sounds of listening during an explanation.
    fn nods(&self, rows: &mut Vec<Row>) {
        let mut row = Row::new(
            "\"okay\", \"uh-huh\", \"mm-hm\": the explanation goes on",
            "all",
            Row::all_good,
        );
        for line in self.clips.lines("nod") {
            for voice in self.clips.voices() {
                let mut phone = self.phone();
                phone.hear_out();
                phone.say(&self.clip(voice, "I want to return the shoes"));
                phone.hear_begin(2500);
                let before = phone.turns().len();
                let (first, last) = phone.say(&self.clip(voice, line[0]));
                phone.listen(ANSWER_MS);
                let paused = phone.silenced(first);
                let again = paused.and_then(|at| {
                    phone
                        .bot_sound(at.max(last)..at.max(last) + ANSWER)
                        .map(|on| ms(at, on))
                });
                let resumed = paused.is_none()
                    || phone.count(|note| matches!(note, Note::Resumed { .. })) > 0;
                let turns = &phone.turns()[before..];
                row.add(resumed && turns.is_empty(), again);
                self.tell(|| {
                    format!(
                        "{voice:<9}{} {line:?}: paused for {again:?}, turns {turns:?} {:?}",
                        verdict(resumed && turns.is_empty()),
                        sure(&phone)
                    )
                });
            }
        }
        rows.push(row);
    }
}

fn verdict(good: bool) -> &'static str {
    if good { "whole" } else { "CUT  " }
}

/// Where the last turn's time went, in the engine's own view.
fn timing(phone: &Phone) -> String {
    let Some(turn) = phone.session.latencies().last() else {
        return "no turn".into();
    };
    let [asked, recognised, over] = [turn.asked_ms, turn.recognized_ms, turn.endpoint_ms];
    format!(
        "{:?} asked {asked} recognised {recognised} (computing {}) over {over}",
        turn.why, turn.recognizer_ms
    )
}

/// How sure the recogniser was of each turn, per mille.
fn sure(phone: &Phone) -> Vec<u16> {
    let sure = |note: &Note| {
        if let Note::Caller(words) = note {
            Some(words.confidence)
        } else {
            None
        }
    };
    phone.story(|story| {
        story
            .notes
            .iter()
            .filter_map(|(_, note)| sure(note))
            .collect()
    })
}

/// Why the turns ended.
fn ends(phone: &Phone) -> Vec<EndOfTurn> {
    let why = |note: &Note| {
        if let Note::TurnEnded { why, .. } = note {
            Some(*why)
        } else {
            None
        }
    };
    phone.story(|story| {
        story
            .notes
            .iter()
            .filter_map(|(_, note)| why(note))
            .collect()
    })
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let flag = |name: &str| args.iter().any(|arg| arg == name);
    let noise = args
        .iter()
        .position(|arg| arg == "--noise")
        .and_then(|at| args.get(at + 1)?.parse().ok());
    let now = "2026-11-24T10:30:00".parse().expect("a time");
    let house = House::open(&Config::default(), Keep::Nothing, Some(now));
    let mut house = house.expect("the bundled models");
    house.recorder = None;
    let bench = Bench {
        house: Arc::new(house),
        clips: Clips::open(),
        noise: noise.unwrap_or(0),
        verbose: flag("--verbose"),
    };
    let mut rows = Vec::new();
    bench.pauses(&mut rows);
    bench.digits(&mut rows);
    bench.replies(&mut rows);
    bench.barge_in(&mut rows);
    bench.nods(&mut rows);
    println!(
        "{:<52}{:>5}{:>6}{:>8}{:>8}{:>8}{:>8}",
        "ms on the wire", "tries", "good", "share", "median", "p95", "most"
    );
    rows.iter().for_each(Row::print);
    let missed = rows.iter().filter(|row| !(row.met)(row)).count();
    println!("{missed} of {} targets missed", rows.len());
    if flag("--strict") && missed > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
