//! Every rule by which a call goes to a person, each in a whole call with one of the businesses of the
//! binary: what is typed, said, keyed and not heard goes through a real session, and what is checked is
//! the packet as it lies in the spool.

mod caller;
mod turned_away;

use attendant::dialogue::Reason;
use caller::{Caller, Left};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A rule, the reason that it gives, and a call in which it holds, with what is in its packet.
type Rule = (&'static str, &'static str, fn() -> (Caller, Value));

const RULES: [Rule; 14] = [
    ("asked for in words", "requested", asked_for),
    ("key 0", "requested", key_0),
    ("the third failure", "third_failure", third_failure),
    ("a dead back end", "fault", dead_back_end),
    ("the house closes", "closing", closing),
    ("an emergency", "emergency", emergency),
    ("money at risk", "fraud", fraud),
    ("a secret that failed", "verification", failed_secret),
    ("anger", "distress", anger),
    ("distress that lasts", "distress", distress),
    ("a topic for people only", "topic", topic),
    ("a doubtful yes to what is final", "doubt", doubt),
    ("the recogniser is out", "overload", deaf),
    ("nobody took it, asked for again", "requested", twice),
];

fn asked_for() -> (Caller, Value) {
    let mut caller = Caller::of("shop", Some("+15550102"));
    caller.says("where is my order");
    caller.says_unsurely("four five six seven one two", 600);
    caller.says("I want to talk to a person");
    let packet = json!({
        "priority": "normal", "intent": "order_status", "topic": "the order status", "verified": "no",
        "summary": "The call is about the order status: the order number 456712 (?). Asked for a person.",
        "customer": null, "slots": { "order": { "value": "456712", "confidence": 600, "how": "doubtful" } },
        "tried": { "failures": 0, "misses": 0, "faults": 0, "returned": 0 },
    });
    (caller, packet)
}

fn key_0() -> (Caller, Value) {
    let mut caller = Caller::of("shop", None);
    caller.says("where is order");
    caller.says_unsurely("four five six seven one two", 850);
    caller.keys("0");
    let packet = json!({
        "intent": "", "topic": "", "verified": "no",
        "summary": "The caller has asked for the order status (the order number 456712). Asked for a person.",
        "slots": { "order": { "value": "456712", "confidence": 850, "how": "said" } },
        "tried": { "done": ["the order status (the order number 456712)"], "failures": 0 },
    });
    (caller, packet)
}

fn third_failure() -> (Caller, Value) {
    let mut caller = Caller::of("shop", Some("+15550102"));
    caller.says("where is my order");
    for _ in 0..3 {
        caller.makes_noise();
    }
    let packet = json!({
        "priority": "normal", "intent": "order_status", "slots": {}, "tried": { "failures": 3 },
        "summary": "The call is about the order status. The assistant did not understand.",
    });
    (caller, packet)
}

fn dead_back_end() -> (Caller, Value) {
    let mut caller = Caller::of("shop", None);
    caller.breaks_the_table("orders");
    caller.says("where is my order");
    caller.keys("456712");
    caller.says("yes please");
    let packet = json!({
        "intent": "order_status", "tried": { "faults": 1 },
        "slots": { "order": { "value": "456712", "confidence": 1000, "how": "keyed" } },
        "summary": "The call is about the order status: the order number 456712. The system did not answer.",
    });
    (caller, packet)
}

fn closing() -> (Caller, Value) {
    let mut caller = Caller::of("shop", None);
    caller.says("where is my order");
    caller.is_told_of_the_closing();
    let packet = json!({
        "intent": "order_status",
        "summary": "The call is about the order status. The line is being closed.",
    });
    (caller, packet)
}

fn emergency() -> (Caller, Value) {
    let mut caller = Caller::of("clinic", Some("+15550101"));
    caller.says("I need an appointment");
    caller.says("I have chest pain and I can't breathe");
    let packet = json!({
        "priority": "urgent", "intent": "emergency", "verified": "known", "customer": "1001",
        "summary": "The call is about an emergency. It may be an emergency.",
    });
    (caller, packet)
}

