//! Packets of handovers arrive: signed, once per id, whatever dies in between. The receiver is a real
//! HTTP server on this machine.

mod list;

use attendant::desk::{Around, Desk, Endpoint, Key, Links, Packet, Patience, Put, Spool, Standing};
use attendant::dialogue::{Handover, Reason};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Nothing in these tests takes this long.
const LONG: Duration = Duration::from_secs(20);

const QUICK: Patience = Patience {
    timeout: Duration::from_millis(300),
    first: Duration::from_millis(10),
    longest: Duration::from_millis(50),
    give_up: Duration::from_secs(3600),
};

/// What came in.
#[derive(Clone, Debug)]
struct Got {
    id: String,
    timestamp: i64,
    signature: String,
    body: Vec<u8>,
}

/// How the receiver answers, in order; the last one for ever.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Status(u16),
    /// Takes the connection and says nothing.
    Never,
    RedirectTo(&'static str),
}

#[derive(Clone)]
struct Receiver {
    answers: Arc<Mutex<Vec<Answer>>>,
    got: UnboundedSender<Got>,
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let got = Got {
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp").parse().unwrap_or_default(),
        signature: text("webhook-signature"),
        body: body.to_vec(),
    };
    let answer = {
        let mut answers = receiver.answers.lock().unwrap();
        match answers.len() {
            1 => answers[0],
            _ => answers.remove(0),
        }
    };
    receiver.got.send(got).unwrap();
    match answer {
        Answer::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::Never => std::future::pending().await,
        Answer::RedirectTo(place) => {
            (StatusCode::TEMPORARY_REDIRECT, [("location", place)]).into_response()
        }
    }
}

/// A receiver on this port (0: any), its address, and what it gets.
async fn receiver(port: u16, answers: &[Answer]) -> (String, UnboundedReceiver<Got>) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let url = format!("http://{}/desk", listener.local_addr().unwrap());
    let (got, all) = unbounded_channel();
    let state = Receiver {
        answers: Arc::new(Mutex::new(answers.to_vec())),
        got,
    };
    let app = Router::new()
        .route("/desk", post(receive))
        .route("/elsewhere", post(receive))
        .with_state(state);
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (url, all)
}

async fn next(all: &mut UnboundedReceiver<Got>) -> Got {
    let got = tokio::time::timeout(LONG, all.recv()).await;
    got.expect("nothing arrives").expect("the receiver is gone")
}

fn packet(call: &str) -> Packet {
    let handover = Handover::new(Reason::Requested, "Wants a refund. Asked for a person.");
    let around = Around {
        call,
        line: "twilio",
        business: "shop",
        caller: Some("+15550101"),
        links: Some(Links::new(Path::new("calls/c1"), None, 8000)),
        elapsed_ms: 8000,
    };
    Packet::new(&handover, around, "2026-11-29T10:00:08Z".parse().unwrap())
}

fn spool(folder: &Path) -> Spool {
    Spool::open(folder, 100).unwrap()
}

fn endpoint(url: &str) -> Endpoint {
    Endpoint::new(url, Key::parse(SECRET).unwrap(), false, QUICK).unwrap()
}

fn desk(folder: &Path, url: &str) -> Desk {
    Desk::start(spool(folder), endpoint(url)).unwrap()
}

/// Hands over a packet, and waits for whether it was kept.
async fn take(desk: &Desk, call: &str) -> bool {
    let (sender, kept) = tokio::sync::oneshot::channel();
    desk.take(packet(call), move |yes| sender.send(yes).unwrap());
    tokio::time::timeout(LONG, kept).await.unwrap().unwrap()
}

/// Waits until nothing is being sent and so many packets lie in the spool.
async fn settles(desk: &Desk, folder: &Path, count: usize) {
    stands(desk, |now| now.waiting == count && now.sending == 0).await;
    assert_eq!(spool(folder).names().len(), count);
}

async fn stands(desk: &Desk, so: impl Fn(Standing) -> bool) {
    let mut standing = desk.standing();
    let wait = standing.wait_for(|now| now.is_some_and(&so));
    let settled = tokio::time::timeout(LONG, wait)
        .await
        .map(|now| now.map(|_| ()));
    let now = *desk.standing().borrow();
    settled
        .unwrap_or_else(|_| panic!("{now:?}"))
        .expect("the desk is open");
}

#[tokio::test]
async fn a_packet_arrives_signed_and_is_gone_from_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (url, mut all) = receiver(0, &[Answer::Status(204)]).await;
    let desk = desk(folder.path(), &url);
    assert!(take(&desk, "c1").await);
    let got = next(&mut all).await;
    assert!(got.id.starts_with("msg_"), "{}", got.id);
    let expected = Key::parse(SECRET)
        .unwrap()
        .sign(&got.id, got.timestamp, &got.body);
    assert_eq!(got.signature, expected);
    let age = jiff::Timestamp::now().as_second() - got.timestamp;
    assert!((0..60).contains(&age), "{age}");
    let sent: Packet = serde_json::from_slice(&got.body).unwrap();
    assert_eq!(sent, packet("c1"));
    settles(&desk, folder.path(), 0).await;
}

