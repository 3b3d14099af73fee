"""Attenuation of an organ: the median of its inside, away from its rim, so that partial volume counts little.

Source: the median is little moved by vessels, cysts and stones that are a small part of the organ; published limits of
the liver are means of regions of interest that avoid them (Pickhardt 2012, doi 10.1007/s00330-011-2349-2).
"""

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.measurement import Measurement
from secondread.measure.coarse_grid import CoarseGrid, Inside

LEAST_ML = 2.0


def inner(inside: Inside, grid: CoarseGrid, rim_mm: float) -> Inside:
    """The region without its rim; the edge of the scan is no rim."""
    padded = np.pad(inside, 1, mode="edge")
    depth = scipy.ndimage.distance_transform_edt(padded, sampling=grid.step_mm)[1:-1, 1:-1, 1:-1]
    return np.asarray(depth > rim_mm)


def attenuation(name: str, inside: Inside, grid: CoarseGrid, rim_mm: float) -> Measurement | None:
    """Median attenuation in HU, or None when less than 2 mL are left without the rim.

    Args:
        name: Of the organ.
        inside: Its outline, bool [k, j, i] on the coarse grid.
        grid: The CT in HU.
        rim_mm: What is left out along its surface.
    """
    core = inner(inside, grid, rim_mm)
    if float(core.sum()) * grid.voxel_ml < LEAST_ML:
        return None
    how = f"median of the voxels more than {rim_mm:g} mm inside the outline, on steps of {grid.step_mm[0]:.1f} mm"
    return Measurement(f"attenuation of the {name}", float(np.median(grid.values[core])), "[hnsf'U]", how)


def noise_hu(inside: Inside, values: NDArray[np.float32]) -> float:
    """Noise of single voxels in HU: 1.48 times the median absolute deviation, which few bright voxels do not move."""
    chosen = values[inside]
    if not chosen.size:
        return 0.0
    return 1.48 * float(np.median(np.abs(chosen - np.median(chosen))))