fn fraud() -> (Caller, Value) {
    let mut caller = Caller::of("bank", Some("+15550201"));
    caller.says("someone stole my card");
    caller.says("the credit card");
    caller.says("yes");
    let packet = json!({
        "priority": "high", "intent": "fraud", "verified": "known", "customer": "204117",
        "slots": {
            "card": { "value": "c12", "text": "credit", "confidence": 1000, "how": "said" },
            "block_now": { "value": "true", "text": "yes" },
        },
    });
    (caller, packet)
}

/// At the question for the PIN, with a transfer in hand.
fn at_the_pin() -> Caller {
    let mut caller = Caller::of("bank", Some("+15550201"));
    caller.says("send fifty to Anna");
    caller.says("May third nineteen eighty four");
    caller.says("three oh four one two");
    caller
}

fn failed_secret() -> (Caller, Value) {
    let mut caller = at_the_pin();
    for _ in 0..3 {
        caller.keys("1111");
    }
    // What was right before the PIN does not count any more; what is wanted is not the PIN.
    let packet = json!({
        "verified": "known", "customer": "204117", "intent": "transfer", "topic": "the transfer",
        "slots": {
            "amount": { "value": "5000", "text": "$50" }, "target": { "value": "p11", "text": "Anna Keller" },
            "source": { "value": "4101", "how": "known" },
        },
        "tried": { "misses": 2 },
    });
    (caller, packet)
}

fn anger() -> (Caller, Value) {
    let mut caller = Caller::of("bank", Some("+15550201"));
    caller.says("I hate this stupid bank you are all useless idiots");
    caller.says("yes");
    let packet = json!({
        "priority": "high", "intent": "", "mood": { "distress": 0 },
        "summary": "It is not known what the caller wants. The caller is upset.",
    });
    (caller, packet)
}

fn distress() -> (Caller, Value) {
    let mut caller = Caller::of("clinic", Some("+15550101"));
    caller.says("I'm so scared and I don't know what to do");
    caller.says("please help me I'm so desperate and scared");
    (
        caller,
        json!({ "priority": "high", "verified": "known", "mood": { "anger": 0 } }),
    )
}

fn topic() -> (Caller, Value) {
    let mut caller = Caller::of("clinic", Some("+15550103"));
    caller.says("I'm out of my painkillers I need more oxycodone");
    caller.says("November 23 1951");
    caller.says("60601");
    let packet = json!({
        "priority": "normal", "intent": "refill", "verified": "verified", "customer": "1003",
        "slots": { "prescription": { "value": "R105", "text": "oxycodone" } },
        "summary": "The call is about the refill: the prescription oxycodone. This is for a person to decide.",
    });
    (caller, packet)
}

fn doubt() -> (Caller, Value) {
    let mut caller = at_the_pin();
    caller.keys("2580");
    caller.says_unsurely("yes", 400);
    caller.says_unsurely("yes", 400);
    let packet = json!({
        "priority": "normal", "intent": "transfer", "verified": "verified", "tried": { "failures": 2, "misses": 0 },
        "slots": { "amount": { "value": "5000", "confidence": 1000, "how": "said" } },
    });
    (caller, packet)
}

fn deaf() -> (Caller, Value) {
    let mut caller = Caller::of("shop", Some("+15550102"));
    caller.says("where is my order");
    for _ in 0..4 {
        caller.is_not_heard();
    }
    let packet = json!({
        "intent": "order_status", "tried": { "failures": 3 },
        "summary": "The call is about the order status. The assistant could not hear the caller.",
    });
    (caller, packet)
}

fn twice() -> (Caller, Value) {
    let mut caller = Caller::of("shop", Some("+15550102"));
    caller.says("where is order 456712");
    caller.says("talk to a person");
    caller.comes_back();
    caller.says("try again");
    (
        caller,
        json!({ "priority": "normal", "tried": { "returned": 1 } }),
    )
}

