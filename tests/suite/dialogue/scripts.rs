//! Calls to the sample shop as they sound; the lines are explained in the parent module.

use super::play;

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
        bot: I have no order with the number 222222. Please key in
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
        caller: where is my order @250
        bot: You'd like to check on an order, is that right?
        asks: yes_no
        caller: yes
        asks: order
    ";
    invented_words_are_no_wish: "
        caller: where is my order @150
        bot: Sorry, I didn't catch that.
    ";
    doubtful_goodbye_does_not_end_the_call: "
        caller: goodbye @350
        bot: You'd like to end the call, is that right?
        caller: yes
        end: completed
    ";
    unsure_wish_denied: "
        caller: where is my order @250
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
