//! What is wrong with a business that can be read, but would not serve its callers: questions without a
//! way on, names that nothing provides, prompts that nobody hears or that take too long, wishes that
//! sound alike, secrets that are spoken. Decides what counts as a finding and how grave it is; reading
//! the files strictly is the dialogue's and the store's work, printing the command line's.
//!
//! A check that cries wolf is not read: where the files alone do not tell, nothing is said.

mod book;
mod ends;
mod examples;
mod keys;
mod ladder;
mod languages;
mod length;
mod names;
mod overlap;
mod pages;
mod reach;
pub mod report;
mod secrets;
mod subject;
mod topics;
mod typical;

use crate::dialogue::domain::Files;
use crate::dialogue::{Domain, DomainError};
use crate::rehearsal::Step;
use crate::store::{Store, StoreError};
use std::collections::BTreeSet;
use subject::Subject;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Callers will meet it.
    Error,
    /// Some callers may meet it.
    Warning,
    /// Worth a look.
    Note,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Within the business's folder.
    pub file: String,
    /// From 1.
    pub line: usize,
    pub severity: Severity,
    /// What kind of finding it is: a short name that stays the same.
    pub kind: &'static str,
    pub what: String,
    pub hint: String,
}

/// Checks a business; where it cannot be read, that is the only finding. `met`: what its example dialogues
/// meet, where somebody has run them.
pub fn check(files: &Files, met: Option<&BTreeSet<Step>>) -> Vec<Finding> {
    let domain = match Domain::parse(files) {
        Ok(domain) => domain.own(),
        Err(error) => return vec![unreadable(error)],
    };
    let subject = Subject::new(files, &domain);
    let mut findings = quick(&subject, met);
    findings.extend(overlap::overlap(&subject));
    sort(&mut findings);
    findings
}

/// All but what has to be learnt first: seconds, for a large business.
fn quick(subject: &Subject<'_>, met: Option<&BTreeSet<Step>>) -> Vec<Finding> {
    let checks: [fn(&Subject<'_>) -> Vec<Finding>; 16] = [
        reach::unreached,
        reach::unused,
        reach::identity,
        ends::dead_ends,
        ends::circles,
        ladder::ladder,
        ladder::labels,
        keys::keys,
        languages::languages,
        topics::topics,
        length::length,
        names::names,
        overlap::same,
        secrets::secrets,
        pages::pages,
        examples::flags,
    ];
    let mut findings: Vec<Finding> = checks.iter().flat_map(|check| check(subject)).collect();
    findings.extend(examples::dialogues(subject, met));
    findings.extend(back_end(subject.files));
    findings
}

/// By file, line and gravity; nothing twice.
fn sort(findings: &mut Vec<Finding>) {
    findings.sort_by(|one, other| {
        let key = |finding: &Finding| {
            (
                finding.file.clone(),
                finding.line,
                finding.severity,
                finding.kind,
                finding.what.clone(),
            )
        };
        key(one).cmp(&key(other))
    });
    findings.dedup();
}

fn unreadable(error: DomainError) -> Finding {
    Finding {
        file: error.file,
        line: error.line,
        severity: Severity::Error,
        kind: "parse",
        what: error.what,
        hint: error.hint,
    }
}

/// `store.sql` and `operations.toml` are tried on an empty database. Variables of the environment are made
/// up: whether they are set is a matter of the machine that serves.
fn back_end(files: &Files) -> Vec<Finding> {
    let today = jiff::civil::date(2026, 11, 24);
    let environment = |_: &str| Some("https://attendant.invalid".to_owned());
    match Store::open(files, None, today, &environment) {
        Ok(_) => Vec::new(),
        Err(StoreError::Text(error)) => vec![Finding {
            kind: "store",
            ..unreadable(error)
        }],
        Err(error) => vec![Finding {
            file: "store.sql".into(),
            line: 1,
            severity: Severity::Error,
            kind: "store",
            what: error.to_string(),
            hint: "src/store/README.md tells what the files may hold".into(),
        }],
    }
}

#[cfg(test)]
mod tests;
