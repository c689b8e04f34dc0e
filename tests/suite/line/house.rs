//! A server on a loopback port with a fake session, and a caller's side by hand.

pub use super::log::Log;

use attendant::audio::{Digit, Frame};
use attendant::call::Mark;
use attendant::config::Config;
use attendant::dialogue::{Disposition, Handover, Reason};
use attendant::line::server::{Options, Server, Stop};
use attendant::line::twilio::signature::{HEADER, Validator};
use attendant::line::{CallSession, Ending, LineTraits, Out, Switchboard, Waits};
use attendant::pii::Secret;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

pub const AUTH_TOKEN: &str = "12345";

/// A session that does what the keys tell it: `1` speaks, `2` clears, `0` hands over, `9` hangs up,
/// `7` floods the line, `3` calls off the person who is called.
pub struct FakeSession {
    log: Arc<Log>,
    next: Vec<Out>,
    heard: u32,
    prompts: u32,
}

impl FakeSession {
    fn say(&mut self, frames: usize) {
        self.next
            .extend((0..frames).map(|_| Out::Media(Frame([9000; 320]))));
        self.next.push(Out::Mark(Mark {
            playback: self.prompts,
            sentence: 0,
        }));
        self.prompts += 1;
    }

    fn end_by_handover(&mut self) {
        let handover = Handover::new(Reason::Requested, "Wants a refund.");
        self.next.push(Out::End(Ending::HandOver(handover)));
    }
}

impl CallSession for FakeSession {
    fn speaks(&mut self, language: &str) {
        self.log.note(format!("speaks {language}"));
    }

    fn answered(&mut self, caller: Option<String>) {
        self.log
            .note(format!("answered {}", caller.as_deref().unwrap_or("-")));
        self.say(2);
    }

    fn tick(&mut self, heard: Option<&Frame>, out: &mut Vec<Out>) {
        if heard.is_some() {
            self.heard += 1;
            if self.heard == 5 {
                self.log.note("heard 5".into());
            }
        }
        out.append(&mut self.next);
    }

    fn digit(&mut self, digit: Digit) {
        self.log.note(format!("digit {}", digit.as_char()));
        match digit.as_char() {
            '1' => self.say(50),
            '2' => self.next.push(Out::Clear),
            '0' => self.end_by_handover(),
            '9' => self
                .next
                .push(Out::End(Ending::HangUp(Disposition::Completed))),
            '3' => self.next.push(Out::CallOff),
            '7' => self.say(100_000),
            'A' => panic!("a session that dies, as the test wants it"),
            _ => {}
        }
    }

    fn typed(&mut self, text: &str) {
        self.log.note(format!("typed {text}"));
    }

    fn played(&mut self, mark: Mark) {
        self.log.note(format!("played {mark}"));
    }

    fn calling(&mut self) {
        self.log.note("calling".into());
        self.say(2);
    }

    fn joined(&mut self) {
        self.log.note("joined".into());
    }

    fn returned(&mut self) {
        self.log.note("returned".into());
        self.say(2);
    }

    fn hung_up(&mut self) {
        self.log.note("hung up".into());
    }

    fn drain(&mut self) {
        self.log.note("drain".into());
    }

    fn last_call(&mut self) {
        self.log.note("last call".into());
    }
}

/// Makes fake sessions.
#[derive(Default)]
pub struct FakeSwitchboard {
    pub log: Arc<Log>,
    /// Line, call and caller of each who was turned away.
    pub turned_away: Mutex<Vec<String>>,
    pub deaf: AtomicBool,
    /// What the recogniser says of its queue.
    pub waits: Mutex<Waits>,
}

impl Switchboard for FakeSwitchboard {
    fn new_call(&self, call_id: &str, _line: LineTraits) -> Box<dyn CallSession> {
        self.log.note(format!("new {call_id}"));
        Box::new(FakeSession {
            log: Arc::clone(&self.log),
            next: Vec::new(),
            heard: 0,
            prompts: 0,
        })
    }

    fn turned_away(&self, line: &'static str, call_id: &str, caller: Option<&str>) -> Handover {
        let caller = caller.unwrap_or("-");
        let told = format!("{line} {call_id} {caller}");
        self.turned_away.lock().unwrap().push(told);
        Handover::new(Reason::Overload, "")
    }

    fn ready(&self) -> bool {
        !self.deaf.load(Ordering::Relaxed)
    }

