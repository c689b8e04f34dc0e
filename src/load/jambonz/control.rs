//! jambonz's end of the control socket: asks, and waits 5 s for the acknowledgement.

use super::Account;
use crate::load::{LoadError, webhook};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::header;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// What is offered, and must be chosen.
const SUBPROTOCOL: &str = "ws.jambonz.org";
/// Time for an acknowledgement; then jambonz drops the call.
const PATIENCE: Duration = Duration::from_secs(5);

/// An open control socket.
pub struct Control {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    asked: u64,
}

impl Control {
    /// # Errors
    /// When the server cannot be reached, refuses, or speaks another protocol.
    pub async fn open(account: &Account) -> Result<Self, LoadError> {
        let url = format!("{}/jambonz/control", account.base.replacen("http", "ws", 1));
        let failed = |cause: String| LoadError::Socket {
            url: url.clone(),
            cause,
        };
        let request = url.as_str().into_client_request();
        let mut request = request.map_err(|error| failed(error.to_string()))?;
        let headers = request.headers_mut();
        let offer = header::HeaderValue::from_static(SUBPROTOCOL);
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, offer);
        if let Some(password) = &account.password {
            let basic = webhook::basic("jambonz", password).parse();
            let basic = basic.map_err(|_| failed("the password is no header".into()))?;
            headers.insert(header::AUTHORIZATION, basic);
        }
        let connected = connect_async_with_config(request, None, true).await;
        let (socket, answer) = connected.map_err(|error| failed(error.to_string()))?;
        let chosen = answer.headers().get(header::SEC_WEBSOCKET_PROTOCOL);
        if chosen.is_none_or(|chosen| chosen != SUBPROTOCOL) {
            return Err(failed(format!("{SUBPROTOCOL} was not chosen")));
        }
        Ok(Self { socket, asked: 0 })
    }

    async fn send(
        &mut self,
        kind: &str,
        hook: Option<&str>,
        data: Value,
    ) -> Result<String, LoadError> {
        self.asked += 1;
        let id = format!("m{}", self.asked);
        let mut message = json!({
            "type": kind, "msgid": id, "call_sid": data["call_sid"], "data": data,
        });
        if let Some(hook) = hook {
            message["hook"] = hook.into();
        }
        let sent = self.socket.send(Message::text(message.to_string())).await;
        sent.map_err(|error| LoadError::Broken(error.to_string()))?;
        Ok(id)
    }

    /// Tells something that needs no answer.
    ///
    /// # Errors
    /// When the socket breaks.
    pub async fn tell(&mut self, kind: &str, data: Value) -> Result<(), LoadError> {
        self.send(kind, None, data).await.map(|_| ())
    }

    /// Asks; the verbs that are acknowledged, null where there are none.
    ///
    /// # Errors
    /// When there is no acknowledgement in time.
    pub async fn ask(
        &mut self,
        kind: &str,
        hook: Option<&str>,
        data: Value,
    ) -> Result<Value, LoadError> {
        let id = self.send(kind, hook, data).await?;
        let socket = &mut self.socket;
        let answer = async {
            loop {
                let message = match socket.next().await {
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    other => {
                        return Err(LoadError::Broken(format!("the control socket: {other:?}")));
                    }
                };
                let message: Value = serde_json::from_str(&message)
                    .map_err(|error| LoadError::Answer(error.to_string()))?;
                if message["type"] == "ack" && message["msgid"] == id.as_str() {
                    return Ok(message["data"].clone());
                }
            }
        };
        let late = |_| LoadError::Broken("no acknowledgement within 5 s".into());
        timeout(PATIENCE, answer).await.map_err(late)?
    }
}
