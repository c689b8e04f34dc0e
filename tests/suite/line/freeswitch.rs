//! Whole calls with a simulated FreeSWITCH: `mod_audio_stream` and `mod_audio_fork`, the script that plays
//! files and obeys, and the binary way back.

use super::house::{House, options};
use attendant::pii::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

const UUID: &str = "7dd5e34e-5db4-4edb-a166-757e5d29b941";
const SECRET: &str = "s3cret";

/// The module's end of the socket, with the script behind it.
struct FakeFreeSwitch {
    socket: WebSocketStream<TcpStream>,
    /// Bytes of 20 ms of the caller.
    frame: usize,
}

/// What the module gets.
#[derive(Debug)]
enum Got {
    Text(Value),
    Sound(Vec<u8>),
    Closed(u16),
}

impl FakeFreeSwitch {
    async fn connect(
        house: &House,
        path: &str,
        protocol: Option<&'static str>,
        secret: Option<&str>,
    ) -> Result<Self, Error> {
        let host = house.base.strip_prefix("http://").expect("plain http");
        let mut request = format!("ws://{host}{path}").into_client_request()?;
        let headers = request.headers_mut();
        // `mod_audio_stream` offers compression; it must not be taken.
        let deflate = "permessage-deflate; client_max_window_bits";
        headers.insert("sec-websocket-extensions", deflate.parse().expect("ASCII"));
        if let Some(protocol) = protocol {
            headers.insert("sec-websocket-protocol", protocol.parse().expect("ASCII"));
        }
        if let Some(secret) = secret {
            headers.insert(
                "authorization",
                format!("Bearer {secret}").parse().expect("ASCII"),
            );
        }
        let stream = TcpStream::connect(host).await.expect("the server listens");
        let (socket, answer) = tokio_tungstenite::client_async(request, stream).await?;
        assert!(answer.headers().get("sec-websocket-extensions").is_none());
        let selected = answer.headers().get("sec-websocket-protocol");
        assert_eq!(selected.map(|name| name.to_str().expect("ASCII")), protocol);
        Ok(Self { socket, frame: 320 })
    }

    async fn call(house: &House, path: &str, metadata: Value) -> Self {
        let connected = Self::connect(house, path, None, None).await;
        let mut fake = connected.expect("a socket");
        fake.text(metadata).await;
        fake
    }

    async fn text(&mut self, text: Value) {
        // A bot that has gone is noticed when reading.
        let _ = self.socket.send(Message::text(text.to_string())).await;
    }

    async fn sound(&mut self, frames: usize) {
        for _ in 0..frames {
            let sound = Message::binary(vec![0; self.frame]);
            let _ = self.socket.send(sound).await;
        }
    }

    async fn key(&mut self, key: &str) {
        self.text(json!({"event": "dtmf", "dtmf": key})).await;
    }

    async fn next(&mut self) -> Got {
        match self.socket.next().await {
            Some(Ok(Message::Text(text))) => {
                Got::Text(serde_json::from_str(text.as_str()).expect("JSON"))
            }
            Some(Ok(Message::Binary(sound))) => Got::Sound(sound.to_vec()),
            Some(Ok(Message::Close(Some(close)))) => Got::Closed(close.code.into()),
            Some(Ok(other)) => panic!("{other:?}"),
            Some(Err(_)) | None => Got::Closed(1006),
        }
    }

    /// The next text, and how much binary sound came before it.
    async fn until_text(&mut self) -> (Value, usize) {
        let mut sound = 0;
        loop {
            match self.next().await {
                Got::Text(text) => return (text, sound),
                Got::Sound(bytes) => sound += bytes.len(),
                Got::Closed(code) => panic!("closed with {code}"),
            }
        }
    }

    async fn closed(mut self) -> u16 {
        loop {
            if let Got::Closed(code) = self.next().await {
                return code;
            }
        }
    }
}

fn metadata() -> Value {
    json!({"call_id": UUID, "from": "+15551230000", "sampleRate": 8000})
}

fn sound_in(data: &Value, field: &str) -> usize {
    let text = data[field].as_str().expect("sound");
    STANDARD.decode(text).expect("base64").len()
}

#[tokio::test]
async fn sentences_go_as_files_and_the_script_does_the_rest() {
    for (path, play, encoding, sound) in [
        (
            "/freeswitch/media/stream",
            "streamAudio",
            "audioDataType",
            "audioData",
        ),
        (
            "/freeswitch/media/fork",
            "playAudio",
            "audioContentType",
            "audioContent",
        ),
    ] {
        let house = House::open(options()).await;
        let mut module = FakeFreeSwitch::call(&house, path, metadata()).await;
        let (file, binary) = module.until_text().await;
        assert_eq!((&file["type"], binary), (&json!(play), 0), "{path}");
        let data = &file["data"];
        assert_eq!(
            (&data[encoding], &data["sampleRate"]),
            (&json!("raw"), &json!(8000))
        );
        assert_eq!(sound_in(data, sound), 2 * 320, "the greeting's two frames");
        house.log().wait_for("answered +15551230000").await;
        assert!(!house.log().all().contains(&"played p0s0".to_owned()));
        // As much of the caller has come as was played: the greeting is over.
        module.sound(2).await;
        house.log().wait_for("played p0s0").await;

        module.key("1").await;
        let (file, _) = module.until_text().await;
        assert_eq!(sound_in(&file["data"], sound), 50 * 320);
        module.key("2").await;
        assert_eq!(module.until_text().await.0, json!({"type": "killAudio"}));
        module.sound(60).await;

        module.key("0").await;
        let (transfer, _) = module.until_text().await;
        assert_eq!(transfer["type"], "transfer");
        assert_eq!(transfer["data"]["number"], "+15557654321");
        assert_eq!(transfer["data"]["reason"], "requested");
        assert_eq!(module.closed().await, 1000);
        assert!(
            !house.log().all().contains(&"hung up".to_owned()),
            "it may come back"
        );

        let mut module = FakeFreeSwitch::call(&house, path, metadata()).await;
        house.log().wait_for("returned").await;
        assert_eq!(module.until_text().await.0["type"], play);
        module.key("9").await;
        let (hangup, _) = module.until_text().await;
        let kind = if play == "playAudio" {
            "disconnect"
        } else {
            "hangup"
        };
        assert_eq!(hangup["type"], kind);
        assert_eq!(module.closed().await, 1000);
        let told = house.log().all();
        assert!(
            !told.contains(&"played p1s0".to_owned()),
            "it was cut: {told:?}"
        );
        assert!(told.contains(&"hung up".to_owned()), "{told:?}");
    }
}

