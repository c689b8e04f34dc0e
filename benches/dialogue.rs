//! Time of one dialogue step, of an end-of-turn decision, and of reading a business. Limit: 1 ms per step.

use attendant::dialogue::{Context, Dialogue, Domain, Hypothesis, Input};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::Arc;

fn said(text: &str) -> Hypothesis {
    Hypothesis {
        text: text.into(),
        confidence: 950,
        ..Hypothesis::default()
    }
}

fn steps(c: &mut Criterion) {
    let context = Context {
        now: jiff::civil::date(2026, 11, 23).at(10, 30, 0, 0),
        caller: None,
        language: String::new(),
    };
    let mut dialogue = Dialogue::new(Arc::new(Domain::shop()), context);
    dialogue.step(Input::Start);
    let short = [said("where is my order")];
    let long = [
        said(
            "hello I would like to know where my order is the number is four hundred fifty six seven hundred twelve please",
        ),
        said(
            "hello I would like to know where my order is the number is four hundred fifty six seven hundred ten please",
        ),
        said(
            "hello I would like to know where the odor is the number is for five six seven one two please",
        ),
    ];
    for (name, words) in [("short", &short[..]), ("long, three hypotheses", &long[..])] {
        c.bench_function(&format!("step: {name}"), |b| {
            b.iter_batched(
                || dialogue.clone(),
                |mut dialogue| black_box(dialogue.step(Input::Speech(words))),
                BatchSize::SmallInput,
            );
        });
        c.bench_function(&format!("completeness: {name}"), |b| {
            b.iter(|| black_box(dialogue.completeness(words)))
        });
    }
    c.bench_function("read the shop's files", |b| {
        b.iter(|| black_box(Domain::shop()))
    });
}

criterion_group!(benches, steps);
criterion_main!(benches);
