// The words around a picture: whose it is, which slice, how it is shown, which side is which.

import { dot, normal, turning } from "./viewer-geometry.js";
import { digits, scaleOf, valueAt } from "./viewer-measure.js";

/** Fill the labels of a pane. */
export function info(pane) {
  const { labels, series, desk } = pane;
  const lines = { "top-left": [], "top-right": [], "bottom-left": [], "bottom-right": [], message: [] };
  if (series) {
    lines["top-left"] = whose(series, desk);
    lines["top-right"] = which(pane);
    lines["bottom-left"] = how(pane);
    lines["bottom-right"] = under(pane);
    lines.message = message(pane);
  } else lines.message = [desk.say("empty")];
  for (const [name, texts] of Object.entries(lines)) set(labels[name], texts.filter(Boolean));
  const letters = series?.count ? pane.edges(turning(pane.view)) : null;
  for (const side of ["left", "right", "top", "bottom"]) set(labels[`edge-${side}`], letters ? [letters[side]] : []);
}

function set(element, texts) {
  const text = texts.join("\n");
  if (element.textContent !== text) element.textContent = text;
}

function whose(series, desk) {
  const { study } = series;
  const other = study === desk.study ? "" : desk.say("other-study");
  return [study.patient, [study.date, other].filter(Boolean).join(" · "), study.description];
}

function which(pane) {
  const { series, plane, desk } = pane, { entry } = series;
  const side = [entry.view, entry.laterality].filter(Boolean).join(" ");
  const name = plane.name === "native" ? "" : desk.say(`plane.${plane.name}`);
  return [`${entry.modality} ${entry.number ?? ""}`.trim(), entry.description, [entry.part, side].filter(Boolean).join(" · "), name];
}

function how(pane) {
  const { series, plane, desk } = pane;
  if (!series.count) return [];
  const point = pane.middle(), through = normal(series, plane, pane.number);
  const where = plane.count > 1 && point && through ? ` · ${dot(point, through).toFixed(1)} mm` : "";
  const made = plane.through === 0 && series.made.includes(pane.number) ? ` · ${desk.say("made")}` : "";
  const coming = series.loaded < series.count ? ` · ${series.loaded}/${series.count}` : "";
  const slice = plane.count > 1 ? `${desk.say(series.kind === "cine" ? "frame" : "slice")} ${pane.number + 1} / ${plane.count}${where}${made}${coming}` : coming.replace(" · ", "");
  const { centre, width, name, label } = pane.window;
  const called = label || (name && name !== "own" ? desk.say(`window.${name}`) : "");
  const shown = series.unit === "rgb" ? desk.say("colour") : `C ${digits(centre)} W ${digits(width)}${called ? ` · ${called}` : ""}${pane.inverted === series.inverted ? "" : ` · ${desk.say("inverted")}`}`;
  return [slice, shown, `${desk.say("zoom")} ${pane.view.zoom.toFixed(2)}`];
}

function under(pane) {
  const { series, plane, pointer, desk } = pane;
  const { note } = scaleOf(series);
  const lines = [series.lossy ? desk.say("lossy") : "", note ? desk.say(note) : ""];
  if (pane.overlays().length && desk.aiVisible) lines.unshift(desk.say("ai-shown"));
  if (!pointer) return lines;
  const x = Math.round(pointer.x), y = Math.round(pointer.y);
  const found = valueAt(series, plane, pane.number, x, y);
  if (found === null) return lines;
  const unit = series.unit === "HU" ? "HU" : "";
  const value = Array.isArray(found) ? found.join(" ") : found.padding ? desk.say("no-image") : `${digits(found.value)} ${unit}`;
  return [...lines, `${desk.say("column")} ${x} ${desk.say("row")} ${y}`, value];
}

function message(pane) {
  const { series, desk } = pane;
  if (series.kind === "none") return [desk.say("not-shown"), series.reason];
  const failed = pane.plane.through === 0 ? series.failed.get(pane.number) : "";
  return failed ? [desk.say("not-shown"), failed] : [];
}
