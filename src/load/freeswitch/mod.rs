//! FreeSWITCH's part: one of its modules at the socket, and behind it the script of `FREESWITCH.md`, which plays
//! files, breaks them off, transfers and hangs up as the server says.

mod side;

use super::LoadError;
use super::dialect::{
    Caller, CarrierCall, Dial, DialStatus, Dialect, Entry, Hung, LastWord, News, Next, Open, Side,
    plain,
};
use super::dialplan::Dialplan;
use futures_util::future::BoxFuture;
use side::{FreeSwitchSide, Order};
use std::sync::Arc;

/// The entry in the table of dialects: the modules that play files.
pub const ENTRY: Entry = Entry {
    name: "freeswitch",
    ways: &["stream", "fork"],
    takes_orders: false,
    open: |target| {
        let secret = plain(target.config.freeswitch.secret.as_ref());
        let module = match target.way {
            "fork" => Module::Fork,
            _ => Module::Stream,
        };
        Ok(Arc::new(FreeSwitch::new(target.base, secret, module)))
    },
};

/// The entry of `mod_audio_stream` with `STREAM_PLAYBACK`.
pub const PLAYBACK: Entry = Entry {
    name: "freeswitch_playback",
    ways: &[],
    takes_orders: false,
    open: |target| {
        let secret = plain(target.config.freeswitch.secret.as_ref());
        let module = Module::Playback;
        Ok(Arc::new(FreeSwitch::new(target.base, secret, module)))
    },
};

/// What carries the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module {
    /// `mod_audio_stream`, open source.
    Stream,
    /// drachtio's `mod_audio_fork`.
    Fork,
    /// `mod_audio_stream` with `STREAM_PLAYBACK=true`.
    Playback,
}

/// A FreeSWITCH with one extension.
#[derive(Clone)]
pub struct FreeSwitch {
    base: String,
    module: Module,
    dialplan: Dialplan,
    secret: Option<String>,
    rate_hz: u32,
    stereo: bool,
}

impl FreeSwitch {
    /// `base`: the server's address.
    pub fn new(base: &str, secret: Option<String>, module: Module) -> Self {
        let line = match module {
            Module::Playback => PLAYBACK.name,
            _ => ENTRY.name,
        };
        Self {
            base: base.to_owned(),
            module,
            dialplan: Dialplan::new(base, line, secret.clone()),
            secret,
            rate_hz: 8_000,
            stereo: false,
        }
    }

    /// Started with `stereo 16k`.
    pub fn wide(mut self) -> Self {
        (self.rate_hz, self.stereo) = (16_000, true);
        self
    }
}

impl Dialect for FreeSwitch {
    fn name(&self) -> &'static str {
        match self.module {
            Module::Playback => PLAYBACK.name,
            _ => ENTRY.name,
        }
    }

    fn call(&self, caller: &Caller) -> Box<dyn CarrierCall> {
        Box::new(Call {
            switch: self.clone(),
            caller: caller.clone(),
            order: LastWord::default(),
        })
    }
}

struct Call {
    switch: FreeSwitch,
    caller: Caller,
    order: LastWord<Order>,
}

impl CarrierCall for Call {
    fn next(&mut self, news: News) -> BoxFuture<'_, Result<Next, LoadError>> {
        Box::pin(async move {
            match news {
                News::Placed => Ok(self.bot()),
                News::StreamEnded(Hung::ByCaller) | News::HungUp => Ok(Next::Over),
                News::StreamEnded(_) => match self.order.take() {
                    Some(Order::HangUp) => Ok(Next::Over),
                    Some(Order::Transfer(to, carries)) => Ok(Next::Dial(Dial { to, carries })),
                    None => Err(LoadError::Broken("closed without a word".into())),
                },
                News::Dialed(DialStatus::Completed) => {
                    let (call, taken) = (self.caller.uuid(), DialStatus::Completed);
                    match self.switch.dialplan.dialed(&call, taken).await? {
                        true => Err(LoadError::Answer("back, though somebody answered".into())),
                        false => Ok(Next::Over),
                    }
                }
                // The extension's last line.
                News::Dialed(_) => Ok(self.bot()),
            }
        })
    }

    fn side(&mut self) -> Box<dyn Side> {
        let FreeSwitch {
            module,
            rate_hz,
            stereo,
            ..
        } = self.switch;
        let order = self.order.clone();
        Box::new(FreeSwitchSide::new(
            module,
            &self.caller,
            rate_hz,
            stereo,
            order,
        ))
    }
}

impl Call {
    /// `uuid_audio_stream UUID start …`.
    fn bot(&self) -> Next {
        let switch = &self.switch;
        let base = switch.base.replacen("http", "ws", 1);
        let mut headers = Vec::new();
        let (path, subprotocols) = match switch.module {
            Module::Fork => {
                headers.extend(switch.dialplan.authorization());
                (
                    "freeswitch/media/fork",
                    vec!["audio.drachtio.org".to_owned()],
                )
            }
            module => {
                let bearer = switch.secret.as_ref();
                let bearer = bearer.map(|secret| format!("Bearer {secret}"));
                headers.extend(bearer.map(|value| ("authorization".to_owned(), value)));
                // The module offers what must not be taken up.
                let deflate = "permessage-deflate; client_max_window_bits";
                headers.push(("sec-websocket-extensions".to_owned(), deflate.to_owned()));
                match module {
                    Module::Playback => ("freeswitch_playback/media/stream", Vec::new()),
                    _ => ("freeswitch/media/stream", Vec::new()),
                }
            }
        };
        Next::Stream(Open::WebSocket {
            url: format!("{base}/{path}"),
            headers,
            subprotocols,
        })
    }
}
