// Lengths, angles and ellipses on a plane. A length is in mm only where the distance of pixels is known.

import { indexAt } from "./viewer-geometry.js";
import { isPadding } from "./viewer-window.js";

export const POINTS = { length: 2, angle: 3, ellipse: 2 };

/** The unit of a length on a series, and what has to be said about it: {unit, note}. */
export function scaleOf(series) {
  if (!series.spacing_mm) return { unit: "px", note: "spacing-none" };
  return { unit: "mm", note: { detector: "spacing-detector", "scanned-film": "spacing-film" }[series.spacing_source] || "" };
}

function steps(series, plane) {
  return series.spacing_mm ? [plane.dx, plane.dy] : [1, 1];
}

/** The distance of two points in mm, or in pixels where no spacing is known. */
export function distance(series, plane, [a, b]) {
  const [dx, dy] = steps(series, plane);
  return Math.hypot((b.x - a.x) * dx, (b.y - a.y) * dy);
}

/** The angle at the second of three points, in degrees. */
export function angle(series, plane, [a, b, c]) {
  const [dx, dy] = steps(series, plane);
  const one = [(a.x - b.x) * dx, (a.y - b.y) * dy], two = [(c.x - b.x) * dx, (c.y - b.y) * dy];
  const between = Math.atan2(one[0] * two[1] - one[1] * two[0], one[0] * two[0] + one[1] * two[1]);
  return Math.abs(between * 180) / Math.PI;
}

/**
 * What lies in the ellipse that fills the box of two corners: count, mean, sd (of all, not a sample), min, max, area.
 * A pixel counts when its middle lies inside; what is no image does not count.
 */
export function ellipse(series, plane, number, [a, b]) {
  const [dx, dy] = steps(series, plane);
  const centre = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  const [rx, ry] = [Math.abs(b.x - a.x) / 2, Math.abs(b.y - a.y) / 2];
  const area = Math.PI * rx * dx * ry * dy;
  let [count, sum, squares, min, max, missing] = [0, 0, 0, Infinity, -Infinity, 0];
  for (let y = Math.ceil(centre.y - ry); y <= centre.y + ry; y += 1) {
    for (let x = Math.ceil(centre.x - rx); x <= centre.x + rx; x += 1) {
      if (((x - centre.x) / rx) ** 2 + ((y - centre.y) / ry) ** 2 > 1) continue;
      const value = valueAt(series, plane, number, x, y);
      if (value === null || Array.isArray(value)) { missing += 1; continue; }
      if (value.padding) continue;
      count += 1;
      sum += value.value;
      squares += value.value ** 2;
      min = Math.min(min, value.value);
      max = Math.max(max, value.value);
    }
  }
  const mean = count ? sum / count : NaN;
  return { count, missing, mean, sd: count ? Math.sqrt(Math.max(0, squares / count - mean ** 2)) : NaN, min, max, area };
}

/** The value of the pixel of a plane: {value, padding}, three numbers of a colour, or null where there is none. */
export function valueAt(series, plane, number, x, y) {
  if (x < 0 || y < 0 || x >= plane.width || y >= plane.height) return null;
  const [k, row, column] = indexAt(plane, number, x, y);
  const found = series.value(k, row, column);
  if (found === null || Array.isArray(found)) return found;
  return { value: found, padding: isPadding(found, series.frames[k], series.padding) };
}

/** A number with as many digits as it deserves. */
export function digits(value) {
  if (!Number.isFinite(value)) return "–";
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 1 ? 1 : 3);
}

/** The words of a measurement. */
export function words(series, plane, number, measure, say) {
  const { unit, note } = scaleOf(series);
  const remark = note && note !== "spacing-none" ? ` (${say(note)})` : "";
  if (measure.tool === "length") return [`${distance(series, plane, measure.points).toFixed(1)} ${unit}${remark}`];
  if (measure.tool === "angle") return [`${angle(series, plane, measure.points).toFixed(1)}°`];
  const found = ellipse(series, plane, number, measure.points);
  const of = series.unit === "HU" ? " HU" : "";
  const lines = [`${found.area.toFixed(1)} ${unit}²${remark}`];
  if (found.count) lines.unshift(`${say("mean")} ${digits(found.mean)}${of} · SD ${digits(found.sd)}`, `${digits(found.min)} … ${digits(found.max)}${of}`);
  if (found.missing && series.unit !== "rgb") lines.push(say("not-all-here"));
  return lines;
}
