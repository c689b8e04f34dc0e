//! The port of AudioSocket: who may come in, and a TCP connection as the channel of a call. There is no
//! login and no TLS, so it opens on this machine or a private network only, and beyond this machine a
//! connection must name a UUID that was announced.

use super::audiosocket::{AudioSocketCodec, Packets, id, written};
use crate::config::Config;
use crate::line::carrier::Carrier;
use crate::line::guard::Guard;
use crate::line::media::{self, Admission, Whose};
use crate::line::provider::{Able, Alive, Heard, Provider};
use crate::line::server::{ServeError, Shared, Urls};
use crate::line::socket::Socket;
use crate::runtime::session::LineTraits;
use axum::Router;
use axum::extract::ws::Message;
use futures_util::future::BoxFuture;
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::bytes::Bytes;
use tokio_util::codec::Framed;

/// Time from the connection to its UUID.
const ID_TIMEOUT: Duration = Duration::from_secs(5);
/// What hangs up, either way.
const HANG_UP: &[u8] = &[0, 0, 0];

/// AudioSocket's entry in the table of providers.
pub const PROVIDER: Provider = Provider {
    name: "audiosocket",
    title: "Asterisk AudioSocket",
    line: LineTraits {
        name: "audiosocket",
        marks: false,
        // Asterisk plays what it gets at once: nothing may be sent before its time.
        lead: 0,
        ..LineTraits::PLAIN
    },
    able: Able {
        heard: Heard::Clock,
        clear: true,
        keys: true,
        transfer: true,
        whisper: false,
        warm: false,
        take_back: true,
        parameters: true,
        notes: &[
            "Transfers are done by your dialplan: without the lines from ASTERISK.md calls end where a person is due.",
            "Asterisk before 20.14, 22.4 and 23.0 signals no keys (their tones are recognised) and hangs the caller up when the bot has ended: no transfer.",
        ],
    },
    close_is_hang_up: true,
    alive: Alive::Connection,
    codec: || Box::new(AudioSocketCodec::new(String::new())),
    carrier: |config| Ok(Arc::new(AudioSocket::new(config)?)),
};

/// AudioSocket with our settings.
pub struct AudioSocket {
    listen: Option<SocketAddr>,
    /// Only announced UUIDs come in, also from this machine.
    strict: bool,
    guard: Guard,
    port: Mutex<Option<Arc<TcpListener>>>,
}

impl AudioSocket {
    fn new(config: &Config) -> Result<Self, ServeError> {
        let secret = config.asterisk.secret.as_ref();
        let guard = Guard::new(secret.map(|secret| secret.expose().as_str()));
        let listen = config.audiosocket.listen;
        if let Some(address) = listen {
            let wrong = |why: &str, hint| ServeError::Line {
                line: "audiosocket",
                why: format!("{address} {why}"),
                hint,
            };
            if !is_private(address.ip()) {
                return Err(wrong(
                    "is open to strangers, and AudioSocket knows no login",
                    "listen on 127.0.0.1 or on an address of a private network, behind a firewall",
                ));
            }
            if !address.ip().is_loopback() && !guard.is_set() {
                return Err(wrong(
                    "lets other machines in, and anybody could announce calls",
                    "set asterisk.secret (ATTENDANT_ASTERISK_SECRET), or listen on 127.0.0.1",
                ));
            }
        }
        Ok(Self {
            listen,
            strict: config.audiosocket.strict,
            guard,
            port: Mutex::default(),
        })
    }

    fn port(&self) -> Option<Arc<TcpListener>> {
        let port = self.port.lock().unwrap_or_else(PoisonError::into_inner);
        port.clone()
    }

    /// One connection, from its UUID to its end.
    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY not set");
        }
        let mut packets = Framed::new(stream, Packets);
        let first = match timeout(ID_TIMEOUT, packets.next()).await {
            Ok(Some(Ok(first))) => first,
            _ => return tracing::warn!(%peer, "AudioSocket connection without a UUID"),
        };
        let Some(uuid) = id(&first).map(|id| written(&id)) else {
            return tracing::warn!(%peer, "AudioSocket connection that begins with something else than a UUID");
        };
        let admission = match shared.calls.invitation(&uuid) {
            Some(token) => (Admission::Invited, token.as_str().to_owned()),
            None if peer.ip().is_loopback() && !self.strict => {
                // The UUID may be written down in a dialplan, the same for every caller: what is kept of
                // the last one is not for the next. A caller who comes back was announced by `dialed`.
                shared.calls.forget(&uuid);
                (Admission::Direct, String::new())
            }
            None => {
                tracing::warn!(%peer, call = uuid, "AudioSocket connection refused: its UUID was not announced, or too long ago");
                // The hang-up lets the dialplan go on at once.
                let _ = timeout(ID_TIMEOUT, packets.send(Bytes::from_static(HANG_UP))).await;
                return;
            }
        };
        let (admission, token) = admission;
        let channel = Channel {
            packets,
            first: Some(first),
            ended: false,
            hung_up: false,
        };
        let codec = Box::new(AudioSocketCodec::new(token));
        let whose = Whose::One(self);
        media::run(Socket::new(channel), whose, codec, admission, shared).await;
    }
}

