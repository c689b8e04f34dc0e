//! Alarms and near misses, as a recogniser writes them.

use super::*;
use Language::{English, Spanish};
use proptest::prelude::*;

const CLINIC: &str = r#"
[emergency]
does = "emergency"
en = ["chest pain", "chest hurts", "pain in my chest", "cannot breathe", "trouble breathing", "hard to breathe",
      "not breathing", "heart attack", "stroke", "unconscious", "passed out", "bleeding heavily", "bleeding will not stop",
      "allergic reaction", "overdose", "seizure", "face is drooping", "choking"]
es = ["dolor de pecho", "duele el pecho", "no puedo respirar", "no puede respirar", "no respira", "dificultad para respirar",
      "cuesta respirar", "infarto", "derrame cerebral", "inconsciente", "se desmayó", "sangra mucho", "reacción alérgica",
      "sobredosis", "convulsiones", "ataque al corazón", "se está ahogando"]
unless = ["stroke of luck", "heart attack clinic", "stroke prevention", "allergic reaction form", "prevención del infarto",
          "swimming stroke", "symptoms of a stroke", "síntomas de un infarto"]

[harm]
does = "crisis"
en = ["kill myself", "end my life", "suicide", "want to die", "hurt myself"]
es = ["quitarme la vida", "matarme", "suicidarme", "quiero morir", "hacerme daño"]
unless = ["suicide prevention week"]
"#;

const BANK: &str = r#"
[fraud]
does = "fraud"
en = ["stole my card", "card was stolen", "stolen card", "fraud", "did not make this payment", "did not authorize",
      "someone is using my card", "hacked", "do not recognize transaction", "do not recognize charge", "scammed"]
es = ["me robaron la tarjeta", "tarjeta robada", "fraude", "no he hecho este pago", "no reconozco el cargo",
      "alguien usa mi tarjeta", "me han estafado", "me hackearon"]
unless = ["fraud protection", "fraud department hours", "protección contra el fraude"]
"#;

fn name<'a>(flags: &'a Flags, said: &str, language: Language) -> Option<&'a str> {
    let words: Vec<&str> = said.split(' ').collect();
    flags.find(&words, language).map(|flag| flag.name.as_str())
}

