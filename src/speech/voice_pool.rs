//! Speaks for all calls: worker threads, each with its own voice, and a store of sentences already made.
//!
//! Decides which voice speaks (and that the built-in one steps in when the chosen one fails), the order
//! of work and what is kept. How a sentence sounds is the voice's affair.

use super::sentence_cache::SentenceCache;
use super::{Rendered, Speaking, SpeechError, Synthesizer};
use crate::config::Voice;
use crate::dialogue::spoken::sentences::{MAX_SENTENCE, sentences};
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Sentences kept, in bytes of samples: 17 minutes of speech.
const CACHE_BYTES: usize = 32 * 1024 * 1024;
/// Sentences waiting for a voice; more than this and the machine is too slow for its calls.
const MAX_WAITING: usize = 512;
/// Longest text of one request, in bytes: six minutes of speech that nobody would sit through.
const MAX_TEXT: usize = 6000;
/// After so many failures in a row a worker gives its voice up.
const MAX_FAILURES: u32 = 3;

type Done = Box<dyn FnOnce(Rendered) + Send>;

/// A voice ready to speak, and how it came to be this one.
pub struct OpenedVoice {
    pub voice: Box<dyn Synthesizer>,
    /// "espeak-ng en-us", "piper NAME".
    pub name: String,
    /// Why this is not the voice that was asked for; for the user's eyes.
    pub warning: Option<String>,
}

/// The voice that the settings name, or the built-in one with a warning.
///
/// # Errors
/// The built-in voice cannot speak either: a wrong language or rate, or no folder for its data.
pub fn open_voice(config: &Voice) -> Result<OpenedVoice, SpeechError> {
    #[cfg(feature = "speech")]
    {
        let mut warning = None;
        if let Some(model) = &config.piper {
            match open_piper(config, model) {
                Ok(opened) => return Ok(opened),
                Err(error) => {
                    warning = Some(format!(
                        "the built-in voice speaks instead of the chosen one: {error}"
                    ))
                }
            }
        }
        let voice = open_builtin(config)?;
        Ok(OpenedVoice {
            voice,
            name: format!("espeak-ng {}", config.espeak),
            warning,
        })
    }
    #[cfg(not(feature = "speech"))]
    {
        use super::tone_voice;
        let _ = config;
        let warning = "this attendant was built without the feature `speech`: it beeps instead of speaking\n\
                       hint: build with default features";
        Ok(OpenedVoice {
            voice: Box::new(tone_voice::ToneVoice),
            name: tone_voice::NAME.into(),
            warning: Some(warning.into()),
        })
    }
}

#[cfg(feature = "speech")]
fn open_piper(config: &Voice, model: &std::path::Path) -> Result<OpenedVoice, SpeechError> {
    let pace = config.rate_wpm as f32 / super::espeak::NORMAL_WPM as f32;
    let voice = super::piper::PiperVoice::open(model, config.onnxruntime.as_deref(), pace)?;
    let name = model.file_stem().unwrap_or_default().to_string_lossy();
    Ok(OpenedVoice {
        voice: Box::new(voice),
        name: format!("piper {name}"),
        warning: None,
    })
}

#[cfg(feature = "speech")]
fn open_builtin(config: &Voice) -> Result<Box<dyn Synthesizer>, SpeechError> {
    use super::espeak::{EspeakVoice, Manner};
    let manner = Manner {
        voice: config.espeak.clone(),
        rate_wpm: config.rate_wpm,
        pitch: 50,
    };
    Ok(Box::new(EspeakVoice::new(manner)?))
}

#[cfg(not(feature = "speech"))]
fn open_builtin(_config: &Voice) -> Result<Box<dyn Synthesizer>, SpeechError> {
    Ok(Box::new(super::tone_voice::ToneVoice))
}

/// A pool with the voice that the settings name; a broken Piper voice is reported once and the built-in
/// voice takes its place.
///
/// # Errors
/// As [`open_voice`].
pub fn voice_pool(config: &Voice) -> Result<VoicePool, SpeechError> {
    let first = open_voice(config)?;
    if let Some(warning) = &first.warning {
        tracing::warn!("{warning}");
    }
    let neural = first.name.starts_with("piper");
    // espeak-ng is one global state behind a lock and a thousand times faster than real time; a neural
    // voice wants cores, but recognition needs them more.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = if neural { (cores / 2).clamp(1, 4) } else { 2 };
    let mut voices = vec![first.voice];
    while voices.len() < workers {
        voices.push(open_voice(config)?.voice);
    }
    let voices = voices
        .into_iter()
        .map(|voice| {
            Ok((
                voice,
                if neural {
                    Some(open_builtin(config)?)
                } else {
                    None
                },
            ))
        })
        .collect::<Result<_, SpeechError>>()?;
    Ok(VoicePool::new(first.name, voices))
}

