// Where pixels lie: planes of a volume, letters of the patient's sides, and the way from a pixel to the screen.
// World is LPS millimetres, an index is (k, j, i) = slice, row, column, as everywhere in this program.

const LETTERS = [["L", "R"], ["P", "A"], ["H", "F"]]; // towards +x, -x; +y, -y; +z, -z. DICOM PS3.3 C.7.6.1.1.1
const OPPOSITE = { L: "R", R: "L", A: "P", P: "A", H: "F", F: "H" };
const FAINT = 0.2; // a direction this small a part of a unit vector gets no letter
// Which way is right and down on the screen for each plane: seen from the feet, the front and the left.
const CONVENTION = {
  axial: { through: 2, right: [1, 0, 0], down: [0, 1, 0] },
  coronal: { through: 1, right: [1, 0, 0], down: [0, 0, -1] },
  sagittal: { through: 0, right: [0, 1, 0], down: [0, 0, -1] },
};

export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
export const length = (a) => Math.sqrt(dot(a, a));
export const unit = (a) => a.map((part) => part / length(a));

/** LPS mm of an index (k, j, i). */
export function world(affine, index) {
  return [0, 1, 2].map((row) => affine[row][0] * index[0] + affine[row][1] * index[1] + affine[row][2] * index[2] + affine[row][3]);
}

/** The step in mm along one axis of the index. */
export const axisOf = (affine, axis) => [affine[0][axis], affine[1][axis], affine[2][axis]];

/** Which axis of the index goes through axial, coronal and sagittal planes: each once, the best fit of all six. */
export function throughAxes(affine) {
  const directions = [0, 1, 2].map((axis) => unit(axisOf(affine, axis)));
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
  const fit = ([a, c, s]) => Math.abs(directions[a][2]) + Math.abs(directions[c][1]) + Math.abs(directions[s][0]);
  const [axial, coronal, sagittal] = orders.reduce((best, order) => (fit(order) > fit(best) + 1e-9 ? order : best));
  return { axial, coronal, sagittal };
}

/**
 * A plane of a series: which axis of the index goes through it, which lie across and down the screen, and their size.
 * The native plane is shown as it was stored; the others as convention has it.
 */
export function planeOf(series, name) {
  const spacing = spacingOf(series);
  if (!series.affine || name === "native") {
    const size = series.spacing_mm;
    return {
      name: "native", through: 0, across: 2, down: 1, flipX: false, flipY: false,
      width: series.columns, height: series.rows, count: series.count, dx: size ? size[1] : 1, dy: size ? size[0] : 1,
    };
  }
  const axes = [series.count, series.rows, series.columns];
  const { right, down } = CONVENTION[name];
  const through = throughAxes(series.affine)[name];
  const others = [0, 1, 2].filter((axis) => axis !== through);
  const along = (axis, wanted) => dot(unit(axisOf(series.affine, axis)), wanted);
  const across = Math.abs(along(others[0], right)) + Math.abs(along(others[1], down))
    > Math.abs(along(others[1], right)) + Math.abs(along(others[0], down)) ? others[0] : others[1];
  const below = others.find((axis) => axis !== across);
  return {
    name, through, across, down: below, flipX: along(across, right) < 0, flipY: along(below, down) < 0,
    width: axes[across], height: axes[below], count: axes[through], dx: spacing[across], dy: spacing[below],
  };
}

/** Steps in mm along (k, j, i) of a volume. */
function spacingOf(series) {
  return series.affine ? [0, 1, 2].map((axis) => length(axisOf(series.affine, axis))) : [1, 1, 1];
}

/** Index (k, j, i) of the pixel (x, y) of a plane at a number along it; fractions are kept. */
export function indexAt(plane, number, x, y) {
  const index = [0, 0, 0];
  index[plane.through] = number;
  index[plane.across] = plane.flipX ? plane.width - 1 - x : x;
  index[plane.down] = plane.flipY ? plane.height - 1 - y : y;
  return index;
}

/** The pixel (x, y) of a plane that shows an index, and its number along the plane. */
export function pixelOf(plane, index) {
  const x = index[plane.across], y = index[plane.down];
  return {
    x: plane.flipX ? plane.width - 1 - x : x, y: plane.flipY ? plane.height - 1 - y : y, number: index[plane.through],
  };
}

/** Unit vectors in the patient towards the right of a plane's picture and down it, or null where that is not known. */
export function directions(series, plane, number) {
  if (series.affine) {
    const across = unit(axisOf(series.affine, plane.across)), down = unit(axisOf(series.affine, plane.down));
    return { right: across.map((part) => (plane.flipX ? -part : part)), down: down.map((part) => (plane.flipY ? -part : part)) };
  }
  const place = (series.places && series.places[number]) || series.place;
  return place ? { right: place.cosines.slice(0, 3), down: place.cosines.slice(3) } : null;
}

