// Panes that scroll together: by the place in the patient, not by the number of the picture.

import { dot, indexAt, normal, world } from "./viewer-geometry.js";

const PARALLEL = 0.9; // cosine between planes that can follow each other

/** The number whose distance is least. */
export function best(count, distance) {
  let found = 0;
  for (let number = 1; number < count; number += 1) if (distance(number) < distance(found)) found = number;
  return found;
}

/** Where a picture of a pane lies along a direction, in mm, or null where that is not known. */
function along(pane, number, direction) {
  const { series, plane } = pane;
  if (series.affine) return dot(world(series.affine, indexAt(plane, number, (plane.width - 1) / 2, (plane.height - 1) / 2)), direction);
  const place = series.places[number];
  return place ? dot(place.position, direction) : null;
}

/**
 * Remember how the panes stand to each other. In one frame of reference a place is a place; otherwise what is seen now
 * side by side is taken to be the same place, and `align` first goes to the same height where both reach it.
 */
export function link(desk, { align = false } = {}) {
  const [first] = [desk.active];
  for (const pane of desk.panes) {
    pane.offset = 0;
    if (!first?.series || !pane.series || pane === first || !pane.series.count || !first.series.count) continue;
    const direction = normal(first.series, first.plane, first.number);
    const here = direction && along(first, first.number, direction);
    if (here === null || !canFollow(first, pane, direction)) continue;
    const same = pane.series.frame_of_reference && pane.series.frame_of_reference === first.series.frame_of_reference;
    if (align || same) {
      const ends = [0, pane.plane.count - 1].map((number) => along(pane, number, direction)).sort((a, b) => a - b);
      if (same || (here >= ends[0] && here <= ends[1])) pane.go(best(pane.plane.count, (number) => Math.abs(along(pane, number, direction) - here)), { quiet: true });
    }
    pane.offset = same || align ? 0 : along(pane, pane.number, direction) - here;
    if (align && !same && (here < along(pane, 0, direction) && here < along(pane, pane.plane.count - 1, direction))) pane.offset = along(pane, pane.number, direction) - here;
  }
}

function canFollow(leader, pane, direction) {
  const own = normal(pane.series, pane.plane, pane.number);
  return Boolean(direction && own && Math.abs(dot(own, direction)) >= PARALLEL && along(pane, pane.number, direction) !== null);
}

/** Bring the other panes to where the leader is. Without places in the patient they go as many pictures on. */
export function follow(desk, leader) {
  const direction = normal(leader.series, leader.plane, leader.number);
  const here = direction ? along(leader, leader.number, direction) : null;
  for (const pane of desk.panes) {
    if (pane === leader || !pane.series?.count || (pane.series === leader.series && pane.plane.name !== leader.plane.name)) continue;
    if (here !== null && canFollow(leader, pane, direction)) {
      const wanted = here + (pane.offset || 0) - (leader.offset || 0);
      pane.go(best(pane.plane.count, (number) => Math.abs(along(pane, number, direction) - wanted)), { quiet: true });
    } else if (!pane.series.affine && !leader.series.affine && pane.plane.count > 1) {
      pane.go(Math.round((leader.number / Math.max(1, leader.plane.count - 1)) * (pane.plane.count - 1)), { quiet: true });
    }
  }
}
