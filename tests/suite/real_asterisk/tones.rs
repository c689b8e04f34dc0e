//! Every way in, with sessions that speak in tones: what is heard can be measured.

use super::asterisk::{Asterisk, ENTRIES, SECRET, SPEECH};
use crate::line::house::options;
use attendant::audio::{Digit, Frame};
use attendant::call::Mark;
use attendant::dialogue::{Disposition, Handover, Reason};
use attendant::line::server::{Options, Server, Stop};
use attendant::line::{CallSession, Ending, Out, Switchboard};
use attendant::pii::Secret;
use attendant::runtime::session::LineTraits;
use std::collections::{BTreeMap, VecDeque};
use std::f32::consts::TAU;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

/// What the tones mean, Hz.
const GREETING: f32 = 440.0;
const PROMPT: f32 = 660.0;
const RETURNED: f32 = 880.0;
/// The person of the dialplan.
const PERSON: f32 = 1004.0;
/// No call of these lasts as long.
const LONGEST: Duration = Duration::from_secs(60);

type Log = Arc<Mutex<Vec<String>>>;

/// Speaks in tones: greets for 1 s; key `1` is a prompt of 10 s, which the caller's voice stops; `0` wants
/// a person, `9` hangs up. A fake at the seam of the line.
struct ToneSession {
    id: String,
    log: Log,
    playing: VecDeque<Out>,
    next: Vec<Out>,
    loud: u32,
    heard: u32,
    prompts: u32,
}

impl ToneSession {
    fn note(&self, what: &str) {
        let line = format!("{} {what}", self.id);
        self.log.lock().expect("no panic").push(line);
    }

    fn say(&mut self, hz: f32, ticks: usize) {
        let sample = |n: usize| ((n as f32 * hz * TAU / 16_000.0).sin() * 8_000.0) as i16;
        for tick in 0..ticks {
            let mut frame = Frame::SILENCE;
            for (n, to) in frame.0.iter_mut().enumerate() {
                *to = sample(tick * 320 + n);
            }
            self.playing.push_back(Out::Media(frame));
        }
        let (playback, sentence) = (self.prompts, 0);
        self.prompts += 1;
        self.playing
            .push_back(Out::Mark(Mark { playback, sentence }));
    }
}

impl CallSession for ToneSession {
    fn answered(&mut self, _: Option<String>) {
        self.note("answered");
        self.say(GREETING, 50);
    }

    fn tick(&mut self, heard: Option<&Frame>, out: &mut Vec<Out>) {
        out.append(&mut self.next);
        self.heard += u32::from(heard.is_some());
        let is_loud = heard.is_some_and(|f| f.0.iter().any(|s| s.unsigned_abs() > SPEECH));
        self.loud = if is_loud { self.loud + 1 } else { 0 };
        if self.loud == 5 && !self.playing.is_empty() {
            self.note("barge-in");
            self.playing.clear();
            out.push(Out::Clear);
        }
        while let Some(next) = self.playing.pop_front() {
            let is_sound = matches!(next, Out::Media(_));
            out.push(next);
            if is_sound && !matches!(self.playing.front(), Some(Out::Mark(_))) {
                break;
            }
        }
    }

    fn digit(&mut self, digit: Digit) {
        self.note(&format!("digit {}", digit.as_char()));
        match digit.as_char() {
            '1' => self.say(PROMPT, 500),
            '0' => {
                let handover = Handover::new(Reason::Requested, "Wants a person.");
                self.next.push(Out::End(Ending::HandOver(handover)));
            }
            '9' => {
                let ending = Ending::HangUp(Disposition::Completed);
                self.next.push(Out::End(ending));
            }
            _ => {}
        }
    }

    fn played(&mut self, mark: Mark) {
        self.note(&format!("played {mark}"));
    }

    fn returned(&mut self) {
        self.note("returned");
        self.playing.clear();
        self.say(RETURNED, 50);
    }

    fn hung_up(&mut self) {
        self.note(&format!("hung up, {} frames heard", self.heard));
    }

    fn drain(&mut self) {}
}

struct Tones(Log);

impl Switchboard for Tones {
    fn new_call(&self, call_id: &str, line: LineTraits) -> Box<dyn CallSession> {
        Box::new(ToneSession {
            id: format!("{}/{call_id}", line.name),
            log: Arc::clone(&self.0),
            playing: VecDeque::new(),
            next: Vec::new(),
            loud: 0,
            heard: 0,
            prompts: 0,
        })
    }

    fn ready(&self) -> bool {
        true
    }
}

