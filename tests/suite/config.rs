//! Settings: which source wins, what is refused, and that what is printed can be read back.

use crate::support::{attendant, told};
use attendant::config::{
    Config, ConfigError, File, Loaded, Source, Sources, is_e164, keys, load, print::effective,
};
use proptest::prelude::*;

fn file(text: &str) -> Option<File> {
    Some(File {
        path: "attendant.toml".into(),
        text: text.into(),
    })
}

fn from_file(text: &str) -> Result<Loaded, ConfigError> {
    load(&Sources {
        file: file(text),
        ..Sources::default()
    })
}

fn from_env(name: &str, value: &str) -> Result<Loaded, ConfigError> {
    load(&Sources {
        env: vec![(name.into(), value.into())],
        ..Sources::default()
    })
}

fn refusal(text: &str) -> String {
    match from_file(text) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn nothing_given_means_the_defaults() {
    let loaded = load(&Sources::default()).unwrap();
    assert_eq!(loaded.config, Config::default());
    assert!(loaded.origins.is_empty());
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let sources = Sources {
        file: file("[server]\nmax_calls = 1\ndrain_s = 1\n[voice]\nrate_wpm = 101\n"),
        env: vec![
            ("ATTENDANT_SERVER_MAX_CALLS".into(), "2".into()),
            ("ATTENDANT_SERVER_DRAIN_S".into(), "2".into()),
        ],
        set: vec!["server.max_calls=3".into()],
    };
    let loaded = load(&sources).unwrap();
    let Config {
        server,
        voice,
        call,
        ..
    } = &loaded.config;
    assert_eq!(
        (
            server.max_calls,
            server.drain_s,
            voice.rate_wpm,
            call.early_ms
        ),
        (3, 2, 101, 160)
    );
    let printed = effective(&loaded);
    assert!(
        printed.contains("max_calls = 3  # from --set; default: 64"),
        "{printed}"
    );
    assert!(
        printed.contains("drain_s = 2  # from ATTENDANT_SERVER_DRAIN_S; default: 120"),
        "{printed}"
    );
    assert!(
        printed.contains("rate_wpm = 101  # from attendant.toml:5:1; default: 165"),
        "{printed}"
    );
}

#[test]
fn a_verbs_own_flags_win_over_everything_and_are_checked() {
    let loaded = || from_file("[server]\nlisten = \"127.0.0.1:1\"").unwrap();
    let with = loaded()
        .with_flags(&[("--listen", "server.listen", "0.0.0.0:2")])
        .unwrap();
    assert_eq!(with.config.server.listen.port(), 2);
    assert_eq!(
        with.origins["server.listen"],
        Source::Flag("--listen".into())
    );
    let error = loaded()
        .with_flags(&[("--listen", "server.listen", "localhost")])
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("--listen: server.listen must be an IP address and a port"),
        "{error}"
    );
}

#[test]
fn every_setting_is_described_and_can_be_given_in_all_three_ways() {
    for key in keys() {
        assert!(
            !key.doc.is_empty() && key.doc[0].len() > 10,
            "{} is not described",
            key.path()
        );
        let value = key
            .show(&Config::default())
            .or(key.example.map(|text| format!("{text:?}")));
        let value = value.unwrap_or_else(|| panic!("{}: neither default nor example", key.path()));
        let value = if key.secret { "\"abc\"".into() } else { value };
        let plain = value.trim_matches('"');
        let text = format!("[{}]\n{} = {value}\n", key.section, key.name);
        let set = Sources {
            set: vec![format!("{}={plain}", key.path())],
            ..Sources::default()
        };
        let ways = [from_file(&text), from_env(&key.env(), plain), load(&set)];
        for way in ways {
            let loaded = way.unwrap_or_else(|error| panic!("{}: {error}", key.path()));
            assert!(loaded.origins.contains_key(&key.path()) && key.is_set(&loaded.config));
        }
    }
}

#[test]
fn what_is_printed_can_be_read_back() {
    let text = "[call]\nopen_ms = 900\n[business]\nhuman_line = \"+15555550100\"\ndomain = 'a \"b\" \\c'\n[recordings]\naudio = false\n";
    let first = from_file(text).unwrap();
    let again = from_file(&effective(&first)).unwrap();
    assert_eq!(again.config, first.config);
    assert_ne!(again.config, Config::default());
    assert_eq!(
        from_file(&effective(&Loaded::default())).unwrap().config,
        Config::default()
    );
}

#[test]
fn a_hidden_token_is_not_read_back_as_a_token() {
    let loaded = from_env("ATTENDANT_TWILIO_AUTH_TOKEN", "abc").unwrap();
    assert_eq!(
        from_file(&effective(&loaded))
            .unwrap()
            .config
            .twilio
            .auth_token,
        None
    );
    assert!(refusal("[twilio]\nauth_token = \"…\"").contains("placeholder"));
}

