//! What a session hands to its models: the language and pace of a sentence, the language to be heard,
//! and how a caller sounded; with fakes in place of the models.

use super::*;
use crate::audio::FRAME_SAMPLES;
use crate::desk::{Desk, Endpoint, Key, Patience, Spool};
use crate::dialogue::Hypothesis;
use crate::dialogue::domain::Files;
use crate::runtime::business::Business;
use crate::speech::scripted::sure;
use crate::speech::{Hearing, Saying, Speaking};
use std::sync::Mutex;

/// Says what it was asked in, and answers the next text of its script.
#[derive(Default)]
struct Ears {
    script: Mutex<VecDeque<&'static str>>,
    asked: Mutex<Vec<Option<Language>>>,
}

impl Hearing for Ears {
    fn recognize(&self, request: Request, done: Box<dyn FnOnce(Recognized) + Send>) -> Cancel {
        self.asked.lock().expect("asked").push(request.language);
        let words = self.script.lock().expect("script").pop_front();
        let result = match words {
            Some("?") => Err(SpeechError::Foreign(Language::Spanish)),
            words => Ok(words.map(sure).into_iter().collect()),
        };
        done(Recognized {
            result,
            took: Duration::ZERO,
            queued: Duration::ZERO,
            doubted: false,
        });
        Cancel::default()
    }
}

/// 100 ms of silence for everything.
#[derive(Default)]
struct Voice(Mutex<Vec<Saying>>);

impl Speaking for Voice {
    fn speak(&self, saying: Saying, done: Box<dyn FnOnce(Rendered) + Send>) {
        self.0.lock().expect("said").push(saying);
        done(Rendered {
            result: Ok(vec![0; 5 * FRAME_SAMPLES].into()),
            took: Duration::ZERO,
        });
    }
}

/// Keeps what was heard.
struct Witness(Arc<Mutex<Vec<Hypothesis>>>);

impl Narrator for Witness {
    fn event(&mut self, _: Tick, event: &Event) {
        if let Event::Recognized {
            outcome: Recognition::Words(words),
            ..
        } = event
        {
            self.0.lock().expect("heard").extend(words.first().cloned());
        }
    }

    fn action(&mut self, _: Tick, _: &Action) {}
}

const HOURS: &str = "09:00-17:00";

fn files() -> Files {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let hours: String = days
        .iter()
        .map(|day| format!("{day} = {HOURS:?}\n"))
        .collect();
    let business = format!(
        "name = \"bureau\"\nlanguages = [\"en\", \"es\"]\ncurrency = \"USD\"\n[hours]\n{hours}"
    );
    let files = [
        ("business.toml", business.as_str()),
        ("tasks.toml", TASKS),
        ("en/wording.toml", ENGLISH),
        (
            "en/prompts.toml",
            "[slots.pin]\nask = \"Please key in your code.\"\n[unlocked]\nsay = \"Done.\"\n",
        ),
        ("es/wording.toml", SPANISH),
        (
            "es/prompts.toml",
            "[slots.pin]\nask = \"Por favor, marque su clave.\"\n[unlocked]\nsay = \"Listo.\"\n",
        ),
        ("operations.toml", ""),
        ("store.sql", ""),
    ];
    let owned = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
    files.into_iter().map(owned).collect()
}

const TASKS: &str = r#"
[slots.pin]
kind = "digits"
digits = 4
secret = true

[tasks.unlock]
key = "1"
steps = [{ ask = "pin" }, { say = "unlocked" }]
"#;

const ENGLISH: &str = r#"
title = "Bureau"

[tasks.unlock]
label = "unlock your card"
menu = "unlocking your card"
examples = ["unlock my card", "my card is locked", "I want to unlock my card"]
"#;

const SPANISH: &str = r#"
title = "Oficina"

[tasks.unlock]
label = "desbloquear su tarjeta"
menu = "desbloquear su tarjeta"
examples = ["desbloquear mi tarjeta", "mi tarjeta está bloqueada"]
"#;

struct Rig {
    session: Session,
    ears: Arc<Ears>,
    voice: Arc<Voice>,
    heard: Arc<Mutex<Vec<Hypothesis>>>,
}

