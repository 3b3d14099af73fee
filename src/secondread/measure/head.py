"""A head on CT as measurements need it: an axial grid of about 1 mm, the inside of the skull, and the way back.

Everything is laid out as a person looks at it: k runs to the head, j to the back, i to the patient's left, whatever the
order of the file. Values are means of neighbouring voxels, so small sizes stay unbiased and noise falls.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.volume import Volume
from secondread.prepare.parts import largest
from secondread.prepare.shown import axial, back_to_source

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
PIXEL_MM, SLAB_MM = 1.0, 2.5  # what the grid comes near to, from above where the file is finer
BONE_HU = 140.0  # clotted blood stays below 100 HU, and half a voxel of the inner table above this
AIR_HU = -60.0
BRIDGE_MM, WIDE_BRIDGE_MM = 3.0, 8.0  # half the gap of the skull that is closed; the wider one where that is too little
OPEN_SHARE = 0.6  # with the narrow bridge less than this share of what the wide one encloses: the skull is open
LONGEST_GAP_MM = 40.0  # of slices with an open skull between closed ones that are bridged by their shapes
MIXED_HU = 60.0  # a slice whose inside is denser in the median is bone mixed with brain, at the vertex
LEAST_CM2 = 8.0  # a slice with less inside the skull is no part of the brain's space
OVERLAP = 0.5  # share of a lower slice that must lie under the slice above it
TISSUE_HU = (15.0, 60.0)
DEEP_MM = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A head on its working grid.

    Attributes:
        values: float32 [k, j, i] in HU; k to the head, j to the back, i to the left.
        cavity: bool [k, j, i]: inside of the skull, brain and what lies around it.
        spacing_mm: Of the grid, (k, j, i).
        order: (axis, sign) of the source for each axis, see :func:`secondread.prepare.shown.axial`.
        steps: Voxels of the source that make one of the grid, (k, j, i).
        source_shape: Of the source, turned to axial.
    """

    values: Floats
    cavity: Bools
    spacing_mm: tuple[float, float, float]
    order: tuple[tuple[int, int], ...]
    steps: tuple[int, int, int]
    source_shape: tuple[int, int, int]

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel of the grid."""
        return float(np.prod(self.spacing_mm)) / 1000.0

    @property
    def cavity_ml(self) -> float:
        """Volume inside the skull, as far as the slices show it."""
        return float(self.cavity.sum()) * self.voxel_ml

    def to_source(self, inside: Bools) -> Bools:
        """A region of the grid, bool [k, j, i], on the grid of the file."""
        whole = inside
        for axis, (step, length) in enumerate(zip(self.steps, self.source_shape, strict=True)):
            whole = np.repeat(whole, step, axis=axis)
            lacking = length - whole.shape[axis]
            if lacking > 0:  # what was left over at the end of the axis
                whole = np.concatenate([whole, np.zeros_like(whole.take(range(lacking), axis=axis))], axis=axis)
        return back_to_source(whole, self.order)

    def source_slice(self, k: float) -> int:
        """Number of the slice of the file, counted from 0, in the middle of slice ``k`` of the grid."""
        axis, sign = self.order[0]
        del axis
        seen = min(self.source_shape[0] - 1, int((k + 0.5) * self.steps[0]))
        return seen if sign > 0 else self.source_shape[0] - 1 - seen


def head_of(volume: Volume) -> Head:
    """Lay a head CT on the working grid, and find the inside of its skull; empty where there is none."""
    values, order = axial(volume)
    spacing = [volume.geometry.spacing_mm[axis] for axis, _ in order]
    wanted = (SLAB_MM, PIXEL_MM, PIXEL_MM)
    steps = tuple(max(1, round(mm / have)) for mm, have in zip(wanted, spacing, strict=True))
    grid = averaged(values, steps)  # type: ignore[arg-type]
    grid_mm = tuple(mm * step for mm, step in zip(spacing, steps, strict=True))
    cavity = cavity_of(grid, grid_mm)  # type: ignore[arg-type]
    return Head(grid, cavity, grid_mm, order, steps, values.shape)  # type: ignore[arg-type]


def averaged(values: Floats, steps: tuple[int, int, int]) -> Floats:
    """Means of blocks of voxels, float32 [k, j, i]; a remainder at the end of an axis is left out.

    >>> averaged(np.array([[[1.0, 3.0, 9.0]]], np.float32), (1, 1, 2)).tolist()
    [[[2.0]]]
    """
    k, j, i = (length // step for length, step in zip(values.shape, steps, strict=True))
    if min(k, j, i) == 0:
        raise ValueError(f"averaged: found {values.shape} voxels, needed at least {steps}")
    cut = values[: k * steps[0], : j * steps[1], : i * steps[2]]
    out = np.zeros((k, j, i), np.float32)
    for a in range(steps[0]):  # slice by slice, so that memory stays small
        part = cut[a :: steps[0]]
        out += part.reshape(k, j, steps[1], i, steps[2]).mean(axis=(2, 4), dtype=np.float32)
    return np.asarray(out / np.float32(steps[0]), np.float32)


def cavity_of(values: Floats, spacing_mm: tuple[float, float, float]) -> Bools:
    """The inside of the skull, bool [k, j, i]: what bone encloses in each slice, followed from the widest slice.

    Upwards and downwards a slice keeps the parts that lie mostly over or under what was kept of its neighbour, so that
    orbits, sinuses and the spinal canal fall away. Where bone has wide gaps (open skull, base) it is an approximation.
    """
    inner = np.stack([_enclosed(plane, spacing_mm[1]) for plane in values])
    cm2 = spacing_mm[1] * spacing_mm[2] / 100.0
    found = np.zeros(values.shape, np.bool_)
    areas = np.array([float(largest(plane).sum()) if plane.any() else 0.0 for plane in inner]) * cm2
    if areas.max(initial=0.0) < LEAST_CM2:
        return found
    widest = int(areas.argmax())
    found[widest] = largest(inner[widest])
    for direction in (1, -1):
        _follow(values, inner, found, widest, direction, (cm2, spacing_mm[0]))
    return found


def _follow(values: Floats, inner: Bools, found: Bools, start: int, direction: int, size: tuple[float, float]) -> None:
    """Keep, from slice to slice, what lies under or over what was kept; slices with an open skull are bridged."""
    cm2, step_mm = size
    last, k = start, start + direction
    while 0 <= k < len(values) and abs(k - last) * step_mm <= LONGEST_GAP_MM:
        kept = _under(inner[k], found[last])
        area, gap = float(kept.sum()) * cm2, abs(k - last) > 1
        brainlike = bool(kept.any()) and float(np.median(values[k][kept])) < MIXED_HU
        if brainlike and area >= (OPEN_SHARE * float(found[last].sum()) * cm2 if gap else LEAST_CM2):
            if _collapsed(area, float(found[last].sum()) * cm2, inner, found[last], (k, direction), cm2):
                k += direction
                continue
            found[k] = kept
            _bridge(values, found, last, k)
            last = k
        k += direction


def _collapsed(area: float, before: float, inner: Bools, above: Bools, where: tuple[int, int], cm2: float) -> bool:
    """Whether a slice holds far less than the ones on either side: its skull is open, its shape not to be trusted."""
    k, direction = where
    further = k + direction
    if area >= OPEN_SHARE * before or not 0 <= further < len(inner):
        return False
    return float(_under(inner[further], above).sum()) * cm2 >= OPEN_SHARE * before


def _bridge(values: Floats, found: Bools, low: int, high: int) -> None:
    """Fill slices between two with the shape halfway between theirs, without bone and air."""
    first, last = min(low, high), max(low, high)
    if last - first < 2:
        return
    ends = [_signed(found[first]), _signed(found[last])]
    for k in range(first + 1, last):
        part = (k - first) / (last - first)
        shape = (1.0 - part) * ends[0] + part * ends[1] < 0.0
        found[k] = shape & (values[k] < BONE_HU) & (values[k] > AIR_HU)


def _signed(inside: Bools) -> NDArray[np.float64]:
    out = scipy.ndimage.distance_transform_edt(~inside)
    return np.asarray(out - scipy.ndimage.distance_transform_edt(inside), np.float64)


def _enclosed(plane: Floats, pixel_mm: float) -> Bools:
    """What the bone of one slice encloses, without bone and air: bool [j, i]."""
    bone = plane > BONE_HU
    if not bone.any():
        return np.zeros(plane.shape, np.bool_)
    skull = _large(bone, round(150.0 / pixel_mm**2))
    soft = ~skull & (plane > AIR_HU)
    narrow = _opened(_closed(skull, BRIDGE_MM / pixel_mm) & soft, pixel_mm)
    wide = _opened(_closed(skull, WIDE_BRIDGE_MM / pixel_mm) & soft, pixel_mm)
    return wide if narrow.sum() < OPEN_SHARE * wide.sum() else narrow


def _closed(skull: Bools, reach: float) -> Bools:
    """A shape after closing by a disc and filling its holes."""
    edge = int(np.ceil(reach)) + 1
    padded = np.pad(skull, edge)
    if not padded.any():
        return skull
    wide = scipy.ndimage.distance_transform_edt(~padded) <= reach
    closed = scipy.ndimage.distance_transform_edt(wide) > reach
    return np.asarray(scipy.ndimage.binary_fill_holes(closed | padded)[edge:-edge, edge:-edge], np.bool_)


def _opened(inner: Bools, pixel_mm: float) -> Bools:
    opened = scipy.ndimage.binary_opening(inner, _disc(max(1, round(3.0 / pixel_mm))))
    return np.asarray(scipy.ndimage.binary_fill_holes(opened) & inner, np.bool_)


def _under(inner: Bools, above: Bools) -> Bools:
    """The parts of a slice that lie mostly under what its neighbour kept."""
    parts, count = scipy.ndimage.label(inner)
    if not count:
        return np.zeros(inner.shape, np.bool_)
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    covered = np.bincount(parts[scipy.ndimage.binary_dilation(above, iterations=3)], minlength=count + 1)
    kept = covered >= OVERLAP * np.maximum(sizes, 1)
    kept[0] = False
    return np.asarray(kept[parts], np.bool_)


def _large(inside: Bools, least: int) -> Bools:
    """Parts of at least so many pixels; 8 neighbours, as thin bone runs askew."""
    parts, count = scipy.ndimage.label(inside, np.ones((3, 3), np.bool_))
    keep = np.bincount(parts.ravel(), minlength=count + 1) >= least
    keep[0] = False
    return np.asarray(keep[parts], np.bool_)


def _disc(radius: int) -> Bools:
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    return np.asarray(x * x + y * y <= (radius + 0.3) ** 2, np.bool_)


def depth_mm(head: Head) -> Floats:
    """Distance to the nearest bone or edge of the skull within the slice, float32 [k, j, i]; 0 outside."""
    found = np.zeros(head.cavity.shape, np.float32)
    for k in np.flatnonzero(head.cavity.any(axis=(1, 2))):
        found[k] = scipy.ndimage.distance_transform_edt(head.cavity[k], sampling=head.spacing_mm[1:])
    return found


def tissue_hu(head: Head) -> float:
    """Median attenuation of the brain at least 8 mm inside the skull; NaN where there is none."""
    deep = head.values[depth_mm(head) > DEEP_MM]
    brain = deep[(deep > TISSUE_HU[0]) & (deep < TISSUE_HU[1])]
    return float(np.median(brain)) if brain.size else float("nan")


def noise_hu(head: Head) -> float:
    """Standard deviation of the noise of a voxel of the grid, from differences of neighbours deep in the brain.

    The difference of a voxel and the mean of its four neighbours in the slice has 5/4 of the variance of noise without
    correlation; its median absolute value keeps edges out. NaN where there is no brain.
    """
    values = head.values
    near = (
        np.roll(values, 1, 1) + np.roll(values, -1, 1) + np.roll(values, 1, 2) + np.roll(values, -1, 2)
    ) / np.float32(4.0)
    inside = (depth_mm(head) > DEEP_MM) & (values > 0.0) & (values < 80.0)
    if not inside.any():
        return float("nan")
    return float(np.median(np.abs((values - near)[inside])) * 1.4826 / np.sqrt(1.25))
