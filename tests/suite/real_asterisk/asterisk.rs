//! A real Asterisk in a folder of its own, and what its callers heard.

use std::collections::BTreeMap;
use std::f32::consts::TAU;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// What a secret is in these tests.
pub const SECRET: &str = "s3cret-of-the-test";
/// The ways in, see `tests/asterisk/extensions.conf`.
pub const ENTRIES: [&str; 5] = [
    "audiosocket",
    "wideaudiosocket",
    "websocket",
    "wordswebsocket",
    "widewebsocket",
];
/// A caller's sample is speech from −36 dB below full scale on.
pub const SPEECH: u16 = 500;

/// The program, in a folder of its own.
pub struct Asterisk {
    program: String,
    dir: PathBuf,
    child: Child,
}

impl Asterisk {
    /// `values`: what `@NAME@` means in the files of `tests/asterisk`.
    pub fn start(dir: &Path, mut values: BTreeMap<&str, String>) -> Self {
        let program = std::env::var("ASTERISK").expect("ASTERISK is the path of the program");
        let modules =
            std::env::var("ASTERISK_MODULES").unwrap_or("/usr/lib/asterisk/modules".into());
        values.insert("MODULES", modules);
        values.insert("DIR", dir.display().to_string());
        let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/asterisk");
        for entry in std::fs::read_dir(files).expect("the configuration") {
            let path = entry.expect("readable").path();
            if path
                .extension()
                .is_some_and(|extension| extension == "conf")
            {
                let mut text = std::fs::read_to_string(&path).expect("readable");
                for (name, value) in &values {
                    text = text.replace(&format!("@{name}@"), value);
                }
                std::fs::write(dir.join(path.file_name().expect("a file")), text).expect("room");
            }
        }
        for folder in ["lib", "spool/monitor", "run", "log"] {
            std::fs::create_dir_all(dir.join(folder)).expect("room");
        }
        let child = Command::new(&program)
            .args(["-f", "-q", "-C"])
            .arg(dir.join("asterisk.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let dir = dir.to_owned();
        Self {
            program,
            dir,
            child,
        }
    }

    pub fn tell(&self, command: &str) -> String {
        let told = Command::new(&self.program)
            .arg("-C")
            .arg(self.dir.join("asterisk.conf"))
            .args(["-rx", command])
            .output()
            .expect("the program runs");
        String::from_utf8_lossy(&told.stdout).into_owned()
    }

    pub async fn ready(&self) {
        for _ in 0..100 {
            if self.tell("core waitfullybooted").contains("fully booted") {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("Asterisk does not start: {}", self.log());
    }

    /// All calls of these callers, until the last has ended: after `longest` at the latest.
    pub async fn play(&self, callers: &[&str], longest: Duration) {
        for entry in ENTRIES {
            for caller in callers {
                self.tell(&format!(
                    "channel originate Local/{entry}@bot/n extension {caller}@callers-{entry}"
                ));
            }
        }
        let begun = Instant::now();
        loop {
            sleep(Duration::from_millis(500)).await;
            let count = self.tell("core show channels count");
            if count.starts_with("0 active channels") {
                return;
            }
            assert!(begun.elapsed() < longest, "{count}{}", self.log());
        }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.join("log/full")).unwrap_or_default()
    }

    pub fn recording(&self, entry: &str, caller: &str) -> Recording {
        let open = |part: &str| {
            let name = format!("callers-{entry}-{caller}{part}.wav");
            let mut wav = hound::WavReader::open(self.dir.join(&name))
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(wav.spec().sample_rate, 8_000);
            wav.samples::<i16>().map(|s| s.expect("a sample")).collect()
        };
        Recording {
            heard: open(""),
            said: open("-said"),
        }
    }
}

impl Drop for Asterisk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A call as the caller heard and spoke it, 8 kHz.
pub struct Recording {
    pub heard: Vec<i16>,
    said: Vec<i16>,
}

impl Recording {
    /// Where a tone was heard: from and to in ms, and for how long in all.
    pub fn tone(&self, hz: f32) -> (usize, usize, usize) {
        let is_tone = |block: &[i16]| {
            let (mut re, mut im, mut all) = (0.0_f32, 0.0_f32, 0.0_f32);
            for (n, &sample) in block.iter().enumerate() {
                let phase = n as f32 * hz * TAU / 8_000.0;
                let sample = f32::from(sample);
                re += sample * phase.cos();
                im += sample * phase.sin();
                all += sample * sample;
            }
            all > 1e6 && (re * re + im * im) * 2.0 / block.len() as f32 > 0.6 * all
        };
        let blocks = self.heard.chunks_exact(80).map(is_tone);
        let found: Vec<usize> = blocks
            .enumerate()
            .filter(|(_, t)| *t)
            .map(|(n, _)| n * 10)
            .collect();
        match (found.first(), found.last()) {
            (Some(from), Some(to)) => (*from, to + 10, found.len() * 10),
            _ => (0, 0, 0),
        }
    }

    /// When the caller began to speak, in ms. Keys are no speech here: they are not in the recording.
    pub fn speaks_at(&self, after_ms: usize) -> Option<usize> {
        let blocks = self.said.chunks_exact(80).enumerate();
        let loud = |block: &[i16]| block.iter().any(|s| s.unsigned_abs() > SPEECH);
        blocks
            .skip(after_ms / 10)
            .find(|(_, block)| loud(block))
            .map(|(n, _)| n * 10)
    }
}
