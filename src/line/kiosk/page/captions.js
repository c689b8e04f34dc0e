// What both sides say, as it is said. Words that may still change are shown apart, so that a screen
// reader hears only what is settled.

import { t } from "./strings.js";

/** Captions kept on the page; older ones go. */
const MOST = 200;

export class Captions {
  constructor(list, interim, empty) {
    this.list = list;
    this.interim = interim;
    this.empty = empty;
    this.shown = new Map();
    // The keypad opens, a telephone is turned: the last words stay in sight.
    new ResizeObserver(() => this.scroll()).observe(list.parentElement);
  }

  /** Shows a `text` message of the line. The same `who` and `id` again replaces what was there. */
  show({ who, id, text, final, cut, language }) {
    this.empty.hidden = true;
    if (!final) {
      this.interim.textContent = text;
      this.interim.hidden = false;
      // A turn that goes on after all: its words of before are not the last.
      this.remove(`${who} ${id}`);
      this.scroll();
      return;
    }
    if (who === "caller") this.interim.hidden = true;
    const name = `${who} ${id}`;
    let item = this.shown.get(name);
    if (!item) {
      item = this.line(who);
      this.shown.set(name, item);
      this.list.append(item.element);
    }
    if (item.words.textContent !== text) item.words.textContent = text;
    if (language) item.words.lang = language;
    item.element.classList.toggle("cut", Boolean(cut));
    item.note.textContent = cut ? ` (${t("interrupted")})` : "";
    while (this.shown.size > MOST) this.remove(this.shown.keys().next().value);
    this.scroll();
  }

  line(who) {
    const element = document.createElement("li");
    element.className = `words ${who === "bot" ? "bot" : "caller"}`;
    const name = document.createElement("span");
    name.className = "who";
    name.textContent = t(who === "bot" ? "assistant" : "you");
    const words = document.createElement("span");
    words.className = "text";
    const note = document.createElement("span");
    note.className = "unseen";
    element.append(name, words, note);
    return { element, words, note };
  }

  remove(name) {
    this.shown.get(name)?.element.remove();
    this.shown.delete(name);
  }

  scroll() {
    const box = this.list.parentElement;
    box.scrollTop = box.scrollHeight;
  }

  /** The call is over: nothing is in the making any more. */
  settle() {
    this.interim.hidden = true;
    this.interim.textContent = "";
  }

  wipe() {
    this.settle();
    this.list.replaceChildren();
    this.shown.clear();
    this.empty.hidden = false;
  }
}
