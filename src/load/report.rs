//! What a load run measured, as a table for people and as JSON for programs.

use super::dialect::{Dial, DialStatus};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// Errors that are shown in words; the rest is only counted.
const SHOWN_ERRORS: usize = 5;
/// Transfers that are remembered in full.
const SHOWN_DIALS: usize = 32;

/// Measurements of all calls. Times in ms.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub callers: usize,
    pub seconds: f64,
    /// Calls that were answered by the bot.
    pub calls: u64,
    /// Calls that failed or broke.
    pub dropped: u64,
    /// Calls that were sent to the human line or away before the bot spoke.
    pub turned_away: u64,
    /// Those of them that went to the human line.
    pub turned_away_to_person: u64,
    /// Calls that were passed to a person…
    pub transfers: u64,
    /// … whom nobody answered.
    pub transfers_failed: u64,
    /// The first people who were called, also for callers who were turned away.
    #[serde(skip)]
    pub dials: Vec<Dial>,
    /// Calls that the bot ended or handed over.
    pub ended_by_bot: u64,
    pub frames_sent: u64,
    pub frames_received: u64,
    /// Messages from the server that the provider would refuse.
    pub refused_messages: u64,
    pub marks: u64,
    pub clears: u64,
    pub turns: u64,
    /// Scripts that came to their end.
    pub scripts: u64,
    /// Turns without a reply before the next turn or the end.
    pub unanswered: u64,
    /// Start of a stream to the first frame from the server.
    pub first_frame_ms: Stat,
    /// The same to the first sample that can be heard.
    pub first_audio_ms: Stat,
    /// Last sample of the caller's speech to the first sample of the reply that can be heard.
    pub reply_gap_ms: Stat,
    /// The same for each clip that was said.
    pub reply_gap_by_clip_ms: BTreeMap<String, Stat>,
    /// Last key to the first sample of the reply that can be heard.
    pub key_reply_gap_ms: Stat,
    /// How late each frame from the server was for playing.
    pub late_ms: Stat,
    /// How much longer than 20 ms the server took from one frame to the next within a sentence.
    pub uneven_ms: Stat,
    /// Start of the caller's speech over a prompt to the prompt's end.
    pub barge_in_stop_ms: Stat,
    /// How late this tool itself was in sending.
    pub own_late_ms: Stat,
    /// Some of the errors, in words.
    pub errors: Vec<String>,
}

/// A set of measurements.
#[derive(Debug, Default, Serialize)]
pub struct Stat {
    #[serde(skip)]
    all: Vec<f32>,
    pub count: usize,
    pub p50: f32,
    pub p95: f32,
    pub p99: f32,
    pub max: f32,
}

impl Stat {
    pub fn add(&mut self, time: Duration) {
        self.all.push(time.as_secs_f32() * 1000.0);
    }

    fn finish(&mut self) {
        self.all.sort_by(f32::total_cmp);
        self.count = self.all.len();
        self.p50 = self.percentile(50);
        self.p95 = self.percentile(95);
        self.p99 = self.percentile(99);
        self.max = self.percentile(100);
    }

    /// Nearest rank; 0 without measurements.
    fn percentile(&self, percent: usize) -> f32 {
        let rank = (self.all.len() * percent).div_ceil(100).max(1);
        self.all.get(rank - 1).copied().unwrap_or(0.0)
    }
}

/// Limits that a run must keep.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// On `late_ms`, 99th percentile.
    pub late_ms: Option<f32>,
    /// On `reply_gap_ms` and `key_reply_gap_ms`, median.
    pub gap_ms: Option<f32>,
}

impl Report {
    pub fn new(callers: usize, duration: Duration) -> Self {
        Self {
            callers,
            seconds: duration.as_secs_f64(),
            ..Self::default()
        }
    }

    /// Counts a reply to a clip.
    pub fn replied(&mut self, clip: &str, gap: Duration) {
        self.reply_gap_ms.add(gap);
        if let Some(stat) = self.reply_gap_by_clip_ms.get_mut(clip) {
            stat.add(gap);
        } else {
            self.reply_gap_by_clip_ms
                .entry(clip.to_owned())
                .or_default()
                .add(gap);
        }
    }

