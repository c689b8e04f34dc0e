//! What is decoded here is what `whisper_full` decodes, with the bundled model and with files of other
//! kinds (random weights: nonsense, but the same nonsense).

use super::*;
use crate::audio::wav::{Channel, WavReader};

#[path = "../../../benches/recognition/random_model.rs"]
mod random_model;
use random_model::Shape as Size;

/// Rounding in the spectrogram changes a probability by less than this.
const ROUNDING: f32 = 0.02;

fn sound(name: &str) -> Vec<i16> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("audio-fixtures/hearing")
        .join(name);
    let file = std::fs::File::open(path).unwrap();
    WavReader::new(file, Channel::Mix)
        .unwrap()
        .flat_map(|frame| frame.0)
        .collect()
}

/// The tokens before the end, and their probabilities, as whisper.cpp decodes on its own.
fn by_whisper_cpp(recognizer: &mut WhisperRecognizer, samples: &[i16]) -> Vec<(Vec<u8>, f32)> {
    let model = Arc::clone(&recognizer.model);
    let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    params.set_n_threads(1);
    params.set_audio_ctx(model.audio_ctx(samples.len()) as i32);
    params.set_max_tokens(model.max_tokens(samples.len()) as i32 - 1);
    params.set_single_segment(true);
    params.set_no_timestamps(true);
    params.set_no_context(true);
    params.set_suppress_blank(true);
    params.set_suppress_nst(true);
    params.set_temperature_inc(0.0);
    params.set_print_progress(false);
    let pcm: Vec<f32> = samples.iter().map(|s| f32::from(*s) / 32768.0).collect();
    recognizer.state.full(params, &pcm).unwrap();
    recognizer.audio_ctx = 0;
    let mut tokens = Vec::new();
    for segment in recognizer.state.as_iter() {
        for token in (0..segment.n_tokens()).filter_map(|n| segment.get_token(n)) {
            if token.token_id() < model.context.token_eot() {
                let text = token.to_bytes().unwrap().to_vec();
                tokens.push((text, token.token_probability()));
            }
        }
    }
    tokens
}

fn same_as_whisper_cpp(model: &Arc<WhisperModel>, name: &str) {
    let mut recognizer = WhisperRecognizer::new(model, 1).unwrap();
    let samples = sound(name);
    let theirs = by_whisper_cpp(&mut recognizer, &samples);
    let ours = recognizer
        .decode(&samples, &Expected::default(), &Cancel::default())
        .unwrap();
    assert!(!theirs.is_empty(), "{name}");
    let text = |tokens: &mut dyn Iterator<Item = &[u8]>| {
        let bytes: Vec<u8> = tokens.flatten().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    assert_eq!(
        text(&mut ours.tokens.iter().map(|token| &token.text[..])),
        text(&mut theirs.iter().map(|token| &token.0[..])),
        "{name}"
    );
    for (ours, theirs) in ours.tokens.iter().zip(&theirs) {
        let off = (ours.probability - theirs.1).abs();
        assert!(off < ROUNDING, "{name}: {ours:?} {theirs:?}");
    }
}

#[test]
fn the_bundled_model_says_what_it_says_in_whisper_cpp() {
    let model = WhisperModel::bundled().unwrap();
    for name in ["order.wav", "number.wav", "hours.wav", "yes.wav", "no.wav"] {
        same_as_whisper_cpp(&model, name);
    }
}

#[test]
fn general_models_english_or_of_many_languages_do_too() {
    let folder = tempfile::tempdir().unwrap();
    for vocabulary in [51_864, 51_865] {
        let path = folder.path().join(format!("{vocabulary}.bin"));
        let small = Size {
            vocabulary,
            width: 64,
            heads: 2,
            audio_layers: 1,
            text_layers: 1,
            ..random_model::TINY_EN
        };
        random_model::write(&path, small).unwrap();
        let model = WhisperModel::open(&path).unwrap();
        assert!(model.is_general());
        assert_eq!(model.context.is_multilingual(), vocabulary == 51_865);
        assert_eq!(model.hears(Language::Spanish), vocabulary == 51_865);
        same_as_whisper_cpp(&model, "yes.wav");
    }
}

#[test]
fn the_language_is_told_to_a_model_of_many_and_refused_by_one_of_english() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.bin");
    let small = Size {
        vocabulary: 51_865,
        width: 64,
        heads: 2,
        audio_layers: 1,
        text_layers: 1,
        ..random_model::TINY_EN
    };
    random_model::write(&path, small).unwrap();
    let model = WhisperModel::open(&path).unwrap();
    for language in Language::ALL {
        let token = model
            .context
            .token_lang(whisper_rs::get_lang_id(language.code()).unwrap());
        assert_eq!(model.prompts[&language][1], token);
    }
    let request = Request {
        samples: sound("yes.wav"),
        language: Some(Language::Spanish),
        ..Request::default()
    };
    let mut recognizer = WhisperRecognizer::new(&model, 1).unwrap();
    recognizer.recognize(&request, &Cancel::default()).unwrap();
    let english = WhisperModel::bundled().unwrap();
    let mut recognizer = WhisperRecognizer::new(&english, 1).unwrap();
    let refused = recognizer.recognize(&request, &Cancel::default());
    assert!(matches!(
        refused,
        Err(SpeechError::Foreign(Language::Spanish))
    ));
}

#[test]
fn a_recognition_that_nobody_wants_ends() {
    let model = WhisperModel::bundled().unwrap();
    let mut recognizer = WhisperRecognizer::new(&model, 1).unwrap();
    let cancel = Cancel::default();
    cancel.cancel();
    let ended = recognizer.decode(&sound("yes.wav"), &Expected::default(), &cancel);
    assert!(matches!(ended, Err(SpeechError::Abandoned)));
}

/// What PyTorch hears with the bundled file (`models/train/agree.py`).
#[derive(serde::Deserialize)]
struct Agreed {
    path: String,
    text: String,
    /// Natural logarithms, the end's included.
    log_probabilities: Vec<f32>,
}

/// ggml multiplies with activations rounded to 8 bits, PyTorch does not.
const TOLERANCE: f32 = 0.2;

#[test]
fn the_exported_model_hears_what_pytorch_hears() {
    let model = WhisperModel::bundled().unwrap();
    let mut recognizer = WhisperRecognizer::new(&model, 1).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio-fixtures/hearing/pytorch.json");
    let agreed: Vec<Agreed> =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(agreed.len() > 5);
    for fixture in agreed {
        let heard = recognizer
            .decode(
                &sound(&format!("wide/{}", fixture.path)),
                &Expected::default(),
                &Cancel::default(),
            )
            .unwrap();
        let bytes: Vec<u8> = heard.tokens.iter().flat_map(|t| t.text.clone()).collect();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.trim(), fixture.text, "{}", fixture.path);
        let found = heard
            .tokens
            .iter()
            .map(|t| t.probability)
            .chain([heard.end]);
        for (found, wanted) in found.zip(&fixture.log_probabilities) {
            let found = found.ln();
            assert!(
                (found - wanted).abs() < TOLERANCE,
                "{}: {found} instead of {wanted}",
                fixture.path
            );
        }
    }
}
