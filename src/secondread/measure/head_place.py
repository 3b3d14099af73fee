"""Where something lies in a head, in words: side, third, height, and above the tentorium where its place tells."""

import numpy as np
from numpy.typing import NDArray

from secondread.measure.head import Bools, Head
from secondread.measure.head_symmetry import Frame

MIDDLE_MM = 5.0
ONE_SIDE = 0.85  # share of the voxels from which on a region lies on one side
FRONT_SHARE = 0.35  # of the length of the skull: no part of the posterior fossa reaches so far forward
UPPER_SHARE = 0.5  # of the height inside the skull: the tentorium does not reach so high
LEAST_HEIGHT_MM = 95.0  # of what the slices show inside the skull, for heights to mean anything


def place_of(head: Head, frame: Frame, inside: Bools) -> str:
    """Side, third from front to back, and height in words."""
    points = _points(head, frame, inside)
    front, back, top, _ = _box(head, frame)
    thirds = ("front third", "middle third", "back third")
    along = (float(points[:, 1].mean()) - front) / max(back - front, 1.0)
    third = thirds[int(np.clip(along * 3.0, 0, 2))]
    below = top - float(points[:, 0].mean())
    return f"{side_of(points[:, 2])}, {third}, {below:.0f} mm below the top of the skull's inside"


def side_of(across: NDArray[np.float64]) -> str:
    """``left``, ``right``, ``midline`` or ``both sides`` from places in mm to the left of the plane of symmetry."""
    if float(np.mean(np.abs(across) <= MIDDLE_MM)) >= ONE_SIDE:
        return "midline"
    left = float(np.mean(across > 0.0))
    return "left" if left >= ONE_SIDE else "right" if left <= 1.0 - ONE_SIDE else "both sides"


def above_tentorium(head: Head, frame: Frame, inside: Bools) -> bool | None:
    """True where the whole region surely lies above the tentorium, None where its place alone does not tell.

    Rule of our own: wholly in the upper half of the skull's inside, or wholly in its front 35 %. It never says that
    something lies below the tentorium, because that is not seen.
    """
    front, back, top, bottom = _box(head, frame)
    if top - bottom < LEAST_HEIGHT_MM:
        return None
    points = _points(head, frame, inside)
    high = float(points[:, 0].min()) >= bottom + UPPER_SHARE * (top - bottom)
    forward = float(points[:, 1].max()) <= front + FRONT_SHARE * (back - front)
    return True if high or forward else None


def _points(head: Head, frame: Frame, inside: Bools) -> NDArray[np.float64]:
    index = np.argwhere(inside) * np.asarray(head.spacing_mm)
    return np.asarray((index - frame.origin) @ frame.axes.T)


def _box(head: Head, frame: Frame) -> tuple[float, float, float, float]:
    """Front, back, top and bottom of the inside of the skull in mm from the frame's origin."""
    thinned = np.argwhere(head.cavity[:, ::3, ::3]) * (1, 3, 3) * np.asarray(head.spacing_mm)
    points = (thinned - frame.origin) @ frame.axes.T
    return (
        float(points[:, 1].min()),
        float(points[:, 1].max()),
        float(points[:, 0].max()),
        float(points[:, 0].min()),
    )
