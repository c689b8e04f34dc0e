//! `attendant talk` on sound devices made of two pipes: what goes into the microphone comes out of
//! the loudspeaker. The pipes set the pace (20 ms in for 20 ms out), no clock does.

use crate::support::{attendant, run};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

/// 20 ms at 16 kHz, 16-bit.
const FRAME_BYTES: usize = 640;
/// One minute: whatever has not happened by then does not.
const MAX_FRAMES: usize = 3000;
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
    _dir: tempfile::TempDir,
}

impl Talk {
    fn start(args: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let conf = sound_devices(dir.path());
        let (mut mic, mut speaker) = (
            pipe(&dir.path().join("mic")),
            pipe(&dir.path().join("speaker")),
        );
        let child = attendant(dir.path())
            .env("ALSA_CONFIG_PATH", conf)
            .args([
                "talk",
                "--echo",
                "--input",
                "pipe microphone",
                "--output",
                "fakespk",
            ])
            .args(args)
            .stdin(Stdio::piped())
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
        Self {
            child,
            microphone,
            loudspeaker,
            _dir: dir,
        }
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

    /// Speaks `said`, then is silent until a stretch of sound has been heard to its end.
    fn hear(&self, said: &[i16]) -> Vec<i16> {
        let mut said = said.chunks(FRAME_BYTES / 2);
        let mut sound = Vec::new();
        let mut silent = 0;
        for _ in 0..MAX_FRAMES {
            let frame = said.next().unwrap_or(&[0; FRAME_BYTES / 2]);
            let heard = self.exchange(
                frame
                    .iter()
                    .flat_map(|sample| sample.to_le_bytes())
                    .collect(),
            );
            silent = if heard.iter().any(|sample| *sample != 0) {
                0
            } else {
                silent + 1
            };
            sound.extend(heard);
            if silent > 200 && sound.iter().any(|sample| *sample != 0) {
                return sound;
            }
        }
        panic!("nothing was heard");
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
    fn end(mut self) -> (Option<i32>, String) {
        for _ in 0..MAX_FRAMES {
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

/// Loud samples, and the pitch of the loud part in Hz.
fn loudness_and_pitch(sound: &[i16]) -> (usize, f32) {
    let loud = sound
        .iter()
        .filter(|sample| sample.unsigned_abs() > 500)
        .count();
    // Gaps between frames do not count: only rising zero crossings inside loud stretches.
    let rises = sound.windows(2).filter(|w| w[0] < 0 && w[1] >= 0).count();
    let sounding = sound.iter().filter(|sample| **sample != 0).count();
    (loud, rises as f32 * 16_000.0 / sounding.max(1) as f32)
}

#[test]
fn what_is_said_is_said_back_and_keys_beep() {
    let mut talk = Talk::start(&[]);
    let mut said = vec![0; 3200];
    said.extend(tone(440.0, 8000));
    let (loud, pitch) = loudness_and_pitch(&talk.hear(&said));
    assert!((7200..8000).contains(&loud), "{loud} loud samples of 8000");
    assert!((420.0..470.0).contains(&pitch), "{pitch} Hz");
    talk.key("5");
    let (loud, pitch) = loudness_and_pitch(&talk.hear(&[]));
    assert!((1400..1600).contains(&loud), "{loud} loud samples of 1600");
    assert!((840.0..940.0).contains(&pitch), "{pitch} Hz");
    talk.key("q");
    let (code, told) = talk.end();
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("You hung up.") && told.contains("microphone"),
        "{told}"
    );
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_call_in_good_order() {
    let talk = Talk::start(&["--full-duplex"]);
    // Once something was said back, the call is certainly running.
    talk.hear(&tone(440.0, 3200));
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
