//! Warm transfers with simulated carriers: the caller stays with the bot while a person's telephone rings, and
//! whatever the person, the caller or the carrier's REST interface does, nobody is left in silence.

use super::house::{Caller, House, options, token_in};
use super::simulated::{fake_rest, keys, measured};
use attendant::config::HumanTransfer;
use attendant::line::server::{Options, ServeError, Server, Stop};
use attendant::load::dialect::{DialStatus, Dialect, Person};
use attendant::load::jambonz::{Account, Jambonz, Way};
use attendant::load::plivo::Plivo;
use attendant::load::rest::{FakeRest, Order, Reply};
use attendant::load::telnyx::Telnyx;
use attendant::load::twilio::Twilio;
use attendant::load::vonage::Vonage;
use attendant::load::{Plan, run};
use attendant::pii::Secret;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// A carrier, and how the server and it are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Jambonz,
    Plivo,
    SignalWire,
    Telnyx,
    Twilio,
    Vonage,
}

const LINES: [Line; 6] = [
    Line::Jambonz,
    Line::Plivo,
    Line::SignalWire,
    Line::Telnyx,
    Line::Twilio,
    Line::Vonage,
];

/// Signs orders to a Vonage that is simulated; made for this, and good for nothing else.
const VONAGE_KEY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/suite/line/vonage-test-key.pem"
);

