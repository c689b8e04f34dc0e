//! What several tests need: the built binary in a clean environment, and the log lines of a test.

#[allow(dead_code, reason = "the benches use none of it")]
pub mod chromium;
#[allow(dead_code, reason = "the engine bench uses the rest")]
pub mod counting;
#[cfg(feature = "speech")]
#[allow(dead_code, reason = "the turns bench uses the rest")]
pub mod phone;
pub mod rig;

use attendant::config::Config;
use attendant::runtime::business::Business;
use attendant::telemetry;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, registry::LookupSpan};

/// The folder of a shop that does little and does not change, so that tests of the engine are not tests
/// of a business.
pub fn small_shop_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/businesses/small-shop")
}

/// That shop, read.
pub fn small_shop() -> &'static Business {
    static SHOP: OnceLock<Business> = OnceLock::new();
    SHOP.get_or_init(|| {
        let mut config = Config::default();
        config.business.domain = Some(small_shop_folder());
        Business::open(&config).unwrap()
    })
}

/// The built binary, started in `dir` without any of the tester's own settings.
pub fn attendant(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attendant"));
    command.current_dir(dir).stdin(std::process::Stdio::null());
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ATTENDANT_"))
    {
        command.env_remove(name);
    }
    command
}

/// Exit code, standard output, standard error.
pub fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// Runs the binary in an empty folder.
pub fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    told(
        &attendant(dir.path())
            .args(args)
            .output()
            .expect("the binary starts"),
    )
}

/// Every log line, span field and event field, of the whole process and at every level, from the
/// moment of [`CapturedLogs::start`] on. Other tests' lines are among them: plant values that nobody
/// else has.
pub struct CapturedLogs(Arc<Lines>);

type Lines = Mutex<Vec<String>>;

/// More lines than any test writes.
const MAX_LINES: usize = 200_000;

fn captures() -> &'static Mutex<Vec<Weak<Lines>>> {
    static CAPTURES: OnceLock<Mutex<Vec<Weak<Lines>>>> = OnceLock::new();
    CAPTURES.get_or_init(|| {
        let filter = telemetry::filter("trace").expect("a filter");
        let subscriber = tracing_subscriber::registry().with(Capture.with_filter(filter));
        tracing::subscriber::set_global_default(subscriber).expect("no other test sets up logging");
        Mutex::default()
    })
}

impl CapturedLogs {
    pub fn start() -> Self {
        let lines = Arc::default();
        captures()
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::downgrade(&lines));
        Self(lines)
    }

    pub fn lines(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The lines that hold one of the planted values.
    pub fn leaks(&self, planted: &[&str]) -> Vec<String> {
        let lines = self.lines();
        assert!(
            lines.len() < MAX_LINES,
            "too many lines to have kept them all"
        );
        lines
            .into_iter()
            .filter(|line| planted.iter().any(|value| line.contains(value)))
            .collect()
    }
}

struct Capture;

impl Capture {
    fn keep(line: &str) {
        let mut captures = captures().lock().unwrap_or_else(PoisonError::into_inner);
        captures.retain(|capture| capture.strong_count() > 0);
        for lines in captures.iter().filter_map(Weak::upgrade) {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            if lines.len() < MAX_LINES {
                lines.push(line.to_owned());
            }
        }
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Capture {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Line::of(event.metadata());
        event.record(&mut line);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(SpanFields(fields)) = span.extensions().get() {
                let _ = write!(line.0, " in {}{fields}", span.name());
            }
        }
        Self::keep(&line.0);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut line = Line::of(attributes.metadata());
        attributes.record(&mut line);
        Self::keep(&line.0);
        let mut fields = Line(String::new());
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanFields(fields.0));
        }
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut line = Line("recorded".into());
        values.record(&mut line);
        Self::keep(&line.0);
    }
}

struct Line(String);

/// What a span was opened with.
struct SpanFields(String);

impl Line {
    fn of(metadata: &Metadata<'_>) -> Self {
        Self(format!(
            "{} {} {}",
            metadata.level(),
            metadata.target(),
            metadata.name()
        ))
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

/// A writer that keeps what is written, for the log formats.
#[derive(Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
