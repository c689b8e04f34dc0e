//! Compares what an example says with what happened, line by line. A line that does not hold comes with
//! what should stand in its place, so that a failure can be shown as a difference, and be blessed.

use super::pattern::{Pattern, normal};
use super::play::{Operation, Performer, Turn};
use super::script::{Check, Example, Header, Line, What, write_arguments};
use super::{Play, Problem, Stage, Step};
use std::collections::BTreeSet;
use std::time::Duration;

/// A line that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// From 1.
    pub line: usize,
    /// What happened, as lines of an example; none: nothing of that kind.
    pub instead: Vec<String>,
    /// It is about wording only: `--bless` may put it there.
    pub wording: bool,
}

/// How an example went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub misses: Vec<Miss>,
    /// Line, what was said, what was heard.
    pub heard: Vec<(usize, String, String)>,
    /// Computing time of each turn.
    pub took: Vec<Duration>,
    pub met: BTreeSet<Step>,
    /// Why it could not be run at all.
    pub skipped: Option<String>,
}

impl Outcome {
    pub fn passed(&self) -> bool {
        self.misses.is_empty() && self.skipped.is_none()
    }
}

/// Performs one example by text.
///
/// # Errors
/// The stage does not open for it.
pub fn rehearse<S: Stage>(stage: &S, example: &Example) -> Result<Outcome, Problem> {
    let Header { now, .. } = example.header;
    let (speaker, answers) = stage.open(&example.header).map_err(|what| Problem {
        line: example.first,
        what,
    })?;
    let mut play = Play::new(speaker, answers, now);
    let mut outcome = judge(example, &mut play);
    outcome.took = play.took().to_vec();
    outcome.met = play.met().clone();
    Ok(outcome)
}

/// Performs one example and compares.
pub fn judge(example: &Example, performer: &mut impl Performer) -> Outcome {
    let mut judge = Judge::default();
    // What is arranged before anything happens holds for the greeting, too.
    let arranged = |line: &&Line| matches!(line.what, What::Set(_));
    let first = example.lines.iter().take_while(arranged).count();
    for line in &example.lines[..first] {
        if let What::Set(setting) = &line.what {
            performer.arrange(setting);
        }
    }
    judge.turn(performer.begin());
    for (place, line) in example.lines.iter().enumerate().skip(first) {
        match &line.what {
            What::Set(setting) => performer.arrange(setting),
            What::Act(act) => match performer.act(act) {
                Ok(turn) => {
                    if let Some(heard) = &turn.heard {
                        let said = (line.number, act.to_string(), heard.clone());
                        judge.outcome.heard.push(said);
                    }
                    judge.turn(turn);
                }
                Err(why) => {
                    // What follows would be about another call.
                    judge.miss(line.number, vec![format!("# {why}")]);
                    return judge.outcome;
                }
            },
            What::Check(Check::Bot(_) | Check::BotExactly(_) | Check::BotNot(_)) => {
                judge.bot(&example.lines[place..]);
            }
            What::Check(check) => judge.check(line.number, check),
        }
    }
    let unused = performer.arranged();
    for line in &example.lines {
        if let What::Set(setting) = &line.what
            && unused.contains(setting)
        {
            let why = format!("# {} was not asked any more", setting.operation);
            judge.miss(line.number, vec![why]);
        }
    }
    judge.outcome
}

#[derive(Default)]
struct Judge {
    outcome: Outcome,
    turn: Turn,
    /// The bot's lines of this turn were looked at, all together.
    bot_done: bool,
    /// Operations since the last lines that begin with `does`, less those that they named.
    window: Vec<Operation>,
    named: bool,
}

impl Judge {
    fn turn(&mut self, turn: Turn) {
        if std::mem::take(&mut self.named) {
            self.window.clear();
        }
        self.window.extend(turn.done.iter().cloned());
        self.turn = turn;
        self.bot_done = false;
    }

    fn miss(&mut self, line: usize, instead: Vec<String>) {
        self.outcome.misses.push(Miss {
            line,
            instead,
            wording: false,
        });
    }

    /// Looks at all lines of the bot in this turn at once; `lines` begins with the first.
    fn bot(&mut self, lines: &[Line]) {
        if std::mem::replace(&mut self.bot_done, true) {
            return;
        }
        let turn = lines
            .iter()
            .take_while(|line| !matches!(line.what, What::Act(_)));
        let mut wording = Vec::new();
        for line in turn {
            match &line.what {
                What::Check(Check::Bot(pattern)) => {
                    wording.push((line.number, Wording::Has(pattern)));
                }
                What::Check(Check::BotExactly(text)) => {
                    wording.push((line.number, Wording::Is(text)));
                }
                What::Check(Check::BotNot(pattern)) => {
                    let has = |said: &&String| pattern.find(&normal(said), 0).is_some();
                    let said = &self.turn.said;
                    let whole = pattern.find(&normal(&said.join(" ")), 0).is_some();
                    if whole {
                        let found: Vec<_> = said.iter().filter(has).collect();
                        let shown = if found.is_empty() {
                            said.iter().collect()
                        } else {
                            found
                        };
                        let shown = shown.into_iter().map(|said| format!("bot: {said}"));
                        let shown = shown.collect();
                        self.miss(line.number, shown);
                    }
                }
                _ => {}
            }
        }
        self.outcome
            .misses
            .extend(compare(&wording, &self.turn.said));
    }

