"""Left against right: where one breast has more dense tissue than the other, region by region, in the same view.

Both breasts lie turned, chest wall at the left, so they need no mirroring. Each is divided from its own nipple: into an
upper, a middle and a lower third of its height above and below the nipple line (in a cranio-caudal view outer, middle
and inner), and into a front and a back half between nipple and chest wall. Compared is the share of each region that is
dense, in percentage points.

Source: that asymmetry is a difference in the amount of dense tissue between the same places of both sides: D'Orsi CJ et
al., ACR BI-RADS Atlas, 5th ed., 2013, which gives no number. Regions and numbers here are stated rules of their own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.finding import Limit
from secondread.core.measurement import Measurement
from secondread.measure.breast_density import Density
from secondread.measure.breast_outline import Bools, Breast

BANDS = ("upper", "middle", "lower")
HALVES = ("back", "front")
MIDDLE = 1.0 / 3.0  # the middle band reaches this share of the way from the nipple line to each end
POSITIVE_POINTS = 25.0  # difference of one region from which on it counts
SMALLEST_SHARE = 0.04  # of the breast; smaller regions are not compared


@dataclass(frozen=True, slots=True)
class Region:
    """One region of both sides.

    Attributes:
        band: Of :data:`BANDS`.
        half: Of :data:`HALVES`.
        right_percent: Share that is dense on the right, in percent.
        left_percent: The same on the left.
    """

    band: str
    half: str
    right_percent: float
    left_percent: float

    @property
    def difference(self) -> float:
        """Left less right, in percentage points."""
        return self.left_percent - self.right_percent


def regions(right: tuple[Breast, Density], left: tuple[Breast, Density]) -> tuple[Region, ...]:
    """The regions that both sides have, that with the largest difference first."""
    shares = [_shares(*side) for side in (right, left)]
    both = [
        Region(BANDS[band], HALVES[half], float(shares[0][band, half]), float(shares[1][band, half]))
        for band in range(3)
        for half in range(2)
        if np.isfinite(shares[0][band, half]) and np.isfinite(shares[1][band, half])
    ]
    return tuple(sorted(both, key=lambda one: -abs(one.difference)))


def number(breast: Breast) -> NDArray[np.int8]:
    """int8 [j, i]: 2 x band + half of each pixel of the breast without muscle, -1 elsewhere."""
    tissue = breast.tissue
    rows = np.flatnonzero(tissue.any(axis=1))
    nipple_row, nipple_column = breast.nipple
    above, below = max(1.0, nipple_row - rows[0]), max(1.0, rows[-1] - nipple_row)
    row = np.arange(tissue.shape[0], dtype=np.float64) - nipple_row
    height = np.where(row < 0, row / above, row / below)
    band = np.digitize(height, (-MIDDLE, MIDDLE))
    half = (np.arange(tissue.shape[1]) >= 0.5 * nipple_column).astype(np.int8)
    made = (2 * band[:, None] + half[None, :]).astype(np.int8)
    made[~tissue] = -1
    return np.asarray(made)


def inside(breast: Breast, region: Region) -> Bools:
    """The pixels of a region, bool [j, i]."""
    return np.asarray(number(breast) == 2 * BANDS.index(region.band) + HALVES.index(region.half))


def _shares(breast: Breast, density: Density) -> NDArray[np.float64]:
    """float64 [band, half]: percent dense; nan where the region is too small to compare."""
    where = number(breast).astype(np.intp) + 1
    total = np.bincount(where.ravel(), minlength=7)[1:]
    dense = np.bincount(where[density.dense], minlength=7)[1:]
    share = np.where(total >= SMALLEST_SHARE * total.sum(), 100.0 * dense / np.maximum(total, 1), np.nan)
    return np.asarray(share.reshape(3, 2))


LIMIT = Limit(POSITIVE_POINTS, "own rule, set on phantoms so that hardly a symmetric pair reaches it")


def numbers(region: Region) -> tuple[Measurement, ...]:
    """What is measured of a region, the difference first."""
    how = "difference of the dense share of the same region of both sides, in percentage points"
    return (
        Measurement("difference", abs(region.difference), "%", how),
        Measurement("dense share, right", region.right_percent, "%", "of this region"),
        Measurement("dense share, left", region.left_percent, "%", "of this region"),
    )
