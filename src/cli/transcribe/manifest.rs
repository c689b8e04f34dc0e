//! The table of files with what is said in them, and the word error rate over it.

use super::{Args, Failure, reliability, transcribe};
use crate::cli::trouble;
use crate::dialogue::Confidence;
use crate::speech::Hearing;
use crate::speech::wer::{self, Errors};
use anyhow::{Context, bail};
use serde_json::json;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A longer table is none, in bytes.
const LONGEST: u64 = 64 << 20;

/// A line of the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// As it stands in the table.
    name: String,
    path: PathBuf,
    transcript: String,
}

/// Reads the table.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Row>> {
    let text = trouble::read_text(path, LONGEST).with_context(|| {
        format!(
            "cannot read the manifest {}\nhint: it must be a text file (UTF-8, tab-separated)",
            path.display()
        )
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    parse(&text, folder).with_context(|| format!("in the manifest {}", path.display()))
}

fn parse(text: &str, folder: &Path) -> anyhow::Result<Vec<Row>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .peekable();
    let (mut path_column, mut transcript_column) = (0, 1);
    if let Some((_, header)) = lines.peek() {
        let column = |name| {
            header
                .split('\t')
                .position(|c| c.trim().eq_ignore_ascii_case(name))
        };
        match (column("path"), column("transcript")) {
            (Some(path), Some(transcript)) => {
                (path_column, transcript_column) = (path, transcript);
                lines.next();
            }
            (None, None) => {}
            _ => bail!(
                "its first line has only one of the columns `path` and `transcript`\nhint: name both, or none"
            ),
        }
    }
    let mut rows = Vec::new();
    for (number, line) in lines {
        let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
        let (Some(name), Some(transcript)) = (cells.get(path_column), cells.get(transcript_column))
        else {
            bail!(
                "line {} has {} column(s)\nhint: separate path and transcript by a tab",
                number + 1,
                cells.len()
            );
        };
        rows.push(Row {
            name: (*name).into(),
            path: folder.join(name),
            transcript: (*transcript).into(),
        });
    }
    if rows.is_empty() {
        bail!("it names no file\nhint: one line per file: path, tab, what is said in it");
    }
    Ok(rows)
}

/// What was heard in a row's file.
pub(super) struct Heard {
    text: String,
    pub(super) errors: Errors,
    /// Of the least certain utterance; none where nothing was heard.
    pub(super) confidence: Option<Confidence>,
    /// The same before calibration.
    pub(super) raw: Option<Confidence>,
    /// The second model, where its words count.
    model: String,
}

impl Heard {
    pub(super) fn is_exact(&self) -> bool {
        self.errors.total() == 0
    }
}

/// What became of a row.
type Scored = Result<Heard, String>;

/// Hears all files, prints errors by file and in all; false when a file could not be heard whole.
pub(super) fn score(
    rows: &[Row],
    pool: &dyn Hearing,
    args: &Args,
    out: &mut impl Write,
) -> io::Result<bool> {
    let scored = hear_all(rows, pool, args);
    for (row, result) in rows.iter().zip(&scored) {
        print_row(row, result, args.json, out)?;
    }
    let heard: Vec<&Heard> = scored.iter().flatten().collect();
    let errors: Vec<Errors> = heard.iter().map(|heard| heard.errors).collect();
    let failed = scored.len() - errors.len();
    print_total(&errors, failed, args.json, out)?;
    if args.reliability {
        reliability::print(&heard, out)?;
    }
    Ok(failed == 0)
}

/// The rows' results in their order. As many files at the same time as there are recognisers.
fn hear_all(rows: &[Row], pool: &dyn Hearing, args: &Args) -> Vec<Scored> {
    let results: Vec<Mutex<Option<Scored>>> = rows.iter().map(|_| Mutex::new(None)).collect();
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let terminal = io::stderr().is_terminal();
    std::thread::scope(|scope| {
        for _ in 0..pool.at_once() {
            scope.spawn(|| {
                while let Some((row, result)) = {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    rows.get(n).zip(results.get(n))
                } {
                    *result.lock().expect("no panic while it is held") =
                        Some(hear(row, pool, args));
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    if terminal {
                        eprint!("\r{done}/{} files", rows.len());
                    }
                }
            });
        }
    });
    if terminal {
        eprint!("\r\x1b[K");
    }
    let result =
        |cell: Mutex<Option<Scored>>| cell.into_inner().expect("no panic while it was held");
    results
        .into_iter()
        .map(|cell| result(cell).expect("every row was visited"))
        .collect()
}

