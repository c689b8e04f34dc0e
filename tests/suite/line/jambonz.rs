//! Whole calls with a simulated jambonz, by its control socket and by webhooks, and what is refused.

use super::drive::{Socket, closed, first_call, keys, say, socket, text};
use super::house::{self, House, secret};
use attendant::config::HumanTransfer;
use attendant::line::jambonz::signature::{HEADER, Validator};
use attendant::line::server::Options;
use attendant::load::dialect::DialStatus;
use attendant::load::jambonz::{Account, Jambonz, Way};
use serde_json::{Value, json};

const PASSWORD: &str = "s3cret";
/// "jambonz:s3cret".
const BASIC: (&str, &str) = ("authorization", "Basic amFtYm9uejpzM2NyZXQ=");
const OFFER: (&str, &str) = ("sec-websocket-protocol", "ws.jambonz.org");
const CALL: &str = "aad0115d-ec21-40db-aa02-31b7b01540c5";

fn guarded() -> Options {
    house::guarded(|settings| {
        settings.jambonz.password = secret(PASSWORD);
        settings.jambonz.webhook_secret = secret("whs");
    })
}

fn jambonz(house: &House, way: Way) -> Jambonz {
    let account = Account {
        base: house.base.clone(),
        password: Some(PASSWORD.to_owned()),
        webhook_secret: Some("whs".to_owned()),
    };
    Jambonz::new(account, way)
}

async fn control(house: &House) -> Socket {
    let opened = socket(house, "/jambonz/control", &[BASIC, OFFER]).await;
    opened.expect("a control socket")
}

fn new_call() -> Value {
    json!({"type": "session:new", "msgid": "m1", "call_sid": CALL,
        "data": {"call_sid": CALL, "from": "+15551230000", "call_status": "trying"}})
}

