//! A call run again by sound: the caller of the recording phones a live session, the models hear again.
//! On a virtual clock, on which models take as long as they took in the recording: a slow machine, or
//! many calls side by side, change no turn.

use super::answers::Answers;
use super::caller::{Caller, Does};
use super::{ReplayError, fits};
use crate::audio::{Digit, Frame, TICK_MS};
use crate::bundle::Bundle;
use crate::bundle::story::{Turn, turns};
use crate::call::journal::{Entry, Header, Journal};
use crate::call::{Action, Event, Recognition, Tick, ticks};
use crate::dialogue::Domain;
use crate::dialogue::spoken::Language;
use crate::runtime::business::Business;
use crate::runtime::house::House;
use crate::runtime::session::{Ending, LineTraits, Narrator, Out, Session};
use crate::speech::{Cancel, Hearing, Recognized, Rendered, Request, Saying, Speaking, Waits};
use crate::store::BackEnd;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Quiet on both sides after the caller's last part that ends the call.
const PATIENCE: Tick = ticks(8000);
/// No call is run for longer: an hour.
const LONGEST: Tick = ticks(3_600_000);
/// The caller's voice must last so long before speaking then is speaking over it.
const TALKING: Tick = ticks(200);

/// What every call of a run shares: the business, the models.
pub struct Models {
    pub business: Business,
    pub hearing: Arc<dyn Hearing>,
    pub speaking: Arc<dyn Speaking>,
    /// Which model hears.
    pub recognizer: String,
}

impl Models {
    /// Those of a house, whose business `business` is.
    pub fn of(house: &House, business: Business) -> Self {
        Self {
            business,
            hearing: Arc::clone(&house.hearing),
            speaking: Arc::clone(&house.speaking),
            recognizer: house.recognizer.clone(),
        }
    }

    pub fn domain(&self) -> &Arc<Domain> {
        &self.business.domain
    }
}

/// What came of a call.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The call as it was recorded.
    pub then: Vec<Turn>,
    /// The call as it goes today.
    pub now: Vec<Turn>,
    /// Its journal, as a session would write it.
    pub journal: Journal,
    /// Ticks at which the bot spoke although it began while the caller was speaking.
    pub talk_over: Tick,
}

/// Runs a call again as it was.
///
/// # Errors
/// [`ReplayError`]: another business's call, or one without sound.
pub fn run(bundle: &Bundle, models: &Models) -> Result<Heard, ReplayError> {
    run_with(bundle, models, |_| {})
}

/// The same with a caller who is changed before: on a worse line, say.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    bundle: &Bundle,
    models: &Models,
    change: impl FnOnce(&mut Caller),
) -> Result<Heard, ReplayError> {
    fits(bundle, models.domain())?;
    let context = bundle.context().ok_or(ReplayError::NeverAnswered)?;
    let mut caller = Caller::of(bundle)?;
    change(&mut caller);
    let then = turns(&bundle.journal);
    let store = models.business.fresh_store(context.now.date())?;
    let answers = Mutex::new(Answers::new(
        &then,
        store
            .copy()
            .map_err(crate::runtime::house::OpenError::from)?,
        context.now,
    ));
    let back_end = BackEnd::answering(Arc::new(store), move |request| {
        let lookup = crate::dialogue::Lookup {
            id: request.id,
            name: request.name.clone(),
            arguments: request.arguments.clone(),
            action: false,
        };
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.ask(&lookup);
        answer.map_or(crate::dialogue::LookupResult::Failed, |answer| {
            answer.result
        })
    });
    let pace = Pace::of(&bundle.journal);
    let house = Arc::new(House {
        domain: Arc::clone(models.domain()),
        back_end,
        hearing: Arc::new(PacedHearing(Arc::clone(&models.hearing), pace.recognizer)),
        speaking: Arc::new(PacedSpeaking(Arc::clone(&models.speaking), pace.voice)),
        endpointing: bundle.journal.header.endpointing,
        recorder: None,
        desk: None,
        recognizer: models.recognizer.clone(),
        now: Some(context.now),
    });
    let header = Header {
        recognizer: models.recognizer.clone(),
        domain_digest: models.domain().digest(),
        ..bundle.journal.header.clone()
    };
    let seen = Seen::default();
    let mut session = Session::new("replay", house, LINE);
    session.narrate(Box::new(seen.clone()));
    session.speaks(&context.language);
    session.answered(context.caller.clone());
    let talk_over = phone(&mut session, &mut caller);
    drop(session);
    let entries = std::mem::take(&mut *seen.0.lock().unwrap_or_else(PoisonError::into_inner));
    let journal = Journal {
        header,
        entries,
        truncated: false,
    };
    Ok(Heard {
        then,
        now: turns(&journal),
        journal,
        talk_over,
    })
}

const LINE: LineTraits = LineTraits {
    name: "replay",
    virtual_clock: true,
    ..LineTraits::PLAIN
};

