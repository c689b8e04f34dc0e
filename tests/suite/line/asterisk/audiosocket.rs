//! AudioSocket: whole calls with the load tool's Asterisk, pace, announcements, what is refused.

use super::fake_socket::{FakeAsterisk, Got, ID, UUID, packet};
use super::{SECRET, ask, dialed, guarded, next};
use crate::line::drive::{self, first_call};
use crate::line::house::{FakeSwitchboard, House, options};
use crate::line::simulated::{keys, measured};
use attendant::line::server::{Options, ServeError, Server, Stop};
use attendant::load::audiosocket::AudioSocket;
use attendant::load::dialect::DialStatus;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

fn listening(mut options: Options) -> Options {
    options.settings.audiosocket.listen = Some(([127, 0, 0, 1], 0).into());
    options
}

/// Opens a house and gives the address of its AudioSocket.
async fn open(options: Options) -> (House, String) {
    let house = House::open(listening(options)).await;
    let address = house.announced("audiosocket", "AudioSocket");
    (house, address)
}

fn asterisk(house: &House, address: &str) -> AudioSocket {
    // The test's sessions say a sentence at once.
    AudioSocket::new(&house.base, address, None).patient()
}

#[tokio::test(start_paused = true)]
async fn a_call_is_answered_handed_over_and_comes_back_with_its_state() {
    let (house, address) = open(guarded()).await;
    let asterisk = AudioSocket::new(&house.base, &address, Some(SECRET.to_owned())).patient();
    // As TCP may cut them.
    let asterisk = asterisk.in_pieces(5);
    let report = drive::keys(&house, asterisk, "109", DialStatus::NoAnswer, 5).await;
    assert!(
        report.transfers_failed >= 1 && report.ended_by_bot >= 1,
        "{report}"
    );
    assert_eq!(report.dials[0].to, "+15557654321");
    let told = first_call(&house);
    let rest: Vec<&str> = told[1..].iter().map(String::as_str).collect();
    let expected = [
        "answered +15555550100",
        "digit 1",
        "digit 0",
        "returned",
        "digit 9",
        "hung up",
    ];
    assert_eq!(rest, expected);
    house.log().wait_for("heard 5").await;
}

#[tokio::test]
async fn silence_goes_out_every_20_ms_so_that_nobody_gives_up() {
    let (_house, address) = open(options()).await;
    let mut asterisk = FakeAsterisk::call(&address, &ID).await;
    asterisk.until_voice().await;
    tokio::time::pause();
    let begun = Instant::now();
    for _ in 0..500 {
        // Nothing comes from the caller's side meanwhile.
        let got = asterisk.next().await;
        assert!(
            matches!(&got, Got::Sound(0x10, sound) if sound.len() == 320),
            "{got:?}"
        );
    }
    let took = begun.elapsed();
    assert!(
        (Duration::from_millis(9_900)..Duration::from_millis(10_100)).contains(&took),
        "{took:?}"
    );
}

#[tokio::test]
async fn a_caller_who_is_silent_for_long_is_not_given_up() {
    let (house, address) = open(options()).await;
    let mut asterisk = FakeAsterisk::call(&address, &ID).await;
    asterisk.until_voice().await;
    tokio::time::pause();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        assert!(matches!(asterisk.next().await, Got::Sound(..)));
    }
    tokio::time::resume();
    asterisk.key(b'5').await;
    house.log().wait_for("digit 5").await;
}