    fn waits(&self) -> Waits {
        *self.waits.lock().unwrap()
    }
}

/// Settings of a test's server: loopback, no token, a human line, two calls.
pub fn options() -> Options {
    Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: None,
        human_line: Some("+15557654321".parse().expect("valid")),
        max_calls: 2,
        drain: Duration::from_secs(30),
        settings: Config::default(),
    }
}

/// Those of a server with a line's secrets in its settings.
pub fn guarded(set: impl FnOnce(&mut Config)) -> Options {
    let mut options = options();
    set(&mut options.settings);
    options
}

/// A secret as settings hold it.
pub fn secret(text: &str) -> Option<Secret<String>> {
    Some(Secret::new(text.to_owned()))
}

/// Those of a server that checks Twilio's signatures.
pub fn signed() -> Options {
    guarded(|settings| settings.twilio.auth_token = secret(AUTH_TOKEN))
}

/// A running server.
pub struct House {
    pub base: String,
    pub switchboard: Arc<FakeSwitchboard>,
    pub stop: Stop,
    pub server: JoinHandle<usize>,
    client: reqwest::Client,
    token: Option<String>,
    /// What the lines announced: the line's name, the label, the value.
    announced: Vec<(&'static str, &'static str, String)>,
}

impl House {
    pub async fn open(options: Options) -> Self {
        let switchboard = Arc::new(FakeSwitchboard::default());
        Self::open_with(options, switchboard.clone(), switchboard).await
    }

    /// With sessions of the test's own choice; `switchboard` then stays idle.
    pub async fn open_with(
        options: Options,
        seats: Arc<dyn Switchboard>,
        switchboard: Arc<FakeSwitchboard>,
    ) -> Self {
        let stop = Stop::default();
        let token = options.settings.twilio.auth_token.as_ref();
        let token = token.map(|token| token.expose().clone());
        let server = Server::bind(options, seats, stop.clone())
            .await
            .expect("a free port");
        let base = format!("http://{}", server.local_addr());
        let told = server.carriers().iter().flat_map(|carrier| {
            let name = carrier.provider().name;
            let told = carrier.announce(server.urls()).into_iter();
            told.map(move |(label, value)| (name, label, value))
        });
        let announced = told.collect();
        let server = tokio::spawn(server.run());
        Self {
            base,
            switchboard,
            stop,
            server,
            client: attendant::http::client().build().expect("a client"),
            token,
            announced,
        }
    }

    /// What a line announced under a label that has this in it.
    pub fn announced(&self, line: &str, label: &str) -> String {
        let told = &mut self.announced.iter();
        let found = told.find(|(name, l, _)| *name == line && l.contains(label));
        found
            .unwrap_or_else(|| panic!("{line} announces no {label}"))
            .2
            .clone()
    }

    pub fn log(&self) -> &Log {
        &self.switchboard.log
    }

    pub async fn get(&self, path: &str) -> u16 {
        self.client
            .get(format!("{}{path}", self.base))
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16()
    }

    /// Posts a form, signed where the server has a token.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        let signature = self.token.as_deref().map(|token| {
            let form: Vec<_> = fields
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect();
            Validator::new(token).sign(&format!("{}{path}", self.base), &form)
        });
        self.post_signed(path, fields, signature.as_deref()).await
    }

    pub async fn post_signed(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        signature: Option<&str>,
    ) -> (u16, String) {
        let mut request = self
            .client
            .post(format!("{}{path}", self.base))
            .form(fields);
        if let Some(signature) = signature {
            request = request.header(HEADER, signature);
        }
        let response = request.send().await.expect("an answer");
        (
            response.status().as_u16(),
            response.text().await.expect("a text"),
        )
    }

    /// The one-time token that the voice webhook hands out.
    pub async fn invite(&self, call_sid: &str) -> String {
        let (status, twiml) = self
            .post(
                "/twilio/voice",
                &[("CallSid", call_sid), ("From", "+15551230000")],
            )
            .await;
        assert_eq!(status, 200, "{twiml}");
        token_in(&twiml).unwrap_or_else(|| panic!("no token in {twiml}"))
    }

    /// Opens a media socket, signed where the server has a token.
    pub async fn socket(&self) -> Result<Caller, Error> {
        let path = "/twilio/media";
        let signature = self.token.as_deref().map(|token| {
            Validator::new(token).sign(
                &format!("{}{path}", self.base.replacen("http", "wss", 1)),
                &[],
            )
        });
        self.socket_signed(signature.as_deref()).await
    }

    pub async fn socket_signed(&self, signature: Option<&str>) -> Result<Caller, Error> {
        self.socket_at("/twilio/media", signature).await
    }

    pub async fn socket_at(&self, path: &str, signature: Option<&str>) -> Result<Caller, Error> {
        let host = self.base.strip_prefix("http://").expect("plain http");
        let mut request = format!("ws://{host}{path}").into_client_request()?;
        if let Some(signature) = signature {
            request
                .headers_mut()
                .insert(HEADER, signature.parse().expect("ASCII"));
        }
        // A small window: a caller that does not read is noticed soon.
        let tcp = tokio::net::TcpSocket::new_v4().expect("a socket");
        tcp.set_recv_buffer_size(4096).expect("a number");
        let stream = tcp
            .connect(host.parse().expect("an address"))
            .await
            .expect("the server listens");
        stream.set_nodelay(true).expect("TCP");
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await?;
        Ok(Caller { socket, chunk: 0 })
    }

    /// A call on the line.
    pub async fn call(&self, call_sid: &str) -> Caller {
        let token = self.invite(call_sid).await;
        let mut caller = self.socket().await.expect("a socket");
        caller.start(call_sid, &token).await;
        caller
    }
}

