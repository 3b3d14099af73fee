"""A head MR as measurements of the brain need it: brain, middle, central fluid, and distances between them.

Everything is laid out as a person looks at it: k runs to the head, j to the back, i to the patient's left, whatever the
order of the file. Both FLAIR and T1-weighted series show fluid dark, which is all that is asked of them here.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.errors import GeometryError
from secondread.core.volume import Volume
from secondread.measure.brain_surface import brain_inside
from secondread.measure.head import Head
from secondread.measure.head_symmetry import Frame, frame_of
from secondread.prepare.shown import axial, back_to_source

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Steps = tuple[float, float, float]

FLUID = 0.55  # share of the usual grey of the brain below which it is fluid; our own, looked at on FLAIR of 12 patients
DEEP_MM = 25.0  # from the surface of the brain: where the ventricles begin to be looked for
LEAST_DEPTH_MM = 12.0  # what lies nearer to the surface is fluid around the brain
ASIDE_MM = 32.0  # from the middle: further out lie the insula and the temporal horns
LOWEST = 0.38  # share of the height of the brain below which fluid is that of the cisterns and the fourth ventricle
HIGHEST = 0.76  # above it there is only the fissure between the halves
FISSURE_MM = 6.0  # from the middle: fluid that stays nearer is that of the fissure or the third ventricle
LEAST_ML = 0.3  # smaller spaces are none
FRAME_MM = 5.0  # slices about as far apart as this suffice to find the middle
TILTED = 0.9  # cosine of the largest angle between the slices and the axes of the scanner


CROSS = np.array([[[0, 1, 0], [1, 1, 1], [0, 1, 0]]], dtype=bool)  # neighbours within the slice


@dataclass(frozen=True)
class BrainMr:
    """A brain on the slices of its series, turned to axial.

    Attributes:
        values: float32 [k, j, i], grey of the file.
        steps: Distances of voxels along k, j and i in mm.
        inside: bool [k, j, i]: the brain with the fluid in and around it.
        frame: The plane that divides it into mirror images, and its axes up, back and left.
        order: The (axis, sign) of the source for each axis.
    """

    values: NDArray[np.float32]
    steps: Steps
    inside: Bools
    frame: Frame
    order: tuple[tuple[int, int], ...]

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel."""
        return float(np.prod(self.steps)) / 1000.0

    @property
    def brain_ml(self) -> float:
        """Volume of the brain with the fluid in and around it."""
        return float(self.inside.sum()) * self.voxel_ml

    @cached_property
    def usual(self) -> float:
        """Median grey of the brain, 8 mm and more from its surface."""
        deep = self.inside & (self.depth_mm > 8.0)
        return float(np.median(self.values[deep if deep.any() else self.inside]))

    @cached_property
    def depth_mm(self) -> NDArray[np.float32]:
        """float32 [k, j, i]: distance to the outside of the brain; 0 outside.

        Beyond the last slice nothing is known: there the brain is taken to go on.
        """
        padded = np.pad(self.inside, ((1, 1), (0, 0), (0, 0)), mode="edge")
        return np.asarray(scipy.ndimage.distance_transform_edt(padded, sampling=self.steps)[1:-1], np.float32)

    @cached_property
    def aside_mm(self) -> NDArray[np.float32]:
        """float32 [k, j, i]: distance to the middle plane, above 0 on the patient's left."""
        return self._along(2)

    def _along(self, axis: int) -> NDArray[np.float32]:
        k, j, i = (np.arange(n) * mm for n, mm in zip(self.values.shape, self.steps, strict=True))
        a, b, c = self.frame.axes[axis]
        start = float(self.frame.origin @ self.frame.axes[axis])
        far = a * k[:, None, None] + b * j[None, :, None] + c * i[None, None, :] - start
        return np.asarray(far, np.float32)

    @cached_property
    def shares(self) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
        """Of each voxel: how far up (0 bottom, 1 top), back (0 front, 1 back), out (0 middle, 1 side) in the brain."""
        found = []
        for axis in (0, 1):
            far = self._along(axis)
            low, high = np.percentile(far[self.inside], (0.5, 99.5))
            found.append((far - low) / max(float(high - low), 1e-6))
        widest = float(np.percentile(np.abs(self.aside_mm[self.inside]), 99.5))
        out = np.asarray(np.abs(self.aside_mm) / max(widest, 1e-6), np.float32)
        return np.asarray(found[0], np.float32), np.asarray(found[1], np.float32), out

    def to_source(self, inside: Bools) -> Bools:
        """A region of the turned slices on the grid of the file."""
        return back_to_source(inside, self.order)


