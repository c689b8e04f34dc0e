// The large picture: lets it be moved, zoomed, hovered and clicked, keeps the strip above, the table and the
// cards in step, plays the sound, and draws all of it for paper. Goes on where `picture.js` ends.
  // What is shown.

  const view = { from: 0, to: ALL };
  let waiting = false;

  function show(from, to) {
    const span = Math.min(ALL, Math.max(CLOSEST, to - from));
    const start = Math.min(Math.max(0, from), ALL - span);
    [view.from, view.to] = [start, start + span];
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      paint();
    });
  }

  function paint() {
    const width = Math.max(240, detail.clientWidth);
    detail.replaceChildren(scene(view.from, view.to, width), playhead);
    const at = (ms) => (ms / ALL) * 1200;
    const [a, b] = [at(view.from), at(view.to)];
    veils[0].setAttribute("width", a);
    veils[1].setAttribute("x", b);
    veils[1].setAttribute("width", 1200 - b);
    frame.setAttribute("x", a);
    frame.setAttribute("width", Math.max(2, b - a));
    shown.textContent = `${clock(view.from, 1)} – ${clock(view.to, 1)}`;
    placeHead();
  }

  const veils = [0, 1].map(() => make("rect", { class: "veil", x: 0, y: 0, width: 0, height: 82 }));
  const frame = make("rect", { class: "frame", x: 0, y: 0, width: 1200, height: 82 });
  overview.append(...veils, frame);

  const zoom = (factor, around = (view.from + view.to) / 2) =>
    show(around - (around - view.from) * factor, around + (view.to - around) * factor);
  const move = (share) => {
    const by = (view.to - view.from) * share;
    show(view.from + by, view.to + by);
  };

  function select(n, how = {}) {
    selected = n;
    for (const row of document.querySelectorAll("[data-turn].chosen")) row.classList.remove("chosen");
    for (const row of document.querySelectorAll(`tr[data-turn="${n}"], details[data-turn="${n}"]`)) row.classList.add("chosen");
    const card = byId(`turn-${n}`);
    if (card && how.open) card.open = true;
    if (card && how.scroll) card.scrollIntoView({ block: "nearest", behavior: "smooth" });
    const turn = data.turns[n];
    if (turn && how.zoom) {
      const reply = turn.said.find((said) => said.from !== null);
      const end = Math.max(turn.at, reply ? Math.min(reply.to, reply.from + 100) : 0);
      show(turn.from * MS - 600, end * MS + 600);
    } else show(view.from, view.to);
  }

  const step = (by) => {
    const middle = (view.from + view.to) / 2;
    let n = selected;
    if (n === null) n = data.turns.findIndex((turn) => turn.at * MS > middle) - (by > 0 ? 1 : 0);
    n = Math.min(data.turns.length - 1, Math.max(0, n + by));
    if (data.turns.length) select(n, { zoom: true, open: true });
  };

  const deeds = {
    back: () => move(-0.5), on: () => move(0.5), in: () => zoom(0.5), out: () => zoom(2), all: () => show(0, ALL),
    previous: () => step(-1), next: () => step(1),
  };
  byId("tools").addEventListener("click", (event) => deeds[event.target.dataset.do]?.());

  detail.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = {
      ArrowLeft: () => move(-0.2), ArrowRight: () => move(0.2), "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2),
      Home: () => show(0, view.to - view.from), End: () => show(ALL - (view.to - view.from), ALL), 0: () => show(0, ALL),
      PageDown: () => step(1), PageUp: () => step(-1), Enter: () => selected !== null && select(selected, { open: true, scroll: true }),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  // Mouse and fingers: drag moves, wheel with control (and two fingers) zooms, a click chooses a turn.

  const inner = () => detail.clientWidth - gutter(detail.clientWidth);
  const place = (event) => {
    const left = detail.getBoundingClientRect().left + gutter(detail.clientWidth);
    return view.from + ((event.clientX - left) / inner()) * (view.to - view.from);
  };
  detail.addEventListener("wheel", (event) => {
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (event.ctrlKey || event.metaKey) zoom(Math.exp(event.deltaY / 200), place(event));
    else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) move(sideways / inner());
    else return;
    event.preventDefault();
  }, { passive: false });

  const fingers = new Map();
  let moved = 0;
  detail.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event.clientX);
    moved = 0;
  });
  detail.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return hover(event);
    const before = [...fingers.values()];
    const by = event.clientX - fingers.get(event.pointerId);
    fingers.set(event.pointerId, event.clientX);
    moved += Math.abs(by);
    if (moved > 4 && !detail.hasPointerCapture(event.pointerId)) detail.setPointerCapture(event.pointerId);
    if (fingers.size === 2) {
      const after = [...fingers.values()];
      const wide = (pair) => Math.max(20, Math.abs(pair[0] - pair[1]));
      zoom(wide(before) / wide(after), place({ clientX: (after[0] + after[1]) / 2 }));
    } else if (moved > 4) move(-by / inner());
    tip.hidden = true;
  });
  for (const over of ["pointerup", "pointercancel"]) detail.addEventListener(over, (event) => fingers.delete(event.pointerId));
  detail.addEventListener("pointerleave", () => { tip.hidden = true; });
  detail.addEventListener("click", (event) => {
    if (moved > 4) return;
    hover(event);
    if (audio && event.target.closest(".ruler")) {
      audio.currentTime = place(event) / 1000;
      placeHead();
      return;
    }
    const turn = event.target.closest("[data-turn]");
    if (turn) select(Number(turn.dataset.turn), { open: true });
  });
  detail.addEventListener("dblclick", (event) => zoom(0.4, place(event)));

  function hover(event) {
    const told = event.target.closest?.("[data-tip]")?.dataset.tip;
    tip.hidden = !told;
    if (!told) return;
    tip.textContent = told;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(innerWidth - width - 4, event.clientX + 12))}px`;
    tip.style.top = `${event.clientY + 18 + height > innerHeight ? Math.max(4, event.clientY - height - 12) : event.clientY + 18}px`;
  }

  const overviewAt = (event) => {
    const { left, width } = overview.getBoundingClientRect();
    const [middle, span] = [((event.clientX - left) / width) * ALL, view.to - view.from];
    show(middle - span / 2, middle + span / 2);
  };
  overview.addEventListener("pointerdown", (event) => {
    overview.setPointerCapture(event.pointerId);
    overviewAt(event);
  });
  overview.addEventListener("pointermove", (event) => event.buttons && overviewAt(event));

  for (const link of document.querySelectorAll("#turns a")) {
    link.addEventListener("click", () => select(Number(link.closest("tr").dataset.turn), { zoom: true, open: true }));
  }
  for (const row of document.querySelectorAll("#turns tbody tr")) {
    row.addEventListener("click", (event) => event.target.closest("a") || select(Number(row.dataset.turn), { zoom: true, open: true }));
  }

  // The sound, where the page has it.

  const playhead = document.createElement("div");
  playhead.className = "playhead";
  playhead.hidden = true;
  function placeHead() {
    const ms = audio ? audio.currentTime * 1000 : 0;
    playhead.hidden = !audio || ms < view.from || ms > view.to || (ms === 0 && audio.paused);
    playhead.style.left = `${gutter(detail.clientWidth) + ((ms - view.from) / (view.to - view.from)) * inner()}px`;
  }
  function follow() {
    const ms = audio.currentTime * 1000;
    if (!audio.paused && (ms < view.from || ms > view.to)) show(ms, ms + (view.to - view.from));
    placeHead();
    if (!audio.paused) requestAnimationFrame(follow);
  }
  for (const event of ["play", "seeked", "pause"]) audio?.addEventListener(event, follow);

  // Paper: all of it, strip below strip, and every card open.

  let closed = [];
  addEventListener("beforeprint", () => {
    const strip = Math.max(STRIP_MS, ALL / 15);
    const strips = [];
    for (let from = 0; from < ALL; from += strip) strips.push(scene(from, from + strip, 1000));
    byId("strips").replaceChildren(...strips);
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const card of closed) card.open = true;
  });
  addEventListener("afterprint", () => {
    byId("strips").replaceChildren();
    for (const card of closed) card.open = false;
  });

  for (const id of ["tools", "detail", "hint"]) byId(id).hidden = false;
  document.documentElement.classList.add("drawn");
  new ResizeObserver(() => show(view.from, view.to)).observe(detail);
  const fits = detail.clientWidth * 18;
  view.to = Math.min(ALL, ALL < fits * 1.6 ? ALL : fits);
  if (data.open === null) show(view.from, view.to);
  else {
    select(data.open, { zoom: true, open: true });
  }
