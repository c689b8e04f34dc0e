//! Simulated callers phone businesses: everything must hold, the same seed gives the same call, a failure
//! is found, made small, kept and made again.

use crate::support::{attendant, small_shop, told};
use attendant::config::Config;
use attendant::rehearsal::parse;
use attendant::runtime::business::Business;
use attendant::simulate::script::Step;
use attendant::simulate::{Rule, Run, Script, Simulator, examples};
use std::fs;
use std::sync::OnceLock;

fn simulator(business: &Business) -> Simulator {
    Simulator::new(business.clone(), (&Config::default().call).into())
}

/// The callers of a trade's example dialogues.
fn callers(name: &str) -> Vec<Script> {
    let files = attendant::dialogue::domain::trade(name).unwrap();
    let texts = files
        .iter()
        .filter(|(name, _)| name.starts_with("examples/"));
    let all = texts.flat_map(|(_, text)| parse(text).unwrap());
    all.map(|example| examples::script(&example)).collect()
}

fn small_callers() -> Vec<Script> {
    let texts = [
        "[[step]]\nsay = [\"where is my order\", \"I want to track my order\"]\n[[step]]\nsay = \"four five six seven one two\"\n[[step]]\nsay = \"no thank you\"",
        "[[step]]\nsay = \"cancel my order\"\n[[step]]\nkeys = \"456712#\"\n[[step]]\nsay = \"yes\"\n[[step]]\nsay = \"goodbye\"",
        "[[step]]\nsay = \"I want to speak to a person\"\n[[step]]\nreturned = true\n[[step]]\nsay = \"a person please\"",
        "[[step]]\nnoise = 900\n[[step]]\nsilence = true\n[[step]]\nsay = \"what are your opening hours\"\n[[step]]\nhang_up = true",
    ];
    texts
        .iter()
        .map(|text| Script::parse(text).unwrap())
        .collect()
}

#[track_caller]
fn everything_holds(simulator: &Simulator, callers: Vec<Script>, calls: u64) {
    let run = Run::new(callers, simulator, 1);
    for number in 0..calls {
        let script = run.script(number).unwrap();
        let (called, broken) = simulator.try_out(&script).unwrap();
        assert!(
            broken.is_empty(),
            "call {number} ({}): {broken:#?}\n{}\n{:#?}",
            script.title,
            called.told().join("\n"),
            script.lines()
        );
    }
}

#[test]
fn everything_holds_for_the_callers_of_a_small_shop() {
    everything_holds(&simulator(small_shop()), small_callers(), 60);
}

#[test]
fn everything_holds_for_callers_of_the_trades() {
    for name in ["shop", "bank", "clinic"] {
        let simulator = simulator(&Business::sample(name));
        // Some of each file.
        let some = callers(name).into_iter().step_by(11).collect();
        everything_holds(&simulator, some, 10);
    }
}

/// The bank's simulator: its callers key secrets.
fn bank() -> &'static Simulator {
    static BANK: OnceLock<Simulator> = OnceLock::new();
    BANK.get_or_init(|| simulator(&Business::sample("bank")))
}

#[test]
fn the_same_seed_and_number_are_the_same_call() {
    let simulator = simulator(small_shop());
    for number in [3, 17] {
        let entries = || {
            let run = Run::new(small_callers(), &simulator, 7);
            let (called, _) = simulator.try_out(&run.script(number).unwrap()).unwrap();
            called.entries
        };
        let (first, again) = (entries(), entries());
        assert!(!first.is_empty());
        assert!(
            first == again,
            "call {number} went otherwise the second time"
        );
    }
}

/// The ears hear, the keys are keys, and the bank's secrets are seen as such: or the checks would check
/// nothing.
#[test]
fn a_simulated_caller_is_understood_and_his_secrets_are_known() {
    let secretive = callers("bank").into_iter().find_map(|script| {
        let (called, broken) = bank().try_out(&script).unwrap();
        assert_eq!(broken, []);
        (!called.secrets.is_empty()).then_some((script, called))
    });
    let (script, called) = secretive.expect("a caller of the bank keys a secret");
    assert!(called.secrets.iter().any(|secret| secret.len() >= 4));
    assert!(called.turns() > 1);
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(bank().recorded(&script, folder.path()).unwrap(), None);
}

#[test]
fn an_action_without_its_yes_is_found_and_made_small() {
    // A shop that does not ask: its gates are those of the one that does.
    let honest = Business::sample("shop");
    let mut files = (*honest.files).clone();
    let tasks = files["tasks.toml"].replace("  { confirm = \"cancel_confirm\" },\n", "");
    files.insert("tasks.toml".into(), tasks);
    let mut rash = simulator(&Business::parse(files).unwrap());
    rash.facts = simulator(&honest).facts;
    let script = Script {
        step: vec![
            Step::say("what are your opening hours"),
            Step::say("cancel the espresso cups"),
            Step::say("no thank you"),
        ],
        call: attendant::simulate::script::Circumstances {
            from: Some("+12075550101".into()),
            ..Default::default()
        },
        ..Script::default()
    };
    let (called, broken) = rash.try_out(&script).unwrap();
    assert!(
        broken
            .iter()
            .any(|broken| broken.rule == Rule::Confirmation),
        "{broken:?}\n{}",
        called.told().join("\n")
    );
    let small = rash.shrunk(&script, Rule::Confirmation);
    assert_eq!(small.step.len(), 1, "{:?}", small.lines());
    let folder = tempfile::tempdir().unwrap();
    rash.save(&small, folder.path(), "rash").unwrap();
    let kept = folder.path().join("rash");
    for file in [
        "journal.jsonl",
        "caller.wav",
        "call.wav",
        "bundle.json",
        "caller.toml",
    ] {
        assert!(kept.join(file).exists(), "{file}");
    }
    let text = fs::read_to_string(kept.join("caller.toml")).unwrap();
    let again = Script::parse(&text).unwrap();
    assert_eq!(again, small);
    let (_, broken) = rash.try_out(&again).unwrap();
    assert!(
        broken
            .iter()
            .any(|broken| broken.rule == Rule::Confirmation)
    );
}

#[test]
fn the_verb_runs_tells_and_refuses() {
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| told(&attendant(dir.path()).args(args).output().unwrap());
    let (code, out, err) = run(&["simulate", "shop", "opening", "--calls", "4", "--seed", "3"]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(
        out.contains("4 calls by") && out.contains("calls a second"),
        "{out}"
    );
    let (code, out, _) = run(&["simulate", "shop", "--only", "2", "--json"]);
    assert_eq!(code, Some(0), "{out}");
    let row: serde_json::Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!(row["calls"], 1);
    let file = dir.path().join("caller.toml");
    fs::write(&file, "[[step]]\nsay = \"goodbye\"\n").unwrap();
    let (code, out, err) = run(&["simulate", "shop", "--script", file.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(
        out.contains("caller: goodbye") && out.contains("everything held"),
        "{out}"
    );
    fs::write(&file, "[[step]]\nkeys = \"x\"\n").unwrap();
    for args in [
        &["simulate", "shop", "--script", file.to_str().unwrap()][..],
        &["simulate", "nowhere"],
        &["simulate", "shop", "no such caller"],
    ] {
        let (code, _, err) = run(args);
        assert_eq!(code, Some(2), "{args:?}: {err}");
        assert!(err.contains("hint: "), "{args:?}: {err}");
    }
}
