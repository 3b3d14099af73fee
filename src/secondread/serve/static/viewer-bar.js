// The bar above the images and the lists beside them.

import { KEYS } from "./viewer-keys.js";
import { LAYOUTS } from "./viewer-desk.js";
import { show, STYLES } from "./viewer-overlays.js";

const TOOLS = [["window", "w"], ["pan", "p"], ["zoom", "z"], ["length", "l"], ["angle", "g"], ["ellipse", "e"], ["crosshair", "c"]];

/** An element with properties, attributes where a name has a dash, and children. */
export function make(tag, values = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

function button(text, key, run) {
  return make("button", { type: "button", textContent: text, title: key ? `${text} (${key})` : text, onclick: run });
}

export function buildBar(desk) {
  const { say } = desk, bar = make("div", { className: "bar", role: "toolbar", "aria-label": desk.say("tools") });
  const tools = TOOLS.map(([tool, key]) => [tool, button(desk.say(`tool.${tool}`), key, () => desk.take(tool))]);
  const window = make("select", { onchange: () => choose(desk, window), "aria-label": desk.say("window") });
  const toggles = [
    ["inverted", button(desk.say("invert"), "i", () => desk.invert()), () => desk.active.series && desk.active.inverted !== desk.active.series.inverted],
    ["linked", button(desk.say("link"), "k", () => desk.link(!desk.linked)), () => desk.linked],
    ["ai", button(desk.say("ai"), "a", () => desk.showAi(!desk.aiVisible)), () => desk.aiVisible],
  ];
  const plain = [
    button(desk.say("fit"), "f", () => desk.fit()), button("1:1", "o", () => desk.oneToOne()), button("↻", "t", () => desk.turn()),
    button("⇆", "h", () => desk.mirror(false)), button("⇅", "v", () => desk.mirror(true)),
  ];
  const names = { "↻": "turn", "⇆": "mirror-across", "⇅": "mirror-down", "1:1": "one-to-one" };
  for (const one of plain) if (names[one.textContent]) one.setAttribute("aria-label", desk.say(names[one.textContent]));
  const layout = make("select", { onchange: () => desk.layout(layout.value), "aria-label": desk.say("layout") },
    ...Object.keys(LAYOUTS).map((name) => make("option", { value: name, textContent: desk.say(`layout.${name}`) })));
  const cine = make("span", { className: "cine" });
  const play = button("▶", "Space", () => desk.play()), rate = make("output");
  cine.append(play, button("−", "<", () => desk.speed(0.8)), rate, button("+", ">", () => desk.speed(1.25)));
  cine.children[1].setAttribute("aria-label", desk.say("slower"));
  cine.children[3].setAttribute("aria-label", desk.say("faster"));
  bar.append(...tools.map(([, element]) => element), window, ...toggles.slice(0, 1).map(([, element]) => element), ...plain, layout,
    ...toggles.slice(1).map(([, element]) => element), cine, button("?", "?", () => desk.help()));
  bar.lastChild.setAttribute("aria-label", desk.say("help"));
  desk.listeners.add(() => {
    for (const [tool, element] of tools) element.setAttribute("aria-pressed", desk.tool === tool);
    for (const [, element, on] of toggles) element.setAttribute("aria-pressed", Boolean(on()));
    layout.value = desk.arrangement;
    layout.querySelector("[value=mpr]").disabled = !desk.active?.series?.affine;
    fillWindows(desk, window, say);
    const moving = desk.active?.series && desk.active.plane.count > 1;
    cine.hidden = !moving;
    if (!moving) return;
    play.textContent = desk.cine.playing ? "⏸" : "▶";
    play.setAttribute("aria-label", desk.say(desk.cine.playing ? "pause" : "play"));
    rate.textContent = `${desk.cine.perSecond(desk.active).toFixed(1)}/s`;
  });
  return bar;
}

function offered(desk) {
  const series = desk.active?.series;
  return series && series.unit !== "rgb" ? [...series.windows, ...series.presets] : [];
}

function fillWindows(desk, select) {
  const found = offered(desk), { centre, width } = desk.active?.window || {};
  const signature = JSON.stringify(found);
  if (select.dataset.signature !== signature) {
    select.replaceChildren(...found.map((one, n) => make("option", { value: n, textContent: one.label || desk.say(`window.${one.name}`) })),
      make("option", { value: "own", textContent: desk.say("window.own"), disabled: true }));
    select.dataset.signature = signature;
  }
  select.hidden = !found.length;
  const at = found.findIndex((one) => one.centre === centre && one.width === width);
  select.value = at >= 0 ? String(at) : "own";
}

function choose(desk, select) {
  desk.look(desk.active, offered(desk)[Number(select.value)]);
}

/** The series of the study, of the prior beside it, and the choice of a prior. */
export function buildSeries(desk, root) {
  const draw = () => {
    const shown = desk.panes.map((pane) => `${pane.series?.study_uid} ${pane.series?.key}`);
    const signature = JSON.stringify([shown, desk.prior?.study_uid]);
    if (root.dataset.signature === signature) return;
    root.dataset.signature = signature;
    const focus = root.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    root.replaceChildren(...list(desk, desk.study, shown), ...notes(desk), ...(desk.prior ? list(desk, desk.prior, shown) : []));
    if (desk.data.priors.length) root.append(chooser(desk));
    if (focus) root.querySelector(`[data-name="${focus}"]`)?.focus();
  };
  desk.listeners.add(draw);
}

function list(desk, study, shown) {
  const title = study === desk.study ? desk.say("this-study") : `${desk.say("other-study")} ${study.date}`;
  return [make("h2", { textContent: title }), ...study.entries.map((entry) => {
    const words = [entry.modality, entry.number ?? "", entry.description, entry.part, entry.view, entry.laterality].filter((word) => word !== "").join(" ");
    const picture = make("img", { alt: "", loading: "lazy", src: `/view/${encodeURIComponent(study.study_uid)}/series/${entry.key}/thumbnail`, onerror: () => picture.remove() });
    const item = make("button", { type: "button", className: "series", onclick: () => desk.show(study, entry.key), "aria-pressed": shown.includes(`${study.study_uid} ${entry.key}`) },
      picture, make("span", { textContent: words || desk.say("series") }), make("small", { textContent: `${entry.count} ${desk.say(entry.count === 1 ? "image" : "images-count")}` }));
    item.dataset.name = `${study.study_uid} ${entry.key}`;
    return item;
  })];
}

function notes(desk) {
  const { fault, skipped, results } = desk.data;
  const found = fault ? [make("p", { className: "error", textContent: fault })] : [];
  if (skipped.length) found.push(make("details", {}, make("summary", { textContent: desk.say("left-out") }), ...skipped.map((one) => make("p", { className: "small", textContent: `${one.count} × ${one.reason}` }))));
  if (results.length) found.push(make("details", {}, make("summary", { textContent: desk.say("own-results") }), ...results.map((one) => make("p", { className: "small", textContent: `${one.modality} ${one.description}` }))));
  return found;
}

function chooser(desk) {
  const select = make("select", { id: "prior", onchange: () => desk.compare(select.value) }, make("option", { value: "", textContent: desk.say("no-prior") }),
    ...desk.data.priors.map((one) => make("option", { value: one.study_uid, textContent: `${one.date} ${one.modalities} ${one.description}${one.earlier ? "" : ` (${desk.say("later")})`}` })));
  select.value = desk.prior?.study_uid || "";
  return make("div", { className: "prior-choice" }, make("label", { htmlFor: "prior", textContent: desk.say("compare") }), select);
}

/** What the readers drew on the series in hand, each with a switch. */
export function buildLegend(desk) {
  const root = make("details", { className: "legend", open: true });
  desk.listeners.add(() => {
    const series = desk.active?.series;
    const found = series ? series.study.overlays.filter((one) => one.isOf(series)) : [];
    root.hidden = !desk.data.sees_ai || !found.length;
    const signature = JSON.stringify([series?.key, found.map((one) => [one.visible, one.fault]), desk.opacity, desk.style, desk.aiVisible]);
    if (root.dataset.signature === signature) return;
    root.dataset.signature = signature;
    const focus = root.contains(document.activeElement) ? document.activeElement.id : "";
    root.replaceChildren(make("summary", { textContent: desk.say("ai-legend") }), ...maps(desk, found), ...found.map((one, n) => entryOf(desk, one, n)), ...controls(desk, found));
    if (focus) document.getElementById(focus)?.focus();
  });
  return root;
}

function maps(desk, found) {
  return found.filter((one) => one.kind === "map").length > 1 ? [make("p", { className: "soft small", textContent: desk.say("one-map") })] : [];
}

function entryOf(desk, overlay, n) {
  const box = make("input", { type: "checkbox", id: `drawing-${n}`, checked: overlay.visible, onchange: () => { show(desk.active.series.study.overlays, overlay, box.checked); desk.changed(); } });
  const swatch = make("span", { className: `swatch ${overlay.kind}` });
  if (overlay.kind === "mask") swatch.style.background = `rgb(${overlay.colour.join(" ")})`;
  const name = `${overlay.name}${overlay.location ? `, ${overlay.location}` : ""}`;
  const note = overlay.fault || (overlay.kind === "map" ? desk.say("map-note") : overlay.reader);
  const unsure = overlay.unsure ? [make("small", { className: "unsure", textContent: desk.say("unsure") })] : [];
  const warning = overlay.kind === "map" && overlay.map_note ? [make("small", { className: "warned", textContent: overlay.map_note })] : [];
  return make("label", { className: "drawing", htmlFor: box.id }, box, swatch, make("span", { textContent: name }), ...unsure, make("small", { textContent: note }), ...warning);
}

function controls(desk, found) {
  const range = make("input", { type: "range", id: "opacity", min: 0, max: 1, step: 0.1, value: desk.opacity, oninput: () => desk.setOpacity(Number(range.value)) });
  const style = make("select", { id: "style", onchange: () => desk.setStyle(style.value) }, ...STYLES.map((name) => make("option", { value: name, textContent: desk.say(`style.${name}`) })));
  style.value = desk.style;
  const masks = found.some((one) => one.kind === "mask");
  return [make("label", { htmlFor: "opacity", textContent: desk.say("opacity") }), range,
    ...(masks ? [make("label", { htmlFor: "style", textContent: desk.say("style") }), style] : [])];
}

/** The help: every key and what it does. */
export function buildHelp(desk) {
  const shown = { ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→" };
  const rows = KEYS.map(({ keys, does }) => make("tr", {}, make("td", {}, ...keys.flatMap((key) => [make("kbd", { textContent: shown[key] || key }), " "])), make("td", { textContent: desk.say(`key.${does}`) })));
  const dialog = make("dialog", { "aria-label": desk.say("help") }, make("form", { method: "dialog" }, make("h2", { textContent: desk.say("help") }), make("button", { textContent: desk.say("close") })), make("table", {}, make("tbody", {}, ...rows)),
    make("p", { className: "soft small", textContent: desk.say("mouse") }));
  return dialog;
}

/** What must be known about the series in hand before anybody relies on it. */
export function buildWarnings(desk) {
  const root = make("div", { className: "warnings", role: "status" });
  desk.listeners.add(() => {
    const texts = desk.active?.series?.warnings || [];
    const signature = JSON.stringify(texts);
    if (root.dataset.signature === signature) return;
    root.dataset.signature = signature;
    root.replaceChildren(...texts.map((text) => make("p", { className: "small", textContent: text })));
  });
  return root;
}