def turned(volume: Volume) -> tuple[NDArray[np.float32], Steps, tuple[tuple[int, int], ...]]:
    """Values turned to axial, the distances of voxels along k, j and i in mm, and the way back.

    Raises:
        GeometryError: If the slices lie too far askew to be called axial, coronal or sagittal.
    """
    values, order = axial(volume)
    affine = volume.geometry.affine[:3, :3]
    lengths = np.linalg.norm(affine, axis=0)
    upright = [abs(affine[world, axis]) / lengths[axis] for world, (axis, _) in zip((2, 1, 0), order, strict=True)]
    if min(upright) < TILTED:
        raise GeometryError(
            "brain: the slices lie more than about 25 degrees askew to the scanner; left and right of the head cannot "
            "be told apart safely. Send a series along the usual planes."
        )
    k, j, i = (float(lengths[axis]) for axis, _ in order)
    return values, (k, j, i), order


def brain_mr(volume: Volume, inside: Bools | None = None) -> BrainMr:
    """Find the brain of a head MR and its middle.

    Args:
        volume: FLAIR or T1-weighted, in any grey scale.
        inside: The brain [k, j, i] turned to axial, where it is known; else it is looked for.

    Raises:
        GeometryError: If no brain is found, or it has no plane of symmetry.
    """
    values, steps, order = turned(volume)
    found = brain_inside(values, steps) if inside is None else inside
    _, j, i = values.shape
    jump = max(1, int(FRAME_MM / steps[0]))  # the plane needs no thin slices
    thin = found[::jump]
    coarse = Head(values[::jump], thin, (steps[0] * jump, *steps[1:]), order, (1, 1, 1), (len(thin), j, i))
    frame = frame_of(coarse)
    if frame is None:
        raise GeometryError("brain: found no plane that divides it into mirror images; needed a whole head.")
    return BrainMr(values, steps, found, frame, order)


def ventricles(brain: BrainMr, without: Bools | None = None) -> Bools:
    """Fluid in the depth of the brain: the lateral ventricles and what joins them, bool [k, j, i].

    Darker than ``FLUID`` of the usual grey, connected within slices and between them, reaching 25 mm deep or more,
    never nearer than 12 mm to the surface, within 32 mm of the middle and between 38 % and 76 % of the brain's height;
    parts below 0.3 mL, and those that stay within 6 mm of the middle, are left out. The temporal horns and the fourth
    ventricle are so left out too.

    Args:
        brain: The brain.
        without: Voxels that count as no fluid, e.g. a tumour, whose cysts are dark too.
    """
    fluid = brain.inside & (brain.values < FLUID * brain.usual) & (brain.depth_mm >= LEAST_DEPTH_MM)
    fluid &= (np.abs(brain.aside_mm) <= ASIDE_MM) & (brain.shares[0] >= LOWEST) & (brain.shares[0] <= HIGHEST)
    if without is not None:
        fluid &= ~scipy.ndimage.binary_dilation(without, CROSS)
    parts, count = scipy.ndimage.label(fluid)
    if not count:
        return fluid
    sizes = np.bincount(parts.ravel(), minlength=count + 1) * brain.voxel_ml
    deepest = scipy.ndimage.maximum(brain.depth_mm, parts, np.arange(1, count + 1))
    widest = scipy.ndimage.maximum(np.abs(brain.aside_mm), parts, np.arange(1, count + 1))
    found = zip(range(1, count + 1), sizes[1:], deepest, widest, strict=True)
    kept = [n for n, size, deep, wide in found if size >= LEAST_ML and deep >= DEEP_MM and wide >= FISSURE_MM]
    return np.isin(parts, kept)


def nearest_mm(region: Bools, other: Bools, steps: Steps) -> float | None:
    """Smallest distance between the voxels of two regions in mm; 0 where they touch, None if one is empty."""
    if not region.any() or not other.any():
        return None
    near = scipy.ndimage.binary_dilation(region)
    if (near & other).any():
        return 0.0
    return float(scipy.ndimage.distance_transform_edt(~other, sampling=steps)[region].min())
