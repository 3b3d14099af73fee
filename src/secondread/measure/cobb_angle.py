"""Cobb angle: how far two endplates of a curved spine are tilted against each other.

Source: Cobb JR 1948, the acute angle between the upper endplate of the upper end vertebra and the lower endplate of the
lower one. Its error: Morrissy RT et al., J Bone Joint Surg Am 1990;72:320: 95 % of repeated measurements lie within 4.9
degrees when one reader chooses the end vertebrae, within 7.2 when readers differ. A curve beyond 90 degrees comes out
as its supplement: the acute angle cannot tell.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.core.measurement import Measurement

ERROR_DEG = 5.0
METHOD = "acute angle between two endplate lines, in mm"


def cobb_angle(upper: ArrayLike, lower: ArrayLike, spacing_mm: tuple[float, float]) -> Measurement:
    """Angle between two endplates, 0 to 90 degrees.

    Args:
        upper: Ends of the upper endplate, [2 points, (row, column)].
        lower: Ends of the lower endplate, the same.
        spacing_mm: (between rows, between columns). Only their ratio matters: (1, 1) where they are known to be equal.

    Raises:
        ValueError: If an endplate is not two different points, or the spacing is not positive.
    """
    angle_deg = _angle_deg(_direction(upper, spacing_mm), _direction(lower, spacing_mm))
    return Measurement("Cobb angle", angle_deg, "deg", METHOD, uncertainty=ERROR_DEG)


def largest_cobb_angle(
    endplates: Sequence[tuple[ArrayLike, ArrayLike]], spacing_mm: tuple[float, float]
) -> tuple[Measurement, int, int]:
    """The largest angle of a spine, and which vertebrae it lies between.

    Args:
        endplates: (upper, lower) endplate of each vertebra, from the head down, as in :func:`cobb_angle`.
        spacing_mm: (between rows, between columns).

    Returns:
        The angle, and the index of the upper and of the lower end vertebra.

    Raises:
        ValueError: If there are fewer than two vertebrae, or an endplate is no line.
    """
    if len(endplates) < 2:
        raise ValueError(f"endplates: found {len(endplates)} vertebrae, needed two or more")
    tops = [_direction(top, spacing_mm) for top, _ in endplates]
    bottoms = [_direction(bottom, spacing_mm) for _, bottom in endplates]
    pairs = [(n, m) for n in range(len(tops)) for m in range(n + 1, len(tops))]
    upper, lower = max(pairs, key=lambda pair: _angle_deg(tops[pair[0]], bottoms[pair[1]]))
    return cobb_angle(endplates[upper][0], endplates[lower][1], spacing_mm), upper, lower


def _direction(endplate: ArrayLike, spacing_mm: tuple[float, float]) -> NDArray[np.float64]:
    """Unit vector along an endplate in mm, [2]."""
    if not all(np.isfinite(s) and s > 0 for s in spacing_mm):
        raise ValueError(f"spacing_mm: found {spacing_mm}, needed two positive numbers")
    points = np.asarray(endplate, dtype=np.float64)
    if points.shape != (2, 2) or not np.isfinite(points).all() or np.array_equal(points[0], points[1]):
        raise ValueError(f"endplate: found shape {points.shape}, needed two different points (row, column)")
    along = (points[1] - points[0]) * np.asarray(spacing_mm)
    return np.asarray(along / np.linalg.norm(along))


def _angle_deg(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Acute angle between two unit vectors in degrees; exact for small angles too, where the cosine is flat."""
    sine = abs(float(one[0] * other[1] - one[1] * other[0]))
    cosine = abs(float(one @ other))
    return float(np.degrees(np.arctan2(sine, cosine)))
