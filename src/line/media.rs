//! One call on one media socket: the task that owns its session, calls it every 20 ms and carries what
//! goes in and out. Decides when a peer is no longer worth listening to.

use super::calls::{Claim, LiveCall, Outcome, Signal};
use super::carrier::Carrier;
use super::jitter::JitterQueue;
use super::provider::{Alive, Ignored, LineEvent, Provided, Sent, Wire};
use super::server::Shared;
use super::socket::Socket;
use super::warm::Called;
use super::{CallSession, Ending, Out};
use crate::audio::TICK_MS;
use crate::call::Mark;
use crate::dialogue::Handover;
use axum::extract::ws::{Message, close_code};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

mod door;
mod farewell;

pub use door::{Admission, Whose, run};
use farewell::say_goodbye;

/// Longest message that a peer may send, in bytes: 6 s of sound.
pub const LONGEST_MESSAGE: usize = 64 * 1024;
/// Messages without sense after which the socket is closed.
const BAD_MESSAGES: u32 = 100;
/// Messages read in a tick: 3200 a second. A carrier sends 50; who sends more waits.
const MESSAGES_PER_TICK: u32 = 64;
/// Ticks that a late task makes up for at once. After a longer stop the rest is skipped: the machine
/// slept, and so much silence helps nobody.
const CATCH_UP: Duration = Duration::from_millis(500);
/// Time between pings, where a line is kept alive by them.
const PING_EVERY: Duration = Duration::from_secs(15);
/// Marks sent and not yet returned. A carrier returns them all; who does not loses the oldest.
const PENDING_MARKS: usize = 1024;

/// Why a socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The session ended the call.
    Said(Outcome),
    /// A person has taken the call while the caller was here.
    Transferred,
    /// The caller hung up or was redirected.
    Stopped,
    /// The socket went away without a word.
    Lost,
    TooLarge,
    TooManyBad,
    Stuck,
    NoMedia,
    /// Our own time is up.
    Closing,
}

impl End {
    fn outcome(self) -> Outcome {
        match self {
            Self::Said(outcome) => outcome,
            Self::Transferred => Outcome::Joined,
            Self::Stopped => Outcome::HangUp,
            _ => Outcome::Broken,
        }
    }

    fn close(self) -> (u16, &'static str) {
        match self {
            Self::Said(_) | Self::Transferred | Self::Stopped | Self::Lost => {
                (close_code::NORMAL, "")
            }
            Self::TooLarge => (close_code::SIZE, "message too long"),
            Self::TooManyBad => (close_code::POLICY, "too many bad messages"),
            Self::Stuck => (close_code::POLICY, "not read"),
            Self::NoMedia => (close_code::POLICY, "no media"),
            Self::Closing => (close_code::AWAY, "closing"),
        }
    }
}

/// Runs a claimed call, in its span.
async fn take_call(
    socket: Socket,
    carrier: Arc<dyn Carrier>,
    codec: Box<dyn Provided>,
    bad: Bad,
    claim: Claim,
    language: Option<&str>,
    shared: &Arc<Shared>,
) {
    let Claim {
        caller,
        session,
        live,
    } = claim;
    let session = match session {
        Some(mut session) => {
            session.returned();
            session
        }
        None => {
            let line = carrier.provider().line;
            let mut session = shared.switchboard.new_call(live.call_id(), line);
            if let Some(language) = language {
                session.speaks(language);
            }
            session.answered(caller.map(|number| number.as_str().to_owned()));
            session
        }
    };
    Media::new(socket, carrier, codec, session, bad)
        .run(live, shared)
        .await;
}

/// Hands messages to the socket.
fn send(socket: &mut Socket, wire: &mut Vec<Sent>) {
    for sent in wire.drain(..) {
        socket.send(match sent {
            Wire::Text(text) => Message::Text(text.into()),
            Wire::Binary(bytes) => Message::Binary(bytes.into()),
        });
    }
}

/// What was ignored, and how much of it tells against the peer.
#[derive(Default)]
struct Bad {
    ignored: u64,
    weight: u32,
}

impl Bad {
    /// Counts; true when it is enough.
    fn count(&mut self, ignored: Ignored) -> bool {
        self.ignored += 1;
        self.weight += ignored.weight();
        tracing::debug!(%ignored, "message ignored");
        self.weight >= BAD_MESSAGES
    }
}

