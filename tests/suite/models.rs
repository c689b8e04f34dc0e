//! Fetching models: every way in which a server, a network, a disk or an earlier attempt can be odd, and
//! that what lies under a model's name in the end is right or not there.

mod command;
mod hub;
mod refused;
mod secure;

use attendant::catalog::{
    Catalog, Endpoint, Kind, Model, Options, PullError, Pulled, Step, Store, pull,
};
use hub::{Answer, Asked, Hub};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// No multiple of anything that a buffer may be long.
const SIZE: usize = 300_007;

/// A file that differs everywhere, and from one of another seed.
fn body(seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..SIZE).map(next).collect()
}

fn sum(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes);
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A list with the recogniser `tale` of these bytes.
fn list(bytes: &[u8]) -> String {
    format!(
        "[source.w]\nkind = \"whisper\"\nrepository = \"o/w\"\nrevision = \"r1\"\n\
         [[model]]\nname = \"tale\"\nsource = \"w\"\nlanguages = [\"en\"]\nlicence = \"MIT\"\n\
         [[model.file]]\npath = \"tale.bin\"\nsize = {}\nsha256 = \"{}\"\n",
        bytes.len(),
        sum(bytes)
    )
}

fn model(bytes: &[u8]) -> Model {
    let catalog = Catalog::parse(&list(bytes)).unwrap();
    catalog.find("tale").unwrap().clone()
}

/// A folder, and what fetches into it without any real pause.
struct Bench {
    folder: TempDir,
    options: Options,
}

impl Bench {
    fn new(url: &str) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            options: Options {
                endpoint: Endpoint::parse(url).unwrap(),
                proxies: false,
                tries: 3,
                pause: Duration::ZERO,
                stall: Duration::from_secs(20),
                ..Options::default()
            },
        }
    }

    fn pull(&self, model: &Model) -> Result<Pulled, PullError> {
        self.pull_with(model, &mut |_| {})
    }

    fn pull_with(
        &self,
        model: &Model,
        told: &mut dyn FnMut(Step<'_>),
    ) -> Result<Pulled, PullError> {
        let store = Store::new(self.folder.path());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(pull(model, &store, &self.options, told))
    }

    /// Every file in the folder.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// The model is there, right, and alone.
    fn holds(&self, bytes: &[u8]) {
        assert_eq!(self.files(), ["tale.bin"]);
        assert!(std::fs::read(self.path("tale.bin")).unwrap() == bytes);
    }
}

type Turn = Box<dyn Fn(&Asked) -> Answer + Send>;

/// A server that answers one after the other; the last one for ever.
fn scripted(answers: Vec<Turn>) -> Hub {
    let mut turn = 0;
    Hub::start(move |asked| {
        let answer = &answers[turn.min(answers.len() - 1)];
        turn += 1;
        answer(asked)
    })
}

fn ranges(hub: &Hub) -> Vec<Option<String>> {
    let asked = hub.asked();
    asked
        .iter()
        .map(|asked| asked.header("range").map(str::to_owned))
        .collect()
}

#[test]
fn a_model_is_fetched_once_from_its_pinned_address() {
    let bytes = body(1);
    let served = bytes.clone();
    let hub = Hub::start(move |asked| Answer::file(&served, "a", asked));
    let bench = Bench::new(&hub.url());
    let mut last = 0;
    let done = bench.pull_with(&model(&bytes), &mut |step| {
        if let Step::At(bytes) = step {
            assert!(bytes > last);
            last = bytes;
        }
    });
    assert_eq!(done.unwrap(), Pulled::Fetched);
    assert_eq!(last, SIZE as u64);
    bench.holds(&bytes);
    assert_eq!(bench.pull(&model(&bytes)).unwrap(), Pulled::Already);
    let asked = hub.asked();
    assert_eq!(asked.len(), 1, "what is right is not fetched again");
    assert_eq!(asked[0].target, "/o/w/resolve/r1/tale.bin");
    assert_eq!(asked[0].header("range"), None);
    assert_eq!(asked[0].header("accept-encoding"), Some("identity"));
}

