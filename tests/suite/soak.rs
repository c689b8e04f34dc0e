//! The soak: the real server with every line, callers all the time and one fault after the other. It is over
//! well when every call has an end, nothing that callers left is lost, and the server needs no more than in the
//! beginning. `make soak MINUTES=60`; a minute of it is a check.

mod books;
mod callers;
mod faults;
mod peers;
mod server;

use crate::support::small_shop_folder;
use attendant::config::Config;
use attendant::load::dialect::Dialect;
use attendant::load::report::Report;
use attendant::load::rest::FakeRest;
use attendant::load::{Plan, run};
use books::{Books, Count};
use faults::{Fault, Injector, schedule};
use peers::Mail;
use server::{Log, Server};
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What the scripted recogniser hears, in turn over all calls.
const HEARD: &str = "where is my order\nfour five six seven one two\nyes\nwhat are your opening hours\nno\ntalk to a person\n\
    leave a message\nthe cups arrived broken\nhow can i return something\ncall me back\nyes\n!panic\nthat is all\ngoodbye\n";
/// From here on a soak says something about memory.
const LONG_MINUTES: f64 = 10.0;
/// Resident memory may have grown by so much, per mille.
const GROWN_PER_MILLE: u64 = 50;
/// Threads and descriptors that a quiet server may have more than before: connections that are kept open.
const SPARE: usize = 6;
/// A server that closes has so long.
const DRAIN_S: u64 = 20;

