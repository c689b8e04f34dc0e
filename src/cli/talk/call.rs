//! The loop of a call at this machine: devices, keyboard and session brought together, on the
//! microphone's clock.

use super::Args;
use super::keys::{self, Typed};
use super::screen::Screen;
use crate::line::CallSession;
use crate::line::mic::{Kiosk, Player};
use crate::line::sound::{self, Loudspeaker, Microphone, SoundError};
use crate::runtime::session::Ending;
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// Wait for keys while the microphone fills its ring: a quarter of a frame.
const POLL: Duration = Duration::from_millis(5);
/// A microphone that is silent in this way is not quiet but broken.
const STALLED: Duration = Duration::from_secs(5);
/// Frames handled before keys are looked at again, when there is something to catch up with.
const BURST: usize = 50;

/// How the call came to its end.
enum End {
    Session(Ending),
    /// The caller hung up at the keyboard, or the process was told to stop.
    Caller,
    Fault(SoundError),
}

pub(super) fn list_devices() -> anyhow::Result<ExitCode> {
    let devices = sound::list();
    let mut text = String::new();
    for device in &devices {
        let uses = match (device.microphone, device.loudspeaker) {
            (true, true) => "in/out",
            (true, false) => "in",
            (false, true) => "out",
            (false, false) => "-",
        };
        text.push_str(&format!(
            "{:>3}  {uses:<6}  {}  ({})\n",
            device.index, device.name, device.id
        ));
    }
    if devices.is_empty() {
        anyhow::bail!(
            "there is no sound device\n  hint: on Debian, install libasound2 and check `arecord -l`"
        );
    }
    crate::cli::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Holds the call; gives the session back for what is to be told about it.
pub(super) fn run<S: CallSession>(args: &Args, session: S) -> anyhow::Result<(ExitCode, S)> {
    let (lost_sender, lost) = mpsc::channel();
    let mut microphone = Microphone::open(args.input.as_deref(), &lost_sender)?;
    let mut loudspeaker = Loudspeaker::open(args.output.as_deref(), &lost_sender)?;
    tracing::info!(input = ?microphone.format(), output = ?loudspeaker.format(), "sound devices are open");
    if args.echo {
        eprintln!("Say something: it is said back. Keys beep. q hangs up.");
    }
    let screen = Screen::open()?;
    let typed = keys::listen(screen.is_terminal())?;
    let mut call = Call {
        kiosk: Kiosk::new(session, args.full_duplex),
        screen,
        typed,
        lost,
    };
    let end = call.converse(&mut microphone, &mut loudspeaker);
    let Call { kiosk, screen, .. } = call;
    drop(screen);
    report(&kiosk, &microphone, &loudspeaker);
    let code = match end {
        End::Session(Ending::HangUp(how)) => {
            eprintln!("The call is over ({how:?}).");
            ExitCode::SUCCESS
        }
        End::Session(Ending::HandOver(handover)) => {
            eprintln!("The call would go to a person now ({:?}).", handover.reason);
            ExitCode::SUCCESS
        }
        End::Caller => {
            eprintln!("You hung up.");
            ExitCode::SUCCESS
        }
        End::Fault(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    };
    Ok((code, kiosk.into_session()))
}

struct Call<S> {
    kiosk: Kiosk<S>,
    screen: Screen,
    typed: Receiver<Typed>,
    lost: Receiver<SoundError>,
}

impl<S: CallSession> Call<S> {
    fn converse(&mut self, microphone: &mut Microphone, loudspeaker: &mut Loudspeaker) -> End {
        self.kiosk.answer();
        let mut last_frame = Instant::now();
        loop {
            let mut frames = 0;
            while let Some(frame) = (frames < BURST).then(|| microphone.frame()).flatten() {
                frames += 1;
                let levels = self.kiosk.tick(&frame, loudspeaker);
                self.screen.tick(levels);
                last_frame = Instant::now();
                if let Some(ending) = self.kiosk.ended(loudspeaker) {
                    return End::Session(ending.clone());
                }
            }
            // With more to catch up with, keys are looked at without waiting for them.
            let wait = if frames < BURST { POLL } else { Duration::ZERO };
            if let Some(end) = self.between_frames(wait, last_frame) {
                self.kiosk.hang_up();
                loudspeaker.clear();
                return end;
            }
        }
    }

    fn between_frames(&mut self, wait: Duration, last_frame: Instant) -> Option<End> {
        match self.typed.recv_timeout(wait) {
            Ok(Typed::Digit(digit)) => {
                self.screen.key();
                self.kiosk.digit(digit);
            }
            Ok(Typed::HangUp) => return Some(End::Caller),
            Err(_) => {}
        }
        if let Ok(error) = self.lost.try_recv() {
            return Some(End::Fault(error));
        }
        let direction = sound::Direction::Microphone;
        let cause = || format!("no sound for {} s", STALLED.as_secs());
        (last_frame.elapsed() > STALLED).then(|| {
            End::Fault(SoundError::Lost {
                direction,
                cause: cause(),
            })
        })
    }
}

/// What went wrong with the sound, if anything: it explains gaps and misheard words.
fn report<S: CallSession>(kiosk: &Kiosk<S>, microphone: &Microphone, loudspeaker: &Loudspeaker) {
    let (dropped, overruns) = microphone.overruns();
    let (starved, underruns, lost) = (kiosk.starved(), loudspeaker.xruns(), kiosk.lost());
    if dropped + overruns + starved + underruns + lost > 0 {
        tracing::warn!(
            dropped,
            overruns,
            starved,
            underruns,
            lost,
            "sound was lost"
        );
    }
}
