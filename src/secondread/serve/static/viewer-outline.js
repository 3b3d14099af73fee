// Outlines drawn by a person, for a finding that is edited or was missed: points in pixels of the image, (0, 0) in the
// middle of its first pixel.

const DIGITS = 100; // hundredths of a pixel are more than a hand can do

export class Outlines {
  constructor(desk) {
    this.desk = desk;
    this.all = [];
    this.current = null;
    this.of = null;
  }

  /** Start: the next clicks on an image are points of the outline of this finding. */
  begin(of) {
    this.cancel();
    this.of = of;
    this.desk.take("outline");
  }

  add(pane, { x, y }) {
    if (!this.of || pane.plane.name !== "native" || pane.series.study !== this.desk.study) return;
    if (!this.current) {
      this.current = { ...this.of, series: pane.series, number: pane.number, points: [], closed: false };
      this.all.push(this.current);
    }
    if (this.current.series !== pane.series || this.current.number !== pane.number) return;
    const inside = (value, size) => Math.max(-0.5, Math.min(size - 0.5, Math.round(value * DIGITS) / DIGITS));
    this.current.points.push([inside(x, pane.plane.width), inside(y, pane.plane.height)]);
    pane.touch();
  }

  /** Take back the last point. */
  back() {
    if (!this.current?.points.length) return false;
    this.current.points.pop();
    this.desk.changed();
    return true;
  }

  close() {
    const outline = this.current;
    if (!outline || outline.points.length < 3) return;
    outline.points = outline.points.filter((point, n, all) => !n || point.some((value, axis) => value !== all[n - 1][axis]));
    if (outline.points.length < 3) return;
    outline.closed = true;
    this.all = this.all.filter((one) => one === outline || one.reader !== outline.reader || one.finding !== outline.finding);
    const [sopInstanceUid, frame] = outline.series.images[outline.number];
    this.desk.announce("outline", {
      reader: outline.reader, finding: outline.finding, seriesUid: outline.series.series_uid, sopInstanceUid, frame,
      index: outline.number, points: outline.points,
    });
    this.current = null;
    this.of = null;
    this.desk.take("window");
  }

  cancel() {
    if (this.current) this.all = this.all.filter((one) => one !== this.current);
    this.current = null;
    this.of = null;
  }
}
