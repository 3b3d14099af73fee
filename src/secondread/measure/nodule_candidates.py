"""Where the lungs hold something round: candidates for nodules, found by size and shape, without a network.

Bright blobs of 4 to 30 mm are looked for inside the lungs at several sizes; each is outlined at half the way from lung
to its own density, thin vessels are cut off, and what is long or goes on like a vessel is left out. A candidate is no
diagnosis: lymph nodes, scars, forks of vessels and mucus look alike.

Source: cutting vessels off by opening, Kostis WJ et al., IEEE Trans Med Imaging 2003;22:1259-1274. The limits are our
own, tried on phantoms.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.volume import Volume
from secondread.measure.blobs import blobs
from secondread.measure.lungs import Lungs
from secondread.measure.nodule_size import effective_diameter_mm
from secondread.prepare.shown import axial, back_to_source, to_axial

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
Box = tuple[slice, slice, slice]
CALCIUM_HU = 200.0  # a core from here on is calcified, and its edge runs up to its own level
RIM_MM = 1.5  # how far from the outline a voxel may be filled in part
EDGE_HU = (-720.0, -300.0)  # lowest and highest level of an outline
SMALLEST_MM, LARGEST_MM = 4.0, 60.0
FULL = 0.68  # largest ball inside over the ball of the same volume; about 0.5 for a piece or a fork of a vessel
LONGEST, SHELL, SHELL_SHARE = 2.1, 1.8, 0.12
PLEURA_MM, FURTHEST_MM = 1.0, 40.0  # steps in which the distance to the pleura is measured, and its end
HALO_HU, HALO_MM, OVERLAP = 90.0, 1.5, 0.3  # above the lung around; from the edge on; of the smaller of two


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Something round in a lung.

    Attributes:
        centre: (k, j, i) of the voxel nearest to its middle, on the grid of the volume.
        centre_mm: The same in LPS mm.
        inside: bool box [k, j, i] of the grid of the volume, the outline by attenuation.
        corner: (k, j, i) of the first voxel of that box.
        volume_mm3: Of what the outline surrounds, voxels at its edge by their share.
        diameter_mm: Of the sphere of that volume.
        mean_hu: Of its inner part.
        edge_hu: Level at which it was outlined.
        side: ``right`` or ``left``.
        third: ``upper``, ``middle`` or ``lower`` third of that lung by height.
        pleura_mm: From its outline to the outline of the lung; 0 where it touches it.
        shell: Share of the shell around it that is as dense as it is: what it hangs on.
    """

    centre: tuple[int, int, int]
    centre_mm: tuple[float, float, float]
    inside: Bools
    corner: tuple[int, int, int]
    volume_mm3: float
    diameter_mm: float
    mean_hu: float
    edge_hu: float
    side: str
    third: str
    pleura_mm: float
    shell: float

    def mask(self, shape: tuple[int, int, int]) -> Bools:
        """The outline on the whole grid, bool [k, j, i]."""
        whole = np.zeros(shape, np.bool_)
        whole[tuple(slice(c, c + n) for c, n in zip(self.corner, self.inside.shape, strict=True))] = self.inside
        return whole


def find_nodules(volume: Volume, lungs: Lungs, *, smallest_mm: float = SMALLEST_MM) -> tuple[Candidate, ...]:
    """Candidates in both lungs, the largest first.

    Args:
        volume: CT in HU.
        lungs: Of this volume.
        smallest_mm: Diameter of the sphere of the same volume below which nothing is taken.

    Raises:
        ValueError: If the volume is not in HU or the lungs are of another one.
    """
    if volume.unit != "HU" or lungs.geometry != volume.geometry:
        raise ValueError("nodules: needed a volume in HU and its own lungs")
    values, order = axial(volume)
    inside = to_axial(lungs.both, order)
    if not inside.any():
        return ()
    spacing = tuple(volume.geometry.spacing_mm[axis] for axis, _ in order)
    looked = _Looked(values, inside, (spacing[0], spacing[1], spacing[2]), order, volume, lungs)
    taken = np.zeros(values.shape, np.bool_)
    found: list[Candidate] = []
    for place, size_mm in blobs(volume, inside):
        if taken[place]:
            continue
        one = _outlined(looked, place, size_mm, taken, smallest_mm)
        if one is not None:
            found.append(one)
    return _apart(found, volume.geometry.shape)


