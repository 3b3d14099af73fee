// Another study of the patient beside the one in hand.

import { Study, json } from "./viewer-data.js";
import { link } from "./viewer-link.js";
import { load } from "./viewer-overlays.js";

/** Show another study in the second pane, linked; an empty UID takes it away. */
export async function compare(desk, uid) {
  desk.beside = uid; // who has chosen another meanwhile wants that one
  if (!uid) {
    desk.prior = null;
    if (desk.arrangement !== "1x1") desk.layout("1x1");
    desk.link(false);
    return;
  }
  const told = await json(`/view/${encodeURIComponent(uid)}?beside=${encodeURIComponent(desk.study.study_uid)}`);
  const prior = new Study(told, desk.loader);
  if (told.sees_ai) prior.overlays = await load(prior, null).catch(() => []);
  if (desk.beside !== uid) return;
  desk.prior = prior;
  const shown = desk.active.series;
  desk.layout("1x2");
  if (shown && desk.panes[0].series !== shown) desk.panes[0].show(shown);
  const entry = likest(desk.prior.entries, shown);
  if (entry) await desk.show(desk.prior, entry.key, desk.panes[1], { window: sameWindow(desk, shown) });
  if (desk.beside !== uid) return;
  desk.linked = true;
  desk.activate(desk.panes[0]);
  link(desk, { align: true });
  desk.framed(desk.panes[0]);
  desk.changed();
}

/** The series most like the one that is shown: modality, then description, then view and side. */
function likest(entries, shown) {
  const score = (one) => [
    one.modality === shown?.modality, one.description === shown?.entry.description,
    one.view === shown?.entry.view && one.laterality === shown?.entry.laterality, !one.localizer, one.count > 1 === shown?.count > 1,
  ].reduce((sum, fits, n) => sum + (fits ? [16, 8, 4, 2, 1][n] : 0), 0);
  return [...entries].sort((a, b) => score(b) - score(a))[0];
}

/** HU mean the same in both studies, so the window is the same; grey does not. */
function sameWindow(desk, shown) {
  return shown?.unit === "HU" ? desk.panes[0].window : null;
}
