"""How far the septum between the frontal horns lies from the plane of symmetry of the skull: the midline shift.

On a head laid straight (see :mod:`secondread.measure.head_symmetry`) the septum pellucidum is a thin band of tissue
between two dark horns. In every row of every slice it is sought as what rises above the fluid on both of its sides; a
path from row to row that jumps by no more than 1 mm joins the rows, and the slice whose path rises most stands for that
of the foramen of Monro. The shift is the mean distance of the middle half of the path from the plane. Where the horns
are pressed flat or full of blood there is no such path, and no number is given.

Source of the measure: see :mod:`secondread.measure.midline_shift`; A / 2 - B of a skull halved by its plane of symmetry
is the distance of the septum from that plane.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.measurement import Measurement
from secondread.measure.head import BONE_HU, Bools, Floats
from secondread.measure.head_symmetry import HALF_WIDTH_MM, Straight, width_mm

METHOD = (
    "distance of the septum between the frontal horns from the plane of symmetry of the skull, on the slice that shows "
    "it best"
)
FLUID_BELOW_BRAIN_HU = 12.0
DEEP_MM = 16.0  # furrows are nearer to the skull than the ventricles
CENTRAL_MM = 42.0  # from the plane of symmetry
LOWEST_MM, HIGHEST_MM = -45.0, 28.0  # of the ventricles from the middle of the skull
FRONT_MM, BACK_MM = -55.0, 10.0  # rows with the septum
LEAST_ML = 0.4
WIDEST_MM, NEAREST_MM = 12, 2  # from the septum to the darkest point of a horn
RISE_HU, MOST_HU = 2.5, 12.0
FEWEST_ROWS, FROM_MEDIAN_MM = 8, 4.0
THICKEST_MM = 7  # of a septum; where the horns part it is no longer one
LOWEST_BELOW_TOP_MM, USUAL_WIDTH_MM = 70.0, 135.0  # cisterns lie lower; scales with the width of the skull's inside
FARTHEST_MM = 26
DENSEST_HU, BLOOD_HU, FROM_BLOOD_MM = 45.0, 52.0, 3  # a septum is no denser than brain, and blood is no septum
UNSURE_MM = 2.5  # half width of a 95 % interval from which on no number is given


@dataclass(frozen=True, slots=True)
class Septum:
    """Where the septum was found.

    Attributes:
        shift: In mm, positive when it lies to the patient's left of the plane.
        w: Slice of the straight grid.
        rows: v of its rows on that grid.
        columns: u of its rows on that grid, fractional.
    """

    shift: Measurement
    w: int
    rows: tuple[int, ...]
    columns: tuple[float, ...]


def fluid_hu(brain_hu: float) -> float:
    """Attenuation below which a smoothed voxel counts as fluid: 12 HU below this brain."""
    return brain_hu - FLUID_BELOW_BRAIN_HU


def quiet(straight: Straight, sigma_mm: tuple[float, float]) -> Floats:
    """Attenuation within the skull, smoothed in the slice by (v, u) mm; 60 HU outside, as bone is nothing dark."""
    inside = straight.cavity.astype(np.float32)
    values = np.clip(straight.values, -20.0, 90.0) * inside
    sigma = (0.0, *sigma_mm)
    weight = scipy.ndimage.gaussian_filter(inside, sigma)
    total = scipy.ndimage.gaussian_filter(values, sigma)
    return np.where(straight.cavity, total / np.maximum(weight, 1e-3), 60.0).astype(np.float32)


def depth_of(straight: Straight) -> Floats:
    """Distance to the edge of the skull within the slice, float32 [w, v, u]."""
    planes = [scipy.ndimage.distance_transform_edt(scipy.ndimage.binary_fill_holes(plane)) for plane in straight.cavity]
    return np.stack(planes).astype(np.float32)


def ventricles_of(straight: Straight, brain_hu: float) -> Bools:
    """Fluid near the middle of the head and deep inside: ventricles, and cisterns and holes that look like them."""
    dark = quiet(straight, (1.0, 1.0)) < fluid_hu(brain_hu)
    w, u = straight.at(0), straight.at(2)
    box = ((w >= LOWEST_MM) & (w <= HIGHEST_MM))[:, None, None] & (np.abs(u) <= CENTRAL_MM)
    inner = dark & box & straight.cavity & (depth_of(straight) >= DEEP_MM)
    parts, count = scipy.ndimage.label(inner)
    keep = np.bincount(parts.ravel(), minlength=count + 1) * straight.voxel_ml >= LEAST_ML
    keep[0] = False
    return np.asarray(keep[parts], np.bool_)


def septum_of(straight: Straight, brain_hu: float, fluid: Bools | None = None) -> Septum | None:
    """The septum, or None where no path of at least 8 mm between two horns is seen.

    Args:
        straight: The head laid straight.
        brain_hu: Attenuation of this brain.
        fluid: Its ventricles, where they are known already.
    """
    inside = ventricles_of(straight, brain_hu) if fluid is None else fluid
    if not inside.any():
        return None
    values = quiet(straight, (1.8, 0.7))
    v = straight.at(1)
    rows = np.flatnonzero((v >= FRONT_MM) & (v <= BACK_MM))
    best: tuple[float, int, NDArray[np.float64]] | None = None
    wide = scipy.ndimage.binary_dilation(inside, np.ones((1, 3, 3), np.bool_))
    reach = 2 * FROM_BLOOD_MM + 1
    near_blood = scipy.ndimage.maximum_filter(values, size=(3, reach, reach)) > BLOOD_HU
    for k in np.flatnonzero(inside[:, rows].any(axis=(1, 2)) & ~_at_base(straight)):
        rise = np.where(near_blood[k, rows], np.float32(0.0), _rise(values[k, rows], wide[k, rows]))
        score, path, good = _path(rise)
        lines = zip(values[k, rows], path, good, strict=True)
        places = np.array([_centre(line, int(u)) if rises else np.nan for line, u, rises in lines])
        if np.isfinite(places).sum() >= FEWEST_ROWS and (best is None or score > best[0]):
            best = (score, int(k), places)
    if best is None:
        return None
    found = _septum(straight, best[1], rows, best[2])
    return found if (found.shift.uncertainty or 0.0) <= UNSURE_MM else None


def _at_base(straight: Straight) -> NDArray[np.bool_]:
    """Slices with bone in the middle of the head or far below its top, where cisterns look like horns: bool [w]."""
    v, u = straight.at(1), straight.at(2)
    middle = straight.values[:, (v >= FRONT_MM + 10.0) & (v <= BACK_MM)][:, :, np.abs(u) <= 30.0]
    bone = (middle > BONE_HU).sum(axis=(1, 2))
    heights = straight.at(0)
    top = float(heights[np.flatnonzero(straight.cavity.any(axis=(1, 2)))[-1]])
    low = heights < top - LOWEST_BELOW_TOP_MM * width_mm(straight) / USUAL_WIDTH_MM
    return np.asarray((bone > 20) | low)


def _rise(values: Floats, fluid: Bools) -> Floats:
    """How far each place of some rows rises above the fluid on both of its sides; 0 where there is none. [row, u]."""
    dark = np.where(fluid, values, 90.0).astype(np.float32)
    span = WIDEST_MM - NEAREST_MM + 1
    shift = (NEAREST_MM + WIDEST_MM) // 2
    near = scipy.ndimage.minimum_filter1d(dark, span, axis=1, mode="constant", cval=90.0)
    to_left, to_right = np.full_like(near, 90.0), np.full_like(near, 90.0)
    to_left[:, :-shift] = near[:, shift:]
    to_right[:, shift:] = near[:, :-shift]
    rise = np.clip(values - np.maximum(to_left, to_right), 0.0, MOST_HU)
    rise[(rise < RISE_HU) | (values > DENSEST_HU)] = 0.0
    middle = values.shape[1] // 2
    rise[:, : middle - FARTHEST_MM] = 0.0
    rise[:, middle + FARTHEST_MM + 1 :] = 0.0
    return np.asarray(rise, np.float32)


def _path(rise: Floats) -> tuple[float, NDArray[np.intp], NDArray[np.bool_]]:
    """The path down the rows, one step aside at most, that rises most: its sum, columns and where it rises."""
    total, back = rise.astype(np.float64), np.zeros(rise.shape, np.int8)
    for j in range(1, len(rise)):
        padded = np.pad(total[j - 1], 1, constant_values=-1.0)
        options = np.stack([padded[1:-1], padded[:-2] - 0.5, padded[2:] - 0.5])  # straight on where it does not matter
        choice = options.argmax(axis=0)
        back[j] = np.array([0, -1, 1], np.int8)[choice]
        total[j] += options.max(axis=0)
    path = np.zeros(len(rise), np.intp)
    path[-1] = int(total[-1].argmax())
    for j in range(len(rise) - 1, 0, -1):
        path[j - 1] = path[j] + back[j, path[j]]
    good = rise[np.arange(len(rise)), path] > 0.0
    return float(total[-1].max()), path, good


def _septum(straight: Straight, k: int, rows: NDArray[np.intp], places: NDArray[np.float64]) -> Septum:
    """The mean of the middle half of the path, and how sure it is.

    Args:
        straight: The head laid straight.
        k: Slice of the path.
        rows: Rows it was sought in.
        places: Its column in each of them, NaN where there is none.
    """
    near = np.isfinite(places) & (np.abs(places - np.nanmedian(places)) <= FROM_MEDIAN_MM)
    line = places[near]
    middle = line[len(line) // 4 : len(line) - len(line) // 4]  # the septum is fixed at its ends, which move less
    shift = float(middle.mean()) - HALF_WIDTH_MM
    spread = float(middle.std()) / np.sqrt(max(1.0, len(middle) / 4.0))  # neighbouring rows share their noise
    sure = float(np.hypot(1.96 * spread, straight.frame.uncertainty_mm))
    measured = Measurement("midline shift", shift, "mm", METHOD, sure)
    return Septum(measured, k, tuple(int(r) for r in rows[near]), tuple(float(x) for x in line))


def _centre(line: Floats, column: int) -> float:
    """Middle of a rise between the pixels, weighted by what lies above half of it; NaN where it is wide or dense."""
    low, high = max(0, column - WIDEST_MM), min(len(line), column + WIDEST_MM + 1)
    top = int(max(low, column - 2) + np.argmax(line[max(low, column - 2) : column + 3]))
    floor = (float(max(line[low : top + 1].min(), line[top:high].min())) + float(line[top])) / 2.0
    first, last = top, top
    while first - 1 >= low and line[first - 1] > floor:
        first -= 1
    while last + 1 < high and line[last + 1] > floor:
        last += 1
    if last - first + 1 > THICKEST_MM or float(line[first : last + 1].max()) > DENSEST_HU:
        return float("nan")
    weights = np.maximum(line[first : last + 1] - floor, 1e-6)
    return float((np.arange(first, last + 1) * weights).sum() / weights.sum())
