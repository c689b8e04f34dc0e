//! Simulated carriers that drive whole calls: the load tool's dialects against a server with fake sessions.

use super::house::House;
use super::simulated;
use attendant::load::dialect::{DialStatus, Dialect};
use attendant::load::report::Report;
use attendant::load::{Plan, run};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// A socket opened by hand.
pub type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// One caller who presses these keys, one after the other (the prompt of key 1 is spoken over), and starts
/// over in the next call; a transfer ends as told.
pub async fn keys(
    house: &House,
    dialect: impl Dialect + 'static,
    keys: &str,
    dial_status: DialStatus,
    seconds: u64,
) -> Report {
    let plan = Plan {
        duration: Duration::from_secs(seconds),
        barge_in_after: Some(Duration::from_millis(100)),
        ..simulated::keys(dialect, keys, dial_status)
    };
    let report = run(plan).await;
    let told = house.log().all();
    let bad = (report.dropped, report.refused_messages);
    assert_eq!(bad, (0, 0), "{report}\n{:?}\n{told:?}", report.errors);
    report
}

/// What the first session was told, without marks and sound.
pub fn first_call(house: &House) -> Vec<String> {
    let told = house.log().all().into_iter();
    let told = told.filter(|line| !line.starts_with("played") && !line.starts_with("heard"));
    let mut first = Vec::new();
    for line in told {
        let over = line == "hung up";
        first.push(line);
        if over {
            break;
        }
    }
    first
}

/// Opens a socket of the server with these headers; the status where it is refused.
pub async fn socket(house: &House, path: &str, headers: &[(&str, &str)]) -> Result<Socket, u16> {
    let url = format!("{}{path}", house.base.replacen("http", "ws", 1));
    let mut request = url.into_client_request().expect("a URL");
    for (name, value) in headers {
        let name: tokio_tungstenite::tungstenite::http::HeaderName = name.parse().expect("a name");
        request
            .headers_mut()
            .insert(name, value.parse().expect("ASCII"));
    }
    // True: without Nagle's delay, in which a clock that is paused would run on.
    match tokio_tungstenite::connect_async_with_config(request, None, true).await {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// Reads to the end; the close code, 1006 where there is none.
pub async fn closed(socket: &mut Socket) -> u16 {
    use futures_util::StreamExt as _;
    loop {
        match socket.next().await {
            Some(Ok(Message::Close(Some(close)))) => return close.code.into(),
            Some(Ok(Message::Close(None)) | Err(_)) | None => return 1006,
            Some(Ok(_)) => {}
        }
    }
}

/// Sends a text.
pub async fn say(socket: &mut Socket, text: impl Into<String>) {
    use futures_util::SinkExt as _;
    let sent = socket.send(Message::text(text.into())).await;
    sent.expect("the socket is open");
}

/// Sends sound.
pub async fn sound(socket: &mut Socket, bytes: Vec<u8>) {
    use futures_util::SinkExt as _;
    let sent = socket.send(Message::binary(bytes)).await;
    sent.expect("the socket is open");
}

/// The next text, and how many bytes of sound came before it.
pub async fn plain_text(socket: &mut Socket) -> (String, usize) {
    use futures_util::StreamExt as _;
    let mut sound = 0;
    loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => return (text.as_str().to_owned(), sound),
            Some(Ok(Message::Binary(bytes))) => sound += bytes.len(),
            Some(Ok(Message::Close(_)) | Err(_)) | None => panic!("closed"),
            Some(Ok(_)) => {}
        }
    }
}

/// The next text, as JSON.
pub async fn text(socket: &mut Socket) -> serde_json::Value {
    serde_json::from_str(&plain_text(socket).await.0).expect("JSON")
}
