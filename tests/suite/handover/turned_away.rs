//! Callers who are turned away before anybody hears them leave a packet too, once each, whatever line they
//! come on; and a storm of them harms nobody.

use crate::handover::caller::trade;
use crate::house::Ears;
use crate::line::house::{FakeSwitchboard, House as Server, options};
use crate::support::CapturedLogs;
use attendant::desk::{Around, Desk, Endpoint, Key, Packet, Patience, Spool};
use attendant::dialogue::{Handover, Reason};
use attendant::line::server::Options;
use attendant::line::{HouseSwitchboard, Switchboard as _};
use attendant::runtime::house::House;
use std::path::Path;
use std::sync::Arc;

const DEAD: &str = "http://127.0.0.1:9/";

/// A house of the shop whose packets stay in `spool`, at most `most` of them.
fn house(spool: &Path, most: usize) -> Arc<House> {
    let mut house = crate::house::shop(Ears::hearing(&[]), &spool.join("calls"));
    let open = Arc::get_mut(&mut house).unwrap();
    open.domain = Arc::clone(&trade("shop").domain);
    let key = Key::parse("a secret of sixteen or more").unwrap();
    let nobody = Endpoint::new(DEAD, key, false, Patience::default()).unwrap();
    let spool = Spool::open(&spool.join("spool"), most).unwrap();
    open.desk = Some(Desk::start(spool, nobody).unwrap());
    house
}

/// Waits until so many packets are kept, and reads them.
async fn kept(house: &House, spool: &Path, count: usize) -> Vec<Packet> {
    let mut standing = house.desk.as_ref().unwrap().standing();
    let there = standing.wait_for(|now| now.is_some_and(|now| now.waiting + now.sending == count));
    there.await.unwrap();
    let spool = Spool::open(&spool.join("spool"), 10_000).unwrap();
    let names = spool.names();
    assert_eq!(names.len(), count);
    let packets = names.iter().map(|name| spool.get(name).unwrap().body);
    packets
        .map(|body| serde_json::from_slice(&body).unwrap())
        .collect()
}

#[tokio::test]
async fn a_caller_of_a_full_house_leaves_a_packet_once() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path(), 100);
    let seats = Arc::new(HouseSwitchboard::new(Arc::clone(&house)));
    let one = Options {
        max_calls: 1,
        ..options()
    };
    let server = Server::open_with(one, seats, Arc::new(FakeSwitchboard::default())).await;
    server.invite("CA1").await;
    let second = [("CallSid", "CA2"), ("From", "+15551230002")];
    for _ in 0..3 {
        let (status, twiml) = server.post("/twilio/voice", &second).await;
        assert!(status == 200 && twiml.contains("+15557654321"), "{twiml}");
    }
    let packets = kept(&house, dir.path(), 1).await;
    let data = &packets[0].data;
    assert_eq!((data.call.as_str(), data.line.as_str()), ("CA2", "twilio"));
    assert_eq!(
        (data.business.as_str(), data.reason),
        ("shop", Reason::Overload)
    );
    let caller = data.caller.as_ref().map(|caller| caller.expose().as_str());
    assert_eq!(caller, Some("+15551230002"));
    assert_eq!(
        data.summary,
        "The caller was sent on without a word. There was too much to do for the assistant to take the call."
    );
    assert_eq!((data.language.as_str(), &data.links), ("en", &None));
    assert_eq!(data.started_at, packets[0].timestamp);
}

#[tokio::test]
async fn every_line_tells_of_whom_it_turns_away() {
    let full = Options {
        max_calls: 0,
        ..options()
    };
    let house = Server::open(full).await;
    let from = "+15551230002";
    for (path, call, number) in [
        ("/twilio/voice", "CallSid", "From"),
        ("/signalwire/voice", "CallSid", "From"),
        ("/plivo/answer", "CallUUID", "From"),
        ("/exotel/start", "CallSid", "CallFrom"),
        ("/asterisk/announce", "call", "caller"),
        ("/freeswitch/announce", "call", "caller"),
        ("/vonage/answer", "uuid", "from"),
    ] {
        let line = path.split('/').nth(1).unwrap();
        let (status, answer) = house.post(path, &[(call, line), (number, from)]).await;
        assert!(status < 600, "{path}: {status} {answer}");
        let told = house.switchboard.turned_away.lock().unwrap().clone();
        let expected = format!("{line} {line} {from}");
        assert_eq!(told.last(), Some(&expected), "{path}: {status} {answer}");
    }
}

#[tokio::test]
async fn a_storm_is_bounded_counted_and_takes_no_room_from_those_who_were_heard() {
    let dir = tempfile::tempdir().unwrap();
    let logs = CapturedLogs::start();
    let house = house(dir.path(), 60);
    let seats = HouseSwitchboard::new(Arc::clone(&house));
    const STORM: usize = 20_000;
    for nth in 0..STORM {
        let handover = seats.turned_away("storm", &format!("storm-{nth}"), None);
        assert_eq!(handover.reason, Reason::Overload);
    }
    // Somebody who was heard, in the middle of it.
    let desk = house.desk.as_ref().unwrap();
    let around = Around {
        call: "heard",
        line: "storm",
        business: "shop",
        caller: None,
        links: None,
        elapsed_ms: 0,
    };
    let handover = Handover::new(Reason::Requested, "Asked for a person.");
    let packet = Packet::new(&handover, around, jiff::Timestamp::now());
    let (done, there) = tokio::sync::oneshot::channel();
    desk.take(packet, move |kept| done.send(kept).unwrap());
    assert!(there.await.unwrap(), "there is room");
    let mut standing = desk.standing();
    let now = standing.wait_for(|now| now.is_some_and(|now| now.waiting + now.sending > 0));
    now.await.unwrap();
    let spool = Spool::open(&dir.path().join("spool"), 60).unwrap();
    // Half of the spool is theirs at most.
    let unheard = spool.names().len() - 1;
    assert!((1..=30).contains(&unheard), "{unheard}");
    drop(seats);
    drop(Arc::into_inner(house));
    let lines = logs.lines();
    let told: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("turned away without a packet"))
        .collect();
    assert!((1..10).contains(&told.len()), "{told:#?}");
    let number = |line: &&String| {
        let (_, rest) = line.split_once("callers=").unwrap();
        rest.split(' ').next().unwrap().parse::<usize>().unwrap()
    };
    let lost: usize = told.iter().map(number).sum();
    assert_eq!(lost + unheard, STORM, "every one is kept or counted");
}
