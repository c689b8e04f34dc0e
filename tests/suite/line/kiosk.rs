//! The page's line: whole calls by `kiosk/1`, who may call, what is served, and garbage. The page itself
//! is tested in a browser (`suite/browser.rs`).

use super::house::{House, options};
use attendant::line::kiosk::KioskCodec;
use attendant::line::provider::{LineEvent, Provided as _, Wire};
use attendant::line::server::Options;
use futures_util::{SinkExt as _, StreamExt as _};
use proptest::prelude::*;
use serde_json::{Value, json};
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
    match tokio_tungstenite::connect_async(request).await {
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
        let start = json!({
            "type": "start", "format": "pcm16le", "rate": 16000, "token": token, "language": "en",
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
    let house = House::open(options()).await;
    let mut page = Page::call(&house).await;
    let (mark, sounds) = page.until("mark").await;
    assert_eq!(sounds, 2, "the greeting");
    page.send(json!({ "type": "marked", "name": mark["name"], "how": "played" }))
        .await;
    house.log().wait_for("played p0s0").await;
    for _ in 0..5 {
        page.0.send(Message::binary(vec![0; 640])).await.unwrap();
    }
    house.log().wait_for("heard 5").await;
    page.send(json!({ "type": "text", "text": "where is my order" }))
        .await;
    house.log().wait_for("typed where is my order").await;
    page.send(json!({ "type": "dtmf", "digit": "1" })).await;
    assert_eq!(page.until("mark").await.1, 50);
    page.send(json!({ "type": "dtmf", "digit": "2" })).await;
    page.until("clear").await;
    page.send(json!({ "type": "marked", "name": "p1s0", "how": "cleared" }))
        .await;
    house.log().wait_for("played p1s0").await;
    page.send(json!({ "type": "dtmf", "digit": "9" })).await;
    let (end, _) = page.until("end").await;
    assert_eq!(end, json!({ "type": "end", "why": "completed" }));
    assert_eq!(page.closed().await, 1000);
    house.log().wait_for("hung up").await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_for_a_person_is_told_the_number_and_the_call_is_over() {
    let house = House::open(options()).await;
    let mut page = Page::call(&house).await;
    page.send(json!({ "type": "dtmf", "digit": "0" })).await;
    let (end, _) = page.until("end").await;
    let expected = json!({
        "type": "end", "why": "handover", "reason": "requested", "number": "+15557654321",
    });
    assert_eq!(end, expected);
    assert_eq!(page.closed().await, 1000);
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
    loop {
        let ended = house.log().all();
        if ended.iter().filter(|line| *line == "hung up").count() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
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
    while token_from(&house, origin).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_house_says_so_on_the_page() {
    let full = Options {
        max_calls: 1,
        ..options()
    };
    let house = House::open(full).await;
    let _first = Page::call(&house).await;
    let origin = Some(house.base.as_str());
    let token = token_from(&house, origin).await.unwrap();
    let mut page = socket_from(&house, origin).await.unwrap();
    page.start(&token).await;
    let (end, _) = page.until("end").await;
    assert_eq!(
        (&end["why"], &end["number"]),
        (&json!("busy"), &json!("+15557654321"))
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

/// The values of a header of an answer, and its text.
async fn fetched(house: &House, path: &str) -> (reqwest::header::HeaderMap, String) {
    let client = attendant::http::client().build().unwrap();
    let answer = client
        .get(format!("{}{path}", house.base))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    (answer.headers().clone(), answer.text().await.unwrap())
}

/// What stands between `before` and the next `after`, each time.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    let parts = text.split(before).skip(1);
    parts
        .filter_map(|part| Some(part.split_once(after)?.0))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_page_is_whole_and_asks_nobody_else() {
    let house = House::open(options()).await;
    let (headers, page) = fetched(&house, "/").await;
    let policy = headers["content-security-policy"].to_str().unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self';",
        "style-src 'self';",
        "frame-ancestors 'self'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(headers[name], value);
    }
    // What the policy would refuse, or what leads elsewhere.
    for wrong in [
        "<style", "style=", "onclick", "<script>", "http://", "https://",
    ] {
        assert!(!page.contains(wrong), "{wrong} in the page");
    }
    let mut todo: Vec<String> = Vec::new();
    todo.extend(
        between(&page, "href=\"/", "\"")
            .iter()
            .map(|path| format!("/{path}")),
    );
    todo.extend(
        between(&page, "src=\"/", "\"")
            .iter()
            .map(|path| format!("/{path}")),
    );
    let mut seen = Vec::new();
    while let Some(path) = todo.pop() {
        if seen.contains(&path) {
            continue;
        }
        let (headers, text) = fetched(&house, &path).await;
        let script = path.ends_with(".js");
        let kind = headers["content-type"].to_str().unwrap();
        assert_eq!(
            kind.starts_with("text/javascript"),
            script,
            "{path}: {kind}"
        );
        let elsewhere = ["//cdn", "import(\"http", "from \"http", "@import", "url("];
        assert!(
            elsewhere.iter().all(|wrong| !text.contains(wrong)),
            "{path}"
        );
        todo.extend(
            between(&text, "from \"./", "\"")
                .iter()
                .map(|name| format!("/kiosk/{name}")),
        );
        todo.extend(
            between(&text, "addModule(\"", "\"")
                .iter()
                .map(|path| (*path).to_owned()),
        );
        seen.push(path);
    }
    assert_eq!(seen.len(), 9, "{seen:?}");
    assert_eq!(house.get("/kiosk/../Cargo.toml").await, 404);
    assert_eq!(house.get("/kiosk/mod.rs").await, 404);
}

#[tokio::test(start_paused = true)]
async fn every_text_is_there_in_both_languages() {
    let house = House::open(options()).await;
    let (_, strings) = fetched(&house, "/kiosk/strings.js").await;
    let (english, spanish) = strings.split_once("\n  es: {").unwrap();
    let keys = |text: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("    "));
        lines
            .filter_map(|line| line.split_once(':'))
            .filter(|(key, _)| key.chars().all(char::is_alphanumeric))
            .map(|(key, _)| key.to_owned())
            .collect()
    };
    let known = keys(english);
    assert_eq!(known, keys(spanish.split_once("\n  },").unwrap().0));
    // Those that the page asks for are among them.
    let (_, page) = fetched(&house, "/").await;
    let mut wanted = between(&page, "data-t=\"", "\"");
    wanted.extend(between(&page, "data-t-label=\"", "\""));
    wanted.extend(between(&page, "data-t-hint=\"", "\""));
    assert!(wanted.len() > 15);
    for key in wanted {
        assert!(known.iter().any(|known| known == key), "{key}");
    }
}

/// Relative luminance of `#rrggbb` (WCAG 2).
fn luminance(color: &str) -> f64 {
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
        match value <= 0.04045 {
            true => value / 12.92,
            false => ((value + 0.055) / 1.055).powf(2.4),
        }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

#[tokio::test(start_paused = true)]
async fn texts_stand_out_from_their_grounds_in_the_light_and_in_the_dark() {
    let house = House::open(options()).await;
    let (_, style) = fetched(&house, "/kiosk/style.css").await;
    let (light, dark) = style.split_once("prefers-color-scheme: dark").unwrap();
    for scheme in [light, dark.split_once("\n}").unwrap().0] {
        let color = |name: &str| luminance(between(scheme, &format!("--{name}: "), ";")[0]);
        let contrast = |a: &str, b: &str| {
            let (a, b) = (color(a), color(b));
            (a.max(b) + 0.05) / (a.min(b) + 0.05)
        };
        for (text, ground, least) in [
            ("ink", "paper", 7.0),
            ("ink", "card", 7.0),
            ("ink", "bot", 7.0),
            ("faint", "paper", 4.5),
            ("faint", "card", 4.5),
            ("faint", "bot", 4.5),
            ("on-accent", "accent", 4.5),
            ("on-stop", "stop", 4.5),
            ("on-caller", "caller", 4.5),
            ("on-warn", "warn", 4.5),
            ("accent", "card", 3.0),
            ("accent", "paper", 3.0),
            ("edge", "card", 3.0),
            ("edge", "paper", 3.0),
        ] {
            let found = contrast(text, ground);
            assert!(found >= least, "{text} on {ground}: {found:.2}");
        }
    }
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
