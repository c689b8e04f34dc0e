//! A media socket with a queue of its own, so that a peer who does not read never stops a call's clock:
//! what cannot be written now waits here, and how long it waits is known.

use axum::extract::ws::{CloseFrame, Message};
use futures_util::{Sink, Stream};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Messages waiting to be written: 10 s of sound.
const LONGEST_QUEUE: usize = 500;
/// Time that a peer may go without reading.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// Time that a peer has to answer our close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// What carries messages both ways: a WebSocket, or a TCP stream cut into messages, for which a close is
/// what ends it there.
pub trait Channel:
    Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Send + Unpin
{
}

impl<T> Channel for T where
    T: Stream<Item = Result<Message, axum::Error>>
        + Sink<Message, Error = axum::Error>
        + Send
        + Unpin
{
}

/// One media socket.
pub struct Socket {
    inner: Box<dyn Channel>,
    queue: VecDeque<Message>,
    /// Something was handed over but not flushed.
    dirty: bool,
    stalled_since: Option<Instant>,
}

impl Socket {
    pub fn new(inner: impl Channel + 'static) -> Self {
        Self {
            inner: Box::new(inner),
            queue: VecDeque::new(),
            dirty: false,
            stalled_since: None,
        }
    }

    /// Queues a message; it is written while [`Socket::next`] runs.
    pub fn send(&mut self, message: Message) {
        self.queue.push_back(message);
    }

    /// The peer has not read for too long, or too much is waiting for it.
    pub fn is_stuck(&self) -> bool {
        self.queue.len() > LONGEST_QUEUE
            || self
                .stalled_since
                .is_some_and(|since| since.elapsed() > WRITE_TIMEOUT)
    }

    /// Writes what is queued and waits for the next message; with `read` off it only writes. `None`:
    /// the socket is gone. May be dropped at any time without loss.
    pub async fn next(&mut self, read: bool) -> Option<Result<Message, axum::Error>> {
        poll_fn(|context| {
            if let Poll::Ready(Err(error)) = self.poll_write(context) {
                return Poll::Ready(Some(Err(error)));
            }
            if read {
                Pin::new(&mut self.inner).poll_next(context)
            } else {
                Poll::Pending
            }
        })
        .await
    }

    /// Writes what is queued, says goodbye and waits for the peer's goodbye, each within a limit.
    pub async fn close(mut self, code: u16, reason: &'static str) {
        self.send(Message::Close(Some(CloseFrame {
            code,
            reason: reason.into(),
        })));
        if !matches!(
            timeout(WRITE_TIMEOUT, poll_fn(|context| self.poll_write(context))).await,
            Ok(Ok(()))
        ) {
            return;
        }
        let goodbye = async { while let Some(Ok(_)) = self.next(true).await {} };
        // A peer that says nothing is cut off.
        let _ = timeout(CLOSE_TIMEOUT, goodbye).await;
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        let written = self.poll_write_queue(context);
        match &written {
            Poll::Pending => {
                self.stalled_since.get_or_insert_with(Instant::now);
            }
            Poll::Ready(_) => self.stalled_since = None,
        }
        written
    }

    fn poll_write_queue(&mut self, context: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        while !self.queue.is_empty() {
            match Pin::new(&mut self.inner).poll_ready(context) {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
            let message = self.queue.pop_front().expect("checked in the loop's head");
            self.dirty = true;
            if let Err(error) = Pin::new(&mut self.inner).start_send(message) {
                return Poll::Ready(Err(error));
            }
        }
        if self.dirty {
            match Pin::new(&mut self.inner).poll_flush(context) {
                Poll::Ready(Ok(())) => self.dirty = false,
                other => return other,
            }
        }
        Poll::Ready(Ok(()))
    }
}