#[tokio::test]
async fn a_server_error_is_tried_again_with_the_same_id_and_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let answers = [
        Answer::Status(500),
        Answer::Status(503),
        Answer::Status(200),
    ];
    let (url, mut all) = receiver(0, &answers).await;
    let desk = desk(folder.path(), &url);
    take(&desk, "c1").await;
    let (one, two, three) = (
        next(&mut all).await,
        next(&mut all).await,
        next(&mut all).await,
    );
    assert_eq!((&one.id, &one.body), (&two.id, &two.body));
    assert_eq!((&one.id, &one.body), (&three.id, &three.body));
    settles(&desk, folder.path(), 0).await;
}

#[tokio::test]
async fn a_slow_receiver_gets_it_again_and_holds_up_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (url, mut all) = receiver(0, &[Answer::Never, Answer::Status(200)]).await;
    let desk = desk(folder.path(), &url);
    take(&desk, "slow").await;
    let first = next(&mut all).await;
    take(&desk, "other").await;
    let others = [next(&mut all).await, next(&mut all).await];
    assert!(
        others.iter().any(|got| got.id == first.id),
        "it is sent again"
    );
    assert!(
        others.iter().any(|got| got.id != first.id),
        "the other is not held up"
    );
    settles(&desk, folder.path(), 0).await;
}

#[tokio::test]
async fn a_dead_receiver_gets_everything_once_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let desk = desk(folder.path(), &format!("http://127.0.0.1:{port}/desk"));
    for call in ["c1", "c2", "c3"] {
        assert!(take(&desk, call).await, "the call goes on");
    }
    let (_, mut all) = receiver(port, &[Answer::Status(200)]).await;
    let mut calls = BTreeMap::new();
    for _ in 0..3 {
        let got = next(&mut all).await;
        let packet: Packet = serde_json::from_slice(&got.body).unwrap();
        calls.insert(packet.data.call, got.id);
    }
    assert_eq!(calls.keys().collect::<Vec<_>>(), ["c1", "c2", "c3"]);
    settles(&desk, folder.path(), 0).await;
}

/// The process dies after the packet was kept and before anything was sent.
#[tokio::test]
async fn what_a_dead_process_had_kept_is_delivered_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let put = spool(folder.path()).put(&packet("c1")).unwrap();
    let (url, mut all) = receiver(0, &[Answer::Status(200)]).await;
    let desk = desk(folder.path(), &url);
    let got = next(&mut all).await;
    assert!(put.name().contains(&got.id));
    settles(&desk, folder.path(), 0).await;
    assert!(all.try_recv().is_err(), "once is enough");
}

/// The process dies while the receiver is about to answer: it is sent again under the same id, and who
/// looks at ids has it once.
#[tokio::test]
async fn a_crash_in_mid_delivery_is_one_packet_for_who_looks_at_ids() {
    let folder = tempfile::tempdir().unwrap();
    let (url, mut all) = receiver(0, &[Answer::Never, Answer::Status(200)]).await;
    let first = desk(folder.path(), &url);
    take(&first, "c1").await;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    *seen.entry(next(&mut all).await.id).or_default() += 1;
    drop(first);
    let desk = desk(folder.path(), &url);
    *seen.entry(next(&mut all).await.id).or_default() += 1;
    settles(&desk, folder.path(), 0).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
}

#[tokio::test]
async fn half_a_packet_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let name = "1796000000000-msg_00.json.part";
    std::fs::write(folder.path().join(name), b"{\"type\":").unwrap();
    std::fs::write(folder.path().join("notes.txt"), b"not ours").unwrap();
    assert_eq!(spool(folder.path()).names(), [""; 0]);
}

#[tokio::test]
async fn a_full_or_broken_spool_is_told_and_the_call_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let full = Spool::open(folder.path(), 1).unwrap();
    full.put(&packet("c1")).unwrap();
    let error = full.put(&packet("c2")).unwrap_err().to_string();
    assert!(
        error.contains("the spool is full: 1 packets wait"),
        "{error}"
    );
    let (url, _all) = receiver(0, &[Answer::Status(500)]).await;
    let gone = tempfile::tempdir().unwrap();
    let desk = desk(gone.path(), &url);
    std::fs::remove_dir_all(gone.path()).unwrap();
    assert!(!take(&desk, "c3").await);
}

#[tokio::test]
async fn what_the_disk_does_not_take_is_sent_all_the_same_and_written_when_it_can_be() {
    let folder = tempfile::tempdir().unwrap();
    let (url, mut all) = receiver(
        0,
        &[
            Answer::Status(500),
            Answer::Status(500),
            Answer::Status(204),
        ],
    )
    .await;
    let desk = desk(folder.path(), &url);
    // A disk that takes nothing: the folder is gone.
    let away = folder.path().with_extension("away");
    std::fs::rename(folder.path(), &away).unwrap();
    assert!(!take(&desk, "c1").await, "it is not on disk");
    let first = next(&mut all).await;
    std::fs::rename(&away, folder.path()).unwrap();
    assert!(take(&desk, "c2").await);
    // Both are taken in the end, c1 under the id that it had from the beginning.
    let mut ids = std::collections::BTreeSet::from([first.id.clone()]);
    for _ in 0..3 {
        ids.insert(next(&mut all).await.id);
    }
    assert_eq!(ids.len(), 2, "{ids:?}");
    settles(&desk, folder.path(), 0).await;
}

