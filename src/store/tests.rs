//! A store of a small business, asked as calls ask it.

mod desk;
mod files;
mod http;
pub(super) mod kill;

use super::*;
use jiff::civil::date;
use std::sync::atomic::{AtomicI64, Ordering};

/// The day on which the sample is loaded, and a call on it.
const TODAY: Date = date(2026, 11, 24);

pub(super) fn files() -> BTreeMap<String, String> {
    BTreeMap::from([
        (
            FILE.to_owned(),
            include_str!("tests/business/operations.toml").to_owned(),
        ),
        (
            SAMPLE.to_owned(),
            include_str!("tests/business/store.sql").to_owned(),
        ),
    ])
}

pub(super) fn open(path: Option<&Path>) -> Store {
    Store::open(&files(), path, TODAY, &|_| None).expect("the business is right")
}

pub(super) fn shop() -> Store {
    open(None)
}

pub(super) fn request(id: LookupId, name: &str, arguments: &[(&str, &str)]) -> Request {
    Request {
        secrets: Default::default(),
        call: "call-1".into(),
        id,
        name: name.into(),
        arguments: arguments
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        now: TODAY.at(10, 30, 0, 0),
    }
}

/// The rows, as JSON; "failed".
pub(super) fn told(result: LookupResult) -> String {
    match result {
        LookupResult::Rows(rows) => serde_json::to_string(&rows).unwrap(),
        _ => "failed".into(),
    }
}

pub(super) fn ask(store: &Store, id: LookupId, name: &str, arguments: &[(&str, &str)]) -> String {
    told(store.ask(&request(id, name, arguments)))
}

