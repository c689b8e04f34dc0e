//! Warm transfers with simulated carriers: the caller stays with the bot while a person's telephone rings, and
//! whatever the person, the caller or the carrier's REST interface does, nobody is left in silence.

use super::house::{House, options};
use super::simulated::{fake_rest, keys, measured};
use attendant::config::HumanTransfer;
use attendant::line::server::Options;
use attendant::load::Plan;
use attendant::load::dialect::{DialStatus, Dialect, Person};
use attendant::load::report::Report;
use attendant::load::rest::{FakeRest, Order, Reply};
use attendant::load::twilio::Twilio;
use attendant::pii::Secret;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// A carrier, and how the server and it are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    SignalWire,
    Twilio,
}

const LINES: [Line; 2] = [Line::Twilio, Line::SignalWire];

impl Line {
    fn set(self, options: &mut Options, rest: &FakeRest) {
        let base = rest.base().to_owned();
        let settings = &mut options.settings;
        settings.business.human_transfer = HumanTransfer::Warm;
        settings.business.human_line = Some("+15557654321".into());
        match self {
            Self::Twilio => {
                settings.twilio.auth_token = Some(Secret::new("12345".into()));
                settings.twilio.account_sid = Some("AC1".into());
                settings.twilio.api_url = base;
            }
            Self::SignalWire => {
                settings.signalwire.signing_key = Some(Secret::new("PSK_1".into()));
                settings.signalwire.project_id = Some("p-1".into());
                settings.signalwire.api_token = Some(Secret::new("PT1".into()));
                settings.signalwire.space_url = Some(base);
            }
        }
    }

    fn dialect(self, base: &str, rest: &Arc<FakeRest>, person: Person) -> Box<dyn Dialect> {
        let rest = Arc::clone(rest);
        match self {
            Self::Twilio => {
                let twilio = Twilio::new(base, Some("12345".into()));
                Box::new(twilio.with_orders(rest, person))
            }
            Self::SignalWire => {
                let signalwire = Twilio::signalwire(base, Some("PSK_1".into()));
                Box::new(signalwire.with_orders(rest, person))
            }
        }
    }

    /// This order calls a person.
    fn calls(self, order: &Order) -> bool {
        order.method == "POST" && order.path.ends_with("/Calls.json")
    }

    /// This order ends a person's leg.
    fn ends(self, order: &Order) -> bool {
        String::from_utf8_lossy(&order.body) == "Status=completed"
    }
}

/// A dialect in a box.
struct Boxed(Box<dyn Dialect>);

impl Dialect for Boxed {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn call(
        &self,
        caller: &attendant::load::dialect::Caller,
    ) -> Box<dyn attendant::load::dialect::CarrierCall> {
        self.0.call(caller)
    }
}

/// A house on this line, its REST interface, and a plan of a caller who presses these keys.
async fn scene(
    line: Line,
    person: Person,
    pressed: &str,
    status: DialStatus,
) -> (House, Arc<FakeRest>, Plan) {
    let rest = fake_rest().await;
    let mut options = options();
    line.set(&mut options, &rest);
    let house = House::open(options).await;
    let dialect = Boxed(line.dialect(&house.base, &rest, person));
    let plan = Plan {
        duration: Duration::from_secs(3),
        ring: Duration::from_millis(200),
        ..keys(dialect, pressed, status)
    };
    (house, rest, plan)
}

/// What the first session was told, from the call to a person on; without marks.
fn since_calling(house: &House) -> Vec<String> {
    let told = house.log().all().into_iter();
    let told = told.filter(|line| !line.starts_with("played") && !line.starts_with("heard"));
    let told: Vec<String> = told.skip_while(|line| line != "calling").collect();
    let over = told.iter().position(|line| line == "hung up");
    told[..over.map_or(told.len(), |over| over + 1)].to_vec()
}

async fn run(plan: Plan) -> Report {
    measured(plan).await
}