#[test]
fn a_voice_is_two_files_and_only_what_is_missing_is_fetched() {
    let (voice, settings) = (body(1), b"{}".to_vec());
    let text = format!(
        "[source.p]\nkind = \"piper\"\nrepository = \"o/p\"\nrevision = \"r1\"\n\
         [[model]]\nname = \"tale\"\nsource = \"p\"\nlanguages = [\"en\"]\nlicence = \"MIT\"\n\
         [[model.file]]\npath = \"en/v.onnx\"\nsize = {SIZE}\nsha256 = \"{}\"\n\
         [[model.file]]\npath = \"en/v.onnx.json\"\nsize = 2\nsha256 = \"{}\"\n",
        sum(&voice),
        sum(&settings)
    );
    let catalog = Catalog::parse(&text).unwrap();
    let model = catalog.find("tale").unwrap();
    assert_eq!(model.kind, Kind::Piper);
    let hub = Hub::start(move |asked| match asked.target.ends_with(".json") {
        true => Answer::file(&settings, "s", asked),
        false => Answer::file(&voice, "v", asked),
    });
    let bench = Bench::new(&hub.url());
    bench.pull(model).unwrap();
    assert_eq!(bench.files(), ["v.onnx", "v.onnx.json"]);
    let store = Store::new(bench.folder.path());
    assert_eq!(store.installed(model), Some(bench.path("v.onnx")));
    std::fs::write(bench.path("v.onnx.json"), "[]").unwrap();
    bench.pull(model).unwrap();
    assert_eq!(hub.asked().len(), 3);
    assert_eq!(std::fs::read(bench.path("v.onnx.json")).unwrap(), b"{}");
}

#[test]
fn a_cut_connection_is_gone_on_from_where_it_was() {
    let bytes = body(1);
    let (first, rest) = (bytes.clone(), bytes.clone());
    let hub = scripted(vec![
        Box::new(move |asked| Answer::file(&first, "a", asked).cut(100_000)),
        Box::new(move |asked| Answer::file(&rest, "a", asked)),
    ]);
    let bench = Bench::new(&hub.url());
    bench.pull(&model(&bytes)).unwrap();
    bench.holds(&bytes);
    assert_eq!(ranges(&hub), [None, Some("bytes=100000-".into())]);
    assert_eq!(hub.asked()[1].header("if-range"), Some("\"a\""));
}

#[test]
fn a_later_attempt_goes_on_too_and_a_changed_file_begins_again() {
    let (bytes, old) = (body(1), body(2));
    for changed in [false, true] {
        let (before, now) = (
            if changed { old.clone() } else { bytes.clone() },
            bytes.clone(),
        );
        let tag = if changed { "old" } else { "new" };
        let hub = scripted(vec![
            Box::new(move |asked| Answer::file(&before, tag, asked).cut(100_000)),
            Box::new(|_| Answer::status(404)),
            Box::new(move |asked| Answer::file(&now, "new", asked)),
        ]);
        let bench = Bench::new(&hub.url());
        bench.pull(&model(&bytes)).unwrap_err();
        assert_eq!(bench.files(), ["tale.bin.part", "tale.bin.part.etag"]);
        let mut begun = None;
        let done = bench.pull_with(&model(&bytes), &mut |step| {
            if let Step::Fetching(_, have) = step {
                begun = Some(have);
            }
        });
        assert_eq!(done.unwrap(), Pulled::Fetched);
        assert_eq!(begun, Some(100_000));
        bench.holds(&bytes);
        assert_eq!(ranges(&hub)[2], Some("bytes=100000-".into()));
        assert_eq!(hub.asked().len(), 3);
    }
}