fn hear(row: &Row, pool: &dyn Hearing, args: &Args) -> Scored {
    let mut texts: Vec<String> = Vec::new();
    let (mut confidence, mut raw, mut model) = (None, None, String::new());
    let least = |a: Option<Confidence>, b| Some(a.map_or(b, |a| a.min(b)));
    let heard = transcribe(&row.path, pool, args, &mut |line| {
        let heard = line.hypothesis;
        confidence = least(confidence, heard.confidence);
        raw = least(raw, heard.raw.unwrap_or(heard.confidence));
        if !heard.model.is_empty() {
            model = heard.model;
        }
        texts.push(heard.text);
        Ok(())
    });
    match heard {
        Ok(()) => {
            let text = texts.join(" ");
            let errors = wer::compare(&row.transcript, &text);
            Ok(Heard {
                text,
                errors,
                confidence,
                raw,
                model,
            })
        }
        Err(Failure::File(why)) => Err(why),
        Err(Failure::Output(error)) => Err(error.to_string()),
    }
}

fn print_row(row: &Row, result: &Scored, json: bool, out: &mut impl Write) -> io::Result<()> {
    let Row {
        name, transcript, ..
    } = row;
    match result {
        Ok(heard) if json => {
            let errors = heard.errors;
            let mut line = json!({
                "file": name, "transcript": transcript, "recognised": heard.text,
                "exact": heard.is_exact(), "confidence": heard.confidence, "raw": heard.raw,
                "wer": errors.rate(), "substitutions": errors.substitutions,
                "deletions": errors.deletions, "insertions": errors.insertions,
                "words": errors.words,
            });
            if !heard.model.is_empty() {
                line["model"] = json!(heard.model);
            }
            writeln!(out, "{line}")
        }
        Ok(heard) if heard.is_exact() => writeln!(out, "{name}\t0 %\t{transcript}"),
        Ok(heard) => {
            let (text, rate) = (&heard.text, heard.errors.rate() * 100.0);
            writeln!(out, "{name}\t{rate:.0} %\t{transcript}\theard: {text}")
        }
        Err(why) => {
            eprintln!("error: {name}: {why}");
            if json {
                let why = why.lines().next().unwrap_or_default();
                writeln!(out, "{}", json!({ "file": name, "error": why }))?;
            }
            Ok(())
        }
    }
}

fn print_total(
    errors: &[Errors],
    failed: usize,
    json: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let Some(interval) = wer::interval(errors) else {
        eprintln!("no file could be heard");
        return Ok(());
    };
    let total: Errors = errors.iter().copied().sum();
    let exact = errors.iter().filter(|e| e.total() == 0).count();
    if json {
        let line = json!({
            "files": errors.len(), "failed": failed, "words": total.words,
            "wer": interval.rate, "wer_low": interval.low, "wer_high": interval.high,
            "substitutions": total.substitutions, "deletions": total.deletions,
            "insertions": total.insertions, "exact": exact,
        });
        return writeln!(out, "{line}");
    }
    writeln!(
        out,
        "\nWER {:.1} % (95 % CI {:.1} to {:.1} %), {} words: {} substituted, {} deleted, {} inserted",
        interval.rate * 100.0,
        interval.low * 100.0,
        interval.high * 100.0,
        total.words,
        total.substitutions,
        total.deletions,
        total.insertions,
    )?;
    let share = exact as f64 * 100.0 / errors.len() as f64;
    write!(
        out,
        "{exact} of {} files without an error ({share:.1} %)",
        errors.len()
    )?;
    writeln!(
        out,
        "{}",
        if failed > 0 {
            format!("; {failed} not heard")
        } else {
            String::new()
        }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(String, String)> {
        parse(text, Path::new("d"))
            .unwrap()
            .into_iter()
            .map(|r| (r.path.display().to_string(), r.transcript))
            .collect()
    }

    #[test]
    fn columns_are_found_by_name_and_paths_stand_beside_the_table() {
        let expected = [("d/a.wav".to_string(), "yes please".to_string())];
        assert_eq!(
            names("speaker\ttranscript\tpath\nbob\tyes please\ta.wav\n"),
            expected
        );
        assert_eq!(
            names("\u{feff}Path\tTranscript\r\na.wav\tyes please\r\n\r\n"),
            expected
        );
        assert_eq!(names("a.wav\tyes please\tbob"), expected);
    }

    #[test]
    fn a_wrong_table_is_named_with_its_line() {
        let wrong = |text| format!("{:#}", parse(text, Path::new("")).unwrap_err());
        assert!(wrong("a.wav\tyes\nb.wav no\n").contains("line 2"));
        assert!(wrong("path\ttext\na\tb").contains("only one of"));
        assert!(wrong("path\ttranscript\n").contains("names no file"));
    }
}
