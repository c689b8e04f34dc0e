//! Each kind of finding on a small folder that has just that mistake, and the businesses of the binary,
//! which have none.

use super::subject::Subject;
use super::*;
use crate::dialogue::domain::{TRADES, Words, trade};
use crate::dialogue::spoken::Language;

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
    let domain = Domain::parse(files).expect("the folder can be read");
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

#[test]
fn the_businesses_of_the_binary_have_no_errors() {
    for name in TRADES {
        let files = trade(name).unwrap_or_default();
        if files.is_empty() {
            continue;
        }
        let errors: Vec<Finding> = check(&files, None)
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
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
fn a_task_that_nothing_begins() {
    let files = plus(
        "tasks.toml",
        "[tasks.lost]\nsteps = [{ say = \"state\" }]\n",
    );
    let mut files = files;
    files
        .entry("en/wording.toml".into())
        .or_default()
        .push_str("[tasks.lost]\nlabel = \"x\"\nmenu = \"x\"\n");
    one(
        &files,
        reach::unreached,
        "unreached_task",
        ("tasks.toml", 13),
        "\"lost\"",
    );
    // A flag begins it.
    files.insert(
        "flags.toml".into(),
        "[fire]\ndoes = \"lost\"\nen = [\"the house is on fire\"]\n".into(),
    );
    assert!(found(&files, reach::unreached).is_empty());
}

#[test]
fn few_examples_are_noted() {
    let files = with("en/wording.toml", "  \"status of my parcel\",\n", "");
    one(
        &files,
        reach::unreached,
        "few_examples",
        ("en/wording.toml", 2),
        "only 7",
    );
}

#[test]
fn operations_and_prompts_that_nothing_uses() {
    let files = plus("operations.toml", "[stray]\nquery = \"SELECT 1 AS id\"\n");
    one(
        &files,
        reach::unused,
        "unused_operation",
        ("operations.toml", 4),
        "stray",
    );
    let files = plus("en/prompts.toml", "[stat]\nsay = \"It is.\"\n");
    one(
        &files,
        reach::unused,
        "unused_prompt",
        ("en/prompts.toml", 11),
        "did you mean \"state\"",
    );
}

#[test]
fn trust_that_nobody_can_win() {
    let files = with(
        "tasks.toml",
        "key = \"1\"",
        "key = \"1\"\nneeds = \"verified\"",
    );
    one(
        &files,
        reach::identity,
        "no_identity",
        ("tasks.toml", 5),
        "never be done",
    );
    let mut files = files;
    files
        .entry("business.toml".into())
        .or_default()
        .push_str("[identity]\nverified = \"status\"\n");
    one(
        &files,
        reach::identity,
        "no_grant",
        ("tasks.toml", 5),
        "never grants",
    );
}

#[test]
fn a_task_that_ends_in_silence() {
    let files = with(
        "tasks.toml",
        "{ say = \"state\" }",
        "{ if = \"found.status == 'late'\", say = \"state\" }",
    );
    one(
        &files,
        ends::dead_ends,
        "dead_end",
        ("tasks.toml", 9),
        "not (found.status == 'late')",
    );
    // Both cases are covered.
    let both = "{ if = \"found.status == 'late'\", say = \"state\" }, { if = \"found.status != 'late'\", say = \"state\" }";
    let files = with("tasks.toml", "{ say = \"state\" }", both);
    assert!(found(&files, ends::dead_ends).is_empty());
    // After a yes something must be said.
    let files = with(
        "tasks.toml",
        "{ say = \"state\" }",
        "{ say = \"state\" }, { confirm = \"sure\" }",
    );
    let mut files = files;
    files
        .entry("en/prompts.toml".into())
        .or_default()
        .push_str("[sure]\nask = \"Sure?\"\n");
    one(
        &files,
        ends::dead_ends,
        "dead_end",
        ("tasks.toml", 11),
        "nothing said",
    );
}

#[test]
fn a_task_that_goes_in_circles() {
    let files = with("tasks.toml", "{ if = \"not found\", say", "{ say");
    one(
        &files,
        ends::circles,
        "circle",
        ("tasks.toml", 10),
        "whatever happens",
    );
    let files = with("tasks.toml", "again = [\"order\"]", "again = [\"found\"]");
    one(
        &files,
        ends::circles,
        "circle",
        ("tasks.toml", 10),
        "asking anything anew",
    );
}

#[test]
fn no_words_for_a_person() {
    let finding =
        languages::no_person(&Words::default(), Language::English).expect("there are no words");
    assert_eq!(
        (finding.kind, finding.severity),
        ("no_person", Severity::Error)
    );
}

#[test]
fn questions_that_only_repeat_themselves() {
    let files = with(
        "en/prompts.toml",
        "retry = \"Please say the six digits.\"\n",
        "",
    );
    one(
        &files,
        ladder::ladder,
        "no_retry",
        ("en/prompts.toml", 4),
        "\"order\"",
    );
    let mut files = with(
        "tasks.toml",
        "{ say = \"state\" }",
        "{ confirm = \"sure\" }, { say = \"state\" }",
    );
    files
        .entry("en/prompts.toml".into())
        .or_default()
        .push_str("[sure]\nask = \"Sure?\"\n");
    one(
        &files,
        ladder::ladder,
        "no_retry",
        ("en/prompts.toml", 11),
        "\"sure\"",
    );
}

#[test]
fn a_slot_without_a_label() {
    let files = with("en/prompts.toml", "order = \"the order number\"\n", "");
    one(
        &files,
        ladder::labels,
        "no_label",
        ("en/prompts.toml", 2),
        "[labels] order",
    );
}

#[test]
fn keys_that_do_not_do() {
    let files = with("tasks.toml", "key = \"1\"", "key = \"0\"");
    one(
        &files,
        keys::keys,
        "key_of_person",
        ("tasks.toml", 6),
        "a person's",
    );
    let files = with("tasks.toml", "key = \"1\"\n", "");
    one(
        &files,
        keys::keys,
        "no_menu",
        ("tasks.toml", 1),
        "no task has a key",
    );
    let options: Vec<String> = (0..10).map(|n| format!("o{n}")).collect();
    let mut files = base();
    change(
        &mut files,
        "tasks.toml",
        "[tasks.",
        &format!("[slots.many]\nkind = \"choice\"\noptions = {options:?}\n[tasks."),
    );
    let words: String = options
        .iter()
        .map(|option| format!("{option} = [\"{option}\"]\n"))
        .collect();
    files
        .entry("en/wording.toml".into())
        .or_default()
        .push_str(&format!("[options.many]\n{words}"));
    one(
        &files,
        keys::keys,
        "more_choices_than_keys",
        ("tasks.toml", 5),
        "10 options",
    );
    // Twice the same key is an error of reading.
    let files = plus(
        "tasks.toml",
        "[tasks.other]\nkey = \"1\"\nsteps = [{ say = \"state\" }]\n",
    );
    assert!(check(&files, None)[0].what.contains("the key 1 is that of"));
}

#[test]
fn what_only_one_language_has() {
    let mut files = with("business.toml", "[\"en\"]", "[\"en\", \"es\"]");
    files.insert(
        "es/wording.toml".into(),
        WORDING.replace("[\n", "[\n  \"dónde está mi pedido\",\n"),
    );
    files.insert(
        "es/prompts.toml".into(),
        PROMPTS.replace("retry = \"Please say the six digits.\"\n", ""),
    );
    one(
        &files,
        languages::languages,
        "missing_translation",
        ("es/prompts.toml", 4),
        "has retry in en only",
    );
    files.insert("es/prompts.toml".into(), PROMPTS.into());
    files.insert(
        "en/pages/a.md".into(),
        "# A\nask: what is a\nA is the first letter.\n".into(),
    );
    one(
        &files,
        languages::languages,
        "missing_pages",
        ("es/pages", 1),
        "none in es",
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
fn a_prompt_that_takes_too_long() {
    let long = "We have many things to say about it and hardly know where to begin. ".repeat(4);
    let files = with("en/prompts.toml", "It is {{", &format!("{long}It is {{{{"));
    one(
        &files,
        length::length,
        "long_prompt",
        ("en/prompts.toml", 10),
        "about 20 seconds",
    );
    // Only one branch of it is said.
    let short = "We have many things to say about it. ".repeat(3);
    let text =
        format!("{{% if found.status == 'a' %}}{short}{{% else %}}{short}{{% endif %}}It is {{{{");
    assert!(found(&with("en/prompts.toml", "It is {{", &text), length::length).is_empty());
}

#[test]
fn wishes_that_sound_alike() {
    let other = WORDING.split_once("[tasks.status]").expect("a task").1;
    let mut files = plus(
        "tasks.toml",
        "[tasks.parcel]\nsteps = [{ say = \"state\" }]\n",
    );
    let same = other.replace("has it been sent", "where is my parcel now");
    files
        .entry("en/wording.toml".into())
        .or_default()
        .push_str(&format!("[tasks.parcel]{same}"));
    let all = found(&files, overlap::overlap);
    let twice: Vec<&Finding> = all
        .iter()
        .filter(|finding| finding.kind == "same_example")
        .collect();
    assert_eq!(twice.len(), 7, "{all:#?}");
    assert!(
        twice
            .iter()
            .any(|finding| finding.line == 6 && finding.what.contains("status and of parcel")),
        "{twice:#?}"
    );
    assert!(
        all.iter().any(|finding| finding.kind == "overlap"),
        "{all:#?}"
    );
    assert!(
        all.iter().any(|finding| finding
            .what
            .contains("examples of status sound like parcel")),
        "{all:#?}"
    );
}

#[test]
fn secrets_that_would_be_said() {
    let mut files = base();
    change(
        &mut files,
        "tasks.toml",
        "[tasks.",
        "[slots.pin]\nkind = \"digits\"\ndigits = 4\nsecret = true\n[tasks.",
    );
    change(
        &mut files,
        "tasks.toml",
        "{ ask = \"order\" },",
        "{ ask = \"order\" },\n  { ask = \"pin\" },\n  { set = { copy = \"pin\" } },",
    );
    change(
        &mut files,
        "en/prompts.toml",
        "[nothing]",
        "[slots.pin]\nask = \"Your PIN?\"\nretry = \"Please key it in.\"\n[nothing]",
    );
    assert!(found(&files, secrets::secrets).is_empty());
    for text in [
        "It is {{ pin }}.",
        "{% if pin == '1234' %}Yes{% endif %}.",
        "It is {{ copy }}.",
    ] {
        let mut files = files.clone();
        change(
            &mut files,
            "en/prompts.toml",
            "It is {{ found.status }}.",
            text,
        );
        one(
            &files,
            secrets::secrets,
            "secret_said",
            ("en/prompts.toml", 13),
            "is secret",
        );
    }
    let mut own = files.clone();
    change(
        &mut own,
        "en/prompts.toml",
        "Please key it in.",
        "I have {{ part }}.",
    );
    one(
        &own,
        secrets::secrets,
        "secret_said",
        ("en/prompts.toml", 9),
        "\"part\"",
    );
    let mut heard = files.clone();
    change(
        &mut heard,
        "en/wording.toml",
        "has it been sent",
        "my pin is {pin}",
    );
    one(
        &heard,
        secrets::secrets,
        "secret_said",
        ("en/wording.toml", 9),
        "has callers say",
    );
    let mut back = files.clone();
    change(
        &mut back,
        "operations.toml",
        "[\"order\"]",
        "[\"order\", \"pin\"]",
    );
    assert!(found(&back, secrets::secrets).is_empty());
    change(
        &mut back,
        "operations.toml",
        "SELECT id, status",
        "SELECT id, :pin AS given",
    );
    one(
        &back,
        secrets::secrets,
        "secret_returned",
        ("operations.toml", 3),
        "(:pin)",
    );
}

#[test]
fn names_that_nothing_provides() {
    let at = |text: &str| {
        with(
            "tasks.toml",
            "if = \"not found\"",
            &format!("if = \"{text}\""),
        )
    };
    one(
        &at("not fuond"),
        names::names,
        "unknown_name",
        ("tasks.toml", 10),
        "did you mean \"found\"?",
    );
    one(
        &at("not found and"),
        names::names,
        "expression",
        ("tasks.toml", 10),
        "cannot be read",
    );
    assert!(
        found(
            &at("fee > 3 and not verified and today and unknown_order"),
            names::names
        )
        .is_empty()
    );
    let files = with("en/prompts.toml", "{{ found.status }}", "{{ fund.status }}");
    one(
        &files,
        names::names,
        "unknown_name",
        ("en/prompts.toml", 10),
        "did you mean \"found\"?",
    );
    let files = with(
        "en/prompts.toml",
        "{{ found.status }}",
        "{{ found.status|monney }}",
    );
    one(
        &files,
        names::names,
        "template",
        ("en/prompts.toml", 10),
        "unknown filter",
    );
    let files = with(
        "tasks.toml",
        "digits = 6",
        "digits = 6\nvalid = \"valeu != '0'\"",
    );
    one(
        &files,
        names::names,
        "unknown_name",
        ("tasks.toml", 2),
        "did you mean \"value\"?",
    );
}

#[test]
fn names_that_only_another_task_provides() {
    let mut files = plus(
        "tasks.toml",
        "[tasks.other]\nsteps = [{ say = \"again\" }]\n",
    );
    files
        .entry("en/wording.toml".into())
        .or_default()
        .push_str("[tasks.other]\nlabel = \"x\"\nmenu = \"x\"\n");
    files
        .entry("en/prompts.toml".into())
        .or_default()
        .push_str("[again]\nsay = \"It is {{ found.status }}.\"\n");
    one(
        &files,
        names::names,
        "unknown_name",
        ("en/prompts.toml", 12),
        "another task does",
    );
    // Values are kept over go.
    change(
        &mut files,
        "tasks.toml",
        "{ say = \"state\" }",
        "{ say = \"state\", go = \"other\" }",
    );
    assert!(found(&files, names::names).is_empty());
}

#[test]
fn arguments_and_rows_that_nothing_provides() {
    let files = with("operations.toml", "[\"order\"]", "[\"order\", \"branch\"]");
    one(
        &files,
        names::names,
        "argument",
        ("tasks.toml", 9),
        "with = { branch = ",
    );
    let mut files = base();
    change(
        &mut files,
        "tasks.toml",
        "[tasks.",
        "[slots.which]\nkind = \"record\"\nfrom = \"rows\"\nlabel = \"id\"\n[tasks.",
    );
    change(
        &mut files,
        "tasks.toml",
        "{ ask = \"order\" },",
        "{ ask = \"order\" }, { ask = \"which\" },",
    );
    change(
        &mut files,
        "en/prompts.toml",
        "[nothing]",
        "[slots.which]\nask = \"Which?\"\n[nothing]",
    );
    one(
        &files,
        names::names,
        "no_rows",
        ("tasks.toml", 9),
        "looks up no \"rows\"",
    );
}

#[test]
fn pages_that_are_not_found_or_say_the_same() {
    let page = |asks: &str| {
        format!(
            "# Returns\n## How to return\n{asks}\nPut the goods into their box and take them to a post office.\n"
        )
    };
    let good = plus(
        "en/pages/returns.md",
        &page("ask: which box do the goods go into"),
    );
    assert!(
        found(&good, pages::pages).is_empty(),
        "{:#?}",
        found(&good, pages::pages)
    );
    let files = plus(
        "en/pages/returns.md",
        &page("ask: who won the football match"),
    );
    // A question is part of what is searched: it is found by its own words.
    let mut files = files;
    files.insert(
        "en/pages/more.md".into(),
        page("ask: who won the football match").replace("# Returns", "# More"),
    );
    let kinds: Vec<&str> = found(&files, pages::pages)
        .iter()
        .map(|finding| finding.kind)
        .collect();
    assert_eq!(kinds, ["page_twice", "question_twice"]);
    let two = "# A\n## One\nask: the box\nThe box is blue and large and old.\n## Two\nask: the large box\nWe have a box, a large box, and another box.\n";
    let files = plus(
        "en/pages/a.md",
        &two.replace("ask: the box", "ask: is it the of"),
    );
    one(
        &files,
        pages::pages,
        "page_not_found",
        ("en/pages/a.md", 3),
        "finds nothing",
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
