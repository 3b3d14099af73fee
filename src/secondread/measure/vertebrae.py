"""Where the vertebral column runs through a CT: the spinal canal in every axial slice, by bone and its geometry.

A canal is a hole of about a centimetre in a ring of bone with a disc of bone, the body, in front of it. Every place of
every slice is given a score for that, and the path from foot to head with the largest sum is the canal; where the score
stays low there is no column.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.measure.coarse_grid import CoarseGrid, Inside
from secondread.prepare.parts import largest

# Rules of our own, sized for adults and children from school age on.
SOLID_HU = (100.0, 250.0)  # from no bone to bone
HOLE_MM, RING_MM, BODY_MM, BODY_AHEAD_MM = 6.0, (10.0, 18.0), 13.0, 26.0
SECTORS, SECTOR_MOST = 6, 0.4
MIDLINE_MM, MIDLINE_WEIGHT = 60.0, 0.3
STEP_COST, LEAST_SCORE, AVERAGED_MM = 0.05, 0.2, 15.0
LEAST_LENGTH_MM = 60.0
BODY_HU = -300.0


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """The spinal canal on a coarse grid.

    Attributes:
        canal: float64 [k, (j, i)], its centre in each slice, in voxels of the coarse grid.
        first: The lowest slice that shows the column.
        last: The highest.
        score: float32 [k], how much the place looks like a canal.
    """

    canal: NDArray[np.float64]
    first: int
    last: int
    score: NDArray[np.float32]


def patient(grid: CoarseGrid) -> Inside:
    """The body without table and air around it, bool [k, j, i]; holes filled slice by slice."""
    body = largest(scipy.ndimage.binary_opening(grid.values > BODY_HU))
    return np.stack([scipy.ndimage.binary_fill_holes(plane) for plane in body])


def column(grid: CoarseGrid, inside: Inside) -> Column | None:
    """The canal, or None when less than 6 cm of one is shown.

    Args:
        grid: A CT in HU on steps of about 3 mm.
        inside: The body, of :func:`patient`.
    """
    score = _score(grid, inside)
    path = _best_path(score)
    along = score[np.arange(len(score)), path[:, 0], path[:, 1]]
    wide = max(1, round(AVERAGED_MM / grid.step_mm[0]))
    steady = scipy.ndimage.uniform_filter1d(along.astype(np.float64), wide, mode="nearest")
    runs, count = scipy.ndimage.label(steady >= LEAST_SCORE)
    if not count:
        return None
    sums = scipy.ndimage.sum_labels(along, runs, np.arange(1, count + 1))
    chosen = np.flatnonzero(runs == 1 + int(np.argmax(sums)))
    if len(chosen) * grid.step_mm[0] < LEAST_LENGTH_MM:
        return None
    smooth = scipy.ndimage.gaussian_filter1d(path.astype(np.float64), 6.0 / grid.step_mm[0], axis=0, mode="nearest")
    return Column(smooth, int(chosen[0]), int(chosen[-1]), along.astype(np.float32))


def _score(grid: CoarseGrid, inside: Inside) -> NDArray[np.float32]:
    """How much each voxel looks like the centre of a canal: ring of bone, hole in it, body in front."""
    low, high = SOLID_HU
    bone = np.clip((grid.values - low) / (high - low), 0.0, 1.0).astype(np.float32)
    bone[~inside] = 0.0
    sides = grid.step_mm[1:]
    hole, body = _filtered(bone, _disc(0.0, HOLE_MM, sides)), _filtered(bone, _disc(0.0, BODY_MM, sides))
    parts = [np.minimum(_filtered(bone, _disc(*RING_MM, sides, part)), SECTOR_MOST) for part in range(SECTORS)]
    ring = np.mean(parts, axis=0) / SECTOR_MOST  # bone on one side alone is no ring
    ahead = round(BODY_AHEAD_MM / sides[0])
    front = np.zeros_like(body)
    front[:, ahead:] = body[:, :-ahead] if ahead else body
    score = ring - 1.5 * hole + np.minimum(front, 0.6)
    columns = np.arange(score.shape[2])
    middle = np.average(columns, weights=inside.sum(axis=(0, 1)) + 1e-6)
    score -= MIDLINE_WEIGHT * ((columns - middle) * sides[1] / MIDLINE_MM) ** 2
    return np.asarray(scipy.ndimage.gaussian_filter(score, (1.0, 0.7, 0.7)), np.float32)


def _disc(inner: float, outer: float, sides: tuple[float, float], part: int | None = None) -> NDArray[np.float32]:
    """A ring or disc that sums to 1, [j, i], or one of its equal parts, turned so that it takes what lies there."""
    reach = [int(np.ceil(outer / side)) for side in sides]
    j, i = np.mgrid[-reach[0] : reach[0] + 1, -reach[1] : reach[1] + 1]
    distance = np.hypot(j * sides[0], i * sides[1])
    filled = (distance >= inner) & (distance <= outer)
    if part is not None:
        angle = np.mod(np.arctan2(j * sides[0], i * sides[1]), 2.0 * np.pi)
        filled &= np.floor(angle / (2.0 * np.pi) * SECTORS).astype(int) == part
    return np.asarray(filled / filled.sum(), dtype=np.float32)


def _filtered(bone: NDArray[np.float32], kernel: NDArray[np.float32]) -> NDArray[Any]:
    return np.asarray(scipy.signal.fftconvolve(bone, kernel[None], mode="same", axes=(1, 2)))


def _best_path(score: NDArray[np.float32]) -> NDArray[np.intp]:
    """The place (j, i) of each slice on the path with the largest sum, at most one voxel aside from slice to slice."""
    moves = [(j, i) for j in (-1, 0, 1) for i in (-1, 0, 1)]
    total = score[0].astype(np.float64)
    taken: list[NDArray[np.intp]] = []
    for plane in score[1:]:
        padded = np.pad(total, 1, constant_values=-np.inf)
        rows, columns = total.shape
        came = np.stack(
            [padded[1 - j : 1 - j + rows, 1 - i : 1 - i + columns] - STEP_COST * (abs(j) + abs(i)) for j, i in moves]
        )
        best = came.argmax(axis=0)
        taken.append(best)
        total = np.take_along_axis(came, best[None], 0)[0] + plane
    j, i = (int(n) for n in np.unravel_index(int(total.argmax()), total.shape))
    path = [(j, i)]
    for best in reversed(taken):
        move = moves[best[j, i]]
        j, i = j - move[0], i - move[1]
        path.append((j, i))
    return np.array(path[::-1], dtype=np.intp)