/// The token parameter of a TwiML document.
pub fn token_in(twiml: &str) -> Option<String> {
    let rest = twiml.split_once(r#"name="token" value=""#)?.1;
    Some(rest.split_once('"')?.0.to_owned())
}

/// Twilio's end of a media socket.
pub struct Caller {
    pub socket: WebSocketStream<TcpStream>,
    chunk: u32,
}

impl Caller {
    pub async fn send(&mut self, message: Value) {
        self.send_text(message.to_string()).await;
    }

    pub async fn send_text(&mut self, text: String) {
        self.socket
            .send(Message::text(text))
            .await
            .expect("the socket is open");
    }

    pub async fn start(&mut self, call_sid: &str, token: &str) {
        self.send(json!({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
            .await;
        self.send(json!({
            "event": "start", "sequenceNumber": "1", "streamSid": "MZ1",
            "start": {
                "accountSid": "AC1", "streamSid": "MZ1", "callSid": call_sid, "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": {"token": token},
            },
        }))
        .await;
    }

    /// 20 ms of silence.
    pub async fn media(&mut self) {
        self.chunk += 1;
        let payload = format!("{}==", "/".repeat(214));
        let chunk = self.chunk.to_string();
        self.send(json!({
            "event": "media", "streamSid": "MZ1",
            "media": {"track": "inbound", "chunk": chunk, "payload": payload},
        }))
        .await;
    }

    pub async fn key(&mut self, key: char, sequence: u32) {
        self.send(json!({
            "event": "dtmf", "sequenceNumber": sequence.to_string(), "streamSid": "MZ1",
            "dtmf": {"track": "inbound_track", "digit": key.to_string()},
        }))
        .await;
    }

    pub async fn mark(&mut self, name: &str) {
        self.send(json!({"event": "mark", "streamSid": "MZ1", "mark": {"name": name}}))
            .await;
    }

    pub async fn stop(&mut self) {
        self.send(json!({"event": "stop", "streamSid": "MZ1", "stop": {"accountSid": "AC1"}}))
            .await;
    }

    /// The next message from the server; `None` when it is gone.
    pub async fn next(&mut self) -> Option<Value> {
        match self.socket.next().await? {
            Ok(Message::Text(text)) => Some(serde_json::from_str(text.as_str()).expect("JSON")),
            Ok(Message::Close(_)) | Err(_) => None,
            Ok(other) => panic!("not a text: {other:?}"),
        }
    }

    /// Reads up to a message of this kind and returns it, and how many of `media` came before it.
    pub async fn until(&mut self, event: &str) -> (Value, usize) {
        let mut media = 0;
        loop {
            let message = self
                .next()
                .await
                .unwrap_or_else(|| panic!("closed before {event}"));
            if message["event"] == event {
                return (message, media);
            }
            media += usize::from(message["event"] == "media");
        }
    }

    /// Reads to the end; the close code, 1006 where there is none.
    pub async fn closed(mut self) -> u16 {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Close(Some(close)))) => return close.code.into(),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return 1006,
                Some(Ok(_)) => {}
            }
        }
    }
}
