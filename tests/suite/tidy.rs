//! Holds the architecture: who may import whom, what pure folders may not touch, how files begin and
//! how long they get. `src/ARCHITECTURE.md` is the page for people, this is the one for the machine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Parts of the package (a folder of `src/`, or a file there) and what each may import, besides
/// itself and `pii`.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("pii", &[]),
    ("audio", &[]),
    ("dialogue", &[]),
    ("desk", &["dialogue", "http", "config"]),
    ("call", &["audio", "dialogue"]),
    ("bundle", &["audio", "call", "dialogue"]),
    ("explain", &["audio", "bundle", "call", "dialogue"]),
    ("rehearsal", &["audio", "call", "dialogue"]),
    ("config", &[]),
    ("telemetry", &[]),
    ("http", &[]),
    ("catalog", &["config", "http"]),
    ("speech", &["audio", "dialogue", "config"]),
    (
        "line",
        &[
            "audio",
            "call",
            "dialogue",
            "runtime",
            "config",
            "telemetry",
            "http",
        ],
    ),
    ("store", &["dialogue", "http"]),
    ("checker", &["dialogue", "store", "rehearsal"]),
    ("console", &["call", "desk", "store"]),
    (
        "runtime",
        &[
            "audio",
            "call",
            "bundle",
            "dialogue",
            "desk",
            "speech",
            "line",
            "store",
            "console",
            "rehearsal",
            "config",
            "telemetry",
        ],
    ),
    (
        "replay",
        &[
            "audio", "bundle", "call", "dialogue", "runtime", "speech", "store",
        ],
    ),
    (
        "simulate",
        &[
            "audio",
            "bundle",
            "call",
            "dialogue",
            "rehearsal",
            "replay",
            "runtime",
            "speech",
            "store",
            "telemetry",
        ],
    ),
    ("load", &["audio", "line", "config", "http"]),
    // The command line may use everything; the crate root declares everything.
    ("cli", ANYTHING),
    ("main", ANYTHING),
    ("lib", ANYTHING),
];
const ANYTHING: &[&str] = &["*"];

/// Folders whose code depends on nothing but its input.
const PURE: &[&str] = &["audio", "dialogue", "call"];
/// What would make them depend on more. `HashMap` and `HashSet`: their order is random.
const IMPURE: &[&str] = &[
    "Instant::now",
    "SystemTime",
    "tokio",
    "std::thread",
    "thread::spawn",
    "std::env",
    "std::fs",
    "std::net",
    "HashMap",
    "HashSet",
    "rand::",
    "getrandom",
    "Zoned::now",
    "Timestamp::now",
];

const MAX_LINES: usize = 500;

/// A file and what is wrong with it.
type Offences = Vec<String>;

/// The part of the package that a path below `src/` belongs to: `call/turn.rs` → `call`.
fn part(path: &Path) -> String {
    let first = path
        .components()
        .next()
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    first.unwrap_or_default().trim_end_matches(".rs").to_owned()
}

/// `text` with comments blanked out and string contents gone, line by line, so that words in prose
/// are no offence. Enough of Rust's grammar for this; a raw string counts as a string.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '"' => {
                code.push('"');
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next().filter(|c| *c == '\n').map(|c| code.push(c))),
                        '\n' => code.push('\n'),
                        '"' => break,
                        _ => {}
                    }
                }
                code.push('"');
            }
            '\'' => skip_char_literal(&mut chars),
            c => code.push(c),
        }
    }
    code
}

/// Skips `x'` and `\x'` after an opening quote; leaves lifetimes alone.
fn skip_char_literal(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let mut ahead = chars.clone();
    let first = ahead.next();
    let literal = first == Some('\\') || ahead.next() == Some('\'');
    if literal {
        if chars.next() == Some('\\') {
            chars.next();
        }
        while chars.next_if(|c| *c != '\'' && *c != '\n').is_some() {}
        chars.next();
    }
}

/// The code without its inline tests, which may use what they like.
fn without_tests(code: &str) -> &str {
    code.find("#[cfg(test)]\nmod ")
        .map_or(code, |at| &code[..at])
}

/// Parts named in `crate::…`, also in groups (`crate::{a, b::c}`).
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group_heads(group)),
            None => found.extend(identifier(rest)),
        }
    }
    // Macros and re-exports at the crate's root are not parts.
    found.retain(|name| name.chars().next().is_some_and(|c| c.is_lowercase()));
    found
}