#[test]
fn a_server_without_ranges_begins_again() {
    let bytes = body(1);
    let (first, rest) = (bytes.clone(), bytes.clone());
    let hub = scripted(vec![
        Box::new(move |_| Answer::whole(&first).cut(100_000)),
        Box::new(move |_| Answer::whole(&rest)),
    ]);
    let bench = Bench::new(&hub.url());
    bench.pull(&model(&bytes)).unwrap();
    bench.holds(&bytes);
}

#[test]
fn pieces_that_do_not_fit_together_are_fetched_anew_once() {
    let (bytes, old) = (body(1), body(2));
    let served = bytes.clone();
    // No tags: nobody can tell that what is there is of another file.
    let hub = Hub::start(move |asked| {
        let mut answer = Answer::file(&served, "a", asked);
        answer.headers.retain(|(name, _)| *name != "ETag");
        answer
    });
    let bench = Bench::new(&hub.url());
    std::fs::write(bench.path("tale.bin.part"), &old[..SIZE - 5]).unwrap();
    bench.pull(&model(&bytes)).unwrap();
    bench.holds(&bytes);
    assert_eq!(ranges(&hub), [Some(format!("bytes={}-", SIZE - 5)), None]);
    // As long as the file, and as wrong; and longer than the file.
    for extra in [0, 10] {
        let bench = Bench::new(&hub.url());
        let part = [&old[..], &vec![0; extra]].concat();
        std::fs::write(bench.path("tale.bin.part"), part).unwrap();
        bench.pull(&model(&bytes)).unwrap();
        bench.holds(&bytes);
    }
}

#[test]
fn a_stretch_that_was_not_asked_for_is_not_glued_on() {
    let bytes = body(1);
    let (first, wrong, right) = (bytes.clone(), bytes.clone(), bytes.clone());
    let hub = scripted(vec![
        Box::new(move |asked| Answer::file(&first, "a", asked).cut(100_000)),
        Box::new(move |_| {
            let range = format!("bytes 5-{}/{SIZE}", SIZE - 1);
            let mut answer = Answer::whole(&wrong[5..]).header("Content-Range", range);
            answer.status = 206;
            answer
        }),
        Box::new(move |asked| Answer::file(&right, "a", asked)),
    ]);
    let bench = Bench::new(&hub.url());
    bench.pull(&model(&bytes)).unwrap();
    bench.holds(&bytes);
    assert_eq!(ranges(&hub)[2], None);
}

#[test]
fn a_damaged_file_is_fetched_again() {
    let bytes = body(1);
    let served = bytes.clone();
    let hub = Hub::start(move |asked| Answer::file(&served, "a", asked));
    let bench = Bench::new(&hub.url());
    let mut damaged = bytes.clone();
    damaged[SIZE / 2] ^= 1;
    std::fs::write(bench.path("tale.bin"), &damaged).unwrap();
    assert_eq!(bench.pull(&model(&bytes)).unwrap(), Pulled::Fetched);
    bench.holds(&bytes);
}

#[test]
fn a_tired_server_is_asked_again_but_not_for_ever() {
    let bytes = body(1);
    let served = bytes.clone();
    let hub = scripted(vec![
        Box::new(|_| Answer::status(500)),
        Box::new(|_| Answer::status(429).header("Retry-After", "0")),
        Box::new(move |asked| Answer::file(&served, "a", asked)),
    ]);
    let bench = Bench::new(&hub.url());
    let mut again = Vec::new();
    let done = bench.pull_with(&model(&bytes), &mut |step| {
        if let Step::Again(why, pause) = step {
            again.push((why.to_owned(), pause));
        }
    });
    done.unwrap();
    bench.holds(&bytes);
    let whys: Vec<_> = again.iter().map(|(why, _)| why.as_str()).collect();
    assert_eq!(whys, ["the server answers 500", "the server answers 429"]);

    let hub = Hub::start(|_| Answer::status(503));
    let mut bench = Bench::new(&hub.url());
    bench.options.pause = Duration::from_millis(1);
    let mut pauses = Vec::new();
    let done = bench.pull_with(&model(&bytes), &mut |step| {
        if let Step::Again(_, pause) = step {
            pauses.push(pause.as_millis());
        }
    });
    let error = done.unwrap_err().to_string();
    assert_eq!(pauses, [1, 2]);
    assert!(error.contains("answers 503, 3 times in a row"), "{error}");
    assert_eq!(hub.asked().len(), 3);
}

