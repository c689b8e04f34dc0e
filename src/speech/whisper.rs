//! Hearing with Whisper: samples in, words with their confidence out.
//!
//! Decides how whisper.cpp is run: context fitted to the utterance, greedy, no timestamps, no
//! fallback. The spectrogram is made in mel.rs, a token chosen in logits.rs; how tokens become words is
//! words.rs, whether the words can be what was said plausible.rs, where long sound is cut segment.rs,
//! who runs it hearing_pool.rs.
//!
//! The parts of `whisper_full` are called one by one, not `whisper_full` itself: its own spectrogram
//! and choice of tokens take a third of the time with a small model.

use super::calibration::Calibration;
use super::expected::{self, Expected};
use super::ggml::{self, Shape};
use super::logits::{self, Choice};
use super::mel::{self, Spectrograph};
use super::packed;
use super::phrase::readings;
use super::plausible::{self, Decoded, Doubt, Limits, Token};
use super::segment;
use super::widen;
use super::words::{hypothesis, joined};
use super::{Cancel, Recognizer, Request, SpeechError};
use crate::dialogue::Hypothesis;
use crate::dialogue::spoken::Language;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Cursor};
use std::path::Path;
use std::sync::Arc;
use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperError,
    WhisperState, WhisperTokenId,
};

/// The model in the binary.
static BUNDLED: &[u8] = include_bytes!("../../models/attendant-en.bin");
/// How far its confidence can be trusted.
static BUNDLED_CALIBRATION: &str = include_str!("../../models/attendant-en.calibration.tsv");

/// Samples in one unit of Whisper's audio context: 20 ms.
const UNIT: usize = 320;
/// Longest sound in one run, in units: longer is cut where it is quietest.
const MARGIN: u32 = 10;
/// A reading of which the model is this sure (mean log probability; 0.9) needs no second one: that
/// would double the computing time of every sentence with a breath in it.
const SURE: f32 = -0.105;

/// A sound shorter than this has no text, in samples: whisper.cpp's limit of 10 frames.
const SHORTEST: usize = 1_800;
/// whisper-rs takes a spectrogram only with that many bands.
const SETTABLE_BANDS: usize = 80;

/// Audio context of the general models, in units.
const GENERAL_CTX: u32 = 1500;
/// Expected words and phrases that count: a customer list, not a dictionary.
const MOST_EXPECTED: usize = 512;

/// A loaded model, shared by all recognisers.
pub struct WhisperModel {
    context: WhisperContext,
    shape: Shape,
    filters: mel::Filters,
    /// Which tokens may be chosen.
    choice: Choice,
    /// What every text begins with, by the languages that are heard.
    prompts: BTreeMap<Language, Vec<WhisperTokenId>>,
    calibration: Calibration,
}

impl std::fmt::Debug for WhisperModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.shape.fmt(f)
    }
}

impl WhisperModel {
    /// Loads the model that is part of the program.
    ///
    /// # Errors
    /// [`SpeechError::Model`] when the processor is too old.
    pub fn bundled() -> Result<Arc<Self>, SpeechError> {
        prepare()?;
        let calibration = Calibration::parse(BUNDLED_CALIBRATION)
            .map_err(|e| refused("the bundled model's calibration", &e))?;
        Self::loaded("the bundled model", BUNDLED, calibration)
    }

    /// Loads a Whisper ggml file, and its calibration where one is beside it: `x.calibration.tsv` for
    /// `x.bin`.
    ///
    /// # Errors
    /// [`SpeechError::Model`] when the file is missing, no whole Whisper model, or the processor too old.
    pub fn open(path: &Path) -> Result<Arc<Self>, SpeechError> {
        prepare()?;
        let name = format!("the model {}", path.display());
        let file = std::fs::File::open(path).map_err(|e| refused(&name, &e))?;
        if file.metadata().is_ok_and(|m| m.is_dir()) {
            return Err(refused(&name, &"this is a folder"));
        }
        let mut file = BufReader::new(file);
        let start = file.fill_buf().map_err(|e| refused(&name, &e))?;
        let calibration = Calibration::beside(path)?;
        let whole = || std::fs::read(path).map_err(|e| refused(&name, &e));
        if packed::is_packed(start) {
            return Self::loaded(&name, &whole()?, calibration);
        }
        let shape = ggml::inspect(&mut file).map_err(|e| refused(&name, &e))?;
        if shape.n_audio_ctx < GENERAL_CTX {
            return Self::loaded(&name, &whole()?, calibration);
        }
        let filters = ggml::mel_filters(&mut file).map_err(|e| refused(&name, &e))?;
        WhisperContext::new_with_params(path, WhisperContextParameters::default())
            .map(|context| Self::new(context, shape, filters, calibration))
            .map_err(|e| refused(&name, &format!("whisper.cpp does not accept it ({e})")))
    }

