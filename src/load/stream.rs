//! One media stream as Twilio runs it: sends the caller's sound every 20 ms, plays what comes, returns
//! marks. Decides when the caller speaks, from what has been heard.

use super::clip::{BLOCK, Clip};
use super::playout::Playout;
use super::report::Report;
use super::{LoadError, Plan, Turn};
use crate::line::twilio::signature::{HEADER, Validator};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// Length of a media message.
const TICK: Duration = Duration::from_millis(20);
/// Time from key to key.
const KEY_EVERY: Duration = Duration::from_millis(200);
/// A caller speaks when the bot has not been heard for so long…
const QUIET: Duration = Duration::from_millis(300);
/// … and has greeted, or has let so much time pass.
const GREETING: Duration = Duration::from_secs(3);

/// Who ended the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hung {
    ByCaller,
    ByServer,
}

/// An open stream.
pub struct Stream {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    stream_sid: String,
    call_sid: String,
    parameters: serde_json::Map<String, serde_json::Value>,
    sequence: u64,
    start: Instant,
    playout: Playout,
    /// µ-law silence, as a payload.
    silence: String,
    doing: Doing,
    next_turn: Duration,
    /// End of the last turn while its reply has not been heard.
    asked: Option<Asked>,
    /// Start of speech over a prompt that still goes on.
    barged_in: Option<Duration>,
}

/// What the caller is doing.
enum Doing {
    Listening,
    Speaking {
        clip: Arc<Clip>,
        block: usize,
        began: Duration,
    },
    Keying {
        keys: Vec<char>,
        next: usize,
        due: Duration,
    },
}

struct Asked {
    at: Duration,
    /// What was said; `None`: keyed.
    clip: Option<Arc<Clip>>,
}