fn rig(script: &[&'static str]) -> Rig {
    rig_with(script, None)
}

fn rig_with(script: &[&'static str], desk: Option<Desk>) -> Rig {
    let files = files();
    let business = Business::parse(files).expect("the business is right");
    let now: jiff::civil::DateTime = "2026-11-23T10:00".parse().expect("a time");
    let store = business.store(None, now.date()).expect("a store");
    let ears = Arc::new(Ears {
        script: Mutex::new(script.iter().copied().collect()),
        ..Ears::default()
    });
    let voice = Arc::new(Voice::default());
    let house = House {
        domain: business.domain,
        back_end: crate::store::BackEnd::new(Arc::new(store)),
        hearing: Arc::clone(&ears) as Arc<dyn Hearing>,
        speaking: Arc::clone(&voice) as Arc<dyn Speaking>,
        endpointing: (&crate::config::Config::default().call).into(),
        recorder: None,
        recognizer: "scripted".into(),
        desk,
        now: Some(now),
    };
    let line = LineTraits {
        name: "recording",
        virtual_clock: true,
        captions: true,
        ..LineTraits::PLAIN
    };
    let mut session = Session::new("test", Arc::new(house), line);
    let heard = Arc::default();
    session.narrate(Box::new(Witness(Arc::clone(&heard))));
    session.answered(None);
    let mut rig = Rig {
        session,
        ears,
        voice,
        heard,
    };
    rig.pass(100);
    rig
}

impl Rig {
    fn pass(&mut self, ticks: usize) -> Vec<Out> {
        let mut out = Vec::new();
        (0..ticks).for_each(|_| self.session.tick(Some(&Frame::SILENCE), &mut out));
        out
    }

    fn types(&mut self, text: &str) -> Vec<String> {
        self.session.typed(text);
        self.pass(100).iter().filter_map(shown).collect()
    }

    fn is_at_secret(&self) -> bool {
        let call = self.session.call.as_ref();
        call.is_some_and(|call| call.dialogue().question().secret)
    }

    /// One word in a recorded voice, whatever the script makes of it.
    fn say(&mut self) {
        let path = "audio-fixtures/hearing/yes.wav";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let file = std::fs::File::open(path).expect("the recording");
        let sound = crate::audio::wav::WavReader::new(file, crate::audio::wav::Channel::Mix);
        let mut out = Vec::new();
        for frame in sound.expect("sound") {
            self.session.tick(Some(&frame), &mut out);
        }
        self.pass(150);
    }

    /// What was said since the last time.
    fn said(&mut self) -> Vec<Saying> {
        std::mem::take(&mut *self.voice.0.lock().expect("said"))
    }
}

/// A caption of the caller, or that a secret is asked for.
fn shown(out: &Out) -> Option<String> {
    use crate::runtime::contract::Who;
    match out {
        Out::Caption(Caption::Words {
            who: Who::Caller,
            text,
            ..
        }) => Some(text.clone()),
        Out::Caption(Caption::Secret(on)) => Some(format!("secret {on}")),
        _ => None,
    }
}

/// Keeps everything that goes in and out.
struct Everything(Arc<Mutex<String>>);

impl Narrator for Everything {
    fn event(&mut self, _: Tick, event: &Event) {
        *self.0.lock().expect("told") += &format!("{event:?}\n");
    }

    fn action(&mut self, _: Tick, action: &Action) {
        *self.0.lock().expect("told") += &format!("{action:?}\n");
    }
}

#[test]
fn typed_words_are_a_turn_and_typed_secrets_are_dots_that_nobody_keeps() {
    let mut rig = rig(&[]);
    let told = Arc::new(Mutex::new(String::new()));
    rig.session.narrate(Box::new(Everything(Arc::clone(&told))));
    rig.said();
    assert_eq!(
        rig.types("  unlock\n my \u{7}card "),
        ["unlock my card", "secret true"]
    );
    assert!(!rig.said().is_empty(), "the question");
    assert!(rig.is_at_secret());
    // What is no number is not looked at, and asked for again.
    assert_eq!(rig.types("it is zanzibar"), ["••••••••••••"]);
    assert!(rig.is_at_secret() && !rig.said().is_empty());
    // Too short an entry is ended as by the pound key.
    assert_eq!(rig.types("90 1"), ["•••"]);
    assert!(rig.is_at_secret() && !rig.said().is_empty());
    let shown = rig.types("47-19");
    assert!(shown.contains(&"••••".to_owned()) && shown.contains(&"secret false".to_owned()));
    assert!(rig.said().iter().any(|said| said.text.contains("Done")));
    let told = told.lock().expect("told").clone();
    for secret in ["zanzibar", "901", "4719", "90 1"] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
    assert!(told.contains("Typed { text: \"unlock my card\" }"));
    assert!(rig.types(" \t ").is_empty(), "nothing typed is no turn");
}

#[test]
fn typing_cuts_a_prompt() {
    let mut rig = rig(&[]);
    rig.session.typed("what can you do");
    rig.pass(2);
    rig.session.typed("unlock my card");
    let out = rig.pass(100);
    assert!(out.contains(&Out::Clear), "the help was cut");
    assert!(rig.is_at_secret());
}

#[test]
fn language_and_pace_reach_the_voice_and_the_recogniser() {
    let mut rig = rig(&["in Spanish please", "más despacio", "?"]);
    assert!(rig.said().iter().all(|s| s.language.is_none() && !s.slow));
    rig.say();
    let spanish = rig.said();
    assert!(!spanish.is_empty());
    assert!(
        spanish
            .iter()
            .all(|s| s.language == Some(Language::Spanish)),
        "{spanish:?}"
    );
    rig.say();
    let slow = rig.said();
    assert!(!slow.is_empty() && slow.iter().all(|s| s.slow), "{slow:?}");
    // Nobody hears Spanish any more: on by keys.
    rig.say();
    let keys = rig.said();
    assert!(keys.iter().any(|s| s.text.contains("teclas")), "{keys:?}");
    let (english, spanish) = (Some(Language::English), Some(Language::Spanish));
    assert_eq!(
        *rig.ears.asked.lock().expect("asked"),
        [english, spanish, spanish]
    );
}

#[test]
fn how_the_caller_sounds_goes_with_the_words_but_for_secrets() {
    let mut rig = rig(&["unlock my card", "one two three four"]);
    rig.say();
    assert!(
        rig.session
            .call
            .as_ref()
            .is_some_and(|call| call.dialogue().question().secret)
    );
    rig.say();
    let heard = rig.heard.lock().expect("heard").clone();
    assert!(
        heard[0]
            .tone
            .is_some_and(|tone| tone.level_db < 0 && tone.pitch_hz > 60),
        "{heard:?}"
    );
    assert_eq!(heard.len(), 1, "what may be the secret is not listened to");
}

#[test]
fn the_packet_is_on_disk_before_the_line_may_let_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let spool = || Spool::open(folder.path(), 10).expect("a spool");
    // Nobody is there to take it.
    let key = Key::parse("sixteen bytes or more").expect("a key");
    let nobody = Endpoint::new("http://127.0.0.1:9/", key, false, Patience::default());
    let desk = Desk::start(spool(), nobody.expect("an address")).expect("a desk");
    let mut rig = rig_with(&[], Some(desk));
    rig.session.digit(Digit::new('0').expect("a key"));
    let mut out = Vec::new();
    let ended = |out: &[Out]| out.iter().any(|out| matches!(out, Out::End(_)));
    for _ in 0..500 {
        rig.session.tick(Some(&Frame::SILENCE), &mut out);
        if ended(&out) {
            break;
        }
    }
    assert!(ended(&out), "the call is passed on");
    let names = spool().names();
    let kept = spool()
        .get(names.first().expect("a packet"))
        .expect("whole");
    let packet: crate::desk::Packet = serde_json::from_slice(&kept.body).expect("JSON");
    assert_eq!(packet.data.call, "test");
    assert_eq!(packet.data.reason, crate::dialogue::Reason::Requested);
}
