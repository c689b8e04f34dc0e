//! The files: what is wrong with one is said with its line; a database is filled once.

use super::*;

fn wrong(name: &str, text: &str) -> String {
    let mut files = files();
    files.insert(name.into(), text.into());
    let environment = |name: &str| (name == "URL").then(|| "http://127.0.0.1:1".to_owned());
    match Store::open(&files, None, TODAY, &environment) {
        Ok(_) => "nothing is wrong".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn mistakes_in_operations_are_told_with_their_line() {
    let query = "query = \"SELECT 1 AS one\"\n";
    let action = "action = [\"DELETE FROM orders\"]\n";
    let url = "url = \"${URL}/x\"\n";
    for (text, told) in [
        (
            "\n[order]\nquerry = \"\"".to_owned(),
            "line 3: unknown key \"querry\"\nhint: did you mean \"query\"?",
        ),
        (
            "[Order]\n".to_owned() + query,
            "line 1: \"Order\" cannot name an operation",
        ),
        (
            "[recall]\n".to_owned() + query,
            "line 1: the operation recall is always there",
        ),
        (
            "[a]\narguments = [\"b\"]\n".to_owned(),
            "line 1: the operation does nothing",
        ),
        (
            "[a]\narguments = [\"b\", \"b\"]\n".to_owned() + query,
            "line 2: \"b\" stands there twice",
        ),
        (
            "[a]\narguments = [\"order\"]\nnumbers = [\"oder\"]\n".to_owned() + query,
            "line 3: there is no argument \"oder\"\nhint: did you mean \"order\"?",
        ),
        (
            "[a]\nundo = \"c\"\n[b]\n".to_owned() + action,
            "line 1: the operation does nothing",
        ),
        (
            format!("[a]\n{action}undo = \"restor\"\n[restore]\n{action}"),
            "line 3: there is no operation \"restor\"\nhint: did you mean \"restore\"?",
        ),
        (
            format!("[a]\n{query}undo = \"b\"\n[b]\n{action}"),
            "line 3: a cannot be taken back by b",
        ),
        (
            format!("[a]\n{action}undo = \"b\"\n[b]\narguments = [\"x\"]\n{action}"),
            "line 3: b wants \"x\", which a does not have",
        ),
        (
            "[a]\nchanges = true\n".to_owned() + query,
            "line 2: changes goes with an action",
        ),
        (
            "[a]\nquery = \"\"\"\nSELECT id,\n  statuss\nFROM orders\"\"\"".to_owned(),
            "line 4: no such column: statuss",
        ),
        (
            "[a]\n\nquery = \"SELECT id FROM ordrs\"".to_owned(),
            "line 3: no such table: ordrs",
        ),
        (
            "[a]\nquery = \"DELETE FROM orders\"".to_owned(),
            "line 2: a query only reads",
        ),
        (
            "[a]\naction = [\n  \"DELETE FROM orders\",\n  \"COMMIT\"]".to_owned(),
            "line 4: an action's statements change rows",
        ),
        (
            "[a]\naction = [\"DROP TABLE orders\"]".to_owned(),
            "line 2: an action's statements change rows",
        ),
        (
            "[a]\naction = [\"DELETE FROM orders; DELETE FROM slots\"]".to_owned(),
            "line 2: these are several statements",
        ),
        (
            "[a]\narguments = [\"order\"]\nquery = \"SELECT id FROM orders WHERE id = :odrer\""
                .to_owned(),
            "line 3: there is no argument \"odrer\"\nhint: did you mean \"order\"?",
        ),
        (
            "[a]\nquery = \"SELECT id FROM orders WHERE id = ?\"".to_owned(),
            "line 2: a parameter without a name",
        ),
        (
            "[a]\nquery = \"SELECT date('now') AS d\"".to_owned(),
            "line 2: 'now' asks the machine's clock",
        ),
        (
            format!("[a]\n{url}{query}"),
            "line 3: query and url do not go together",
        ),
        (
            format!("[a]\n{query}retries = 2\n"),
            "line 3: retries goes with a url",
        ),
        (
            "[a]\nurl = \"${RATES_URL}/x\"".to_owned(),
            "line 2: the environment has no RATES_URL",
        ),
        (
            "[a]\nurl = \"ftp://a.example/x\"".to_owned(),
            "line 2: the address must begin with https://",
        ),
        (
            "[a]\narguments = [\"h\"]\nurl = \"https://{h}/x\"".to_owned(),
            "line 3: an argument must not say which host",
        ),
        (
            "[a]\nurl = \"${URL}//x\"".to_owned(),
            "line 2: the path holds // or ..",
        ),
        (
            format!("[a]\n{url}method = \"PSOT\""),
            "line 3: there is no method \"PSOT\"\nhint: did you mean \"POST\"?",
        ),
        (
            format!("[a]\n{url}method = \"POST\"\nretries = 1"),
            "line 4: this would be sent again",
        ),
        (
            format!("[a]\n{url}body = {{ a = 1 }}"),
            "line 3: a GET has no body",
        ),
        (
            format!("[a]\n{url}auth = {{ bearer_env = \"TOKEN\" }}"),
            "line 3: the environment has no TOKEN",
        ),
        (
            format!("[a]\n{url}auth = {{ bearer_env = \"URL\", env = \"URL\" }}"),
            "line 3: this is no way to authenticate",
        ),
        (
            format!("[a]\n{url}rows = \"result\""),
            "line 3: a JSON pointer begins with /",
        ),
        (
            format!("[a]\n{url}timeout_ms = 60000"),
            "line 3: 60000 is out of bounds",
        ),
        (
            format!("[a]\n{url}empty = [500]"),
            "line 3: only a status from 400 to 499",
        ),
        (
            format!("[a]\n{url}headers = {{ \"X-A\" = \"{{b}}\" }}"),
            "line 3: there is no argument \"b\"",
        ),
        (
            format!("[a]\n{query}fixed_code = \"123456\""),
            "line 3: fixed_code is a code of six digits",
        ),
        (
            format!("[deliver_code]\narguments = [\"phone\"]\n{query}"),
            "line 2: there is no argument \"phone\"",
        ),
    ] {
        let found = wrong(FILE, &text);
        assert!(
            found.contains(told) && found.starts_with(FILE),
            "{text}\n{found}"
        );
        assert!(found.contains("\nhint: "), "{found}");
    }
}

#[test]
fn mistakes_in_the_sample_are_told_with_their_line() {
    for (text, told) in [
        (
            "CREATE TABLE a (id);\n\n-- b\nINSERT INTO b VALUES (1);",
            "line 4: no such table: b",
        ),
        (
            "CREATE TABLE a (id);\nCREATE TABEL b (id);",
            "line 2: near \"TABEL\": syntax error",
        ),
        (
            "CREATE TABLE a (id PRIMARY KEY);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (1);",
            "line 3: UNIQUE constraint failed: a.id",
        ),
        (
            "CREATE TABLE a (id);\nCOMMIT;\n",
            "line 2: the file must not end the transaction",
        ),
        (
            "CREATE TABLE a (at DEFAULT CURRENT_TIMESTAMP);",
            "line 1: current_timestamp asks the machine's clock",
        ),
        (
            "CREATE TABLE a (at);\nINSERT INTO a VALUES (moment(1, 'noon'));",
            "line 2: moment(n, time) wants a time",
        ),
    ] {
        let found = wrong(SAMPLE, text);
        assert!(
            found.contains(told) && found.starts_with(SAMPLE),
            "{text}\n{found}"
        );
    }
}

#[test]
fn without_files_there_are_the_built_in_operations() {
    let store = Store::open(&BTreeMap::new(), None, TODAY, &|_| None).unwrap();
    let names: Vec<&str> = store.operations().map(|one| one.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "check_code",
            "desk_call_back",
            "desk_message",
            "desk_waiting",
            "forget",
            "recall",
            "remember",
            "send_code"
        ]
    );
    assert_eq!(
        ask(&store, 1, "send_code", &[("caller", "+15550100")]),
        "failed"
    );
}

#[test]
fn a_file_is_filled_once_and_says_when_its_sample_has_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/shop.db");
    assert_eq!(summary(&path).unwrap(), None);
    let order = [("order", "456713")];
    let store = open(Some(&path));
    ask(&store, 1, "cancel_order", &order);
    drop(store);
    // Days later: what was done is there, and the sample's days have not moved.
    let later = date(2026, 12, 20);
    let store = Store::open(&files(), Some(&path), later, &|_| None).unwrap();
    assert!(!store.is_stale());
    assert!(ask(&store, 2, "order", &order).contains(r#""due":"2026-11-29","id":"456713""#));
    assert!(ask(&store, 2, "order", &order).contains("cancelled"));
    drop(store);
    let found = summary(&path).unwrap().unwrap();
    assert_eq!((found.loaded.as_str(), found.actions), ("2026-11-24", 1));
    assert!(found.is_from(&files()));
    assert_eq!(found.tables[0], ("accounts".into(), 2));
    assert_eq!(found.tables.last().unwrap().0, "attendant_memory");

    let mut changed = files();
    changed
        .get_mut(SAMPLE)
        .unwrap()
        .push_str("CREATE TABLE more (id);\n");
    assert!(!found.is_from(&changed));
    let store = Store::open(&changed, Some(&path), later, &|_| None).unwrap();
    assert!(store.is_stale());
    // An operation that needs the new table says what to do.
    changed
        .get_mut(FILE)
        .unwrap()
        .push_str("[more]\nquery = \"SELECT id FROM more\"\n");
    let error = Store::open(&changed, Some(&path), later, &|_| None)
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("no such table: more") && error.contains("attendant store reset"),
        "{error}"
    );

    // Another one has it open meanwhile, and goes on with the new one.
    reset(&path).unwrap();
    let new = Store::open(&changed, Some(&path), later, &|_| None).unwrap();
    assert!(!new.is_stale());
    assert!(ask(&store, 3, "order", &order).contains(r#""due":"2026-12-25""#));
    assert_eq!(
        ask(&new, 1, "cancel_order", &order),
        r#"[{"id":"456713","status":"cancelled"}]"#
    );
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    std::fs::write(
        &path,
        "not a database, whatever its name says; and long enough to be read as one".repeat(50),
    )
    .unwrap();
    let error = Store::open(&files(), Some(&path), TODAY, &|_| None)
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("file is not a database") && error.contains("\nhint: "),
        "{error}"
    );
    assert!(summary(&path).is_err());
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    drop(open(Some(&path)));
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}
