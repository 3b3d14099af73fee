// The worklist: rows come ready from the server; this replaces them, and makes the keyboard enough.
const table = document.getElementById("worklist");
const body = document.getElementById("rows");
const form = document.getElementById("filters");
const live = document.getElementById("live");
const keys = document.getElementById("keys");
const csrf = document.querySelector('meta[name="csrf"]').content;
const memory = `worklist.search.${table.dataset.person}`; // of this person, in this tab only
const idleAfter = Number(table.dataset.idleMinutes) * 60_000;
const POLL = 10_000;
const MINUTE = 60_000;
const UNSAID = { state: "open", order: "urgent" }; // what an address leaves out; of all others, nothing

let place = placeOf(location.search);
let asking = null;
let source = null;
let failures = 0;
let timer = null;
let waiting = null;
let lastTouch = Date.now();

// ---- asking for rows

function placeOf(search) {
  const query = new URLSearchParams(search);
  return { after: query.get("after") ?? "", before: query.get("before") ?? "" };
}

function fields() {
  const found = new URLSearchParams(new FormData(form));
  found.delete("csrf");
  return found;
}

function address() {
  const query = fields();
  query.delete("q"); // it may be a name
  for (const [name, value] of [...query]) if (value === (UNSAID[name] ?? "")) query.delete(name);
  for (const name of ["after", "before"]) if (place[name]) query.set(name, place[name]);
  return query.size ? `/?${query}` : "/";
}

async function refresh({ asked = false } = {}) {
  asking?.abort();
  asking = new AbortController();
  const sent = fields();
  sent.set("part", "rows");
  if (!asked) sent.set("live", "1");
  for (const name of ["after", "before"]) if (place[name]) sent.set(name, place[name]);
  try {
    const answer = await fetch("/", { method: "POST", body: sent, headers: { "X-CSRF-Token": csrf }, signal: asking.signal, redirect: "error" });
    if (answer.status === 401 || answer.status === 403) return end("logged-out");
    if (!answer.ok) return say("lost");
    show(await answer.text());
    if (source?.readyState === EventSource.OPEN) say("live");
    else if (timer) say("polling");
  } catch (error) {
    if (error.name !== "AbortError") say("lost");
  }
}

// ---- showing them

function show(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const focused = document.activeElement?.closest?.("tr")?.id;
  const old = new Map([...body.rows].filter((row) => row.id).map((row) => [row.id, row]));
  const rows = [...fresh.content.children].map((row) => {
    const known = old.get(row.id);
    return known && known.outerHTML === row.outerHTML ? known : row; // what did not change is left alone
  });
  body.replaceChildren(...rows);
  around();
  if (focused) document.getElementById(focused)?.querySelector("a.open")?.focus({ preventScroll: true });
}

function around() {
  const row = body.querySelector("tr.around");
  for (const name of ["before", "after"]) {
    const link = document.getElementById(name);
    link.hidden = !row.dataset[name];
    if (row.dataset[name]) link.href = row.dataset[name];
  }
  for (const link of document.querySelectorAll(".counts a")) {
    const state = link.dataset.state;
    link.querySelector("b").textContent = row.getAttribute(`data-count-${state}`) ?? "0";
    if (form.elements.state.value === state) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function say(what) {
  live.className = `live ${what}`;
  const text = live.dataset[what.replace(/-(\w)/, (_, letter) => letter.toUpperCase())];
  if (live.textContent !== text) live.textContent = text;
}

// ---- filters, search, pages

function ask({ keepPlace = false, push = false } = {}) {
  if (!keepPlace) place = { after: "", before: "" };
  history[push ? "pushState" : "replaceState"](null, "", address());
  refresh({ asked: true });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
form.addEventListener("change", (event) => event.target.name !== "q" && ask());
form.elements.q.addEventListener("input", () => {
  sessionStorage.setItem(memory, form.elements.q.value);
  clearTimeout(waiting);
  waiting = setTimeout(ask, 300);
});
document.getElementById("reset").addEventListener("click", () => sessionStorage.removeItem(memory));
for (const name of ["before", "after"]) {
  document.getElementById(name).addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    place = placeOf(new URL(event.currentTarget.href).search);
    ask({ keepPlace: true, push: true });
    window.scrollTo(0, 0);
  });
}
window.addEventListener("popstate", () => {
  const query = new URLSearchParams(location.search);
  for (const field of form.querySelectorAll("select, input[type=date], input[type=checkbox]")) {
    if (field.type === "checkbox") field.checked = query.has(field.name);
    else field.value = query.get(field.name) ?? UNSAID[field.name] ?? "";
  }
  place = placeOf(location.search);
  refresh({ asked: true });
});

// ---- live: told by the server, else asked for now and then; nothing while nobody looks

function listen() {
  if (document.hidden || source || live.classList.contains("logged-out")) return;
  source = new EventSource("/events");
  source.addEventListener("open", () => {
    failures = 0;
    stopPolling();
    say("live");
  });
  source.addEventListener("changed", () => soon());
  source.addEventListener("error", () => {
    failures += 1;
    if (source?.readyState === EventSource.CLOSED || failures > 2) {
      close();
      poll();
    }
  });
}

let pending = null;
function soon() {
  pending ??= setTimeout(() => {
    pending = null;
    refresh();
  }, 250); // many changes at once are one question
}

function poll() {
  if (timer || document.hidden) return;
  say("polling");
  timer = setInterval(refresh, POLL);
  setTimeout(listen, 6 * POLL);
  refresh();
}

function stopPolling() {
  clearInterval(timer);
  timer = null;
}

function close() {
  source?.close();
  source = null;
}

function end(why) {
  asking?.abort();
  clearTimeout(pending);
  pending = null;
  close();
  stopPolling();
  say(why);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return end("paused");
  wake();
});
window.addEventListener("pagehide", close);

function wake() {
  lastTouch = Date.now();
  if (live.classList.contains("paused")) refresh();
  listen();
}
for (const kind of ["pointerdown", "keydown", "wheel"]) {
  document.addEventListener(kind, () => (live.classList.contains("paused") ? wake() : (lastTouch = Date.now())), { passive: true });
}
setInterval(() => {
  if (document.hidden) return;
  // A list that asks by itself would keep a session alive that nobody uses.
  if (Date.now() - lastTouch > idleAfter) end("paused");
  else if (source) refresh(); // ages grow
}, MINUTE);

// ---- keys

function move(by) {
  const links = [...body.querySelectorAll("a.open")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement?.closest("tr")?.querySelector("a.open"));
  const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

const ACTIONS = {
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  "/": () => form.elements.q.select() ?? form.elements.q.focus(),
  f: () => form.elements.state.focus(),
  "?": () => keys.showModal(),
  "]": () => document.getElementById("after").hidden || document.getElementById("after").click(),
  "[": () => document.getElementById("before").hidden || document.getElementById("before").click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
  const typing = event.target.closest?.("input, select, textarea");
  if (event.key === "Escape" && typing) return typing.blur();
  if (typing || !(event.key in ACTIONS)) return;
  event.preventDefault();
  ACTIONS[event.key]();
});
document.getElementById("keys-button").addEventListener("click", () => keys.showModal());

// ---- begin

around();
const kept = sessionStorage.getItem(memory);
if (kept && !form.elements.q.value) {
  form.elements.q.value = kept;
  refresh({ asked: true });
}
listen();
