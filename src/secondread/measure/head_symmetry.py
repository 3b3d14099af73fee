"""The plane that divides a skull into mirror images, and a head laid straight on it.

The plane is that about which the inside of the skull mirrors itself best: the skull keeps its shape where the brain is
pushed aside. It is found from the distance to the inner table in the upper part of the head, so that a head that is
turned (about the long axis of the body) or leans to a side is measured as well as a straight one. How far the skull's
own asymmetry leaves it uncertain is measured, by finding it again from its front, back, upper and lower half.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.measure.head import Bools, Floats, Head

Points = NDArray[np.float64]
COARSE_MM = 2.0  # grid on which the plane is sought
NEAR_MM = 12.0  # of the inner table: what counts for the plane
MOST_POINTS = 12_000  # as many as are compared; more change nothing but the time
LARGE = 0.55  # share of the largest slice from which on a slice counts
POOR_MM = 2.5  # mean distance of the inner table from its mirror image beyond which other starts are tried
SOFT_MM = 2.0  # differences beyond this count less: a dent is no turn
HALF_WIDTH_MM, HALF_LENGTH_MM = 90, 115
STEEPEST_RAD = np.deg2rad(50.0)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Where a head lies and how it is turned, in mm of the working grid, (k, j, i) times its spacing.

    Attributes:
        origin: float64 [3]: the middle of the inside of the skull, on the plane.
        axes: float64 [3, 3], rows: unit vectors up, to the back and to the left of the head.
        uncertainty_mm: Half width of a 95 % interval of where the plane lies, near its middle.
        mismatch_mm: Mean distance between the inner table and its mirror image.
    """

    origin: Points
    axes: Points
    uncertainty_mm: float
    mismatch_mm: float

    @property
    def yaw_deg(self) -> float:
        """How far the head is turned in the slices; positive when the face points to the patient's left."""
        return float(np.degrees(np.arctan2(self.axes[2, 1], self.axes[2, 2])))

    @property
    def roll_deg(self) -> float:
        """How far the head leans to a side; positive when the vertex lies towards the patient's left."""
        return float(np.degrees(np.arctan2(-self.axes[2, 0], np.hypot(self.axes[2, 1], self.axes[2, 2]))))


@dataclass(frozen=True, slots=True, eq=False)
class Straight:
    """A head resampled so that its plane of symmetry is the middle column: [..., ::-1] is the mirror image.

    Attributes:
        values: float32 [w, v, u] in HU: w up, v to the back, u to the left; -1024 beyond the slices.
        cavity: bool [w, v, u].
        spacing_mm: (w, v, u); 1 mm within the slice.
        start_mm: Of the first voxel along (w, v, u) from the frame's origin.
        frame: Where it lies in the working grid.
    """

    values: Floats
    cavity: Bools
    spacing_mm: tuple[float, float, float]
    start_mm: tuple[float, float, float]
    frame: Frame

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel."""
        return float(np.prod(self.spacing_mm)) / 1000.0

    def at(self, axis: int) -> Points:
        """Coordinates of the voxels along (w, v, u), in mm from the origin."""
        return np.asarray(self.start_mm[axis] + self.spacing_mm[axis] * np.arange(self.values.shape[axis]), np.float64)

    def to_head(self, inside: Bools, head: Head) -> Bools:
        """A region of this grid, bool [w, v, u], on the head's working grid."""
        matrix, offset = _into_straight(self, head)
        share = scipy.ndimage.affine_transform(
            inside.astype(np.float32), matrix, offset, output_shape=head.values.shape, order=1, prefilter=False
        )
        return np.asarray(share > 0.5, np.bool_)


def frame_of(head: Head) -> Frame | None:
    """The plane of symmetry of a skull and the axes that follow from it; None where no skull is seen."""
    chosen = _large_slices(head)
    if chosen is None:
        return None
    field, points, spacing = _field(head, chosen)
    if len(points) < 100:
        return None
    middle = points.mean(axis=0)
    best = _best(field, spacing, points, middle, _start(head, chosen))
    mismatch = _mismatch(field, spacing, points, middle, best)
    halves = (points[:, 1] < middle[1], points[:, 1] >= middle[1])
    levels = (points[:, 0] < np.median(points[:, 0]), points[:, 0] >= np.median(points[:, 0]))
    again = [_fit(field, spacing, points[half], middle, best)[0] for half in (*halves, *levels) if half.sum() > 50]
    spread = float(np.std(np.asarray([*again, best[0]]) - best[0])) if again else 1.0
    axes = _axes(best[1], best[2])
    # Two halves agree by chance as well: half a working pixel at least.
    unsure = max(1.96 * spread / float(np.sqrt(2.0)), 0.5 * head.spacing_mm[2])
    return Frame(middle + best[0] * axes[2], axes, unsure, mismatch)


