//! Whole calls with the load tool's FreeSWITCH: `mod_audio_stream` and `mod_audio_fork`, the script that plays
//! files and obeys, and the binary way back.

use super::drive::{self, Socket, closed, first_call, say, socket, sound, text};
use super::house::{self, House, options, secret};
use super::simulated::{keys, measured, patient};
use attendant::load::dialect::DialStatus;
use attendant::load::freeswitch::{FreeSwitch, Module};
use serde_json::{Value, json};

const UUID: &str = "7dd5e34e-5db4-4edb-a166-757e5d29b941";
const SECRET: &str = "s3cret";
const STREAM: &str = "/freeswitch/media/stream";
const FORK: &str = "/freeswitch/media/fork";
const MODULES: [Module; 3] = [Module::Stream, Module::Fork, Module::Playback];

fn freeswitch(house: &House, module: Module) -> FreeSwitch {
    FreeSwitch::new(&house.base, Some(SECRET.to_owned()), module)
}

async fn guarded() -> House {
    House::open(house::guarded(|settings| {
        settings.freeswitch.secret = secret(SECRET);
    }))
    .await
}

/// A module by hand, its first text sent.
async fn by_hand(house: &House, path: &str, metadata: Value) -> Socket {
    let mut socket = socket(house, path, &[]).await.expect("a socket");
    say(&mut socket, metadata.to_string()).await;
    socket
}

fn metadata() -> Value {
    json!({"call_id": UUID, "from": "+15551230000", "sampleRate": 8000})
}

#[tokio::test(start_paused = true)]
async fn a_call_is_answered_handed_over_and_comes_back_with_its_state() {
    for module in MODULES {
        let house = guarded().await;
        let switch = freeswitch(&house, module);
        let report = drive::keys(&house, switch, "1209", DialStatus::NoAnswer, 5).await;
        assert!(
            report.transfers_failed >= 1 && report.ended_by_bot >= 1 && report.clears >= 1,
            "{module:?}: {report}"
        );
        assert_eq!(report.dials[0].to, "+15557654321");
        let reason = ("reason".to_owned(), "requested".to_owned());
        let carries = &report.dials[0].carries;
        assert!(carries.contains(&reason), "{module:?}: {carries:?}");
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
        assert_eq!(rest, expected, "{module:?}");
        let all = house.log().all();
        assert!(all.contains(&"heard 5".to_owned()), "{module:?}");
        let played = |mark: &str| all.contains(&format!("played {mark}"));
        // As much of the caller has come as was played; what was cut is not told.
        assert_eq!(
            (played("p0s0"), played("p1s0")),
            (true, false),
            "{module:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn wide_sound_and_the_first_of_two_channels_are_heard() {
    let house = guarded().await;
    let wide = freeswitch(&house, Module::Playback).wide();
    let report = measured(patient(keys(wide, "19", DialStatus::Completed))).await;
    assert!(report.ended_by_bot >= 1, "{report}");
    house.log().wait_for("played p0s0").await;
    house.log().wait_for("heard 5").await;
}

#[tokio::test(start_paused = true)]
async fn a_transfer_that_was_answered_closes_the_record() {
    let house = guarded().await;
    let stream = freeswitch(&house, Module::Stream);
    let report = measured(keys(stream, "0", DialStatus::Completed)).await;
    assert!(
        report.transfers >= 1 && report.transfers_failed == 0,
        "{report}"
    );
    house.log().wait_for("hung up").await;
    assert!(!house.log().all().contains(&"returned".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn callers_hang_up_and_modules_stop_gracefully() {
    for module in MODULES {
        let house = guarded().await;
        let switch = freeswitch(&house, module);
        let report = measured(keys(switch, "", DialStatus::Completed)).await;
        assert_eq!((report.calls, report.ended_by_bot), (1, 0), "{report}");
        house.log().wait_for("hung up").await;
    }
    let house = House::open(options()).await;
    let mut module = by_hand(&house, FORK, metadata()).await;
    sound(&mut module, Vec::new()).await;
    assert_eq!(closed(&mut module).await, 1000);
}

#[tokio::test(start_paused = true)]
async fn the_subprotocol_is_taken_whatever_its_name_and_the_secret_is_wanted() {
    let house = guarded().await;
    let bearer = ("authorization", "Bearer s3cret");
    for name in ["audio.drachtio.org", "audio.example.org"] {
        let offer = ("sec-websocket-protocol", name);
        let module = socket(&house, FORK, &[offer, bearer]).await;
        let mut module = module.expect("a socket with the offered name");
        say(
            &mut module,
            json!({"call_id": name.replace('.', "-")}).to_string(),
        )
        .await;
        assert_eq!(text(&mut module).await["type"], "playAudio");
    }
    for wrong in [&[][..], &[("authorization", "Bearer x")]] {
        assert_eq!(socket(&house, FORK, wrong).await.err(), Some(401));
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_house_sends_the_next_call_to_a_person() {
    let mut full = options();
    full.max_calls = 0;
    let house = House::open(full).await;
    for module in MODULES {
        let plan = keys(freeswitch(&house, module), "1", DialStatus::Completed);
        let report = measured(plan).await;
        assert!(
            report.turned_away_to_person >= 1 && report.calls == 0,
            "{module:?}: {report}"
        );
        assert_eq!(report.dials[0].to, "+15557654321");
        let reason = ("reason".to_owned(), "overload".to_owned());
        assert!(report.dials[0].carries.contains(&reason), "{module:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nonsense_does_no_harm() {
    let house = House::open(options()).await;
    for metadata in [
        json!({}),
        json!([1]),
        json!({"call_id": "../x"}),
        json!({"call_id": "a", "sampleRate": 7}),
    ] {
        let mut module = by_hand(&house, STREAM, metadata).await;
        module.close(None).await.expect("open");
    }
    let mut module = by_hand(&house, STREAM, metadata()).await;
    for nonsense in [
        json!(null),
        json!({"event": "dtmf"}),
        json!({"event": "dtmf", "dtmf": "12"}),
        json!({"type": "mark"}),
        json!({"type": "weather"}),
        metadata(),
    ] {
        say(&mut module, nonsense.to_string()).await;
    }
    for size in [1, 3, 333] {
        sound(&mut module, vec![7; size]).await;
    }
    say(
        &mut module,
        json!({"event": "dtmf", "dtmf": "5"}).to_string(),
    )
    .await;
    house.log().wait_for("digit 5").await;
}
