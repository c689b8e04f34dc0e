// The large picture: its facts, and how a part of the call is drawn. `moving.js` goes on in the same scope.
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const [detail, overview, tip, shown] = ["detail", "overview", "tip", "shown"].map(byId);
  const NS = overview.namespaceURI;
  const MS = data.tickMs;
  const ALL = Math.max(MS, data.ticks * MS);
  /** Least that is shown, in ms. */
  const CLOSEST = 400;
  const STRIP_MS = 20000;

  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const voice = bytes(data.voice);
  const level = data.level && bytes(data.level);
  const wave = (side) => side && { ms: side.ms, extremes: new Int8Array(bytes(side.data).buffer) };
  const waves = { caller: wave(data.caller), bot: wave(data.bot) };
  const sentences = data.turns.flatMap((turn) => turn.said.map((said) => ({ ...said, turn: turn.n })));
  const sounding = sentences.filter((said) => said.from !== null).map((said) => [said.from, said.to]);
  const hearings = data.turns.flatMap((turn) => turn.heard.map((one) => ({ ...one, turn: turn.n }))).sort((a, b) => a.from - b.from);
  const moody = data.turns.some((turn) => Math.abs(turn.mood ?? 0) >= 100);
  const audio = byId("audio");
  let selected = null;

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined) element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  };
  const clock = (ms, digits = 2) => {
    const whole = Math.floor(ms / 1000);
    const rest = digits ? `.${String(Math.floor((ms % 1000) / 10)).padStart(2, "0").slice(0, digits)}` : "";
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}${rest}`;
  };
  const percent = (mille) => `${mille / 10} %`;
  const WHY = {
    complete: "complete", whole: "whole sentence", pause: "usual pause", incomplete: "long pause", max_speech: "longest turn", typed: "typed",
  };
  const KIND = {
    answered: "answered", keys: "keys", silence: "silence", noise: "noise", deaf: "no recogniser", calling: "a person", returned: "back", closing: "closing", hurry: "closing",
  };
  const PART = { early_pause: "early", recognizer: "hear", more: "more", back_end: "back", voice: "voice" };
  const PARTS = {
    early_pause: "early pause", recognizer: "recogniser", more: "waiting for more", back_end: "back end", voice: "making the voice",
  };
  const because = (turn) => WHY[turn.why] ?? KIND[turn.kind] ?? "";
  /** Where the time of a turn's reply counts from, in ms. */
  const zero = (turn) => {
    if (turn.end !== null) return turn.end * MS;
    const keys = data.keys.filter(([at]) => at <= turn.at);
    return (keys.length ? keys[keys.length - 1][0] : turn.at) * MS;
  };

  /** Room for the names of the lanes, left of them; where there is none they stand above. */
  const gutter = (wide) => (wide < 640 ? 0 : 132);

  /** The call between two moments, in ms, as a picture `wide` px wide. */
  function scene(from, to, wide) {
    const aside = gutter(wide);
    const width = wide - aside;
    const x = (ms) => ((ms - from) / (to - from)) * width;
    const seen = (a, b) => b >= from && a <= to;
    const whole = make("svg", { width: wide, class: "scene", "aria-hidden": "true" });
    const svg = make("svg", { x: aside, width });
    whole.append(svg);
    const lanes = [
      ["ruler", 20, ""], ["turns", 26, ""], ["caller", 92, "caller"], ["voice", 30, "voice activity"], ["hear", 26, "recogniser"],
      ["time", 30, "where the time went"], ["mind", 26, "decided"], ["bot", waves.bot ? 104 : 46, "bot"],
    ];
    if (moody) lanes.push(["mood", 34, "mood"]);
    const lane = {};
    let y = 0;
    for (const [name, height, text] of lanes) {
      if (!aside && text) y += 12;
      lane[name] = { y, height, middle: y + height / 2 };
      y += height + (name === "ruler" ? 0 : 5);
    }
    whole.setAttribute("viewBox", `0 0 ${wide} ${y}`);
    for (const one of [whole, svg]) one.setAttribute("height", y);
    for (const [name] of lanes.slice(2)) {
      svg.append(make("rect", { class: `lane in-${name}`, x: 0, y: lane[name].y, width, height: lane[name].height, rx: 4 }));
    }
    const box = (name, a, b, attributes) => {
      const left = Math.max(-4, x(a));
      const right = Math.min(width + 4, Math.max(x(b), x(a) + 1.5));
      const { y: top, height } = lane[name];
      return make("rect", { x: left, y: top, width: Math.max(0, right - left), height, ...attributes });
    };
    /** A text that ends where there is no more room. */
    const label = (name, a, b, children, attributes = {}) => {
      const left = Math.max(3, x(a) + 5);
      const room = Math.min(width, x(b)) - left - 3;
      if (room < 14) return null;
      const { y: top, height } = lane[name];
      const frame = make("svg", { x: left, y: top, width: room, height });
      frame.append(make("text", { x: 0, y: height / 2, dy: "0.35em", ...attributes }, ...children));
      return frame;
    };
    const put = (element) => element && svg.append(element);

    ruler(svg, from, to, x, lane.ruler, y);

    // The caller: where there was speech, gaps, the sound, keys.
    for (const [a, b] of data.speech) {
      if (seen(a * MS, b * MS)) put(box("caller", (a - 1) * MS, (b - 1) * MS, { class: "speech" }));
    }
    for (const [a, b] of data.gaps) {
      if (seen(a * MS, b * MS)) put(box("caller", (a - 1) * MS, (b - 1) * MS, { class: "hole", "data-tip": "nothing arrived from the line" }));
    }
    for (const said of sentences) {
      if (said.from === null || !seen(said.from * MS, said.to * MS)) continue;
      put(box("bot", said.from * MS, said.to * MS, { class: said.cut ? "said cut" : "said", rx: 4 }));
    }
    sound(svg, "caller", from, to, width, lane.caller, data.speech);
    sound(svg, "bot", from, to, width, { ...lane.bot, height: lane.bot.height - 22, middle: lane.bot.y + (lane.bot.height - 22) / 2 }, sounding);
    activity(svg, from, to, width, lane.voice);
    /** Lines from the caller down to the bot, below all texts. */
    const rails = make("g");
    put(rails);

    // What the recogniser was asked, and what it answered.
    hearings.forEach((one, n) => {
      const [a, b] = [one.from * MS, (one.to ?? one.from) * MS];
      const next = hearings[n + 1] ? hearings[n + 1].from * MS : Infinity;
      if (!seen(a, Math.min(next, b + 6000))) return;
      const attributes = { "data-turn": one.turn, "data-tip": `recogniser, asked at ${clock(a)}\n${one.tip}` };
      put(box("hear", a, b, { class: one.dropped ? "asked dropped" : "asked", rx: 3, ...attributes }));
      const text = one.text ? `“${one.text}”` : "–";
      put(label("hear", b, Math.min(next, b + 9000), [text], { class: one.dropped ? "words dropped" : "words", ...attributes }));
    });

    for (const turn of data.turns) {
      const next = data.turns[turn.n + 1];
      const [a, at, b] = [turn.from * MS, turn.at * MS, Math.max(turn.to, turn.at) * MS];
      const until = next ? Math.max(at, next.from * MS) : ALL;
      if (!seen(Math.min(a, zero(turn)), Math.max(b, until))) continue;
      const mark = { "data-turn": turn.n };
      const told = summary(turn);
      const state = `${turn.back !== null ? " back" : ""}${turn.n === selected ? " selected" : ""}`;
      // The turn: spoken, then answered.
      put(box("turns", a, Math.max(at, a), { class: `turn spoken${state}`, rx: 3, ...mark, "data-tip": told }));
      put(box("turns", at, Math.max(b, at), { class: `turn answered${state}`, rx: 3, ...mark, "data-tip": told }));
      const name = [make("tspan", { class: "number" }, String(turn.n)), ` ${because(turn)}`];
      put(label("turns", a, Math.max(until, b), name, { class: "name", ...mark, "data-tip": told }));
      // Last voice, and when it was over.
      const down = (ms, kind) => rails.append(make("path", {
        class: kind, d: `M${x(ms).toFixed(1)} ${lane.turns.y + lane.turns.height}V${lane.bot.y + lane.bot.height}`,
      }));
      if (turn.end !== null && seen(turn.end * MS, turn.end * MS)) down(turn.end * MS, "last");
      if (turn.n > 0 && seen(at, at)) down(at, `over${state}`);
      // Where the time went.
      const start = zero(turn);
      for (const [part, p, q] of turn.stages) {
        const shape = box("time", start + p, start + q, { class: `part ${PART[part]}`, ...mark, "data-tip": `${PARTS[part]}: ${q - p} ms\n${p} to ${q} ms after the caller's last ${turn.end === null ? "key" : "sound"}` });
        put(shape);
        if (x(start + q) - x(start + p) > 44) put(label("time", start + p, start + q, [`${q - p}`], { class: `ms on-${PART[part]}` }));
      }
      if (turn.stages.length) {
        const last = start + turn.stages[turn.stages.length - 1][2];
        put(label("time", last, next ? Math.max(last, zero(next)) : ALL + 5000, [`${last - start} ms`], { class: "gap", ...mark, "data-tip": told }));
      }
      // What was decided.
      const decided = decision(turn);
      if (decided) {
        put(make("path", { class: "pin", d: `M${x(at)} ${lane.mind.y + 3}v${lane.mind.height - 6}` }));
        put(label("mind", at, next ? Math.max(next.at * MS, at) : ALL + 5000, [decided], { class: "decided", ...mark, "data-tip": told }));
      }
      if (turn.over && seen(turn.over[0] * MS, turn.over[0] * MS)) {
        down(turn.over[0] * MS, "end");
      }
      for (const [ms, text] of turn.resumed) {
        if (seen(ms * MS, ms * MS)) {
          put(make("path", { class: "resumed", d: `M${x(ms * MS)} ${lane.bot.y + 4}l9 8l-9 8z`, "data-tip": text, ...mark }));
        }
      }
    }

    // What the bot said, and how much of it was heard.
    for (const said of sentences) {
      if (said.from === null || !seen(said.from * MS, said.to * MS)) continue;
      const [a, b] = [said.from * MS, said.to * MS];
      const attributes = { "data-turn": said.turn, "data-tip": `${said.heard}${said.rest ? ` ✂${said.rest}` : ""}\n${said.fate}, from ${clock(a)}` };
      const text = [said.heard];
      if (said.rest) text.push(make("tspan", { class: "unheard" }, said.rest));
      const frame = label("bot", a, b, text, { class: "sentence", ...attributes });
      if (frame) {
        frame.setAttribute("y", lane.bot.y + lane.bot.height - 22);
        frame.setAttribute("height", 20);
        frame.firstChild.setAttribute("y", 10);
        put(frame);
      }
      put(box("bot", a, b, { class: "touch", ...attributes }));
      if (said.cut) {
        put(make("path", { class: "cut", d: `M${x(b).toFixed(1)} ${lane.bot.y}v${lane.bot.height}` }));
        put(make("text", { class: "cut", x: Math.min(width - 16, x(b) + 3), y: lane.bot.y + 15 }, "✂"));
      }
    }
    // Keys; those that would stand on each other become one.
    const keyed = [];
    for (const [at, key] of data.keys) {
      const last = keyed[keyed.length - 1];
      if (last && x(at * MS) - x(last.to * MS) < 20) {
        last.text += key;
        last.to = at;
      } else keyed.push({ from: at, to: at, text: key });
    }
    for (const { from: first, to: last, text } of keyed) {
      if (!seen(first * MS, last * MS)) continue;
      const middle = (x(first * MS) + x(last * MS)) / 2;
      const half = 5 + 4.5 * text.length;
      const many = text.length > 1;
      const group = make("g", {
        class: "key", transform: `translate(${middle.toFixed(1)} ${lane.caller.middle})`,
        "data-tip": many ? `keys ${text}, ${clock(first * MS)} to ${clock(last * MS)}` : `key ${text} at ${clock(first * MS)}`,
      });
      group.append(make("rect", { x: -half, y: -11, width: 2 * half, height: 22, rx: 4 }), make("text", { y: 5 }, text));
      put(group);
    }
    if (moody) mood(svg, x, width, lane.mood);
    for (const [name, , text] of lanes) {
      if (!text) continue;
      const { y: top, middle } = lane[name];
      const place = aside ? { x: aside - 10, y: middle + 4, "text-anchor": "end" } : { x: 2, y: top - 3 };
      whole.append(make("text", { class: "lane-name", ...place }, text));
    }
    return whole;
  }

  function ruler(svg, from, to, x, lane, bottom) {
    const wanted = (to - from) / Math.max(2, svg.getAttribute("width") / 110);
    const steps = [50, 100, 200, 500, 1000, 2000, 5000, 10000, 15000, 30000, 60000, 120000, 300000, 600000];
    const step = steps.find((one) => one >= wanted) ?? 1200000;
    for (let ms = Math.ceil(from / step) * step; ms <= to; ms += step) {
      svg.append(make("path", { class: "grid", d: `M${x(ms).toFixed(1)} ${lane.y + 16}V${bottom}` }));
      svg.append(make("text", { class: "tick", x: x(ms) + 3, y: lane.y + 12 }, clock(ms, step < 1000 ? 2 : 0)));
    }
    svg.append(make("rect", { class: "touch ruler", x: 0, y: lane.y, width: svg.getAttribute("width"), height: lane.height }));
  }

  /** Which columns are within one of these spans, in ticks. */
  function mask(from, to, width, spans) {
    const within = new Uint8Array(width);
    const column = (tick) => Math.round(((tick * MS - from) / (to - from)) * width);
    for (const [a, b] of spans) {
      const [p, q] = [Math.max(0, column(a - 1)), Math.min(width, column(b))];
      if (q > p) within.fill(1, p, q);
    }
    return within;
  }

  function sound(svg, side, from, to, width, lane, spans) {
    const known = waves[side];
    if (!known && !(side === "caller" && level)) return;
    const columns = Math.floor(width);
    const within = mask(from, to, columns, spans);
    const half = lane.height / 2 - 4;
    const paths = ["", ""];
    const each = (to - from) / columns;
    for (let column = 0; column < columns; column += 1) {
      const [a, b] = [from + column * each, from + (column + 1) * each];
      const [low, high] = known ? extremes(known, a, b) : loudness(a, b);
      if (high - low < 2 && known) continue;
      paths[within[column]] += `M${column + 0.5} ${(lane.middle - (high * half) / 127).toFixed(1)}V${(lane.middle - (low * half) / 127 + 0.6).toFixed(1)}`;
    }
    svg.append(make("path", { class: "axis", d: `M0 ${lane.middle}H${width}` }));
    paths.forEach((d, loud) => svg.append(make("path", { class: `wave ${side}${loud ? " loud" : ""}`, d })));
  }

  function extremes({ ms, extremes: all }, from, to) {
    let [low, high] = [0, 0];
    const last = Math.min(all.length / 2, Math.max(Math.ceil(to / ms), Math.floor(from / ms) + 1));
    for (let n = Math.max(0, Math.floor(from / ms)); n < last; n += 1) {
      low = Math.min(low, all[2 * n]);
      high = Math.max(high, all[2 * n + 1]);
    }
    return [low, high];
  }

  /** Without sound: the level, from the journal. 10 dB below full scale is full height, 60 none. */
  function loudness(from, to) {
    let loudest = 127;
    for (let n = Math.max(0, Math.floor(from / MS)); n < Math.min(level.length, Math.ceil(to / MS)); n += 1) {
      loudest = Math.min(loudest, level[n]);
    }
    const height = (Math.min(50, Math.max(0, 60 - loudest)) / 50) * 127;
    return [-height, height];
  }

  function activity(svg, from, to, width, lane) {
    const columns = Math.floor(width);
    const each = (to - from) / columns;
    const bottom = lane.y + lane.height;
    let area = `M0 ${bottom}`;
    for (let column = 0; column < columns; column += 1) {
      let most = 0;
      const a = Math.max(0, Math.floor((from + column * each) / MS));
      const b = Math.max(a + 1, Math.ceil((from + (column + 1) * each) / MS));
      for (let n = a; n < Math.min(b, voice.length); n += 1) most = Math.max(most, voice[n]);
      area += `L${column} ${(bottom - (most / 255) * (lane.height - 3)).toFixed(1)}`;
    }
    svg.append(make("path", { class: "activity", d: `${area}L${width} ${bottom}z` }));
    // Silero's 0.5: from there on it is voice.
    const half = bottom - 0.5 * (lane.height - 3);
    svg.append(make("path", { class: "threshold", d: `M0 ${half}H${width}` }));
  }

  function mood(svg, x, width, lane) {
    let line = "";
    let last = lane.middle;
    for (const turn of data.turns) {
      if (turn.mood === null) continue;
      const y = lane.middle - (turn.mood / 1000) * (lane.height / 2 - 3);
      line += `${line ? "L" : "M"}${x(turn.at * MS).toFixed(1)} ${last}V${y}`;
      last = y;
    }
    svg.append(make("path", { class: "axis", d: `M0 ${lane.middle}H${width}` }));
    if (line) svg.append(make("path", { class: "mood-line", d: `${line}H${x(ALL).toFixed(1)}` }));
  }

  function decision(turn) {
    if (turn.n === 0) return "";
    const parts = [];
    if (turn.intent) parts.push(`${turn.intent} ${percent(turn.sure)}`);
    else if (turn.rule) parts.push(turn.rule);
    for (const [name, value] of Object.entries(turn.slots ?? {})) parts.push(`${name} = ${value}`);
    for (const asked of turn.asked) parts.push(`${asked.action ? "does" : "looks up"} ${asked.name}: ${asked.result}`);
    return parts.join(" · ");
  }

  function summary(turn) {
    const lines = [`Turn ${turn.n}: ${turn.words}`, `ended because ${turn.ended}`];
    if (turn.rule) lines.push(`rule: ${turn.rule}`);
    const decided = decision(turn);
    if (decided) lines.push(`→ ${decided}`);
    if (turn.gap !== null) lines.push(`reply ${turn.gap} ms after the last sound`);
    if (turn.mood) lines.push(`mood ${turn.mood}`);
    if (turn.back !== null) lines.push(`taken back at ${clock(turn.back * MS)}: the caller went on`);
    return lines.join("\n");
  }