#[test]
fn every_reason_has_a_rule_here() {
    let schema = attendant::desk::schema();
    let reasons = schema.pointer("/$defs/Reason/oneOf").unwrap();
    // As the type has them: the list of names is one more place to forget one.
    let mut known = BTreeSet::new();
    for one in reasons.as_array().unwrap() {
        let several = one["enum"].as_array().into_iter().flatten();
        known.extend(
            several
                .chain([&one["const"]])
                .filter_map(|name| name.as_str()),
        );
    }
    assert!(known.contains("requested") && known.contains("overload"));
    let named: BTreeSet<&str> = Reason::names().collect();
    assert_eq!(known, named, "Reason::names() is not all of them");
    let checked: BTreeSet<&str> = RULES.iter().map(|(_, reason, _)| *reason).collect();
    assert_eq!(
        known, checked,
        "a reason without a rule that is checked here"
    );
}

#[test]
fn every_rule_leaves_its_reason_in_a_whole_packet() {
    let check = |(rule, reason, call): Rule| {
        let (caller, expected) = call();
        let left = caller.left();
        let packet = serde_json::to_value(&left.packet).unwrap();
        assert_eq!(packet["data"]["reason"], reason, "{rule}: {packet:#}");
        holds(rule, &packet["data"], &expected);
        whole(rule, &left);
    };
    std::thread::scope(|scope| {
        let all = RULES.map(|rule| (rule.0, scope.spawn(move || check(rule))));
        let wrong = all.map(|(rule, done)| done.join().is_err().then_some(rule));
        let wrong: Vec<_> = wrong.into_iter().flatten().collect();
        assert_eq!(wrong, [""; 0], "said above");
    });
}

/// Everything expected is there; there may be more.
fn holds(rule: &str, found: &Value, expected: &Value) {
    match expected {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, expected) in fields {
                holds(&format!("{rule}/{name}"), &found[name], expected);
            }
        }
        expected => assert_eq!(found, expected, "{rule}"),
    }
}

/// What must hold for every packet.
fn whole(rule: &str, left: &Left) {
    let (packet, data) = (&left.packet, &left.packet.data);
    assert_eq!(packet.kind, "handover.requested", "{rule}");
    assert_eq!((data.call.as_str(), data.line.as_str()), ("c1", "test"));
    assert_eq!(data.business, left.business, "{rule}");
    let number = data.caller.as_ref().map(|number| number.expose().as_str());
    assert_eq!(number, left.number, "{rule}");
    assert_eq!(data.priority, data.reason.priority(), "{rule}");
    assert_eq!(data.language, "en", "{rule}");
    // Two sentences: what it is about, and why.
    let sentences = data.summary.split_inclusive(". ").count();
    let two = sentences == 2 && data.summary.ends_with('.');
    assert!(two, "{rule}: {}", data.summary);
    // They are read by somebody who is not the caller.
    for text in [&data.summary, &data.topic] {
        assert!(!text.contains("your"), "{rule}: {text}");
    }
    // The mood is what the reason says.
    let upset = data.mood.now < 0 && data.mood.anger.max(data.mood.distress) > 0;
    assert!(
        upset || data.reason != Reason::Distress,
        "{rule}: {:?}",
        data.mood
    );
    // Secrets are nowhere.
    let text = serde_json::to_string(packet).unwrap();
    assert!(!text.contains("2580") && !text.contains("1111"), "{rule}");
    let links = data.links.as_ref().unwrap();
    assert_eq!(
        links.offset_ms,
        u64::from(left.passed_on) * 20,
        "{rule}: where the journal has it"
    );
    assert!(links.offset_ms > 0 && links.offset_ms <= left.sound_ms);
    let link = |file: &str| left.folder.join(file).display().to_string();
    assert_eq!(links.transcript, link("journal.jsonl"), "{rule}");
    assert_eq!(links.audio, link("call.wav"), "{rule}");
}

#[test]
fn a_caller_in_spanish_is_told_of_in_the_language_of_the_people() {
    let mut caller = Caller::of("shop", Some("+15550102"));
    caller.says("hablo español");
    caller.says("dónde está mi pedido");
    caller.says("quiero hablar con una persona");
    let data = caller.left().packet.data;
    assert_eq!(
        (data.reason, data.language.as_str()),
        (Reason::Requested, "es")
    );
    let summary = "The call is about the order status. Asked for a person.";
    assert_eq!(data.summary, summary);
}
