//! Tokens, room, and sessions that wait.

use super::*;
use crate::audio::{Digit, Frame};
use crate::call::Mark;
use crate::line::Out;

/// Notes what it is told.
struct Idle(Arc<Mutex<Vec<&'static str>>>);

impl CallSession for Idle {
    fn answered(&mut self, _: Option<String>) {}
    fn tick(&mut self, _: Option<&Frame>, _: &mut Vec<Out>) {}
    fn digit(&mut self, _: Digit) {}
    fn played(&mut self, _: Mark) {}
    fn returned(&mut self) {}
    fn set_aside(&mut self) {
        self.0.lock().expect("whole").push("set aside");
    }
    fn hung_up(&mut self) {
        self.0.lock().expect("whole").push("hung up");
    }
    fn drain(&mut self) {}
}

#[tokio::test(start_paused = true)]
async fn a_token_opens_one_socket_of_its_call() {
    let (calls, now) = (Calls::new(4), Instant::now());
    let token = calls.invite("CA1", None, now).expect("room");
    assert!(
        calls.claim("CA2", token.as_str(), now).is_none(),
        "another call"
    );
    assert!(calls.claim("CA1", "", now).is_none(), "no token");
    assert!(calls.claim("CA1", token.as_str(), now).is_some());
    assert!(calls.claim("CA1", token.as_str(), now).is_none(), "used");
    let late = calls.invite("CA3", None, now).expect("room");
    assert!(
        calls
            .claim("CA3", late.as_str(), now + Duration::from_secs(61))
            .is_none(),
        "too late"
    );
}

#[tokio::test(start_paused = true)]
async fn a_second_invitation_replaces_the_first() {
    let (calls, now) = (Calls::new(1), Instant::now());
    let first = calls.invite("CA1", None, now).expect("room");
    let second = calls
        .invite("CA1", None, now)
        .expect("the same call takes no more room");
    assert!(calls.claim("CA1", first.as_str(), now).is_none());
    assert!(calls.claim("CA1", second.as_str(), now).is_some());
}

#[tokio::test(start_paused = true)]
async fn invitations_and_calls_fill_the_house() {
    let (calls, now) = (Calls::new(2), Instant::now());
    let token = calls.invite("CA1", None, now).expect("room");
    let live = calls.claim("CA1", token.as_str(), now).expect("valid");
    calls.invite("CA2", None, now).expect("room");
    assert_eq!(calls.invite("CA3", None, now).err(), Some(Refused::Full));
    assert_eq!(calls.invite("CA1", None, now).err(), Some(Refused::Live));
    let later = now + Duration::from_secs(61);
    calls.invite("CA3", None, later).expect("CA2 never came");
    drop(live);
    assert_eq!(calls.outcome("CA1"), Some(Outcome::Broken), "its task died");
}

#[tokio::test(start_paused = true)]
async fn a_session_waits_while_the_telephone_rings_and_is_closed_once() {
    let (calls, now, told) = (Calls::new(2), Instant::now(), Arc::default());
    let token = calls.invite("CA1", None, now).expect("room");
    let claim = calls.claim("CA1", token.as_str(), now).expect("valid");
    claim
        .live
        .end(Outcome::HandOver, Box::new(Idle(Arc::clone(&told))), true);
    assert_eq!(calls.unasked(), 1);
    assert_eq!(
        (calls.outcome("CA1"), calls.unasked()),
        (Some(Outcome::HandOver), 0)
    );
    let token = calls.invite("CA1", None, now).expect("room");
    let claim = calls.claim("CA1", token.as_str(), now).expect("valid");
    let session = claim.session.expect("kept");
    claim.live.end(Outcome::HandOver, session, true);
    assert_eq!(*told.lock().expect("whole"), ["set aside"; 2]);
    calls.sweep(now + KEPT_FOR * 2);
    assert_eq!(
        *told.lock().expect("whole"),
        ["set aside", "set aside", "hung up"]
    );
    assert_eq!(calls.outcome("CA1"), None);
}
