//! Examples by sound: a voice speaks the caller's lines, keys are tones, and a whole session hears and
//! answers on a virtual clock. What the recogniser makes of the words may differ from them: it is told
//! for every line, and the example passes if its checks hold all the same.

use crate::audio::Frame;
use crate::call::{Action, Event, Note, Tick};
use crate::config::Config;
use crate::dialogue::{Lookup, LookupResult, Sentence};
use crate::line::script::{NoSuchKey, Script, ScriptedCaller, Step};
use crate::pii::stand_in::masked;
use crate::rehearsal::script::{Act, What};
use crate::rehearsal::{
    Ended, Example, Header, Operation, Outcome, Performer, Setting, Turn, judge,
};
use crate::runtime::business::Business;
use crate::runtime::house::House;
use crate::runtime::session::{LineTraits, Narrator, Out, Session};
use crate::runtime::stage;
use crate::speech::{SpeechError, Synthesizer};
use crate::store::{BackEnd, Store};
use anyhow::Context as _;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// The caller waits so long after the bot has finished, in ms, before it says its next line.
const AFTER_MS: u32 = 600;
/// Quiet after the last line that ends the call, in frames: less than what counts as no input.
const PATIENCE: u32 = 5000 / 20;
/// The same where the last line is a silence.
const LONG_PATIENCE: u32 = 8000 / 20;
/// No example takes longer, in frames: half an hour.
const LONGEST: u32 = 30 * 60 * 50;
/// The caller's voice: not the bot's own, and a little slower.
#[cfg(feature = "speech")]
const PITCH: u32 = 40;
#[cfg(feature = "speech")]
const RATE_WPM: u32 = 150;

const LINE: LineTraits = LineTraits {
    name: "recording",
    virtual_clock: true,
    ..LineTraits::PLAIN
};

/// A house that is phoned, and the voice that phones.
pub struct Aloud {
    house: Arc<House>,
    business: Business,
    voice: Box<dyn Synthesizer>,
}

