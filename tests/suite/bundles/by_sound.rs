//! Recorded and simulated callers by sound: everything is heard again by the bundled models.

use super::{fine, fixtures, recorded, run_in};
use serde_json::Value;

fn json(lines: &str) -> Vec<Value> {
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_call_is_heard_again_turn_by_turn_as_it_was_recorded() {
    let calls = ["shop-demo", "nod", "keys-only", "person"];
    let paths: Vec<String> = calls
        .iter()
        .map(|call| fixtures().join(call).display().to_string())
        .collect();
    let mut args = vec!["replay", "--level", "audio", "--json"];
    args.extend(paths.iter().map(String::as_str));
    let dir = tempfile::tempdir().unwrap();
    let rows = json(&fine(dir.path(), &args));
    assert_eq!(rows.len(), calls.len(), "{rows:#?}");
    for row in rows {
        assert_eq!(row["same"], true, "{row:#}");
    }
}

#[test]
fn what_is_expected_of_a_call_is_judged_by_what_is_heard_today() {
    let dir = recorded(&["person"]);
    let dir = dir.path();
    fine(dir, &["calls", "save", "person", "wants-a-person"]);
    let expect = dir.join("calls/wants-a-person/expect.toml");
    let by_sound = ["replay", "--level", "audio", "calls/wants-a-person"];
    fine(dir, &by_sound);
    std::fs::write(
        &expect,
        "reply_within_ms = 1\ndisposition = \"completed\"\n",
    )
    .unwrap();
    let (code, out, _) = run_in(dir, &by_sound);
    assert_eq!(code, Some(1), "{out}");
    assert!(
        out.contains("ended as handed_over, expected completed"),
        "{out}"
    );
    assert!(out.contains("expected within 1"), "{out}");
}

#[test]
fn a_worse_line_is_told_in_a_table() {
    let dir = recorded(&["person"]);
    let rows = json(&fine(
        dir.path(),
        &["replay", "--augment", "--json", "recordings/person"],
    ));
    let of = |name: &str| {
        rows.iter()
            .find(|row| row["condition"] == name)
            .unwrap_or_else(|| panic!("no {name}: {rows:#?}"))
    };
    assert_eq!(rows.len(), 14);
    for name in ["as recorded", "telephone (8 kHz, µ-law)"] {
        let row = of(name);
        assert_eq!(row["turns"][0]["understood_alike"], true, "{row}");
        assert_eq!(row["ended_alike"], true, "{row}");
    }
    // The same noise every time.
    let again = fine(
        dir.path(),
        &["replay", "--augment", "--json", "recordings/person"],
    );
    assert_eq!(json(&again), rows);
    let table = fine(dir.path(), &["replay", "--augment", "recordings/person"]);
    assert!(table.contains("pink noise, 5 dB"), "{table}");
}

#[test]
fn simulated_callers_speak_and_are_heard() {
    let dir = tempfile::tempdir().unwrap();
    let (code, out, err) = run_in(
        dir.path(),
        &["simulate", "shop", "--aloud", "--calls", "4", "--json"],
    );
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(!err.contains("voice is missing"), "{err}");
    let run = json(&out).pop().unwrap();
    assert_eq!(run["calls"], 4, "{run}");
}
