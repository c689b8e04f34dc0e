//! Peers at the server's door that are slow, half there, or speak something else: each costs a connection
//! for some seconds, and nobody else anything.

use super::house::{House, options};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// From here on the clock jumps ahead whenever nobody has anything to do.
async fn paused<T>(wait: impl Future<Output = T>) -> T {
    tokio::time::pause();
    let done = wait.await;
    tokio::time::resume();
    done
}

async fn connect(house: &House) -> TcpStream {
    let address = house.base.strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

/// What the server says before it closes.
async fn last_words(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    // A reset is a close, too.
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn a_request_that_never_ends_is_closed() {
    let house = House::open(options()).await;
    let half_an_upgrade =
        "GET /twilio/media HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Up";
    for begin in ["", "G", half_an_upgrade] {
        let mut slow = connect(&house).await;
        slow.write_all(begin.as_bytes()).await.unwrap();
        let begun = Instant::now();
        paused(last_words(slow)).await;
        let seconds = begun.elapsed().as_secs();
        assert!((9..13).contains(&seconds), "{begin:?}: {seconds} s");
    }
    assert_eq!(house.get("/healthz").await, 200);
}

#[tokio::test]
async fn a_body_that_never_comes_is_answered_with_408() {
    let house = House::open(options()).await;
    let mut slow = connect(&house).await;
    let head = "POST /twilio/voice HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\
                Content-Type: application/x-www-form-urlencoded\r\n\r\nCallSid=";
    slow.write_all(head.as_bytes()).await.unwrap();
    let begun = Instant::now();
    let said = paused(last_words(slow)).await;
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    assert!(begun.elapsed().as_secs() < 25, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_is_no_http_is_turned_away() {
    let house = House::open(options()).await;
    let tls_hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec();
    let sip = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP c\r\n\r\n".to_vec();
    for garbage in [tls_hello, sip, vec![0; 4096], vec![0xFF; 40_000]] {
        let mut stranger = connect(&house).await;
        // It may be closed before all is written.
        let _ = stranger.write_all(&garbage).await;
        let said = paused(last_words(stranger)).await;
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{said}");
    }
    let mut long = connect(&house).await;
    let head = format!(
        "GET /healthz HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
        "x".repeat(20_000)
    );
    let _ = long.write_all(head.as_bytes()).await;
    let said = paused(last_words(long)).await;
    assert!(
        said.is_empty() || said.starts_with("HTTP/1.1 431"),
        "{said}"
    );
    assert_eq!(house.get("/healthz").await, 200);
}

#[tokio::test]
async fn a_crowd_that_says_nothing_keeps_the_door_shut_for_seconds_only() {
    let house = House::open(options()).await;
    // All that the server takes at a time, and more.
    let mut crowd = Vec::new();
    for _ in 0..300 {
        crowd.push(connect(&house).await);
    }
    let begun = Instant::now();
    assert_eq!(paused(house.get("/healthz")).await, 200);
    assert!(begun.elapsed().as_secs() < 25, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_message_in_pieces_is_no_way_around_the_limit() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    let piece = |code| Message::Frame(Frame::message(vec![b'x'; 8192], OpCode::Data(code), false));
    for n in 0..10 {
        let code = if n == 0 { Data::Text } else { Data::Continue };
        // It may be closed before the last one.
        if futures_util::SinkExt::send(&mut caller.socket, piece(code))
            .await
            .is_err()
        {
            break;
        }
    }
    assert_eq!(caller.closed().await, 1009);
    house.log().wait_for("hung up").await;
}

#[tokio::test]
async fn a_message_that_is_never_finished_does_not_stop_the_call() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    caller.until("mark").await;
    let begin = Frame::message(vec![b'{'; 100], OpCode::Data(Data::Text), false);
    futures_util::SinkExt::send(&mut caller.socket, Message::Frame(begin))
        .await
        .unwrap();
    // The stream is as good as silent: it ends when that has lasted.
    assert_eq!(paused(caller.closed()).await, 1008);
}
