//! Asterisk's end of a `chan_websocket` connection, as it was measured on 22.10.1: a queue of 1000 frames
//! that plays 20 ms at a time, marks lost on a flush, remainders dropped, commands of 128 bytes at most.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Interval, interval};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

const LONGEST_COMMAND: usize = 128;
const LONGEST_MESSAGE: usize = 65_500;
const QUEUE: usize = 1_000;
const OFF: usize = 900;
const ON: usize = 800;

/// What kind of Asterisk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// 22.6: words, no marks, no channel_id.
    Old,
    /// 22.10, words.
    Words,
    /// 22.10, `f(json)`.
    Json,
}

enum Queued {
    Frame,
    Mark(String),
}

pub struct FakeAsterisk {
    socket: WebSocketStream<TcpStream>,
    version: Version,
    /// Name and bytes of 20 ms.
    format: (&'static str, usize),
    queue: VecDeque<Queued>,
    off: bool,
    asked: bool,
    clock: Interval,
    /// Sends 20 ms of the caller with every 20 ms that pass.
    pub caller_speaks: bool,
    /// Commands that were taken, and what happened to what was not.
    pub commands: Vec<String>,
    pub frames: usize,
    pub dropped: usize,
}

impl FakeAsterisk {
    /// Connects as `websocket_client.conf` says; the selected subprotocol goes with it.
    pub async fn connect(
        base: &str,
        query: &str,
        secret: Option<&str>,
    ) -> Result<(WebSocketStream<TcpStream>, Option<String>), Error> {
        use base64::Engine as _;
        let host = base.strip_prefix("http://").expect("plain http");
        let mut request = format!("ws://{host}/asterisk/media?{query}").into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "media".parse().expect("ASCII"));
        if let Some(secret) = secret {
            let pair = base64::engine::general_purpose::STANDARD.encode(format!("bot:{secret}"));
            headers.insert(
                "authorization",
                format!("Basic {pair}").parse().expect("ASCII"),
            );
        }
        let stream = TcpStream::connect(host).await.expect("the server listens");
        stream.set_nodelay(true).expect("TCP");
        let (socket, response) = tokio_tungstenite::client_async(request, stream).await?;
        let protocol = response.headers().get("sec-websocket-protocol");
        let protocol = protocol.map(|name| name.to_str().expect("ASCII").to_owned());
        Ok((socket, protocol))
    }

