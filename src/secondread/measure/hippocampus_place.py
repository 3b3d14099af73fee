"""Where the hippocampi lie in a whole brain, cut out as the network ``hippocampus`` was taught them.

The middle of a hippocampus lies 91 mm below the top, 93 mm behind the front and 27 mm beside the middle of a brain of
140 by 175 mm: measured on the average brain ICBM 152 (2009a, nonlinear, symmetric). From there the cut follows what the
network outlines. Whatever does not look like a hippocampus then is not measured.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.geometry import Geometry
from secondread.measure.brain_mr import BrainMr

Floats = NDArray[np.float32]
Points = NDArray[np.float64]
BELOW_TOP_MM, BEHIND_FRONT_MM, BESIDE_MM = 91.0, 93.0, 27.0
WIDE_MM, LONG_MM = 140.0, 175.0
CUT = (40, 56, 40)  # of the network, 1 mm
DARKEST, BRIGHTEST = 0.5, 99.5  # percentiles of the cut that become black and white, as in the training data
FARTHEST_MM = 15.0  # from the rule's place
LEAST_ML, MOST_ML = 1.0, 7.0
LEAST_PART_ML = 0.2
ONE_PART = 0.90
COARSEST_MM = 1.3
SMALL_MM, LARGE_MM = (20.0, 80.0), (0.8, 1.25)  # sides of a volume that is cut around a hippocampus, and its voxels


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A block around a hippocampus at 1 mm.

    Attributes:
        values: float32 [40, 56, 40] in [0, 1]: k to the head, j to the front, i to the patient's right.
        centre: float64 [3], in mm of the turned slices (k, j, i).
    """

    values: Floats
    centre: Points

    def place(self, index: Points) -> Points:
        """Indices [n, 3] of the cut in mm of the turned slices."""
        return np.asarray(self.centre + (index - (np.asarray(CUT) - 1) / 2.0) * (1.0, -1.0, -1.0))


def is_cut(geometry: Geometry) -> bool:
    """Whether a volume has the size of one that is cut around a hippocampus at 1 mm."""
    sides = [n * mm for n, mm in zip(geometry.shape, geometry.spacing_mm, strict=True)]
    fine = all(LARGE_MM[0] <= mm <= LARGE_MM[1] for mm in geometry.spacing_mm)
    return fine and all(SMALL_MM[0] <= side <= SMALL_MM[1] for side in sides)


def start(brain: BrainMr, side: str, extent: tuple[float, float, float, float]) -> Points:
    """Where a hippocampus is looked for, in mm of the turned slices (k, j, i).

    Args:
        brain: The brain.
        side: ``left`` or ``right``.
        extent: Top, front, width and length of the brain in mm, see ``measure/brain_mosaic.py``.
    """
    top, front, wide, long = extent
    across, along = wide / WIDE_MM, long / LONG_MM
    up = top - BELOW_TOP_MM * (across + along) / 2.0
    left = BESIDE_MM * across * (1.0 if side == "left" else -1.0)
    return np.asarray(brain.frame.origin + np.array([up, front + BEHIND_FRONT_MM * along, left]) @ brain.frame.axes)


def cut_around(brain: BrainMr, centre: Points) -> Cut:
    """The block around a place, linear between voxels; nearest where it reaches beyond the series."""
    axes = [(np.arange(n) - (n - 1) / 2.0) * sign for n, sign in zip(CUT, (1, -1, -1), strict=True)]
    parts = np.meshgrid(*axes, indexing="ij")
    places = [(part + middle) / mm for part, middle, mm in zip(parts, centre, brain.steps, strict=True)]
    found = scipy.ndimage.map_coordinates(brain.values, places, order=1, mode="nearest", prefilter=False)
    return Cut(scaled(found.astype(np.float32)), np.asarray(centre, np.float64))


def scaled(values: Floats) -> Floats:
    """Grey from the darkest to the brightest percentile of the block, in [0, 1]."""
    low, high = np.percentile(values, (DARKEST, BRIGHTEST))
    return np.asarray(((values - low) / max(float(high - low), 1e-6)).clip(0.0, 1.0), np.float32)


def largest_part(labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """Labels without the specks beside the largest connected part, where that holds nearly all of them."""
    parts, count = scipy.ndimage.label(labels > 0)
    if count < 2:
        return labels
    sizes = np.bincount(parts.ravel())[1:]
    kept = parts == 1 + int(sizes.argmax())
    return np.where(kept, labels, 0) if sizes.max() >= ONE_PART * sizes.sum() else labels


def why_none(labels: NDArray[np.intp], voxel_ml: float) -> str:
    """Why an outline (1 anterior, 2 posterior) is not believed to be a hippocampus, or an empty text."""
    inside = labels > 0
    whole_ml = float(inside.sum()) * voxel_ml
    if not LEAST_ML <= whole_ml <= MOST_ML:
        return f"the outline has {whole_ml:.2f} mL, a hippocampus {LEAST_ML:g} to {MOST_ML:g} mL"
    if min((labels == 1).sum(), (labels == 2).sum()) * voxel_ml < LEAST_PART_ML:
        return "one of its two parts was not outlined"
    parts, _ = scipy.ndimage.label(inside)
    if np.bincount(parts.ravel())[1:].max() < ONE_PART * inside.sum():
        return "the outline falls into several parts"
    edge = inside.copy()
    edge[1:-1, 1:-1, 1:-1] = False
    return "the outline is cut off by the edge" if edge.any() else ""


def on_brain(brain: BrainMr, cut: Cut, labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """Labels of a cut on the turned slices, int [k, j, i]: each voxel asks the nearest place of the cut."""
    found = np.zeros(brain.values.shape, np.intp)
    steps = np.asarray(brain.steps)
    half = np.asarray(CUT) / 2.0
    low = np.maximum(0, np.ceil((cut.centre - half) / steps)).astype(int)
    high = np.minimum(brain.values.shape, np.floor((cut.centre + half) / steps) + 1).astype(int)
    places = np.stack(np.meshgrid(*(np.arange(a, b) for a, b in zip(low, high, strict=True)), indexing="ij"), -1)
    index = (places * steps - cut.centre) * (1.0, -1.0, -1.0) + (np.asarray(CUT) - 1) / 2.0
    whole = np.rint(index).astype(np.intp)
    fits = ((whole >= 0) & (whole < CUT)).all(-1)
    k, j, i = np.moveaxis(np.clip(whole, 0, np.asarray(CUT) - 1), -1, 0)
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    found[box] = np.where(fits, labels[k, j, i], 0)
    return found
