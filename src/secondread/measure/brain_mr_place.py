"""Where something lies in a brain on MR, in words, and how far it is from the middle, the ventricles and the surface.

Lobes are told by a coarse rule, shares of the brain's height, length and half width, and by nothing that was seen of
its sulci: the rule is for finding the place again, not for naming an eloquent region.
"""

from dataclasses import dataclass

import numpy as np

from secondread.core.measurement import Measurement
from secondread.measure.brain_mr import Bools, BrainMr, nearest_mm

MOSTLY = 0.8  # share of the volume on one side from which on it counts as one-sided
LOBE_RULE = (
    "Lobes by a coarse rule, of the height of the brain (0 to 1, upwards) and its length (0 to 1, backwards): "
    "cerebellum and brain stem lower than 0.30 and behind 0.50; temporal lower than 0.48, between 0.22 and 0.72 and "
    "outside the inner third; frontal before a line from 0.50 at mid-height to 0.60 at the top; occipital behind "
    "0.82; else parietal."
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a region lies.

    Attributes:
        side: ``left``, ``right`` or ``both sides``.
        lobes: The lobes of the coarse rule that hold at least a fifth of it, the largest share first.
        words: Both in one phrase.
        distances: To the middle, the ventricles (where any were seen) and the surface of the brain, in mm.
        crosses: Whether voxels lie on both sides of the middle, 2 mm and more from it.
    """

    side: str
    lobes: tuple[str, ...]
    words: str
    distances: tuple[Measurement, ...]
    crosses: bool


def place_of(brain: BrainMr, region: Bools, fluid: Bools) -> Place:
    """Where a region [k, j, i] lies.

    Args:
        brain: The brain.
        region: Not empty.
        fluid: The ventricles; may be empty.
    """
    aside = brain.aside_mm[region]
    left = float((aside > 0).mean())
    side = "left" if left >= MOSTLY else "right" if left <= 1.0 - MOSTLY else "both sides"
    lobes = lobes_of(brain, region)
    words = f"{side}, {' and '.join(lobes)}"
    return Place(side, lobes, words, distances(brain, region, fluid), bool((aside > 2).any() and (aside < -2).any()))


def lobes_of(brain: BrainMr, region: Bools) -> tuple[str, ...]:
    """Lobes by :data:`LOBE_RULE` that hold at least a fifth of a region, the largest share first."""
    up, back, out = (share[region] for share in brain.shares)
    names = lobe_names(up, back, out)
    found, counts = np.unique(names, return_counts=True)
    order = sorted(zip(-counts, found.tolist(), strict=True))
    return tuple(name for count, name in order if -count >= 0.2 * names.size) or (str(order[0][1]),)


def lobe_names(up: np.ndarray, back: np.ndarray, out: np.ndarray) -> np.ndarray:
    """The lobe of each voxel by :data:`LOBE_RULE`, from its shares of height, length and half width."""
    border = 0.50 + 0.20 * np.clip(up - 0.5, 0.0, 0.5)
    names = np.where(back < border, "frontal", np.where(back > 0.82, "occipital", "parietal"))
    temporal = (up < 0.48) & (back > 0.22) & (back < 0.72) & (out > 0.33)
    names = np.where(temporal, "temporal", names)
    return np.where((up < 0.30) & (back > 0.50), "cerebellum or brain stem", names)


def distances(brain: BrainMr, region: Bools, fluid: Bools) -> tuple[Measurement, ...]:
    """Smallest distances of a region from the middle plane, the ventricles and the surface of the brain, in mm."""
    how = "smallest distance between voxel centres"
    aside = brain.aside_mm[region]
    middle = 0.0 if aside.min() <= 0.0 <= aside.max() else float(np.abs(aside).min())
    found = [Measurement("distance to the middle plane", middle, "mm", "smallest distance of a voxel centre")]
    ventricle = nearest_mm(region, fluid, brain.steps)
    if ventricle is not None:
        found.append(Measurement("distance to the ventricles", ventricle, "mm", f"{how}, 0 where they touch"))
    depth = float(brain.depth_mm[region].min())
    surface = depth if depth > min(brain.steps[1:]) * 1.5 else 0.0
    found.append(Measurement("distance to the surface of the brain", surface, "mm", f"{how}, 0 where it is reached"))
    return tuple(found)
