//! How a call leaves: a person's telephone rings while the socket stays open, the line is told to hang up,
//! and the stream is ended by whose business that is.

use super::ringing::Ringing;
use super::{Media, send};
use crate::audio::TICK_MS;
use crate::line::Out;
use crate::line::calls::{LiveCall, Signal};
use crate::line::carrier::Leaving;
use crate::line::provider::{LineEvent, Provided, Wire};
use crate::line::server::Shared;
use crate::line::socket::Socket;
use axum::extract::ws::Message;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Time that a carrier has to take an order.
const ORDER_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest transfer, from the order to its news: a telephone rings no longer. Then the caller is ours again.
const TRANSFER_TIMEOUT: Duration = Duration::from_secs(90);
/// Time that a line has to end a stream which it ends itself.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(3);

impl Media {
    /// Has a person's telephone ring while the socket stays open, and waits for how it ends; `None`: on
    /// this line the socket's end does that.
    pub(super) async fn away(&mut self, live: &mut LiveCall, shared: &Shared) -> Option<Signal> {
        let handover = self.handover.clone()?;
        let carrier = Arc::clone(&self.carrier);
        let call_id = live.call_id().to_owned();
        let number = shared.human_line.as_ref();
        let leaving = number.map(|number| Leaving {
            shared,
            call_id: &call_id,
            handover: &handover,
            number,
        });
        let Some(leaving) = leaving else {
            // Only a line that keeps the caller here can go on without a number.
            return self.carrier.keeps_caller().then_some(Signal::Back);
        };
        let order = carrier.transfer(leaving)?;
        match timeout(ORDER_TIMEOUT, order).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, "the transfer was not taken: the bot goes on");
                return Some(Signal::Back);
            }
            Err(_) => {
                tracing::error!("no answer to the transfer order: the bot goes on");
                return Some(Signal::Back);
            }
        }
        let news = timeout(TRANSFER_TIMEOUT, self.until_news(live, shared)).await;
        Some(news.unwrap_or(Signal::Back))
    }

    /// Reads on, without hearing, until the transfer has ended; the caller hears ringing where the line
    /// has none.
    async fn until_news(&mut self, live: &mut LiveCall, shared: &Shared) -> Signal {
        let rings = self.carrier.needs_ringing(shared);
        let period = Duration::from_millis(u64::from(TICK_MS));
        let (mut clock, mut ringing) = (interval(period), Ringing::default());
        // Late rings are left out: the line must not be flooded with them.
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let message = tokio::select! {
                biased;
                signal = live.signal() => {
                    if rings {
                        self.codec.encode(&Out::Clear, &mut self.wire);
                        send(&mut self.socket, &mut self.wire);
                    }
                    return signal;
                }
                () = shared.evict.cancelled() => return Signal::Gone,
                _ = clock.tick(), if rings => {
                    self.codec.encode(&Out::Media(ringing.frame()), &mut self.wire);
                    send(&mut self.socket, &mut self.wire);
                    continue;
                }
                message = self.socket.next(true) => message,
            };
            let decoded = match message {
                Some(Ok(Message::Text(text))) => self
                    .codec
                    .decode(Wire::Text(text.as_str()), &mut self.events),
                Some(Ok(Message::Binary(bytes))) => {
                    self.codec.decode(Wire::Binary(&bytes), &mut self.events)
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                // The carrier takes the stream away when it joins caller and person.
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Signal::Taken,
            };
            if let Err(ignored) = decoded {
                tracing::trace!(%ignored, "message ignored during the transfer");
            }
            self.codec.answer(&mut self.wire);
            send(&mut self.socket, &mut self.wire);
            if self
                .events
                .drain(..)
                .any(|event| event == LineEvent::Stopped)
            {
                return Signal::Gone;
            }
        }
    }

    pub(super) async fn hang_up(&mut self, call_id: &str) {
        let carrier = Arc::clone(&self.carrier);
        let Some(order) = carrier.hang_up(call_id) else {
            return;
        };
        match timeout(ORDER_TIMEOUT, order).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the call was not hung up"),
            Err(_) => tracing::error!("no answer to the order to hang up"),
        }
    }
}

/// Closes the socket, at once or, where the line ends the stream itself, when it has.
pub(super) async fn say_goodbye(
    mut socket: Socket,
    mut codec: Box<dyn Provided>,
    (code, reason): (u16, &'static str),
) {
    if codec.waits_for_goodbye()
        && timeout(GOODBYE_TIMEOUT, until_stopped(&mut socket, &mut *codec))
            .await
            .is_err()
    {
        tracing::debug!("the line has not ended the stream in time");
    }
    socket.close(code, reason).await;
}

/// Reads until the line has ended the stream.
async fn until_stopped(socket: &mut Socket, codec: &mut dyn Provided) {
    let (mut events, mut wire) = (Vec::new(), Vec::new());
    while let Some(Ok(message)) = socket.next(true).await {
        let decoded = match &message {
            Message::Text(text) => codec.decode(Wire::Text(text.as_str()), &mut events),
            Message::Binary(bytes) => codec.decode(Wire::Binary(bytes), &mut events),
            Message::Close(_) => return,
            _ => continue,
        };
        if let Err(ignored) = decoded {
            tracing::trace!(%ignored, "message ignored after the end");
        }
        codec.answer(&mut wire);
        send(socket, &mut wire);
        if events.drain(..).any(|event| event == LineEvent::Stopped) {
            // The last answer goes out with the close.
            return;
        }
    }
}
