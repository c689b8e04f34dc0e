//! A neural voice: Piper's ONNX models through piper-rs.
//!
//! Decides how text becomes phonemes with their clause marks and how a model file is opened safely.
//! Finding the ONNX library is [`super::onnxruntime`]'s affair, falling back to the built-in voice
//! [`super::voice_pool`]'s.

use super::{SLOWER, SpeechError, Synthesizer, espeak, loudness, onnxruntime};
use crate::audio::RATE_HZ;
use crate::audio::resample::resample_all;
use crate::dialogue::spoken::sentences::ends_at_stop;
use piper_rs::{ModelConfig, Piper};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// A voice's settings are some 10 KB; anything much larger is another file.
const MAX_SETTINGS: u64 = 1024 * 1024;
/// Rates that a voice may claim, in Hz.
const RATES: std::ops::RangeInclusive<u32> = 8_000..=48_000;
/// More phonemes in one go cost memory with their square; longer clauses are cut at spaces.
const MAX_PHONEMES: usize = 400;

/// One opened Piper voice.
pub struct PiperVoice {
    piper: Piper,
    /// espeak-ng's name of the language that the model was trained with.
    language: String,
    /// Longer is slower; 1 is the training pace.
    length_scale: f32,
}

impl PiperVoice {
    /// Opens the voice `model` (`….onnx`, with `….onnx.json` beside it) and makes it say one word, so
    /// that a broken one is known at start and not in a call. `pace`: 1 is the voice's own, 2 twice as
    /// fast.
    ///
    /// # Errors
    /// [`SpeechError::Model`]: what is missing or wrong, with a hint.
    pub fn open(model: &Path, library: Option<&Path>, pace: f32) -> Result<Self, SpeechError> {
        let fail = |what: String| {
            SpeechError::Model(format!("the Piper voice {}: {what}", model.display()))
        };
        if !std::fs::metadata(model).is_ok_and(|meta| meta.is_file()) {
            return Err(fail(
                "no such file\nhint: `voice.piper` names a ….onnx file".into(),
            ));
        }
        let settings = settings(model)?;
        // Before the first call into `ort`: with no usable library that would never return.
        onnxruntime::load(library).map_err(|e| fail(e.to_string()))?;
        let language = settings.espeak.voice.clone();
        let length_scale = settings.inference.length_scale / pace.clamp(0.3, 4.0);
        let session = session(model).map_err(|e| fail(format!("not a usable model: {e}")))?;
        let mut voice = Self {
            piper: Piper::from_session(session, settings),
            language,
            length_scale,
        };
        let word = voice
            .synthesize("hello.")
            .map_err(|e| fail(e.to_string()))?;
        if word.is_empty() {
            return Err(fail("it makes no sound\nhint: is it a Piper model?".into()));
        }
        Ok(voice)
    }

    /// One stretch of phonemes; the raw sound and its rate in Hz.
    fn render(&mut self, phonemes: &str, length: f32) -> Result<(Vec<f32>, u32), SpeechError> {
        // piper-rs indexes outputs without a check: a model of another kind panics there.
        let made = catch_unwind(AssertUnwindSafe(|| {
            self.piper
                .create(phonemes, true, None, Some(length), None, None)
        }));
        match made {
            Ok(Ok(sound)) => Ok(sound),
            Ok(Err(error)) => Err(SpeechError::Model(error.to_string())),
            Err(_) => Err(SpeechError::Model(
                "the model gave no sound\nhint: is it a Piper model?".into(),
            )),
        }
    }
}

impl Synthesizer for PiperVoice {
    fn synthesize(&mut self, text: &str) -> Result<Vec<i16>, SpeechError> {
        self.say(text, self.length_scale)
    }

    fn synthesize_slowly(&mut self, text: &str) -> Result<Vec<i16>, SpeechError> {
        self.say(text, self.length_scale * SLOWER)
    }
}

impl PiperVoice {
    fn say(&mut self, text: &str, length: f32) -> Result<Vec<i16>, SpeechError> {
        let phonemes = phonemes_with_marks(text, &self.language)?;
        let mut speech = Vec::new();
        let mut rate = RATE_HZ;
        // The espeak lock is free again here: other voices may speak during the inference.
        for stretch in stretches(&phonemes) {
            let (sound, rate_hz) = self.render(stretch, length)?;
            speech.extend(sound.iter().map(|s| to_i16(*s)));
            rate = rate_hz;
        }
        Ok(loudness::normalize(&resample_all(&speech, rate, RATE_HZ)))
    }
}

fn to_i16(sample: f32) -> i16 {
    // `as` turns NaN into 0 and holds the limits.
    (sample * 32767.0) as i16
}

