//! Conversations with the sample shop, written the way they sound, and properties that hold for
//! every conversation. The clock stands at Monday 2026-11-23, 10:30.
//!
//! Script lines: `caller: words` (`@700` at the end: heard with that confidence, `| words`: second
//! guess), `keys: 1`, `silence`, `noise`, `deaf`, `returned`, `closing`, `back end down`; and what
//! must follow: `bot: part of what is said`, `not: …`, `intent: name slot=value`, `asks: slot`,
//! `end: completed|failed|requested|third_failure|fault|closing`, `summary: part`.

use attendant::dialogue::*;
use proptest::prelude::*;
use std::sync::Arc;

fn context() -> Context {
    Context { now: jiff::civil::date(2026, 11, 23).at(10, 30, 0, 0), caller: None }
}

fn shop() -> Arc<Domain> {
    static SHOP: std::sync::LazyLock<Arc<Domain>> = std::sync::LazyLock::new(|| Arc::new(Domain::shop()));
    Arc::clone(&SHOP)
}

fn hypothesis(text: &str, confidence: u16) -> Hypothesis {
    let words = text.split_whitespace().map(|word| Word { text: word.into(), confidence }).collect();
    Hypothesis { text: text.into(), confidence, words }
}

/// `words @700 | other words @600`
fn hypotheses(line: &str) -> Vec<Hypothesis> {
    let one = |text: &str| match text.split_once('@') {
        Some((words, confidence)) => hypothesis(words.trim(), confidence.trim().parse().expect("a confidence")),
        None => hypothesis(text.trim(), 950),
    };
    line.split('|').map(one).collect()
}

struct Call {
    dialogue: Dialogue,
    said: Vec<Sentence>,
    then: Then,
    understood: Understood,
    down: bool,
}

impl Call {
    fn answer() -> Self {
        let dialogue = Dialogue::new(shop(), context());
        let mut call = Self { dialogue, said: Vec::new(), then: Then::Listen, understood: Understood::default(), down: false };
        call.step(Input::Start);
        call
    }

    /// Steps, and lets the back end answer.
    fn step(&mut self, input: Input<'_>) {
        let reply = self.dialogue.step(input);
        check(&reply, &self.dialogue);
        self.said = reply.say;
        self.then = reply.then;
        self.understood = reply.understood.unwrap_or_default();
        while let Then::LookUp(lookup) = self.then.clone() {
            let result = if self.down { LookupResult::Failed } else { shop().lookup(&lookup.name, &lookup.arguments) };
            let reply = self.dialogue.step(Input::Found { lookup: lookup.id, result: &result });
            check(&reply, &self.dialogue);
            self.said.extend(reply.say);
            self.then = reply.then;
        }
    }

