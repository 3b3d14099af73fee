"""Bright foci inside a kidney on unenhanced CT: how many, how large, how dense, where.

A focus is a connected group of voxels above a threshold within the hull of the kidney, away from its surface, so that
ribs and fat stranding do not count. The threshold is 130 HU, or where the noise is high, five times the noise above the
kidney; its brightest voxel must reach 200 HU. The edge for the size lies half the way from the kidney to the brightest
voxel. Calcified arteries and parenchyma look the same.

Source: 130 HU is a threshold in common use for calcified stones (unverified: from memory); automatic diameters come out
longer than those by hand, by 23 % in PMC7197256 and 25 % in doi 10.1089/end.2017.0787.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.geometry import Geometry
from secondread.measure.coarse_grid import CoarseGrid, Inside

THRESHOLD_HU, PEAK_HU, TIMES_NOISE = 130.0, 200.0, 5.0
HULL_MM, DEPTH_MM = 15.0, 5.0
MOST_MM = 60.0  # a staghorn stone fills the kidney; what is longer is no stone


@dataclass(frozen=True, slots=True, eq=False)
class Stone:
    """A bright focus.

    Attributes:
        inside: bool [k, j, i] on the grid of the scan.
        longest_mm: Largest distance between its edges.
        volume_mm3: Volume above half the way to its peak.
        peak_hu: Brightest voxel.
        place: ``upper``, ``middle`` or ``lower`` third of the kidney.
    """

    inside: Inside
    longest_mm: float
    volume_mm3: float
    peak_hu: float
    place: str


def hull(kidney: Inside, grid: CoarseGrid) -> Inside:
    """The kidney with its sinus: gaps up to 3 cm wide closed, bool [k, j, i] on the coarse grid."""
    pad = int(np.ceil(HULL_MM / min(grid.step_mm))) + 1
    wide = np.pad(kidney, pad)
    grown = scipy.ndimage.distance_transform_edt(~wide, sampling=grid.step_mm) <= HULL_MM
    shrunk = scipy.ndimage.distance_transform_edt(grown, sampling=grid.step_mm) > HULL_MM
    return np.asarray((shrunk | wide)[pad:-pad, pad:-pad, pad:-pad])


def stones(
    values: NDArray[np.float32], geometry: Geometry, within: Inside, *, kidney_hu: float, noise_hu: float
) -> tuple[Stone, ...]:
    """The foci of one kidney, the largest first.

    Args:
        values: float32 [k, j, i] of the scan in HU.
        geometry: Its grid.
        within: Hull of the kidney on that grid.
        kidney_hu: Attenuation of the kidney.
        noise_hu: Noise of single voxels.
    """
    if not within.any():
        return ()
    spacing = geometry.spacing_mm
    box = tuple(slice(max(0, int(n.min()) - 1), int(n.max()) + 2) for n in np.nonzero(within))
    part, hulled = values[box], within[box]
    depth = scipy.ndimage.distance_transform_edt(hulled, sampling=spacing)
    threshold = max(THRESHOLD_HU, kidney_hu + TIMES_NOISE * noise_hu)
    labels, count = scipy.ndimage.label((part > threshold) & hulled, np.ones((3, 3, 3)))
    head_axis = int(np.argmax(np.abs(geometry.affine[2, :3])))
    upward = geometry.affine[2, head_axis] > 0
    found = []
    for number in range(1, count + 1):
        focus = labels == number
        peak = float(part[focus].max())
        if peak < max(PEAK_HU, threshold) or float(depth[focus].max()) < DEPTH_MM:
            continue
        edge = focus & (part >= (peak + kidney_hu) / 2.0)
        longest = _longest_mm(edge, spacing)
        if longest > MOST_MM:
            continue
        whole = np.zeros(within.shape, np.bool_)
        whole[box] = edge
        place = _third(whole, within, head_axis, upward)
        found.append(Stone(whole, longest, float(edge.sum()) * geometry.voxel_volume_mm3, peak, place))
    return tuple(sorted(found, key=lambda stone: (-stone.longest_mm, -stone.peak_hu)))


def _longest_mm(inside: Inside, spacing: tuple[float, float, float]) -> float:
    """Largest distance between voxel edges: between centres, and a voxel more along that way."""
    points = np.argwhere(inside & ~scipy.ndimage.binary_erosion(inside)) * np.asarray(spacing)
    own = float(np.cbrt(np.prod(spacing)))
    if len(points) < 2:
        return own
    return float(np.max(scipy.spatial.distance.pdist(points[:: max(1, len(points) // 2000)]))) + own


def _third(focus: Inside, kidney: Inside, head_axis: int, upward: bool) -> str:
    others = tuple(axis for axis in range(3) if axis != head_axis)
    reach = np.flatnonzero(kidney.any(axis=others))
    middle = float(np.flatnonzero(focus.any(axis=others)).mean())
    height = (middle - float(reach[0])) / max(float(reach[-1] - reach[0]), 1.0)
    height = height if upward else 1.0 - height
    return "lower" if height < 1 / 3 else "middle" if height < 2 / 3 else "upper"
