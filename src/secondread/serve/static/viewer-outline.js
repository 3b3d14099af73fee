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
      const [sopInstanceUid, frame] = pane.series.images[pane.number];
      this.current = { ...this.of, sopInstanceUid, frame, series: pane.series, number: pane.number, points: [], closed: false };
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
    const { reader, finding, sopInstanceUid, frame, number, points } = outline;
    // One outline of a finding on one image: a new one takes the place of the one before.
    this.all = this.all.filter((one) => one === outline || !this.isSame(one, outline));
    this.desk.announce("outline", { reader, finding, seriesUid: outline.series.series_uid, sopInstanceUid, frame, index: number, points });
    this.current = null;
    this.of = null;
    this.desk.take("window");
  }

  isSame(one, other) {
    const here = one.sopInstanceUid ? one.sopInstanceUid === other.sopInstanceUid && one.frame === other.frame : one.series === other.series && one.number === other.number;
    return here && one.reader === other.reader && one.finding === other.finding;
  }

  /** Those that the panel keeps of a finding, instead of what is shown of it now: none takes them away. */
  replace({ reader, finding, outlines }) {
    const kept = this.all.filter((one) => one === this.current || one.reader !== reader || one.finding !== finding);
    this.all = [...kept, ...outlines.map((one) => ({ ...one, reader, finding, closed: true }))];
    this.desk.changed();
  }

  /** Those on the image that a pane shows. */
  on(pane) {
    if (pane.plane.name !== "native" || pane.series.study !== this.desk.study) return [];
    const [uid, frame] = pane.series.images[pane.number] || ["", 0];
    return this.all.filter((one) => (uid ? one.sopInstanceUid === uid && one.frame === frame : one.series === pane.series && one.number === pane.number));
  }

  cancel() {
    if (this.current) this.all = this.all.filter((one) => one !== this.current);
    this.current = null;
    this.of = null;
  }
}
