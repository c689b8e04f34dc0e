//! The page in a real Chromium: it is called, answers, is interrupted, shows both sides; keys, typing,
//! no microphone, a secret, the kiosk that forgets, and how it stands on screens. The sessions are real,
//! with a recogniser that always hears the same and a voice of tones; time is the browser's.

use crate::house::{back_end, close, journals, serve};
use crate::line::house::options;
use crate::support::chromium::{self, Chromium, Tab};
use crate::support::small_shop;
use attendant::audio::wav::{Channel, WavReader, WavWriter};
use attendant::audio::{Frame, TICK_MS};
use attendant::call::journal::{Entry, Journal};
use attendant::call::replay::replay;
use attendant::call::{Action, Endpointing, Event, Note};
use attendant::config::Config;
use attendant::dialogue::Dialogue;
use attendant::runtime::business::Business;
use attendant::runtime::house::House;
use attendant::runtime::recorder::Recorder;
use attendant::speech::scripted::sure;
use attendant::speech::{Cancel, Hearing, Recognized, Rendered, Request, Saying, Speaking};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const WORDS: &str = "where is order 456712";

/// Hears the same words in everything.
struct Ears;

impl Hearing for Ears {
    fn recognize(&self, _: Request, done: Box<dyn FnOnce(Recognized) + Send>) -> Cancel {
        done(Recognized {
            doubted: false,
            result: Ok(vec![sure(WORDS)]),
            took: Duration::ZERO,
            queued: Duration::ZERO,
        });
        Cancel::default()
    }
}

/// Every sentence is a soft tone of so many ms.
struct Tones(usize);

impl Speaking for Tones {
    fn speak(&self, _: Saying, done: Box<dyn FnOnce(Rendered) + Send>) {
        let tone = |n: usize| (2000.0 * (n as f32 * 0.1).sin()) as i16;
        done(Rendered {
            result: Ok((0..16 * self.0).map(tone).collect()),
            took: Duration::ZERO,
        });
    }
}

fn house(sentence_ms: usize, recordings: &Path) -> Arc<House> {
    let now: jiff::civil::DateTime = "2026-11-23T10:00".parse().unwrap();
    Arc::new(House {
        domain: Arc::clone(&small_shop().domain),
        back_end: back_end(now.date()),
        desk: None,
        hearing: Arc::new(Ears),
        speaking: Arc::new(Tones(sentence_ms)),
        endpointing: Endpointing::from(&Config::default().call),
        recorder: Some(Recorder::start(recordings, true)),
        recognizer: "scripted".into(),
        now: Some(now),
    })
}

/// A microphone's sound: silence, a recorded sentence, silence.
fn speech(folder: &Path, before_ms: u32, after_ms: u32) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("audio-fixtures/hearing/order.wav");
    let words = WavReader::new(std::fs::File::open(path).unwrap(), Channel::Mix).unwrap();
    let path = folder.join("microphone.wav");
    let mut wav = WavWriter::mono(std::fs::File::create(&path).unwrap()).unwrap();
    let silence = |ms: u32| std::iter::repeat_n(Frame::SILENCE, (ms / TICK_MS) as usize);
    for frame in silence(before_ms).chain(words).chain(silence(after_ms)) {
        wav.write(&frame).unwrap();
    }
    wav.finish().unwrap();
    path
}

/// How many captions of a side there are.
fn count(side: &str) -> String {
    format!("document.querySelectorAll('#captions .{side}').length")
}

fn shows(side: &str, words: &str) -> String {
    format!(
        "[...document.querySelectorAll('#captions .{side} .text')].some((e) => e.textContent.includes({words:?}))"
    )
}

async fn call(tab: &mut Tab<'_>) {
    tab.click("#call").await;
    tab.until("document.body.dataset.state === 'call'").await;
}

fn notes(journal: &Journal) -> impl Iterator<Item = &Note> {
    journal.entries.iter().filter_map(|(_, entry)| match entry {
        Entry::Out(Action::Note(note)) => Some(note),
        _ => None,
    })
}