def _best(field: Floats, spacing: Points, points: Points, middle: Points, start: Points) -> Points:
    """The best plane from the first guess, or, where that is poor, from others turned to either side."""
    best = _fit(field, spacing, points, middle, start)
    if _mismatch(field, spacing, points, middle, best) <= POOR_MM:
        return best
    tried = [best]
    for turn in (-40.0, -20.0, 20.0, 40.0):
        guess = np.array([0.0, np.deg2rad(turn), 0.0])
        found = _fit(field, spacing, points, middle, guess)
        if abs(found[1]) <= STEEPEST_RAD:
            tried.append(found)
    return min(tried, key=lambda one: _mismatch(field, spacing, points, middle, one))


def straight_of(head: Head, frame: Frame) -> Straight:
    """Resample a head onto its own axes, linearly: 1 mm in the slice, slices as far apart as in the working grid."""
    points = np.argwhere(head.cavity[:, ::4, ::4]) * (1, 4, 4) * np.asarray(head.spacing_mm)
    along = (points - frame.origin) @ frame.axes[0]
    step = head.spacing_mm[0]
    low, high = np.floor(along.min() / step) - 1.0, np.ceil(along.max() / step) + 1.0
    shape = (int(high - low) + 1, 2 * HALF_LENGTH_MM + 1, 2 * HALF_WIDTH_MM + 1)
    start = (low * step, -float(HALF_LENGTH_MM), -float(HALF_WIDTH_MM))
    blank = np.zeros(shape, np.float32)
    plan = Straight(blank, np.zeros(shape, np.bool_), (step, 1.0, 1.0), start, frame)
    matrix, offset = _into_head(plan, head)
    options = {"output_shape": shape, "order": 1, "prefilter": False}
    values = scipy.ndimage.affine_transform(head.values, matrix, offset, cval=-1024.0, **options)
    share = scipy.ndimage.affine_transform(head.cavity.astype(np.float32), matrix, offset, **options)
    return Straight(values, share > 0.5, plan.spacing_mm, start, frame)


def width_mm(straight: Straight) -> float:
    """Largest width of the inside of the skull in any slice."""
    return float(max(np.ptp(np.flatnonzero(plane.any(axis=0))) + 1 for plane in straight.cavity if plane.any()))


def _into_head(plan: Straight, head: Head) -> tuple[Points, Points]:
    """Index of the straight grid to index of the head's: matrix and offset."""
    scale = np.asarray(head.spacing_mm)
    matrix = (plan.frame.axes.T * np.asarray(plan.spacing_mm)) / scale[:, None]
    offset = (plan.frame.origin + plan.frame.axes.T @ np.asarray(plan.start_mm)) / scale
    return np.asarray(matrix, np.float64), np.asarray(offset, np.float64)


def _into_straight(straight: Straight, head: Head) -> tuple[Points, Points]:
    matrix, offset = _into_head(straight, head)
    inverse = np.asarray(np.linalg.inv(matrix), np.float64)
    return inverse, np.asarray(-inverse @ offset, np.float64)


def _large_slices(head: Head) -> NDArray[np.intp] | None:
    """Slices from the widest one upwards that are large: there the skull is closed and smooth."""
    areas = head.cavity.sum(axis=(1, 2))
    if not areas.max(initial=0):
        return None
    chosen = np.flatnonzero(areas >= LARGE * areas.max())
    lowest = chosen[-1] - 0.75 * (chosen[-1] - chosen[0])  # the base of the skull is uneven
    return np.asarray(chosen[chosen >= lowest])


