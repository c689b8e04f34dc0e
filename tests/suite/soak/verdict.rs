//! The table at the end of a soak, and what must hold.

use super::Sample;
use super::books::{Books, Count};
use super::faults::Fault;
use super::peers::Mail;
use super::setup::Setup;
use attendant::load::report::Report;
use std::collections::BTreeMap;

/// From here on a soak says something about memory.
const LONG_MINUTES: f64 = 10.0;
/// Resident memory may have grown by so much, per mille.
const GROWN_PER_MILLE: u64 = 50;

/// How the soak's servers ended.
pub struct Ends {
    pub before: Sample,
    pub after: Result<Sample, Sample>,
    pub closed: Option<std::process::ExitStatus>,
    pub reopened: BTreeMap<&'static str, Report>,
    /// Packets that nobody got.
    pub waiting: usize,
    pub gone: Option<std::process::ExitStatus>,
    pub mail: Mail,
}

fn median(samples: &[Sample]) -> u64 {
    let mut all: Vec<u64> = samples.iter().map(|sample| sample.rss_kb).collect();
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// The table, and whether all is well.
#[derive(Default)]
pub struct Verdict {
    pub failed: Vec<String>,
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

/// Prints the table.
pub fn judge(
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
