"""Three planes of a brain without its skull, side by side, as the network ``dementia`` was taught them.

The planes (axial, coronal, sagittal) are those that OASIS-1 shows of each person, in a brain brought to the size of
an atlas: 62.5 mm below the top, 81.5 mm behind the front, and 6.5 mm beside the middle of a brain of 142 by 174 mm.
Found by matching the lines in which the planes of 128 people cut each other, which fits to a correlation of 0.998:
the coronal picture is the mirror image of the axial one, and the sagittal one faces right. Which side of the axial
picture is the patient's right is not told by the set; here it is the left of the picture, as in every usual display.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.card import InputContract
from secondread.core.image import Image
from secondread.measure.brain_mr import Bools, BrainMr
from secondread.prepare.model_space import to_model_space

Floats = NDArray[np.float32]
TILES = ("axial", "coronal", "sagittal")
WIDE_MM, LONG_MM = 142.0, 174.0  # of the brain in the atlas
BELOW_TOP_MM, BEHIND_FRONT_MM, BESIDE_MM = 62.5, 81.5, 6.5
TOP_MM, FRONT_MM, MIDDLE_MM = 23.5, 16.5, 87.5  # of the pictures: where the brain begins, and its middle
SIDE_PX = 96
DARK = 0.06  # grey up to which a place is no brain
# (rows, columns) of the brain in each tile of 96 pixels, and its share of their product: medians of 128 people; none is
# further off than 2 pixels and 0.02.
BOXES = {"axial": (78, 64, 0.80), "coronal": (68, 75, 0.81), "sagittal": (66, 80, 0.68)}
OFF_PX, OFF_SHARE = 5, 0.06
ONE_PART, ALIKE = 0.97, 0.60  # share of the largest part; correlation with the mirror image, at least 0.77 in the 128
ASPECT_OFF = 0.02
BRIGHTEST = 99.5
UPPER_MM, END_STEP_MM, END_MM2 = 85.0, 2.0, 150.0
DEEP_SHARE, AT_LEAST_SHARE = 0.5, 0.25  # of the largest depth of the brain in its plane


@dataclass(frozen=True, slots=True)
class PlaneShares:
    """What one axial plane shows of fluid; ratios, since the atlas has changed the size of the brain.

    Attributes:
        ventricles: Area of the fluid deep in the plane, as a share of the brain.
        fluid: Area of all fluid, as a share of the brain.
        horns: Width of the frontal horns over the width of the brain in this plane, or None where none are seen.
    """

    ventricles: float
    fluid: float
    horns: float | None


def is_mosaic(shape: tuple[int, int]) -> bool:
    """Whether a picture is three times as wide as high."""
    return abs(shape[1] / (3.0 * shape[0]) - 1.0) <= ASPECT_OFF


def why_no_mosaic(tiles: dict[str, Floats]) -> str:
    """What makes three pictures [96, 96] no such planes, or an empty text."""
    for name, tile in tiles.items():
        if reason := _why_no_plane(tile, name):
            return f"the {name} third {reason}"
    return ""


def _why_no_plane(tile: Floats, name: str) -> str:
    seen = tile > DARK
    if seen[:2].any() or seen[-2:].any() or seen[:, :2].any() or seen[:, -2:].any():
        return "is not dark around the brain"
    parts, count = scipy.ndimage.label(seen)
    if not count or np.bincount(parts.ravel())[1:].max() < ONE_PART * seen.sum():
        return "does not show one brain"
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    box = tile[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    high, wide, share = BOXES[name]
    if abs(box.shape[0] - high) > OFF_PX or abs(box.shape[1] - wide) > OFF_PX:
        return f"shows something of {box.shape[1]} x {box.shape[0]} pixels where a brain has about {wide} x {high}"
    if abs(float((box > DARK).mean()) - share) > OFF_SHARE:
        return "shows something of another shape than a brain"
    if name != "sagittal" and float(np.corrcoef(box.ravel(), box[:, ::-1].ravel())[0, 1]) < ALIKE:
        return "has two unlike halves"
    return ""


def tiles_of_picture(values: Floats) -> dict[str, Floats]:
    """The three thirds of a mosaic of any size, each [96, 96]."""
    contract = InputContract(SIDE_PX, 3 * SIDE_PX, "squeeze", ("MR",))
    whole = to_model_space(Image(values), contract).tensor[0, 0]
    return {name: whole[:, n * SIDE_PX : (n + 1) * SIDE_PX] for n, name in enumerate(TILES)}


def tiles_of_brain(brain: BrainMr) -> dict[str, Floats]:
    """The three planes of a brain, its skull left out, each float32 [96, 96] in [0, 1]."""
    white = float(np.percentile(brain.values[brain.inside], BRIGHTEST))
    grey = np.where(brain.inside, brain.values / max(white, 1e-6), 0.0).clip(0.0, 1.0).astype(np.float32)
    frame, (top, front, wide, long) = brain.frame, extent_of(brain)
    across, along = WIDE_MM / wide, LONG_MM / long
    upright = (across + along) / 2.0  # the height of a brain depends on where its stem was cut

    def plane(up: NDArray[np.float64], back: NDArray[np.float64], left: NDArray[np.float64]) -> Floats:
        parts = np.stack(np.broadcast_arrays(up, back, left), -1)
        places = (frame.origin + parts @ frame.axes) / np.asarray(brain.steps)
        found = scipy.ndimage.map_coordinates(grey, np.moveaxis(places, -1, 0), order=1, prefilter=False)
        contract = InputContract(SIDE_PX, SIDE_PX, "pad", ("MR",))
        return np.asarray(to_model_space(Image(found.astype(np.float32)), contract).tensor[0, 0])

    rows, columns = np.arange(208.0), np.arange(176.0)
    up_of = top - (columns[:, None] - TOP_MM) / upright
    back_of = front + (rows - FRONT_MM) / along
    left_of = (columns - MIDDLE_MM) / across
    level = np.asarray(top - BELOW_TOP_MM / upright)
    return {
        "axial": plane(level, back_of[:, None], left_of[None]),
        "coronal": plane(up_of, np.asarray(front + BEHIND_FRONT_MM / along), left_of[None, ::-1]),
        "sagittal": plane(up_of, back_of[None, ::-1], np.asarray(-BESIDE_MM / across)),
    }


def extent_of(brain: BrainMr) -> tuple[float, float, float, float]:
    """Top, front, width and length of a brain along its own axes, in mm from the origin of its frame.

    Front, width and length are those of its upper 85 mm: below lie eyes and neck, where the outline may leak.
    """
    places = np.argwhere(brain.inside) * np.asarray(brain.steps) - brain.frame.origin
    up, back, left = (places @ axis for axis in brain.frame.axes)
    voxel_mm3 = 1000.0 * brain.voxel_ml
    _, top = _ends(up, voxel_mm3)
    upper = up >= top - UPPER_MM
    (front, behind), (right, far_left) = _ends(back[upper], voxel_mm3), _ends(left[upper], voxel_mm3)
    return top, front, far_left - right, behind - front


def _ends(along: NDArray[np.float64], voxel_mm3: float) -> tuple[float, float]:
    """Where sections across a direction, each 2 mm thick, begin and end to have 1.5 cm2."""
    bins = np.floor(along / END_STEP_MM).astype(np.intp)
    area = np.bincount(bins - bins.min()) * voxel_mm3 / END_STEP_MM
    large = np.flatnonzero(area >= END_MM2) + bins.min()
    return float(large[0]) * END_STEP_MM, float(large[-1] + 1) * END_STEP_MM


def batch_of(tiles: dict[str, Floats]) -> Floats:
    """The network's input: float32 [1, 1, 96, 288]."""
    return np.concatenate([tiles[name] for name in TILES], axis=1)[None, None]


