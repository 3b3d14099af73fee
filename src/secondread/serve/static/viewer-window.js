// Values to grey: a table over every code, so that a picture is one look-up a pixel.
// The same functions as in secondread/dicom/voi.py. Source: DICOM PS3.3 C.11.2.1.2, C.11.2.1.3.

export const CODES = { uint8: 256, int16: 65536, uint16: 65536 };

/** Grey in [0, 1] of a value. */
export function grey(value, { centre, width, function: shape }) {
  if (shape === "SIGMOID") return 1 / (1 + Math.exp((-4 * (value - centre)) / width));
  const c = shape === "LINEAR_EXACT" ? centre : centre - 0.5;
  const w = shape === "LINEAR_EXACT" ? width : width - 1;
  if (w <= 0) return value > c ? 1 : 0;
  return Math.min(1, Math.max(0, (value - c) / w + 0.5));
}

/** Uint32 for each code of a frame: what stands in the pixels of a canvas; negative codes behind the others. */
export function table(frame, window, inverted, padding) {
  const size = CODES[frame.kind];
  const made = new Uint32Array(size);
  for (let at = 0; at < size; at += 1) {
    const code = frame.kind === "int16" && at >= 32768 ? at - 65536 : at;
    const value = code * frame.scale + frame.offset;
    const share = grey(value, window);
    const level = isPadding(value, frame, padding) ? 0 : Math.round(255 * (inverted ? 1 - share : share));
    made[at] = 0xff000000 | (level << 16) | (level << 8) | level; // little endian: red, green, blue, opaque
  }
  return made;
}

/** Whether a value says that there is no image; values between codes are as exact as the codes. */
export function isPadding(value, frame, padding) {
  return padding !== null && value >= padding[0] - frame.scale / 2 && value <= padding[1] + frame.scale / 2;
}

/** The window one drag away: to the right wider, down darker. */
export function dragged(window, dx, dy, step) {
  const least = window.function === "LINEAR_EXACT" ? step / 100 : 1;
  return { ...window, name: "own", label: "", width: Math.max(least, window.width + dx * step), centre: window.centre + dy * step };
}
