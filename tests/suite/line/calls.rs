//! Whole calls over real sockets.

use super::house::{House, options, signed, token_in};
use attendant::config::HumanTransfer;
use attendant::line::server::Options;

#[tokio::test]
async fn a_call_is_answered_handed_over_and_comes_back_with_its_state() {
    let house = House::open(signed()).await;
    let mut caller = house.call("CA1").await;
    let (mark, media) = caller.until("mark").await;
    assert_eq!(
        (media, &mark["mark"]["name"], &mark["streamSid"]),
        (2, &"p0s0".into(), &"MZ1".into())
    );
    for _ in 0..8 {
        caller.media().await;
    }
    caller.mark("p0s0").await;
    house.log().wait_for("heard 5").await;

    caller.key('1', 20).await;
    caller.until("media").await;
    caller.key('2', 21).await;
    caller.until("clear").await;
    caller.mark("p1s0").await;
    house.log().wait_for("played p1s0").await;

    caller.key('0', 22).await;
    assert_eq!(caller.closed().await, 1000);
    let (_, twiml) = house
        .post(
            "/twilio/after",
            &[("CallSid", "CA1"), ("CallStatus", "in-progress")],
        )
        .await;
    assert!(
        twiml.contains("<Number>+15557654321</Number>") && twiml.contains("/twilio/dialed"),
        "{twiml}"
    );

    let nobody = [
        ("CallSid", "CA1"),
        ("CallStatus", "in-progress"),
        ("DialCallStatus", "no-answer"),
    ];
    let (_, twiml) = house.post("/twilio/dialed", &nobody).await;
    let token = token_in(&twiml).expect("back to the bot");
    let mut caller = house.socket().await.expect("a socket");
    caller.start("CA1", &token).await;
    let (mark, _) = caller.until("mark").await;
    assert_eq!(
        mark["mark"]["name"], "p2s0",
        "the session counts on: it is the same one"
    );
    caller.key('9', 2).await;
    assert_eq!(caller.closed().await, 1000);
    let (_, twiml) = house
        .post(
            "/twilio/after",
            &[("CallSid", "CA1"), ("CallStatus", "in-progress")],
        )
        .await;
    assert!(
        twiml.contains("<Hangup/>") && !twiml.contains("Dial"),
        "{twiml}"
    );

    let told = house.log().all();
    let expected = [
        "new CA1",
        "answered +15551230000",
        "played p0s0",
        "heard 5",
        "digit 1",
        "digit 2",
        "played p1s0",
        "digit 0",
        "returned",
        "digit 9",
        "hung up",
    ];
    let without_order = |mut lines: Vec<String>| {
        lines.sort();
        lines
    };
    assert_eq!(
        without_order(told),
        without_order(expected.map(str::to_owned).to_vec())
    );
}

#[tokio::test]
async fn on_the_common_path_the_first_messages_tell_whose_call_it_is() {
    let house = House::open(signed()).await;
    let token = house.invite("CA1").await;
    let mut caller = house.socket_at("/stream", None).await.expect("a socket");
    caller.start("CA1", &token).await;
    house.log().wait_for("answered +15551230000").await;
    caller.until("mark").await;
    // The token was for one socket; and a line without a secret is not served beside one that has one.
    let mut again = house.socket_at("/stream", None).await.expect("a socket");
    again.start("CA1", &token).await;
    assert_eq!(again.closed().await, 1008);
    let mut other = house.socket_at("/stream", None).await.expect("a socket");
    let plivo = r#"{"event":"start","start":{"callId":"CA1","streamId":"s"}}"#;
    other.send_text(plivo.into()).await;
    assert_eq!(other.closed().await, 1008);
}

#[tokio::test]
async fn an_answered_transfer_closes_the_record() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    caller.key('0', 2).await;
    caller.closed().await;
    house.post("/twilio/after", &[("CallSid", "CA1")]).await;
    assert!(
        !house.log().all().contains(&"hung up".to_owned()),
        "the session waits for the transfer's end"
    );
    let (_, twiml) = house
        .post(
            "/twilio/dialed",
            &[("CallSid", "CA1"), ("DialCallStatus", "completed")],
        )
        .await;
    assert!(twiml.contains("<Hangup/>"), "{twiml}");
    assert_eq!(
        house.log().all().last().map(String::as_str),
        Some("hung up")
    );
}

#[tokio::test]
async fn without_a_human_line_the_bot_keeps_the_caller() {
    let house = House::open(Options {
        human_line: None,
        ..options()
    })
    .await;
    let mut caller = house.call("CA1").await;
    caller.key('0', 2).await;
    caller.closed().await;
    let (_, twiml) = house.post("/twilio/after", &[("CallSid", "CA1")]).await;
    let token = token_in(&twiml).unwrap_or_else(|| panic!("a way back in {twiml}"));
    let mut back = house.socket().await.expect("a socket");
    back.start("CA1", &token).await;
    house.log().wait_for("returned").await;
}

