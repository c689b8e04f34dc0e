//! The built-in voice: espeak-ng inside this process, and the phonemes that Piper voices need.
//!
//! Owns every call into espeak-ng: the library keeps one global state without any locking, so each
//! call happens under [`engine`]'s mutex. Loudness and silence are [`super::loudness`]'s affair,
//! threads and caching [`super::voice_pool`]'s.

use super::{SLOWER, SpeechError, Synthesizer, espeak_data, loudness};
use crate::audio::RATE_HZ;
use crate::audio::resample::resample_all;
use espeak_rs_sys as sys;
use std::ffi::{CStr, CString, c_int, c_short, c_void};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Rate at which a voice sounds natural on a telephone, in words per minute.
pub const NORMAL_WPM: u32 = 165;
/// espeak-ng's own limits, in words per minute.
pub const WPM_RANGE: std::ops::RangeInclusive<u32> = 80..=450;

/// Voices in the bundled data.
const VOICES: [&str; 8] = [
    "en-us",
    "en",
    "en-gb-x-rp",
    "es",
    "es-419",
    "fr",
    "de",
    "cmn",
];
/// Names that people write, and what espeak-ng calls them (it knows no aliases when loading by name).
const ALIASES: [(&str, &str); 8] = [
    ("en-gb", "en"),
    ("en-uk", "en"),
    ("es-es", "es"),
    ("es-mx", "es-419"),
    ("fr-fr", "fr"),
    ("de-de", "de"),
    ("zh", "cmn"),
    ("zh-cn", "cmn"),
];
/// Longest text in one call, in bytes: callers split at sentences long before this.
const MAX_TEXT: usize = 4096;
/// More sound than any [`MAX_TEXT`] needs, in samples (10 minutes at 22.05 kHz): a runaway is stopped.
const MAX_SAMPLES: usize = 600 * 22_050;

/// How the built-in voice speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Name as espeak-ng knows it, or a usual alias ("en-gb").
    pub voice: String,
    /// Words per minute, 80 to 450.
    pub rate_wpm: u32,
    /// 0 to 100; 50 is the voice's own.
    pub pitch: u32,
}

/// espeak-ng speaking with one voice, at 16 kHz and telephone loudness.
#[derive(Debug)]
pub struct EspeakVoice {
    manner: Manner,
}

impl EspeakVoice {
    /// A voice, checked to exist.
    ///
    /// # Errors
    /// [`SpeechError::Model`] when the voice is unknown, the rate is out of range or the voice's data
    /// cannot be unpacked anywhere.
    pub fn new(manner: Manner) -> Result<Self, SpeechError> {
        if !WPM_RANGE.contains(&manner.rate_wpm) {
            return Err(SpeechError::Model(format!(
                "a rate of {} words per minute cannot be spoken\nhint: choose {} to {}",
                manner.rate_wpm,
                WPM_RANGE.start(),
                WPM_RANGE.end()
            )));
        }
        engine()?.set_voice(&manner.voice)?;
        Ok(Self { manner })
    }
}

impl Synthesizer for EspeakVoice {
    fn synthesize(&mut self, text: &str) -> Result<Vec<i16>, SpeechError> {
        say(text, &self.manner)
    }

    fn synthesize_slowly(&mut self, text: &str) -> Result<Vec<i16>, SpeechError> {
        let rate = (self.manner.rate_wpm as f32 / SLOWER) as u32;
        let manner = Manner {
            rate_wpm: rate.max(*WPM_RANGE.start()),
            ..self.manner.clone()
        };
        say(text, &manner)
    }
}

fn say(text: &str, manner: &Manner) -> Result<Vec<i16>, SpeechError> {
    let mut engine = engine()?;
    let speech = engine.speak(text, manner)?;
    let rate = engine.rate_hz;
    // Other voices may have the library while this one's samples are brought into shape.
    drop(engine);
    Ok(loudness::normalize(&resample_all(&speech, rate, RATE_HZ)))
}

/// IPA phonemes of `text` as espeak-ng's `voice` says them, one line, no punctuation at the end.
///
/// # Errors
/// [`SpeechError::Model`] when the voice is unknown or the library cannot start.
pub fn phonemes(text: &str, voice: &str) -> Result<String, SpeechError> {
    let mut engine = engine()?;
    engine.set_voice(voice)?;
    engine.phonemes(text)
}

/// The started library; holding it is the right to call espeak-ng.
struct Engine {
    rate_hz: u32,
}

static ENGINE: Mutex<Option<Engine>> = Mutex::new(None);
/// Where the callback puts samples; locked only inside a call that already holds [`ENGINE`].
static SPOKEN: Mutex<Vec<i16>> = Mutex::new(Vec::new());

