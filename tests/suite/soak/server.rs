//! The built server as a process: how it is started and stopped, what it uses, and what its log says.

use crate::support::attendant;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What a log said so far, of all servers that wrote to it.
#[derive(Default)]
pub struct Told {
    pub panics: usize,
    /// Of them, those that the script of the recogniser made.
    pub injected: usize,
    /// Recognisers that were replaced.
    pub replaced: usize,
    /// Calls whose record is not whole, because the disk did not take it.
    pub unrecorded: BTreeSet<String>,
    /// Calls whose packet the disk did not take.
    pub unspooled: Vec<String>,
    /// Warnings and errors by their text.
    pub trouble: BTreeMap<String, usize>,
}

/// A log that is read while it is written.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Told>>);

impl Log {
    pub fn told<T>(&self, look: impl FnOnce(&Told) -> T) -> T {
        look(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn read(&self, from: ChildStderr, mut copy: File) {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let _ = writeln!(copy, "{line}");
            let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match serde_json::from_str::<Value>(&line) {
                Ok(line) => told.entry(&line),
                Err(_) => {
                    told.panics += usize::from(line.contains("panicked at"));
                    told.injected += usize::from(line.contains("as the script wants it"));
                }
            }
        }
    }
}

impl Told {
    fn entry(&mut self, line: &Value) {
        let level = line["level"].as_str().unwrap_or_default();
        if !["WARN", "ERROR"].contains(&level) {
            return;
        }
        let message = line["message"].as_str().unwrap_or_default();
        let call = || line["call"].as_str().unwrap_or_default().to_owned();
        if message.contains("its record does not") {
            self.unrecorded.insert(call());
        }
        if message.contains("the packet of this handover is lost") {
            self.unspooled.push(call());
        }
        self.replaced += usize::from(message.contains("is replaced"));
        *self
            .trouble
            .entry(format!("{level} {message}"))
            .or_default() += 1;
    }
}

/// The process. Killed with this.
pub struct Server {
    child: Child,
    pub base: String,
}

impl Server {
    /// `attendant` with these arguments, `serve` among them, until it listens.
    pub fn start(
        folder: &Path,
        arguments: &[String],
        variables: &[(&str, String)],
        log: &Log,
    ) -> Self {
        let program = std::env::var_os("SOAK_BINARY");
        let ours = attendant(folder);
        let program = program.unwrap_or_else(|| ours.get_program().to_owned());
        // A file that may not grow is an error for who ignores SIGXFSZ, as a full disk is.
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
            .arg(program)
            .args(arguments);
        for (name, _) in ours.get_envs() {
            command.env_remove(name);
        }
        let mut child = command
            .current_dir(folder)
            // Of a panic only its message: the symbols would be counted as memory.
            .env_remove("RUST_BACKTRACE")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let errors = child.stderr.take().unwrap();
        let file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join("server.log"));
        let (log, file) = (log.clone(), file.unwrap());
        std::thread::spawn(move || log.read(errors, file));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let base = lines.find_map(|line| {
            let line = line.ok()?;
            Some(line.strip_prefix("listening on")?.trim().to_owned())
        });
        std::thread::spawn(move || lines.for_each(drop));
        let Some(base) = base else {
            let _ = child.kill();
            let log = fs::read_to_string(folder.join("server.log")).unwrap_or_default();
            panic!("the server did not start:\n{log}");
        };
        Self { child, base }
    }

    fn proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap_or_default()
    }

    fn status(&self, field: &str) -> u64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.unwrap_or_else(|| panic!("the server is gone: see server.log"))
    }

    /// Resident memory, in kB.
    pub fn rss_kb(&self) -> u64 {
        self.status("VmRSS:")
    }

    pub fn threads(&self) -> u64 {
        self.status("Threads:")
    }

    /// Open files and sockets.
    pub fn descriptors(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.child.id());
        fs::read_dir(folder).map_or(0, Iterator::count)
    }

    /// From now on no file of the server may grow, or all may. False: the system cannot do that.
    pub fn fill_disk(&self, full: bool) -> bool {
        let limit = if full {
            "--fsize=0:"
        } else {
            "--fsize=unlimited:"
        };
        let pid = self.child.id().to_string();
        let done = Command::new("prlimit")
            .args(["--pid", &pid, limit])
            .status();
        done.is_ok_and(|status| status.success())
    }

    /// Asks it to close, and waits. `None`: it had to be killed.
    pub fn terminate(mut self, patience: Duration) -> Option<ExitStatus> {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(
            asked.is_ok_and(|status| status.success()),
            "no signal can be sent"
        );
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
