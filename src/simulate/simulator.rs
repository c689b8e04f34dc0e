//! One simulated call: a whole session on a virtual clock, a caller by script, and everything of it that
//! can be watched. A few thousand of them a minute; what must hold of each is `invariants`'.

use super::caller::{Caller, Deed, NOISE, framed};
use super::ears::{Lines, Murmur, ScriptedEars};
use super::invariants::{Broken, Facts, broken};
use super::script::{Fault, Script, Step};
use crate::audio::Frame;
use crate::call::journal::Entry;
use crate::call::{Action, Endpointing, Event, Tick, ticks};
use crate::dialogue::{Disposition, LookupResult, Place};
use crate::replay::audio::{PacedHearing, PacedSpeaking};
use crate::runtime::business::Business;
use crate::runtime::house::{House, OpenError};
use crate::runtime::recorder::Recorder;
use crate::runtime::session::{Ending, LineTraits, Narrator, Out, Session};
use crate::speech::{Hearing, Speaking, SpeechError, Synthesizer};
use crate::store::{BackEnd, StoreError};
use crate::telemetry::{self, LogFormat, TelemetryError};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Time after a call in which nothing may come any more.
const AFTERWARDS: Tick = ticks(2000);
/// A call that is longer will never end: half an hour.
const LONGEST: Tick = ticks(1_800_000);

const LINE: LineTraits = LineTraits {
    name: "simulated",
    virtual_clock: true,
    ..LineTraits::PLAIN
};

/// Real ears, and voices for the callers.
pub struct Aloud {
    pub hearing: Arc<dyn Hearing>,
    pub speaking: Arc<dyn Speaking>,
    /// By number: a call says which one it is.
    pub voices: Mutex<Vec<Box<dyn Synthesizer>>>,
    pub recognizer: String,
}

/// Where callers phone.
pub struct Simulator {
    pub business: Business,
    pub facts: Facts,
    pub endpointing: Endpointing,
    /// `None`: scripted ears.
    pub aloud: Option<Aloud>,
}

/// What one tick sounded like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    pub caller: bool,
    pub bot: bool,
    /// Silence that counts as no input; `None`: the call is over, or passed on.
    pub limit: Option<Tick>,
}

/// A call that is over.
#[derive(Clone, Debug, Default)]
pub struct Called {
    /// All but the ticks.
    pub entries: Vec<(Tick, Entry)>,
    /// Where the dialogue stood after so many of them.
    pub places: Vec<(usize, Place)>,
    pub moments: Vec<Moment>,
    /// Ticks at which the caller's words ended.
    pub said: Vec<Tick>,
    /// Ticks at which sound went out although the call was over.
    pub late: Vec<Tick>,
    /// What was keyed at secret questions, entry by entry.
    pub secrets: Vec<String>,
    /// What the caller said and keyed elsewhere.
    pub open: String,
    /// Every log line, whatever its level.
    pub log: String,
    pub disposition: Option<Disposition>,
}

