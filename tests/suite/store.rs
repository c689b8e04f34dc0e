//! `attendant store`: where the business's data is, what is in it, a fresh beginning.

use crate::support::{CapturedLogs, attendant, told};
use attendant::dialogue::LookupResult;
use attendant::store::{Request, Store, read_files};
use std::path::Path;

const OPERATIONS: &str = "[order]\narguments = [\"order\"]\nquery = \"SELECT id FROM orders WHERE id = :order\"\n\
    [cancel]\narguments = [\"order\"]\naction = [\"DELETE FROM orders WHERE id = :order\"]\nundo = \"renew\"\n\
    [renew]\narguments = [\"order\"]\naction = [\"INSERT INTO orders VALUES (:order)\"]\n";
const TABLES: &str =
    "CREATE TABLE orders (id TEXT PRIMARY KEY);\nINSERT INTO orders VALUES ('1'), ('2');\n";

/// A folder with a business in `my-shop`.
fn business() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path().join("my-shop");
    std::fs::create_dir(&shop).unwrap();
    std::fs::write(shop.join("operations.toml"), OPERATIONS).unwrap();
    std::fs::write(shop.join("store.sql"), TABLES).unwrap();
    folder
}

fn store(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = attendant(folder)
        .env("XDG_DATA_HOME", folder.join("data"))
        .args(["--set", "business.domain=my-shop", "store"])
        .args(args)
        .output();
    told(&output.expect("the binary starts"))
}

#[test]
fn the_store_is_shown_and_filled_anew() {
    let folder = business();
    let file = folder.path().join("data/attendant/stores/my-shop.db");
    let (code, out, err) = store(folder.path(), &["path"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(out.trim_end(), file.display().to_string());

    let (code, out, _) = store(folder.path(), &["show"]);
    assert!(code == Some(0) && out.contains("(not there yet)"), "{out}");
    assert!(
        out.contains("cancel(order) changes, taken back by renew"),
        "{out}"
    );
    assert!(!file.exists());

    let (code, out, _) = store(folder.path(), &["reset"]);
    assert!(code == Some(0) && out.starts_with("filled anew: "), "{out}");
    let (_, out, _) = store(folder.path(), &["show"]);
    assert!(
        out.contains("tables      orders (2)") && out.contains("the same since"),
        "{out}"
    );

    // A caller changes something.
    let now = jiff::civil::date(2026, 11, 24).at(10, 30, 0, 0);
    let files = read_files(&folder.path().join("my-shop")).unwrap();
    let open = Store::open(&files, Some(&file), now.date(), &|_| None).unwrap();
    let cancel = Request {
        call: "call-1".into(),
        id: 1,
        name: "cancel".into(),
        arguments: [("order".to_owned(), "1".to_owned())].into(),
        secrets: Default::default(),
        now,
    };
    assert!(matches!(open.ask(&cancel), LookupResult::Rows(_)));
    drop(open);
    let (code, _, err) = store(folder.path(), &["reset"]);
    assert!(
        code == Some(1) && err.contains("1 actions") && err.contains("hint: "),
        "{err}"
    );
    std::fs::write(
        folder.path().join("my-shop/store.sql"),
        TABLES.replace("('2')", "('2'), ('3')"),
    )
    .unwrap();
    let (_, out, _) = store(folder.path(), &["show"]);
    assert!(
        out.contains("orders (1)") && out.contains("CHANGED since"),
        "{out}"
    );
    assert_eq!(store(folder.path(), &["reset", "--yes"]).0, Some(0));
    let (_, out, _) = store(folder.path(), &["show"]);
    assert!(
        out.contains("orders (3)") && out.contains("actions     0 since"),
        "{out}"
    );
}

#[test]
fn a_business_that_is_wrong_keeps_its_data() {
    let folder = business();
    assert_eq!(store(folder.path(), &["reset"]).0, Some(0));
    std::fs::write(
        folder.path().join("my-shop/store.sql"),
        "CREATE TABEL orders;",
    )
    .unwrap();
    let (code, _, err) = store(folder.path(), &["reset", "--yes"]);
    assert!(
        code == Some(2) && err.contains("store.sql, line 1: near \"TABEL\""),
        "{err}"
    );
    let (_, out, _) = store(folder.path(), &["show"]);
    assert!(out.contains("orders (2)"), "{out}");
}

#[test]
fn what_fails_is_logged_without_what_was_asked() {
    let logs = CapturedLogs::start();
    let files = [
        (
            "operations.toml".to_owned(),
            format!(
                "{OPERATIONS}[rate]\narguments = [\"order\"]\nnumbers = [\"order\"]\nquery = \"SELECT :order AS o\"\n\
             [far]\narguments = [\"order\"]\nurl = \"http://127.0.0.1:1/x/{{order}}\"\n"
            ),
        ),
        ("store.sql".to_owned(), TABLES.to_owned()),
    ];
    let now = jiff::civil::date(2026, 11, 24).at(10, 30, 0, 0);
    let store = Store::open(&files.into(), None, now.date(), &|_| None).unwrap();
    let planted = "zanzibar77";
    for (id, name) in [(1, "renew"), (2, "renew"), (3, "rate"), (4, "far")] {
        let request = Request {
            call: "call-of-the-log-test".into(),
            id,
            name: name.into(),
            arguments: [("order".to_owned(), planted.to_owned())].into(),
            secrets: Default::default(),
            now,
        };
        let failed = store.ask(&request) == LookupResult::Failed;
        assert_eq!(failed, id > 1, "{name}");
    }
    let mine = logs.leaks(&["call-of-the-log-test"]);
    assert_eq!(
        mine.iter().filter(|line| line.contains("cause=")).count(),
        3,
        "{mine:#?}"
    );
    assert!(
        logs.leaks(&[planted]).is_empty(),
        "{:#?}",
        logs.leaks(&[planted])
    );
}
