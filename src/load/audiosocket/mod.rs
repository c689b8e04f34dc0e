//! Asterisk's part with AudioSocket: the dialplan announces a call, opens a TCP connection for it, and asks what
//! is next, as `ASTERISK.md` has it.

mod side;

use super::LoadError;
use super::dialect::{Caller, CarrierCall, Dialect, Entry, Hung, News, Next, Open, Side, plain};
use super::dialplan::Dialplan;
use futures_util::future::BoxFuture;
use side::AudioSocketSide;
use std::sync::Arc;

/// The entry in the table of dialects: the application's 8 kHz, or a channel with `c(slin16)`.
pub const ENTRY: Entry = Entry {
    name: "audiosocket",
    ways: &["application", "channel"],
    takes_orders: false,
    open: |target| {
        let address = target.config.audiosocket.listen.ok_or_else(|| {
            LoadError::Setup(
                "AudioSocket has a port of its own, and none is set\n\
                 hint: give server and load tool the same audiosocket.listen, like \
                 ATTENDANT_AUDIOSOCKET_LISTEN=127.0.0.1:9019"
                    .into(),
            )
        })?;
        let secret = plain(target.config.asterisk.secret.as_ref());
        let asterisk = AudioSocket::new(target.base, &address.to_string(), secret);
        Ok(Arc::new(match target.way {
            "channel" => asterisk.wide(),
            _ => asterisk,
        }))
    },
};

/// An Asterisk with one extension.
#[derive(Clone)]
pub struct AudioSocket {
    dialplan: Dialplan,
    /// `HOST:PORT`.
    address: String,
    wide: bool,
    /// Bytes of a write; 0: whole packets.
    piece: usize,
    /// A server that sends ahead of time is refused.
    paced: bool,
}

impl AudioSocket {
    /// `base`: the server's address for questions; `address`: for connections.
    pub fn new(base: &str, address: &str, secret: Option<String>) -> Self {
        Self {
            dialplan: Dialplan::new(base, "asterisk", secret),
            address: address.to_owned(),
            wide: false,
            piece: 0,
            paced: true,
        }
    }

    /// As a channel: `Dial(AudioSocket/…/c(slin16))`.
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// Packets arrive in pieces of so many bytes.
    pub fn in_pieces(mut self, bytes: usize) -> Self {
        self.piece = bytes;
        self
    }

    /// Sound that comes ahead of time is taken, too: for servers whose sessions do not keep it back.
    pub fn patient(mut self) -> Self {
        self.paced = false;
        self
    }
}

impl Dialect for AudioSocket {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn call(&self, caller: &Caller) -> Box<dyn CarrierCall> {
        Box::new(Call {
            asterisk: self.clone(),
            caller: caller.clone(),
            uuid: String::new(),
        })
    }
}

struct Call {
    asterisk: AudioSocket,
    caller: Caller,
    uuid: String,
}

impl CarrierCall for Call {
    fn next(&mut self, news: News) -> BoxFuture<'_, Result<Next, LoadError>> {
        Box::pin(async move {
            let dialplan = self.asterisk.dialplan.clone();
            match news {
                News::Placed => self.bot().await,
                News::StreamEnded(Hung::ByCaller) | News::HungUp => {
                    dialplan.gone(&self.uuid).await?;
                    Ok(Next::Over)
                }
                News::StreamEnded(_) => dialplan.next(&self.uuid).await,
                News::Dialed(status) => match dialplan.dialed(&self.uuid, status).await? {
                    true => self.bot().await,
                    false => Ok(Next::Over),
                },
            }
        })
    }

    fn side(&mut self) -> Box<dyn Side> {
        let AudioSocket {
            wide, piece, paced, ..
        } = self.asterisk;
        let id = parse(&self.uuid).unwrap_or_default();
        Box::new(AudioSocketSide::new(id, wide, piece, paced))
    }
}

impl Call {
    /// `AudioSocket(UUID,…)`, which is announced first, also when the caller comes back.
    async fn bot(&mut self) -> Result<Next, LoadError> {
        let dialplan = &self.asterisk.dialplan;
        self.uuid = dialplan.announce(&self.uuid, &self.caller).await?;
        if parse(&self.uuid).is_none() {
            return Err(LoadError::Answer(format!("{:?} is no UUID", self.uuid)));
        }
        Ok(Next::Stream(Open::Tcp(self.asterisk.address.clone())))
    }
}

/// Reads a UUID as `AudioSocket()` takes it.
fn parse(uuid: &str) -> Option<[u8; 16]> {
    let digits = uuid.replace('-', "");
    let number = u128::from_str_radix(&digits, 16).ok();
    number.filter(|_| uuid.len() == 36).map(u128::to_be_bytes)
}
