// Going to a place: a point of the patient in every pane, a finding on the slice that shows most of it.

import { dot, indexAt, minus, normal, world } from "./viewer-geometry.js";
import { best } from "./viewer-link.js";
import { show } from "./viewer-overlays.js";

const PLANES = ["axial", "coronal", "sagittal"];

/** Show three planes of a volume, on a drawing that is visible, else through its middle. */
export function threePlanes(desk, series) {
  const window = desk.panes.find((pane) => pane.series === series)?.window;
  desk.panes.forEach((pane, n) => pane.show(series, { plane: PLANES[n], window }));
  desk.crosses.set(series, sizes(series).map((size) => Math.floor(size / 2)));
  const drawn = [desk.chosen, ...series.study.overlays].find((one) => one?.kind === "mask" && one.visible && one.isOf(series));
  return drawn && desk.aiVisible ? centre(desk, series, drawn) : null;
}

const sizes = (series) => [series.count, series.rows, series.columns];

/** Put the cross on a point of a pane: the other planes of the volume, or panes in the same frame of reference, go there. */
export function cross(desk, pane, { x, y }) {
  const { series } = pane;
  if (!series.affine) return;
  const size = sizes(series);
  const point = indexAt(pane.plane, pane.number, Math.round(x), Math.round(y)).map((at, axis) => Math.max(0, Math.min(size[axis] - 1, at)));
  const others = desk.panes.filter((other) => other !== pane && other.series);
  if (desk.arrangement === "mpr") {
    desk.crosses.set(series, point);
    for (const other of others) other.go(point[other.plane.through], { quiet: true });
  } else for (const other of others) goTo(other, series, world(series.affine, point));
  for (const one of desk.panes) one.touch();
}

/** The picture of a pane nearest to a point of the patient, where both lie in one frame of reference. */
export function goTo(pane, series, place) {
  if (!pane.series.affine || pane.series.frame_of_reference !== series.frame_of_reference) return;
  const through = normal(pane.series, pane.plane, pane.number);
  const far = (number) => Math.abs(dot(minus(world(pane.series.affine, indexAt(pane.plane, number, 0, 0)), place), through));
  pane.go(best(pane.plane.count, far), { quiet: true });
}

/** Go to where a finding shows most. */
export async function showFinding(desk, { reader, finding }) {
  const found = desk.study.overlays.filter((one) => one.reader === reader && one.finding === finding && one.series);
  if (!found.length) return;
  const main = found.find((one) => one.kind === "mask") || found[0];
  for (const one of found) show(desk.study.overlays, one, true);
  desk.chosen = main;
  const there = desk.panes.find((pane) => pane.series?.key === main.series && pane.series.study === desk.study);
  if (!there) await desk.show(desk.study, main.series, desk.active, { number: main.slice });
  else if (desk.arrangement === "mpr") await centre(desk, there.series, main);
  else {
    desk.activate(there);
    if (main.kind === "mask") there.go(main.slice);
  }
  desk.showAi(true);
}

/** In three planes, put the cross in the middle of a region. */
async function centre(desk, series, overlay) {
  await overlay.fetch(series);
  if (!overlay.pixels || desk.arrangement !== "mpr") return;
  const point = overlay.pixels.box.map(([first, end]) => Math.floor((first + end - 1) / 2));
  point[0] = overlay.slice;
  desk.crosses.set(series, point);
  for (const one of desk.panes) if (one.series === series) one.go(point[one.plane.through], { quiet: true });
  for (const one of desk.panes) one.touch();
}
