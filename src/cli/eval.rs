//! `attendant eval`: how well the bot understands, measured on tables of sentences.
//!
//! Decides what is measured and printed. Ranking is [`crate::dialogue::ranker`]'s affair; the tables
//! are in table.rs, the figures in figures.rs.

mod figures;
mod table;

use super::print;
use crate::dialogue::ranker::Ranker;
use crate::dialogue::spoken::Language;
use anyhow::bail;
use clap::Subcommand;
use figures::{Figures, Judged};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use table::{Dice, Row};

/// Sentences with this label are about none of the intents.
const OUTSIDE: &str = "oos";

#[derive(clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Examples:\n  \
        attendant eval intents test.tsv --train train.tsv\n  \
        attendant eval intents all.tsv --folds 5\n  \
        attendant eval intents test.tsv --train train.tsv --shots 10 --json\n\n\
        Exit codes: 0 measured, 2 a table cannot be used."
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// How often the right intent is found, over a table (TSV) with the columns `text` and `intent`
    #[command(
        after_help = "The intent `oos`, or a column `oos` with `1`, `true` or `yes`, marks sentences that are \
            about none of the intents. An intent's name that reads like words (`card_arrival`) is learnt as one \
            more sentence about it."
    )]
    Intents(Intents),
}

#[derive(clap::Args)]
struct Intents {
    /// Sentences to judge; `-` is standard input
    #[arg(value_name = "FILE.tsv")]
    file: PathBuf,
    /// Sentences to learn from
    #[arg(
        long,
        value_name = "FILE.tsv",
        required_unless_present = "folds",
        conflicts_with = "folds"
    )]
    train: Option<PathBuf>,
    /// Learn from FILE itself: K parts, each judged by what is learnt from the others
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u16).range(2..=100))]
    folds: Option<u16>,
    /// Learn from so many sentences per intent only, after a fixed shuffle
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    shots: Option<u32>,
    /// The sentences' language
    #[arg(long, value_name = "CODE", default_value = "en", value_parser = language)]
    language: Language,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
}

fn language(code: &str) -> Result<Language, String> {
    Language::from_code(code).ok_or_else(|| {
        let all: Vec<_> = Language::ALL.map(Language::code).to_vec();
        format!("no such language; there are: {}", all.join(", "))
    })
}

/// Runs the verb.
///
/// # Errors
/// A table cannot be read or used.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let What::Intents(args) = args.what;
    let rows = table::read(&args.file)?;
    let mut course = Course::default();
    match &args.train {
        Some(train) => {
            let train = table::read(train)?;
            check_labels(&rows, &train, &args)?;
            course.judge(&shots(train, args.shots), &rows, args.language)?;
        }
        None => {
            let mut rows = rows;
            let folds = usize::from(args.folds.unwrap_or(2));
            if rows.len() < folds {
                bail!(
                    "{} has {} sentences, fewer than {folds} parts\nhint: use a smaller --folds",
                    args.file.display(),
                    rows.len()
                );
            }
            Dice::new().shuffle(&mut rows);
            for fold in 0..folds {
                let (test, train) = split(&rows, fold, folds);
                course.judge(&shots(train, args.shots), &test, args.language)?;
            }
        }
    }
    let figures = Figures::of(&course.judged);
    print(&if args.json {
        format!("{}\n", figures.json(course.times()))
    } else {
        figures.text(course.times())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What was judged so far, and how long that took.
#[derive(Default)]
struct Course {
    judged: Vec<Judged>,
    learnt: usize,
    learning: Duration,
    judging: Duration,
}

/// In ms per 10,000 sentences learnt, and µs per sentence judged.
#[derive(Clone, Copy, Debug)]
struct Times {
    training_ms: f64,
    ranking_us: f64,
}

impl Course {
    fn judge(&mut self, train: &[Row], test: &[Row], language: Language) -> anyhow::Result<()> {
        let names: Vec<&str> = train
            .iter()
            .filter_map(|row| row.intent.as_deref())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        if names.is_empty() {
            bail!("no intent is left to learn\nhint: the table must name intents, not only `oos`");
        }
        let mut examples = Vec::new();
        let mut outside = Vec::new();
        for row in train {
            match row.intent.as_deref().map(|name| names.binary_search(&name)) {
                Some(Ok(label)) => examples.push((label, row.text.clone())),
                _ => outside.push(row.text.clone()),
            }
        }
        for (label, name) in names.iter().enumerate() {
            examples.extend(table::said(name).map(|text| (label, text)));
        }
        let began = Instant::now();
        let ranker = Ranker::train(&examples, &outside, language);
        self.learning += began.elapsed();
        self.learnt += train.len();
        let began = Instant::now();
        let rankings: Vec<_> = test.iter().map(|row| ranker.rank(&row.text)).collect();
        self.judging += began.elapsed();
        for (row, ranking) in test.iter().zip(rankings) {
            let name = |label: usize| names[label].to_owned();
            self.judged.push(Judged {
                text: row.text.clone(),
                wanted: row.intent.clone(),
                best: ranking.best.first().map(|best| name(best.label)),
                answer: ranking.answer().map(|answer| name(answer.label)),
                confidence: ranking.best.first().map_or(0, |best| best.confidence),
            });
        }
        Ok(())
    }

    fn times(&self) -> Times {
        let per = |time: Duration, count: usize| time.as_secs_f64() / count.max(1) as f64;
        Times {
            training_ms: per(self.learning, self.learnt) * 1e7,
            ranking_us: per(self.judging, self.judged.len()) * 1e6,
        }
    }
}

/// Every intent that is judged must have been learnt.
fn check_labels(rows: &[Row], train: &[Row], args: &Intents) -> anyhow::Result<()> {
    let known: BTreeSet<_> = train.iter().map(|row| &row.intent).collect();
    let unknown = rows
        .iter()
        .find(|row| row.intent.is_some() && !known.contains(&row.intent));
    if let Some(row) = unknown {
        bail!(
            "{}, line {}: the intent `{}` is not in the training table\nhint: check its spelling; mark \
             sentences about none of the intents with `{OUTSIDE}`",
            args.file.display(),
            row.line,
            row.intent.as_deref().unwrap_or_default()
        );
    }
    Ok(())
}

/// The first `most` rows of each intent after a shuffle; all where no number is given.
fn shots(mut rows: Vec<Row>, most: Option<u32>) -> Vec<Row> {
    let Some(most) = most else { return rows };
    Dice::new().shuffle(&mut rows);
    let mut met = std::collections::BTreeMap::new();
    rows.retain(|row| {
        // Sentences from outside are no intent: they stay.
        let Some(intent) = &row.intent else {
            return true;
        };
        let met: &mut u32 = met.entry(intent.clone()).or_default();
        *met += 1;
        *met <= most
    });
    rows
}

fn split(rows: &[Row], fold: usize, folds: usize) -> (Vec<Row>, Vec<Row>) {
    let (test, train): (Vec<_>, Vec<_>) = rows
        .iter()
        .cloned()
        .enumerate()
        .partition(|(index, _)| index % folds == fold);
    let plain = |rows: Vec<(usize, Row)>| rows.into_iter().map(|(_, row)| row).collect();
    (plain(test), plain(train))
}
