"""The brain of a head MR: a balloon that grows from the middle of the head until it meets the dark rim of the brain.

Source: Smith, Fast robust automated brain extraction, Human Brain Mapping 17 (2002) 143-155: the thresholds, the three
forces and their constants. Our own: the head is looked at from its top downwards, so that face and neck do not pull the
middle down, and the balloon is made finer once, half way.

A brain that touches the edge of the volume, or a slice that is missing, is not mended.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.errors import GeometryError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Steps = tuple[float, float, float]

DARK, BRIGHT = 2.0, 98.0  # percentiles that count as darkest and brightest
TISSUE = 0.1  # share of the way from the darkest to the brightest above which it is head, not air
RIM = 0.5  # share of the local brightness below which the balloon is pushed back
SMOOTHEST_MM, SHARPEST_MM = 10.0, 3.33  # radii of curvature that are smoothed fully and hardly
DEEP_MM, NEAR_MM = 20.0, 10.0  # how far inwards the darkest and the brightest are looked for
HEAD_MM = 150.0  # of the head, from its top, is looked at: the height of a large brain
ROUNDS = (250, 250)  # coarse, fine
LEAST_ML, MOST_ML = 500.0, 2200.0  # a brain of a child to that of a large man, with its fluid


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Grey levels of a head, in its own unit.

    Attributes:
        dark: Darkest.
        head: From here on it is head.
        bright: Brightest.
        usual: Median of the middle of the head.
    """

    dark: float
    head: float
    bright: float
    usual: float


def brain_inside(values: NDArray[np.float32], steps: Steps) -> Bools:
    """Where the brain is with the fluid in and around it, bool [k, j, i].

    Args:
        values: float32 [k, j, i], an MR turned to axial: k to the head, j to the back, i to the left. Any grey scale.
        steps: Distances of voxels along k, j and i in mm.

    Raises:
        GeometryError: If no brain of a possible size is found.
    """
    high = _top(values, steps)
    low = max(0, high - round(HEAD_MM / steps[0]))
    part = values[low : high + 1]
    levels, centre_mm, radius_mm = _start(part, steps)
    points = _grown(part, steps, levels, centre_mm, radius_mm)
    inside = np.zeros(values.shape, np.bool_)
    inside[low : high + 1] = _filled(points, part.shape, steps)
    inside = _tidy(inside, steps)
    volume_ml = float(inside.sum()) * float(np.prod(steps)) / 1000.0
    if not LEAST_ML <= volume_ml <= MOST_ML:
        raise GeometryError(
            f"brain: found {volume_ml:.0f} mL; needed {LEAST_ML:.0f} to {MOST_ML:.0f} mL. The series may not show a "
            "whole head, or its slices too few: send the whole series."
        )
    return inside


def _tidy(inside: Bools, steps: Steps) -> Bools:
    """Without strands thinner than 5 mm in a slice, parts of their own, and holes."""
    round_ = _disc(2.5, steps[1:])
    opened = np.stack([scipy.ndimage.binary_opening(one, round_) for one in inside])
    parts, count = scipy.ndimage.label(opened)
    if count > 1:
        opened = parts == 1 + int(np.bincount(parts.ravel())[1:].argmax())
    return np.stack([scipy.ndimage.binary_fill_holes(one) for one in opened])


def _disc(radius_mm: float, steps: tuple[float, ...]) -> Bools:
    j, i = (np.arange(-int(radius_mm / mm), int(radius_mm / mm) + 1) * mm for mm in steps)
    return np.asarray(j[:, None] ** 2 + i[None] ** 2 <= radius_mm**2)


def _top(values: NDArray[np.float32], steps: Steps) -> int:
    """The uppermost slice that shows at least 20 cm2 of head."""
    dark, bright = np.percentile(values, (DARK, BRIGHT))
    level = dark + TISSUE * (bright - dark)
    area = (values > level).sum(axis=(1, 2)) * steps[1] * steps[2]
    shown = np.flatnonzero(area >= 2000.0)
    if not shown.size:
        raise GeometryError("brain: found no head among the voxels; needed one of at least 20 cm2 in a slice.")
    return int(shown[-1])


