// What the readers drew, over the picture it was drawn on and over no other: a region as line, area or box, a map as colour.

import { json, unpacked } from "./viewer-data.js";

export const STYLES = ["outline", "area", "box"];

/** The drawings of a study; pixels come when a drawing is first shown. */
export async function load(study, version) {
  const query = version === null ? "" : `?version=${version}`;
  const told = await json(`/view/${encodeURIComponent(study.study_uid)}/overlays${query}`);
  if (told.study_uid !== study.study_uid) throw new Error("the drawings of another study came");
  const found = told.overlays.flatMap((one) => one.kinds.map((kind) => new Overlay(study, one, kind)));
  for (const one of found.filter((one) => one.visible).reverse()) show(found, one, true);
  return found;
}

/** Switch a drawing. Of the maps on a series one is shown at a time: colours on colours are those of no answer. */
export function show(drawings, one, visible) {
  one.visible = visible;
  if (one.kind !== "map" || !visible) return;
  for (const other of drawings) if (other !== one && other.kind === "map" && other.series === one.series) other.visible = false;
}

export class Overlay {
  constructor(study, told, kind) {
    Object.assign(this, told);
    this.kind = kind;
    this.study_uid = study.study_uid;
    this.visible = told.positive; // the rest is there to be switched on: outlines of everything would hide the picture
    this.pixels = null;
    this.fault = "";
  }

  /** Whether it was drawn on this series: same study, same images. Everything else is never drawn. */
  isOf(series) {
    return this.series !== "" && this.study_uid === series.study_uid && this.series === series.key;
  }

  async fetch(series) {
    if (this.asked) return this.asked;
    const address = `/view/${encodeURIComponent(this.study_uid)}/overlays/${this.version}/${this.read}/${this.finding}/${this.kind}`;
    this.asked = unpacked(address).then(({ header, buffer, start }) => {
      const [count, rows, columns] = header.shape;
      const same = header.study_uid === series.study_uid && header.key === series.key
        && count === series.count && rows === series.rows && columns === series.columns;
      if (!same) throw new Error("drawn on other images");
      this.pixels = { box: header.box, bytes: new Uint8Array(buffer, start) };
    }).catch((error) => { this.fault = error.message; });
    return this.asked;
  }

  /** The region on a plane: {x, y, width, height} of its box and whether each pixel in it lies inside; null if none. */
  region(plane, number) {
    const { box, bytes } = this.pixels;
    if (number < box[plane.through][0] || number >= box[plane.through][1]) return null;
    const edge = (axis, flip, size) => (flip ? [size - box[axis][1], size - box[axis][0]] : box[axis]);
    const [left, right] = edge(plane.across, plane.flipX, plane.width), [top, bottom] = edge(plane.down, plane.flipY, plane.height);
    const width = right - left, height = bottom - top;
    const sizes = box.map(([first, end]) => end - first), strides = [sizes[1] * sizes[2], sizes[2], 1];
    const start = (number - box[plane.through][0]) * strides[plane.through]
      + (plane.flipX ? sizes[plane.across] - 1 : 0) * strides[plane.across] + (plane.flipY ? sizes[plane.down] - 1 : 0) * strides[plane.down];
    const stepX = strides[plane.across] * (plane.flipX ? -1 : 1), stepY = strides[plane.down] * (plane.flipY ? -1 : 1);
    const inside = new Uint8Array(width * height);
    let any = 0;
    for (let y = 0; y < height; y += 1) {
      for (let x = 0, bit = start + y * stepY; x < width; x += 1, bit += stepX) {
        any |= inside[y * width + x] = (bytes[bit >> 3] >> (bit & 7)) & 1;
      }
    }
    return any ? { x: left, y: top, width, height, inside } : null;
  }
}

/** The line between inside and outside, along the edges of pixels; (0, 0) is the middle of the first pixel. */
export function border({ x, y, width, height, inside }) {
  const path = new Path2D();
  const has = (column, row) => column >= 0 && row >= 0 && column < width && row < height && inside[row * width + column];
  const piece = (x1, y1, x2, y2) => { path.moveTo(x + x1 - 0.5, y + y1 - 0.5); path.lineTo(x + x2 - 0.5, y + y2 - 0.5); };
  for (let row = 0; row <= height; row += 1) {
    for (let column = 0, start = -1; column <= width; column += 1) {
      const edge = column < width && Boolean(has(column, row)) !== Boolean(has(column, row - 1));
      if (edge && start < 0) start = column;
      if (!edge && start >= 0) { piece(start, row, column, row); start = -1; }
    }
  }
  for (let column = 0; column <= width; column += 1) {
    for (let row = 0, start = -1; row <= height; row += 1) {
      const edge = row < height && Boolean(has(column, row)) !== Boolean(has(column - 1, row));
      if (edge && start < 0) start = row;
      if (!edge && start >= 0) { piece(column, start, column, row); start = -1; }
    }
  }
  return path;
}

/** The smallest box around a region. */
export function boxOf({ x, y, width, height, inside }) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let at = 0; at < inside.length; at += 1) {
    if (!inside[at]) continue;
    left = Math.min(left, at % width);
    right = Math.max(right, at % width);
    top = Math.min(top, Math.floor(at / width));
    bottom = Math.max(bottom, Math.floor(at / width));
  }
  const path = new Path2D();
  path.rect(x + left - 0.5, y + top - 0.5, right - left + 1, bottom - top + 1);
  return path;
}

/** A region as a picture of one colour. */
export function area({ width, height, inside }, [red, green, blue]) {
  const canvas = new OffscreenCanvas(width, height);
  const picture = new ImageData(width, height);
  for (let at = 0; at < inside.length; at += 1) if (inside[at]) picture.data.set([red, green, blue, 255], 4 * at);
  canvas.getContext("2d").putImageData(picture, 0, 0);
  return canvas;
}

/** A map in the colours of the report: the share of colour grows evenly with the support, up to `most`. */
export function coloured(bytes, width, height, palette, most) {
  const stops = palette.map((stop) => [0, 2, 4].map((at) => parseInt(stop.slice(at, at + 2), 16)));
  const table = Array.from({ length: 256 }, (_, level) => {
    const at = (level / 255) * (stops.length - 1), below = Math.min(stops.length - 2, Math.floor(at));
    const colour = [0, 1, 2].map((c) => Math.round(stops[below][c] + (at - below) * (stops[below + 1][c] - stops[below][c])));
    return [...colour, Math.round(most * level)];
  });
  const picture = new ImageData(width, height);
  for (let at = 0; at < width * height; at += 1) picture.data.set(table[bytes[at]], 4 * at);
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").putImageData(picture, 0, 0);
  return canvas;
}
