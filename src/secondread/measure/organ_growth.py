"""Growing an organ on a coarse CT from where it surely is, over what looks like it, and no further than it hangs on.

Lengths and limits are rules of our own.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.measure.coarse_grid import CoarseGrid, Inside
from secondread.measure.vertebrae import Column

SOFT_HU, BONE_HU = (-30.0, 350.0), 220.0
NARROW_MM = {"liver": 7.5, "spleen": 6.0, "kidney": 4.5}  # what hangs on by twice this is cut off
Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Organ:
    """An outlined organ.

    Attributes:
        inside: bool [k, j, i] on the coarse grid.
        centre_hu: Median of the smoothed voxels that it grew from.
        cut: Whether it reaches the first or last slice of the scan, so that a part may be missing.
    """

    inside: Inside
    centre_hu: float
    cut: bool


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """Smoothed values and, for each voxel, mm to the left of and behind the spinal canal."""

    grid: CoarseGrid
    values: Values
    soft: Inside
    beside: Values
    behind: Values

    @property
    def step(self) -> float:
        """Side of a voxel in mm."""
        return float(np.mean(self.grid.step_mm))


def scan_of(grid: CoarseGrid, inside: Inside, column: Column) -> Scan:
    """The scan smoothed by a median of 27 voxels, with its soft tissue and distances from the canal."""
    values = np.asarray(scipy.ndimage.median_filter(grid.values, 3), np.float32)
    soft = (values > SOFT_HU[0]) & (values < SOFT_HU[1]) & inside & ~scipy.ndimage.binary_opening(grid.values > BONE_HU)
    _, j_mm, i_mm = grid.step_mm
    j, i = np.arange(values.shape[1])[None, :, None], np.arange(values.shape[2])[None, None, :]
    beside = (i - column.canal[:, 1][:, None, None]) * i_mm
    behind = (j - column.canal[:, 0][:, None, None]) * j_mm
    whole = [np.broadcast_to(part, values.shape).astype(np.float32) for part in (beside, behind)]
    for part in whole:  # below the sacrum and above the scan's column nothing is known
        part[: column.first], part[column.last + 1 :] = np.nan, np.nan
    return Scan(grid, values, soft, whole[0], whole[1])


def depth_of(inside: Inside) -> Values:
    """Distance to the outside in voxels; the edge of the scan is no outside."""
    padded = np.pad(inside, 1, mode="edge")
    return np.asarray(scipy.ndimage.distance_transform_edt(padded)[1:-1, 1:-1, 1:-1], np.float32)


def grown(scan: Scan, near: Inside, allowed: Inside, centre: tuple[float, float], kind: str) -> Inside:
    """The piece nearest to ``near`` of what looks alike, without what hangs on by a narrow bridge.

    Args:
        scan: Values.
        near: Where the organ surely is.
        allowed: Where it may be.
        centre: (HU, half width in HU).
        kind: Of ``NARROW_MM``.
    """
    narrow = NARROW_MM[kind] / scan.step
    alike = (np.abs(scan.values - centre[0]) <= centre[1]) & allowed
    labels, count = scipy.ndimage.label(depth_of(alike) > narrow)
    if not count:
        return np.zeros(near.shape, np.bool_)
    votes = np.bincount(labels[near], minlength=count + 1)
    votes[0] = 0
    core = labels == int(votes.argmax())
    if not votes.any():
        return np.zeros(near.shape, np.bool_)
    reach = scipy.ndimage.distance_transform_edt(~core) <= narrow + 1.0
    return np.asarray(reach & alike)


def edged(scan: Scan, inside: Inside, allowed: Inside, centre_hu: float) -> Inside:
    """With the voxels around it that are more than half organ where fat or lung begins: partial volume."""
    rim = scipy.ndimage.binary_dilation(inside) & ~inside & allowed
    dark = scipy.ndimage.binary_dilation(scan.grid.values < -20.0) & rim
    half = (centre_hu - 90.0) / 2.0
    return np.asarray(inside | (dark & (scan.grid.values > half) & (scan.grid.values < centre_hu + 60.0)))


def _cut(inside: Inside) -> bool:
    return bool(inside[0].any() or inside[-1].any())


def millilitres(scan: Scan, inside: Inside) -> float:
    """Volume of a region in mL."""
    return float(inside.sum()) * scan.grid.voxel_ml


def checked(scan: Scan, inside: Inside, hu: float, limits: tuple[float, float], name: str) -> Organ | str:
    """The organ, without holes, or why its size is none."""
    whole = np.stack([scipy.ndimage.binary_fill_holes(plane) for plane in inside]) & (scan.grid.values > -20.0)
    found = whole if name != "kidney" else inside
    volume = millilitres(scan, found)
    if not limits[0] <= volume <= limits[1]:
        return f"what was outlined as {name} has {volume:.0f} mL; needed {limits[0]:.0f} to {limits[1]:.0f}"
    return Organ(np.asarray(found), hu, _cut(found))
