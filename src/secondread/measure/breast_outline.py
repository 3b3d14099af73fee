"""The outline of the breast on a mammogram, its nipple, and the edge of the pectoral muscle.

All is measured on a coarse grid of about 0.8 mm, turned so that the chest wall is at column 0 and the head, or the
outer side of a cranio-caudal view, at row 0. Of the muscle first the straight line with the strongest fall of grey from
the chest wall to the breast is sought, then each row moves it by at most ``BEND_MM`` to where the fall is strongest.

Sources: Karssemeijer N, Phys Med Biol 1998;43:365-378 (the muscle's edge as a straight line); the nipple line: Eklund
GW, Cardenosa G, Radiol Clin North Am 1992;30:21-53.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.image import Image
from secondread.prepare.resize import resize

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Kind = TypeVar("Kind", bound=np.generic)

COARSE_MM, ROWS_WITHOUT_MM = 0.8, 300
# The breast fills at least this share of the picture and leaves at least that share of it dark.
SMALLEST, LARGEST = 0.06, 0.92
DARKEST_AIR, CONVEX = 0.15, 0.88  # grey of air at most; share of its convex hull that a breast fills at least
SMOOTH, BEND_MM = 2.0, 6.0
# The nipple is sought where the breast is nearly as deep as anywhere; its bulge is told from the breast's own curve.
FRONT_SHARE, BROAD_MM, BULGE_MM = 0.85, 9.0, 1.0
# Mean fall of grey along the muscle's edge, as a share of the breast's spread of grey, below which none is drawn.
WEAKEST_EDGE = 0.16
# The muscle's edge leaves the top of the picture and meets the chest wall at these shares of the breast's size.
TOP_SHARES, WALL_SHARES = (0.12, 0.85), (0.20, 1.0)


@dataclass(frozen=True, slots=True)
class Turn:
    """How a picture is turned so that the chest wall is on its left and its stated top at the top.

    Attributes:
        rows: Whether rows are turned round.
        columns: Whether columns are.
    """

    rows: bool
    columns: bool

    def __call__(self, values: NDArray[Kind]) -> NDArray[Kind]:
        """[j, i], turned; turning twice gives the same again."""
        return values[:: -1 if self.rows else 1, :: -1 if self.columns else 1]


@dataclass(frozen=True, slots=True, eq=False)
class Breast:
    """A breast on the coarse grid [j, i], turned.

    Attributes:
        grey: float32 [j, i], [0, 1].
        inside: Breast and muscle, without the air.
        muscle: The pectoral muscle; nowhere True where none was found.
        nipple: (row, column) where the outline bulges at the front, else its place farthest from the chest wall.
        bulges: Whether there is such a bulge, as a nipple in profile makes.
        edge: Ends of the straight line along the muscle, (row, column) at the top and at the chest wall, or None.
        step_mm: (row, column) size of a pixel, or None.
        turn: From the picture to here.
    """

    grey: Floats
    inside: Bools
    muscle: Bools
    nipple: tuple[float, float]
    bulges: bool
    edge: tuple[tuple[float, float], tuple[float, float]] | None
    step_mm: tuple[float, float] | None
    turn: Turn

    @property
    def tissue(self) -> Bools:
        """The breast without the muscle."""
        return self.inside & ~self.muscle

    def depth_mm(self) -> Floats:
        """Distance to the air in mm (in pixels without spacing); the sides of the picture are no air."""
        padded = np.pad(self.inside, 1, mode="edge")
        depth = scipy.ndimage.distance_transform_edt(padded, sampling=self.step_mm or (1.0, 1.0))
        return np.asarray(depth[1:-1, 1:-1], np.float32)

    def nipple_line_mm(self) -> float | None:
        """Length of the posterior nipple line: to the muscle's edge at right angles, else straight to the chest wall.

        None without spacing.
        """
        if self.step_mm is None:
            return None
        row, column = (n * s for n, s in zip(self.nipple, self.step_mm, strict=True))
        if self.edge is None:
            return column
        return _distance_mm((row, column), self.edge, self.step_mm)

    def muscle_reaches_mm(self) -> float | None:
        """How far, along the chest wall, the muscle ends below (+) or above (-) the nipple line; None if unknown."""
        if self.step_mm is None or self.edge is None:
            return None
        rows = np.flatnonzero(self.muscle.any(axis=1))
        if not rows.size:
            return None
        along, foot = _foot((self.nipple[0], self.nipple[1]), self.edge, self.step_mm)
        end = np.array([rows[-1] * self.step_mm[0], 0.0])
        return float((end - foot) @ along)


def breast(image: Image, turn: Turn, *, muscle: bool) -> Breast | None:
    """The breast of a mammogram, or None where the picture does not show one.

    Args:
        image: For presentation, bright = dense.
        turn: Puts the chest wall on the left.
        muscle: Whether the pectoral muscle is sought (in a medio-lateral oblique view).
    """
    grey, step_mm = coarse(image)
    grey = turn(grey)
    inside = outline(grey)
    if inside is None:
        return None
    pixel = 1.0 if step_mm is None else COARSE_MM / step_mm[0]
    found = _edge(grey, inside, pixel) if muscle else None
    region = np.zeros_like(inside) if found is None else _bent(grey, inside, found, pixel)
    nipple, bulges = _nipple(inside, pixel)
    return Breast(np.ascontiguousarray(grey), inside, region, nipple, bulges, found, step_mm, turn)


def coarse(image: Image) -> tuple[Floats, tuple[float, float] | None]:
    """The picture on the coarse grid, and the size of its pixels in mm."""
    rows, columns = image.shape
    if image.spacing_mm is None:
        shape = (ROWS_WITHOUT_MM, max(1, round(columns * ROWS_WITHOUT_MM / rows)))
        return resize(image.values, shape), None
    shape = (
        max(1, round(rows * image.spacing_mm[0] / COARSE_MM)),
        max(1, round(columns * image.spacing_mm[1] / COARSE_MM)),
    )
    step = (image.spacing_mm[0] * rows / shape[0], image.spacing_mm[1] * columns / shape[1])
    return resize(image.values, shape), step


def outline(grey: Floats) -> Bools | None:
    """What is breast: the largest bright region that touches the chest wall, without holes; None if it is no breast.

    The threshold is Otsu's between air and tissue on the cube root of grey, which parts the dark air from thin tissue.
    """
    smooth = scipy.ndimage.gaussian_filter(grey, 1.0)
    level = otsu(np.cbrt(smooth).ravel(), least=0.2)
    regions, count = scipy.ndimage.label(np.cbrt(smooth) > level)
    if not count:
        return None
    sizes = np.bincount(regions.ravel())
    sizes[0] = 0
    inside = regions == sizes.argmax()
    inside = scipy.ndimage.binary_opening(np.pad(inside, 4, mode="edge"), iterations=3)[4:-4, 4:-4]
    held = np.pad(inside, ((1, 1), (1, 1)))
    held[:, 0] = True  # the chest wall closes the breast, so that holes at the edge are filled
    inside = scipy.ndimage.binary_fill_holes(held)[1:-1, 1:-1]
    return inside if _is_breast(inside, smooth) else None


def _is_breast(inside: Bools, smooth: Floats) -> bool:
    """One side against the chest wall, black air on the other, a fitting size, and no deep notches."""
    share = float(inside.mean())
    if not SMALLEST <= share <= LARGEST:
        return False
    wall, far = inside[:, :2].any(axis=1).mean(), inside[:, -2:].any(axis=1).mean()
    widths = inside.sum(axis=1)
    if wall < 0.3 or far > 0.25 or widths.max() < 0.2 * inside.shape[1]:
        return False
    air = ~scipy.ndimage.binary_dilation(inside, iterations=3)
    if not air.any() or np.percentile(smooth[air], 75) > DARKEST_AIR:
        return False
    edge = np.argwhere(inside & ~scipy.ndimage.binary_erosion(inside))
    return bool(inside.sum() >= CONVEX * scipy.spatial.ConvexHull(edge).volume)  # in a plane Qhull's volume is the area


def chest_wall_left(image: Image) -> bool | None:
    """Whether the breast lies against the left side of the picture; None where that cannot be told."""
    grey, _ = coarse(image)
    bright = np.cbrt(scipy.ndimage.gaussian_filter(grey, 1.0))
    inside = bright > otsu(bright.ravel(), least=0.2)
    width = max(1, inside.shape[1] // 10)
    left, right = float(inside[:, :width].mean()), float(inside[:, -width:].mean())
    return None if abs(left - right) < 0.15 else left > right


def otsu(values: Floats, least: float = 0.0) -> float:
    """The threshold that parts values best into two groups, at least ``least``.

    Source: Otsu N, IEEE Trans Syst Man Cybern 1979;9:62-66.
    """
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return low
    counts, edges = np.histogram(values, 256, (low, high))
    centres = (edges[:-1] + edges[1:]) / 2.0
    below = np.cumsum(counts)
    above = below[-1] - below
    total = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (total / below - (total[-1] - total) / above) ** 2 * below * above
    return max(least, float(centres[int(np.nanargmax(apart[:-1]))]))


def _edge(grey: Floats, inside: Bools, pixel: float) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The straight line along which grey falls most from the chest wall's upper corner to the breast."""
    rows = np.flatnonzero(inside.any(axis=1))
    columns = np.flatnonzero(inside.any(axis=0))
    first, height, width = rows[0], rows[-1] - rows[0], columns[-1]
    smooth = scipy.ndimage.gaussian_filter(grey, SMOOTH * pixel)
    down, across = np.gradient(smooth)
    spread = float(np.subtract(*np.percentile(grey[inside], (95, 5))))
    share = np.linspace(0.04, 0.96, 80)
    best: tuple[float, float, float] = (0.0, 0.0, 0.0)
    for top in np.linspace(*TOP_SHARES, 38) * width:
        for wall in first + np.linspace(*WALL_SHARES, 41) * height:
            line_rows, line_columns = share * wall, top * (1.0 - share)
            length = float(np.hypot(wall, top))
            normal = wall / length, top / length  # of (column, row): away from the muscle
            at = (line_rows.astype(np.intp), line_columns.astype(np.intp))
            fall = -(across[at] * normal[0] + down[at] * normal[1]) * inside[at]
            score = float(np.clip(fall, -0.5 * spread, 0.03 * spread / pixel).mean()) * (length / height) ** 0.35
            best = max(best, (score, float(top), float(wall)))
    score, top, wall = best
    if wall == 0.0 or _step(smooth, inside, top, wall, pixel) < WEAKEST_EDGE * spread:
        return None
    return (0.0, top), (wall, 0.0)