def _start(part: NDArray[np.float32], steps: Steps) -> tuple[Levels, Floats, float]:
    """Levels, middle of the head in mm and the radius of a ball as large as the head."""
    dark, bright = (float(n) for n in np.percentile(part, (DARK, BRIGHT)))
    level = dark + TISSUE * (bright - dark)
    weight = np.clip(part, dark, bright) * (part > level)
    centre = np.array(scipy.ndimage.center_of_mass(weight)) * steps
    head_mm3 = float((part > level).sum()) * float(np.prod(steps))
    radius = (head_mm3 * 3.0 / (4.0 * np.pi)) ** (1.0 / 3.0)
    k, j, i = np.ogrid[tuple(slice(0, n) for n in part.shape)]
    away = (k * steps[0] - centre[0]) ** 2 + (j * steps[1] - centre[1]) ** 2 + (i * steps[2] - centre[2]) ** 2
    middle = part[(away < radius**2) & (part > level)]
    if middle.size < 1000:
        raise GeometryError("brain: found no head among the voxels; needed a volume that shows one.")
    return Levels(dark, level, bright, float(np.median(middle))), centre, radius


def _grown(part: NDArray[np.float32], steps: Steps, levels: Levels, centre: Floats, radius: float) -> Floats:
    """float64 [n, 3]: the balloon's corners in mm when it has come to rest."""
    points, _, _ = _ball(3)
    points = points * radius / 2.0 + centre
    for size, rounds in zip((3, 4), ROUNDS, strict=True):
        _, faces, neighbours = _ball(size)
        if len(points) < len(neighbours):
            points = _finer(points, size)
        for _ in range(rounds):
            points = points + _push(part, steps, levels, points, faces, neighbours)
    return points


def _push(
    part: NDArray[np.float32],
    steps: Steps,
    levels: Levels,
    points: Floats,
    faces: NDArray[np.intp],
    neighbours: NDArray[np.intp],
) -> Floats:
    """float64 [n, 3]: the three forces on each corner, in mm a round."""
    normal = _normals(points, faces)
    around = points[neighbours]
    side = float(np.linalg.norm(around - points[:, None], axis=2).mean())
    away = around.mean(1) - points
    out = (away * normal).sum(1)
    across = away - out[:, None] * normal
    bend = 2.0 * np.abs(out) / side**2
    middle = (1.0 / SHARPEST_MM + 1.0 / SMOOTHEST_MM) / 2.0
    slope = 6.0 / (1.0 / SHARPEST_MM - 1.0 / SMOOTHEST_MM)
    smooth = 0.5 * (1.0 + np.tanh(slope * (bend - middle)))
    grey = _inwards(part, steps, points, normal)
    darkest = np.maximum(levels.dark, np.minimum(levels.usual, grey.min(1)))
    near = grey[:, : int(NEAR_MM / 2.0) + 1]
    brightest = np.minimum(levels.usual, np.maximum(levels.head, near.max(1)))
    edge = (brightest - levels.dark) * RIM + levels.dark
    grow = 0.05 * side * 2.0 * (darkest - edge) / np.maximum(brightest - levels.dark, 1e-6)
    return np.asarray(0.5 * across + (smooth * out + grow)[:, None] * normal)


def _inwards(part: NDArray[np.float32], steps: Steps, points: Floats, normal: Floats) -> Floats:
    """Grey, float64 [n, depth], along the normal from each corner inwards, every 2 mm; dark outside of the volume."""
    depth = np.arange(0.0, DEEP_MM + 1.0, 2.0)
    places = (points[:, None] - depth[None, :, None] * normal[:, None]) / steps
    index = np.rint(places).astype(np.intp)
    limits = np.array(part.shape)
    fits = ((index >= 0) & (index < limits)).all(2)
    k, j, i = np.moveaxis(np.clip(index, 0, limits - 1), 2, 0)
    return np.where(fits, part[k, j, i], 0.0).astype(np.float64)


def _normals(points: Floats, faces: NDArray[np.intp]) -> Floats:
    """Unit normals of the corners, outwards."""
    a, b, c = points[faces[:, 0]], points[faces[:, 1]], points[faces[:, 2]]
    flat = np.cross(b - a, c - a)
    found = np.stack(
        [sum(np.bincount(faces[:, corner], flat[:, axis], len(points)) for corner in range(3)) for axis in range(3)],
        1,
    )
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12))