#[test]
fn a_server_that_falls_silent_is_asked_again() {
    let bytes = body(1);
    let served = bytes.clone();
    let (release, released) = sync_channel::<()>(1);
    let released: Arc<Mutex<Receiver<()>>> = Arc::new(Mutex::new(released));
    let hub = Hub::start(move |asked| {
        let released = Arc::clone(&released);
        let mut answer = Answer::file(&served, "a", asked);
        if asked.header("range").is_none() {
            answer = answer.cut(1000);
            answer.then = Some(Arc::new(move || {
                let _ = released.lock().unwrap().recv();
            }));
        }
        answer
    });
    let mut bench = Bench::new(&hub.url());
    bench.options.stall = Duration::from_millis(300);
    let mut whys = Vec::new();
    let done = bench.pull_with(&model(&bytes), &mut |step| {
        if let Step::Again(why, _) = step {
            whys.push(why.to_owned());
            let _ = release.try_send(());
        }
    });
    done.unwrap();
    assert_eq!(whys[0], "nothing came for too long");
    bench.holds(&bytes);
}

#[test]
fn redirects_are_followed_with_the_range_and_not_in_circles() {
    let bytes = body(1);
    let (first, rest) = (bytes.clone(), bytes.clone());
    let storage = scripted(vec![
        Box::new(move |asked| Answer::file(&first, "a", asked).cut(100_000)),
        Box::new(move |asked| Answer::file(&rest, "a", asked)),
    ]);
    let to = format!("{}/blob?signature=1", storage.url());
    let hub = Hub::start(move |_| Answer::status(302).header("Location", to.clone()));
    let bench = Bench::new(&hub.url());
    bench.pull(&model(&bytes)).unwrap();
    bench.holds(&bytes);
    assert_eq!(ranges(&storage), [None, Some("bytes=100000-".into())]);
    assert_eq!(storage.asked()[0].target, "/blob?signature=1");

    let hub = Hub::start(|asked| Answer::status(302).header("Location", asked.target.clone()));
    let mut bench = Bench::new(&hub.url());
    bench.options.tries = 1;
    let error = bench.pull(&model(&bytes)).unwrap_err().to_string();
    assert!(error.contains("in circles"), "{error}");
    assert!(hub.asked().len() < 20);
}

/// An address where nobody listens.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn of_two_at_once_one_fetches_and_the_other_says_so() {
    let bytes = body(1);
    let served = bytes.clone();
    // The first answer ends when the second attempt is over.
    let (release, released) = sync_channel::<()>(1);
    let released: Arc<Mutex<Receiver<()>>> = Arc::new(Mutex::new(released));
    let hub = Hub::start(move |asked| {
        let released = Arc::clone(&released);
        let mut answer = Answer::file(&served, "a", asked);
        if asked.header("range").is_none() {
            answer = answer.cut(1000);
            answer.then = Some(Arc::new(move || {
                let _ = released.lock().unwrap().recv();
            }));
        }
        answer
    });
    let bench = Bench::new(&hub.url());
    let mut second = None;
    let done = bench.pull_with(&model(&bytes), &mut |step| {
        if let (Step::At(_), None) = (step, &second) {
            let other = std::thread::scope(|scope| {
                let other = scope.spawn(|| bench.pull(&model(&bytes)));
                other.join().unwrap()
            });
            second = Some(other.unwrap_err());
            release.send(()).unwrap();
        }
    });
    assert_eq!(done.unwrap(), Pulled::Fetched);
    let told = second.unwrap().to_string();
    assert!(told.contains("being fetched by another"), "{told}");
    bench.holds(&bytes);
}

/// For command.rs.
fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    std::fs::write(path, bytes).unwrap();
}
