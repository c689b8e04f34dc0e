//! Findings as text and as JSON.

use super::{Finding, Severity};
use std::fmt::Write as _;

/// How many there are of a severity.
pub fn count(findings: &[Finding], severity: Severity) -> usize {
    findings
        .iter()
        .filter(|finding| finding.severity == severity)
        .count()
}

/// Lines that editors can jump from, and how many there are.
pub fn text(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let Finding {
            file,
            line,
            severity,
            what,
            hint,
            kind,
        } = finding;
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{file}:{line}: {}: {what} [{kind}]\n  hint: {hint}",
            severity.name()
        );
    }
    let parts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .filter_map(|severity| {
            let count = count(findings, severity);
            let plural = if count == 1 { "" } else { "s" };
            (count > 0).then(|| format!("{count} {}{plural}", severity.name()))
        })
        .collect();
    let _ = match parts.is_empty() {
        true => writeln!(out, "nothing is wrong"),
        false => writeln!(out, "{}", parts.join(", ")),
    };
    out
}

/// One object: the findings and their numbers.
pub fn json(findings: &[Finding]) -> serde_json::Value {
    let all: Vec<serde_json::Value> = findings
        .iter()
        .map(|finding| {
            serde_json::json!({
                "file": finding.file,
                "line": finding.line,
                "severity": finding.severity.name(),
                "kind": finding.kind,
                "what": finding.what,
                "hint": finding.hint,
            })
        })
        .collect();
    serde_json::json!({
        "findings": all,
        "errors": count(findings, Severity::Error),
        "warnings": count(findings, Severity::Warning),
        "notes": count(findings, Severity::Note),
    })
}
