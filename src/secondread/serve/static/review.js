// The review panel: decisions about findings, the text, and the signature. What is stored is in review-state.js.

import { showConflict, toldOf } from "./review-conflict.js";
import { addForm, editForm, el, rejectForm } from "./review-form.js";
import { AGAIN_MS, Review, ask } from "./review-state.js";

const PRESENCE_MS = 15000;
const IDLE_MS = 5 * 60 * 1000;
const MUST_DECIDE = new Set(["positive", "undecided"]); // a person says something about each; nothing decides them in bulk
const panel = document.getElementById("review-panel");
const known = JSON.parse(panel.dataset.script);
const get = (id) => document.getElementById(id);
const say = (key, values = {}) => (known.phrases?.[key] ?? key).replace(/\{([a-z-]+)\}/g, (_, name) => values[name] ?? "");
const tellViewer = (name, detail) => document.dispatchEvent(new CustomEvent(`secondread:${name}`, { detail }));

let overlayShown = true;
let drawing = null; // the form that waits for an outline
const review = known.study ? new Review(known, told, () => Boolean(known.seesAi)) : null;

// ---- saving -------------------------------------------------------------------------------------------------------

function told(state, details) {
  const line = get("review-saved");
  if (!line) return;
  if (state === "saving") line.textContent = say("review.save.saving");
  if (state === "saved") line.textContent = say("review.save.saved", { revision: details.revision });
  if (state === "logged-out") line.textContent = say("review.save.logged-out");
  if (state === "failed") line.textContent = say("review.save.failed", { why: details.error.message });
  if (state === "conflict") {
    showConflict({ box: get("review-conflict"), review, known, say, details, settled: () => { paint(); panel.focus(); } });
  }
}

// ---- painting what is stored --------------------------------------------------------------------------------------

function paint() {
  for (const item of panel.querySelectorAll(".finding[data-key]")) paintFinding(item);
  paintAdded();
  showOutlines();
  const { text } = review.content;
  for (const part of ["findings", "impression"]) {
    const field = get(`review-text-${part}`);
    if (field && field.value !== text[part]) field.value = text[part];
  }
  if (get("review-language")) get("review-language").value = text.language;
}

function paintFinding(item) {
  const decision = review.content.findings[item.dataset.key];
  const word = decision?.decision ?? "none";
  const label = item.querySelector(".decision");
  label.dataset.decision = word;
  item.dataset.decided = word;
  label.textContent = say(`review.decision.${word}`);
  const reopen = item.querySelector('[data-do="reopen"]');
  if (reopen) reopen.hidden = word === "none";
  const lines = decision ? toldOf(decision, known, say) : [];
  const box = item.querySelector(".edited");
  box.textContent = lines.join("\n");
  box.hidden = !lines.length;
}

function paintAdded() {
  const list = get("review-added");
  if (!list) return;
  list.replaceChildren(
    ...review.content.added.map((one) => {
      const place = el("div", { class: "form-place" });
      const item = el(
        "li",
        { class: "finding added", tabindex: 0, "data-added": one.id, "aria-label": one.name },
        el("h4", {}, el("span", {}, one.name), el("span", { class: "decision", "data-decision": "added" }, say("review.added"))),
        el("div", { class: "edited" }, toldOf(one, known, say).join("\n")),
        known.mayReview
          ? el(
              "div",
              { class: "actions" },
              el("button", { type: "button", onclick: () => openAdd(place, one) }, say("review.edit")),
              el("button", { type: "button", onclick: () => change(() => { review.content.added = review.content.added.filter((other) => other.id !== one.id); }) }, say("review.remove")),
            )
          : null,
        place,
      );
      return item;
    }),
  );
}

// ---- decisions ----------------------------------------------------------------------------------------------------

function change(what) {
  what();
  paint();
  review.changed();
}

const plainDecision = (decision) => ({ decision, presence: null, location: null, text: "", measurements: null, outlines: [], reason: "", comment: "" });

function decide(item, what) {
  const key = item.dataset.key;
  const entry = known.findings[key];
  if (what === "show") return tellViewer("show-finding", { reader: entry.reader, finding: entry.number });
  if (!known.mayReview) return undefined;
  if (what === "accept") return change(() => { review.content.findings[key] = plainDecision("accepted"); });
  if (what === "reopen") return change(() => { delete review.content.findings[key]; });
  const place = item.querySelector(".form-place");
  const before = review.content.findings[key];
  const finish = (decision) => {
    place.replaceChildren();
    drawing = null;
    item.focus();
    if (!decision) showOutlines();
    else change(() => { review.content.findings[key] = decision; });
  };
  if (what === "reject") place.replaceChildren(rejectForm({ say, reasons: known.reasons, before, finish }));
  if (what === "edit") {
    const form = editForm({
      say, units: known.units, entry, before: before?.decision === "edited" ? before : null,
      measured: known.measurements[key] ?? [],
      drawing: drawingFor(() => form, entry.reader, entry.number), finish,
    });
    place.replaceChildren(form);
  }
  place.querySelector("select, input, textarea")?.focus();
  return undefined;
}

