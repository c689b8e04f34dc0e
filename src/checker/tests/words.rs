//! What is wrong with what is said and heard: prompts, examples, pages, secrets.

use super::*;
use crate::dialogue::domain::Words;
use crate::dialogue::spoken::Language;

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
fn topics_that_speak_to_the_caller() {
    let files = with(
        "en/wording.toml",
        "menu = \"orders\"\n",
        "menu = \"orders\"\ntopic = \"your order\"\n",
    );
    one(
        &files,
        topics::topics,
        "topic_to_caller",
        ("en/wording.toml", 5),
        "\"your\"",
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
fn the_same_sentence_for_two_wishes() {
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
    let all = found(&files, overlap::same);
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
