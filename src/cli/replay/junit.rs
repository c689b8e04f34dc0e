//! What came of a run as JUnit XML, for a build server: a case per call.

use super::Outcome;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// The report's text.
///
/// # Errors
/// It cannot be written as XML.
pub(super) fn junit(outcomes: &[Outcome]) -> Result<String, quick_junit::SerializeError> {
    let mut suite = TestSuite::new("replay");
    for outcome in outcomes {
        let (status, took) = match &outcome.ran {
            Ok(ran) if !ran.failed => (TestCaseStatus::success(), outcome.took),
            Ok(ran) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(ran.headline.as_str());
                status.set_description(ran.lines.join("\n"));
                (status, outcome.took)
            }
            Err(told) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                status.set_message(told.as_str());
                (status, Duration::ZERO)
            }
        };
        let mut case = TestCase::new(outcome.path.display().to_string(), status);
        case.set_classname(outcome.level.name());
        case.set_time(took);
        suite.add_test_case(case);
    }
    let mut report = Report::new("attendant replay");
    report.add_test_suite(suite);
    report.to_string()
}
