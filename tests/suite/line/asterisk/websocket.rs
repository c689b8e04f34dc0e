//! `chan_websocket`: whole calls with the load tool's Asterisk, versions, limits, who may come in.

use super::{SECRET, dialed, guarded, next};
use crate::line::drive::{self, Socket, closed, first_call, plain_text, say, socket, sound};
use crate::line::house::{House, options};
use crate::line::simulated::{keys, measured, patient};
use attendant::line::coding::Coding;
use attendant::load::asterisk::{Asterisk, Version};
use attendant::load::dialect::DialStatus;
use serde_json::json;

const MEDIA: (&str, &str) = ("sec-websocket-protocol", "media");
const PATH: &str = "/asterisk/media?call=1795366837.17&caller=%2B15551230000";

fn asterisk(house: &House) -> Asterisk {
    Asterisk::new(&house.base, None)
}

/// An Asterisk by hand, JSON; its call is on.
async fn by_hand(house: &House) -> Socket {
    let mut socket = socket(house, PATH, &[MEDIA]).await.expect("a socket");
    say(&mut socket, START).await;
    socket
}

const START: &str = r#"{"event":"MEDIA_START","connection_id":"attendant","channel":"WebSocket/attendant/0x1",
    "channel_id":"1795366929.35","format":"ulaw","optimal_frame_size":160,"ptime":20}"#;

async fn tell(socket: &mut Socket, event: &str) {
    let message = json!({"event": event, "channel_id": "1795366929.35"});
    say(socket, message.to_string()).await;
}

async fn key(socket: &mut Socket, key: &str) {
    let message = json!({"event": "DTMF_END", "channel_id": "1795366929.35", "digit": key});
    say(socket, message.to_string()).await;
}

