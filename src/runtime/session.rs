//! A session: one call with its ear, its sound, its models and its record. Synchronous and without
//! a clock of its own: the line calls [`Session::tick`] once per 20 ms of caller sound (as fast as it
//! likes when the clock is virtual), and hands over what else happens between ticks.

use super::captions::Captions;
pub use super::contract::{Caption, Ending, LineTraits, Narrator, Out};
use super::house::House;
use super::leaving::Leaving;
use super::player::{Play, Player};
use super::recorder::Record;
use super::sound::{Sound, tone};
use super::veil::{BEFORE, Key, Veil};
use super::waterfall::{Latency, Waterfall};
use crate::audio::{Digit, DigitSource, Ear, Frame, Heard, TICK_MS};
use crate::call::journal::Writer;
use crate::call::{Action, Call, Event, Mark, Recognition, RecognitionId, Tick};
use crate::dialogue::spoken::Language;
use crate::dialogue::{Context, Dialogue, Disposition, LookupId, LookupResult};
use crate::speech::{Cancel, Recognized, Rendered, Request, SpeechError};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// A tick without any sound.
const NOTHING_HEARD: Heard = Heard {
    voice: 0,
    level: 127,
    tone: false,
};

pub(super) enum Done {
    Recognized(RecognitionId, Recognized),
    Rendered(Mark, Rendered),
    /// With the time that it is to count as having taken.
    Found(LookupId, LookupResult, Duration),
    /// The packet lies on disk, or could not be kept.
    Spooled,
}

impl Done {
    fn took(&self) -> Duration {
        match self {
            Self::Recognized(_, recognized) => recognized.took,
            Self::Rendered(_, rendered) => rendered.took,
            Self::Found(.., took) => *took,
            Self::Spooled => Duration::ZERO,
        }
    }
}

/// One call on its line.
pub struct Session {
    pub(super) id: String,
    pub(super) house: Arc<House>,
    pub(super) line: LineTraits,
    pub(super) call: Option<Call<Dialogue>>,
    ear: Ear,
    sound: Sound,
    veil: Veil,
    player: Player,
    writer: Writer,
    record: Option<Record>,
    waterfall: Waterfall,
    narrator: Option<Box<dyn Narrator>>,
    /// Where the line has a screen.
    captions: Option<Captions>,
    pub(super) sender: Sender<(Tick, Done)>,
    receiver: Receiver<(Tick, Done)>,
    /// Answers that the models owe us.
    pub(super) outstanding: usize,
    /// On a virtual clock: answers that are there but not due yet.
    waiting: Vec<(Tick, Done)>,
    cancels: BTreeMap<RecognitionId, Cancel>,
    /// What the caller hears, one frame a tick, for the recording.
    bot: VecDeque<Frame>,
    play: Vec<Play>,
    pub(super) out: Vec<Out>,
    span: tracing::Span,
    /// What is kept for the next call was handed to the back end.
    pub(super) remembered: bool,
    /// The caller's number.
    pub(super) caller: Option<String>,
    /// What the caller chose before the call.
    language: String,
    pub(super) leaving: Leaving,
}

impl Session {
    /// A session for a call that is about to be answered.
    pub fn new(id: &str, house: Arc<House>, line: LineTraits) -> Self {
        let (sender, receiver) = channel();
        let record = house.recorder.as_ref().map(|recorder| recorder.record(id));
        Self {
            id: id.to_owned(),
            line,
            call: None,
            ear: Ear::new(),
            sound: Sound::new(house.endpointing.max_speech_ms),
            veil: Veil::default(),
            player: Player::new(line.marks, line.lead),
            writer: Writer::default(),
            record,
            waterfall: Waterfall::default(),
            narrator: None,
            captions: line.captions.then(Captions::default),
            sender,
            receiver,
            outstanding: 0,
            waiting: Vec::new(),
            cancels: BTreeMap::new(),
            bot: VecDeque::new(),
            play: Vec::new(),
            out: Vec::new(),
            span: crate::telemetry::call_span(id),
            remembered: false,
            caller: None,
            language: String::new(),
            leaving: None,
            house,
        }
    }

