//! What one language has and another lacks, and files that nothing reads.

use super::subject::Subject;
use super::{Finding, Severity};
use crate::dialogue::domain::{Command, Label, Stage, Words};
use crate::dialogue::spoken::Language;
use std::collections::BTreeSet;

/// Files in the business's folder itself.
const KNOWN: [&str; 5] = [
    "business.toml",
    "tasks.toml",
    "operations.toml",
    "store.sql",
    "flags.toml",
];

pub(super) fn languages(subject: &Subject<'_>) -> Vec<Finding> {
    let domain = subject.domain;
    let mut out = Vec::new();
    for &language in &domain.languages {
        out.extend(no_person(subject.words(language), language));
        for &other in domain.languages.iter().filter(|other| **other != language) {
            missing(subject, language, other, &mut out);
        }
    }
    let codes: BTreeSet<&str> = domain
        .languages
        .iter()
        .map(|language| language.code())
        .collect();
    for file in subject.files.keys() {
        let strange = match file.split_once('/') {
            None => {
                !KNOWN.contains(&file.as_str()) && !file.ends_with(".md") && !file.ends_with(".txt")
            }
            Some(("examples", name)) => !name.ends_with(".txt"),
            Some((code, name)) if codes.contains(code) => {
                let is_page = name.starts_with("pages/") && name.ends_with(".md");
                !is_page && !matches!(name, "wording.toml" | "prompts.toml")
            }
            Some((code, _)) => Language::from_code(code).is_some(),
        };
        if strange {
            out.push(Finding {
                file: file.clone(),
                line: 1,
                severity: Severity::Warning,
                kind: "unread_file",
                what: "nothing reads this file".into(),
                hint: "is its name right, and its folder one of `languages` in business.toml?"
                    .into(),
            });
        }
    }
    out
}

/// Callers of this language could not ask for a person.
pub(super) fn no_person(words: &Words, language: Language) -> Option<Finding> {
    let asked = words.labels.contains(&Label::Command(Command::Person));
    (!asked).then(|| Finding {
        file: format!("{}/wording.toml", language.code()),
        line: 1,
        severity: Severity::Error,
        kind: "no_person",
        what: "no words lead to a person".into(),
        hint: "[commands.person] examples = [\"…\"]".into(),
    })
}

/// Prompts and pages that `there` has and `here` has not.
fn missing(subject: &Subject<'_>, there: Language, here: Language, out: &mut Vec<Finding>) {
    let words = subject.words(here);
    let file = format!("{}/prompts.toml", here.code());
    let mut told = BTreeSet::new();
    for prompt in subject
        .prompts
        .iter()
        .filter(|prompt| prompt.language == there)
    {
        let (name, stage) = (&prompt.name, prompt.stage);
        if words.variants(name, stage) == 0 && told.insert((name, stage)) {
            let what = format!("{name:?} has {} in {} only", stage.name(), there.code());
            let hint = format!("{} line {} has it", prompt.file, prompt.line);
            // A caller in a temper hears the usual words then.
            let severity = match stage {
                Stage::Calm => Severity::Note,
                _ => Severity::Warning,
            };
            out.push(subject.finding((&file, name), severity, "missing_translation", what, hint));
        }
    }
    let pages = |language: Language| subject.words(language).pages.is_empty();
    if !pages(there) && pages(here) {
        let what = format!(
            "there are pages in {}, but none in {}",
            there.code(),
            here.code()
        );
        let place = (format!("{}/pages", here.code()), String::new());
        let hint = format!("translate them into {}/pages", here.code());
        out.push(subject.finding(
            (&place.0, &place.1),
            Severity::Warning,
            "missing_pages",
            what,
            hint,
        ));
    }
}
