"""What a T1-weighted series of the whole brain tells: whether it is one, its share of tissue, and the Evans index."""

import numpy as np

from secondread.core.measurement import Measurement
from secondread.measure.atrophy import brain_parenchymal_fraction, evans_index
from secondread.measure.brain_mosaic import three_classes
from secondread.measure.brain_mr import Bools, BrainMr
from secondread.measure.brain_mr_shift import frontal_horn_width_mm

RIM_MM, CORE_MM = (2.0, 7.0), 14.0
TISSUE = 0.6  # share of the usual grey above which it is no fluid


def depth_over_rim(brain: BrainMr) -> float:
    """How much brighter the depth of the brain is than its rim, fluid left out; 0 where one of them is empty.

    White matter lies in the depth and is brighter than grey matter on T1 alone: on FLAIR and T2 it is darker.
    """
    tissue = brain.inside & (brain.values > TISSUE * brain.usual)
    rim = tissue & (brain.depth_mm >= RIM_MM[0]) & (brain.depth_mm <= RIM_MM[1])
    core = tissue & (brain.depth_mm >= CORE_MM)
    if not rim.any() or not core.any():
        return 0.0
    return float(np.median(brain.values[core])) / max(float(np.median(brain.values[rim])), 1e-6)


def parenchyma(brain: BrainMr) -> tuple[Measurement, Measurement]:
    """(share of tissue inside the outline of the brain, volume of fluid), by three classes of grey (Otsu)."""
    inside = brain.values[brain.inside]
    low, high = three_classes(inside)
    dark, bright = (float(n) * brain.voxel_ml for n in ((inside < low).sum(), (inside >= high).sum()))
    share = brain_parenchymal_fraction(grey_ml=brain.brain_ml - dark - bright, white_ml=bright, csf_ml=dark)
    how = "darkest of three classes of grey (Otsu) inside the outline of the brain"
    return share, Measurement("fluid", dark, "mL", how)


def evans_of(brain: BrainMr, fluid: Bools) -> Measurement | None:
    """The Evans index, the brain with the fluid around it standing for the inside of the skull; None without horns."""
    horns = frontal_horn_width_mm(brain, fluid)
    if horns is None:
        return None
    wide, skull, k = horns
    return evans_index(horns_mm=wide, skull_mm=skull, horns_slice=k, skull_slice=k)
