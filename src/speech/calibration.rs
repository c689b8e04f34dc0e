//! From a model's own confidence to how often its text is exactly what was said.
//!
//! Pure, but that [`Calibration::beside`] reads a file. A model of this kind is too sure of what it never heard in training, and too unsure of voices
//! it knows less; how much is measured on recordings with known words (`attendant transcribe --manifest
//! FILE --reliability`) and written to a small table, one for each model. A straight line goes from
//! point to point, from 0 at 0; after the last point nothing gets surer.

use super::SpeechError;
use crate::dialogue::{Confidence, Hypothesis};
use std::fmt;
use std::path::Path;

/// Rows that a point is made of at least: fewer say nothing about a share.
const LEAST_ROWS: usize = 20;
/// Most points that [`fit`] makes.
const MOST_POINTS: usize = 10;

/// The table of a model: (its own confidence, share exactly right), rising.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calibration(Vec<(Confidence, Confidence)>);

/// What is wrong with a table.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line}: {what}\nhint: two rising numbers from 0 to 1000 a line: the model's confidence, the share exactly right"
)]
pub struct CalibrationError {
    line: usize,
    what: &'static str,
}

impl Calibration {
    /// The table beside a model's file, `x.calibration.tsv` for `x.bin`; none: the model's own
    /// confidence counts.
    ///
    /// # Errors
    /// [`SpeechError::Model`] when it cannot be read or is no such table.
    pub fn beside(model: &Path) -> Result<Self, SpeechError> {
        let path = model.with_extension("calibration.tsv");
        let wrong = |error: &dyn fmt::Display| {
            SpeechError::Model(format!("the calibration {}: {error}", path.display()))
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map_err(|e| wrong(&e)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(wrong(&error)),
        }
    }

    /// Reads a table: two numbers a line, in thousandths; `#` begins a remark. An empty table changes
    /// nothing.
    ///
    /// # Errors
    /// [`CalibrationError`] where a line is none of that, or does not rise.
    pub fn parse(text: &str) -> Result<Self, CalibrationError> {
        let mut points: Vec<(Confidence, Confidence)> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default();
            let wrong = |what| CalibrationError {
                line: number + 1,
                what,
            };
            let cells: Vec<&str> = line.split_whitespace().collect();
            let [raw, right] = cells[..] else {
                if cells.is_empty() {
                    continue;
                }
                return Err(wrong("these are not two numbers"));
            };
            let thousandths = |cell: &str| cell.parse().ok().filter(|n: &Confidence| *n <= 1000);
            let point = thousandths(raw)
                .zip(thousandths(right))
                .ok_or_else(|| wrong("a number is not from 0 to 1000"))?;
            if points
                .last()
                .is_some_and(|last| last.0 >= point.0 || last.1 > point.1)
            {
                return Err(wrong("the numbers do not rise"));
            }
            points.push(point);
        }
        Ok(Self(points))
    }

    /// The share that is right at the model's confidence `raw`.
    pub fn right(&self, raw: Confidence) -> Confidence {
        let raw = raw.min(1000);
        let after = self.0.partition_point(|point| point.0 < raw);
        let below = after.checked_sub(1).map_or((0, 0), |at| self.0[at]);
        match self.0.get(after) {
            Some(&(at, right)) if at > below.0 => {
                let part = u32::from(right - below.1) * u32::from(raw - below.0);
                let steps = u32::from(at - below.0);
                below.1 + Confidence::try_from((part + steps / 2) / steps).unwrap_or(0)
            }
            Some(&(_, right)) => right,
            None if self.0.is_empty() => raw,
            None => below.1,
        }
    }

    /// Puts the measured confidence in the place of the model's own. Those of single words stay.
    pub fn apply(&self, hypothesis: &mut Hypothesis) {
        let right = self.right(hypothesis.confidence);
        if right != hypothesis.confidence {
            hypothesis.raw = Some(hypothesis.confidence);
            hypothesis.confidence = right;
        }
    }
}

impl fmt::Display for Calibration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|(raw, right)| writeln!(f, "{raw}\t{right}"))
    }
}

/// A text that was recognised: how sure the recogniser was, and whether it was exactly right.
pub type Outcome = (Confidence, bool);

/// The rising table that fits `outcomes` best (isotonic regression by pooling adjacent violators, on
/// groups of equal size). A share counts one more right and one more wrong than there were (Laplace), so
/// that nothing is ever certain.
pub fn fit(outcomes: &[Outcome]) -> Calibration {
    struct Group {
        rows: u64,
        right: u64,
        raw: u64,
    }
    let share = |group: &Group| (group.right + 1) * 1000 / (group.rows + 2);
    let mut sorted = outcomes.to_vec();
    sorted.sort_unstable();
    let mut groups: Vec<Group> = Vec::new();
    for rows in sorted.chunks((sorted.len() / MOST_POINTS).max(LEAST_ROWS)) {
        let mut group = Group {
            rows: rows.len() as u64,
            right: rows.iter().filter(|(_, right)| *right).count() as u64,
            raw: rows.iter().map(|(raw, _)| u64::from(*raw)).sum(),
        };
        while let Some(last) = groups.pop_if(|last| {
            share(last) >= share(&group) || last.raw / last.rows >= group.raw / group.rows
        }) {
            group.rows += last.rows;
            group.right += last.right;
            group.raw += last.raw;
        }
        groups.push(group);
    }
    let thousandths = |n: u64| Confidence::try_from(n.min(1000)).unwrap_or(1000);
    let point = |group: &Group| {
        (
            thousandths(group.raw / group.rows),
            thousandths(share(group)),
        )
    };
    Calibration(groups.iter().map(point).collect())
}

