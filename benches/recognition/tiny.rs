//! A model of tiny.en's shape, run by `whisper_full` as anyone would run it, for a number of tokens.

use crate::random_model::{TINY_EN, write};
use std::ffi::{c_int, c_void};
use std::io;
use std::time::{Duration, Instant};
use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState,
    WhisperSysContext, WhisperSysState, WhisperTokenData, WhisperTokenId,
};

/// How much sound the encoder works on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// 30 s, as the model was trained.
    Whole,
    /// As much as there is, and 200 to 400 ms more: what the bundled model gets.
    Fitted,
}

/// The model.
pub struct Tiny(WhisperContext);

impl Tiny {
    /// Makes and loads it.
    ///
    /// # Errors
    /// When there is no room for the file.
    pub fn open() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("tiny.bin");
        write(&path, TINY_EN)?;
        WhisperContext::new_with_params(&path, WhisperContextParameters::default())
            .map(Self)
            .map_err(io::Error::other)
    }

    /// Work on `samples`, for as many tokens as `text` has.
    pub fn on(&self, samples: &[i16], text: &str, threads: u16) -> Work {
        let tokens = self
            .0
            .tokenize(&format!(" {text}"), text.len() + 2)
            .expect("plain text");
        Work {
            state: self.0.create_state().expect("memory for one state"),
            pcm: samples.iter().map(|s| f32::from(*s) / 32768.0).collect(),
            tokens: tokens.len() as c_int,
            end: self.0.token_eot(),
            threads: threads.into(),
        }
    }
}

/// Sound to run on.
pub struct Work {
    state: WhisperState,
    pcm: Vec<f32>,
    /// And the end of the text after them.
    tokens: c_int,
    end: WhisperTokenId,
    threads: c_int,
}

impl Work {
    /// Runs once.
    pub fn run(&mut self, context: Context) -> Duration {
        let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        params.set_n_threads(self.threads);
        if context == Context::Fitted {
            let units = self.pcm.len().div_ceil(320) + 10;
            params.set_audio_ctx(units.next_multiple_of(10) as c_int);
        }
        params.set_single_segment(true);
        params.set_no_timestamps(true);
        params.set_no_context(true);
        params.set_temperature_inc(0.0);
        params.set_print_progress(false);
        // Random weights end a text at once or never. whisper.cpp stops after one token more.
        params.set_max_tokens(self.tokens);
        // SAFETY: `self.end` lives beyond `full`, which is the only one to call back.
        unsafe {
            params.set_filter_logits_callback(Some(never_end));
            params.set_filter_logits_callback_user_data(
                std::ptr::from_ref(&self.end).cast_mut().cast(),
            );
        }
        let start = Instant::now();
        self.state.full(params, &self.pcm).expect("the model runs");
        let took = start.elapsed();
        let made: c_int = self.state.as_iter().map(|segment| segment.n_tokens()).sum();
        assert_eq!(
            made,
            self.tokens + 1,
            "as much work as the bundled model had"
        );
        took
    }
}

unsafe extern "C" fn never_end(
    _: *mut WhisperSysContext,
    _: *mut WhisperSysState,
    _: *const WhisperTokenData,
    _: c_int,
    logits: *mut f32,
    end: *mut c_void,
) {
    // SAFETY: `run` passes a pointer to a token below n_vocab, whisper.cpp a row of n_vocab logits.
    unsafe { *logits.add(*end.cast::<WhisperTokenId>() as usize) = f32::NEG_INFINITY };
}
