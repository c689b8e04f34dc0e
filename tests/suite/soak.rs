//! The soak: the real server with every line, callers all the time and one fault after the other. It is over
//! well when every call has an end, nothing that callers left is lost, and the server needs no more than in the
//! beginning. `make soak MINUTES=60`; a minute of it is a check.

mod books;
mod callers;
mod faults;
mod peers;
mod server;
mod setup;
mod verdict;

use attendant::load::report::Report;
use attendant::load::{Plan, run};
use faults::{Injector, schedule};
use server::Server;
use setup::{DRAIN_S, Setup};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use verdict::{Ends, Verdict, judge};

/// Threads and descriptors that a quiet server may have more than before: connections that are kept open.
const SPARE: usize = 6;

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
