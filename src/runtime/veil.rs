//! What hides a secret at the edge of a call: which keys the engine must not see, and which sound
//! nobody may keep.
//!
//! Decides from when to when a caller is neither recorded nor heard: from a moment before the secret
//! question opens until it is answered, its last tone is over, and a margin has passed. The digits go
//! into the call's vault, and come out again only for the back end.

use crate::audio::{Digit, DigitMerge, DigitSource, Heard};
use crate::call::{Tick, ticks};
use crate::pii::vault::{Opened, Vault};

/// Sound that is hidden from before the question opened: a tone is found 40 ms after it began.
pub const BEFORE: Tick = ticks(200);
/// Sound that is hidden after the question was answered.
const AFTER: Tick = ticks(500);
/// The same after a tone, or a voice that speaks on: shorter pauses do not end it.
const PAUSE: Tick = ticks(200);
/// A voice that goes on for longer after the answer is a noise in the line.
const LONGEST_VOICE: Tick = ticks(5000);
/// Keys this close to a secret's last one belong to it, though it was complete.
const BURST: Tick = ticks(700);
/// Voice levels from here on (0–255) are a voice.
const VOICE: u8 = 128;
/// Of a voice's level, no more than this is written down meanwhile.
const COARSE: u8 = 0xc0;

/// What becomes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The engine gets it as it is.
    Plain,
    /// It is in the vault; the engine learns that there was one.
    Secret,
    /// Nobody gets it.
    Dropped,
}

/// Hides the secrets of one call.
#[derive(Debug, Default)]
pub struct Veil {
    vault: Vault,
    /// Keys of late, to know doubles by: only here are all of them known.
    merge: DigitMerge,
    /// The open question is a secret one.
    secret: bool,
    /// This tick of the caller's sound is hidden.
    hidden: bool,
    /// Keys of a complete entry, until the engine has what stands for it.
    complete: Option<u8>,
    /// The last key that was kept from the engine.
    last_key: Option<Tick>,
    /// Ticks that are still to be hidden, after the question.
    left: Tick,
    /// Ticks since the question.
    since: Tick,
    /// Ticks since the last voice.
    quiet: Tick,
    /// The voice that was there when the question was answered speaks on.
    speaks_on: bool,
}

impl Veil {
    /// Takes note of the open question; true when a secret one has just opened: the sound of the last
    /// [`BEFORE`] ticks is to be hidden.
    pub fn watch(&mut self, secret: bool) -> bool {
        let changed = self.secret != secret;
        self.secret = secret;
        if changed && !secret {
            self.left = AFTER;
            self.since = 0;
            self.speaks_on = self.quiet < PAUSE;
        }
        changed && secret
    }

    /// Must this tick of the caller's sound be hidden? The question may have opened in it.
    pub fn hides(&self) -> bool {
        self.hidden || self.secret
    }

    /// Is the open question a secret one?
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// Are there keys of an entry that is not complete?
    pub fn has_keys(&self) -> bool {
        self.vault.has_keys()
    }

    /// Takes in the measures of the next tick of the caller's sound; what the engine gets of them.
    pub fn tick(&mut self, heard: Heard) -> Heard {
        self.quiet = if heard.voice >= VOICE {
            0
        } else {
            self.quiet.saturating_add(1)
        };
        self.hidden = self.secret || self.left > 0;
        if !self.secret && self.left > 0 {
            self.left -= 1;
            self.since += 1;
            self.speaks_on &= self.quiet < PAUSE && self.since < LONGEST_VOICE;
            if heard.tone || self.speaks_on {
                self.left = self.left.max(PAUSE);
            }
        }
        if !self.hidden {
            return heard;
        }
        Heard {
            voice: heard.voice & COARSE,
            // The keys differ in loudness, a little.
            level: if heard.tone { 127 } else { heard.level },
            tone: heard.tone,
        }
    }

    /// Takes a key at tick `now`.
    pub fn key(&mut self, digit: Digit, source: DigitSource, now: Tick) -> Key {
        let double = !self.merge.accept(digit, source, now);
        let near = |then: Tick| now.saturating_sub(then) <= BURST;
        let late = !self.secret && self.last_key.is_some_and(near);
        let key = digit.as_char();
        match key {
            _ if late => {
                self.last_key = Some(now);
                Key::Dropped
            }
            // The engine knows doubles of plain keys itself.
            _ if !self.secret => Key::Plain,
            _ if double => Key::Dropped,
            '*' | '#' => Key::Plain,
            '0'..='9' => {
                self.vault.press(key);
                self.last_key = Some(now);
                Key::Secret
            }
            // No telephone has the letters: a digit that was misheard is still a secret.
            _ => Key::Dropped,
        }
    }

    /// An entry is complete: its last `keys` keys.
    pub fn complete(&mut self, keys: u8) {
        self.complete = Some(keys);
    }

    /// What stands for the entry that was just completed; once. `allows`: the rule of the question.
    pub fn seal(&mut self, allows: impl FnOnce(&str) -> bool) -> Option<String> {
        let keys = self.complete.take()?;
        Some(self.vault.seal(keys.into(), allows))
    }