fn replays(journal: &Journal) {
    let context = journal.entries.iter().find_map(|(_, entry)| match entry {
        Entry::In(Event::Answered(context)) => Some(context.clone()),
        _ => None,
    });
    let dialogue = Dialogue::new(Arc::clone(&small_shop().domain), context.unwrap());
    assert_eq!(replay(journal, dialogue).first_difference(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_by_voice_is_answered_interrupted_and_captioned() {
    let Some(program) = chromium::find() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let recordings = folder.path().join("recordings");
    std::fs::create_dir(&recordings).unwrap();
    let house = house(4000, &recordings);
    let server = serve(&house, options()).await;
    let microphone = speech(folder.path(), 3000, 60_000);
    let mut browser = Chromium::start(&program, Some(&microphone), "en-US").await;
    let mut tab = browser.tab().await;
    tab.screen(900, 900, false).await;
    tab.open(&server.base).await;
    tab.until("document.getElementById('title').textContent === 'Harbor Goods'")
        .await;
    tab.picture("idle").await;
    // Not allowed at first: said, and the call goes on without.
    tab.microphone(&server.base, "denied").await;
    call(&mut tab).await;
    let hint = tab
        .text("document.getElementById('hint').textContent")
        .await;
    assert!(hint.contains("blocked"), "{hint}");
    tab.picture("denied").await;
    tab.click("#call").await;
    tab.microphone(&server.base, "granted").await;
    call(&mut tab).await;
    tab.until(&format!("{} > 0", count("bot"))).await;
    tab.until("document.body.classList.contains('speaking')")
        .await;
    // The caller speaks over the greeting: it stops, and says so.
    tab.until(&format!("{} > 0", count("bot.cut"))).await;
    tab.until(&shows("caller", WORDS)).await;
    tab.until(&shows("bot", "coffee machine")).await;
    tab.picture("call").await;
    tab.screen(900, 900, true).await;
    tab.picture("call-dark").await;
    // Muted: the line goes on, with silence.
    tab.click("#mute").await;
    tab.until("document.getElementById('mute').ariaPressed === 'true'")
        .await;
    tab.click("#call").await;
    tab.until("document.body.dataset.state === 'over'").await;
    tab.unbroken().await;
    drop(browser);
    assert_eq!(close(server, house).await, 0);
    let calls = journals(&recordings);
    let interrupted = |note: &Note| matches!(note, Note::BargedIn { .. });
    let mut spoken = calls
        .iter()
        .filter(|(_, journal)| notes(journal).any(interrupted));
    let (call, journal) = spoken.next().expect("an interruption");
    replays(journal);
    let heard = WavReader::new(
        std::fs::File::open(call.join("caller.wav")).unwrap(),
        Channel::Mix,
    );
    let loudest = heard
        .unwrap()
        .flat_map(|frame| frame.0)
        .map(i16::unsigned_abs)
        .max();
    assert!(
        loudest.unwrap() > 1000,
        "the microphone was heard: {loudest:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_microphone_one_types_and_keys() {
    let Some(program) = chromium::find() else {
        return;
    };
    let recordings = tempfile::tempdir().unwrap();
    let house = house(300, recordings.path());
    let server = serve(&house, options()).await;
    let mut browser = Chromium::start(&program, None, "en-US").await;
    let mut tab = browser.tab().await;
    tab.screen(360, 640, false).await;
    tab.open(&server.base).await;
    call(&mut tab).await;
    let hint = tab
        .text("document.getElementById('hint').textContent")
        .await;
    assert!(hint.contains("No microphone"), "{hint}");
    assert_eq!(
        tab.value("document.getElementById('mute').disabled").await,
        true
    );
    assert_eq!(tab.text("document.activeElement.id").await, "text");
    // Keys in a text stay there; elsewhere they are keys.
    tab.click("#keypad").await;
    tab.until("!document.getElementById('keys').hidden").await;
    on_screen(&mut tab, 360).await;
    tab.picture("phone-keys").await;
    tab.key("3", "3").await;
    tab.until(&shows("caller", "3")).await;
    tab.until(&shows("bot", "return")).await;
    tab.value("document.getElementById('text').focus()").await;
    tab.write("where is order 456712").await;
    tab.until(&shows("caller", WORDS)).await;
    tab.until(&shows("bot", "coffee machine")).await;
    tab.until("!document.body.classList.contains('speaking')")
        .await;
    tab.click(".key[data-key='0']").await;
    tab.until("document.body.dataset.state === 'over'").await;
    tab.until("document.getElementById('over-number').href === 'tel:+15557654321'")
        .await;
    tab.picture("handover").await;
    tab.unbroken().await;
    drop(browser);
    assert_eq!(close(server, house).await, 0);
    let [(_, journal)] = &journals(recordings.path())[..] else {
        panic!("one call")
    };
    let typed = |entry: &Entry| matches!(entry, Entry::In(Event::Typed { text }) if text == WORDS);
    assert!(journal.entries.iter().any(|(_, entry)| typed(entry)));
    marks_came_back(journal);
    replays(journal);
}

/// Sentences were reported as heard when they were, not given up for lost after two seconds.
fn marks_came_back(journal: &Journal) {
    let mut started = Vec::new();
    let mut heard = 0;
    for (tick, entry) in &journal.entries {
        match entry {
            Entry::In(Event::Started(mark)) => started.push((*tick, *mark)),
            Entry::In(Event::Played { mark, .. }) => {
                if let Some((then, _)) = started.iter().find(|(_, known)| known == mark) {
                    let ms = (tick - then) * TICK_MS;
                    assert!(ms < 1900, "{mark} took {ms} ms");
                    heard += 1;
                }
            }
            _ => {}
        }
    }
    assert!(heard >= 2, "{heard}");
}

/// Nothing is wider than the screen, and what is to be pressed is on it and large enough.
async fn on_screen(tab: &mut Tab<'_>, width: u32) {
    assert_eq!(
        tab.value("document.scrollingElement.scrollWidth").await,
        width
    );
    let small =
        "[...document.querySelectorAll('button')].filter((b) => b.offsetParent).map((b) => {
        const { left, right, top, bottom } = b.getBoundingClientRect();
        const fits = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
        return fits && right - left >= 40 && bottom - top >= 40 ? null : b.outerHTML.slice(0, 60);
    }).filter(Boolean)";
    assert_eq!(tab.value(small).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kiosk_forgets_its_caller() {
    let Some(program) = chromium::find() else {
        return;
    };
    let recordings = tempfile::tempdir().unwrap();
    let house = house(300, recordings.path());
    let server = serve(&house, options()).await;
    let mut browser = Chromium::start(&program, None, "es-ES").await;
    let mut tab = browser.tab().await;
    tab.screen(1080, 1400, false).await;
    tab.open(&format!("{}/?kiosk=1&idle=8&countdown=5", server.base))
        .await;
    assert_eq!(tab.text("document.documentElement.lang").await, "es");
    assert_eq!(tab.text("document.activeElement.id").await, "touch");
    tab.picture("attract").await;
    tab.click("#touch").await;
    tab.until("document.body.dataset.state === 'call'").await;
    tab.value("document.getElementById('text').focus()").await;
    tab.write("where is order 456712").await;
    tab.until(&shows("bot", "coffee machine")).await;
    tab.until("document.getElementById('leaving').open").await;
    tab.picture("leaving").await;
    // Somebody is there after all.
    tab.click("#stay").await;
    tab.until("!document.getElementById('leaving').open").await;
    assert_eq!(tab.text("document.body.dataset.state").await, "call");
    tab.call("Input.insertText", json!({ "text": "half a word" }))
        .await;
    // Nobody is: a countdown, and then everything is gone.
    tab.until("document.getElementById('leaving').open").await;
    tab.until("document.getElementById('leaving-text').textContent.includes('1 s')")
        .await;
    tab.until("!document.getElementById('attract').hidden")
        .await;
    assert_eq!(tab.text("document.body.dataset.state").await, "idle");
    let left = tab
        .text("document.documentElement.outerHTML + document.getElementById('text').value")
        .await;
    for words in ["456712", "coffee", "half a word"] {
        assert!(!left.contains(words), "{words} is still on the page");
    }
    assert_eq!(
        tab.value("localStorage.length + sessionStorage.length")
            .await,
        0
    );
    assert_eq!(tab.text("document.cookie").await, "");
    tab.unbroken().await;
    drop(browser);
    // The call was hung up, so the house is empty at once.
    assert_eq!(close(server, house).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_opens_in_the_language_that_is_chosen_on_the_page() {
    let Some(program) = chromium::find() else {
        return;
    };
    let recordings = tempfile::tempdir().unwrap();
    let mut house = house(300, recordings.path());
    Arc::get_mut(&mut house).unwrap().domain = Business::sample("shop").domain;
    let server = serve(&house, options()).await;
    let mut browser = Chromium::start(&program, None, "en-US").await;
    let mut tab = browser.tab().await;
    tab.screen(390, 844, true).await;
    tab.open(&server.base).await;
    let pressed = "document.querySelector('#tongues [aria-pressed=true]')?.lang";
    tab.until(&format!("{pressed} === 'en'")).await;
    tab.click("#tongues [lang=es]").await;
    assert_eq!(tab.text(pressed).await, "es");
    assert_eq!(tab.text("document.documentElement.lang").await, "es");
    assert_eq!(tab.text("document.activeElement.lang").await, "es");
    tab.picture("languages").await;
    call(&mut tab).await;
    tab.until(&shows("bot", "Gracias por llamar")).await;
    let shown = "getComputedStyle(document.getElementById('tongues')).display";
    assert_eq!(tab.text(shown).await, "none");
    tab.click("#call").await;
    // It stays chosen for the next call.
    tab.until(&format!("{shown} !== 'none'")).await;
    assert_eq!(tab.text(pressed).await, "es");
    tab.unbroken().await;
    drop(browser);
    assert_eq!(close(server, house).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_is_converted_cleanly_and_buffered_as_long_as_needed() {
    let Some(program) = chromium::find() else {
        return;
    };
    let recordings = tempfile::tempdir().unwrap();
    let house = house(300, recordings.path());
    let server = serve(&house, options()).await;
    let mut browser = Chromium::start(&program, None, "en-US").await;
    let mut tab = browser.tab().await;
    tab.open(&server.base).await;
    // Level, in dB, of what becomes of a tone, from one rate to another.
    let level = "window.level = async (hz, from, to) => {
        const { Resampler } = await import('/kiosk/worklet.js');
        const resampler = new Resampler(from, to);
        const out = [];
        for (let n = 0; n < from; n += 128) {
            out.push(...resampler.push(Float32Array.from({ length: 128 }, (_, k) => Math.sin(2 * Math.PI * hz * (n + k) / from))));
        }
        const middle = out.slice(to / 4, to * 3 / 4);
        return [out.length, 10 * Math.log10(middle.reduce((sum, x) => sum + x * x, 0) / middle.length * 2 + 1e-12)];
    }; 0";
    tab.value(level).await;
    for (hz, from, to, least, most) in [
        (1000, 48_000, 16_000, -0.1, 0.1),
        (6500, 48_000, 16_000, -0.5, 0.1),
        (1000, 44_100, 16_000, -0.1, 0.1),
        (6500, 44_100, 16_000, -0.5, 0.1),
        // What 16 kHz cannot hold must not fold back.
        (8500, 48_000, 16_000, -200.0, -70.0),
        (10_000, 48_000, 16_000, -200.0, -70.0),
        (15_000, 44_100, 16_000, -200.0, -70.0),
        (1000, 16_000, 48_000, -0.1, 0.1),
        (1000, 16_000, 44_100, -0.1, 0.1),
        (1000, 16_000, 16_000, -0.1, 0.1),
    ] {
        let found = tab.value(&format!("level({hz}, {from}, {to})")).await;
        let (length, db) = (found[0].as_f64().unwrap(), found[1].as_f64().unwrap());
        assert!(
            (least..=most).contains(&db),
            "{hz} Hz, {from} to {to}: {db:.1} dB"
        );
        assert!(
            (length - f64::from(to)).abs() < f64::from(to) / 100.0,
            "{length}"
        );
    }
    let buffered = "(async () => {
        const { JitterBuffer } = await import('/kiosk/worklet.js');
        const told = [];
        const buffer = new JitterBuffer(48000);
        const play = (count) => { const out = new Float32Array(128); let sum = 0; const marks = [];
            for (let n = 0; n < count; n += 1) { marks.push(...buffer.fill(out)); sum += out.filter((x) => x !== 0).length; }
            return [sum, marks]; };
        const tone = () => new Float32Array(960).fill(0.5);
        buffer.chunk(tone());
        told.push(play(7)[0] === 0 && 'it waits for more');
        buffer.chunk(tone()); buffer.chunk(tone()); buffer.mark('a'); buffer.chunk(tone()); buffer.mark('b');
        const [first, marks] = play(23);
        told.push(first === 23 * 128 && marks.join() === 'a' && 'a mark comes when its sound is over');
        told.push(play(100)[1].join() === 'b' && buffer.underruns === 0 && 'the end of a sentence is no gap');
        for (let n = 0; n < 4; n += 1) buffer.chunk(tone());
        play(100);
        told.push(buffer.underruns === 1 && buffer.target > 0.08 && 'a gap makes it keep more');
        for (let n = 0; n < 8; n += 1) buffer.chunk(tone());
        buffer.mark('c');
        play(10);
        told.push(buffer.clear().join() === 'c' && 'a clear gives the marks back');
        const [rest] = play(100);
        told.push(rest > 0 && rest <= 240 && 'and fades within 5 ms');
        buffer.mark('d');
        told.push(play(1)[1].join() === 'd' && 'a mark behind nothing is reached');
        return told;
    })()";
    let told = tab.value(buffered).await;
    assert!(
        told.as_array().unwrap().iter().all(|line| line.is_string()),
        "{told}"
    );
    tab.unbroken().await;
    drop(browser);
    assert_eq!(close(server, house).await, 0);
}
