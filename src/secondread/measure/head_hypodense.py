"""Dark regions of the brain that the other side does not have: old infarcts and other loss or swelling, by volume.

A region counts that is darker than this brain by 8 HU and than its mirror image by 7 HU after smoothing, outside what
looks like a ventricle on both sides, at least 6 mm thick and 2 mL large. Whether it is old is told by how dark it is:
like fluid (15 HU below brain) after months, less so before. Rules of our own, not validated.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.measure.head import Bools, Floats
from secondread.measure.head_midline import depth_of, quiet
from secondread.measure.head_symmetry import HALF_WIDTH_MM, Straight

DARKER_HU, THAN_MIRROR_HU = 8.0, 7.0
FLUID_LIKE_HU = 15.0
LEAST_ML, THIN_MM, EDGE_MM = 2.0, 6.0, 3.0
BASE_SHARE = 0.6  # of the largest slice; smaller ones lie at the base or vertex, beside bone
SMOOTH_MM = 2.0
BONE_STREAK_HU = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Dark:
    """One dark region.

    Attributes:
        inside: bool [w, v, u] of the straight grid.
        volume_ml: By voxels.
        mean_hu: Of its voxels.
        side: ``left`` or ``right``.
        fluid_like: Whether it is as dark as fluid.
    """

    inside: Bools
    volume_ml: float
    mean_hu: float
    side: str
    fluid_like: bool


def dark_regions(straight: Straight, brain_hu: float) -> tuple[Dark, ...]:
    """Dark regions without a like on the other side, the largest first."""
    values = quiet(straight, (SMOOTH_MM, SMOOTH_MM))
    areas = straight.cavity.sum(axis=(1, 2))
    level = (areas >= BASE_SHARE * areas.max())[:, None, None]
    room = straight.cavity & level & (depth_of(straight) >= EDGE_MM)
    dark = room & (values <= brain_hu - DARKER_HU) & (values + THAN_MIRROR_HU <= _mirror(values, room))
    cores = np.stack([scipy.ndimage.binary_opening(plane, iterations=2) for plane in dark])
    grown = scipy.ndimage.binary_dilation(cores, np.ones((1, 3, 3), np.bool_), iterations=4, mask=dark)
    parts, _ = scipy.ndimage.label(grown, np.ones((3, 3, 3), np.bool_))
    found = []
    for n, box in enumerate(scipy.ndimage.find_objects(parts), 1):
        part = parts[box] == n
        volume = float(part.sum()) * straight.voxel_ml
        if volume < LEAST_ML or _thickness(part) < THIN_MM:
            continue
        whole = np.zeros(values.shape, np.bool_)
        whole[box] = part
        found.append(_described(straight, whole, volume, brain_hu))
    return tuple(sorted(found, key=lambda one: -one.volume_ml))


def _mirror(values: Floats, room: Bools) -> NDArray[np.float32]:
    """The mirror image of the attenuation, by its darkest within 3 mm, so that a small shift is no find."""
    inner = np.where(room, values, np.float32(90.0))
    return np.asarray(scipy.ndimage.minimum_filter(inner, size=(1, 7, 7))[..., ::-1], np.float32)


def _thickness(part: Bools) -> float:
    return max(2.0 * float(scipy.ndimage.distance_transform_edt(np.pad(plane, 1)).max()) for plane in part)


def _described(straight: Straight, whole: Bools, volume: float, brain_hu: float) -> Dark:
    mean = float(straight.values[whole].mean())
    across = np.nonzero(whole)[2] - HALF_WIDTH_MM
    side = "left" if float((across > 0).mean()) >= 0.5 else "right"
    return Dark(whole, volume, mean, side, mean <= brain_hu - FLUID_LIKE_HU)
