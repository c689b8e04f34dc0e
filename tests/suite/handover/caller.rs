//! A caller of one of the businesses in the binary: what is typed, said and keyed goes into a real session
//! on a virtual clock, with a store, a record and a desk of its own.

use crate::house::Beeps;
use attendant::audio::wav::{Channel, WavReader};
use attendant::audio::{Digit, Frame};
use attendant::call::journal::{Entry, Journal};
use attendant::call::{Action, Endpointing, Tick};
use attendant::config::Config;
use attendant::desk::{Desk, Endpoint, Key, Packet, Patience, Spool};
use attendant::dialogue::Hypothesis;
use attendant::dialogue::domain::TRADES;
use attendant::runtime::business::Business;
use attendant::runtime::house::House;
use attendant::runtime::recorder::Recorder;
use attendant::runtime::session::{Ending, LineTraits, Out, Session};
use attendant::speech::scripted::sure;
use attendant::speech::{Cancel, Hearing, Recognized, Request, SpeechError};
use attendant::store::BackEnd;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tempfile::TempDir;

const LINE: LineTraits = LineTraits {
    name: "test",
    virtual_clock: true,
    ..LineTraits::PLAIN
};
/// No reply takes longer, in ticks.
const LONGEST: usize = 3000;

/// Hears what it is told to; nothing once that is used up.
#[derive(Default)]
struct Ears(Mutex<VecDeque<Result<Hypothesis, ()>>>);

impl Hearing for Ears {
    fn recognize(&self, _: Request, done: Box<dyn FnOnce(Recognized) + Send>) -> Cancel {
        let result = match self.0.lock().unwrap().pop_front() {
            Some(Ok(heard)) => Ok(vec![heard]),
            Some(Err(())) => Err(SpeechError::Model("as the test wants it".into())),
            None => Ok(Vec::new()),
        };
        done(Recognized {
            doubted: false,
            result,
            took: Duration::ZERO,
            queued: Duration::ZERO,
        });
        Cancel::default()
    }
}

/// A business of the binary, read once.
pub fn trade(name: &str) -> &'static Business {
    static ALL: [OnceLock<Business>; 3] = [const { OnceLock::new() }; 3];
    let at = TRADES.iter().position(|trade| *trade == name).unwrap();
    ALL[at].get_or_init(|| Business::sample(name))
}

pub struct Caller {
    pub business: &'static str,
    pub number: Option<&'static str>,
    dir: TempDir,
    ears: Arc<Ears>,
    session: Session,
    /// Kept for its recorder, whose thread writes the journal.
    house: Arc<House>,
    /// A word, as sound.
    word: Vec<Frame>,
    out: Vec<Out>,
    ending: Option<Ending>,
}

impl Caller {
    /// Calls on a Tuesday morning, and hears the greeting.
    pub fn of(business: &'static str, number: Option<&'static str>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now: jiff::civil::DateTime = "2026-11-24T10:30".parse().unwrap();
        let trade = trade(business);
        let store = trade.store(Some(&dir.path().join("store.db")), now.date());
        let spool = Spool::open(&dir.path().join("spool"), 100).unwrap();
        // Nobody listens there: what is in the spool stays.
        let key = Key::parse("a secret of sixteen or more").unwrap();
        let nobody = Endpoint::new("http://127.0.0.1:9/", key, false, Patience::default());
        let ears = Arc::new(Ears::default());
        let house = Arc::new(House {
            domain: Arc::clone(&trade.domain),
            back_end: BackEnd::new(Arc::new(store.unwrap())),
            hearing: Arc::clone(&ears) as Arc<dyn Hearing>,
            speaking: Arc::new(Beeps),
            endpointing: Endpointing::from(&Config::default().call),
            recorder: Some(Recorder::start(&dir.path().join("calls"), true)),
            recognizer: "scripted".into(),
            desk: Some(Desk::start(spool, nobody.unwrap()).unwrap()),
            now: Some(now),
        });
        let wav = std::fs::File::open("audio-fixtures/hearing/yes.wav").unwrap();
        let word = WavReader::new(std::io::BufReader::new(wav), Channel::Left);
        let mut session = Session::new("c1", Arc::clone(&house), LINE);
        session.answered(number.map(str::to_owned));
        let mut caller = Self {
            business,
            number,
            dir,
            ears,
            session,
            house,
            word: word.unwrap().collect(),
            out: Vec::new(),
            ending: None,
        };
        caller.listens();
        caller
    }

    fn tick(&mut self, heard: Option<&Frame>) {
        self.session.tick(heard, &mut self.out);
        for out in self.out.drain(..) {
            if let Out::End(ending) = out {
                self.ending = Some(ending);
            }
        }
    }

