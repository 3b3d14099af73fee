"""Emphysema on CT by number: share of the lung below -950 HU, and the 15th percentile of its attenuation.

Sources: low attenuation as COPDGene uses it (Schroeder JD et al. 2013, PMC4067052, which counts -950 HU itself too;
here it is not counted); a sharp kernel adds about 7 points to the percentage (Gallardo-Estrella L et al. 2016, doi
10.1007/s00330-015-3824-y); thickness matters too (Gierada DS et al. 2010, PMC2818169). unverified: the limit of 1.5 mm.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.volume import Volume

LOW_HU = -950.0
THICKEST_MM = 1.5


@dataclass(frozen=True, slots=True)
class Acquisition:
    """How a chest CT was taken; None where it is not known.

    Attributes:
        slice_thickness_mm: Thickness of a slice, not the distance between slices.
        sharp_kernel: Whether it was reconstructed with a sharp (lung or bone) kernel.
        inspiration: Whether the patient held a full breath.
        contrast: Whether contrast was given.
    """

    slice_thickness_mm: float | None
    sharp_kernel: bool | None
    inspiration: bool | None
    contrast: bool | None


@dataclass(frozen=True, slots=True)
class Emphysema:
    """Both measures of one lung or of both.

    Attributes:
        laa950: Share of the lung below -950 HU in percent.
        perc15: 15th percentile of attenuation in HU; 1000 more is about the density in g/L.
        warnings: What limits them.
    """

    laa950: Measurement
    perc15: Measurement
    warnings: tuple[str, ...]


def low_attenuation_percent(hu: ArrayLike) -> float:
    """Share of values below -950 HU in percent; -950 itself does not count.

    Raises:
        ValueError: If there are no values, or one is not finite.
    """
    return float(np.mean(_values(hu) < LOW_HU) * 100.0)


def percentile_15_hu(hu: ArrayLike) -> float:
    """15th percentile of the values in HU, between neighbours in proportion.

    Raises:
        ValueError: If there are no values, or one is not finite.
    """
    return float(np.percentile(_values(hu), 15.0))


def measure_emphysema(volume: Volume, lung: Mask, airways: Mask | None, taken: Acquisition) -> Emphysema:
    """Measure emphysema inside a lung mask, without trachea and main bronchi.

    Args:
        volume: CT in HU, [k, j, i].
        lung: The lungs, or one of them, on the same grid.
        airways: Trachea and main bronchi on the same grid; None where they were not outlined.
        taken: How the scan was taken.

    Raises:
        ValueError: If the volume is not in HU, a grid differs, or no lung is left.
    """
    if volume.unit != "HU":
        raise ValueError(f"emphysema: found a volume in {volume.unit}, needed HU")
    if lung.grid != volume.geometry or (airways is not None and airways.grid != volume.geometry):
        raise ValueError("emphysema: the masks do not lie on the grid of the volume")
    inside = lung.inside if airways is None else lung.inside & ~airways.inside
    hu = volume.values[inside]
    warnings = _warnings(taken)
    if airways is None:
        warnings = (*warnings, "trachea and main bronchi were not outlined: air in them counts if the mask holds it")
    return Emphysema(
        Measurement("low attenuation area", low_attenuation_percent(hu), "%", "share of lung voxels below -950 HU"),
        Measurement("15th percentile of lung attenuation", percentile_15_hu(hu), "[hnsf'U]", "linear percentile"),
        warnings,
    )


def _values(hu: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(hu, dtype=np.float64).ravel()
    if values.size == 0 or not np.isfinite(values).all():
        raise ValueError(f"attenuation: found {values.size} values, needed one or more, all finite")
    return values


def _warnings(taken: Acquisition) -> tuple[str, ...]:
    """What the way the scan was taken does to the numbers."""
    thickness = taken.slice_thickness_mm
    rows = (
        (thickness is None, "the slice thickness is not known"),
        (thickness is not None and thickness > THICKEST_MM, f"slices of {thickness} mm hide emphysema: 1.5 mm or less"),
        (taken.sharp_kernel is None, "the kernel is not known: a sharp one raises the share"),
        (taken.sharp_kernel is True, "a sharp kernel raises the share: use a soft one"),
        (taken.inspiration is None, "whether the breath was full is not known"),
        (taken.inspiration is False, "without a full breath the lung is denser and the share too low"),
        (taken.contrast is None, "whether contrast was given is not known"),
        (taken.contrast is True, "contrast raises attenuation: the share is too low"),
    )
    return tuple(text for holds, text in rows if holds)
