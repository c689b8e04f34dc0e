//! The socket under a stream: a WebSocket or plain TCP. Decides what counts as its end.

use super::LoadError;
use super::dialect::{Open, Sent, Wire};
use futures_util::{SinkExt as _, StreamExt as _};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, header};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// Most that is read from a TCP stream at once, in bytes.
const CHUNK: usize = 4096;
/// Time to open a socket.
const OPENING: Duration = Duration::from_secs(10);
/// Time that a server has to answer our close.
const CLOSING: Duration = Duration::from_secs(2);

/// An open socket.
pub enum Line {
    WebSocket(Box<WebSocketStream<MaybeTlsStream<TcpStream>>>),
    Tcp(TcpStream, Box<[u8; CHUNK]>),
}

/// What came.
pub enum Came {
    Message(Sent),
    /// A ping, which is answered by itself.
    Ping,
    /// Nothing that concerns a call.
    Nothing,
    /// The server has closed; of a WebSocket the code.
    Closed(Option<u16>),
}

impl Line {
    /// Opens it.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn open(open: &Open) -> Result<Self, LoadError> {
        let failed = |cause: String| LoadError::Socket {
            url: match open {
                // The query is another one for each call.
                Open::WebSocket { url, .. } => url.split('?').next().unwrap_or_default().to_owned(),
                Open::Tcp(address) => address.clone(),
            },
            cause,
        };
        timeout(OPENING, Self::connect(open))
            .await
            .map_err(|_| failed(format!("no answer within {} s", OPENING.as_secs())))?
            .map_err(|error| failed(error.to_string()))
    }

    async fn connect(open: &Open) -> Result<Self, tungstenite::Error> {
        let (url, headers, subprotocols) = match open {
            Open::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                return Ok(Self::Tcp(stream, Box::new([0; CHUNK])));
            }
            Open::WebSocket {
                url,
                headers,
                subprotocols,
            } => (url, headers, subprotocols),
        };
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            let name: HeaderName = name.parse().map_err(tungstenite::http::Error::from)?;
            let value: HeaderValue = value.parse().map_err(tungstenite::http::Error::from)?;
            request.headers_mut().append(name, value);
        }
        if !subprotocols.is_empty() {
            let offer = subprotocols.join(", ");
            let offer = offer.parse().map_err(tungstenite::http::Error::from)?;
            request
                .headers_mut()
                .insert(header::SEC_WEBSOCKET_PROTOCOL, offer);
        }
        // True: without Nagle's delay.
        let (socket, answer) = connect_async_with_config(request, None, true).await?;
        if let Some(chosen) = answer.headers().get(header::SEC_WEBSOCKET_EXTENSIONS) {
            // Some offer compression and cannot do it.
            let why = format!("the server takes {chosen:?} up");
            return Err(std::io::Error::other(why).into());
        }
        Ok(Self::WebSocket(Box::new(socket)))
    }

    /// Sends the messages in order.
    ///
    /// # Errors
    /// When the socket breaks.
    pub async fn send(&mut self, wire: &mut Vec<Sent>) -> Result<(), LoadError> {
        for sent in wire.drain(..) {
            let sending = async {
                match self {
                    Self::WebSocket(socket) => {
                        socket
                            .send(match sent {
                                Wire::Text(text) => Message::text(text),
                                Wire::Binary(bytes) => Message::binary(bytes),
                            })
                            .await
                    }
                    Self::Tcp(stream, _) => {
                        let bytes = match &sent {
                            Wire::Text(text) => text.as_bytes(),
                            Wire::Binary(bytes) => bytes,
                        };
                        Ok(stream.write_all(bytes).await?)
                    }
                }
            };
            sending
                .await
                .map_err(|error| LoadError::Broken(error.to_string()))?;
        }
        Ok(())
    }

    /// The next message. May be dropped at any time without loss.
    ///
    /// # Errors
    /// When the socket breaks.
    pub async fn next(&mut self) -> Result<Came, LoadError> {
        let broken = |cause: &dyn std::fmt::Display| LoadError::Broken(cause.to_string());
        match self {
            Self::WebSocket(socket) => Ok(match socket.next().await {
                Some(Ok(Message::Text(text))) => Came::Message(Wire::Text(text.as_str().into())),
                Some(Ok(Message::Binary(bytes))) => Came::Message(Wire::Binary(bytes.into())),
                Some(Ok(Message::Ping(_))) => Came::Ping,
                Some(Ok(Message::Pong(_) | Message::Frame(_))) => Came::Nothing,
                Some(Ok(Message::Close(close))) => {
                    Came::Closed(close.map(|close| CloseCode::into(close.code)))
                }
                Some(Err(error)) => return Err(broken(&error)),
                None => return Err(broken(&"gone without a close")),
            }),
            Self::Tcp(stream, buffer) => match stream.read(&mut buffer[..]).await {
                Ok(0) => Ok(Came::Closed(None)),
                Ok(count) => Ok(Came::Message(Wire::Binary(buffer[..count].to_vec()))),
                Err(error) => Err(broken(&error)),
            },
        }
    }

    /// Says goodbye. How the server takes it does not matter to a caller who is gone.
    pub async fn close(mut self) {
        let goodbye = async {
            match &mut self {
                Self::WebSocket(socket) => {
                    let _ = WebSocketStream::close(socket, None).await;
                }
                Self::Tcp(stream, _) => {
                    let _ = stream.shutdown().await;
                }
            }
        };
        let _ = timeout(CLOSING, goodbye).await;
    }
}