@cache
def _ball(size: int) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
    """Corners [n, 3] on the unit ball, faces [m, 3], and six neighbours of each corner [n, 6] (five: one twice)."""
    golden = (1.0 + 5.0**0.5) / 2.0
    corners = [(0.0, s, t * golden) for s in (-1.0, 1.0) for t in (-1.0, 1.0)]
    points = np.array([np.roll(corner, turn) for turn in range(3) for corner in corners])
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    near = np.isclose(apart, 2.0)
    faces = np.array(
        [
            (a, b, c)
            for a in range(12)
            for b in range(a + 1, 12)
            for c in range(b + 1, 12)
            if near[a, b] & near[b, c] & near[a, c]
        ]
    )
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    for _ in range(size):
        points, faces = _split(points, faces)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    faces = _outwards(points, faces)
    beside: list[set[int]] = [set() for _ in points]
    for a, b, c in faces.tolist():
        beside[a] |= {b, c}
        beside[b] |= {a, c}
        beside[c] |= {a, b}
    neighbours = np.array([(sorted(near) + sorted(near)[:1])[:6] for near in beside])
    return points, faces, neighbours


def _outwards(points: Floats, faces: NDArray[np.intp]) -> NDArray[np.intp]:
    """The faces, each with its corners in the order that makes its normal point outwards."""
    a, b, c = points[faces[:, 0]], points[faces[:, 1]], points[faces[:, 2]]
    inwards = (np.cross(b - a, c - a) * a).sum(1) < 0
    return np.where(inwards[:, None], faces[:, ::-1], faces)


def _split(points: Floats, faces: NDArray[np.intp]) -> tuple[Floats, NDArray[np.intp]]:
    """Each face cut into four; new corners follow the old ones."""
    edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    found, where = np.unique(edges, axis=0, return_inverse=True)
    middles = points[found].mean(1)
    ab, bc, ca = (where.reshape(-1, 3) + len(points)).T
    a, b, c = faces.T
    smaller = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
    return np.concatenate([points, middles]), np.concatenate([np.stack(three, 1) for three in smaller])


def _finer(points: Floats, size: int) -> Floats:
    """The corners of a balloon with those of the next finer one between them."""
    return _split(points, _ball(size - 1)[1])[0]


def _filled(points: Floats, shape: tuple[int, ...], steps: Steps) -> Bools:
    """What lies inside the balloon, slice by slice: bool [k, j, i]."""
    size = 4
    _, faces, _ = _ball(size)
    inside = np.zeros(shape, np.bool_)
    corners = points[faces]
    for k in range(shape[0]):
        inside[k] = _section(corners, k * steps[0], shape[1:], steps[1:])
    return inside


def _section(corners: Floats, level: float, shape: tuple[int, ...], steps: tuple[float, ...]) -> Bools:
    """Pixels whose centre is inside the outline that the faces [m, 3, 3] leave on a plane.

    A balloon that has folded over itself counts as inside in both folds: lines are counted with their direction.
    """
    above = corners[..., 0] > level
    cut = corners[above.any(1) & ~above.all(1)]
    if not len(cut):
        return np.zeros(shape, np.bool_)
    outwards = np.cross(cut[:, 1] - cut[:, 0], cut[:, 2] - cut[:, 0])[:, 2]
    ends = []
    for a, b in ((0, 1), (1, 2), (2, 0)):
        p, q = cut[:, a], cut[:, b]
        crosses = (p[:, 0] > level) != (q[:, 0] > level)
        share = (level - p[:, 0]) / np.where(crosses, q[:, 0] - p[:, 0], 1.0)
        ends.append(np.where(crosses[:, None], (p + share[:, None] * (q - p))[:, 1:], np.nan))
    ends_mm = np.stack(ends, 1)
    lines = ends_mm[~np.isnan(ends_mm[..., 0])].reshape(-1, 2, 2)
    return _between(lines / np.array(steps), -np.sign(outwards).astype(np.intp), shape)


def _between(lines: Floats, enters: NDArray[np.intp], shape: tuple[int, ...]) -> Bools:
    """Pixels inside lines [n, 2, 2] of (row, column); ``enters`` is 1 where one comes in from the left, -1 out."""
    counts = np.zeros((shape[0], shape[1] + 1), np.intp)
    low, high = lines[..., 0].min(1), lines[..., 0].max(1)
    for row in range(shape[0]):
        met = (low <= row) & (row < high)
        p, q = lines[met, 0], lines[met, 1]
        share = (row - p[:, 0]) / (q[:, 0] - p[:, 0])
        columns = np.ceil(p[:, 1] + share * (q[:, 1] - p[:, 1]))
        np.add.at(counts[row], np.clip(columns, 0, shape[1]).astype(np.intp), enters[met])
    return np.asarray(np.cumsum(counts, 1)[:, :-1] > 0)
