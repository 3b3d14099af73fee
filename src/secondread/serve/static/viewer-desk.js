// The desk of a reader: the panes, which of them is in hand, and everything that concerns more than one.

import { Loader, Study } from "./viewer-data.js";
import { load as loadOverlays, STYLES } from "./viewer-overlays.js";
import { Pane } from "./viewer-pane.js";
import { Cine } from "./viewer-cine.js";
import { follow, link } from "./viewer-link.js";
import { Measures } from "./viewer-measured.js";
import { Outlines } from "./viewer-outline.js";
import { cross, showFinding, threePlanes } from "./viewer-places.js";
import { compare } from "./viewer-prior.js";

export const LAYOUTS = { "1x1": 1, "1x2": 2, "2x2": 4, mpr: 3 };

export class Desk {
  constructor(root, data) {
    Object.assign(this, { root, data, linked: false, smooth: true, opacity: 0.6, style: STYLES[0], tool: "window", arrangement: "1x1" });
    this.say = (key) => data.words[`viewer.${key}`] ?? key;
    this.aiVisible = data.sees_ai;
    this.loader = new Loader();
    this.study = new Study(data, this.loader);
    this.prior = null;
    this.panes = [];
    this.measures = new Measures(this);
    this.crosses = new Map();
    this.outlining = new Outlines(this);
    this.chosen = null;
    this.listeners = new Set();
    this.grid = Object.assign(document.createElement("div"), { className: "panes" });
    this.cine = new Cine(this);
  }

  /** Tell whoever shows the state of the desk that it changed. */
  changed() {
    for (const listener of this.listeners) listener();
    for (const pane of this.panes) pane.touch();
  }

  announce(name, detail) {
    document.dispatchEvent(new CustomEvent(`secondread:${name}`, { detail }));
  }

  // Panes

  layout(name) {
    if (name === "mpr" && !this.active?.series?.affine) return;
    const count = LAYOUTS[name], kept = this.active?.series;
    while (this.panes.length > count) {
      const pane = this.panes.pop();
      pane.asked = null; // what comes for it now is for nobody
      pane.clear();
      pane.element.remove();
    }
    while (this.panes.length < count) {
      const pane = new Pane(this);
      this.panes.push(pane);
      this.grid.append(pane.element);
    }
    const was = this.arrangement;
    this.arrangement = name;
    this.grid.className = `panes l${name}`;
    const placed = name === "mpr" ? threePlanes(this, kept) : null;
    if (name === "mpr") this.take("crosshair");
    else if (was === "mpr" && kept) {
      this.crosses.clear();
      this.panes.forEach((pane, n) => (n ? pane.clear() : pane.show(kept)));
    }
    this.activate(this.panes.includes(this.active) ? this.active : this.panes[0]);
    this.changed();
    return placed;
  }

  nextLayout() {
    const names = Object.keys(LAYOUTS).filter((name) => name !== "mpr");
    this.layout(names[(names.indexOf(this.arrangement) + 1) % names.length]);
  }

  activate(pane) {
    if (this.active === pane) return;
    this.active = pane;
    for (const one of this.panes) one.element.classList.toggle("active", one === pane);
    this.changed();
    this.told(pane);
  }

  nextPane() {
    const next = this.panes[(this.panes.indexOf(this.active) + 1) % this.panes.length];
    this.activate(next);
    next.element.focus();
  }

  /** Show a series. What a pane was asked for last is what it shows, whatever comes last. */
  async show(study, key, pane = this.active, options = {}) {
    const asked = (pane.asked = {});
    pane.element.classList.add("loading");
    try {
      const series = await study.series(key);
      if (pane.asked !== asked) return null;
      if (this.arrangement === "mpr") this.layout("1x1");
      const target = this.panes.includes(pane) ? pane : this.panes[0];
      target.show(series, options);
      if (this.linked) link(this);
      this.changed();
      this.told(target);
      return target;
    } catch (error) {
      if (pane.asked === asked) pane.labels.message.textContent = error.message;
      return null;
    } finally {
      if (pane.asked === asked) {
        pane.asked = null;
        pane.element.classList.remove("loading");
      }
    }
  }

  nextSeries(step) {
    const pane = this.active, study = pane.series?.study || this.study;
    const at = study.entries.findIndex((one) => one.key === pane.series?.key);
    const next = study.entries[at + step];
    if (next) this.show(study, next.key, pane);
  }

  /** Start: the series that drawings lie on, or the first that is no localizer. */
  async open() {
    this.layout("1x1");
    if (this.data.sees_ai) await this.drawings();
    const first = this.study.overlays.find((one) => one.series && one.positive) || this.study.overlays.find((one) => one.series);
    const { entries } = this.study;
    const entry = entries.find((one) => one.key === first?.series) || entries.find((one) => !one.localizer) || entries[0];
    const number = first && first.kind === "mask" && entry?.key === first.series ? first.slice : null;
    if (entry) await this.show(this.study, entry.key, this.active, { number });
    for (const other of entries) {
      if (this.active.series?.count || this.active.asked) break;
      if (other !== entry) await this.show(this.study, other.key);
    }
  }

