"""From the places where slices lie to an even grid: one missing slice is made, uneven gaps are resampled or refused."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import GeometryError

SAME_PLACE_MM = 0.01
MOST_MADE = 20  # places of an even grid for each slice found; thin slices under thick ones take some
ON_THE_GRID = 0.01  # a slice this near to a place of the grid, in steps, is taken as it is
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Where slices lie on an even grid.

    Attributes:
        places: float64 [slice]: place of each slice along k, in steps of the grid; not whole where it lies between.
        count: Number of places of the grid, from the first slice to the last.
        warning: What a reviewer must know about it, or "".
    """

    places: Vector
    count: int
    warning: str = ""


def spread_evenly(along: Vector, thickness: Vector, where: str) -> Spread:
    """Place slices on an even grid.

    Args:
        along: float64 [slice], mm along the normal, rising.
        thickness: float64 [slice], stated thickness in mm, 0 where unknown. Where it changes along the stack, so may
            the gaps: thin slices below and thick ones above are no sign of missing ones.
        where: Short UID of the series for messages.

    Raises:
        GeometryError: If slices share a place, more than one is missing, or the gaps are too uneven to bridge.
    """
    gaps = np.diff(along)
    _check_places(gaps, where)
    step = _middle(gaps)
    tolerance = min(max(0.1, 0.01 * step), step / 4) + 1e-6  # positions are often rounded to 0.1 mm
    missing = _missing(gaps, thickness)
    if missing.sum() > 1:
        raise GeometryError(_too_many(missing, step, where))
    places = np.concatenate(([0.0], np.cumsum(1.0 + missing)))
    expected = (1.0 + missing) * step
    drift = float(np.abs(along - along[0] - places * (along[-1] - along[0]) / places[-1]).max())
    if (np.abs(gaps - expected) <= tolerance).all() and drift <= tolerance:
        return Spread(places, int(places[-1]) + 1, _one_made(missing, step))
    return _resampled(along, thickness, step, tolerance, where)


def sources(spread: Spread) -> list[tuple[int, float]]:
    """For every place of the grid the slice before it, and the share of the slice after that one; 0 takes it as it is.

    >>> sources(Spread(np.array([0.0, 1.0, 3.0]), 4))
    [(0, 0.0), (1, 0.0), (1, 0.5), (2, 0.0)]
    """
    found = []
    for k in range(spread.count):
        nearest = int(np.argmin(np.abs(spread.places - k)))
        if abs(float(spread.places[nearest]) - k) <= ON_THE_GRID:
            found.append((nearest, 0.0))
            continue
        before = int(np.searchsorted(spread.places, k)) - 1
        first, second = spread.places[before : before + 2]
        found.append((before, float((k - first) / (second - first))))
    return found


def _middle(gaps: Vector) -> float:
    """The median, or of two middle gaps the smaller: a step that occurs."""
    return float(np.quantile(gaps, 0.5, method="lower"))


def _check_places(gaps: Vector, where: str) -> None:
    """Refuse slices at the same place."""
    if float(gaps.min()) < SAME_PLACE_MM:
        raise GeometryError(
            f"{where}: {int((gaps < SAME_PLACE_MM).sum()) + 1} or more slices lie at the same place, and no tag tells "
            "them apart as phases, echoes or weightings. A volume needs one at each place; send them as separate "
            "series."
        )


def _missing(gaps: Vector, thickness: Vector) -> Vector:
    """How many slices are missing in each gap: it is that many times wider than it should be."""
    between = (thickness[1:] + thickness[:-1]) / 2
    if thickness.min() > 0 and thickness.max() > 1.01 * thickness.min():
        gaps = gaps * float(np.median(between)) / between  # as if all slices were equally thick
    step = _middle(gaps)
    tolerance = min(max(0.1, 0.01 * step), step / 4) + 1e-6
    multiples = np.round(gaps / step)
    wide = (multiples >= 2) & (np.abs(gaps - multiples * step) <= tolerance)
    return np.where(wide, multiples - 1, 0.0)


def _after(missing: Vector) -> str:
    return ", ".join(str(int(k) + 1) for k in np.flatnonzero(missing))


def _too_many(missing: Vector, step: float, where: str) -> str:
    return (
        f"{where}: slices are missing, {int(missing.sum())} in all, after number {_after(missing)} of the "
        f"{len(missing) + 1} found. A volume needs one every {step:.4g} mm, and at most one can be made from its "
        "neighbours; send the complete series."
    )


def _one_made(missing: Vector, step: float) -> str:
    if not missing.any():
        return ""
    return (
        f"One slice is missing after number {_after(missing)} of the {len(missing) + 1} found, {step:.4g} mm apart. "
        "It was made from its two neighbours; nothing that lies in it alone can be seen."
    )


def _resampled(along: Vector, thickness: Vector, step: float, tolerance: float, where: str) -> Spread:
    """An even grid over unevenly spaced slices, from the first to the last of them."""
    gaps = np.diff(along)
    covered = bool((gaps <= 1.01 * (thickness[1:] + thickness[:-1]) / 2).all())  # the slices leave nothing unseen
    if gaps.max() > 2 * gaps.min() + 1e-6 and not covered:
        raise GeometryError(
            f"{where}: slices are not evenly spaced. Found gaps of {gaps.min():.4g} to {gaps.max():.4g} mm; a volume "
            f"needs gaps equal within {tolerance:.3g} mm, or the widest at most twice the narrowest, or slices thick "
            "enough to fill them. Send the complete series, or another one."
        )
    steps = max(2, round((along[-1] - along[0]) / step))
    if steps > MOST_MADE * len(along):
        raise GeometryError(
            f"{where}: slices are not evenly spaced. Found gaps of {gaps.min():.4g} to {gaps.max():.4g} mm; an even "
            f"grid would have {steps:,} slices, most of them made up. Send the complete series, or another one."
        )
    spread = Spread((along - along[0]) * steps / (along[-1] - along[0]), steps + 1)
    made = sum(share > 0 for _, share in sources(spread))
    warning = (
        f"The slices are unevenly spaced, {gaps.min():.4g} to {gaps.max():.4g} mm apart. They were resampled to one "
        f"every {(along[-1] - along[0]) / steps:.4g} mm; {made} of {steps + 1} slices were made from their neighbours."
    )
    return Spread(spread.places, spread.count, warning)
