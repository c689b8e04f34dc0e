//! One call on one media socket: the task that owns its session, calls it every 20 ms and carries what
//! goes in and out. Decides when a peer is no longer worth listening to.

use super::calls::{Claim, LiveCall, Outcome};
use super::jitter::JitterQueue;
use super::provider::{Ignored, LineEvent, Provided, Provider, Sent, Start, Wire};
use super::server::Shared;
use super::socket::Socket;
use super::{CallSession, Ending, Out};
use crate::audio::TICK_MS;
use crate::call::Mark;
use crate::telemetry;
use axum::extract::ws::{Message, WebSocket, close_code};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};
use tracing::Instrument as _;

/// Longest message that a peer may send, in bytes: 6 s of sound.
pub const LONGEST_MESSAGE: usize = 64 * 1024;
/// Time from the upgrade to the stream's start.
const START_TIMEOUT: Duration = Duration::from_secs(5);
/// Time without the caller's sound after which the stream counts as dead.
const MEDIA_TIMEOUT: Duration = Duration::from_secs(30);
/// Messages without sense after which the socket is closed.
const BAD_MESSAGES: u32 = 100;
/// Messages read in a tick: 3200 a second. A carrier sends 50; who sends more waits.
const MESSAGES_PER_TICK: u32 = 64;
/// Ticks that a late task makes up for at once. After a longer stop the rest is skipped: the machine
/// slept, and so much silence helps nobody.
const CATCH_UP: Duration = Duration::from_millis(500);
/// Marks sent and not yet returned. A carrier returns them all; who does not loses the oldest.
const PENDING_MARKS: usize = 1024;

/// Why a socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The session ended the call.
    Said(Outcome),
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
            Self::Stopped => Outcome::HangUp,
            _ => Outcome::Broken,
        }
    }

    fn close(self) -> (u16, &'static str) {
        match self {
            Self::Said(_) | Self::Stopped | Self::Lost => (close_code::NORMAL, ""),
            Self::TooLarge => (close_code::SIZE, "message too long"),
            Self::TooManyBad => (close_code::POLICY, "too many bad messages"),
            Self::Stuck => (close_code::POLICY, "not read"),
            Self::NoMedia => (close_code::POLICY, "no media"),
            Self::Closing => (close_code::AWAY, "closing"),
        }
    }
}

/// Runs the call on an upgraded socket until it ends.
pub async fn run(socket: WebSocket, provider: &'static Provider, shared: std::sync::Arc<Shared>) {
    let mut socket = Socket::new(socket);
    let mut codec = (provider.codec)();
    let mut bad = Bad::default();
    let start = match timeout(
        START_TIMEOUT,
        wait_for_start(&mut socket, codec.as_mut(), &mut bad),
    )
    .await
    {
        Ok(Ok(start)) => start,
        Ok(Err((code, why))) => {
            tracing::warn!(why, "media socket refused");
            return socket.close(code, why).await;
        }
        Err(_) => {
            tracing::warn!(
                "media socket closed: no start within {} s",
                START_TIMEOUT.as_secs()
            );
            return socket.close(close_code::POLICY, "no start").await;
        }
    };
    let Some(claim) = shared
        .calls
        .claim(&start.call_id, &start.token, Instant::now())
    else {
        tracing::warn!(call = %start.call_id, "media socket refused: its token is unknown, used or out of date");
        return socket.close(close_code::POLICY, "token refused").await;
    };
    let span = telemetry::call_span(claim.live.call_id());
    take_call(socket, codec, bad, claim, &shared)
        .instrument(span)
        .await;
}

/// Runs a claimed call, in its span.
async fn take_call(
    socket: Socket,
    codec: Box<dyn Provided>,
    bad: Bad,
    claim: Claim,
    shared: &Shared,
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
            let mut session = shared.switchboard.new_call(live.call_id());
            session.answered(caller.map(|number| number.as_str().to_owned()));
            session
        }
    };
    Media::new(socket, codec, session, bad)
        .run(live, shared)
        .await;
}