def plane_shares(tile: Floats) -> PlaneShares:
    """What the axial tile shows of fluid."""
    brain = scipy.ndimage.binary_fill_holes(tile > DARK)
    low, _ = three_classes(tile[brain])
    fluid = brain & (tile < low)
    depth = np.asarray(scipy.ndimage.distance_transform_edt(brain))
    deep = _deep(fluid & (depth >= AT_LEAST_SHARE * depth.max()), depth)
    area = float(brain.sum())
    return PlaneShares(float(deep.sum()) / area, float(fluid.sum()) / area, _horns(deep, brain))


def _deep(fluid: Bools, depth: NDArray[np.float64]) -> Bools:
    """The parts of the fluid that reach half the largest depth."""
    parts, count = scipy.ndimage.label(fluid)
    kept = [n for n in range(1, count + 1) if depth[parts == n].max() >= DEEP_SHARE * depth.max()]
    return np.isin(parts, kept)


def _horns(deep: Bools, brain: Bools) -> float | None:
    """Width of what lies deep in the front half over that of the brain."""
    rows = np.flatnonzero(brain.any(1))
    front = np.zeros_like(deep)
    front[rows[0] : rows[0] + int(0.45 * rows.size)] = True
    columns = np.flatnonzero((deep & front).any(0))
    wide = np.flatnonzero(brain.any(0))
    return None if columns.size < 2 else float(np.ptp(columns) + 1) / float(np.ptp(wide) + 1)


def three_classes(values: Floats) -> tuple[float, float]:
    """The two levels that part values into three groups with the largest variance between them.

    Source: Otsu 1979, section III.C (several thresholds).
    """
    counts, edges = np.histogram(values, 64)
    centres = (edges[:-1] + edges[1:]) / 2.0
    share, first = np.concatenate([[0.0], np.cumsum(counts)]), np.concatenate([[0.0], np.cumsum(counts * centres)])
    best, found = -1.0, (1, 2)
    for a in range(1, 63):
        for b in range(a + 1, 64):
            groups = ((0, a), (a, b), (b, 64))
            spread = sum((first[n] - first[m]) ** 2 / max(share[n] - share[m], 1e-9) for m, n in groups)
            if spread > best:
                best, found = spread, (a, b)
    return float(edges[found[0]]), float(edges[found[1]])
