//! What is refused at the door: strangers, replays, floods, peers that are silent, slow or senseless.

use super::house::{Caller, House, options, signed};
use attendant::line::server::{Options, ServeError, Server, Stop};
use futures_util::SinkExt as _;
use std::sync::Arc;
use tokio_tungstenite::tungstenite::{Error, Message};

#[tokio::test]
async fn unsigned_webhooks_are_refused() {
    let house = House::open(signed()).await;
    let form = [("CallSid", "CA1")];
    for path in [
        "/twilio/voice",
        "/twilio/after",
        "/twilio/dialed",
        "/twilio/stream-status",
    ] {
        for signature in [None, Some("C0yswYu479riXpNUboDmSjpJKx4=")] {
            assert_eq!(
                house.post_signed(path, &form, signature).await.0,
                403,
                "{path} {signature:?}"
            );
        }
        assert!(house.post(path, &form).await.0 < 300, "{path} signed");
    }
}

#[tokio::test]
async fn unsigned_sockets_are_refused_before_the_upgrade() {
    let house = House::open(signed()).await;
    for signature in [None, Some("C0yswYu479riXpNUboDmSjpJKx4=")] {
        match house.socket_signed(signature).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403),
            other => panic!("{:?}", other.map(|_| ()).err()),
        }
    }
    assert!(house.socket().await.is_ok());
}

#[tokio::test]
async fn a_token_works_once_and_for_its_call_only() {
    let house = House::open(options()).await;
    let token = house.invite("CA1").await;
    for (call, token) in [("CA2", token.as_str()), ("CA1", ""), ("CA1", "guess")] {
        let mut stranger = house.socket().await.expect("a socket");
        stranger.start(call, token).await;
        assert_eq!(stranger.closed().await, 1008, "{call} {token}");
    }
    let mut caller = house.socket().await.expect("a socket");
    caller.start("CA1", &token).await;
    caller.until("media").await;
    let mut replay = house.socket().await.expect("a socket");
    replay.start("CA1", &token).await;
    assert_eq!(replay.closed().await, 1008);
    caller.key('1', 2).await;
    caller.until("media").await;
}

#[tokio::test]
async fn a_full_house_sends_callers_to_a_person() {
    let house = House::open(Options {
        max_calls: 1,
        ..options()
    })
    .await;
    let _caller = house.call("CA1").await;
    let (status, twiml) = house.post("/twilio/voice", &[("CallSid", "CA2")]).await;
    assert_eq!(status, 200);
    assert!(
        twiml.contains("<Dial>+15557654321</Dial>") && !twiml.contains("Stream"),
        "{twiml}"
    );
}

#[tokio::test]
async fn callers_by_odd_names_are_answered_or_refused_cleanly() {
    let house = House::open(options()).await;
    for bad in ["", "../../etc/passwd", "a b", "ü", &"A".repeat(65)] {
        assert_eq!(
            house.post("/twilio/voice", &[("CallSid", bad)]).await.0,
            400,
            "{bad}"
        );
    }
    let (_, twiml) = house
        .post(
            "/twilio/voice",
            &[("CallSid", "CA1"), ("From", "anonymous")],
        )
        .await;
    assert!(
        twiml.contains("Stream") && !twiml.contains("anonymous"),
        "{twiml}"
    );
    let huge = "x".repeat(70_000);
    assert_eq!(
        house
            .post("/twilio/voice", &[("CallSid", "CA1"), ("Body", &huge)])
            .await
            .0,
        413
    );
    assert_eq!(house.get("/twilio/voice").await, 405);
    assert_eq!(house.get("/nowhere").await, 404);
}

#[tokio::test]
async fn health_and_readiness() {
    let house = House::open(options()).await;
    assert_eq!(
        (house.get("/healthz").await, house.get("/readyz").await),
        (200, 200)
    );
    house
        .switchboard
        .deaf
        .store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(
        (house.get("/healthz").await, house.get("/readyz").await),
        (200, 503)
    );
}

#[tokio::test]
async fn a_message_that_is_too_long_closes_the_socket() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    caller
        .send_text(format!("\"{}\"", "x".repeat(70_000)))
        .await;
    assert_eq!(caller.closed().await, 1009);
    house.log().wait_for("hung up").await;
}

