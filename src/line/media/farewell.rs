//! How a call leaves: a person is called while the caller stays with the bot, or is put through to while the
//! socket stays open, the line is told to hang up, and the stream is ended by whose business that is.

use super::{End, Media, send};
use crate::line::calls::{LiveCall, Signal};
use crate::line::carrier::Leaving;
use crate::line::provider::{LineEvent, Provided, Wire};
use crate::line::server::Shared;
use crate::line::socket::Socket;
use crate::line::warm::Called;
use crate::line::{Ending, Out};
use axum::extract::ws::Message;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Time that a carrier has to take an order.
const ORDER_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest transfer, from the order to its news: a telephone rings no longer. Then the caller is ours again.
const TRANSFER_TIMEOUT: Duration = Duration::from_secs(90);
/// Time that news of a transfer may come after the media socket has gone.
const LAST_NEWS: Duration = Duration::from_secs(3);
/// Time that a line has to end a stream which it ends itself.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(3);

impl Media {
    /// Has a person called while the caller stays with the bot; false: the caller leaves, in the line's own
    /// way.
    pub(super) fn call_person(&mut self, live: &mut LiveCall, shared: &Arc<Shared>) -> bool {
        let Some(handover) = &self.handover else {
            return false;
        };
        // One person at a time.
        if self.called.is_some() {
            return true;
        }
        live.forget_news();
        self.called = Called::begin(shared, &self.carrier, live.call_id(), handover);
        if self.called.is_some() {
            self.session.calling();
            return true;
        }
        self.tell_handover();
        false
    }

    /// Tells the line that the caller leaves for a person.
    fn tell_handover(&mut self) {
        if let Some(handover) = &self.handover {
            let end = Out::End(Ending::HandOver(handover.clone()));
            self.codec.encode(&end, &mut self.wire);
            send(&mut self.socket, &mut self.wire);
        }
    }

    /// How it goes with the person who is called.
    pub(super) fn news(&mut self, signal: Signal) -> Option<End> {
        match signal {
            Signal::Taken => {
                self.session.joined();
                self.tell_handover();
                Some(End::Transferred)
            }
            Signal::Back => {
                self.called = None;
                self.session.returned();
                None
            }
            Signal::Gone => Some(End::Stopped),
            Signal::Lost => Some(End::Lost),
        }
    }

    /// The socket is gone, with a word or without: because the carrier has brought the two together?
    pub(super) async fn last_news(&mut self, end: End, live: &mut LiveCall) -> End {
        let joins = self.called.as_ref().is_some_and(Called::is_accepted);
        if !joins || !self.carrier.keeps_caller() {
            return end;
        }
        let news = timeout(LAST_NEWS, live.signal()).await;
        match news {
            Ok(Signal::Taken) => {
                self.session.joined();
                End::Transferred
            }
            _ => end,
        }
    }

    /// Gives up on a person who takes too long.
    pub(super) fn hurry_person(&mut self) {
        if self.called.as_ref().is_some_and(Called::is_late) {
            tracing::warn!(
                "nobody knows how it goes with the person who is called: the bot goes on"
            );
            self.called = None;
            self.session.returned();
        }
    }

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

    /// Reads on, without hearing, until the transfer has ended: the line gives the caller its ringing tone.
    async fn until_news(&mut self, live: &mut LiveCall, shared: &Shared) -> Signal {
        loop {
            let message = tokio::select! {
                biased;
                signal = live.signal() => return signal,
                () = shared.evict.cancelled() => return Signal::Gone,
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
                // The carrier takes the stream away when it joins caller and person, and says so.
                Some(Ok(Message::Close(_)) | Err(_)) | None => {
                    let news = timeout(LAST_NEWS, live.signal()).await;
                    return match news {
                        Ok(Signal::Back) | Err(_) => Signal::Lost,
                        Ok(news) => news,
                    };
                }
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

    pub(super) async fn hang_up(&mut self, call_id: &str, shared: &Shared) {
        let carrier = Arc::clone(&self.carrier);
        let Some(order) = carrier.hang_up(shared, call_id) else {
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
