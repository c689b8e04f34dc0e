//! `attendant desk`: what callers left is listed, as text and as JSON, and marked as done, by the real
//! program on a store of its own.

use crate::support::{attendant, told};
use attendant::dialogue::LookupResult;
use attendant::runtime::business::Business;
use attendant::store::{Request, Store};
use serde_json::Value;
use std::path::Path;

type Told = (Option<i32>, String, String);

/// `attendant desk` in this folder, on its `shop.db`.
fn desk(folder: &Path, args: &[&str]) -> Told {
    let output = attendant(folder)
        .args(["--set", "business.store=shop.db", "desk"])
        .args(args)
        .output();
    told(&output.expect("the binary starts"))
}

fn open(folder: &Path) -> Store {
    let now = jiff::civil::date(2026, 11, 24);
    Business::sample("shop")
        .store(Some(&folder.join("shop.db")), now)
        .unwrap()
}

/// A folder with a store in which a callback and two messages wait, one of somebody without a number.
fn left() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let leave = |call: &str, operation: &str, arguments: &[(&str, &str)]| {
        let about = [
            ("customer", ""),
            ("reason", "requested"),
            ("about", "The call is about the return. Asked for a person."),
            ("language", "en"),
        ];
        let arguments = arguments.iter().chain(&about);
        let result = store.ask(&Request {
            call: call.into(),
            id: 1,
            name: operation.into(),
            arguments: arguments
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            now: jiff::civil::date(2026, 11, 24).at(18, 30, 0, 0),
            secrets: Default::default(),
        });
        assert!(
            matches!(&result, LookupResult::Rows(rows) if rows.len() == 1),
            "{result:?}"
        );
    };
    let window = [
        ("from_at", "2026-11-25T09:00"),
        ("to_at", "2026-11-25T12:00"),
    ];
    let [from, to] = window;
    leave("CA1", "desk_call_back", &[("phone", "+15550102"), from, to]);
    let said = ("text", "the cups\narrived broken");
    leave(
        "CA2",
        "desk_message",
        &[said, ("phone", "+15550103"), ("offset_ms", "12400")],
    );
    leave(
        "CA3",
        "desk_message",
        &[("text", "thanks"), ("phone", ""), ("offset_ms", "900")],
    );
    folder
}

#[test]
fn before_the_first_call_nothing_waits() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = desk(folder.path(), &["list"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(out, "nothing waits: there is no store yet\n");
    assert_eq!(desk(folder.path(), &["list", "--json"]).1, "");
    let (code, out, err) = desk(folder.path(), &["done", "1"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("no callback or message 1 that waits"), "{err}");
    assert!(
        !folder.path().join("shop.db").exists(),
        "looking makes none"
    );
    drop(open(folder.path()));
    assert_eq!(desk(folder.path(), &["list"]).1, "nothing waits\n");
}

#[test]
fn what_waits_is_listed_with_what_it_is_about() {
    let folder = left();
    let (code, out, err) = desk(folder.path(), &["list"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    // Not after a backslash, which would eat the spaces.
    let expected = "    1  call back +15550102   2026-11-25T09:00 to 2026-11-25T12:00   [en]
       left 2026-11-24T18:30: The call is about the return. Asked for a person.
    2  message from +15550103   [en]
       \"the cups arrived broken\"
       heard in call CA2 at 12.4 s
       left 2026-11-24T18:30: The call is about the return. Asked for a person.
    3  message from (no number)   [en]
       \"thanks\"
       heard in call CA3 at 0.9 s
       left 2026-11-24T18:30: The call is about the return. Asked for a person.
";
    assert_eq!(out, expected);
}

#[test]
fn what_is_done_is_done_once_and_kept() {
    let folder = left();
    let folder = folder.path();
    let (code, out, err) = desk(folder, &["done", "2"]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (Some(0), "2 is done\n", "")
    );
    for number in ["2", "99", "0"] {
        let (code, out, err) = desk(folder, &["done", number]);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{number}");
        let expected =
            format!("no callback or message {number} that waits\nhint: attendant desk list");
        assert!(err.contains(&expected), "{err}");
    }
    let (_, out, _) = desk(folder, &["list"]);
    assert!(
        out.contains("+15550102") && !out.contains("broken"),
        "{out}"
    );
    let (_, out, _) = desk(folder, &["list", "--all"]);
    assert!(
        out.contains("broken") && out.contains("   done 20"),
        "{out}"
    );
    for wrong in [
        &["done"][..],
        &["done", "two"],
        &["done", "1", "2"],
        &[],
        &["undo", "1"],
    ] {
        let (code, _, err) = desk(folder, wrong);
        assert!(
            code == Some(2) && err.contains("--help"),
            "{wrong:?}: {code:?} {err}"
        );
    }
}

#[test]
fn json_is_an_object_per_line_with_everything() {
    let folder = left();
    desk(folder.path(), &["done", "1"]);
    let lines = |args: &[&str]| -> Vec<Value> {
        let (code, out, err) = desk(folder.path(), args);
        assert_eq!((code, err.as_str()), (Some(0), ""));
        out.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let waiting = lines(&["list", "--json"]);
    assert_eq!(waiting.len(), 2);
    let expected = serde_json::json!({
        "id": 2, "kind": "message", "call": "CA2", "customer": "", "phone": "+15550103", "language": "en",
        "reason": "requested", "about": "The call is about the return. Asked for a person.",
        "from_at": "", "to_at": "", "text": "the cups\narrived broken", "offset_ms": 12400,
        "at": "2026-11-24T18:30", "done": "",
    });
    assert_eq!(waiting[0], expected);
    let all = lines(&["list", "--all", "--json"]);
    assert_eq!(all.len(), 3);
    assert!(
        all[0]["done"].as_str().unwrap().starts_with("20"),
        "{}",
        all[0]
    );
}

#[test]
fn a_store_of_before_has_nothing_that_waits_until_a_call_opens_it() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let file = folder.path().join("shop.db");
    let old = rusqlite::Connection::open(&file).unwrap();
    old.execute_batch("DROP TABLE attendant_desk").unwrap();
    drop(old);
    let (code, out, err) = desk(folder.path(), &["list"]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (Some(0), "nothing waits\n", "")
    );
    assert_eq!(desk(folder.path(), &["done", "1"]).0, Some(1));
    drop(open(folder.path()));
    assert_eq!(desk(folder.path(), &["list"]).1, "nothing waits\n");
}

#[test]
fn what_is_no_store_is_told_and_left_alone() {
    let garbage =
        |path: &Path| std::fs::write(path, "no database at all, but long enough").unwrap();
    let other = |path: &Path| {
        let other = rusqlite::Connection::open(path).unwrap();
        other
            .execute_batch("CREATE TABLE attendant_desk (id INTEGER)")
            .unwrap();
    };
    let directory = |path: &Path| std::fs::create_dir(path).unwrap();
    type Make<'a> = &'a dyn Fn(&Path);
    let makes: [(&str, Make<'_>); 3] = [
        ("garbage", &garbage),
        ("another database", &other),
        ("a folder", &directory),
    ];
    for (what, make) in makes {
        let folder = tempfile::tempdir().unwrap();
        make(&folder.path().join("shop.db"));
        for args in [&["list"][..], &["list", "--json"], &["done", "1"]] {
            let (code, out, err) = desk(folder.path(), args);
            assert_eq!(
                (code, out.as_str()),
                (Some(2), ""),
                "{what}, {args:?}: {err}"
            );
            let told = err.contains("the store shop.db cannot be opened") && err.contains("hint:");
            assert!(told, "{what}, {args:?}: {err}");
        }
    }
}
