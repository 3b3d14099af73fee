// Moving pictures: frames one after the other in their own time, or faster or slower.

const USUAL_MS = 100; // where the file does not say how much time lies between frames
const SPEEDS = [0.1, 8];

export class Cine {
  constructor(desk) {
    this.desk = desk;
    this.pane = null;
    this.rate = 1;
  }

  get playing() {
    return this.pane !== null;
  }

  toggle(pane) {
    if (this.pane) {
      this.pane = null;
    } else if (pane?.series && pane.plane.count > 1) {
      this.pane = pane;
      this.last = null;
      requestAnimationFrame((now) => this.tick(now));
    }
    this.desk.changed();
  }

  faster(factor) {
    this.rate = Math.max(SPEEDS[0], Math.min(SPEEDS[1], this.rate * factor));
    this.desk.changed();
  }

  /** Pictures a second. */
  perSecond(pane) {
    return (1000 / (pane.series.frame_time_ms || USUAL_MS)) * this.rate;
  }

  tick(now) {
    const { pane } = this;
    if (!pane) return;
    if (!this.desk.panes.includes(pane) || !pane.series) { this.pane = null; return; }
    this.last ??= now;
    const steps = Math.floor(((now - this.last) / 1000) * this.perSecond(pane));
    if (steps > 0) {
      const next = (pane.number + steps) % pane.plane.count;
      // A frame that has not come yet is waited for: a loop with holes would look like another movement.
      if (pane.plane.through !== 0 || pane.series.frame(next)) {
        pane.go(next);
        this.last += (steps * 1000) / this.perSecond(pane);
      } else {
        pane.series.look(next);
        this.last = now;
      }
    }
    requestAnimationFrame((later) => this.tick(later));
  }
}
