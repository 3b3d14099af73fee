"""Lay two examinations of one person on each other: the rigid motion from one volume to the other, in LPS mm.

A coarse search over all shifts and a grid of turns (normalised cross-correlation of what both show, by Fourier
transform) gives the start; then the correlation coefficient is climbed on finer and finer grids. No chance is in it:
the same volumes give the same bits.

Sources: Padfield, "Masked object registration in the Fourier domain", IEEE Trans Image Process 2012;21:2706;
Evangelidis and Psarakis, "Parametric image alignment using enhanced correlation coefficient maximization", IEEE Trans
Pattern Anal Mach Intell 2008;30:1858. In the end the places that fit least (what grew, moved or lies outside of the
field) are put aside, as in trimmed least squares.
"""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.core.arrays import frozen
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.prepare.shrink import Coarse, shrunk

Floats = NDArray[np.float64]
STEPS_MM = (12.0, 6.0, 4.0)
TURNS_DEG = (-15.0, 0.0, 15.0)
STARTS = 3  # so many of the coarse search are climbed
MOST_POINTS = 120_000
ITERATIONS, STILL_MM = 40, 0.01
TRIMMED, TRIMS = 0.15, 2  # share of the points that is put aside, and how often
ARM_MM = 100.0  # a turn is weighed by what it moves at this distance
LEAST_OVERLAP = 0.25  # of the smaller body
LEAST_SPREAD, FEWEST_POINTS = 1e-6, 100
# Below the first the result is refused, below the second it is warned about. Rules of our own: two chests of two people
# agree to 0.34 to 0.45, a torso and its mirror image to 0.68, a torso moved by up to 20 degrees and 200 mm to 0.97.
REFUSED_BELOW, WARNED_BELOW = 0.70, 0.85
MOST_TURN_DEG = 30.0  # who lies on the same side is not turned further


@dataclass(frozen=True, slots=True, eq=False)
class Rigid:
    """A rigid motion, and how well two volumes agree under it.

    Attributes:
        matrix: float64 [4, 4], maps LPS mm of the fixed volume to LPS mm of the moving one.
        agreement: Correlation coefficient of the two, -1 to 1, on the finest grid, where both show the body.
        overlap: Share of the body in the fixed volume that the moving one shows too, 0 to 1.
        centre_mm: LPS mm of the fixed volume about which the turn is told.
    """

    matrix: Floats
    agreement: float
    overlap: float
    centre_mm: tuple[float, float, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "matrix", frozen(self.matrix, np.float64, (2,)))

    @property
    def turn_deg(self) -> float:
        """Angle of the turn."""
        return math.degrees(math.acos(float(np.clip((np.trace(self.matrix[:3, :3]) - 1.0) / 2.0, -1.0, 1.0))))

    @property
    def shift_mm(self) -> float:
        """How far the middle of the body moves."""
        return float(np.linalg.norm(self.to_moving(self.centre_mm) - np.asarray(self.centre_mm)))

    @property
    def trusted(self) -> bool:
        """Whether the two agree well enough to compare anything by it."""
        alike = self.agreement >= REFUSED_BELOW and self.overlap >= LEAST_OVERLAP
        return alike and self.turn_deg <= MOST_TURN_DEG

    def inverse(self) -> "Rigid":
        """The motion the other way round, told about the same place of the body."""
        back = np.eye(4)
        back[:3, :3] = self.matrix[:3, :3].T
        back[:3, 3] = -self.matrix[:3, :3].T @ self.matrix[:3, 3]
        x, y, z = self.to_moving(self.centre_mm)
        return Rigid(back, self.agreement, self.overlap, (float(x), float(y), float(z)))

    def to_moving(self, points: ArrayLike) -> Floats:
        """LPS mm [..., 3] of the fixed volume as LPS mm of the moving one."""
        return np.asarray(np.asarray(points, np.float64) @ self.matrix[:3, :3].T + self.matrix[:3, 3])

    def to_fixed(self, points: ArrayLike) -> Floats:
        """The inverse of :meth:`to_moving`."""
        return np.asarray((np.asarray(points, np.float64) - self.matrix[:3, 3]) @ self.matrix[:3, :3])


def register(fixed: Volume, moving: Volume) -> Rigid:
    """The rigid motion under which the two agree best.

    Args:
        fixed: The volume whose grid the comparison is made on.
        moving: Of the same kind (both in HU, or both of one MR sequence).

    Returns:
        Always an answer; :attr:`Rigid.trusted` says whether it may be used.

    Raises:
        ValueError: If the two have different units.
    """
    if fixed.unit != moving.unit:
        raise ValueError(f"register: found {fixed.unit} and {moving.unit}; needed two volumes of one unit")
    levels = [(shrunk(fixed, step), shrunk(moving, step)) for step in STEPS_MM]
    centre = levels[0][0].middle()
    found = [climbed(*levels[0], start, centre) for start in starts(*levels[0], centre)]
    best = max(found, key=lambda one: one.agreement)
    for still, moved in levels[1:]:
        best = climbed(still, moved, best.matrix, centre)
    return trimmed(*levels[-1], best, centre)


