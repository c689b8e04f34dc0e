//! When a turn is over and what words over a prompt are, by the open question.

use super::{Call, hypotheses};
use attendant::dialogue::{Completeness, Input, Interruption};

/// Question, words, and whether they can be the whole turn.
#[test]
fn the_open_question_decides_when_a_turn_is_over() {
    use Completeness::{Complete, Incomplete, Open, Whole};
    let main = Call::answer().dialogue;
    let mut call = Call::answer();
    call.step(Input::Keys("1"));
    let order = call.dialogue.clone();
    call.step(Input::Speech(&hypotheses("four five six")));
    let rest = call.dialogue.clone();
    let mut call = Call::answer();
    call.step(Input::Speech(&hypotheses(
        "four five six seven one two @600",
    )));
    let confirm = call.dialogue.clone();
    call.step(Input::Speech(&hypotheses("yes")));
    let more = call.dialogue.clone();
    let mut wrong = Vec::new();
    for (dialogue, question, words, expected) in [
        (&main, "main", "where is my order", Open),
        (&main, "main", "what are your opening hours", Whole),
        (&main, "main", "what time do you open", Open),
        (&main, "main", "I want to return the shoes", Whole),
        (&main, "main", "I want to check the status", Open),
        (&main, "main", "thank you", Open),
        (
            &main,
            "main",
            "where is order four five six seven one two",
            Complete,
        ),
        (&main, "main", "456712", Complete),
        (&main, "main", "goodbye", Complete),
        (&main, "main", "I want to talk to a person", Complete),
        (&main, "main", "repeat that please", Complete),
        (&main, "main", "hold on", Complete),
        (&main, "main", "where is order four five", Incomplete),
        (&main, "main", "my order number is", Incomplete),
        (&main, "main", "I want to", Incomplete),
        (&main, "main", "can you tell me", Incomplete),
        (&main, "main", "um", Incomplete),
        (&main, "main", "I'd like to return the", Incomplete),
        (&main, "main", "where is my order and", Incomplete),
        (&main, "main", "", Open),
        (&order, "order", "four five six seven one two", Complete),
        (
            &order,
            "order",
            "it's four five six seven one two",
            Complete,
        ),
        (&order, "order", "forty five sixty seven twelve", Complete),
        (&order, "order", "forty five sixty seven seventy", Open),
        (&order, "order", "four five six", Incomplete),
        (&order, "order", "four five six seven one", Incomplete),
        (&order, "order", "for five six seven one to", Complete),
        (&order, "order", "four five six seven one two three", Open),
        (&order, "order", "my order number is", Incomplete),
        (&order, "order", "it's um", Incomplete),
        (&order, "order", "I don't have it", Open),
        (&order, "order", "talk to a person", Complete),
        (&rest, "rest", "seven one two", Complete),
        (&rest, "rest", "four five six", Incomplete),
        (&rest, "rest", "seven one", Incomplete),
        (&confirm, "confirm", "yes", Complete),
        (&confirm, "confirm", "no", Complete),
        (&confirm, "confirm", "that's right", Complete),
        (&confirm, "confirm", "no it's", Incomplete),
        (&confirm, "confirm", "no it's four", Incomplete),
        (&confirm, "confirm", "no four five seven", Open),
        (&more, "more", "no thank you", Complete),
        (&more, "more", "yes", Complete),
        (&more, "more", "that's all thank you", Complete),
        (&more, "more", "yes what are your", Incomplete),
        (&more, "more", "what are your opening hours", Whole),
    ] {
        let found = dialogue.completeness(&hypotheses(words));
        if found != expected {
            wrong.push(format!(
                "{question}: {words:?} is {found:?}, not {expected:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(main.completeness(&[]), Open);
}

#[test]
fn a_nod_is_an_answer_only_where_one_was_asked_for() {
    use Interruption::{Backchannel, Meant};
    let main = Call::answer().dialogue;
    let mut call = Call::answer();
    call.step(Input::Speech(&hypotheses("I want to return the shoes")));
    let more = call.dialogue.clone();
    for (dialogue, words, asked, expected) in [
        (&more, "mm-hm", false, Backchannel),
        (&more, "M M H M", false, Backchannel),
        (&more, "M M H M", true, Meant),
        (&more, "uh-huh", false, Backchannel),
        (&more, "okay", false, Backchannel),
        (&more, "right", false, Backchannel),
        (&more, "yeah", false, Backchannel),
        (&more, "oh I see", false, Backchannel),
        (&more, "", false, Backchannel),
        (&more, "uh", true, Backchannel),
        (&more, "yeah", true, Meant),
        (&more, "yes", true, Meant),
        (&more, "no", true, Meant),
        (&more, "no", false, Meant),
        (&more, "stop", false, Meant),
        (&more, "talk to a person", false, Meant),
        (&main, "where is my order", false, Meant),
        (&main, "yeah", true, Backchannel),
        (&main, "where is my order @100", false, Backchannel),
    ] {
        assert_eq!(
            dialogue.interruption(&hypotheses(words), asked),
            expected,
            "{words:?} {asked}"
        );
    }
    assert_eq!(main.interruption(&[], true), Backchannel);
}
