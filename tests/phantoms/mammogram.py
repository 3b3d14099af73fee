"""Mammograms of an invented breast whose density, calcifications and masses are known.

A picture is made as log attenuation: fat, glandular tissue with a power-law texture (spectrum 1/f^3, as Burgess found
in mammograms), muscle, skin, ligaments, masses, calcifications; then blurred by the detector, given quantum noise that
grows with attenuation, and shown through a window, bright = dense. The chest wall is on the left of the picture and the
head, or the outer side of a cranio-caudal view, at its top; ``flip`` turns that round.

Source: Burgess AE, Jacobson FL, Judy PF, Med Phys 2001;28:419-437 (spectrum 1/f^3 of mammograms).
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

import dicom_factory

Floats = NDArray[np.float32]

GLAND, MUSCLE, SKIN = 1.3, 1.25, 0.4  # log attenuation above fat, of a compressed breast of 5 cm
NOISE, BLUR_MM = 0.014, 0.07  # noise of a pixel of 0.1 mm in fat; standard deviation of the detector's blur
SHOWN = (-0.9, 2.9)  # log attenuation above fat that is shown as black and as white
BACKGROUND, TOP = -3.0, 4095  # air beside the breast; highest stored value


@dataclass(frozen=True)
class Cluster:
    """Calcifications round a point: how many, how contrasting (log attenuation before blur), how wide apart."""

    count: int
    contrast: float = 0.30
    radius_mm: float = 4.0
    size_mm: float = 0.30
    line: bool = False
    at: tuple[float, float] | None = None  # row, column in mm; at random inside the breast when None


@dataclass(frozen=True)
class Mass:
    """A round mass: its diameter, its contrast in log attenuation, and whether it has spicules."""

    diameter_mm: float
    contrast: float = 0.5
    spiculated: bool = False
    at: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Phantom:
    """A picture and what is true of it; places in mm from the corner at the chest wall and the top, before any flip."""

    pixels: NDArray[np.uint16]
    spacing_mm: float
    inside: NDArray[np.bool_]
    muscle: NDArray[np.bool_]
    dense: NDArray[np.bool_]
    percent: float
    nipple_mm: tuple[float, float]
    calcifications: tuple[NDArray[np.float64], ...] = ()
    masses: tuple[tuple[float, float, float], ...] = ()
    places: tuple[tuple[float, float], ...] = field(default=())


def mammogram(
    seed: int,
    *,
    view: str = "CC",
    percent: float = 20.0,
    size_mm: tuple[float, float] = (180.0, 135.0),
    spacing_mm: float = 0.1,
    clusters: tuple[Cluster, ...] = (),
    masses: tuple[Mass, ...] = (),
    shared: int | None = None,
    label: bool = True,
    extra_dense: tuple[float, float, float] | None = None,
) -> Phantom:
    """One view.

    Args:
        seed: Of everything that is random.
        view: ``CC`` or ``MLO``.
        percent: Share of the breast without muscle that is glandular, in percent.
        size_mm: Height and width of the picture.
        spacing_mm: Of its pixels.
        clusters: Calcifications to put in.
        masses: Masses to put in.
        shared: Seed of the tissue that the other side has too (0.85 of its variance).
        label: Whether a bright film label lies in the far corner.
        extra_dense: (row mm, column mm, radius mm) of a dense area that the other side has not.
    """
    random = np.random.default_rng(seed)
    shape = tuple(round(side / spacing_mm) for side in size_mm)
    down, across = np.meshgrid(
        (np.arange(shape[0], dtype=np.float32) + 0.5) * spacing_mm,
        (np.arange(shape[1], dtype=np.float32) + 0.5) * spacing_mm,
        indexing="ij",
    )
    depth, nipple = _depth(down, across, size_mm, view, random)
    inside = depth > 0
    muscle = _muscle(down, across, size_mm, view, random) & inside
    tissue = inside & ~muscle
    glands = _glands(shape, spacing_mm, tissue, (down, across, depth, nipple), percent, (seed, shared), extra_dense)
    dense = (glands > 0.5) & tissue
    texture = power_law(shape, spacing_mm, random)
    log = GLAND * glands + (0.10 + 0.16 * glands) * texture + _ligaments(shape, spacing_mm, random)
    over = gaussian_filter(muscle.astype(np.float32), 0.8 / spacing_mm)
    log = over * (MUSCLE + 0.06 * texture + 0.4 * log) + (1.0 - over) * log
    log += SKIN * np.exp(-(((depth - 0.8) / 0.7) ** 2)) - 0.5 * np.exp(-depth / 4.0)
    places = tuple(one.at or _place(tissue & (depth > 12.0), spacing_mm, random) for one in (*clusters, *masses))
    added, drawn = _masses(masses, places[len(clusters) :], down, across, random)
    log = log + added
    spots = tuple(_spots(one, place, random) for one, place in zip(clusters, places[: len(clusters)], strict=True))
    for one, points in zip(clusters, spots, strict=True):
        _draw(log, one, points, spacing_mm, random)
    log = np.where(inside, log, BACKGROUND).astype(np.float32)
    log = gaussian_filter(log, BLUR_MM / spacing_mm)
    noise = NOISE * (0.1 / spacing_mm) * np.exp(0.35 * np.clip(log, -1.0, 3.0))
    log += noise.astype(np.float32) * random.standard_normal(shape, np.float32)
    shown = np.clip((log - SHOWN[0]) / (SHOWN[1] - SHOWN[0]), 0.0, 1.0)
    if label:
        rows, columns = round(4 / spacing_mm), round(12 / spacing_mm)
        shown[rows : 3 * rows, -columns - rows : -rows] = 0.95
    pixels = np.round(shown * TOP).astype(np.uint16)
    share = 100.0 * dense.sum() / max(1, tissue.sum())
    return Phantom(pixels, spacing_mm, inside, muscle, dense, float(share), nipple, spots, drawn, places)


def power_law(
    shape: tuple[int, int], spacing_mm: float, random: np.random.Generator, longest_mm: float = 50.0
) -> Floats:
    """float32 [j, i] of mean 0 and deviation 1 whose spectrum falls as 1/f^3; flat above ``longest_mm``."""
    wide = tuple(int(2 ** np.ceil(np.log2(side))) if side > 4096 else side for side in shape)
    frequency = np.hypot(np.fft.fftfreq(wide[0], spacing_mm)[:, None], np.fft.rfftfreq(wide[1], spacing_mm))
    amplitude = (frequency**2 + (1.0 / longest_mm) ** 2) ** -0.75
    amplitude[0, 0] = 0.0
    white = np.fft.rfft2(random.standard_normal(wide, np.float32))
    made = np.fft.irfft2(white * amplitude, s=wide)[: shape[0], : shape[1]]
    return ((made - made.mean()) / made.std()).astype(np.float32)


def _depth(down, across, size_mm, view, random):
    """Depth below the skin in mm, negative outside, and the place of the nipple."""
    height, width = size_mm
    centre = height * (0.5 if view == "CC" else 0.58) + random.uniform(-4, 4)
    long, high = width * random.uniform(0.78, 0.88), height * random.uniform(0.40, 0.44)
    rows = (down - centre) / high
    if view == "MLO":  # the axilla goes on to the top of the picture
        rows = np.where(rows < 0, rows * 0.72, rows)
    radius = np.sqrt(np.abs(rows) ** 2.2 + np.clip(across / long, 0, None) ** 2.0)
    nipple = (float(centre), float(long))
    depth = (1.0 - radius) * min(long, high)
    bump = 4.5 - np.hypot(down - nipple[0], across - nipple[1])
    return np.maximum(depth, bump).astype(np.float32), nipple


def _muscle(down, across, size_mm, view, random):
    """A triangle at the top of the chest wall, its edge slightly curved."""
    if view != "MLO":
        return np.zeros(down.shape, bool)
    height, width = size_mm
    top, bottom = width * random.uniform(0.30, 0.42), height * random.uniform(0.55, 0.70)
    along = np.clip(1.0 - down / bottom, 0.0, 1.0)
    bulge = random.uniform(-0.04, 0.10)
    return (across < top * (along + bulge * 4.0 * along * (1.0 - along))) & (down < bottom)


def _glands(shape, spacing_mm, tissue, at, percent, seeds, extra):
    """Share of glandular tissue in [0, 1], above a half in ``percent`` of the tissue."""
    down, across, depth, nipple = at
    seed, shared = seeds
    field_ = power_law(shape, spacing_mm, np.random.default_rng([seed, 1]), 40.0)
    if shared is not None:
        field_ = 0.85**0.5 * power_law(shape, spacing_mm, np.random.default_rng([shared, 2]), 40.0) + 0.15**0.5 * field_
    far = np.hypot((down - nipple[0]) / (0.45 * down.max()), (across - 0.55 * nipple[1]) / (0.75 * nipple[1]))
    field_ = field_ - 1.8 * far**2 - 3.0 * np.exp(-np.clip(depth, 0, None) / 3.0)
    if extra is not None:
        field_ = field_ + 6.0 * np.exp(-((np.hypot(down - extra[0], across - extra[1]) / extra[2]) ** 4))
    field_ = gaussian_filter(field_.astype(np.float32), 1.2 / spacing_mm)  # a projection shows no sharp edges
    level = np.quantile(field_[tissue][::17], 1.0 - percent / 100.0)
    return (1.0 / (1.0 + np.exp(-2.4 * np.clip(field_ - level, -4.0, 4.0)))).astype(np.float32)


def _ligaments(shape, spacing_mm, random):
    """Thin bright curves all over the breast."""
    added = np.zeros(shape, np.float32)
    for _ in range(40):
        start, angle = random.uniform(0, shape), random.uniform(0, 2 * np.pi)
        steps = np.arange(0, random.uniform(15, 50), spacing_mm / 2)
        turn = angle + np.cumsum(random.normal(0, 0.02, steps.size)) * (spacing_mm / 0.1) ** 0.5
        rows = (start[0] + np.cumsum(np.sin(turn)) / 2).astype(int)
        columns = (start[1] + np.cumsum(np.cos(turn)) / 2).astype(int)
        kept = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
        added[rows[kept], columns[kept]] = random.uniform(0.3, 1.0)
    wide = gaussian_filter(added, 0.25 / spacing_mm)
    return wide * np.float32(0.9 * spacing_mm / 0.1)


def _place(allowed, spacing_mm, random):
    rows, columns = np.nonzero(allowed[::5, ::5])
    pick = random.integers(rows.size)
    return (float(rows[pick] * 5 + 2.5) * spacing_mm, float(columns[pick] * 5 + 2.5) * spacing_mm)


def _spots(cluster, place, random):
    """float64 [n, 2] places in mm, at least 0.6 mm apart."""
    points: list[NDArray[np.float64]] = []
    angle = random.uniform(0, np.pi)
    while len(points) < cluster.count:
        if cluster.line:
            along, aside = random.uniform(-1, 1) * cluster.radius_mm, random.normal(0, 0.3)
            offset = (
                np.array([np.sin(angle), np.cos(angle)]) * along + np.array([np.cos(angle), -np.sin(angle)]) * aside
            )
        else:
            turn, far = random.uniform(0, 2 * np.pi), cluster.radius_mm * np.sqrt(random.uniform())
            offset = far * np.array([np.sin(turn), np.cos(turn)])
        point = np.array(place) + offset
        if all(np.hypot(*(point - other)) > 0.6 for other in points):
            points.append(point)
    return np.array(points)


def _draw(log, cluster, points, spacing_mm, random):
    """Grains of slightly different size and form."""
    for point in points:
        size = cluster.size_mm * random.uniform(0.8, 1.2)
        stretch, turn = random.uniform(1.0, 1.5), random.uniform(0, np.pi)
        reach = int(np.ceil(1.5 * size / spacing_mm)) + 1
        j, i = np.floor(point / spacing_mm).astype(int)
        rows, columns = slice(max(0, j - reach), j + reach + 1), slice(max(0, i - reach), i + reach + 1)
        part = log[rows, columns]
        if not part.size:
            continue
        fine = np.zeros(part.shape)
        for step in np.ndindex(3, 3):  # nine samples a pixel
            y = (np.arange(part.shape[0]) + rows.start + (step[0] + 0.5) / 3) * spacing_mm - point[0]
            x = (np.arange(part.shape[1]) + columns.start + (step[1] + 0.5) / 3) * spacing_mm - point[1]
            u = np.cos(turn) * y[:, None] + np.sin(turn) * x
            v = -np.sin(turn) * y[:, None] + np.cos(turn) * x
            fine += (np.hypot(u * stretch, v / stretch) <= size / 2) / 9.0
        part += (cluster.contrast * random.uniform(0.8, 1.2) * fine).astype(part.dtype)


def _masses(masses, places, down, across, random):
    """Log attenuation of the masses, and (row mm, column mm, diameter mm) of each."""
    added = np.zeros(down.shape, np.float32)
    drawn = []
    for one, (row, column) in zip(masses, places, strict=True):
        radius, turn = one.diameter_mm / 2, random.uniform(0, 2 * np.pi, 4)
        y, x = down - row, across - column
        far, angle = np.hypot(y, x), np.arctan2(y, x)
        edge = radius * (1 + 0.08 * np.cos(2 * angle + turn[0]) + 0.05 * np.cos(3 * angle + turn[1]))
        body = np.sqrt(np.clip(1.0 - (far / edge) ** 2, 0.0, 1.0))
        if one.spiculated:
            arms = np.clip(np.cos(9 * angle + turn[2]), 0.0, 1.0) ** 12
            body = body + 0.5 * arms * np.clip(2.2 - far / radius, 0.0, 1.0) * (far > 0.5 * radius)
        added += one.contrast * gaussian_filter(body, 0.4 / float(down[1, 0] - down[0, 0]))
        drawn.append((row, column, one.diameter_mm))
    return added, tuple(drawn)


def write(folder: Path, phantom: Phantom, *, side: str = "L", view: str = "CC", **tags: Any) -> Path:
    """Write a view as a clinic would: the chest walls of both sides meet in the middle of the screen."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels = phantom.pixels if side == "L" else phantom.pixels[:, ::-1]
    rows = ("A", "P")[side == "R"]
    columns = ("R" if side == "L" else "L") if view == "CC" else "F"
    spacing = f"{phantom.spacing_mm:g}"
    stated = {"PatientOrientation": [rows, columns], "ImagerPixelSpacing": [spacing, spacing], "PatientAge": "055Y"}
    name = f"{side}-{view}.dcm"
    return dicom_factory.mammogram(
        folder / name, np.ascontiguousarray(pixels), side=side, view=view, **{**stated, **tags}
    )
