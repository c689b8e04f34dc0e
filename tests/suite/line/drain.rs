//! How the house closes.

use super::house::{House, options};
use attendant::line::server::Options;

async fn paused<T>(wait: impl Future<Output = T>) -> T {
    tokio::time::pause();
    let done = wait.await;
    tokio::time::resume();
    done
}

#[tokio::test]
async fn an_empty_house_closes_at_once() {
    let house = House::open(options()).await;
    house.stop.drain.cancel();
    assert_eq!(paused(house.server).await.expect("no panic"), 0);
}

#[tokio::test]
async fn running_calls_end_and_new_ones_go_to_a_person() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    caller.until("mark").await;
    house.stop.drain.cancel();
    house.log().wait_for("drain").await;
    assert_eq!(house.get("/readyz").await, 503);
    let (_, twiml) = house.post("/twilio/voice", &[("CallSid", "CA2")]).await;
    assert!(twiml.contains("<Dial>+15557654321</Dial>"), "{twiml}");

    caller.key('0', 2).await;
    assert_eq!(caller.closed().await, 1000);
    let (_, twiml) = house.post("/twilio/after", &[("CallSid", "CA1")]).await;
    assert!(twiml.contains("<Number>"), "{twiml}");
    assert!(
        !twiml.contains("action"),
        "nobody will be here to ask how it went: {twiml}"
    );
    house.log().wait_for("hung up").await;
    assert_eq!(paused(house.server).await.expect("no panic"), 0);
}

#[tokio::test]
async fn calls_that_do_not_end_are_cut_off_and_sent_to_a_person() {
    let house = House::open(Options {
        drain: std::time::Duration::from_millis(100),
        ..options()
    })
    .await;
    let mut caller = house.call("CA1").await;
    caller.until("mark").await;
    house.stop.drain.cancel();
    assert_eq!(caller.closed().await, 1001);
    house.log().wait_for("hung up").await;
    let all = house.log().all();
    let told: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .filter(|line| matches!(*line, "drain" | "last call" | "hung up"))
        .collect();
    assert_eq!(told, ["drain", "last call", "hung up"]);
    let (_, twiml) = house
        .post(
            "/twilio/after",
            &[("CallSid", "CA1"), ("CallStatus", "in-progress")],
        )
        .await;
    assert!(twiml.contains("<Dial>+15557654321</Dial>"), "{twiml}");
    assert_eq!(paused(house.server).await.expect("no panic"), 1);
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    caller.until("mark").await;
    house.stop.drain.cancel();
    house.log().wait_for("drain").await;
    house.stop.halt.cancel();
    assert_eq!(house.server.await.expect("no panic"), 1);
    assert!(
        house.switchboard.log.all().contains(&"hung up".to_owned()),
        "the record is closed all the same"
    );
}

#[tokio::test]
async fn a_transfer_that_fails_while_closing_is_not_brought_back() {
    let house = House::open(options()).await;
    let mut caller = house.call("CA1").await;
    caller.key('0', 2).await;
    caller.closed().await;
    house.post("/twilio/after", &[("CallSid", "CA1")]).await;
    let _other = house.call("CA2").await;
    house.stop.drain.cancel();
    house.log().wait_for("drain").await;
    let (_, twiml) = house
        .post(
            "/twilio/dialed",
            &[("CallSid", "CA1"), ("DialCallStatus", "busy")],
        )
        .await;
    assert!(
        twiml.contains("<Say ") && twiml.contains("<Hangup/>"),
        "{twiml}"
    );
    house.log().wait_for("hung up").await;
}