/// See the module.
pub struct VoicePool {
    name: String,
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

/// A worker's own voice, and the one that steps in for it.
pub type Voices = (Box<dyn Synthesizer>, Option<Box<dyn Synthesizer>>);

struct Shared {
    state: Mutex<State>,
    /// A sentence was queued, or the pool closes.
    work: Condvar,
    /// A sentence was finished.
    finished: Condvar,
}

struct State {
    cache: SentenceCache,
    /// Callers of each sentence that is queued or being made: asked for twice, it is made once.
    wanted: BTreeMap<Arc<str>, Wanted>,
    urgent: VecDeque<Arc<str>>,
    /// Made when nobody waits: prompts rendered ahead.
    ahead: VecDeque<Arc<str>>,
    warned: bool,
    closing: bool,
}

#[derive(Default)]
struct Wanted {
    callers: Vec<Done>,
    /// A worker has it.
    taken: bool,
    /// A fixed prompt: never dropped from the store.
    keep: bool,
}

impl VoicePool {
    /// One worker for each of `voices`.
    pub fn new(name: String, voices: Vec<Voices>) -> Self {
        Self::with_cache(name, voices, CACHE_BYTES)
    }

    fn with_cache(name: String, voices: Vec<Voices>, cache_bytes: usize) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                cache: SentenceCache::new(cache_bytes),
                wanted: BTreeMap::new(),
                urgent: VecDeque::new(),
                ahead: VecDeque::new(),
                warned: false,
                closing: false,
            }),
            work: Condvar::new(),
            finished: Condvar::new(),
        });
        let workers = voices
            .into_iter()
            .enumerate()
            .filter_map(|(n, (voice, stand_in))| {
                let mut worker = Worker {
                    shared: Arc::clone(&shared),
                    voice,
                    stand_in,
                    failures: 0,
                };
                let thread = std::thread::Builder::new().name(format!("voice-{n}"));
                thread
                    .spawn(move || worker.run())
                    .map_err(|e| tracing::error!("no thread for a voice: {e}"))
                    .ok()
            })
            .collect();
        Self {
            name,
            shared,
            workers,
        }
    }

    /// The voice in use, for the user's eyes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Renders fixed prompts while nobody waits, and keeps them. Returns at once.
    pub fn prerender<T: AsRef<str>>(&self, texts: impl IntoIterator<Item = T>) {
        let mut state = self.shared.lock();
        for text in texts {
            let text: Arc<str> = text.as_ref().into();
            if text.trim().is_empty() || state.cache.keep(&text) {
                continue;
            }
            let known = state.wanted.contains_key(&text);
            state.wanted.entry(Arc::clone(&text)).or_default().keep = true;
            if !known {
                state.ahead.push_back(text);
            }
        }
        drop(state);
        self.shared.work.notify_all();
    }

    /// Waits until everything asked for so far is rendered, at most `limit`; whether it is.
    pub fn settle(&self, limit: Duration) -> bool {
        let state = self.shared.lock();
        let busy = |state: &mut State| !state.wanted.is_empty();
        let (_state, timeout) = self
            .shared
            .finished
            .wait_timeout_while(state, limit, busy)
            .unwrap_or_else(PoisonError::into_inner);
        !timeout.timed_out()
    }
}

impl Speaking for VoicePool {
    fn speak(&self, text: &str, done: Done) {
        let answer = |result| Rendered {
            result,
            took: Duration::ZERO,
        };
        if text.trim().is_empty() {
            return done(answer(Ok(Arc::default())));
        }
        let mut state = self.shared.lock();
        if let Some(samples) = state.cache.get(text) {
            drop(state);
            return done(answer(Ok(samples)));
        }
        if self.workers.is_empty() || state.urgent.len() >= MAX_WAITING {
            drop(state);
            let why = "too many sentences wait for the voice\nhint: fewer calls at once (`server.max_calls`)";
            return done(answer(Err(SpeechError::Model(why.into()))));
        }
        let text: Arc<str> = text.into();
        let wanted = state.wanted.entry(Arc::clone(&text)).or_default();
        wanted.callers.push(done);
        // The second caller waits with the first; a prompt queued ahead is moved to the front.
        if !wanted.taken && wanted.callers.len() == 1 {
            state.urgent.push_back(text);
            drop(state);
            self.shared.work.notify_one();
        }
    }
}

