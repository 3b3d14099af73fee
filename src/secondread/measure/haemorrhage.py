"""Volume of a bleeding in the head: by counting voxels, and by ABC/2 as it is estimated at the bedside.

Report the count of voxels, and ABC/2 beside it: scores and trials were built on it. Source of ABC/2: Kothari et al.,
Stroke 1996;27:1304, doi:10.1161/01.STR.27.8.1304, checked at radiopaedia.org (ABC/2): A the greatest diameter on the
axial slice with most blood, B the diameter at 90 degrees to it, C the number of slices with blood times their distance.
Irregular bleedings are divided by 3 (Huttner 2006, read in PeerJ 2016, doi:10.7717/peerj.1921).

unverified: the weights of slices in C (1 from 75 % of the largest area on, 0.5 from 25 % on, 0 below) are from memory.
With them an ellipsoid comes out at about two thirds of its volume, without them at 95 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import SpacingError
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.measure.diameters import diameters_in_slice
from secondread.measure.positive import check_positive

NAME = "volume of haemorrhage"
WHOLE_SLICE, HALF_SLICE = 0.75, 0.25  # share of the largest area from which a slice counts 1, and 0.5
REGULAR, IRREGULAR = 2.0, 3.0
SLACK = 1e-9  # areas of equal counts may differ in the last bit


@dataclass(frozen=True, slots=True)
class Abc:
    """What ABC/2 is made of.

    Attributes:
        a_mm: Longest diameter on the slice with most blood.
        b_mm: Longest diameter perpendicular to it on the same slice.
        c_mm: Slices with blood, weighted or not, times the distance between slices.
        slice_index: k of the slice with most blood.
        volume: A x B x C / 2, or / 3 for an irregular bleeding, in mL.
    """

    a_mm: float
    b_mm: float
    c_mm: float
    slice_index: int
    volume: Measurement


def volume_by_voxels(mask: Mask) -> Measurement:
    """Volume in mL of the voxels inside; 0 when there are none.

    Raises:
        SpacingError: If the mask does not lie on a volume.
    """
    return Measurement(NAME, mask.volume_ml, "mL", "count of voxels times the volume of one")


def slice_weights(areas: Sequence[float]) -> NDArray[np.float64]:
    """Weight of each slice in C: 1, 0.5 or 0 by its area against the largest.

    Args:
        areas: Area of blood on each slice, any one unit, at least one above 0.

    Raises:
        ValueError: If an area is negative or not finite, or none is above 0.

    >>> slice_weights([200, 600, 1200, 1600, 1500, 900, 300]).tolist()
    [0.0, 0.5, 1.0, 1.0, 1.0, 0.5, 0.0]
    """
    values = np.asarray(areas, dtype=np.float64)
    if values.size == 0 or not np.isfinite(values).all() or values.min() < 0.0 or values.max() == 0.0:
        raise ValueError(f"areas: found {list(areas)}; needed finite areas of at least 0, one of them above")
    share = values / values.max() + SLACK
    return np.where(share >= WHOLE_SLICE, 1.0, np.where(share >= HALF_SLICE, 0.5, 0.0))


def abc_volume(*, a_mm: float, b_mm: float, c_mm: float, irregular: bool = False) -> Measurement:
    """ABC/2 in mL from three lengths, or ABC/3 for an irregular bleeding.

    Raises:
        ValueError: If a length is not positive and finite.

    >>> abc_volume(a_mm=50, b_mm=40, c_mm=30).value
    30.0
    """
    check_positive(a_mm=a_mm, b_mm=b_mm, c_mm=c_mm)
    divisor = IRREGULAR if irregular else REGULAR
    return Measurement(NAME, a_mm * b_mm * c_mm / divisor / 1000.0, "mL", f"ABC/{divisor:g}")


def abc_volume_from_areas(
    areas: Sequence[float], *, a_mm: float, b_mm: float, slice_distance_mm: float, irregular: bool = False
) -> Measurement:
    """ABC/2 in mL from A, B and the area of blood on each slice, slices being weighted.

    Raises:
        ValueError: If a length or an area cannot be.
    """
    c_mm = float(slice_weights(areas).sum()) * slice_distance_mm
    return abc_volume(a_mm=a_mm, b_mm=b_mm, c_mm=c_mm, irregular=irregular)


def abc_of_mask(mask: Mask, *, irregular: bool = False, weighted: bool = True) -> Abc:
    """A, B, C and their volume from one outlined bleeding on axial slices.

    Args:
        mask: One bleeding, [k, j, i]; two apart are measured as if they were one.
        irregular: Divide by 3 in place of 2.
        weighted: Weight the slices by area; otherwise every slice with blood counts 1.

    Raises:
        SpacingError: If the mask does not lie on a volume.
        ValueError: If the mask is empty.
    """
    if not isinstance(mask.grid, Geometry):
        raise SpacingError("mask: ABC/2 needs a mask over slices; found a flat picture")
    counts = mask.inside.sum(axis=(1, 2))
    if not counts.any():
        raise ValueError("mask: found no voxel inside, needed one or more")
    # Of slices with equal areas it is the one with the longest A, then B: so that a flip changes nothing.
    most = [int(k) for k in np.flatnonzero(counts == counts.max())]
    axes = max((diameters_in_slice(mask, k) for k in most), key=lambda d: (round(d.long_mm, 6), d.short_mm))
    weights = slice_weights(counts.tolist()) if weighted else (counts > 0).astype(np.float64)
    c_mm = float(weights.sum()) * _slice_distance_mm(mask.grid)
    volume = abc_volume(a_mm=axes.long_mm, b_mm=axes.short_mm, c_mm=c_mm, irregular=irregular)
    method = f"{volume.method}, slices {'weighted by area' if weighted else 'counted'}"
    named = Measurement(volume.name, volume.value, volume.unit, method)
    assert axes.slice_index is not None
    return Abc(axes.long_mm, axes.short_mm, c_mm, axes.slice_index, named)


def _slice_distance_mm(grid: Geometry) -> float:
    """Distance between slices along their normal: right for a tilted gantry too."""
    return grid.voxel_volume_mm3 / float(np.linalg.norm(np.cross(grid.affine[:3, 1], grid.affine[:3, 2])))
