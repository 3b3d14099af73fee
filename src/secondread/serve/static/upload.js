// The upload page: several requests at once, small files together in one, progress for each and for all.
const drop = document.getElementById("drop");
const rows = document.getElementById("rows");
const words = document.getElementById("words").dataset;
const csrf = document.querySelector('meta[name="csrf"]').content;
const limit = Number(drop.dataset.limitMb) * 2 ** 20;
const AT_ONCE = 3;
const TOGETHER_BYTES = 16 * 2 ** 20;
const TOGETHER_FILES = 50;
const SHOWN = 300; // rows; what was refused or failed comes first

const items = [];
const waiting = [];
const running = new Set();
const studies = new Map();
let planned = false;

// ---- what was given

function say(key, values = {}) {
  const name = key.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  return words[name].replace(/\{(\w+)\}/g, (_, value) => values[value] ?? "");
}

function add(file, path) {
  const item = { file, path: path || file.webkitRelativePath || file.name, state: "waiting", why: "", sent: 0, row: null };
  items.push(item);
  if (file.size > limit - 4096) {
    item.state = "refused";
    item.why = say("too-large", { limit: drop.dataset.limitMb });
  } else waiting.push(item);
}

function given(files) {
  for (const file of files) add(file, "");
  begin();
}

for (const id of ["files", "folder"]) {
  const input = document.getElementById(id);
  input.addEventListener("change", () => {
    given([...input.files]);
    input.value = "";
  });
}

async function walk(entry, path) {
  if (entry.isFile) {
    const file = await new Promise((found, failed) => entry.file(found, failed));
    return add(file, path + entry.name);
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((found, failed) => reader.readEntries(found, failed)); // a hundred at a time
    if (!some.length) return;
    for (const one of some) await walk(one, `${path}${entry.name}/`);
  }
}

for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", async (event) => {
  event.preventDefault();
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  for (const entry of entries) await walk(entry, "");
  begin();
});
for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());

// ---- sending

function together() {
  const batch = [waiting.shift()];
  let bytes = batch[0].file.size;
  while (waiting.length && batch.length < TOGETHER_FILES && bytes + waiting[0].file.size <= TOGETHER_BYTES) {
    bytes += waiting[0].file.size;
    batch.push(waiting.shift());
  }
  return batch;
}

function begin() {
  while (running.size < AT_ONCE && waiting.length) send(together());
  plan();
}

function send(batch) {
  const body = new FormData();
  for (const item of batch) {
    body.append("files", item.file, item.path);
    Object.assign(item, { state: "sending", sent: 0, why: "" });
  }
  const request = new XMLHttpRequest(); // fetch tells no progress of what is sent
  request.open("POST", "/upload");
  request.setRequestHeader("X-CSRF-Token", csrf);
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => {
    let left = event.loaded;
    for (const item of batch) {
      item.sent = Math.min(left, item.file.size);
      left -= item.sent;
      item.state = item.sent === item.file.size ? "filing" : "sending";
    }
    plan();
  });
  request.addEventListener("loadend", () => {
    running.delete(request);
    if (request.status === 200 && request.response) finished(batch, request.response);
    else fail(batch, request);
    begin();
  });
  running.add(request);
  request.send(body);
}

function finished(batch, answer) {
  const byName = new Map();
  for (const one of answer.files) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  const counts = answer.counts;
  for (const item of batch) {
    const own = byName.get(item.path)?.shift();
    item.sent = item.file.size;
    if (own) Object.assign(item, { state: own.outcome, why: own.why });
    else Object.assign(item, archive(item, answer, batch.length === 1 ? counts : null));
  }
  for (const [uid, count] of Object.entries(answer.studies)) studies.set(uid, (studies.get(uid) ?? 0) + count);
}

function archive(item, answer, counts) {
  // A zip archive: the worst of what was in it is its state, and each file that was refused is told.
  const inside = answer.files.filter((one) => one.name.startsWith(`${item.path}/`));
  const has = (outcome) => (counts ? counts[outcome] > 0 : inside.some((one) => one.outcome === outcome));
  const state = has("stored") ? "stored" : has("already-here") ? "already-here" : has("refused") ? "refused" : "skipped";
  for (const one of inside.filter((one) => one.outcome === "refused")) {
    items.push({ file: { size: 0 }, path: one.name, state: "refused", why: one.why, sent: 0, row: null });
  }
  item.inside = counts ?? Object.fromEntries(["stored", "already-here", "refused"].map((key) => [key, inside.filter((one) => one.outcome === key).length]));
  return { state, why: "" };
}

