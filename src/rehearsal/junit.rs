//! The outcome as JUnit XML, which build servers show: a suite per file, a case per example.

use super::report::{Run, difference};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// The report. `text` gives the text of a file.
///
/// # Errors
/// What the writer says.
pub fn junit<'t>(runs: &[Run], text: impl Fn(&str) -> &'t str) -> Result<String, String> {
    let mut report = Report::new("attendant test");
    for of_file in runs.chunk_by(|a, b| a.file == b.file) {
        let Some(first) = of_file.first() else {
            continue;
        };
        let mut suite = TestSuite::new(first.file.as_str());
        for run in of_file {
            suite.add_test_case(case(run, text(&run.file)));
        }
        report.add_test_suite(suite);
    }
    report.to_string().map_err(|error| error.to_string())
}

fn case(run: &Run, text: &str) -> TestCase {
    let status = match &run.outcome.skipped {
        Some(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(why.as_str());
            status
        }
        None if run.outcome.passed() => TestCaseStatus::success(),
        None => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_message(format!("{} lines do not hold", run.outcome.misses.len()))
                .set_description(difference(run, text, false));
            status
        }
    };
    let mut case = TestCase::new(run.example.title.as_str(), status);
    case.set_classname(run.file.as_str())
        .set_time(run.outcome.took.iter().sum::<Duration>());
    case
}