    fn check(&mut self, number: usize, check: &Check) {
        let understood = self.turn.understood.as_ref();
        let slot = |name: &str| understood.and_then(|known| known.slots.get(name)).cloned();
        let instead = match check {
            Check::Intent(wanted) => {
                let intent = understood.map_or("", |known| known.intent.as_str());
                (intent != wanted).then(|| Check::Intent(intent.to_owned()).to_string())
            }
            Check::Slot { name, value } => {
                let known = slot(name);
                (known.as_ref() != Some(value)).then(|| match known {
                    Some(known) => format!("slot {name} = {known}"),
                    None => format!("no slot {name}"),
                })
            }
            Check::NoSlot(name) => slot(name).map(|known| format!("slot {name} = {known}")),
            Check::Asks(wanted) => {
                let other = self.turn.asks.as_ref().filter(|asks| *asks != wanted);
                other.map(|asks| Check::Asks(asks.clone()).to_string())
            }
            Check::GoesOn => (!self.turn.goes_on).then(|| "# the reply was cut".to_owned()),
            Check::End(wanted) => match self.turn.ended {
                Some(ended) if wanted.covers(ended) => None,
                Some(ended) => Some(format!("end {ended}")),
                None => Some("# the call goes on".to_owned()),
            },
            Check::Does {
                operation,
                arguments,
            } => return self.does(number, operation, arguments),
            Check::DoesNothing => return self.does_nothing(number),
            Check::Bot(_) | Check::BotExactly(_) | Check::BotNot(_) => None,
        };
        if let Some(instead) = instead {
            self.miss(number, vec![instead]);
        }
    }

    fn does(&mut self, number: usize, operation: &str, arguments: &[(String, String)]) {
        self.named = true;
        let fits = |done: &Operation| {
            done.name == operation
                && arguments
                    .iter()
                    .all(|(name, value)| done.arguments.get(name) == Some(value))
        };
        match self.window.iter().position(fits) {
            Some(at) => drop(self.window.remove(at)),
            None => {
                let mut done: Vec<_> = self.window.iter().map(written).collect();
                if done.is_empty() {
                    done.push("does nothing".into());
                }
                self.miss(number, done);
            }
        }
    }

    fn does_nothing(&mut self, number: usize) {
        self.named = true;
        let done = self.window.iter().filter(|done| done.changes);
        let done: Vec<_> = done.map(written).collect();
        if !done.is_empty() {
            self.miss(number, done);
        }
    }
}

fn written(done: &Operation) -> String {
    format!("does {}{}", done.name, write_arguments(&done.arguments))
}

/// What a line of the bot wants of the reply.
enum Wording<'a> {
    Has(&'a Pattern),
    Is(&'a str),
}

impl Wording<'_> {
    /// A sentence, as such a line writes it. `None`: it has no words to write.
    fn write(&self, said: &str) -> Option<String> {
        match self {
            Self::Has(_) => Pattern::new(said).map(|_| format!("bot: {said}")),
            Self::Is(_) => (!said.is_empty()).then(|| format!("bot= {said}")),
        }
    }
}

/// Finds the lines in the reply, in order. At the first that is not there, the rest of the reply stands
/// in for it and for the lines after it.
fn compare(lines: &[(usize, Wording<'_>)], said: &[String]) -> Vec<Miss> {
    let mut text = String::from(" ");
    let mut starts = Vec::new();
    for sentence in said {
        starts.push(text.len() - 1);
        text.push_str(normal(sentence).trim_start());
    }
    let end = text.len() - 1;
    starts.push(end);
    let sentence_at = |at: usize| starts.iter().position(|&start| start == at);
    let exact = lines
        .iter()
        .all(|(_, wording)| matches!(wording, Wording::Is(_)));
    let mut at = 0;
    // The last place where a line's words ended with a sentence: line, sentence.
    let mut whole = (0, 0);
    for (place, (_, wording)) in lines.iter().enumerate() {
        if let Some(sentence) = sentence_at(at) {
            whole = (place, sentence);
        }
        let found = match wording {
            Wording::Has(pattern) => pattern.find(&text, at),
            Wording::Is(wanted) => exactly(wanted, said, &starts, at, exact),
        };
        match found {
            Some(next) => at = next,
            None => return rewrite(lines, said, whole),
        }
    }
    match lines.last() {
        Some((number, wording)) if exact && at < end => {
            // Everything was to be said to the letter, and there is more.
            let more = sentence_at(at).unwrap_or(0);
            let mut instead: Vec<String> = match wording {
                Wording::Is(wanted) => vec![format!("bot= {wanted}")],
                Wording::Has(_) => Vec::new(),
            };
            instead.extend(said[more..].iter().filter_map(|said| wording.write(said)));
            vec![Miss {
                line: *number,
                instead,
                wording: true,
            }]
        }
        _ => Vec::new(),
    }
}

/// Where the sentences that are `wanted` end; they begin at `at`, or, unless `at_once`, later.
fn exactly(
    wanted: &str,
    said: &[String],
    starts: &[usize],
    at: usize,
    at_once: bool,
) -> Option<usize> {
    let first = starts.iter().position(|&start| start >= at)?;
    let last = if at_once { first + 1 } else { said.len() };
    (first..last.min(said.len())).find_map(|from| {
        (from + 1..=said.len())
            .find(|&to| said[from..to].join(" ") == wanted)
            .map(|to| starts[to])
    })
}

fn rewrite(
    lines: &[(usize, Wording<'_>)],
    said: &[String],
    (place, sentence): (usize, usize),
) -> Vec<Miss> {
    let mut rest = Some(&said[sentence.min(said.len())..]);
    let rewritten = lines[place..].iter().map(|(number, wording)| Miss {
        line: *number,
        instead: rest
            .take()
            .unwrap_or_default()
            .iter()
            .filter_map(|said| wording.write(said))
            .collect(),
        wording: true,
    });
    rewritten.collect()
}
