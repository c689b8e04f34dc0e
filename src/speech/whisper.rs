//! Hearing with Whisper: samples in, words with their confidence out.
//!
//! Decides how whisper.cpp is run (context fitted to the utterance, greedy, one segment, no
//! timestamps, no fallback) and how its tokens become words. Whether the words can be what was said
//! is decided in plausible.rs, where long sound is cut in segment.rs, who runs it in hearing_pool.rs.

use super::ggml::{self, Shape};
use super::phrase::readings;
use super::plausible::{self, Decoded, Limits, Token};
use super::segment;
use super::words::{hypothesis, joined};
use super::{Cancel, Recognizer, Request, SpeechError};
use crate::dialogue::Hypothesis;
use std::ffi::{c_int, c_void};
use std::io::{BufReader, Cursor};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState,
    WhisperSysContext, WhisperSysState, WhisperTokenData, WhisperTokenId,
};

/// The model in the binary.
static BUNDLED: &[u8] = include_bytes!("../../models/attendant-en.bin");

/// Samples in one unit of Whisper's audio context: 20 ms.
const UNIT: usize = 320;
/// Longest sound in one run, in units: longer is cut where it is quietest.
const MARGIN: u32 = 10;
/// A reading of which the model is this sure (mean log probability; 0.9) needs no second one: that
/// would double the computing time of every sentence with a breath in it.
const SURE: f32 = -0.105;
/// What is added to the score (a natural logarithm) of each expected word's first token. Measured on
/// 270 digits of real people: 64 % right without, 74 % at 1, 79 % at 2, 83 % at 3; but spoken digit
/// strings of synthetic voices lose (87 %, 85 %, 83 %, 81 % exact), so not more.
const BIAS: f32 = 2.0;

/// A loaded model, shared by all recognisers.
pub struct WhisperModel {
    context: WhisperContext,
    shape: Shape,
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
        let shape = ggml::inspect(&mut Cursor::new(BUNDLED))
            .map_err(|e| refused("the bundled model", &e))?;
        let context = WhisperContext::new_from_buffer_with_params(
            BUNDLED,
            WhisperContextParameters::default(),
        )
        .map_err(|e| refused("the bundled model", &e))?;
        Ok(Arc::new(Self { context, shape }))
    }

    /// Loads a Whisper ggml file.
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
        let shape = ggml::inspect(&mut BufReader::new(file)).map_err(|e| refused(&name, &e))?;
        let context = WhisperContext::new_with_params(path, WhisperContextParameters::default())
            .map_err(|e| refused(&name, &format!("whisper.cpp does not accept it ({e})")))?;
        Ok(Arc::new(Self { context, shape }))
    }

    /// Whether this is a model of general English or of many languages (30 s context), not one
    /// trained for a business.
    fn is_general(&self) -> bool {
        self.shape.n_audio_ctx >= 1500
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
    fn max_tokens(&self, samples: usize) -> u32 {
        let by_length = 8 + u32::try_from(samples / 2000).unwrap_or(u32::MAX);
        // whisper.cpp stops at n_text_ctx / 2 - 4 on its own, but then throws the text away.
        by_length.min((self.shape.n_text_ctx / 2).saturating_sub(6).max(1))
    }

    /// The tokens that expected words begin with.
    fn expected(&self, bias: &str) -> Vec<WhisperTokenId> {
        let mut tokens: Vec<_> = bias
            .split(|c: char| !c.is_alphanumeric() && c != '\'')
            .filter(|word| !word.is_empty())
            .take(64)
            .filter_map(|word| {
                let word = format!(" {word}");
                // Room for a token per byte: whisper-rs does not notice when the room is too small.
                self.context
                    .tokenize(&word, word.len() + 1)
                    .ok()?
                    .first()
                    .copied()
            })
            .collect();
        // Else each expected word would also win against the end, and numbers would grow digits.
        if !tokens.is_empty() {
            tokens.push(self.context.token_eot());
        }
        tokens.sort_unstable();
        tokens.dedup();
        tokens
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
    threads: c_int,
    /// Kept between calls: the samples as whisper.cpp wants them.
    pcm: Vec<f32>,
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
            pcm: Vec::new(),
        };
        new.decode(&vec![0; 8000], &[], &Cancel::default())?;
        Ok(new)
    }

    /// Runs the model on one stretch that fits its context.
    fn decode(
        &mut self,
        samples: &[i16],
        expected: &[WhisperTokenId],
        cancel: &Cancel,
    ) -> Result<Decoded, SpeechError> {
        self.pcm.clear();
        self.pcm
            .extend(samples.iter().map(|s| f32::from(*s) / 32768.0));
        let mut params = self.params(samples.len());
        // SAFETY: the flag lives in an Arc that `cancel` holds beyond `full`, which is the only one
        // to call back; the callback only reads an atomic.
        unsafe {
            params.set_abort_callback(Some(is_cancelled));
            params
                .set_abort_callback_user_data(std::ptr::from_ref(cancel.flag()).cast_mut().cast());
        }
        let favour = Favour {
            tokens: expected,
            n_vocab: self.model.context.n_vocab(),
        };
        if !expected.is_empty() {
            // SAFETY: `favour` outlives `full`; the callback stays within n_vocab logits.
            unsafe {
                params.set_filter_logits_callback(Some(favour_expected));
                params.set_filter_logits_callback_user_data(
                    std::ptr::from_ref(&favour).cast_mut().cast(),
                );
            }
        }
        match self.state.full(params, &self.pcm) {
            Ok(()) => Ok(self.tokens()),
            Err(_) if cancel.is_cancelled() => Err(SpeechError::Abandoned),
            Err(error) => Err(SpeechError::Model(format!("whisper.cpp failed: {error}"))),
        }
    }

    fn params(&self, samples: usize) -> FullParams<'static, 'static> {
        let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        params.set_n_threads(self.threads);
        params.set_audio_ctx(self.model.audio_ctx(samples) as c_int);
        params.set_max_tokens(self.model.max_tokens(samples) as c_int);
        params.set_single_segment(true);
        params.set_no_timestamps(true);
        params.set_no_context(true);
        params.set_suppress_blank(true);
        params.set_suppress_nst(true);
        params.set_temperature(0.0);
        params.set_temperature_inc(0.0);
        params.set_print_progress(false);
        params.set_print_realtime(false);
        params.set_print_timestamps(false);
        params.set_print_special(false);
        params
    }

    fn tokens(&self) -> Decoded {
        let end_of_text = self.model.context.token_eot();
        let mut decoded = Decoded::default();
        for segment in self.state.as_iter() {
            decoded.no_speech = decoded.no_speech.max(segment.no_speech_probability());
            for token in (0..segment.n_tokens()).filter_map(|i| segment.get_token(i)) {
                if token.token_id() < end_of_text {
                    let text = token.to_bytes().unwrap_or_default().to_vec();
                    decoded.tokens.push(Token {
                        text,
                        probability: token.token_probability(),
                    });
                } else if token.token_id() == end_of_text {
                    decoded.end = token.token_probability();
                }
            }
        }
        decoded
    }
}