def trimmed(fixed: Coarse, moving: Coarse, motion: Rigid, centre: Floats) -> Rigid:
    """The motion of the places that fit; its agreement and overlap are still those of all places."""
    points, wanted = fixed.body_points(MOST_POINTS)
    matrix = motion.matrix
    for _ in range(TRIMS):
        seen, there = moving.at(points @ matrix[:3, :3].T + matrix[:3, 3])
        if motion.agreement <= 0.0 or there.sum() < FEWEST_POINTS:
            return motion
        slope, level = np.polyfit(seen[there].astype(np.float64), wanted[there].astype(np.float64), 1)
        off = np.where(there, np.abs(wanted - (slope * seen + level)), np.inf)
        fits = off <= np.quantile(off[there], 1.0 - TRIMMED)
        matrix = _climb(points[fits], wanted[fits], moving, matrix, centre)[0]
    agreement, overlap = _agreement(points, wanted, moving, matrix)
    return Rigid(matrix, agreement, overlap, motion.centre_mm)


def resampled_like(moving: Volume, grid: Geometry, motion: Rigid) -> NDArray[np.float32]:
    """The moving volume on the grid of the fixed one, float32 [k, j, i], linearly; its lowest value outside."""
    from scipy import ndimage

    ours, theirs = grid.affine, moving.geometry.affine
    step = np.linalg.inv(theirs) @ motion.matrix @ ours
    low = float(moving.values.min())
    out = np.empty(grid.shape, np.float32)
    ndimage.affine_transform(
        moving.values, step[:3, :3], step[:3, 3], output=out, output_shape=grid.shape, order=1, cval=low
    )
    return out


def nearby(fixed: Coarse, moving: Coarse, motion: Rigid, at_mm: ArrayLike, reach_mm: float) -> Floats:
    """Where a place of the moving volume lies in the fixed one when its surroundings are laid on each other once more.

    Organs move within the body: with every breath the lungs do. Shifts alone are sought, from where ``motion`` puts the
    place; what is further than ``reach_mm`` from it has no say.

    Args:
        fixed: Finer than for the whole, such as 3 mm.
        moving: The same.
        motion: Of the whole.
        at_mm: LPS mm [3] in the moving volume.
        reach_mm: Radius of the surroundings.

    Returns:
        LPS mm [3] in the fixed volume; where the motion puts it when the surroundings do not agree any better.
    """
    there = motion.to_fixed(at_mm)
    points, wanted = fixed.points_around(there, reach_mm)
    if len(points) < FEWEST_POINTS:
        return there
    matrix, _, _ = _climb(points, wanted, moving, motion.matrix, there, shifts_only=True)
    shift = np.asarray(at_mm, np.float64) - (matrix[:3, :3] @ there + matrix[:3, 3])
    moved = there + matrix[:3, :3].T @ shift
    return moved if float(np.linalg.norm(moved - there)) <= reach_mm else there


def starts(fixed: Coarse, moving: Coarse, centre: Floats) -> list[Floats]:
    """The best shifts of a coarse search, float64 [4, 4] each, one a turn of the grid of turns."""
    found = []
    for turn in product(TURNS_DEG, repeat=3):
        rotation = rotated(np.radians(turn))
        score, shift = _best_shift(fixed, moving, rotation, centre)
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = rotation, centre - rotation @ centre + shift
        found.append((score, matrix))
    found.sort(key=lambda one: -one[0])
    upright = np.eye(4)  # two scans of one frame of reference need no search
    return [upright, *(matrix for _, matrix in found[:STARTS])]


