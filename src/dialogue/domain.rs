//! A business as read from its folder of text files: tasks, slots, wording per language, pages, red
//! flags, hours. Answers questions about itself; what is done with the answers is the dialogue's
//! policy.

mod parse;
mod source;
mod task;
mod wording;

use super::flags::Flags;
use super::hours::Hours;
use super::reply::{Confidence, Sentence};
use super::spoken::{Currency, Language};
use super::template::{Values, View};
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};
pub use source::{DomainError, Source, nearest};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
pub use task::{Act, Identity, Level, Options, Slot, SlotKind, Step, Task};
pub use wording::{Command, Label, Stage, Words};

static DOMAINS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/domains");

/// A business.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Short name, for files and logs.
    pub name: String,
    /// The language that a call begins with, first; at least one.
    pub languages: Vec<Language>,
    pub currency: Currency,
    /// Opening hours, local time.
    pub hours: Hours,
    /// When people take calls.
    pub staffed: Hours,
    /// Constants that templates and conditions may use.
    pub constants: Values,
    /// How callers are recognised and verified.
    pub identity: Identity,
    /// In the order of the file, which is the order of the menu.
    pub tasks: Vec<Task>,
    /// By name.
    pub slots: BTreeMap<String, Slot>,
    /// Operations that change something, with the operation that takes it back.
    pub actions: BTreeMap<String, Option<String>>,
    /// What comes before everything else.
    pub flags: Flags,
    words: BTreeMap<&'static str, Arc<Words>>,
    digest: String,
}

/// The texts of a folder by their path inside it, with `/` between.
pub type Files = BTreeMap<String, String>;

/// The businesses that are part of the binary.
pub const TRADES: [&str; 3] = ["shop", "bank", "clinic"];

/// The files of a business that is part of the binary.
pub fn trade(name: &str) -> Option<Files> {
    TRADES.contains(&name).then(|| files(name))
}

/// The files of what every business shares.
pub fn shared() -> Files {
    files("common")
}

/// JSON Schemas of the files that the dialogue reads, for editors, by the file's name without `.toml`.
pub fn schemas() -> BTreeMap<&'static str, serde_json::Value> {
    let mut all = parse::schemas();
    all.insert("flags", super::flags::schema());
    all
}

fn files(name: &str) -> Files {
    let mut out = Files::new();
    if let Some(folder) = DOMAINS.get_dir(name) {
        collect(folder, &format!("{name}/"), &mut out);
    }
    out
}

fn collect(folder: &Dir<'_>, prefix: &str, out: &mut Files) {
    for file in folder.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        if let (Some(name), Some(text)) = (path.strip_prefix(prefix), file.contents_utf8()) {
            out.insert(name.to_owned(), text.to_owned());
        }
    }
    for folder in folder.dirs() {
        collect(folder, prefix, out);
    }
}

impl Domain {
    /// The sample shop that is part of the binary.
    pub fn shop() -> Self {
        Self::sample("shop")
    }

    /// A business that is part of the binary; the shop for a name that is none.
    pub fn sample(name: &str) -> Self {
        let files = trade(name).unwrap_or_else(|| files("shop"));
        Self::parse(&files).expect("a test parses the businesses in the binary")
    }

