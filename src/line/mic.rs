//! A call over microphone and loudspeaker: what happens in each 20 ms of the microphone's clock.
//!
//! Decides when the microphone is muted (half-duplex, so that the bot does not hear itself), how far
//! ahead sound is handed to the loudspeaker, and when a mark counts as heard. Devices are left to
//! [`super::sound`], the terminal to the command line; neither is needed to test this.

use super::CallSession;
use crate::audio::{Digit, Frame, TICK_MS};
use crate::call::Mark;
use crate::runtime::session::{Ending, Out};
use std::collections::VecDeque;

/// After the last sound of the bot the room still rings: the microphone stays muted this long.
pub const TAIL_MS: u32 = 150;

/// Longest sound that waits for the loudspeaker, in frames (60 s). A session that sends more than
/// that ahead loses the newest.
const MAX_QUEUE: usize = 3000;

/// A loudspeaker, as this loop sees it.
pub trait Player {
    /// Frames that it takes now.
    fn room(&self) -> usize;
    /// Takes a frame; only called while there is room.
    fn play(&mut self, frame: &Frame);
    /// Drops everything that was taken and has not sounded.
    fn clear(&mut self);
    /// Frames taken and not yet sounded (or dropped).
    fn pending(&self) -> usize;
    /// Time from leaving [`pending`](Self::pending) to the air, in ms.
    fn latency_ms(&self) -> u32;
    /// Frames that must be ready before the first one is played, so that there are no gaps.
    fn cushion(&self) -> usize;
}

/// What a terminal shows of a tick. Levels in dB relative to full scale, -127 for digital silence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// At the microphone, also while it is muted.
    pub heard_db: f32,
    /// At the loudspeaker.
    pub played_db: f32,
    pub muted: bool,
}

/// A call over microphone and loudspeaker.
pub struct Kiosk {
    session: Box<dyn CallSession>,
    full_duplex: bool,
    /// What the session wants played and the player has no room for.
    queue: VecDeque<Frame>,
    /// Frames ever queued, less those cleared: the position at which a mark stands.
    queued: u64,
    marks: VecDeque<(u64, Mark)>,
    /// Marks whose sound has left the player, with the tick in which it reaches the ear.
    leaving: VecDeque<(u64, Mark)>,
    ticks: u64,
    /// Ticks for which the microphone stays muted.
    mute: u64,
    out: Vec<Out>,
    ending: Option<Ending>,
    lost: u64,
    starved: u64,
    played_db: f32,
}

impl Kiosk {
    /// `full_duplex`: the microphone is never muted (headset, or a room with echo cancellation).
    pub fn new(session: Box<dyn CallSession>, full_duplex: bool) -> Self {
        Self {
            session,
            full_duplex,
            queue: VecDeque::new(),
            queued: 0,
            marks: VecDeque::new(),
            leaving: VecDeque::new(),
            ticks: 0,
            mute: 0,
            out: Vec::new(),
            ending: None,
            lost: 0,
            starved: 0,
            played_db: SILENCE_DB,
        }
    }

    pub fn answer(&mut self) {
        self.session.answered(None);
    }

    pub fn digit(&mut self, digit: Digit) {
        if self.ending.is_none() {
            self.session.digit(digit);
        }
    }

    /// The caller leaves.
    pub fn hang_up(&mut self) {
        self.session.hung_up();
    }

    /// How the call ended, once it has and everything said was heard.
    pub fn ended(&self, player: &dyn Player) -> Option<&Ending> {
        let silent = self.queue.is_empty() && player.pending() == 0 && self.leaving.is_empty();
        self.ending.as_ref().filter(|_| silent)
    }

    /// Frames that were lost because the session sent more than a minute ahead.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// How often the loudspeaker had nothing to play in the middle of a prompt.
    pub fn starved(&self) -> u64 {
        self.starved
    }

    /// 20 ms came in from the microphone.
    pub fn tick(&mut self, heard: &Frame, player: &mut dyn Player) -> Levels {
        self.ticks += 1;
        self.report_marks(player);
        let muted = self.muted(player);
        if self.ending.is_none() {
            let mut out = std::mem::take(&mut self.out);
            self.session
                .tick(Some(if muted { &Frame::SILENCE } else { heard }), &mut out);
            self.obey(&mut out, player);
            self.out = out;
        }
        self.pump(player);
        Levels {
            heard_db: level_db(heard),
            played_db: self.played_db,
            muted,
        }
    }

