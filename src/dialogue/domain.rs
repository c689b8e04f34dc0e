//! A business as read from its folder of text files: intents, forms, prompts, knowledge, hours,
//! tables. Answers questions about itself; what is done with the answers is the dialogue's policy.

mod parse;

use super::hours::Hours;
use super::intent::Ranker;
use super::prompt::{Prompt, Text};
use super::reply::{Confidence, LookupResult};
use super::table::Table;
use include_dir::{Dir, include_dir};
pub use parse::DomainError;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

static SHOP: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/domains/shop");

/// A business.
#[derive(Clone, Debug, Default)]
pub struct Domain {
    /// Short name, for files and logs.
    pub name: String,
    /// The name as callers hear it.
    pub title: String,
    /// BCP 47.
    pub language: String,
    /// Words to expect at the open question.
    pub bias: String,
    /// Opening hours, local time.
    pub hours: Hours,
    /// Sorted by name; [`Ranker`] counts in this order.
    pub intents: Vec<Intent>,
    /// By name.
    pub forms: BTreeMap<String, Form>,
    prompts: BTreeMap<String, Prompt>,
    /// Sections of the knowledge pages by title.
    knowledge: BTreeMap<String, Text>,
    tables: BTreeMap<String, Table>,
    /// Trained on the intents' examples.
    pub ranker: Ranker,
    /// Every beginning of an example that goes on: "what time do you open" ("… on Sunday").
    beginnings: BTreeSet<String>,
    digest: String,
}

/// Something that callers want.
#[derive(Clone, Debug)]
pub struct Intent {
    pub name: String,
    pub does: Does,
    /// Its key in the main menu.
    pub key: Option<char>,
    /// "You'd like to {label}".
    pub label: String,
    /// "For {menu}, press 1".
    pub menu: String,
    /// Nothing is expected to follow these words.
    pub whole_turn: bool,
}

/// What an intent leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    /// Fills the form of this name.
    Form(String),
    /// Says the prompt of this name.
    Say(String),
    /// Reads this section of the knowledge pages.
    Knowledge(String),
    /// Tells the opening hours.
    Hours,
    Command(Command),
}

/// What every business understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    Person,
    Repeat,
    Help,
    Restart,
    Wait,
    Thanks,
    Greeting,
    Goodbye,
}

/// What must be known before a back end can be asked, and what is said then.
#[derive(Clone, Debug)]
pub struct Form {
    /// In the order in which they are asked; at least one.
    pub slots: Vec<Slot>,
    /// Name of the table that is asked.
    pub lookup: String,
    /// Field of the record that picks the answer.
    pub answer_by: String,
    /// Prompt names by value of that field.
    pub answers: BTreeMap<String, String>,
    /// Prompt for a record that does not exist.
    pub not_found: String,
    /// "The caller wants {topic}".
    pub topic: String,
}

/// One thing that must be known.
#[derive(Clone, Debug)]
pub struct Slot {
    pub name: String,
    pub kind: SlotKind,
    /// Below this confidence the value is read back.
    pub confirm_below: Confidence,
    /// Below this confidence it is asked again.
    pub reject_below: Confidence,
    pub bias: String,
    /// Names of prompts: the question, the read-back, a part was heard, too few, too many.
    pub prompt: String,
    pub confirm: String,
    pub part: String,
    pub few: String,
    pub many: String,
}

/// What kind of value a slot takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// That many digits.
    Digits(usize),
}