def _step(smooth: Floats, inside: Bools, top: float, wall: float, pixel: float) -> float:
    """Median difference of grey from 5 mm on the muscle's side of a line to 5 mm beyond it."""
    share = np.linspace(0.05, 0.85, 60)
    length = np.hypot(wall, top)
    normal = np.array([top, wall]) / length * 6.0 * pixel  # (row, column)
    points = np.stack([share * wall, top * (1.0 - share)])
    here = np.clip(points - normal[:, None], 0, None)
    there = points + normal[:, None]
    values = [scipy.ndimage.map_coordinates(smooth, place, order=1, mode="nearest") for place in (here, there)]
    kept = scipy.ndimage.map_coordinates(inside.astype(np.float32), there, order=0, mode="constant") > 0.5
    return float(np.median((values[0] - values[1])[kept])) if kept.sum() >= 20 else 0.0


def _bent(grey: Floats, inside: Bools, edge: tuple[tuple[float, float], tuple[float, float]], pixel: float) -> Bools:
    """The muscle: in each row up to where grey falls most near the line; the moves are smoothed along the edge."""
    top, wall = edge[0][1], edge[1][0]
    smooth = scipy.ndimage.gaussian_filter(grey, 1.2 * pixel)
    fall = -np.gradient(smooth, axis=1)
    reach = round(BEND_MM / COARSE_MM * pixel)
    rows = np.arange(int(min(wall, grey.shape[0] - 1)) + 1)
    straight = top * (1.0 - rows / wall)
    moves = np.zeros(rows.size)
    for n, column in zip(rows, straight, strict=True):
        low, high = max(0, round(column) - reach), min(grey.shape[1] - 1, round(column) + reach)
        near = fall[n, low : high + 1]
        if near.size and near.max() > 0:
            moves[n] = low + int(near.argmax()) - column
    moves = scipy.ndimage.gaussian_filter1d(scipy.ndimage.median_filter(moves, 9, mode="nearest"), 4.0, mode="nearest")
    muscle = np.zeros_like(inside)
    limits = np.clip(straight + moves, 0.0, None)
    muscle[rows] = np.arange(grey.shape[1])[None, :] < limits[:, None]
    return np.asarray(muscle & inside)