impl Aloud {
    /// Loads the models and the business that the settings name.
    ///
    /// # Errors
    /// What is missing.
    #[cfg(feature = "speech")]
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        use crate::dialogue::spoken::Language;
        use crate::runtime::house::Keep;
        use crate::speech::espeak::{EspeakVoice, Manner};
        let business = Business::open(config)?;
        let house = House::open(config, Keep::Nothing, None)?;
        let voice = match house.domain.language() {
            Language::Spanish => "es-419",
            Language::English => "en-us",
        };
        let manner = Manner {
            voice: voice.to_owned(),
            rate_wpm: RATE_WPM,
            pitch: PITCH,
        };
        let voice = EspeakVoice::new(manner).context("no voice for the caller")?;
        Ok(Self::new(house, business, Box::new(voice)))
    }

    /// # Errors
    /// Always: there is no voice.
    #[cfg(not(feature = "speech"))]
    pub fn open(_config: &Config) -> anyhow::Result<Self> {
        anyhow::bail!(
            "this attendant is built without speech\n  hint: build it with --features speech"
        )
    }

    /// Phones `house`, where `business` is at home, with `voice`. Calls leave no record.
    pub fn new(mut house: House, business: Business, voice: Box<dyn Synthesizer>) -> Self {
        house.recorder = None;
        Self {
            house: Arc::new(house),
            business,
            voice,
        }
    }

    /// Performs one example.
    ///
    /// # Errors
    /// The voice or the store fails.
    pub fn rehearse(&mut self, example: &Example) -> anyhow::Result<Outcome> {
        if let Some(why) = silent_part(example).or_else(|| self.foreign(&example.header)) {
            return Ok(Outcome {
                skipped: Some(why),
                ..Outcome::default()
            });
        }
        let acts: Vec<&Act> = example.lines.iter().filter_map(act).collect();
        let caller = self.caller(&acts)?;
        let house = Arc::get_mut(&mut self.house).context("a call still goes on")?;
        let now = example.header.now;
        // What one caller changes is no other's.
        house.back_end = BackEnd::new(Arc::new(self.business.store(None, now.date())?));
        house.now = Some(now);
        let turns = self.phone(caller, &acts, &example.header);
        let met = turns.iter().flat_map(Turn::steps).collect();
        let outcome = judge(example, &mut Recorded(turns));
        Ok(Outcome { met, ..outcome })
    }

    /// A language that this house does not speak.
    fn foreign(&self, call: &Header) -> Option<String> {
        let speaks = self.house.domain.language().code();
        let language = call.language.as_ref()?;
        (!speaks.starts_with(language.as_str()))
            .then(|| format!("the business speaks {speaks}, not {language}"))
    }

    /// The caller's part, as sound.
    fn caller(&mut self, acts: &[&Act]) -> anyhow::Result<ScriptedCaller> {
        let step = acts.iter().map(|act| {
            let step = Step {
                after: Some(AFTER_MS),
                ..Step::default()
            };
            match act {
                Act::Says(guesses) => Step {
                    say: guesses.first().map(|guess| guess.text.clone()),
                    ..step
                },
                Act::BargesIn { after_ms, guesses } => Step {
                    say: guesses.first().map(|guess| guess.text.clone()),
                    cut_in: Some(*after_ms),
                    ..step
                },
                Act::Keys(keys) => Step {
                    keys: Some(keys.clone()),
                    ..step
                },
                _ => step,
            }
        });
        let script = Script {
            step: step.collect(),
        };
        let voice = &mut self.voice;
        let clip = |text: &str| -> Result<Vec<i16>, Unspoken> { Ok(voice.synthesize(text)?) };
        Ok(ScriptedCaller::new(script, clip)?)
    }

    /// The whole call: what happened in each turn.
    fn phone(&self, mut caller: ScriptedCaller, acts: &[&Act], header: &Header) -> VecDeque<Turn> {
        let seen = Seen::default();
        let mut session = Session::new("example", Arc::clone(&self.house), LINE);
        session.narrate(Box::new(Witness {
            seen: seen.clone(),
            asked: BTreeMap::new(),
            store: Arc::clone(self.house.back_end.store()),
            resumed: None,
        }));
        session.answered(header.from.clone());
        let patience = if acts.last() == Some(&&Act::Silence) {
            LONG_PATIENCE
        } else {
            PATIENCE
        };
        let (mut out, mut quiet) = (Vec::new(), 0);
        for _ in 0..LONGEST {
            let left = caller.steps_left();
            let frame = caller.next(session.is_speaking());
            if caller.steps_left() < left {
                let act = acts.get(acts.len() - left);
                seen.with(|turns| turns.push(Turn::default()));
                if act == Some(&&Act::HangsUp) {
                    session.hung_up();
                    seen.turn(|turn| turn.ended = Some(Ended::Abandoned));
                    break;
                }
            }
            quiet = if frame.is_some() || session.is_speaking() {
                0
            } else {
                quiet + 1
            };
            session.tick(Some(&frame.unwrap_or(Frame::SILENCE)), &mut out);
            let over = out.drain(..).any(|out| matches!(out, Out::End(_)));
            if over || quiet >= patience {
                break;
            }
        }
        drop(session);
        seen.with(std::mem::take).into()
    }
}

/// Why the caller has nothing to say.
#[derive(Debug, thiserror::Error)]
enum Unspoken {
    #[error(transparent)]
    Key(#[from] NoSuchKey),
    #[error(transparent)]
    Voice(#[from] SpeechError),
}

fn act(line: &crate::rehearsal::script::Line) -> Option<&Act> {
    match &line.what {
        What::Act(act) => Some(act),
        What::Set(_) | What::Check(_) => None,
    }
}

/// What cannot be done with a voice.
fn silent_part(example: &Example) -> Option<String> {
    let silent = example.lines.iter().find(|line| {
        matches!(
            line.what,
            What::Set(_) | What::Act(Act::Noise | Act::Deaf | Act::Returned | Act::Closing)
        )
    })?;
    Some(format!(
        "line {} cannot be performed by sound: {}",
        silent.number, silent.what
    ))
}

/// The turns so far, shared between the call and who watches it.
#[derive(Clone)]
struct Seen(Arc<Mutex<Vec<Turn>>>);

impl Default for Seen {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(vec![Turn::default()])))
    }
}

