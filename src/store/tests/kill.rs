//! Processes that die: the test program starts itself again, and is killed in the middle of an action or
//! right after it.

use super::*;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

/// The database of the process that is to die, and the operation that it is to do.
const PATH: &str = "ATTENDANT_TEST_DYING_STORE";
const OPERATION: &str = "ATTENDANT_TEST_DYING_OPERATION";
/// What it says when it may be killed.
const READY: &str = "ready to die";

/// What the SQL function of this name does: it says so, and goes no further.
pub(in crate::store) fn stand_still() {
    // Only the process that is to be killed.
    if std::env::var_os(PATH).is_some() {
        say_ready();
    }
}

fn say_ready() -> ! {
    let mut stdout = std::io::stdout();
    let said = writeln!(stdout, "\n{READY}").and_then(|()| stdout.flush());
    said.expect("a parent listens");
    loop {
        std::thread::park();
    }
}

/// Nothing, but in the process that is to die.
#[test]
fn the_process_that_dies() {
    let Some(path) = std::env::var_os(PATH) else {
        return;
    };
    let store = open(Some(Path::new(&path)));
    let name = std::env::var(OPERATION).unwrap();
    let arguments: &[(&str, &str)] = match name.as_str() {
        "transfer" => &[("source", "1001"), ("target", "1002"), ("amount", "100")],
        _ => &[],
    };
    store.ask(&request(1, &name, arguments));
    say_ready();
}

/// Starts a process that does `operation`, and kills it once it says that it may be.
fn die_in(path: &Path, operation: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "store::tests::kill::the_process_that_dies",
            "--exact",
            "--nocapture",
        ])
        .env(PATH, path)
        .env(OPERATION, operation)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = lines.map_while(Result::ok).any(|line| line == READY);
    // SIGKILL: no handler, no destructor.
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(ready, "the process ended by itself");
}

fn balances(store: &Store) -> [String; 2] {
    ["1001", "1002"].map(|account| ask(store, 100, "balance", &[("account", account)]))
}

#[test]
fn a_process_that_dies_in_an_action_has_done_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    drop(open(Some(&path)));
    die_in(&path, "slow_transfer");
    let store = open(Some(&path));
    assert_eq!(
        balances(&store),
        [r#"[{"balance":10000}]"#, r#"[{"balance":500}]"#]
    );
    // Asked again, it is done: once.
    for _ in 0..2 {
        assert_eq!(ask(&store, 1, "slow_transfer", &[]), r#"[{"changed":1}]"#);
        assert_eq!(
            balances(&store),
            [r#"[{"balance":9900}]"#, r#"[{"balance":600}]"#]
        );
    }
}

#[test]
fn a_process_that_dies_after_an_action_has_done_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    die_in(&path, "transfer");
    let store = open(Some(&path));
    assert_eq!(
        balances(&store),
        [r#"[{"balance":9900}]"#, r#"[{"balance":600}]"#]
    );
    let arguments = [("source", "1001"), ("target", "1002"), ("amount", "100")];
    assert_eq!(
        ask(&store, 1, "transfer", &arguments),
        r#"[{"balance":9900}]"#
    );
    assert_eq!(
        balances(&store),
        [r#"[{"balance":9900}]"#, r#"[{"balance":600}]"#]
    );
}