def _nipple(inside: Bools, pixel: float) -> tuple[tuple[float, float], bool]:
    """Where the outline bulges most at the front of the breast; without a bulge its place farthest from the wall."""
    width = np.where(inside.any(axis=1), inside.shape[1] - inside[:, ::-1].argmax(axis=1), 0).astype(np.float64)
    rows = np.flatnonzero(width >= FRONT_SHARE * width.max())
    bulge = width - scipy.ndimage.gaussian_filter1d(width, BROAD_MM / COARSE_MM * pixel, mode="nearest")
    bulge = scipy.ndimage.gaussian_filter1d(bulge, 1.5 * pixel)
    best = int(rows[int(bulge[rows].argmax())])
    if bulge[best] * COARSE_MM / pixel >= BULGE_MM:
        return (float(best), float(width[best] - 1.0)), True
    row = float(np.median(rows[width[rows] >= width.max() - 0.5]))
    return (row, float(width.max() - 1.0)), False


def _foot(
    point: tuple[float, float], edge: tuple[tuple[float, float], tuple[float, float]], step: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Direction of the edge towards the chest wall, and where the line at right angles from a point meets it, in mm."""
    start, end = np.array(edge[0]) * step, np.array(edge[1]) * step
    along = (end - start) / np.linalg.norm(end - start)
    return along, start + ((np.array(point) * step - start) @ along) * along


def _distance_mm(
    place_mm: tuple[float, float], edge: tuple[tuple[float, float], tuple[float, float]], step: tuple[float, float]
) -> float:
    point = (place_mm[0] / step[0], place_mm[1] / step[1])
    along, foot = _foot(point, edge, step)
    if foot[1] < 0.0:  # the line leaves the picture before it meets the muscle: up to its side
        normal = np.array([along[1], -along[0]])
        return float(place_mm[1] / abs(normal[1]))
    return float(np.linalg.norm(np.array(place_mm) - foot))
