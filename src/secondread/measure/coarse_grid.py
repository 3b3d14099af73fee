"""A CT on a coarse grid of equal sides, turned to axial, and the way back to its own voxels.

Organs and bones are found on it: it is small, the same for every scan, and averaging takes the noise down.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.volume import Volume
from secondread.prepare.placement import Placement
from secondread.prepare.resample import resampled, to_spacing
from secondread.prepare.shown import axial, back_to_source

Inside = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class CoarseGrid:
    """Values on equal steps: k runs to the head, j to the back, i to the patient's left.

    Attributes:
        values: float32 [k, j, i].
        step_mm: (k, j, i), equal within half a step over the whole of an axis.
        place: From the turned source to this grid.
        order: The (axis, sign) of the source for each of its axes.
    """

    values: NDArray[np.float32]
    step_mm: tuple[float, float, float]
    place: Placement
    order: tuple[tuple[int, int], ...]

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel of the coarse grid."""
        return float(np.prod(self.step_mm)) / 1000.0

    def source_points(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points [n, (k, j, i)] of this grid, counted from the centre of its first voxel, in indices of the source."""
        turned = self.place.points_to_before(points + 0.5) - 0.5
        out = np.empty_like(turned)
        for column, (axis, sign) in enumerate(self.order):
            size = self.place.before[column]
            out[:, axis] = turned[:, column] if sign > 0 else size - 1 - turned[:, column]
        return out


def coarse(volume: Volume, step_mm: float) -> CoarseGrid:
    """The volume averaged onto steps of ``step_mm`` and turned: k runs to the head, j to the back, i to the left."""
    values, order = axial(volume)
    spacing = tuple(volume.geometry.spacing_mm[axis] for axis, _ in order)
    place = to_spacing(values.shape, spacing, (step_mm,))
    k, j, i = (side * mm for side, mm in zip(place.scale, spacing, strict=True))
    return CoarseGrid(np.ascontiguousarray(resampled(values, place)), (k, j, i), place, order)


def on_source(inside: Inside, grid: CoarseGrid) -> Inside:
    """A region of the coarse grid, bool [k, j, i], on the voxels of the source: at least half inside by linear weights.

    >>> from secondread.core.geometry import Geometry
    >>> source = Volume(np.zeros((4, 4, 4), np.float32), Geometry((4, 4, 4), np.eye(4)[[2, 1, 0, 3]]), "HU")
    >>> small = coarse(source, 2.0)
    >>> on_source(np.ones(small.values.shape, bool), small).all()
    np.True_
    """
    turned = np.zeros(grid.place.before, np.bool_)
    if inside.any():
        boxes, parts = [], inside.astype(np.float32)
        for axis in range(3):
            low, high, share = _neighbours(grid.place, axis)
            filled = np.flatnonzero(inside.any(axis=tuple(other for other in range(3) if other != axis)))
            near = np.flatnonzero((high >= filled[0]) & (low <= filled[-1]))
            box = slice(int(near[0]), int(near[-1]) + 1)
            boxes.append(box)
            weight = share[box].reshape([-1 if other == axis else 1 for other in range(3)])
            below, above = np.take(parts, low[box], axis), np.take(parts, high[box], axis)
            parts = below + weight * (above - below)
        turned[tuple(boxes)] = parts >= 0.5
    return back_to_source(turned, grid.order)


def _neighbours(place: Placement, axis: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """For each voxel of the source: the coarse voxel before and after it, and the weight of the latter."""
    last = place.after[axis] - 1
    centres = (np.arange(place.before[axis]) + 0.5 - place.low[axis]) / place.scale[axis] - 0.5
    held = np.clip(centres, 0.0, last)
    low = np.floor(held).astype(np.intp)
    return low, np.minimum(low + 1, last), (held - low).astype(np.float32)
