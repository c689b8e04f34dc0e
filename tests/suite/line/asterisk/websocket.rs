//! `chan_websocket`: whole calls, versions, limits, who may come in.

use super::fake_websocket::{FakeAsterisk, Version};
use super::{SECRET, dialed, guarded, next};
use crate::line::house::{House, options};
use tokio_tungstenite::tungstenite::Error;

const ULAW: (&str, usize) = ("ulaw", 160);
const CALL: &str = "call=1795366837.17&caller=%2B15551230000";
/// The call above as it is known here.
const NAME: &str = "1795366837-17";

#[tokio::test]
async fn a_call_is_answered_handed_over_and_comes_back_with_its_state() {
    for version in [Version::Json, Version::Words] {
        let house = House::open(options()).await;
        let mut asterisk = FakeAsterisk::call(&house.base, CALL, version, ULAW).await;
        assert_eq!(asterisk.until("MARK_MEDIA").await, "MARK_MEDIA p0s0");
        assert_eq!(asterisk.frames, 2);
        house.log().wait_for("answered +15551230000").await;
        asterisk.run(8).await;
        house.log().wait_for("played p0s0").await;
        house.log().wait_for("heard 5").await;

        asterisk.key("1").await;
        asterisk.until("MARK_MEDIA p1s0").await;
        asterisk.key("2").await;
        asterisk.until("FLUSH_MEDIA").await;
        asterisk.run(5).await;
        assert!(
            asterisk.commands.contains(&"CONTINUE_MEDIA".to_owned()),
            "a flush does not end a pause"
        );
        let told = house.log().all();
        assert!(!told.contains(&"played p1s0".to_owned()), "it was flushed");

        asterisk.key("0").await;
        asterisk.until("HANGUP").await;
        asterisk.closed().await;
        assert_eq!(next(&house, "1795366837.17").await, "dial +15557654321");
        assert_eq!(dialed(&house, "1795366837.17", "NOANSWER").await, "back");
        let mut asterisk = FakeAsterisk::call(&house.base, CALL, version, ULAW).await;
        assert_eq!(
            asterisk.until("MARK_MEDIA").await,
            "MARK_MEDIA p2s0",
            "the session counts on: it is the same one"
        );
        asterisk.key("9").await;
        asterisk.until("HANGUP").await;
        asterisk.closed().await;
        assert_eq!(next(&house, NAME).await, "hangup");
        let told = house.log().all();
        let ours = ["new 1795366837-17", "returned", "digit 9", "hung up"];
        assert!(ours.iter().all(|l| told.iter().any(|t| t == l)), "{told:?}");
        assert_eq!(told.iter().filter(|l| l.starts_with("new")).count(), 1);
    }
}

#[tokio::test]
async fn an_answered_transfer_closes_the_record() {
    let house = House::open(options()).await;
    let mut asterisk = FakeAsterisk::call(&house.base, CALL, Version::Json, ULAW).await;
    asterisk.key("0").await;
    asterisk.closed().await;
    assert_eq!(next(&house, NAME).await, "dial +15557654321");
    let form = [("call", NAME), ("field", "reason")];
    let (_, reason) = super::ask(&house, "/asterisk/next", &form).await;
    assert_eq!(reason, "requested");
    assert!(!house.log().all().contains(&"hung up".to_owned()));
    assert_eq!(dialed(&house, NAME, "ANSWER").await, "hangup");
    house.log().wait_for("hung up").await;
}

#[tokio::test]
async fn an_asterisk_without_marks_tells_when_its_queue_is_empty() {
    let house = House::open(options()).await;
    let mut asterisk = FakeAsterisk::call(&house.base, CALL, Version::Old, ULAW).await;
    asterisk.until("REPORT_QUEUE_DRAINED").await;
    asterisk.run(6).await;
    house.log().wait_for("played p0s0").await;
    // And where the caller's sound keeps time, the clock does.
    asterisk.key("1").await;
    asterisk.until("REPORT_QUEUE_DRAINED").await;
    asterisk.run(55).await;
    house.log().wait_for("played p1s0").await;
}

#[tokio::test]
async fn calls_without_a_name_are_told_apart() {
    let house = House::open(options()).await;
    let mut first = FakeAsterisk::call(&house.base, "", Version::Old, ULAW).await;
    let mut second = FakeAsterisk::call(&house.base, "", Version::Old, ULAW).await;
    first.until("REPORT_QUEUE_DRAINED").await;
    second.until("REPORT_QUEUE_DRAINED").await;
}

