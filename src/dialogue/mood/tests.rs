//! Sentences as a recogniser writes them, and what they say of the caller.

use super::*;
use Language::{English, Spanish};

fn feel(said: &str, language: Language) -> Feeling {
    let words: Vec<&str> = said.split(' ').collect();
    Mood::default().turn(&words, language, None)
}

/// Asserts that each sentence meets the condition; names all that do not.
fn all(sentences: &[&str], language: Language, good: impl Fn(Feeling) -> bool) {
    let wrong: Vec<String> = sentences
        .iter()
        .map(|said| (said, feel(said, language)))
        .filter(|(_, feeling)| !good(*feeling))
        .map(|(said, feeling)| format!("{said}: {feeling:?}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Angry or at the end of one's patience.
fn cross(feeling: Feeling) -> bool {
    feeling.anger.max(feeling.frustration) >= NOTABLE && feeling.valence() < -200
}

fn worried(feeling: Feeling) -> bool {
    feeling.distress >= NOTABLE && feeling.valence() < -200
}

fn calm(feeling: Feeling) -> bool {
    feeling.worst() < NOTABLE && feeling.valence().abs() < 300
}

fn happy(feeling: Feeling) -> bool {
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
        ],
        English,
        happy,
    );
}

#[test]
fn angry_sentences_in_spanish() {
    all(
        &[
            "esto es ridículo",
            "estoy muy enfadado",
            "estoy enojada con ustedes",
            "estoy furioso",
            "es la tercera vez que llamo",
            "ya he llamado cinco veces",
            "cuántas veces tengo que decirlo",
            "son unos inútiles",
            "esto es inaceptable",
            "me están tomando el pelo",
            "qué demonios pasa",
            "estoy harta de esperar",
            "ya le dije mi número de pedido",
            "nadie me contesta",
            "nadie me ayuda",
            "quiero mi puto dinero",
            "esto es una mierda",
            "estoy perdiendo mi tiempo",
            "nunca más compro aquí",
            "el peor servicio",
            "llevo tres semanas esperando",
            "no estoy contento con esto",
            "qué decepción",
            "maldita máquina",
            "no no no eso no es",
            "son unos ladrones",
            "voy a llamar a mi abogado",
            "todavía no he recibido el dinero",
            "qué frustrante",
            "no me está escuchando",
            "esto es una vergüenza",
            "es una falta de respeto",
            "quiero hablar con su jefe ya",
            "me han cobrado dos veces y nadie hace nada",
            "cada vez que llamo me dicen una cosa distinta",
            "son unos payasos",
            "hagan su trabajo",
            "es la última vez que compro con ustedes",
            "esto no tiene nombre",
            "páseme con una persona de verdad",
            "qué porquería de servicio",
            "me prometieron que llegaba el lunes",
            "estoy hasta las narices",
            "no me da la gana esperar más",
            "es increíble que no lo sepan",
            "me tienen harto",
            "ustedes no hacen nada bien",
            "váyanse al diablo",
        ],
        Spanish,
        cross,
    );
}

#[test]
fn distressed_sentences_in_spanish() {
    all(
        &[
            "estoy muy preocupada por mi dinero",
            "tengo mucho miedo",
            "no sé qué hacer",
            "ayúdeme por favor",
            "por favor ayúdenme",
            "me han vaciado la cuenta",
            "mi hijo tiene mucho dolor",
            "estoy desesperado",
            "necesito ayuda urgente",
            "dios mío qué hago ahora",
            "no puedo dormir",
            "no puedo más",
            "voy a perder mi casa",
            "estoy temblando",
            "tengo mucha ansiedad",
            "llevo todo el día llorando",
            "estoy aterrada",
            "es una emergencia",
            "qué voy a hacer",
            "se lo suplico",
            "socorro",
            "mi madre se está muriendo",
            "estoy muy estresada",
            "estoy agobiado",
            "lo he perdido todo",
            "me duele mucho",
            "estoy asustado",
            "estoy muy nerviosa",
            "es urgente",
            "ayuda ayuda",
            "mi bebé tiene mucha fiebre y estoy sola",
            "por favor dense prisa",
            "me voy a desmayar",
            "no tengo dinero ni para comer",
            "no despierta",
            "cada vez está peor",
            "necesito esa medicina hoy sin falta",
            "estamos tirados en el aeropuerto",
            "alguien puede hacer algo por favor",
        ],
        Spanish,
        worried,
    );
}

#[test]
fn neutral_sentences_in_spanish() {
    all(
        &[
            "dónde está mi pedido",
            "cuál es el horario",
            "quisiera devolver una chaqueta",
            "mi número de pedido es cuatro cinco seis",
            "sí",
            "no",
            "no ese no",
            "quiero pedir una cita para el martes",
            "puedo hablar con alguien sobre mi cuenta",
            "el segundo",
            "buenos días",
            "necesito cambiar mi dirección",
            "cuánto cuesta",
            "no es urgente",
            "no hay problema",
            "no se preocupe",
            "no estoy enfadado",
            "me llamo maría garcía",
            "mañana a las tres",
            "he dicho martes no jueves",
            "puede repetirlo por favor",
            "el azul en la talla cuarenta",
            "quiero pagar la factura",
            "cuál es el teléfono de emergencias",
            "qué interés tiene",
            "he perdido la tarjeta",
            "lo entregaron al vecino",
            "a qué hora cierran el sábado",
            "tengo dos hijos",
            "quiero transferir cincuenta euros",
            "puede enviarme la factura otra vez",
            "ya tengo cuenta",
            "la camisa me queda pequeña",
            "no funciona la contraseña",
            "perdí mi contraseña",
            "llamo por el pedido tres cuatro cinco",
            "quiero cancelar el pedido",
            "el paquete no llegó",
            "está roto",
            "se puede pagar en tres veces",
            "necesito que llegue el viernes",
            "hola me escucha",
            "el bueno",
            "la tercera opción",
            "tengo una cita mañana y quiero cambiarla",
            "me puede llamar luego",
            "quiero hacer una reclamación de equipaje",
            "no me acuerdo del número",
            "el jueves por la tarde me va bien",
            "es un regalo para mi madre",
        ],
        Spanish,
        calm,
    );
}

#[test]
fn happy_sentences_in_spanish() {
    all(
        &[
            "muchas gracias",
            "qué bien",
            "perfecto gracias",
            "maravilloso",
            "muy amable",
            "estupendo",
            "estoy muy contento",
            "qué alivio",
            "genial muchas gracias",
            "me encanta",
            "se lo agradezco",
            "mil gracias",
            "buen servicio",
            "es usted un encanto",
            "fenomenal",
            "excelente",
            "estoy encantada",
            "me alegro mucho",
            "muchísimas gracias",
            "muy bien gracias",
            "gracias ha sido de gran ayuda",
            "fantástico",
            "estoy satisfecho con el resultado",
            "estoy muy agradecida",
            "me gusta mucho",
            "no se preocupe está perfecto",
            "qué maravilla",
            "feliz con la compra",
            "buenísimo",
            "chévere",
            "me parece bien gracias",
            "qué rápido",
            "me ha alegrado el día",
            "todo perfecto",
            "de maravilla",
            "muy contenta con ustedes",
            "qué majo",
            "va de lujo",
            "gracias por todo",
            "eso es justo lo que necesitaba",
        ],
        Spanish,
        happy,
    );
}

#[test]
fn words_around_make_it_stronger_or_weaker() {
    let anger = |said| feel(said, English).anger;
    assert!(anger("i am very angry") > anger("i am angry"));
    assert!(anger("i am a bit angry") < anger("i am angry"));
    assert!(anger("you fucking idiots") > EXTREME);
    assert_eq!(anger("i am not angry"), 0);
    assert_eq!(anger("no i am angry"), anger("i am angry"));
    assert!(feel("no estoy contento", Spanish).frustration >= NOTABLE);
}

fn say(mood: &mut Mood, said: &str, tone: Option<(u16, i16, u16)>) -> Feeling {
    let words: Vec<&str> = said.split(' ').collect();
    let tone = tone.map(|(pitch_hz, level_db, rate)| Tone {
        pitch_hz,
        level_db,
        rate,
    });
    mood.turn(&words, English, tone)
}

#[test]
fn a_person_is_wanted_when_it_lasts_or_is_extreme() {
    let mut mood = Mood::default();
    say(&mut mood, "where is my order", None);
    assert!(!mood.wants_soothing() && !mood.wants_person());
    say(&mut mood, "this is ridiculous", None);
    assert!(mood.wants_soothing() && !mood.wants_person());
    say(&mut mood, "this is unacceptable", None);
    assert!(mood.wants_soothing() && mood.wants_person());
    assert!(mood.now < -300, "{mood:?}");

    let mut mood = Mood::default();
    say(&mut mood, "fuck you", None);
    assert!(mood.wants_person());

    let mut mood = Mood::default();
    for _ in 0..4 {
        say(&mut mood, "i already told you that", None);
    }
    assert!(mood.wants_person(), "frustration that goes on: {mood:?}");
}

#[test]
fn moods_pass() {
    let mut mood = Mood::default();
    say(&mut mood, "i am furious", None);
    let at_worst = mood.now;
    for _ in 0..3 {
        say(&mut mood, "my number is four five", None);
    }
    assert!(mood.now > at_worst / 3, "{mood:?}");
    assert!(!mood.wants_soothing() && !mood.wants_person());
    say(&mut mood, "wonderful thank you so much", None);
    assert!(mood.now > 0, "{mood:?}");
}

#[test]
fn a_complaint_said_again_weighs_more() {
    let mut mood = Mood::default();
    let first = say(&mut mood, "this is ridiculous", None);
    let second = say(&mut mood, "this is ridiculous", None);
    let third = say(&mut mood, "this is ridiculous", None);
    assert!(first.frustration < second.frustration && second.frustration < third.frustration);
}

#[test]
fn the_voice_is_compared_with_the_callers_own_start() {
    let usual = Some((120, -25, 220));
    let raised = Some((170, -15, 280));
    let plain = "where is my order";
    let mut mood = Mood::default();
    assert_eq!(say(&mut mood, plain, usual).arousal, 0);
    assert_eq!(say(&mut mood, plain, Some((125, -24, 230))).arousal, 0);
    assert_eq!(
        say(&mut mood, plain, Some((128, -23, 240))),
        Feeling::default()
    );
    let shouted = say(&mut mood.clone(), plain, raised);
    assert!(
        shouted.arousal >= 600 && shouted.anger >= NOTABLE,
        "{shouted:?}"
    );
    let with_words = say(&mut mood.clone(), "this is ridiculous", raised);
    assert!(with_words.anger > say(&mut mood.clone(), "this is ridiculous", usual).anger);
    let afraid = say(&mut mood.clone(), "i am worried", raised);
    assert!(afraid.distress > 500 && afraid.anger == 0, "{afraid:?}");
    let glad = say(&mut mood.clone(), "oh wonderful", raised);
    assert!(glad.anger == 0 && glad.distress == 0, "{glad:?}");
    // Louder alone is a phone held closer.
    let closer = say(&mut mood.clone(), plain, Some((120, -12, 220)));
    assert!(closer.anger == 0, "{closer:?}");
    // A voice that was never measured is compared with nothing.
    let mut silent = Mood::default();
    assert_eq!(say(&mut silent, plain, Some((0, 0, 0))), Feeling::default());
}

#[test]
fn any_words_and_figures_are_survived() {
    let mut mood = Mood::default();
    for n in 0..200_u16 {
        let long = vec!["fuck"; usize::from(n)];
        let tone = Tone {
            pitch_hz: n * 300,
            level_db: (n as i16) * 150,
            rate: u16::MAX,
        };
        let feeling = mood.turn(&long, English, Some(tone));
        assert!(feeling.anger <= 1000 && (-1000..=1000).contains(&mood.now));
    }
}