    /// The model of a file in memory.
    fn loaded(name: &str, file: &[u8], calibration: Calibration) -> Result<Arc<Self>, SpeechError> {
        let plain = packed::plain(file).map_err(|e| refused(name, &e))?;
        let mut reader = Cursor::new(&plain);
        let shape = ggml::inspect(&mut reader).map_err(|e| refused(name, &e))?;
        let filters = ggml::mel_filters(&mut reader).map_err(|e| refused(name, &e))?;
        let wide = widen::widened(&plain).map_err(|e| refused(name, &e))?;
        let file = wide.as_deref().unwrap_or(&plain);
        WhisperContext::new_from_buffer_with_params(file, WhisperContextParameters::default())
            .map(|context| Self::new(context, shape, filters, calibration))
            .map_err(|e| refused(name, &format!("whisper.cpp does not accept it ({e})")))
    }

    fn new(
        context: WhisperContext,
        shape: Shape,
        filters: mel::Filters,
        calibration: Calibration,
    ) -> Arc<Self> {
        let end = usize::try_from(context.token_eot()).unwrap_or(0);
        let text = |token: usize| {
            let token = WhisperTokenId::try_from(token).unwrap_or(0);
            context.token_to_bytes(token).unwrap_or_default()
        };
        let choice = Choice::new(end, shape.n_audio_ctx < GENERAL_CTX, text);
        let many = context.is_multilingual();
        let prompt = |language| {
            let mut prompt = vec![context.token_sot()];
            if many {
                let language = context.token_lang(number(language));
                prompt.extend([language, context.token_transcribe()]);
            }
            prompt.push(context.token_not());
            (language, prompt)
        };
        let heard = |&language: &Language| many || language == Language::English;
        let heard = Language::ALL.into_iter().filter(heard);
        let prompts = heard.map(prompt).collect();
        Arc::new(Self {
            context,
            shape,
            filters,
            choice,
            prompts,
            calibration,
        })
    }

    /// Whether it was trained for this language: one of English only hears no other.
    pub fn hears(&self, language: Language) -> bool {
        self.prompts.contains_key(&language)
    }

    /// Whether this is a model of general English or of many languages (30 s context), not one
    /// trained for a business.
    fn is_general(&self) -> bool {
        self.shape.n_audio_ctx >= GENERAL_CTX
    }

    /// Audio context for a sound, in units of 20 ms.
    fn audio_ctx(&self, samples: usize) -> u32 {
        let units = u32::try_from(samples.div_ceil(UNIT)).unwrap_or(u32::MAX);
        // Models trained for a business know every length (measured: 200 to 500 ms more than the sound
        // give the same word error rate as whole seconds). The general models know only 30 s and
        // fail when it is cut too close.
        let fitted = if self.is_general() {
            (units + 64).max(256)
        } else {
            (units + 10).next_multiple_of(10)
        };
        fitted.min(self.shape.n_audio_ctx)
    }

    /// Longest sound in one run, in samples.
    fn longest(&self) -> usize {
        (self.shape.n_audio_ctx - MARGIN.min(self.shape.n_audio_ctx / 4)) as usize * UNIT
    }

    /// Most tokens that a sound of this length can hold.
    fn max_tokens(&self, samples: usize) -> usize {
        let prompt = self.prompts.values().map(Vec::len).max().unwrap_or(0);
        let room = self.shape.n_text_ctx as usize - prompt;
        (9 + samples / 2000).min(room)
    }

    /// The tokens of what is expected.
    fn expected(&self, bias: &str) -> Expected {
        let tokens = |phrase: String| {
            let phrase = format!(" {phrase}");
            // Room for a token per byte: whisper-rs does not notice when the room is too small.
            let tokens = self.context.tokenize(&phrase, phrase.len() + 1).ok()?;
            let tokens = tokens.into_iter().map(usize::try_from);
            tokens.collect::<Result<Vec<_>, _>>().ok()
        };
        let phrases = expected::phrases(bias).take(MOST_EXPECTED);
        Expected::new(phrases.filter_map(tokens).collect(), self.choice.end())
    }
}

/// Number of the language in a model of many (whisper.cpp's table `g_lang`).
fn number(language: Language) -> i32 {
    match language {
        Language::English => 0,
        Language::Spanish => 3,
    }
}