    fn muted(&mut self, player: &dyn Player) -> bool {
        if self.sounding(player) {
            self.mute = u64::from((TAIL_MS + player.latency_ms()).div_ceil(TICK_MS));
            return !self.full_duplex;
        }
        let muted = self.mute > 0;
        self.mute = self.mute.saturating_sub(1);
        muted && !self.full_duplex
    }

    fn sounding(&self, player: &dyn Player) -> bool {
        !self.queue.is_empty() || player.pending() > 0
    }

    fn obey(&mut self, out: &mut Vec<Out>, player: &mut dyn Player) {
        let idle = !self.sounding(player);
        let speaking = self.played_db > SILENCE_DB;
        let mut fresh = 0;
        for item in out.drain(..) {
            match item {
                Out::Clear => {
                    self.clear(player);
                    fresh = 0;
                }
                Out::Media(frame) if self.queue.len() < MAX_QUEUE => {
                    self.queue.push_back(frame);
                    self.queued += 1;
                    fresh += 1;
                }
                Out::Media(_) => self.lost += 1,
                Out::Mark(mark) => self.marks.push_back((self.queued, mark)),
                Out::End(ending) => self.ending = Some(ending),
            }
        }
        if idle && fresh > 0 {
            self.starved += u64::from(speaking);
            for _ in fresh..player.cushion() {
                self.queue.push_front(Frame::SILENCE);
                self.queued += 1;
                // A mark stands behind sound that was queued after it was given its position.
                self.marks
                    .iter_mut()
                    .for_each(|(position, _)| *position += 1);
            }
        }
    }

    fn clear(&mut self, player: &mut dyn Player) {
        self.queued -= self.queue.len() as u64;
        self.queue.clear();
        player.clear();
        for (_, mark) in self.leaving.drain(..).chain(self.marks.drain(..)) {
            self.session.played(mark);
        }
    }

    fn pump(&mut self, player: &mut dyn Player) {
        self.played_db = SILENCE_DB;
        while player.room() > 0 {
            let Some(frame) = self.queue.pop_front() else {
                break;
            };
            self.played_db = self.played_db.max(level_db(&frame));
            player.play(&frame);
        }
    }

    fn report_marks(&mut self, player: &dyn Player) {
        let sounded = self.queued - (self.queue.len() + player.pending()) as u64;
        while let Some((_, mark)) = self
            .marks
            .pop_front_if(|(position, _)| *position <= sounded)
        {
            let due = self.ticks + u64::from(player.latency_ms().div_ceil(TICK_MS));
            self.leaving.push_back((due, mark));
        }
        let now = self.ticks;
        while let Some((_, mark)) = self.leaving.pop_front_if(|(due, _)| *due <= now) {
            self.session.played(mark);
        }
    }
}

/// Level of digital silence, in dB relative to full scale.
pub const SILENCE_DB: f32 = -127.0;

