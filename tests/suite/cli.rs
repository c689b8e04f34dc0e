//! The command line: what its help says, how mistakes are answered, which exit codes come back.

use crate::support::{attendant, run, told};
use attendant::cli::command;
use clap::Command;

/// Every verb, and every verb below a verb, with its full name.
fn verbs() -> Vec<(Vec<String>, Command)> {
    let mut root = command();
    root.build();
    let mut found = Vec::new();
    let mut open: Vec<(Vec<String>, Command)> = vec![(Vec::new(), root)];
    while let Some((path, command)) = open.pop() {
        for verb in command
            .get_subcommands()
            .filter(|verb| verb.get_name() != "help")
        {
            let path = [&path[..], &[verb.get_name().to_owned()]].concat();
            open.push((path.clone(), verb.clone()));
            found.push((path, verb.clone()));
        }
    }
    found
}

#[test]
fn the_command_line_is_consistent() {
    command().debug_assert();
}

#[test]
fn help_lists_the_verbs_and_the_exit_codes() {
    let (code, out, err) = run(&["--help"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let verbs: Vec<&str> = out
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .collect();
    let verbs: Vec<&str> = verbs
        .iter()
        .map_while(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(
        verbs,
        [
            "demo",
            "talk",
            "chat",
            "init",
            "check",
            "test",
            "serve",
            "replay",
            "diff",
            "simulate",
            "calls",
            "explain",
            "transcribe",
            "say",
            "load",
            "eval",
            "models",
            "store",
            "desk",
            "lines",
            "schema",
            "config",
            "help"
        ]
    );
    for part in [
        "Answers phones and kiosks by itself",
        "Examples:",
        "Exit codes: 0 pass, 1 fail, 2 usage",
        "--config <FILE>",
    ] {
        assert!(out.contains(part), "{part} is missing:\n{out}");
    }
}

#[test]
fn each_verb_says_in_one_sentence_what_it_does_and_shows_examples() {
    for (path, verb) in verbs() {
        let about = verb
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default();
        assert!(
            about.len() > 10 && !about.ends_with('.') && !about.contains('\n'),
            "{path:?}: {about:?}"
        );
        if path.len() > 1 {
            continue;
        }
        let (code, out, _) = run(&[&path[0], "--help"]);
        assert_eq!(code, Some(0));
        assert!(out.starts_with(&about), "{out}");
        assert!(
            out.contains("Examples:\n  attendant "),
            "{path:?} shows no example:\n{out}"
        );
    }
}

/// The command lines that help texts show.
fn examples(help: &str) -> Vec<Vec<String>> {
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    let lines = lines.map_while(|line| line.trim().strip_prefix("attendant "));
    lines
        .map(|line| words(line.split(" > ").next().unwrap_or_default()))
        .collect()
}

/// A command line's words; double quotes keep blanks.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('"').enumerate();
    quoted
        .flat_map(|(n, part)| match n % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

#[test]
fn every_example_is_a_command_line_that_parses() {
    let mut texts = vec![command()];
    // A verb without any argument of its own is not built yet.
    let built = |verb: &Command| {
        verb.get_arguments().any(|arg| !arg.is_global_set()) || verb.has_subcommands()
    };
    texts.extend(
        command()
            .get_subcommands()
            .filter(|verb| built(verb))
            .cloned(),
    );
    let mut seen = 0;
    for text in texts {
        let help = text
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        for example in examples(&help) {
            let line = [vec!["attendant".to_owned()], example].concat();
            if let Err(error) = command().try_get_matches_from(&line) {
                panic!("{line:?}: {error}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 8, "{seen} examples");
    assert!(
        command()
            .try_get_matches_from(["attendant", "talk", "--loud"])
            .is_err()
    );
}

#[test]
fn a_wrong_verb_or_flag_is_answered_with_the_near_one() {
    let cases: [(&[&str], &str); 3] = [
        (&["tlak"], "'talk'"),
        (&["talk", "--list-device"], "'--list-devices'"),
        (&["config", "prnt"], "'print'"),
    ];
    for (args, near) in cases {
        let (code, out, err) = run(args);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{args:?}");
        assert!(err.contains(near), "{args:?}: {err}");
    }
}

#[test]
fn without_a_verb_help_is_shown_and_the_exit_code_is_2() {
    let (code, out, err) = run(&[]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("Usage: attendant"), "{err}");
}

#[test]
fn settings_that_cannot_be_used_stop_every_verb_with_2() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("attendant.toml"), "[server]\nlistn = 1\n").unwrap();
    for (path, _) in verbs()
        .into_iter()
        .filter(|(path, _)| path == &["talk"] || path == &["config", "check"])
    {
        let (code, out, err) = told(&attendant(dir.path()).args(&path).output().unwrap());
        assert_eq!((code, out.as_str()), (Some(2), ""), "{path:?}");
        assert!(
            err.contains("attendant.toml:2:1: no such setting: server.listn"),
            "{path:?}: {err}"
        );
    }
}

#[test]
fn a_wrong_log_filter_or_format_is_a_usage_error() {
    let (code, _, err) = run(&["--log", "attendant=loud", "config", "check"]);
    assert!(code == Some(2) && err.contains("hint:"), "{err}");
    let (code, _, err) = run(&["--log-format", "jsn", "config", "check"]);
    assert!(code == Some(2) && err.contains("json"), "{err}");
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = attendant(dir.path())
        .args(["config", "print"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn understanding_is_measured_over_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let train = write(
        "train.tsv",
        b"text\tintent\nwhere is my order\ttrack\ntrack my parcel\ttrack\nwhen do you open\thours\n\
          what are your hours\thours\nsing me a song\toos\n",
    );
    let test = write(
        "test.tsv",
        b"text\tintent\nwhere is my parcel\ttrack\nwhen are you open\thours\nsing a song\toos\n",
    );
    let (code, out, err) = run(&["eval", "intents", &test, "--train", &train, "--json"]);
    assert_eq!(code, Some(0), "{err}");
    let figures: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(figures["accuracy"], 1.0, "{out}");
    assert_eq!(figures["oos_sentences"], 1, "{out}");
    let (code, out, _) = run(&["eval", "intents", &train, "--folds", "2", "--shots", "1"]);
    assert_eq!(code, Some(0));
    assert!(
        out.contains("macro-F1") && out.contains("per 10,000 sentences"),
        "{out}"
    );

    let broken = write("broken.tsv", b"text\tintent\n\xff\ttrack\n");
    let unknown = write("unknown.tsv", b"text\tintent\nhello\tgreet\n");
    for (file, what) in [(&broken, "line 2: not UTF-8"), (&unknown, "`greet` is not")] {
        let (code, out, err) = run(&["eval", "intents", file, "--train", &train]);
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert!(err.contains(what) && err.contains("hint: "), "{err}");
    }
}