/** The letters of a direction in the patient, the strongest first: [0.9, 0.4, 0] is "LP". */
export function letters(direction) {
  return [0, 1, 2]
    .filter((axis) => Math.abs(direction[axis]) > FAINT)
    .sort((a, b) => Math.abs(direction[b]) - Math.abs(direction[a]))
    .map((axis) => LETTERS[axis][direction[axis] > 0 ? 0 : 1])
    .join("");
}

/** The letters of the other side. */
export const opposite = (word) => [...word].map((letter) => OPPOSITE[letter] || "").join("");

/** What stands at the four edges of the screen, for a plane and the way it is turned: {right, left, top, bottom}. */
export function edges(series, plane, number, turn) {
  const found = directions(series, plane, number);
  let right = "", down = "";
  if (found) {
    [right, down] = [letters(found.right), letters(found.down)];
  } else if (series.orientation.length === 2) {
    [right, down] = series.orientation;
  }
  if (!right && !down) return null;
  const picture = { "1,0": right, "-1,0": opposite(right), "0,1": down, "0,-1": opposite(down) };
  const seen = (x, y) => picture[`${Math.round(turn.a * x + turn.b * y) || 0},${Math.round(turn.c * x + turn.d * y) || 0}`];
  return { right: seen(1, 0), left: seen(-1, 0), bottom: seen(0, 1), top: seen(0, -1) };
}

/** LPS mm of the middle of a picture, or null where that is not known. */
export function middle(series, plane, number) {
  if (series.affine) return world(series.affine, indexAt(plane, number, (plane.width - 1) / 2, (plane.height - 1) / 2));
  const place = (series.places && series.places[number]) || series.place;
  return place ? place.position : null;
}

/** The direction through a plane, a unit vector, or null where that is not known. */
export function normal(series, plane, number) {
  if (series.affine && plane.name !== "native") return unit(axisOf(series.affine, plane.through));
  const found = directions(series, plane, number);
  return found ? unit(cross(found.right, found.down)) : null;
}

/**
 * How a view shows its picture: mirrored, then turned clockwise by quarters. A direction (X, Y) on the screen is the
 * direction (a X + b Y, c X + d Y) of the picture, and a direction (x, y) of the picture is (a x + c y, b x + d y).
 */
export function turning(view) {
  const [cos, sin] = [[1, 0], [0, 1], [-1, 0], [0, -1]][((view.quarter % 4) + 4) % 4];
  const mirror = view.mirrored ? -1 : 1;
  return { a: cos * mirror, b: sin * mirror, c: -sin, d: cos };
}

/** Picture to canvas, as the six numbers of a canvas transform; (0, 0) is the middle of the first pixel. */
export function toCanvas(view, plane, width, height) {
  const turn = turning(view);
  const least = Math.min(plane.dx, plane.dy);
  const sx = (view.zoom * plane.dx) / least, sy = (view.zoom * plane.dy) / least;
  const a = turn.a * sx, b = turn.b * sx, c = turn.c * sy, d = turn.d * sy;
  const x = (plane.width - 1) / 2, y = (plane.height - 1) / 2;
  // Whole device pixels for the corner of the picture, so that at whole zooms a pixel is a square of equal ones.
  const corner = (value) => Math.round(value);
  const e = width / 2 + view.panX - a * x - c * y, f = height / 2 + view.panY - b * x - d * y;
  const at = { x: e - (a + c) / 2, y: f - (b + d) / 2 };
  return [a, b, c, d, e + corner(at.x) - at.x, f + corner(at.y) - at.y];
}

/** The point of the picture under a point of the canvas. */
export function fromCanvas([a, b, c, d, e, f], X, Y) {
  const determinant = a * d - b * c;
  return { x: (d * (X - e) - c * (Y - f)) / determinant, y: (-b * (X - e) + a * (Y - f)) / determinant };
}

/** The point of the canvas over a point of the picture. */
export const onCanvas = ([a, b, c, d, e, f], x, y) => ({ x: a * x + c * y + e, y: b * x + d * y + f });

/** The zoom at which the whole picture fits the canvas. */
export function fitZoom(view, plane, width, height) {
  const least = Math.min(plane.dx, plane.dy);
  let across = (plane.width * plane.dx) / least, down = (plane.height * plane.dy) / least;
  if (view.quarter % 2) [across, down] = [down, across];
  return Math.max(0.01, Math.min(width / across, height / down));
}