/// What a server may send; anything more Twilio refuses (31951).
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase", deny_unknown_fields)]
enum Sent<'a> {
    Media {
        #[serde(borrow, rename = "streamSid")]
        stream_sid: Cow<'a, str>,
        #[serde(borrow)]
        media: Payload<'a>,
    },
    Mark {
        #[serde(borrow, rename = "streamSid")]
        stream_sid: Cow<'a, str>,
        #[serde(borrow)]
        mark: Name<'a>,
    },
    Clear {
        #[serde(borrow, rename = "streamSid")]
        stream_sid: Cow<'a, str>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload<'a> {
    #[serde(borrow)]
    payload: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Name<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

impl Stream {
    /// Opens the socket of a `<Stream>`.
    ///
    /// # Errors
    /// When the socket cannot be opened.
    pub async fn open(
        url: &str,
        call_sid: &str,
        parameters: &[(String, String)],
        plan: &Plan,
    ) -> Result<Self, LoadError> {
        let failed = |cause| LoadError::Socket {
            url: url.to_owned(),
            cause: Box::new(cause),
        };
        let mut request = url.into_client_request().map_err(failed)?;
        if let Some(token) = &plan.auth_token {
            let signed = format!(
                "wss://{}",
                url.split_once("://").map_or(url, |(_, rest)| rest)
            );
            let signature = Validator::new(token).sign(&signed, &[]);
            request
                .headers_mut()
                .insert(HEADER, signature.parse().expect("base64 fits a header"));
        }
        // True: without Nagle's delay.
        let (socket, _) = connect_async_with_config(request, None, true)
            .await
            .map_err(failed)?;
        let parameters = parameters
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().into()))
            .collect();
        Ok(Self {
            socket,
            stream_sid: call_sid.replacen("CA", "MZ", 1),
            call_sid: call_sid.to_owned(),
            parameters,
            sequence: 0,
            start: Instant::now(),
            playout: Playout::default(),
            silence: STANDARD.encode([0xFF; BLOCK]),
            doing: Doing::Listening,
            next_turn: Duration::ZERO,
            asked: None,
            barged_in: None,
        })
    }

    /// Runs the stream until the caller hangs up at `until` or the server closes it.
    ///
    /// # Errors
    /// When the socket breaks.
    pub async fn run(
        mut self,
        plan: &Plan,
        until: Instant,
        turn: &mut usize,
        report: &mut Report,
    ) -> Result<Hung, LoadError> {
        self.introduce().await?;
        self.start = Instant::now();
        let mut clock = interval_at(self.start + TICK, TICK);
        clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let hung = loop {
            tokio::select! {
                biased;
                due = clock.tick() => {
                    if due >= until {
                        break self.hang_up().await?;
                    }
                    self.tick(due, plan, turn, report).await?;
                }
                message = self.socket.next() => {
                    if self.received(message, report)? {
                        break Hung::ByServer;
                    }
                }
            }
        };
        if self.asked.take().is_some() {
            report.unanswered += 1;
        }
        Ok(hung)
    }

    async fn introduce(&mut self) -> Result<(), LoadError> {
        self.send(r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#.to_owned())
            .await?;
        let start = serde_json::json!({
            "event": "start",
            "sequenceNumber": self.sequence().to_string(),
            "streamSid": self.stream_sid,
            "start": {
                "accountSid": "AC00000000000000000000000000000000",
                "streamSid": self.stream_sid,
                "callSid": self.call_sid,
                "tracks": ["inbound"],
                "mediaFormat": { "encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1 },
                "customParameters": self.parameters,
            },
        });
        self.send(start.to_string()).await
    }

    /// 20 ms of the caller.
    async fn tick(
        &mut self,
        due: Instant,
        plan: &Plan,
        turn: &mut usize,
        report: &mut Report,
    ) -> Result<(), LoadError> {
        let now = due - self.start;
        report.own_late_ms.add(due.elapsed());
        while let Some(name) = self.playout.played(now) {
            self.return_mark(&name, report).await?;
        }
        self.listen(now, report);
        self.begin_turn(now, plan, turn, report);
        if let Doing::Keying { keys, next, due } = &mut self.doing
            && *due <= now
        {
            let key = keys[*next];
            (*next, *due) = (*next + 1, now + KEY_EVERY);
            let last = *next == keys.len();
            self.key(key).await?;
            if last {
                self.asked = Some(Asked {
                    at: now,
                    clip: None,
                });
                self.doing = Doing::Listening;
            }
        }
        let (clip, block) = match &mut self.doing {
            Doing::Speaking { clip, block, .. } => {
                *block += 1;
                (Some(Arc::clone(clip)), *block - 1)
            }
            _ => (None, 0),
        };
        let sound = clip.as_ref().and_then(|clip| clip.payloads.get(block));
        self.sound(now, sound.map(String::as_str)).await?;
        report.frames_sent += 1;
        self.end_speech(now);
        Ok(())
    }

    /// Notes what the caller has heard by now.
    fn listen(&mut self, now: Duration, report: &mut Report) {
        if let Some(asked) = &self.asked
            && let Some(reply) = self.playout.first_after(asked.at, now)
        {
            let gap = reply - asked.at;
            match &asked.clip {
                None => report.key_reply_gap_ms.add(gap),
                Some(clip) => report.replied(&clip.name, gap),
            }
            self.asked = None;
        }
        if let Some(began) = self.barged_in
            && let Some(stopped) = self.playout.stopped(began, now)
        {
            report.barge_in_stop_ms.add(stopped.saturating_sub(began));
            self.barged_in = None;
        }
    }

    fn begin_turn(&mut self, now: Duration, plan: &Plan, turn: &mut usize, report: &mut Report) {
        if !matches!(self.doing, Doing::Listening) || now < self.next_turn || plan.turns.is_empty()
        {
            return;
        }
        let prompt = self.playout.sounding(now);
        let quiet = self.playout.sounding(now.saturating_sub(QUIET)).is_none() && prompt.is_none();
        let greeted = now >= GREETING || self.playout.first_after(Duration::ZERO, now).is_some();
        let over = plan
            .barge_in_after
            .is_some_and(|after| prompt.is_some_and(|prompt| now - prompt.from >= after));
        if !(over || quiet && greeted) {
            return;
        }
        if self.asked.take().is_some() {
            report.unanswered += 1;
        }
        report.turns += 1;
        self.next_turn = now + plan.every;
        self.doing = match &plan.turns[*turn % plan.turns.len()] {
            Turn::Say(clip) => {
                if over {
                    self.barged_in =
                        Some(now.saturating_sub(TICK) + Clip::time_of(clip.voice_from));
                }
                Doing::Speaking {
                    clip: Arc::clone(clip),
                    block: 0,
                    began: now.saturating_sub(TICK),
                }
            }
            Turn::Keys(keys) => Doing::Keying {
                keys: keys.chars().collect(),
                next: 0,
                due: now,
            },
        };
        *turn += 1;
    }

    /// The message of `now` holds the 20 ms before it.
    fn end_speech(&mut self, now: Duration) {
        let Doing::Speaking { clip, block, began } = &self.doing else {
            return;
        };
        let end = *began + Clip::time_of(clip.voice_to);
        if self.asked.is_none() && end <= now {
            self.asked = Some(Asked {
                at: end,
                clip: Some(Arc::clone(clip)),
            });
        }
        if *block >= clip.payloads.len() {
            self.doing = Doing::Listening;
        }
    }

    /// True: the server has closed the stream.
    fn received(
        &mut self,
        message: Option<Result<Message, tungstenite::Error>>,
        report: &mut Report,
    ) -> Result<bool, LoadError> {
        let text = match message {
            Some(Ok(Message::Text(text))) => text,
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => return Ok(false),
            Some(Ok(Message::Close(Some(close)))) if close.code == CloseCode::Normal => {
                return Ok(true);
            }
            Some(Ok(Message::Close(close))) => {
                return Err(LoadError::Broken(format!("closed with {close:?}")));
            }
            Some(Ok(Message::Binary(_))) => {
                report.refused_messages += 1;
                return Ok(false);
            }
            Some(Err(error)) => return Err(LoadError::Broken(error.to_string())),
            None => return Err(LoadError::Broken("gone without a close".into())),
        };
        let now = self.start.elapsed();
        match serde_json::from_str(text.as_str()) {
            Ok(Sent::Media { stream_sid, media }) if stream_sid == self.stream_sid => {
                match STANDARD.decode(media.payload.as_bytes()) {
                    Ok(sound) if !sound.is_empty() => {
                        report.frames_received += 1;
                        if let Some(hesitation) = self.playout.hesitation(now) {
                            report.uneven_ms.add(hesitation);
                        }
                        report.late_ms.add(self.playout.media(now, &sound));
                    }
                    _ => report.refused_messages += 1,
                }
            }
            Ok(Sent::Mark { stream_sid, mark }) if stream_sid == self.stream_sid => {
                self.playout.mark(now, mark.name.into_owned());
            }
            Ok(Sent::Clear { stream_sid }) if stream_sid == self.stream_sid => {
                report.clears += 1;
                // They go out with the next tick, in order.
                let marks: Vec<String> = self.playout.clear(now).collect();
                marks
                    .into_iter()
                    .for_each(|mark| self.playout.mark(now, mark));
            }
            _ => report.refused_messages += 1,
        }
        Ok(false)
    }

    async fn hang_up(&mut self) -> Result<Hung, LoadError> {
        let stop = serde_json::json!({
            "event": "stop",
            "sequenceNumber": self.sequence().to_string(),
            "streamSid": self.stream_sid,
            "stop": { "accountSid": "AC00000000000000000000000000000000", "callSid": self.call_sid },
        });
        self.send(stop.to_string()).await?;
        // The caller is gone; how the server takes the close no longer matters to them.
        let _ = self.socket.close(None).await;
        Ok(Hung::ByCaller)
    }

    async fn sound(&mut self, now: Duration, payload: Option<&str>) -> Result<(), LoadError> {
        let (ms, sequence) = (now.as_millis(), self.sequence());
        let payload = payload.unwrap_or(&self.silence);
        let text = format!(
            r#"{{"event":"media","sequenceNumber":"{sequence}","streamSid":"{}","media":{{"track":"inbound","chunk":"{}","timestamp":"{}","payload":"{payload}"}}}}"#,
            self.stream_sid,
            ms / TICK.as_millis(),
            ms.saturating_sub(TICK.as_millis()),
        );
        self.send(text).await
    }

    async fn key(&mut self, key: char) -> Result<(), LoadError> {
        let message = serde_json::json!({
            "event": "dtmf",
            "sequenceNumber": self.sequence().to_string(),
            "streamSid": self.stream_sid,
            "dtmf": { "track": "inbound_track", "digit": key.to_string() },
        });
        self.send(message.to_string()).await
    }

    async fn return_mark(&mut self, name: &str, report: &mut Report) -> Result<(), LoadError> {
        report.marks += 1;
        let message = serde_json::json!({
            "event": "mark",
            "sequenceNumber": self.sequence().to_string(),
            "streamSid": self.stream_sid,
            "mark": { "name": name },
        });
        self.send(message.to_string()).await
    }

    fn sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    async fn send(&mut self, text: String) -> Result<(), LoadError> {
        self.socket
            .send(Message::text(text))
            .await
            .map_err(|error| LoadError::Broken(error.to_string()))
    }
}
