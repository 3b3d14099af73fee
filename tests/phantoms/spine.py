"""A column of vertebrae with known tilts, heights and spongy bone, as a CT and as a frontal X-ray."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

import dicom_factory

DISC_MM, HALF_WIDTH_MM, HALF_DEPTH_MM, CORTEX_MM = 8.0, 23.0, 16.0, 1.6
CORTEX_HU, DISC_HU, SOFT_HU, FAT_HU, CORD_HU = 520.0, 85.0, 48.0, -100.0, 25.0


@dataclass(frozen=True)
class Vertebra:
    """Truth: sideways tilt (positive: the patient's left end lower), heights before and behind in mm, spongy bone."""

    tilt_deg: float = 0.0
    front_mm: float = 27.0
    back_mm: float = 27.0
    hu: float = 150.0


@dataclass(frozen=True)
class Placed:
    """A vertebra and where its middle lies: (left, up) in mm of the middle of the picture."""

    one: Vertebra
    left: float
    up: float


def stacked(vertebrae: tuple[Vertebra, ...]) -> tuple[Placed, ...]:
    """From the head down, each on the next, along the curve that their tilts make; the middle in the middle."""
    left, up, out = 0.0, 0.0, []
    before = None
    for one in vertebrae:
        if before is not None:
            pitch = (_middle(before) + _middle(one)) / 2.0 + DISC_MM
            tilt = np.radians((before.tilt_deg + one.tilt_deg) / 2.0)
            left, up = left - pitch * np.sin(tilt), up - pitch * np.cos(tilt)
        out.append((one, left, up))
        before = one
    lefts, ups = [x for _, x, _ in out], [z for _, _, z in out]
    middle = ((max(lefts) + min(lefts)) / 2.0, (max(ups) + min(ups)) / 2.0)
    return tuple(Placed(one, x - middle[0], z - middle[1]) for one, x, z in out)


def curved(largest_deg: float, count: int = 9, **more: float) -> tuple[Vertebra, ...]:
    """A single curve whose end vertebrae are tilted by half of ``largest_deg`` each way: its Cobb angle."""
    tilts = np.linspace(-largest_deg / 2.0, largest_deg / 2.0, count)
    return tuple(Vertebra(tilt_deg=float(tilt), **more) for tilt in tilts)


def ct(
    vertebrae: tuple[Vertebra, ...],
    *,
    step_mm: tuple[float, float, float] = (2.0, 1.5, 1.5),
    noise_hu: float = 15.0,
    seed: int = 3,
) -> NDArray[np.float32]:
    """HU [k, j, i] (to the head, back, left): the column in a trunk of soft tissue with fat."""
    placed = stacked(vertebrae)
    tall = placed[0].up - placed[-1].up + 90.0
    thin = (step_mm[0] / 2.0, *step_mm[1:])  # two planes a slice, averaged: edges between slices count in part
    shape = (2 * round(tall / step_mm[0]), round(210.0 / step_mm[1]), round(300.0 / step_mm[2]))
    up, back, left = np.meshgrid(
        *(((np.arange(n) - (n - 1) / 2) * mm).astype(np.float32) for n, mm in zip(shape, thin, strict=True)),
        indexing="ij",
    )
    values = np.full(shape, -1000.0, np.float32)
    trunk = np.hypot(left / 140.0, back / 98.0)
    values[trunk < 1.0] = FAT_HU
    values[trunk < 0.92] = SOFT_HU
    behind = back - 30.0  # the canal lies 30 mm behind the middle of the trunk
    path = np.interp(up[:, 0, 0], [one.up for one in placed[::-1]], [one.left for one in placed[::-1]])
    aside = left - path[:, None, None].astype(np.float32)
    disc = np.hypot(aside / HALF_WIDTH_MM, (behind + 9.0 + HALF_DEPTH_MM) / HALF_DEPTH_MM) < 1.0
    values[disc] = DISC_HU
    for one in placed:
        _vertebra(values, one, left, behind, up)
    canal = np.hypot(aside / 9.0, behind / 8.0) < 1.0
    values[canal] = CORD_HU
    slices = values.reshape(shape[0] // 2, 2, *shape[1:]).mean(axis=1)
    blurred = ndimage.gaussian_filter(slices, [0.6 / mm for mm in step_mm])
    return (blurred + np.random.default_rng(seed).normal(0.0, noise_hu, slices.shape)).astype(np.float32)


def _vertebra(values, placed: Placed, left, behind, up) -> None:
    """Body with cortex, pedicles and arch around the canal, spinous process."""
    turn = np.radians(placed.one.tilt_deg)
    near = np.abs(up[:, 0, 0] - placed.up) < 45.0
    x, y, z = left[near] - placed.left, behind[near], up[near] - placed.up
    across, along = x * np.cos(turn) - z * np.sin(turn), z * np.cos(turn) + x * np.sin(turn)
    deep = y + 9.0 + HALF_DEPTH_MM  # from the middle of the body, positive to the back
    share = np.clip((deep / HALF_DEPTH_MM + 1.0) / 2.0, 0.0, 1.0)
    half = (placed.one.front_mm + share * (placed.one.back_mm - placed.one.front_mm)) / 2.0
    radius = np.hypot(across / HALF_WIDTH_MM, deep / HALF_DEPTH_MM)
    inner = np.hypot(across / (HALF_WIDTH_MM - CORTEX_MM), deep / (HALF_DEPTH_MM - CORTEX_MM))
    part = values[near]
    part[(radius < 1.0) & (np.abs(along) < half)] = CORTEX_HU
    part[(inner < 1.0) & (np.abs(along) < half - CORTEX_MM)] = placed.one.hu
    arch = np.hypot(across / 16.0, y / 14.0)
    part[(arch < 1.0) & (y > -9.0) & (np.abs(along) < half - 3.0)] = CORTEX_HU
    part[(np.abs(across) < 4.0) & (y > 10.0) & (y < 38.0) & (np.abs(along) < half - 6.0)] = CORTEX_HU
    values[near] = part


def _middle(one: Vertebra) -> float:
    return (one.front_mm + one.back_mm) / 2.0


def write_ct(folder: Path, values: NDArray[np.float32], *, step_mm=(2.0, 1.5, 1.5), **tags: object) -> Path:
    """The same as a CT series of the spine of an adult."""
    stored = np.clip(np.round(values) + 1024.0, 0, 4095).astype(np.uint16)
    k, j, i = step_mm
    placed = {"spacing": (j, i), "step": k, "thickness": k}
    whole = {"BodyPartExamined": "LSPINE", "PatientAge": "065Y", **tags}
    dicom_factory.ct_series(folder, stored.shape, stored=stored, **placed, **whole)
    return folder


def xray(
    vertebrae: tuple[Vertebra, ...], *, pixel_mm: float = 0.7, noise: float = 0.01, seed: int = 4
) -> NDArray[np.float32]:
    """Brightness in [0, 1], [row, column]: bone bright, the head up, the patient's right on the left."""
    placed = stacked(vertebrae)
    tall, wide = placed[0].up - placed[-1].up + 70.0, 260.0
    rows, columns = round(tall / pixel_mm), round(wide / pixel_mm)
    up = -(np.arange(rows)[:, None] - (rows - 1) / 2) * pixel_mm
    left = (np.arange(columns)[None, :] - (columns - 1) / 2) * pixel_mm
    bone = np.zeros((rows, columns))
    for one in placed:
        turn = np.radians(one.one.tilt_deg)
        x, z = left - one.left, up - one.up
        across, along = x * np.cos(turn) - z * np.sin(turn), z * np.cos(turn) + x * np.sin(turn)
        half = _middle(one.one) / 2.0
        inside = (np.abs(across) < HALF_WIDTH_MM) & (np.abs(along) < half)
        depth = 2.0 * HALF_DEPTH_MM * np.sqrt(np.clip(1.0 - (across / HALF_WIDTH_MM) ** 2, 0.0, 1.0))
        rim = inside & ((half - np.abs(along) < CORTEX_MM) | (HALF_WIDTH_MM - np.abs(across) < CORTEX_MM))
        bone += inside * depth * (one.one.hu / 1000.0 + 0.1) + rim * 8.0
        for side in (-1.0, 1.0):  # pedicles
            bone += 5.0 * (np.hypot(across - side * 13.0, along - 3.0) < 4.0)
    tissue = 22.0 * np.exp(-((left / 110.0) ** 4)) + 3.0 * np.sin(up / 70.0)
    picture = ndimage.gaussian_filter(bone + tissue, 0.5 / pixel_mm)
    picture = (picture - picture.min()) / (picture.max() - picture.min()) * 0.9
    noisy = picture + np.random.default_rng(seed).normal(0.0, noise, picture.shape)
    return np.clip(noisy, 0.0, 1.0).astype(np.float32)


def write_xray(path: Path, picture: NDArray[np.float32], *, pixel_mm: float = 0.7, **tags: object) -> Path:
    """The same as a digital radiograph of the spine."""
    whole = {"BodyPartExamined": "SPINE", "ImagerPixelSpacing": [f"{pixel_mm}"] * 2, "PatientAge": "015Y", **tags}
    return dicom_factory.chest_xray(path, np.round(picture * 4095).astype(np.uint16), **whole)
