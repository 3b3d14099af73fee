"""A chest in HU whose lungs, airway, nodules and opacities are known, seen through a scanner and written as DICOM.

The patient is an ellipse of soft tissue with a spine, ribs, a heart and two domes of the diaphragm; the lungs hold
branching vessels. World: LPS mm, 0 in the middle of the chest. Shapes have soft edges one pixel wide, nodules are
counted on a grid five times finer; then come the blur within the slice, the thickness of the slices and the noise.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

import dicom_factory
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.lung_envelope import whole_lungs
from secondread.measure.lungs import Lungs, find_lungs
from secondread.measure.nodule_candidates import Candidate, find_nodules

Points = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
AIR, LUNG, FAT, SOFT, BONE, GAS = -1000.0, -850.0, -90.0, 40.0, 400.0, -980.0
BODY, FAT_MM = (150.0, 105.0), 10.0
LUNGS = {"right": (-70.0, -5.0, 0.0), "left": (72.0, -5.0, 0.0)}
LUNG_RADII = (54.0, 76.0, 112.0)
HEART, HEART_RADII = (22.0, -30.0, -45.0), (52.0, 42.0, 50.0)
DOME_Z, DOME_RADII = -120.0, (47.0, 62.0, 65.0)
CARINA = (0.0, 12.0, 30.0)
FINE = 5


@dataclass(frozen=True)
class Nodule:
    """A lesion of known shape.

    Attributes:
        centre_mm: LPS.
        diameter_mm: Of the round part.
        hu: Of all of it.
        core_mm: Diameter of a denser part in its middle, or 0.
        core_hu: Of that part.
        spicules: Number of spikes around it.
        lobes: Number of bulges around it.
    """

    centre_mm: tuple[float, float, float]
    diameter_mm: float
    hu: float = 40.0
    core_mm: float = 0.0
    core_hu: float = 40.0
    spicules: int = 0
    lobes: int = 0


@dataclass(frozen=True)
class Opacity:
    """A ball of ill lung; it ends where the lung ends."""

    centre_mm: tuple[float, float, float]
    radius_mm: float
    hu: float = -600.0


@dataclass(frozen=True)
class Chest:
    """What is in the chest, and how it is seen.

    Attributes:
        spacing_mm: (k, j, i).
        thickness_mm: Of a slice; that of the distance when None.
        nodules: Lesions.
        opacities: Ill lung.
        vessels: How many trees each lung has.
        lung_hu: Of healthy lung.
        holes: Share of the lung that is emphysema.
        noise_hu: Standard deviation.
        blur_mm: Standard deviation of the point spread within the slice.
        joined: Whether the lungs touch in front of the heart.
        height_mm: From the lowest to the highest slice.
    """

    spacing_mm: tuple[float, float, float] = (3.0, 2.0, 2.0)
    thickness_mm: float | None = None
    nodules: tuple[Nodule, ...] = ()
    opacities: tuple[Opacity, ...] = ()
    vessels: int = 5
    lung_hu: float = LUNG
    holes: float = 0.0
    noise_hu: float = 15.0
    blur_mm: float = 0.5
    joined: bool = False
    height_mm: tuple[float, float] = (-140.0, 150.0)


@dataclass(frozen=True)
class Seen:
    """A volume and the truth on its grid.

    Attributes:
        volume: In HU.
        right: bool [k, j, i], the right lung with all that is in it, ill lung and nodules included.
        left: The same.
        airway: Trachea and main bronchi.
        ill: Ill lung.
        nodule_mm3: Volume of each nodule, counted on the fine grid.
        lung_ml: Volume of each lung by its soft edges.
    """

    volume: Volume
    right: NDArray[np.bool_]
    left: NDArray[np.bool_]
    airway: NDArray[np.bool_]
    ill: NDArray[np.bool_]
    nodule_mm3: tuple[float, ...]
    lung_ml: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Outlined:
    """A volume, its lungs with their airless parts, and the candidates in them."""

    volume: Volume
    lungs: Lungs
    candidates: tuple[Candidate, ...]

    def nearest(self, name: str) -> Candidate:
        """The candidate nearest to where one of ``NODULES`` is."""
        centre = np.array(NODULES[name].centre_mm)
        return min(self.candidates, key=lambda one: float(np.linalg.norm(centre - one.centre_mm)))


def seen(chest: Chest, seed: int = 1) -> Seen:
    """The chest as a scanner would show it, axial, from the feet to the head."""
    fine = _fine(chest)
    points, shape = _points(fine)
    pixel = fine.spacing_mm[1]
    parts = _parts(points, fine, pixel)
    values = np.full(shape, AIR, np.float32)
    for coverage, hu in _tissues(points, parts, fine, pixel):
        values += coverage * (hu - values)
    for opacity in fine.opacities:
        ball = _covered(_ball(points, opacity.centre_mm, opacity.radius_mm), pixel) * (parts["right"] + parts["left"])
        values += ball * np.maximum(opacity.hu - values, 0.0)
    volumes = [_add_nodule(values, nodule, fine) for nodule in fine.nodules]
    every = round(chest.spacing_mm[0] / fine.spacing_mm[0])
    thick = max(1, round((chest.thickness_mm or chest.spacing_mm[0]) / fine.spacing_mm[0]))
    values = ndimage.uniform_filter1d(values, thick, axis=0) if thick > 1 else values
    values = values[every // 2 :: every]
    values = ndimage.gaussian_filter(values, (0, chest.blur_mm / pixel, chest.blur_mm / pixel))
    values += np.random.default_rng(seed).normal(0.0, chest.noise_hu, values.shape).astype(np.float32)
    low = chest.height_mm[0] + (every // 2) * fine.spacing_mm[0]
    geometry = Geometry(values.shape, _affine(chest.spacing_mm, low, values.shape))
    cut = {name: part[every // 2 :: every] > 0.5 for name, part in parts.items()}
    ill = np.zeros(values.shape, np.bool_)
    for opacity in chest.opacities:
        ill |= _ball(points, opacity.centre_mm, opacity.radius_mm)[every // 2 :: every] <= 0
    ill &= cut["right"] | cut["left"]
    voxel_ml = float(np.prod(fine.spacing_mm)) / 1000.0
    ml = {name: float(parts[name].sum(dtype=np.float64)) * voxel_ml for name in ("right", "left")}
    volume = Volume(np.round(values).clip(-1024, 3000).astype(np.float32), geometry, "HU")
    return Seen(volume, cut["right"], cut["left"], cut["airway"], ill, tuple(volumes), ml)


# Of known size, one of each kind; vessels all around them.
NODULES = {
    "ball": Nodule((-80.0, 30.0, 20.0), 10.0),
    "spiky": Nodule((85.0, 20.0, 35.0), 14.0, spicules=14),
    "glass": Nodule((-70.0, -30.0, 50.0), 12.0, hu=-600.0),
    "small": Nodule((100.0, -30.0, 20.0), 6.0),
    "at the pleura": Nodule((-118.0, -5.0, 10.0), 9.0),
    "with a core": Nodule((75.0, 50.0, 8.0), 20.0, hu=-650.0, core_mm=8.0),
    "bulging": Nodule((-60.0, -40.0, 15.0), 22.0, lobes=6),
    "calcified": Nodule((60.0, -55.0, 50.0), 9.0, hu=600.0),
}
OPACITIES = (
    Opacity((-115.0, 40.0, 0.0), 28.0, 30.0),
    Opacity((75.0, 60.0, -20.0), 25.0, 0.0),
    Opacity((90.0, -50.0, 30.0), 22.0, -550.0),
)


@cache
def plain() -> Seen:
    """A healthy chest on 3 mm slices."""
    return seen(Chest())


@cache
def with_nodules() -> Seen:
    """The middle of a chest with ``NODULES`` on 1.25 mm slices."""
    return seen(Chest((1.25, 0.9, 0.9), nodules=tuple(NODULES.values()), noise_hu=25.0, height_mm=(-10.0, 70.0)))


@cache
def with_opacities() -> Seen:
    """A chest with ``OPACITIES`` on 3 mm slices."""
    return seen(Chest(opacities=OPACITIES))


@cache
def outlined(axes: tuple[int, ...] = ()) -> Outlined:
    """What is found in :func:`with_nodules`, its array turned."""
    volume = turned(with_nodules().volume, axes)
    whole = whole_lungs(volume, find_lungs(volume))
    return Outlined(volume, whole, find_nodules(volume, whole))


def write(folder: Path, volume: Volume, *, thickness_mm: float | None = None, **tags: Any) -> Path:
    """Write a volume of :func:`seen` as a CT series; returns the folder."""
    step, row, column = volume.geometry.spacing_mm
    dicom_factory.ct_series(
        folder,
        volume.values.shape,
        spacing=(row, column),
        step=step,
        thickness=thickness_mm or step,
        origin=tuple(volume.geometry.world((0, 0, 0))),
        stored=(volume.values + 1024.0).clip(0, 4095).astype(np.uint16),
        **{"PatientAge": "062Y", **tags},
    )
    return folder


def turned(volume: Volume, axes: Sequence[int]) -> Volume:
    """The same patient on a grid whose array axes ``axes`` run the other way."""
    flips = tuple(slice(None, None, -1 if axis in axes else 1) for axis in range(3))
    affine = volume.geometry.affine.copy()
    for axis in axes:
        affine[:3, 3] += affine[:3, axis] * (volume.values.shape[axis] - 1)
        affine[:3, axis] *= -1.0
    return Volume(np.ascontiguousarray(volume.values[flips]), Geometry(volume.geometry.shape, affine), volume.unit)


def mirrored(volume: Volume) -> Volume:
    """Another patient: left and right changed, on the same grid."""
    return Volume(np.ascontiguousarray(volume.values[:, :, ::-1]), volume.geometry, volume.unit)


def _fine(chest: Chest) -> Chest:
    """The same with slices thin enough to be averaged."""
    parts = max(1, round(chest.spacing_mm[0] / 1.5))
    return replace(chest, spacing_mm=(chest.spacing_mm[0] / parts, *chest.spacing_mm[1:]))


def _affine(spacing: tuple[float, float, float], low: float, shape: tuple[int, ...]) -> NDArray[np.float64]:
    affine = np.zeros((4, 4))
    affine[2, 0], affine[1, 1], affine[0, 2], affine[3, 3] = *spacing, 1.0
    affine[:3, 3] = (-(shape[2] - 1) / 2 * spacing[2], -(shape[1] - 1) / 2 * spacing[1], low)
    return affine


def _points(chest: Chest) -> tuple[Points, tuple[int, int, int]]:
    k_mm, j_mm, i_mm = chest.spacing_mm
    shape = (
        int((chest.height_mm[1] - chest.height_mm[0]) / k_mm),
        int(2 * (BODY[1] + 15) / j_mm),
        int(2 * (BODY[0] + 15) / i_mm),
    )
    z = (chest.height_mm[0] + np.arange(shape[0]) * k_mm).astype(np.float32)[:, None, None]
    y = ((np.arange(shape[1]) - (shape[1] - 1) / 2) * j_mm).astype(np.float32)[None, :, None]
    x = ((np.arange(shape[2]) - (shape[2] - 1) / 2) * i_mm).astype(np.float32)[None, None, :]
    return (x, y, z), shape


def _covered(distance: NDArray[np.float32], pixel: float) -> NDArray[np.float32]:
    """Share of a voxel inside a shape, from the distance of its centre to the edge, negative inside."""
    return np.clip(0.5 - distance / np.float32(pixel), 0.0, 1.0).astype(np.float32)


def _ellipsoid(points: Points, centre: Sequence[float], radii: Sequence[float]) -> NDArray[np.float32]:
    """About the signed distance to an ellipsoid; an axis of infinite radius makes a cylinder."""
    scaled = [(p - np.float32(c)) / np.float32(r) for p, c, r in zip(points, centre, radii, strict=True)]
    level = np.sqrt(sum(s * s for s in scaled))
    slope = np.sqrt(sum((s / np.float32(r)) ** 2 for s, r in zip(scaled, radii, strict=True)))
    return np.asarray((level - 1.0) * level / np.maximum(slope, 1e-6), np.float32)


def _ball(points: Points, centre: Sequence[float], radius: float) -> NDArray[np.float32]:
    return np.asarray(np.sqrt(sum((p - np.float32(c)) ** 2 for p, c in zip(points, centre, strict=True))) - radius)


def _capsule(points: Points, start: Sequence[float], end: Sequence[float], radius: float) -> NDArray[np.float32]:
    a, b = np.array(start, np.float32), np.array(end, np.float32)
    along = b - a
    share = sum((p - c) * d for p, c, d in zip(points, a, along, strict=True)) / np.float32(along @ along)
    share = np.clip(share, 0.0, 1.0)
    return np.asarray(
        np.sqrt(sum((p - c - share * d) ** 2 for p, c, d in zip(points, a, along, strict=True))) - np.float32(radius)
    )


def _parts(points: Points, chest: Chest, pixel: float) -> dict[str, NDArray[np.float32]]:
    """Coverage of both lungs and of the airway."""
    heart = _covered(_ellipsoid(points, HEART, HEART_RADII), pixel)
    bronchi = [((0.0, 12.0, 30.0), (side * 34.0, 14.0, 2.0), 6.0) for side in (-1.0, 1.0)]
    tubes = [(CARINA, (0.0, 12.0, 400.0), 8.5), *bronchi]
    airway, wall = np.zeros_like(heart), np.zeros_like(heart)
    for a, b, r in tubes:
        for whole, radius in ((airway, r), (wall, r + 2.0)):
            ends = (np.array(a), np.array(b))
            _paint(
                points, whole, lambda part, a=a, b=b, r=radius: _covered(_capsule(part, a, b, r), pixel), ends, radius
            )
    found = {"airway": airway}
    for side, centre in LUNGS.items():
        lung = _covered(_ellipsoid(points, centre, LUNG_RADII), pixel)
        dome = _covered(_ellipsoid(points, (centre[0], 0.0, DOME_Z), DOME_RADII), pixel)
        lung = lung * (1.0 - dome) * (1.0 - heart) * (1.0 - wall)
        if chest.joined:
            tongue = _covered(_ellipsoid(points, (0.0, -42.0, 45.0), (40.0, 9.0, 30.0)), pixel)
            half = points[0] < 0 if side == "right" else points[0] >= 0
            lung = np.maximum(lung, tongue * half)
        found[side] = lung
    return found


def _tissues(
    points: Points, parts: dict[str, NDArray[np.float32]], chest: Chest, pixel: float
) -> list[tuple[NDArray[np.float32], float]]:
    """(coverage, HU) from the outside to the inside, each painted over the ones before."""
    x, y, z = points
    body = _ellipsoid(points, (0.0, 0.0, 0.0), (*BODY, np.inf))
    table = _covered(np.maximum(np.abs(y - (BODY[1] + 8.0)) - 3.0, np.abs(x) - 120.0) + 0 * z, pixel)
    spine = _covered(_ellipsoid(points, (0.0, 62.0, 0.0), (17.0, 17.0, np.inf)), pixel)
    level = np.sqrt((x / 150.0) ** 2 + (y / 105.0) ** 2)
    ribs = ((np.abs(level - 0.90) < 0.03) & (np.mod(z + 0.4 * np.abs(x), 24.0) < 9.0)).astype(np.float32)
    lungs = parts["right"] + parts["left"]
    layers = [
        (table, -200.0),
        (_covered(body, pixel), FAT),
        (_covered(body + FAT_MM, pixel), SOFT),
        (ribs * _covered(body, pixel), BONE),
        (spine, BONE),
        (np.minimum(lungs, 1.0), chest.lung_hu),
    ]
    if chest.holes:
        rng = np.random.default_rng(7)
        texture = ndimage.gaussian_filter(rng.normal(size=lungs.shape).astype(np.float32), 2.0 / pixel)
        hole = (texture > np.quantile(texture, 1.0 - chest.holes)) & (lungs > 0.5)
        layers.append((hole.astype(np.float32), -985.0))
    layers.append((_vessels(points, chest, pixel) * np.minimum(lungs, 1.0), SOFT))
    layers.append((parts["airway"], GAS))
    return layers


def _vessels(points: Points, chest: Chest, pixel: float) -> NDArray[np.float32]:
    """Trees from the hila, each branch thinner than the one it leaves."""
    rng = np.random.default_rng(3)
    x, y, z = points
    whole = np.zeros(np.broadcast_shapes(x.shape, y.shape, z.shape), np.float32)
    for side in (-1.0, 1.0):
        for _ in range(chest.vessels):
            way = rng.normal(size=3)
            way[0] = side * (abs(way[0]) + 0.6)
            _grow(points, whole, np.array([side * 34.0, 14.0, 2.0]), way / np.linalg.norm(way), 3.0, rng, pixel)
    return whole


def _grow(
    points: Points,
    whole: NDArray[np.float32],
    start: NDArray[np.float64],
    way: NDArray[np.float64],
    radius: float,
    rng: np.random.Generator,
    pixel: float,
) -> None:
    if radius < 0.8:
        return
    end = start + way * (9.0 * radius + 4.0)
    _paint(points, whole, lambda part: _covered(_capsule(part, start, end, radius), pixel), (start, end), radius)
    for _ in range(2):
        turn = way + rng.normal(scale=0.45, size=3)
        _grow(points, whole, end, turn / np.linalg.norm(turn), radius * 0.72, rng, pixel)


def _paint(
    points: Points,
    whole: NDArray[np.float32],
    drawn: Callable[[Points], NDArray[np.float32]],
    ends: tuple[NDArray[np.float64], NDArray[np.float64]],
    margin: float,
) -> None:
    """Draw into the box around two ends alone."""
    boxes = []
    for axis, places in zip((2, 1, 0), points, strict=True):
        low, high = sorted((ends[0][2 - axis], ends[1][2 - axis]))
        inside = np.flatnonzero((places.ravel() >= low - margin - 3) & (places.ravel() <= high + margin + 3))
        if inside.size == 0:
            return
        boxes.append(slice(int(inside[0]), int(inside[-1]) + 1))
    i, j, k = boxes
    part = (points[0][:, :, i], points[1][:, j, :], points[2][k])
    whole[k, j, i] = np.maximum(whole[k, j, i], drawn(part))


def _add_nodule(values: NDArray[np.float32], nodule: Nodule, chest: Chest) -> float:
    """Draw a nodule; returns its volume in mm3 as counted on the finer grid."""
    reach = nodule.diameter_mm * (1.15 if nodule.spicules == 0 else 1.9) / 2 + 3.0
    (x, y, z), _ = _points(chest)
    boxes = [
        np.flatnonzero(np.abs(places.ravel() - c) <= reach)
        for places, c in zip((z, y, x), nodule.centre_mm[::-1], strict=True)
    ]
    if any(box.size == 0 for box in boxes):
        return 0.0
    steps = (np.arange(FINE) + 0.5) / FINE - 0.5
    fine = [
        (places.ravel()[box][:, None] + steps * mm).ravel().astype(np.float32)
        for places, box, mm in zip((z, y, x), boxes, chest.spacing_mm, strict=True)
    ]
    points = (fine[2][None, None, :], fine[1][None, :, None], fine[0][:, None, None])
    inside = _inside(points, nodule)
    core = _ball(points, nodule.centre_mm, nodule.core_mm / 2) <= 0 if nodule.core_mm else np.zeros_like(inside)
    place = tuple(slice(int(box[0]), int(box[-1]) + 1) for box in boxes)
    for part, hu in ((inside & ~core, nodule.hu), (core, nodule.core_hu)):
        share = part.reshape(len(boxes[0]), FINE, len(boxes[1]), FINE, len(boxes[2]), FINE).mean((1, 3, 5))
        values[place] += (share * (hu - np.where(values[place] < hu, values[place], hu))).astype(np.float32)
    return float(inside.sum()) * float(np.prod(chest.spacing_mm)) / FINE**3


def _inside(points: Points, nodule: Nodule) -> NDArray[np.bool_]:
    """Where a nodule is, on the fine grid."""
    radius = nodule.diameter_mm / 2
    inside = _ball(points, nodule.centre_mm, radius) <= 0
    centre = np.array(nodule.centre_mm)
    for way in _ways(nodule.spicules):
        inside = inside | (_spike(points, centre, way, radius) <= 0)
    for way in _ways(nodule.lobes):
        inside = inside | (_ball(points, centre + way * radius * 0.75, radius * 0.55) <= 0)
    return np.asarray(inside)


def _spike(points: Points, centre: NDArray[np.float64], way: NDArray[np.float64], radius: float) -> NDArray[np.float32]:
    """A cone from within the nodule to 1.75 radii."""
    from_centre = [p - np.float32(c) for p, c in zip(points, centre, strict=True)]
    along = sum(d * np.float32(w) for d, w in zip(from_centre, way, strict=True))
    across = np.sqrt(np.maximum(sum(d * d for d in from_centre) - along**2, 0.0))
    width = np.float32(0.28 * radius) * np.clip((1.75 * radius - along) / (1.1 * radius), 0.0, 1.0)
    return np.asarray(np.where((along > 0) & (along < 1.75 * radius), across - width, 99.0), np.float32)


def _ways(count: int) -> list[NDArray[np.float64]]:
    """Directions spread evenly over a sphere. Source: the Fibonacci lattice."""
    turns = np.arange(count) * np.pi * (3.0 - np.sqrt(5.0))
    heights = 1.0 - 2.0 * (np.arange(count) + 0.5) / max(count, 1)
    around = np.sqrt(1.0 - heights**2)
    return [np.array((np.cos(t) * r, np.sin(t) * r, h)) for t, r, h in zip(turns, around, heights, strict=True)]