#[test]
fn unknown_keys_name_file_line_and_the_nearest_key() {
    let cases = [
        (
            "[server]\n\nlistn = \"x\"",
            "attendant.toml:3:1: no such setting: server.listn\n  hint: did you mean server.listen?",
        ),
        (
            "[sever]\nlisten = \"x\"",
            "attendant.toml:1:2: no such section: sever\n  hint: did you mean [server]?",
        ),
        (
            "listen = \"x\"",
            "attendant.toml:1:1: no such section: listen\n  hint: it belongs below [server]",
        ),
        (
            "[call]\nmax_calls = 3",
            "attendant.toml:2:1: no such setting: call.max_calls\n  hint: did you mean server.max_calls?",
        ),
        (
            "  server.lissen = 1",
            "attendant.toml:1:10: no such setting: server.lissen\n  hint: did you mean server.listen?",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refusal(text), expected);
    }
    let error = from_env("ATTENDANT_SERVER_LISTN", "x")
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "ATTENDANT_SERVER_LISTN: no such setting\n  hint: did you mean ATTENDANT_SERVER_LISTEN?"
    );
}

#[test]
fn every_problem_is_told_at_once_in_the_order_of_the_file() {
    let error = refusal(
        "[voice]\nrate_wpm = \"fast\"\nespeek = \"x\"\n[server]\nmax_calls = -1\naudio = true\n",
    );
    let lines: Vec<&str> = error
        .lines()
        .filter(|line| !line.contains("hint:"))
        .collect();
    assert_eq!(
        lines,
        [
            "attendant.toml:2:1: voice.rate_wpm must be a whole number from 0 to 4294967295",
            "attendant.toml:3:1: no such setting: voice.espeek",
            "attendant.toml:5:1: server.max_calls must be a whole number, 0 or more",
            "attendant.toml:6:1: no such setting: server.audio",
        ]
    );
}

#[test]
fn values_that_make_no_sense_are_refused() {
    let cases = [
        (
            "[call]\nearly_ms = 300",
            "call.early_ms (300) must not be above call.complete_ms (200)",
        ),
        (
            "[call]\ncomplete_ms = 800",
            "call.complete_ms (800) must not be above call.whole_ms (720)",
        ),
        (
            "[call]\nopen_ms = 2500",
            "call.open_ms (2500) must not be above call.incomplete_ms (2000)",
        ),
        ("[call]\nmax_speech_ms = 60000", "the recogniser hears 30 s"),
        ("[call]\nearly_ms = 0", "from 20 to 5000"),
        (
            "[business]\nhuman_line = \"0555 1234\"",
            "attendant.toml:2:1: business.human_line is no E.164 number",
        ),
        (
            "[server]\npublic_url = \"http://bot.example.com\"",
            "must begin with https://",
        ),
        (
            "[server]\npublic_url = \"https://bot.example.com/\"",
            "must not end with a slash",
        ),
        (
            "[server]\npublic_url = \"https://u:p@bot.example.com\"",
            "user name",
        ),
        ("[server]\npublic_url = \"https:///x\"", "no host name"),
        (
            "[server]\nlisten = \"localhost:8080\"",
            "an IP address and a port",
        ),
        ("[server]\nmax_calls = 0", "from 1 to"),
        ("[recognizer]\nqueue = 0", "from 1 to"),
        ("[voice]\nespeak_es = \" \"", "voice.espeak_es is empty"),
        ("[voice]\nrate_wpm = 1000", "from 80 to 450"),
        ("[voice]\npiper = 3", "voice.piper must be a path in quotes"),
        (
            "[recordings]\naudio = \"yes\"",
            "recordings.audio must be true or false",
        ),
        ("[recordings]\ndir = \"\"", "recordings.dir must be a path"),
        (
            "[genesys]\nclient_secret = \"a b\"",
            "genesys.client_secret holds a blank",
        ),
        (
            "[jambonz]\nwebhook_secret = \"…\"",
            "jambonz.webhook_secret is a placeholder",
        ),
        (
            "[vonage]\nsignature_secret = \"a\\nb\"",
            "vonage.signature_secret holds a blank",
        ),
        ("[twilio]\nauth_token = \"a b\"", "holds a blank"),
        ("server = 3", "server is a section"),
        ("[server\n", "not TOML"),
    ];
    for (text, expected) in cases {
        let error = refusal(text);
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn an_empty_variable_takes_back_what_the_file_says() {
    let sources = Sources {
        file: file("[business]\nhuman_line = \"+15555550100\""),
        env: vec![("ATTENDANT_BUSINESS_HUMAN_LINE".into(), String::new())],
        ..Sources::default()
    };
    assert_eq!(load(&sources).unwrap().config.business.human_line, None);
}

#[test]
fn e164_numbers_have_a_plus_a_country_code_and_at_most_fifteen_digits() {
    for good in ["+15555550100", "+4930123456", "+123456789012345", "+49"] {
        assert!(is_e164(good), "{good}");
    }
    for bad in [
        "15555550100",
        "+0123456",
        "+1234567890123456",
        "+1 555",
        "+",
        "",
        "+1555५५",
        "++1555",
    ] {
        assert!(!is_e164(bad), "{bad}");
    }
}

#[test]
fn the_binary_reads_its_folder_its_environment_and_its_flags() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("attendant.toml"),
        "[server]\nmax_calls = 7\n",
    )
    .unwrap();
    std::fs::write(dir.path().join("other.toml"), "[server]\nmax_calls = 8\n").unwrap();
    let print = |args: &[&str], env: &[(&str, &str)]| {
        let output = attendant(dir.path())
            .args(args)
            .envs(env.iter().copied())
            .output()
            .unwrap();
        let (code, out, err) = told(&output);
        assert_eq!(code, Some(0), "{err}");
        out.lines()
            .find(|line| line.starts_with("max_calls"))
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        print(&["config", "print"], &[]),
        "max_calls = 7  # from attendant.toml:2:1; default: 64"
    );
    assert_eq!(
        print(&["config", "print", "--default"], &[]),
        "max_calls = 64"
    );
    let other = "max_calls = 8  # from other.toml:2:1; default: 64";
    assert_eq!(
        print(&["--config", "other.toml", "config", "print"], &[]),
        other
    );
    assert_eq!(
        print(&["config", "print"], &[("ATTENDANT_CONFIG", "other.toml")]),
        other
    );
    let set = ["config", "print", "--set", "server.max_calls=9"];
    assert_eq!(
        print(&set, &[("ATTENDANT_SERVER_MAX_CALLS", "10")]),
        "max_calls = 9  # from --set; default: 64"
    );
}

