"""How much of the breast is dense on a mammogram: the share of its area that is brighter than halfway to dense.

What "fat" and "dense" look like is taken from the picture itself, since the grey of a picture for presentation means
nothing in another one: they are typical greys of the two groups into which Otsu's threshold parts the breast. Where
these lie too near each other there is only one kind of tissue: dense if as bright as the pectoral muscle or, where no
muscle is seen, if much brighter than the fat below the skin; else fat.

Sources: Boyd NF et al., J Natl Cancer Inst 1995;87:670-675 (percent density by thresholds); for the four groups by
percentage, which the 4th edition of BI-RADS had and the 5th left: Vachon CM et al., Breast Cancer Res 2007;9:217.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from secondread.measure.breast_outline import Bools, Breast, Floats, otsu

RIM_MM = 5.0  # skin and the thin edge are left out of the greys that are compared
SKIN_SHARE, HALFWAY = 0.45, 0.5
# Least distance of the medians of the two groups in units of their spread (one Gaussian alone gives 2.24), and as a
# share of the grey of fat.
APART, LEAST_STEP = 2.3, 0.33
# Between the two kinds lie pixels that are partly both; the fewer pixels a group has, the more of them are such. So the
# typical grey of a group is a percentile of it that lies the further from the other group, the smaller the group is.
TYPICAL = 60.0
# With one kind only: even a dense breast has some fat, most of it below the skin, and that is much darker.
DARKEST, ALL_DENSE = 2.0, 1.58
# (below this percentage, group): quartiles.
GROUPS = ((25.0, "a"), (50.0, "b"), (75.0, "c"), (float("inf"), "d"))


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """Dense tissue of one view.

    Attributes:
        percent: Share of the breast's area, without the muscle, that is dense.
        dense: bool [j, i] on the breast's grid.
        fat: Grey taken for fat.
        level: Grey from which a pixel counts as dense.
        two_kinds: Whether fat and dense tissue could be told apart in this picture at all.
    """

    percent: float
    dense: Bools
    fat: float
    level: float
    two_kinds: bool


def density(breast: Breast) -> Density:
    """Percent density of a view."""
    smooth = scipy.ndimage.gaussian_filter(breast.grey, 0.8)
    depth = breast.depth_mm()
    rim = RIM_MM if breast.step_mm else RIM_MM / 0.8
    core = breast.tissue & (depth >= rim)
    if core.sum() < 50:
        core = breast.tissue
    values = smooth[core]
    below_skin = breast.tissue & (depth >= 0.5 * rim) & (depth < rim)
    reference = float(np.median(smooth[below_skin])) if below_skin.sum() >= 50 else float(values.min())
    fat, level, two = levels(values, reference, _muscle_grey(breast, smooth))
    dense = breast.tissue & (depth >= SKIN_SHARE * rim) & (smooth >= level)
    return Density(100.0 * float(dense.sum()) / float(breast.tissue.sum()), dense, fat, level, two)


def levels(values: Floats, below_skin: float, muscle: float | None = None) -> tuple[float, float, bool]:
    """(grey of fat, grey from which tissue is dense, whether there are two kinds).

    Args:
        values: Greys [n] of the breast without skin, rim and muscle.
        below_skin: Grey of the rim just below the skin, where there is fat in every breast.
        muscle: Grey of the pectoral muscle, which is near that of glands, or None.
    """
    part = otsu(values)
    dark, bright = values[values < part], values[values >= part]
    if dark.size and bright.size:
        fat, dense = float(np.median(dark)), float(np.median(bright))
        spread = float(np.sqrt((dark.var() * dark.size + bright.var() * bright.size) / values.size))
        if dense - fat >= max(APART * spread, LEAST_STEP * fat):
            share = bright.size / values.size
            fat = float(np.percentile(dark, TYPICAL * (1.0 - share)))
            dense = float(np.percentile(bright, 100.0 - TYPICAL * share))
            return fat, fat + HALFWAY * (dense - fat), True
    darkest, middle = (float(value) for value in np.percentile(values, (DARKEST, 50.0)))
    fat = min(darkest, below_skin)
    as_muscle = muscle is not None and fat < muscle and middle >= fat + HALFWAY * (muscle - fat)
    if as_muscle or (muscle is None and middle >= ALL_DENSE * fat):
        return fat, fat + HALFWAY * (middle - fat), False
    return middle, float(values.max()) + 1.0, False


def _muscle_grey(breast: Breast, smooth: Floats) -> float | None:
    inner = scipy.ndimage.binary_erosion(breast.muscle, iterations=4)
    return float(np.median(smooth[inner])) if inner.sum() >= 50 else None


def group(percent: float) -> str:
    """``a`` to ``d`` by quartile of the percentage; not the letter that a radiologist gives by eye.

    Raises:
        ValueError: If it is no percentage.

    >>> [group(percent) for percent in (3.0, 25.0, 74.9, 75.0)]
    ['a', 'b', 'c', 'd']
    """
    if not 0.0 <= percent <= 100.0:
        raise ValueError(f"percent: found {percent}, needed 0 to 100")
    return next(letter for limit, letter in GROUPS if percent < limit)
