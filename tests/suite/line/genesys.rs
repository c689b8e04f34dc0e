//! Whole calls with a simulated Genesys Audio Connector, and what is refused at its door.

use super::drive::{closed, first_call, keys, say, socket, text};
use super::house::{House, guarded, options, secret};
use attendant::line::genesys::signature::{Request, Validator};
use attendant::line::server::{Options, ServeError, Server, Stop};
use attendant::load::dialect::DialStatus;
use attendant::load::genesys::{Genesys, ORGANIZATION};
use serde_json::{Value, json};
use std::sync::Arc;

const KEY: &str = "SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh";
const SECRET: &str = "TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU=";
const PATH: &str = "/genesys/audiohook";

fn signed() -> Options {
    guarded(|settings| {
        settings.genesys.api_key = secret(KEY);
        settings.genesys.client_secret = secret(SECRET);
    })
}

fn genesys(house: &House) -> Genesys {
    Genesys::new(&house.base, Some(KEY.to_owned()), Some(SECRET.to_owned()))
}

fn open(conversation: &str) -> Value {
    json!({"version": "2", "id": "s-1", "type": "open", "seq": 1, "serverseq": 0, "position": "PT0S",
    "parameters": {
        "organizationId": ORGANIZATION, "conversationId": conversation,
        "participant": {"ani": "+15551230000"},
        "media": [{"type": "audio", "format": "PCMU", "channels": ["external"], "rate": 8000}],
    }})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_goes_to_the_queue_comes_back_with_its_state_and_ends() {
    let house = House::open(signed()).await;
    let dialect = genesys(&house);
    let report = keys(&house, dialect, "1209", DialStatus::NoAnswer, 6).await;
    assert!(
        report.transfers_failed >= 1 && report.ended_by_bot >= 1,
        "{report}"
    );
    assert!(report.clears >= 1, "{report}");
    let reason = ("reason".to_owned(), "requested".to_owned());
    assert!(
        report.dials[0].carries.contains(&reason),
        "{:?}",
        report.dials[0]
    );
    let told = first_call(&house);
    let rest: Vec<&str> = told[1..].iter().map(String::as_str).collect();
    let expected = [
        "answered +15555550100",
        "digit 1",
        "digit 2",
        "digit 0",
        "returned",
        "digit 9",
        "hung up",
    ];
    assert_eq!(rest, expected);
    let played = house.log().all().iter().any(|line| line == "played p0s0");
    assert!(played, "marks come back by the clock");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_hangs_up_gets_a_goodbye() {
    let house = House::open(signed()).await;
    let dialect = genesys(&house);
    keys(&house, dialect, "1", DialStatus::Completed, 1).await;
    house.log().wait_for("hung up").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_house_sends_callers_to_the_queue() {
    let house = House::open(Options {
        max_calls: 0,
        ..signed()
    })
    .await;
    let dialect = genesys(&house);
    let report = keys(&house, dialect, "1", DialStatus::Completed, 1).await;
    let reason = ("reason".to_owned(), "overload".to_owned());
    assert!(
        report.dials[0].carries.contains(&reason),
        "{:?}",
        report.dials[0]
    );
    assert_eq!(house.log().all(), [""; 0], "nobody was answered");
}

#[tokio::test]
async fn a_probe_is_answered_and_is_no_call() {
    let house = House::open(options()).await;
    let mut probe = socket(&house, PATH, &[]).await.expect("a socket");
    say(
        &mut probe,
        open("00000000-0000-0000-0000-000000000000").to_string(),
    )
    .await;
    let opened = text(&mut probe).await;
    assert_eq!(
        (&opened["type"], &opened["seq"], &opened["clientseq"]),
        (&json!("opened"), &json!(1), &json!(1))
    );
    let close = json!({"version": "2", "id": "s-1", "type": "close", "seq": 2, "serverseq": 1,
        "position": "PT0S", "parameters": {"reason": "end"}});
    say(&mut probe, close.to_string()).await;
    let closing = text(&mut probe).await;
    assert_eq!(
        (&closing["type"], &closing["parameters"]),
        (&json!("closed"), &json!({}))
    );
    assert_eq!(house.log().all(), [""; 0]);
}

/// The headers of a signed upgrade.
fn headers(house: &House, nonce: &str, key: &str, secret: &str) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = [
        ("audiohook-organization-id", ORGANIZATION),
        ("audiohook-session-id", "s-1"),
        ("audiohook-correlation-id", "c-1"),
        ("x-api-key", key),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let now = std::time::UNIX_EPOCH
        .elapsed()
        .expect("after 1970")
        .as_secs()
        .cast_signed();
    let find = |name: &str| {
        let found = headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    };
    let request = Request {
        url: &format!("{}{PATH}", house.base),
        header: &find,
        now,
    };
    let validator = Validator::new(key, Some(secret)).expect("base64");
    let (input, signature) = validator.sign(&request, nonce).expect("signed");
    headers.push(("signature-input".into(), input));
    headers.push(("signature".into(), signature));
    headers
}

fn plain(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[tokio::test]
async fn what_is_not_signed_or_was_sent_before_is_refused() {
    let house = House::open(signed()).await;
    assert_eq!(socket(&house, PATH, &[]).await.err(), Some(401), "no key");
    assert_eq!(
        socket(&house, PATH, &[("x-api-key", KEY)]).await.err(),
        Some(401),
        "unsigned"
    );
    let nonce = "a-nonce-of-some-length-1";
    let other = headers(&house, nonce, KEY, "b3RoZXI=");
    assert_eq!(
        socket(&house, PATH, &plain(&other)).await.err(),
        Some(401),
        "another secret"
    );
    let other = headers(&house, nonce, "other", SECRET);
    assert_eq!(
        socket(&house, PATH, &plain(&other)).await.err(),
        Some(401),
        "another key"
    );
    let right = headers(&house, nonce, KEY, SECRET);
    assert!(socket(&house, PATH, &plain(&right)).await.is_ok());
    assert_eq!(
        socket(&house, PATH, &plain(&right)).await.err(),
        Some(401),
        "a nonce twice"
    );
}

#[tokio::test]
async fn an_organization_that_is_not_the_signed_one_gets_no_call() {
    let house = House::open(signed()).await;
    let right = headers(&house, "a-nonce-of-some-length-2", KEY, SECRET);
    let mut caller = socket(&house, PATH, &plain(&right))
        .await
        .expect("a socket");
    let mut message = open("c-1");
    message["parameters"]["organizationId"] = "another".into();
    say(&mut caller, message.to_string()).await;
    let refused = text(&mut caller).await;
    assert_eq!(
        (&refused["type"], &refused["parameters"]["reason"]),
        (&json!("disconnect"), &json!("unauthorized"))
    );
    assert_eq!(house.log().all(), [""; 0]);
}

#[tokio::test]
async fn media_that_are_not_spoken_here_are_refused() {
    let house = House::open(options()).await;
    let mut caller = socket(&house, PATH, &[]).await.expect("a socket");
    let mut message = open("c-1");
    message["parameters"]["media"][0]["format"] = "L16".into();
    say(&mut caller, message.to_string()).await;
    assert_eq!(text(&mut caller).await["type"], "disconnect");
    assert_eq!(closed(&mut caller).await, 1003);
}

#[tokio::test]
async fn half_of_the_credentials_are_told_at_the_start() {
    let wrong = |key: Option<&str>, shared: &str| {
        guarded(|settings| {
            settings.genesys.api_key = key.and_then(secret);
            settings.genesys.client_secret = secret(shared);
        })
    };
    for options in [wrong(None, SECRET), wrong(Some(KEY), "no base64!")] {
        let seats = Arc::new(super::house::FakeSwitchboard::default());
        let bound = Server::bind(options, seats, Stop::default()).await;
        assert!(matches!(
            bound.err(),
            Some(ServeError::Line {
                line: "genesys",
                ..
            })
        ));
    }
}