#[tokio::test]
async fn senseless_messages_are_borne_a_hundred_times() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    for n in 0..98 {
        match n % 3 {
            0 => caller
                .socket
                .send(Message::binary(vec![0u8; 320]))
                .await
                .expect("open"),
            1 => caller.send_text("{\"event\":".into()).await,
            _ => {
                caller
                    .send(serde_json::json!({"event": "media", "media": {"payload": "?"}}))
                    .await
            }
        }
    }
    // Unknown kinds come with newer versions: any number of them.
    for _ in 0..200 {
        caller
            .send(serde_json::json!({"event": "weather", "rain": true}))
            .await;
    }
    caller.key('5', 2).await;
    house.log().wait_for("digit 5").await;
    for _ in 0..2 {
        caller.send_text("nonsense".into()).await;
    }
    assert_eq!(caller.closed().await, 1008);
    house.log().wait_for("hung up").await;
}

#[tokio::test]
async fn another_codec_is_refused() {
    let house = House::open(options()).await;
    let token = house.invite("CA1").await;
    let mut caller = house.socket().await.expect("a socket");
    let format = serde_json::json!({"encoding": "audio/x-alaw", "sampleRate": 8000, "channels": 1});
    caller
        .send(serde_json::json!({"event": "start", "streamSid": "MZ1", "start": {
            "streamSid": "MZ1", "callSid": "CA1", "mediaFormat": format, "customParameters": {"token": token}}}))
        .await;
    assert_eq!(caller.closed().await, 1003);
}

/// From here on the clock jumps ahead whenever nobody has anything to do.
async fn paused<T>(wait: impl Future<Output = T>) -> T {
    tokio::time::pause();
    let done = wait.await;
    tokio::time::resume();
    done
}

#[tokio::test]
async fn a_socket_without_a_start_is_closed() {
    let house = House::open(options()).await;
    let caller = house.socket().await.expect("a socket");
    let begun = tokio::time::Instant::now();
    assert_eq!(paused(caller.closed()).await, 1008);
    assert!(begun.elapsed().as_secs() >= 4, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_call_without_sound_ends_after_half_a_minute() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    caller.until("media").await;
    caller.media().await;
    house.log().wait_for("answered +15551230000").await;
    let begun = tokio::time::Instant::now();
    assert_eq!(paused(caller.closed()).await, 1008);
    let seconds = begun.elapsed().as_secs();
    assert!((29..32).contains(&seconds), "{seconds} s");
    let (_, twiml) = house.post("/twilio/after", &[("CallSid", "CA1")]).await;
    assert!(
        twiml.contains("<Dial>"),
        "the caller may still be there: {twiml}"
    );
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_let_go_and_others_go_on() {
    let house = House::open(options()).await;
    let mut other = house.call("CA2").await;
    let mut slow = house.call("CA1").await;
    slow.until("mark").await;
    slow.key('7', 2).await;
    paused(house.log().wait_for("hung up")).await;
    drop(slow);
    other.key('1', 2).await;
    other.until("media").await;
}

#[tokio::test]
async fn a_flood_of_sound_is_dropped_not_kept() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    for _ in 0..3000 {
        caller.media().await;
    }
    caller.key('9', 5000).await;
    assert_eq!(caller.closed().await, 1000, "all of it was read");
}

#[tokio::test]
async fn strangers_get_no_open_house() {
    let (seats, stop) = (
        Arc::new(super::house::FakeSwitchboard::default()),
        Stop::default(),
    );
    let everywhere = Options {
        listen: ([0, 0, 0, 0], 0).into(),
        ..options()
    };
    let refused = Server::bind(everywhere, seats.clone(), stop.clone())
        .await
        .err();
    let text = refused.expect("refused").to_string();
    assert!(
        text.contains("hint:") && text.contains("ATTENDANT_TWILIO_AUTH_TOKEN"),
        "{text}"
    );

    let first = Server::bind(options(), seats.clone(), stop.clone())
        .await
        .expect("a free port");
    let again = Server::bind(
        Options {
            listen: first.local_addr(),
            ..options()
        },
        seats.clone(),
        stop.clone(),
    )
    .await;
    assert!(
        matches!(&again, Err(ServeError::Bind { .. })),
        "{:?}",
        again.err()
    );
    for url in ["bot.example.com", "https://", "https://a?b=c", "ftp://a"] {
        let odd = Options {
            public_url: Some(url.into()),
            ..options()
        };
        let odd = Server::bind(odd, seats.clone(), stop.clone()).await;
        assert!(matches!(odd, Err(ServeError::PublicUrl(_))), "{url}");
    }
}

#[tokio::test]
async fn pings_are_answered() {
    let house = House::open(options()).await;
    let mut caller: Caller = house.call("CA1").await;
    caller.until("mark").await;
    caller
        .socket
        .send(Message::Ping(b"hello".to_vec().into()))
        .await
        .expect("open");
    let answer = futures_util::StreamExt::next(&mut caller.socket).await;
    assert!(
        matches!(&answer, Some(Ok(Message::Pong(data))) if data.as_ref() == b"hello"),
        "{answer:?}"
    );
}
