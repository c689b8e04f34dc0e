//! What ends without a model, what is said then, and what is left.

use super::hub::{Answer, Hub};
use super::{Bench, SIZE, body, model, nobody, sum};
use attendant::catalog::PullError;

#[test]
fn a_wrong_file_never_gets_the_name() {
    let (bytes, other) = (body(1), body(2));
    let found = sum(&other);
    let hub = Hub::start(move |asked| Answer::file(&other, "a", asked));
    let bench = Bench::new(&hub.url());
    let error = bench.pull(&model(&bytes)).unwrap_err();
    let told = error.to_string();
    assert!(matches!(error, PullError::WrongSum { .. }), "{told}");
    for part in [&*found, &*sum(&bytes), "nothing is kept", "hint: try again"] {
        assert!(told.contains(part), "{part} is missing: {told}");
    }
    assert_eq!(bench.files(), [""; 0]);
    assert_eq!(hub.asked().len(), 1, "the same file would come again");
}

#[test]
fn what_is_not_there_is_not_asked_for_twice() {
    for (status, told) in [
        (404, "it is not there"),
        (403, "does not want to give it"),
        (407, "the proxy wants"),
    ] {
        let hub = Hub::start(move |_| Answer::status(status));
        let bench = Bench::new(&hub.url());
        let error = bench.pull(&model(&body(1))).unwrap_err().to_string();
        assert!(error.contains(told) && error.contains("hint:"), "{error}");
        assert_eq!(hub.asked().len(), 1);
        assert_eq!(bench.files(), [""; 0]);
    }
}

#[test]
fn a_body_that_always_ends_too_early_is_given_up_and_kept() {
    let bytes = body(1);
    let served = bytes.clone();
    // The first 1000 bytes come, then nothing new.
    let hub = Hub::start(move |asked| {
        let cut = if asked.header("range").is_some() {
            0
        } else {
            1000
        };
        Answer::file(&served, "a", asked).cut(cut)
    });
    let bench = Bench::new(&hub.url());
    let error = bench.pull(&model(&bytes)).unwrap_err();
    assert!(matches!(error, PullError::GaveUp { .. }), "{error}");
    assert!(error.to_string().contains("goes on from there"), "{error}");
    let part = std::fs::read(bench.path("tale.bin.part")).unwrap();
    assert!(part == bytes[..1000]);
}

#[test]
fn a_body_that_is_too_long_is_stopped_early() {
    let bytes = body(1);
    // The length is said: nothing of it is read.
    let hub = Hub::start(|_| Answer::whole(&vec![0; SIZE + 1]));
    let bench = Bench::new(&hub.url());
    let error = bench.pull(&model(&bytes)).unwrap_err();
    assert!(
        matches!(error, PullError::Size { found, .. } if found == SIZE as u64 + 1),
        "{error}"
    );
    assert_eq!(bench.files(), [""; 0]);
    // It is not said, and there is no end.
    let hub = Hub::start(|_| {
        let mut answer = Answer::whole(&vec![0; SIZE * 20]);
        answer.endless = true;
        answer
    });
    let bench = Bench::new(&hub.url());
    let error = bench.pull(&model(&bytes)).unwrap_err();
    assert!(matches!(error, PullError::TooLong { .. }), "{error}");
    assert_eq!(bench.files(), [""; 0]);
}

#[test]
fn without_a_network_it_says_what_to_put_where() {
    let url = nobody();
    let mut bench = Bench::new(&url);
    let unreachable = bench.pull(&model(&body(1))).unwrap_err().to_string();
    assert!(
        unreachable.contains("cannot reach 127.0.0.1:"),
        "{unreachable}"
    );
    bench.options.offline = true;
    let offline = bench.pull(&model(&body(1))).unwrap_err().to_string();
    assert!(offline.contains("HF_HUB_OFFLINE is set"), "{offline}");
    let place = bench.path("tale.bin").display().to_string();
    for part in [
        &*format!("{url}/o/w/resolve/r1/tale.bin"),
        &*format!("({SIZE} bytes)"),
        &*place,
        "attendant models verify tale",
    ] {
        assert!(unreachable.contains(part), "{part}: {unreachable}");
        assert!(offline.contains(part), "{part}: {offline}");
    }
    assert_eq!(bench.files(), [""; 0]);
}

#[test]
fn a_disk_that_is_too_small_is_noticed_before() {
    let hub = Hub::start(|_| Answer::status(500));
    let bench = Bench::new(&hub.url());
    let mut huge = model(&body(1));
    huge.files[0].size = 1 << 60;
    let error = bench.pull(&huge).unwrap_err().to_string();
    assert!(
        error.contains("1152921504606846976 more bytes") && error.contains("models.dir="),
        "{error}"
    );
    assert_eq!(hub.asked().len(), 0);
}