#[tokio::test]
async fn a_uuid_that_every_call_has_brings_nobody_into_another_ones_call() {
    let (house, address) = open(options()).await;
    for _ in 0..2 {
        let mut asterisk = FakeAsterisk::call(&address, &ID).await;
        asterisk.until_voice().await;
        asterisk.key(b'0').await;
        asterisk.hung_up().await;
    }
    let told = house.log().all();
    assert_eq!(told.iter().filter(|l| l.starts_with("new")).count(), 2);
    assert!(!told.contains(&"returned".to_owned()), "{told:?}");
    assert!(told.contains(&"hung up".to_owned()), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wide_channel_is_heard_and_answered_in_kind() {
    let (house, address) = open(options()).await;
    let report = measured(keys(
        asterisk(&house, &address).wide(),
        "9",
        DialStatus::Completed,
    ))
    .await;
    assert!(
        report.ended_by_bot >= 1 && report.first_audio_ms.count >= 1,
        "{report}"
    );
    house.log().wait_for("heard 5").await;
    let mut wide = FakeAsterisk::call(&address, &ID).await;
    wide.send(&packet(0x12, &[0; 640])).await;
    loop {
        match wide.next().await {
            Got::Sound(0x12, sound) => {
                assert_eq!(sound.len(), 640);
                break;
            }
            Got::Sound(0x10, _) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn only_announced_calls_come_in_where_that_is_asked_for() {
    let mut strict = guarded();
    strict.settings.audiosocket.strict = true;
    let (house, address) = open(strict).await;
    let mut stranger = FakeAsterisk::call(&address, &ID).await;
    assert_eq!(stranger.next().await, Got::HangUp);
    stranger.closed().await;

    let form = [("caller", "+15551230000"), ("channel", "PJSIP/trunk-1")];
    let (status, uuid) = ask(&house, "/asterisk/announce", &form).await;
    assert_eq!((status, uuid.len()), (200, 36), "{uuid}");
    let id = attendant::line::asterisk::audiosocket::parse_id(&uuid).expect("a UUID");
    let mut asterisk = FakeAsterisk::call(&address, &id).await;
    asterisk.until_voice().await;
    house.log().wait_for("answered +15551230000").await;
    let mut again = FakeAsterisk::call(&address, &id).await;
    assert_eq!(
        again.next().await,
        Got::HangUp,
        "an announcement works once"
    );

    asterisk.key(b'0').await;
    asterisk.hung_up().await;
    assert_eq!(next(&house, &uuid).await, "dial +15557654321");
    assert_eq!(dialed(&house, &uuid, "NOANSWER").await, "back");
    let mut asterisk = FakeAsterisk::call(&address, &id).await;
    asterisk.until_voice().await;
    house.log().wait_for("returned").await;

    let given = [("uuid", UUID), ("caller", "")];
    assert_eq!(ask(&house, "/asterisk/announce", &given).await.1, UUID);
    assert!(!SECRET.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_full_house_hangs_up_and_sends_the_caller_to_a_person() {
    let mut full = options();
    full.max_calls = 0;
    let (house, address) = open(full).await;
    let plan = keys(asterisk(&house, &address), "1", DialStatus::Completed);
    let report = measured(plan).await;
    assert!(
        report.turned_away_to_person >= 1 && report.calls == 0,
        "{report}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_hangs_up_ends_the_record() {
    let (house, address) = open(options()).await;
    let plan = keys(asterisk(&house, &address), "", DialStatus::Completed);
    let report = measured(plan).await;
    assert_eq!((report.calls, report.ended_by_bot), (1, 0), "{report}");
    house.log().wait_for("hung up").await;
}

#[tokio::test]
async fn nonsense_does_no_harm() {
    let (house, address) = open(options()).await;
    for stranger in [
        &b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..],
        &[1, 0, 2, 7, 7],
        &[0xff; 64],
    ] {
        let mut fake = FakeAsterisk::connect(&address, 3).await;
        fake.send(stranger).await;
        drop(fake);
    }
    let mut asterisk = FakeAsterisk::call(&address, &ID).await;
    for packet in [
        packet(0x10, &[]),
        packet(0x10, &[1; 3]),
        packet(0x77, b"what?"),
        packet(0x03, b""),
        packet(0xff, &[4]),
        packet(0x10, &[0; 65_535]),
        packet(0x01, &ID),
    ] {
        asterisk.send(&packet).await;
    }
    asterisk.key(b'5').await;
    house.log().wait_for("digit 5").await;
    asterisk.key(b'9').await;
    asterisk.hung_up().await;
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_let_go() {
    let (house, address) = open(options()).await;
    let mut slow = FakeAsterisk::call(&address, &ID).await;
    slow.until_voice().await;
    slow.key(b'7').await;
    tokio::time::pause();
    house.log().wait_for("hung up").await;
}

#[tokio::test]
async fn strangers_get_no_open_port() {
    for (address, word) in [
        ("0.0.0.0:0", "strangers"),
        ("8.8.8.8:9019", "strangers"),
        ("192.168.1.7:9019", "announce"),
    ] {
        let mut options = options();
        options.settings.audiosocket.listen = Some(address.parse().expect("an address"));
        let seats = Arc::new(FakeSwitchboard::default());
        let refused = Server::bind(options, seats, Stop::default()).await.err();
        assert!(
            matches!(&refused, Some(ServeError::Line { why, .. }) if why.contains(word)),
            "{address}: {refused:?}"
        );
    }
}
