// The browser phone: what its buttons do, and what a call changes on the page.

import { Captions } from "./captions.js";
import { Kiosk } from "./kiosk.js";
import { Line, Refused } from "./line.js";
import { Sound } from "./sound.js";
import { current, t, translate } from "./strings.js";

const at = (id) => document.getElementById(id);
const KEYS = "123456789*0#";
const LETTERS = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ" };
/** How long a caption of the bot may still sound after the call is over, in s. */
const LAST_WORDS = 1;

const captions = new Captions(at("captions"), at("interim"), at("empty"));
let about = {};
let call = null;
let muted = false;
let clock = 0;

/** One call, from the button to its end. */
class Call {
  constructor() {
    this.sound = new Sound(this);
    this.line = new Line(this);
    this.started = 0;
    this.microphone = false;
    this.speaking = false;
  }

  async begin() {
    setState("connecting", "connecting");
    hint(null);
    let trouble = null;
    try {
      await this.sound.open(at("volume").value / 100);
      const asking = setTimeout(() => setState("connecting", "askMic"), 700);
      trouble = await this.sound.listen();
      clearTimeout(asking);
    } catch {
      trouble = "noAudio";
    }
    if (call !== this) return;
    this.microphone = !trouble;
    if (trouble) hint(trouble);
    setState("connecting", "connecting");
    this.sound.mute(muted);
    try {
      await this.line.open(current());
    } catch (error) {
      if (call === this) this.finish(error instanceof Refused && error.busy ? "busy" : "refused");
    }
  }

  ready() {
    this.started = Date.now();
    setState("call", this.microphone ? "listening" : "noMicOnCall");
    clock = setInterval(tick, 500);
    tick();
    for (const id of ["text", "send"]) at(id).disabled = false;
    at("mute").disabled = !this.microphone;
    if (!this.microphone) at("text").focus();
  }

  frame(pcm) {
    this.line.frame(pcm);
  }

  level(rms) {
    // −60 dB is the left end, −6 dB the right one.
    const db = 20 * Math.log10(Math.max(rms, 1e-4));
    const share = muted ? 0 : Math.max(0, Math.min(1, (db + 60) / 54));
    at("level-bar").style.transform = `scaleX(${share.toFixed(3)})`;
    at("level").setAttribute("aria-valuenow", String(Math.round(100 * share)));
  }

  marked(name, how) {
    this.line.marked(name, how);
  }

  sounding(yes) {
    this.speaking = yes;
    document.body.classList.toggle("speaking", yes);
    if (document.body.dataset.state === "call") {
      setState("call", yes ? "speaking" : this.microphone ? "listening" : "noMicOnCall");
    }
  }

  microphoneLost() {
    this.microphone = false;
    at("mute").disabled = true;
    hint("micLost");
  }

  // A page whose sound cannot be played has read everything at once.
  mark(name) {
    if (this.sound.playback) this.sound.mark(name);
    else this.line.marked(name, "played");
  }

  clear() {
    this.sound.clear();
  }

  words(message) {
    captions.show(message);
    if (message.who === "caller") kiosk.active();
  }

  secret(on) {
    const text = at("text");
    text.type = on ? "password" : "text";
    text.inputMode = on ? "numeric" : "text";
    text.value = "";
    for (const name of ["placeholder", "label"]) {
      const words = t(on ? "typeSecret" : "type");
      if (name === "placeholder") text.placeholder = words;
      else at("text-label").textContent = words;
    }
  }

  play(buffer) {
    this.sound.play(buffer);
  }

  over(end) {
    if (call !== this) return;
    const known = ["handover", "busy", "failed"].includes(end?.why);
    this.finish(end ? (known ? end.why : "ended") : "lost", end);
  }

  hangUp() {
    this.line.hangUp();
    this.finish("ended");
  }