/// Why a call could not be made. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    #[error("{0}")]
    Open(#[from] OpenError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Telemetry(#[from] TelemetryError),
    #[error("the caller has no voice: {0}")]
    Voice(#[from] SpeechError),
}

impl Simulator {
    /// A simulator with scripted ears.
    pub fn new(business: Business, endpointing: Endpointing) -> Self {
        Self {
            facts: Facts::of(&business.domain),
            business,
            endpointing,
            aloud: None,
        }
    }

    /// Makes a call, and says what it broke.
    ///
    /// # Errors
    /// [`SimulateError`]: it could not be made.
    pub fn try_out(&self, script: &Script) -> Result<(Called, Vec<Broken>), SimulateError> {
        let called = self.phone(script, None)?;
        let broken = broken(&called, &self.facts);
        Ok((called, broken))
    }

    /// Makes a call; `keep`: the folder for its bundle, and the bundle's name.
    ///
    /// # Errors
    /// [`SimulateError`]: it could not be made.
    pub fn phone(
        &self,
        script: &Script,
        keep: Option<(&Path, &str)>,
    ) -> Result<Called, SimulateError> {
        let log = Log::default();
        let filter = telemetry::filter("trace")?;
        let subscriber = telemetry::subscriber(LogFormat::Text, filter, false, log.clone());
        let dispatch = tracing::Dispatch::new(subscriber);
        let mut called = tracing::dispatcher::with_default(&dispatch, || {
            self.phone_logged(script, keep, &dispatch)
        })?;
        called.log = log.text();
        Ok(called)
    }

    fn phone_logged(
        &self,
        script: &Script,
        keep: Option<(&Path, &str)>,
        log: &tracing::Dispatch,
    ) -> Result<Called, SimulateError> {
        let faults = Faults::default();
        let (caller, lines) = self.caller(script)?;
        let house = Arc::new(self.house(script, lines, keep, &faults, log)?);
        let seen = Seen::default();
        let name = keep.map_or("simulated", |(_, name)| name);
        let mut session = Session::new(name, Arc::clone(&house), LINE);
        session.narrate(Box::new(seen.clone()));
        session.answered(script.call.from.clone());
        let mut call = Phoning {
            called: Called {
                open: open_words(script),
                ..Called::default()
            },
            session,
            caller,
            seen,
            faults,
            over: None,
            passed_on: false,
            entry: String::new(),
            keyed_secretly: false,
        };
        call.run();
        let disposition = call.session.disposition();
        drop(call.session);
        drop(house);
        Ok(Called {
            entries: call.seen.take(),
            disposition,
            ..call.called
        })
    }

    fn caller(&self, script: &Script) -> Result<(Caller, Lines), SimulateError> {
        let mut lines = Lines::default();
        let caller = match &self.aloud {
            None => Caller::new(script, |step| match step.noise {
                Some(ms) => Ok(lines.noise(ms)),
                None => Ok::<_, SpeechError>(lines.say(step)),
            }),
            Some(aloud) => {
                let mut voices = aloud.voices.lock().unwrap_or_else(PoisonError::into_inner);
                let number = script.call.voice as usize % voices.len().max(1);
                Caller::new(script, |step| match (step.noise, voices.get_mut(number)) {
                    (None, Some(voice)) => spoken(&mut **voice, step),
                    (ms, _) => Ok(lines.noise(ms.unwrap_or_default())),
                })
            }
        };
        Ok((caller?, lines))
    }

    fn house(
        &self,
        script: &Script,
        lines: Lines,
        keep: Option<(&Path, &str)>,
        faults: &Faults,
        log: &tracing::Dispatch,
    ) -> Result<House, SimulateError> {
        let now = script.call.now;
        let store = Arc::new(self.business.fresh_store(now.date())?);
        let (work, faults, pace) = (Arc::clone(&store), faults.clone(), faults.clone());
        let log = log.clone();
        let back_end = BackEnd::answering(store, move |request| {
            tracing::dispatcher::with_default(&log, || match faults.is_dead(&request.name) {
                true => LookupResult::Failed,
                false => work.ask(request),
            })
        })
        .paced(move |operation| pace.takes(operation));
        let ear = Duration::from_millis(script.call.ear_ms.into());
        let voice = Duration::from_millis(script.call.voice_ms.into());
        let (hearing, speaking): (Arc<dyn Hearing>, Arc<dyn Speaking>) = match &self.aloud {
            None => (
                Arc::new(ScriptedEars { lines, took: ear }),
                Arc::new(Murmur(voice)),
            ),
            Some(aloud) => (
                Arc::new(PacedHearing(Arc::clone(&aloud.hearing), ear)),
                Arc::new(PacedSpeaking(Arc::clone(&aloud.speaking), voice)),
            ),
        };
        let aloud = self.aloud.as_ref();
        Ok(House {
            domain: Arc::clone(&self.business.domain),
            back_end,
            hearing,
            speaking,
            endpointing: self.endpointing,
            recorder: keep.map(|(folder, _)| Recorder::start(folder, true)),
            desk: None,
            recognizer: aloud.map_or("scripted".into(), |aloud| aloud.recognizer.clone()),
            now: Some(now),
        })
    }
}

/// A step in a real voice; its pause where the script has it.
fn spoken(voice: &mut dyn Synthesizer, step: &Step) -> Result<Vec<Frame>, SpeechError> {
    let text = step.say.text();
    let words: Vec<&str> = text.split_whitespace().collect();
    let Some(pause) = step.pause.filter(|pause| pause.words < words.len()) else {
        return Ok(framed(&voice.synthesize(text)?));
    };
    let mut sound = framed(&voice.synthesize(&words[..pause.words].join(" "))?);
    sound.extend((0..ticks(pause.ms)).map(|_| Frame::SILENCE));
    sound.extend(framed(&voice.synthesize(&words[pause.words..].join(" "))?));
    Ok(sound)
}

/// All that is said.
fn open_words(script: &Script) -> String {
    let said = script.step.iter().flat_map(|step| {
        let also = step.also.iter().map(|also| also.hears.as_str());
        let heard = step.hears.as_deref();
        also.chain(heard).chain([step.say.text()])
    });
    let mut words = said.collect::<Vec<_>>().join("\n");
    words.push('\n');
    words.extend(script.call.from.as_deref());
    words
}

/// A call that goes on.
struct Phoning {
    called: Called,
    session: Session,
    caller: Caller,
    seen: Seen,
    faults: Faults,
    over: Option<Tick>,
    passed_on: bool,
    /// Keys since the last other thing.
    entry: String,
    keyed_secretly: bool,
}

impl Phoning {
    fn run(&mut self) {
        let mut out = Vec::new();
        self.look();
        while self.session.now() < LONGEST {
            let now = self.session.now();
            if self.over.is_some_and(|over| now >= over + AFTERWARDS) {
                break;
            }
            let frame = self.act();
            self.session.tick(Some(&frame), &mut out);
            let mut sounds = false;
            for item in out.drain(..) {
                match item {
                    Out::Media(_) if self.over.is_some() || self.passed_on => {
                        self.called.late.push(now);
                    }
                    Out::Media(frame) => sounds |= frame != Frame::SILENCE,
                    Out::Clear => sounds = false,
                    Out::End(Ending::HandOver(_)) => self.passed_on = true,
                    Out::End(Ending::HangUp(_)) => self.over = Some(now),
                    Out::Mark(_) | Out::Caption(_) | Out::CallOff => {}
                }
            }
            if let Some(moment) = self.called.moments.last_mut() {
                moment.bot = sounds;
            }
            if self.passed_on && self.caller.is_gone() {
                self.over.get_or_insert(now);
            }
            self.look();
        }
        self.close_entry();
    }

    /// The caller's part of a tick.
    fn act(&mut self) -> Frame {
        if self.over.is_some() {
            self.called.moments.push(Moment::default());
            return Frame::SILENCE;
        }
        let question = self.session.dialogue().map(|dialogue| dialogue.question());
        let limit = question.map(|question| ticks(question.no_input_ms));
        let secret = question.is_some_and(|question| question.secret);
        let doing = self.caller.next(self.session.is_speaking(), self.passed_on);
        self.called.moments.push(Moment {
            caller: doing.sounds,
            bot: false,
            limit: limit.filter(|_| !self.passed_on),
        });
        let said = doing.said >= if secret { NOISE } else { 1 };
        if said {
            self.called.said.push(self.session.now() + 1);
        }
        match doing.key {
            Some(key) => self.keyed(key, secret),
            None if said => self.close_entry(),
            None => {}
        }
        for deed in doing.deeds {
            match deed {
                Deed::HangUp => {
                    self.session.hung_up();
                    self.over = Some(self.session.now());
                }
                Deed::Returned => {
                    self.passed_on = false;
                    self.session.returned();
                }
                Deed::Closing => self.session.drain(),
                Deed::BackEnd(fault) => self.faults.set(fault),
            }
        }
        doing.frame
    }

    fn keyed(&mut self, key: char, secret: bool) {
        if secret != self.keyed_secretly || !key.is_ascii_digit() {
            self.close_entry();
        }
        self.keyed_secretly = secret;
        if key.is_ascii_digit() {
            self.entry.push(key);
        }
    }

    fn close_entry(&mut self) {
        let entry = std::mem::take(&mut self.entry);
        if self.keyed_secretly {
            self.called
                .secrets
                .extend((!entry.is_empty()).then_some(entry));
        } else {
            self.called.open += &format!("\n{entry}");
        }
    }

    /// Notes where the dialogue stands, where something has happened.
    fn look(&mut self) {
        let count = self.seen.len();
        let last = self.called.places.last().map_or(0, |(count, _)| *count);
        if count > last
            && let Some(dialogue) = self.session.dialogue()
        {
            self.called.places.push((count, dialogue.place()));
        }
    }
}

/// Back ends that misbehave, by operation.
#[derive(Clone, Default)]
struct Faults(Arc<Mutex<BTreeMap<String, Fault>>>);

impl Faults {
    fn set(&self, fault: Fault) {
        self.with(|faults| drop(faults.insert(fault.operation.clone(), fault)));
    }

    fn is_dead(&self, operation: &str) -> bool {
        self.with(|faults| {
            let dead = faults
                .get(operation)
                .is_some_and(|fault| fault.slow.is_none());
            if dead && faults.get(operation).is_some_and(|fault| fault.once) {
                faults.remove(operation);
            }
            dead
        })
    }

    fn takes(&self, operation: &str) -> Duration {
        self.with(|faults| {
            let slow = faults.get(operation).and_then(|fault| fault.slow);
            if slow.is_some() && faults.get(operation).is_some_and(|fault| fault.once) {
                faults.remove(operation);
            }
            Duration::from_millis(slow.unwrap_or_default().into())
        })
    }

    fn with<T>(&self, of: impl FnOnce(&mut BTreeMap<String, Fault>) -> T) -> T {
        of(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes down what a session is fed and wants.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(Tick, Entry)>>>);

impl Seen {
    fn with<T>(&self, of: impl FnOnce(&mut Vec<(Tick, Entry)>) -> T) -> T {
        of(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn len(&self) -> usize {
        self.with(|entries| entries.len())
    }

    fn take(&self) -> Vec<(Tick, Entry)> {
        self.with(std::mem::take)
    }
}

impl Narrator for Seen {
    fn event(&mut self, now: Tick, event: &Event) {
        self.with(|entries| entries.push((now, Entry::In(event.clone()))));
    }

    fn action(&mut self, now: Tick, action: &Action) {
        self.with(|entries| entries.push((now, Entry::Out(action.clone()))));
    }
}

/// The log lines of one call.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&lines).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl tracing_subscriber::fmt::MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