def _best_shift(fixed: Coarse, moving: Coarse, rotation: Floats, centre: Floats) -> tuple[float, Floats]:
    """(correlation, shift in mm) of the turned moving volume, over all shifts with enough overlap."""
    from scipy import fft

    step = fixed.step_mm
    a, wa, low_a = fixed.on_axes(step, np.eye(3), centre)
    b, wb, low_b = moving.on_axes(step, rotation.T, moving.middle())
    shape = [fft.next_fast_len(n + m - 1, real=True) for n, m in zip(a.shape, b.shape, strict=True)]

    def across(left: NDArray[np.float32], right: NDArray[np.float32]) -> Floats:
        there = fft.rfftn(left, shape) * np.conj(fft.rfftn(right, shape))
        return np.asarray(fft.irfftn(there, shape), np.float64)

    count = np.maximum(across(wa, wb), 1e-3)
    sum_a, sum_b = across(a * wa, wb), across(wa, b * wb)
    both = across(a * wa, b * wb) - sum_a * sum_b / count
    spread_a = across(a * a * wa, wb) - sum_a**2 / count
    spread_b = across(wa, b * b * wb) - sum_b**2 / count
    enough = count >= 2.0 * LEAST_OVERLAP * min(wa.sum(), wb.sum())
    score = np.where(enough, both / np.sqrt(np.maximum(spread_a * spread_b, LEAST_SPREAD)), -1.0)
    place = np.unravel_index(int(np.argmax(score)), score.shape)
    lag = np.array([n - size if n > size // 2 else n for n, size in zip(place, shape, strict=True)], float)
    # Turned about the middle of the moving volume, a point p of the fixed one lies at p - lag * step of the turned.
    turned = low_b - low_a - lag * step
    shift = rotation @ (turned - moving.middle() + centre) + moving.middle() - centre
    return float(score[place]), np.asarray(shift)


def climbed(fixed: Coarse, moving: Coarse, start: ArrayLike, centre: Floats) -> Rigid:
    """The nearest motion under which the correlation is highest on this grid."""
    points, wanted = fixed.body_points(MOST_POINTS)
    matrix, best, kept = _climb(points, wanted, moving, np.array(start, np.float64), centre)
    return Rigid(matrix, best, kept, (float(centre[0]), float(centre[1]), float(centre[2])))


def _climb(
    points: Floats,
    wanted: NDArray[np.float32],
    moving: Coarse,
    matrix: Floats,
    centre: Floats,
    *,
    shifts_only: bool = False,
) -> tuple[Floats, float, float]:
    """(motion, correlation, share of the points that the moving volume shows) at the top of the hill."""
    best, kept = _agreement(points, wanted, moving, matrix)
    for _ in range(ITERATIONS):
        step = _step(points, wanted, moving, matrix, centre, shifts_only=shifts_only)
        tried = step
        for _ in range(5):  # a step that makes it worse is halved
            candidate = _after(matrix, tried, centre)
            score, share = _agreement(points, wanted, moving, candidate)
            if score > best:
                break
            tried = tried / 2.0
        if score <= best:
            break
        matrix, best, kept = candidate, score, share
        if np.abs(tried).max() < STILL_MM:
            break
    return matrix, best, kept


def _agreement(points: Floats, wanted: NDArray[np.float32], moving: Coarse, matrix: Floats) -> tuple[float, float]:
    """(correlation coefficient, share of the points that the moving volume shows); -1 with too few of them."""
    seen, there = moving.at(points @ matrix[:3, :3].T + matrix[:3, 3])
    share = float(there.mean()) if there.size else 0.0
    if there.sum() < FEWEST_POINTS or share < LEAST_OVERLAP / 2:
        return -1.0, share
    a = wanted[there].astype(np.float64) - wanted[there].mean(dtype=np.float64)
    b = seen[there].astype(np.float64) - seen[there].mean(dtype=np.float64)
    return float(a @ b / math.sqrt(max(float(a @ a) * float(b @ b), LEAST_SPREAD))), share


def _step(
    points: Floats,
    wanted: NDArray[np.float32],
    moving: Coarse,
    matrix: Floats,
    centre: Floats,
    *,
    shifts_only: bool,
) -> Floats:
    """float64 [6]: the turn (mm at an arm of 100 mm) and the shift (mm) that raise the correlation most."""
    moved = points @ matrix[:3, :3].T + matrix[:3, 3]
    seen, there = moving.at(moved)
    if there.sum() < FEWEST_POINTS:
        return np.zeros(6)
    slope = moving.slope_at(moved[there])
    arm = moved[there] - (matrix[:3, :3] @ centre + matrix[:3, 3])
    change = np.concatenate([np.cross(arm, slope) / ARM_MM, slope], axis=1)
    change = change[:, 3:] if shifts_only else change
    change -= change.mean(0)
    a = wanted[there].astype(np.float64) - wanted[there].mean(dtype=np.float64)
    b = seen[there].astype(np.float64) - seen[there].mean(dtype=np.float64)
    normal = change.T @ change
    normal += 1e-9 * np.trace(normal) * np.eye(len(normal)) + LEAST_SPREAD * np.eye(len(normal))
    onto_a, onto_b = np.linalg.solve(normal, change.T @ a), np.linalg.solve(normal, change.T @ b)
    with_b, with_a = b @ b - (change.T @ b) @ onto_b, a @ b - (change.T @ a) @ onto_b
    scale = with_b / with_a if with_a > 0 else math.sqrt(float(b @ b) / max(float(a @ a), LEAST_SPREAD))
    step = np.zeros(6)
    step[3 if shifts_only else 0 :] = scale * onto_a - onto_b
    return step


def _after(matrix: Floats, step: Floats, centre: Floats) -> Floats:
    """The motion followed by a small one: a turn about the moved centre, and a shift."""
    small = rotated(step[:3] / ARM_MM)
    moved = matrix[:3, :3] @ centre + matrix[:3, 3]
    after = np.eye(4)
    after[:3, :3] = small @ matrix[:3, :3]
    after[:3, 3] = moved + step[3:] - after[:3, :3] @ centre
    return after


def rotated(vector: ArrayLike) -> Floats:
    """float64 [3, 3]: the turn about a vector by its length in radians (Rodrigues).

    >>> rotated([0.0, 0.0, np.pi / 2]).round(6).tolist()
    [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    x, y, z = np.asarray(vector, np.float64)
    angle = math.sqrt(x * x + y * y + z * z)
    if angle < 1e-12:
        return np.eye(3)
    across = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]]) / angle
    return np.asarray(np.eye(3) + math.sin(angle) * across + (1.0 - math.cos(angle)) * across @ across)
