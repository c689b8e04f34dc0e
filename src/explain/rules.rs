//! Why: the call run again with the business of today, and what its dialogue says of each step. As far
//! as that wants the same done as the call did; from the first difference on nothing is claimed.

use crate::call::journal::{Entry, Journal};
use crate::call::{Action, Call, Converse, Event, Tick};
use crate::dialogue::{
    Completeness, Dialogue, Domain, Hypothesis, Input, Interruption, Question, Reply,
};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// The business that rules are taken from.
#[derive(Clone, Debug)]
pub enum Business {
    /// The one in force.
    Open(Arc<Domain>),
    /// It cannot be read, for this reason.
    Unread(String),
}

/// What running the call again told.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// By the index of the journal's entry that was handled.
    told: BTreeMap<usize, Vec<Told>>,
    /// What a reader has to know of where the rules come from.
    pub source: Source,
}

/// How far the rules are those of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The business is as it was.
    Same,
    /// Its files have changed since, but it goes the same way to the end.
    Changed,
    /// The call goes another way from here on: rules are told up to here. `changed`: so have its files.
    Differs {
        from: Tick,
        changed: bool,
    },
    /// There are none, for this reason.
    #[default]
    Unanswered,
    /// The call was with this business, and another one is in force.
    Other {
        theirs: String,
        ours: String,
    },
    Unread(String),
}

/// What the dialogue was asked, and what it said.
#[derive(Clone, Debug)]
pub enum Told {
    /// It took a step.
    Step {
        /// The question that was open before.
        question: Question,
        why: Vec<String>,
        path: Vec<String>,
        mood: i16,
    },
    /// What it took words for: how long to wait for more.
    Judged(Completeness),
}

/// A dialogue that writes down what it is asked. Clones write into the same.
#[derive(Clone)]
struct Witness {
    dialogue: Dialogue,
    told: Rc<RefCell<Vec<Told>>>,
}

impl Converse for Witness {
    fn step(&mut self, input: Input<'_>) -> Reply {
        let question = self.dialogue.question().clone();
        let reply = self.dialogue.step(input);
        let why = self.dialogue.why();
        let told = Told::Step {
            question,
            why: why.lines().map(str::to_owned).collect(),
            path: self.dialogue.trail(),
            mood: self.dialogue.mood().now,
        };
        self.told.borrow_mut().push(told);
        reply
    }

    fn question(&self) -> &Question {
        self.dialogue.question()
    }

    fn completeness(&self, hypotheses: &[Hypothesis]) -> Completeness {
        let judged = self.dialogue.completeness(hypotheses);
        self.told.borrow_mut().push(Told::Judged(judged));
        judged
    }

    fn interruption(&self, hypotheses: &[Hypothesis], asked: bool) -> Interruption {
        self.dialogue.interruption(hypotheses, asked)
    }

    fn allows(&self, digits: &str) -> bool {
        self.dialogue.allows(digits)
    }
}

impl Rules {
    /// Runs a call again.
    pub fn run(journal: &Journal, business: Business) -> Self {
        let only = |source| Self {
            source,
            ..Self::default()
        };
        let domain = match business {
            Business::Open(domain) => domain,
            Business::Unread(why) => return only(Source::Unread(why)),
        };
        if journal.header.domain != domain.name {
            return only(Source::Other {
                theirs: journal.header.domain.clone(),
                ours: domain.name.clone(),
            });
        }
        let context = journal.entries.iter().find_map(|(_, entry)| match entry {
            Entry::In(Event::Answered(context)) => Some(context.clone()),
            _ => None,
        });
        let Some(context) = context else {
            return only(Source::Unanswered);
        };
        let changed = journal.header.domain_digest != domain.digest();
        let mut rules = only(if changed {
            Source::Changed
        } else {
            Source::Same
        });
        let dialogue = Dialogue::new(domain, context);
        if let Some(from) = rules.feed(journal, dialogue) {
            rules.source = Source::Differs { from, changed };
        }
        rules
    }

    /// Feeds the journal's events to a fresh call; gives when it first wanted something else done.
    fn feed(&mut self, journal: &Journal, dialogue: Dialogue) -> Option<Tick> {
        let told = Rc::new(RefCell::new(Vec::new()));
        let witness = Witness {
            dialogue,
            told: Rc::clone(&told),
        };
        let mut call = Call::new(journal.header.endpointing, witness);
        let mut expected = journal.entries.iter().filter_map(|(_, entry)| match entry {
            Entry::Out(action) => Some(action),
            Entry::In(_) => None,
        });
        for (index, (_, entry)) in journal.entries.iter().enumerate() {
            let Entry::In(event) = entry else { continue };
            call.handle(event);
            while let Some(action) = call.poll_action() {
                match expected.next() {
                    Some(wanted) if same(wanted, &action) => {}
                    // The process died before it wrote that down.
                    None if journal.truncated => {}
                    _ => return Some(call.now()),
                }
            }
            let told: Vec<Told> = told.borrow_mut().drain(..).collect();
            if !told.is_empty() {
                self.told.insert(index, told);
            }
        }
        expected.next().map(|_| call.now())
    }

    /// What the entry of the journal at `index` led to.
    pub fn at(&self, index: usize) -> &[Told] {
        self.told.get(&index).map_or(&[], Vec::as_slice)
    }
}

/// Whether two actions are the same, but for what the recogniser is primed with: another bias is no other
/// way.
fn same(then: &Action, now: &Action) -> bool {
    match (then, now) {
        (
            Action::Recognize { id, spans, .. },
            Action::Recognize {
                id: id_now,
                spans: spans_now,
                ..
            },
        ) => id == id_now && spans == spans_now,
        _ => then == now,
    }
}
