"""Lungs with their ill parts: airless lung that an outline by attenuation leaves out, as far as its place tells.

Three places count as lung: what lung encloses within a slice, unless it goes on into other tissue as a dome of the
diaphragm does; what a ball of 16 mm cannot enter; and notches of the outline towards the chest wall, up to the straight
line across them. Airless lung that touches the mediastinum or the diaphragm broadly, or a whole airless lung, is not
found: by attenuation alone it is not to be told from heart, liver or fluid. Rules of our own, tried on phantoms.
"""

from dataclasses import replace

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.volume import Volume
from secondread.measure.coarse import Coarse, closed, coarse, dilated
from secondread.measure.lungs import Lungs
from secondread.prepare.shown import to_axial

Bools = NDArray[np.bool_]
WORK_MM, AIRLESS_HU, BONE_HU = 2.5, -400.0, 200.0
NARROW_MM, SPINE_MM = 16.0, 28.0
# Share of the surface of an enclosed part that is no lung; the same towards the feet; of a narrow part and a
# notch.
LEAK, LEAK_BELOW, LEAK_NARROW, LEAK_NOTCH, NOTCH_BELOW = 0.45, 0.08, 0.5, 0.6, 0.2
SMALLEST_ML = 0.2


def whole_lungs(volume: Volume, lungs: Lungs) -> Lungs:
    """The same lungs with the airless parts whose place shows that they belong to them.

    Raises:
        ValueError: If the lungs are not those of the volume.
    """
    if lungs.geometry != volume.geometry:
        raise ValueError("lungs: needed those of the volume")
    work = coarse(volume, WORK_MM)
    right, left = (on_blocks(lungs.side(name), work) for name in ("right", "left"))
    bone = dilated(work.values > BONE_HU, work.spacing_mm, 3.0)
    free = (work.values > AIRLESS_HU) & ~bone & ~on_blocks(lungs.airway, work)
    if not (right.any() or left.any()):
        return lungs
    middle = _between(right, left)
    more = {}
    for name, lung, other in (("right", right, left), ("left", left, right)):
        if not lung.any():
            more[name] = lungs.side(name)
            continue
        narrow = closed(lung, work.spacing_mm, NARROW_MM) & ~lung & _flanked(lung) & free
        added = _enclosed(lung, work) | _tight(_large(narrow, work), lung, work, LEAK_NARROW, NOTCH_BELOW)
        notches = _notches(lung, middle, work, towards_left=name == "left") & free & ~other
        added |= _tight(_large(notches, work), lung, work, LEAK_NOTCH, NOTCH_BELOW)
        added &= free & ~other & ~lung
        more[name] = lungs.side(name) | (work.source(work.fine(_large(added, work))) & ~lungs.both & ~lungs.airway)
    return replace(lungs, right=more["right"], left=more["left"] & ~more["right"])


def on_blocks(inside: Bools, work: Coarse) -> Bools:
    """A mask of the volume's grid on the blocks: what their middle voxels say."""
    turned = to_axial(inside, work.order)
    k, j, i = (
        np.minimum(np.arange(blocks) * size + size // 2, n - 1)
        for blocks, size, n in zip(work.values.shape, work.blocks, work.shape, strict=True)
    )
    return np.asarray(turned[np.ix_(k, j, i)])


def _between(right: Bools, left: Bools) -> float:
    """Column half the way between the middles of both lungs, or beside the only one."""
    columns = [np.average(np.arange(one.shape[2]), weights=one.sum(axis=(0, 1))) for one in (right, left) if one.any()]
    return float(np.mean(columns)) if len(columns) == 2 else right.shape[2] / 2.0


def _enclosed(lung: Bools, work: Coarse) -> Bools:
    """Parts that lung encloses in every slice they show in, but for a share of their surface."""
    holes = np.stack([scipy.ndimage.binary_fill_holes(plane) for plane in lung]) & ~lung
    return _tight(holes, lung, work, LEAK, LEAK_BELOW)


def _tight(parts: Bools, lung: Bools, work: Coarse, leak_share: float, below_share: float) -> Bools:
    """The connected parts of which no larger share of the surface meets other tissue, all around and below."""
    labels, count = scipy.ndimage.label(parts)
    leak, below, surface = np.zeros(count), np.zeros(count), np.zeros(count)
    k, j, i = work.spacing_mm
    for axis, face_mm2 in enumerate((j * i, k * i, k * j)):
        ahead, other = np.moveaxis(labels, axis, 0), np.moveaxis(lung, axis, 0)
        for here, there, airy in ((ahead[:-1], ahead[1:], other[1:]), (ahead[1:], ahead[:-1], other[:-1])):
            edge = (here > 0) & (there == 0)
            surface += np.bincount(here[edge], minlength=count + 1)[1:] * face_mm2
            beyond = np.bincount(here[edge & ~airy], minlength=count + 1)[1:] * face_mm2
            leak += beyond
        if axis == 0:  # below the lowest slice nothing is known to be lung
            bottom = np.bincount(labels[0].ravel(), minlength=count + 1)[1:] * face_mm2
            leak, below, surface = leak + bottom, beyond + bottom, surface + bottom
    kept = np.flatnonzero((leak <= leak_share * surface) & (below <= below_share * surface)) + 1
    return np.asarray(np.isin(labels, kept))


def _flanked(lung: Bools) -> Bools:
    """Where lung lies on both sides, along the row or the column of the slice."""
    along = np.zeros_like(lung)
    for axis in (1, 2):
        before = np.maximum.accumulate(lung, axis=axis)
        along |= before & np.flip(np.maximum.accumulate(np.flip(lung, axis), axis=axis), axis)
    return np.asarray(along)


def _notches(lung: Bools, middle: float, work: Coarse, *, towards_left: bool) -> Bools:
    """Within the convex outline of a slice, where no lung lies further out, or further back beside the spine."""
    hull = np.stack([_hull(plane) for plane in lung])
    out = lung if towards_left else lung[:, :, ::-1]
    further_out = np.flip(np.maximum.accumulate(np.flip(out, 2), axis=2), 2)
    further_out = further_out if towards_left else further_out[:, :, ::-1]
    behind = np.arange(lung.shape[1]) > np.average(np.arange(lung.shape[1]), weights=lung.sum(axis=(0, 2)))
    further_back = np.flip(np.maximum.accumulate(np.flip(lung, 1), axis=1), 1)
    beside = np.abs(np.arange(lung.shape[2]) - middle) * work.spacing_mm[2] > SPINE_MM
    return np.asarray(hull & ~lung & (~further_out | (~further_back & beside & behind[:, None])))


def _hull(plane: Bools) -> Bools:
    """The convex hull of a slice, bool [j, i]."""
    places = np.argwhere(plane)
    if len(places) < 10:
        return plane
    try:
        edges: NDArray[np.float64] = scipy.spatial.ConvexHull(places).equations
    except scipy.spatial.QhullError:
        return plane
    rows, columns = np.indices(plane.shape)
    inside = np.ones(plane.shape, np.bool_)
    for a, b, c in edges:
        inside &= a * rows + b * columns + c <= 1e-6
    return np.asarray(inside)


def _large(added: Bools, work: Coarse) -> Bools:
    """Without slivers."""
    opened: Bools = scipy.ndimage.binary_opening(added, scipy.ndimage.generate_binary_structure(2, 1)[None])
    labels, count = scipy.ndimage.label(opened)
    if count == 0:
        return np.asarray(opened)
    sizes = np.bincount(labels.ravel()) * work.voxel_ml
    sizes[0] = 0.0
    return np.asarray(sizes[labels] >= SMALLEST_ML)