#[tokio::test]
async fn nothing_is_sent_while_the_queue_is_full() {
    let house = House::open(options()).await;
    let mut asterisk = FakeAsterisk::call(&house.base, CALL, Version::Json, ULAW).await;
    asterisk.until("MARK_MEDIA p0s0").await;
    let before = asterisk.frames;
    asterisk.event("MEDIA_XOFF", None).await;
    asterisk.run(3).await;
    asterisk.key("1").await;
    house.log().wait_for("digit 1").await;
    asterisk.run(10).await;
    assert_eq!(asterisk.frames, before);
    asterisk.event("MEDIA_XON", None).await;
    asterisk.until("MARK_MEDIA p1s0").await;
    assert_eq!((asterisk.frames, asterisk.dropped), (before + 50, 0));
}

#[tokio::test]
async fn other_codecs_of_the_channel_are_spoken_and_unknown_ones_refused() {
    let house = House::open(options()).await;
    for (n, format) in [
        ("alaw", 160),
        ("slin", 320),
        ("slin16", 640),
        ("slin48", 1920),
    ]
    .into_iter()
    .enumerate()
    {
        let call = format!("call=c{n}");
        let mut asterisk = FakeAsterisk::call(&house.base, &call, Version::Json, format).await;
        asterisk.until("MARK_MEDIA").await;
        assert_eq!((asterisk.frames, asterisk.dropped), (2, 0), "{}", format.0);
        asterisk.key("9").await;
        asterisk.closed().await;
    }
    let asterisk = FakeAsterisk::call(&house.base, CALL, Version::Json, ("opus", 160)).await;
    assert_eq!(asterisk.closed().await, 1003);
}

#[tokio::test]
async fn frames_of_another_length_are_whole_ones() {
    // 60 ms: two frames of ours are short of one, and silence makes it whole before the mark.
    let house = House::open(options()).await;
    let format = ("ulaw", 480);
    let mut asterisk = FakeAsterisk::call(&house.base, CALL, Version::Json, format).await;
    asterisk.until("MARK_MEDIA p0s0").await;
    assert_eq!((asterisk.frames, asterisk.dropped), (1, 0));
}

#[tokio::test]
async fn the_upgrade_wants_the_secret() {
    let house = House::open(guarded()).await;
    for secret in [None, Some("x")] {
        let refused = FakeAsterisk::connect(&house.base, CALL, secret).await;
        assert!(
            matches!(&refused, Err(Error::Http(answer)) if answer.status() == 401),
            "{secret:?}"
        );
    }
    let socket = FakeAsterisk::connect(&house.base, CALL, Some(SECRET)).await;
    let (socket, _) = socket.expect("the right one");
    let mut asterisk = FakeAsterisk::on(socket, Version::Json, ULAW).await;
    asterisk.until("MARK_MEDIA").await;
}

#[tokio::test]
async fn a_caller_who_hangs_up_ends_the_record() {
    let house = House::open(options()).await;
    let mut asterisk = FakeAsterisk::call(&house.base, CALL, Version::Json, ULAW).await;
    asterisk.until("MARK_MEDIA").await;
    drop(asterisk);
    house.log().wait_for("hung up").await;
}

#[tokio::test]
async fn a_full_house_sends_the_next_call_to_a_person() {
    let house = House::open(options()).await;
    let mut first = FakeAsterisk::call(&house.base, "call=a", Version::Json, ULAW).await;
    let mut second = FakeAsterisk::call(&house.base, "call=b", Version::Json, ULAW).await;
    first.until("MARK_MEDIA").await;
    second.until("MARK_MEDIA").await;
    let mut third = FakeAsterisk::call(&house.base, "call=c", Version::Json, ULAW).await;
    third.until("HANGUP").await;
    third.closed().await;
    assert_eq!(next(&house, "c").await, "dial +15557654321");
}

#[tokio::test]
async fn sound_that_comes_before_its_start_and_nonsense_do_no_harm() {
    let house = House::open(options()).await;
    let (socket, _) = FakeAsterisk::connect(&house.base, CALL, None)
        .await
        .expect("a socket");
    let mut early = socket;
    use futures_util::SinkExt as _;
    use tokio_tungstenite::tungstenite::Message;
    for _ in 0..3 {
        let sound = Message::binary(vec![0xff_u8; 160]);
        early.send(sound).await.expect("open");
    }
    let mut asterisk = FakeAsterisk::on(early, Version::Json, ULAW).await;
    asterisk.until("MARK_MEDIA p0s0").await;
    for nonsense in [
        "",
        "{",
        "{\"event\":7}",
        "MEDIA_START",
        "DTMF_END digit:12",
        "WEATHER rain",
    ] {
        asterisk.text(nonsense.to_owned()).await;
    }
    asterisk.binary(vec![1; 333]).await;
    asterisk.binary(Vec::new()).await;
    asterisk.key("5").await;
    asterisk.run(3).await;
    house.log().wait_for("digit 5").await;
    for _ in 0..100 {
        asterisk.text("{".into()).await;
    }
    assert_eq!(asterisk.closed().await, 1008);
}