    /// A call on the line: `format` with the bytes of 20 ms.
    pub async fn call(
        base: &str,
        query: &str,
        version: Version,
        format: (&'static str, usize),
    ) -> Self {
        let connected = Self::connect(base, query, None).await;
        let (socket, protocol) = connected.expect("a socket");
        assert_eq!(protocol.as_deref(), Some("media"));
        Self::on(socket, version, format).await
    }

    pub async fn on(
        socket: WebSocketStream<TcpStream>,
        version: Version,
        format: (&'static str, usize),
    ) -> Self {
        let mut fake = Self {
            socket,
            version,
            format,
            queue: VecDeque::new(),
            off: false,
            asked: false,
            clock: interval(Duration::from_millis(20)),
            caller_speaks: true,
            commands: Vec::new(),
            frames: 0,
            dropped: 0,
        };
        let (name, size) = format;
        let text = match version {
            Version::Old => format!(
                "MEDIA_START connection_id:attendant channel:WebSocket/attendant/0x1 format:{name} optimal_frame_size:{size}"
            ),
            Version::Words => format!(
                "MEDIA_START connection_id:attendant channel:WebSocket/attendant/0x1 channel_id:1795366929.35 format:{name} optimal_frame_size:{size} ptime:20"
            ),
            Version::Json => json!({
                "event": "MEDIA_START", "connection_id": "attendant", "channel": "WebSocket/attendant/0x1",
                "channel_id": "1795366929.35", "format": name, "optimal_frame_size": size, "ptime": 20,
                "channel_variables": {"__MYVAR": "hello world"},
            })
            .to_string(),
        };
        fake.text(text).await;
        fake
    }

    pub async fn text(&mut self, text: String) {
        // A bot that has gone is noticed when reading.
        let _ = self.socket.send(Message::text(text)).await;
    }

    pub async fn binary(&mut self, sound: Vec<u8>) {
        let _ = self.socket.send(Message::binary(sound)).await;
    }

    pub async fn event(&mut self, name: &str, field: Option<(&str, &str)>) {
        let text = match (self.version, field) {
            (Version::Json, None) => json!({"event": name, "channel_id": "1795366929.35"}),
            (Version::Json, Some((key, value))) => {
                json!({"event": name, "channel_id": "1795366929.35", key: value})
            }
            (_, None) => return self.text(name.to_owned()).await,
            (_, Some(("digit", key))) => return self.text(format!("{name} digit:{key}")).await,
            (_, Some((_, value))) => return self.text(format!("{name} {value}")).await,
        };
        self.text(text.to_string()).await;
    }

    pub async fn key(&mut self, key: &str) {
        self.event("DTMF_END", Some(("digit", key))).await;
    }

    /// Runs until a command was taken that begins like this; what it was.
    pub async fn until(&mut self, command: &str) -> String {
        let from = self.commands.len();
        loop {
            let found = self.commands[from..]
                .iter()
                .find(|c| c.starts_with(command));
            if let Some(found) = found {
                return found.clone();
            }
            let end = self.step().await;
            assert_eq!(end, None, "closed before {command}: {:?}", self.commands);
        }
    }

    /// Runs so many steps of 20 ms.
    pub async fn run(&mut self, ticks: u32) {
        let until = tokio::time::Instant::now() + Duration::from_millis(20) * ticks;
        while tokio::time::Instant::now() < until {
            assert_eq!(self.step().await, None, "closed");
        }
    }

    /// Runs to the end; the close code, 1006 where there is none.
    pub async fn closed(mut self) -> u16 {
        loop {
            if let Some(code) = self.step().await {
                return code;
            }
        }
    }

    /// The next message or 20 ms, whatever comes first; the code of a close.
    async fn step(&mut self) -> Option<u16> {
        let message = tokio::select! {
            biased;
            message = self.socket.next() => message,
            _ = self.clock.tick() => {
                self.play().await;
                return None;
            }
        };
        match message {
            Some(Ok(Message::Binary(sound))) => self.sound(&sound).await,
            Some(Ok(Message::Text(text))) => self.command(text.as_str()).await,
            Some(Ok(Message::Close(close))) => return Some(close.map_or(1006, |c| c.code.into())),
            Some(Ok(_)) => panic!("no pings, please: they end calls before 22.8"),
            Some(Err(_)) | None => return Some(1006),
        }
        None
    }

    async fn sound(&mut self, sound: &[u8]) {
        assert!(sound.len() <= LONGEST_MESSAGE, "closes with 1009");
        if self.queue.len() >= QUEUE {
            self.dropped += sound.len();
            return;
        }
        let frames = sound.chunks_exact(self.format.1);
        self.dropped += frames.remainder().len();
        for _ in frames {
            self.frames += 1;
            self.queue.push_back(Queued::Frame);
        }
        if self.queue.len() >= OFF && !self.off {
            self.off = true;
            self.event("MEDIA_XOFF", None).await;
        }
    }

    async fn command(&mut self, text: &str) {
        assert!(
            text.len() <= LONGEST_COMMAND,
            "ignored without a word: {text}"
        );
        let (name, id) = match self.version {
            Version::Json => {
                let message: Value = serde_json::from_str(text).expect("JSON");
                let word = |name: &str| message[name].as_str().map(str::to_owned);
                (word("command").expect("a command"), word("correlation_id"))
            }
            _ => match text.split_once(' ') {
                Some((name, id)) => (name.to_owned(), Some(id.to_owned())),
                None => (text.to_owned(), None),
            },
        };
        match name.as_str() {
            "MARK_MEDIA" => {
                assert!(self.version != Version::Old, "unknown to 22.6");
                self.queue
                    .push_back(Queued::Mark(id.clone().expect("an id")));
            }
            "FLUSH_MEDIA" => self.queue.clear(),
            "REPORT_QUEUE_DRAINED" => self.asked = true,
            "CONTINUE_MEDIA" => {}
            "HANGUP" => {
                self.commands.push(name);
                let _ = self.socket.close(None).await;
                return;
            }
            other => panic!("unknown command {other}"),
        }
        self.commands
            .push(id.map_or(name.clone(), |id| format!("{name} {id}")));
    }

    /// 20 ms pass.
    async fn play(&mut self) {
        if self.caller_speaks {
            let silence = if self.format.0 == "ulaw" { 0xff } else { 0 };
            self.binary(vec![silence; self.format.1]).await;
        }
        while let Some(Queued::Mark(id)) = self.queue.pop_front_if(|q| matches!(q, Queued::Mark(_)))
        {
            self.event("MEDIA_MARK_PROCESSED", Some(("correlation_id", &id)))
                .await;
        }
        if let Some(Queued::Frame) = self.queue.pop_front() {
            if self.off && self.queue.len() < ON {
                self.off = false;
                self.event("MEDIA_XON", None).await;
            }
        } else if self.asked {
            self.asked = false;
            self.event("QUEUE_DRAINED", None).await;
        }
    }
}