/// The words to favour, for the C callback.
struct Favour<'a> {
    tokens: &'a [WhisperTokenId],
    n_vocab: c_int,
}

unsafe extern "C" fn is_cancelled(flag: *mut c_void) -> bool {
    // SAFETY: `decode` passes a pointer to a living AtomicBool.
    unsafe { &*flag.cast::<AtomicBool>() }.load(Ordering::Relaxed)
}

unsafe extern "C" fn favour_expected(
    _: *mut WhisperSysContext,
    _: *mut WhisperSysState,
    _: *const WhisperTokenData,
    _: c_int,
    logits: *mut f32,
    favour: *mut c_void,
) {
    // SAFETY: `decode` passes a pointer to a living Favour, whisper.cpp a row of n_vocab logits.
    let (favour, logits) = unsafe {
        let favour = &*favour.cast::<Favour<'_>>();
        (
            favour,
            std::slice::from_raw_parts_mut(logits, usize::try_from(favour.n_vocab).unwrap_or(0)),
        )
    };
    for token in favour.tokens {
        if let Some(logit) = usize::try_from(*token).ok().and_then(|i| logits.get_mut(i)) {
            *logit += BIAS;
        }
    }
}

impl Recognizer for WhisperRecognizer {
    fn recognize(
        &mut self,
        request: &Request,
        cancel: &Cancel,
    ) -> Result<Vec<Hypothesis>, SpeechError> {
        let model = Arc::clone(&self.model);
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
        let mut best = (f32::NEG_INFINITY, None);
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
        Ok(best.1.into_iter().collect())
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

/// What can be believed of the pieces, as one text.
fn believed(pieces: &[(Decoded, usize)], limits: Limits) -> Option<Hypothesis> {
    joined(pieces.iter().filter_map(|(decoded, samples)| {
        let part = hypothesis(decoded);
        let words: Vec<&str> = part.words.iter().map(|w| w.text.as_str()).collect();
        let doubt = plausible::doubt_text(decoded, &words, *samples, limits);
        if let Some(doubt) = doubt {
            tracing::debug!(?doubt, words = words.len(), "not believed");
        }
        doubt.is_none().then_some(part)
    }))
}
