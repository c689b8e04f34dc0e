//! How a call comes in on a socket: the stream's start, its proof, and what a call is told that cannot be
//! answered.

use super::{Bad, is_too_large, send, take_call};
use crate::dialogue::Handover;
use crate::line::calls::{Claim, Refused};
use crate::line::carrier::Carrier;
use crate::line::e164::E164;
use crate::line::provider::{Ignored, LineEvent, Provided, Start, Wire};
use crate::line::server::Shared;
use crate::line::socket::Socket;
use crate::line::{Ending, Out};
use crate::telemetry;
use axum::extract::ws::{Message, close_code};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tracing::Instrument as _;

/// Time from the upgrade to the stream's start.
const START_TIMEOUT: Duration = Duration::from_secs(5);

/// How a call on a socket proves that it may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It was announced by a webhook, whose one-time token the stream's start carries.
    Invited,
    /// The socket itself was checked: any call may come on it.
    Direct,
}

/// Whose calls may come on a socket.
#[derive(Clone)]
pub enum Whose {
    One(Arc<dyn Carrier>),
    /// The codec tells whose it is.
    Any(Arc<[Arc<dyn Carrier>]>),
}

impl Whose {
    fn carrier(&self, codec: &dyn Provided) -> Option<Arc<dyn Carrier>> {
        match self {
            Self::One(carrier) => Some(Arc::clone(carrier)),
            Self::Any(carriers) => {
                let name = codec.provider()?.name;
                let theirs = |carrier: &&Arc<dyn Carrier>| carrier.provider().name == name;
                carriers.iter().find(theirs).cloned()
            }
        }
    }
}

/// Runs the call on an open socket until it ends.
pub async fn run(
    mut socket: Socket,
    whose: Whose,
    mut codec: Box<dyn Provided>,
    admission: Admission,
    shared: Arc<Shared>,
) {
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
    let Some(carrier) = whose.carrier(codec.as_ref()) else {
        tracing::warn!(call = %start.call_id, "media socket refused: its provider has no secret in the settings");
        return socket
            .close(close_code::POLICY, "provider not served")
            .await;
    };
    let (call_id, now) = (start.call_id.as_str(), Instant::now());
    let claim = match admission {
        Admission::Invited => match shared.calls.claim(call_id, &start.token, now) {
            Some(claim) => claim,
            None => {
                tracing::warn!(call = %start.call_id, "media socket refused: its token is unknown, used or out of date");
                return socket.close(close_code::POLICY, "token refused").await;
            }
        },
        Admission::Direct => match admit(&start, &shared) {
            Ok(claim) => claim,
            Err(refused) => {
                let line = carrier.provider().line.name;
                let handover = shared.turned_away(line, call_id, caller_of(&start), refused);
                return turn_away(socket, codec, call_id, refused, handover, &shared).await;
            }
        },
    };
    let span = telemetry::call_span(claim.live.call_id());
    let language = start.language.as_deref();
    take_call(socket, carrier, codec, bad, claim, language, &shared)
        .instrument(span)
        .await;
}

fn admit(start: &Start, shared: &Shared) -> Result<Claim, Refused> {
    if shared.stop.drain.is_cancelled() {
        return Err(Refused::Full);
    }
    let caller = caller_of(start);
    shared.calls.admit(&start.call_id, caller, Instant::now())
}

fn caller_of(start: &Start) -> Option<E164> {
    start.caller.as_deref()?.parse().ok()
}

/// A call that cannot be answered goes to the human line, in the line's own way.
async fn turn_away(
    mut socket: Socket,
    mut codec: Box<dyn Provided>,
    call_id: &str,
    refused: Refused,
    handover: Handover,
    shared: &Shared,
) {
    if refused == Refused::Live {
        return socket
            .close(close_code::POLICY, "the call is on another socket")
            .await;
    }
    shared
        .calls
        .turn_away(call_id, handover.clone(), Instant::now());
    let mut wire = Vec::new();
    codec.encode(&Out::End(Ending::HandOver(handover)), &mut wire);
    send(&mut socket, &mut wire);
    super::say_goodbye(socket, codec, (close_code::AGAIN, "busy")).await;
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
        let mut wire = Vec::new();
        codec.answer(&mut wire);
        send(socket, &mut wire);
        match decoded {
            Err(Ignored::Format) => return Err((close_code::UNSUPPORTED, "audio format")),
            Err(Ignored::Token) => return Err((close_code::POLICY, "token refused")),
            Err(ignored) if bad.count(ignored) => {
                return Err((close_code::POLICY, "too many bad messages"));
            }
            _ => {}
        }
        let started = |event| match event {
            LineEvent::Started(start) => Some(start),
            _ => None,
        };
        // Sound before the start belongs to nobody yet.
        if let Some(start) = events.drain(..).find_map(started) {
            return Ok(start);
        }
    }
}
