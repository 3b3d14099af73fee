"""Trachea and main bronchi on a CT: a round tube of air near the middle, followed downwards until it would leak.

Source of the idea, growing with a threshold that is raised until the volume jumps: Mori K et al., ICPR 1996. Every
number here is our own.
"""

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.measure.coarse import Coarse

Bools = NDArray[np.bool_]
SEED_HU, TUBE_MM2 = -800.0, (50.0, 700.0)  # area of a trachea in one slice
NEAR_MIDDLE_MM, ROUND = 45.0, 0.45  # distance from the middle of the body; share of the box around it that is filled
LOOKED_AT = 0.6  # upper share of the slices in which it may begin
THRESHOLDS_HU = (-960.0, -940.0, -920.0, -900.0, -880.0, -860.0, -840.0, -820.0, -800.0)
LARGEST_ML, JUMP_ML = 90.0, 25.0


def airway_in(work: Coarse, body: Bools) -> Bools:
    """The airway, bool [k, j, i] of the coarse grid; nothing inside where no trachea is found."""
    nothing = np.zeros(body.shape, np.bool_)
    seed = _seed(work, body)
    if seed is None:
        return nothing
    best = nothing
    for threshold in THRESHOLDS_HU:
        labels, _ = scipy.ndimage.label(body & (work.values < threshold))
        number = labels[seed]
        if number == 0:
            continue
        grown = np.asarray(labels == number)
        ml = float(grown.sum()) * work.voxel_ml
        before = float(best.sum()) * work.voxel_ml
        if ml > LARGEST_ML or (before > 0 and ml > before + JUMP_ML):
            break
        best = grown
    return best


def _seed(work: Coarse, body: Bools) -> tuple[int, int, int] | None:
    """The middle of a trachea: a tube that goes on through several slices, the one nearest to the middle."""
    count = len(body)
    for k in range(count - 1, int(count * (1.0 - LOOKED_AT)), -1):
        found = _tube(work, body, k)
        if found is None:
            continue
        below = max(0, k - max(1, round(15.0 / work.spacing_mm[0])))
        lower = _tube(work, body, below)
        if lower is not None and np.hypot(*(np.subtract(found, lower) * work.spacing_mm[1:])) < 15.0:
            return k, round(found[0]), round(found[1])
    return None


def _tube(work: Coarse, body: Bools, k: int) -> tuple[float, float] | None:
    """(row, column) of the round patch of air nearest to the middle of the body in slice ``k``."""
    if not body[k].any():
        return None
    columns = np.flatnonzero(body[k].any(axis=0))
    middle = (columns[0] + columns[-1]) / 2.0
    labels, count = scipy.ndimage.label(body[k] & (work.values[k] < SEED_HU))
    _, row_mm, column_mm = work.spacing_mm
    found: list[tuple[float, tuple[float, float]]] = []
    for number, box in enumerate(scipy.ndimage.find_objects(labels), 1):
        inside = labels[box] == number
        area = float(inside.sum()) * row_mm * column_mm
        sides = inside.shape[0] * row_mm, inside.shape[1] * column_mm
        rows, places = np.nonzero(inside)
        centre = (float(rows.mean()) + box[0].start, float(places.mean()) + box[1].start)
        away = abs(centre[1] - middle) * column_mm
        slim = max(sides) / min(sides)
        filled = inside.sum() / inside.size
        if TUBE_MM2[0] <= area <= TUBE_MM2[1] and away <= NEAR_MIDDLE_MM and filled >= ROUND and slim <= 2.5:
            found.append((away, centre))
    if not found or count == 0:
        return None
    return min(found)[1]