    /// Has the call told to somebody as it goes by.
    pub fn narrate(&mut self, narrator: Box<dyn Narrator>) {
        self.narrator = Some(narrator);
    }

    /// The caller chose this language ("es") before the call. To be told before [`Session::answered`].
    pub fn speaks(&mut self, language: &str) {
        language.clone_into(&mut self.language);
    }

    /// The call is answered: the greeting starts with the next tick.
    pub fn answered(&mut self, caller: Option<String>) {
        if self.call.is_some() {
            return;
        }
        self.caller.clone_from(&caller);
        let context = Context {
            now: self.house.now(),
            caller,
            language: std::mem::take(&mut self.language),
        };
        let dialogue = Dialogue::new(Arc::clone(&self.house.domain), context.clone());
        self.call = Some(Call::new(self.house.endpointing, dialogue));
        self.open_record();
        self.feed(&Event::Answered(context));
    }

    /// 20 ms of line time: `heard` is the caller's sound, `None` where none arrived. What goes to the
    /// line is added to `out`.
    pub fn tick(&mut self, heard: Option<&Frame>, out: &mut Vec<Out>) {
        let span = self.span.clone();
        let _entered = span.enter();
        self.collect(self.now() + 1);
        match heard {
            Some(frame) => self.hear(frame),
            None => {
                self.veil.tick(NOTHING_HEARD);
                self.feed(&Event::Gap);
            }
        }
        self.hurry();
        // What is known at once, like the sound of a cached prompt, is not a tick late.
        self.collect(self.now());
        self.play();
        let said = self.bot.pop_front();
        let heard = heard.filter(|_| !self.veil.hides());
        if let Some(record) = &mut self.record {
            record.tick(heard, said.as_ref());
        }
        out.append(&mut self.out);
    }

    /// A key, signalled by the line.
    pub fn digit(&mut self, digit: Digit) {
        self.key(digit, DigitSource::Signalled);
    }

    fn key(&mut self, digit: Digit, source: DigitSource) {
        match self.veil.key(digit, source, self.now()) {
            Key::Plain => self.feed(&Event::Digit { digit, source }),
            Key::Secret => self.feed(&Event::SecretDigit),
            Key::Dropped => {}
        }
    }

    /// The line's echo of a mark.
    pub fn played(&mut self, mark: Mark) {
        if let Some(event) = self.player.played(mark) {
            self.feed(&event);
        }
    }

    /// The person whom the call is handed over to is being called, and the caller stays meanwhile.
    pub fn calling(&mut self) {
        self.feed(&Event::Calling);
    }

    /// That person has the caller now.
    pub fn joined(&mut self) {
        self.feed(&Event::Joined);
    }

    /// Nobody took the call that was handed over: the caller is back.
    pub fn returned(&mut self) {
        self.feed(&Event::Returned);
    }

    /// The caller is gone; the record is closed.
    pub fn hung_up(&mut self) {
        self.feed(&Event::HungUp);
        self.remember();
        self.player.clear();
        self.cancels.values().for_each(Cancel::cancel);
        self.veil.wipe();
        self.out.clear();
        self.close_record();
    }

    /// How the call ended; `None` while it goes on.
    pub fn disposition(&self) -> Option<Disposition> {
        self.call.as_ref()?.disposition()
    }

    /// The conversation as it stands; `None`: the call was not answered yet.
    pub fn dialogue(&self) -> Option<&Dialogue> {
        self.call.as_ref().map(Call::dialogue)
    }

    /// Latency of each turn so far.
    pub fn latencies(&self) -> &[Latency] {
        self.waterfall.turns()
    }

    /// Where the call is recorded.
    pub fn folder(&self) -> Option<&Path> {
        self.record.as_ref().map(Record::folder)
    }

