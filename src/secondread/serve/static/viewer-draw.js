// What lies over the pixels of a pane: drawings of the readers, measurements, the outline that is being drawn, cross lines.

import { onCanvas } from "./viewer-geometry.js";
import { area, border, boxOf, coloured } from "./viewer-overlays.js";
import { words } from "./viewer-measure.js";

const MEASURE = "#7ee2a8", OWN = "#ffffff", CROSS = "#ffd54a";

/** The drawings of the readers on this plane. Shapes are kept until slice, plane or style change. */
export function drawOverlays(context, pane, matrix) {
  const { series, plane, number, desk } = pane;
  for (const overlay of pane.overlays()) {
    if (!overlay.pixels) {
      if (!overlay.fault) overlay.fetch(series).then(() => pane.touch());
      continue;
    }
    if (overlay.kind === "map") drawMap(context, overlay, plane, matrix, desk);
    else drawRegion(context, pane, overlay, plane, number, matrix);
  }
}

function drawMap(context, overlay, plane, matrix, desk) {
  if (plane.name !== "native") return;
  overlay.canvas ||= coloured(overlay.pixels.bytes, plane.width, plane.height, desk.data.palette, 1);
  context.save();
  context.globalAlpha = desk.data.map_opacity * desk.opacity;
  placed(context, overlay.canvas, matrix, -0.5, -0.5, desk.smooth);
  context.restore();
}

function drawRegion(context, pane, overlay, plane, number, matrix) {
  const key = `${plane.name} ${number} ${pane.desk.style}`;
  const shape = pane.shapes.get(overlay);
  const region = shape?.key === key ? shape : shaped(overlay, plane, number, pane.desk.style, key);
  pane.shapes.set(overlay, region);
  if (!region.drawn) return;
  const colour = `rgb(${overlay.colour.join(" ")})`;
  context.save();
  if (region.canvas) {
    context.globalAlpha = 0.5 * pane.desk.opacity;
    placed(context, region.canvas, matrix, region.x - 0.5, region.y - 0.5, false);
  } else {
    const path = new Path2D();
    path.addPath(region.path, new DOMMatrix(matrix));
    const broad = Math.max(1.5, pane.ratio * (overlay === pane.desk.chosen ? 3 : 1.75));
    context.globalAlpha = Math.min(1, 0.4 + pane.desk.opacity); // a line hides little; a map does
    context.lineCap = "square";
    stroke(context, path, "rgb(0 0 0 / 60%)", broad + pane.ratio);
    stroke(context, path, colour, broad);
  }
  context.restore();
}

function shaped(overlay, plane, number, style, key) {
  const region = overlay.region(plane, number);
  if (!region) return { key, drawn: false };
  if (style === "area") return { key, drawn: true, canvas: area(region, overlay.colour), x: region.x, y: region.y };
  return { key, drawn: true, path: style === "box" ? boxOf(region) : border(region) };
}

/** Draw a small picture with the pixels of the large one: same matrix, its corner at (x, y). */
export function placed(context, canvas, matrix, x, y, smooth) {
  context.save();
  context.setTransform(...matrix);
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas, x, y);
  context.restore();
}

function stroke(context, path, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
}

export function drawMeasures(context, pane, matrix) {
  const { ratio } = pane;
  for (const measure of pane.measures()) {
    const points = measure.points.map(({ x, y }) => onCanvas(matrix, x, y));
    const path = new Path2D();
    if (measure.tool === "ellipse" && points.length === 2) {
      const [a, b] = points;
      path.ellipse((a.x + b.x) / 2, (a.y + b.y) / 2, Math.abs(a.x - b.x) / 2, Math.abs(a.y - b.y) / 2, 0, 0, 2 * Math.PI);
    } else lines(path, points, false);
    for (const { x, y } of points) cross(path, x, y, 4 * ratio);
    stroke(context, path, "rgb(0 0 0 / 70%)", 3.5 * ratio);
    stroke(context, path, MEASURE, 1.5 * ratio);
    if (measure.done || measure.tool !== "angle") label(context, pane, words(pane.series, pane.plane, pane.number, measure, pane.desk.say), points.at(-1));
  }
}

export function drawOutlines(context, pane, matrix) {
  for (const outline of pane.outlines()) {
    const path = new Path2D();
    lines(path, outline.points.map(([x, y]) => onCanvas(matrix, x, y)), outline.closed);
    stroke(context, path, "rgb(0 0 0 / 70%)", 4 * pane.ratio);
    stroke(context, path, OWN, 2 * pane.ratio);
  }
}

/** Where the other planes of the same volume cut this one. */
export function drawCross(context, pane, matrix) {
  const at = pane.crossing();
  if (!at) return;
  const { x, y } = onCanvas(matrix, at.x, at.y);
  const path = new Path2D();
  const gap = 12 * pane.ratio, far = pane.canvas.width + pane.canvas.height;
  for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    path.moveTo(x + dx * gap, y + dy * gap);
    path.lineTo(x + dx * far, y + dy * far);
  }
  context.save();
  context.globalAlpha = 0.6;
  stroke(context, path, CROSS, pane.ratio);
  context.restore();
}

function lines(path, points, closed) {
  points.forEach(({ x, y }, n) => (n ? path.lineTo(x, y) : path.moveTo(x, y)));
  if (closed) path.closePath();
}

function cross(path, x, y, size) {
  path.moveTo(x - size, y);
  path.lineTo(x + size, y);
  path.moveTo(x, y - size);
  path.lineTo(x, y + size);
}

function label(context, pane, texts, { x, y }) {
  const { ratio } = pane, size = Math.round(13 * ratio);
  context.font = `${size}px system-ui, sans-serif`;
  const wide = Math.max(...texts.map((text) => context.measureText(text).width)) + 8 * ratio;
  const high = texts.length * size * 1.3 + 4 * ratio;
  const left = Math.max(0, Math.min(x + 10 * ratio, pane.canvas.width - wide)), top = Math.max(0, Math.min(y + 10 * ratio, pane.canvas.height - high));
  context.fillStyle = "rgb(0 0 0 / 72%)";
  context.fillRect(left, top, wide, high);
  context.fillStyle = MEASURE;
  texts.forEach((text, n) => context.fillText(text, left + 4 * ratio, top + size * (1.1 + 1.3 * n)));
}