#[test]
fn config_check_looks_for_the_files_that_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("attendant.toml");
    std::fs::write(&path, "[recognizer]\nmodel = \"no-such.bin\"\n").unwrap();
    let (code, _, err) = told(
        &attendant(dir.path())
            .args(["config", "check"])
            .output()
            .unwrap(),
    );
    assert_eq!(code, Some(1), "{err}");
    assert!(
        err.contains("attendant.toml:2:1: recognizer.model names no-such.bin"),
        "{err}"
    );
    std::fs::write(dir.path().join("no-such.bin"), "").unwrap();
    let (code, out, _) = told(
        &attendant(dir.path())
            .args(["config", "check"])
            .output()
            .unwrap(),
    );
    assert_eq!((code, out.contains("can be used")), (Some(0), true));
}

#[test]
fn a_settings_file_that_cannot_be_read_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let check = || {
        told(
            &attendant(dir.path())
                .args(["--config", "a.toml", "config", "check"])
                .output()
                .unwrap(),
        )
    };
    let (code, _, err) = check();
    assert!(
        code == Some(2) && err.contains("a.toml") && err.contains("hint:"),
        "{err}"
    );
    std::fs::write(dir.path().join("a.toml"), b"[voice]\nespeak = \"\xff\"\n").unwrap();
    let (code, _, err) = check();
    assert!(
        code == Some(2) && err.contains("a.toml:2: not UTF-8"),
        "{err}"
    );
    std::fs::write(dir.path().join("a.toml"), "#".repeat((1 << 20) + 1)).unwrap();
    let (code, _, err) = check();
    assert!(code == Some(2) && err.contains("no settings file"), "{err}");
}

proptest! {
    /// Whatever the file holds: settings or messages, no panic.
    #[test]
    fn any_text_is_settings_or_a_message(text in "\\PC{0,200}") {
        if let Err(ConfigError(problems)) = from_file(&text) {
            prop_assert!(!problems.is_empty());
        }
    }

    #[test]
    fn anything_shaped_like_toml_is_settings_or_a_message(
        section in "(call|server|twilio|\"\"|a\\.b)", key in "[a-z_\"'.]{0,12}",
        value in "(-?[0-9]{1,25}|\"[^\"\n]{0,9}\"|\\[[0-9,]{0,9}\\]|\\{\\}|0x[0-9a-f]{1,20}|nan|1979-05-27)",
    ) {
        if let Err(ConfigError(problems)) = from_file(&format!("[{section}]\n{key} = {value}\n")) {
            prop_assert!(!problems.is_empty());
        }
    }
}
