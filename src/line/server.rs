//! The telephone server: one port for webhooks, media sockets and health. Decides what is refused at
//! the door (settings, connections) and how the house closes.

use super::Switchboard;
use super::calls::{Calls, Refused, Token};
use super::carrier::Carrier;
use super::doors;
use super::e164::{E164, NotE164};
use super::provider::PROVIDERS;
use super::strain::{self, Ticks};
use super::warm::Warm;
use super::words::Words;
use crate::config::{Config, HumanTransfer};
use crate::dialogue::{Handover, Reason};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

mod closing;

/// Time for a request's head, also the first one and the next on the same connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest request head, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;
/// Longest body of a webhook, in bytes; they have some hundred.
const LONGEST_BODY: usize = 64 * 1024;
/// Time to read a request's body and answer it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Time that a carrier has to answer an order.
const ORDER_TIMEOUT: Duration = Duration::from_secs(8);
/// Connections beyond the calls themselves: webhooks and health checks.
const SPARE_CONNECTIONS: usize = 256;
/// What a server needs to know.
#[derive(Clone)]
pub struct Options {
    pub listen: SocketAddr,
    /// Where the carrier reaches us, `https://…`; none: the listen address.
    pub public_url: Option<String>,
    pub human_line: Option<E164>,
    /// Calls at the same time.
    pub max_calls: usize,
    /// Time that running calls get when the house closes.
    pub drain: Duration,
    /// The settings, for the lines' own sections.
    pub settings: Config,
}

impl Options {
    /// The server's part of the settings.
    ///
    /// # Errors
    /// [`ServeError::HumanLine`] when the human line is no E.164 number.
    pub fn from_config(config: &Config) -> Result<Self, ServeError> {
        let human_line = config
            .business
            .human_line
            .as_deref()
            .map(str::parse)
            .transpose();
        Ok(Self {
            listen: config.server.listen,
            public_url: config.server.public_url.clone(),
            human_line: human_line.map_err(ServeError::HumanLine)?,
            max_calls: config.server.max_calls,
            drain: Duration::from_secs(u64::from(config.server.drain_s)),
            settings: config.clone(),
        })
    }
}

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "without a provider's secret anybody could place calls here, so {0} is not opened\n\
         hint: set the token of your Twilio account (ATTENDANT_TWILIO_AUTH_TOKEN), or another line's secret, or listen on 127.0.0.1"
    )]
    NoToken(SocketAddr),
    #[error("the settings of {line} cannot be used: {why}\nhint: {hint}")]
    Line {
        line: &'static str,
        why: String,
        hint: &'static str,
    },
    #[error("{address} cannot be opened: {cause}\nhint: {hint}")]
    Bind {
        address: SocketAddr,
        cause: io::Error,
        hint: &'static str,
    },
    #[error("the human line is no telephone number: {0}")]
    HumanLine(NotE164),
    #[error(
        "the public URL {0:?} is not usable\nhint: write scheme and host, like https://bot.example.com, without a query"
    )]
    PublicUrl(String),
}

/// Closes a server: first `drain` (no new calls, running ones come to an end within a limit), then,
/// where that takes too long, `halt`.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    pub drain: CancellationToken,
    pub halt: CancellationToken,
}

/// The server's addresses as the carrier sees them.
#[derive(Clone, Debug)]
pub struct Urls {
    base: String,
}

impl Urls {
    fn new(public_url: Option<&str>, local: SocketAddr) -> Result<Self, ServeError> {
        let Some(url) = public_url else {
            return Ok(Self {
                base: format!("http://{local}"),
            });
        };
        let base = url.trim_end_matches('/');
        let rest = base
            .strip_prefix("https://")
            .or_else(|| base.strip_prefix("http://"));
        if rest.is_none_or(|rest| rest.is_empty() || rest.contains(['?', '#', ' ', '@'])) {
            return Err(ServeError::PublicUrl(url.to_owned()));
        }
        Ok(Self {
            base: base.to_owned(),
        })
    }

