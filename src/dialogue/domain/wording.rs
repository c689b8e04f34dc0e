//! What a business says and hears in one language: prompts, examples, option words, pages.

use super::super::hours::Hours;
use super::super::pages::Pages;
use super::super::ranker::Ranker;
use super::super::reply::Sentence;
use super::super::spoken::{Currency, Language};
use super::super::template::{Templates, Values, View};
use super::super::value::Choice;
use super::task::Slot;
use jiff::civil::DateTime;
use std::collections::{BTreeMap, BTreeSet};

/// One language of a business.
#[derive(Debug)]
pub struct Words {
    pub language: Language,
    /// The business's name as callers hear it.
    pub title: String,
    /// Words that the recogniser should expect at the open question.
    pub bias: String,
    pub templates: Templates,
    /// How many variants each stage of a prompt has.
    pub(super) variants: BTreeMap<String, usize>,
    /// What the ranker's labels stand for.
    pub labels: Vec<Label>,
    /// Trained on the examples.
    pub ranker: Ranker,
    /// By the task's place.
    pub tasks: Vec<TaskWords>,
    /// The words for the values of a choice, by the choice's name; the first name is how it is said.
    pub options: BTreeMap<String, Vec<Choice>>,
    /// Words in front of a slot's value, by slot.
    pub cues: BTreeMap<String, Vec<String>>,
    pub pages: Pages,
    /// Every beginning of an example that goes on: "what time do you open" ("… on Sunday").
    pub(super) beginnings: BTreeSet<String>,
    /// The pages' questions that are no examples, word for word.
    pub(super) asks: BTreeSet<String>,
    /// Sentences that are none of the business's, word for word.
    pub(super) outside: BTreeSet<String>,
    /// Every word of the examples.
    pub(super) vocabulary: BTreeSet<String>,
    /// The number of examples of each label.
    pub examples: Vec<(usize, String)>,
}

/// How a task is named.
#[derive(Clone, Debug, Default)]
pub struct TaskWords {
    /// "You'd like to {label}".
    pub label: String,
    /// "For {menu}, press 1".
    pub menu: String,
    /// "Back to {topic}"; in the summary for the person who takes over.
    pub topic: String,
}

/// What a sentence can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// The task at this place.
    Task(usize),
    Command(Command),
    /// Something that the pages answer.
    Page,
}

/// What every business understands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    Person,
    Repeat,
    Slower,
    Help,
    Restart,
    Back,
    Cancel,
    Undo,
    Wrong,
    DontKnow,
    More,
    Wait,
    Thanks,
    Greeting,
    Goodbye,
    English,
    Spanish,
    HowAreYou,
    Robot,
}

impl Command {
    /// As written in the wording and in transcripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Repeat => "repeat",
            Self::Slower => "slower",
            Self::Help => "help",
            Self::Restart => "restart",
            Self::Back => "back",
            Self::Cancel => "cancel",
            Self::Undo => "undo",
            Self::Wrong => "wrong",
            Self::DontKnow => "dont_know",
            Self::More => "more",
            Self::Wait => "wait",
            Self::Thanks => "thanks",
            Self::Greeting => "greeting",
            Self::Goodbye => "goodbye",
            Self::English => "english",
            Self::Spanish => "spanish",
            Self::HowAreYou => "how_are_you",
            Self::Robot => "robot",
        }
    }

    /// Small talk and courtesy: nothing is lost when it is overheard.
    pub fn is_idle(self) -> bool {
        matches!(
            self,
            Self::Thanks | Self::Greeting | Self::HowAreYou | Self::Robot
        )
    }
}

/// Which of a prompt's texts is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// A statement.
    Say,
    /// A question, the first time, after one failure, after two.
    Ask,
    Retry,
    Keys,
    /// A question or statement for a caller who has had enough: shorter.
    Calm,
    /// "I heard …, is that right?"
    Confirm,
    /// The value cannot be.
    Invalid,
    /// Too few digits, too many, the rest is still to come.
    Few,
    Many,
    Part,
}