/// A second of a voice-like buzz.
fn write_voice(path: &Path) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(path, spec).expect("room");
    for n in 0..8_000 {
        let buzz = (1..8).map(|h| (n as f32 * 130.0 * h as f32 * TAU / 8_000.0).sin() / h as f32);
        let sample = buzz.sum::<f32>() * 6_000.0;
        wav.write_sample(sample as i16).expect("room");
    }
    wav.finalize().expect("room");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a built Asterisk: make asterisk-test"]
async fn a_real_asterisk_calls_over_audiosocket_and_chan_websocket() {
    let log = Log::default();
    let mut settings = options().settings;
    settings.asterisk.secret = Some(Secret::new(SECRET.to_owned()));
    settings.audiosocket.listen = Some(([127, 0, 0, 1], 0).into());
    settings.audiosocket.strict = true;
    let options = Options {
        max_calls: 64,
        settings,
        ..options()
    };
    let seats = Arc::new(Tones(Arc::clone(&log)));
    let server = Server::bind(options, seats, Stop::default())
        .await
        .expect("free ports");
    let port = server.local_addr().port().to_string();
    let told = server.carriers().iter();
    let audiosocket = told
        .filter(|carrier| carrier.provider().name == "audiosocket")
        .flat_map(|carrier| carrier.announce(server.urls()))
        .find_map(|(_, address)| Some(address.rsplit_once(':')?.1.to_owned()));
    tokio::spawn(server.run());

    let dir = tempfile::tempdir().expect("a folder");
    write_voice(&dir.path().join("voice.wav"));
    let asterisk = Asterisk::start(
        dir.path(),
        BTreeMap::from([
            ("PORT", port),
            ("AUDIOSOCKET", audiosocket.expect("announced")),
            ("SECRET", SECRET.to_owned()),
        ]),
    );
    asterisk.ready().await;
    asterisk.tell("dialplan set global NOBODY 0");
    asterisk
        .play(&["keys", "barge", "leaves", "person", "silent"], LONGEST)
        .await;
    asterisk.tell("dialplan set global NOBODY 1");
    asterisk.play(&["back"], LONGEST).await;
    sleep(Duration::from_millis(500)).await;

    if std::env::var_os("ASTERISK_SHOW").is_some() {
        eprintln!("{}", asterisk.log());
        eprintln!("{}", log.lock().expect("no panic").join("\n"));
    }
    println!("entry             greeting lost   barge-in to silence   (ms)");
    for entry in ENTRIES {
        let recording = |caller| asterisk.recording(entry, caller);
        let mut lost = 0;
        for caller in ["keys", "barge", "leaves", "person", "silent", "back"] {
            let (from, to, long) = recording(caller).tone(GREETING);
            // Loose: the machine may be busy, and a channel that is dialled drops what comes before it
            // is bridged. The table tells how well it went.
            assert!(
                (500..=1_060).contains(&long),
                "{entry} {caller}: greeting of {long} ms"
            );
            assert!(
                to - from - long <= 400,
                "{entry} {caller}: holes in {from} to {to}: {long}"
            );
            lost = lost.max(1_000_usize.saturating_sub(long));
        }
        let barge = recording("barge");
        let (from, to, long) = barge.tone(PROMPT);
        let speaks = barge.speaks_at(from).expect("the caller speaks");
        assert!(long > 500, "{entry}: the prompt was heard for {long} ms");
        let silent = to.saturating_sub(speaks);
        assert!(
            silent < 1_000,
            "{entry}: silent {silent} ms after the caller speaks"
        );
        let (_, _, long) = recording("person").tone(PERSON);
        assert!(long > 1_000, "{entry}: the person was heard for {long} ms");
        let (_, _, long) = recording("back").tone(RETURNED);
        assert!(long > 500, "{entry}: back for {long} ms");
        println!("{entry:<18}{lost:>13}{silent:>22}");
    }
    let log = log.lock().expect("no panic").clone();
    let count = |what: &str| log.iter().filter(|line| line.contains(what)).count();
    let calls = ENTRIES.len() * 6;
    assert_eq!(count("answered"), calls, "{log:#?}");
    assert_eq!(count("hung up"), calls, "{log:#?}");
    for key in ["5", "2", "*", "#"] {
        assert_eq!(count(&format!("digit {key}")), ENTRIES.len(), "{log:#?}");
    }
    assert_eq!(count("barge-in"), ENTRIES.len(), "{log:#?}");
    assert_eq!(count("returned"), ENTRIES.len(), "{log:#?}");
    // Where Asterisk reports marks the greeting's comes back; AudioSocket has none.
    assert_eq!(count("played p0s0"), 3 * 6, "{log:#?}");
    // Nothing that we send is taken amiss; it complains of files that it can do without.
    let text = asterisk.log();
    let errors = text.lines().filter(|line| line.contains("ERROR"));
    let errors: Vec<_> = errors
        .filter(|line| !line.contains("config file"))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
