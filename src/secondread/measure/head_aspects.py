"""The ten regions of ASPECTS on a template placed by the box of the skull's inside, and how left and right differ.

The template is ours and simple: boxes in shares of the half width and of the length of the skull's inside, the same on
both sides of the plane of symmetry, at two levels below the top of the skull's inside. It follows no anatomy of the
person, so a region holds parts of its neighbours, and a change that both sides share is not seen. Not validated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.measure.head import Bools
from secondread.measure.head_midline import depth_of, quiet
from secondread.measure.head_symmetry import HALF_WIDTH_MM, Straight, width_mm

# Depth of the two levels below the top of the inside of a skull 135 mm wide; they scale with the width.
LEVELS_MM = {"ganglionic": 56.0, "supraganglionic": 36.0}
USUAL_WIDTH_MM, SLAB_HALF_MM = 135.0, 5.0
# (level, from and to in shares of the half width, from and to in shares of the length, from the front).
BOXES: Mapping[str, tuple[str, float, float, float, float]] = {
    "C": ("ganglionic", 0.10, 0.22, 0.33, 0.43),
    "IC": ("ganglionic", 0.23, 0.31, 0.40, 0.56),
    "L": ("ganglionic", 0.31, 0.48, 0.37, 0.55),
    "I": ("ganglionic", 0.53, 0.64, 0.37, 0.55),
    "M1": ("ganglionic", 0.48, 0.92, 0.20, 0.36),
    "M2": ("ganglionic", 0.67, 0.93, 0.37, 0.56),
    "M3": ("ganglionic", 0.55, 0.92, 0.58, 0.76),
    "M4": ("supraganglionic", 0.40, 0.92, 0.20, 0.38),
    "M5": ("supraganglionic", 0.45, 0.93, 0.40, 0.58),
    "M6": ("supraganglionic", 0.42, 0.92, 0.60, 0.78),
}
EDGE_MM = 3.0
BRAINLIKE_HU = (-12.0, 16.0)  # around this brain's median; the rest is fluid, calcium or blood
LEAST_SHARE, LEAST_ML = 0.5, 0.4
LOWER_HU, ERRORS = 3.0, 4.0  # from which on a region counts as lower than its mirror image
CORRELATED = 8.0  # voxels that share their noise


@dataclass(frozen=True, slots=True)
class Compared:
    """One region on both sides.

    Attributes:
        code: As in :mod:`secondread.guidelines.aspects`.
        left_hu: Mean of brain-like voxels, or None where too few are.
        right_hu: The same on the right.
        error_hu: Standard error of their difference from noise.
    """

    code: str
    left_hu: float | None
    right_hu: float | None
    error_hu: float

    @property
    def lower(self) -> str:
        """``left`` or ``right``, the side that is lower by 3 HU and by 4 standard errors, or an empty text."""
        if self.left_hu is None or self.right_hu is None:
            return ""
        difference = self.left_hu - self.right_hu
        if abs(difference) < max(LOWER_HU, ERRORS * self.error_hu):
            return ""
        return "left" if difference < 0.0 else "right"


def template(straight: Straight) -> dict[str, Bools]:
    """Region code to bool [w, v, u], both sides together; empty regions where the slices do not reach them."""
    inside = straight.cavity & (depth_of(straight) >= EDGE_MM)
    heights = np.flatnonzero(straight.cavity.any(axis=(1, 2)))
    top = float(straight.at(0)[heights[-1]])
    scale = width_mm(straight) / USUAL_WIDTH_MM
    found = {}
    for code, (level, x0, x1, y0, y1) in BOXES.items():
        away = np.abs(straight.at(0) - (top - LEVELS_MM[level] * scale))
        found[code] = inside & _box(straight, away <= max(SLAB_HALF_MM, straight.spacing_mm[0] / 2.0), (x0, x1, y0, y1))
    return found


def _box(straight: Straight, level: NDArray[np.bool_], box: Sequence[float]) -> Bools:
    """A box in shares of the half width and length of the skull's inside at this level."""
    found = np.zeros(straight.cavity.shape, np.bool_)
    here = straight.cavity[level]
    if not here.any():
        return found
    rows = np.flatnonzero(here.any(axis=(0, 2)))
    columns = np.flatnonzero(here.any(axis=(0, 1)))
    half = float(np.abs(columns - HALF_WIDTH_MM).max())
    x = np.abs(np.arange(straight.cavity.shape[2]) - HALF_WIDTH_MM) / half
    y = (np.arange(straight.cavity.shape[1]) - rows[0]) / max(1.0, float(rows[-1] - rows[0]))
    flat = ((y >= box[2]) & (y <= box[3]))[:, None] & ((x >= box[0]) & (x <= box[1]))
    found[level] = flat
    return found


def compared(straight: Straight, regions: dict[str, Bools], brain_hu: float, noise_hu: float) -> tuple[Compared, ...]:
    """Every region of the template on both sides, in the order of the template."""
    values = quiet(straight, (1.0, 1.0))
    low, high = brain_hu + BRAINLIKE_HU[0], brain_hu + BRAINLIKE_HU[1]
    brainlike = (values > low) & (values < high)
    left = np.arange(values.shape[2]) > HALF_WIDTH_MM
    found = []
    for code, region in regions.items():
        sides = [region & side for side in (left, ~left)]
        parts = [side & brainlike for side in sides]
        enough = [
            part.sum() >= LEAST_SHARE * max(1, side.sum()) and part.sum() * straight.voxel_ml >= LEAST_ML
            for part, side in zip(parts, sides, strict=True)
        ]
        means = [float(straight.values[part].mean()) if all(enough) else None for part in parts]
        counts = [max(1.0, part.sum() / CORRELATED) for part in parts]
        error = noise_hu * float(np.sqrt(sum(1.0 / count for count in counts)))
        found.append(Compared(code, means[0], means[1], error))
    return tuple(found)
