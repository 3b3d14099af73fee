// What comes from the server: descriptions, pictures nearest to where one looks first, and drawings of the readers.

const AT_ONCE = 6; // requests under way; browsers open no more to one server
const KEPT_BYTES = 1.5e9; // pictures that are kept in memory, over all series
const ARRAYS = { uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, rgb8: Uint8Array };

export async function json(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.detail || `${answer.status}`);
  return body;
}

/** The header and the bytes of a package: a line of JSON, then the pixels. */
export async function unpacked(address, signal) {
  const answer = await fetch(address, { credentials: "same-origin", signal });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail || `${answer.status}`);
  const buffer = await answer.arrayBuffer();
  const bytes = new Uint8Array(buffer);
  const end = bytes.indexOf(10);
  return { header: JSON.parse(new TextDecoder().decode(bytes.subarray(0, end))), buffer, start: end + 1 };
}

/** One series of one study: its description and the pictures that have come so far. */
export class Series {
  constructor(study, entry, described, loader) {
    Object.assign(this, described);
    this.study = study;
    this.entry = entry;
    this.loader = loader;
    this.frames = new Array(this.count).fill(null);
    this.failed = new Map();
    this.loaded = 0;
    this.focus = Math.floor(this.count / 2);
    this.reach = this.kind === "image" ? 0 : Infinity;
    this.watchers = new Set();
  }

  get address() {
    return `/view/${encodeURIComponent(this.study_uid)}/series/${this.key}`;
  }

  /** A picture, or null until it has come; asking says where one looks. */
  frame(number) {
    return this.frames[number];
  }

  look(number) {
    this.focus = number;
    this.failed.delete(number); // looked at again, asked for again
    this.loader.use(this);
  }

  /** The picture nearest to where one looks that is not here yet, or -1. */
  next() {
    for (let step = 0; step < this.count; step += 1) {
      for (const number of step ? [this.focus + step, this.focus - step] : [this.focus]) {
        if (number >= 0 && number < this.count && !this.frames[number] && !this.failed.has(number) && !this.loader.isUnderWay(this, number)) return number;
      }
    }
    return -1;
  }

  /** A value of the picture at (row, column), or null. */
  value(number, row, column) {
    const frame = this.frames[number];
    if (!frame || row < 0 || column < 0 || row >= frame.rows || column >= frame.columns) return null;
    const at = row * frame.columns + column;
    if (frame.kind === "rgb8") return [...frame.codes.subarray(3 * at, 3 * at + 3)];
    return frame.codes[at] * frame.scale + frame.offset;
  }
}

/** Loads pictures of the series in use, those looked at last first. */
export class Loader {
  constructor() {
    this.order = [];
    this.underWay = new Map();
    this.bytes = 0;
  }

  use(series) {
    this.order = [series, ...this.order.filter((other) => other !== series)];
    this.fill();
  }

  isUnderWay(series, number) {
    return this.underWay.has(`${series.study_uid} ${series.key} ${number}`);
  }

  fill() {
    for (const series of this.order) {
      while (this.underWay.size < AT_ONCE) {
        const number = series.next();
        if (number < 0) break;
        this.load(series, number);
      }
    }
  }

  async load(series, number) {
    const name = `${series.study_uid} ${series.key} ${number}`;
    this.underWay.set(name, true);
    try {
      const { header, buffer, start } = await unpacked(`${series.address}/frames/${number}`);
      if (header.study_uid !== series.study_uid || header.key !== series.key || header.number !== number) throw new Error("another picture came");
      const kind = ARRAYS[header.kind];
      const samples = header.kind === "rgb8" ? 3 : 1;
      series.frames[number] = { ...header, codes: new kind(buffer, start, header.rows * header.columns * samples) };
      series.loaded += 1;
      this.bytes += buffer.byteLength;
      this.letGo(series);
    } catch (error) {
      series.failed.set(number, error.message);
    }
    this.underWay.delete(name);
    for (const watcher of series.watchers) watcher(number);
    this.fill();
  }

  /** Forget the pictures of series that nobody looks at when there are too many. */
  letGo(kept) {
    for (const series of [...this.order].reverse()) {
      if (this.bytes < KEPT_BYTES || series === kept || series.watchers.size) continue;
      this.bytes -= series.frames.reduce((sum, frame) => sum + (frame ? frame.codes.byteLength : 0), 0);
      series.frames.fill(null);
      series.loaded = 0;
      this.order = this.order.filter((other) => other !== series);
    }
  }
}

/** A study: its series are described when they are asked for. */
export class Study {
  constructor(told, loader) {
    Object.assign(this, told.study);
    this.entries = told.series;
    this.told = told;
    this.loader = loader;
    this.opened = new Map();
    this.overlays = [];
  }

  series(key) {
    if (!this.opened.has(key)) {
      const entry = this.entries.find((one) => one.key === key);
      const making = json(`/view/${encodeURIComponent(this.study_uid)}/series/${key}`).then((described) => {
        if (described.study_uid !== this.study_uid || described.key !== key) throw new Error("another series came");
        return new Series(this, entry, described, this.loader);
      });
      making.catch(() => this.opened.delete(key));
      this.opened.set(key, making);
    }
    return this.opened.get(key);
  }
}
