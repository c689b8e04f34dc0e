//! Wording: templates (minijinja) that become sentences, each as written in the transcript and as
//! the voice reads it, and the conditions that tasks are written with. Decides nothing about when
//! something is said.
//!
//! A filter (`{{ amount|money }}`) leaves both readings in the rendered text between control
//! characters; they are taken apart sentence by sentence.

use super::hours::{Hours, State as Now};
use super::reply::Sentence;
use super::spoken::{Currency, Language, Reading};
use super::windows::windows;
use jiff::civil::{Date, DateTime, Time};
use minijinja::value::{Kwargs, Serde};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Values for templates and conditions, by name.
pub type Values = BTreeMap<String, serde_json::Value>;

/// Values made ready for templates: cheap to use again.
#[derive(Clone, Debug)]
pub struct View(Value);

impl From<&Values> for View {
    fn from(values: &Values) -> Self {
        Self(Value::from(Serde(values)))
    }
}

const OPEN: char = '\u{2}';
const SPEAK: char = '\u{3}';
const CLOSE: char = '\u{4}';

/// The templates of one language.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    /// Templates without places: rendered in advance.
    fixed: BTreeMap<String, Vec<Sentence>>,
    names: BTreeSet<String>,
}

impl Templates {
    /// None yet; amounts without another currency are in `currency`.
    pub fn new(language: Language, currency: Currency, hours: &Hours) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        add_filters(&mut environment, language, currency);
        add_hours(&mut environment, hours);
        Self {
            environment,
            fixed: BTreeMap::new(),
            names: BTreeSet::new(),
        }
    }

    /// Adds when people take calls: `staffed_now()`, as `open_now()`, and `call_back_windows()`.
    #[must_use]
    pub fn with_staff(mut self, language: Language, staffed: &Hours) -> Self {
        add_now(&mut self.environment, "staffed_now", staffed);
        let own = staffed.clone();
        self.environment
            .add_function("call_back_windows", move |state: &State<'_, '_>| {
                let now = now(state);
                let rows = now.map(|now| windows(&own, now, language));
                Value::from(Serde(rows.unwrap_or_default()))
            });
        self
    }

    /// Adds the template `name`.
    ///
    /// # Errors
    /// What is wrong with its text.
    pub fn add(&mut self, name: &str, source: &str) -> Result<(), String> {
        if source.contains([OPEN, SPEAK, CLOSE]) {
            return Err("a control character".into());
        }
        if source.trim().is_empty() {
            return Err("a prompt without words".into());
        }
        self.environment
            .add_template_owned(name.to_owned(), source.to_owned())
            .map_err(|error| explain(&error))?;
        self.names.insert(name.to_owned());
        if !source.contains("{{") && !source.contains("{%") {
            self.fixed.insert(name.to_owned(), sentences(source));
        }
        Ok(())
    }

    /// Names that the template uses (the first part of `order.status`).
    pub fn places(&self, name: &str) -> Vec<String> {
        let template = self.environment.get_template(name);
        let mut places: Vec<String> = template
            .map(|template| template.undeclared_variables(false).into_iter().collect())
            .unwrap_or_default();
        places.sort();
        places
    }

    /// The sentences of the template `name`; none where there is no such template, or its filters
    /// cannot read a value.
    pub fn render(&self, name: &str, values: &View) -> Vec<Sentence> {
        if let Some(fixed) = self.fixed.get(name) {
            return fixed.clone();
        }
        let rendered = self
            .environment
            .get_template(name)
            .and_then(|template| template.render(values.0.clone()));
        sentences(&rendered.unwrap_or_default())
    }

    /// Renders `source` at once: what [`Templates::render`] would say, or why it would say nothing.
    ///
    /// # Errors
    /// A filter or function that does not exist or cannot read its value; an error of grammar.
    pub fn trial(&self, source: &str, values: &Values) -> Result<Vec<Sentence>, String> {
        self.environment
            .render_str(source, Value::from(Serde(values)))
            .map(|rendered| sentences(&rendered))
            .map_err(|error| explain(&error))
    }

    /// Names that `source` uses, as [`Templates::places`] gives them.
    pub fn places_of(&self, source: &str) -> Vec<String> {
        let template = self.environment.template_from_str(source);
        let mut places: Vec<String> = template
            .map(|template| template.undeclared_variables(false).into_iter().collect())
            .unwrap_or_default();
        places.sort();
        places
    }

    /// A text from a page, as a sentence: what is written in figures is read by its rules.
    pub fn read(&self, text: &str) -> Sentence {
        let mut read = sentences(text);
        let first = if read.is_empty() {
            Sentence::default()
        } else {
            read.remove(0)
        };
        read.into_iter().fold(first, |mut all, next| {
            all.text = format!("{} {}", all.text, next.text);
            all
        })
    }

    /// Sentences that need no other values than these, for rendering in advance.
    pub fn fixed(&self, values: &Values) -> Vec<Sentence> {
        let view = View::from(values);
        let known = |name: &&String| {
            let places = self.places(name);
            self.fixed.contains_key(*name)
                || !places.is_empty() && places.iter().all(|place| values.contains_key(place))
        };
        let names = self.names.iter().filter(known);
        names.flat_map(|name| self.render(name, &view)).collect()
    }

    /// Checks the condition or expression `source`, and gives the names that it uses.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, source: &str) -> Result<Vec<String>, String> {
        let expression = self
            .environment
            .compile_expression(source)
            .map_err(|error| explain(&error))?;
        let mut names: Vec<String> = expression.undeclared_variables(false).into_iter().collect();
        names.sort();
        Ok(names)
    }

    /// The value of an expression; null where it has none.
    pub fn value(&self, source: &str, values: &View) -> serde_json::Value {
        self.environment
            .compile_expression(source)
            .and_then(|expression| expression.eval(values.0.clone()))
            .ok()
            .and_then(|value| serde_json::to_value(&value).ok())
            .unwrap_or_default()
    }

    /// Whether a condition holds.
    pub fn holds(&self, source: &str, values: &View) -> bool {
        self.environment
            .compile_expression(source)
            .and_then(|expression| expression.eval(values.0.clone()))
            .is_ok_and(|value| value.is_true())
    }
}

