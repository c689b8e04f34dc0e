//! Telling: answers from the business's pages, kind words, and how the dialogue came to its reply.

use super::hear::Meaning;
use super::pages::{Passage, SPOKEN_WORDS};
use super::policy::SURE_PAGE;
use super::reply::{Reply, Sentence};
use super::state::Dialogue;

impl Dialogue {
    /// The page that answers, if any.
    pub(super) fn page(&self, meaning: &Meaning) -> Option<Passage> {
        let said: Vec<&str> = meaning
            .tokens
            .iter()
            .map(|token| token.text.as_str())
            .collect();
        self.words().pages.search(&said.join(" "))
    }

    /// The page that surely answers the words, or this failure.
    pub(super) fn page_or(&mut self, failure: &str, meaning: &Meaning) -> Reply {
        match self.page(meaning).filter(|page| page.score >= SURE_PAGE) {
            Some(page) => self.tell(&page),
            None => self.on_failure(failure),
        }
    }

    /// Reads from a page, then goes on.
    pub(super) fn tell(&mut self, page: &Passage) -> Reply {
        self.note("page", page.score);
        let source = format!("{} / {}", page.page, page.section);
        if let Some(understood) = &mut self.understood {
            understood.slots.insert("source".into(), source.clone());
        }
        self.because(format!("rule: page {source} ({} per mille)", page.score));
        self.met(format!("page:{source}"));
        let out = self.soothing();
        self.read_on(out, page, 0)
    }

    pub(super) fn tell_more(&mut self) -> Reply {
        let Some((page, from)) = self.more.take() else {
            return self.stall(|dialogue| {
                let mut out = Vec::new();
                dialogue.say(&mut out, "no_more", &[]);
                dialogue.ask(out)
            });
        };
        self.read_on(Vec::new(), &page, from)
    }

    fn read_on(&mut self, mut out: Vec<Sentence>, page: &Passage, from: usize) -> Reply {
        let (now, more) = page.spoken(SPOKEN_WORDS, from);
        let words = self.words();
        out.extend(now.iter().map(|text| words.templates.read(text)));
        self.more = more.then(|| (page.clone(), from + now.len()));
        if more {
            self.say(&mut out, "more_there_is", &[]);
        }
        self.progress();
        self.run(out)
    }

    /// Says something kind, where the mood calls for it.
    pub(super) fn soothing(&mut self) -> Vec<Sentence> {
        let mut out = Vec::new();
        if self.mood.wants_soothing() && self.soothed == 0 {
            self.soothed = 1;
            self.say(&mut out, "soothe", &[]);
        }
        out
    }

    /// What was understood, for people who look.
    pub(super) fn explain(&mut self, meaning: &Meaning) {
        let said: Vec<&str> = meaning
            .tokens
            .iter()
            .map(|token| token.text.as_str())
            .collect();
        self.because(format!(
            "heard: {} ({} per mille)",
            said.join(" "),
            meaning.heard
        ));
        if let Some(intent) = meaning.intent {
            let name = self.label_name(intent.label);
            self.because(format!("intent: {name} ({} per mille)", intent.confidence));
        }
        if let Some((second, _)) = &meaning.second {
            let name = self.label_name(second.label);
            self.because(format!(
                "and then: {name} ({} per mille)",
                second.confidence
            ));
        }
        if let Some(answer) = &meaning.yes_no {
            let value = if answer.yes { "yes" } else { "no" };
            self.because(format!("{value} ({} per mille)", answer.confidence));
        }
        self.because(format!("none of these: {} per mille", meaning.outside));
        let open = format!("open question: {:?}", self.open);
        self.because(open);
    }
}
