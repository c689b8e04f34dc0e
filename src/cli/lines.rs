//! `attendant lines`: the ways that calls can come in, and what each can do.

use crate::checker::{Finding, Severity};
use crate::config::{Config, HumanTransfer};
use crate::dialogue::domain::nearest;
use crate::line::provider::{Able, Heard, PROVIDERS, Provider, provider};
use std::fmt::Write as _;
use std::process::ExitCode;

/// The lines that calls can come in on.
#[derive(clap::Args)]
pub struct Args {
    /// One of them, in words
    #[arg(value_name = "LINE")]
    line: Option<String>,
    /// JSON instead of text
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
///
/// # Errors
/// There is no such line.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let shown = match &args.line {
        Some(name) => vec![named(name)?],
        None => PROVIDERS.to_vec(),
    };
    let text = if args.json {
        let all: Vec<_> = shown.iter().map(|provider| json(provider)).collect();
        format!("{:#}\n", serde_json::json!(all))
    } else if args.line.is_some() {
        shown.iter().map(|provider| words(provider)).collect()
    } else {
        table(&shown)
    };
    super::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The line of this name.
///
/// # Errors
/// There is none; the hint names the nearest.
pub(super) fn named(name: &str) -> anyhow::Result<&'static Provider> {
    provider(name).ok_or_else(|| {
        let known: Vec<&str> = PROVIDERS.iter().map(|provider| provider.name).collect();
        anyhow::anyhow!(
            "there is no line {name:?}\nhint: {} There are {}",
            nearest(name, &known),
            known.join(", ")
        )
    })
}

/// What the lines in use cannot do, as notes: the one that was asked for, else those with a secret in the
/// settings.
///
/// # Errors
/// There is no such line, or its settings cannot be used.
pub(super) fn notes(asked: Option<&str>, config: &Config) -> anyhow::Result<Vec<Finding>> {
    let mut used = Vec::new();
    match asked {
        Some(name) => used.push(named(name)?),
        None => {
            for provider in PROVIDERS {
                if (provider.carrier)(config)?.is_guarded() {
                    used.push(provider);
                }
            }
        }
    }
    let notes = used.into_iter().flat_map(|provider| {
        let note = |what: &'static str| Finding {
            file: format!("line {}", provider.name),
            line: 0,
            severity: Severity::Note,
            kind: "line",
            what: what.to_owned(),
            hint: format!(
                "attendant lines {} tells what this line can do",
                provider.name
            ),
        };
        let lacks = provider
            .able
            .lacks()
            .into_iter()
            .chain(wished(&provider.able, config));
        lacks.map(note)
    });
    Ok(notes.collect())
}

/// What of the way to a person that the settings want the line cannot do.
fn wished(able: &Able, config: &Config) -> Option<&'static str> {
    match config.business.human_transfer {
        HumanTransfer::Warm if !able.warm && able.whisper => Some(
            "business.human_transfer is \"warm\": on this line the person hears the story and accepts (\"whisper\"), but the caller hears ringing meanwhile.",
        ),
        HumanTransfer::Warm | HumanTransfer::Whisper if !able.whisper => Some(
            "business.human_transfer asks for more than \"blind\": on this line whoever answers has the caller.",
        ),
        _ => None,
    }
}

/// What is known of every line, in the order of the columns.
fn can(able: &Able) -> [(&'static str, bool); 8] {
    [
        ("marks", able.heard == Heard::Marks),
        ("clear", able.clear),
        ("keys", able.keys),
        ("transfer", able.transfer),
        ("whisper", able.whisper),
        ("warm", able.warm),
        ("back", able.take_back),
        ("data", able.parameters),
    ]
}

fn table(providers: &[&Provider]) -> String {
    let mut out = String::new();
    let width = |provider: &&Provider| provider.name.len();
    let width = providers.iter().map(width).max().unwrap_or(0);
    // Writing to a string cannot fail.
    for (nth, provider) in providers.iter().enumerate() {
        let columns = can(&provider.able);
        if nth == 0 {
            let heads: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
            let _ = writeln!(out, "{:width$}  {}", "", heads.join("  "));
        }
        let marks: Vec<String> = columns
            .iter()
            .map(|(head, can)| format!("{:1$}", if *can { "yes" } else { "–" }, head.len()))
            .collect();
        let row = format!("{:width$}  {}", provider.name, marks.join("  "));
        let _ = writeln!(out, "{}", row.trim_end());
    }
    out.push_str(
        "\n\
         marks     the line tells what the caller has heard\n\
         clear     what is buffered can be dropped when the caller cuts in\n\
         keys      keys are signalled (elsewhere their tones are recognised)\n\
         transfer  a call can be passed to a person\n\
         whisper   … who hears first what it is about, and accepts\n\
         warm      … while the caller stays with the bot\n\
         back      the bot takes the caller back when nobody answers\n\
         data      parts of the handover packet travel with the transfer\n\
         \n\
         attendant lines NAME tells more of one.\n",
    );
    out
}

fn words(provider: &Provider) -> String {
    let mut out = format!("{}\n", provider.title);
    let lacks = provider.able.lacks();
    let _ = match lacks.is_empty() {
        true => writeln!(out, "  everything that attendant asks of a line"),
        false => writeln!(out, "what it cannot do:"),
    };
    for what in lacks {
        let _ = writeln!(out, "  {what}");
    }
    out
}

fn json(provider: &Provider) -> serde_json::Value {
    let can: serde_json::Map<_, _> = can(&provider.able)
        .into_iter()
        .map(|(name, can)| (name.to_owned(), can.into()))
        .collect();
    serde_json::json!({
        "name": provider.name,
        "title": provider.title,
        "can": can,
        "lacks": provider.able.lacks(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_line_and_its_columns_stand_below_their_heads() {
        let text = table(PROVIDERS);
        let lines: Vec<&str> = text.lines().collect();
        let at = lines[0].find("transfer").expect("a head");
        for (provider, line) in PROVIDERS.iter().zip(&lines[1..]) {
            assert!(line.starts_with(provider.name), "{line}");
            let cell: String = line.chars().skip(at).take(3).collect();
            assert_eq!(cell == "yes", provider.able.transfer, "{line}");
        }
    }

    #[test]
    fn a_line_in_use_tells_what_it_cannot_do() {
        let mut config = Config::default();
        let told = |line: &str, config: &Config| {
            let notes = notes(Some(line), config).expect("a line");
            let told = notes.iter().map(|note| note.what.as_str());
            told.collect::<Vec<_>>().join(" ")
        };
        assert!(told("exotel", &config).contains("No warm transfer"));
        assert!(!told("exotel", &config).contains("human_transfer"));
        config.business.human_transfer = HumanTransfer::Warm;
        assert!(told("exotel", &config).contains("whoever answers has the caller"));
        assert!(!told("twilio", &config).contains("warm"));
        assert!(notes(None, &Config::default()).expect("no line").is_empty());
        let error = notes(Some("twillio"), &Config::default()).expect_err("no such line");
        assert!(error.to_string().contains("twilio"), "{error}");
    }
}