#[tokio::test]
async fn sound_goes_back_as_binary_where_the_module_plays_it() {
    let house = House::open(options()).await;
    let path = "/freeswitch_playback/media/stream";
    let wide = json!({"call_id": UUID, "sampleRate": "16000", "mixType": "stereo"});
    let mut module = FakeFreeSwitch::call(&house, path, wide).await;
    module.frame = 1280;
    house.log().wait_for("answered -").await;
    for _ in 0..2 {
        let got = module.next().await;
        assert!(
            matches!(&got, Got::Sound(sound) if sound.len() == 640),
            "{got:?}"
        );
    }
    module.sound(5).await;
    house.log().wait_for("played p0s0").await;
    house.log().wait_for("heard 5").await;
    module.key("1").await;
    module.key("2").await;
    let (kill, sound) = module.until_text().await;
    assert_eq!(
        (kill["type"].as_str(), sound),
        (Some("killAudio"), 50 * 640)
    );
    module.key("9").await;
    assert_eq!(module.until_text().await.0, json!({"type": "hangup"}));
}

#[tokio::test]
async fn a_transfer_that_was_answered_closes_the_record() {
    let house = House::open(options()).await;
    let mut module = FakeFreeSwitch::call(&house, "/freeswitch/media/stream", metadata()).await;
    module.key("0").await;
    module.closed().await;
    let form = [("call", UUID), ("status", "SUCCESS")];
    let (_, answer) = house.post("/freeswitch/dialed", &form).await;
    assert_eq!(answer, "hangup");
    house.log().wait_for("hung up").await;
}

#[tokio::test]
async fn the_module_stops_gracefully() {
    let house = House::open(options()).await;
    let mut module = FakeFreeSwitch::call(&house, "/freeswitch/media/fork", metadata()).await;
    module.sound(1).await;
    let flush = Message::binary(Vec::new());
    module.socket.send(flush).await.expect("open");
    assert_eq!(module.closed().await, 1000);
    house.log().wait_for("hung up").await;
}

#[tokio::test]
async fn the_subprotocol_is_taken_whatever_its_name_and_the_secret_is_wanted() {
    let mut guarded = options();
    guarded.settings.freeswitch.secret = Some(Secret::new(SECRET.to_owned()));
    let house = House::open(guarded).await;
    let path = "/freeswitch/media/fork";
    for name in ["audio.drachtio.org", "audio.example.org"] {
        let mut module = FakeFreeSwitch::connect(&house, path, Some(name), Some(SECRET))
            .await
            .expect("a socket");
        module
            .text(json!({"call_id": name.replace('.', "-")}))
            .await;
        assert_eq!(module.until_text().await.0["type"], "playAudio");
    }
    for secret in [None, Some("x")] {
        let refused = FakeFreeSwitch::connect(&house, path, None, secret).await;
        assert!(matches!(&refused.err(), Some(Error::Http(answer)) if answer.status() == 401));
    }
}

#[tokio::test]
async fn a_full_house_sends_the_next_call_to_a_person() {
    let house = House::open(options()).await;
    let path = "/freeswitch/media/stream";
    let mut calls = Vec::new();
    for n in 0..2 {
        let mut module = FakeFreeSwitch::call(&house, path, json!({"call_id": n})).await;
        module.until_text().await;
        calls.push(module);
    }
    let mut module = FakeFreeSwitch::call(&house, path, metadata()).await;
    let (transfer, _) = module.until_text().await;
    assert_eq!(transfer["data"]["reason"], "overload");
    assert_eq!(transfer["data"]["number"], "+15557654321");
}

#[tokio::test]
async fn nonsense_does_no_harm() {
    let house = House::open(options()).await;
    let path = "/freeswitch/media/stream";
    for metadata in [
        json!({}),
        json!([1]),
        json!({"call_id": "../x"}),
        json!({"call_id": "a", "sampleRate": 7}),
    ] {
        let mut module = FakeFreeSwitch::call(&house, path, metadata).await;
        module.socket.close(None).await.expect("open");
    }
    let mut module = FakeFreeSwitch::call(&house, path, metadata()).await;
    for text in [
        json!(null),
        json!({"event": "dtmf"}),
        json!({"event": "dtmf", "dtmf": "12"}),
        json!({"type": "mark"}),
        json!({"type": "weather"}),
        metadata(),
    ] {
        module.text(text).await;
    }
    for size in [1, 3, 333] {
        let odd = Message::binary(vec![7; size]);
        module.socket.send(odd).await.expect("open");
    }
    module.key("5").await;
    house.log().wait_for("digit 5").await;
}
