//! What a caller is, says and keys, and what opens a door, never reaches a log line.

use crate::house::{Ears, close, journals, plan, says_something, serve, shop};
use crate::line::house::options;
use crate::support::{CapturedLogs, Kept, attendant, told};
use attendant::config::{Sources, load};
use attendant::load::twilio::Twilio;
use attendant::load::{Plan, Turn as Says, run};
use attendant::pii::{Pii, Secret};
use attendant::telemetry::{self, LogFormat};
use std::sync::Arc;
use std::time::Duration;

const NUMBER: &str = "+15550173924";
const WORDS: &str = "my mothers maiden name is zanzibar";
const KEYS: &str = "48151623427";
const TOKEN: &str = "tok3n-4f1d0c77e2b94c07";
/// Who the load tool calls as.
const LOAD_CALLER: &str = "+15555550100";
const PLANTED: &[&str] = &[NUMBER, "zanzibar", KEYS, TOKEN];

/// What a call holds.
#[derive(Debug)]
struct Turn {
    caller: Pii<String>,
    words: Pii<Vec<String>>,
    keys: Pii<String>,
    token: Secret<String>,
}

fn turn() -> Turn {
    Turn {
        caller: Pii::new(NUMBER.into()),
        words: Pii::new(WORDS.split(' ').map(str::to_owned).collect()),
        keys: Pii::new(KEYS.into()),
        token: Secret::new(TOKEN.into()),
    }
}

/// Logs a whole turn in every way that a line can be written, at every level.
fn log_everything() {
    let turn = turn();
    let _call = telemetry::call_span("c1").entered();
    let span = tracing::trace_span!("turn", caller = ?turn.caller, words = tracing::field::Empty)
        .entered();
    span.record("words", tracing::field::debug(&turn.words));
    tracing::error!(keys = %turn.keys, "turn of {}", turn.caller);
    tracing::warn!(token = ?turn.token, "{turn:?}");
    tracing::info!(?turn, "as a field");
    tracing::debug!("{turn:#?}");
    tracing::trace!("token {}", turn.token);
}

#[test]
fn planted_values_reach_no_line_at_any_level() {
    let logs = CapturedLogs::start();
    log_everything();
    let levels = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"];
    let lines = logs.lines();
    for level in levels {
        assert!(
            lines
                .iter()
                .any(|line| line.starts_with(level) && line.contains('…')),
            "no {level} line: {lines:#?}"
        );
    }
    assert!(lines.iter().any(|line| line.contains("call=c1")));
    assert_eq!(logs.leaks(PLANTED), Vec::<String>::new());
}

#[test]
fn a_bare_value_would_be_caught() {
    let logs = CapturedLogs::start();
    tracing::trace!(number = "+15550999111", "one");
    tracing::trace_span!("span", number = tracing::field::Empty).record("number", "+15550999111");
    tracing::info!("two +15550999111");
    assert_eq!(
        logs.leaks(&["+15550999111"]).len(),
        3,
        "{:#?}",
        logs.lines()
    );
}

#[test]
fn written_lines_hide_the_values_and_name_the_call_in_both_formats() {
    for format in [LogFormat::Text, LogFormat::Json] {
        let kept = Kept::default();
        let writer = kept.clone();
        let filter = telemetry::filter("trace").unwrap();
        let subscriber = telemetry::subscriber(format, filter, false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, log_everything);
        let text = kept.text();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() >= 5, "{text}");
        assert!(PLANTED.iter().all(|value| !text.contains(value)), "{text}");
        assert!(text.contains("c1") && text.contains('…'), "{text}");
        if format == LogFormat::Json {
            for line in lines {
                let line: serde_json::Value =
                    serde_json::from_str(line).expect("one JSON object per line");
                assert_eq!(line["spans"][0]["call"], "c1", "{line}");
            }
        }
    }
}

/// A whole call over sockets, signed, with words, keys, a failing recogniser and a transfer.
#[tokio::test(start_paused = true)]
async fn a_whole_call_leaves_no_trace_in_the_logs() {
    let logs = CapturedLogs::start();
    let recordings = tempfile::tempdir().unwrap();
    let script = [WORDS, "!", "?", WORDS, "talk to a person"];
    let house = shop(Ears::hearing(&script), recordings.path());
    let mut options = options();
    options.settings.twilio.auth_token = Some(Secret::new(TOKEN.to_owned()));
    let server = serve(&house, options).await;
    let keys = |keys: &str| Says::Keys(keys.into());
    let said = says_something;
    // An order number has six digits.
    let number = &KEYS[..6];
    let turns = vec![
        said(),
        said(),
        keys("1"),
        keys(number),
        said(),
        said(),
        said(),
    ];
    let every = Duration::from_secs(6);
    let plan = Plan {
        dialect: Arc::new(Twilio::new(&server.base, Some(TOKEN.into()))),
        every,
        ..plan(&server, 60, turns)
    };
    let report = run(plan).await;
    assert_eq!(
        (report.dropped, report.refused_messages),
        (0, 0),
        "{report}"
    );
    close(server, house).await;

    // The journals hold it all: it was said and keyed.
    let calls = journals(recordings.path());
    let known = format!(
        "{:?}",
        calls.iter().map(|(_, journal)| journal).collect::<Vec<_>>()
    );
    let planted = [LOAD_CALLER, "zanzibar", number, TOKEN];
    for value in &planted[..3] {
        assert!(known.contains(value), "{value} was never in the call");
    }
    assert!(
        logs.lines()
            .iter()
            .any(|line| line.contains("call off the line"))
    );
    assert_eq!(logs.leaks(&planted), Vec::<String>::new());
}