def _apart(found: list[Candidate], shape: tuple[int, int, int]) -> tuple[Candidate, ...]:
    """The largest first, without those that lie in a larger one."""
    kept: list[Candidate] = []
    owned = np.zeros(shape, np.bool_)
    for one in sorted(found, key=lambda c: (-c.volume_mm3, c.centre)):
        place = tuple(slice(c, c + n) for c, n in zip(one.corner, one.inside.shape, strict=True))
        if float((owned[place] & one.inside).sum()) < OVERLAP * float(one.inside.sum()):
            kept.append(one)
            owned[place] |= one.inside
    return tuple(kept)


@dataclass(frozen=True, slots=True, eq=False)
class _Looked:
    """What a blob is judged on; arrays are turned to axial."""

    values: Floats
    lung: Bools
    spacing_mm: tuple[float, float, float]
    order: tuple[tuple[int, int], ...]
    volume: Volume
    lungs: Lungs


def _grown(part: slice, margin: int, end: int) -> slice:
    return slice(max(0, part.start - margin), min(end, part.stop + margin))


def _outlined(
    looked: _Looked, place: tuple[int, int, int], size_mm: float, taken: Bools, smallest_mm: float
) -> Candidate | None:
    """The blob at ``place`` as a candidate, or None where it is no round thing; marks what it took."""
    found = _part_at(looked, place, size_mm, None)
    if found is None:
        return None
    halo_hu = _halo(looked, found)
    if halo_hu is not None:  # a dense core in ground glass: the whole is meant
        wider = _part_at(looked, place, 2.5 * found.diameter_mm, halo_hu)
        found = wider if wider is not None and wider.is_round else found
    taken[found.box] |= scipy.ndimage.binary_dilation(found.body, iterations=2)
    return _candidate(looked, found) if found.is_round and found.diameter_mm >= smallest_mm else None


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A piece of dense tissue in a box of the turned grid."""

    box: Box
    body: Bools
    level: float
    usual_hu: float
    diameter_mm: float
    shell: float
    full: float
    longest: float

    @property
    def is_round(self) -> bool:
        return (
            self.diameter_mm <= LARGEST_MM
            and self.shell <= SHELL_SHARE
            and self.full >= FULL
            and self.longest <= LONGEST
        )


def _part_at(looked: _Looked, place: tuple[int, int, int], size_mm: float, level: float | None) -> _Part | None:
    """The dense tissue at ``place`` without the vessels it hangs on, and how round it is."""
    reach = 1.1 * size_mm + 6.0
    spacing = looked.spacing_mm
    half = [int(np.ceil(reach / mm)) for mm in spacing]
    k, j, i = (slice(max(0, p - h), p + h + 1) for p, h in zip(place, half, strict=True))
    box = (k, j, i)
    centre = tuple(p - s.start for p, s in zip(place, box, strict=True))
    values, lung = looked.values[box], looked.lung[box]
    away = _distances(values.shape, centre, spacing)
    inner, outer = _levels(values, lung, away, size_mm)
    level = min(max((inner + outer) / 2.0, EDGE_HU[0]), EDGE_HU[1]) if level is None else level
    dense = (values > level) & lung & (away <= reach)
    part = _connected(dense, centre, away)
    body = None if part is None else _without_vessels(part, away, spacing)
    if body is None or not body.any():
        return None
    diameter = effective_diameter_mm(float(body.sum()) * looked.volume.geometry.voxel_volume_mm3)
    from_middle = _distances(values.shape, scipy.ndimage.center_of_mass(body), spacing)
    shell = (np.abs(from_middle - SHELL * diameter / 2) <= 0.7 * max(spacing)) & lung
    share = float((dense & shell).sum()) / max(int(shell.sum()), 1)
    deep = scipy.ndimage.distance_transform_edt(np.pad(body, 1), sampling=spacing)
    return _Part(
        box, body, level, outer, diameter, share, 2.0 * float(deep.max()) / diameter, _elongation(body, spacing)
    )


def _halo(looked: _Looked, part: _Part) -> float | None:
    """Level at which ground glass around a part ends, or None where there is none."""
    away = scipy.ndimage.distance_transform_edt(~part.body, sampling=looked.spacing_mm)
    near = (away > HALO_MM) & (away <= HALO_MM + max(2.0, 0.15 * part.diameter_mm)) & looked.lung[part.box]
    if near.sum() < 20:
        return None
    around = float(np.percentile(looked.values[part.box][near], 35))
    return (around + part.usual_hu) / 2.0 if around > part.usual_hu + HALO_HU else None


def _distances(shape: tuple[int, ...], centre: tuple[float, ...], spacing_mm: tuple[float, float, float]) -> Floats:
    """Distance of each voxel of a box from a place in it, in mm."""
    axes = [(np.arange(n) - c) * mm for n, c, mm in zip(shape, centre, spacing_mm, strict=True)]
    k, j, i = axes
    square = k[:, None, None] ** 2 + j[None, :, None] ** 2 + i[None, None, :] ** 2
    return np.asarray(np.sqrt(square), np.float32)


def _levels(values: Floats, lung: Bools, away: Floats, size_mm: float) -> tuple[float, float]:
    """HU of the middle of a blob and of the lung around it."""
    near = lung & (away <= max(0.25 * size_mm, 1.0))
    around = values[lung & (away > 0.7 * size_mm)]
    inner = float(np.median(values[near])) if near.any() else float(values[away == away.min()][0])
    outer = float(np.percentile(around, 38)) if around.size else -850.0
    return min(inner, 60.0), min(outer, -700.0)


def _connected(dense: Bools, centre: tuple[int, ...], away: Floats) -> Bools | None:
    """The part of ``dense`` at the centre, or at the nearest dense voxel within 2 mm."""
    labels, _ = scipy.ndimage.label(dense)
    number = int(labels[centre])
    if number == 0:
        near = np.where(dense, away, np.inf)
        best = np.unravel_index(int(near.argmin()), near.shape)
        if not near[best] <= 2.0:
            return None
        number = int(labels[best])
    return np.asarray(labels == number)


def _without_vessels(part: Bools, away: Floats, spacing_mm: tuple[float, float, float]) -> Bools | None:
    """The round body of a part: where half its largest ball fits, with the edge that belongs to it."""
    deep = scipy.ndimage.distance_transform_edt(np.pad(part, 1), sampling=spacing_mm)[1:-1, 1:-1, 1:-1]
    largest = float(deep[away <= max(3.0, 0.35 * float(away[part].max()))].max(initial=0.0))
    if largest <= 0.0:
        return None
    core = deep > 0.5 * largest
    labels, count = scipy.ndimage.label(core)
    if count == 0:
        return None
    near = np.where(core, away, np.inf)
    number = labels[np.unravel_index(int(near.argmin()), near.shape)]
    reach = 0.5 * largest + 0.6 * min(spacing_mm)
    return np.asarray(part & (scipy.ndimage.distance_transform_edt(labels != number, sampling=spacing_mm) <= reach))


def _filled(looked: _Looked, part: _Part) -> float:
    """Voxels that a part fills, each near its edge by its share between lung and nodule.

    A blurred ball fills fewer voxels above the middle of the two levels than it has, because its edge is curved; the
    shares add up to what is there. Dense voxels beside it belong to vessels and count nothing.
    """
    values, lung = looked.values[part.box], looked.lung[part.box]
    inward = scipy.ndimage.distance_transform_edt(part.body, sampling=looked.spacing_mm)
    outward = scipy.ndimage.distance_transform_edt(~part.body, sampling=looked.spacing_mm)
    deep = part.body & (inward > RIM_MM)
    core = float(np.median(values[deep if deep.any() else part.body]))
    full = 2.0 * (part.level - part.usual_hu) if core < CALCIUM_HU else core - part.usual_hu
    share = (values - part.usual_hu) / max(full, 1.0)
    share = np.where(inward > RIM_MM, 1.0, np.clip(share, -0.2, 1.0))
    beside = (outward <= RIM_MM) & lung & (values <= part.level)
    return float(share[part.body].sum() + share[beside & ~part.body].sum())


def _elongation(body: Bools, spacing_mm: tuple[float, float, float]) -> float:
    """Longest axis over shortest, from the second moments; 1 for a sphere."""
    places = np.argwhere(body) * spacing_mm
    spread = np.cov(places.T, bias=True) + np.diag(np.square(spacing_mm)) / 12.0
    lengths = np.linalg.eigvalsh(spread)
    return float(np.sqrt(lengths[2] / lengths[0]))


def _candidate(looked: _Looked, part: _Part) -> Candidate | None:
    """The outline back on the grid of the volume."""
    box, body = part.box, part.body
    tight = scipy.ndimage.find_objects(body.astype(np.uint8))[0]
    corner = [b.start + t.start for b, t in zip(box, tight, strict=True)]
    inner = body[tight]
    values = looked.values[box][tight]
    eroded = scipy.ndimage.binary_erosion(inner)
    mean_hu = float(values[eroded if eroded.sum() >= 8 else inner].mean())
    pleura = _to_pleura_mm(looked, box, body)
    source, start = _box_to_source(inner, corner, looked)
    places = np.argwhere(source) + start
    middle = places.mean(axis=0)
    nearest = places[int(np.square(places - middle).sum(axis=1).argmin())]
    centre = (int(nearest[0]), int(nearest[1]), int(nearest[2]))
    where = looked.lungs.place(centre)
    if where is None:
        return None
    x, y, z = (float(n) for n in looked.volume.geometry.world(middle))
    volume_mm3 = _filled(looked, part) * looked.volume.geometry.voxel_volume_mm3
    return Candidate(
        centre=centre,
        centre_mm=(x, y, z),
        inside=source,
        corner=start,
        volume_mm3=volume_mm3,
        diameter_mm=effective_diameter_mm(volume_mm3),
        mean_hu=mean_hu,
        edge_hu=part.level,
        side=where[0],
        third=where[1],
        pleura_mm=pleura,
        shell=part.shell,
    )


def _to_pleura_mm(looked: _Looked, box: Box, body: Bools) -> float:
    """From the body to the nearest voxel outside the lungs, at most 40 mm, in steps of about 1 mm."""
    margin = [int(np.ceil(FURTHEST_MM / mm)) for mm in looked.spacing_mm]
    wide = tuple(_grown(s, m, n) for s, m, n in zip(box, margin, looked.lung.shape, strict=True))
    jumps = [max(1, round(PLEURA_MM / mm)) for mm in looked.spacing_mm]
    thin = tuple(slice(None, None, jump) for jump in jumps)
    spacing = [mm * jump for mm, jump in zip(looked.spacing_mm, jumps, strict=True)]
    outside = ~looked.lung[wide][thin]
    if not outside.any():
        return FURTHEST_MM
    whole = np.zeros(looked.lung[wide].shape, np.bool_)
    whole[tuple(slice(b.start - w.start, b.stop - w.start) for b, w in zip(box, wide, strict=True))] = body
    far = scipy.ndimage.distance_transform_edt(~outside, sampling=spacing)[whole[thin]]
    return max(0.0, float(far.min(initial=FURTHEST_MM)) - max(spacing[1:]))


def _box_to_source(inner: Bools, corner: list[int], looked: _Looked) -> tuple[Bools, tuple[int, int, int]]:
    """A box of the turned grid and its first voxel, on the grid of the volume."""
    start = [0, 0, 0]
    for place, size, (axis, sign), n in zip(corner, inner.shape, looked.order, looked.values.shape, strict=True):
        start[axis] = place if sign > 0 else n - place - size
    return back_to_source(inner, looked.order), (start[0], start[1], start[2])