fn settings(model: &Path) -> Result<ModelConfig, SpeechError> {
    let mut path = model.as_os_str().to_owned();
    path.push(".json");
    let path = PathBuf::from(path);
    let fail = |what: String| {
        SpeechError::Model(format!(
            "the Piper voice's settings {}: {what}",
            path.display()
        ))
    };
    let missing = |e: std::io::Error| {
        fail(format!(
            "{e}\nhint: Piper voices are two files, ….onnx and ….onnx.json"
        ))
    };
    let file = std::fs::File::open(&path).map_err(missing)?;
    let mut text = String::new();
    file.take(MAX_SETTINGS)
        .read_to_string(&mut text)
        .map_err(missing)?;
    let settings: ModelConfig = serde_json::from_str(&text).map_err(|e| fail(e.to_string()))?;
    let rate = settings.audio.sample_rate;
    if !RATES.contains(&rate) {
        return Err(fail(format!(
            "a sampling rate of {rate} Hz is out of range (8000 to 48000)"
        )));
    }
    let inference = &settings.inference;
    if ![
        inference.length_scale,
        inference.noise_scale,
        inference.noise_w,
    ]
    .iter()
    .all(|x| (0.0..=10.0).contains(x))
        || inference.length_scale < 0.05
    {
        return Err(fail("a value under `inference` is out of range".into()));
    }
    if settings.phoneme_id_map.is_empty() {
        return Err(fail("`phoneme_id_map` is empty".into()));
    }
    Ok(settings)
}

fn session(model: &Path) -> ort::Result<ort::session::Session> {
    ort::session::Session::builder()?
        // One thread each and no spinning: cores are shared with recognition, and a spinning thread
        // makes that ten times slower.
        .with_intra_threads(1)?
        .with_inter_threads(1)?
        .with_intra_op_spinning(false)?
        .commit_from_file(model)
}

/// Phonemes of `text`, each clause followed by its mark, which the model reads as pause and tone:
/// piper-rs's own text path loses them and glues clauses together.
fn phonemes_with_marks(text: &str, language: &str) -> Result<String, SpeechError> {
    let mut out = String::new();
    for (clause, mark) in clauses(text) {
        let said = espeak::phonemes(clause, language)?;
        if said.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out += &said;
        out.push(mark);
    }
    Ok(out)
}

/// Clauses and the mark that ends each; a full stop where the text has none. A mark counts only before
/// a space or at the end ("12.50" and "3:30" are one word), and not after an abbreviation.
fn clauses(text: &str) -> Vec<(&str, char)> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, mark)) = chars.next() {
        let before_space = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        let abbreviation =
            mark == '.' && before_space && !ends_at_stop(&text[start..at], &text[at + 1..]);
        if matches!(mark, '.' | ',' | '?' | '!' | ';' | ':') && before_space && !abbreviation {
            found.push((text[start..at].trim(), mark));
            start = at + 1;
        }
    }
    found.push((text[start..].trim(), '.'));
    found.retain(|(clause, _)| clause.chars().any(char::is_alphanumeric));
    found
}

/// Pieces of at most [`MAX_PHONEMES`] characters, cut after a clause where possible, else at a space.
fn stretches(phonemes: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = phonemes;
    while let Some((limit, _)) = rest.char_indices().nth(MAX_PHONEMES) {
        let head = &rest[..limit];
        let mark = head
            .rmatch_indices([' '])
            .map(|(at, _)| at)
            .find(|&at| head[..at].ends_with(['.', ',', '?', '!', ';', ':']));
        let cut = mark
            .or_else(|| head.rfind(' '))
            .filter(|&at| at > 0)
            .unwrap_or(limit);
        pieces.push(rest[..cut].trim());
        rest = rest[cut..].trim_start();
    }
    pieces.push(rest.trim());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_keep_their_marks() {
        let cases: [(&str, &[(&str, char)]); 6] = [
            (
                "Hello, who is there?",
                &[("Hello", ','), ("who is there", '?')],
            ),
            (
                "It costs 12.50, or 3:30. Right",
                &[("It costs 12.50", ','), ("or 3:30", '.'), ("Right", '.')],
            ),
            (
                "One; two: three!",
                &[("One", ';'), ("two", ':'), ("three", '!')],
            ),
            (
                "At 9 a.m. on Monday, Dr. Smith.",
                &[("At 9 a.m. on Monday", ','), ("Dr. Smith", '.')],
            ),
            (" , . ! ", &[]),
            ("", &[]),
        ];
        for (text, want) in cases {
            assert_eq!(clauses(text), want, "{text}");
        }
    }

    #[test]
    fn phonemes_pause_where_the_text_does() {
        let said = phonemes_with_marks(
            "Who are you? said the Caterpillar. I hardly know, sir!",
            "en-us",
        )
        .expect("said");
        let marks: String = said.chars().filter(|c| ".,?!".contains(*c)).collect();
        assert_eq!(marks, "?.,!", "{said}");
        assert!(
            said.contains(". aɪ"),
            "the words at a join stay apart: {said}"
        );
    }

    #[test]
    fn long_clauses_are_cut_between_words() {
        let text = "word ".repeat(300) + "end.";
        let pieces = stretches(&text);
        assert!(pieces.len() > 1 && pieces.iter().all(|p| p.chars().count() <= MAX_PHONEMES));
        assert_eq!(pieces.concat().replace(' ', ""), text.replace(' ', ""));
        assert!(
            stretches(&"ɑ".repeat(1000))
                .iter()
                .all(|p| p.chars().count() <= MAX_PHONEMES)
        );
    }

    #[test]
    fn samples_hold_the_limits() {
        assert_eq!(
            [f32::NAN, 2.0, -2.0, 0.5].map(to_i16),
            [0, i16::MAX, i16::MIN, 16383]
        );
    }
}