    /// The URL of a path.
    pub fn webhook(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The URL of a socket: `wss` (`ws` where the public URL is plain `http`).
    pub fn socket(&self, path: &str) -> String {
        // "https" → "wss", "http" → "ws".
        format!("{}{path}", self.base.replacen("http", "ws", 1))
    }

    /// Carriers open media sockets over TLS only.
    pub fn is_secure(&self) -> bool {
        self.base.starts_with("https://")
    }
}

/// What webhooks and media sockets share.
pub struct Shared {
    pub calls: Arc<Calls>,
    pub switchboard: Arc<dyn Switchboard>,
    pub urls: Urls,
    /// The person behind the bot.
    pub human_line: Option<E164>,
    /// How a call is passed to that person, where the line can do that.
    pub transfer: HumanTransfer,
    /// The persons who are called while their callers stay with the bot.
    pub warm: Warm,
    /// What the lines themselves say.
    pub words: &'static Words,
    pub stop: Stop,
    /// The running calls' time is up.
    pub evict: CancellationToken,
    /// Running calls are cut off in some seconds: calls that still run are told.
    pub hurry: CancellationToken,
    /// How late calls are with their work.
    pub ticks: Ticks,
    /// Bounds the media sockets, also those that have not started.
    pub sockets: Arc<Semaphore>,
    /// For orders to carriers.
    pub http: reqwest::Client,
}

impl Shared {
    /// Lets one socket open for this call, see [`Calls::invite`]. Of a caller who is turned away the people of the
    /// business get to know.
    ///
    /// # Errors
    /// Why there is no room.
    pub fn invite(
        &self,
        line: &'static str,
        call_id: &str,
        caller: Option<E164>,
    ) -> Result<Token, Refused> {
        let invited = self.calls.invite(call_id, caller.clone(), Instant::now());
        if let Err(refused) = &invited {
            self.turned_away(line, call_id, caller, *refused);
        }
        invited
    }

    /// A call is not taken: what a person who takes it instead gets to know.
    pub fn turned_away(
        &self,
        line: &'static str,
        call_id: &str,
        caller: Option<E164>,
        refused: Refused,
    ) -> Handover {
        tracing::warn!(call = call_id, %refused, "call not taken");
        if refused == Refused::Live {
            // It is talking already: only its provider asks twice.
            return Handover::new(Reason::Overload, "");
        }
        let caller = caller.or_else(|| self.calls.caller(call_id));
        let number = caller.as_ref().map(E164::as_str);
        self.switchboard.turned_away(line, call_id, number)
    }
}

/// A server with its port open.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
    carriers: Vec<Arc<dyn Carrier>>,
    max_calls: usize,
    drain: Duration,
    connections: Arc<Semaphore>,
}

impl Server {
    /// Opens the port.
    ///
    /// # Errors
    /// When the settings would leave the house open to strangers, make no sense, or the port is taken.
    pub async fn bind(
        options: Options,
        switchboard: Arc<dyn Switchboard>,
        stop: Stop,
    ) -> Result<Self, ServeError> {
        let carriers = carriers(&options)?;
        let bind = |cause| ServeError::Bind {
            address: options.listen,
            hint: bind_hint(&cause),
            cause,
        };
        let listener = TcpListener::bind(options.listen).await.map_err(bind)?;
        for carrier in &carriers {
            carrier.open().await?;
        }
        let local = listener.local_addr().map_err(bind)?;
        let calls = Calls::new(options.max_calls);
        let shared = Arc::new(Shared {
            warm: Warm::new(Arc::clone(&calls)),
            calls,
            urls: Urls::new(options.public_url.as_deref(), local)?,
            human_line: options.human_line,
            transfer: options.settings.business.human_transfer,
            words: Words::of(switchboard.language()),
            switchboard,
            stop,
            evict: CancellationToken::new(),
            hurry: CancellationToken::new(),
            ticks: Ticks::default(),
            sockets: Arc::new(Semaphore::new(options.max_calls + SPARE_CONNECTIONS)),
            http: crate::http::client()
                .timeout(ORDER_TIMEOUT)
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .expect("nothing here comes from outside"),
        });
        let connections = Arc::new(Semaphore::new(options.max_calls + SPARE_CONNECTIONS));
        Ok(Self {
            listener,
            shared,
            carriers,
            max_calls: options.max_calls,
            drain: options.drain,
            connections,
        })
    }