fn explain(error: &Error) -> String {
    let detail = error.detail().unwrap_or_default();
    let kind = error.kind().to_string();
    if detail.is_empty() {
        kind
    } else {
        format!("{kind}: {detail}")
    }
}

fn both(Reading { text, speak }: Reading) -> String {
    if text == speak {
        text
    } else {
        format!("{OPEN}{text}{SPEAK}{speak}{CLOSE}")
    }
}

fn add_filters(environment: &mut Environment<'static>, language: Language, currency: Currency) {
    let text = |value: &Value| value.to_string();
    environment.add_filter("id", move |value: Value| {
        both(language.read_id(&text(&value)))
    });
    environment.add_filter("phone", move |value: Value| {
        both(language.read_phone(&text(&value)))
    });
    environment.add_filter("spell", move |value: Value| {
        both(language.read_spelled(&text(&value)))
    });
    environment.add_filter("count", move |value: Value| {
        both(language.read_count(value.as_i64().unwrap_or(0)))
    });
    environment.add_filter("money", move |value: Value, options: Kwargs| {
        let code: Option<String> = options.get("currency")?;
        let currency = code
            .as_deref()
            .and_then(Currency::from_code)
            .unwrap_or(currency);
        let minor = value.as_i64().or_else(|| text(&value).parse().ok());
        let minor = minor.ok_or_else(|| unreadable("an amount in cents"))?;
        Ok::<_, Error>(both(language.read_money(minor, currency)))
    });
    environment.add_filter("date", move |state: &State<'_, '_>, value: Value| {
        let day = day(&text(&value)).ok_or_else(|| unreadable("a date"))?;
        Ok::<_, Error>(both(match today(state) {
            Some(today) => language.read_date(day, today),
            None => language.read_full_date(day),
        }))
    });
    environment.add_filter("weekday", move |value: Value| {
        let day = day(&text(&value)).ok_or_else(|| unreadable("a date"))?;
        Ok::<_, Error>(both(language.read_weekday(day.weekday())))
    });
    environment.add_filter("time", move |value: Value| {
        let time = time(&text(&value)).ok_or_else(|| unreadable("a time"))?;
        Ok::<_, Error>(both(language.read_time(time)))
    });
    environment.add_filter(
        "list",
        move |items: Serde<Vec<serde_json::Value>>, options: Kwargs| {
            let field: Option<String> = options.get("of")?;
            let or: Option<bool> = options.get("or")?;
            let name = |item: &serde_json::Value| match &field {
                Some(field) => plain(item.get(field.as_str()).unwrap_or(item)),
                None => plain(item),
            };
            let names: Vec<Reading> = items
                .0
                .iter()
                .map(|item| Reading::plain(name(item)))
                .collect();
            Ok::<_, Error>(both(match or {
                Some(true) => language.read_choice(&names),
                _ => language.read_list(&names),
            }))
        },
    );
}