def _field(head: Head, chosen: NDArray[np.intp]) -> tuple[Floats, Points, Points]:
    """Signed distance in mm to the inner table, and the points near it, on a coarse grid of equal steps.

    Between slices the shape is interpolated by its distances within them, so that thick slices make no stairs.

    Returns:
        float32 [k, j, i]; float64 [n, 3] points in mm of the working grid; float64 [6]: steps and start in mm.
    """
    jump = max(1, round(COARSE_MM / head.spacing_mm[1]))
    low, high = max(0, int(chosen[0]) - 2), min(len(head.cavity), int(chosen[-1]) + 4)
    planes = np.stack([_signed(head.cavity[k], head.spacing_mm[1:])[::jump, ::jump] for k in range(low, high)])
    steps = np.array([COARSE_MM, head.spacing_mm[1] * jump, head.spacing_mm[2] * jump])
    at = np.arange(0.0, len(planes) - 1 + 1e-6, COARSE_MM / head.spacing_mm[0])
    below = np.minimum(at.astype(int), len(planes) - 2)
    part = (at - below)[:, None, None]
    inside = (1.0 - part) * planes[below] + part * planes[below + 1] < 0.0
    out = scipy.ndimage.distance_transform_edt(~inside, sampling=steps)
    field = (out - scipy.ndimage.distance_transform_edt(inside, sampling=steps)).astype(np.float32)
    start = np.array([low * head.spacing_mm[0], 0.0, 0.0])
    near = np.argwhere(np.abs(field) < NEAR_MM) * steps + start
    height = near[:, 0] / head.spacing_mm[0]
    kept = near[(height >= chosen[0]) & (height <= chosen[-1])]
    return field, kept[:: max(1, len(kept) // MOST_POINTS)], np.concatenate([steps, start])


def _signed(inside: Bools, spacing_mm: tuple[float, ...]) -> Points:
    """Distance to the edge of a shape within its slice: below 0 inside, far where the slice is empty."""
    closed = scipy.ndimage.binary_fill_holes(inside)
    if not closed.any():
        return np.full(inside.shape, 30.0)
    out = scipy.ndimage.distance_transform_edt(~closed, sampling=spacing_mm)
    return np.asarray(out - scipy.ndimage.distance_transform_edt(closed, sampling=spacing_mm))


def _start(head: Head, chosen: NDArray[np.intp]) -> Points:
    """First guess of (offset, yaw, roll): the long axis of the slices, and how their middles drift."""
    turns, middles = [], []
    for k in chosen:
        rows, columns = np.nonzero(head.cavity[k])
        j, i = rows * head.spacing_mm[1], columns * head.spacing_mm[2]
        values, axes = np.linalg.eigh(np.cov(np.stack([i, j])))
        long = axes[:, 1] * (1.0 if axes[1, 1] >= 0 else -1.0)
        if values[1] > 1.1 * values[0]:
            turns.append(np.arctan2(long[0], long[1]))
        middles.append(i.mean())
    turn = float(np.median(turns)) if turns else 0.0
    drift = np.polyfit(chosen * head.spacing_mm[0], middles, 1)[0] if len(chosen) > 2 else 0.0
    clipped = turn if abs(turn) < STEEPEST_RAD else 0.0
    return np.array([0.0, clipped, float(np.arctan(np.clip(drift, -1.0, 1.0)))])


def _axes(yaw: float, roll: float) -> Points:
    """Rows: up, back and left of a head turned by these angles, in (k, j, i)."""
    left = np.array([-np.sin(roll), -np.sin(yaw) * np.cos(roll), np.cos(yaw) * np.cos(roll)])
    up = np.array([1.0, 0.0, 0.0]) - left[0] * left
    up /= np.linalg.norm(up)
    back = np.cross(left, up)  # of a right-handed (k, j, i) = (up, back, left): left x up = back
    return np.stack([up, back, left])


def _fit(field: Floats, spacing: Points, points: Points, middle: Points, start: Points) -> Points:
    """(offset, yaw, roll) of the plane about which the distances mirror themselves best."""

    def unlike(guess: Points) -> Points:
        return _unlike(field, spacing, points, middle, guess)

    found = scipy.optimize.least_squares(
        unlike, start, loss="soft_l1", f_scale=SOFT_MM, x_scale=(1.0, 0.02, 0.02), diff_step=1e-3, max_nfev=60
    )
    return np.asarray(found.x)


def _unlike(field: Floats, spacing: Points, points: Points, middle: Points, guess: Points) -> Points:
    """Distance to the inner table at the mirror image of each point, less that at the point; 0 beyond the slices."""
    left = _axes(guess[1], guess[2])[2]
    away = (points - middle) @ left - guess[0]
    there = _sampled(field, spacing, points - 2.0 * away[:, None] * left)
    return np.asarray(np.nan_to_num(there - _sampled(field, spacing, points), nan=0.0))


def _mismatch(field: Floats, spacing: Points, points: Points, middle: Points, guess: Points) -> float:
    return float(np.abs(_unlike(field, spacing, points, middle, guess)).mean())


def _sampled(field: Floats, spacing: Points, points: Points) -> Points:
    """The field at points in mm, linear between voxels; NaN beyond its slices."""
    index = (points - spacing[3:]) / spacing[:3]
    return np.asarray(
        scipy.ndimage.map_coordinates(field, index.T, order=1, mode="constant", cval=np.nan, prefilter=False)
    )