/// A call that was handed over, with a person who hears first what it is about.
async fn whispered() -> House {
    let mut options = options();
    options.settings.business.human_transfer = HumanTransfer::Whisper;
    let house = House::open(options).await;
    let mut caller = house.call("CA1").await;
    caller.key('0', 2).await;
    caller.closed().await;
    let (_, twiml) = house.post("/twilio/after", &[("CallSid", "CA1")]).await;
    let url = format!("{}/twilio/whisper", house.base);
    assert!(
        twiml.contains(&format!(r#"<Number url="{url}""#)),
        "{twiml}"
    );
    let person = [("CallSid", "CA9"), ("ParentCallSid", "CA1")];
    let (_, twiml) = house.post("/twilio/whisper", &person).await;
    assert!(
        twiml.contains("<Gather") && twiml.contains("/twilio/accept"),
        "{twiml}"
    );
    house
}

/// What the carrier is told when the attempt has ended.
async fn dialed(house: &House) -> String {
    // "completed": the person's telephone was answered, whatever was pressed.
    let form = [("CallSid", "CA1"), ("DialCallStatus", "completed")];
    house.post("/twilio/dialed", &form).await.1
}

#[tokio::test]
async fn a_person_who_presses_the_key_gets_the_caller() {
    let house = whispered().await;
    let pressed = [
        ("CallSid", "CA9"),
        ("ParentCallSid", "CA1"),
        ("Digits", "1"),
    ];
    let (_, twiml) = house.post("/twilio/accept", &pressed).await;
    assert!(!twiml.contains("Hangup"), "{twiml}");
    let twiml = dialed(&house).await;
    assert!(twiml.contains("<Hangup/>"), "{twiml}");
    house.log().wait_for("hung up").await;
}

#[tokio::test]
async fn a_person_who_does_not_press_it_leaves_the_caller_to_the_bot() {
    for pressed in [None, Some("2")] {
        let house = whispered().await;
        if let Some(key) = pressed {
            let form = [
                ("CallSid", "CA9"),
                ("ParentCallSid", "CA1"),
                ("Digits", key),
            ];
            let (_, twiml) = house.post("/twilio/accept", &form).await;
            assert!(twiml.contains("<Hangup/>"), "{twiml}");
        }
        let twiml = dialed(&house).await;
        assert!(token_in(&twiml).is_some(), "{twiml}");
    }
}

#[tokio::test]
async fn the_caller_hangs_up() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    caller.until("media").await;
    caller.stop().await;
    assert_eq!(caller.closed().await, 1000);
    let (_, twiml) = house
        .post(
            "/twilio/after",
            &[("CallSid", "CA1"), ("CallStatus", "completed")],
        )
        .await;
    assert!(twiml.contains("<Hangup/>"), "{twiml}");
    house.log().wait_for("hung up").await;
}

#[tokio::test]
async fn a_socket_that_dies_mid_prompt_leaves_the_caller_to_a_person_and_others_alone() {
    let house = House::open(options()).await;
    let (mut dying, mut other) = (house.call("CA1").await, house.call("CA2").await);
    dying.key('1', 2).await;
    dying.until("media").await;
    drop(dying);
    house.log().wait_for("hung up").await;
    let (_, twiml) = house
        .post(
            "/twilio/after",
            &[("CallSid", "CA1"), ("CallStatus", "in-progress")],
        )
        .await;
    assert!(twiml.contains("<Dial>+15557654321</Dial>"), "{twiml}");
    other.key('1', 2).await;
    other.until("media").await;
}

#[tokio::test]
async fn a_session_that_panics_leaves_the_caller_to_a_person_and_others_alone() {
    let house = House::open(options()).await;
    let (mut dying, mut other) = (house.call("CA1").await, house.call("CA2").await);
    dying.key('A', 2).await;
    assert_eq!(dying.closed().await, 1006, "its socket is gone");
    let (_, twiml) = house
        .post(
            "/twilio/after",
            &[("CallSid", "CA1"), ("CallStatus", "in-progress")],
        )
        .await;
    assert!(twiml.contains("<Dial>+15557654321</Dial>"), "{twiml}");
    other.key('1', 2).await;
    other.until("media").await;
}

#[tokio::test]
async fn a_key_sent_twice_is_one_key() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    for (key, sequence) in [('5', 4), ('5', 4), ('5', 5), ('9', 6)] {
        caller.key(key, sequence).await;
    }
    caller.closed().await;
    let keys: Vec<_> = house
        .log()
        .all()
        .into_iter()
        .filter(|line| line.starts_with("digit"))
        .collect();
    assert_eq!(keys, ["digit 5", "digit 5", "digit 9"]);
}

#[tokio::test]
async fn a_mark_that_was_not_sent_is_not_passed_on() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    caller.until("mark").await;
    for name in ["p9s9", "nonsense", "p0s0", "p0s0"] {
        caller.mark(name).await;
    }
    caller.key('9', 9).await;
    caller.closed().await;
    let marks: Vec<_> = house
        .log()
        .all()
        .into_iter()
        .filter(|line| line.starts_with("played"))
        .collect();
    assert_eq!(marks, ["played p0s0"]);
}