#[test]
fn lookups_give_rows_in_order() {
    let shop = shop();
    assert_eq!(
        ask(&shop, 1, "order", &[("order", "456712")]),
        r#"[{"ahead":1,"due":"2026-11-26","id":"456712","item":"coffee machine","price":12900,"status":"shipped"}]"#
    );
    assert_eq!(ask(&shop, 1, "order", &[("order", "1' OR '1'='1")]), "[]");
    assert_eq!(
        ask(&shop, 1, "free_slots", &[]),
        r#"[{"at":"2026-11-25T09:30"},{"at":"2026-11-25T10:00"}]"#
    );
    let mut later = request(1, "free_slots", &[]);
    later.now = date(2026, 11, 25).at(9, 45, 0, 0);
    assert_eq!(told(shop.ask(&later)), r#"[{"at":"2026-11-25T10:00"}]"#);
}

#[test]
fn what_cannot_be_asked_fails() {
    let shop = shop();
    assert_eq!(ask(&shop, 1, "invoices", &[]), "failed");
    assert_eq!(ask(&shop, 1, "order", &[]), "failed");
    let most = |most: &str| {
        ask(
            &shop,
            1,
            "orders_by_status",
            &[("status", "shipped"), ("most", most)],
        )
    };
    assert_eq!(most("5"), r#"[{"id":"456712"}]"#);
    assert_eq!(
        (most("many").as_str(), most("0").as_str()),
        ("failed", "[]")
    );
}

#[test]
fn an_action_is_done_once_and_can_be_taken_back() {
    let shop = shop();
    let order = [("order", "456713")];
    let cancelled = r#"[{"id":"456713","status":"cancelled"}]"#;
    assert_eq!(ask(&shop, 1, "cancel_order", &order), cancelled);
    assert_eq!(ask(&shop, 2, "restore_order", &order), r#"[{"changed":1}]"#);
    // The same request again: the answer of then, and nothing is done.
    assert_eq!(ask(&shop, 1, "cancel_order", &order), cancelled);
    assert!(ask(&shop, 3, "order", &order).contains("processing"));
    // Under the same number another thing is asked: that would be a mistake of ours.
    assert_eq!(
        ask(&shop, 1, "cancel_order", &[("order", "456712")]),
        "failed"
    );
    assert_eq!(ask(&shop, 4, "cancel_order", &[("order", "456712")]), "[]");
    let operation = shop.operation("cancel_order").unwrap();
    assert_eq!(
        (operation.kind, operation.undo.as_deref()),
        (Kind::Action, Some("restore_order"))
    );
}

#[test]
fn an_action_is_done_whole_or_not_at_all() {
    let shop = shop();
    let transfer = |id, target: &str, amount: &str| {
        ask(
            &shop,
            id,
            "transfer",
            &[("source", "1001"), ("target", target), ("amount", amount)],
        )
    };
    assert_eq!(transfer(1, "1002", "2500"), r#"[{"balance":7500}]"#);
    // Too much: the first statement changes nothing.
    assert_eq!(transfer(2, "1002", "7501"), "[]");
    assert_eq!(transfer(3, "1002", "-5"), "[]");
    let balance = |id, account| ask(&shop, id, "balance", &[("account", account)]);
    assert_eq!(balance(4, "1001"), r#"[{"balance":7500}]"#);
    assert_eq!(balance(5, "1002"), r#"[{"balance":3000}]"#);
    // A statement in the middle fails: what came before is taken back.
    let broken = files();
    let broken = broken.into_iter().map(|(name, text)| {
        (
            name,
            text.replace("balance = balance + :amount WHERE", "balance = -1 WHERE"),
        )
    });
    let broken = Store::open(&broken.collect(), None, TODAY, &|_| None).unwrap();
    let arguments = [("source", "1001"), ("target", "1002"), ("amount", "5")];
    assert_eq!(ask(&broken, 1, "transfer", &arguments), "failed");
    assert_eq!(
        ask(&broken, 2, "balance", &[("account", "1001")]),
        r#"[{"balance":10000}]"#
    );
}

#[test]
fn one_of_eight_callers_gets_the_slot() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    // Two stores, as two processes would have them.
    let stores = [open(Some(&path)), open(Some(&path))];
    let barrier = std::sync::Barrier::new(8);
    let book = |caller: usize| {
        let mut request = request(
            1,
            "book",
            &[("at", "2026-11-25T09:30"), ("caller", &caller.to_string())],
        );
        request.call = format!("call-{caller}");
        barrier.wait();
        told(stores[caller % 2].ask(&request))
    };
    let answers: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|caller| scope.spawn(move || book(caller)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let won = answers
        .iter()
        .filter(|answer| *answer == r#"[{"changed":1}]"#)
        .count();
    let lost = answers.iter().filter(|answer| *answer == "[]").count();
    assert_eq!((won, lost), (1, 7), "{answers:?}");
}

#[test]
fn a_pin_locks_after_three_wrong_tries() {
    let shop = shop();
    let mut id = 0;
    let mut check = |account: &str, pin: &str| {
        id += 1;
        ask(
            &shop,
            id,
            "check_pin",
            &[("account", account), ("pin", pin)],
        )
    };
    assert_eq!(check("1002", "0815"), r#"[{"right":1,"tries_left":3}]"#);
    assert_eq!(check("1001", "0000"), r#"[{"right":0,"tries_left":2}]"#);
    assert_eq!(check("1001", "4711"), r#"[{"right":1,"tries_left":3}]"#);
    for left in [2, 1, 0] {
        assert_eq!(
            check("1001", "1"),
            format!(r#"[{{"right":0,"tries_left":{left}}}]"#)
        );
    }
    assert_eq!(check("1001", "4711"), "[]");
}

#[test]
fn a_caller_is_remembered_until_forgotten() {
    let shop = shop();
    let (ada, bo) = (("caller", "+15550100"), ("caller", "+15550101"));
    ask(
        &shop,
        1,
        "remember",
        &[ada, ("key", "language"), ("value", "es")],
    );
    ask(
        &shop,
        2,
        "remember",
        &[ada, ("key", "language"), ("value", "en")],
    );
    assert_eq!(
        ask(&shop, 3, "recall", &[ada]),
        r#"[{"at":"2026-11-24T10:30","key":"language","value":"en"}]"#
    );
    assert_eq!(ask(&shop, 4, "recall", &[bo]), "[]");
    assert_eq!(ask(&shop, 5, "forget", &[ada]), r#"[{"changed":1}]"#);
    assert_eq!(ask(&shop, 6, "recall", &[ada]), "[]");
    // A hidden number is no one.
    assert_eq!(
        ask(
            &shop,
            7,
            "remember",
            &[("caller", ""), ("key", "k"), ("value", "v")]
        ),
        "[]"
    );
    assert_eq!(ask(&shop, 8, "recall", &[("caller", "")]), "[]");
}

/// A shop whose clock the test turns.
fn turned() -> (Store, Arc<AtomicI64>) {
    let (mut shop, clock) = (shop(), Arc::new(AtomicI64::new(1_000_000)));
    let turned = Arc::clone(&clock);
    shop.clock = Arc::new(move || turned.load(Ordering::Relaxed));
    (shop, clock)
}

#[test]
fn a_code_is_good_for_five_minutes_and_three_tries() {
    let (shop, clock) = turned();
    let ada = ("caller", "+15550100");
    let sent = r#"[{"sent":true}]"#;
    let check = |id, code: &str| ask(&shop, id, "check_code", &[ada, ("code", code)]);
    let last_code = |id| {
        let LookupResult::Rows(rows) = shop.ask(&request(id, "outbox", &[])) else {
            panic!("no outbox");
        };
        rows.last().unwrap()["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(check(1, "123456"), r#"[{"right":false,"tries_left":0}]"#);
    assert_eq!(ask(&shop, 2, "send_code", &[ada]), sent);
    assert_eq!(
        ask(&shop, 2, "send_code", &[ada]),
        sent,
        "the same request again"
    );
    assert_eq!(
        told(shop.ask(&request(3, "outbox", &[])))
            .matches("code")
            .count(),
        1
    );
    let code = last_code(3);
    assert!(
        code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()),
        "{code}"
    );
    assert_eq!(check(4, "wrong"), r#"[{"right":false,"tries_left":2}]"#);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    assert_eq!(check(5, &spaced), r#"[{"right":true,"tries_left":0}]"#);
    assert_eq!(
        check(6, &code),
        r#"[{"right":false,"tries_left":0}]"#,
        "used up"
    );
    // Too late.
    assert_eq!(ask(&shop, 7, "send_code", &[ada]), sent);
    clock.fetch_add(5 * 60_000, Ordering::Relaxed);
    assert_eq!(
        check(8, &last_code(8)),
        r#"[{"right":false,"tries_left":0}]"#
    );
    // Three wrong ones.
    assert_eq!(ask(&shop, 9, "send_code", &[ada]), sent);
    for (id, left) in [(10, 2), (11, 1), (12, 0)] {
        assert_eq!(
            check(id, "-"),
            format!(r#"[{{"right":false,"tries_left":{left}}}]"#)
        );
    }
    assert_eq!(
        check(13, &last_code(13)),
        r#"[{"right":false,"tries_left":0}]"#
    );
    // A fourth in a quarter of an hour is not sent.
    assert_eq!(ask(&shop, 14, "send_code", &[ada]), "[]");
    clock.fetch_add(15 * 60_000, Ordering::Relaxed);
    assert_eq!(ask(&shop, 15, "send_code", &[ada]), sent);
    assert_eq!(ask(&shop, 16, "send_code", &[("caller", "")]), "[]");
}

#[test]
fn in_memory_a_fixed_code_is_used_and_nothing_is_sent() {
    let mut files = files();
    let text = files[FILE].replace("[deliver_code]", "[deliver_code]\nfixed_code = \"246810\"");
    files.insert(FILE.into(), text);
    let ada = ("caller", "+15550100");
    let shop = Store::open(&files, None, TODAY, &|_| None).unwrap();
    ask(&shop, 1, "send_code", &[ada]);
    assert_eq!(ask(&shop, 2, "outbox", &[]), "[]");
    assert!(ask(&shop, 3, "check_code", &[ada, ("code", "246810")]).contains("true"));
    // What is kept is for real callers.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let shop = Store::open(&files, Some(&path), TODAY, &|_| None).unwrap();
    ask(&shop, 1, "send_code", &[ada]);
    assert!(ask(&shop, 2, "outbox", &[]).contains("+15550100"));
}

#[test]
fn a_statement_that_takes_too_long_is_stopped() {
    assert_eq!(ask(&shop(), 1, "endless", &[]), "failed");
}
