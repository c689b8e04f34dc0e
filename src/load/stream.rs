//! One media stream from the caller's side: sends the caller's sound every 20 ms, plays what comes,
//! returns marks, and obeys orders that come beside it. What that looks like on the wire is the
//! [`Side`]'s affair; what the caller says is the [`Actor`]'s.

use super::actor::Actor;
use super::dialect::{At, CarrierCall, Heard, Hung, News, Next, Open, Ordered, Sent, Side, Wire};
use super::playout::Playout;
use super::report::Report;
use super::tape::Tape;
use super::wire::{Came, Line};
use super::{LoadError, Plan};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

/// Length of a media message.
pub const TICK: Duration = Duration::from_millis(20);
/// Time for goodbyes.
const LINGER: Duration = Duration::from_secs(2);

/// An open stream.
pub struct Stream<'a> {
    line: Line,
    side: Box<dyn Side>,
    start: Instant,
    playout: Playout,
    /// No sound has come yet; none has been heard yet.
    unheard: (bool, bool),
    /// A person's telephone rings meanwhile, until then.
    ringing: Option<Instant>,
    tape: Option<&'a mut Tape>,
    /// Kept between ticks for their memory.
    wire: Vec<Sent>,
    heard: Vec<Heard>,
}

/// How a stream ended, and what comes next where that is known already.
pub struct Ended {
    pub hung: Hung,
    pub next: Option<Next>,
    /// The server has sent no sound.
    pub silent: bool,
}

impl<'a> Stream<'a> {
    /// Opens the socket and introduces the caller.
    ///
    /// # Errors
    /// When the socket cannot be opened.
    pub async fn open(open: &Open, mut side: Box<dyn Side>) -> Result<Self, LoadError> {
        let mut line = Line::open(open).await?;
        let playout = Playout::new(side.guesses_ends());
        let mut wire = Vec::new();
        side.hello(&mut wire);
        line.send(&mut wire).await?;
        Ok(Self {
            line,
            side,
            start: Instant::now(),
            playout,
            unheard: (true, true),
            ringing: None,
            tape: None,
            wire,
            heard: Vec::new(),
        })
    }

    /// Runs the stream until the caller hangs up (at the latest at `until`), the server closes it, or an
    /// order takes the call away.
    ///
    /// # Errors
    /// When the socket breaks.
    pub async fn run(
        mut self,
        plan: &Plan,
        until: Instant,
        call: &mut dyn CarrierCall,
        actor: &mut Actor,
        report: &mut Report,
        mut tape: Option<&'a mut Tape>,
    ) -> Result<Ended, LoadError> {
        if let Some(tape) = &mut tape {
            tape.stream_begins();
        }
        self.tape = tape;
        let mut clock = interval_at(self.start + TICK, TICK);
        clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
        actor.stream_begins();
        let (hung, next) = loop {
            let hung = tokio::select! {
                biased;
                due = clock.tick() => {
                    if due >= until || self.tick(due, actor, report).await? {
                        Some(Hung::ByCaller)
                    } else if self.ringing.is_some_and(|until| until <= due) {
                        self.ringing = None;
                        match call.next(News::Dialed(plan.dial_status)).await? {
                            Next::Stay => None,
                            next => {
                                self.leave(report).await?;
                                break (Hung::ByOrder, Some(next));
                            }
                        }
                    } else {
                        None
                    }
                }
                ordered = call.ordered(), if self.ringing.is_none() => match ordered? {
                    Ordered::Leave => Some(Hung::ByOrder),
                    Ordered::Dial(dial) => {
                        report.transfer(dial, plan.dial_status);
                        self.ringing = Some(Instant::now() + plan.ring);
                        None
                    }
                },
                came = self.line.next() => self.received(came?, report).await?,
            };
            if let Some(hung) = hung {
                if hung != Hung::ByServer {
                    self.leave(report).await?;
                }
                break (hung, None);
            }
        };
        actor.stream_ended(report);
        self.line.close().await;
        Ok(Ended {
            hung,
            next,
            silent: self.unheard.0,
        })
    }

    fn at(&self, now: Duration) -> At {
        At {
            now,
            buffered: self.playout.buffered(now),
        }
    }

