//! Sentences as a recogniser writes them, and what they say of the caller.

use super::{English, Feeling, Language, Mood, NOTABLE};

pub(super) fn feel(said: &str, language: Language) -> Feeling {
    let words: Vec<&str> = said.split(' ').collect();
    Mood::default().turn(&words, language, None)
}

/// Asserts that each sentence meets the condition; names all that do not.
pub(super) fn all(sentences: &[&str], language: Language, good: impl Fn(Feeling) -> bool) {
    let wrong: Vec<String> = sentences
        .iter()
        .map(|said| (said, feel(said, language)))
        .filter(|(_, feeling)| !good(*feeling))
        .map(|(said, feeling)| format!("{said}: {feeling:?}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Angry or at the end of one's patience.
pub(super) fn cross(feeling: Feeling) -> bool {
    feeling.anger.max(feeling.frustration) >= NOTABLE && feeling.valence() < -200
}

pub(super) fn worried(feeling: Feeling) -> bool {
    feeling.distress >= NOTABLE && feeling.valence() < -200
}

pub(super) fn calm(feeling: Feeling) -> bool {
    feeling.worst() < NOTABLE && feeling.valence().abs() < 300
}

pub(super) fn happy(feeling: Feeling) -> bool {
    feeling.valence() >= 200 && feeling.worst() == 0
}

#[test]
fn angry_sentences_in_english() {
    all(
        &[
            "this is ridiculous",
            "i am so angry right now",
            "im furious about this",
            "this is the third time i call about this",
            "this is the fourth time im calling",
            "i have called you five times already",
            "how many times do i have to tell you",
            "you people are useless",
            "this is completely unacceptable",
            "are you kidding me",
            "what the hell is wrong with you",
            "i am sick and tired of waiting",
            "im fed up with your company",
            "i already told you my order number",
            "nobody ever calls me back",
            "you keep sending me the wrong thing",
            "i want my fucking money back",
            "this is bullshit",
            "this is a waste of my time",
            "i will never shop here again",
            "worst service ever",
            "ive been waiting for weeks",
            "i am not happy with this",
            "i am very disappointed",
            "stupid machine",
            "no no no no thats wrong",
            "you are a bunch of crooks",
            "im going to call my lawyer",
            "i still havent received my refund",
            "oh come on this is so frustrating",
            "shut up and get me a human",
            "it still doesnt work and im really annoyed",
            "that is not good enough",
            "youre not listening to me",
            "i want to talk to your boss this is out of line",
            "you have charged me twice and nobody does anything",
            "every time i call i get a different answer",
            "why does nobody answer the phone",
            "i am not paying for this garbage",
            "you guys are a bunch of clowns",
            "do your job",
            "this is the last time i use your service",
            "i have had it up to here",
            "your service sucks",
            "i spent an hour on the phone with you people",
            "just give me a real person already",
            "how hard can it be",
            "what is wrong with you people",
            "thats not what i asked for again",
            "you promised it would be here by monday and its not",
            "cancel everything i am done with you",
            "get lost",
            "this is theft",
            "i am really cross with you",
            "this company is a total disaster",
            "i have been passed around from one person to another",
            "stop wasting my time and fix it",
            "i have explained this to three people now",
            "you keep saying the same thing",
            "its always the same with you",
            "i dont believe this",
            "nobody told me about this fee this is outrageous",
            "im losing my patience",
            "you never listen",
            "how is this even possible",
            "oh for crying out loud",
            "i have never been treated like this",
            "for the last time my name is jones",
            "are you even listening",
            "this is driving me crazy",
            "youve ruined my holiday",
            "that is absolutely not acceptable",
        ],
        English,
        cross,
    );
}

#[test]
fn distressed_sentences_in_english() {
    all(
        &[
            "im really worried about my money",
            "i am so scared",
            "i dont know what to do",
            "please help me",
            "please please help me",
            "all my money is gone",
            "my son is in so much pain",
            "im panicking",
            "i am desperate",
            "i need help right now its urgent",
            "oh god oh god what do i do now",
            "i cant sleep because of this",
            "i cant cope anymore",
            "im going to lose my house",
            "someone emptied my account im shaking",
            "i am very anxious about the results",
            "i have been crying all day",
            "im terrified",
            "its an emergency",
            "i cant afford to lose this money",
            "what am i supposed to do",
            "i am begging you",
            "help help",
            "my mother is dying",
            "im so stressed",
            "im freaking out here",
            "i lost everything",
            "it hurts so much",
            "im afraid something bad happened",
            "i feel overwhelmed",
            "i think someone is in my account please be quick",
            "my baby has a high fever and im alone",
            "i really need that medicine today or ill be in trouble",
            "we are stranded at the airport",
            "i feel like im going to faint",
            "im scared to death",
            "can somebody please do something",
            "i have no money left for food",
            "he is not waking up",
            "its getting worse and worse",
            "i am at my wits end",
            "please i need your help",
            "my husband is very sick and i dont know who to call",
            "i might lose my apartment",
            "somebody took all my savings",
            "my heart is racing",
            "im really concerned about this",
            "i cant stop crying",
            "i feel so helpless",
            "this is a nightmare i am so scared",
        ],
        English,
        worried,
    );
}

#[test]
fn neutral_sentences_in_english() {
    all(
        &[
            "where is my order",
            "what are your opening hours",
            "i would like to return a jacket",
            "my order number is four five six seven",
            "yes",
            "no",
            "no thats not the one",
            "i want to book an appointment for tuesday",
            "can i speak to someone about my account",
            "the second one",
            "good morning",
            "i need to change my address",
            "how much does it cost",
            "its not urgent",
            "no problem",
            "dont worry about it",
            "im not angry",
            "i am not worried about it",
            "my name is mary smith",
            "tomorrow at three",
            "i said tuesday not thursday",
            "can you repeat that please",
            "the blue one in size ten",
            "id like to pay my bill",
            "do you have an emergency number",
            "what is the interest rate",
            "i lost my card",
            "it was delivered to my neighbour",
            "what time do you close on saturday",
            "i have two children",
            "please transfer fifty dollars",
            "could you send me the invoice again please",
            "i already have an account",
            "the shirt is too small",
            "is the second time slot free",
            "i tried to log in and it says wrong password",
            "when does the third delivery come",
            "i lost my password",
            "i would like to complain less and sleep more",
            "mad hatter costume",
            "im calling about order three four five",
            "my mother needs a prescription",
            "can i pay four times a year",
            "is there a charge for express",
            "i need it by friday",
            "the pain medication please",
            "its broken",
            "hello are you there",
            "it stopped working yesterday",
            "i want to cancel my order",
            "the package never arrived",
            "you can call me back tomorrow",
            "good question",
            "is it a good mattress",
            "hot and cold water",
            "can you check my balance",
            "i want to know about the crazy sale",
            "i would like a refund please",
            "my last name is jones",
            "can i get help with my order",
            "i have a question about a fee",
            "tell me more",
            "i need a doctor for my son",
            "the delivery was on time",
            "what does it do",
            "i bought it last week",
            "its the same address",
            "i will call back later",
            "how do i stop the subscription",
            "is the item still available",
        ],
        English,
        calm,
    );
}

#[test]
fn happy_sentences_in_english() {
    all(
        &[
            "thank you so much",
            "thats great",
            "perfect thanks",
            "wonderful",
            "you have been very helpful",
            "oh thats excellent news",
            "i am very happy with it",
            "im so relieved",
            "brilliant thank you",
            "that works thanks",
            "i really appreciate it",
            "i love it",
            "thanks a lot",
            "great service",
            "what a relief",
            "youre a star",
            "amazing that was so easy",
            "lovely thank you very much",
            "im glad to hear that",
            "awesome",
            "very kind of you",
            "that helps thank you",
            "fantastic",
            "nice thank you",
            "well done",
            "i am pleased with the result",
            "im grateful for your help",
            "no problem thank you",
            "dont worry its perfect",
            "super happy",
            "sounds good to me",
            "yes thats right thank you",
            "cheers mate",
            "youve made my day",
            "that was quick",
            "oh good",
            "best service ever",
            "couldnt be happier",
            "no complaints at all",
            "works like a charm",
            "thats really kind",
            "oh thank goodness",
            "you are the best",
            "im over the moon",
            "much appreciated",
            "that was easier than i thought",
            "excellent work",
            "super thank you",
            "i am so thankful",
            "yes that is perfect",
        ],
        English,
        happy,
    );
}