/// Waits until there is such an order.
async fn ordered(rest: &FakeRest, wanted: impl Fn(&Order) -> bool) -> Order {
    let found = async {
        loop {
            if let Some(order) = rest.log().into_iter().find(&wanted) {
                return order;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(5), found).await;
    found.unwrap_or_else(|_| panic!("no such order among {:?}", rest.log()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_accepts_gets_the_caller() {
    for line in LINES {
        let (house, rest, plan) = scene(line, Person::Accepts, "0", DialStatus::Completed).await;
        let report = run(plan).await;
        assert!(
            report.transfers >= 1 && report.transfers_failed == 0,
            "{line:?} {report}"
        );
        assert_eq!(report.dials[0].to, "+15557654321", "{line:?}");
        house.log().wait_for("hung up").await;
        assert_eq!(
            since_calling(&house),
            ["calling", "joined", "hung up"],
            "{line:?}"
        );
        assert!(rest.log().iter().all(|order| !line.ends(order)), "{line:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_does_not_accept_leaves_the_caller_with_the_bot() {
    for line in LINES {
        for (person, status) in [
            (Person::Declines, DialStatus::Completed),
            (Person::HangsUp, DialStatus::Completed),
            (Person::Accepts, DialStatus::NoAnswer),
            (Person::Accepts, DialStatus::Busy),
            (Person::Accepts, DialStatus::Failed),
        ] {
            let (house, _rest, plan) = scene(line, person, "09", status).await;
            let report = run(plan).await;
            assert!(
                report.ended_by_bot >= 1,
                "{line:?} {person:?} {status:?} {report}"
            );
            // On one stream, and with its state.
            let told = since_calling(&house);
            let back = told.iter().position(|line| line == "returned");
            let back = back.unwrap_or_else(|| panic!("{line:?} {person:?} {status:?} {told:?}"));
            assert!(!told.contains(&"joined".to_owned()), "{told:?}");
            assert!(
                told[back..].iter().any(|line| line == "digit 9")
                    || told.contains(&"digit 9".into())
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_rest_interface_leaves_the_caller_with_the_bot() {
    for line in LINES {
        let (house, rest, plan) = scene(line, Person::Accepts, "09", DialStatus::Completed).await;
        rest.answer_with(|_| Reply::json(500, &json!({"message": "down"})));
        let report = run(plan).await;
        assert!(
            report.ended_by_bot >= 1 && report.transfers == 0,
            "{line:?} {report}"
        );
        let told = since_calling(&house);
        assert_eq!(told[..2], ["calling", "returned"], "{line:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_telephone_stops_ringing_when_the_caller_hangs_up() {
    for line in LINES {
        let (house, rest, plan) = scene(line, Person::Accepts, "0", DialStatus::Completed).await;
        let plan = Plan {
            duration: Duration::from_millis(1200),
            ring: Duration::from_secs(60),
            ..plan
        };
        run(plan).await;
        let called = ordered(&rest, |order| line.calls(order)).await;
        let ended = ordered(&rest, |order| line.ends(order)).await;
        assert_ne!(called.path, ended.path, "{line:?}");
        house.log().wait_for("hung up").await;
        assert_eq!(since_calling(&house), ["calling", "hung up"], "{line:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_caller_may_call_it_off() {
    for line in LINES {
        let (house, rest, plan) = scene(line, Person::Accepts, "039", DialStatus::Completed).await;
        let plan = Plan {
            ring: Duration::from_secs(60),
            ..plan
        };
        let report = run(plan).await;
        assert!(report.ended_by_bot >= 1, "{line:?} {report}");
        ordered(&rest, |order| line.ends(order)).await;
        let told = since_calling(&house);
        assert_eq!(
            told[..4],
            ["calling", "digit 3", "digit 9", "hung up"],
            "{line:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_leaves_at_once_leaves_the_caller_with_the_bot() {
    for line in LINES {
        let (house, _rest, plan) = scene(line, Person::Leaves, "09", DialStatus::Completed).await;
        let report = run(plan).await;
        assert!(report.ended_by_bot >= 1, "{line:?} {report}");
        let told = since_calling(&house);
        assert!(told.contains(&"returned".to_owned()), "{line:?} {told:?}");
        assert!(told.contains(&"digit 9".to_owned()), "{line:?} {told:?}");
    }
}
