//! What the person at the keyboard does: telephone keys, hanging up, stopping the process.
//!
//! A terminal is read key by key; a pipe character by character, so that a script can key digits.

use crate::audio::Digit;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::io::Read;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

/// Keys that wait; more than a person types while the loop is busy.
const WAITING: usize = 64;

/// What was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    Digit(Digit),
    HangUp,
}

/// Listens to keyboard or standard input, and to the signals that stop a process. The threads end
/// with the process: nothing can wake a blocked read.
pub(super) fn listen(terminal: bool) -> anyhow::Result<Receiver<Typed>> {
    let (sender, receiver) = mpsc::sync_channel(WAITING);
    let keys = sender.clone();
    if terminal {
        thread::Builder::new()
            .name("keyboard".into())
            .spawn(move || read_terminal(&keys))?;
    } else {
        thread::Builder::new()
            .name("keyboard".into())
            .spawn(move || read_pipe(&keys))?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // Made here, not in the thread: when this returns, a signal no longer kills the process.
    let signals = runtime.block_on(async { Signals::new() })?;
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || runtime.block_on(wait_for_signals(signals, sender)))?;
    Ok(receiver)
}

fn read_terminal(keys: &SyncSender<Typed>) {
    while let Ok(event) = crossterm::event::read() {
        if let Event::Key(key) = event
            && let Some(typed) = meaning(key)
            && keys.send(typed).is_err()
        {
            return;
        }
    }
}

fn meaning(key: KeyEvent) -> Option<Typed> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    match key.code {
        KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => {
            Some(Typed::HangUp)
        }
        KeyCode::Char(c) => of_char(c),
        _ => None,
    }
}

/// The keys that a telephone at a caller's home has: `A` to `D` are letters here.
fn of_char(c: char) -> Option<Typed> {
    match c {
        'q' | 'Q' => Some(Typed::HangUp),
        '0'..='9' | '*' | '#' => Digit::new(c).map(Typed::Digit),
        _ => None,
    }
}

/// The end of the input is not the end of the call: `attendant talk < /dev/null` goes on.
fn read_pipe(keys: &SyncSender<Typed>) {
    for byte in std::io::stdin().lock().bytes() {
        let Ok(byte) = byte else { return };
        if of_char(char::from(byte)).is_some_and(|typed| keys.send(typed).is_err()) {
            return;
        }
    }
}

/// The signals that stop a process.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        // Without a handler the system's own behaviour, ending the process, is right.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The first signal ends the call in good order, the second one the process at once.
async fn wait_for_signals(mut signals: Signals, keys: SyncSender<Typed>) {
    signals.next().await;
    if keys.try_send(Typed::HangUp).is_ok() {
        signals.next().await;
    }
    super::screen::restore();
    std::process::exit(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telephone_keys_are_digits_and_everything_else_is_not() {
        let digit = |c| Some(Typed::Digit(Digit::new(c).unwrap()));
        assert_eq!(of_char('7'), digit('7'));
        assert_eq!(of_char('#'), digit('#'));
        assert_eq!(
            (of_char('a'), of_char('\n'), of_char('q')),
            (None, None, Some(Typed::HangUp))
        );
    }

    #[test]
    fn control_c_hangs_up_when_the_terminal_is_raw() {
        let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(meaning(key), Some(Typed::HangUp));
        assert_eq!(
            meaning(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::NONE)),
            None
        );
    }
}