/// Where everything of a soak lies, kept until the next one.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
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

    fn path(&self, name: &str) -> PathBuf {
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

fn number(variable: &str, default: f64) -> f64 {
    let value = std::env::var(variable)
        .ok()
        .filter(|value| !value.is_empty());
    value.map_or(default, |value| {
        value
            .parse()
            .unwrap_or_else(|_| panic!("{variable}: {value} is no number"))
    })
}

fn free_port() -> SocketAddr {
    let any = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    any.local_addr().unwrap()
}

/// How the server is started, each time the same way.
struct Setup {
    place: Place,
    arguments: Vec<String>,
    variables: Vec<(&'static str, String)>,
    config: Config,
    rest: Arc<FakeRest>,
    log: Log,
}

impl Setup {
    async fn new(orders: &peers::Peer, desk: &peers::Peer) -> Self {
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

    fn start(&self) -> Server {
        Server::start(&self.place.0, &self.arguments, &self.variables, &self.log)
    }

    fn provider(&self, line: &str, server: &Server) -> Arc<dyn Dialect> {
        callers::provider(line, &server.base, &self.config, &self.rest)
    }

    /// Callers on every line for so long.
    fn plans(
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

async fn phone(plans: Vec<(&'static str, Plan)>) -> BTreeMap<&'static str, Report> {
    let running: Vec<_> = plans
        .into_iter()
        .map(|(line, plan)| (line, tokio::spawn(run(plan))))
        .collect();
    let mut reports = BTreeMap::new();
    for (line, report) in running {
        reports.insert(line, report.await.unwrap());
    }
    reports
}

/// What the server used, at a time.
#[derive(Clone, Copy)]
struct Sample {
    at: Duration,
    rss_kb: u64,
    threads: usize,
    descriptors: usize,
}

impl Sample {
    fn of(server: &Server, start: Instant) -> Self {
        Self {
            at: start.elapsed(),
            rss_kb: server.rss_kb(),
            threads: server.threads() as usize,
            descriptors: server.descriptors(),
        }
    }
}

/// Takes samples until it is aborted; sound of calls that are over goes, an hour of it fills a disk.
async fn watch(server: &Server, recordings: &Path, every: Duration, samples: &mut Vec<Sample>) {
    let start = Instant::now();
    loop {
        sleep(every).await;
        samples.push(Sample::of(server, start));
        for call in fs::read_dir(recordings).into_iter().flatten().flatten() {
            let old = call
                .metadata()
                .and_then(|meta| meta.modified())
                .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > Duration::from_secs(300)));
            for sound in ["caller.wav", "call.wav"].iter().filter(|_| old) {
                let _ = fs::remove_file(call.path().join(sound));
            }
        }
    }
}

/// Waits until the server is as quiet as it was before; what it still has more.
async fn quiet(server: &Server, before: Sample) -> Result<Sample, Sample> {
    let start = Instant::now();
    loop {
        let now = Sample::of(server, start);
        let calm =
            now.threads <= before.threads + SPARE && now.descriptors <= before.descriptors + SPARE;
        if calm || start.elapsed() > Duration::from_secs(90) {
            return if calm { Ok(now) } else { Err(now) };
        }
        sleep(Duration::from_secs(1)).await;
    }
}

fn median(samples: &[Sample]) -> u64 {
    let mut all: Vec<u64> = samples.iter().map(|sample| sample.rss_kb).collect();
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// The table, and whether all is well.
#[derive(Default)]
struct Verdict {
    failed: Vec<String>,
}

impl Verdict {
    fn line(&mut self, what: &str, told: String, well: bool) {
        println!(
            "{:<6} {what:<22} {told}",
            if well { "ok" } else { "FAILED" }
        );
        if !well {
            self.failed.push(what.to_owned());
        }
    }

    fn count(&mut self, what: &str, count: &Count) {
        let told = format!(
            "{} promised, {} kept, {} of them with no record that tells of it",
            count.promised, count.kept, count.beyond
        );
        self.line(what, told, count.wrong.is_empty());
        count
            .wrong
            .iter()
            .take(10)
            .for_each(|wrong| println!("         {wrong}"));
    }

    fn memory(&mut self, samples: &[Sample], minutes: f64) {
        // The first third warms up: caches, the allocator's arenas, the store's pages.
        let count = samples.len();
        let (early, late) = (&samples[count / 3..count / 2], &samples[count * 5 / 6..]);
        let (from, to) = (median(early), median(late));
        let grown = (to as i64 - from as i64) * 1000 / from.max(1) as i64;
        let long = minutes >= LONG_MINUTES;
        let flat = grown <= GROWN_PER_MILLE as i64;
        let short = if long { "" } else { "; too short to judge" };
        let told = format!(
            "{} MB after warm-up, {} MB at the end ({:+.1} %){short}",
            from / 1024,
            to / 1024,
            grown as f64 / 10.0
        );
        self.line("resident memory", told, flat || !long);
        let step = count.div_ceil(12).max(1);
        for sample in samples.iter().step_by(step) {
            let bar = "#".repeat((sample.rss_kb / 4096) as usize);
            println!(
                "         {:>5} s {:>7} kB {:>3} threads {:>3} descriptors {bar}",
                sample.at.as_secs(),
                sample.rss_kb,
                sample.threads,
                sample.descriptors
            );
        }
    }
}

#[test]
#[ignore = "takes minutes: make soak MINUTES=1"]
fn the_server_bears_an_hour_of_faults() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let verdict = runtime.block_on(soak(
        number("SOAK_MINUTES", 1.0),
        number("SOAK_SEED", 1.0) as u64,
    ));
    assert!(
        verdict.failed.is_empty(),
        "failed: {}",
        verdict.failed.join(", ")
    );
    println!("passed");
}

async fn soak(minutes: f64, seed: u64) -> Verdict {
    let orders = peers::orders();
    let (desk, mail) = peers::desk();
    let setup = Setup::new(&orders, &desk).await;
    let callers = number("SOAK_CALLERS", 1.0) as usize;
    let duration = Duration::from_secs_f64(minutes * 60.0);
    let server = setup.start();
    println!(
        "{} lines, {callers} callers each, {minutes} minutes, seed {seed}; {}",
        callers::lines().len(),
        setup.place.0.display()
    );

    // Everything that is made once is made: connections, caches, threads.
    let mut reports = vec![phone(setup.plans(&server, 1, Duration::from_secs(15))).await];
    sleep(Duration::from_secs(12)).await;
    let before = Sample::of(&server, Instant::now());

    let cut = setup
        .plans(&server, 1, Duration::from_secs(60))
        .into_iter()
        .map(|(_, plan)| plan)
        .collect();
    let store = setup.place.path("store.db");
    let mut injector = Injector {
        server: &server,
        orders,
        desk,
        store,
        cut,
    };
    let (mut samples, recordings) = (Vec::new(), setup.place.path("recordings"));
    let every = (duration / 120).max(Duration::from_secs(1));
    let planned = schedule(seed, duration);
    let (faults, report) = {
        let together = async {
            tokio::join!(
                injector.run(&planned),
                phone(setup.plans(&server, callers, duration))
            )
        };
        tokio::select! {
            done = together => done,
            () = watch(&server, &recordings, every, &mut samples) => unreachable!("it watches for ever"),
        }
    };
    reports.push(report);
    let after = quiet(&server, before).await;

    // Closed in the middle of calls, and opened again.
    let last = setup.plans(&server, 1, Duration::from_secs(8 + DRAIN_S));
    let closing = tokio::spawn(phone(last));
    sleep(Duration::from_secs(8)).await;
    let patience = Duration::from_secs(DRAIN_S + 15);
    drop(injector.cut.drain(..));
    let Injector { desk, orders, .. } = injector;
    let closed = tokio::task::spawn_blocking(move || server.terminate(patience))
        .await
        .unwrap();
    drop(closing.await.unwrap());
    let server = setup.start();
    let reopened = phone(vec![(
        "twilio",
        callers::plan(
            setup.provider("twilio", &server),
            1,
            Duration::from_secs(10),
            &callers::calls(&setup.place.0),
            2,
        ),
    )])
    .await;
    let waiting = delivered(&setup.place.path("spool")).await;
    let gone = tokio::task::spawn_blocking(move || server.terminate(patience))
        .await
        .unwrap();
    drop((desk, orders));
    judge(
        &setup,
        minutes,
        &samples,
        &faults,
        &reports,
        Ends {
            before,
            after,
            closed,
            reopened,
            waiting,
            gone,
            mail,
        },
    )
}

/// How the soak's servers ended.
struct Ends {
    before: Sample,
    after: Result<Sample, Sample>,
    closed: Option<std::process::ExitStatus>,
    reopened: BTreeMap<&'static str, Report>,
    /// Packets that nobody got.
    waiting: usize,
    gone: Option<std::process::ExitStatus>,
    mail: Mail,
}

/// Waits until the spool is empty; what is still in it.
async fn delivered(spool: &Path) -> usize {
    let start = Instant::now();
    loop {
        let files = fs::read_dir(spool).into_iter().flatten().flatten();
        let waiting = files
            .filter(|file| file.path().extension().is_some_and(|end| end == "json"))
            .count();
        if waiting == 0 || start.elapsed() > Duration::from_secs(60) {
            return waiting;
        }
        sleep(Duration::from_millis(200)).await;
    }
}

fn judge(
    setup: &Setup,
    minutes: f64,
    samples: &[Sample],
    (faults, skipped): &(BTreeMap<Fault, usize>, Vec<String>),
    reports: &[BTreeMap<&'static str, Report>],
    ends: Ends,
) -> Verdict {
    let mut verdict = Verdict::default();
    setup.log.told(|told| {
        let books = Books::read(&setup.place.path("recordings"), told);
        println!("faults  {faults:?}");
        skipped.iter().for_each(|why| println!("skipped {why}"));
        println!("calls   {:?}", books.lines);
        let ended = format!(
            "{} calls: {:?}, {} cut short by a full disk, {} of them without their end",
            books.calls, books.ended, books.unrecorded, books.unended
        );
        verdict.line(
            "every call has an end",
            ended,
            books.unknown.is_empty() && books.calls > 0,
        );
        books
            .unknown
            .iter()
            .take(10)
            .for_each(|call| println!("         {call}"));
        let dropped: Vec<_> = reports
            .iter()
            .flatten()
            .filter(|(_, report)| report.dropped > 0)
            .collect();
        let all = |count: fn(&Report) -> u64| {
            reports
                .iter()
                .flat_map(BTreeMap::values)
                .map(count)
                .sum::<u64>()
        };
        let told_calls = format!(
            "{} calls, {} turned away, {} dropped, {} messages refused",
            all(|r| r.calls),
            all(|r| r.turned_away),
            all(|r| r.dropped),
            all(|r| r.refused_messages)
        );
        verdict.line("callers", told_calls, dropped.is_empty());
        for (line, report) in dropped {
            println!(
                "         {line}: {} dropped: {:?}",
                report.dropped, report.errors
            );
        }
        verdict.count(
            "callbacks, messages",
            &books.tickets(&setup.place.path("store.db")),
        );
        let mail = ends.mail.all();
        verdict.count("handover packets", &books.packets(&mail, told));
        let spool = format!(
            "{} packets in the spool, {} told lost while the disk was full, {} posts",
            ends.waiting,
            told.unspooled.len(),
            mail.len()
        );
        verdict.line("delivered", spool, ends.waiting == 0);
        verdict.memory(samples, minutes);
        let now = ends.after.unwrap_or_else(|now| now);
        let quiet = format!(
            "threads {} before, {} after; descriptors {} before, {} after ({} s later)",
            ends.before.threads,
            now.threads,
            ends.before.descriptors,
            now.descriptors,
            now.at.as_secs()
        );
        verdict.line("nothing left open", quiet, ends.after.is_ok());
        let panics = format!(
            "{} panics, {} of them injected, {} recognisers replaced",
            told.panics, told.injected, told.replaced
        );
        verdict.line(
            "panics",
            panics,
            told.panics == told.injected && told.replaced == told.injected,
        );
        let codes = [ends.closed, ends.gone].map(|status| status.map(|status| status.code()));
        verdict.line(
            "closes when told to",
            format!("exit codes {codes:?}"),
            ends.closed.is_some_and(|status| status.success())
                && ends.gone.is_some_and(|status| status.success()),
        );
        let calls = ends
            .reopened
            .values()
            .map(|report| report.calls)
            .sum::<u64>();
        verdict.line("opens again", format!("{calls} calls"), calls > 0);
        println!("log");
        told.trouble
            .iter()
            .for_each(|(text, count)| println!("  {count:>6} {text}"));
    });
    verdict
}
