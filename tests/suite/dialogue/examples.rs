//! Example dialogues as tests: the small shop's, which say how the engine behaves, and those of the
//! businesses that are part of the binary. What fails is shown as the difference.

use crate::support::small_shop;
use attendant::dialogue::domain::{Files, TRADES, trade};
use attendant::rehearsal::judge::rehearse;
use attendant::rehearsal::parse;
use attendant::rehearsal::report::{Run, difference};
use attendant::runtime::business::Business;
use std::path::Path;

/// Performs all examples in `text`; gives what does not hold, and how many there are.
fn perform(business: &Business, file: &str, text: &str) -> (String, usize) {
    let examples = match parse(text) {
        Ok(examples) => examples,
        Err(problems) => {
            let told = problems
                .iter()
                .map(|problem| format!("{file}:{}: {}\n", problem.line, problem.what));
            return (told.collect(), problems.len());
        }
    };
    let count = examples.len();
    let told = examples.into_iter().filter_map(|example| {
        let (first, outcome) = (example.first, rehearse(business, &example));
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(problem) => return Some(format!("{file}:{first}: {}\n", problem.what)),
        };
        let run = Run {
            file: file.to_owned(),
            example,
            outcome,
        };
        (!run.outcome.passed()).then(|| difference(&run, text, false) + "\n")
    });
    (told.collect(), count)
}

/// The examples in `files` that `business` does not perform as they say, and how many there are.
fn failures<'a>(
    business: &Business,
    files: impl Iterator<Item = (&'a str, &'a str)>,
) -> (String, usize) {
    files
        .map(|(file, text)| perform(business, file, text))
        .fold((String::new(), 0), |(told, all), (more, count)| {
            (told + &more, all + count)
        })
}

/// The example dialogues beside this file.
fn small_shop_examples() -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/dialogue");
    let paths = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.display().to_string(), text)
        })
        .collect()
}

#[test]
fn calls_to_the_small_shop_go_as_they_are_written() {
    let files = small_shop_examples();
    let files = files
        .iter()
        .map(|(file, text)| (file.as_str(), text.as_str()));
    let (told, count) = failures(small_shop(), files);
    assert!(told.is_empty(), "\n{told}");
    assert!(count > 60, "only {count} example dialogues");
}

#[test]
fn the_businesses_in_the_binary_keep_to_their_examples() {
    let mut all = String::new();
    for name in TRADES {
        // One that nobody has written yet.
        let Some(files) = trade(name).filter(|files| files.contains_key("business.toml")) else {
            continue;
        };
        let of_examples = files.iter().filter(|(file, _)| {
            file.starts_with("examples/")
                && Path::new(file).extension().is_some_and(|end| end == "txt")
        });
        let examples = of_examples.map(|(file, text)| (file.as_str(), text.as_str()));
        let (told, _) = failures(&Business::sample(name), examples);
        all += &told.replace("FAIL examples/", &format!("FAIL {name}/examples/"));
    }
    assert!(all.is_empty(), "\n{all}");
}

#[test]
fn an_example_that_does_not_hold_is_told() {
    let (told, count) = perform(
        small_shop(),
        "file.txt",
        "# One\nbot: Welcome to the zoo\n---\n# Two\nbot: Thanks for calling\n",
    );
    assert_eq!(count, 2);
    assert!(told.contains("FAIL file.txt:1  One"), "{told}");
    assert!(!told.contains("Two"), "{told}");
}