    /// Counts a dropped call.
    pub fn fail(&mut self, error: String) {
        self.dropped += 1;
        self.tell(error);
    }

    /// Counts a message that the provider would refuse.
    pub fn refuse(&mut self, why: String) {
        self.refused_messages += 1;
        self.tell(format!("the provider would refuse: {why}"));
    }

    /// Counts a transfer.
    pub fn transfer(&mut self, dial: Dial, status: DialStatus) {
        self.transfers += 1;
        self.transfers_failed += u64::from(status != DialStatus::Completed);
        self.remember(dial);
    }

    /// Counts a caller who does not get to the bot, but perhaps to a person.
    pub fn turn_away(&mut self, to: Option<Dial>) {
        self.turned_away += 1;
        if let Some(dial) = to {
            self.turned_away_to_person += 1;
            self.remember(dial);
        }
    }

    fn remember(&mut self, dial: Dial) {
        if self.dials.len() < SHOWN_DIALS {
            self.dials.push(dial);
        }
    }

    fn tell(&mut self, error: String) {
        if self.errors.len() < SHOWN_ERRORS && !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// Adds another caller's measurements.
    pub fn add(&mut self, part: Self) {
        self.calls += part.calls;
        self.dropped += part.dropped;
        self.turned_away += part.turned_away;
        self.turned_away_to_person += part.turned_away_to_person;
        self.transfers += part.transfers;
        self.transfers_failed += part.transfers_failed;
        self.dials.extend(part.dials);
        self.dials.truncate(SHOWN_DIALS);
        self.ended_by_bot += part.ended_by_bot;
        self.frames_sent += part.frames_sent;
        self.frames_received += part.frames_received;
        self.refused_messages += part.refused_messages;
        self.marks += part.marks;
        self.clears += part.clears;
        self.turns += part.turns;
        self.scripts += part.scripts;
        self.unanswered += part.unanswered;
        for (stat, part) in [
            (&mut self.first_frame_ms, part.first_frame_ms),
            (&mut self.first_audio_ms, part.first_audio_ms),
            (&mut self.reply_gap_ms, part.reply_gap_ms),
            (&mut self.key_reply_gap_ms, part.key_reply_gap_ms),
            (&mut self.late_ms, part.late_ms),
            (&mut self.uneven_ms, part.uneven_ms),
            (&mut self.barge_in_stop_ms, part.barge_in_stop_ms),
            (&mut self.own_late_ms, part.own_late_ms),
        ] {
            stat.all.extend(part.all);
        }
        for (clip, part) in part.reply_gap_by_clip_ms {
            self.reply_gap_by_clip_ms
                .entry(clip)
                .or_default()
                .all
                .extend(part.all);
        }
        part.errors.into_iter().for_each(|error| self.tell(error));
    }

    /// Works out the percentiles.
    pub fn finish(&mut self) {
        for stat in [
            &mut self.first_frame_ms,
            &mut self.first_audio_ms,
            &mut self.reply_gap_ms,
            &mut self.key_reply_gap_ms,
            &mut self.late_ms,
            &mut self.uneven_ms,
            &mut self.barge_in_stop_ms,
            &mut self.own_late_ms,
        ] {
            stat.finish();
        }
        self.reply_gap_by_clip_ms
            .values_mut()
            .for_each(Stat::finish);
    }

    /// What is wrong with the run; empty: passed. A limit on something that was never measured is
    /// broken, too.
    pub fn failures(&self, limits: Limits) -> Vec<String> {
        let mut failures = Vec::new();
        if self.dropped > 0 {
            failures.push(format!("{} calls dropped", self.dropped));
        }
        if self.calls == 0 {
            failures.push("no call was answered by the bot".into());
        }
        if self.refused_messages > 0 {
            failures.push(format!(
                "{} messages that the provider would refuse",
                self.refused_messages
            ));
        }
        if let Some(limit) = limits.late_ms {
            check(
                &mut failures,
                "frames late (p99)",
                limit,
                self.late_ms.count,
                self.late_ms.p99,
            );
        }
        if let Some(limit) = limits.gap_ms {
            let (said, keyed) = (&self.reply_gap_ms, &self.key_reply_gap_ms);
            if said.count > 0 || keyed.count == 0 {
                check(
                    &mut failures,
                    "reply gap (median)",
                    limit,
                    said.count,
                    said.p50,
                );
            }
            if keyed.count > 0 {
                check(
                    &mut failures,
                    "reply gap after keys (median)",
                    limit,
                    keyed.count,
                    keyed.p50,
                );
            }
        }
        failures
    }
}

fn check(failures: &mut Vec<String>, what: &str, limit: f32, count: usize, value: f32) {
    if count == 0 {
        failures.push(format!("{what}: nothing measured"));
    } else if value > limit {
        failures.push(format!("{what}: {value:.0} ms, limit {limit:.0} ms"));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} callers, {:.0} s", self.callers, self.seconds)?;
        writeln!(
            f,
            "calls {}  dropped {}  turned away {}  ended by the bot {}  transfers {} (not answered {})",
            self.calls,
            self.dropped,
            self.turned_away,
            self.ended_by_bot,
            self.transfers,
            self.transfers_failed
        )?;
        writeln!(
            f,
            "turns {}  unanswered {}  marks {}  clears {}  frames out {}  in {}  refused {}",
            self.turns,
            self.unanswered,
            self.marks,
            self.clears,
            self.frames_sent,
            self.frames_received,
            self.refused_messages
        )?;
        writeln!(
            f,
            "\n{:<24}{:>9}{:>9}{:>9}{:>9}{:>9}",
            "ms", "count", "p50", "p95", "p99", "max"
        )?;
        stat_line(f, "first frame", &self.first_frame_ms)?;
        stat_line(f, "first audio", &self.first_audio_ms)?;
        stat_line(f, "reply gap", &self.reply_gap_ms)?;
        for (clip, stat) in &self.reply_gap_by_clip_ms {
            stat_line(f, &format!("  {clip}"), stat)?;
        }
        for (name, stat) in [
            ("reply gap after keys", &self.key_reply_gap_ms),
            ("frames late", &self.late_ms),
            ("frames uneven", &self.uneven_ms),
            ("barge-in to silence", &self.barge_in_stop_ms),
            ("own sending late", &self.own_late_ms),
        ] {
            stat_line(f, name, stat)?;
        }
        for error in &self.errors {
            writeln!(f, "\nerror: {error}")?;
        }
        Ok(())
    }
}