impl Carrier for AudioSocket {
    fn provider(&self) -> &'static Provider {
        &PROVIDER
    }

    fn is_guarded(&self) -> bool {
        self.listen.is_some() && self.guard.is_set()
    }

    fn is_local(&self) -> bool {
        self.listen
            .is_some_and(|address| address.ip().is_loopback())
    }

    fn routes(self: Arc<Self>, _: Arc<Shared>) -> Router {
        // Its questions are those of `chan_websocket`: both are asked by the same dialplan.
        Router::new()
    }

    fn announce(&self, _: &Urls) -> Vec<(&'static str, String)> {
        let port = self.port();
        let address = port.and_then(|port| port.local_addr().ok());
        let told = address.map(|address| ("dialplan, AudioSocket(UUID,…)", address.to_string()));
        told.into_iter().collect()
    }

    fn asks_outcome(&self) -> bool {
        self.guard.is_set()
    }

    fn open(&self) -> BoxFuture<'_, Result<(), ServeError>> {
        Box::pin(async {
            let Some(address) = self.listen else {
                return Ok(());
            };
            let listener = TcpListener::bind(address).await;
            let listener = listener.map_err(|cause| ServeError::Bind {
                address,
                hint: "choose another address in audiosocket.listen",
                cause,
            })?;
            let mut port = self.port.lock().unwrap_or_else(PoisonError::into_inner);
            *port = Some(Arc::new(listener));
            Ok(())
        })
    }

    fn accept(self: Arc<Self>, shared: Arc<Shared>) -> Option<BoxFuture<'static, ()>> {
        let port = self.port()?;
        Some(Box::pin(async move {
            loop {
                let seats = Arc::clone(&shared.sockets);
                let seat = seats.acquire_owned().await.expect("it is never closed");
                match port.accept().await {
                    Ok((stream, peer)) => {
                        let serving = Arc::clone(&self).serve(stream, peer, Arc::clone(&shared));
                        tokio::spawn(async move {
                            serving.await;
                            drop(seat);
                        });
                    }
                    Err(error) => {
                        tracing::error!(%error, "an AudioSocket connection could not be accepted");
                        sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        }))
    }
}

/// This machine, or a private network.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// A connection's packets as binary messages. Its end is a hang-up.
struct Channel {
    packets: Framed<TcpStream, Packets>,
    /// The UUID, which was read already.
    first: Option<Bytes>,
    /// Asterisk has closed.
    ended: bool,
    /// We have hung up.
    hung_up: bool,
}

impl Stream for Channel {
    type Item = Result<Message, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Message::Binary(first))));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        match ready!(self.packets.poll_next_unpin(context)) {
            Some(Ok(packet)) => Poll::Ready(Some(Ok(Message::Binary(packet)))),
            other => {
                if let Some(Err(error)) = other {
                    tracing::debug!(%error, "AudioSocket connection broken");
                }
                // Asterisk says no goodbye: it closes when the caller has hung up.
                self.ended = true;
                Poll::Ready(Some(Ok(Message::Binary(Bytes::from_static(HANG_UP)))))
            }
        }
    }
}

impl Sink<Message> for Channel {
    type Error = axum::Error;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), axum::Error>> {
        self.packets
            .poll_ready_unpin(context)
            .map_err(axum::Error::new)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), axum::Error> {
        let packet = match message {
            Message::Binary(packet) => packet,
            // Without it Asterisk would wait for sound. It closes then, and so do we.
            Message::Close(_) => Bytes::from_static(HANG_UP),
            _ => return Err(axum::Error::new(io::Error::other("no packet"))),
        };
        if self.hung_up {
            return Ok(());
        }
        self.hung_up = packet == HANG_UP;
        let sent = self.packets.start_send_unpin(packet);
        sent.map_err(axum::Error::new)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), axum::Error>> {
        self.packets
            .poll_flush_unpin(context)
            .map_err(axum::Error::new)
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), axum::Error>> {
        self.packets
            .poll_close_unpin(context)
            .map_err(axum::Error::new)
    }
}