function openAdd(place, before = null) {
  const finish = (one) => {
    place.replaceChildren();
    drawing = null;
    get("review-add").focus();
    if (!one) return void showOutlines();
    change(() => {
      const at = review.content.added.findIndex((other) => other.id === one.id);
      if (at < 0) review.content.added.push(one);
      else review.content.added[at] = one;
    });
  };
  const form = addForm({ say, units: known.units, codes: known.codes, before, drawing: drawingFor(() => form, "", -1), finish });
  place.replaceChildren(form);
  form.querySelector("input").focus();
}

/** What a form needs to have outlines drawn in the viewer, and shown there as the form holds them. */
function drawingFor(form, reader, finding) {
  return {
    draw: () => {
      drawing = { form: form(), reader, finding };
      tellViewer("draw-outline", { reader, finding });
    },
    shown: (outlines) => tellViewer("outlines", { reader, finding, outlines: reader ? outlines : [...addedOutlines(), ...outlines] }),
  };
}

const addedOutlines = () => review.content.added.flatMap((one) => one.outlines ?? []);

/** The viewer draws what is kept; what a form is drawing at the moment is left alone. */
function showOutlines() {
  const tell = (reader, finding, outlines) => {
    if (drawing?.reader !== reader || drawing.finding !== finding) tellViewer("outlines", { reader, finding, outlines });
  };
  for (const [key, { reader, number }] of Object.entries(known.findings)) tell(reader, number, review.content.findings[key]?.outlines ?? []);
  tell("", -1, addedOutlines());
}

document.addEventListener("secondread:outline", ({ detail }) => {
  if (!drawing || detail.reader !== drawing.reader || detail.finding !== drawing.finding) return;
  drawing.form.outline({ seriesUid: detail.seriesUid, sopInstanceUid: detail.sopInstanceUid, frame: detail.frame ?? 0, points: detail.points });
});

// ---- text ---------------------------------------------------------------------------------------------------------

function mayReplaceText() {
  const { text } = review.content;
  const written = text.findings.trim() || text.impression.trim();
  return !(written && text.edited) || window.confirm(say("review.text.replace"));
}

async function makeText() {
  if (!mayReplaceText()) return;
  const before = JSON.stringify(review.content.text);
  const told = await ask(`${review.path}/text`, "POST", { content: review.content });
  if (JSON.stringify(review.content.text) !== before && !mayReplaceText()) return; // written while it was made
  change(() => Object.assign(review.content.text, told, { edited: false }));
}

// ---- signing ------------------------------------------------------------------------------------------------------

let confirming = null;

function openDialog(action, complaint = "") {
  confirming = action;
  const error = get("review-dialog-error");
  error.textContent = complaint;
  error.hidden = !complaint;
  get("review-confirm").disabled = false;
  get("review-dialog").showModal();
  get("review-confirm").focus();
}

async function startSigning() {
  const open = Object.entries(known.findings).filter(([key, one]) => MUST_DECIDE.has(one.kind) && !review.content.findings[key]);
  if (!(await review.save())) return;
  openDialog(
    () => ask(`${review.path}/sign`, "POST", { read_version: review.readVersion, revision: review.revision, seconds: review.watch.take(), name: known.person }),
    open.length ? say("review.sign.undecided", { names: open.map(([, one]) => one.name).join(", ") }) : "",
  );
  get("review-confirm").disabled = open.length > 0;
}

function startAddendum() {
  const text = get("review-addendum-text");
  if (!text.value.trim()) return text.focus();
  const number = Number(get("review-addendum").dataset.number);
  return openDialog(() =>
    ask(`${review.path}/addendum`, "POST", { read_version: review.readVersion, number, text: text.value, seconds: review.watch.take(), name: known.person }),
  );
}

async function confirm() {
  const button = get("review-confirm");
  const label = button.textContent;
  button.disabled = true;
  button.textContent = say("review.sign.working");
  try {
    await confirming();
    loadAgain();
  } catch (error) {
    const line = get("review-dialog-error");
    line.textContent = error.message;
    line.hidden = false;
    button.disabled = false;
    button.textContent = label;
  }
}

// ---- looking, presence, keys --------------------------------------------------------------------------------------

/** The page anew, with the panel still in hand: its keys go on working. */
function loadAgain() {
  location.hash = "review-panel";
  location.reload();
}

