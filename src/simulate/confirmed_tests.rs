//! What stands behind a confirmation in the shop, and calls that do it without.

use super::*;
use crate::dialogue::Understood;

fn gates() -> Gates {
    Gates::of(&Domain::sample("shop"))
}

fn at(task: &str, confirming: Option<usize>) -> Place {
    Place {
        task: task.into(),
        tasks: vec![task.into()],
        confirming,
        ..Place::default()
    }
}

fn step_of(task: &str) -> usize {
    let domain = Domain::sample("shop");
    let (_, task) = domain.task(task).expect("a task");
    let confirm = |step: &Step| matches!(step.act, Act::Confirm(_));
    task.steps.iter().position(confirm).expect("a confirmation")
}

fn yes() -> Entry {
    Entry::Out(Action::Note(Note::Understood(Understood {
        slots: [("yes_no".to_owned(), "yes".to_owned())].into(),
        ..Understood::default()
    })))
}

fn does(name: &str) -> Entry {
    Entry::Out(Action::LookUp(Lookup {
        id: 1,
        name: name.into(),
        arguments: BTreeMap::new(),
        action: true,
    }))
}

/// Entries, each with the place after it.
fn what(called: &[(Entry, Place)]) -> Option<String> {
    let called = Called {
        entries: called.iter().map(|(entry, _)| (1, entry.clone())).collect(),
        places: called
            .iter()
            .enumerate()
            .map(|(at, (_, place))| (at + 1, place.clone()))
            .collect(),
        ..Called::default()
    };
    unconfirmed(&called, &gates()).map(|broken| broken.what)
}

#[test]
fn what_stands_behind_a_confirmation_is_read_from_the_tasks() {
    let operations = |name: &str| Gates::of(&Domain::sample(name)).operations().len();
    assert!(gates().operations().contains("cancel_order"));
    assert!(!gates().operations().contains("check_pin"));
    assert!(operations("bank") >= 6 && operations("clinic") >= 6);
}

#[test]
fn an_action_needs_its_yes() {
    let step = step_of("cancel_order");
    let idle = Entry::Out(Action::Note(Note::NoInput));
    let asks = || (idle.clone(), at("cancel_order", Some(step)));
    let done = || (does("cancel_order"), at("cancel_order", None));
    let agreed = || (yes(), at("cancel_order", None));
    let keyed = || {
        let note = Note::Keys("1".into());
        (Entry::Out(Action::Note(note)), at("cancel_order", None))
    };
    assert_eq!(what(&[asks(), agreed(), done()]), None);
    assert_eq!(what(&[asks(), keyed(), done()]), None);
    assert!(what(&[asks(), done()]).is_some(), "no yes");
    assert!(what(&[agreed(), done()]).is_some(), "a yes to nothing");
    assert!(
        what(&[asks(), agreed(), asks(), done()]).is_some(),
        "asked once more"
    );
    let elsewhere = (idle.clone(), at("order_status", None));
    assert!(
        what(&[asks(), agreed(), elsewhere, done()]).is_some(),
        "the yes was in another round of it"
    );
    let other = (does("check_pin"), at("verify", None));
    assert_eq!(what(&[other]), None);
}

#[test]
fn the_yes_is_to_these_values() {
    let step = step_of("cancel_order");
    let with = |order: &str, confirming| Place {
        values: [("order".to_owned(), order.into())].into_iter().collect(),
        ..at("cancel_order", confirming)
    };
    let idle = || Entry::Out(Action::Note(Note::NoInput));
    let call = |order: &str| {
        what(&[
            (idle(), with("1", Some(step))),
            (yes(), with("1", None)),
            (idle(), with(order, None)),
            (does("cancel_order"), with(order, None)),
        ])
    };
    assert_eq!(call("1"), None);
    assert!(call("2").is_some_and(|what| what.contains("another order")));
}

#[test]
fn what_is_taken_back_is_asked_for() {
    let undo = gates().undo.iter().next().cloned();
    let Some(undo) = undo else {
        panic!("the shop takes something back");
    };
    let idle = Entry::Out(Action::Note(Note::NoInput));
    let asks = Place {
        undoing: true,
        ..Place::default()
    };
    let both = [(idle.clone(), asks), (yes(), Place::default())];
    // The action comes in the turn of the yes.
    let mut called = Called {
        entries: vec![(1, idle), (2, yes()), (2, does(&undo))],
        places: vec![(1, both[0].1.clone()), (3, Place::default())],
        ..Called::default()
    };
    assert_eq!(unconfirmed(&called, &gates()), None);
    called.entries.remove(1);
    called.places[1].0 = 2;
    assert!(unconfirmed(&called, &gates()).is_some());
}