impl Line {
    fn set(self, options: &mut Options, rest: &FakeRest) {
        let base = rest.base().to_owned();
        let settings = &mut options.settings;
        settings.business.human_transfer = HumanTransfer::Warm;
        settings.business.human_line = Some("+15557654321".into());
        match self {
            Self::Jambonz => {
                settings.jambonz.password = Some(Secret::new("s3cret".into()));
                settings.jambonz.account_sid = Some("a-1".into());
                settings.jambonz.api_key = Some(Secret::new("k-1".into()));
                settings.jambonz.api_url = Some(base);
            }
            Self::Plivo => {
                settings.plivo.auth_token = Some(Secret::new("MAXXXXTOKEN".into()));
                settings.plivo.auth_id = Some("MA1".into());
                settings.plivo.api_url = base;
            }
            Self::Telnyx => {
                settings.telnyx.public_key = Some(Telnyx::public_key());
                settings.telnyx.api_key = Some(Secret::new("KEY1".into()));
                settings.telnyx.api_url = base;
            }
            Self::Vonage => {
                settings.vonage.signature_secret = Some(Secret::new("s3cret".into()));
                settings.vonage.application_id = Some("app-1".into());
                settings.vonage.private_key = Some(VONAGE_KEY.into());
                settings.vonage.api_url = base;
            }
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
            Self::Jambonz => {
                let account = Account {
                    base: base.to_owned(),
                    password: Some("s3cret".into()),
                    webhook_secret: None,
                };
                Box::new(Jambonz::new(account, Way::Control).with_orders(rest, person))
            }
            Self::Plivo => {
                let plivo = Plivo::new(base, Some("MAXXXXTOKEN".into()), Some(rest));
                Box::new(plivo.with_person(person))
            }
            Self::Telnyx => Box::new(Telnyx::new(base, rest, true).with_person(person)),
            Self::Vonage => {
                let vonage = Vonage::new(base, Some("s3cret".into()));
                Box::new(vonage.with_orders(rest, person))
            }
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
        let path = match self {
            Self::Jambonz => "/Calls",
            Self::Plivo => "/Call/",
            Self::SignalWire | Self::Twilio => "/Calls.json",
            Self::Telnyx => "/v2/calls",
            Self::Vonage => "/v1/calls",
        };
        order.method == "POST" && order.path.ends_with(path)
    }

    /// This order ends a person's leg.
    fn ends(self, order: &Order) -> bool {
        match self {
            Self::Jambonz | Self::Vonage => order.method == "PUT",
            Self::Plivo => order.method == "DELETE" && order.path.contains("/Request/"),
            Self::SignalWire | Self::Twilio => order.body == b"Status=completed",
            Self::Telnyx => order.path.ends_with("-person/actions/hangup"),
        }
    }
}

/// Everything for every line, side by side.
async fn on_every_line<F: Future<Output = ()>>(scene: impl Fn(Line) -> F) {
    futures_util::future::join_all(LINES.map(scene)).await;
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
        duration: Duration::from_secs(4),
        every: Duration::from_millis(800),
        ring: Duration::from_millis(100),
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
    on_every_line(async |line| {
        let (house, rest, plan) = scene(line, Person::Accepts, "0", DialStatus::Completed).await;
        let report = measured(plan).await;
        let good = report.transfers >= 1 && report.transfers_failed == 0;
        assert!(good, "{line:?} {report}");
        assert_eq!(report.dials[0].to, "+15557654321", "{line:?}");
        house.log().wait_for("hung up").await;
        let mut told = since_calling(&house);
        // The caller may press on while the person is on his way.
        told.retain(|line| !line.starts_with("digit"));
        assert_eq!(told, ["calling", "joined", "hung up"], "{line:?}");
        // Whoever calls again may hang up while it rings.
        let ends = rest.log().iter().any(|order| line.ends(order));
        assert!(report.calls > 1 || !ends, "{line:?}");
    })
    .await;
}

/// The caller was taken back on the same stream, and the bot heard his next key.
fn went_on(house: &House, what: &str) {
    let told = since_calling(house);
    let at = |wanted: &str| told.iter().position(|line| line == wanted);
    assert!(at("returned").is_some(), "{what} {told:?}");
    assert!(at("digit 9").is_some(), "{what} {told:?}");
}

async fn is_not_taken(line: Line, person: Person, status: DialStatus) {
    let what = format!("{line:?} {person:?} {status:?}");
    let (house, _rest, plan) = scene(line, person, "09", status).await;
    let report = measured(plan).await;
    assert!(report.ended_by_bot >= 1, "{what} {report}");
    went_on(&house, &what);
    let told = since_calling(&house);
    assert!(!told.contains(&"joined".to_owned()), "{what} {told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_does_not_accept_leaves_the_caller_with_the_bot() {
    on_every_line(async |line| {
        is_not_taken(line, Person::Declines, DialStatus::Completed).await;
        is_not_taken(line, Person::HangsUp, DialStatus::Completed).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_telephone_that_nobody_answers_leaves_the_caller_with_the_bot() {
    on_every_line(async |line| {
        for status in [DialStatus::NoAnswer, DialStatus::Busy, DialStatus::Failed] {
            is_not_taken(line, Person::Accepts, status).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_rest_interface_leaves_the_caller_with_the_bot() {
    on_every_line(async |line| {
        let (house, rest, plan) = scene(line, Person::Accepts, "09", DialStatus::Completed).await;
        rest.answer_with(move |order| match line.calls(order) {
            true => Reply::json(500, &json!({"message": "down"})),
            false => Reply::json(200, &json!({"data": {"result": "ok"}})),
        });
        let report = measured(plan).await;
        let good = report.ended_by_bot >= 1 && report.transfers == 0;
        assert!(good, "{line:?} {report}");
        assert_eq!(
            since_calling(&house)[..2],
            ["calling", "returned"],
            "{line:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_telephone_stops_ringing_when_the_caller_hangs_up() {
    on_every_line(async |line| {
        let (house, rest, plan) = scene(line, Person::Accepts, "0", DialStatus::Completed).await;
        let plan = Plan {
            duration: Duration::from_millis(1200),
            ring: Duration::from_secs(60),
            ..plan
        };
        measured(plan).await;
        ordered(&rest, |order| line.calls(order)).await;
        ordered(&rest, |order| line.ends(order)).await;
        house.log().wait_for("hung up").await;
        let told = since_calling(&house);
        let came = |what: &str| told.iter().filter(|line| *line == what).count();
        // Whoever asks again for a person is not called twice.
        assert_eq!(
            (came("calling"), came("joined")),
            (1, 0),
            "{line:?} {told:?}"
        );
        let called = rest.log().into_iter().filter(|order| line.calls(order));
        assert_eq!(called.count(), 1, "{line:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_caller_may_call_it_off() {
    on_every_line(async |line| {
        let (house, rest, plan) = scene(line, Person::Accepts, "039", DialStatus::Completed).await;
        let plan = Plan {
            ring: Duration::from_secs(60),
            ..plan
        };
        let report = measured(plan).await;
        assert!(report.ended_by_bot >= 1, "{line:?} {report}");
        ordered(&rest, |order| line.ends(order)).await;
        let told = since_calling(&house);
        assert_eq!(
            told[..4],
            ["calling", "digit 3", "digit 9", "hung up"],
            "{line:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_leaves_at_once_leaves_the_caller_with_the_bot() {
    on_every_line(async |line| {
        // A bridge is joined at once or not at all.
        if line == Line::Telnyx {
            return;
        }
        let (house, _rest, plan) = scene(line, Person::Leaves, "09", DialStatus::Completed).await;
        let report = measured(plan).await;
        assert!(report.ended_by_bot >= 1, "{line:?} {report}");
        went_on(&house, &format!("{line:?}"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_that_closes_waits_for_the_person() {
    on_every_line(async |line| {
        let (house, _rest, plan) = scene(line, Person::Accepts, "0", DialStatus::Completed).await;
        let plan = Plan {
            ring: Duration::from_millis(600),
            ..plan
        };
        let closing = async {
            house.log().wait_for("calling").await;
            house.stop.drain.cancel();
        };
        // Whoever calls again finds nobody.
        let (report, ()) = tokio::join!(run(plan), closing);
        assert!(
            report.transfers >= 1 && report.transfers_failed == 0,
            "{line:?} {report}"
        );
        let told = since_calling(&house);
        assert!(told.contains(&"joined".to_owned()), "{line:?} {told:?}");
    })
    .await;
}

/// A server that calls a person for `CA1`, and the URL that the person's leg is asked at.
async fn called() -> (House, Arc<FakeRest>, Caller, String) {
    let rest = fake_rest().await;
    rest.answer_with(|_| Reply::json(201, &json!({"sid": "CA9"})));
    let mut options = options();
    Line::Twilio.set(&mut options, &rest);
    let house = House::open(options).await;
    let form = [
        ("CallSid", "CA1"),
        ("From", "+15551230000"),
        ("To", "+15559870000"),
    ];
    let (_, twiml) = house.post("/twilio/voice", &form).await;
    let token = token_in(&twiml).expect("a token");
    let mut caller = house.socket().await.expect("a socket");
    caller.start("CA1", &token).await;
    caller.key('0', 2).await;
    let order = ordered(&rest, |order| Line::Twilio.calls(order)).await;
    let url = order.form().into_iter().find(|(name, _)| name == "Url");
    let (_, url) = url.expect("a URL");
    let query = url.split_once('?').expect("a query").1.to_owned();
    (house, rest, caller, query)
}

const PERSON: (&str, &str) = ("CallSid", "CA9");

#[tokio::test]
async fn strangers_and_nonsense_get_nowhere() {
    let (house, _rest, _caller, query) = called().await;
    for path in ["person", "person-key", "person-status", "room"] {
        let known = format!("/twilio/{path}?{query}");
        let (status, _) = house.post_signed(&known, &[PERSON], None).await;
        assert_eq!(status, 403, "{path} without a signature");
        for bad in ["", "?call=CA1", "?call=../x&leg=1", "?call=CA1&leg=x"] {
            let (status, _) = house.post(&format!("/twilio/{path}{bad}"), &[PERSON]).await;
            assert_eq!(status, 400, "{path}{bad}");
        }
        let other = format!("/twilio/{path}?call=CA1&leg=4000000");
        let (status, twiml) = house.post(&other, &[PERSON, ("Digits", "1")]).await;
        assert!(status == 200 || status == 204, "{path}: {status}");
        assert!(
            !twiml.contains("Conference") && !twiml.contains("Gather"),
            "{twiml}"
        );
    }
    // In the room without having been asked.
    let joins = [PERSON, ("StatusCallbackEvent", "participant-join")];
    house.post(&format!("/twilio/room?{query}"), &joins).await;
    assert!(!house.log().all().contains(&"joined".to_owned()));
}

#[tokio::test]
async fn a_caller_who_does_not_follow_is_not_waited_for() {
    let (house, rest, caller, query) = called().await;
    let (_, twiml) = house
        .post(&format!("/twilio/person?{query}"), &[PERSON])
        .await;
    assert!(twiml.contains("<Gather"), "{twiml}");
    let pressed = [PERSON, ("Digits", "1")];
    let key = format!("/twilio/person-key?{query}");
    let (_, twiml) = house.post(&key, &pressed).await;
    // Webhooks are repeated.
    assert_eq!(house.post(&key, &pressed).await.1, twiml);
    let joins = [PERSON, ("StatusCallbackEvent", "participant-join")];
    house.post(&format!("/twilio/room?{query}"), &joins).await;
    assert_eq!(caller.closed().await, 1000);
    house.log().wait_for("joined").await;
    // The caller has hung up in this very moment: nobody keeps the person waiting.
    let over = [("CallSid", "CA1"), ("CallStatus", "completed")];
    let (_, twiml) = house.post("/twilio/after", &over).await;
    assert!(twiml.contains("<Hangup/>"), "{twiml}");
    let ended = ordered(&rest, |order| Line::Twilio.ends(order)).await;
    assert!(
        ended.path.ends_with("/Accounts/AC1/Calls/CA9.json"),
        "{}",
        ended.path
    );
    let (_, twiml) = house
        .post(&format!("/twilio/person?{query}"), &[PERSON])
        .await;
    assert!(twiml.contains("not waiting any more"), "{twiml}");
}

#[tokio::test]
async fn without_who_may_order_it_the_server_does_not_start() {
    for line in LINES {
        let rest = fake_rest().await;
        let mut options = options();
        line.set(&mut options, &rest);
        let settings = &mut options.settings;
        match line {
            Line::Jambonz => settings.jambonz.api_key = None,
            Line::Plivo => settings.plivo.auth_id = None,
            Line::SignalWire => settings.signalwire.api_token = None,
            Line::Telnyx => settings.telnyx.api_key = None,
            Line::Twilio => settings.twilio.account_sid = None,
            Line::Vonage => settings.vonage.private_key = None,
        }
        let seats = Arc::new(super::house::FakeSwitchboard::default());
        let refused = Server::bind(options, seats, Stop::default()).await.err();
        assert!(
            matches!(&refused, Some(ServeError::Line { .. })),
            "{line:?} {refused:?}"
        );
    }
}
