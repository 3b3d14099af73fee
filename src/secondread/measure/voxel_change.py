"""Where two registered volumes differ most, voxel by voxel: for examinations without lesions that can be outlined."""

from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.prepare.register import Rigid
from secondread.prepare.shrink import MARGIN_MM, Coarse, shrunk

STEP_MM = 3.0
SMOOTH_MM = 3.0
CHANGED = 0.15  # of the range of grey, after smoothing: about 200 HU on CT; a rule of our own
LEAST_ML = 1.0
THERE = 0.99  # of a place and its neighbours within the body


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """What differs.

    Attributes:
        mean_percent: Mean absolute difference within the body, in percent of the range of grey.
        changed_percent: Share of the body that differs by more than the limit.
        largest_ml: Volume of the largest connected part of it that became brighter or darker; 0 where there is none.
        brighter: Whether that part became brighter.
        centre_mm: LPS mm of its middle in the present volume, or None.
        inside: bool [k, j, i] on the grid of the present volume: that part.
        signed: float32 on ``grid``: present less earlier, in shares of the range of grey; 0 outside the body.
        grid: A coarse grid.
    """

    mean_percent: float
    changed_percent: float
    largest_ml: float
    brighter: bool
    centre_mm: NDArray[np.float64] | None
    inside: NDArray[np.bool_]
    signed: NDArray[np.float32]
    grid: Geometry


def changed_most(before: Volume, after: Volume, motion: Rigid) -> Differences:
    """Compare the two on a grid of about 3 mm, after both were smoothed and brought to one range of grey."""
    now, then = shrunk(after, STEP_MM), shrunk(before, STEP_MM)
    index = np.argwhere(_inner(now))
    points = index @ now.affine[:3, :3].T + now.affine[:3, 3]
    seen, there = then.at(motion.to_moving(points))
    there &= replace(then, values=_inner(then).astype(np.float32)).at(motion.to_moving(points))[0] > THERE
    signed = np.zeros(now.values.shape, np.float32)
    place = tuple(index[there].T)
    slope, level = np.polyfit(seen[there].astype(np.float64), now.values[place].astype(np.float64), 1)
    fitted = seen[there] * slope + level if after.unit != "HU" else seen[there]
    signed[place] = now.values[place] - fitted
    steps = np.linalg.norm(now.affine[:3, :3], axis=0)
    signed = scipy.ndimage.gaussian_filter(signed, SMOOTH_MM / 2.0 / steps)
    compared = np.zeros(now.values.shape, np.bool_)
    compared[place] = True
    grid = Geometry((signed.shape[0], signed.shape[1], signed.shape[2]), now.affine)
    part, brighter = _largest(signed, compared)
    size_ml = float(part.sum()) * grid.voxel_volume_mm3 / 1000.0
    real = size_ml >= LEAST_ML
    centre = grid.world(np.argwhere(part).mean(0)) if real else None
    whole = _on(after.geometry, part, grid) if real else np.zeros(after.geometry.shape, np.bool_)
    away = np.abs(signed[compared])
    mean, share = (100.0 * float(away.mean()), 100.0 * float((away > CHANGED).mean())) if away.size else (0.0, 0.0)
    return Differences(mean, share, size_ml if real else 0.0, brighter, centre, whole, signed, grid)


def _inner(coarse: Coarse) -> NDArray[np.bool_]:
    """The body without its margin: what a scanner left out at the end of its field is not compared."""
    steps = np.linalg.norm(coarse.affine[:3, :3], axis=0)
    padded = np.pad(coarse.body, 1, mode="edge")  # beyond the last slice the body goes on
    return np.asarray(scipy.ndimage.distance_transform_edt(padded, sampling=steps)[1:-1, 1:-1, 1:-1] > MARGIN_MM)


def _largest(signed: NDArray[np.float32], compared: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], bool]:
    """The largest connected part that became brighter, or darker."""
    best, brighter = np.zeros(signed.shape, np.bool_), True
    for sign in (1.0, -1.0):
        labels, count = scipy.ndimage.label((sign * signed > CHANGED) & compared)
        if count:
            sizes = np.bincount(labels.ravel())[1:]
            if sizes.max() > best.sum():
                best, brighter = labels == 1 + int(sizes.argmax()), sign > 0
    return best, brighter


def _on(grid: Geometry, part: NDArray[np.bool_], coarse: Geometry) -> NDArray[np.bool_]:
    """A part of the coarse grid on the grid of the volume, by the nearest voxel."""
    step = np.linalg.inv(coarse.affine) @ grid.affine
    found = scipy.ndimage.affine_transform(
        part.astype(np.uint8), step[:3, :3], step[:3, 3], output_shape=grid.shape, order=0, mode="constant"
    )
    return np.asarray(found, np.bool_)
