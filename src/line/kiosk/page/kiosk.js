// `?kiosk=1`: the page fills the screen of a machine that stands in a room. Nobody's words stay on it:
// once nobody is there, a visible countdown runs and the page forgets the call.
//
// Parameters: `idle=45` seconds without the caller before the countdown, `countdown=15` its length,
// `after=8` seconds after the end of a call, `lang=es` the language that it returns to.

import { current, t, translate } from "./strings.js";

const at = (id) => document.getElementById(id);

function seconds(parameters, name, usual) {
  const given = Number(parameters.get(name));
  return Number.isFinite(given) && given > 0 ? Math.min(given, 3600) : usual;
}

export class Kiosk {
  constructor(page) {
    const parameters = new URLSearchParams(location.search);
    this.on = ["1", "true", ""].includes(parameters.get("kiosk") ?? "no");
    this.page = page;
    this.home = parameters.get("lang") ?? current();
    this.chosen = null;
    this.idle = seconds(parameters, "idle", 45);
    this.countdown = seconds(parameters, "countdown", 15);
    this.after = seconds(parameters, "after", 8);
    /** Seconds since the caller did something, and those of the countdown that are left. */
    this.quiet = 0;
    this.left = 0;
    if (!this.on) return;
    document.body.classList.add("kiosk");
    this.attract(true);
    this.prepare();
    setInterval(() => this.second(), 1000);
  }

  language() {
    return this.chosen ?? this.home;
  }

  prepare() {
    at("touch").addEventListener("click", () => this.begin());
    at("stay").addEventListener("click", () => this.active());
    at("wipe").addEventListener("click", () => this.reset());
    at("leaving").addEventListener("cancel", () => this.active());
    for (const kind of ["pointerdown", "keydown", "input"]) {
      document.addEventListener(kind, (event) => {
        // The button that clears the page is no sign of somebody who stays.
        if (!event.target.closest?.("#wipe")) this.active();
      });
    }
    // No menu of the browser, no dragging, no marking.
    for (const kind of ["contextmenu", "dragstart", "selectstart"]) {
      document.addEventListener(kind, (event) => {
        if (!event.target.closest?.("input")) event.preventDefault();
      });
    }
    // A page that comes back from the browser's cache would show the last caller's words.
    window.addEventListener("pageshow", (event) => event.persisted && this.reset());
  }

  /** A choice of languages where the business has more than one: of the page, and of the next call. */
  setLanguages(codes) {
    const names = { en: "english", es: "spanish" };
    const known = codes.filter((code) => code in names);
    // The kiosk asks on its first screen, the phone at the top of the page.
    const place = at(this.on ? "languages" : "tongues");
    place.replaceChildren();
    if (known.length < 2) return;
    // A page in a language that the business does not speak: the call opens in its first one.
    const open = known.includes(current()) ? current() : known[0];
    for (const code of known) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "language";
      button.lang = code;
      button.textContent = t(names[code]);
      button.setAttribute("aria-pressed", String(code === open));
      button.addEventListener("click", () => {
        this.chosen = code;
        translate(code);
        this.setLanguages(codes);
        place.querySelector(`[lang="${code}"]`).focus();
      });
      place.append(button);
    }
    this.codes = codes;
  }

  begin() {
    this.attract(false);
    // Asked for with every call: who left the full screen gets it back.
    document.documentElement.requestFullscreen?.({ navigationUI: "hide" }).catch(() => {});
    navigator.wakeLock?.request("screen").catch(() => {});
    this.active();
    this.page.begin();
    at("call").focus();
  }

  /** The caller is there. */
  active() {
    this.quiet = 0;
    this.stopCountdown();
  }

  /** The call is over: the screen is the next caller's soon. */
  over() {
    if (this.on) this.quiet = Math.max(this.quiet, this.idle - this.after);
  }

  second() {
    if (!at("attract").hidden) return;
    if (this.left > 0) {
      this.left -= 1;
      if (this.left === 0) this.reset();
      else this.showCountdown();
      return;
    }
    // Who listens need not do anything, nor who waits for us or answers the browser's question.
    if (this.page.isSpeaking() || document.body.dataset.state === "connecting") return;
    this.quiet += 1;
    if (this.quiet >= this.idle) {
      this.left = Math.round(this.countdown);
      this.showCountdown();
      if (!at("leaving").open) at("leaving").showModal();
    }
  }

  showCountdown() {
    at("leaving-text").textContent = t("wiping", { seconds: this.left });
    at("leaving-left").style.transform = `scaleX(${this.left / this.countdown})`;
  }

  stopCountdown() {
    this.left = 0;
    if (at("leaving").open) at("leaving").close();
  }

  reset() {
    this.stopCountdown();
    this.quiet = 0;
    this.chosen = null;
    this.page.wipe();
    this.setLanguages(this.codes ?? []);
    this.attract(true);
  }

  attract(on) {
    at("attract").hidden = !on;
    at("phone").inert = on;
    if (on) at("touch").focus();
  }
}
