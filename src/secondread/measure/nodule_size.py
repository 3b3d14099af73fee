"""How large a nodule is: volume, and the diameters that stand for it.

Volumes of spheres are what Lung-RADS prints beside its diameters (34, 113, 268, 524, 1767 and 14137 mm3 for 4, 6, 8,
10, 15 and 30 mm). The volumes of the Fleischner Society, 100 and 250 mm3, are others.
"""

import math

from secondread.core.errors import SpacingError
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.measure.positive import check_positive


def sphere_volume_mm3(diameter_mm: float) -> float:
    """Volume of a sphere, pi d^3 / 6.

    Raises:
        ValueError: If the diameter is not a positive finite number.

    >>> round(sphere_volume_mm3(6.0), 2)
    113.1
    """
    check_positive(diameter_mm=diameter_mm)
    return math.pi * diameter_mm**3 / 6


def effective_diameter_mm(volume_mm3: float) -> float:
    """Diameter of the sphere that has this volume, (6 V / pi)^(1/3).

    Raises:
        ValueError: If the volume is not a positive finite number.

    >>> round(effective_diameter_mm(100.0), 4)
    5.7588
    """
    check_positive(volume_mm3=volume_mm3)
    return math.cbrt(6 * volume_mm3 / math.pi)


def ellipsoid_volume_mm3(first_mm: float, second_mm: float, third_mm: float) -> float:
    """Volume of an ellipsoid from its three full axes, pi/6 a b c.

    Raises:
        ValueError: If an axis is not a positive finite number.
    """
    check_positive(first_mm=first_mm, second_mm=second_mm, third_mm=third_mm)
    return math.pi / 6 * math.prod((first_mm, second_mm, third_mm))


def mean_diameter_mm(long_mm: float, short_mm: float) -> float:
    """Half the sum of long and short axis, unrounded.

    For the Fleischner Society both lie in the same slice; for Lung-RADS v2022 they may lie in any plane.

    Raises:
        ValueError: If an axis is not a positive finite number, or the short one is the longer.
    """
    check_positive(short_mm=short_mm, long_mm=long_mm)
    if short_mm > long_mm:
        raise ValueError(f"short_mm: found {short_mm:g}; needed at most long_mm, {long_mm:g}")
    return (long_mm + short_mm) / 2


def volume(nodule: Mask) -> Measurement:
    """Volume of a nodule in mm3: its voxels, each as large as the distance of slice centres makes it.

    Args:
        nodule: [k, j, i] on a volume.

    Raises:
        SpacingError: If the mask does not lie on a volume.
        ValueError: If it is empty.
    """
    return Measurement("volume", _volume_mm3(nodule), "mm3", "number of voxels times the volume of one")


def effective_diameter(nodule: Mask) -> Measurement:
    """Diameter in mm of the sphere of the nodule's volume.

    Args:
        nodule: [k, j, i] on a volume.

    Raises:
        SpacingError: If the mask does not lie on a volume.
        ValueError: If it is empty.
    """
    diameter_mm = effective_diameter_mm(_volume_mm3(nodule))
    return Measurement("effective diameter", diameter_mm, "mm", "diameter of the sphere of the same volume")


def _volume_mm3(nodule: Mask) -> float:
    if not isinstance(nodule.grid, Geometry):
        raise SpacingError("nodule: a volume needs a mask over slices; found a flat picture")
    if not nodule.inside.any():
        raise ValueError("nodule: found an empty mask; needed at least one voxel")
    return float(nodule.inside.sum()) * nodule.grid.voxel_volume_mm3
