"""Heights and attenuation of vertebral bodies on planes across a straightened spine.

Heights are taken before, in the middle and behind, each between the places where the brightness rises from the disc to
the upper endplate and falls behind the lower one; blur moves both outwards. Height loss is what the lower of the front
and middle heights lacks of the back one, or the mean height of that of its neighbours, whichever is more.

Sources: Genant HK et al., J Bone Miner Res 1993;8:1137, as quoted in doi 10.21037/qims.2019.02.04: grade 1 from 20 to
25 %, grade 2 to 40 %, grade 3 above. That grading is a physician's, by eye, and weighs the shape too: a percentage
alone is no fracture. Attenuation: mean of the spongy bone away from cortex and endplates (Pickhardt PJ et al., Ann
Intern Med 2013;158:588).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.measure.coarse_grid import CoarseGrid, Inside
from secondread.measure.endplates import Vertebra
from secondread.measure.straight_spine import BEFORE_MM, BESIDE_MM, StraightSpine

Points = list[tuple[float, float]]

GRADES = ((40.0, 3), (25.0, 2), (20.0, 1))  # from this loss in percent on; 3 above, not at
AT_SHARE = (0.72, 0.0, -0.72)  # of half the depth: before, middle, behind
NEAR_MM, BESIDE_MEAN_MM, DEEP_MEAN_MM, BLUR_MM = 8, 8, 2, 0.8
SPONGY_SHARE, SPONGY_HEIGHT = 0.5, 0.5
BACK_MM, FRONT_MM = (-24.0, -5.0), (6.0, 29.0)  # where the walls of a body are looked for, to the front
END_MM, STRONG_SHARE, WIDE = 6.0, 0.55, 1.35


@dataclass(frozen=True, slots=True)
class Body:
    """One vertebral body.

    Attributes:
        top_mm: Where its upper endplate lies along the spine, from the top of the scan.
        bottom_mm: Where the lower one lies.
        front_mm: Height before.
        middle_mm: Height in the middle.
        back_mm: Height behind.
        hu: Mean attenuation of the spongy bone, HU.
    """

    top_mm: float
    bottom_mm: float
    front_mm: float
    middle_mm: float
    back_mm: float
    hu: float

    @property
    def mean_mm(self) -> float:
        """Mean of the three heights."""
        return (self.front_mm + self.middle_mm + self.back_mm) / 3.0


def bodies(spine: StraightSpine, found: Sequence[Vertebra]) -> tuple[Body, ...]:
    """Measures of each vertebra of the front view, from the head down.

    Args:
        spine: The planes.
        found: Vertebrae in ``spine.front_view``, 1 mm a pixel.
    """
    return tuple(_body(spine, one) for one in found)


def whole(spine: StraightSpine, found: Sequence[Vertebra]) -> tuple[Vertebra, ...]:
    """Those that do not end at the end of the column, where an edge of the scan or of the sacrum may be mistaken."""
    length = len(spine.values) - 1
    return tuple(
        one
        for one in found
        if min(end[0] for end in one.upper) > END_MM and max(end[0] for end in one.lower) < length - END_MM
    )


def losses_percent(found: Sequence[Body]) -> tuple[float, ...]:
    """Height loss of each body in percent, not below 0.

    >>> flat = Body(0.0, 20.0, 15.0, 18.0, 20.0, 120.0)
    >>> round(losses_percent([flat])[0])
    25
    """
    lost = []
    for n, one in enumerate(found):
        own = 1.0 - min(one.front_mm, one.middle_mm) / one.back_mm
        near = [found[m].mean_mm for m in (n - 1, n + 1) if 0 <= m < len(found)]
        crush = 1.0 - one.mean_mm / (sum(near) / len(near)) if len(near) == 2 else 0.0
        lost.append(100.0 * max(own, crush, 0.0))
    return tuple(lost)


def grade(loss_percent: float) -> int:
    """Grade 0 to 3 by measurement alone.

    >>> [grade(loss) for loss in (19.9, 20.0, 25.0, 40.0, 41.0)]
    [0, 1, 2, 2, 3]
    """
    for limit, number in GRADES:
        if loss_percent > limit or (loss_percent == limit and number < 3):
            return number
    return 0


def _body(spine: StraightSpine, one: Vertebra) -> Body:
    top, bottom = (sum(end[0] for end in line) / 2.0 for line in (one.upper, one.lower))
    upper, lower = side_lines(spine, one)
    heights = [
        float(np.linalg.norm(spine.in_patient_mm(*down) - spine.in_patient_mm(*up)))
        for up, down in zip(upper, lower, strict=True)
    ]
    return Body(top, bottom, heights[0], heights[1], heights[2], _spongy_hu(spine, top, bottom))


def _edge(spine: StraightSpine, line: tuple[tuple[float, float], tuple[float, float]], u_mm: float, sign: int) -> float:
    """Where the brightness changes most near an endplate, at ``u_mm`` to the front, in mm along the spine."""
    (left_row, left_column), (right_row, right_column) = line
    slope = (right_row - left_row) / (right_column - left_column)
    middle = (left_row + right_row) / 2.0
    s = middle + np.arange(-NEAR_MM - 4.0, NEAR_MM + 5.0)
    x = np.arange(-BESIDE_MEAN_MM, BESIDE_MEAN_MM + 1.0)
    u = BEFORE_MM + u_mm + np.arange(-DEEP_MEAN_MM, DEEP_MEAN_MM + 1.0)
    at = np.meshgrid(s, u, x, indexing="ij")
    points = [at[0] + slope * at[2], at[1], BESIDE_MM + at[2]]
    profile = scipy.ndimage.map_coordinates(spine.values, points, order=1, mode="nearest").mean(axis=(1, 2))
    change = sign * scipy.ndimage.gaussian_filter1d(profile.astype(np.float64), BLUR_MM, order=1, mode="nearest")
    return float(s[0]) + _innermost(change, sign)


def _innermost(change: NDArray[np.float64], sign: int) -> float:
    """Where a strong change lies that is nearest to the inside of the body; further out the next body begins."""
    inner = change[4:-4]
    strong = [
        n
        for n in range(len(inner))
        if inner[n] >= STRONG_SHARE * inner.max() and change[n + 3] <= change[n + 4] >= change[n + 5]
    ]
    n = 4 + (strong[-1 if sign > 0 else 0] if strong else int(inner.argmax()))
    bend = float(change[n - 1] - 2.0 * change[n] + change[n + 1])
    shift = 0.5 * float(change[n - 1] - change[n + 1]) / bend if bend < 0.0 else 0.0
    return n + float(np.clip(shift, -1.0, 1.0))


def _walls(spine: StraightSpine, top: float, bottom: float) -> tuple[float, float]:
    """Middle between the front and the back wall of a body, mm to the front, and half the way between them."""
    reach = max(1.0, 0.2 * (bottom - top))
    rows = slice(round((top + bottom) / 2.0 - reach), round((top + bottom) / 2.0 + reach) + 1)
    profile = spine.values[rows, :, BESIDE_MM - 6 : BESIDE_MM + 7].mean(axis=(0, 2))
    change = scipy.ndimage.gaussian_filter1d(profile.astype(np.float64), BLUR_MM, order=1, mode="nearest")
    u = np.arange(-BEFORE_MM, BEFORE_MM + 1.0)
    back = float(u[np.where((u >= BACK_MM[0]) & (u <= BACK_MM[1]), change, -np.inf).argmax()])
    front = float(u[np.where((u >= FRONT_MM[0]) & (u <= FRONT_MM[1]), change, np.inf).argmin()])
    return (front + back) / 2.0, (front - back) / 2.0


def _spongy_hu(spine: StraightSpine, top: float, bottom: float) -> float:
    """Mean of an elliptic cylinder in the middle half of the height and of the depth."""
    ahead, half = _walls(spine, top, bottom)
    middle, high = (top + bottom) / 2.0, (bottom - top) * SPONGY_HEIGHT / 2.0
    s, u, x = np.ogrid[: spine.values.shape[0], : spine.values.shape[1], : spine.values.shape[2]]
    flat = ((u - BEFORE_MM - ahead) / (half * SPONGY_SHARE)) ** 2 + ((x - BESIDE_MM) / (1.3 * half * SPONGY_SHARE)) ** 2
    inside = (np.abs(s - middle) <= high) & (flat <= 1.0)
    return float(spine.values[inside].mean()) if inside.any() else float("nan")


def side_lines(spine: StraightSpine, one: Vertebra) -> tuple[Points, Points]:
    """Points (s, u) of the upper and of the lower endplate in the side view, in pixels, before, middle and behind."""
    top, bottom = (sum(end[0] for end in line) / 2.0 for line in (one.upper, one.lower))
    ahead, half = _walls(spine, top, bottom)
    sides: list[Points] = []
    for line, sign in ((one.upper, 1), (one.lower, -1)):
        places = [ahead + share * half for share in AT_SHARE]
        sides.append([(_edge(spine, line, u_mm, sign), BEFORE_MM + u_mm) for u_mm in places])
    return sides[0], sides[1]


def region(spine: StraightSpine, one: Vertebra, grid: CoarseGrid) -> Inside:
    """A body on the coarse grid, bool [k, j, i]: between its endplates and walls."""
    top, bottom = (sum(end[0] for end in line) / 2.0 for line in (one.upper, one.lower))
    ahead, half = _walls(spine, top, bottom)
    rim = max(grid.step_mm) / 2.0  # a coarse voxel is marked by its middle
    deep, wide = half - rim, WIDE * half - rim
    along = np.arange(top + rim, bottom - rim + 0.5)
    s, u, x = np.meshgrid(along, np.arange(-deep, deep + 0.5), np.arange(-wide, wide + 0.5), indexing="ij")
    kept = (u / deep) ** 2 + (x / wide) ** 2 <= 1.0
    s, u, x = s[kept] + slope_of(one) * x[kept], u[kept] + ahead, x[kept]
    at = np.arange(len(spine.middle))
    step = np.asarray(spine.step_mm)
    points = np.stack([np.interp(s, at, spine.middle[:, axis]) for axis in range(3)], axis=1)
    points[:, 0] += np.interp(s, at, spine.forward[:, 0]) * u / step[0]
    points[:, 1] += np.interp(s, at, spine.forward[:, 1]) * u / step[1]
    points[:, 2] += x / step[2]
    inside = np.zeros(grid.values.shape, np.bool_)
    index = np.round(points).astype(int)
    index = index[((index >= 0) & (index < np.asarray(inside.shape))).all(axis=1)]
    inside[tuple(index.T)] = True
    return inside


def slope_of(one: Vertebra) -> float:
    """Mean slope of its endplates in the front view, mm down a mm to the left."""
    slopes = [(last[0] - first[0]) / (last[1] - first[1]) for first, last in (one.upper, one.lower)]
    return float(np.mean(slopes))
