"""The first part of the middle cerebral artery on both sides: how dense, and how much denser than the other.

Source of the rule: more than 43 HU and a ratio of more than 1.2 of denser to less dense side (Koo, Teasdale and Muir,
Cerebrovasc Dis 2000;10:419, its abstract). There regions were placed by hand on the vessel; here the densest 40 mm3 of
a box below the basal ganglia stand for it, away from bone, so that figures are only like theirs. Not validated. Slices
of 5 mm blur the vessel with fluid, and it is often not seen (doi:10.4236/ojrad.2013.34031).
"""

from dataclasses import dataclass

import numpy as np
import scipy

from secondread.measure.head import BONE_HU
from secondread.measure.head_aspects import LEVELS_MM, USUAL_WIDTH_MM
from secondread.measure.head_midline import quiet
from secondread.measure.head_symmetry import HALF_WIDTH_MM, Straight, width_mm

THICKEST_MM = 3.0
DENSE_HU, RATIO = 43.0, 1.2
BELOW_MM = (14.0, 36.0)  # below the level of the basal ganglia
ACROSS_MM = (8.0, 38.0)  # from the plane of symmetry
ALONG = (0.32, 0.52)  # in shares of the length of the skull's inside, from the front
FROM_BONE_MM = 4
SAMPLE_MM3 = 40.0


@dataclass(frozen=True, slots=True)
class Vessels:
    """Both sides, in HU."""

    left_hu: float
    right_hu: float

    @property
    def ratio(self) -> float:
        """Denser over less dense side."""
        return max(self.left_hu, self.right_hu) / max(1.0, min(self.left_hu, self.right_hu))

    @property
    def denser(self) -> str:
        """``left`` or ``right``."""
        return "left" if self.left_hu > self.right_hu else "right"


def vessels_of(straight: Straight) -> Vessels | None:
    """The densest 40 mm3 of the box of the middle cerebral artery on each side; None where the box is not shown."""
    scale = width_mm(straight) / USUAL_WIDTH_MM
    heights = straight.at(0)
    shown = np.flatnonzero(straight.cavity.any(axis=(1, 2)))
    level = float(heights[shown[-1]]) - LEVELS_MM["ganglionic"] * scale
    chosen = (heights >= level - BELOW_MM[1] * scale) & (heights <= level - BELOW_MM[0] * scale)
    rows = np.flatnonzero(straight.cavity[shown].any(axis=(0, 2)))
    y = (np.arange(straight.cavity.shape[1]) - rows[0]) / max(1, rows[-1] - rows[0])
    u = np.arange(straight.cavity.shape[2]) - HALF_WIDTH_MM
    across = (np.abs(u) >= ACROSS_MM[0]) & (np.abs(u) <= ACROSS_MM[1])
    box = chosen[:, None, None] & ((y >= ALONG[0]) & (y <= ALONG[1]))[:, None] & across
    bone = scipy.ndimage.binary_dilation(
        straight.values > BONE_HU, np.ones((1, 3, 3), np.bool_), iterations=FROM_BONE_MM
    )
    beside = bone.copy()
    beside[1:] |= bone[:-1]
    beside[:-1] |= bone[1:]
    values = quiet(straight, (0.7, 0.7))
    found = []
    count = max(3, round(SAMPLE_MM3 / 1000.0 / straight.voxel_ml))
    for side in (u > 0, u < 0):
        here = values[box & side & straight.cavity & ~beside]
        if here.size < 10 * count:
            return None
        found.append(float(np.sort(here)[-count:].mean()))
    return Vessels(found[0], found[1])