    /// The address in use (the port is the system's choice where 0 was asked for).
    ///
    /// # Panics
    /// Never: a bound socket has an address.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener
            .local_addr()
            .expect("a bound socket has an address")
    }

    pub fn urls(&self) -> &Urls {
        &self.shared.urls
    }

    /// The lines that are served here.
    pub fn carriers(&self) -> &[Arc<dyn Carrier>] {
        &self.carriers
    }

    /// Answers until told to stop. Returns the number of calls that had to be cut off.
    pub async fn run(self) -> usize {
        let router = router(&self.shared, &self.carriers);
        let closed = CancellationToken::new();
        let _closed = closed.clone().drop_guard();
        let answering = self.accept(router, closed);
        let ports = self.carriers.iter().map(Arc::clone);
        let ports = ports.filter_map(|carrier| carrier.accept(Arc::clone(&self.shared)));
        let ports =
            futures_util::future::join_all(ports.chain([Box::pin(std::future::pending()) as _]));
        tokio::select! {
            () = answering => unreachable!("accepting never ends"),
            () = strain::watch(&self.shared, self.max_calls) => unreachable!("watching never ends"),
            _ = ports => unreachable!("one of them is never ready"),
            cut_off = closing::close(&self.shared, self.drain) => cut_off,
        }
    }

    async fn accept(&self, router: Router, closed: CancellationToken) {
        loop {
            let seat = Arc::clone(&self.connections)
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file handles, mostly: give calls time to end.
                    tracing::error!(%error, "a connection could not be accepted");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let (router, closed) = (router.clone(), closed.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = serve_connection(stream, router) => {}
                    () = closed.cancelled() => {}
                }
                drop(seat);
            });
        }
    }
}

/// The lines that may be served with these settings: those whose requests are checked; all of them where
/// none is and only this machine can come in.
fn carriers(options: &Options) -> Result<Vec<Arc<dyn Carrier>>, ServeError> {
    let all = PROVIDERS
        .iter()
        .map(|provider| (provider.carrier)(&options.settings))
        .collect::<Result<Vec<_>, _>>()?;
    if all.iter().any(|carrier| carrier.is_guarded()) {
        return Ok(all
            .into_iter()
            .filter(|carrier| carrier.is_guarded() || carrier.is_local())
            .collect());
    }
    match options.listen.ip().is_loopback() {
        true => Ok(all),
        false => Err(ServeError::NoToken(options.listen)),
    }
}

/// All that the server answers.
fn router(shared: &Arc<Shared>, carriers: &[Arc<dyn Carrier>]) -> Router {
    let health = Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .with_state(Arc::clone(shared));
    carriers
        .iter()
        .map(|carrier| Arc::clone(carrier).routes(Arc::clone(shared)))
        .fold(health, Router::merge)
        .merge(doors::router(carriers, Arc::clone(shared)))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::from_fn(limit_time))
}

async fn limit_time(request: Request, next: Next) -> Response {
    timeout(REQUEST_TIMEOUT, next.run(request))
        .await
        .unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

async fn ready(State(shared): State<Arc<Shared>>) -> (StatusCode, &'static str) {
    if shared.stop.drain.is_cancelled() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else if !shared.switchboard.ready() {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the recogniser is dead: calls go on by keys\n",
        )
    } else if shared.calls.is_strained() {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "too much to do: new calls go to a person\n",
        )
    } else {
        (StatusCode::OK, "ready\n")
    }
}

async fn serve_connection(stream: TcpStream, router: Router) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY not set");
    }
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "connection ended with an error");
    }
}

fn bind_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program listens there; stop it or choose another port with --listen"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need a privilege; choose one above with --listen"
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; try --listen 127.0.0.1:8080"
        }
        _ => "choose another address with --listen",
    }
}