fn stat_line(f: &mut fmt::Formatter<'_>, name: &str, stat: &Stat) -> fmt::Result {
    write!(f, "{name:<24}{:>9}", stat.count)?;
    if stat.count == 0 {
        return writeln!(f, "{:>9}{:>9}{:>9}{:>9}", "-", "-", "-", "-");
    }
    let Stat {
        p50, p95, p99, max, ..
    } = stat;
    writeln!(f, "{p50:>9.1}{p95:>9.1}{p99:>9.1}{max:>9.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(late_ms: &[u64]) -> Report {
        let mut report = Report {
            calls: 1,
            ..Report::new(1, Duration::from_secs(1))
        };
        late_ms
            .iter()
            .for_each(|&ms| report.late_ms.add(Duration::from_millis(ms)));
        report.finish();
        report
    }

    #[test]
    fn percentiles_by_nearest_rank() {
        let report = report(&(1..=200).rev().collect::<Vec<_>>());
        let stat = &report.late_ms;
        assert_eq!(
            (stat.count, stat.p50, stat.p95, stat.p99, stat.max),
            (200, 100.0, 190.0, 198.0, 200.0)
        );
    }

    #[test]
    fn limits_can_be_broken() {
        let limits = Limits {
            late_ms: Some(60.0),
            gap_ms: None,
        };
        assert!(report(&[59, 60]).failures(limits).is_empty());
        assert_eq!(report(&[59, 61]).failures(limits).len(), 1);
        assert_eq!(
            report(&[]).failures(limits),
            ["frames late (p99): nothing measured"]
        );
        let mut dropped = report(&[0]);
        dropped.fail("broken".into());
        assert_eq!(dropped.failures(Limits::default()), ["1 calls dropped"]);
        assert_eq!(
            Report::default().failures(Limits::default()),
            ["no call was answered by the bot"]
        );
    }
}
