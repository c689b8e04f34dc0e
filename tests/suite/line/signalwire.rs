//! Whole calls with a simulated SignalWire: Twilio's calls with other names, a signature of its own, and a
//! token in the media socket's path.

use super::house::{self, House, secret};
use super::simulated::{keys, measured, patient};
use attendant::config::HumanTransfer;
use attendant::line::server::Options;
use attendant::line::signalwire::HEADER;
use attendant::line::twilio::signature::Validator;
use attendant::load::Plan;
use attendant::load::dialect::DialStatus;
use attendant::load::twilio::Twilio;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

const KEY: &str = "PSK_1";
const CALL: &str = "b1c7b2f0-35b8-4f7b-9a0c-5a8d6c2f9e11";

fn guarded() -> Options {
    house::guarded(|settings| settings.signalwire.signing_key = secret(KEY))
}

async fn simulated() -> (House, Twilio) {
    let house = House::open(guarded()).await;
    let signalwire = Twilio::signalwire(&house.base, Some(KEY.into()));
    (house, signalwire)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_heard_and_hung_up() {
    let (house, signalwire) = simulated().await;
    let report = measured(patient(keys(signalwire, "19", DialStatus::Completed))).await;
    assert!(report.ended_by_bot >= 1 && report.marks >= 2, "{report}");
    house.log().wait_for("heard 5").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_is_taken_or_comes_back_and_a_clear_needs_no_marks() {
    let (house, signalwire) = simulated().await;
    let report = measured(keys(signalwire, "0", DialStatus::Completed)).await;
    assert_eq!(report.dials[0].to, "+15557654321");
    house.log().wait_for("hung up").await;

    let (house, signalwire) = simulated().await;
    measured(keys(signalwire, "09", DialStatus::NoAnswer)).await;
    house.log().wait_for("returned").await;

    let (_house, signalwire) = simulated().await;
    let barge = Plan {
        barge_in_after: Some(Duration::from_millis(100)),
        ..keys(signalwire, "12", DialStatus::Completed)
    };
    assert!(measured(barge).await.clears >= 1);
}

async fn post(
    house: &House,
    path: &str,
    fields: &[(&str, &str)],
    header: &str,
    signed: bool,
) -> (u16, String) {
    let form: Vec<_> = fields
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    let url = format!("{}{path}", house.base);
    let signature = Validator::new(if signed { KEY } else { "guess" }).sign(&url, &form);
    let client = attendant::http::client().build().expect("a client");
    let request = client.post(url).form(fields).header(header, signature);
    let response = request.send().await.expect("an answer");
    (
        response.status().as_u16(),
        response.text().await.expect("a text"),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_are_refused_and_a_token_works_once() {
    let house = House::open(guarded()).await;
    let form = [("CallSid", CALL), ("From", "+15551230000")];
    for path in [
        "voice",
        "after",
        "dialed",
        "whisper?call=a",
        "accept?call=a",
        "stream-status",
    ] {
        let path = format!("/signalwire/{path}");
        assert_eq!(
            post(&house, &path, &form, HEADER, false).await.0,
            403,
            "{path}"
        );
        for header in [HEADER, "x-twilio-signature"] {
            assert!(
                post(&house, &path, &form, header, true).await.0 < 300,
                "{path} {header}"
            );
        }
    }
    let (_, cxml) = post(&house, "/signalwire/voice", &form, HEADER, true).await;
    let token = cxml
        .split("/signalwire/media/")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let token = token.expect("a token in the URL");
    assert_eq!(
        house.get("/signalwire/media").await,
        404,
        "no socket without a token"
    );
    for (n, (token, code)) in [("guess", 1008), (token, 1000), (token, 1008)]
        .into_iter()
        .enumerate()
    {
        let url = format!(
            "{}/signalwire/media/{token}",
            house.base.replacen("http", "ws", 1)
        );
        let (mut socket, _) = tokio_tungstenite::connect_async(url)
            .await
            .expect("a socket");
        let format = json!({"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1});
        let start = json!({"event": "start", "streamSid": "S1",
            "start": {"streamSid": "S1", "callSid": CALL, "mediaFormat": format, "customParameters": {}}});
        socket
            .send(Message::text(start.to_string()))
            .await
            .expect("open");
        let stop = json!({"event": "stop", "streamSid": "S1"});
        let _ = socket.send(Message::text(stop.to_string())).await;
        let closed = loop {
            match socket.next().await {
                Some(Ok(Message::Close(Some(close)))) => break u16::from(close.code),
                Some(Ok(Message::Close(None)) | Err(_)) | None => break 1006,
                Some(Ok(_)) => {}
            }
        };
        assert_eq!(closed, code, "{n}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_hears_the_story_by_the_call_named_in_our_url() {
    let mut options = guarded();
    options.settings.business.human_transfer = HumanTransfer::Whisper;
    let house = House::open(options).await;
    let signalwire = Twilio::signalwire(&house.base, Some(KEY.into()));
    // Who picks up hears the story and presses the key: the caller is his.
    measured(keys(signalwire, "0", DialStatus::Completed)).await;
    house.log().wait_for("hung up").await;
    let back = |log: Vec<String>| log.iter().any(|line| line == "returned");
    assert!(!back(house.log().all()), "{:?}", house.log().all());
    let form = [("CallSid", "the-persons-leg")];
    let (status, cxml) = post(
        &house,
        "/signalwire/whisper?call=unknown",
        &form,
        HEADER,
        true,
    )
    .await;
    assert_eq!(status, 200, "{cxml}");
    let (status, _) = post(&house, "/signalwire/accept?call=../x", &form, HEADER, true).await;
    assert_eq!(status, 400);
}
