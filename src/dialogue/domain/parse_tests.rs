//! Mistakes in a business's files and what its author is told.

use super::*;

fn shop() -> BTreeMap<String, String> {
    let files = super::super::SHOP.files();
    let text = |file: &include_dir::File<'_>| file.contents_utf8().unwrap_or_default().to_owned();
    files.map(|file| (file.path().to_string_lossy().into_owned(), text(file))).collect()
}

/// The error after replacing `from` by `to` in `file`.
fn error(file: &str, from: &str, to: &str) -> String {
    let mut files = shop();
    let text = files.get_mut(file).expect("the file");
    assert!(text.contains(from), "{from:?} is not in {file}");
    *text = text.replacen(from, to, 1);
    parse(&files).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn the_sample_shop_has_no_mistakes() {
    let shop = parse(&shop());
    assert!(shop.is_ok(), "{}", shop.err().map(|error| error.to_string()).unwrap_or_default());
}

#[test]
fn mistakes_are_told_with_file_line_and_the_nearest_name() {
    for (file, from, to, parts) in [
        ("domain.toml", "title =", "titel =", &["domain.toml, line 4", "\"titel\"", "\"title\""][..]),
        ("domain.toml", "monday =", "munday =", &["domain.toml, line 11", "\"munday\"", "\"monday\""]),
        ("domain.toml", "10:00-16:00", "10-16", &["domain.toml, line 16", "opening hours"]),
        ("domain.toml", "\"12-25\"", "\"13-25\"", &["domain.toml, line 23", "month-day"]),
        ("domain.toml", "\"en\"", "\"xx\"", &["domain.toml, line 5", "language \"xx\""]),
        ("intents.toml", "form = \"order_status\"", "form = \"order_state\"", &["intents.toml, line 7", "did you mean \"order_status\""]),
        ("intents.toml", "key = \"2\"", "key = \"1\"", &["intents.toml", "key 1 is already"]),
        ("intents.toml", "key = \"2\"", "key = \"22\"", &["one digit"]),
        ("intents.toml", "key = \"2\"", "key = \"0\"", &["for the person"]),
        ("intents.toml", "command = \"person\"", "command = \"persson\"", &["\"persson\"", "did you mean \"person\""]),
        ("intents.toml", "command = \"person\"", "hours = true", &["key 0 is for the person"]),
        ("intents.toml", "command = \"goodbye\"", "hours = true", &["goodbye", "get out"]),
        ("intents.toml", "knowledge = \"Returns\"", "knowledge = \"Return\"", &["section \"Return\"", "\"Returns\""]),
        ("intents.toml", "hours = true", "hours = true\nsay = \"help\"", &["exactly one thing"]),
        ("forms.toml", "lookup = \"orders\"", "lookup = \"order\"", &["forms.toml, line 5", "table \"order\"", "\"orders\""]),
        ("forms.toml", "digits = 6", "digits = 2", &["how many digits"]),
        ("forms.toml", "reject_below = 300", "reject_below = 900", &["out of order"]),
        ("forms.toml", "part = \"order_part\"", "part = \"order_parts\"", &["prompt \"order_parts\"", "\"order_part\""]),
        ("forms.toml", "cancelled = \"order_cancelled\"", "", &["no answer for status \"cancelled\""]),
        ("forms.toml", "name = \"order\"", "name = \"odrer\"", &["column \"odrer\"", "\"order\""]),
        ("orders.csv", "318204,running shoes", "318204", &["orders.csv, line 3"]),
        ("prompts.en.toml", "[welcome]\nsay", "[welcome]\nsya", &["prompts.en.toml, line 6", "\"sya\"", "\"say\""]),
        ("prompts.en.toml", "{title}", "{titel}", &["prompts.en.toml, line 6", "value \"titel\"", "\"title\""]),
        ("prompts.en.toml", "{order|id}", "{order|di}", &["format \"di\""]),
        ("prompts.en.toml", "[goodbye_silence]", "[goodby_silence]", &["\"goodbye_silence\" is missing"]),
        ("prompts.en.toml", "[main]\nask", "[main]\nsay", &["prompt \"main\""]),
        ("knowledge.en.md", "You can return", "{You} can return", &["knowledge.en.md", "braces"]),
    ] {
        let error = error(file, from, to);
        for part in parts {
            assert!(error.contains(part), "{to:?} in {file}: {part:?} is not in {error:?}");
        }
        assert!(error.contains("hint: "), "{error}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let mut files = shop();
    files.remove("intents.toml");
    assert!(parse(&files).is_err_and(|error| error.file == "intents.toml" && error.what.contains("missing")));
}

#[test]
fn the_message_does_not_print_the_line() {
    assert!(!error("domain.toml", "name = \"shop\"", "name = \"shop\"\ntoken = \"s3cret\"").contains("s3cret"));
}