  async drawings() {
    try {
      this.study.overlays = await loadOverlays(this.study, this.data.version);
    } catch {
      this.study.overlays = [];
    }
    this.changed();
  }

  // Moving

  moved(pane) {
    const cross = this.crosses.get(pane.series);
    if (cross) {
      cross[pane.plane.through] = pane.number;
      for (const other of this.panes) other.touch();
    }
    if (this.linked) follow(this, pane);
    this.told(pane);
  }

  told(pane) {
    if (pane === this.active && pane?.series && pane.series.study === this.study) {
      this.announce("slice", { seriesUid: pane.series.series_uid, index: pane.plane.through === 0 ? pane.number : null });
    }
  }

  step(by) {
    this.active.go(Number.isFinite(by) ? this.active.number + by : by > 0 ? this.active.plane.count - 1 : 0);
  }

  cross(pane, point) {
    cross(this, pane, point);
  }

  crossOf(series) {
    return this.arrangement === "mpr" ? this.crosses.get(series) : null;
  }

  link(on) {
    this.linked = on;
    if (on) link(this);
    this.changed();
  }

  compare(uid) {
    return compare(this, uid);
  }

  // Looking

  preset(number) {
    const series = this.active.series;
    const wanted = number ? series?.presets[number - 1] : series?.windows[0];
    if (wanted) this.look(this.active, wanted);
  }

  /** Look at a pane through a window; panes of the same volume, or linked ones of the same kind, follow. */
  look(pane, window) {
    const { series } = pane;
    for (const other of this.panes) {
      const follows = other.series === series || (this.linked && other.series?.modality === series.modality && other.series.unit === series.unit);
      if (other === pane || (other.series && follows)) other.setWindow(window);
    }
    this.changed();
  }

  invert() {
    this.active.inverted = !this.active.inverted;
    this.changed();
  }

  /** Linked panes show a millimetre as large, and moved as far, as this one. */
  framed(pane) {
    if (!this.linked) return;
    const size = (one) => (one.series.spacing_mm ? Math.min(one.plane.dx, one.plane.dy) : 1);
    for (const other of this.panes) {
      if (other === pane || !other.series?.count || Boolean(other.series.spacing_mm) !== Boolean(pane.series.spacing_mm)) continue;
      Object.assign(other.view, { zoom: (pane.view.zoom / size(pane)) * size(other), panX: pane.view.panX, panY: pane.view.panY, fitted: false });
      other.touch();
    }
  }

  zoom(factor) {
    this.active.zoom(factor);
    this.framed(this.active);
  }

  fit() {
    for (const pane of this.panes) if (pane === this.active || this.linked) pane.fit();
  }

  oneToOne() {
    this.active.oneToOne();
    this.framed(this.active);
  }

  turn() {
    this.active.turn(1);
  }

  mirror(vertical) {
    this.active.mirror(vertical);
  }

  setSmooth(on) {
    this.smooth = on;
    this.changed();
  }

  play() {
    this.cine.toggle(this.active);
  }

  speed(factor) {
    this.cine.faster(factor);
  }

  // Drawings of the readers

  showAi(visible) {
    if (visible && !this.data.sees_ai) return;
    this.aiVisible = visible;
    this.changed();
    this.announce("overlay-shown", { visible });
  }

  nextStyle() {
    this.setStyle(STYLES[(STYLES.indexOf(this.style) + 1) % STYLES.length]);
  }

  setStyle(style) {
    this.style = style;
    this.changed();
  }

  setOpacity(share) {
    this.opacity = Math.max(0, Math.min(1, Math.round(share * 10) / 10));
    this.changed();
  }

  showFinding(which) {
    return showFinding(this, which);
  }

  // Measuring and outlining

  take(tool) {
    this.tool = tool;
    if (tool !== "outline") this.outlining.cancel();
    this.changed();
  }

  removeLast() {
    if (this.tool === "outline" && this.outlining.back()) return;
    if (this.active.series) this.measures.removeLast(this.active);
  }

  outlinePoint(pane, point) {
    this.outlining.add(pane, point);
  }

  doubled(pane) {
    if (this.tool === "outline") this.closeOutline();
    else if (this.tool !== "angle") pane.fit();
  }

  closeOutline() {
    this.outlining.close();
  }

  leave() {
    this.outlining.cancel();
    this.take("window");
  }

  help() {
    this.root.querySelector("dialog").showModal();
  }
}
