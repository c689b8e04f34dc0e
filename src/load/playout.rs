//! A provider's playout clock: media is played in order as it arrives, marks return when what precedes
//! them was played, `clear` empties the buffer and returns every mark at once. Pure: time is given.

use audio_codec_algorithms::decode_ulaw;
use std::collections::VecDeque;
use std::time::Duration;

/// Samples per ms on the wire.
const PER_MS: usize = 8;
/// Loudness from which a sample can be heard: 42 dB below full scale.
const AUDIBLE: u16 = 256;
/// Silence inside speech; a longer one ends it.
const PAUSE: Duration = Duration::from_millis(200);
/// A buffer that has been dry for so long was not starved: a sentence had ended. Only where nothing else
/// tells.
const ANEW: Duration = Duration::from_millis(400);
/// Sentences of one speech are not further apart.
const SENTENCES: Duration = Duration::from_millis(400);
/// Stretches of speech that are remembered.
const REMEMBERED: usize = 64;

/// A stretch of sound that the caller hears, in time since the call's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spurt {
    pub from: Duration,
    pub to: Duration,
}

/// The caller's ear. `now` never goes back.
#[derive(Debug, Default)]
pub struct Playout {
    /// When the buffer runs dry.
    dry_at: Duration,
    /// When the latest sound came, and how long it was.
    came_at: Duration,
    came: Duration,
    /// The last thing queued was sound: more of it is due when the buffer runs dry.
    flowing: bool,
    /// Ends are guessed, see [`super::dialect::Side::guesses_ends`].
    guesses_ends: bool,
    marks: VecDeque<(Duration, String)>,
    spurts: VecDeque<Spurt>,
}

impl Playout {
    pub fn new(guesses_ends: bool) -> Self {
        Self {
            guesses_ends,
            ..Self::default()
        }
    }

    /// Queues µ-law sound. Returns how late its first sample is: zero unless the buffer ran dry in the
    /// middle of a flow (a mark or a clear ends one).
    pub fn media(&mut self, now: Duration, sound: &[u8]) -> Duration {
        let late = if self.flows(now) {
            now.saturating_sub(self.dry_at)
        } else {
            Duration::ZERO
        };
        let start = self.dry_at.max(now);
        for (n, block) in sound.chunks(PER_MS * 20).enumerate() {
            let audible = |&byte: &u8| decode_ulaw(byte).unsigned_abs() >= AUDIBLE;
            if let (Some(first), Some(last)) = (
                block.iter().position(audible),
                block.iter().rposition(audible),
            ) {
                let at = |sample: usize| start + samples(n * PER_MS * 20 + sample);
                self.hear(Spurt {
                    from: at(first),
                    to: at(last + 1),
                });
            }
        }
        self.dry_at = start + samples(sound.len());
        (self.came_at, self.came) = (now, samples(sound.len()));
        self.flowing = true;
        late
    }

    /// The sound so far was a whole sentence.
    pub fn ends(&mut self) {
        self.flowing = false;
    }

    /// More of the same sound is due.
    fn flows(&self, now: Duration) -> bool {
        self.flowing && !(self.guesses_ends && now.saturating_sub(self.dry_at) > ANEW)
    }

    /// How much longer than the last piece lasts the sender let us wait within a flow, just before
    /// [`Self::media`] of the next: its own unevenness, also where the buffer hides it from the caller.
    pub fn hesitation(&self, now: Duration) -> Option<Duration> {
        self.flows(now)
            .then(|| now.saturating_sub(self.came_at + self.came))
    }

    /// Sound that waits to be played.
    pub fn buffered(&self, now: Duration) -> Duration {
        self.dry_at.saturating_sub(now)
    }

    /// Queues a mark.
    pub fn mark(&mut self, now: Duration, name: String) {
        self.marks.push_back((self.dry_at.max(now), name));
        self.flowing = false;
    }

    /// Empties the buffer; every mark returns.
    pub fn clear(&mut self, now: Duration) -> impl Iterator<Item = String> {
        self.dry_at = self.dry_at.min(now);
        self.flowing = false;
        self.spurts.retain(|spurt| spurt.from < now);
        if let Some(last) = self.spurts.back_mut() {
            last.to = last.to.min(now);
        }
        std::mem::take(&mut self.marks)
            .into_iter()
            .map(|(_, name)| name)
    }

    /// The next mark that has been played.
    pub fn played(&mut self, now: Duration) -> Option<String> {
        self.marks
            .pop_front_if(|(due, _)| *due <= now)
            .map(|(_, name)| name)
    }

    /// The speech that sounds at `now`, pauses included.
    pub fn sounding(&self, now: Duration) -> Option<Spurt> {
        self.spurts
            .iter()
            .find(|spurt| spurt.from <= now && now < spurt.to + PAUSE)
            .copied()
    }

    /// When the last speech ended that has begun by now; while it sounds, `now`.
    pub fn last_heard(&self, now: Duration) -> Option<Duration> {
        let heard = self.spurts.iter().filter(|spurt| spurt.from <= now);
        heard.map(|spurt| spurt.to.min(now)).max()
    }

    /// When the first speech after `time` began, once it has been heard.
    pub fn first_after(&self, time: Duration, now: Duration) -> Option<Duration> {
        self.spurts
            .iter()
            .map(|spurt| spurt.from)
            .find(|&from| from > time && from <= now)
    }

    /// How many times the bot has begun to speak after `time`, sentences without a long pause taken as one.
    pub fn times(&self, time: Duration, now: Duration) -> usize {
        let speeches = self.speeches(now);
        speeches.iter().filter(|speech| speech.from > time).count()
    }