/// Checks the processor, which whisper.cpp would not (it dies by SIGILL), and silences its logging.
fn prepare() -> Result<(), SpeechError> {
    #[cfg(target_arch = "x86_64")]
    if !(is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("f16c")
        && is_x86_feature_detected!("bmi2"))
    {
        return Err(SpeechError::Model(
            "this processor is too old for the recogniser: it lacks AVX2, FMA, F16C or BMI2\n\
             hint: use a machine from 2013 or later; in a virtual machine pass the host's processor through"
                .into(),
        ));
    }
    whisper_rs::install_logging_hooks();
    Ok(())
}

fn refused(what: &str, why: &dyn std::fmt::Display) -> SpeechError {
    SpeechError::Model(format!(
        "cannot load {what}: {why}\nhint: give a Whisper model in ggml format (ggml-….bin), or none for the bundled one"
    ))
}

/// A Whisper of one's own on a shared model.
pub struct WhisperRecognizer {
    model: Arc<WhisperModel>,
    state: WhisperState,
    threads: usize,
    spectrograph: Spectrograph,
    choice: Choice,
    /// Audio context of the last run; 0 before the first.
    audio_ctx: u32,
    /// What is being heard.
    language: Language,
    /// The last answer left out words that were not believed.
    doubted: bool,
}

impl WhisperRecognizer {
    /// A recogniser that computes on `threads` threads. It has run once when this returns, so the
    /// first utterance is as fast as the others.
    ///
    /// # Errors
    /// [`SpeechError::Model`] when memory does not suffice.
    pub fn new(model: &Arc<WhisperModel>, threads: u16) -> Result<Self, SpeechError> {
        let state = model
            .context
            .create_state()
            .map_err(|e| refused("the recogniser's state", &e))?;
        let mut new = Self {
            model: Arc::clone(model),
            state,
            threads: threads.max(1).into(),
            spectrograph: Spectrograph::default(),
            choice: model.choice.clone(),
            audio_ctx: 0,
            language: Language::English,
            doubted: false,
        };
        new.decode(&vec![0; 8000], &Expected::default(), &Cancel::default())?;
        Ok(new)
    }

    /// Runs the model on one stretch that fits its context.
    fn decode(
        &mut self,
        samples: &[i16],
        expected: &Expected,
        cancel: &Cancel,
    ) -> Result<Decoded, SpeechError> {
        if samples.len() < SHORTEST {
            return Ok(Decoded::default());
        }
        self.set_audio_ctx(self.model.audio_ctx(samples.len()))
            .map_err(failed)?;
        self.set_spectrogram(samples).map_err(failed)?;
        wanted(cancel)?;
        self.state.encode(0, self.threads).map_err(failed)?;
        wanted(cancel)?;
        self.read_out(self.model.max_tokens(samples.len()), expected, cancel)
    }

    /// Only `whisper_full` can set the context, so it is run on as much silence as it gives up on
    /// before it computes anything.
    fn set_audio_ctx(&mut self, audio_ctx: u32) -> Result<(), WhisperError> {
        if self.audio_ctx == audio_ctx {
            return Ok(());
        }
        let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        // Else it starts three threads for nothing.
        params.set_n_threads(1);
        params.set_audio_ctx(i32::try_from(audio_ctx).unwrap_or(0));
        params.set_print_progress(false);
        params.set_print_realtime(false);
        params.set_print_timestamps(false);
        params.set_print_special(false);
        self.audio_ctx = 0;
        self.state.full(params, &[0.0; SHORTEST - 100])?;
        self.audio_ctx = audio_ctx;
        Ok(())
    }

    fn set_spectrogram(&mut self, samples: &[i16]) -> Result<(), WhisperError> {
        let filters = &self.model.filters;
        if filters.bands() == SETTABLE_BANDS {
            // Two frames, 20 ms, in a unit of context.
            let frames = 2 * self.audio_ctx as usize;
            self.state
                .set_mel(self.spectrograph.spectrogram(filters, samples, frames))
        } else {
            let pcm: Vec<f32> = samples.iter().map(|s| f32::from(*s) / 32768.0).collect();
            self.state.pcm_to_mel(&pcm, self.threads)
        }
    }