/// Settings files that hold a token and are wrong in many ways: no message shows the token.
#[test]
fn no_settings_error_shows_a_value() {
    let wrong = [
        format!("[twilio]\nauth_token = {TOKEN}"),
        format!("[twilio]\nauth_token = \"{TOKEN}"),
        format!("[twilio]\nauth_token = [\"{TOKEN}\"]"),
        format!("[twilio]\nauth_tokn = \"{TOKEN}\""),
        format!("[twilio]\nauth_token = \"{TOKEN}\"\nauth_token = \"{TOKEN}\""),
        format!("[twilio]\nauth_token = \"{TOKEN} \""),
        format!("[server]\nmax_calls = \"{TOKEN}\""),
        format!("[server]\nlisten = \"{TOKEN}\""),
        format!("[server]\npublic_url = \"{TOKEN}\""),
        format!("[business]\nhuman_line = \"{TOKEN}\""),
        format!("twilio = \"{TOKEN}\""),
        format!("\"\"\"{TOKEN}\"\"\" = 1 2"),
    ];
    let dir = tempfile::tempdir().unwrap();
    for text in wrong {
        std::fs::write(dir.path().join("attendant.toml"), &text).unwrap();
        let output = attendant(dir.path())
            .args(["--log", "trace", "config", "check"])
            .output()
            .unwrap();
        let (code, out, err) = told(&output);
        assert_eq!(code, Some(2), "{text}: {out}{err}");
        assert!(err.contains("attendant.toml:"), "{text}: {err}");
        assert!(
            !err.contains(TOKEN) && !out.contains(TOKEN),
            "{text}: {out}{err}"
        );
    }
}

#[test]
fn no_wrong_environment_or_flag_shows_its_value() {
    let dir = tempfile::tempdir().unwrap();
    let wrong: [&[(&str, &str)]; 3] = [
        &[("ATTENDANT_TWILIO_AUTH_TOKN", TOKEN)],
        &[("ATTENDANT_SERVER_MAX_CALLS", TOKEN)],
        &[("ATTENDANT_SERVER_LISTEN", TOKEN)],
    ];
    for env in wrong {
        let output = attendant(dir.path())
            .envs(env.iter().copied())
            .args(["config", "check"])
            .output()
            .unwrap();
        let (code, out, err) = told(&output);
        assert_eq!(code, Some(2));
        assert!(
            err.contains(env[0].0) && !err.contains(TOKEN) && !out.contains(TOKEN),
            "{out}{err}"
        );
    }
    let set = format!("twilio.auth_tokn={TOKEN}");
    let (_, out, err) = told(
        &attendant(dir.path())
            .args(["--set", &set, "config", "check"])
            .output()
            .unwrap(),
    );
    assert!(
        err.contains("twilio.auth_token?") && !err.contains(TOKEN) && !out.contains(TOKEN),
        "{out}{err}"
    );
}

#[test]
fn loading_and_printing_settings_shows_no_token() {
    let logs = CapturedLogs::start();
    let sources = Sources {
        env: vec![("ATTENDANT_TWILIO_AUTH_TOKEN".into(), TOKEN.into())],
        ..Sources::default()
    };
    let loaded = load(&sources).unwrap();
    assert_eq!(
        loaded.config.twilio.auth_token.as_ref().unwrap().expose(),
        TOKEN
    );
    tracing::debug!(?loaded, "settings");
    let printed = attendant::config::print::effective(&loaded);
    assert!(
        printed.contains("ATTENDANT_TWILIO_AUTH_TOKEN") && !printed.contains(TOKEN),
        "{printed}"
    );
    assert_eq!(logs.leaks(&[TOKEN]), Vec::<String>::new());
}

/// clap shows the values of the variables that a flag can come from, unless it is told not to.
#[test]
fn no_help_text_shows_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    let verbs: Vec<String> = attendant::cli::command()
        .get_subcommands()
        .map(|verb| verb.get_name().to_owned())
        .collect();
    let variables: Vec<String> = attendant::config::keys()
        .map(|key| key.env())
        .chain(["ATTENDANT_CONFIG".into(), "ATTENDANT_LOG".into()])
        .collect();
    for verb in &verbs {
        let output = attendant(dir.path())
            .envs(variables.iter().map(|name| (name, TOKEN)))
            .args([verb, "--help"])
            .output()
            .unwrap();
        let (code, out, err) = told(&output);
        assert_eq!(code, Some(0), "{verb}: {err}");
        assert!(
            !out.contains(TOKEN) && !err.contains(TOKEN),
            "{verb}: {out}{err}"
        );
    }
}