    /// The speech, all its sentences together, that sounds at `now`.
    pub fn speech(&self, now: Duration) -> Option<Spurt> {
        let last = self.speeches(now).pop()?;
        (now < last.to + PAUSE).then_some(last)
    }

    /// What was said by `now`, sentences joined.
    fn speeches(&self, now: Duration) -> Vec<Spurt> {
        let mut joined: Vec<Spurt> = Vec::new();
        for spurt in self.spurts.iter().filter(|spurt| spurt.from <= now) {
            match joined.last_mut() {
                Some(last) if spurt.from <= last.to + SENTENCES => last.to = spurt.to,
                _ => joined.push(*spurt),
            }
        }
        joined
    }

    /// When the speech that sounded at `time` stopped, once that is sure.
    pub fn stopped(&self, time: Duration, now: Duration) -> Option<Duration> {
        let spurt = self
            .spurts
            .iter()
            .find(|spurt| spurt.from <= time && time < spurt.to + PAUSE)?;
        (now >= spurt.to + PAUSE).then_some(spurt.to)
    }

    fn hear(&mut self, new: Spurt) {
        match self.spurts.back_mut() {
            Some(last) if new.from < last.to + PAUSE => last.to = new.to,
            _ => {
                if self.spurts.len() == REMEMBERED {
                    self.spurts.pop_front();
                }
                self.spurts.push_back(new);
            }
        }
    }
}

fn samples(count: usize) -> Duration {
    Duration::from_micros(count as u64 * 125)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// µ-law of a loud sample, and silence.
    const LOUD: [u8; 160] = [0x80; 160];
    const QUIET: [u8; 160] = [0xFF; 160];

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn marks_return_when_the_sound_before_them_was_played() {
        let mut playout = Playout::default();
        playout.media(ms(100), &LOUD);
        playout.media(ms(100), &LOUD);
        playout.mark(ms(100), "a".into());
        assert_eq!(playout.played(ms(139)), None);
        assert_eq!(playout.played(ms(140)), Some("a".into()));
        assert_eq!(playout.played(ms(140)), None);
        playout.mark(ms(500), "b".into());
        assert_eq!(
            playout.played(ms(500)),
            Some("b".into()),
            "nothing before it"
        );
    }

    #[test]
    fn clear_returns_every_mark_and_cuts_the_sound() {
        let mut playout = Playout::default();
        for _ in 0..50 {
            playout.media(ms(0), &LOUD);
        }
        playout.mark(ms(0), "a".into());
        playout.mark(ms(0), "b".into());
        assert_eq!(playout.clear(ms(300)).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(
            playout.stopped(ms(100), ms(499)),
            None,
            "it may go on after a pause"
        );
        assert_eq!(playout.stopped(ms(100), ms(500)), Some(ms(300)));
        assert_eq!(playout.media(ms(400), &LOUD), ms(0), "a new flow");
    }

    #[test]
    fn late_is_what_comes_after_the_buffer_ran_dry() {
        let mut playout = Playout::default();
        assert_eq!(
            playout.media(ms(1000), &LOUD),
            ms(0),
            "the first is never late"
        );
        assert_eq!(playout.media(ms(1015), &LOUD), ms(0), "in time");
        assert_eq!(playout.media(ms(1070), &LOUD), ms(30), "due at 1040");
        assert_eq!(playout.media(ms(1090), &LOUD), ms(0), "the clock has moved");
        playout.mark(ms(1095), "end".into());
        assert_eq!(playout.media(ms(9000), &LOUD), ms(0), "a new prompt");
    }

    #[test]
    fn where_ends_are_guessed_a_long_pause_is_one() {
        let mut playout = Playout::new(true);
        playout.media(ms(0), &LOUD);
        assert_eq!(playout.media(ms(320), &LOUD), ms(300), "starved");
        assert_eq!(playout.hesitation(ms(900)), None);
        assert_eq!(playout.media(ms(900), &LOUD), ms(0), "a new sentence");
        let mut playout = Playout::default();
        playout.media(ms(0), &LOUD);
        assert_eq!(playout.media(ms(900), &LOUD), ms(880));
        playout.ends();
        assert_eq!(playout.media(ms(2000), &LOUD), ms(0));
    }

    #[test]
    fn a_sender_hesitates_when_a_piece_takes_longer_than_the_one_before_lasts() {
        let mut playout = Playout::default();
        playout.media(ms(0), &[0x80; 800]);
        assert_eq!(playout.hesitation(ms(100)), Some(ms(0)));
        assert_eq!(playout.hesitation(ms(130)), Some(ms(30)));
    }

    #[test]
    fn replies_begin_with_the_first_sound_that_can_be_heard() {
        let mut playout = Playout::default();
        playout.media(ms(0), &LOUD);
        playout.media(ms(1000), &QUIET);
        playout.media(ms(1020), &[[0xFF; 80], [0x80; 80]].concat());
        assert_eq!(playout.first_after(ms(500), ms(1029)), None, "not yet");
        assert_eq!(playout.first_after(ms(500), ms(1030)), Some(ms(1030)));
        assert_eq!(
            playout.sounding(ms(1035)),
            Some(Spurt {
                from: ms(1030),
                to: ms(1040)
            })
        );
        assert_eq!(playout.sounding(ms(500)), None);
        assert_eq!(playout.last_heard(ms(1035)), Some(ms(1035)));
        assert_eq!(playout.last_heard(ms(2000)), Some(ms(1040)));
    }
}