impl Seen {
    fn with<T>(&self, of: impl FnOnce(&mut Vec<Turn>) -> T) -> T {
        of(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the turn that goes on.
    fn turn(&self, change: impl FnOnce(&mut Turn)) {
        self.with(|turns| turns.last_mut().map(change));
    }
}

/// Writes down what the session does.
struct Witness {
    seen: Seen,
    asked: BTreeMap<u32, Lookup>,
    store: Arc<Store>,
    /// A playback that is only the rest of an earlier one.
    resumed: Option<u32>,
}

impl Narrator for Witness {
    fn event(&mut self, _now: Tick, event: &Event) {
        if let Event::Found { id, result } = event
            && let Some(lookup) = self.asked.remove(id)
            && *result != LookupResult::Failed
        {
            let done = Operation {
                changes: stage::changes(&self.store, &lookup.name),
                name: lookup.name,
                arguments: lookup.arguments,
            };
            self.seen.turn(|turn| turn.done.push(done));
        }
    }

    fn action(&mut self, _now: Tick, action: &Action) {
        match action {
            Action::Say {
                playback,
                sentences,
                ..
            } => {
                if self.resumed.take() != Some(*playback) {
                    self.seen.turn(|turn| said(turn, sentences));
                }
            }
            Action::LookUp(lookup) => {
                let mut lookup = lookup.clone();
                lookup
                    .arguments
                    .values_mut()
                    .for_each(|value| *value = masked(value));
                self.asked.insert(lookup.id, lookup);
            }
            Action::HandOver(handover) => self.seen.turn(|turn| {
                turn.ended = Some(Ended::HandedOver(Some(handover.reason)));
            }),
            Action::HangUp(disposition) => {
                let ended = Ended::from(*disposition);
                self.seen.turn(|turn| turn.ended = Some(ended));
            }
            Action::Note(note) => self.note(note),
            Action::Recognize { .. }
            | Action::Abandon(_)
            | Action::Clear(_)
            | Action::CallOff
            | Action::Seal { .. } => {}
        }
    }
}

impl Witness {
    fn note(&mut self, note: &Note) {
        self.seen.turn(|turn| match note {
            Note::Caller(words) => heard(turn, &words.text),
            Note::Keys(keys) => heard(turn, &masked(keys)),
            Note::Understood(understood) => turn.understood = Some(understood.clone()),
            Note::Resumed { .. } => turn.goes_on = true,
            // The reply was to half of what the caller said.
            Note::TakenBack => *turn = Turn::default(),
            _ => {}
        });
        if let Note::Resumed { mark } = note {
            self.resumed = Some(mark.playback);
        }
    }
}

fn said(turn: &mut Turn, sentences: &[Sentence]) {
    let sentences = sentences.iter().map(|sentence| {
        let words: Vec<&str> = sentence.text.split_whitespace().collect();
        words.join(" ")
    });
    turn.said.extend(sentences);
}

fn heard(turn: &mut Turn, words: &str) {
    let heard = turn.heard.get_or_insert_default();
    if !heard.is_empty() {
        heard.push_str(" / ");
    }
    heard.push_str(words);
}

/// A call that is over, turn by turn.
struct Recorded(VecDeque<Turn>);

impl Performer for Recorded {
    fn begin(&mut self) -> Turn {
        self.0.pop_front().unwrap_or_default()
    }

    fn act(&mut self, act: &Act) -> Result<Turn, String> {
        let mut turn = self
            .0
            .pop_front()
            .ok_or("the call was over before this could be done")?;
        if turn.heard.is_none() && matches!(act, Act::Says(_) | Act::BargesIn { .. } | Act::Keys(_))
        {
            turn.heard = Some("nothing".into());
        }
        Ok(turn)
    }

    fn arrange(&mut self, _setting: &Setting) {}

    fn arranged(&self) -> Vec<Setting> {
        Vec::new()
    }
}