/// Root mean square of a frame, in dB relative to a full-scale square wave.
pub fn level_db(frame: &Frame) -> f32 {
    let energy: f64 = frame
        .0
        .iter()
        .map(|sample| f64::from(*sample).powi(2))
        .sum();
    let mean = energy / frame.0.len() as f64;
    if mean == 0.0 {
        SILENCE_DB
    } else {
        (10.0 * (mean / f64::from(i16::MAX).powi(2)).log10()) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::Disposition;
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};

    const LOUD: Frame = Frame([8000; 320]);

    /// Emits one scripted item per tick and keeps what it was told.
    #[derive(Default)]
    struct Script {
        ticks: VecDeque<Vec<Out>>,
        told: Arc<Mutex<Vec<String>>>,
    }

    impl CallSession for Script {
        fn answered(&mut self, _: Option<String>) {}
        fn tick(&mut self, heard: Option<&Frame>, out: &mut Vec<Out>) {
            let silent = heard.is_none_or(|frame| *frame == Frame::SILENCE);
            self.told
                .lock()
                .unwrap()
                .push(if silent { "-" } else { "voice" }.into());
            out.extend(self.ticks.pop_front().unwrap_or_default());
        }
        fn digit(&mut self, _: Digit) {}
        fn played(&mut self, mark: Mark) {
            self.told.lock().unwrap().push(mark.to_string());
        }
        fn returned(&mut self) {}
        fn hung_up(&mut self) {}
        fn drain(&mut self) {}
    }

    /// Sounds one frame per tick, as a device on the same clock does.
    #[derive(Default)]
    struct Speaker {
        waiting: VecDeque<Frame>,
        sounded: Vec<Frame>,
        latency_ms: u32,
    }

    impl Player for Speaker {
        fn room(&self) -> usize {
            3 - self.waiting.len().min(3)
        }
        fn play(&mut self, frame: &Frame) {
            self.waiting.push_back(*frame);
        }
        fn clear(&mut self) {
            self.waiting.clear();
        }
        fn pending(&self) -> usize {
            self.waiting.len()
        }
        fn latency_ms(&self) -> u32 {
            self.latency_ms
        }
        fn cushion(&self) -> usize {
            2
        }
    }

    const MARK: Mark = Mark {
        playback: 1,
        sentence: 0,
    };

    /// Runs `ticks` ticks of a loud room.
    fn run(
        script: Vec<Vec<Out>>,
        ticks: usize,
        full_duplex: bool,
    ) -> (Vec<String>, Speaker, Kiosk) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let session = Script {
            ticks: script.into(),
            told: told.clone(),
        };
        let mut kiosk = Kiosk::new(Box::new(session), full_duplex);
        let mut speaker = Speaker::default();
        for _ in 0..ticks {
            speaker.sounded.extend(speaker.waiting.pop_front());
            kiosk.tick(&LOUD, &mut speaker);
        }
        let told = told.lock().unwrap().clone();
        (told, speaker, kiosk)
    }

    #[test]
    fn the_microphone_is_muted_while_the_bot_speaks_and_its_echo_rings() {
        let (told, speaker, _) = run(vec![vec![], vec![Out::Media(LOUD)]], 20, false);
        // Cushion and frame sound in two ticks, then 150 ms of tail in eight.
        let muted = told.iter().filter(|heard| *heard == "-").count();
        assert_eq!(told[..2], ["voice", "voice"]);
        assert_eq!(muted, 1 + 8, "{told:?}");
        assert_eq!(told.last().unwrap(), "voice");
        assert_eq!(speaker.sounded, [Frame::SILENCE, LOUD]);
    }

    #[test]
    fn full_duplex_never_mutes() {
        let (told, _, _) = run(vec![vec![Out::Media(LOUD); 5]], 20, true);
        assert!(told.iter().all(|heard| heard == "voice"), "{told:?}");
    }

    #[test]
    fn a_mark_is_reported_when_everything_before_it_has_sounded() {
        let script = vec![vec![
            Out::Media(LOUD),
            Out::Media(LOUD),
            Out::Media(LOUD),
            Out::Mark(MARK),
        ]];
        let (told, _, _) = run(script, 3, true);
        assert!(
            !told.contains(&"p1s0".to_owned()),
            "two of three frames have sounded: {told:?}"
        );
        let script = vec![vec![
            Out::Media(LOUD),
            Out::Media(LOUD),
            Out::Media(LOUD),
            Out::Mark(MARK),
        ]];
        let (told, _, _) = run(script, 4, true);
        assert_eq!(
            told.iter().filter(|item| *item == "p1s0").count(),
            1,
            "{told:?}"
        );
    }

    #[test]
    fn clear_drops_what_waits_and_returns_its_marks_once() {
        let say: Vec<Out> = std::iter::repeat_n(Out::Media(LOUD), 100)
            .chain([Out::Mark(MARK)])
            .collect();
        let (told, speaker, _) = run(vec![say, vec![], vec![Out::Clear]], 20, true);
        assert_eq!(
            told.iter().filter(|item| *item == "p1s0").count(),
            1,
            "{told:?}"
        );
        assert_eq!(told[3], "p1s0", "at once: {told:?}");
        assert_eq!(speaker.sounded.len(), 2);
    }

    #[test]
    fn the_call_is_over_when_its_last_words_have_sounded() {
        let end = Out::End(Ending::HangUp(Disposition::Completed));
        let script = || vec![vec![Out::Media(LOUD), Out::Media(LOUD), end.clone()]];
        let (_, speaker, kiosk) = run(script(), 2, false);
        assert!(kiosk.ended(&speaker).is_none());
        let (told, speaker, kiosk) = run(script(), 9, false);
        assert!(kiosk.ended(&speaker).is_some());
        assert_eq!(told.len(), 1, "nothing follows the end: {told:?}");
    }

    #[test]
    fn a_session_that_talks_without_end_is_cut_not_stored() {
        let (_, _, kiosk) = run(vec![vec![Out::Media(LOUD); MAX_QUEUE + 10]], 1, false);
        assert_eq!(kiosk.lost(), 10);
    }
}