struct Media {
    socket: Socket,
    carrier: Arc<dyn Carrier>,
    codec: Box<dyn Provided>,
    session: Box<dyn CallSession>,
    caller: JitterQueue,
    pending: VecDeque<Mark>,
    bad: Bad,
    last_media: Instant,
    last_ping: Instant,
    /// Messages that may still be read in this tick.
    budget: u32,
    ticks_late: u64,
    /// Why a person is to take over.
    handover: Option<Handover>,
    /// The person who is called meanwhile.
    called: Option<Called>,
    /// Kept between ticks for their memory.
    events: Vec<LineEvent>,
    out: Vec<Out>,
    wire: Vec<Sent>,
}

impl Media {
    fn new(
        socket: Socket,
        carrier: Arc<dyn Carrier>,
        codec: Box<dyn Provided>,
        session: Box<dyn CallSession>,
        bad: Bad,
    ) -> Self {
        Self {
            socket,
            carrier,
            codec,
            session,
            caller: JitterQueue::default(),
            pending: VecDeque::new(),
            bad,
            last_media: Instant::now(),
            last_ping: Instant::now(),
            budget: MESSAGES_PER_TICK,
            ticks_late: 0,
            handover: None,
            called: None,
            events: Vec::new(),
            out: Vec::new(),
            wire: Vec::new(),
        }
    }

    async fn run(mut self, mut live: LiveCall, shared: &Arc<Shared>) {
        tracing::info!("call on the line");
        let end = loop {
            let end = self.carry(&mut live, shared).await;
            if let Some(handover) = &self.handover {
                live.hand_over(handover);
            }
            match end {
                End::Said(Outcome::HandOver) if self.call_person(&mut live, shared) => {}
                End::Said(Outcome::HandOver) => match self.away(&mut live, shared).await {
                    Some(Signal::Back) => {
                        self.handover = None;
                        self.last_media = Instant::now();
                        self.session.returned();
                    }
                    Some(Signal::Taken | Signal::Gone) => break End::Stopped,
                    Some(Signal::Lost) => break End::Lost,
                    None => break end,
                },
                End::Said(Outcome::HangUp) => {
                    self.hang_up(live.call_id(), shared).await;
                    break end;
                }
                End::Stopped | End::Lost => break self.last_news(end, &mut live).await,
                _ => break end,
            }
        };
        let counts = self.caller.counts();
        tracing::info!(
            ?end,
            heard = counts.heard,
            gaps = counts.gaps,
            overrun = counts.overrun,
            trimmed = counts.trimmed,
            ignored = self.bad.ignored,
            ticks_late = self.ticks_late,
            "call off the line"
        );
        // Who has joined the two by itself does not ask.
        let joins = end == End::Transferred && self.carrier.keeps_caller();
        let asks = self.carrier.asks_outcome() && !joins;
        // Before the close: the carrier asks for the outcome as soon as it sees it.
        live.end(end.outcome(), self.session, asks);
        if let (End::Transferred, Some(called)) = (end, self.called.take()) {
            called.let_go();
        }
        if matches!(end, End::Said(_) | End::Transferred) {
            say_goodbye(self.socket, self.codec, end.close()).await;
        } else {
            let (code, reason) = end.close();
            self.socket.close(code, reason).await;
        }
    }

