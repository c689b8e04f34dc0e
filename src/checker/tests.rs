//! Each kind of finding on a small folder that has just that mistake, and the businesses of the binary,
//! which have none.

mod tasks;
mod words;

use super::subject::Subject;
use super::*;
use crate::dialogue::domain::{TRADES, trade};

type Check = fn(&Subject<'_>) -> Vec<Finding>;

const BUSINESS: &str = "name = \"small\"\nlanguages = [\"en\"]\ncurrency = \"USD\"\n[hours]\nmonday = \"09:00-18:00\"\n[values]\nfee = 500\n";
const TASKS: &str = r#"
[slots.order]
kind = "digits"
digits = 6
[tasks.status]
key = "1"
steps = [
  { ask = "order" },
  { look = "order", as = "found" },
  { if = "not found", say = "nothing", again = ["order"] },
  { say = "state" },
]
"#;
const OPERATIONS: &str = "[order]\narguments = [\"order\"]\nquery = \"SELECT id, status FROM orders WHERE id = :order\"\n";
const STORE: &str = "CREATE TABLE orders (id TEXT, status TEXT);\n";
const WORDING: &str = "title = \"Small\"\n[tasks.status]\nlabel = \"hear about an order\"\nmenu = \"orders\"\nexamples = [\n  \"where is my order\",\n  \"track order {order}\",\n  \"status of my parcel\",\n  \"has it been sent\",\n  \"is my parcel on its way\",\n  \"when does it arrive\",\n  \"my order is late\",\n  \"what about my delivery\",\n]\n";
const PROMPTS: &str = r#"
[labels]
order = "the order number"
[slots.order]
ask = "Which order?"
retry = "Please say the six digits."
[nothing]
say = "I can't find {{ order|id }}."
[state]
say = "It is {{ found.status }}."
"#;
const EXAMPLE: &str = "# One order\ncaller: where is my order\n  intent status\n";

fn base() -> Files {
    [
        ("business.toml", BUSINESS),
        ("tasks.toml", TASKS),
        ("operations.toml", OPERATIONS),
        ("store.sql", STORE),
        ("en/wording.toml", WORDING),
        ("en/prompts.toml", PROMPTS),
        ("examples/one.txt", EXAMPLE),
    ]
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .into()
}

/// The base with one text in one file replaced.
fn with(file: &str, old: &str, new: &str) -> Files {
    let mut files = base();
    change(&mut files, file, old, new);
    files
}

fn change(files: &mut Files, file: &str, old: &str, new: &str) {
    let text = files.get(file).cloned().unwrap_or_default();
    assert!(text.contains(old), "{file} has no {old:?}");
    files.insert(file.to_owned(), text.replacen(old, new, 1));
}

/// The base with more at the end of a file.
fn plus(file: &str, more: &str) -> Files {
    let mut files = base();
    files.entry(file.to_owned()).or_default().push_str(more);
    files
}

fn found(files: &Files, check: Check) -> Vec<Finding> {
    let domain = Domain::parse(files).expect("the folder can be read").own();
    check(&Subject::new(files, &domain))
}

/// Exactly one finding, of this kind, at this place, that says this.
fn one(files: &Files, check: Check, kind: &str, (file, line): (&str, usize), says: &str) {
    let all = found(files, check);
    let [finding] = all.as_slice() else {
        panic!("not one finding but {all:#?}")
    };
    assert_eq!(
        (finding.kind, finding.file.as_str(), finding.line),
        (kind, file, line),
        "{finding:?}"
    );
    let told = format!("{} {}", finding.what, finding.hint);
    assert!(told.contains(says), "{told}");
}

#[test]
fn the_small_business_has_nothing_wrong() {
    let findings = check(&base(), None);
    assert!(findings.is_empty(), "{findings:#?}");
    assert_eq!(report::text(&findings), "nothing is wrong\n");
}

/// Matters of taste: what else is found in the shop is a mistake of its own, or of the checker's.
const TASTE: [&str; 4] = [
    "long_prompt",
    "more_choices_than_keys",
    "no_example",
    "same_example",
];

#[test]
fn the_businesses_have_no_errors_and_the_shop_gives_no_reason_to_cry_wolf() {
    for name in TRADES {
        let files = trade(name).expect("it is in the binary");
        let domain = Domain::parse(&files).expect("it can be read").own();
        let mut findings = quick(&Subject::new(&files, &domain), None);
        findings.retain(|finding| {
            finding.severity == Severity::Error
                || name == "shop"
                    && finding.severity == Severity::Warning
                    && !TASTE.contains(&finding.kind)
        });
        assert!(findings.is_empty(), "{name}: {findings:#?}");
    }
}

#[test]
fn what_cannot_be_read_is_the_only_finding() {
    let findings = check(
        &with("tasks.toml", "ask = \"order\"", "ask = \"ordre\""),
        None,
    );
    let [finding] = findings.as_slice() else {
        panic!("{findings:#?}")
    };
    assert_eq!(
        (finding.kind, finding.file.as_str(), finding.line),
        ("parse", "tasks.toml", 8)
    );
    assert_eq!(finding.hint, "did you mean \"order\"?");
    let json = report::json(&findings);
    assert_eq!(
        (&json["errors"], &json["findings"][0]["line"]),
        (&1.into(), &8.into())
    );
    assert!(
        report::text(&findings)
            .starts_with("tasks.toml:8: error: there is no slot \"ordre\" [parse]\n  hint: did")
    );
}

#[test]
fn a_file_that_nothing_reads() {
    let files = plus("en/promts.toml", "[x]\nsay = \"x\"\n");
    one(
        &files,
        languages::languages,
        "unread_file",
        ("en/promts.toml", 1),
        "is its name right",
    );
    let files = plus("es/prompts.toml", "");
    one(
        &files,
        languages::languages,
        "unread_file",
        ("es/prompts.toml", 1),
        "languages",
    );
}

#[test]
fn a_flag_that_alarms_at_an_ordinary_wish() {
    let mut files = plus(
        "tasks.toml",
        "[tasks.fire]\nsteps = [{ person = \"emergency\" }]\n",
    );
    files
        .entry("en/wording.toml".into())
        .or_default()
        .push_str("[tasks.fire]\nlabel = \"x\"\nmenu = \"x\"\n");
    files.insert(
        "flags.toml".into(),
        "[late]\ndoes = \"fire\"\nen = [\"order is late\"]\n".into(),
    );
    one(
        &files,
        examples::flags,
        "false_alarm",
        ("flags.toml", 2),
        "\"my order is late\"",
    );
    files.insert(
        "flags.toml".into(),
        "[late]\ndoes = \"fire\"\nen = [\"house is burning\"]\n".into(),
    );
    assert!(found(&files, examples::flags).is_empty());
}

#[test]
fn example_dialogues_that_are_wrong_or_missing() {
    let only: Check = |subject| examples::dialogues(subject, None);
    let files = with("examples/one.txt", "caller:", "caler:");
    one(&files, only, "example", ("examples/one.txt", 2), "caller:");
    let mut files = base();
    files.remove("examples/one.txt");
    one(&files, only, "no_example", ("examples", 1), "/save");
    let files = with("examples/one.txt", "  intent status\n", "");
    one(
        &files,
        only,
        "no_example",
        ("tasks.toml", 5),
        "about \"status\"",
    );
    // They were run, and one of them asked for it.
    let met: Check = |subject| {
        let met = BTreeSet::from(["branch:status/2:true".to_owned()]);
        examples::dialogues(subject, Some(&met))
    };
    assert!(found(&files, met).is_empty());
}

#[test]
fn a_store_that_does_not_load() {
    let findings = back_end(&with("store.sql", "TABLE", "TABEL"));
    let [finding] = findings.as_slice() else {
        panic!("{findings:#?}")
    };
    assert_eq!(
        (finding.kind, finding.file.as_str(), finding.line),
        ("store", "store.sql", 1)
    );
    let findings = back_end(&with("operations.toml", "status FROM", "stats FROM"));
    assert_eq!(findings[0].file, "operations.toml");
    // Variables are a matter of the machine that serves.
    assert!(back_end(&plus("operations.toml", "[x]\nurl = \"${HOST}/x\"\n")).is_empty());
}
