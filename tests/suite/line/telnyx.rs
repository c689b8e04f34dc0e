//! Whole calls with a simulated Telnyx: webhooks that are signed and repeated, orders over REST, sound in
//! either codec and out of order, transfers that leave the stream open, and strangers at every door.

use super::house::{self, House, options, secret};
use super::simulated::{fake_rest, keys, measured, patient};
use attendant::config::HumanTransfer;
use attendant::line::server::{Options, ServeError, Server, Stop};
use attendant::line::telnyx::signature::{SIGNATURE, Signer, TIMESTAMP};
use attendant::load::Plan;
use attendant::load::dialect::{DialStatus, Person};
use attendant::load::rest::{FakeRest, Reply};
use attendant::load::telnyx::Telnyx;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Seed of the tests' own key pair.
const SEED: [u8; 32] = [7; 32];
const CONTROL_ID: &str = "v3:test-leg_1";
const NAME: &str = "v3-test-leg_1";

fn guarded(rest: &FakeRest, public_key: String) -> Options {
    house::guarded(|settings| {
        settings.telnyx.api_url = rest.base().to_owned();
        settings.telnyx.api_key = secret("KEY1");
        settings.telnyx.public_key = Some(public_key);
    })
}

/// A server for the simulated Telnyx.
async fn simulated(change: impl FnOnce(&mut Options)) -> (House, Arc<FakeRest>, Telnyx) {
    let rest = fake_rest().await;
    let mut options = guarded(&rest, Telnyx::public_key());
    change(&mut options);
    let house = House::open(options).await;
    let telnyx = Telnyx::new(&house.base, Arc::clone(&rest), true);
    (house, rest, telnyx)
}

