//! What a soak's server is started with: a business with an HTTP back end, a script to hear, a webhook, and
//! callers on every line.

use super::server::{Log, Server};
use super::{callers, peers};
use crate::support::small_shop_folder;
use attendant::config::Config;
use attendant::load::Plan;
use attendant::load::dialect::Dialect;
use attendant::load::rest::FakeRest;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What the scripted recogniser hears, in turn over all calls.
const HEARD: &str = "where is my order\nfour five six seven one two\nyes\nwhat are your opening hours\nno\ntalk to a person\n\
    leave a message\nthe cups arrived broken\nhow can i return something\ncall me back\nyes\n!panic\nthat is all\ngoodbye\n";
/// A server that closes has so long.
pub const DRAIN_S: u64 = 20;

/// Where everything of a soak lies, kept until the next one.
pub struct Place(pub PathBuf);

impl Place {
    pub fn new() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("soak");
        let _ = fs::remove_dir_all(&folder);
        let shop = folder.join("shop");
        copy(&small_shop_folder(), &shop);
        // People are always there, and another machine knows the orders.
        let days = [
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ];
        let hours: String = days
            .iter()
            .map(|day| format!("{day} = \"00:00-23:59\"\n"))
            .collect();
        let file = shop.join("business.toml");
        let business = fs::read_to_string(&file).unwrap();
        let (before, _) = business.split_once("[hours]").unwrap();
        let (_, values) = business.split_once("[values]").unwrap();
        fs::write(&file, format!("{before}[hours]\n{hours}\n[values]{values}")).unwrap();
        let operations = "[order]\narguments = [\"order\"]\nurl = \"${SOAK_ORDERS}/orders/{order}\"\n\
            timeout_ms = 1500\nretries = 1\nrows = \"/rows\"\n";
        fs::write(shop.join("operations.toml"), operations).unwrap();
        fs::write(folder.join("heard.txt"), HEARD).unwrap();
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

fn free_port() -> SocketAddr {
    let any = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    any.local_addr().unwrap()
}

/// How the server is started, each time the same way.
pub struct Setup {
    pub place: Place,
    arguments: Vec<String>,
    variables: Vec<(&'static str, String)>,
    config: Config,
    rest: Arc<FakeRest>,
    pub log: Log,
}

impl Setup {
    pub async fn new(orders: &peers::Peer, desk: &peers::Peer) -> Self {
        let place = Place::new();
        let rest = FakeRest::open(([127, 0, 0, 1], 0).into()).await.unwrap();
        let mut config = Config::default();
        config.audiosocket.listen = Some(free_port());
        let set = |key: &str, value: &str| ["--set".to_owned(), format!("{key}={value}")];
        let mut arguments: Vec<String> = [
            set("business.domain", "shop"),
            set("business.store", "store.db"),
            set("recordings.dir", "recordings"),
            set("handover.spool", "spool"),
            set("handover.webhook", &format!("{}/desk", desk.base())),
            set("handover.timeout_ms", "2000"),
            set("telnyx.api_url", rest.base()),
            set(
                "audiosocket.listen",
                &config.audiosocket.listen.unwrap().to_string(),
            ),
            set("server.drain_s", &DRAIN_S.to_string()),
            set("server.max_calls", "400"),
        ]
        .concat();
        arguments
            .extend(["--log-format", "json", "serve", "--listen", "127.0.0.1:0"].map(String::from));
        arguments.extend(["--human-line", "+15557654321"].map(String::from));
        if std::env::var_os("SOAK_MODELS").is_none() {
            arguments.extend(["--scripted", "heard.txt"].map(String::from));
        }
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let variables = vec![
            ("SOAK_ORDERS", orders.base()),
            ("ATTENDANT_HANDOVER_SECRET", secret.to_owned()),
        ];
        let log = Log::default();
        Self {
            place,
            arguments,
            variables,
            config,
            rest,
            log,
        }
    }

    pub fn start(&self) -> Server {
        Server::start(&self.place.0, &self.arguments, &self.variables, &self.log)
    }

    pub fn provider(&self, line: &str, server: &Server) -> Arc<dyn Dialect> {
        callers::provider(line, &server.base, &self.config, &self.rest)
    }

    /// Callers on every line for so long.
    pub fn plans(
        &self,
        server: &Server,
        callers: usize,
        duration: Duration,
    ) -> Vec<(&'static str, Plan)> {
        let calls = callers::calls(&self.place.0);
        let plan = |(nth, line)| {
            (
                line,
                callers::plan(self.provider(line, server), callers, duration, &calls, nth),
            )
        };
        callers::lines().into_iter().enumerate().map(plan).collect()
    }
}
