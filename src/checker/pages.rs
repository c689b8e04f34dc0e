//! Pages: whether each section is found by its own questions, and no two say the same.

use super::subject::Subject;
use super::{Finding, Severity};
use crate::dialogue::pages::MAYBE;
use crate::dialogue::spoken::Language;
use std::collections::BTreeMap;

/// A section as it is written.
#[derive(Debug, Default)]
struct Section {
    page: String,
    title: String,
    line: usize,
    asks: Vec<(usize, String)>,
    text: String,
}

pub(super) fn pages(subject: &Subject<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for &language in &subject.domain.languages {
        of_language(subject, language, &mut out);
    }
    out
}

fn of_language(subject: &Subject<'_>, language: Language, out: &mut Vec<Finding>) {
    let words = subject.words(language);
    let prefix = format!("{}/pages/", language.code());
    let mut questions: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let mut texts: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let mut titles: BTreeMap<String, String> = BTreeMap::new();
    for (file, text) in subject
        .files
        .iter()
        .filter(|(file, _)| file.starts_with(&prefix))
    {
        let mut found =
            |line: usize, severity: Severity, kind: &'static str, what: String, hint: &str| {
                out.push(Finding {
                    file: file.clone(),
                    line,
                    severity,
                    kind,
                    what,
                    hint: hint.to_owned(),
                });
            };
        for section in sections(text) {
            if section.title.is_empty()
                && let Some(other) = titles.insert(section.page.to_lowercase(), file.clone())
            {
                let what = format!("{other} has the title {:?}, too", section.page);
                found(
                    section.line,
                    Severity::Warning,
                    "page_twice",
                    what,
                    "give each page its own title",
                );
            }
            let said = section.text.to_lowercase();
            if said.is_empty() {
                continue; // a page may begin with its first section
            }
            if let Some((other, line)) = texts.insert(said, (file.clone(), section.line)) {
                let what = format!("{other}, line {line}, says the same");
                found(
                    section.line,
                    Severity::Warning,
                    "page_twice",
                    what,
                    "keep one of them",
                );
            }
            let mut missed = Vec::new();
            for (line, question) in &section.asks {
                if let Some((other, at)) =
                    questions.insert(question.to_lowercase(), (file.clone(), *line))
                {
                    let what = format!("{other}, line {at}, has the same question");
                    found(
                        *line,
                        Severity::Warning,
                        "question_twice",
                        what,
                        "leave it to one section",
                    );
                    continue;
                }
                let best = words
                    .pages
                    .search(question)
                    .filter(|passage| passage.score >= MAYBE);
                let hit = best
                    .as_ref()
                    .is_some_and(|best| best.page == section.page && best.section == section.title);
                if !hit {
                    let instead = best.map(|best| format!("{} / {}", best.page, best.section));
                    missed.push((*line, question, instead));
                }
            }
            let all = missed.len() == section.asks.len();
            for (line, question, instead) in missed {
                let instead =
                    instead.map_or("nothing".to_owned(), |instead| format!("{instead:?}"));
                let what = format!("{question:?} finds {instead} instead of this section");
                let severity = if all {
                    Severity::Warning
                } else {
                    Severity::Note
                };
                found(
                    line,
                    severity,
                    "page_not_found",
                    what,
                    "use the words of the section in the question, or the other way round",
                );
            }
        }
    }
}

/// The sections of a page that has been read without fault.
fn sections(text: &str) -> Vec<Section> {
    let mut out: Vec<Section> = Vec::new();
    let mut page = String::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        let title = line
            .trim_start_matches('#')
            .trim()
            .trim_end_matches('#')
            .trim();
        if line.starts_with("##") {
            out.push(Section {
                page: page.clone(),
                title: title.to_owned(),
                line: at + 1,
                ..Section::default()
            });
        } else if line.starts_with('#') {
            title.clone_into(&mut page);
            out.push(Section {
                page: page.clone(),
                line: at + 1,
                ..Section::default()
            });
        } else if let Some(section) = out.last_mut() {
            match line
                .get(..4)
                .filter(|head| head.eq_ignore_ascii_case("ask:"))
            {
                Some(_) => section.asks.push((at + 1, line[4..].trim().to_owned())),
                None => section.text.push_str(line),
            }
        }
    }
    out
}
