// The forms of the panel: editing a finding, rejecting it, adding one. Built from elements, never from markup.

let made = 0;

/** An element with attributes, and children or text. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function labelled(text, control) {
  control.id ||= `review-field-${(made += 1)}`;
  return [el("label", { for: control.id }, text), control];
}

function choice(options, chosen) {
  const select = el("select");
  for (const [value, text] of options) select.append(el("option", { value }, text));
  select.value = chosen;
  return select;
}

function measurementRows(say, units, entries) {
  const box = el("fieldset", {}, el("legend", {}, say("review.form.measurements")));
  const add = (one = { name: "", value: "", unit: "mm", method: "" }) => {
    const name = el("input", { value: one.name, maxlength: 64 });
    const value = el("input", { type: "number", step: "any", value: one.value });
    const unit = choice(units.map((code) => [code, code]), one.unit);
    const before = JSON.stringify([one.name, one.value, one.unit]);
    const row = el("div", { class: "measure-row" });
    const remove = el("button", { type: "button", "aria-label": `${say("review.form.m-remove")} ${one.name}`, onclick: () => row.remove() }, "×");
    row.append(
      el("div", {}, ...labelled(say("review.form.m-name"), name)),
      el("div", {}, ...labelled(say("review.form.m-value"), value)),
      el("div", {}, ...labelled(say("review.form.m-unit"), unit)),
      remove,
    );
    row.read = () => {
      const told = { name: name.value.trim(), value: value.value === "" ? NaN : Number(value.value), unit: unit.value };
      const same = JSON.stringify([told.name, told.value, told.unit]) === before;
      return { ...told, method: same ? one.method : "" };
    };
    box.insertBefore(row, more);
  };
  const more = el("button", { type: "button", onclick: () => add() }, say("review.form.m-add"));
  box.append(more);
  entries.forEach(add);
  return {
    box,
    read: () => [...box.querySelectorAll(".measure-row")].map((row) => row.read()).filter((one) => one.name && Number.isFinite(one.value)),
  };
}

function outlineBox(say, outlines, { draw, shown }) {
  const count = el("span", { role: "status" });
  const box = el("div", { class: "actions" }, el("button", { type: "button", onclick: draw }, say("review.draw")), count);
  const clear = el("button", { type: "button" }, say("review.form.outlines-clear"));
  const show = () => {
    count.textContent = outlines.length ? say("review.form.outlines", { count: outlines.length }) : "";
    clear.hidden = !outlines.length;
  };
  clear.addEventListener("click", () => {
    outlines.length = 0;
    show();
    shown(outlines);
  });
  box.append(clear);
  show();
  // One line an image: who draws again on it corrects what was drawn there.
  const take = (line) => {
    const at = outlines.findIndex((one) => one.sopInstanceUid === line.sopInstanceUid && one.frame === line.frame);
    if (at < 0) outlines.push(line);
    else outlines[at] = line;
    show();
    shown(outlines);
  };
  return { box, take };
}

function frame(say, parts, done, cancel) {
  const form = el(
    "form",
    { class: "review-form", novalidate: true },
    ...parts,
    el("p", { class: "actions" }, el("button", { class: "main" }, say("review.form.done")), el("button", { type: "button", onclick: cancel }, say("review.form.cancel"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    done(form);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel();
  });
  return form;
}

/** The form that edits a finding of a reader. `finish(decision | null)`. */
export function editForm({ say, units, entry, before, measured, drawing, finish }) {
  const outlines = structuredClone(before?.outlines ?? []);
  const presence = choice(
    [["", say("review.form.as-said")], ["present", say("review.form.present")], ["absent", say("review.form.absent")]],
    before?.presence ?? "",
  );
  const location = el("input", { value: before?.location ?? entry.location, maxlength: 500 });
  const text = el("textarea", { rows: 2 }, before?.text ?? "");
  const rows = measurementRows(say, units, before?.measurements ?? measured);
  const drawn = outlineBox(say, outlines, drawing);
  const form = frame(
    say,
    [
      el("p", { class: "soft small" }, say("review.form.probability")),
      ...labelled(say("review.form.presence"), presence),
      ...labelled(say("review.form.location"), location),
      ...labelled(say("review.form.text"), text),
      rows.box,
      drawn.box,
    ],
    () => {
      const measurements = rows.read();
      const plain = (list) => JSON.stringify(list.map(({ name, value, unit, method }) => [name, value, unit, method]));
      finish({
        decision: "edited",
        presence: presence.value || null,
        location: location.value === entry.location ? null : location.value,
        text: text.value,
        measurements: plain(measurements) === plain(measured) ? null : measurements,
        outlines,
        reason: "",
        comment: "",
      });
    },
    () => finish(null),
  );
  form.outline = (line) => drawn.take(line);
  return form;
}

/** The form that asks why a finding is rejected. */
export function rejectForm({ say, reasons, before, finish }) {
  const reason = choice([["", say("review.form.choose")], ...Object.entries(reasons)], before?.reason ?? "");
  const comment = el("textarea", { rows: 2 }, before?.comment ?? "");
  const complaint = el("p", { class: "error", role: "alert", hidden: true }, say("review.form.reason"));
  return frame(
    say,
    [...labelled(say("review.form.reason"), reason), ...labelled(say("review.form.comment"), comment), complaint],
    () => {
      complaint.hidden = Boolean(reason.value) && (reason.value !== "other" || comment.value.trim() !== "");
      if (!complaint.hidden) return void (reason.value ? comment : reason).focus();
      finish({ decision: "rejected", presence: null, location: null, text: "", measurements: null, outlines: [], reason: reason.value, comment: comment.value });
    },
    () => finish(null),
  );
}

/** The form of an added finding. */
export function addForm({ say, units, codes, before, drawing, finish }) {
  const outlines = structuredClone(before?.outlines ?? []);
  const list = el("datalist", { id: `review-codes-${(made += 1)}` }, ...codes.map((code) => el("option", { value: code.name })));
  const name = el("input", { list: list.id, value: before?.name ?? "", maxlength: 200, required: true });
  const presence = choice([["present", say("review.form.present")], ["absent", say("review.form.absent")]], before?.presence ?? "present");
  const location = el("input", { value: before?.location ?? "", maxlength: 500 });
  const text = el("textarea", { rows: 2 }, before?.text ?? "");
  const rows = measurementRows(say, units, before?.measurements ?? []);
  const drawn = outlineBox(say, outlines, drawing);
  const form = frame(
    say,
    [
      ...labelled(say("review.form.name"), name),
      list,
      ...labelled(say("review.form.presence"), presence),
      ...labelled(say("review.form.location"), location),
      ...labelled(say("review.form.text"), text),
      rows.box,
      drawn.box,
    ],
    () => {
      if (!name.value.trim()) return void name.focus();
      const known = codes.find((code) => code.name.toLowerCase() === name.value.trim().toLowerCase());
      finish({
        id: before?.id ?? `a${Date.now().toString(36)}${Math.floor(performance.now() * 1000).toString(36)}`,
        name: name.value.trim(),
        code: known ? { system: known.system, value: known.value, display: known.display } : null,
        presence: presence.value,
        location: location.value,
        text: text.value,
        measurements: rows.read(),
        outlines,
      });
    },
    () => finish(null),
  );
  form.outline = (line) => drawn.take(line);
  return form;
}
