//! Whole calls with a simulated carrier: the load tool's part of a provider, and how its run is judged.

use attendant::load::dialect::{DialStatus, Dialect};
use attendant::load::report::Report;
use attendant::load::rest::FakeRest;
use attendant::load::{Plan, Turn, run};
use std::sync::Arc;
use std::time::Duration;

/// One caller who presses these keys, one after the other; a transfer ends as told.
pub fn keys(dialect: impl Dialect + 'static, keys: &str, dial_status: DialStatus) -> Plan {
    let turns = keys.chars().map(|key| Turn::Keys(key.to_string()));
    Plan {
        dialect: Arc::new(dialect),
        callers: 1,
        duration: Duration::from_millis(1500),
        every: Duration::from_millis(300),
        turns: turns.collect(),
        barge_in_after: None,
        hang_up_after: None,
        dial_status,
        ring: Duration::ZERO,
    }
}

/// The plan with a prompt of 1 s in it, which the caller hears to its end.
pub fn patient(plan: Plan) -> Plan {
    Plan {
        duration: Duration::from_secs(3),
        ..plan
    }
}

/// Runs the plan; nothing that the carrier would refuse may be among it.
pub async fn measured(plan: Plan) -> Report {
    let report = run(plan).await;
    let bad = (report.dropped, report.refused_messages);
    assert_eq!(bad, (0, 0), "{report}\n{:?}", report.errors);
    report
}

/// A REST interface on a port of the system's choice.
pub async fn fake_rest() -> Arc<FakeRest> {
    let any = "127.0.0.1:0".parse().expect("an address");
    FakeRest::open(any).await.expect("a port")
}