    /// Carries sound, keys and marks until something ends the call.
    async fn carry(&mut self, live: &mut LiveCall, shared: &Arc<Shared>) -> End {
        let period = Duration::from_millis(u64::from(TICK_MS));
        let mut clock = interval_at(Instant::now() + period, period);
        clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let (mut draining, mut hurrying) = (false, false);
        loop {
            let end = tokio::select! {
                biased;
                due = clock.tick() => self.tick(due, &mut clock, shared).await,
                () = shared.stop.drain.cancelled(), if !draining => {
                    draining = true;
                    self.session.drain();
                    None
                }
                () = shared.hurry.cancelled(), if !hurrying => {
                    hurrying = true;
                    self.session.last_call();
                    None
                }
                () = shared.evict.cancelled() => Some(End::Closing),
                signal = live.signal(), if self.called.is_some() => {
                    // The house may be closing: the bot, which has the caller again, is told anew.
                    draining = draining && signal != Signal::Back;
                    hurrying = hurrying && signal != Signal::Back;
                    self.news(signal)
                }
                message = self.socket.next(self.budget > 0) => self.received(message),
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// One tick: what has arrived goes in, what the session wants goes out.
    async fn tick(&mut self, due: Instant, clock: &mut Interval, shared: &Shared) -> Option<End> {
        let late = due.elapsed();
        shared.ticks.count(late);
        if late > Duration::from_millis(u64::from(TICK_MS)) {
            self.ticks_late += 1;
            // A late task has sound waiting in the socket: it belongs to the ticks to be made up for.
            if let Some(end) = self.read_waiting().await {
                return Some(end);
            }
        }
        if late > CATCH_UP {
            clock.reset();
        }
        self.budget = MESSAGES_PER_TICK;
        if self.socket.is_stuck() {
            return Some(End::Stuck);
        }
        let alive = self.carrier.provider().alive;
        if self.last_media.elapsed() > alive.patience() {
            return Some(End::NoMedia);
        }
        if alive == Alive::Pings && self.last_ping.elapsed() >= PING_EVERY {
            self.last_ping = Instant::now();
            self.socket.send(Message::Ping(Default::default()));
        }
        self.hurry_person();
        let frame = self.caller.pop();
        self.session.tick(frame.as_ref(), &mut self.out);
        self.send_out()
    }

    async fn read_waiting(&mut self) -> Option<End> {
        while self.budget > 0 {
            let message = tokio::select! {
                biased;
                message = self.socket.next(true) => message,
                () = std::future::ready(()) => return None,
            };
            if let Some(end) = self.received(message) {
                return Some(end);
            }
        }
        None
    }

    fn send_out(&mut self) -> Option<End> {
        let mut end = None;
        if !self.out.iter().any(|out| matches!(out, Out::Media(_))) {
            self.codec.quiet(&mut self.wire);
        }
        for out in self.out.drain(..) {
            match &out {
                Out::Mark(mark) => {
                    if self.pending.len() == PENDING_MARKS {
                        self.pending.pop_front();
                    }
                    self.pending.push_back(*mark);
                }
                Out::End(Ending::HangUp(_)) => end = Some(End::Said(Outcome::HangUp)),
                Out::End(Ending::HandOver(handover)) => {
                    self.handover = Some(handover.clone());
                    end = Some(End::Said(Outcome::HandOver));
                    // What the line is told depends on whether the caller leaves.
                    continue;
                }
                Out::CallOff => self.called = None,
                Out::Clear | Out::Media(_) | Out::Caption(_) => {}
            }
            self.codec.encode(&out, &mut self.wire);
        }
        send(&mut self.socket, &mut self.wire);
        end
    }

    fn received(&mut self, message: Option<Result<Message, axum::Error>>) -> Option<End> {
        self.budget = self.budget.saturating_sub(1);
        let provider = self.carrier.provider();
        if provider.alive != Alive::Sound && matches!(message, Some(Ok(_))) {
            self.last_media = Instant::now();
        }
        let decoded = match message {
            Some(Ok(Message::Text(text))) => self
                .codec
                .decode(Wire::Text(text.as_str()), &mut self.events),
            Some(Ok(Message::Binary(bytes))) => {
                self.codec.decode(Wire::Binary(&bytes), &mut self.events)
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return None,
            Some(Ok(Message::Close(_))) | None if provider.close_is_hang_up => {
                return Some(End::Stopped);
            }
            Some(Ok(Message::Close(_))) | None => return Some(End::Lost),
            Some(Err(error)) if is_too_large(&error) => return Some(End::TooLarge),
            Some(Err(error)) => {
                tracing::debug!(%error, "media socket broken");
                return Some(End::Lost);
            }
        };
        self.codec.answer(&mut self.wire);
        send(&mut self.socket, &mut self.wire);
        if decoded.is_err_and(|ignored| self.bad.count(ignored)) {
            return Some(End::TooManyBad);
        }
        self.happen()
    }

    /// Passes on what the line told.
    fn happen(&mut self) -> Option<End> {
        let mut end = None;
        for event in self.events.drain(..) {
            match event {
                LineEvent::Frame(frame) => {
                    self.caller.push(Some(frame));
                    self.last_media = Instant::now();
                }
                LineEvent::Lost => self.caller.push(None),
                LineEvent::Digit(digit) => self.session.digit(digit),
                LineEvent::Typed(text) => self.session.typed(&text),
                LineEvent::Played(mark) => match self.pending.iter().position(|m| *m == mark) {
                    Some(place) => {
                        self.pending.remove(place);
                        self.session.played(mark);
                    }
                    None => {
                        self.bad.count(Ignored::UnknownMark);
                    }
                },
                LineEvent::Stopped => end = Some(End::Stopped),
                // The codec starts once.
                LineEvent::Started(_) => {}
            }
        }
        // One huge message must not cost its memory for the rest of the call.
        self.events.shrink_to(16);
        end
    }
}

/// Did the socket refuse the message for its length?
fn is_too_large(error: &axum::Error) -> bool {
    use tokio_tungstenite::tungstenite::Error;
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Error>());
    matches!(source, Some(Error::Capacity(_)))
}
