// Every text of the page, by language. Texts with {…} are filled in.

const STRINGS = {
  en: {
    title: "Voice assistant",
    assistant: "Assistant",
    you: "You",
    call: "Call",
    hangUp: "Hang up",
    idle: "You will talk to an automatic assistant.",
    connecting: "Connecting…",
    askMic: "Please allow the microphone, or choose “Block” to type instead.",
    onCall: "On the call",
    speaking: "The assistant is speaking",
    listening: "Listening",
    noMicOnCall: "On, no microphone",
    ended: "The call has ended.",
    lost: "The connection was lost. You can call again.",
    refused: "The call could not be placed. Please try again.",
    busy: "All lines are busy. Please try again in a minute.",
    failed: "Something went wrong, and the call has ended.",
    handover: "A person takes over.",
    handoverNumber: "Please call this number:",
    handoverNone: "Nobody can be reached by telephone at the moment.",
    captions: "Captions",
    captionsEmpty: "Press Call, then speak, press keys or type. What is said appears here.",
    interrupted: "interrupted",
    mute: "Mute",
    muted: "Muted",
    keypad: "Keypad",
    volume: "Volume",
    level: "Microphone level",
    key: "Key {key}",
    keyStar: "Star",
    keyHash: "Hash",
    type: "Type instead of speaking",
    typeSecret: "Your code (not shown)",
    send: "Send",
    micDenied:
      "The microphone is blocked for this page. Allow it at the lock or microphone sign in the address bar and call again. Typing and the keypad work without it.",
    micMissing: "No microphone was found. Plug one in and call again. Typing and the keypad work without it.",
    micBusy: "Another program is using the microphone. Close it and call again. Typing and the keypad work meanwhile.",
    micInsecure:
      "Browsers give the microphone only to pages opened with https:// or on this machine itself. Typing and the keypad work here.",
    micFailed: "The microphone cannot be used. Typing and the keypad work without it.",
    micLost: "The microphone was unplugged or taken away. You can type or use the keypad.",
    noAudio: "This browser cannot play the call’s sound. You can read and type.",
    touch: "Touch to talk",
    touchHint: "Speak, press keys or type",
    again: "Call again",
    stillThere: "Are you still there?",
    wiping: "This screen is cleared in {seconds} s.",
    wipeNow: "I am done: clear it",
    stay: "I am still here",
    noScript: "This page needs JavaScript.",
    languages: "Language of the call",
    english: "English",
    spanish: "Español",
  },
  es: {
    title: "Asistente de voz",
    assistant: "Asistente",
    you: "Usted",
    call: "Llamar",
    hangUp: "Colgar",
    idle: "Hablará con un asistente automático.",
    connecting: "Conectando…",
    askMic: "Permita el micrófono, o elija «Bloquear» para escribir.",
    onCall: "En la llamada",
    speaking: "El asistente está hablando",
    listening: "Le escucho",
    noMicOnCall: "En línea, sin micrófono",
    ended: "La llamada ha terminado.",
    lost: "Se perdió la conexión. Puede llamar de nuevo.",
    refused: "No se pudo hacer la llamada. Inténtelo de nuevo.",
    busy: "Todas las líneas están ocupadas. Inténtelo de nuevo en un minuto.",
    failed: "Algo salió mal y la llamada ha terminado.",
    handover: "Le atenderá una persona.",
    handoverNumber: "Por favor, llame a este número:",
    handoverNone: "En este momento no se puede localizar a nadie por teléfono.",
    captions: "Subtítulos",
    captionsEmpty: "Pulse Llamar y hable, pulse teclas o escriba. Lo que se dice aparece aquí.",
    interrupted: "interrumpido",
    mute: "Silenciar",
    muted: "Silenciado",
    keypad: "Teclado",
    volume: "Volumen",
    level: "Nivel del micrófono",
    key: "Tecla {key}",
    keyStar: "Asterisco",
    keyHash: "Almohadilla",
    type: "Escriba en lugar de hablar",
    typeSecret: "Su clave (no se muestra)",
    send: "Enviar",
    micDenied:
      "El micrófono está bloqueado para esta página. Permítalo en el candado o el micrófono de la barra de direcciones y llame de nuevo. Escribir y el teclado funcionan sin él.",
    micMissing:
      "No se encontró ningún micrófono. Conecte uno y llame de nuevo. Escribir y el teclado funcionan sin él.",
    micBusy:
      "Otro programa está usando el micrófono. Ciérrelo y llame de nuevo. Mientras tanto puede escribir o usar el teclado.",
    micInsecure:
      "Los navegadores solo dan el micrófono a páginas abiertas con https:// o en esta misma máquina. Aquí puede escribir o usar el teclado.",
    micFailed: "No se puede usar el micrófono. Escribir y el teclado funcionan sin él.",
    micLost: "El micrófono se desconectó. Puede escribir o usar el teclado.",
    noAudio: "Este navegador no puede reproducir el sonido. Puede leer y escribir.",
    touch: "Toque para hablar",
    touchHint: "Hable, pulse teclas o escriba",
    again: "Llamar de nuevo",
    stillThere: "¿Sigue ahí?",
    wiping: "Esta pantalla se borra en {seconds} s.",
    wipeNow: "He terminado: borrar",
    stay: "Sigo aquí",
    noScript: "Esta página necesita JavaScript.",
    languages: "Idioma de la llamada",
    english: "English",
    spanish: "Español",
  },
};

let language = pick(navigator.languages ?? [navigator.language]);

/** The first of the browser's languages that the page has; English otherwise. */
function pick(wanted) {
  const codes = wanted.map((tag) => String(tag).slice(0, 2).toLowerCase());
  return codes.find((code) => code in STRINGS) ?? "en";
}

export function current() {
  return language;
}

/** A text in the page's language. */
export function t(key, values = {}) {
  const text = STRINGS[language][key] ?? STRINGS.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/**
 * Puts the texts into the page: `data-t` is an element's text, `data-t-label` its accessible name,
 * `data-t-hint` its placeholder.
 */
export function translate(code) {
  if (code in STRINGS) language = code;
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  }
  for (const element of document.querySelectorAll("[data-t-hint]")) {
    element.setAttribute("placeholder", t(element.dataset.tHint));
  }
}
