//! The tools around a business's folder: `init` writes one, `check` finds what is wrong with it, `schema`
//! tells editors what may stand in it.

use crate::support::{attendant, run, told};
use std::path::Path;

fn tool(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    told(
        &attendant(folder)
            .args(args)
            .output()
            .expect("the binary starts"),
    )
}

/// A folder with a fresh shop in `my-shop`.
fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = tool(folder.path(), &["init", "shop", "my-shop"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    folder
}

#[test]
fn a_fresh_business_is_written_checked_and_serves() {
    let folder = shop();
    let dir = folder.path().join("my-shop");
    for file in [
        "business.toml",
        "tasks.toml",
        "en/prompts.toml",
        ".schema/tasks.json",
    ] {
        assert!(dir.join(file).is_file(), "{file}");
    }
    let (code, out, err) = tool(folder.path(), &["check", "my-shop"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(!out.contains(": error: "), "{out}");
}

#[test]
fn init_says_what_to_do_next() {
    let folder = tempfile::tempdir().unwrap();
    let (_, out, _) = tool(folder.path(), &["init", "shop", "my-shop"]);
    for next in [
        "attendant check my-shop",
        "attendant test my-shop",
        "attendant chat my-shop",
        "attendant serve",
    ] {
        assert!(out.contains(next), "{next} is missing:\n{out}");
    }
}

#[test]
fn nothing_is_overwritten_and_no_trade_is_made_up() {
    let folder = shop();
    let tasks = folder.path().join("my-shop/tasks.toml");
    std::fs::write(&tasks, "mine").unwrap();
    let (code, out, err) = tool(folder.path(), &["init", "shop", "my-shop"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains("is not empty") && err.contains("\n  hint: "),
        "{err}"
    );
    assert_eq!(std::fs::read_to_string(&tasks).unwrap(), "mine");
    let (code, _, err) = tool(folder.path(), &["init", "shpo", "other"]);
    assert!(
        code == Some(2) && err.contains("did you mean \"shop\"?"),
        "{err}"
    );
    assert!(!folder.path().join("other").exists());
}

#[test]
#[cfg(unix)]
fn a_folder_that_cannot_be_written_keeps_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o500)).unwrap();
    // The superuser may write anywhere.
    if std::fs::write(closed.join("probe"), "").is_ok() {
        return;
    }
    let (code, out, err) = tool(folder.path(), &["init", "shop", "closed/my-shop"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains("cannot write") && err.contains("nothing was kept"),
        "{err}"
    );
}

#[test]
fn check_tells_file_and_line_and_fails() {
    let folder = shop();
    let path = folder.path().join("my-shop/tasks.toml");
    let tasks = std::fs::read_to_string(&path).unwrap();
    let lines = tasks.lines().count();
    std::fs::write(
        &path,
        format!("{tasks}\n[tasks.lost]\nsteps = [{{ if = \"nothing_such\", say = \"person\" }}]\n"),
    )
    .unwrap();
    let wording = folder.path().join("my-shop/en/wording.toml");
    let words = std::fs::read_to_string(&wording).unwrap();
    let more = "[tasks.lost]\nlabel = \"get lost\"\nmenu = \"getting lost\"\n";
    std::fs::write(&wording, format!("{words}\n{more}")).unwrap();
    let (code, out, err) = tool(folder.path(), &["check", "my-shop"]);
    assert_eq!((code, err.as_str()), (Some(1), ""), "{out}");
    let place = format!("tasks.toml:{}: error: nothing begins the task", lines + 2);
    assert!(out.contains(&place), "{place} is missing:\n{out}");
    assert!(
        out.contains("nothing gives \"nothing_such\" a value"),
        "{out}"
    );

    let (code, out, _) = tool(folder.path(), &["check", "my-shop", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, Some(1));
    assert!(json["errors"].as_u64().unwrap() >= 2, "{json}");
    let first = &json["findings"][0];
    for key in ["file", "line", "severity", "kind", "what", "hint"] {
        assert!(!first[key].is_null(), "{key} is missing: {first}");
    }
}

#[test]
fn strict_counts_warnings() {
    let folder = shop();
    std::fs::remove_dir_all(folder.path().join("my-shop/examples")).ok();
    let (code, out, _) = tool(folder.path(), &["check", "my-shop"]);
    assert!(
        code == Some(0) && out.contains("there are no example dialogues"),
        "{out}"
    );
    let (code, _, _) = tool(folder.path(), &["check", "my-shop", "--strict"]);
    assert_eq!(code, Some(1));
}

#[test]
fn a_parse_error_is_told_as_it_is_and_a_missing_folder_is_usage() {
    let folder = shop();
    let path = folder.path().join("my-shop/tasks.toml");
    std::fs::write(&path, "[tasks.x]\nstpes = []\n").unwrap();
    let (code, out, _) = tool(folder.path(), &["check", "my-shop"]);
    assert_eq!(code, Some(1));
    assert!(out.contains("did you mean \"steps\"?"), "{out}");
    let (code, out, err) = tool(folder.path(), &["check", "no-such-folder"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("no-such-folder"), "{err}");
}

#[test]
fn schemas_are_printed_one_by_one_and_together() {
    let (code, out, err) = run(&["schema", "tasks.toml"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let schema: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(!schema["properties"]["tasks"].is_null(), "{schema}");
    let (_, out, _) = run(&["schema"]);
    let all: serde_json::Value = serde_json::from_str(&out).unwrap();
    for name in [
        "business",
        "tasks",
        "operations",
        "flags",
        "wording",
        "prompts",
    ] {
        assert!(all[name].is_object(), "{name}");
    }
    let (code, _, err) = run(&["schema", "task"]);
    assert!(
        code == Some(2) && err.contains("did you mean \"tasks\"?"),
        "{err}"
    );
}
