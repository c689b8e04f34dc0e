//! What goes wrong during a soak, and when: every fault once in each round, in an order that a seed decides.

use super::peers::Peer;
use super::server::Server;
use attendant::load::{Plan, run};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Slower than the connector's patience.
    SlowBackEnd,
    DeadBackEnd,
    /// Somebody else has the store's file to himself, for longer than the server waits.
    StoreLocked,
    /// No file grows: recordings, the spool, the store.
    DiskFull,
    /// The receiver of packets takes longer than the server waits.
    SlowDesk,
    DeadDesk,
    /// Media sockets and webhooks end without a word.
    SocketsCut,
}

const ALL: [Fault; 7] = [
    Fault::SlowBackEnd,
    Fault::DeadBackEnd,
    Fault::StoreLocked,
    Fault::DiskFull,
    Fault::SlowDesk,
    Fault::DeadDesk,
    Fault::SocketsCut,
];

/// From the start of a soak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    pub fault: Fault,
    pub at: Duration,
    pub lasts: Duration,
}

/// Faults until `end`, one after the other.
pub fn schedule(seed: u64, end: Duration) -> Vec<Planned> {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut planned = Vec::new();
    let mut at = Duration::from_secs(4);
    // Short soaks have short faults, so that there is time for each.
    let scale = if end < Duration::from_secs(180) { 1 } else { 2 };
    loop {
        let mut round = ALL;
        for n in (1..round.len()).rev() {
            round.swap(n, random.below(n as u64 + 1) as usize);
        }
        for fault in round {
            let lasts = Duration::from_millis(scale * (3000 + random.below(2500)));
            if at + lasts > end {
                return planned;
            }
            planned.push(Planned { fault, at, lasts });
            at += lasts + Duration::from_millis(scale * (2000 + random.below(2000)));
        }
    }
}

/// What faults are made with.
pub struct Injector<'a> {
    pub server: &'a Server,
    pub orders: Peer,
    pub desk: Peer,
    pub store: PathBuf,
    /// Callers whose sockets are cut.
    pub cut: Vec<Plan>,
}

impl Injector<'_> {
    /// Follows the plan; how often each fault was there, and what could not be done here.
    pub async fn run(&mut self, planned: &[Planned]) -> (BTreeMap<Fault, usize>, Vec<String>) {
        let start = Instant::now();
        let (mut done, mut skipped) = (BTreeMap::new(), Vec::new());
        for Planned { fault, at, lasts } in planned {
            sleep_until(start + *at).await;
            match self.inject(*fault, *lasts).await {
                Ok(()) => *done.entry(*fault).or_default() += 1,
                Err(why) => skipped.push(format!("{fault:?}: {why}")),
            }
        }
        (done, skipped)
    }

    async fn inject(&mut self, fault: Fault, lasts: Duration) -> Result<(), String> {
        match fault {
            Fault::SlowBackEnd => {
                self.orders.slow(Duration::from_secs(8));
                sleep(lasts).await;
                self.orders.slow(Duration::ZERO);
            }
            Fault::SlowDesk => {
                self.desk.slow(Duration::from_secs(8));
                sleep(lasts).await;
                self.desk.slow(Duration::ZERO);
            }
            Fault::DeadBackEnd => {
                self.orders.kill();
                sleep(lasts).await;
                self.orders.revive();
            }
            Fault::DeadDesk => {
                self.desk.kill();
                sleep(lasts).await;
                self.desk.revive();
            }
            Fault::StoreLocked => {
                let store = self.store.clone();
                let locked = tokio::task::spawn_blocking(move || lock(&store, lasts));
                locked.await.unwrap().map_err(|error| error.to_string())?;
            }
            Fault::DiskFull => {
                if !self.server.fill_disk(true) {
                    return Err("prlimit (util-linux) is not here".into());
                }
                sleep(lasts).await;
                assert!(self.server.fill_disk(false), "the disk stays full");
            }
            Fault::SocketsCut => {
                let callers: Vec<_> = self
                    .cut
                    .iter()
                    .map(|plan| tokio::spawn(run(plan.clone())))
                    .collect();
                sleep(lasts).await;
                callers.iter().for_each(tokio::task::JoinHandle::abort);
            }
        }
        Ok(())
    }
}

fn lock(store: &std::path::Path, lasts: Duration) -> rusqlite::Result<()> {
    let connection = Connection::open(store)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute_batch("BEGIN EXCLUSIVE")?;
    std::thread::sleep(lasts);
    connection.execute_batch("ROLLBACK")
}

/// xorshift64: the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn a_seed_makes_a_schedule_with_every_fault() {
    let minute = Duration::from_secs(75);
    let planned = schedule(1, minute);
    for fault in ALL {
        assert!(
            planned.iter().any(|planned| planned.fault == fault),
            "{fault:?}: {planned:?}"
        );
    }
    assert_eq!(planned, schedule(1, minute));
    assert_ne!(planned, schedule(2, minute));
    let apart = planned
        .windows(2)
        .all(|pair| pair[0].at + pair[0].lasts < pair[1].at);
    assert!(
        apart
            && planned
                .iter()
                .all(|planned| planned.at + planned.lasts <= minute)
    );
}
