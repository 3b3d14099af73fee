// The pixels of one plane as a canvas of its own size: each pixel one look-up, nothing turned, nothing scaled.
// A 2-D canvas rather than WebGL: whole numbers stay exact, it needs no graphics driver, knows no largest texture, and
// is fast enough (benchmarks/viewer.py).

import { table } from "./viewer-window.js";

const MISSING = 0xff241a12; // what has not come yet: dark blue, so that nobody takes it for air

/** Tables of codes to grey, kept as long as the window stays. */
export class Tables {
  constructor() {
    this.key = "";
    this.made = new Map();
  }

  of(frame, window, inverted, padding) {
    const key = `${window.centre} ${window.width} ${window.function} ${inverted}`;
    if (key !== this.key) this.made.clear();
    this.key = key;
    const name = `${frame.kind} ${frame.scale} ${frame.offset}`;
    if (!this.made.has(name)) {
      if (this.made.size > 600) this.made.clear();
      this.made.set(name, table(frame, window, inverted, padding));
    }
    return this.made.get(name);
  }
}

/** Draw a plane into `canvas`, which takes its size. Returns how many pictures were still missing. */
export function drawPlane(canvas, series, plane, number, tableOf) {
  const same = canvas.picture && canvas.width === plane.width && canvas.height === plane.height;
  if (!same) {
    canvas.width = plane.width;
    canvas.height = plane.height;
    canvas.picture = new ImageData(plane.width, plane.height); // kept: for a large X-ray it is 30 MB
  }
  const context = canvas.getContext("2d", { alpha: false });
  const { picture } = canvas;
  const out = new Uint32Array(picture.data.buffer);
  const missing = plane.name === "native" ? flat(out, series.frames[number], tableOf) : cut(out, series, plane, number, tableOf);
  context.putImageData(picture, 0, 0);
  return missing;
}

function flat(out, frame, tableOf) {
  if (!frame) {
    out.fill(MISSING);
    return 1;
  }
  const { codes } = frame;
  if (frame.kind === "rgb8") {
    for (let at = 0, from = 0; at < out.length; at += 1, from += 3) {
      out[at] = 0xff000000 | (codes[from + 2] << 16) | (codes[from + 1] << 8) | codes[from];
    }
    return 0;
  }
  const shades = tableOf(frame);
  if (frame.kind === "int16") for (let at = 0; at < out.length; at += 1) out[at] = shades[codes[at] & 0xffff];
  else for (let at = 0; at < out.length; at += 1) out[at] = shades[codes[at]];
  return 0;
}

/** A plane through the slices of a volume. */
function cut(out, series, plane, number, tableOf) {
  const start = [0, 0, 0], stepX = [0, 0, 0], stepY = [0, 0, 0];
  start[plane.through] = number;
  start[plane.across] = plane.flipX ? plane.width - 1 : 0;
  stepX[plane.across] = plane.flipX ? -1 : 1;
  start[plane.down] = plane.flipY ? plane.height - 1 : 0;
  stepY[plane.down] = plane.flipY ? -1 : 1;
  const columns = series.columns;
  const missing = new Set();
  const shades = series.frames.map((frame) => (frame ? tableOf(frame) : null));
  for (let y = 0; y < plane.height; y += 1) {
    let k = start[0] + y * stepY[0];
    let at = (start[1] + y * stepY[1]) * columns + start[2] + y * stepY[2];
    const along = stepX[1] * columns + stepX[2];
    for (let x = 0; x < plane.width; x += 1, k += stepX[0], at += along) {
      const frame = series.frames[k];
      if (frame) out[y * plane.width + x] = shades[k][frame.codes[at] & 0xffff];
      else {
        out[y * plane.width + x] = MISSING;
        missing.add(k);
      }
    }
  }
  return missing.size;
}
