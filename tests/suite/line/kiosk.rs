//! The page's line: whole calls with the load tool's page, `kiosk/1` by hand, who may call, what is served,
//! and garbage. The page itself is tested in a browser (`suite/browser.rs`).

mod page;

use super::drive::{self, first_call};
use super::house::{House, options};
use super::simulated::{keys, measured};
use attendant::line::HouseSwitchboard;
use attendant::line::kiosk::KioskCodec;
use attendant::line::provider::{LineEvent, Provided as _, Wire};
use attendant::line::server::Options;
use attendant::load::dialect::DialStatus;
use attendant::load::kiosk::Kiosk;
use attendant::runtime::business::Business;
use futures_util::{SinkExt as _, StreamExt as _};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// The page's end of a socket.
struct Page(WebSocketStream<MaybeTlsStream<TcpStream>>);

async fn token_from(house: &House, origin: Option<&str>) -> Result<String, u16> {
    let client = attendant::http::client().build().unwrap();
    let mut request = client.post(format!("{}/kiosk/token", house.base));
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let told: Value = serde_json::from_str(&text).unwrap_or_default();
    told["token"].as_str().map(str::to_owned).ok_or(status)
}

async fn socket_from(house: &House, origin: Option<&str>) -> Result<Page, u16> {
    let url = format!("{}/kiosk/media", house.base.replacen("http", "ws", 1));
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "ivr.kiosk.v1".parse().unwrap());
    if let Some(origin) = origin {
        headers.insert("origin", origin.parse().unwrap());
    }
    // True: without Nagle's delay, in which a clock that is paused would run on.
    match tokio_tungstenite::connect_async_with_config(request, None, true).await {
        Ok((socket, answer)) => {
            assert_eq!(answer.headers()["sec-websocket-protocol"], "ivr.kiosk.v1");
            Ok(Page(socket))
        }
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

impl Page {
    async fn call(house: &House) -> Self {
        let origin = Some(house.base.as_str());
        let token = token_from(house, origin).await.unwrap();
        let mut page = socket_from(house, origin).await.unwrap();
        page.start(&token).await;
        let ready = page.next().await.unwrap();
        assert_eq!(
            (&ready["type"], &ready["rate_out"]),
            (&json!("ready"), &json!(16_000))
        );
        assert!(ready["session"].as_str().unwrap().starts_with("kiosk-"));
        page
    }

    async fn start(&mut self, token: &str) {
        self.start_in(token, json!("en")).await;
    }

    async fn start_in(&mut self, token: &str, language: Value) {
        let start = json!({
            "type": "start", "format": "pcm16le", "rate": 16000, "token": token, "language": language,
        });
        self.send(start).await;
    }

    async fn send(&mut self, message: Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    /// The next message; sound is `{"bytes": n}`, the end null with its code.
    async fn next(&mut self) -> Option<Value> {
        loop {
            return match self.0.next().await {
                Some(Ok(Message::Text(text))) => Some(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Binary(bytes))) => Some(json!({ "bytes": bytes.len() })),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                _ => None,
            };
        }
    }

    /// Reads up to a message of this type; how much sound came before it.
    async fn until(&mut self, kind: &str) -> (Value, usize) {
        let mut sounds = 0;
        loop {
            let message = self.next().await;
            let message = message.unwrap_or_else(|| panic!("closed before {kind}"));
            if message["type"] == kind {
                return (message, sounds);
            }
            sounds += usize::from(message["bytes"] == 640);
        }
    }

    async fn closed(mut self) -> u16 {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Close(Some(close)))) => return close.code.into(),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return 1006,
                Some(Ok(_)) => {}
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_whole_call_from_the_page() {
    for rate_hz in [16_000, 48_000] {
        let house = House::open(options()).await;
        let page = Kiosk::new(&house.base).at(rate_hz);
        let report = drive::keys(&house, page, "129", DialStatus::Completed, 3).await;
        assert!(
            report.ended_by_bot >= 1 && report.clears >= 1 && report.marks >= 2,
            "{rate_hz}: {report}"
        );
        let told = first_call(&house);
        let rest: Vec<&str> = told[1..].iter().map(String::as_str).collect();
        let expected = ["answered -", "digit 1", "digit 2", "digit 9", "hung up"];
        assert_eq!(rest, expected);
        // Played to its end, and cleared at once.
        house.log().wait_for("played p0s0").await;
        house.log().wait_for("played p1s0").await;
        house.log().wait_for("heard 5").await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_typed_is_a_turn() {
    let house = House::open(options()).await;
    let mut page = Page::call(&house).await;
    page.send(json!({ "type": "text", "text": "where is my order" }))
        .await;
    house.log().wait_for("typed where is my order").await;
}

#[tokio::test(start_paused = true)]
async fn the_call_opens_in_the_language_of_the_page_where_the_business_speaks_it() {
    let recordings = tempfile::tempdir().unwrap();
    let mut shop = crate::house::shop(crate::house::Ears::hearing(&[]), recordings.path());
    Arc::get_mut(&mut shop).unwrap().domain = Business::sample("shop").domain;
    let seats = Arc::new(HouseSwitchboard::new(shop));
    let house = House::open_with(options(), seats, Arc::default()).await;
    let origin = Some(house.base.as_str());
    for (language, greeting) in [
        (json!("es"), "Gracias por llamar"),
        (json!("es-MX"), "Gracias por llamar"),
        (json!("en"), "Thanks for calling"),
        (json!("fr"), "Thanks for calling"),
        (json!("é"), "Thanks for calling"),
        (json!(7), "Thanks for calling"),
        (json!(null), "Thanks for calling"),
    ] {
        let token = token_from(&house, origin).await.unwrap();
        let mut page = socket_from(&house, origin).await.unwrap();
        page.start_in(&token, language.clone()).await;
        let (caption, _) = page.until("text").await;
        let text = caption["text"].as_str().unwrap();
        assert!(text.starts_with(greeting), "{language}: {text}");
        page.send(json!({ "type": "stop" })).await;
        assert_eq!(page.closed().await, 1000);
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_for_a_person_is_told_the_number_and_the_call_is_over() {
    let house = House::open(options()).await;
    let page = Kiosk::new(&house.base);
    let report = drive::keys(&house, page, "0", DialStatus::Completed, 2).await;
    assert_eq!(report.dials[0].to, "+15557654321");
    let reason = ("reason".to_owned(), "requested".to_owned());
    assert_eq!(report.dials[0].carries, [reason]);
    // Nobody comes back on this line: the record is closed now, not in four hours.
    house.log().wait_for("hung up").await;
}

#[tokio::test(start_paused = true)]
async fn hanging_up_and_leaving_the_page_end_the_call() {
    let house = House::open(options()).await;
    let mut page = Page::call(&house).await;
    page.send(json!({ "type": "stop" })).await;
    assert_eq!(page.closed().await, 1000);
    let mut page = Page::call(&house).await;
    page.0.close(None).await.unwrap();
    drop(page);
    house.log().wait_for_times("hung up", 2).await;
}

#[tokio::test(start_paused = true)]
async fn only_pages_of_ours_may_call() {
    let mut options = options();
    options.public_url = Some("https://bot.example.com".into());
    options.settings.kiosk.origins = Some("https://www.example.com".into());
    let house = House::open(options).await;
    for origin in [
        None,
        Some("https://evil.example"),
        Some("http://bot.example.com"),
        Some("null"),
        Some("http://localhost:1"),
    ] {
        assert_eq!(token_from(&house, origin).await, Err(403), "{origin:?}");
        assert_eq!(
            socket_from(&house, origin).await.err(),
            Some(403),
            "{origin:?}"
        );
    }
    let own = house.base.clone();
    for origin in [
        "https://bot.example.com",
        "https://www.example.com",
        own.as_str(),
    ] {
        assert!(token_from(&house, Some(origin)).await.is_ok(), "{origin}");
        assert!(socket_from(&house, Some(origin)).await.is_ok(), "{origin}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_opens_one_socket() {
    let house = House::open(options()).await;
    let origin = Some(house.base.as_str());
    let token = token_from(&house, origin).await.unwrap();
    let mut first = socket_from(&house, origin).await.unwrap();
    first.start(&token).await;
    first.until("ready").await;
    for wrong in [token.as_str(), "", "kiosk-x", "kiosk-x.1.AAAA"] {
        let mut page = socket_from(&house, origin).await.unwrap();
        page.start(wrong).await;
        assert_eq!(page.closed().await, 1008, "{wrong}");
    }
    let late = token_from(&house, origin).await.unwrap();
    tokio::time::advance(Duration::from_secs(31)).await;
    let mut page = socket_from(&house, origin).await.unwrap();
    page.start(&late).await;
    assert_eq!(page.closed().await, 1008, "out of date");
}

#[tokio::test(start_paused = true)]
async fn the_page_leaves_room_for_telephones() {
    let mut one = options();
    one.settings.kiosk.max_calls = 1;
    let house = House::open(one).await;
    let origin = Some(house.base.as_str());
    let page = Page::call(&house).await;
    assert_eq!(token_from(&house, origin).await, Err(503));
    assert_eq!(socket_from(&house, origin).await.err(), Some(503));
    drop(page);
    house.log().wait_for("hung up").await;
    // The seat is free when the socket is closed on the server's side, too: while it is asked, it gets on.
    while token_from(&house, origin).await == Err(503) {}
}

#[tokio::test(start_paused = true)]
async fn a_full_house_says_so_on_the_page() {
    let full = Options {
        max_calls: 0,
        ..options()
    };
    let house = House::open(full).await;
    let plan = keys(Kiosk::new(&house.base), "1", DialStatus::Completed);
    let report = measured(plan).await;
    assert!(
        report.turned_away_to_person >= 1 && report.calls == 0,
        "{report}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_silent_page_is_kept_by_pings_and_a_dead_one_is_not() {
    let house = House::open(options()).await;
    let mut page = Page::call(&house).await;
    // A page that has no microphone sends nothing; its browser answers pings.
    let quiet = tokio::time::timeout(Duration::from_secs(300), async {
        while page.next().await.is_some() {}
    });
    assert!(quiet.await.is_err(), "still there after five minutes");
    let gone = "hung up".to_owned();
    assert!(!house.log().all().contains(&gone));
    // Whoever does not even read does not answer either.
    tokio::time::timeout(Duration::from_secs(62), house.log().wait_for(&gone))
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn it_is_not_served_beside_guarded_lines_unless_it_is_opened() {
    let closed = House::open(super::house::signed()).await;
    assert_eq!(closed.get("/").await, 404);
    let mut opened = super::house::signed();
    opened.settings.kiosk.open = true;
    let opened = House::open(opened).await;
    assert_eq!(opened.get("/").await, 200);
}

fn started(rate: u32) -> KioskCodec {
    let mut codec = KioskCodec::new();
    let start = json!({ "type": "start", "rate": rate, "token": "K0" }).to_string();
    codec.decode(Wire::Text(&start), &mut Vec::new()).unwrap();
    codec
}

proptest! {
    #[test]
    fn garbage_never_panics(messages in proptest::collection::vec(any::<Vec<u8>>(), 0..20), text in ".*") {
        let (mut codec, mut events) = (started(16_000), Vec::new());
        let bytes: usize = messages.iter().map(Vec::len).sum();
        for message in &messages {
            let _ = codec.decode(Wire::Binary(message), &mut events);
            let _ = codec.decode(Wire::Text(&String::from_utf8_lossy(message)), &mut events);
        }
        let _ = codec.decode(Wire::Text(&text), &mut events);
        let heard = |event: &LineEvent| matches!(event, LineEvent::Frame(_));
        prop_assert!(events.iter().all(heard) && events.len() <= bytes / 640 + 1);
    }

    #[test]
    fn shapes_of_every_kind_never_panic(
        kind in prop_oneof![Just("start"), Just("dtmf"), Just("text"), Just("marked"), Just("stop"), Just("ping")],
        rate in any::<i64>(), text in ".{0,12}", key in ".{0,12}", new in any::<bool>(),
    ) {
        let mut codec = if new { KioskCodec::new() } else { started(48_000) };
        for value in [json!(rate), json!(text), json!(null), json!([text]), json!({ key.as_str(): rate })] {
            let message = json!({
                "type": kind, "rate": value, "token": text, "digit": value, "text": text, "name": key, key.as_str(): value,
            });
            let mut events = Vec::new();
            let decoded = codec.decode(Wire::Text(&message.to_string()), &mut events);
            prop_assert_eq!(decoded.is_ok(), events.len() == 1);
        }
    }

    #[test]
    fn sound_in_any_pieces_keeps_its_length(
        pieces in proptest::collection::vec(1usize..5000, 1..40),
        rate in prop_oneof![Just(8_000u32), Just(16_000), Just(44_100), Just(48_000)],
    ) {
        let (mut codec, mut events) = (started(rate), Vec::new());
        for size in &pieces {
            codec.decode(Wire::Binary(&vec![0; *size]), &mut events).unwrap();
        }
        let samples = pieces.iter().sum::<usize>() / 2;
        let frames = samples * 50 / rate as usize;
        // What is not a whole block of the resampler, or a frame, waits: at 44.1 kHz a block is 20 ms or more.
        prop_assert!(events.len() <= frames && events.len() + 3 >= frames, "{} of {frames}", events.len());
    }
}
