//! How far the confidence can be trusted: what `transcribe --reliability` prints after the word errors.
//!
//! The counting is `speech::calibration`'s.

use super::manifest::Heard;
use crate::speech::calibration::{Outcome, fit, reliability};
use std::io::{self, Write};

/// Prints the table of ten bins, the expected calibration error, and the calibration to be written
/// beside the model.
pub(super) fn print(rows: &[&Heard], out: &mut impl Write) -> io::Result<()> {
    let outcomes = |confidence: fn(&Heard) -> Option<u16>| -> Vec<Outcome> {
        let outcome = |row: &&Heard| Some((confidence(row)?, row.is_exact()));
        rows.iter().filter_map(outcome).collect()
    };
    let heard = outcomes(|row| row.confidence);
    let table = reliability(&heard);
    writeln!(out, "\nconfidence   files   mean   exactly right")?;
    for (tenth, bin) in table.bins.iter().enumerate() {
        let (from, to) = (tenth as f64 / 10.0, (tenth + 1) as f64 / 10.0);
        write!(out, "{from:.1} to {to:.1} {:>8}", bin.rows)?;
        if bin.rows > 0 {
            let right = bin.right * 100.0;
            write!(out, " {:>6.2} {right:>13.1} %", bin.confidence)?;
        }
        writeln!(out)?;
    }
    let silent = rows.len() - heard.len();
    let error = table.error;
    writeln!(
        out,
        "expected calibration error {error:.3} over {} files; {silent} more gave no text",
        heard.len()
    )?;
    writeln!(
        out,
        "\n# Calibration from these files: to be kept beside the model as NAME.calibration.tsv\n\
         # model's own confidence, share exactly right, in thousandths\n{}",
        fit(&outcomes(|row| row.raw))
    )
}