    /// The call's clock.
    pub fn now(&self) -> Tick {
        self.call.as_ref().map_or(0, Call::now)
    }

    /// Is the bot saying something, or about to?
    pub fn is_speaking(&self) -> bool {
        !self.player.is_silent() || !self.bot.is_empty()
    }

    fn hear(&mut self, frame: &Frame) {
        let (heard, digit) = self.ear.hear(frame);
        let heard = self.veil.tick(heard);
        let frame = if self.veil.hides() {
            &Frame::SILENCE
        } else {
            frame
        };
        // The engine counts this tick when it handles it.
        self.sound.push(self.now() + 1, frame, heard);
        self.feed(&Event::Heard(heard));
        if let Some(digit) = digit {
            self.key(digit, DigitSource::InBand);
        }
    }

    fn play(&mut self) {
        let mut play = std::mem::take(&mut self.play);
        self.player.tick(self.now(), &mut play);
        for item in play.drain(..) {
            match item {
                Play::Media(frame) => {
                    self.bot.push_back(frame);
                    self.out.push(Out::Media(frame));
                }
                Play::Mark(mark) => self.out.push(Out::Mark(mark)),
                Play::Tell(event) => {
                    if matches!(event, Event::Started(_)) {
                        self.waterfall.started(self.now());
                    }
                    self.feed(&event);
                }
            }
        }
        self.play = play;
    }

    /// Takes the models' answers that are due at `now`.
    fn collect(&mut self, now: Tick) {
        if self.line.virtual_clock {
            while self.outstanding > 0 {
                // The sender half lives in `self`: this waits for a model, never for ever, because
                // pools answer every request exactly once.
                let Ok((asked, done)) = self.receiver.recv() else {
                    break;
                };
                self.outstanding -= 1;
                let ticks = done.took().as_millis().div_ceil(u128::from(TICK_MS));
                self.waiting.push((asked + ticks as Tick, done));
            }
            while let Some(index) = self.waiting.iter().position(|(due, _)| *due <= now) {
                let (_, done) = self.waiting.remove(index);
                self.done(done);
            }
        } else if self.outstanding > 0 {
            while let Ok((_, done)) = self.receiver.try_recv() {
                self.outstanding -= 1;
                self.done(done);
            }
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Recognized(id, recognized) => {
                self.cancels.remove(&id);
                let outcome = match recognized.result {
                    Ok(hypotheses) if hypotheses.is_empty() => Recognition::Nothing,
                    Ok(hypotheses) => Recognition::Words(hypotheses),
                    Err(SpeechError::Abandoned) => return,
                    Err(error) => {
                        // That nobody hears a language was said at the start.
                        if !matches!(error, SpeechError::Foreign(_)) {
                            tracing::warn!(%error, "no recognition");
                        }
                        Recognition::Failed
                    }
                };
                let event = Event::Recognized { id, outcome };
                self.waterfall
                    .recognized(self.now(), &event, recognized.took);
                self.feed(&event);
            }
            Done::Rendered(mark, rendered) => {
                let samples = rendered.result.unwrap_or_else(|error| {
                    tracing::error!(%error, "a sentence could not be spoken");
                    Arc::default()
                });
                self.player.rendered(mark, samples);
            }
            Done::Found(id, result, _) => self.feed(&Event::Found { id, result }),
            Done::Spooled => self.pass_on(),
        }
    }