impl Domain {
    /// The sample shop that is part of the binary.
    pub fn shop() -> Self {
        let text = |file: &include_dir::File<'_>| {
            let name = file.path().to_string_lossy().into_owned();
            file.contents_utf8().map(|text| (name, text.to_owned()))
        };
        let files = SHOP.files().filter_map(text).collect();
        Self::parse(&files).expect("the sample shop is parsed by a unit test")
    }

    /// Reads a business from its files (name to text).
    ///
    /// # Errors
    /// The first thing that is wrong, with file and line.
    pub fn parse(files: &BTreeMap<String, String>) -> Result<Self, DomainError> {
        let mut domain = parse::parse(files)?;
        let mut hash = Sha256::new();
        for (name, text) in files {
            // Lengths, so that moving text from one file to the next changes the digest.
            hash.update(format!("{name} {}\n", text.len()));
            hash.update(text);
        }
        domain.digest = hash
            .finalize()
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(domain)
    }

    /// Identifies the texts: 16 hexadecimal digits of SHA-256.
    pub fn digest(&self) -> String {
        self.digest.clone()
    }

    /// Every text that is spoken without values, sentence by sentence, for rendering in advance.
    pub fn fixed_prompts(&self) -> Vec<String> {
        let now = jiff::civil::DateTime::constant(2026, 1, 1, 0, 0, 0, 0);
        let own = self.values();
        let mut out = BTreeSet::new();
        let prompts = self
            .prompts
            .iter()
            .filter(|(name, _)| !name.starts_with("summary_"));
        for text in prompts
            .flat_map(|(_, prompt)| prompt.texts())
            .chain(self.knowledge.values())
        {
            for template in &text.0 {
                if Text(vec![template.clone()])
                    .places()
                    .all(|place| own.contains_key(place))
                {
                    out.insert(template.render(&own, now).spoken().to_owned());
                }
            }
        }
        for (_, intent) in self.menu() {
            for text in &self.prompt("menu_item").say {
                out.extend(
                    text.0
                        .iter()
                        .map(|item| item.render(&intent.values(), now).spoken().to_owned()),
                );
            }
        }
        out.into_iter().collect()
    }

    /// Asks the table `name` for the row with these `arguments`.
    pub fn lookup(&self, name: &str, arguments: &BTreeMap<String, String>) -> LookupResult {
        match self.tables.get(name) {
            Some(table) => table
                .find(arguments)
                .cloned()
                .map_or(LookupResult::NotFound, LookupResult::Found),
            None => LookupResult::Failed,
        }
    }

    /// The values that every prompt may use.
    /// Can a sentence of these words go on, as far as the examples tell?
    pub fn goes_on(&self, words: &[&str]) -> bool {
        self.beginnings.contains(&words.join(" "))
    }

    pub fn values(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("title".to_owned(), self.title.clone())])
    }

    /// A prompt; the ones that the policy and the forms name were checked when the files were read.
    pub fn prompt(&self, name: &str) -> &Prompt {
        static NONE: Prompt = Prompt {
            say: Vec::new(),
            ask: Vec::new(),
            retry: Vec::new(),
            keys: Vec::new(),
        };
        self.prompts.get(name).unwrap_or(&NONE)
    }

    /// A section of the knowledge pages.
    pub fn knowledge(&self, title: &str) -> Option<&Text> {
        self.knowledge.get(title)
    }

    /// Intents with a key, by key, 0 last as on the telephone.
    pub fn menu(&self) -> Vec<(char, &Intent)> {
        let mut menu: Vec<_> = self
            .intents
            .iter()
            .filter_map(|intent| Some((intent.key?, intent)))
            .collect();
        menu.sort_by_key(|&(key, _)| if key == '0' { ':' } else { key });
        menu
    }

    /// Position of the intent that gives `command`.
    pub fn command(&self, command: Command) -> Option<usize> {
        self.intents
            .iter()
            .position(|intent| intent.does == Does::Command(command))
    }

    /// Number of digits that the first slot of kind digits asks for, and the intent that leads to it:
    /// what digits said at the open question are taken for.
    pub fn digits_intent(&self) -> Option<(usize, usize)> {
        self.intents
            .iter()
            .enumerate()
            .find_map(|(index, intent)| match &intent.does {
                Does::Form(form) => {
                    let SlotKind::Digits(count) = self.forms.get(form)?.slots.first()?.kind;
                    Some((index, count))
                }
                _ => None,
            })
    }
}

impl Intent {
    /// The values that prompts about this intent may use.
    pub fn values(&self) -> BTreeMap<String, String> {
        let key = self.key.map(String::from).unwrap_or_default();
        BTreeMap::from([
            ("label".to_owned(), self.label.clone()),
            ("menu".to_owned(), self.menu.clone()),
            ("key".to_owned(), key),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shop_answers_from_its_table() {
        let shop = Domain::shop();
        let ask =
            |order: &str| shop.lookup("orders", &BTreeMap::from([("order".into(), order.into())]));
        assert!(
            matches!(ask("456712"), LookupResult::Found(row) if row["item"] == "coffee machine")
        );
        assert_eq!(ask("111111"), LookupResult::NotFound);
        assert_eq!(
            shop.lookup("invoices", &BTreeMap::new()),
            LookupResult::Failed
        );
        assert_eq!(shop.digest(), Domain::shop().digest());
        assert_eq!(shop.digest().len(), 16);
    }

    #[test]
    fn fixed_prompts_are_whole_sentences_without_places() {
        let prompts = Domain::shop().fixed_prompts();
        assert!(
            prompts
                .iter()
                .all(|text| !text.contains(['{', '}']) && !text.is_empty())
        );
        for text in [
            "Thanks for calling Harbor Goods.",
            "How can I help you?",
            "For opening hours, press 2.",
            "You can return anything within 30 days of delivery.",
        ] {
            assert!(prompts.iter().any(|prompt| prompt == text), "{text}");
        }
    }
}
