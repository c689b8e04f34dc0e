//! Logs: where they go (standard error), what is in them, and the span that carries the call's name.
//!
//! What is worth a line is up to the code that writes it; that no line holds personal data is up to
//! [`crate::pii`] and, for foreign libraries, to the levels pinned here.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use tracing::{Span, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::{
    EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt,
};

/// What is logged when nothing is said.
pub const DEFAULT_FILTER: &str = "warn,attendant=info";

/// Libraries that print what passes through them (messages with the caller's number, headers with a
/// signature) at DEBUG or TRACE: kept at this level whatever the filter says.
const PINNED: &[&str] = &[
    "tungstenite=info",
    "tokio_tungstenite=info",
    "hyper=info",
    "hyper_util=info",
    "reqwest=info",
    "axum=info",
    "tower_http=info",
    "h2=info",
];

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line, for machines.
    Json,
}

/// Logs that cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error(
        "the log filter is not understood: {0}\n  hint: write a level (info, debug) or target=level,…, for example attendant=debug"
    )]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    #[error("logging is set up twice")]
    Twice,
}

/// The filter for `text` (`RUST_LOG` syntax), with the leaky libraries pinned.
///
/// # Errors
/// [`TelemetryError::Filter`] when `text` is not understood.
pub fn filter(text: &str) -> Result<EnvFilter, TelemetryError> {
    let text = if text.trim().is_empty() {
        DEFAULT_FILTER
    } else {
        text
    };
    // Targets below a pinned one, such as `hyper::proto=trace`, would win over it: they are dropped.
    let asked = text.split(',').filter(|directive| !is_pinned(directive));
    let all: Vec<&str> = asked.chain(PINNED.iter().copied()).collect();
    Ok(EnvFilter::builder().parse(all.join(","))?)
}

fn is_pinned(directive: &str) -> bool {
    let target = directive
        .trim()
        .split(['=', '[', ':'])
        .next()
        .unwrap_or_default();
    PINNED
        .iter()
        .any(|pinned| pinned.split('=').next() == Some(target))
}

/// The subscriber that writes lines in `format` to `writer`.
pub fn subscriber<W>(
    format: LogFormat,
    filter: EnvFilter,
    ansi: bool,
    writer: W,
) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(ansi);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        LogFormat::Text => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(filter))
}

/// Sends this process's logs to standard error.
///
/// # Errors
/// [`TelemetryError`]: a filter that is not understood, or a second call.
pub fn init(format: LogFormat, filter_text: &str) -> Result<(), TelemetryError> {
    let ansi = io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let subscriber = subscriber(format, filter(filter_text)?, ansi, || Stderr);
    subscriber.try_init().map_err(|_| TelemetryError::Twice)
}

/// The span of one call: every line logged inside it carries `call`. The id names a folder of
/// recordings; it is not personal data and must not be made from any. Within a call's span: that span.
pub fn call_span(id: &str) -> Span {
    let current = Span::current();
    if current
        .metadata()
        .is_some_and(|span| span.name() == CALL_SPAN)
    {
        return current;
    }
    // At ERROR, so that no filter leaves a line without its call.
    tracing::error_span!(CALL_SPAN, call = %id)
}

const CALL_SPAN: &str = "call";

/// Whether a status line stands at the bottom of the terminal, which is in raw mode.
static STATUS_LINE: AtomicBool = AtomicBool::new(false);

/// Tells the log writer that a status line stands (or stands no more) on the terminal.
pub fn set_status_line(stands: bool) {
    STATUS_LINE.store(stands, Ordering::Relaxed);
}

/// `text` as it must be written now: over the status line, and with the carriage returns that a
/// terminal in raw mode needs. Whoever draws the status line draws it again.
pub fn for_terminal(text: &str) -> String {
    if STATUS_LINE.load(Ordering::Relaxed) {
        format!("\r\x1b[2K{}", text.replace('\n', "\r\n"))
    } else {
        text.to_owned()
    }
}

/// Standard error, aware of the status line.
struct Stderr;

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if STATUS_LINE.load(Ordering::Relaxed) {
            io::stderr().write_all(for_terminal(&String::from_utf8_lossy(bytes)).as_bytes())?;
        } else {
            io::stderr().write_all(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_that_print_messages_cannot_be_turned_up() {
        let filter = filter("trace,tungstenite=trace,hyper::proto=trace")
            .unwrap()
            .to_string();
        assert!(
            !filter.contains("tungstenite=trace") && !filter.contains("hyper::proto"),
            "{filter}"
        );
        assert!(
            filter.contains("tungstenite=info") && filter.contains("trace"),
            "{filter}"
        );
    }

    #[test]
    fn a_wrong_filter_says_how_to_write_one() {
        let error = filter("attendant=loud").unwrap_err().to_string();
        assert!(error.contains("hint:"), "{error}");
    }
}
