"""A coarser grid of a volume, axial, for what needs no fine one: where organs lie, not how large they are.

Blocks of whole voxels are averaged, so that every coarse voxel stands for the same ones in each direction of the way.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.volume import Volume
from secondread.prepare.shown import axial, back_to_source

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Coarse:
    """A volume on blocks of its voxels; k runs to the head, j to the back and i to the left of the patient.

    Attributes:
        values: float32 [k, j, i], the mean of each block.
        spacing_mm: Of the blocks, (k, j, i).
        blocks: Voxels in a block along each axis.
        shape: Of the turned volume, which the blocks at the end stick out of.
        order: (axis, sign) of the source for each axis, as :func:`secondread.prepare.shown.axial` gives it.
    """

    values: NDArray[np.float32]
    spacing_mm: tuple[float, float, float]
    blocks: tuple[int, int, int]
    shape: tuple[int, int, int]
    order: tuple[tuple[int, int], ...]

    @property
    def voxel_ml(self) -> float:
        """Volume of a block in mL."""
        k, j, i = self.spacing_mm
        return k * j * i / 1000.0

    def fine(self, inside: Bools) -> Bools:
        """A mask of blocks on the turned grid of the volume, bool [k, j, i]."""
        whole = inside
        for axis, block in enumerate(self.blocks):
            whole = np.repeat(whole, block, axis=axis) if block > 1 else whole
        k, j, i = self.shape
        return whole[:k, :j, :i]

    def source(self, inside: Bools) -> Bools:
        """A mask on the turned grid as one on the grid of the volume."""
        return back_to_source(inside, self.order)


def coarse(volume: Volume, wanted_mm: float) -> Coarse:
    """The volume on blocks of at most about ``wanted_mm``; axes that are coarser than that stay as they are."""
    values, order = axial(volume)
    spacing = [volume.geometry.spacing_mm[axis] for axis, _ in order]
    k, j, i = (max(1, int(wanted_mm / mm + 0.25)) for mm in spacing)
    mm = (spacing[0] * k, spacing[1] * j, spacing[2] * i)
    shape = (values.shape[0], values.shape[1], values.shape[2])
    return Coarse(_means(values, (k, j, i)), mm, (k, j, i), shape, order)


def _means(values: NDArray[np.float32], blocks: tuple[int, int, int]) -> NDArray[np.float32]:
    """Mean of each block, a slab at a time so that no second volume is needed; blocks at the end may be smaller."""
    k, j, i = blocks
    starts = [np.arange(0, n, block) for n, block in zip(values.shape, blocks, strict=True)]
    counts = [np.diff([*start, n]).astype(np.float32) for start, n in zip(starts, values.shape, strict=True)]
    slabs = []
    for first in range(0, values.shape[0], k):
        slab = values[first : first + k].sum(0, dtype=np.float32) if k > 1 else values[first]
        slab = np.add.reduceat(slab, starts[1], axis=0) if j > 1 else slab
        slabs.append(np.add.reduceat(slab, starts[2], axis=1) if i > 1 else slab)
    total = np.stack(slabs)
    total /= counts[0][:, None, None] * counts[1][None, :, None] * counts[2][None, None, :]
    return np.asarray(total, np.float32)


def closed(inside: Bools, spacing_mm: tuple[float, float, float], radius_mm: float) -> Bools:
    """What a ball of this radius cannot get out of: holes and notches narrower than it are filled."""
    pad = [int(np.ceil(radius_mm / mm)) + 1 for mm in spacing_mm]
    padded = np.pad(inside, [(n, n) for n in pad])
    near = scipy.ndimage.distance_transform_edt(~padded, sampling=spacing_mm) <= radius_mm
    back = scipy.ndimage.distance_transform_edt(near, sampling=spacing_mm) > radius_mm
    k, j, i = (slice(n, n + size) for n, size in zip(pad, inside.shape, strict=True))
    return np.asarray(back[k, j, i] | inside)


def opened(inside: Bools, spacing_mm: tuple[float, float, float], radius_mm: float) -> Bools:
    """Where a ball of this radius fits in: necks and sheets narrower than it are taken away."""
    padded = np.pad(inside, 1)
    deep = scipy.ndimage.distance_transform_edt(padded, sampling=spacing_mm) > radius_mm
    if not deep.any():
        return np.zeros_like(inside)
    back = scipy.ndimage.distance_transform_edt(~deep, sampling=spacing_mm) <= radius_mm
    return np.asarray(back[1:-1, 1:-1, 1:-1] & inside)


def parts_of(inside: Bools) -> list[tuple[int, Bools]]:
    """(number of voxels, mask) of the connected parts, the largest first; at most five."""
    labels, count = scipy.ndimage.label(inside)
    if count == 0:
        return []
    sizes = np.bincount(labels.ravel())[1:]
    largest = sorted(range(count), key=lambda n: (-sizes[n], n))[:5]
    return [(int(sizes[n]), np.asarray(labels == n + 1)) for n in largest]


def dilated(inside: Bools, spacing_mm: tuple[float, float, float], radius_mm: float) -> Bools:
    """Everything within a distance of the mask, the mask included."""
    if not inside.any():
        return inside
    box = _around(inside, spacing_mm, radius_mm)
    grown = inside.copy()
    grown[box] = scipy.ndimage.distance_transform_edt(~inside[box], sampling=spacing_mm) <= radius_mm
    return grown


def eroded(inside: Bools, spacing_mm: tuple[float, float, float], radius_mm: float) -> Bools:
    """The mask without what lies within a distance of its outside; the edge of the grid is no outside."""
    if not inside.any() or inside.all():
        return inside
    box = _around(inside, spacing_mm, radius_mm)
    left = np.zeros_like(inside)
    left[box] = scipy.ndimage.distance_transform_edt(inside[box], sampling=spacing_mm) > radius_mm
    return left


def _around(inside: Bools, spacing_mm: tuple[float, float, float], radius_mm: float) -> tuple[slice, slice, slice]:
    """The box around a mask and what is near to it."""
    k, j, i = (
        slice(max(0, part.start - margin), part.stop + margin)
        for part, margin in zip(
            scipy.ndimage.find_objects(inside.astype(np.uint8))[0],
            (int(np.ceil(radius_mm / mm)) + 1 for mm in spacing_mm),
            strict=True,
        )
    )
    return k, j, i