/// Reads until the stream starts.
async fn wait_for_start(
    socket: &mut Socket,
    codec: &mut dyn Provided,
    bad: &mut Bad,
) -> Result<Start, (u16, &'static str)> {
    let mut events = Vec::new();
    loop {
        let decoded = match socket.next(true).await {
            Some(Ok(Message::Text(text))) => codec.decode(Wire::Text(text.as_str()), &mut events),
            Some(Ok(Message::Binary(bytes))) => codec.decode(Wire::Binary(&bytes), &mut events),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
            Some(Ok(Message::Close(_))) | None => {
                return Err((close_code::NORMAL, "gone before the start"));
            }
            Some(Err(error)) if is_too_large(&error) => {
                return Err((close_code::SIZE, "message too long"));
            }
            Some(Err(_)) => return Err((close_code::PROTOCOL, "broken before the start")),
        };
        match decoded {
            Err(Ignored::Format) => return Err((close_code::UNSUPPORTED, "audio format")),
            Err(ignored) if bad.count(ignored) => {
                return Err((close_code::POLICY, "too many bad messages"));
            }
            _ => {}
        }
        if let Some(LineEvent::Started(start)) = events.pop() {
            return Ok(start);
        }
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
    codec: Box<dyn Provided>,
    session: Box<dyn CallSession>,
    caller: JitterQueue,
    pending: VecDeque<Mark>,
    bad: Bad,
    last_media: Instant,
    /// Messages that may still be read in this tick.
    budget: u32,
    ticks_late: u64,
    /// Kept between ticks for their memory.
    events: Vec<LineEvent>,
    out: Vec<Out>,
    wire: Vec<Sent>,
}

impl Media {
    fn new(
        socket: Socket,
        codec: Box<dyn Provided>,
        session: Box<dyn CallSession>,
        bad: Bad,
    ) -> Self {
        Self {
            socket,
            codec,
            session,
            caller: JitterQueue::default(),
            pending: VecDeque::new(),
            bad,
            last_media: Instant::now(),
            budget: MESSAGES_PER_TICK,
            ticks_late: 0,
            events: Vec::new(),
            out: Vec::new(),
            wire: Vec::new(),
        }
    }

    async fn run(mut self, live: LiveCall, shared: &Shared) {
        tracing::info!("call on the line");
        let end = self.carry(shared).await;
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
        // Before the close: the carrier asks for the outcome as soon as it sees it.
        live.end(end.outcome(), self.session);
        let (code, reason) = end.close();
        self.socket.close(code, reason).await;
    }

    /// Carries sound, keys and marks until something ends the call.
    async fn carry(&mut self, shared: &Shared) -> End {
        let period = Duration::from_millis(u64::from(TICK_MS));
        let mut clock = interval_at(Instant::now() + period, period);
        clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut draining = false;
        loop {
            let end = tokio::select! {
                biased;
                due = clock.tick() => self.tick(due, &mut clock).await,
                () = shared.stop.drain.cancelled(), if !draining => {
                    draining = true;
                    self.session.drain();
                    None
                }
                () = shared.evict.cancelled() => Some(End::Closing),
                message = self.socket.next(self.budget > 0) => self.received(message),
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// One tick: what has arrived goes in, what the session wants goes out.
    async fn tick(&mut self, due: Instant, clock: &mut Interval) -> Option<End> {
        let late = due.elapsed();
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
        if self.last_media.elapsed() > MEDIA_TIMEOUT {
            return Some(End::NoMedia);
        }
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
        for out in self.out.drain(..) {
            match &out {
                Out::Mark(mark) => {
                    if self.pending.len() == PENDING_MARKS {
                        self.pending.pop_front();
                    }
                    self.pending.push_back(*mark);
                }
                Out::End(Ending::HangUp(_)) => end = Some(End::Said(Outcome::HangUp)),
                Out::End(Ending::HandOver(_)) => end = Some(End::Said(Outcome::HandOver)),
                Out::Clear | Out::Media(_) | Out::Caption(_) => {}
            }
            self.codec.encode(&out, &mut self.wire);
        }
        for sent in self.wire.drain(..) {
            self.socket.send(match sent {
                Wire::Text(text) => Message::Text(text.into()),
                Wire::Binary(bytes) => Message::Binary(bytes.into()),
            });
        }
        end
    }

    fn received(&mut self, message: Option<Result<Message, axum::Error>>) -> Option<End> {
        self.budget = self.budget.saturating_sub(1);
        let decoded = match message {
            Some(Ok(Message::Text(text))) => self
                .codec
                .decode(Wire::Text(text.as_str()), &mut self.events),
            Some(Ok(Message::Binary(bytes))) => {
                self.codec.decode(Wire::Binary(&bytes), &mut self.events)
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return None,
            Some(Ok(Message::Close(_))) | None => return Some(End::Lost),
            Some(Err(error)) if is_too_large(&error) => return Some(End::TooLarge),
            Some(Err(error)) => {
                tracing::debug!(%error, "media socket broken");
                return Some(End::Lost);
            }
        };
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