async function recordLook() {
  const body = { impression: get("review-look-text").value, seconds: review.watch.take() };
  await ask(`${review.path}/look`, "POST", body);
  loadAgain();
}

let lastInput = performance.now();
for (const kind of ["pointerdown", "keydown", "wheel"]) {
  document.addEventListener(kind, () => { lastInput = performance.now(); }, { capture: true, passive: true });
}

/** A page that nobody uses must not keep a session alive for ever. */
function isAway() {
  return document.hidden || performance.now() - lastInput > IDLE_MS;
}

async function sayHere() {
  if (isAway()) return;
  try {
    const told = await ask(`${review.path}/presence`, "POST", {});
    const line = get("review-others");
    line.hidden = !told.others.length;
    const names = say("review.others", { names: told.others.join(", ") });
    if (line.textContent !== names) line.textContent = names;
  } catch {
    // told again in a moment; saving says what is wrong
  }
}

function toggleOverlay() {
  const visible = !overlayShown; // the viewer answers at once, and its answer changes overlayShown
  tellViewer("overlay", { visible });
  showOverlayState(visible);
}

function showOverlayState(visible) {
  overlayShown = visible;
  const button = get("review-overlay");
  if (!button) return;
  button.setAttribute("aria-pressed", String(visible));
  button.textContent = say(visible ? "review.overlay.hide" : "review.overlay.show");
}

function step(by) {
  const items = [...panel.querySelectorAll(".finding")];
  const at = items.indexOf(document.activeElement.closest(".finding"));
  const next = items[Math.min(items.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  n: () => get("review-add")?.click(),
  h: toggleOverlay,
  t: () => get("review-text-findings")?.focus(),
  g: () => get("review-sign")?.click(),
};
const OF_FINDING = { a: "accept", e: "edit", r: "reject", u: "reopen", s: "show" };

panel.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  const item = event.target.closest(".finding[data-key]");
  const action = item && OF_FINDING[event.key] ? () => decide(item, OF_FINDING[event.key]) : KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  action();
});

panel.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (button) decide(button.closest(".finding"), button.dataset.do);
});

function wire() {
  const on = (id, what) => get(id)?.addEventListener("click", what);
  on("review-look", recordLook);
  on("review-overlay", toggleOverlay);
  on("review-add", () => openAdd(get("review-add-place")));
  on("review-make", makeText);
  on("review-sign", startSigning);
  on("review-addendum", startAddendum);
  on("review-confirm", confirm);
  on("review-cancel", () => get("review-dialog").close());
  on("review-accept-rest", () =>
    change(() => {
      for (const [key, one] of Object.entries(known.findings)) {
        if (!MUST_DECIDE.has(one.kind) && !review.content.findings[key]) review.content.findings[key] = plainDecision("accepted");
      }
    }),
  );
  get("review-language")?.addEventListener("change", (event) => change(() => { review.content.text.language = event.target.value; }));
  for (const part of ["findings", "impression"]) {
    get(`review-text-${part}`)?.addEventListener("input", (event) => {
      Object.assign(review.content.text, { [part]: event.target.value, edited: true });
      review.changed();
    });
  }
  document.addEventListener("secondread:overlay-shown", ({ detail }) => showOverlayState(detail.visible));
  window.addEventListener("beforeunload", (event) => {
    if (review.dirty) event.preventDefault();
  });
  window.addEventListener("pagehide", () => {
    const body = JSON.stringify({ gone: true });
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": document.querySelector('meta[name="csrf"]').content };
    fetch(`${review.path}/presence`, { method: "POST", body, headers, keepalive: true });
  });
}

/**
 * What is stored; null where it will not come. The panel takes nothing before, since that would be put over it.
 * A server that is away is asked again as long as somebody is here; one that says no is not.
 */
async function loaded() {
  panel.inert = known.mayReview;
  for (;;) {
    try {
      const stored = await review.load();
      panel.inert = false;
      if (get("review-saved")) get("review-saved").textContent = "";
      return stored;
    } catch (error) {
      told(error.status === 401 || error.status === 403 ? "logged-out" : "failed", { error });
      if (error.status < 500) return null;
      do await new Promise((over) => setTimeout(over, AGAIN_MS));
      while (isAway());
    }
  }
}

if (review) {
  wire();
  if (known.seesAi) {
    const stored = await loaded();
    if (stored) {
      if (!stored.revision) review.content.text.language = review.stored.text.language = known.language;
      paint();
      document.addEventListener("secondread:viewer-open", showOutlines);
      if (stored.revision) told("saved", stored);
    }
  }
  if (location.hash === "#review-panel") panel.focus({ preventScroll: true });
  sayHere();
  setInterval(sayHere, PRESENCE_MS);
}