/// Reads up to this command; how many bytes of sound came before it.
async fn until(socket: &mut Socket, command: &str) -> usize {
    let mut bytes = 0;
    loop {
        let (text, sound) = plain_text(socket).await;
        bytes += sound;
        if text.contains(command) {
            return bytes;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_answered_handed_over_and_comes_back_with_its_state() {
    for version in [Version::Json, Version::Words, Version::Old] {
        let house = House::open(guarded()).await;
        let asterisk = Asterisk::new(&house.base, Some(SECRET.to_owned())).speaking(version);
        let report = drive::keys(&house, asterisk, "1209", DialStatus::NoAnswer, 5).await;
        assert!(
            report.transfers_failed >= 1 && report.ended_by_bot >= 1 && report.clears >= 1,
            "{version:?}: {report}"
        );
        assert_eq!(report.dials[0].to, "+15557654321");
        let reason = ("reason".to_owned(), "requested".to_owned());
        assert_eq!(report.dials[0].carries, [reason]);
        let told = first_call(&house);
        let rest: Vec<&str> = told[1..].iter().map(String::as_str).collect();
        let expected = [
            "answered +15555550100",
            "digit 1",
            "digit 2",
            "digit 0",
            "returned",
            "digit 9",
            "hung up",
        ];
        assert_eq!(rest, expected, "{version:?}");
        let all = house.log().all();
        assert!(all.contains(&"heard 5".to_owned()), "{version:?}");
        assert!(all.contains(&"played p0s0".to_owned()), "{version:?}");
        let flushed = all.contains(&"played p1s0".to_owned());
        assert!(!flushed, "{version:?}: a mark that was flushed came back");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answered_transfer_closes_the_record() {
    let house = House::open(options()).await;
    let report = measured(keys(asterisk(&house), "0", DialStatus::Completed)).await;
    assert!(
        report.transfers >= 1 && report.transfers_failed == 0,
        "{report}"
    );
    house.log().wait_for("hung up").await;
    assert!(!house.log().all().contains(&"returned".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_asterisk_without_marks_tells_when_its_queue_is_empty() {
    let house = House::open(options()).await;
    let old = asterisk(&house).speaking(Version::Old);
    measured(patient(keys(old, "1", DialStatus::Completed))).await;
    house.log().wait_for("played p0s0").await;
    house.log().wait_for("played p1s0").await;
}

#[tokio::test(start_paused = true)]
async fn calls_without_a_name_are_told_apart() {
    let house = House::open(options()).await;
    let start = "MEDIA_START connection_id:attendant channel:WebSocket/attendant/0x1 format:ulaw optimal_frame_size:160";
    let mut calls = Vec::new();
    for _ in 0..2 {
        let mut socket = socket(&house, "/asterisk/media", &[MEDIA])
            .await
            .expect("a socket");
        say(&mut socket, start).await;
        calls.push(socket);
    }
    for socket in &mut calls {
        until(socket, "REPORT_QUEUE_DRAINED").await;
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_while_the_queue_is_full_and_nothing_is_lost() {
    let house = House::open(options()).await;
    let mut socket = by_hand(&house).await;
    until(&mut socket, "p0s0").await;
    tell(&mut socket, "MEDIA_XOFF").await;
    key(&mut socket, "1").await;
    house.log().wait_for("digit 1").await;
    tell(&mut socket, "MEDIA_XON").await;
    assert_eq!(until(&mut socket, "p1s0").await, 50 * 160);
    tell(&mut socket, "MEDIA_XOFF").await;
    key(&mut socket, "1").await;
    key(&mut socket, "9").await;
    assert_eq!(until(&mut socket, "HANGUP").await, 0);
}

#[tokio::test(start_paused = true)]
async fn other_codecs_of_the_channel_are_spoken_and_unknown_ones_refused() {
    for (format, coding) in [
        ("alaw", Coding::Alaw),
        ("slin", Coding::L16 { rate_hz: 8_000 }),
        ("slin16", Coding::L16 { rate_hz: 16_000 }),
        ("slin48", Coding::L16 { rate_hz: 48_000 }),
    ] {
        let house = House::open(options()).await;
        let asterisk = asterisk(&house).in_format(format, coding);
        let report = measured(keys(asterisk, "9", DialStatus::Completed)).await;
        assert!(
            report.ended_by_bot >= 1 && report.marks >= 1,
            "{format}: {report}"
        );
        house.log().wait_for("heard 5").await;
    }
    let house = House::open(options()).await;
    let mut opus = socket(&house, PATH, &[MEDIA]).await.expect("a socket");
    say(&mut opus, START.replace("ulaw", "opus")).await;
    assert_eq!(closed(&mut opus).await, 1003);
}

#[tokio::test(start_paused = true)]
async fn frames_of_another_length_are_whole_ones() {
    // 60 ms: two frames of ours are short of one, and silence makes it whole before the mark.
    let house = House::open(options()).await;
    let long = asterisk(&house).in_frames_of(60);
    let report = measured(patient(keys(long, "19", DialStatus::Completed))).await;
    assert!(report.marks >= 1 && report.ended_by_bot >= 1, "{report}");
}

#[tokio::test(start_paused = true)]
async fn the_upgrade_wants_the_secret() {
    let house = House::open(guarded()).await;
    // "bot:x".
    for wrong in [&[MEDIA][..], &[MEDIA, ("authorization", "Basic Ym90Ong=")]] {
        assert_eq!(socket(&house, PATH, wrong).await.err(), Some(401));
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_hangs_up_ends_the_record() {
    let house = House::open(options()).await;
    let report = measured(keys(asterisk(&house), "", DialStatus::Completed)).await;
    assert_eq!((report.calls, report.ended_by_bot), (1, 0), "{report}");
    house.log().wait_for("hung up").await;
}

#[tokio::test(start_paused = true)]
async fn a_full_house_sends_the_next_call_to_a_person() {
    let mut full = options();
    full.max_calls = 0;
    let house = House::open(full).await;
    let report = measured(keys(asterisk(&house), "1", DialStatus::Completed)).await;
    assert!(
        report.turned_away_to_person >= 1 && report.calls == 0,
        "{report}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_has_one_name_in_the_query_and_in_the_dialplan() {
    let house = House::open(options()).await;
    let mut call = by_hand(&house).await;
    house.log().wait_for("new 1795366837-17").await;
    key(&mut call, "0").await;
    closed(&mut call).await;
    for name in ["1795366837.17", "1795366837-17"] {
        assert_eq!(next(&house, name).await, "dial +15557654321");
    }
    assert_eq!(dialed(&house, "1795366837.17", "ANSWER").await, "hangup");
    house.log().wait_for("hung up").await;
}

#[tokio::test(start_paused = true)]
async fn sound_that_comes_before_its_start_and_nonsense_do_no_harm() {
    let house = House::open(options()).await;
    let mut early = socket(&house, PATH, &[MEDIA]).await.expect("a socket");
    for _ in 0..3 {
        sound(&mut early, vec![0xff; 160]).await;
    }
    say(&mut early, START).await;
    until(&mut early, "p0s0").await;
    for nonsense in [
        "",
        "{",
        "{\"event\":7}",
        "MEDIA_START",
        "DTMF_END digit:12",
        "WEATHER rain",
    ] {
        say(&mut early, nonsense).await;
    }
    sound(&mut early, vec![1; 333]).await;
    sound(&mut early, Vec::new()).await;
    key(&mut early, "5").await;
    house.log().wait_for("digit 5").await;
    for _ in 0..100 {
        say(&mut early, "{").await;
    }
    assert_eq!(closed(&mut early).await, 1008);
}
