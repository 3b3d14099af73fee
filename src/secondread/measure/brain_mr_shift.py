"""Mass effect: how far the wall between the frontal horns stands from the middle, and how unlike the ventricles are.

The wall (septum pellucidum) is what lies between a left and a right horn in one row of a slice. Where it is not seen,
nothing is said: a shift that was not measured is no shift of 0.

unverified: that more than 5 mm is urgent holds for acute subdural haematoma, see ``measure/midline_shift.py``.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.measurement import Measurement
from secondread.measure.brain_mr import Bools, BrainMr

WALL_MM = 9.0  # a wall thicker than this is brain between two spaces
FRONT = (0.15, 0.55)  # of the brain's length, from the front: where frontal horns and the wall between them lie
FARTHEST_MM = 20.0  # from the middle, as far as a wall is looked for
HORN_MM, ALIKE = 2.5, 5.0  # a horn is at least so wide, and neither so many times as wide as the other
LEAST_MM = 6.0  # length of a wall from front to back without which it is not measured


@dataclass(frozen=True, slots=True)
class Shift:
    """Where the wall between the frontal horns stands.

    Attributes:
        value: In mm, never below 0, with its half width of 95 %.
        towards: ``left`` or ``right``: the patient's side to which it is pushed.
        slice_index: k of the turned slice on which it was measured.
    """

    value: Measurement
    towards: str
    slice_index: int


def shift_of(brain: BrainMr, fluid: Bools) -> Shift | None:
    """The shift on the slice on which most of the wall is seen, or None where no slice shows enough of it.

    Args:
        brain: The brain with its middle plane.
        fluid: The ventricles, bool [k, j, i].
    """
    best: tuple[int, int, float] | None = None
    for k in np.flatnonzero(fluid.any(axis=(1, 2))).tolist():
        walls = _walls(brain, fluid[k], k)
        if len(walls) * brain.steps[1] >= LEAST_MM and (best is None or len(walls) > best[0]):
            best = (len(walls), k, float(np.median(walls)))
    if best is None:
        return None
    _, k, aside = best
    half = float(np.hypot(brain.frame.uncertainty_mm, brain.steps[2]))
    how = (
        "distance of the wall between the frontal horns from the plane about which the brain mirrors itself, median "
        "over the rows of one slice that show it"
    )
    value = Measurement("midline shift", abs(aside), "mm", how, half)
    return Shift(value, "left" if aside > 0 else "right", k)


def _walls(brain: BrainMr, fluid: Bools, k: int) -> NDArray[np.float64]:
    """Distance to the middle of each row's wall, in mm, above 0 on the left."""
    found = []
    back = brain.shares[1][k]
    for j in np.flatnonzero(fluid.any(axis=1)):
        columns = np.flatnonzero(fluid[j])
        runs = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
        runs = [run for run in runs if run.size * brain.steps[2] >= HORN_MM]
        if len(runs) != 2 or max(map(len, runs)) > ALIKE * min(map(len, runs)):
            continue
        right, left = int(runs[0][-1]), int(runs[1][0])
        thick_mm = (left - right - 1) * brain.steps[2]
        aside = float(brain.aside_mm[k, j, left] + brain.aside_mm[k, j, right]) / 2.0
        at = back[j, (left + right) // 2]
        if thick_mm <= WALL_MM and abs(aside) <= FARTHEST_MM and FRONT[0] <= at <= FRONT[1]:
            found.append(aside)
    return np.asarray(found, np.float64)


def ventricle_sides(brain: BrainMr, fluid: Bools, shift: Shift | None) -> tuple[Bools, Bools]:
    """The ventricles left and right of the wall where it was measured, else of the middle plane."""
    wall = 0.0
    if shift is not None:
        wall = shift.value.value * (1.0 if shift.towards == "left" else -1.0)
    left = fluid & (brain.aside_mm > wall)
    return left, fluid & ~left


def ventricle_asymmetry(left_ml: float, right_ml: float) -> Measurement | None:
    """(left - right) / mean of both; None where there is no ventricle."""
    total = left_ml + right_ml
    if total <= 0.0:
        return None
    value = (left_ml - right_ml) / (total / 2.0)
    return Measurement("asymmetry of the ventricles", value, "1", "(left - right) / mean of both, 0 when alike")


def frontal_horn_width_mm(brain: BrainMr, fluid: Bools) -> tuple[float, float, int] | None:
    """(width of the frontal horns, largest width of the brain, slice) on the slice where the horns are widest.

    The brain with the fluid around it is as wide as the inside of the skull, nearly. None where no horns are seen.
    """
    horns = fluid & (brain.shares[1] <= FRONT[1] - 0.1)
    horns = np.stack([scipy.ndimage.binary_opening(one) for one in horns])
    best: tuple[float, float, int] | None = None
    for k in np.flatnonzero(horns.any(axis=(1, 2))):
        aside = brain.aside_mm[k]
        wide = float(np.ptp(aside[horns[k]])) + brain.steps[2]
        skull = float(np.ptp(aside[brain.inside[k]])) + brain.steps[2]
        both = (aside[horns[k]] > 0).any() and (aside[horns[k]] < 0).any()
        if both and (best is None or wide > best[0]):
            best = (wide, skull, int(k))
    return best