fn identifier(text: &str) -> Option<String> {
    let name: String = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}

/// First names of `a, b::{c, d}, e}`.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut head, mut heads) = (0, String::new(), Vec::new());
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(std::mem::take(&mut head)),
            c => head.push(c),
        }
    }
    heads.push(head);
    heads
        .iter()
        .filter_map(|head| identifier(head.trim()))
        .collect()
}

fn check_imports(path: &Path, text: &str) -> Offences {
    let from = part(path);
    let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == from) else {
        return vec![format!(
            "{}: {from} is a new part: say in tidy.rs what it may import",
            path.display()
        )];
    };
    if *allowed == ANYTHING {
        return Vec::new();
    }
    let code = code(text);
    let foreign = imports(without_tests(&code))
        .into_iter()
        .filter(|name| *name != from && name != "pii" && !allowed.contains(&name.as_str()));
    foreign
        .map(|name| format!("{}: {from} must not import {name}", path.display()))
        .collect()
}

fn check_purity(path: &Path, text: &str) -> Offences {
    if !PURE.contains(&part(path).as_str()) {
        return Vec::new();
    }
    let code = code(text);
    let code = without_tests(&code);
    let found = IMPURE.iter().filter(|word| code.contains(**word));
    found
        .map(|word| format!("{}: {word} in a pure folder", path.display()))
        .collect()
}

fn check_header(path: &Path, text: &str) -> Offences {
    // The crate's page is ARCHITECTURE.md.
    let good =
        text.starts_with("//! ") || text.starts_with("#![doc = include_str!(\"ARCHITECTURE.md\")]");
    if good {
        Vec::new()
    } else {
        vec![format!(
            "{}: must begin with //! and say what it decides",
            path.display()
        )]
    }
}

fn check_length(path: &Path, text: &str) -> Offences {
    let lines = text.lines().count();
    if lines <= MAX_LINES {
        Vec::new()
    } else {
        vec![format!("{}: {lines} lines: split it", path.display())]
    }
}

fn check_printing(path: &Path, text: &str) -> Offences {
    if ["cli", "main"].contains(&part(path).as_str()) {
        return Vec::new();
    }
    let code = code(text);
    let code = without_tests(&code);
    let found = ["println!", "eprintln!", "print!(", "dbg!"]
        .into_iter()
        .filter(|word| code.contains(word));
    found
        .map(|word| {
            format!(
                "{}: {word} outside of the command line: use tracing",
                path.display()
            )
        })
        .collect()
}