#[test]
fn a_process_that_ends_well_leaves_on_disk_what_it_held() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(folder.path());
    let away = folder.path().with_extension("away");
    std::fs::rename(folder.path(), &away).unwrap();
    let put = spool.put(&packet("c1")).unwrap();
    assert!(matches!(put, Put::InMemory(..)), "{put:?}");
    assert!(spool.get(put.name()).is_some());
    std::fs::rename(&away, folder.path()).unwrap();
    spool.write_held();
    assert_eq!(
        (spool.names(), spool.in_memory()),
        (vec![put.name().to_owned()], 0)
    );
}

#[tokio::test]
async fn a_refusal_is_kept_and_tried_again() {
    for status in [400, 401, 404, 422] {
        let folder = tempfile::tempdir().unwrap();
        let (url, mut all) = receiver(0, &[Answer::Status(status), Answer::Status(200)]).await;
        let desk = desk(folder.path(), &url);
        take(&desk, "c1").await;
        let (one, two) = (next(&mut all).await, next(&mut all).await);
        assert_eq!(one.id, two.id);
        settles(&desk, folder.path(), 0).await;
    }
}

#[tokio::test]
async fn gone_means_no_more_until_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let (url, mut all) = receiver(0, &[Answer::Status(410), Answer::Status(200)]).await;
    let first = desk(folder.path(), &url);
    take(&first, "c1").await;
    next(&mut all).await;
    stands(&first, |now| now.gone).await;
    assert!(take(&first, "c2").await, "still kept");
    stands(&first, |now| now.gone && now.waiting == 2).await;
    settles(&first, folder.path(), 2).await;
    assert!(all.try_recv().is_err(), "nothing more is sent");
    drop(first);
    let desk = desk(folder.path(), &url);
    next(&mut all).await;
    next(&mut all).await;
    settles(&desk, folder.path(), 0).await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let answers = [Answer::RedirectTo("/elsewhere"), Answer::Status(200)];
    let (url, mut all) = receiver(0, &answers).await;
    let desk = desk(folder.path(), &url);
    take(&desk, "c1").await;
    let first = next(&mut all).await;
    // Had it been followed, this one would have the same timestamp and signature.
    settles(&desk, folder.path(), 0).await;
    let again = next(&mut all).await;
    assert_eq!(first.id, again.id);
    assert!(
        all.try_recv().is_err(),
        "two requests, both to the address that was set"
    );
}

#[tokio::test]
async fn what_nobody_takes_for_too_long_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let kept = spool(folder.path());
    let name = kept.put(&packet("c1")).unwrap().name().to_owned();
    let old = name.replace(&name[..13], "1000000000000");
    std::fs::rename(folder.path().join(&name), folder.path().join(&old)).unwrap();
    let (url, mut all) = receiver(0, &[Answer::Status(200)]).await;
    let desk = desk(folder.path(), &url);
    settles(&desk, folder.path(), 0).await;
    assert!(folder.path().join("dead").join(&old).exists());
    assert!(all.try_recv().is_err());
}

#[test]
fn packets_go_to_https_or_this_machine_only() {
    let key = || Key::parse(SECRET).unwrap();
    let opens = |url: &str, insecure| Endpoint::new(url, key(), insecure, QUICK).is_ok();
    for url in [
        "https://desk.example.com/x",
        "http://127.0.0.1:9/x",
        "http://[::1]:9/",
        "http://localhost/",
    ] {
        assert!(opens(url, false), "{url}");
    }
    for url in [
        "http://desk.example.com/x",
        "http://10.0.0.1/",
        "http://127.0.0.1.example.com/",
    ] {
        assert!(!opens(url, false), "{url}");
        assert!(opens(url, true), "{url}");
    }
    for url in [
        "ftp://desk.example.com",
        "desk.example.com",
        "file:///tmp/x",
        "",
    ] {
        assert!(!opens(url, true), "{url}");
    }
}

#[test]
fn a_packet_is_as_the_schema_says() {
    let schema = attendant::desk::schema();
    let packet = serde_json::to_value(packet("c1")).unwrap();
    let data = schema.pointer("/$defs/About/properties").unwrap();
    for name in packet["data"].as_object().unwrap().keys() {
        assert!(data.get(name).is_some(), "{name}");
    }
    assert_eq!(packet["type"], "handover.requested");
    assert_eq!(packet["data"]["started_at"], "2026-11-29T10:00:00Z");
    assert_eq!(packet["data"]["caller"], "+15550101");
    assert_eq!(packet["data"]["links"]["offset_ms"], 8000);
}