async fn comes_back(way: Way) {
    let house = House::open(guarded()).await;
    let dialect = jambonz(&house, way);
    let report = keys(&house, dialect, "1209", DialStatus::NoAnswer, 5).await;
    assert!(
        report.transfers_failed >= 1 && report.ended_by_bot >= 1,
        "{report}"
    );
    assert!(report.marks >= 2 && report.clears >= 1, "{report}");
    assert_eq!(report.dials[0].to, "+15557654321");
    let reason = ("X-Handover-Reason".to_owned(), "requested".to_owned());
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
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_the_control_socket_a_call_comes_back_with_its_state() {
    comes_back(Way::Control).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_webhooks_a_call_comes_back_with_its_state() {
    comes_back(Way::Webhook).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_hears_the_story_and_takes_the_call_with_a_key() {
    let mut options = guarded();
    options.settings.business.human_transfer = HumanTransfer::Whisper;
    let house = House::open(options).await;
    let dialect = jambonz(&house, Way::Control);
    let report = keys(&house, dialect, "0", DialStatus::Completed, 2).await;
    assert!(report.transfers >= 1, "{report}");
    let told = first_call(&house);
    assert!(!told.contains(&"returned".to_owned()), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("hung up"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refer_that_reaches_nobody_brings_the_caller_back() {
    let mut options = guarded();
    options.settings.jambonz.refer = true;
    let house = House::open(options).await;
    let dialect = jambonz(&house, Way::Control);
    let report = keys(&house, dialect, "09", DialStatus::Busy, 3).await;
    assert!(report.transfers_failed >= 1, "{report}");
    assert!(first_call(&house).contains(&"returned".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_house_sends_callers_to_a_person() {
    let house = House::open(Options {
        max_calls: 0,
        ..guarded()
    })
    .await;
    let dialect = jambonz(&house, Way::Control);
    let report = keys(&house, dialect, "1", DialStatus::Completed, 1).await;
    assert!(report.turned_away >= 1 && report.calls == 0, "{report}");
    assert_eq!(report.turned_away_to_person, report.turned_away, "{report}");
}

#[tokio::test]
async fn strangers_are_refused_at_every_door() {
    let house = House::open(guarded()).await;
    for path in ["/jambonz/control", "/jambonz/audio"] {
        assert_eq!(
            socket(&house, path, &[OFFER]).await.err(),
            Some(401),
            "{path}"
        );
        let wrong = ("authorization", "Basic amFtYm9uejp3cm9uZw==");
        assert_eq!(
            socket(&house, path, &[OFFER, wrong]).await.err(),
            Some(401),
            "{path}"
        );
    }
    let client = attendant::http::client().build().expect("a client");
    let body = json!({"call_sid": CALL}).to_string();
    let post = |what: &str| {
        let url = format!("{}/jambonz/{what}", house.base);
        client.post(url).body(body.clone())
    };
    let status = |request: reqwest::RequestBuilder| async {
        request.send().await.expect("an answer").status().as_u16()
    };
    let now = std::time::UNIX_EPOCH
        .elapsed()
        .expect("after 1970")
        .as_secs()
        .cast_signed();
    let signature = Validator::new("whs").sign(body.as_bytes(), now);
    for what in [
        "call", "after", "dialed", "referred", "confirm", "accepted", "status",
    ] {
        let password = post(what).basic_auth("jambonz", Some(PASSWORD));
        assert_eq!(status(password).await, 401, "{what} unsigned");
        assert_eq!(
            status(post(what).header(HEADER, &signature)).await,
            401,
            "{what} no password"
        );
        let both = post(what)
            .basic_auth("jambonz", Some(PASSWORD))
            .header(HEADER, &signature);
        assert_eq!(status(both).await, 200, "{what}");
    }
    let nothing = post("nothing")
        .basic_auth("jambonz", Some(PASSWORD))
        .header(HEADER, &signature);
    assert_eq!(status(nothing).await, 404);
}

#[tokio::test]
async fn without_a_password_signed_webhooks_do_not_open_the_control_socket() {
    let mut options = guarded();
    options.settings.jambonz.password = None;
    let house = House::open(options).await;
    assert_eq!(
        socket(&house, "/jambonz/control", &[OFFER]).await.err(),
        Some(401)
    );
}

#[tokio::test]
async fn a_token_opens_one_audio_socket() {
    let house = House::open(guarded()).await;
    let mut control = control(&house).await;
    say(&mut control, new_call().to_string()).await;
    let ack = text(&mut control).await;
    assert_eq!((&ack["type"], &ack["msgid"]), (&json!("ack"), &json!("m1")));
    let verbs = ack["data"].as_array().expect("verbs");
    let names: Vec<_> = verbs
        .iter()
        .map(|verb| verb["verb"].as_str().expect("a verb"))
        .collect();
    assert_eq!(
        names,
        ["answer", "listen", "dial"],
        "the last where our hook cannot be reached"
    );
    let token = verbs[1]["metadata"]["token"].as_str().expect("a token");
    let hello = json!({"callSid": CALL, "sampleRate": 8000, "token": token}).to_string();
    let offer = ("sec-websocket-protocol", "audio.jambonz.org");
    let mut caller = socket(&house, "/jambonz/audio", &[BASIC, offer])
        .await
        .expect("a socket");
    say(&mut caller, hello.clone()).await;
    house.log().wait_for("answered +15551230000").await;
    let mut replay = socket(&house, "/jambonz/audio", &[BASIC, offer])
        .await
        .expect("a socket");
    say(&mut replay, hello).await;
    assert_eq!(closed(&mut replay).await, 1008);
}

#[tokio::test]
async fn a_control_socket_that_comes_back_goes_on_or_begins_anew() {
    let house = House::open(guarded()).await;
    let mut first = control(&house).await;
    say(&mut first, new_call().to_string()).await;
    text(&mut first).await;
    drop(first);
    let mut again = control(&house).await;
    let mut reconnect = new_call();
    reconnect["type"] = "session:reconnect".into();
    say(&mut again, reconnect.to_string()).await;
    let ack = text(&mut again).await;
    assert_eq!(
        (&ack["type"], ack.get("data")),
        (&json!("ack"), None),
        "the call goes on"
    );
    // A house that has forgotten it, as after a restart.
    reconnect["call_sid"] = "another".into();
    reconnect["data"]["call_sid"] = "another".into();
    say(&mut again, reconnect.to_string()).await;
    text(&mut again).await;
    let command = text(&mut again).await;
    assert_eq!(
        (&command["command"], &command["data"][1]["verb"]),
        (&json!("redirect"), &json!("listen"))
    );
}

#[tokio::test]
async fn a_control_socket_without_sense_is_closed() {
    let house = House::open(guarded()).await;
    let mut mad = control(&house).await;
    for text in ["", "{", "[]", "{\"type\":1}"].iter().cycle().take(20) {
        say(&mut mad, *text).await;
    }
    assert_eq!(closed(&mut mad).await, 1008);
    let mut known = control(&house).await;
    for kind in ["verb:status", "jambonz:error", "llm:event", "call:status"] {
        say(
            &mut known,
            json!({"type": kind, "call_sid": CALL}).to_string(),
        )
        .await;
    }
    let hook = json!({"type": "verb:hook", "msgid": "m7", "hook": "/elsewhere", "call_sid": CALL});
    say(&mut known, hook.to_string()).await;
    assert_eq!(
        text(&mut known).await,
        json!({"type": "ack", "msgid": "m7"}),
        "jambonz waits"
    );
}

/// A call that has just been handed over; the verb that follows.
async fn handed_over(house: &House, control: &mut Socket) -> Value {
    say(control, new_call().to_string()).await;
    let ack = text(control).await;
    let listen = &ack["data"][1];
    let token = listen["metadata"]["token"].as_str().expect("a token");
    let hello = json!({"callSid": CALL, "sampleRate": 8000, "token": token}).to_string();
    let mut audio = socket(house, "/jambonz/audio", &[BASIC])
        .await
        .expect("a socket");
    say(&mut audio, hello).await;
    say(
        &mut audio,
        json!({"event": "dtmf", "dtmf": "0"}).to_string(),
    )
    .await;
    assert_eq!(closed(&mut audio).await, 1000);
    let verbs = hook(control, &listen["actionHook"], json!({})).await;
    verbs[0].clone()
}

/// Asks a hook; the verbs that are acknowledged.
async fn hook(control: &mut Socket, hook: &Value, data: Value) -> Value {
    let mut asked =
        json!({"type": "verb:hook", "msgid": "h", "hook": hook, "call_sid": CALL, "data": data});
    asked["data"]["call_sid"] = CALL.into();
    say(control, asked.to_string()).await;
    text(control).await["data"].clone()
}

#[tokio::test]
async fn who_answers_without_the_key_does_not_get_the_caller() {
    let mut options = guarded();
    options.settings.business.human_transfer = HumanTransfer::Whisper;
    let house = House::open(options).await;
    let mut control = control(&house).await;
    let dial = handed_over(&house, &mut control).await;
    let told = hook(&mut control, &dial["confirmHook"], json!({})).await;
    let said = told[0]["say"]["text"].as_str().expect("a story");
    assert!(said.contains("Press 1"), "{said}");
    let accepted = &told[0]["actionHook"];
    let nothing = hook(&mut control, accepted, json!({"reason": "timeout"})).await;
    assert_eq!(nothing[0]["verb"], "hangup", "of the person's leg");
    let completed = json!({"dial_call_status": "completed"});
    let back = hook(&mut control, &dial["actionHook"], completed.clone()).await;
    assert_eq!(back[0]["verb"], "listen", "the caller comes back");
}

#[tokio::test]
async fn who_presses_the_key_gets_the_caller() {
    let mut options = guarded();
    options.settings.business.human_transfer = HumanTransfer::Whisper;
    let house = House::open(options).await;
    let mut control = control(&house).await;
    let dial = handed_over(&house, &mut control).await;
    let told = hook(&mut control, &dial["confirmHook"], json!({})).await;
    let joined = hook(&mut control, &told[0]["actionHook"], json!({"digits": "1"})).await;
    assert_eq!(
        joined,
        Value::Null,
        "nothing more is said: the two are joined"
    );
    let completed = json!({"dial_call_status": "completed"});
    let over = hook(&mut control, &dial["actionHook"], completed).await;
    assert_eq!(over[0]["verb"], "hangup");
    house.log().wait_for("hung up").await;
}

#[tokio::test]
async fn without_a_human_line_the_bot_keeps_the_caller() {
    let house = House::open(Options {
        human_line: None,
        ..guarded()
    })
    .await;
    let mut control = control(&house).await;
    let next = handed_over(&house, &mut control).await;
    assert_eq!(next["verb"], "listen");
}