fn check_page(page: &str, parts: &BTreeSet<String>) -> Offences {
    let missing = parts
        .iter()
        .filter(|part| !page.contains(&format!("`{part}`")) && !page.contains(&format!("{part}/")));
    missing
        .map(|part| format!("src/ARCHITECTURE.md does not mention `{part}`"))
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every `.rs` file below `folder`, relative to it.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let base = root().join(folder);
    let (mut open, mut found) = (vec![base.clone()], Vec::new());
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(&base).unwrap().to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

fn hold(folders: &[&str], rule: impl Fn(&Path, &str) -> Offences) {
    let files: Vec<_> = folders.iter().flat_map(|folder| sources(folder)).collect();
    assert!(files.len() >= 5, "the sources are not where they were");
    let offences: Offences = files
        .iter()
        .flat_map(|(path, text)| rule(path, text))
        .collect();
    assert!(offences.is_empty(), "\n{}", offences.join("\n"));
}

#[test]
fn parts_import_only_what_the_architecture_allows() {
    hold(&["src"], check_imports);
}

#[test]
fn pure_folders_depend_on_nothing_but_their_input() {
    hold(&["src"], check_purity);
}

#[test]
fn every_file_says_what_it_decides() {
    hold(&["src", "tests", "benches"], check_header);
}

#[test]
fn no_file_is_too_long_to_read() {
    hold(&["src", "tests", "benches"], check_length);
}

#[test]
fn only_the_command_line_prints() {
    hold(&["src"], check_printing);
}

#[test]
fn the_architecture_page_mentions_every_folder() {
    let page = std::fs::read_to_string(root().join("src/ARCHITECTURE.md")).unwrap();
    let parts = sources("src")
        .iter()
        .filter(|(path, _)| path.components().count() > 1)
        .map(|(path, _)| part(path))
        .collect();
    let offences = check_page(&page, &parts);
    assert!(offences.is_empty(), "\n{}", offences.join("\n"));
}

/// Each rule on a planted offence, and on its innocent neighbour.
mod rules {
    use super::*;

    fn offends(rule: fn(&Path, &str) -> Offences, path: &str, text: &str) -> bool {
        !rule(Path::new(path), text).is_empty()
    }

    #[test]
    fn a_forbidden_import_is_found_however_it_is_written() {
        for text in [
            "use crate::runtime::session::Out;",
            "use crate::{audio, runtime};",
            "use crate::{\n    audio::{Frame, Digit},\n    speech::Request,\n};",
            "fn f() { let _ = crate::line::mic::TAIL_MS; }",
            "pub(in crate::call) fn f(_: &(crate::config::Config)) {}",
        ] {
            assert!(offends(check_imports, "call/turn.rs", text), "{text}");
        }
        for text in [
            "use crate::audio::Frame; use crate::{dialogue::Reply, pii::Pii, call::Mark};",
            "// use crate::runtime::session;",
            "const TEXT: &str = \"crate::runtime\";",
            "const QUOTE: char = '\"'; use crate::audio::Frame; const OTHER: char = '\"';",
            "use other_crate::runtime::x;",
            "#[cfg(test)]\nmod tests { use crate::runtime::x; }",
        ] {
            assert!(!offends(check_imports, "call/turn.rs", text), "{text}");
        }
        assert!(offends(
            check_imports,
            "audio/vad.rs",
            "use crate::dialogue::Reply;"
        ));
        assert!(offends(
            check_imports,
            "speech/whisper.rs",
            "use crate::line::mic;"
        ));
        assert!(offends(
            check_imports,
            "runtime/driver.rs",
            "use crate::cli::print;"
        ));
        assert!(!offends(
            check_imports,
            "cli/talk.rs",
            "use crate::line::mic;"
        ));
    }

    #[test]
    fn a_new_part_has_to_be_placed() {
        assert!(offends(check_imports, "billing/mod.rs", ""));
        assert!(offends(check_imports, "billing.rs", ""));
    }

    #[test]
    fn every_forbidden_word_is_found_in_pure_folders_only() {
        for word in IMPURE {
            let text = format!("fn f() {{ {word}(); }}");
            for folder in ["audio", "dialogue", "call"] {
                assert!(
                    offends(check_purity, &format!("{folder}/x.rs"), &text),
                    "{word} in {folder}"
                );
            }
            assert!(!offends(check_purity, "line/x.rs", &text), "{word}");
            assert!(
                !offends(
                    check_purity,
                    "call/x.rs",
                    &format!("//! No {word} here.\n/// Not \"{word}\".")
                ),
                "{word}"
            );
        }
    }

    #[test]
    fn a_file_without_its_header_is_found() {
        assert!(offends(
            check_header,
            "call/x.rs",
            "use std::fmt;\n//! Late."
        ));
        assert!(offends(check_header, "call/x.rs", ""));
        assert!(!offends(check_header, "call/x.rs", "//! Decides.\n"));
    }

    #[test]
    fn a_long_file_is_found() {
        assert!(offends(
            check_length,
            "call/x.rs",
            &"\n".repeat(MAX_LINES + 1)
        ));
        assert!(!offends(check_length, "call/x.rs", &"\n".repeat(MAX_LINES)));
    }

    #[test]
    fn printing_is_found_outside_of_the_command_line() {
        for text in [
            "fn f() { println!(\"x\"); }",
            "fn f() { eprintln!(); }",
            "fn f() { eprint!(\"x\") }",
        ] {
            assert!(offends(check_printing, "speech/x.rs", text), "{text}");
            assert!(!offends(check_printing, "cli/x.rs", text), "{text}");
        }
        assert!(!offends(
            check_printing,
            "speech/x.rs",
            "// println!(\"x\")\nfn f() { write!(x, \"println!\"); }"
        ));
    }

    #[test]
    fn a_folder_missing_from_the_page_is_found() {
        let parts = ["call".to_owned(), "desk".to_owned()].into();
        assert_eq!(
            check_page("`call` decides", &parts),
            ["src/ARCHITECTURE.md does not mention `desk`"]
        );
        assert!(check_page("`call` and desk/", &parts).is_empty());
    }
}
