//! `attendant talk` on sound devices made of two pipes: what goes into the microphone comes out of
//! the loudspeaker. The pipes set the pace (20 ms in for 20 ms out), no clock does.

use crate::support::{attendant, run};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

/// 20 ms at 16 kHz, 16-bit.
const FRAME_BYTES: usize = 640;
/// The process has died or hangs.
const GIVE_UP: Duration = Duration::from_secs(30);

/// The program's ALSA configuration: raw samples to and from two pipes.
fn sound_devices(dir: &Path) -> std::path::PathBuf {
    let device = |name: &str, about: &str, file: &str, infile: &str| {
        format!(
            "pcm.{name} {{ type file slave.pcm \"null\" file \"{file}\" infile \"{infile}\" format \"raw\" \
             hint {{ show on description \"{about}\" }} }}\n"
        )
    };
    let pipe = |name: &str| dir.join(name).display().to_string();
    let text = format!(
        "</usr/share/alsa/alsa.conf>\n{}{}",
        device("fakemic", "Pipe Microphone", "/dev/null", &pipe("mic")),
        device("fakespk", "Pipe Loudspeaker", &pipe("speaker"), "/dev/null"),
    );
    let path = dir.join("alsa.conf");
    std::fs::write(&path, text).unwrap();
    path
}

fn pipe(path: &Path) -> File {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    // For both: opening a pipe for one side waits for the other.
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap()
}

/// A running `attendant talk` with both ends of its sound in our hands.
struct Talk {
    child: Child,
    microphone: SyncSender<Vec<u8>>,
    loudspeaker: Receiver<Vec<u8>>,
    #[cfg_attr(
        not(feature = "speech"),
        expect(dead_code, reason = "the echo has no captions and keeps no call")
    )]
    captions: Receiver<String>,
    #[cfg_attr(
        not(feature = "speech"),
        expect(dead_code, reason = "the echo has no captions and keeps no call")
    )]
    dir: tempfile::TempDir,
}

impl Talk {
    fn start(args: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let conf = sound_devices(dir.path());
        let (mut mic, mut speaker) = (
            pipe(&dir.path().join("mic")),
            pipe(&dir.path().join("speaker")),
        );
        let mut child = attendant(dir.path())
            .env("ALSA_CONFIG_PATH", conf)
            .args(["--set", "business.store=store.db"])
            .args(["talk", "--input", "pipe microphone", "--output", "fakespk"])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (microphone, frames) = mpsc::sync_channel::<Vec<u8>>(4);
        thread::spawn(move || frames.iter().try_for_each(|frame| mic.write_all(&frame)));
        let (frames, loudspeaker) = mpsc::sync_channel(1);
        thread::spawn(move || {
            let mut frame = vec![0; FRAME_BYTES];
            while speaker.read_exact(&mut frame).is_ok() && frames.send(frame.clone()).is_ok() {}
        });
        let (lines, captions) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            stdout
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| lines.send(line))
        });
        Self {
            child,
            microphone,
            loudspeaker,
            captions,
            dir,
        }
    }

    /// Speaks `said` at the pace of a real device (20 ms take 20 ms: the models need their time), then is
    /// silent, until a caption holds `wanted` and a second of sound was heard after it.
    #[cfg(feature = "speech")]
    fn converse(&self, said: &[i16], wanted: &str) -> Vec<String> {
        let (mut captions, mut heard) = (Vec::<String>::new(), 0);
        let mut said = said.chunks(FRAME_BYTES / 2);
        let start = Instant::now();
        let mut due = start;
        while start.elapsed() < GIVE_UP {
            let mut frame: Vec<u8> = said
                .next()
                .unwrap_or_default()
                .iter()
                .flat_map(|s| s.to_le_bytes())
                .collect();
            frame.resize(FRAME_BYTES, 0);
            let sounded = loud(&self.exchange(frame));
            if captions.iter().any(|line| line.contains(wanted)) {
                heard += sounded;
            }
            if heard > 4000 {
                return captions;
            }
            due += Duration::from_millis(20);
            while let Ok(line) = self
                .captions
                .recv_timeout(due.saturating_duration_since(Instant::now()))
            {
                captions.push(line);
            }
        }
        panic!("{wanted:?} with its sound ({heard} samples) does not come: {captions:#?}");
    }

    fn exchange(&self, said: Vec<u8>) -> Vec<i16> {
        let heard = self
            .loudspeaker
            .recv_timeout(GIVE_UP)
            .expect("the loudspeaker plays");
        self.microphone.send(said).unwrap();
        heard
            .as_chunks()
            .0
            .iter()
            .map(|bytes| i16::from_le_bytes(*bytes))
            .collect()
    }

    /// Speaks `said`, then is silent, until as many loud samples were heard as `expected` has. How
    /// long that takes is the program's affair: while it is busy, the loudspeaker plays silence.
    fn hear(&self, said: &[i16], expected: &[i16]) -> Vec<i16> {
        let mut said = said.chunks(FRAME_BYTES / 2);
        let (start, wanted) = (Instant::now(), loud(expected));
        let (mut sound, mut so_far) = (Vec::new(), 0);
        while start.elapsed() < GIVE_UP {
            let frame = said.next().unwrap_or(&[0; FRAME_BYTES / 2]);
            let heard = self.exchange(frame.iter().flat_map(|s| s.to_le_bytes()).collect());
            if heard.iter().any(|sample| *sample != 0) {
                so_far += loud(&heard);
                sound.extend(heard);
            } else if so_far >= wanted {
                return sound;
            }
        }
        panic!("{so_far} loud samples of {wanted} were heard");
    }

    /// Keys or `q` at the keyboard.
    fn key(&mut self, keys: &str) {
        self.child
            .stdin
            .as_mut()
            .unwrap()
            .write_all(keys.as_bytes())
            .unwrap();
    }

    /// Waits for the end; both pipes keep flowing, for ALSA's threads wait on them.
    fn end(&mut self) -> (Option<i32>, String) {
        let start = Instant::now();
        while start.elapsed() < GIVE_UP {
            if let Some(status) = self.child.try_wait().unwrap() {
                let mut told = String::new();
                self.child
                    .stderr
                    .take()
                    .unwrap()
                    .read_to_string(&mut told)
                    .unwrap();
                return (status.code(), told);
            }
            let _ = self.loudspeaker.recv_timeout(Duration::from_millis(10));
            let _ = self.microphone.try_send(vec![0; FRAME_BYTES]);
        }
        let _ = self.child.kill();
        panic!("it does not end");
    }
}