/// `open_now()`, `opening(day)` and `week()`: the business's hours.
fn add_hours(environment: &mut Environment<'static>, hours: &Hours) {
    let span = |open: Time, close: Time| {
        let (open, close) = (open.to_string(), close.to_string());
        minijinja::context! { open, close }
    };
    let own = hours.clone();
    environment.add_function("opening", move |date: Value| {
        let day = day(&text_of(&date)).and_then(|date| own.on(date));
        day.map_or(Value::from(()), |(open, close)| span(open, close))
    });
    add_now(environment, "open_now", hours);
    let own = hours.clone();
    environment.add_function("week", move || {
        // Any Monday: only its weekday is read.
        let monday = jiff::civil::date(2024, 1, 1);
        let day = |offset: usize| {
            let days = i64::try_from(offset).unwrap_or(0);
            let day = monday.saturating_add(jiff::Span::new().days(days));
            day.to_string()
        };
        let row = |(first, last, times): (usize, usize, super::hours::Day)| {
            let times = times.map(|(open, close)| (open.to_string(), close.to_string()));
            let (open, close) = times.unzip();
            minijinja::context! {
                from => day(first), to => day(last), one => first == last, open, close
            }
        };
        own.rows().into_iter().map(row).collect::<Vec<Value>>()
    });
}

/// Whether it is open now, until when, or when it opens.
fn add_now(environment: &mut Environment<'static>, name: &'static str, hours: &Hours) {
    let own = hours.clone();
    environment.add_function(name, move |state: &State<'_, '_>| {
        match now(state).map(|now| own.at(now)) {
            Some(Now::Open { close }) => {
                minijinja::context! { open => true, close => close.to_string() }
            }
            Some(Now::OpensToday { open }) => {
                minijinja::context! { open => false, opens => open.to_string() }
            }
            Some(Now::Closed {
                next: Some((date, open)),
            }) => minijinja::context! {
                open => false, day => date.to_string(), opens => open.to_string()
            },
            Some(Now::Closed { next: None }) | None => minijinja::context! { open => false },
        }
    });
}

/// The call's "now".
fn now(state: &State<'_, '_>) -> Option<DateTime> {
    state.lookup("now")?.as_str()?.parse().ok()
}

fn text_of(value: &Value) -> String {
    value.to_string()
}

fn unreadable(wanted: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("not {wanted}"))
}

/// A value as text, without quotes.
pub fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn today(state: &State<'_, '_>) -> Option<Date> {
    let value = state.lookup("today")?;
    day(value.as_str()?)
}

/// A date, alone or in front of a time.
fn day(text: &str) -> Option<Date> {
    text.parse::<DateTime>()
        .map(|moment| moment.date())
        .or_else(|_| text.parse::<Date>())
        .ok()
}

fn time(text: &str) -> Option<Time> {
    text.parse::<DateTime>()
        .map(|moment| moment.time())
        .or_else(|_| text.parse::<Time>())
        .ok()
}

/// Words with a full stop that do not end a sentence.
const ABBREVIATIONS: [&str; 12] = [
    "a.m.", "p.m.", "Dr.", "Mr.", "Mrs.", "Ms.", "St.", "No.", "Sr.", "Sra.", "Dra.", "Ud.",
];

/// Splits rendered text into sentences and each into its two readings.
fn sentences(rendered: &str) -> Vec<Sentence> {
    let mut out = Vec::new();
    let mut at = Sentence::default();
    let (mut text, mut speak) = (true, true);
    let mut chars = rendered.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            OPEN => (text, speak) = (true, false),
            SPEAK => (text, speak) = (false, true),
            CLOSE => (text, speak) = (true, true),
            c if c.is_whitespace() => {
                if text && !at.text.is_empty() && !at.text.ends_with(' ') {
                    at.text.push(' ');
                }
                if speak && !at.speak.is_empty() && !at.speak.ends_with(' ') {
                    at.speak.push(' ');
                }
            }
            c => {
                if text {
                    at.text.push(c);
                }
                if speak {
                    at.speak.push(c);
                }
                let ends = matches!(c, '.' | '?' | '!')
                    && chars.peek().is_none_or(|next| next.is_whitespace())
                    && !ABBREVIATIONS.iter().any(|word| at.text.ends_with(word));
                if text && speak && ends {
                    finish(&mut at, &mut out);
                }
            }
        }
    }
    finish(&mut at, &mut out);
    out
}

fn finish(at: &mut Sentence, out: &mut Vec<Sentence>) {
    let (text, speak) = (at.text.trim().to_owned(), at.speak.trim().to_owned());
    at.text.clear();
    at.speak.clear();
    if text.chars().any(char::is_alphanumeric) {
        // "at 9 a.m." and its full stop.
        let text = text
            .replace("..", ".")
            .replace(" .", ".")
            .replace(" ,", ",");
        let speak = speak
            .replace("..", ".")
            .replace(" .", ".")
            .replace(" ,", ",");
        let speak = if speak == text { String::new() } else { speak };
        out.push(Sentence {
            text,
            speak,
            ..Sentence::default()
        });
    }
}