    /// The secrets that these texts stand for.
    pub fn open<'a>(&self, texts: impl IntoIterator<Item = &'a String>) -> Opened {
        self.vault.open(texts)
    }

    /// The call is over: forgets the secrets.
    pub fn wipe(&mut self) {
        self.vault.wipe();
        self.merge = DigitMerge::new();
        std::hint::black_box(&mut self.merge);
    }
}

impl Drop for Veil {
    fn drop(&mut self) {
        self.wipe();
    }
}

#[cfg(test)]
mod tests {
    use super::DigitSource::{InBand, Signalled};
    use super::*;

    const QUIET: Heard = Heard {
        voice: 3,
        level: 61,
        tone: false,
    };
    const SPEECH: Heard = Heard {
        voice: 201,
        level: 24,
        tone: false,
    };
    const TONE: Heard = Heard {
        voice: 0,
        level: 13,
        tone: true,
    };

    /// Ticks that are hidden among these.
    fn hidden(veil: &mut Veil, heard: &[Heard]) -> usize {
        let hides = |heard: &&Heard| {
            veil.tick(**heard);
            veil.hides()
        };
        heard.iter().filter(hides).count()
    }

    fn keys(veil: &mut Veil, keys: &[(char, DigitSource, Tick)]) -> Vec<Key> {
        let key = |&(key, source, now)| veil.key(Digit::new(key).expect("a key"), source, now);
        keys.iter().map(key).collect()
    }

    #[test]
    fn sound_is_hidden_from_the_question_until_the_last_tone_and_a_margin() {
        let mut veil = Veil::default();
        assert_eq!(veil.tick(SPEECH), SPEECH);
        assert!(!veil.hides());
        assert!(veil.watch(true) && !veil.watch(true));
        assert_eq!(hidden(&mut veil, &[SPEECH; 300]), 300);
        assert_eq!(hidden(&mut veil, &[QUIET; 20]), 20);
        assert!(!veil.watch(false));
        assert_eq!(hidden(&mut veil, &[QUIET; 100]), AFTER as usize);
        veil.watch(true);
        veil.watch(false);
        // The key is held, the caller counts along.
        assert_eq!(hidden(&mut veil, &[TONE; 100]), 100);
        assert_eq!(hidden(&mut veil, &[QUIET; 100]), PAUSE as usize);
        veil.tick(SPEECH);
        veil.watch(true);
        veil.watch(false);
        assert_eq!(hidden(&mut veil, &[SPEECH; 60]), 60);
        assert_eq!(hidden(&mut veil, &[QUIET; 100]), 2 * PAUSE as usize - 1);
        veil.watch(true);
        veil.tick(SPEECH);
        veil.watch(false);
        let most = (LONGEST_VOICE + PAUSE) as usize;
        assert!(
            hidden(&mut veil, &[SPEECH; 1000]) <= most,
            "a radio in the room"
        );
    }

    #[test]
    fn the_measures_of_a_hidden_tick_tell_a_voice_from_none() {
        let mut veil = Veil::default();
        veil.watch(true);
        let speech = veil.tick(SPEECH);
        assert_eq!((speech.voice, speech.level), (192, 24));
        let tone = veil.tick(TONE);
        assert_eq!((tone.level, tone.tone), (127, true));
        assert_eq!(veil.tick(QUIET).voice, 0);
    }

    #[test]
    fn digits_at_a_secret_question_are_kept_from_the_engine() {
        let mut veil = Veil::default();
        assert_eq!(
            keys(&mut veil, &[('4', Signalled, 1), ('4', InBand, 3)]),
            [Key::Plain; 2]
        );
        veil.watch(true);
        let twice = [
            ('1', Signalled, 100),
            ('1', InBand, 103),
            ('1', InBand, 140),
        ];
        assert_eq!(
            keys(&mut veil, &twice),
            [Key::Secret, Key::Dropped, Key::Secret]
        );
        let others = [
            ('*', Signalled, 160),
            ('A', InBand, 170),
            ('#', Signalled, 180),
        ];
        assert_eq!(
            keys(&mut veil, &others),
            [Key::Plain, Key::Dropped, Key::Plain]
        );
        veil.complete(2);
        assert_eq!(veil.seal(|digits| digits == "11").as_deref(), Some("•1:2•"));
        assert_eq!(veil.seal(|_| true), None);
    }

    #[test]
    fn keys_that_come_after_a_complete_entry_are_part_of_it() {
        let mut veil = Veil::default();
        veil.watch(true);
        assert_eq!(keys(&mut veil, &[('7', Signalled, 100)]), [Key::Secret]);
        veil.watch(false);
        let late = [
            ('7', InBand, 103),
            ('8', Signalled, 130),
            ('#', Signalled, 160),
        ];
        assert_eq!(keys(&mut veil, &late), [Key::Dropped; 3]);
        assert_eq!(keys(&mut veil, &[('1', Signalled, 300)]), [Key::Plain]);
    }
}
