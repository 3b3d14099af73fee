// One picture on the screen: a plane of a series, how it is looked at, and what stands around it.

import { drawCross, drawMeasures, drawOutlines, drawOverlays, placed } from "./viewer-draw.js";
import { edges, fitZoom, fromCanvas, indexAt, middle, pixelOf, planeOf, toCanvas } from "./viewer-geometry.js";
import { drawPlane, Tables } from "./viewer-picture.js";
import { info } from "./viewer-labels.js";
import { listen } from "./viewer-pointer.js";

const CORNERS = ["top-left", "top-right", "bottom-left", "bottom-right"];
const SIDES = ["left", "right", "top", "bottom"];

export class Pane {
  constructor(desk) {
    this.desk = desk;
    this.series = null;
    this.number = 0;
    this.view = { zoom: 1, panX: 0, panY: 0, quarter: 0, mirrored: false, fitted: true };
    this.window = { centre: 0, width: 1, function: "LINEAR", name: "" };
    this.inverted = false;
    this.pointer = null;
    this.tables = new Tables();
    this.shapes = new Map();
    this.pixels = document.createElement("canvas");
    this.drawn = "";
    this.build();
  }

  build() {
    this.element = document.createElement("figure");
    this.element.className = "pane";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", this.desk.say("empty"));
    this.canvas = document.createElement("canvas");
    this.element.append(this.canvas);
    this.labels = {};
    for (const name of [...CORNERS, ...SIDES.map((side) => `edge-${side}`), "message"]) {
      this.labels[name] = document.createElement("div");
      this.labels[name].className = `label ${name}`;
      this.element.append(this.labels[name]);
    }
    this.slider = Object.assign(document.createElement("input"), { type: "range", className: "slider", min: 0, step: 1 });
    this.slider.setAttribute("aria-label", this.desk.say("slice"));
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
    this.slider.hidden = true;
    this.element.append(this.slider);
    listen(this);
    this.watchSize();
  }