    /// 20 ms of the caller. True: they hang up.
    async fn tick(
        &mut self,
        due: Instant,
        actor: &mut Actor,
        report: &mut Report,
    ) -> Result<bool, LoadError> {
        let now = due - self.start;
        report.own_late_ms.add(due.elapsed());
        let at = self.at(now);
        while let Some(name) = self.playout.played(now) {
            report.marks += 1;
            self.side.played(at, &name, false, &mut self.wire);
        }
        if self.unheard.1
            && let Some(first) = self.playout.first_after(Duration::ZERO, now)
        {
            self.unheard.1 = false;
            report.first_audio_ms.add(first);
        }
        let act = actor.tick(now, &self.playout, report);
        if let Some(key) = act.key {
            self.side.key(at, key, &mut self.wire);
        }
        if let Some(tape) = &mut self.tape {
            tape.said(&act.sound);
        }
        self.side.sound(at, &act.sound, &mut self.wire);
        report.frames_sent += 1;
        let hangs_up = act.hangs_up;
        self.line.send(&mut self.wire).await?;
        Ok(hangs_up)
    }

    /// Who has ended the stream, if anybody.
    async fn received(
        &mut self,
        came: Came,
        report: &mut Report,
    ) -> Result<Option<Hung>, LoadError> {
        let message = match came {
            Came::Nothing => return Ok(None),
            Came::Ping => {
                if let Err(why) = self.side.pinged() {
                    report.refuse(why);
                }
                return Ok(None);
            }
            Came::Closed(code) if code.is_none_or(|code| self.side.accepts_close(code)) => {
                return Ok(Some(Hung::ByServer));
            }
            Came::Closed(code) => {
                let code = code.unwrap_or_default();
                return Err(LoadError::Broken(format!("closed with {code}")));
            }
            Came::Message(message) => message,
        };
        let now = self.start.elapsed();
        let received = match &message {
            Wire::Text(text) => Wire::Text(text.as_str()),
            Wire::Binary(bytes) => Wire::Binary(bytes.as_slice()),
        };
        let mut heard = std::mem::take(&mut self.heard);
        if let Err(why) = self.side.receive(self.at(now), received, &mut heard) {
            report.refuse(why);
        }
        let mut ended = None;
        for what in heard.drain(..) {
            match what {
                Heard::Sound(sound) => self.hear(now, &sound, report),
                Heard::Sentence(sound) => {
                    self.hear(now, &sound, report);
                    self.playout.ends();
                }
                Heard::Mark(name) => self.playout.mark(now, name),
                Heard::Clear => {
                    report.clears += 1;
                    if let Some(tape) = &mut self.tape {
                        tape.cleared(now);
                    }
                    let at = self.at(now);
                    for mark in self.playout.clear(now) {
                        report.marks += 1;
                        self.side.played(at, &mark, true, &mut self.wire);
                    }
                }
                Heard::Answer(sent) => self.wire.push(sent),
                Heard::Ended => ended = Some(Hung::ByServer),
                Heard::Broken(why) => return Err(LoadError::Broken(why)),
            }
        }
        self.heard = heard;
        self.line.send(&mut self.wire).await?;
        Ok(ended)
    }

    fn hear(&mut self, now: Duration, sound: &[u8], report: &mut Report) {
        report.frames_received += 1;
        if std::mem::take(&mut self.unheard.0) {
            report.first_frame_ms.add(now);
        }
        if let Some(hesitation) = self.playout.hesitation(now) {
            report.uneven_ms.add(hesitation);
        }
        if let Some(tape) = &mut self.tape {
            tape.plays(now + self.playout.buffered(now), sound);
        }
        report.late_ms.add(self.playout.media(now, sound));
    }

    /// The caller is gone, or the call leaves the stream.
    async fn leave(&mut self, report: &mut Report) -> Result<(), LoadError> {
        let at = self.at(self.start.elapsed());
        self.side.stop(at, &mut self.wire);
        self.line.send(&mut self.wire).await?;
        if self.side.lingers() {
            let goodbye = async {
                loop {
                    let came = self.line.next().await?;
                    if self.received(came, report).await?.is_some() {
                        return Ok(());
                    }
                }
            };
            return timeout(LINGER, goodbye).await.unwrap_or(Ok(()));
        }
        Ok(())
    }
}