fn actions(rest: &FakeRest) -> Vec<String> {
    let action = |path: &str| path.rsplit('/').next().unwrap_or("").to_owned();
    rest.log().iter().map(|order| action(&order.path)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_in_either_codec_are_heard_and_end_by_order() {
    for european in [false, true] {
        let (house, rest, telnyx) = simulated(|_| {}).await;
        let telnyx = if european { telnyx.european() } else { telnyx };
        let report = measured(patient(keys(telnyx, "19", DialStatus::Completed))).await;
        assert!(report.ended_by_bot >= 1 && report.marks >= 2, "{report}");
        house.log().wait_for("heard 5").await;
        assert!(
            house
                .log()
                .all()
                .contains(&"answered +15555550100".to_owned())
        );
        assert_eq!(
            actions(&rest)[..2],
            ["answer", "hangup"],
            "each once, though webhooks came twice"
        );
        assert_eq!(rest.log()[0].header("authorization"), "Bearer KEY1");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clear_returns_the_marks_at_once() {
    let (house, _rest, telnyx) = simulated(|_| {}).await;
    let barge = Plan {
        barge_in_after: Some(Duration::from_millis(100)),
        ..keys(telnyx, "12", DialStatus::Completed)
    };
    let report = measured(barge).await;
    assert!(report.clears >= 1, "{report}");
    house.log().wait_for("played p1s0").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_takes_over_while_the_stream_is_open() {
    let (house, rest, telnyx) = simulated(|_| {}).await;
    let report = measured(keys(telnyx, "0", DialStatus::Completed)).await;
    assert!(
        report.transfers >= 1 && report.transfers_failed == 0,
        "{report}"
    );
    let dial = &report.dials[0];
    assert_eq!(dial.to, "+15557654321");
    let reason = ("X-Attendant-Reason".to_owned(), "requested".to_owned());
    assert!(dial.carries.contains(&reason), "{dial:?}");
    house.log().wait_for("hung up").await;
    assert!(!house.log().all().contains(&"returned".to_owned()));
    assert_eq!(actions(&rest)[..2], ["answer", "transfer"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bot_goes_on_where_nobody_answers() {
    for status in [DialStatus::NoAnswer, DialStatus::Busy, DialStatus::Failed] {
        let (house, rest, telnyx) = simulated(|_| {}).await;
        let report = measured(keys(telnyx, "09", status)).await;
        assert!(report.ended_by_bot >= 1, "{report}");
        let told = house.log().all();
        let back = told
            .iter()
            .position(|line| line == "returned")
            .expect("back with its state");
        assert!(told[back..].contains(&"digit 9".to_owned()), "{told:?}");
        assert_eq!(
            actions(&rest)[..3],
            ["answer", "transfer", "hangup"],
            "on one stream"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_hears_the_story_and_accepts_or_does_not() {
    let whispering =
        |options: &mut Options| options.settings.business.human_transfer = HumanTransfer::Whisper;
    let (house, rest, telnyx) = simulated(whispering).await;
    let report = measured(keys(telnyx, "0", DialStatus::Completed)).await;
    assert!(report.transfers >= 1, "{report}");
    house.log().wait_for("joined").await;
    house.log().wait_for("hung up").await;
    assert_eq!(
        actions(&rest)[..4],
        ["answer", "calls", "gather_using_speak", "bridge"]
    );

    let (house, rest, telnyx) = simulated(whispering).await;
    let telnyx = telnyx.with_person(Person::Declines);
    measured(keys(telnyx, "09", DialStatus::Completed)).await;
    house.log().wait_for("returned").await;
    assert_eq!(
        actions(&rest)[..4],
        ["answer", "calls", "gather_using_speak", "hangup"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_house_sends_callers_to_a_person_or_says_sorry() {
    let (_house, rest, telnyx) = simulated(|options| options.max_calls = 0).await;
    let report = measured(keys(telnyx, "1", DialStatus::Completed)).await;
    assert!(
        report.turned_away_to_person >= 1 && report.calls == 0,
        "{report}"
    );
    assert_eq!(actions(&rest)[..2], ["answer", "transfer"]);

    let (_house, rest, telnyx) = simulated(|options| {
        options.max_calls = 0;
        options.human_line = None;
    })
    .await;
    let report = measured(keys(telnyx, "1", DialStatus::Completed)).await;
    assert!(
        report.turned_away >= 1 && report.turned_away_to_person == 0,
        "{report}"
    );
    assert_eq!(actions(&rest)[..3], ["answer", "speak", "hangup"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_that_are_refused_leave_the_caller_with_the_bot() {
    let (house, rest, telnyx) = simulated(|_| {}).await;
    rest.answer_with(|order| match order.path.rsplit('/').next() {
        Some("transfer") => Reply::json(
            422,
            &json!({"errors": [{"code": "10015", "title": "Invalid"}]}),
        ),
        _ => Reply::json(200, &json!({"data": {"result": "ok"}})),
    });
    measured(keys(telnyx, "09", DialStatus::Completed)).await;
    house.log().wait_for("returned").await;
    house.log().wait_for("hung up").await;
}

/// A server that is told by hand what happens, with the tests' own key.
struct ByHand {
    house: House,
    rest: Arc<FakeRest>,
    client: reqwest::Client,
}

impl ByHand {
    async fn open(change: impl FnOnce(&mut Options)) -> Self {
        let rest = fake_rest().await;
        let mut options = guarded(&rest, Signer::new(SEED).public_key());
        change(&mut options);
        Self {
            house: House::open(options).await,
            rest,
            client: attendant::http::client().build().expect("a client"),
        }
    }

    async fn post(&self, body: &str, at: Option<u64>, signature: Option<&str>) -> u16 {
        let url = format!("{}/telnyx/events", self.house.base);
        let mut request = self.client.post(url).body(body.to_owned());
        if let Some(at) = at {
            request = request.header(TIMESTAMP, at.to_string());
        }
        if let Some(signature) = signature {
            request = request.header(SIGNATURE, signature);
        }
        request.send().await.expect("an answer").status().as_u16()
    }

    async fn tell(&self, kind: &str, more: Value) -> u16 {
        let body = event(kind, more);
        let signature = Signer::new(SEED).sign(now(), body.as_bytes());
        self.post(&body, Some(now()), Some(&signature)).await
    }

    /// Waits for this order and returns it.
    async fn ordered(&self, action: &str) -> Value {
        self.rest.ordered(action).await.json()
    }

    /// The token of an invited call's stream.
    async fn invite(&self) -> String {
        let incoming =
            json!({"direction": "incoming", "from": "+15551230000", "to": "+15559870000"});
        assert_eq!(self.tell("call.initiated", incoming).await, 200);
        let answer = self.ordered("/actions/answer").await;
        let url = answer["stream_url"].as_str().expect("a stream");
        let token = url.rsplit('/').next().expect("a token");
        assert_eq!(answer["stream_auth_token"], token);
        token.to_owned()
    }

    async fn connect(&self, token: &str, header: Option<&str>) -> Result<Stream, Error> {
        let base = self.house.base.replacen("http", "ws", 1);
        let mut request = format!("{base}/telnyx/media/{token}").into_client_request()?;
        if let Some(header) = header {
            let name = "x-telnyx-streaming-auth-token";
            request
                .headers_mut()
                .insert(name, header.parse().expect("ASCII"));
        }
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(Stream(socket))
    }
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// Telnyx's end of a stream, by hand.
struct Stream(Socket);

impl Stream {
    async fn send(&mut self, message: Value) {
        // A server that has closed is noticed when reading.
        let _ = self.0.send(Message::text(message.to_string())).await;
    }

    async fn start(&mut self, control_id: &str) {
        let format = json!({"encoding": "PCMU", "sample_rate": 8000, "channels": 1});
        self.send(json!({"event": "connected", "version": "1.0.0"}))
            .await;
        self.send(
            json!({"event": "start", "sequence_number": "1", "stream_id": "S1",
            "start": {"call_control_id": control_id, "media_format": format}}),
        )
        .await;
    }

    /// Reads to the end; the close code, 1006 where there is none.
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

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("after 1970").as_secs()
}

fn event(kind: &str, more: Value) -> String {
    let mut payload =
        json!({"call_control_id": CONTROL_ID, "connection_id": "7", "client_state": null});
    let fields = payload.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    json!({"data": {"record_type": "event", "event_type": kind, "payload": payload}}).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhooks_without_a_fresh_signature_are_refused() {
    let hand = ByHand::open(|_| {}).await;
    let body = event("call.initiated", json!({"direction": "incoming"}));
    let (signer, at) = (Signer::new(SEED), now());
    let good = signer.sign(at, body.as_bytes());
    let stranger = Signer::new([8; 32]).sign(at, body.as_bytes());
    let old = signer.sign(at - 400, body.as_bytes());
    for (at, signature) in [
        (None, None),
        (Some(at), None),
        (None, Some(&good)),
        (Some(at + 1), Some(&good)),
        (Some(at), Some(&stranger)),
        (Some(at - 400), Some(&old)),
    ] {
        let status = hand.post(&body, at, signature.map(String::as_str)).await;
        assert_eq!(status, 403, "{at:?} {signature:?}");
    }
    assert_eq!(
        hand.post("{}", Some(at), Some(&good)).await,
        403,
        "another body"
    );
    assert!(
        hand.rest.log().is_empty(),
        "nothing is ordered for strangers"
    );
    assert_eq!(hand.post(&body, Some(at), Some(&good)).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_streams_token_works_once_for_its_call() {
    let hand = ByHand::open(|_| {}).await;
    let token = hand.invite().await;
    match hand.connect(&token, Some("other")).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("{:?}", other.map(|_| ()).err()),
    }
    for (token, leg) in [("guess", CONTROL_ID), (token.as_str(), "v3:another")] {
        let mut stranger = hand.connect(token, None).await.expect("a socket");
        stranger.start(leg).await;
        assert_eq!(stranger.closed().await, 1008, "{token} {leg}");
    }
    let mut liar = hand.connect(&token, None).await.expect("a socket");
    liar.send(json!({"event": "connected", "x-telnyx-streaming-auth-token": "other"}))
        .await;
    liar.start(CONTROL_ID).await;
    assert_eq!(
        liar.closed().await,
        1008,
        "the token is another in the first message"
    );
    let mut caller = hand.connect(&token, Some(&token)).await.expect("a socket");
    caller.start(CONTROL_ID).await;
    hand.house.log().wait_for(&format!("new {NAME}")).await;
    let mut replay = hand.connect(&token, Some(&token)).await.expect("a socket");
    replay.start(CONTROL_ID).await;
    assert_eq!(replay.closed().await, 1008, "used");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_breaks_leaves_the_caller_to_a_person() {
    let hand = ByHand::open(|_| {}).await;
    let token = hand.invite().await;
    let mut caller = hand.connect(&token, None).await.expect("a socket");
    caller.start(CONTROL_ID).await;
    hand.house.log().wait_for("answered +15551230000").await;
    drop(caller);
    hand.house.log().wait_for("hung up").await;
    assert_eq!(hand.tell("streaming.stopped", json!({})).await, 200);
    let order = hand.ordered("/actions/transfer").await;
    assert_eq!(
        (&order["to"], &order["from"]),
        (&json!("+15557654321"), &json!("+15559870000"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_breaks_while_the_telephone_rings_leaves_nobody_in_silence() {
    let hand = ByHand::open(|_| {}).await;
    let token = hand.invite().await;
    let mut caller = hand.connect(&token, None).await.expect("a socket");
    caller.start(CONTROL_ID).await;
    caller
        .send(json!({"event": "dtmf", "dtmf": {"digit": "0"}}))
        .await;
    let order = hand.ordered("/actions/transfer").await;
    drop(caller);
    assert_eq!(hand.tell("streaming.stopped", json!({})).await, 200);
    let gone = json!({
        "call_control_id": "v3:person", "client_state": order["target_leg_client_state"],
        "hangup_cause": "timeout",
    });
    assert_eq!(hand.tell("call.hangup", gone).await, 200);
    let told = hand.ordered("/actions/speak").await;
    let told = told["payload"].as_str().unwrap_or_default();
    assert!(told.contains("nobody can take your call"), "{told}");
    hand.house.log().wait_for("hung up").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_human_line_a_broken_stream_ends_with_an_apology() {
    let hand = ByHand::open(|options| options.human_line = None).await;
    hand.invite().await;
    // The stream never came to be: no connection, or a codec that is not spoken here.
    assert_eq!(hand.tell("streaming.failed", json!({})).await, 200);
    let order = hand.ordered("/actions/speak").await;
    assert!(
        order["payload"]
            .as_str()
            .is_some_and(|text| text.contains("Sorry")),
        "{order}"
    );
    hand.tell("call.speak.ended", json!({})).await;
    hand.ordered("/actions/hangup").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_codec_that_is_not_spoken_is_refused_and_garbage_is_borne_for_a_while() {
    let hand = ByHand::open(|_| {}).await;
    let token = hand.invite().await;
    let mut caller = hand.connect(&token, None).await.expect("a socket");
    caller
        .send(
            json!({"event": "start", "stream_id": "S1", "start": {"call_control_id": CONTROL_ID,
        "media_format": {"encoding": "G722", "sample_rate": 16000}}}),
        )
        .await;
    assert_eq!(caller.closed().await, 1003);
    let mut caller = hand.connect(&token, None).await.expect("a socket");
    caller.start(CONTROL_ID).await;
    hand.house.log().wait_for(&format!("new {NAME}")).await;
    for n in 0..150 {
        caller
            .send(json!({"event": "media", "media": {"payload": n}}))
            .await;
    }
    assert_eq!(caller.closed().await, 1008);
}

#[tokio::test]
async fn a_key_that_is_none_is_told_at_the_start() {
    for (public, api, why) in [
        ("no key", Some("KEY1"), "no Ed25519 key"),
        (
            &Signer::new(SEED).public_key(),
            None,
            "telnyx.api_key is not",
        ),
    ] {
        let mut options = options();
        options.settings.telnyx.public_key = Some(public.to_owned());
        options.settings.telnyx.api_key = api.and_then(secret);
        let seats = Arc::new(house::FakeSwitchboard::default());
        match Server::bind(options, seats, Stop::default()).await.err() {
            Some(error @ ServeError::Line { .. }) => {
                assert!(error.to_string().contains(why), "{error}")
            }
            other => panic!("{other:?}"),
        }
    }
}