fn check(cases: &[(&str, Option<&str>)], text: &str, language: Language) {
    let flags = Flags::parse(text).expect("good flags");
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(said, want)| name(&flags, said, language) != *want)
        .map(|(said, want)| format!("{said}: {:?}, not {want:?}", name(&flags, said, language)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

const EMERGENCY: Option<&str> = Some("emergency");
const HARM: Option<&str> = Some("harm");
const FRAUD: Option<&str> = Some("fraud");

#[test]
fn alarms_are_raised_in_english() {
    check(
        &[
            ("i have chest pain", EMERGENCY),
            ("ive got really bad chest pains", EMERGENCY),
            ("my chest hurts so much", EMERGENCY),
            ("my chest really really hurts", EMERGENCY),
            ("there is a pain in my chest since this morning", EMERGENCY),
            ("i cant breathe", EMERGENCY),
            ("i can not breathe", EMERGENCY),
            ("she can hardly move and cannot breathe", EMERGENCY),
            ("hes having trouble breathing", EMERGENCY),
            ("i am having some trouble with breathing", EMERGENCY),
            ("my husband is not breathing", EMERGENCY),
            ("the baby isnt breathing", EMERGENCY),
            ("i think im having a heart attack", EMERGENCY),
            ("my father had a stroke just now", EMERGENCY),
            ("she is unconscious", EMERGENCY),
            ("she is unconcious on the floor", EMERGENCY),
            ("he just passed out", EMERGENCY),
            ("i am bleeding very heavily", EMERGENCY),
            ("the bleeding wont stop", EMERGENCY),
            ("my son has an allergic reaction", EMERGENCY),
            ("he has a bad alergic reaction to nuts", EMERGENCY),
            ("she took an overdose", EMERGENCY),
            ("hes having a seizure", EMERGENCY),
            ("no i have chest pain", EMERGENCY),
            ("no no its chest pain", EMERGENCY),
            ("yes chest pain", EMERGENCY),
            ("it feels like a heart attack", EMERGENCY),
            ("she cant seem to breathe", EMERGENCY),
            ("he can barely breathe", EMERGENCY),
            ("having trouble with my breathing", EMERGENCY),
            ("i am not well i have chest pain", EMERGENCY),
            ("i dont know if its a heart attack", EMERGENCY),
            ("my chest pain is not gone", EMERGENCY),
            ("the chest pain hasnt gone away", EMERGENCY),
            ("not only chest pain but also fever", EMERGENCY),
            ("i dont have fever but i have chest pain", EMERGENCY),
            ("no chest pain but i cant breathe", EMERGENCY),
            ("it is hard for me to breathe", EMERGENCY),
            ("i have had chest pain for the last month", EMERGENCY),
            ("the chest pain started years ago and it is back", EMERGENCY),
            ("his face is drooping on one side", EMERGENCY),
            ("i want to kill myself", HARM),
            ("i dont want to live i want to end my life", HARM),
            ("i just want to die", HARM),
            ("i have been thinking about suicide", HARM),
        ],
        CLINIC,
        English,
    );
    check(
        &[
            ("someone stole my card", FRAUD),
            ("somebody has stolen my card", FRAUD),
            ("my card was stolen yesterday", FRAUD),
            ("i think there is fraud on my account", FRAUD),
            ("i didnt make this payment", FRAUD),
            ("i did not make that payment of fifty dollars", FRAUD),
            ("i never made this payment", FRAUD),
            ("i did not authorise this", FRAUD),
            ("i dont recognise a charge on my account", FRAUD),
            ("i do not recognize this transaction", FRAUD),
            ("my account has been hacked", FRAUD),
            ("i got scammed", FRAUD),
            ("someone else is using my credit card", FRAUD),
        ],
        BANK,
        English,
    );
}

#[test]
fn near_misses_raise_nothing_in_english() {
    check(
        &[
            ("i have no chest pain", None),
            ("no chest pain", None),
            ("i dont have any chest pain", None),
            ("i do not have chest pain", None),
            ("my chest pain is gone", None),
            ("the chest pain has gone away", None),
            ("the chest pain went away yesterday", None),
            ("my chest pain has stopped", None),
            ("no fever or chest pain", None),
            ("i dont have fever cough or chest pain", None),
            ("without chest pain", None),
            ("i never had a heart attack", None),
            ("i had a heart attack two years ago", None),
            ("my mother had a stroke last year", None),
            ("it is not an allergic reaction", None),
            ("she isnt unconscious", None),
            ("he is no longer unconscious", None),
            ("that was a stroke of luck", None),
            ("when is the stroke prevention course", None),
            ("i need the allergic reaction form", None),
            ("can i see the doctor for the heart attack clinic", None),
            ("what are the symptoms of a stroke", None),
            ("i have back pain", None),
            ("i have a pain in my knee", None),
            ("my chess club hurts my wallet", None),
            ("i need a chest x ray", None),
            ("i can breathe fine", None),
            ("i am breathing normally", None),
            ("i have a question about my heart medication", None),
            ("i would like to book an appointment", None),
            ("my tooth hurts", None),
            ("i dont have trouble breathing anymore", None),
            ("no trouble breathing", None),
            ("it cant be a heart attack", None),
            ("doctor says it was not a heart attack", None),
            ("is it about suicide prevention week", None),
            ("i want to change my appointment", None),
            ("the joke made me laugh", None),
            ("she is conscious", None),
        ],
        CLINIC,
        English,
    );
    check(
        &[
            ("my card is blocked by fraud protection", None),
            ("what are the fraud department hours", None),
            ("it is not fraud", None),
            ("my card was not stolen i lost it", None),
            ("i lost my card", None),
            ("i didnt get hacked", None),
            ("i did make this payment", None),
            ("i want to make this payment", None),
            ("i recognize the transaction", None),
            ("i did authorize it", None),
            ("i am afraid i forgot my pin", None),
            ("how do i use my card abroad", None),
        ],
        BANK,
        English,
    );
}

#[test]
fn alarms_are_raised_in_spanish() {
    check(
        &[
            ("tengo dolor de pecho", EMERGENCY),
            ("tengo un dolor muy fuerte en el pecho", EMERGENCY),
            ("me duele el pecho", EMERGENCY),
            ("me duele mucho el pecho", EMERGENCY),
            ("no puedo respirar", EMERGENCY),
            ("mi hijo no puede respirar bien", EMERGENCY),
            ("mi madre no respira", EMERGENCY),
            ("me cuesta mucho respirar", EMERGENCY),
            ("tiene dificultad para respirar", EMERGENCY),
            ("tiene dificultades para respirar", EMERGENCY),
            ("creo que es un infarto", EMERGENCY),
            ("le ha dado un infarto", EMERGENCY),
            ("mi padre está inconsciente", EMERGENCY),
            ("mi padre esta inconciente", EMERGENCY),
            ("mi mujer se desmayó", EMERGENCY),
            ("mi mujer se desmayo", EMERGENCY),
            ("está sangrando mucho", EMERGENCY),
            ("tiene una reacción alérgica", EMERGENCY),
            ("una reaccion alergica muy fuerte", EMERGENCY),
            ("ha tomado una sobredosis", EMERGENCY),
            ("tiene convulsiones", EMERGENCY),
            ("no tengo fiebre pero tengo dolor de pecho", EMERGENCY),
            ("sin fiebre pero me duele el pecho", EMERGENCY),
            ("el dolor de pecho no se ha ido", EMERGENCY),
            ("un ataque al corazón", EMERGENCY),
            ("tengo dolor de pecho desde hace un año", EMERGENCY),
            ("quiero quitarme la vida", HARM),
            ("voy a matarme", HARM),
            ("me quiero morir", HARM),
            ("ya no puedo más quiero morir", HARM),
        ],
        CLINIC,
        Spanish,
    );
    check(
        &[
            ("me robaron la tarjeta", FRAUD),
            ("me han robado la tarjeta", FRAUD),
            ("tengo la tarjeta robada", FRAUD),
            ("creo que es un fraude", FRAUD),
            ("no reconozco este cargo", FRAUD),
            ("no reconozco un cargo de cien euros", FRAUD),
            ("yo no he hecho este pago", FRAUD),
            ("alguien está usando mi tarjeta", FRAUD),
            ("me han estafado", FRAUD),
            ("me estafaron ayer", FRAUD),
            ("robaron mi tarjeta", FRAUD),
        ],
        BANK,
        Spanish,
    );
}

#[test]
fn near_misses_raise_nothing_in_spanish() {
    check(
        &[
            ("no tengo dolor de pecho", None),
            ("sin dolor de pecho", None),
            ("no me duele el pecho", None),
            ("ya no me duele el pecho", None),
            ("ya no tengo dolor de pecho", None),
            ("no tengo fiebre ni dolor de pecho", None),
            ("el dolor de pecho se ha ido", None),
            ("el dolor de pecho ya se me pasó", None),
            ("el dolor de pecho ya pasó", None),
            ("nunca he tenido un infarto", None),
            ("tuve un infarto hace tres años", None),
            ("no es un infarto", None),
            ("no está inconsciente", None),
            ("cuáles son los síntomas de un infarto", None),
            ("el curso de prevención del infarto", None),
            ("me duele la rodilla", None),
            ("me duele la cabeza", None),
            ("tengo dolor de espalda", None),
            ("puedo respirar bien", None),
            ("no tengo dificultad para respirar", None),
            ("no fue un infarto", None),
            ("está respirando bien", None),
            ("no tiene ninguna reacción alérgica", None),
            ("quiero pedir una cita", None),
            ("no quiero morirme de aburrimiento esperando", None),
            ("tengo una pregunta sobre mi corazón", None),
            ("está consciente", None),
        ],
        CLINIC,
        Spanish,
    );
    check(
        &[
            ("tengo la protección contra el fraude", None),
            ("no es un fraude", None),
            ("he perdido la tarjeta", None),
            ("no me han robado la tarjeta", None),
            ("reconozco el cargo", None),
            ("quiero hacer este pago", None),
            ("cómo uso mi tarjeta en el extranjero", None),
        ],
        BANK,
        Spanish,
    );
}

#[test]
fn the_first_flag_in_the_file_is_the_most_urgent() {
    let flags = Flags::parse(CLINIC).expect("good flags");
    assert_eq!(flags.all()[0].name, "emergency");
    assert_eq!(
        (flags.all()[1].does.as_str(), flags.all()[1].line),
        ("crisis", 14)
    );
    let both = "i took an overdose i want to die";
    assert_eq!(name(&flags, both, English), EMERGENCY);
    assert!(Flags::default().find(&["fraud"], English).is_none());
    assert!(flags.find::<&str>(&[], English).is_none());
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (text, line, what) in [
        (
            "[a]\ndoes = \"x\"\nen = [\"y\"]\nfr = []",
            4,
            "unknown field",
        ),
        ("[a]\nen = [\"y\"]", 1, "does"),
        ("[a]\ndoes = \" \"\nen = [\"y\"]", 2, "no task"),
        ("[a]\ndoes = \"x\"", 1, "no phrases"),
        ("[a]\ndoes = \"x\"\nen = [\"fire\",\n\"the\"]", 4, "telling"),
        ("[a]\ndoes = \"x\"\nes = [\"no\"]", 3, "telling"),
        ("[a\n", 1, ""),
        ("a = 1", 1, ""),
    ] {
        let error = Flags::parse(text).expect_err(text);
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.what.contains(what), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn any_words_are_survived(words in prop::collection::vec("(chest|pain|not|breathe|gone|no|[\\PC]{0,12})", 0..40)) {
        let flags = Flags::parse(CLINIC).expect("good flags");
        for language in [English, Spanish] {
            let found = flags.find(&words, language).map(|flag| flag.name.clone());
            prop_assert_eq!(found, flags.find(&words, language).map(|flag| flag.name.clone()));
        }
    }
}
