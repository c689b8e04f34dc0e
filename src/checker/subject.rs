//! A business as the checks see it: the domain, its files line by line, its own prompts, and who uses what.

use super::book::Book;
use super::{Finding, Severity};
use crate::dialogue::Domain;
use crate::dialogue::domain::{Act, Files, Stage, Task, Words};
use crate::dialogue::spoken::Language;
use crate::dialogue::template::Templates;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is checked.
pub(super) struct Subject<'a> {
    pub files: &'a Files,
    pub domain: &'a Domain,
    books: BTreeMap<&'a str, Book>,
    /// Names of the prompts that every business has, by language.
    shared: BTreeMap<&'static str, BTreeSet<String>>,
    /// The business's own prompts, not the shared ones.
    pub prompts: Vec<Prompt>,
}

/// One text of one of the business's own prompts.
#[derive(Clone, Debug)]
pub(super) struct Prompt {
    pub language: Language,
    pub file: String,
    pub line: usize,
    /// As tasks and the dialogue call it: `cancelled`, `slots.order`.
    pub name: String,
    pub stage: Stage,
    pub text: String,
}

impl<'a> Subject<'a> {
    pub(super) fn new(files: &'a Files, domain: &'a Domain) -> Self {
        let books: BTreeMap<&str, Book> = files
            .iter()
            .filter(|(name, _)| name.ends_with(".toml"))
            .map(|(name, text)| (name.as_str(), Book::read(text)))
            .collect();
        let mut prompts = Vec::new();
        for &language in &domain.languages {
            let file = format!("{}/prompts.toml", language.code());
            if let Some(book) = books.get(file.as_str()) {
                own_prompts(book, language, &file, &mut prompts);
            }
        }
        let common = crate::dialogue::domain::shared();
        let shared = domain.languages.iter().map(|&language| {
            let text = common.get(&format!("{}/prompts.toml", language.code()));
            let book = Book::read(text.map_or("", String::as_str));
            let mut all = Vec::new();
            own_prompts(&book, language, "", &mut all);
            (
                language.code(),
                all.into_iter().map(|prompt| prompt.name).collect(),
            )
        });
        Self {
            files,
            domain,
            books,
            shared: shared.collect(),
            prompts,
        }
    }

    /// The file's keys; empty where there is no such file.
    pub(super) fn book(&self, file: &str) -> &Book {
        static NONE: std::sync::OnceLock<Book> = std::sync::OnceLock::new();
        self.books
            .get(file)
            .unwrap_or_else(|| NONE.get_or_init(Book::default))
    }

    /// Whether every business has a prompt of this name.
    pub(super) fn is_shared(&self, language: Language, prompt: &str) -> bool {
        self.shared
            .get(language.code())
            .is_some_and(|names| names.contains(prompt))
    }

    pub(super) fn words(&self, language: Language) -> &Arc<Words> {
        self.domain.words(language)
    }

    /// Templates of a language without any prompt, for trying texts.
    pub(super) fn templates(&self, language: Language) -> Templates {
        Templates::new(language, self.domain.currency, &self.domain.hours)
    }

    /// A finding at a key of a file.
    pub(super) fn finding(
        &self,
        (file, path): (&str, &str),
        severity: Severity,
        kind: &'static str,
        what: String,
        hint: impl Into<String>,
    ) -> Finding {
        let line = self.book(file).line(path);
        Finding {
            file: file.to_owned(),
            line,
            severity,
            kind,
            what,
            hint: hint.into(),
        }
    }

    /// A finding at a line of `tasks.toml`.
    pub(super) fn at_line(
        &self,
        line: usize,
        severity: Severity,
        kind: &'static str,
        what: String,
        hint: impl Into<String>,
    ) -> Finding {
        Finding {
            file: "tasks.toml".into(),
            line,
            severity,
            kind,
            what,
            hint: hint.into(),
        }
    }

    /// The tasks that say this prompt, confirm with it, or ask for the slot that it is for.
    pub(super) fn users(&self, prompt: &str) -> Vec<&'a Task> {
        let uses = |task: &&Task| prompts_of(task).contains(prompt);
        self.domain.tasks.iter().filter(uses).collect()
    }
}

/// Every prompt that a task uses by name.
pub(super) fn prompts_of(task: &Task) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for step in &task.steps {
        out.extend(step.say.clone());
        match &step.act {
            Act::Confirm(prompt) => out.extend([prompt.clone()]),
            Act::Ask(slot) | Act::Take(slot) => out.extend([format!("slots.{slot}")]),
            _ => {}
        }
    }
    out
}

fn own_prompts(book: &Book, language: Language, file: &str, out: &mut Vec<Prompt>) {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in book.below("") {
        if matches!(name, "slots" | "labels" | "values") {
            names.extend(book.below(name).map(|(below, _)| format!("{name}.{below}")));
        } else {
            names.push(name.to_owned());
        }
    }
    for name in names {
        let mut add = |path: &str, stage: Stage| {
            let one = book.get(path).into_iter();
            let several = book.below(path).map(|(_, entry)| entry);
            for entry in one.chain(several) {
                let Some(text) = entry.text.clone() else {
                    continue;
                };
                out.push(Prompt {
                    language,
                    file: file.to_owned(),
                    line: entry.line,
                    name: name.clone(),
                    stage,
                    text,
                });
            }
        };
        let table = Stage::ALL
            .iter()
            .any(|(stage, _)| book.get(&format!("{name}.{stage}")).is_some());
        if table {
            for (stage_name, stage) in Stage::ALL {
                add(&format!("{name}.{stage_name}"), stage);
            }
        } else {
            add(&name, Stage::Say);
        }
    }
}