/// Access to the library, started at first use.
struct Access(MutexGuard<'static, Option<Engine>>);

impl std::ops::Deref for Access {
    type Target = Engine;
    fn deref(&self) -> &Engine {
        self.0
            .as_ref()
            .expect("engine() starts it before it hands out access")
    }
}

impl std::ops::DerefMut for Access {
    fn deref_mut(&mut self) -> &mut Engine {
        self.0
            .as_mut()
            .expect("engine() starts it before it hands out access")
    }
}

fn engine() -> Result<Access, SpeechError> {
    // A panic elsewhere leaves nothing half done here: every use sets voice and text anew.
    let mut guard = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
    if guard.is_none() {
        *guard = Some(Engine::start(&espeak_data::folder()?)?);
    }
    Ok(Access(guard))
}

impl Engine {
    /// Starts espeak-ng once for the process.
    ///
    /// piper-rs is only ever given phonemes, so its own lazy start of espeak-ng, which would switch
    /// the library to asynchronous output, never happens.
    fn start(folder: &Path) -> Result<Self, SpeechError> {
        let path = CString::new(folder.as_os_str().as_encoded_bytes())
            .map_err(|_| SpeechError::Model("the cache folder's name holds a NUL byte".into()))?;
        // SAFETY: under the lock; `path` lives through the call, which copies it. DONT_EXIT: without
        // it missing data ends the process.
        let rate = unsafe {
            sys::espeak_Initialize(
                sys::espeak_AUDIO_OUTPUT_AUDIO_OUTPUT_SYNCHRONOUS,
                0,
                path.as_ptr(),
                sys::espeakINITIALIZE_DONT_EXIT as c_int,
            )
        };
        let rate_hz = u32::try_from(rate).ok().filter(|&rate| rate > 0).ok_or_else(|| {
            SpeechError::Model(format!(
                "espeak-ng did not start with the data in {} (code {rate})\nhint: delete that folder",
                folder.display()
            ))
        })?;
        // SAFETY: under the lock; the callback is a plain function that lives as long as the process.
        unsafe { sys::espeak_SetSynthCallback(Some(collect)) };
        Ok(Self { rate_hz })
    }

    fn set_voice(&mut self, voice: &str) -> Result<(), SpeechError> {
        let lower = voice.to_ascii_lowercase().replace('_', "-");
        let name = ALIASES
            .iter()
            .find(|(alias, _)| *alias == lower)
            .map_or(&*lower, |(_, name)| name);
        let unknown = || {
            SpeechError::Model(format!(
                "the built-in voice knows no language {voice:?}\nhint: choose one of {}",
                VOICES.join(", ")
            ))
        };
        // Only bundled names: anything else would be looked up as a path under the data folder.
        if !VOICES.contains(&name) {
            return Err(unknown());
        }
        let name = CString::new(name).map_err(|_| unknown())?;
        // SAFETY: under the lock (`&mut self` comes from it); `name` lives through the call.
        let status = unsafe { sys::espeak_SetVoiceByName(name.as_ptr()) };
        if status == sys::espeak_ERROR_EE_OK {
            Ok(())
        } else {
            Err(unknown())
        }
    }

    fn speak(&mut self, text: &str, manner: &Manner) -> Result<Vec<i16>, SpeechError> {
        let text = clean(text)?;
        self.set_voice(&manner.voice)?;
        let status = unsafe {
            // SAFETY: under the lock; synchronous, so the text outlives its use and the callback runs
            // on this thread before the call returns.
            sys::espeak_SetParameter(
                sys::espeak_PARAMETER_espeakRATE,
                manner.rate_wpm as c_int,
                0,
            );
            sys::espeak_SetParameter(
                sys::espeak_PARAMETER_espeakPITCH,
                manner.pitch.min(100) as c_int,
                0,
            );
            sys::espeak_Synth(
                text.as_ptr().cast::<c_void>(),
                text.as_bytes_with_nul().len(),
                0,
                sys::espeak_POSITION_TYPE_POS_CHARACTER,
                0,
                sys::espeakCHARS_UTF8,
                std::ptr::null_mut(),
                std::ptr::null_mut(),
            )
        };
        let spoken = std::mem::take(&mut *SPOKEN.lock().unwrap_or_else(PoisonError::into_inner));
        if status == sys::espeak_ERROR_EE_OK {
            Ok(spoken)
        } else {
            Err(SpeechError::Model(format!(
                "espeak-ng failed with code {status}"
            )))
        }
    }

    fn phonemes(&mut self, text: &str) -> Result<String, SpeechError> {
        let text = clean(text)?;
        let mut next: *const c_void = text.as_ptr().cast();
        let mut out = String::new();
        // espeak-ng moves `next` from clause to clause and sets it to null at the end. Every round eats
        // at least one byte; the bound holds should it ever not.
        for _ in 0..=text.as_bytes().len() {
            if next.is_null() {
                break;
            }
            // SAFETY: under the lock; `next` points into `text`, which outlives the loop. The result is
            // a NUL-terminated buffer of espeak-ng's that stays until its next call.
            let clause = unsafe {
                let clause = sys::espeak_TextToPhonemes(
                    &raw mut next,
                    sys::espeakCHARS_UTF8 as c_int,
                    sys::espeakPHONEMES_IPA as c_int,
                );
                if clause.is_null() {
                    continue;
                } else {
                    CStr::from_ptr(clause).to_string_lossy()
                }
            };
            if !out.is_empty() {
                out.push(' ');
            }
            out += without_language_marks(&clause).trim();
        }
        Ok(out)
    }
}

/// Takes espeak-ng's samples. Non-zero tells it to stop.
unsafe extern "C" fn collect(
    samples: *mut c_short,
    count: c_int,
    _events: *mut sys::espeak_EVENT,
) -> c_int {
    let Ok(count) = usize::try_from(count) else {
        return 0;
    };
    if samples.is_null() || count == 0 {
        return 0;
    }
    // SAFETY: espeak-ng hands over `count` samples that stay valid during this call.
    let new = unsafe { std::slice::from_raw_parts(samples, count) };
    let mut spoken = SPOKEN.lock().unwrap_or_else(PoisonError::into_inner);
    spoken.extend_from_slice(new);
    c_int::from(spoken.len() > MAX_SAMPLES)
}

/// Text that espeak-ng can take: no control characters, of bounded length.
fn clean(text: &str) -> Result<CString, SpeechError> {
    if text.len() > MAX_TEXT {
        return Err(SpeechError::Model(format!(
            "a text of {} bytes is too long to speak at once\nhint: split it at sentences ({MAX_TEXT} bytes at most)",
            text.len()
        )));
    }
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    CString::new(plain).map_err(|_| SpeechError::Model("the text holds a NUL byte".into()))
}

/// Drops `(en)`-style marks that espeak-ng puts around words of another language.
fn without_language_marks(phonemes: &str) -> String {
    let mut inside = false;
    phonemes
        .chars()
        .filter(|&c| {
            let mark = inside || c == '(';
            inside = mark && c != ')';
            !mark
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(name: &str, rate_wpm: u32) -> Result<EspeakVoice, SpeechError> {
        EspeakVoice::new(Manner {
            voice: name.into(),
            rate_wpm,
            pitch: 50,
        })
    }

    fn seconds(samples: &[i16]) -> f32 {
        samples.len() as f32 / RATE_HZ as f32
    }

    #[test]
    fn speaks_every_bundled_language() {
        for name in VOICES.iter().chain(ALIASES.iter().map(|(alias, _)| alias)) {
            let spoken = voice(name, 165)
                .and_then(|mut v| v.synthesize("123 banana"))
                .expect(name);
            assert!(
                (0.5..6.0).contains(&seconds(&spoken)),
                "{name}: {} s",
                seconds(&spoken)
            );
        }
    }

    #[test]
    fn faster_is_shorter_and_higher_stays_as_long() {
        let text = "Your order is on its way and should arrive tomorrow.";
        let length = |rate, pitch| {
            let mut voice = EspeakVoice::new(Manner {
                voice: "en-us".into(),
                rate_wpm: rate,
                pitch,
            })
            .expect("voice");
            seconds(&voice.synthesize(text).expect("speech"))
        };
        assert!(
            length(120, 50) > length(165, 50) * 1.15 && length(165, 50) > length(260, 50) * 1.15
        );
        let slow = voice("en-us", 165)
            .and_then(|mut voice| voice.synthesize_slowly(text))
            .expect("speech");
        assert!(seconds(&slow) > length(165, 50) * 1.15);
        assert!((length(165, 80) / length(165, 30) - 1.0).abs() < 0.2);
    }

    #[test]
    fn unknown_voices_and_rates_say_what_to_choose() {
        for (name, rate, hint) in [
            ("klingon", 165, "en-us"),
            ("../../../etc/passwd", 165, "en-us"),
            ("", 165, "en-us"),
            ("en-us", 9, "80"),
        ] {
            let message = voice(name, rate).expect_err(name).to_string();
            assert!(
                message.contains("hint:") && message.contains(hint),
                "{message}"
            );
        }
    }

    #[test]
    fn odd_text_is_harmless() {
        let mut voice = voice("en-us", 165).expect("voice");
        assert!(voice.synthesize("").expect("nothing").is_empty());
        assert!(voice.synthesize(" \n\t ").expect("nothing").is_empty());
        for text in [
            "a\0b",
            "[[h@l'oU]] <speak>&amp;</speak>",
            "\u{202e}🎈🎈",
            "%s%n%x",
            "שלום",
            &"x".repeat(4000),
        ] {
            voice.synthesize(text).expect("no failure");
        }
        assert!(
            voice
                .synthesize(&"a ".repeat(4000))
                .expect_err("too long")
                .to_string()
                .contains("hint:")
        );
    }

    #[test]
    fn phonemes_have_no_marks_of_language() {
        let said = phonemes("hello there", "en-us").expect("phonemes");
        assert!(said.contains('ə') || said.contains('ɛ'), "{said}");
        let mixed = phonemes("Der Download von Windows ist fertig", "de").expect("phonemes");
        assert!(!mixed.contains('(') && !mixed.is_empty(), "{mixed}");
        assert_eq!(without_language_marks("a(en)b(de) c"), "ab c");
        // The letter, not the article: ids are spelled with a mark after it.
        let spelled = phonemes(
            &crate::dialogue::spoken::Language::English.identifier("A7"),
            "en-us",
        );
        assert!(spelled.expect("phonemes").contains("eɪ"));
    }
}
