//! The load tool against a server with fake sessions: what it measures is true, what breaks is told.

use super::line::house::{AUTH_TOKEN, House, signed};
use attendant::line::server::Options;
use attendant::load::clip::Clip;
use attendant::load::dialect::DialStatus;
use attendant::load::report::{Limits, Report};
use attendant::load::twilio::Twilio;
use attendant::load::{Plan, Turn, run};
use std::sync::Arc;
use std::time::Duration;

fn plan(house: &House, turns: Vec<Turn>) -> Plan {
    Plan {
        dialect: Arc::new(Twilio::new(&house.base, Some(AUTH_TOKEN.into()))),
        callers: 2,
        duration: Duration::from_millis(1200),
        every: Duration::from_millis(400),
        turns,
        barge_in_after: None,
        hang_up_after: None,
        dial_status: DialStatus::Completed,
        ring: Duration::ZERO,
    }
}

async fn guarded(max_calls: usize) -> House {
    House::open(Options {
        max_calls,
        ..signed()
    })
    .await
}

async fn measured(plan: Plan) -> Report {
    let report = run(plan).await;
    assert_eq!(
        (report.dropped, report.refused_messages),
        (0, 0),
        "{report}"
    );
    report
}

#[tokio::test(start_paused = true)]
async fn calls_are_held_and_replies_timed() {
    let house = guarded(4).await;
    let report = measured(plan(&house, vec![Turn::Keys("1".into())])).await;
    assert_eq!((report.calls, report.turned_away), (2, 0), "{report}");
    // The fake session answers a key with its next tick.
    assert!(
        report.key_reply_gap_ms.count >= 2 && report.key_reply_gap_ms.p50 < 100.0,
        "{report}"
    );
    assert!(
        report.frames_sent > 60 && report.frames_received >= 104,
        "{report}"
    );
    assert!(report.marks >= 2, "{report}");
    assert_eq!(
        report.failures(Limits {
            late_ms: Some(1000.0),
            gap_ms: Some(1000.0)
        }),
        [""; 0],
        "{report}"
    );
    assert_eq!(
        report
            .failures(Limits {
                late_ms: None,
                gap_ms: Some(0.001)
            })
            .len(),
        1,
        "limits can be broken"
    );
    assert!(house.log().all().contains(&"hung up".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_clear_is_the_end_of_a_prompt_spoken_over() {
    let house = guarded(4).await;
    // The first turn starts a prompt of 1 s, the second, keyed over it, clears it.
    let turns = vec![Turn::Keys("1".into()), Turn::Keys("2".into())];
    let barge = Plan {
        callers: 1,
        barge_in_after: Some(Duration::from_millis(100)),
        ..plan(&house, turns)
    };
    let report = measured(barge).await;
    assert!(report.clears >= 1, "{report}");
    // The mark of the cleared prompt came back before the second that it had to play.
    house.log().wait_for("played p1s0").await;
}

#[tokio::test(start_paused = true)]
async fn speech_that_gets_no_reply_is_told() {
    let house = guarded(4).await;
    let said = Turn::Say(Arc::new(Clip::synthetic()));
    let one = Plan {
        callers: 1,
        every: Duration::from_secs(5),
        duration: Duration::from_secs(2),
        ..plan(&house, vec![said])
    };
    let report = measured(one).await;
    assert_eq!(
        (report.turns, report.unanswered, report.reply_gap_ms.count),
        (1, 1, 0),
        "{report}"
    );
    assert_eq!(
        report.failures(Limits {
            late_ms: None,
            gap_ms: Some(500.0)
        }),
        ["reply gap (median): nothing measured"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_transfer_brings_the_caller_back() {
    let house = guarded(4).await;
    let turns = vec![Turn::Keys("0".into()), Turn::Keys("9".into())];
    let one = Plan {
        callers: 1,
        dial_status: DialStatus::NoAnswer,
        ring: Duration::ZERO,
        ..plan(&house, turns)
    };
    let report = measured(one).await;
    assert!(report.ended_by_bot >= 1, "{report}");
    let told = house.log().all();
    let returned = told
        .iter()
        .position(|line| line == "returned")
        .expect("back with its state");
    assert!(told[returned..].contains(&"digit 9".to_owned()), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn callers_beyond_the_limit_are_turned_away() {
    let house = guarded(1).await;
    let report = run(plan(&house, vec![Turn::Keys("1".into())])).await;
    assert_eq!((report.calls, report.dropped), (1, 0), "{report}");
    assert!(report.turned_away >= 1, "{report}");
}

#[tokio::test]
async fn a_wrong_token_and_a_dead_server_are_told() {
    let house = guarded(4).await;
    let mut short = plan(&house, vec![]);
    short.duration = Duration::from_millis(100);
    let report = run(Plan {
        dialect: Arc::new(Twilio::new(&house.base, None)),
        ..short.clone()
    })
    .await;
    assert_eq!((report.calls, report.dropped), (0, 2), "{report}");
    assert!(
        report.errors[0].contains("403") && report.errors[0].contains("hint:"),
        "{report}"
    );
    let report = run(Plan {
        dialect: Arc::new(Twilio::new("http://127.0.0.1:1", None)),
        ..short
    })
    .await;
    assert!(report.errors[0].contains("hint:"), "{report}");
    assert!(!report.failures(Limits::default()).is_empty());
}