    /// Reads a business from its files.
    ///
    /// # Errors
    /// The first thing that is wrong, with file and line.
    pub fn parse(files: &Files) -> Result<Self, DomainError> {
        let mut domain = parse::parse(files, &self::files("common"))?;
        let mut hash = Sha256::new();
        for (name, text) in files {
            // Example dialogues and the sample data change no decision.
            if name.starts_with("examples/") {
                continue;
            }
            // Lengths, so that moving text from one file to the next changes the digest.
            hash.update(format!("{name} {}\n", text.len()));
            hash.update(text);
        }
        let bytes = hash.finalize();
        domain.digest = bytes
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

    /// The language that a call begins with.
    pub fn language(&self) -> Language {
        self.languages.first().copied().unwrap_or_default()
    }

    /// Wording, examples and pages of a language; of the first one where that is not spoken.
    pub fn words(&self, language: Language) -> &Arc<Words> {
        static NONE: std::sync::OnceLock<Arc<Words>> = std::sync::OnceLock::new();
        self.words
            .get(language.code())
            .or_else(|| self.words.get(self.language().code()))
            .unwrap_or_else(|| NONE.get_or_init(Arc::default))
    }

    /// Every text that is spoken without values, sentence by sentence, in the language that calls
    /// begin with, for rendering in advance.
    pub fn fixed_prompts(&self) -> Vec<String> {
        self.fixed_prompts_in(self.language())
    }

    /// The same in another of its languages. What every call begins with comes first.
    pub fn fixed_prompts_in(&self, language: Language) -> Vec<String> {
        let words = self.words(language);
        let mut values = self.constants.clone();
        values.insert("title".into(), words.title.clone().into());
        let mut seen = BTreeSet::new();
        let begins = [
            "welcome",
            "main",
            "anything_else",
            "goodbye",
            "no_match",
            "no_input",
            "person",
        ];
        let view = View::from(&values);
        let mut first: Vec<Sentence> = Vec::new();
        for prompt in begins {
            for stage in [Stage::Say, Stage::Ask] {
                for nth in 0..words.variants(prompt, stage) {
                    first.extend(words.render(prompt, stage, nth, &view));
                }
            }
        }
        first
            .into_iter()
            .chain(words.templates.fixed(&values))
            .map(|sentence| sentence.spoken().to_owned())
            .filter(|text| seen.insert(text.clone()))
            .collect()
    }

    /// The task of this name, with its place.
    pub fn task(&self, name: &str) -> Option<(usize, &Task)> {
        self.tasks
            .iter()
            .enumerate()
            .find(|(_, task)| task.name == name)
    }

    /// Whether this task only finds out who calls.
    pub fn identifies(&self, task: usize) -> bool {
        let name = self.tasks.get(task).map(|task| &task.name);
        let identity = [&self.identity.known, &self.identity.verified];
        identity
            .into_iter()
            .flatten()
            .any(|known| Some(known) == name)
    }

    /// Tasks with a key, by key, 0 last as on the telephone.
    pub fn menu(&self) -> Vec<(char, usize)> {
        let mut menu: Vec<(char, usize)> = self
            .tasks
            .iter()
            .enumerate()
            .filter_map(|(index, task)| Some((task.key?, index)))
            .collect();
        menu.sort_by_key(|&(key, _)| if key == '0' { ':' } else { key });
        menu
    }

    /// Everything that an example dialogue can meet, for coverage: intents, slots, prompts, branches and
    /// actions of this business.
    pub fn universe(&self) -> Vec<String> {
        let words = self.words(self.language());
        let mut out: Vec<String> = Vec::new();
        let own = self.tasks.iter().enumerate();
        for (index, task) in own.filter(|(_, task)| !task.shared) {
            if words.labels.contains(&Label::Task(index)) {
                out.push(format!("intent:{}", task.name));
            }
            out.extend(task.slots.iter().map(|slot| format!("slot:{slot}")));
            for (at, step) in task.steps.iter().enumerate() {
                if step.when.is_some() {
                    out.push(format!("branch:{}/{at}:true", task.name));
                    out.push(format!("branch:{}/{at}:false", task.name));
                }
                out.extend(step.say.iter().map(|prompt| format!("prompt:{prompt}/say")));
                match &step.act {
                    Act::Confirm(prompt) => out.push(format!("prompt:{prompt}/ask")),
                    Act::Do { operation, .. } => out.push(format!("action:{operation}")),
                    _ => {}
                }
            }
        }
        out.sort();
        out.dedup();
        out
    }

    /// Without the tasks that every business has: what its own files say.
    pub fn own(&self) -> Self {
        let mut own = self.clone();
        own.tasks.retain(|task| !task.shared);
        let used: BTreeSet<&String> = own.tasks.iter().flat_map(|task| &task.slots).collect();
        own.slots
            .retain(|name, _| !name.starts_with("desk_") || used.contains(name));
        own
    }

    /// Whether the operation changes something.
    pub fn is_action(&self, operation: &str) -> bool {
        self.actions.contains_key(operation)
    }
}

/// Below the first a value is read back, below the second it is asked again, per mille.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub confirm_below: Confidence,
    pub reject_below: Confidence,
}
