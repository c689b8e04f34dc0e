//! Whole calls with a simulated Plivo: signed webhooks, XML element by element, checkpoints and cleared
//! sound, transfers that come back on a new stream, and strangers at every door.

use super::house::{self, House, secret};
use super::simulated::{fake_rest, keys, measured, patient};
use attendant::config::HumanTransfer;
use attendant::line::plivo::signature::{NONCE, SIGNATURE, Validator};
use attendant::line::server::Options;
use attendant::load::Plan;
use attendant::load::dialect::DialStatus;
use attendant::load::plivo::Plivo;
use attendant::load::rest::Reply;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

const TOKEN: &str = "MAXXXXTOKEN";
const CALL: &str = "9e5f4f0e-0b2b-4d0c-8a3a-6f2f3b1f0c11";

fn guarded() -> Options {
    house::guarded(|settings| settings.plivo.auth_token = secret(TOKEN))
}

async fn simulated(options: Options) -> (House, Plivo) {
    let house = House::open(options).await;
    let plivo = Plivo::new(&house.base, Some(TOKEN.into()), None);
    (house, plivo)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_heard_answered_and_hung_up_by_xml() {
    let (house, plivo) = simulated(guarded()).await;
    let report = measured(patient(keys(plivo, "19", DialStatus::Completed))).await;
    assert!(report.ended_by_bot >= 1 && report.marks >= 2, "{report}");
    house.log().wait_for("heard 5").await;
    let told = house.log().all();
    assert!(
        told.contains(&"answered +15555550100".to_owned()),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_an_auth_id_calls_are_hung_up_by_an_order() {
    let rest = fake_rest().await;
    let mut options = guarded();
    options.settings.plivo.auth_id = Some("MA1".into());
    options.settings.plivo.api_url = rest.base().to_owned();
    let house = House::open(options).await;
    let plivo = Plivo::new(&house.base, Some(TOKEN.into()), Some(rest.clone()));
    let report = measured(keys(plivo, "9", DialStatus::Completed)).await;
    assert!(report.ended_by_bot >= 1, "{report}");
    let order = rest.log().into_iter().next().expect("an order");
    assert_eq!(order.method, "DELETE");
    assert!(
        order.path.starts_with("/v1/Account/MA1/Call/"),
        "{}",
        order.path
    );
    // MA1:MAXXXXTOKEN
    assert_eq!(order.header("authorization"), "Basic TUExOk1BWFhYWFRPS0VO");
    house.log().wait_for("hung up").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_has_ended_already_is_no_fault() {
    let rest = fake_rest().await;
    let mut options = guarded();
    options.settings.plivo.auth_id = Some("MA1".into());
    options.settings.plivo.api_url = rest.base().to_owned();
    let house = House::open(options).await;
    let plivo = Plivo::new(&house.base, Some(TOKEN.into()), Some(rest.clone()));
    rest.answer_with(|_| Reply::json(404, &json!({"error": "not found"})));
    // The stream's end then asks for the XML behind it.
    let report = measured(keys(plivo, "9", DialStatus::Completed)).await;
    assert!(report.ended_by_bot >= 1, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cleared_audio_returns_the_marks_in_it() {
    let (house, plivo) = simulated(guarded()).await;
    let barge = Plan {
        barge_in_after: Some(Duration::from_millis(100)),
        ..keys(plivo, "12", DialStatus::Completed)
    };
    let report = measured(barge).await;
    assert!(report.clears >= 1, "{report}");
    house.log().wait_for("played p1s0").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_takes_over_with_what_plivo_carries() {
    let (house, plivo) = simulated(guarded()).await;
    let report = measured(keys(plivo, "0", DialStatus::Completed)).await;
    assert!(report.transfers >= 1, "{report}");
    let dial = &report.dials[0];
    assert_eq!(dial.to, "+15557654321");
    assert!(
        dial.carries
            .contains(&("reason".into(), "requested".into())),
        "{dial:?}"
    );
    house.log().wait_for("hung up").await;
    assert!(!house.log().all().contains(&"returned".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_transfer_brings_the_caller_back_on_a_new_stream() {
    for status in [DialStatus::NoAnswer, DialStatus::Busy, DialStatus::Failed] {
        let (house, plivo) = simulated(guarded()).await;
        let report = measured(keys(plivo, "09", status)).await;
        assert!(
            report.transfers_failed >= 1 && report.ended_by_bot >= 1,
            "{report}"
        );
        let told = house.log().all();
        let back = told
            .iter()
            .position(|line| line == "returned")
            .expect("back with its state");
        assert!(told[back..].contains(&"digit 9".to_owned()), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_hears_the_story_and_accepts_or_does_not() {
    let whispering = || {
        let mut options = guarded();
        options.settings.business.human_transfer = HumanTransfer::Whisper;
        options
    };
    let (house, plivo) = simulated(whispering()).await;
    measured(keys(plivo, "0", DialStatus::Completed)).await;
    house.log().wait_for("hung up").await;
    assert!(!house.log().all().contains(&"returned".to_owned()));

    let (house, plivo) = simulated(whispering()).await;
    measured(keys(plivo.refusing(), "09", DialStatus::Completed)).await;
    house.log().wait_for("returned").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_house_sends_callers_to_a_person_or_says_sorry() {
    let full = |human: bool| {
        let mut options = guarded();
        options.max_calls = 0;
        if !human {
            options.human_line = None;
        }
        options
    };
    let (_house, plivo) = simulated(full(true)).await;
    let report = measured(keys(plivo, "1", DialStatus::Completed)).await;
    assert!(
        report.turned_away_to_person >= 1 && report.calls == 0,
        "{report}"
    );
    let (_house, plivo) = simulated(full(false)).await;
    let report = measured(keys(plivo, "1", DialStatus::Completed)).await;
    assert!(
        report.turned_away >= 1 && report.turned_away_to_person == 0,
        "{report}"
    );
}

async fn post(
    house: &House,
    path: &str,
    fields: &[(&str, &str)],
    signature: Option<&str>,
) -> (u16, String) {
    let client = attendant::http::client().build().expect("a client");
    let mut request = client.post(format!("{}{path}", house.base)).form(fields);
    if let Some(signature) = signature {
        request = request.header(NONCE, "12345").header(SIGNATURE, signature);
    }
    let response = request.send().await.expect("an answer");
    (
        response.status().as_u16(),
        response.text().await.expect("a text"),
    )
}

fn signed(house: &House, path: &str, fields: &[(&str, &str)]) -> String {
    let form: Vec<_> = fields
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    Validator::new(TOKEN).sign(&format!("{}{path}", house.base), &form, "12345")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unsigned_webhooks_are_refused() {
    let house = House::open(guarded()).await;
    let form = [("CallUUID", CALL)];
    for path in [
        "/plivo/answer",
        "/plivo/after",
        "/plivo/dialed",
        "/plivo/dialing",
        "/plivo/whisper",
        "/plivo/hangup",
        "/plivo/status",
    ] {
        let good = signed(&house, path, &form);
        for signature in [None, Some("LKLmmBb5r4XXRUGNWhXF8iQWvVBQFLB9qwog97xbac8=")] {
            assert_eq!(
                post(&house, path, &form, signature).await.0,
                403,
                "{path} {signature:?}"
            );
        }
        let other = [("CallUUID", "other")];
        assert_eq!(
            post(&house, path, &other, Some(&good)).await.0,
            403,
            "{path}, another call"
        );
        assert!(
            post(&house, path, &form, Some(&good)).await.0 < 300,
            "{path} signed"
        );
    }
    let bad = [("CallUUID", "../x")];
    let good = signed(&house, "/plivo/answer", &bad);
    assert_eq!(
        post(&house, "/plivo/answer", &bad, Some(&good)).await.0,
        400
    );
}

/// Opens the media socket with this token and starts the stream of this call.
async fn started(house: &House, token: &str, call: &str) -> Socket {
    let base = house.base.replacen("http", "ws", 1);
    let url = format!("{base}/plivo/media/{token}");
    let (mut socket, _) = tokio_tungstenite::connect_async(url)
        .await
        .expect("a socket");
    let start = json!({"event": "start", "sequenceNumber": 0, "start": {"callId": call, "streamId": "S1",
        "accountId": "MA1", "tracks": ["inbound"], "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000}}});
    send(&mut socket, start).await;
    socket
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn send(socket: &mut Socket, message: Value) {
    // A server that has closed is noticed when reading.
    let _ = socket.send(Message::text(message.to_string())).await;
}

async fn closed(mut socket: Socket) -> u16 {
    loop {
        match socket.next().await {
            Some(Ok(Message::Close(Some(close)))) => return close.code.into(),
            Some(Ok(Message::Close(None)) | Err(_)) | None => return 1006,
            Some(Ok(_)) => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_works_once_for_its_call_and_garbage_is_borne_for_a_while() {
    let house = House::open(guarded()).await;
    let form = [("CallUUID", CALL), ("From", "15551230000")];
    let (_, xml) = post(
        &house,
        "/plivo/answer",
        &form,
        Some(&signed(&house, "/plivo/answer", &form)),
    )
    .await;
    let token = xml
        .split("/plivo/media/")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    let token = token.expect("a token in the URL");
    for (token, call) in [("guess", CALL), (token, "another")] {
        assert_eq!(
            closed(started(&house, token, call).await).await,
            1008,
            "{token} {call}"
        );
    }
    let mut caller = started(&house, token, CALL).await;
    house.log().wait_for("answered +15551230000").await;
    assert_eq!(
        closed(started(&house, token, CALL).await).await,
        1008,
        "used"
    );
    for n in 0..150 {
        send(
            &mut caller,
            json!({"event": "media", "streamId": "S1", "media": {"payload": n}}),
        )
        .await;
    }
    assert_eq!(closed(caller).await, 1008);
    // A stream that broke leaves the caller to a person.
    let form = [("CallUUID", CALL), ("CallStatus", "in-progress")];
    let (_, xml) = post(
        &house,
        "/plivo/after",
        &form,
        Some(&signed(&house, "/plivo/after", &form)),
    )
    .await;
    assert!(
        xml.contains("<Number>15557654321</Number>") && !xml.contains("action"),
        "{xml}"
    );
}
