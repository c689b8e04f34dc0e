//! What was said and heard in a call, for people to listen to: the caller on the left, the bot on the
//! right, as it sounded in the caller's ear (what was cleared is not there).

use super::clip::Block;
use audio_codec_algorithms::decode_ulaw;
use std::path::Path;
use std::time::Duration;

/// Longest recording, in samples: half an hour.
const LONGEST: usize = 30 * 60 * 8000;
/// µ-law of nothing.
const NOTHING: u8 = 0xFF;

/// One call's.
#[derive(Debug, Default)]
pub struct Tape {
    caller: Vec<u8>,
    bot: Vec<u8>,
    /// Where the stream that runs began.
    base: usize,
}

impl Tape {
    /// A stream begins: times count from here.
    pub fn stream_begins(&mut self) {
        self.base = self.caller.len();
        self.bot.truncate(self.base);
    }

    /// 20 ms of the caller.
    pub fn said(&mut self, sound: &Block) {
        if self.caller.len() < LONGEST {
            self.caller.extend(sound);
        }
    }

    /// Sound of the bot that is played from this time on.
    pub fn plays(&mut self, from: Duration, sound: &[u8]) {
        let place = self.place(from);
        if place < LONGEST {
            self.bot.resize(place, NOTHING);
            self.bot.extend(sound);
        }
    }

    /// What was to be played from now on is dropped.
    pub fn cleared(&mut self, now: Duration) {
        self.bot.truncate(self.place(now));
    }

    fn place(&self, time: Duration) -> usize {
        self.base + (time.as_micros() / 125) as usize
    }

    /// Writes a WAV file: 8 kHz, 16 bit, stereo.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), hound::Error> {
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(path, spec)?;
        // The bot's tail after the hang-up was heard by nobody.
        for (n, &said) in self.caller.iter().enumerate() {
            wav.write_sample(decode_ulaw(said))?;
            let heard = self.bot.get(n).copied().unwrap_or(NOTHING);
            wav.write_sample(decode_ulaw(heard))?;
        }
        wav.finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cleared_was_not_heard_and_streams_follow_each_other() {
        let ms = Duration::from_millis;
        let mut tape = Tape::default();
        tape.stream_begins();
        for _ in 0..5 {
            tape.said(&[0x80; 160]);
        }
        tape.plays(ms(20), &[0x81; 800]);
        tape.cleared(ms(60));
        tape.stream_begins();
        tape.said(&[0x80; 160]);
        tape.plays(ms(10), &[0x82; 400]);
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("call.wav");
        tape.write(&file).expect("room");
        let mut wav = hound::WavReader::open(&file).expect("a file");
        let samples: Vec<i16> = wav.samples().map(|sample| sample.expect("whole")).collect();
        let bot = |at_ms: usize| samples[at_ms * 8 * 2 + 1];
        assert_eq!(
            samples.len(),
            2 * 6 * 160,
            "as long as the caller was there"
        );
        let (first, second) = (decode_ulaw(0x81), decode_ulaw(0x82));
        assert_eq!([bot(10), bot(30), bot(59), bot(61)], [0, first, first, 0]);
        assert_eq!([bot(105), bot(115)], [0, second]);
    }
}
