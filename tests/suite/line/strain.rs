//! Too much to do: the next caller goes to a person before those who are there notice anything.

use super::house::{House, options};
use crate::house::{plan, says_something, serve, shop};
use attendant::line::Waits;
use attendant::line::server::Options;
use attendant::load::{Plan, run};
use attendant::speech::{Cancel, Hearing, Recognized, Request};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{pause, resume, sleep};

/// Lets so many seconds pass, at once.
async fn seconds(count: u64) {
    pause();
    sleep(Duration::from_secs(count)).await;
    resume();
}

#[tokio::test]
async fn a_recogniser_that_is_behind_closes_the_door_until_it_has_caught_up() {
    let house = House::open(options()).await;
    let mut running = house.call("CA1").await;
    *house.switchboard.waits.lock().unwrap() = Waits {
        oldest: Duration::from_secs(2),
        ..Waits::default()
    };
    seconds(2).await;
    assert_eq!(
        (house.get("/readyz").await, house.get("/healthz").await),
        (503, 200)
    );
    let (_, twiml) = house.post("/twilio/voice", &[("CallSid", "CA2")]).await;
    assert!(
        twiml.contains("<Dial>+15557654321</Dial>") && !twiml.contains("Stream"),
        "{twiml}"
    );
    // The call that is there goes on.
    running.key('1', 2).await;
    house.log().wait_for("digit 1").await;
    *house.switchboard.waits.lock().unwrap() = Waits::default();
    seconds(2).await;
    assert_eq!(
        house.get("/readyz").await,
        503,
        "not at the first good second"
    );
    seconds(4).await;
    assert_eq!(house.get("/readyz").await, 200);
    // As many as there were: one, which is still there.
    let (_, twiml) = house.post("/twilio/voice", &[("CallSid", "CA2")]).await;
    assert!(!twiml.contains("Stream"), "{twiml}");
    // Then one more at a time.
    seconds(3).await;
    house.invite("CA2").await;
}

#[tokio::test]
async fn who_comes_back_from_a_person_who_did_not_answer_is_taken_whatever_there_is_to_do() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    caller.key('0', 2).await;
    assert_eq!(caller.closed().await, 1000);
    house.post("/twilio/after", &[("CallSid", "CA1")]).await;
    *house.switchboard.waits.lock().unwrap() = Waits {
        oldest: Duration::from_secs(2),
        ..Waits::default()
    };
    seconds(2).await;
    let back = [("CallSid", "CA1"), ("DialCallStatus", "no-answer")];
    let (_, twiml) = house.post("/twilio/dialed", &back).await;
    assert!(twiml.contains("Stream"), "{twiml}");
}

/// Never gets to anything: whoever waits has waited for 2 s.
#[derive(Default)]
struct Overrun(Mutex<Vec<Done>>);

type Done = Box<dyn FnOnce(Recognized) + Send>;

impl Hearing for Overrun {
    fn recognize(&self, _: Request, done: Done) -> Cancel {
        self.0.lock().unwrap().push(done);
        Cancel::default()
    }

    fn waits(&self) -> Waits {
        let waiting = !self.0.lock().unwrap().is_empty();
        Waits {
            oldest: Duration::from_secs(if waiting { 2 } else { 0 }),
            ..Waits::default()
        }
    }
}

/// Whole calls: the first caller's words find an overrun recogniser, the second caller is sent to a person.
#[tokio::test(start_paused = true)]
async fn under_load_the_next_caller_is_sent_to_a_person_and_the_others_keep_their_call() {
    let recordings = tempfile::tempdir().unwrap();
    let house = shop(Arc::new(Overrun::default()), recordings.path());
    let server = serve(
        &house,
        Options {
            max_calls: 20,
            ..options()
        },
    )
    .await;
    let two = Plan {
        callers: 2,
        every: Duration::from_secs(20),
        ..plan(&server, 40, vec![says_something()])
    };
    let report = run(two).await;
    assert_eq!((report.calls, report.dropped), (1, 0), "{report}");
    assert!(report.turned_away >= 1, "{report}");
    assert_eq!(report.turned_away, report.turned_away_to_person, "{report}");
}