function fail(batch, request) {
  const told = request.response?.detail;
  for (const item of batch) {
    item.state = item.state === "stopped" ? "stopped" : "failed";
    item.why = request.status === 401 || request.status === 403 ? say("logged-out") : told || say("lost");
  }
}

function again(item) {
  Object.assign(item, { state: "waiting", why: "", sent: 0 });
  waiting.push(item);
}

document.getElementById("again").addEventListener("click", () => {
  for (const item of items) if (item.state === "failed" || item.state === "stopped") again(item);
  begin();
});
document.getElementById("stop").addEventListener("click", () => {
  for (const item of items) if (["waiting", "sending", "filing"].includes(item.state)) item.state = "stopped";
  waiting.length = 0;
  for (const request of running) request.abort();
  plan();
});
window.addEventListener("beforeunload", (event) => (running.size || waiting.length) && event.preventDefault());

// ---- showing

function plan() {
  if (planned) return;
  planned = true;
  requestAnimationFrame(() => {
    planned = false;
    show();
  });
}

const ORDER = ["failed", "stopped", "refused", "sending", "filing", "waiting", "stored", "already-here", "skipped"];

function show() {
  const bytes = items.reduce((sum, item) => sum + item.file.size, 0);
  const sent = items.reduce((sum, item) => sum + (["waiting", "sending", "filing"].includes(item.state) ? item.sent : item.file.size), 0);
  const count = (state) => items.filter((item) => item.state === state).length;
  const open = count("waiting") + count("sending") + count("filing");
  for (const id of ["total", "list"]) document.getElementById(id).hidden = !items.length;
  document.getElementById("bar").value = bytes ? sent / bytes : open ? 0 : 1;
  document.getElementById("sum").textContent = say("progress", { done: items.length - open, all: items.length });
  if (!open) {
    const counts = say("counts", { stored: count("stored"), already: count("already-here"), refused: count("refused"), failed: count("failed") + count("stopped") });
    document.getElementById("counts").textContent = counts;
  } else document.getElementById("counts").textContent = "";
  document.getElementById("stop").hidden = !open;
  document.getElementById("again").hidden = open > 0 || count("failed") + count("stopped") === 0;
  const sorted = [...items].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  rows.replaceChildren(...sorted.slice(0, SHOWN).map(row));
  document.getElementById("more").textContent = sorted.length > SHOWN ? say("more", { count: sorted.length - SHOWN }) : "";
  const found = document.getElementById("studies");
  document.getElementById("found").hidden = !studies.size;
  found.replaceChildren(...[...studies].map(([uid, files]) => study(uid, files)));
}

function element(name, values, ...inside) {
  const made = Object.assign(document.createElement(name), values);
  made.append(...inside);
  return made;
}

function study(uid, files) {
  return element("li", {}, element("a", { href: `/studies/${encodeURIComponent(uid)}`, className: "mono" }, uid), ` · ${say("images", { count: files })}`);
}

function row(item) {
  const told = `${item.state}:${item.sent}:${item.why}`;
  if (item.row?.dataset.told === told) return item.row;
  const state = element("td", { className: item.state }, say(item.state));
  if (item.inside) state.append(` (${say("counts", { stored: item.inside.stored ?? 0, already: item.inside["already-here"] ?? 0, refused: item.inside.refused ?? 0, failed: 0 })})`);
  if (item.why) state.append(" ", element("span", { className: "why" }, item.why));
  if (item.state === "sending") state.append(" ", element("progress", { max: item.file.size || 1, value: item.sent, ariaLabel: item.path }));
  if (item.state === "failed" || item.state === "stopped") {
    const button = element("button", { type: "button", ariaLabel: `${say("again")}: ${item.path}` }, say("again"));
    button.addEventListener("click", () => {
      again(item);
      begin();
    });
    state.append(" ", button);
  }
  const made = element("tr", {}, element("td", {}, item.path), element("td", { className: "figure" }, size(item.file.size)), state);
  made.dataset.told = told;
  item.row = made;
  return made;
}

function size(bytes) {
  if (!bytes) return "";
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} kB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
