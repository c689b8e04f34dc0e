//! Any text as example dialogues: examples, or problems that name their lines; never a panic. What was
//! read is written, and read again as the same.
#![no_main]

use attendant::rehearsal::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let lines = text.lines().count();
    match parse(text) {
        Ok(examples) => {
            for example in examples {
                let mut written = format!("# {}\n{}\n", example.title, example.header);
                for line in &example.lines {
                    assert!((1..=lines).contains(&line.number));
                    written.push_str(&format!("{}\n", line.what));
                }
                let again = parse(&written).expect("what was written can be read");
                assert_eq!(again.len(), 1, "{written}");
                assert_eq!(again[0].header, example.header);
                let what = |example: &attendant::rehearsal::Example| -> Vec<_> {
                    example.lines.iter().map(|line| line.what.clone()).collect()
                };
                assert_eq!(what(&again[0]), what(&example), "{written}");
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            assert!(problems.iter().all(|problem| (1..=lines.max(1)).contains(&problem.line)));
        }
    }
});
