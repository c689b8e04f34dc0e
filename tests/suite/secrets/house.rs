//! The business with a secret that these tests call, and its ears, its mouth and a witness.

use super::*;

pub(super) const RIGHT: &str = "471938";
pub(super) const WRONG: &str = "826604";
pub(super) const WEAK: &str = "555555";
pub(super) const NEW: &str = "5938172";
pub(super) const SPOKEN: &str = "my pin is zanzibar";
pub(super) const PLANTED: &[&str] = &[RIGHT, WRONG, WEAK, NEW, "zanzibar"];

pub(super) const TASKS: &str = r#"
[slots.pin]
kind = "digits"
digits = 6
secret = true
[slots.new_pin]
kind = "digits"
min = 6
max = 8
secret = true
valid = "value != '555555'"
[slots.again]
kind = "digits"
min = 6
max = 8
secret = true
[tasks.change_pin]
key = "1"
steps = [
  { if = "unknown_pin", say = "no_pin", end = true },
  { ask = "pin" },
  { do = "check_pin", with = { account = "'1001'", pin = "pin" }, as = "checked" },
  { if = "not checked.right", say = "wrong_pin", again = ["pin"] },
  { ask = "new_pin" },
  { ask = "again" },
  { if = "new_pin != again", say = "not_same", again = ["new_pin", "again"] },
  { do = "change_pin", with = { account = "'1001'", pin = "new_pin" }, as = "changed" },
  { say = "pin_changed", end = true },
]
"#;

pub(super) const OPERATIONS: &str = r#"
[check_pin]
arguments = ["account", "pin"]
action = ["UPDATE accounts SET tries = tries + (pin != pin_hash(:pin, salt)) WHERE id = :account"]
query = "SELECT pin = pin_hash(:pin, salt) AS right FROM accounts WHERE id = :account"
[change_pin]
arguments = ["account", "pin"]
action = ["UPDATE accounts SET pin = pin_hash(:pin, salt) WHERE id = :account"]
"#;

pub(super) fn files() -> BTreeMap<String, String> {
    let tables = format!(
        "CREATE TABLE accounts (id TEXT PRIMARY KEY, salt TEXT NOT NULL, pin TEXT NOT NULL, tries INTEGER NOT NULL);
         INSERT INTO accounts VALUES ('1001', 'a1', pin_hash('{RIGHT}', 'a1'), 0);"
    );
    let wording = r#"
title = "The vault"
bias = "I want to change my PIN."
[tasks.change_pin]
label = "change your PIN"
menu = "changing your PIN"
topic = "the PIN"
examples = ["change my pin", "I want a new pin", "set another pin", "my pin is old"]
"#;
    let prompts = r#"
[labels]
pin = "the PIN"
new_pin = "the new PIN"
again = "the new PIN again"
[slots.pin]
ask = "Please key in your PIN."
[slots.new_pin]
ask = "Please key in a new PIN, and then the pound key."
invalid = "That one is too easy to guess."
[slots.again]
ask = "And once more, please."
[no_pin]
say = "Then I can't change it."
[wrong_pin]
say = "That is not your PIN."
[not_same]
say = "Those two differ."
[pin_changed]
say = "Your PIN is changed."
"#;
    let mut business =
        "name = \"vault\"\nlanguages = [\"en\"]\ncurrency = \"USD\"\n[hours]\n".to_owned();
    for day in ["mon", "tues", "wednes", "thurs", "fri", "satur", "sun"] {
        business += &format!("{day}day = \"09:00-18:00\"\n");
    }
    [
        ("business.toml", business.as_str()),
        ("tasks.toml", TASKS),
        ("operations.toml", OPERATIONS),
        ("store.sql", &tables),
        ("en/wording.toml", wording),
        ("en/prompts.toml", prompts),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into()
}

pub(super) fn now() -> DateTime {
    "2026-11-24T10:30".parse().unwrap()
}

pub(super) fn domain() -> Arc<Domain> {
    Arc::new(Domain::parse(&files()).unwrap())
}

/// Hears the planted words in everything; keeps the sound it got.
#[derive(Default)]
pub(super) struct Ears(pub(super) Mutex<Vec<Vec<i16>>>);

impl Hearing for Ears {
    fn recognize(&self, request: Request, done: Box<dyn FnOnce(Recognized) + Send>) -> Cancel {
        self.0.lock().unwrap().push(request.samples);
        done(Recognized {
            doubted: false,
            result: Ok(vec![sure(SPOKEN)]),
            took: Duration::ZERO,
            queued: Duration::ZERO,
        });
        Cancel::default()
    }
}

/// 200 ms of sound for every sentence; keeps what it was to say.
#[derive(Default)]
pub(super) struct Mouth(pub(super) Mutex<Vec<String>>);

impl Speaking for Mouth {
    fn speak(&self, saying: Saying, done: Box<dyn FnOnce(Rendered) + Send>) {
        self.0.lock().unwrap().push(format!("{saying:?}"));
        done(Rendered {
            result: Ok([1000; 3200].into()),
            took: Duration::ZERO,
        });
    }
}

/// Keeps everything that it is told.
#[derive(Clone, Default)]
pub(super) struct Witness(pub(super) Arc<Mutex<Vec<String>>>);

impl Narrator for Witness {
    fn event(&mut self, _: Tick, event: &Event) {
        self.0.lock().unwrap().push(format!("{event:?}"));
    }

    fn action(&mut self, _: Tick, action: &Action) {
        self.0
            .lock()
            .unwrap()
            .push(format!("{action:?} {action:#?}"));
    }
}

pub(super) const LINE: LineTraits = LineTraits {
    name: "recording",
    virtual_clock: true,
    ..LineTraits::PLAIN
};
