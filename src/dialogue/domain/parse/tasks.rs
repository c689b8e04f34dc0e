//! `tasks.toml`: slots and tasks.

use super::super::Limits;
use super::super::source::{DomainError, Source};
use super::super::task::{Act, Level, Options, Slot, SlotKind, Step, Task};
use super::Operation;
use crate::dialogue::reply::Reason;
use crate::dialogue::value::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, RawSlot>")]
    slots: BTreeMap<Spanned<String>, RawSlot>,
    #[schemars(with = "BTreeMap<String, RawTask>")]
    tasks: BTreeMap<Spanned<String>, RawTask>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawSlot {
    /// `digits`, `letters`, `code`, `amount`, `count`, `date`, `time`, `phone`, `yes_no`, `text`, `choice` or `record`.
    #[schemars(with = "String")]
    kind: Spanned<String>,
    /// How many digits or letters; or `min` and `max`.
    digits: Option<u8>,
    min: Option<u8>,
    max: Option<u8>,
    /// For `choice`: the names of the options; `wording.toml` has the words for them.
    options: Option<Vec<String>>,
    /// For `record`: the name of a lookup with `all = true`.
    from: Option<String>,
    /// For `record`: the column that is said and heard.
    label: Option<String>,
    /// For `record`: more columns whose words pick a row.
    #[serde(default)]
    also: Vec<String>,
    /// `always`, `unsure` or `never` read back.
    #[schemars(with = "Option<String>")]
    confirm: Option<Spanned<String>>,
    /// Confidence per mille below which the value is read back.
    confirm_below: Option<u16>,
    /// Confidence per mille below which it is asked again.
    reject_below: Option<u16>,
    /// Keyed only; never heard, logged, journaled or recorded.
    #[serde(default)]
    secret: bool,
    /// A condition on `value` that must hold.
    valid: Option<String>,
    /// For `record`: where there is one row, it is taken without asking.
    only: Option<bool>,
    /// "Cancel it": the last value in this call is meant.
    recall: Option<bool>,
    #[serde(default)]
    bias: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawTask {
    /// Its key in the main menu.
    #[schemars(with = "Option<char>")]
    key: Option<Spanned<char>>,
    /// Who may: `anyone`, `known` or `verified`.
    #[serde(default)]
    needs: Level,
    /// Answers at once and goes back to what was being done.
    #[serde(default)]
    aside: bool,
    /// Nothing is expected to follow the words that ask for it.
    #[serde(default)]
    whole_turn: bool,
    /// Run from the top after every turn.
    #[schemars(with = "Vec<RawStep>")]
    steps: Spanned<Vec<Spanned<RawStep>>>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawStep {
    /// The step counts only while this holds.
    r#if: Option<String>,
    /// Asks for the slot until it has a value.
    ask: Option<String>,
    /// Takes the slot's value where it was said; asks nothing.
    take: Option<String>,
    /// The caller may add to this slot's text, turn by turn; what was done with it is done anew.
    more: Option<String>,
    /// A lookup; `with` gives arguments, `as` names the result.
    look: Option<String>,
    /// An action, done once.
    r#do: Option<String>,
    /// Asks this prompt, for yes or no.
    confirm: Option<String>,
    /// Says this prompt.
    say: Option<String>,
    /// Sets values, by expressions.
    set: Option<BTreeMap<String, String>>,
    /// Forgets these and starts the task over.
    again: Option<Vec<String>>,
    /// The caller has shown who he is.
    grant: Option<Level>,
    /// With `grant`: the row that says who.
    caller: Option<String>,
    /// Hands over to a person, for this reason.
    person: Option<String>,
    /// Goes on with another task, values kept.
    go: Option<String>,
    /// The task is over.
    end: Option<bool>,
    /// The call is over.
    hang_up: Option<bool>,
    /// Goes on in this language.
    speak: Option<String>,
    /// Arguments, by expressions.
    #[serde(default)]
    with: BTreeMap<String, String>,
    /// The name of the result.
    r#as: Option<String>,
    /// Keeps all rows, not only the first.
    #[serde(default)]
    all: bool,
}

/// The JSON Schema of `tasks.toml`.
pub(super) fn schema() -> serde_json::Value {
    schemars::schema_for!(Raw).to_value()
}

type Read = (Vec<Task>, BTreeMap<String, Slot>);

pub(super) fn read(
    source: &Source<'_>,
    operations: &BTreeMap<String, Operation>,
) -> Result<Read, DomainError> {
    let raw: Raw = source.toml()?;
    let tasks = raw.tasks;
    let mut slots = BTreeMap::new();
    for (name, slot) in raw.slots {
        let at = name.span().start;
        let name = name.into_inner();
        reserved(source, at, &name)?;
        slots.insert(name.clone(), read_slot(source, name, at, slot)?);
    }
    let names: Vec<String> = tasks.keys().map(|name| name.get_ref().clone()).collect();
    // The order of the tasks is that of the file; a map forgets it.
    let mut out: Vec<(usize, Task)> = Vec::new();
    let mut keys: BTreeMap<char, String> = BTreeMap::new();
    for (name, task) in tasks {
        let at = name.span().start;
        if let Some(key) = &task.key {
            let (start, key) = (key.span().start, *key.get_ref());
            if !key.is_ascii_digit() {
                return Err(source.error(start, "this is no key for a menu", "use 1 to 9, or 0"));
            }
            if let Some(other) = keys.insert(key, name.get_ref().clone()) {
                let what = format!("the key {key} is that of {other:?} already");
                return Err(source.error(start, what, "give each task its own key, or none"));
            }
        }
        if task.steps.get_ref().is_empty() {
            return Err(source.error(task.steps.span().start, "no steps", "steps = [{ say = … }]"));
        }
        let mut steps = Vec::new();
        for step in task.steps.into_inner() {
            let start = step.span().start;
            steps.push(read_step(
                source,
                start,
                step.into_inner(),
                &slots,
                &names,
                operations,
            )?);
        }
        let asked = steps.iter().filter_map(|step| match &step.act {
            Act::Ask(slot) | Act::Take(slot) => Some(slot.clone()),
            _ => None,
        });
        let mut asked: Vec<String> = asked.collect();
        let mut seen = std::collections::BTreeSet::new();
        asked.retain(|slot| seen.insert(slot.clone()));
        out.push((
            at,
            Task {
                key: task.key.map(Spanned::into_inner),
                needs: task.needs,
                aside: task.aside,
                whole_turn: task.whole_turn,
                shared: false,
                slots: asked,
                steps,
                line: source.line(at),
                name: name.into_inner(),
            },
        ));
    }
    out.sort_by_key(|&(at, _)| at);
    Ok((out.into_iter().map(|(_, task)| task).collect(), slots))
}

/// Names that templates see something else under.
const RESERVED: [&str; 13] = [
    "value", "name", "part", "misses", "opening", "open_now", "week", "choices", "digits", "least",
    "missing", "label", "topic",
];

fn reserved(source: &Source<'_>, at: usize, name: &str) -> Result<(), DomainError> {
    if RESERVED.contains(&name) {
        let what = format!("{name:?} means something else in templates");
        return Err(source.error(at, what, format!("call it {name}_of_… or the like")));
    }
    Ok(())
}

fn read_slot(
    source: &Source<'_>,
    name: String,
    at: usize,
    raw: RawSlot,
) -> Result<Slot, DomainError> {
    let kind_at = raw.kind.span().start;
    let range = |least: u8, most: u8| -> Result<(u8, u8), DomainError> {
        let min = raw.digits.or(raw.min).unwrap_or(least);
        let max = raw.digits.or(raw.max).unwrap_or(most);
        if min == 0 || min > max || max > 30 {
            let hint = "digits = 6, or min = 4 and max = 8 (1 to 30)";
            return Err(source.error(at, "how many?", hint));
        }
        Ok((min, max))
    };
    let kind = match raw.kind.get_ref().as_str() {
        "digits" => {
            let (min, max) = range(1, 30)?;
            SlotKind::Value(Kind::Digits { min, max })
        }
        "letters" => {
            let (min, max) = range(1, 30)?;
            SlotKind::Value(Kind::Letters { min, max })
        }
        "code" => {
            let (min, max) = range(3, 10)?;
            SlotKind::Value(Kind::Code { min, max })
        }
        "amount" => SlotKind::Value(Kind::Amount),
        "count" => SlotKind::Value(Kind::Count),
        "date" => SlotKind::Value(Kind::Date),
        "time" => SlotKind::Value(Kind::Time),
        "phone" => SlotKind::Value(Kind::Phone),
        "yes_no" => SlotKind::Value(Kind::YesNo),
        "text" => SlotKind::Value(Kind::Text),
        "choice" => match raw.options {
            Some(options) if !options.is_empty() => SlotKind::Choice(options),
            _ => {
                return Err(source.error(kind_at, "a choice of what?", "options = [\"a\", \"b\"]"));
            }
        },
        "record" => match (raw.from, raw.label) {
            (Some(from), Some(label)) => SlotKind::Record(Options {
                from,
                label,
                also: raw.also,
            }),
            _ => {
                let hint = "from = \"the name of a lookup with all = true\", label = \"a column\"";
                return Err(source.error(kind_at, "which rows?", hint));
            }
        },
        other => {
            let known = [
                "digits", "letters", "code", "amount", "count", "date", "time", "phone", "yes_no",
                "text", "choice", "record",
            ];
            source.known(kind_at, other, "kind of slot", known.into_iter())?;
            SlotKind::Value(Kind::Text)
        }
    };
    let always_confirm = match &raw.confirm {
        None => false,
        Some(confirm) => {
            let known = ["always", "unsure", "never"].into_iter();
            source.known(
                confirm.span().start,
                confirm.get_ref(),
                "way to confirm",
                known,
            )?;
            confirm.get_ref() == "always"
        }
    };
    let never = raw
        .confirm
        .as_ref()
        .is_some_and(|confirm| confirm.get_ref() == "never");
    let usual = match kind {
        SlotKind::Value(Kind::YesNo) => (0, 300),
        SlotKind::Value(Kind::Digits { .. } | Kind::Code { .. }) => (780, 300),
        _ => (600, 250),
    };
    let limits = Limits {
        confirm_below: if never {
            0
        } else {
            raw.confirm_below.unwrap_or(usual.0)
        },
        reject_below: raw.reject_below.unwrap_or(usual.1),
    };
    if limits.confirm_below > 1000 || limits.reject_below > 1000 {
        return Err(source.error(
            at,
            "a confidence above 1000",
            "they are per mille, 0 to 1000",
        ));
    }
    if raw.secret && !matches!(kind, SlotKind::Value(Kind::Digits { .. })) {
        let hint = "kind = \"digits\": secrets are keyed, never said";
        return Err(source.error(kind_at, "a secret that is no digits", hint));
    }
    let recall = matches!(
        kind,
        SlotKind::Record(_) | SlotKind::Value(Kind::Digits { .. })
    );
    Ok(Slot {
        name,
        kind,
        limits,
        always_confirm,
        secret: raw.secret,
        valid: raw.valid,
        only: raw.only.unwrap_or(true),
        recall: raw.recall.unwrap_or(recall) && !raw.secret,
        bias: raw.bias,
        line: source.line(at),
    })
}

fn read_step(
    source: &Source<'_>,
    at: usize,
    raw: RawStep,
    slots: &BTreeMap<String, Slot>,
    tasks: &[String],
    operations: &BTreeMap<String, Operation>,
) -> Result<Step, DomainError> {
    let mut acts: Vec<Act> = Vec::new();
    if let Some(slot) = raw.ask {
        source.known(at, &slot, "slot", slots.keys().map(String::as_str))?;
        acts.push(Act::Ask(slot));
    }
    if let Some(slot) = raw.take {
        source.known(at, &slot, "slot", slots.keys().map(String::as_str))?;
        acts.push(Act::Take(slot));
    }
    if let Some(slot) = raw.more {
        source.known(at, &slot, "slot", slots.keys().map(String::as_str))?;
        let text = slots.get(&slot).map(|slot| &slot.kind);
        if text != Some(&SlotKind::Value(Kind::Text)) {
            let what = format!("{slot:?} is no text that could go on");
            return Err(source.error(at, what, "more = \"a slot of kind text\""));
        }
        acts.push(Act::More(slot));
    }
    for (operation, action) in [(raw.look, false), (raw.r#do, true)] {
        let Some(operation) = operation else { continue };
        source.known(
            at,
            &operation,
            "operation",
            operations.keys().map(String::as_str),
        )?;
        let known = operations.get(&operation).cloned().unwrap_or_default();
        if known.action != action {
            let (what, hint) = if action {
                (
                    format!("{operation:?} changes nothing"),
                    "use look for lookups",
                )
            } else {
                (
                    format!("{operation:?} changes something"),
                    "use do for actions",
                )
            };
            return Err(source.error(at, what, hint));
        }
        for name in raw.with.keys() {
            source.known(
                at,
                name,
                "argument",
                known.arguments.iter().map(String::as_str),
            )?;
        }
        let arguments = known
            .arguments
            .iter()
            .map(|name| {
                let expression = raw.with.get(name).unwrap_or(name);
                (name.clone(), expression.clone())
            })
            .collect();
        let name = raw.r#as.clone().unwrap_or_else(|| operation.clone());
        acts.push(if action {
            Act::Do {
                operation,
                arguments,
                name,
            }
        } else {
            Act::Look {
                operation,
                arguments,
                name,
                all: raw.all,
            }
        });
    }
    if let Some(prompt) = raw.confirm {
        acts.push(Act::Confirm(prompt));
    }
    for name in raw
        .set
        .iter()
        .flatten()
        .map(|(name, _)| name)
        .chain(&raw.r#as)
    {
        reserved(source, at, name)?;
    }
    if let Some(values) = raw.set {
        acts.push(Act::Set(values));
    }
    if let Some(again) = raw.again {
        acts.push(Act::Again(again));
    }
    match (raw.grant, raw.caller) {
        (Some(level), caller) => acts.push(Act::Grant { level, caller }),
        (None, Some(_)) => {
            return Err(source.error(
                at,
                "caller without grant",
                "grant = \"known\", caller = \"row\"",
            ));
        }
        (None, None) => {}
    }
    if let Some(reason) = raw.person {
        source.known(at, &reason, "reason", Reason::names())?;
        acts.push(Act::Person(reason));
    }
    if let Some(task) = raw.go {
        source.known(at, &task, "task", tasks.iter().map(String::as_str))?;
        acts.push(Act::Go(task));
    }
    if let Some(language) = raw.speak {
        acts.push(Act::Speak(language));
    }
    if raw.end == Some(true) {
        acts.push(Act::End);
    }
    if raw.hang_up == Some(true) {
        acts.push(Act::HangUp);
    }
    let say = raw.say;
    if acts.is_empty() && say.is_some() {
        acts.push(Act::Say);
    }
    let alone = matches!(
        acts.first(),
        Some(
            Act::Ask(_)
                | Act::Take(_)
                | Act::More(_)
                | Act::Confirm(_)
                | Act::Look { .. }
                | Act::Do { .. }
        )
    );
    if acts.len() != 1 || (alone && say.is_some()) {
        let hint = "one of ask, take, more, look, do, confirm, say, set, again, grant, person, go, speak, end, hang_up; say goes with the last eight";
        return Err(source.error(at, "a step does one thing", hint));
    }
    Ok(Step {
        when: raw.r#if,
        act: acts.remove(0),
        say,
        line: source.line(at),
    })
}