/// The texts of about the same confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    pub rows: usize,
    /// Mean confidence, 0 to 1.
    pub confidence: f64,
    /// Share exactly right, 0 to 1.
    pub right: f64,
}

/// How far a confidence can be taken at its word.
#[derive(Clone, Debug, PartialEq)]
pub struct Reliability {
    /// Confidence from 0 to 0.1, to 0.2, … to 1.
    pub bins: [Bin; 10],
    /// Expected calibration error: the mean distance between confidence and share, weighted by rows
    /// (Guo et al. 2017, "On Calibration of Modern Neural Networks").
    pub error: f64,
}

/// Compares confidence with how often the text was right.
pub fn reliability(outcomes: &[Outcome]) -> Reliability {
    let mut bins = [Bin::default(); 10];
    for (confidence, right) in outcomes {
        let bin = &mut bins[usize::from(confidence / 100).min(9)];
        bin.rows += 1;
        bin.confidence += f64::from(*confidence) / 1000.0;
        bin.right += f64::from(u8::from(*right));
    }
    let mut error = 0.0;
    for bin in bins.iter_mut().filter(|bin| bin.rows > 0) {
        error += (bin.confidence - bin.right).abs() / outcomes.len() as f64;
        bin.confidence /= bin.rows as f64;
        bin.right /= bin.rows as f64;
    }
    Reliability { bins, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Calibration {
        Calibration::parse(text).unwrap()
    }

    #[test]
    fn a_line_goes_from_point_to_point() {
        let table = table("# raw\tright\n400\t100\n800\t900 # measured\n\n");
        for (raw, right) in [
            (0, 0),
            (200, 50),
            (400, 100),
            (600, 500),
            (800, 900),
            (1000, 900),
        ] {
            assert_eq!(table.right(raw), right, "{raw}");
        }
        assert_eq!(table.right(5000), 900);
    }

    #[test]
    fn no_table_changes_nothing_and_a_changed_confidence_keeps_the_models_own() {
        let mut heard = Hypothesis {
            confidence: 640,
            ..Hypothesis::default()
        };
        Calibration::default().apply(&mut heard);
        assert_eq!((heard.confidence, heard.raw), (640, None));
        table("0 0\n1000 500").apply(&mut heard);
        assert_eq!((heard.confidence, heard.raw), (320, Some(640)));
    }

    #[test]
    fn a_wrong_table_is_refused_with_its_line() {
        for (text, line) in [
            ("1\n", 1),
            ("0 0\n500 x", 2),
            ("0 0\n500 1001", 2),
            ("500 500\n500 600", 2),
            ("100 500\n500 400", 2),
            ("1 2 3", 1),
        ] {
            assert_eq!(Calibration::parse(text).unwrap_err().line, line, "{text}");
        }
    }

    /// Confidence 0.5 to 1, right as often as confidence² says.
    fn too_sure() -> Vec<Outcome> {
        (0..2000_u32)
            .map(|n| {
                let raw = 500 + n % 500;
                (raw as Confidence, n * 617 % 1000 < raw * raw / 1000)
            })
            .collect()
    }

    #[test]
    fn a_fitted_table_makes_the_confidence_reliable() {
        let outcomes = too_sure();
        let table = fit(&outcomes);
        assert_eq!(Calibration::parse(&table.to_string()), Ok(table.clone()));
        let fitted: Vec<Outcome> = outcomes.iter().map(|o| (table.right(o.0), o.1)).collect();
        let (before, after) = (reliability(&outcomes).error, reliability(&fitted).error);
        assert!(before > 0.12 && after < 0.04, "{before} {after}");
    }

    #[test]
    fn few_or_no_rows_fit_a_table_too() {
        assert_eq!(fit(&[]), Calibration::default());
        assert_eq!(fit(&[(900, true); 3]).right(900), 800);
        let down: Vec<Outcome> = (0..200).map(|n| (n * 5, n < 100)).collect();
        let table = fit(&down);
        assert!(table.right(1000) <= 510 && table.0.len() == 1, "{table:?}");
    }

    #[test]
    fn the_bins_say_how_often_which_confidence_was_right() {
        let rows = [
            (950, true),
            (950, true),
            (970, false),
            (1000, true),
            (120, false),
        ];
        let Reliability { bins, error } = reliability(&rows);
        assert_eq!((bins[9].rows, bins[1].rows), (4, 1));
        assert!((bins[9].right - 0.75).abs() < 1e-9 && (bins[9].confidence - 0.9675).abs() < 1e-9);
        assert!(
            (error - (4.0 * 0.2175 + 0.12) / 5.0).abs() < 1e-9,
            "{error}"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_table_that_is_taken_rises(text in "([0-9]{1,4}[ \t][0-9]{1,4}\n){0,6}") {
            if let Ok(table) = Calibration::parse(&text) {
                let mut last = 0;
                for raw in 0..=1000 {
                    let right = table.right(raw);
                    proptest::prop_assert!(last <= right && right <= 1000);
                    last = right;
                }
            }
        }
    }
}