    /// Token after token, always the likeliest, up to the end of the text.
    fn read_out(
        &mut self,
        max_tokens: usize,
        expected: &Expected,
        cancel: &Cancel,
    ) -> Result<Decoded, SpeechError> {
        let model = Arc::clone(&self.model);
        let mut decoded = Decoded::default();
        let mut following = expected.start();
        // whisper-rs shows the scores after the first token of a run only, so the last one is alone.
        let prompt = model.prompts.get(&self.language);
        let prompt = prompt.ok_or(SpeechError::Foreign(self.language))?;
        let (start, rest) = prompt.split_at(1);
        let (rest, mut next) = rest.split_at(rest.len() - 1);
        self.state.decode(start, 0, self.threads).map_err(failed)?;
        let silence = usize::try_from(model.context.token_nosp()).unwrap_or(usize::MAX);
        decoded.no_speech = logits::probability(self.state.get_logits().map_err(failed)?, silence);
        if !rest.is_empty() {
            self.state.decode(rest, 1, self.threads).map_err(failed)?;
        }
        let mut token: [WhisperTokenId; 1];
        for place in 0..max_tokens {
            wanted(cancel)?;
            let past = prompt.len() - 1 + place;
            self.state
                .decode(next, past, self.threads)
                .map_err(failed)?;
            let scores = self.state.get_logits().map_err(failed)?;
            let best = self.choice.best(scores, place == 0, &following.favoured());
            let best = best.ok_or_else(|| failed(WhisperError::NullPointer))?;
            if best.token == model.choice.end() {
                decoded.end = best.probability;
                break;
            }
            token = [WhisperTokenId::try_from(best.token).unwrap_or(0)];
            let text = model.context.token_to_bytes(token[0]).unwrap_or_default();
            decoded.tokens.push(Token {
                text: text.to_vec(),
                probability: best.probability,
            });
            following.take(best.token);
            next = &token;
        }
        Ok(decoded)
    }
}

fn failed(error: WhisperError) -> SpeechError {
    SpeechError::Model(format!("whisper.cpp failed: {error}"))
}

fn wanted(cancel: &Cancel) -> Result<(), SpeechError> {
    if cancel.is_cancelled() {
        Err(SpeechError::Abandoned)
    } else {
        Ok(())
    }
}

impl Recognizer for WhisperRecognizer {
    fn recognize(
        &mut self,
        request: &Request,
        cancel: &Cancel,
    ) -> Result<Vec<Hypothesis>, SpeechError> {
        self.doubted = false;
        let model = Arc::clone(&self.model);
        self.language = request.language.unwrap_or_default();
        if !model.hears(self.language) {
            return Err(SpeechError::Foreign(self.language));
        }
        let expected = model.expected(&request.bias);
        let limits = if model.is_general() {
            Limits::GENERAL
        } else {
            Limits::TRAINED
        };
        if let Some(doubt) = plausible::doubt_sound(&request.samples) {
            tracing::debug!(?doubt, samples = request.samples.len(), "not speech");
            return Ok(Vec::new());
        }
        // The general models were trained on recordings with all their pauses.
        let readings = if model.is_general() {
            vec![vec![request.samples.clone()]]
        } else {
            readings(&request.samples)
        };
        let mut best = (f32::NEG_INFINITY, Believed::default());
        for reading in readings {
            let mut pieces = Vec::new();
            for piece in reading
                .iter()
                .flat_map(|phrase| segment::pieces(phrase, model.longest()))
            {
                pieces.push((self.decode(piece, &expected, cancel)?, piece.len()));
            }
            let sure = sureness(&pieces);
            if sure > best.0 {
                best = (sure, believed(&pieces, limits));
            }
            if sure > SURE {
                break;
            }
        }
        self.doubted = best.1.doubted;
        let mut heard = best.1.text;
        heard.iter_mut().for_each(|h| model.calibration.apply(h));
        Ok(heard.into_iter().collect())
    }

    fn doubted(&self) -> bool {
        self.doubted
    }
}

/// How sure the model is of all pieces together: the mean log probability of their tokens.
fn sureness(pieces: &[(Decoded, usize)]) -> f32 {
    let count = |d: &Decoded| (d.tokens.len() + 1) as f32;
    let all: f32 = pieces.iter().map(|(d, _)| count(d)).sum();
    pieces
        .iter()
        .map(|(d, _)| count(d) * d.mean().max(1e-3).ln())
        .sum::<f32>()
        / all.max(1.0)
}

/// What can be believed of several pieces.
#[derive(Default)]
struct Believed {
    text: Option<Hypothesis>,
    /// There was more.
    doubted: bool,
}

/// What can be believed of the pieces, as one text.
fn believed(pieces: &[(Decoded, usize)], limits: Limits) -> Believed {
    let mut doubted = false;
    let text = joined(pieces.iter().filter_map(|(decoded, samples)| {
        let part = hypothesis(decoded);
        let words: Vec<&str> = part.words.iter().map(|w| w.text.as_str()).collect();
        let doubt = plausible::doubt_text(decoded, &words, *samples, limits);
        if let Some(doubt) = doubt {
            tracing::debug!(?doubt, words = words.len(), "not believed");
            doubted |= doubt != Doubt::NoSpeech && !words.is_empty();
        }
        doubt.is_none().then_some(part)
    }));
    Believed { text, doubted }
}

#[cfg(test)]
mod tests;