    /// Journals an event, has the engine handle it, journals and carries out what it wants.
    pub(super) fn feed(&mut self, event: &Event) {
        let _entered = self.span.clone().entered();
        let Some(mut call) = self.call.take() else {
            return;
        };
        let before = call.now();
        if let Some(record) = &mut self.record {
            self.writer.event(before, event, &mut record.journal);
        }
        if !matches!(event, Event::Heard(_) | Event::Gap)
            && let Some(narrator) = &mut self.narrator
        {
            narrator.event(before, event);
        }
        if let Some(captions) = &mut self.captions {
            captions.event(event, self.veil.hides(), &mut self.out);
        }
        let started = Instant::now();
        call.handle(event);
        let now = call.now();
        while let Some(action) = call.poll_action() {
            let spent = started.elapsed();
            if let Some(record) = &mut self.record {
                self.writer.action(now, &action, &mut record.journal);
            }
            if let Some(narrator) = &mut self.narrator {
                narrator.action(now, &action);
            }
            if let Some(captions) = &mut self.captions {
                captions.action(&action, &mut self.out);
            }
            self.waterfall.action(now, &action, spent);
            self.carry_out(now, action);
        }
        let secret = call.dialogue().question().secret;
        if let Some(captions) = &mut self.captions {
            captions.secret(secret, &mut self.out);
        }
        if self.veil.watch(secret) {
            self.sound.hide(now.saturating_sub(BEFORE));
            if let Some(record) = &mut self.record {
                record.hide();
            }
        }
        let entry = self.veil.seal(|digits| call.dialogue().allows(digits));
        self.call = Some(call);
        if let Some(entry) = entry {
            self.feed(&Event::Sealed { entry });
        }
    }

    fn carry_out(&mut self, now: Tick, action: Action) {
        match action {
            Action::Recognize {
                id,
                spans,
                bias,
                language,
            } => {
                let request = Request {
                    samples: self.sound.samples(&spans),
                    bias,
                    language: Language::from_code(&language),
                };
                self.recognize(now, id, request);
            }
            Action::Abandon(id) => {
                if let Some(cancel) = self.cancels.remove(&id) {
                    cancel.cancel();
                }
            }
            Action::Say {
                playback,
                sentences,
                first,
            } => {
                for (mark, sentence) in self.player.say(playback, &sentences, first) {
                    let sender = self.sender.clone();
                    self.outstanding += 1;
                    let done =
                        move |rendered| drop(sender.send((now, Done::Rendered(mark, rendered))));
                    self.house.speaking.speak(sentence.into(), Box::new(done));
                }
            }
            Action::Clear(_) => {
                self.player.clear();
                self.bot.clear();
                self.out
                    .retain(|out| !matches!(out, Out::Media(_) | Out::Mark(_)));
                self.out.push(Out::Clear);
            }
            Action::LookUp(mut lookup) => {
                // Only the session knows where in the sound we are.
                if let Some(offset) = lookup.arguments.get_mut("offset_ms") {
                    *offset = (u64::from(now) * u64::from(TICK_MS)).to_string();
                }
                let sender = self.sender.clone();
                self.outstanding += 1;
                let request = crate::store::Request {
                    call: self.id.clone(),
                    id: lookup.id,
                    name: lookup.name,
                    secrets: self.veil.open(lookup.arguments.values()),
                    arguments: lookup.arguments,
                    now: self.house.now(),
                };
                let took = self.house.back_end.takes(&request.name);
                let done =
                    move |result| drop(sender.send((now, Done::Found(lookup.id, result, took))));
                self.house.back_end.ask(request, done);
            }
            Action::Seal { keys } => self.veil.complete(keys),
            Action::HandOver(handover) => self.hand_over(now, handover),
            Action::CallOff => self.out.push(Out::CallOff),
            Action::HangUp(disposition) => self.out.push(Out::End(Ending::HangUp(disposition))),
            Action::Note(_) => {}
        }
    }

    fn recognize(&mut self, now: Tick, id: RecognitionId, request: Request) {
        let tone = tone(&request.samples);
        let sender = self.sender.clone();
        self.outstanding += 1;
        let done = move |mut recognized: Recognized| {
            if let Ok([best, ..]) = recognized.result.as_deref_mut() {
                best.tone = tone;
            }
            drop(sender.send((now, Done::Recognized(id, recognized))));
        };
        let cancel = self.house.hearing.recognize(request, Box::new(done));
        self.cancels.insert(id, cancel);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.cancels.values().for_each(Cancel::cancel);
        self.close_record();
    }
}

mod recorded;
mod typed;

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
