//! Whole calls with a simulated Vonage, and what is refused at its door.

use super::drive::{closed, first_call, keys, say, socket};
use super::house::{House, guarded, options, secret};
use attendant::config::HumanTransfer;
use attendant::line::server::Options;
use attendant::line::vonage::signature::Validator;
use attendant::load::dialect::DialStatus;
use attendant::load::vonage::Vonage;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const SECRET: &str = "b1e5a0d6c3f74f2e9d8c7b6a5f4e3d2c";
const CALL: &str = "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab";

fn signed() -> Options {
    guarded(|settings| {
        settings.vonage.signature_secret = secret(SECRET);
        settings.business.human_transfer = HumanTransfer::Whisper;
    })
}

fn vonage(house: &House) -> Vonage {
    Vonage::new(&house.base, Some(SECRET.to_owned()))
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("after 1970").as_secs().cast_signed()
}

/// Posts an event; status and answer.
async fn post(house: &House, path: &str, body: &Value, secret: Option<&str>) -> (u16, String) {
    let client = attendant::http::client().build().expect("a client");
    let body = body.to_string();
    let mut request = client.post(format!("{}{path}", house.base));
    if let Some(secret) = secret {
        let signature = Validator::new(secret).sign(body.as_bytes(), now());
        request = request.header("authorization", signature);
    }
    let answer = request.body(body).send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.text().await.expect("a text"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_handed_over_comes_back_with_its_state_and_ends() {
    let house = House::open(signed()).await;
    let report = keys(&house, vonage(&house), "1209", DialStatus::NoAnswer, 5).await;
    assert!(
        report.transfers_failed >= 1 && report.ended_by_bot >= 1,
        "{report}"
    );
    assert!(report.marks >= 1 && report.clears >= 1, "{report}");
    assert_eq!(report.dials[0].to, "15557654321", "without a plus");
    let told = first_call(&house);
    assert!(told[0].starts_with("new CON-"), "{told:?}");
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
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_answers_hears_the_story_and_keeps_the_caller() {
    let house = House::open(signed()).await;
    let report = keys(&house, vonage(&house), "0", DialStatus::Completed, 2).await;
    assert!(
        report.transfers >= 1 && report.transfers_failed == 0,
        "{report}"
    );
    let told = first_call(&house);
    assert!(!told.contains(&"returned".to_owned()), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("hung up"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_house_sends_callers_to_a_person() {
    let house = House::open(Options {
        max_calls: 0,
        ..signed()
    })
    .await;
    let report = keys(&house, vonage(&house), "1", DialStatus::Completed, 1).await;
    assert_eq!(
        (report.calls, report.turned_away_to_person),
        (0, report.turned_away),
        "{report}"
    );
    assert!(report.turned_away >= 1, "{report}");
}

#[tokio::test]
async fn unsigned_webhooks_are_refused() {
    let house = House::open(signed()).await;
    let body = json!({"conversation_uuid": CALL, "status": "started"});
    for path in ["answer", "events", "after", "dialed", "whisper"] {
        let path = format!("/vonage/{path}");
        for secret in [None, Some("other")] {
            assert_eq!(
                post(&house, &path, &body, secret).await.0,
                401,
                "{path} {secret:?}"
            );
        }
        assert_ne!(
            post(&house, &path, &body, Some(SECRET)).await.0,
            401,
            "{path} signed"
        );
    }
    assert_eq!(
        house.get("/vonage/answer?conversation_uuid=CON-1").await,
        401
    );
}

#[tokio::test]
async fn the_answer_webhook_may_be_a_get_and_names_are_checked() {
    let house = House::open(options()).await;
    let query = format!("/vonage/answer?to=15550001111&from=15551230000&conversation_uuid={CALL}");
    assert_eq!(house.get(&query).await, 200);
    for bad in ["", "../../x", &"C".repeat(65)] {
        let body = json!({"conversation_uuid": bad});
        assert_eq!(
            post(&house, "/vonage/answer", &body, None).await.0,
            400,
            "{bad}"
        );
    }
}

#[tokio::test]
async fn a_token_opens_one_socket_of_its_call() {
    let house = House::open(options()).await;
    let body = json!({"conversation_uuid": CALL, "from": "15551230000", "to": "15550001111"});
    let (_, ncco) = post(&house, "/vonage/answer", &body, None).await;
    let ncco: Value = serde_json::from_str(&ncco).expect("an NCCO");
    assert_eq!(ncco[0]["from"], "15550001111");
    let token = ncco[0]["endpoint"][0]["headers"]["token"].as_str();
    let token = token.expect("a token");
    let hello = |call: &str, token: &str| {
        let format = "audio/l16;rate=16000";
        json!({"event": "websocket:connected", "content-type": format, "call": call, "token": token})
    };
    for (call, token) in [("CON-2", token), (CALL, "guess"), (CALL, "")] {
        let mut stranger = socket(&house, "/vonage/media", &[])
            .await
            .expect("a socket");
        say(&mut stranger, hello(call, token).to_string()).await;
        assert_eq!(closed(&mut stranger).await, 1008, "{call} {token}");
    }
    let mut caller = socket(&house, "/vonage/media", &[])
        .await
        .expect("a socket");
    say(&mut caller, hello(CALL, token).to_string()).await;
    house.log().wait_for("answered +15551230000").await;
    let mut replay = socket(&house, "/vonage/media", &[])
        .await
        .expect("a socket");
    say(&mut replay, hello(CALL, token).to_string()).await;
    assert_eq!(closed(&mut replay).await, 1008);
}

#[tokio::test]
async fn a_socket_that_breaks_or_never_opens_leaves_the_caller_to_a_person() {
    let house = House::open(options()).await;
    let body = json!({"conversation_uuid": CALL, "from": "15551230000", "to": "15550001111"});
    let (_, ncco) = post(&house, "/vonage/answer", &body, None).await;
    let ncco: Value = serde_json::from_str(&ncco).expect("an NCCO");
    let url = ncco[0]["eventUrl"][0].as_str().expect("a URL");
    let path = url.strip_prefix(&house.base).expect("ours").to_owned();
    let (status, answer) = post(&house, &path, &json!({"status": "started"}), None).await;
    assert_eq!(
        (status, answer.as_str()),
        (204, ""),
        "nothing to decide yet"
    );
    let (_, answer) = post(&house, &path, &json!({"status": "failed"}), None).await;
    let answer: Value = serde_json::from_str(&answer).expect("an NCCO");
    assert_eq!(answer[0]["endpoint"][0]["number"], "15557654321");
    assert!(
        answer[0].get("eventUrl").is_none(),
        "nobody of us is there afterwards"
    );
}
