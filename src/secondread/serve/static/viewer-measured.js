// The measurements of all series that are open: kept by series and picture, gone with the page.

import { POINTS } from "./viewer-measure.js";

const LEAST_PX = 0.5; // of the image: a shorter one is a slip of the hand

export class Measures {
  constructor(desk) {
    this.desk = desk;
    this.kept = new Map();
  }

  of(series) {
    const name = `${series.study_uid} ${series.key}`;
    if (!this.kept.has(name)) this.kept.set(name, []);
    return this.kept.get(name);
  }

  start(pane, tool, point) {
    const all = this.of(pane.series), last = all.at(-1);
    if (tool === "angle" && last?.tool === "angle" && !last.done && last.place === pane.place()) {
      last.points.push(point);
      return last;
    }
    const measure = { tool, place: pane.place(), points: [point, { ...point }], done: false };
    all.push(measure);
    return measure;
  }

  end(pane, measure) {
    const [a, b] = measure.points;
    measure.done = measure.points.length >= POINTS[measure.tool];
    if (Math.hypot(a.x - b.x, a.y - b.y) < LEAST_PX) this.of(pane.series).pop();
    this.desk.changed();
  }

  removeLast(pane) {
    const all = this.of(pane.series);
    const at = all.findLastIndex((one) => one.place === pane.place());
    if (at >= 0) all.splice(at, 1);
    this.desk.changed();
  }
}
