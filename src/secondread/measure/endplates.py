"""The endplates of vertebrae in a frontal picture of a spine: where brightness rises or falls along straight lines.

The picture is averaged along short lines across the column, at every row and every tilt. An upper endplate is where the
average rises on the way down (disc, then bone), a lower one where it falls. A chain of rises and falls in turn, at
distances that vertebrae and discs have, with the largest sum of edges is the spine. It is the same for an X-ray and for
a frontal view made from a CT; bright ends of bones against darker discs are all it needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

Line = tuple[tuple[float, float], tuple[float, float]]

# Rules of our own in mm and degrees. Bodies are 15 to 35 mm high, discs 3 to 15 mm; half as much is let in, at a cost,
# for fractures and children.
STEEPEST_DEG, TILT_STEP_DEG = 44, 2
BLUR_MM = 1.5
BODY_MM, DISC_MM = (10, 40), (2, 18)
USUAL_BODY_MM, USUAL_DISC_MM = (17.0, 33.0), (4.0, 13.0)
LEAST_EDGE = 0.35  # of a strong edge of the same picture
TILT_CHANGE_DEG = 12.0  # between neighbours, without cost
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Vertebra:
    """A vertebral body in a picture.

    Attributes:
        upper: Ends of the upper endplate, ((row, column), (row, column)), in pixels, the left end of the picture first.
        lower: Ends of the lower endplate.
        strength: The weaker of its edges, 1 for a strong edge of this picture.
    """

    upper: Line
    lower: Line
    strength: float


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """For each mm along the column: strength and tilt of the best rise (0) and the best fall (1)."""

    strength: NDArray[np.float64]
    tilt_deg: NDArray[np.float64]


def vertebrae(
    picture: NDArray[np.float32],
    spacing_mm: tuple[float, float],
    centre: NDArray[np.float64],
    half_width_mm: float,
) -> tuple[Vertebra, ...]:
    """The vertebrae from the head down; none when there is no chain of at least three.

    Args:
        picture: float32 [row, column], bone bright, the head at the top.
        spacing_mm: (between rows, between columns).
        centre: float64 [row], the column in which the middle of the spine lies.
        half_width_mm: How far from the middle the picture is averaged: a little less than half a body's width.
    """
    row_mm, _ = spacing_mm
    length = int((len(picture) - 1) * row_mm)
    if length < 3 * BODY_MM[0]:
        return ()
    edges = _edges(picture, spacing_mm, centre, half_width_mm, length)
    chain = _chain(edges)
    found = []
    for top, bottom in zip(chain[::2], chain[1::2], strict=True):
        lines = [
            _line(at, float(edges.tilt_deg[kind, at]), centre, spacing_mm, half_width_mm)
            for kind, at in enumerate((top, bottom))
        ]
        strength = float(min(edges.strength[0, top], edges.strength[1, bottom]))
        found.append(Vertebra(lines[0], lines[1], strength))
    return tuple(found) if len(found) >= FEWEST else ()


def _edges(
    picture: NDArray[np.float32],
    spacing_mm: tuple[float, float],
    centre: NDArray[np.float64],
    half_width_mm: float,
    length: int,
) -> _Edges:
    row_mm, column_mm = spacing_mm
    along = np.arange(length + 1.0)
    across = np.linspace(-half_width_mm, half_width_mm, max(9, round(half_width_mm)))
    tilts = np.arange(-STEEPEST_DEG, STEEPEST_DEG + 1.0, TILT_STEP_DEG)
    middle = np.interp(along, np.arange(len(centre)) * row_mm, centre)
    columns = np.broadcast_to(middle[:, None] + across / column_mm, (len(along), len(across)))
    slope = []
    for tilt in tilts:
        rows = (along[:, None] + across * np.tan(np.radians(tilt))) / row_mm
        mean = scipy.ndimage.map_coordinates(picture, [rows, columns], order=1, mode="nearest").mean(axis=1)
        slope.append(scipy.ndimage.gaussian_filter1d(mean.astype(np.float64), BLUR_MM, order=1, mode="nearest"))
    slopes = scipy.ndimage.gaussian_filter1d(np.asarray(slope), 1.0, axis=0, mode="nearest")
    both = np.stack([slopes, -slopes])
    best = both.argmax(axis=1)
    strength = np.take_along_axis(both, best[:, None], 1)[:, 0]
    strong = float(np.percentile(strength, 95.0)) or 1.0
    tilt_deg = np.stack([[_peak(side[:, at], tilts) for at in range(side.shape[1])] for side in both])
    return _Edges(np.minimum(strength / strong, 1.5), tilt_deg)


def _peak(values: NDArray[np.float64], tilts: NDArray[np.float64]) -> float:
    """Where a parabola through the largest value and its neighbours is highest."""
    n = int(values.argmax())
    if not 0 < n < len(values) - 1:
        return float(tilts[n])
    before, here, after = (float(value) for value in values[n - 1 : n + 2])
    bend = before - 2.0 * here + after
    shift = 0.0 if bend == 0.0 else 0.5 * (before - after) / bend
    return float(tilts[n]) + shift * float(tilts[1] - tilts[0])


def _cost(height: int, usual: tuple[float, float]) -> float:
    return 0.08 * (max(usual[0] - height, 0.0) + max(height - usual[1], 0.0))


def _chain(edges: _Edges) -> list[int]:
    """Positions in mm, of a rise and a fall in turn, of the chain with the largest sum; begins and ends with a body."""
    length = edges.strength.shape[1]
    gain = edges.strength - LEAST_EDGE
    total = np.full((2, length), -np.inf)
    came = np.full((2, length), -1)
    total[0] = gain[0]
    for at in range(length):
        for kind, before, reach, usual in ((1, 0, BODY_MM, USUAL_BODY_MM), (0, 1, DISC_MM, USUAL_DISC_MM)):
            low, high = max(0, at - reach[1]), at - reach[0] + 1
            if high <= low:
                continue
            spots = np.arange(low, high)
            bend = np.abs(edges.tilt_deg[kind, at] - edges.tilt_deg[before, spots])
            cost = 0.04 * np.maximum(bend - TILT_CHANGE_DEG, 0.0)
            cost += np.array([_cost(at - int(spot), usual) for spot in spots])
            sums = total[before, spots] - cost
            best = int(sums.argmax())
            if gain[kind, at] + sums[best] > total[kind, at]:
                total[kind, at], came[kind, at] = gain[kind, at] + sums[best], int(spots[best])
    at, kind = int(total[1].argmax()), 1
    if not np.isfinite(total[1, at]):
        return []
    chain = [at]
    while came[kind, at] >= 0:
        at, kind = int(came[kind, at]), 1 - kind
        chain.append(at)
    return chain[::-1]


def _line(
    at_mm: float,
    tilt_deg: float,
    centre: NDArray[np.float64],
    spacing_mm: tuple[float, float],
    half_width_mm: float,
) -> Line:
    """Ends of a line across the column, in pixels."""
    row_mm, column_mm = spacing_mm
    middle = float(np.interp(at_mm, np.arange(len(centre)) * row_mm, centre))
    ends = [
        (
            (at_mm + side * half_width_mm * np.tan(np.radians(tilt_deg))) / row_mm,
            middle + side * half_width_mm / column_mm,
        )
        for side in (-1.0, 1.0)
    ]
    return (float(ends[0][0]), float(ends[0][1])), (float(ends[1][0]), float(ends[1][1]))


def between(found: Sequence[Vertebra], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels between the upper and the lower endplate of each vertebra, bool [row, column]."""
    inside = np.zeros(shape, np.bool_)
    rows = np.arange(shape[0])[:, None]
    for one in found:
        ends = [end for line in (one.upper, one.lower) for end in line]
        low = max(0, int(np.ceil(min(column for _, column in ends))))
        columns = np.arange(low, min(shape[1] - 1, int(max(column for _, column in ends))) + 1)
        top, bottom = (
            np.interp(columns, [line[0][1], line[1][1]], [line[0][0], line[1][0]]) for line in (one.upper, one.lower)
        )
        inside[:, columns] |= (rows >= top) & (rows <= bottom)
    return inside
