//! What is wrong with tasks: their ends, their names, their keys.

use super::*;

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
        ("en/prompts.toml", 12),
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