impl Stage {
    /// All, by their name in the files.
    pub const ALL: [(&'static str, Self); 10] = [
        ("say", Self::Say),
        ("ask", Self::Ask),
        ("retry", Self::Retry),
        ("keys", Self::Keys),
        ("calm", Self::Calm),
        ("confirm", Self::Confirm),
        ("invalid", Self::Invalid),
        ("few", Self::Few),
        ("many", Self::Many),
        ("part", Self::Part),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, stage)| *stage == self)
            .map_or("", |(name, _)| name)
    }
}

impl Default for Words {
    fn default() -> Self {
        Self {
            language: Language::default(),
            title: String::new(),
            bias: String::new(),
            templates: Templates::new(Language::default(), Currency::Dollar, &Hours::default()),
            variants: BTreeMap::new(),
            labels: Vec::new(),
            ranker: Ranker::train(&[], &[], Language::default()),
            tasks: Vec::new(),
            options: BTreeMap::new(),
            cues: BTreeMap::new(),
            pages: Pages::default(),
            beginnings: BTreeSet::new(),
            asks: BTreeSet::new(),
            outside: BTreeSet::new(),
            vocabulary: BTreeSet::new(),
            examples: Vec::new(),
        }
    }
}

impl Words {
    /// How many variants this stage of the prompt has; 0: it has none.
    pub fn variants(&self, prompt: &str, stage: Stage) -> usize {
        let key = format!("{prompt}?{}", stage.name());
        self.variants.get(&key).copied().unwrap_or(0)
    }

    /// Whether there is a prompt of this name.
    pub fn has(&self, prompt: &str) -> bool {
        Stage::ALL
            .iter()
            .any(|&(_, stage)| self.variants(prompt, stage) > 0)
    }

    /// Variant `nth` of a prompt's stage, wording the values in.
    pub fn render(&self, prompt: &str, stage: Stage, nth: usize, values: &View) -> Vec<Sentence> {
        let name = template_name(prompt, stage, nth);
        self.templates.render(&name, values)
    }

    /// The text of a prompt without values, or nothing.
    pub fn prompt_text(&self, prompt: &str) -> String {
        let said = self.render(prompt, Stage::Say, 0, &View::from(&Values::new()));
        let texts: Vec<String> = said.into_iter().map(|sentence| sentence.text).collect();
        texts.join(" ")
    }

    /// How a slot is called: "the order number"; its name where the wording does not say.
    pub fn slot_label(&self, slot: &str) -> String {
        match self.prompt_text(&format!("labels.{slot}")) {
            text if text.is_empty() => slot.replace('_', " "),
            text => text,
        }
    }

    /// A slot's value as it is written in this language.
    pub fn formatted(
        &self,
        slot: &Slot,
        name: &str,
        value: &serde_json::Value,
        now: DateTime,
    ) -> String {
        let values = Values::from([
            ("value".to_owned(), value.clone()),
            ("name".to_owned(), name.into()),
            ("today".to_owned(), now.date().to_string().into()),
        ]);
        let prompt = format!("values.{}", slot.kind.name());
        let said = self.render(&prompt, Stage::Say, 0, &View::from(&values));
        let texts: Vec<String> = said.into_iter().map(|sentence| sentence.text).collect();
        if texts.is_empty() {
            name.to_owned()
        } else {
            texts.join(" ")
        }
    }

    /// Can a sentence of these words go on, as far as the examples tell?
    pub fn goes_on(&self, words: &[&str]) -> bool {
        self.beginnings.contains(&words.join(" "))
    }

    /// The label of the pages, where the text is, word for word, one of their questions and no example
    /// of anything else.
    pub fn page_label(&self, text: &str) -> Option<usize> {
        let place = self.labels.iter().position(|label| *label == Label::Page)?;
        self.asks.contains(text).then_some(place)
    }

    /// Is it, word for word, one of the sentences that are none of the business's?
    pub fn is_outside(&self, text: &str) -> bool {
        self.outside.contains(text)
    }

    /// Is it one of the examples' words?
    pub fn knows(&self, word: &str) -> bool {
        self.vocabulary.contains(word)
    }

    /// Names of all prompts with a stage, for the checker and for coverage.
    pub fn prompts(&self) -> impl Iterator<Item = &str> {
        self.variants.keys().map(String::as_str)
    }
}

/// The name of a variant among the templates.
pub(super) fn template_name(prompt: &str, stage: Stage, nth: usize) -> String {
    format!("{prompt}?{}#{nth}", stage.name())
}