fn tone(hz: f32, samples: usize) -> Vec<i16> {
    let step = std::f32::consts::TAU * hz / 16_000.0;
    (0..samples)
        .map(|n| (10_000.0 * (step * n as f32).sin()) as i16)
        .collect()
}

fn loud(sound: &[i16]) -> usize {
    sound
        .iter()
        .filter(|sample| sample.unsigned_abs() > 500)
        .count()
}

/// The pitch of what sounds, in Hz, about: each gap adds a little.
fn pitch(sound: &[i16]) -> f32 {
    let rises = sound.windows(2).filter(|w| w[0] < 0 && w[1] >= 0).count();
    let sounding = sound.iter().filter(|sample| **sample != 0).count();
    rises as f32 * 16_000.0 / sounding.max(1) as f32
}

#[test]
fn what_is_said_is_said_back_and_keys_beep() {
    let mut talk = Talk::start(&["--echo"]);
    let said = tone(440.0, 8000);
    let heard = talk.hear(&[&[0; 3200][..], &said].concat(), &said);
    assert!(
        (390.0..500.0).contains(&pitch(&heard)),
        "{} Hz",
        pitch(&heard)
    );
    assert!(loud(&heard) < 2 * loud(&said), "said back once");
    talk.key("5");
    // 100 ms of 880 Hz.
    let heard = talk.hear(&[], &tone(880.0, 1600));
    assert!(
        (750.0..1000.0).contains(&pitch(&heard)),
        "{} Hz",
        pitch(&heard)
    );
    talk.key("q");
    let (code, told) = talk.end();
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("You hung up."), "{told}");
}

/// The words of a recorded caller, 16 kHz.
#[cfg(feature = "speech")]
fn clip(name: &str) -> Vec<i16> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("audio-fixtures/speech")
        .join(name);
    let reader = attendant::audio::wav::WavReader::new(
        File::open(path).unwrap(),
        attendant::audio::wav::Channel::Mix,
    );
    reader.unwrap().flat_map(|frame| frame.0).collect()
}

#[cfg(feature = "speech")]
#[test]
fn the_bot_answers_at_the_loudspeaker_and_the_call_is_told_and_kept() {
    // Spoken into the greeting: without a headset the microphone would be muted for the next seconds.
    let mut talk = Talk::start(&["--full-duplex"]);
    let captions = talk
        .converse(&clip("hours-espeak.wav"), "bot     We're ")
        .join("\n");
    assert!(
        captions.contains("bot     Thanks for calling") && captions.contains("cuts in"),
        "{captions}"
    );
    assert!(
        captions.contains("caller  what are your opening hours"),
        "{captions}"
    );
    talk.key("q");
    let (code, told) = talk.end();
    assert_eq!(code, Some(0), "{told}");
    let after = talk.captions.iter().collect::<Vec<_>>().join("\n");
    assert!(
        after.contains("median reply gap") && after.contains("recorded in recordings/talk-"),
        "{after}"
    );
    let folder = std::fs::read_dir(talk.dir.path().join("recordings"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let replayed = attendant(talk.dir.path())
        .arg("replay")
        .arg(&folder)
        .output()
        .unwrap();
    let replayed = String::from_utf8_lossy(&replayed.stdout);
    assert!(
        replayed.contains(": same: ") && !replayed.contains("cut off"),
        "{replayed}"
    );
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_call_in_good_order() {
    let mut talk = Talk::start(&["--echo", "--full-duplex"]);
    // Once something was said back, the call is certainly running.
    let said = tone(440.0, 3200);
    talk.hear(&said, &said);
    assert!(
        Command::new("kill")
            .args(["-TERM", &talk.child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let (code, told) = talk.end();
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("You hung up."), "{told}");
}

#[test]
fn devices_are_listed_with_what_they_can_do() {
    let dir = tempfile::tempdir().unwrap();
    let conf = sound_devices(dir.path());
    let output = attendant(dir.path())
        .env("ALSA_CONFIG_PATH", conf)
        .args(["talk", "--list-devices"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("Pipe Microphone  (fakemic)") && text.contains("Pipe Loudspeaker  (fakespk)"),
        "{text}"
    );
}

#[test]
fn an_unknown_device_is_named_and_the_way_out_shown() {
    let (code, out, err) = run(&["talk", "--echo", "--input", "no such thing"]);
    assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
    assert!(
        err.contains("no such thing: no such sound device") && err.contains("--list-devices"),
        "{err}"
    );
}

#[test]
fn no_sound_at_all_is_a_clear_message() {
    let dir = tempfile::tempdir().unwrap();
    let conf = dir.path().join("empty.conf");
    std::fs::write(&conf, "\n").unwrap();
    let output = attendant(dir.path())
        .env("ALSA_CONFIG_PATH", conf)
        .args(["talk", "--echo"])
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(
        err.contains("the microphone cannot be opened")
            && err.contains("hint:")
            && !err.contains("ALSA lib"),
        "{err}"
    );
}