  finish(why, end) {
    call = null;
    clearInterval(clock);
    this.sound.close(LAST_WORDS);
    document.body.classList.remove("speaking");
    this.secret(false);
    for (const id of ["text", "send", "mute"]) at(id).disabled = true;
    this.level(0);
    captions.settle();
    // What the caller is to read now needs the room.
    showKeys(false);
    hint(null);
    at("over-text").textContent = t(why);
    const number = end?.number || (why === "busy" ? about.human_line : null);
    at("over-more").hidden = why !== "handover" && !number;
    at("over-more-text").textContent = t(number ? "handoverNumber" : "handoverNone");
    at("over-number").textContent = number ?? "";
    at("over-number").href = number ? `tel:${number}` : "#";
    at("over-number").hidden = !number;
    at("over").hidden = false;
    setState("over", why);
    kiosk.over();
  }
}

function setState(state, text) {
  document.body.dataset.state = state;
  const words = t(text);
  if (at("state").textContent !== words) at("state").textContent = words;
  at("state").dataset.t = text;
  const busy = state === "connecting" || state === "call";
  const label = busy ? "hangUp" : state === "over" ? "again" : "call";
  at("call-text").dataset.t = label;
  at("call-text").textContent = t(label);
}

function hint(key) {
  at("hint").hidden = !key;
  at("hint").textContent = key ? t(key) : "";
  if (key) at("hint").dataset.t = key;
  else delete at("hint").dataset.t;
}

function tick() {
  const seconds = call ? Math.floor((Date.now() - call.started) / 1000) : 0;
  at("clock").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Forgets the call that was: nothing of the caller stays on the page. */
function wipe() {
  if (call) call.hangUp();
  captions.wipe();
  at("text").value = "";
  at("over").hidden = true;
  at("over-text").textContent = "";
  at("over-number").textContent = "";
  at("over-number").href = "#";
  at("clock").textContent = "";
  hint(null);
  setMuted(false);
  showKeys(false);
  translate(kiosk.language());
  setState("idle", "idle");
}

function begin() {
  if (call) return;
  wipe();
  call = new Call();
  call.begin();
}

function setMuted(on) {
  muted = on;
  at("mute").setAttribute("aria-pressed", String(on));
  at("mute-text").dataset.t = on ? "muted" : "mute";
  at("mute-text").textContent = t(on ? "muted" : "mute");
  call?.sound.mute(on);
}

function showKeys(on) {
  at("keys").hidden = !on;
  at("keypad").setAttribute("aria-expanded", String(on));
}

function press(digit) {
  if (!call) return;
  call.line.key(digit);
  kiosk.active();
  const button = at("keys").querySelector(`[data-key="${digit}"]`);
  button.classList.add("down");
  setTimeout(() => button.classList.remove("down"), 150);
}

for (const digit of KEYS) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "key";
  button.dataset.key = digit;
  const sign = document.createElement("span");
  sign.textContent = digit;
  button.append(sign);
  if (LETTERS[digit]) {
    const letters = document.createElement("small");
    letters.textContent = LETTERS[digit];
    letters.ariaHidden = "true";
    button.append(letters);
  }
  if (digit === "*") button.dataset.tLabel = "keyStar";
  if (digit === "#") button.dataset.tLabel = "keyHash";
  button.addEventListener("click", () => press(digit));
  at("keys").append(button);
}

at("call").addEventListener("click", () => (call ? call.hangUp() : begin()));
at("mute").addEventListener("click", () => setMuted(!muted));
at("keypad").addEventListener("click", () => showKeys(at("keys").hidden));
at("volume").addEventListener("input", () => call?.sound.volume(at("volume").value / 100));
at("type").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (text && call) call.line.type(text);
  at("text").value = "";
  kiosk.active();
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=range]), textarea, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (KEYS.includes(event.key) && event.key.length === 1 && call) {
    press(event.key);
    event.preventDefault();
  }
});
// A page that is left hangs up.
window.addEventListener("pagehide", () => call?.hangUp());

const kiosk = new Kiosk({ begin, wipe, isCalling: () => call !== null, isSpeaking: () => call?.speaking ?? false });
translate(kiosk.language());
setState("idle", "idle");

fetch("/kiosk/about", { cache: "no-store" })
  .then((answer) => answer.json())
  .then((told) => {
    about = told;
    if (told.title) {
      document.title = told.title;
      for (const id of ["title", "attract-title"]) {
        at(id).textContent = told.title;
        delete at(id).dataset.t;
      }
    }
    kiosk.setLanguages(told.languages ?? []);
  })
  // The page works without.
  .catch(() => {});
