//! `attendant load --table`: what the server needs for so many calls. Starts a server of its own for each
//! row, with its files in a folder that is thrown away, and reads from the system what it used.

use super::{Args, open, seconds, turns};
use crate::config::Config;
use crate::load::report::Report;
use crate::load::{Plan, run};
use anyhow::{Context as _, bail};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, io::BufRead as _};

/// What the scripted recogniser hears: questions with an answer of some length each.
const HEARD: &str =
    "what are your opening hours\nhow long does delivery take\nhow can i return something\n";
/// Clock ticks of `/proc` in a second; Linux has no other value for programs.
const TICKS_PER_S: f64 = 100.0;
/// A first call makes what the server keeps for all others.
const WARM_UP: Duration = Duration::from_secs(4);

/// What a row was measured to be.
#[derive(serde::Serialize)]
pub struct Row {
    pub callers: usize,
    /// Processor time of the server for each second, all cores together: 1 is one core.
    pub cores: f64,
    /// The same for each caller, in thousandths of a core.
    pub millicores_per_call: f64,
    /// Resident memory of the server before the calls and its highest with them, in MB.
    pub idle_mb: f64,
    pub rss_mb: f64,
    /// What a caller adds, in kB.
    pub kb_per_call: f64,
    pub report: Report,
}

/// Measures a row for each number of callers.
pub async fn measure(args: &Args, counts: &[usize], config: &Config) -> anyhow::Result<Vec<Row>> {
    if !cfg!(target_os = "linux") {
        bail!("--table reads /proc, which only Linux has\nhint: run it there");
    }
    let mut rows = Vec::new();
    for &callers in counts {
        if callers == 0 {
            bail!(
                "--table: 0 callers need nothing\nhint: give numbers from 1 up, like --table=1,50,200"
            );
        }
        rows.push(row(args, callers, config).await?);
        if !args.json {
            print_row(rows.last().expect("just pushed"), rows.len() == 1);
        }
    }
    Ok(rows)
}

async fn row(args: &Args, callers: usize, config: &Config) -> anyhow::Result<Row> {
    let server = Server::start(args, callers, config)?;
    let dialect = open(&args.line, &server.base, args.rest, config).await?;
    let plan = Plan {
        dialect,
        callers,
        duration: seconds("--seconds", args.seconds)?,
        every: seconds("--every", args.every)?,
        turns: turns(args, config)?,
        barge_in_after: args.barge_in_after.map(Duration::from_millis),
        hang_up_after: None,
        dial_status: args.dial_status.into(),
        ring: Duration::ZERO,
    };
    run(Plan {
        callers: 1,
        duration: WARM_UP,
        ..plan.clone()
    })
    .await;
    let idle_mb = server.rss_mb()?;
    let before = server.cpu_s()?;
    let running = tokio::spawn(run(plan.clone()));
    let mut rss_mb = idle_mb;
    while !running.is_finished() {
        tokio::time::sleep(Duration::from_millis(500)).await;
        rss_mb = rss_mb.max(server.rss_mb()?);
    }
    let cores = (server.cpu_s()? - before) / plan.duration.as_secs_f64();
    Ok(Row {
        callers,
        cores,
        millicores_per_call: cores * 1000.0 / callers as f64,
        idle_mb,
        rss_mb,
        kb_per_call: (rss_mb - idle_mb) * 1024.0 / callers as f64,
        report: running.await?,
    })
}

fn print_row(row: &Row, head: bool) {
    if head {
        println!(
            "{:>7}{:>9}{:>9}{:>8}{:>8}{:>10}{:>10}{:>10}{:>11}{:>9}{:>12}{:>9}{:>11}{:>10}",
            "callers",
            "answered",
            "dropped",
            "away",
            "turns",
            "gap p50",
            "gap p95",
            "first p95",
            "late p99",
            "cores",
            "mcore/call",
            "RSS MB",
            "kB/call",
            "own p99"
        );
    }
    let report = &row.report;
    println!(
        "{:>7}{:>9}{:>9}{:>8}{:>8}{:>10.0}{:>10.0}{:>10.0}{:>11.1}{:>9.2}{:>12.1}{:>9.0}{:>11.0}{:>10.1}",
        row.callers,
        report.calls,
        report.dropped,
        report.turned_away,
        report.turns,
        report.reply_gap_ms.p50,
        report.reply_gap_ms.p95,
        report.first_audio_ms.p95,
        report.late_ms.p99,
        row.cores,
        row.millicores_per_call,
        row.rss_mb,
        row.kb_per_call,
        report.own_late_ms.p99,
    );
}

/// A server of our own; ends with this.
struct Server {
    child: Child,
    base: String,
    _folder: Folder,
}

impl Server {
    fn start(args: &Args, callers: usize, config: &Config) -> anyhow::Result<Self> {
        let folder = Folder::new()?;
        let mut command = Command::new(std::env::current_exe()?);
        let mut set = |key: &str, value: &str| {
            command.arg("--set").arg(format!("{key}={value}"));
        };
        set("server.max_calls", &(callers + 8).to_string());
        set("kiosk.max_calls", &(callers + 8).to_string());
        if let Some(listen) = config.audiosocket.listen {
            set("audiosocket.listen", &listen.to_string());
        }
        set("recordings.dir", &folder.path("recordings"));
        set("recordings.audio", &config.recordings.audio.to_string());
        set("business.store", &folder.path("store.db"));
        set("recognizer.workers", &config.recognizer.workers.to_string());
        if let Some(model) = &config.recognizer.model {
            set("recognizer.model", &model.to_string_lossy());
        }
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--human-line",
            "+15555550111",
        ]);
        if args.scripted {
            let script = folder.path("heard.txt");
            fs::write(&script, HEARD)?;
            command.args(["--scripted", &script]);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("no server of its own could be started")?;
        let output = child.stdout.take().context("the server's output")?;
        let mut lines = std::io::BufReader::new(output).lines();
        let base = lines.find_map(|line| {
            let line = line.ok()?;
            Some(line.strip_prefix("listening on")?.trim().to_owned())
        });
        // The rest of what it prints must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let Some(base) = base else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("the server did not start\nhint: try `attendant serve` with the same settings");
        };
        Ok(Self {
            child,
            base,
            _folder: folder,
        })
    }

    /// Processor time so far, in s.
    fn cpu_s(&self) -> anyhow::Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold anything.
        let (_, after) = stat.rsplit_once(')').context("/proc is odd")?;
        let field = |place: usize| {
            after
                .split_whitespace()
                .nth(place)
                .and_then(|n| n.parse::<f64>().ok())
        };
        // utime and stime, fields 14 and 15 of all.
        let (user, system) = field(11).zip(field(12)).context("/proc is odd")?;
        Ok((user + system) / TICKS_PER_S)
    }

    fn rss_mb(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kb = line.and_then(|line| {
            line.trim()
                .trim_end_matches("kB")
                .trim()
                .parse::<f64>()
                .ok()
        });
        Ok(kb.context("the server is gone")? / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder that is removed with this.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes)?;
        let name = format!("attendant-load-{:016x}", u64::from_ne_bytes(bytes));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    fn path(&self, name: &str) -> String {
        Path::new(&self.0).join(name).to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
