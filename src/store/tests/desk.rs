//! Callbacks and messages: places in the queue, what is said twice, and what people do with them.

use super::*;

fn call_back(store: &Store, id: LookupId, phone: &str, from: &str) -> String {
    let arguments = [
        ("phone", phone),
        ("from_at", from),
        ("to_at", ""),
        ("language", "en"),
        ("customer", ""),
        ("reason", "requested"),
        ("about", "Asked for a person."),
    ];
    ask(store, id, "desk_call_back", &arguments)
}

fn message(store: &Store, id: LookupId, text: &str) -> String {
    let arguments = [
        ("text", text),
        ("offset_ms", "12400"),
        ("phone", "+15550100"),
        ("language", "en"),
        ("customer", "7"),
        ("reason", "requested"),
        ("about", "Asked for a person."),
    ];
    ask(store, id, "desk_message", &arguments)
}

#[test]
fn callbacks_are_a_queue_in_which_who_asks_again_keeps_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let shop = open(Some(&path));
    assert_eq!(ask(&shop, 1, "desk_waiting", &[]), r#"[{"waiting":0}]"#);
    assert_eq!(
        call_back(&shop, 2, "+15550100", ""),
        r#"[{"before":0,"id":1}]"#
    );
    assert_eq!(
        call_back(&shop, 3, "+15550101", ""),
        r#"[{"before":1,"id":2}]"#
    );
    assert_eq!(
        call_back(&shop, 3, "+15550101", ""),
        r#"[{"before":1,"id":2}]"#,
        "done once"
    );
    let moved = call_back(&shop, 4, "+15550100", "2026-11-25T09:00");
    assert_eq!(moved, r#"[{"before":0,"id":1}]"#);
    assert_eq!(call_back(&shop, 5, "", ""), "[]", "nobody to call");
    assert_eq!(ask(&shop, 6, "desk_waiting", &[]), r#"[{"waiting":2}]"#);
    let all = items(&path, false).unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].from_at, "2026-11-25T09:00");
    let now = TODAY.at(11, 0, 0, 0);
    assert!(finish(&path, 1, now).unwrap());
    assert!(!finish(&path, 1, now).unwrap(), "it is done already");
    assert!(!finish(&path, 99, now).unwrap());
    assert_eq!(ask(&shop, 7, "desk_waiting", &[]), r#"[{"waiting":1}]"#);
    assert_eq!(items(&path, false).unwrap().len(), 1);
    assert_eq!(items(&path, true).unwrap()[0].done, "2026-11-24T11:00");
}

#[test]
fn a_message_said_again_in_the_same_call_takes_the_place_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let shop = open(Some(&path));
    assert_eq!(message(&shop, 1, "The cups broke."), r#"[{"id":1}]"#);
    assert_eq!(message(&shop, 2, "The red cups broke."), r#"[{"id":1}]"#);
    assert_eq!(message(&shop, 3, "  "), "[]");
    let all = items(&path, false).unwrap();
    let [one] = all.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!(one.text, "The red cups broke.");
    assert_eq!((one.offset_ms, one.call.as_str()), (12_400, "call-1"));
    assert_eq!(
        ask(&shop, 4, "desk_waiting", &[]),
        r#"[{"waiting":0}]"#,
        "no callback"
    );
}

#[test]
fn a_store_that_is_not_there_has_nothing() {
    let nowhere = Path::new("/nonexistent/shop.db");
    assert_eq!(items(nowhere, true).unwrap(), []);
    assert!(!finish(nowhere, 1, TODAY.at(11, 0, 0, 0)).unwrap());
}