/// The whole call; the ticks at which the bot spoke over the caller.
fn phone(session: &mut Session, caller: &mut Caller) -> Tick {
    let mut out = Vec::new();
    let (mut quiet, mut talking, mut over, mut spoke) = (0, 0, 0, false);
    let mut interrupts = false;
    let mut passed_on = false;
    while session.now() < LONGEST {
        let heard = caller.next(session.is_speaking());
        for does in heard.does {
            match does {
                Does::Key(digit) => session.digit(digit),
                // Which one it was nobody knows: the rules of the entry are the recording's.
                Does::SecretKey => Digit::new(UNKNOWN)
                    .into_iter()
                    .for_each(|digit| session.digit(digit)),
                Does::Types(text) => session.typed(&text),
                Does::Returns if passed_on => {
                    passed_on = false;
                    session.returned();
                }
                Does::IsCalled if passed_on => session.calling(),
                Does::IsJoined if passed_on => session.joined(),
                Does::Returns | Does::IsCalled | Does::IsJoined => {}
                Does::HangsUp => {
                    session.hung_up();
                    return over;
                }
            }
        }
        session.tick(Some(&heard.frame), &mut out);
        let speaks = is_loud(&heard.frame) && heard.speaks;
        talking = if speaks { talking + 1 } else { 0 };
        let mut speaking = false;
        for item in out.drain(..) {
            match item {
                Out::Media(_) => speaking = true,
                Out::Clear => speaking = false,
                Out::End(Ending::HandOver(_)) => passed_on = true,
                Out::End(Ending::HangUp(_)) => return over,
                Out::Mark(_) | Out::Caption(_) | Out::CallOff => {}
            }
        }
        if speaking && !spoke && talking >= TALKING {
            interrupts = true;
        }
        interrupts &= speaking && speaks;
        over += Tick::from(interrupts);
        spoke = speaking;
        let idle = caller.is_done() && !session.is_speaking();
        quiet = if idle { quiet + 1 } else { 0 };
        if quiet >= PATIENCE || passed_on && caller.is_done() {
            return over;
        }
    }
    over
}

/// Pressed where a secret was.
const UNKNOWN: char = '0';

/// Some -42 dB below full scale: a voice, not the line.
fn is_loud(frame: &Frame) -> bool {
    frame.0.iter().any(|sample| sample.unsigned_abs() > 260)
}

/// How long the models took in the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub recognizer: Duration,
    pub voice: Duration,
}

impl Pace {
    /// The medians of a call.
    pub fn of(journal: &Journal) -> Self {
        let (mut asked, mut said) = (BTreeMap::new(), BTreeMap::new());
        let (mut hearing, mut speaking) = (Vec::new(), Vec::new());
        for (tick, entry) in &journal.entries {
            match entry {
                Entry::Out(Action::Recognize { id, .. }) => drop(asked.insert(*id, *tick)),
                Entry::In(Event::Recognized {
                    id,
                    outcome: Recognition::Words(_) | Recognition::Nothing,
                }) => hearing.extend(asked.remove(id).map(|then| tick.saturating_sub(then))),
                Entry::Out(Action::Say { playback, .. }) => drop(said.insert(*playback, *tick)),
                Entry::In(Event::Started(mark)) => {
                    let then = said.remove(&mark.playback);
                    speaking.extend(then.map(|then| tick.saturating_sub(then)));
                }
                _ => {}
            }
        }
        Self {
            recognizer: median(hearing),
            voice: median(speaking),
        }
    }
}

fn median(mut of: Vec<Tick>) -> Duration {
    of.sort_unstable();
    let middle = of.get(of.len() / 2).copied().unwrap_or_default();
    Duration::from_millis(u64::from(middle * TICK_MS))
}

/// Ears that take their time: the recording's, not the machine's.
pub struct PacedHearing(pub Arc<dyn Hearing>, pub Duration);

impl Hearing for PacedHearing {
    fn recognize(&self, request: Request, done: Box<dyn FnOnce(Recognized) + Send>) -> Cancel {
        let took = self.1;
        self.0.recognize(
            request,
            Box::new(move |recognized| done(Recognized { took, ..recognized })),
        )
    }

    fn hears(&self, language: Language) -> bool {
        self.0.hears(language)
    }

    fn at_once(&self) -> usize {
        self.0.at_once()
    }

    fn waits(&self) -> Waits {
        self.0.waits()
    }

    fn is_alive(&self) -> bool {
        self.0.is_alive()
    }
}

/// A voice that does.
pub struct PacedSpeaking(pub Arc<dyn Speaking>, pub Duration);

impl Speaking for PacedSpeaking {
    fn speak(&self, saying: Saying, done: Box<dyn FnOnce(Rendered) + Send>) {
        let took = self.1;
        self.0.speak(
            saying,
            Box::new(move |rendered| done(Rendered { took, ..rendered })),
        );
    }
}

/// Writes down what a session is fed and wants.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(Tick, Entry)>>>);

impl Seen {
    fn push(&self, now: Tick, entry: Entry) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push((now, entry));
    }
}

impl Narrator for Seen {
    fn event(&mut self, now: Tick, event: &Event) {
        self.push(now, Entry::In(event.clone()));
    }

    fn action(&mut self, now: Tick, action: &Action) {
        self.push(now, Entry::Out(action.clone()));
    }
}