    fn text(&self) -> String {
        self.said.iter().map(|sentence| sentence.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn end(&self) -> String {
        let name = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        match &self.then {
            Then::HangUp(disposition) => name(serde_json::to_value(disposition).expect("plain data")),
            Then::HandOver(handover) => name(serde_json::to_value(handover.reason).expect("plain data")),
            Then::Listen | Then::LookUp(_) => String::new(),
        }
    }
}

/// What every reply must keep to.
fn check(reply: &Reply, dialogue: &Dialogue) {
    assert!(!reply.say.is_empty(), "an empty reply");
    for sentence in &reply.say {
        assert!(sentence.text.chars().any(char::is_alphanumeric), "an empty sentence");
        assert!(!sentence.spoken().contains(['{', '}']), "a place without its value: {sentence:?}");
    }
    if reply.then == Then::Listen {
        assert!(reply.say.last().is_some_and(|last| last.question), "no question: {:?}", reply.say);
        assert!(dialogue.question().no_input_ms >= 6000);
        assert!(!dialogue.question().bias.is_empty(), "nothing to expect");
        assert_eq!(reply.barge_in, BargeIn::Any);
    }
}

fn play(name: &str, script: &str) {
    let mut call = Call::answer();
    for (number, line) in script.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty()) {
        let (verb, rest) = line.split_once(':').map_or((line, ""), |(verb, rest)| (verb, rest.trim()));
        let at = || format!("{name}, line {number}: {line}\nbot said: {}\nthen: {:?}\n{:?}", call.text(), call.then, call.understood);
        match verb {
            "bot" => assert!(call.text().contains(rest), "{}", at()),
            "not" => assert!(!call.text().contains(rest), "{}", at()),
            "end" => assert_eq!(call.end(), rest, "{}", at()),
            "asks" => assert_eq!(call.dialogue.question().slot, rest, "{}", at()),
            "summary" => match &call.then {
                Then::HandOver(handover) => assert!(handover.summary.contains(rest), "{}\n{}", handover.summary, at()),
                _ => panic!("no handover: {}", at()),
            },
            "intent" => {
                let mut parts = rest.split(' ');
                assert_eq!(parts.next().unwrap_or_default(), call.understood.intent, "{}", at());
                for (slot, value) in parts.filter_map(|part| part.split_once('=')) {
                    assert_eq!(call.understood.slots.get(slot).map(String::as_str), Some(value), "{}", at());
                }
            }
            "caller" => call.step(Input::Speech(&hypotheses(rest))),
            "keys" => call.step(Input::Keys(rest)),
            "silence" => call.step(Input::NoInput),
            "noise" => call.step(Input::Noise),
            "deaf" => call.step(Input::Deaf),
            "returned" => call.step(Input::Returned),
            "closing" => call.step(Input::Closing),
            "back end down" => call.down = true,
            _ => panic!("{name}: what is {line:?}?"),
        }
    }
}

macro_rules! calls {
    ($($name:ident: $script:expr;)*) => { $(#[test] fn $name() { play(stringify!($name), $script); })* };
}

calls! {
    greets_and_asks: "
        bot: Thanks for calling Harbor Goods.
        bot: How can I help you?
        asks:
    ";
    order_in_two_turns: "
        caller: where is my order
        intent: order_status
        bot: six-digit order number
        asks: order
        caller: four five six seven one two
        intent: digits order=456712
        bot: One moment.
        bot: Your order 456712, the coffee machine, is on its way with Northline. It should arrive tomorrow.
        bot: anything else
        asks: anything_else
        caller: no thank you
        intent: yes_no answer=no
        bot: Goodbye!
        end: completed
    ";
    number_given_before_it_is_asked: "
        caller: where is order four five six seven one two
        intent: order_status order=456712
        bot: Your order 456712
    ";
    number_alone_at_the_open_question: "
        caller: three one eight two oh four
        intent: order_status order=318204
        bot: running shoes, was delivered by Northline on Saturday
    ".replace("on Saturday", "last Saturday").leak();
    number_with_an_unknown_frame: "
        caller: can you look up 902117 for my wife
        intent: order_status order=902117
        bot: winter jacket, is being packed
    ";
    number_in_groups_with_double: "
        caller: I'd like to track my order
        caller: double seven five five thirty
        bot: headphones, is on its way with Blue Van. It should arrive today.
    ";
    cancelled_order: "
        caller: order six four zero zero nine eight
        bot: was cancelled last Wednesday. Nothing was charged.
    ";
    doubtful_number_is_read_back: "
        caller: my order number is four five six seven one two @600
        bot: I heard 456712, is that right?
        asks: yes_no
        caller: yes
        intent: yes_no answer=yes
        bot: coffee machine
    ";
    very_doubtful_number_is_asked_again: "
        caller: where is my order
        caller: four five six seven one two @200
        bot: Sorry, I didn't catch that. Please say the six digits
        asks: order
    ";
    denied_number_is_asked_again: "
        caller: four five six seven one three @600
        caller: no
        bot: one by one
        caller: four five six seven one two
        bot: coffee machine
    ";
    corrected_whole: "
        caller: four five six seven one three @600
        caller: no it's four five six seven one two
        intent: digits order=456712
        bot: I heard 456712
        caller: that's right
        bot: coffee machine
    ";
    corrected_group: "
        caller: four five six seven one three @600
        caller: no seven one two
        bot: I heard 456712, is that right?
        caller: yeah
        bot: coffee machine
    ";
    corrected_first_group: "
        caller: four five nine seven one two @600
        caller: no, four five six
        bot: I heard 456712
    ";
    corrected_in_one_breath: "
        caller: where is order four five six seven one three, no, one two
        bot: I heard 456712
        caller: correct
        bot: coffee machine
    ";
    number_in_two_turns: "
        caller: where is my order
        caller: four five six
        bot: I have 456. What are the other 3 digits?
        asks: order
        caller: seven one two
        bot: I heard 456712
        caller: yes please
        bot: coffee machine
    ";
    first_half_spoken_and_rest_keyed: "
        caller: where is my order
        caller: four five six
        keys: 712
        bot: coffee machine
    ";
    one_digit_short: "
        caller: where is my order
        caller: four five six seven one
        bot: I only got 5 of the six digits. Please say the six digits
    ";
    stuttering_recogniser: "
        caller: where is my order
        caller: three one eight two oh four four
        bot: I heard 318204, is that right?
        caller: yes
        bot: running shoes
    ";
    two_digits_too_many: "
        caller: my order number is four five six seven one seven two one
        bot: I got 8 digits, but an order number has six.
    ";
    second_guess_has_all_digits: "
        caller: where is my order
        caller: four five six seven one | four five six seven one two
        bot: I heard 456712
    ";
    homophones: "
        caller: where is my order
        caller: for five six seven won to
        bot: 456712
    ";
    unknown_number: "
        caller: order one one one one one one
        bot: I can't find an order with the number 111111.
        asks: order
        caller: two two two two two two
        bot: There's no order 222222 either. Please key in
        caller: three three three three three three
        end: third_failure
        summary: The caller wants the status of an order
    ";
    hours_today_and_week: "
        caller: what are your opening hours
        intent: opening_hours
        bot: We're open now, until 6 p.m. today.
        bot: Monday to Friday, we're open from 9 a.m. to 6 p.m. On Saturday, from 10 a.m. to 4 p.m. On Sunday we're closed.
        asks: anything_else
    ";
    hours_of_a_day: "
        caller: are you open on Sunday
        intent: opening_hours day=2026-11-29
        bot: We're closed on Sunday.
        caller: what about Saturday
        bot: We're open on Saturday, from 10 a.m. to 4 p.m.
    ";
    returns_are_explained_in_sentences: "
        caller: I want to return the shoes
        intent: returns
        bot: within 30 days of delivery. It should be unused
        asks: anything_else
    ";
    person_at_once: "
        caller: I want to talk to a real person
        intent: person
        bot: Sure, I'll connect you with a person.
        end: requested
        summary: has not said what the call is about. The caller asked for a person.
    ";
    person_in_the_middle_with_the_story: "
        caller: where is my order
        caller: four five six seven one two @600
        caller: speak to a human
        end: requested
        summary: wants the status of an order; given: order 456712, not confirmed. The caller asked for a person.
    ";
    person_after_a_task: "
        caller: order 456712
        caller: agent
        summary: Already answered: the status of an order (order 456712).
    ";
    repeat_repeats: "
        caller: are you open on Sunday
        caller: can you say that again
        bot: We're closed on Sunday. Is there anything else
        asks: anything_else
    ";
    help_then_the_question_again: "
        caller: what can I say
        bot: I can tell you where an order is
        bot: What can I do for you?
        asks:
    ";
    goodbye_at_once: "
        caller: goodbye
        end: completed
    ";
    that_is_all: "
        caller: when do you open
        caller: that's all thank you
        bot: Goodbye!
        end: completed
    ";
    thank_you_after_the_task_ends_the_call: "
        caller: order 456712
        caller: thank you
        bot: You're welcome.
        end: completed
    ";
    thank_you_at_the_start_does_not: "
        caller: thank you
        bot: You're welcome.
        end:
    ";
    another_wish_after_yes: "
        caller: when do you open
        caller: yes
        bot: How can I help you?
        caller: I want a refund
        bot: within 30 days
    ".replace("How can I help you?", "What can I do for you?").leak();
    wish_together_with_yes: "
        caller: when do you open
        caller: yes, where is my order
        asks: order
    ";
    wish_together_with_no: "
        caller: order 456712
        caller: no, I want to return something
        bot: within 30 days
    ";
    digression_in_a_form: "
        caller: where is my order
        caller: what are your opening hours
        bot: We're open now
        bot: Now, back to where we were.
        asks: order
        caller: 456712
        bot: coffee machine
    ";
    digression_while_confirming: "
        caller: four five six seven one two @600
        caller: are you open on Sunday
        bot: I heard
        bot: 456712
        caller: yes
        bot: coffee machine
    ".replace("bot: I heard\n", "").leak();
    number_not_at_hand: "
        caller: where is my order
        caller: I don't have the order number with me
        intent: no_number
        bot: in the e-mail that confirmed your order
        asks: order
    ";
    hold_on: "
        caller: where is my order
        caller: hold on a moment please
        bot: Take your time.
        asks: order
        caller: 456712
        bot: coffee machine
    ";
    start_over: "
        caller: where is my order
        caller: start over
        bot: let's start again
        asks:
        caller: what are your opening hours
        asks: anything_else
    ";
    nonsense_climbs_down_the_ladder: "
        caller: the quick brown fox
        intent:
        bot: Sorry, I didn't catch that. You can ask where your order is
        caller: I need a cardiologist
        bot: For the status of an order, press 1. For opening hours, press 2. For returns, press 3. For a person, press 0.
        keys: 2
        bot: We're open now
    ";
    third_failure_goes_to_a_person: "
        noise
        silence
        caller: colourless green ideas
        bot: this isn't working
        end: third_failure
    ";
    failures_are_forgiven_after_success: "
        silence
        silence
        caller: where is my order
        silence
        bot: one by one
        silence
        bot: Please key in the six digits
        keys: 456712
        bot: coffee machine
        silence
        silence
        bot: press 1
        silence
        bot: It seems we're done.
        end: completed
    ";
    silence_at_the_start: "
        silence
        bot: Sorry, I didn't hear anything.
        silence
        silence
        end: third_failure
    ";
    keys_only: "
        keys: 1
        asks: order
        keys: 318204
        bot: running shoes
        keys: 2
        end: completed
    ";
    keys_yes_and_no: "
        caller: four five six seven one two @600
        keys: 2
        asks: order
        caller: four five six seven one two @600
        keys: 1
        bot: coffee machine
    ";
    key_zero_is_a_person: "
        keys: 1
        keys: 0
        end: requested
    ";
    star_repeats: "
        keys: 3
        keys: *
        bot: within 30 days
    ";
    wrong_key: "
        keys: 9
        bot: that key does nothing here
        asks:
    ";
    too_few_keys: "
        keys: 1
        keys: 4567
        bot: I only got 4 of the six digits.
    ";
    star_starts_the_entry_again: "
        keys: 1
        keys: 45*456712
        bot: coffee machine
    ";
    spoken_menu_key: "
        silence
        silence
        caller: press two
        bot: We're open now
    ";
    deaf_goes_on_by_keys: "
        deaf
        bot: trouble hearing you
        bot: For the status of an order, press 1.
        keys: 1
        bot: Please key in the six digits
        keys: 456712
        bot: coffee machine
        bot: press 2
        keys: 2
        end: completed
    ";
    deaf_without_keys_is_a_fault: "
        deaf
        deaf
        deaf
        deaf
        end: fault
    ";
    back_end_down: "
        back end down
        caller: where is order four five six seven one two
        bot: our order system doesn't answer
        end: fault
        summary: given: order 456712
    ";
    nobody_took_the_call: "
        caller: where is my order
        caller: agent
        returned
        bot: nobody could take your call just now. We're open now, until 6 p.m. today. Now, back to where we were.
        asks: order
        caller: 456712
        bot: coffee machine
    ";
    nobody_twice_and_no_luck: "
        caller: agent
        returned
        asks: anything_else
        caller: agent
        end: requested
        returned
        caller: agent
        bot: all our people are still busy
        asks: anything_else
        noise
        noise
        bot: there's nobody free
        end: failed
    ";
    closing_before_the_task_is_done: "
        caller: where is my order
        closing
        end: closing
        summary: The caller wants the status of an order. The bot had to stop.
    ";
    closing_after_the_task: "
        caller: order 456712
        closing
        bot: Goodbye!
        end: completed
    ";
    unsure_wish_is_asked_about: "
        caller: where my odor
        bot: You'd like to check on an order, is that right?
        asks: yes_no
        caller: yes
        asks: order
    ";
    unsure_wish_denied: "
        caller: where my odor
        caller: no
        bot: You can ask where your order is
        asks:
    ";
    wish_instead_of_a_number: "
        caller: where is my order
        caller: I want to return the jacket
        intent: returns
        bot: within 30 days
    ";
    misheard_words: "
        caller: where is my odor
        intent: order_status
        asks: order
        caller: uh its for five six seven one too
        bot: 456712
    ";
}

#[test]
fn order_numbers_are_spoken_in_groups() {
    let mut call = Call::answer();
    call.step(Input::Speech(&hypotheses("order 456712")));
    let answer = call.said.iter().find(|sentence| sentence.text.contains("456712")).expect("the answer");
    assert!(answer.spoken().contains("4 5 6, 7 1 2"));
}

#[test]
fn variants_take_turns() {
    let mut call = Call::answer();
    call.step(Input::Noise);
    let first = call.text();
    call.step(Input::Noise);
    assert!(!call.text().contains(first.split('.').next().unwrap_or_default()));
}

#[test]
fn the_open_question_sets_the_keypad() {
    let mut call = Call::answer();
    assert_eq!(call.dialogue.question().keypad.max_digits, 1);
    call.step(Input::Keys("1"));
    let keypad = &call.dialogue.question().keypad;
    assert_eq!((keypad.max_digits, keypad.termchar), (6, Some('#')));
    call.step(Input::Speech(&hypotheses("hold on")));
    assert!(call.dialogue.question().no_input_ms > 6000);
}

#[test]
fn a_late_answer_of_the_back_end_is_harmless() {
    let mut call = Call::answer();
    call.step(Input::Speech(&hypotheses("order 456712")));
    let before = call.dialogue.question().clone();
    call.step(Input::Found { lookup: 1, result: &LookupResult::NotFound });
    assert_eq!(call.then, Then::Listen);
    assert_eq!(call.dialogue.question(), &before);
}

#[test]
fn waiting_for_a_slow_back_end_can_be_left() {
    let mut dialogue = Dialogue::new(shop(), context());
    dialogue.step(Input::Start);
    let reply = dialogue.step(Input::Speech(&hypotheses("order 456712")));
    assert!(matches!(reply.then, Then::LookUp(_)));
    assert!(matches!(dialogue.step(Input::NoInput).then, Then::LookUp(Lookup { id: 2, .. })));
    let reply = dialogue.step(Input::Speech(&hypotheses("talk to a person")));
    assert!(matches!(reply.then, Then::HandOver(_)));
}

/// Question, words, and whether they can be the whole turn.
#[test]
fn the_open_question_decides_when_a_turn_is_over() {
    use Completeness::{Complete, Incomplete, Open};
    let main = Call::answer().dialogue;
    let mut call = Call::answer();
    call.step(Input::Keys("1"));
    let order = call.dialogue.clone();
    call.step(Input::Speech(&hypotheses("four five six")));
    let rest = call.dialogue.clone();
    let mut call = Call::answer();
    call.step(Input::Speech(&hypotheses("four five six seven one two @600")));
    let confirm = call.dialogue.clone();
    call.step(Input::Speech(&hypotheses("yes")));
    let more = call.dialogue.clone();
    for (dialogue, question, words, expected) in [
        (&main, "main", "where is my order", Open),
        (&main, "main", "what are your opening hours", Open),
        (&main, "main", "thank you", Open),
        (&main, "main", "where is order four five six seven one two", Complete),
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
        (&order, "order", "it's four five six seven one two", Complete),
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
        (&more, "more", "what are your opening hours", Open),
    ] {
        assert_eq!(dialogue.completeness(&hypotheses(words)), expected, "{question}: {words:?}");
    }
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
        assert_eq!(dialogue.interruption(&hypotheses(words), asked), expected, "{words:?} {asked}");
    }
    assert_eq!(main.interruption(&[], true), Backchannel);
}

#[derive(Clone, Debug)]
enum Act {
    Say(String, u16),
    Key(String),
    Silence,
    Noise,
    Deaf,
    Returned,
    Closing,
    Late(u32),
}

fn act() -> impl Strategy<Value = Act> {
    let word = prop::sample::select(vec![
        "four", "five", "oh", "double", "hundred", "forty", "no", "yes", "order", "where", "is", "my", "open", "return",
        "person", "repeat", "um", "the", "goodbye", "thanks", "for", "to", "wait", "456712", "9", "é", "\u{1F600}", "'",
    ]);
    let words = prop::collection::vec(word, 0..9).prop_map(|words| words.join(" "));
    prop_oneof![
        6 => (prop_oneof![words, ".{0,40}"], 0u16..1200).prop_map(|(text, confidence)| Act::Say(text, confidence)),
        3 => "[0-9*#]{0,8}".prop_map(Act::Key),
        1 => Just(Act::Silence),
        1 => Just(Act::Noise),
        1 => Just(Act::Deaf),
        1 => Just(Act::Returned),
        1 => Just(Act::Closing),
        1 => (0u32..4).prop_map(Act::Late),
    ]
}

fn perform(call: &mut Call, act: &Act) {
    match act {
        Act::Say(text, confidence) => call.step(Input::Speech(&[hypothesis(text, *confidence)])),
        Act::Key(entry) => call.step(Input::Keys(entry)),
        Act::Silence => call.step(Input::NoInput),
        Act::Noise => call.step(Input::Noise),
        Act::Deaf => call.step(Input::Deaf),
        Act::Returned => call.step(Input::Returned),
        Act::Closing => call.step(Input::Closing),
        Act::Late(id) => call.step(Input::Found { lookup: *id, result: &LookupResult::NotFound }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// `Call::step` checks each reply; here nothing may panic, and equal inputs give equal replies.
    #[test]
    fn any_conversation_keeps_its_form_and_is_deterministic(acts in prop::collection::vec(act(), 1..25)) {
        let (mut one, mut two) = (Call::answer(), Call::answer());
        for act in &acts {
            let before = one.dialogue.clone();
            if let Act::Say(text, confidence) = act {
                let words = [hypothesis(text, *confidence)];
                let _ = (before.completeness(&words), before.interruption(&words, true));
            }
            perform(&mut one, act);
            perform(&mut two, act);
            prop_assert_eq!(&one.said, &two.said);
            prop_assert_eq!(one.dialogue.question(), two.dialogue.question());
        }
    }

    /// Whatever happened before, a caller who is not understood any more reaches an end.
    #[test]
    fn endless_failure_ends(acts in prop::collection::vec(act(), 0..12), failures in prop::collection::vec(0..4usize, 40)) {
        let mut call = Call::answer();
        for act in &acts {
            perform(&mut call, act);
        }
        let silence = [Act::Silence, Act::Noise, Act::Deaf, Act::Say("colourless green ideas".into(), 900)];
        for failure in failures {
            if matches!(call.then, Then::HangUp(_) | Then::HandOver(_)) {
                return Ok(());
            }
            perform(&mut call, &silence[failure]);
        }
        prop_assert!(false, "still going on: {:?}", call.said);
    }
}
