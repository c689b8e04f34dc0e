//! How long prompts take to say. What lasts more than twelve seconds is not remembered, and a caller who
//! knows it already has to wait.

use super::subject::Subject;
use super::typical::samples;
use super::{Finding, Severity};
use crate::dialogue::domain::Stage;
use crate::dialogue::spoken::Language;
use std::collections::BTreeMap;

/// Seconds that a prompt may take.
const LONGEST: usize = 12;

/// Characters, with blanks, that a voice says in a second.
fn pace(language: Language) -> usize {
    match language {
        Language::English => 15,
        Language::Spanish => 16,
    }
}

pub(super) fn length(subject: &Subject<'_>) -> Vec<Finding> {
    let mut longest: BTreeMap<(&str, usize, &str, Stage), usize> = BTreeMap::new();
    for prompt in &subject.prompts {
        // Read by a person, not to one.
        if ["summary", "why_person", "whisper"].contains(&prompt.name.as_str())
            || prompt.name.starts_with("labels.")
        {
            continue;
        }
        let words = subject.words(prompt.language);
        let templates = subject.templates(prompt.language);
        for values in samples(subject, words, &prompt.text) {
            let said = templates.trial(&prompt.text, &values).unwrap_or_default();
            let letters: usize = said
                .iter()
                .map(|sentence| sentence.spoken().chars().count() + 1)
                .sum();
            let seconds = letters.div_ceil(pace(prompt.language));
            let key = (
                prompt.file.as_str(),
                prompt.line,
                prompt.name.as_str(),
                prompt.stage,
            );
            let known = longest.entry(key).or_default();
            *known = seconds.max(*known);
        }
    }
    let mut out = Vec::new();
    for ((file, line, name, stage), seconds) in longest {
        if seconds > LONGEST {
            out.push(Finding {
                file: file.to_owned(),
                line,
                severity: Severity::Warning,
                kind: "long_prompt",
                what: format!(
                    "{name:?} ({}) takes about {seconds} seconds to say",
                    stage.name()
                ),
                hint:
                    "say what matters, at most 12 seconds; let callers ask for the rest, on a page"
                        .into(),
            });
        }
    }
    out
}