    /// Until the bot has said what it has to say.
    fn listens(&mut self) {
        let mut quiet = 0;
        for _ in 0..LONGEST {
            self.tick(None);
            quiet = match self.session.is_speaking() {
                true => 0,
                false => quiet + 1,
            };
            // An answer of a store can take a tick or two.
            if quiet > 10 || self.ending.is_some() {
                return;
            }
        }
        panic!("the bot never stops");
    }

    /// Words that are surely these.
    pub fn says(&mut self, words: &str) {
        assert!(self.ending.is_none(), "{words}: the call is over");
        self.session.typed(words);
        self.listens();
    }

    /// Words that the recogniser is so sure of, per mille.
    pub fn says_unsurely(&mut self, words: &str, confidence: u16) {
        let mut heard = sure(words);
        heard.confidence = confidence;
        heard
            .words
            .iter_mut()
            .for_each(|word| word.confidence = confidence);
        self.sounds(Ok(heard));
    }

    /// A voice without words.
    pub fn makes_noise(&mut self) {
        self.speak();
        self.listens();
    }

    /// Words that the recogniser fails at.
    pub fn is_not_heard(&mut self) {
        self.sounds(Err(()));
    }

    fn sounds(&mut self, heard: Result<Hypothesis, ()>) {
        self.ears.0.lock().unwrap().push_back(heard);
        self.speak();
        assert!(
            self.ears.0.lock().unwrap().is_empty(),
            "nobody has listened"
        );
        self.listens();
    }

    /// A word, and silence until the bot takes it for a turn.
    fn speak(&mut self) {
        assert!(self.ending.is_none(), "the call is over");
        for frame in self.word.clone() {
            self.tick(Some(&frame));
        }
        for _ in 0..500 {
            self.tick(None);
            if self.session.is_speaking() || self.ending.is_some() {
                return;
            }
        }
        panic!("no reply to a word");
    }

    pub fn keys(&mut self, keys: &str) {
        assert!(self.ending.is_none(), "{keys}: the call is over");
        for key in keys.chars().filter_map(Digit::new) {
            self.session.digit(key);
            self.tick(None);
        }
        self.listens();
    }

    /// The house closes.
    pub fn is_told_of_the_closing(&mut self) {
        self.session.drain();
        self.listens();
    }

    /// Nobody took the call.
    pub fn comes_back(&mut self) {
        assert!(matches!(self.ending.take(), Some(Ending::HandOver(_))));
        self.packet_file();
        self.session.returned();
        self.listens();
    }

    /// From now on the store has no such table.
    pub fn breaks_the_table(&self, table: &str) {
        let store = rusqlite::Connection::open(self.dir.path().join("store.db")).unwrap();
        store
            .execute_batch(&format!("PRAGMA foreign_keys = off; DROP TABLE {table}"))
            .unwrap();
    }

    /// The packet's file, taken out of the spool.
    fn packet_file(&self) -> Packet {
        let spool = Spool::open(&self.dir.path().join("spool"), 100).unwrap();
        let names = spool.names();
        let [name] = &names[..] else {
            panic!("{} packets: {:?}", names.len(), self.ending)
        };
        let kept = spool.get(name).unwrap();
        spool.remove(name);
        serde_json::from_slice(&kept.body).unwrap()
    }

    /// Hangs up: what the call left behind. It is over, and was passed on.
    pub fn left(mut self) -> Left {
        let packet = self.packet_file();
        let Some(Ending::HandOver(handover)) = &self.ending else {
            panic!("not passed on: {:?}", self.ending)
        };
        assert_eq!(
            handover.reason, packet.data.reason,
            "the line is told the same"
        );
        self.session.hung_up();
        drop(self.session);
        let house = Arc::into_inner(self.house).expect("the session is gone");
        assert_eq!(
            house.recorder.map(Recorder::finish),
            Some(0),
            "lost records"
        );
        let folder = self.dir.path().join("calls/c1");
        let journal = std::fs::read_to_string(folder.join("journal.jsonl")).unwrap();
        let journal = Journal::parse(&journal).unwrap();
        let passed_on = journal.entries.iter().rev().find_map(|(tick, entry)| {
            matches!(entry, Entry::Out(Action::HandOver(_))).then_some(*tick)
        });
        let sound = hound::WavReader::open(folder.join("call.wav")).unwrap();
        Left {
            business: self.business,
            number: self.number,
            packet,
            folder,
            passed_on: passed_on.expect("the journal has the handover"),
            sound_ms: u64::from(sound.duration()) / 16,
            _dir: self.dir,
        }
    }
}

/// What a call that was passed on leaves behind.
pub struct Left {
    pub business: &'static str,
    pub number: Option<&'static str>,
    pub packet: Packet,
    /// Of the call's record.
    pub folder: PathBuf,
    /// When the journal has the last handover.
    pub passed_on: Tick,
    /// Length of the sound.
    pub sound_ms: u64,
    _dir: TempDir,
}