  /** The size in device pixels, as the browser snaps it: only then is a canvas pixel a pixel of the screen. */
  watchSize() {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry.contentRect, [told] = entry.devicePixelContentBoxSize || [];
      // Some browsers do not tell it; others, that only pretend to have a finer screen, tell that of the coarse one.
      const snapped = (size, exact) => (exact && Math.abs(exact - size * this.ratio) <= 1 ? exact : Math.round(size * this.ratio));
      this.resize(snapped(width, told?.inlineSize), snapped(height, told?.blockSize));
    });
    try {
      observer.observe(this.canvas, { box: "device-pixel-content-box" });
    } catch {
      observer.observe(this.canvas);
    }
  }

  get ratio() {
    return window.devicePixelRatio || 1;
  }

  /** Show a plane of a series; where nothing is said, the middle of it as the file wants it shown. */
  show(series, { plane = "native", number = null, window: wanted = null } = {}) {
    if (this.series) this.series.watchers.delete(this.watcher);
    this.series = series;
    this.shapes.clear();
    this.drawn = "";
    this.setPlane(plane);
    this.number = Math.max(0, Math.min(this.plane.count - 1, number ?? Math.floor(this.plane.count / 2)));
    this.window = wanted || series.windows[0] || this.window;
    this.inverted = series.inverted;
    this.view = { ...this.view, quarter: 0, mirrored: false, fitted: true, panX: 0, panY: 0 };
    this.watcher = (came) => this.came(came);
    series.watchers.add(this.watcher);
    this.element.classList.toggle("prior", series.study !== this.desk.study);
    this.element.dataset.study = series.study_uid;
    this.element.dataset.series = series.key;
    this.element.setAttribute("aria-label", [series.entry.modality, series.entry.description, series.study.date].filter(Boolean).join(" "));
    this.look();
    this.resize();
  }

  clear() {
    if (this.series) this.series.watchers.delete(this.watcher);
    this.series = null;
    this.slider.hidden = true;
    this.touch();
  }

  setPlane(name) {
    this.plane = planeOf(this.series, name);
    this.slider.max = this.plane.count - 1;
    this.slider.hidden = this.plane.count < 2;
    this.drawn = "";
  }

  came(number) {
    if (this.plane.name !== "native" || number === this.number || this.series.loaded === this.series.count) this.drawn = "";
    if (number === this.number && this.view.fitted) this.fit();
    this.touch();
  }

  look() {
    this.series.look(this.plane.through === 0 ? this.number : Math.floor(this.series.count / 2));
    this.slider.value = this.number;
  }

  /** Go to a number along the plane; others that are linked follow. */
  go(number, { quiet = false } = {}) {
    if (!this.series) return;
    const next = Math.max(0, Math.min(this.plane.count - 1, Math.round(number)));
    if (next === this.number) return;
    this.number = next;
    this.look();
    this.touch();
    if (!quiet) this.desk.moved(this);
  }

  resize(width = this.canvas.width, height = this.canvas.height) {
    const [w, h] = [Math.max(1, width), Math.max(1, height)];
    if (this.canvas.width !== w || this.canvas.height !== h) Object.assign(this.canvas, { width: w, height: h });
    if (this.view.fitted) this.fit();
    this.touch();
  }

  fit() {
    if (!this.series) return;
    this.adapt();
    Object.assign(this.view, { panX: 0, panY: 0, fitted: true, zoom: fitZoom(this.view, this.plane, this.canvas.width, this.canvas.height) });
    this.touch();
  }

  /** Zoom so that the point of the canvas under the pointer stays where it is. */
  zoom(factor, X = this.canvas.width / 2, Y = this.canvas.height / 2) {
    const before = this.at(X, Y);
    this.view.zoom = Math.max(0.02, Math.min(64, this.view.zoom * factor));
    this.view.fitted = false;
    const [a, b, c, d, e, f] = this.matrix();
    this.view.panX += X - (a * before.x + c * before.y + e);
    this.view.panY += Y - (b * before.x + d * before.y + f);
    this.touch();
  }

  oneToOne() {
    Object.assign(this.view, { zoom: 1, panX: 0, panY: 0, fitted: false });
    this.touch();
  }

  /** Turn clockwise by quarters; mirror left and right, or top and bottom, as seen on the screen. */
  turn(quarters) {
    this.view.quarter = (this.view.quarter + quarters + 4) % 4;
    if (this.view.fitted) this.fit();
    this.touch();
  }

  mirror(vertical) {
    this.view.quarter = (8 - this.view.quarter + (vertical ? 2 : 0)) % 4;
    this.view.mirrored = !this.view.mirrored;
    this.touch();
  }

  setWindow(wanted) {
    this.window = wanted;
    this.touch();
  }

  matrix() {
    return toCanvas(this.view, this.plane, this.canvas.width, this.canvas.height);
  }

  at(X, Y) {
    return fromCanvas(this.matrix(), X, Y);
  }

  /** Pictures of one stack may differ in size. */
  adapt() {
    const frame = this.series.kind === "stack" && this.series.frames[this.number];
    if (frame && (frame.rows !== this.plane.height || frame.columns !== this.plane.width)) {
      this.plane = { ...this.plane, width: frame.columns, height: frame.rows };
    }
  }

  touch() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  draw() {
    const context = this.canvas.getContext("2d", { alpha: false });
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.element.classList.toggle("empty", !this.series);
    if (this.series && this.series.count) {
      this.adapt();
      this.paint();
      const matrix = this.matrix();
      placed(context, this.pixels, matrix, -0.5, -0.5, this.desk.smooth);
      if (this.desk.aiVisible) drawOverlays(context, this, matrix);
      drawCross(context, this, matrix);
      drawMeasures(context, this, matrix);
      drawOutlines(context, this, matrix);
    }
    info(this);
    const ready = this.series && !this.missing;
    if (ready && !this.desk.shownFirst) this.desk.shownFirst = performance.mark("first-picture");
    this.element.dataset.ready = ready ? "yes" : "no";
  }

  paint() {
    const shade = `${this.window.centre} ${this.window.width} ${this.window.function} ${this.inverted}`;
    const key = `${this.plane.name} ${this.number} ${shade} ${this.plane.width}`;
    if (key === this.drawn) return;
    const tableOf = (frame) => this.tables.of(frame, this.window, this.inverted, this.series.padding);
    this.missing = drawPlane(this.pixels, this.series, this.plane, this.number, tableOf);
    this.drawn = this.missing ? "" : key;
  }

  /** The drawings that lie on this series and no other. */
  overlays() {
    return this.series.study.overlays.filter((one) => one.visible && one.isOf(this.series));
  }

  place() {
    return `${this.plane.name} ${this.number}`;
  }

  measures() {
    return this.desk.measures.of(this.series).filter((one) => one.place === this.place());
  }

  outlines() {
    return this.desk.outlining.on(this);
  }

  /** Where the cross of the volume's planes stands on this one, or null. */
  crossing() {
    const point = this.desk.crossOf(this.series);
    return point ? pixelOf(this.plane, point) : null;
  }

  edges(turn) {
    return edges(this.series, this.plane, this.number, turn);
  }

  middle() {
    return middle(this.series, this.plane, this.number);
  }

  index(x, y) {
    return indexAt(this.plane, this.number, x, y);
  }
}
