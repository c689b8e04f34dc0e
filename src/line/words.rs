//! The few sentences that lines say themselves, when the bot is not there: a call that cannot be taken, a
//! person who did not answer, and what the person is told who does.

use crate::dialogue::spoken::Language;

/// Sentences of one language.
#[derive(Debug)]
pub struct Words {
    /// BCP 47, as carriers name voices.
    pub locale: &'static str,
    /// The call cannot be taken, and there is no human line.
    pub sorry: &'static str,
    /// Nobody took the transferred call, and the bot cannot take it back.
    pub nobody: &'static str,
    /// The person has picked up, and is not wanted any more.
    pub caller_gone: &'static str,
    /// After the story: how the person who is called takes the call.
    pub press_one: &'static str,
}

const ENGLISH: Words = Words {
    locale: "en-US",
    sorry: "Sorry, we cannot take your call right now. Please call again later. Goodbye.",
    nobody: "Sorry, nobody can take your call right now. Please call again later. Goodbye.",
    caller_gone: "The caller is not waiting any more. Goodbye.",
    press_one: "Press 1 to take the call.",
};

const SPANISH: Words = Words {
    locale: "es-MX",
    sorry: "Lo sentimos, ahora no podemos atender su llamada. Llame más tarde, por favor. Adiós.",
    nobody: "Lo sentimos, nadie puede atenderle ahora. Llame más tarde, por favor. Adiós.",
    caller_gone: "La persona que llamaba ya no espera. Adiós.",
    press_one: "Pulse 1 para aceptar la llamada.",
};

impl Words {
    /// The sentences in a business's first language; English where there are none in it.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::Spanish => &SPANISH,
            _ => &ENGLISH,
        }
    }
}