impl Drop for VoicePool {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.work.notify_all();
        let me = std::thread::current().id();
        for worker in self.workers.drain(..) {
            // The last owner may be a `done` running on a worker, which cannot wait for itself.
            if worker.thread().id() != me {
                let _ = worker.join();
            }
        }
        // Whoever still waits is told, so that `done` is called for everybody.
        let left = std::mem::take(&mut self.shared.lock().wanted);
        for done in left.into_values().flat_map(|wanted| wanted.callers) {
            let result = Err(SpeechError::Model("the voice was shut down".into()));
            call(
                done,
                Rendered {
                    result,
                    took: Duration::ZERO,
                },
            );
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds this lock; should it, the maps are still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next sentence to make; none when the pool closes.
    fn next(&self) -> Option<Arc<str>> {
        let mut state = self.lock();
        loop {
            if state.closing {
                return None;
            }
            while let Some(text) = state.urgent.pop_front().or_else(|| state.ahead.pop_front()) {
                // A prompt moved to the front is met again here, taken or done.
                if let Some(wanted) = state.wanted.get_mut(&text).filter(|wanted| !wanted.taken) {
                    wanted.taken = true;
                    return Some(text);
                }
            }
            state = self
                .work
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

struct Worker {
    shared: Arc<Shared>,
    voice: Box<dyn Synthesizer>,
    stand_in: Option<Box<dyn Synthesizer>>,
    /// In a row.
    failures: u32,
}

impl Worker {
    fn run(&mut self) {
        while let Some(text) = self.shared.next() {
            let start = Instant::now();
            let (result, own) = self.render(&text);
            let took = start.elapsed();
            let mut state = self.shared.lock();
            let wanted = state.wanted.remove(&text).unwrap_or_default();
            if let (Ok(samples), true) = (&result, own) {
                state.cache.put(text, Arc::clone(samples), wanted.keep);
            }
            drop(state);
            self.shared.finished.notify_all();
            for done in wanted.callers {
                call(
                    done,
                    Rendered {
                        result: result.clone(),
                        took,
                    },
                );
            }
        }
    }

    /// The samples, and whether the pool's own voice made them: a stand-in's are not kept, so that one
    /// failure does not leave a strange voice in a prompt for good.
    fn render(&mut self, text: &str) -> (Result<Arc<[i16]>, SpeechError>, bool) {
        let error = match attempt(&mut *self.voice, text) {
            Ok(samples) => {
                self.failures = 0;
                return (Ok(samples.into()), true);
            }
            Err(error) => error,
        };
        self.failures += 1;
        let Some(stand_in) = &mut self.stand_in else {
            return (Err(error), true);
        };
        if !std::mem::replace(&mut self.shared.lock().warned, true) {
            tracing::warn!(
                "the built-in voice speaks instead of the chosen one, which failed: {error}"
            );
        }
        let result = attempt(&mut **stand_in, text).map(Arc::from);
        if self.failures >= MAX_FAILURES
            && let Some(stand_in) = self.stand_in.take()
        {
            self.voice = stand_in;
        }
        (result, false)
    }
}

/// A voice's panic is its failure, not the pool's. What is longer than a voice takes at once is made
/// sentence by sentence.
fn attempt(voice: &mut dyn Synthesizer, text: &str) -> Result<Vec<i16>, SpeechError> {
    if text.len() > MAX_TEXT {
        let why = format!(
            "a prompt of {} bytes is too long\nhint: say it in several",
            text.len()
        );
        return Err(SpeechError::Model(why));
    }
    let mut once = |text: &str| {
        catch_unwind(AssertUnwindSafe(|| voice.synthesize(text)))
            .unwrap_or_else(|_| Err(SpeechError::Model("the voice panicked".into())))
    };
    if text.len() <= MAX_SENTENCE {
        return once(text);
    }
    sentences(text).try_fold(Vec::new(), |mut speech, sentence| {
        speech.extend(once(sentence)?);
        Ok(speech)
    })
}

/// Answers a caller, whose panic must not take a voice's thread with it.
fn call(done: Done, rendered: Rendered) {
    if catch_unwind(AssertUnwindSafe(|| done(rendered))).is_err() {
        tracing::error!("a receiver of speech panicked");
    }
}

#[cfg(test)]
#[path = "voice_pool_tests.rs"]
mod tests;
