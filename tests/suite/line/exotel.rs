//! Whole calls with a simulated Exotel: a flow of applets that asks at every step, a stream in messages of
//! 100 ms at each of its rates, and strangers at every door.

use super::house::{self, House, secret};
use super::simulated::{keys, measured, patient};
use attendant::line::server::Options;
use attendant::load::Plan;
use attendant::load::dialect::DialStatus;
use attendant::load::exotel::Exotel;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use std::time::Duration;
use tokio_tungstenite::tungstenite::{Error, Message};

const SECRET: &str = "s3cret";

fn guarded() -> Options {
    house::guarded(|settings| settings.exotel.secret = secret(SECRET))
}

async fn simulated() -> (House, Exotel) {
    let house = House::open(guarded()).await;
    let exotel = Exotel::new(&house.base, Some(SECRET.into()));
    (house, exotel)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_heard_at_every_rate_and_hung_up_by_the_flow() {
    for rate_hz in [8_000, 16_000, 24_000] {
        let (house, exotel) = simulated().await;
        let report = measured(patient(keys(
            exotel.at(rate_hz),
            "19",
            DialStatus::Completed,
        )))
        .await;
        assert!(
            report.ended_by_bot >= 1 && report.marks >= 2,
            "{rate_hz}: {report}"
        );
        house.log().wait_for("heard 5").await;
        assert!(
            house
                .log()
                .all()
                .contains(&"answered +15555550100".to_owned())
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_is_taken_or_comes_back_by_either_kind_of_address() {
    for fixed in [false, true] {
        let choose = |exotel: Exotel| if fixed { exotel.fixed() } else { exotel };
        let (house, exotel) = simulated().await;
        let report = measured(keys(choose(exotel), "0", DialStatus::Completed)).await;
        assert_eq!(report.dials[0].to, "+15557654321");
        house.log().wait_for("hung up").await;

        let (house, exotel) = simulated().await;
        let report = measured(keys(choose(exotel), "09", DialStatus::NoAnswer)).await;
        assert!(report.ended_by_bot >= 1, "{report}");
        let told = house.log().all();
        let back = told
            .iter()
            .position(|line| line == "returned")
            .expect("back with its state");
        assert!(told[back..].contains(&"digit 9".to_owned()), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clear_drops_the_prompt() {
    let (_house, exotel) = simulated().await;
    let barge = Plan {
        barge_in_after: Some(Duration::from_millis(100)),
        ..keys(exotel, "12", DialStatus::Completed)
    };
    assert!(measured(barge).await.clears >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_house_sends_callers_to_a_person() {
    let mut options = guarded();
    options.max_calls = 0;
    let house = House::open(options).await;
    let exotel = Exotel::new(&house.base, Some(SECRET.into()));
    let report = measured(keys(exotel, "1", DialStatus::Completed)).await;
    assert!(
        report.turned_away_to_person >= 1 && report.calls == 0,
        "{report}"
    );
}

async fn get(house: &House, path: &str, bearer: Option<&str>) -> (u16, String) {
    let client = attendant::http::client().build().expect("a client");
    let mut request = client.get(format!("{}{path}", house.base));
    if let Some(bearer) = bearer {
        request = request.bearer_auth(bearer);
    }
    let response = request.send().await.expect("an answer");
    (
        response.status().as_u16(),
        response.text().await.expect("a text"),
    )
}

async fn open(house: &House, path: &str) -> Result<Socket, Error> {
    let url = format!("{}{path}", house.base.replacen("http", "ws", 1));
    Ok(tokio_tungstenite::connect_async(url).await?.0)
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// Starts the stream of this call and tells how the server closes, after so many messages without sense.
async fn closed(mut socket: Socket, call: &str, nonsense: usize) -> u16 {
    let start = json!({"event": "start", "stream_sid": "s1", "start": {"stream_sid": "s1", "call_sid": call,
        "from": "+919876543210", "media_format": {"encoding": "audio/x-raw", "sample_rate": "8000"}}});
    let _ = socket.send(Message::text(start.to_string())).await;
    for _ in 0..nonsense {
        let _ = socket.send(Message::text("{")).await;
    }
    let stop = json!({"event": "stop", "stream_sid": "s1"});
    let _ = socket.send(Message::text(stop.to_string())).await;
    loop {
        match socket.next().await {
            Some(Ok(Message::Close(Some(close)))) => return close.code.into(),
            Some(Ok(Message::Close(None)) | Err(_)) | None => return 1006,
            Some(Ok(_)) => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_are_refused_at_every_applet_and_a_token_works_once() {
    let house = House::open(guarded()).await;
    for path in ["start", "next", "dial", "dialed"] {
        let url = format!("/exotel/{path}?CallSid=c1");
        for wrong in [None, Some("guess")] {
            assert_eq!(get(&house, &url, wrong).await.0, 403, "{url}");
        }
        assert_eq!(get(&house, &format!("{url}&key=guess"), None).await.0, 403);
        assert_eq!(
            get(
                &house,
                &format!("/exotel/{path}?CallSid=../x&key={SECRET}"),
                None
            )
            .await
            .0,
            400
        );
    }
    for path in ["/exotel/media", "/exotel/media?key=guess"] {
        match open(&house, path).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{path}"),
            other => panic!("{:?}", other.map(|_| ()).err()),
        }
    }
    let (status, answer) = get(
        &house,
        "/exotel/start?CallSid=c1&CallFrom=919876543210",
        Some(SECRET),
    )
    .await;
    assert_eq!(status, 200);
    let token = answer
        .rsplit('/')
        .next()
        .and_then(|rest| rest.split('"').next())
        .expect("a token");
    for (token, call, code) in [
        ("guess", "c1", 1008),
        (token, "c2", 1008),
        (token, "c1", 1000),
        (token, "c1", 1008),
    ] {
        let socket = open(&house, &format!("/exotel/media/{token}"))
            .await
            .expect("a socket");
        assert_eq!(closed(socket, call, 0).await, code, "{token} {call}");
    }
    // The caller has hung up: whoever asks gets choice B.
    assert_eq!(
        get(&house, "/exotel/next?CallSid=c1", Some(SECRET)).await.0,
        302
    );
    // A stream that broke leaves the caller to a person.
    let socket = open(&house, &format!("/exotel/media?key={SECRET}"))
        .await
        .expect("a socket");
    assert_eq!(closed(socket, "c3", 150).await, 1008);
    assert_eq!(
        get(&house, "/exotel/next?CallSid=c3", Some(SECRET)).await.0,
        200
    );
    assert_eq!(
        get(&house, "/exotel/dial?CallSid=c3", Some(SECRET)).await.1,
        "+15557654321"
    );
    // Nobody knows this call any more: it cannot come back.
    assert_eq!(
        get(
            &house,
            "/exotel/dialed?CallSid=c3&DialCallStatus=busy",
            Some(SECRET)
        )
        .await
        .0,
        302
    );
}
