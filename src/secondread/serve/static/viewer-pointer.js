// What the mouse does on a pane, by the tool in hand: left the tool, middle moves, right zooms, the wheel scrolls.

import { POINTS } from "./viewer-measure.js";
import { dragged } from "./viewer-window.js";

const WHEEL_PX = 40; // of a fine wheel or touch pad that make one slice
const ZOOM_PER_PX = 1.006;

export function listen(pane) {
  const { element } = pane;
  let drag = null, wheel = 0;
  const here = (event) => {
    const box = element.getBoundingClientRect();
    return { X: (event.clientX - box.left) * pane.ratio, Y: (event.clientY - box.top) * pane.ratio };
  };
  element.addEventListener("contextmenu", (event) => event.preventDefault());
  element.addEventListener("focus", () => pane.desk.activate(pane));
  element.addEventListener("pointerdown", (event) => {
    if (event.target === pane.slider) return;
    pane.desk.activate(pane);
    element.focus({ preventScroll: true });
    if (!pane.series?.count) return;
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    const { X, Y } = here(event);
    const tool = event.button === 1 || event.shiftKey ? "pan" : event.button === 2 ? "zoom" : pane.desk.tool;
    drag = { tool, X, Y, startX: X, startY: Y };
    started(pane, drag, pane.at(X, Y));
  });
  element.addEventListener("pointermove", (event) => {
    if (!pane.series?.count) return;
    const { X, Y } = here(event);
    pane.pointer = pane.at(X, Y);
    if (drag) {
      moved(pane, drag, X - drag.X, Y - drag.Y, pane.pointer);
      Object.assign(drag, { X, Y });
    }
    pane.touch();
  });
  element.addEventListener("pointerup", () => { if (drag) ended(pane, drag); drag = null; });
  element.addEventListener("pointercancel", () => { drag = null; });
  element.addEventListener("pointerleave", () => { pane.pointer = null; pane.touch(); });
  element.addEventListener("dblclick", () => pane.desk.doubled(pane));
  element.addEventListener("wheel", (event) => {
    if (!pane.series?.count) return;
    event.preventDefault();
    pane.desk.activate(pane);
    const { X, Y } = here(event);
    if (event.ctrlKey) {
      pane.zoom(ZOOM_PER_PX ** -event.deltaY, X, Y);
      pane.desk.framed(pane);
      return;
    }
    const pixels = event.deltaMode === 0 ? event.deltaY : event.deltaY * 3 * WHEEL_PX;
    wheel = Math.sign(pixels) === Math.sign(wheel) ? wheel + pixels : pixels;
    const steps = Math.abs(pixels) >= 100 ? Math.sign(pixels) : Math.trunc(wheel / WHEEL_PX);
    if (steps) { pane.go(pane.number + steps); wheel = 0; }
  }, { passive: false });
}

function started(pane, drag, point) {
  const { desk } = pane;
  if (drag.tool in POINTS) drag.measure = desk.measures.start(pane, drag.tool, point);
  else if (drag.tool === "crosshair") desk.cross(pane, point);
  else if (drag.tool === "outline") desk.outlinePoint(pane, point);
}

function moved(pane, drag, dx, dy, point) {
  const { desk } = pane;
  if (drag.tool === "window" && pane.series.unit !== "rgb") {
    const range = Math.max(1e-6, (pane.series.windows[0] || pane.window).width);
    desk.look(pane, dragged(pane.window, dx, dy, range / 512 / pane.ratio));
  } else if (drag.tool === "pan") {
    pane.view.panX += dx;
    pane.view.panY += dy;
    pane.view.fitted = false;
    desk.framed(pane);
  } else if (drag.tool === "zoom") {
    pane.zoom(ZOOM_PER_PX ** -dy, drag.startX, drag.startY);
    desk.framed(pane);
  } else if (drag.tool === "crosshair") desk.cross(pane, point);
  else if (drag.measure) drag.measure.points[drag.measure.points.length - 1] = point;
}

function ended(pane, drag) {
  if (drag.measure) pane.desk.measures.end(pane, drag.measure);
}
