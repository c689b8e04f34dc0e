//! What a task is called in the middle of a sentence: the caller hears it ("Now back to the return"), and so
//! does the person who takes over, to whom "your return" would be somebody else's.

use super::subject::Subject;
use super::{Finding, Severity};
use crate::dialogue::spoken::Language;

pub(super) fn topics(subject: &Subject<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for &language in &subject.domain.languages {
        let words = subject.words(language);
        // "Su" is also his and hers.
        let second: &[&str] = match language {
            Language::English => &["you", "your", "yours"],
            Language::Spanish => &["tu", "tus", "ti", "contigo", "usted"],
        };
        for (task, texts) in subject.domain.tasks.iter().zip(&words.tasks) {
            let topic = texts.topic.to_lowercase();
            let Some(word) = topic.split(' ').find(|word| second.contains(word)) else {
                continue;
            };
            let file = format!("{}/wording.toml", language.code());
            let path = format!("tasks.{}.topic", task.name);
            out.push(subject.finding(
                (&file, &path),
                Severity::Warning,
                "topic_to_caller",
                format!("the topic {:?} speaks to the caller: {word:?}", texts.topic),
                "it is read by the person who takes over, too: \"the return\", not \"your return\"",
            ));
        }
    }
    out
}
