"""Shrinkage of the brain: hippocampal volumes, the brain's share of the skull, and the Evans index.

Volumes of different programs differ by a tenth and more: never compare them across methods, and give a percentile only
against a named normative set made with the same method. None is here, so none is given.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import SpacingError
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.measure.positive import check_positive

VENTRICULOMEGALY = 0.30


@dataclass(frozen=True, slots=True)
class HippocampalVolumes:
    """Both hippocampi.

    Attributes:
        left: Volume in mL.
        right: Volume in mL.
        total: Sum in mL.
        asymmetry: Left minus right over their mean, without unit: above 0 when the left one is larger.
    """

    left: Measurement
    right: Measurement
    total: Measurement
    asymmetry: Measurement


def hippocampal_volumes(left: Mask, right: Mask, *, method: str) -> HippocampalVolumes:
    """Volumes of both hippocampi, and how much they differ.

    Args:
        left: Hippocampus on the patient's left.
        right: Hippocampus on the patient's right.
        method: How they were outlined, e.g. the name and version of the network.

    Raises:
        SpacingError: If a mask does not lie on a volume.
        ValueError: If the method has no name, a mask is empty, or a voxel lies in both.
    """
    if not method:
        raise ValueError("method: found none; needed how the outlines were made, as volumes differ between methods")
    if left.grid == right.grid and left.inside.shape == right.inside.shape and (left.inside & right.inside).any():
        raise ValueError("left and right: found voxels in both; needed two outlines apart")
    how = f"count of voxels of {method}"
    sides = (("left hippocampus", left.volume_ml), ("right hippocampus", right.volume_ml))
    first, second = (Measurement(f"volume of the {name}", volume, "mL", how) for name, volume in sides)
    return HippocampalVolumes(
        left=first,
        right=second,
        total=Measurement("volume of both hippocampi", first.value + second.value, "mL", how),
        asymmetry=asymmetry(first.value, second.value),
    )


def asymmetry(left: float, right: float) -> Measurement:
    """(left - right) / mean of both, of two volumes in one unit.

    Other definitions divide by the sum or by the larger one (PMC7964497): never compare across them.

    Raises:
        ValueError: If a volume is not positive and finite.
    """
    check_positive(left=left, right=right)
    value = (left - right) / ((left + right) / 2.0)
    return Measurement("asymmetry of the hippocampi", value, "1", "(left - right) / mean of both")


def adjust_for_head_size(
    *, volume_mm3: float, intracranial_mm3: float, reference_mm3: float, slope: float, controls: str
) -> Measurement:
    """Volume a person would have with a head of reference size, in mm3 (residual method).

    Args:
        volume_mm3: Volume of the structure.
        intracranial_mm3: Volume of the inside of the person's skull.
        reference_mm3: Mean of the same in the controls.
        slope: Of the structure's volume on the intracranial volume in the controls.
        controls: Name of the controls that ``slope`` and ``reference_mm3`` come from.

    Raises:
        ValueError: If a number cannot be, or the controls have no name.

    Source: HV - b (ICV - reference); Opfer et al. 2022, doi:10.1007/s00234-022-02961-6 (residual method preferred).
    """
    check_positive(volume_mm3=volume_mm3, intracranial_mm3=intracranial_mm3, reference_mm3=reference_mm3)
    if not math.isfinite(slope) or not controls:
        raise ValueError(f"slope and controls: found {slope} and {controls!r}; needed a number and a name")
    value = volume_mm3 - slope * (intracranial_mm3 - reference_mm3)
    return Measurement("volume adjusted for head size", value, "mm3", f"residual method, slope {slope:g} of {controls}")


def brain_parenchymal_fraction(*, grey_ml: float, white_ml: float, csf_ml: float) -> Measurement:
    """Grey and white matter as a share of all that lies inside the skull, without unit.

    Args:
        grey_ml: Grey matter.
        white_ml: White matter.
        csf_ml: Cerebrospinal fluid inside the skull.

    Raises:
        ValueError: If a volume is not positive and finite.

    Source: ratio of brain parenchymal to intracranial volume, Kassubek et al., NeuroReport 2003;14.

    >>> round(brain_parenchymal_fraction(grey_ml=600, white_ml=500, csf_ml=350).value, 5)
    0.75862
    """
    check_positive(grey_ml=grey_ml, white_ml=white_ml, csf_ml=csf_ml)
    brain_ml = grey_ml + white_ml
    return Measurement("brain parenchymal fraction", brain_ml / (brain_ml + csf_ml), "1", "(GM + WM) / (GM + WM + CSF)")


def evans_index(*, horns_mm: float, skull_mm: float, horns_slice: int, skull_slice: int) -> Measurement:
    """Largest width of the frontal horns over the largest inner width of the skull on the same axial slice.

    Args:
        horns_mm: From the outer wall of one frontal horn to that of the other.
        skull_mm: Largest width between the inner tables.
        horns_slice: Index of the slice that the horns were measured on.
        skull_slice: Index of the slice that the skull was measured on.

    Raises:
        ValueError: If the slices differ, or a width cannot be.

    Source: radiopaedia.org and pacs.de (Evans' index): same level on axial CT or MR; normal below 0.3.
    """
    if horns_slice != skull_slice:
        raise ValueError(f"skull_slice: found {skull_slice}; needed the slice of the horns, {horns_slice}")
    check_positive(horns_mm=horns_mm, skull_mm=skull_mm)
    if horns_mm >= skull_mm:
        raise ValueError(f"horns_mm: found {horns_mm:g}; needed less than the skull's {skull_mm:g} mm")
    return Measurement("Evans index", horns_mm / skull_mm, "1", f"widths on slice {horns_slice}")


def evans_index_of_masks(horns: Mask, skull: Mask) -> Measurement:
    """Evans index from outlines, on the slice where the frontal horns are widest from left to right.

    Args:
        horns: Frontal horns of both lateral ventricles only: other parts of the ventricles are wider.
        skull: All that lies inside the skull, on the same grid of axial slices.

    Raises:
        SpacingError: If a mask does not lie on a volume.
        ValueError: If the grids differ, the horns are empty, or the skull is empty on that slice.
    """
    grid = horns.grid
    if not isinstance(grid, Geometry) or not isinstance(skull.grid, Geometry):
        raise SpacingError("mask: the Evans index needs masks over slices; found a flat picture")
    if grid != skull.grid:
        raise ValueError("skull: found another grid than that of the horns; needed the same")
    widths = {int(k): _width_mm(horns.inside[k], grid) for k in np.flatnonzero(horns.inside.any(axis=(1, 2)))}
    if not widths:
        raise ValueError("horns: found no voxel inside, needed one or more")
    # Of slices with equally wide horns it is the one with the widest skull: so that a flip changes nothing.
    widest_mm = max(widths.values())
    level = [k for k, width in widths.items() if math.isclose(width, widest_mm)]
    found_mm, k = max((_width_mm(skull.inside[k], grid), k) for k in level)
    return evans_index(horns_mm=widths[k], skull_mm=found_mm, horns_slice=k, skull_slice=k)


def is_ventriculomegaly(index: Measurement) -> bool:
    """Whether an Evans index is above 0.30; healthy old people may have more (pacs.de, Evans' index)."""
    return index.value > VENTRICULOMEGALY


def _width_mm(inside: NDArray[np.bool_], grid: Geometry) -> float:
    """Extent of a slice's mask along the patient's left-right axis in mm, whole voxels; 0 when empty."""
    j, i = np.nonzero(inside)
    if j.size == 0:
        return 0.0
    step_j, step_i = (float(n) for n in grid.affine[0, 1:3])
    across_mm = j * step_j + i * step_i
    return float(across_mm.max() - across_mm.min()) + max(abs(step_j), abs(step_i))
