"""A torso on CT: fat and muscle around a spine, liver, spleen, kidneys with sinus and stones, aorta; all known."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

import dicom_factory

PLAIN = {"liver": 55.0, "spleen": 48.0, "kidney": 32.0, "aorta": 42.0, "muscle": 52.0}
ARTERIAL = {"liver": 70.0, "spleen": 110.0, "kidney": 150.0, "aorta": 320.0, "muscle": 58.0}
PORTAL = {"liver": 112.0, "spleen": 125.0, "kidney": 180.0, "aorta": 150.0, "muscle": 65.0}
FAT, AIR, BONE, MARROW = -100.0, -1000.0, 500.0, 160.0
# Middle (mm to the left of, behind and above the middle of the canal and of the scan) and half axes (left, back, up).
PLACES = {
    "liver": ((-72.0, -60.0, 35.0), (54.0, 62.0, 62.0)),
    "spleen": ((94.0, -44.0, 55.0), (27.0, 38.0, 48.0)),
    "right kidney": ((-62.0, -16.0, -48.0), (24.0, 26.0, 52.0)),
    "left kidney": ((62.0, -16.0, -30.0), (24.0, 26.0, 52.0)),
}
SINUS = ((0.0, -3.0, 0.0), (8.0, 9.0, 24.0))


@dataclass(frozen=True)
class Torso:
    """HU float32 [k, j, i] (to the head, back, left), its steps in mm, and the truth in mL and HU."""

    values: NDArray[np.float32]
    step_mm: tuple[float, float, float]
    ml: dict[str, float]
    hu: dict[str, float]
    inside: dict[str, NDArray[np.bool_]] = field(default_factory=dict)


def torso(
    hu: dict[str, float] | None = None,
    *,
    stones: tuple[tuple[str, tuple[float, float, float], float], ...] = (),
    stone_hu: float = 900.0,
    without: tuple[str, ...] = (),
    urine_hu: float | None = None,
    step_mm: tuple[float, float, float] = (3.0, 2.0, 2.0),
    height_mm: float = 270.0,
    noise_hu: float = 12.0,
    seed: int = 1,
) -> Torso:
    """A torso of ``height_mm``; a stone is (kidney, (left, back, up) of its middle in mm, diameter in mm)."""
    known = PLAIN | (hu or {})
    shape = (round(height_mm / step_mm[0]), round(250.0 / step_mm[1]), round(370.0 / step_mm[2]))
    up, back, left = np.meshgrid(
        *((np.arange(n) - (n - 1) / 2) * mm for n, mm in zip(shape, step_mm, strict=True)), indexing="ij"
    )
    back = back - 50.0  # the canal lies behind the middle of the body
    at = (left, back, up)
    share = min(step_mm[1:])
    values = np.full(shape, AIR, np.float32)
    _paint(values, FAT, _oval((left, back + 50.0), (165.0, 108.0), share))
    _paint(values, known["muscle"], _oval((left, back + 50.0), (150.0, 95.0), share))
    _paint(values, FAT, _oval((left, back + 56.0), (138.0, 84.0), share))
    for side in (-32.0, 32.0):
        _paint(values, known["muscle"], _oval((left - side, back - 14.0), (24.0, 20.0), share))
    _spine(values, at, share)
    _paint(values, known["aorta"], _oval((left - 12.0, back + 56.0), (10.0, 10.0), share))
    ml, inside = {}, {}
    for name, (middle, half) in PLACES.items():
        if name in without:
            continue
        part = _ball(at, middle, half, share)
        kidney = "kidney" in name
        _paint(values, known["kidney" if kidney else name], part)
        if kidney:
            sinus = _ball(at, tuple(a + b for a, b in zip(middle, SINUS[0], strict=True)), SINUS[1], share)
            _paint(values, FAT if urine_hu is None else urine_hu, sinus)
            part = part * (1.0 - sinus)
        ml[name], inside[name] = float(part.sum()) * float(np.prod(step_mm)) / 1000.0, part >= 0.5
    for name, offset, diameter in stones:
        middle = tuple(a + b for a, b in zip(PLACES[name][0], offset, strict=True))
        _paint(values, stone_hu, _ball(at, middle, (diameter / 2,) * 3, share))
    blurred = ndimage.gaussian_filter(values, [0.7 / mm for mm in step_mm])
    noise = np.random.default_rng(seed).normal(0.0, noise_hu, shape)
    return Torso((blurred + noise).astype(np.float32), step_mm, ml, known, inside)


def write(folder: Path, phantom: Torso, *, orientation=dicom_factory.AXIAL, **tags: object) -> Path:
    """The same as a CT series of the abdomen of an adult."""
    stored = np.clip(np.round(phantom.values) + 1024.0, 0, 4095).astype(np.uint16)
    k, j, i = phantom.step_mm
    whole = {"BodyPartExamined": "ABDOMEN", "PatientAge": "055Y", **tags}
    placed = {"spacing": (j, i), "step": k, "thickness": k, "orientation": orientation}
    dicom_factory.ct_series(folder, stored.shape, stored=stored, **placed, **whole)
    return folder


def _paint(values: NDArray[np.float32], hu: float, share: NDArray[np.floating]) -> None:
    values += share * (hu - values)


def _oval(offsets: tuple[NDArray[np.floating], ...], half: tuple[float, ...], step: float) -> NDArray[np.floating]:
    """How much of each voxel lies inside: 1 within, 0 outside, between at the edge."""
    radius = np.sqrt(sum((offset / axis) ** 2 for offset, axis in zip(offsets, half, strict=True)))
    return np.clip(0.5 - (radius - 1.0) * min(half) / step, 0.0, 1.0)


def _ball(at, middle, half, step):
    return _oval(tuple(axis - centre for axis, centre in zip(at, middle, strict=True)), half, step)


def _spine(values, at, step) -> None:
    """Vertebrae of 30 mm with discs of 8 mm, a ring of bone around the canal."""
    left, back, up = at
    tall = abs(float(up[1, 0, 0] - up[0, 0, 0]))
    phases = [np.mod(up + 1000.0 + part * tall, 38.0) for part in (-0.4, -0.2, 0.0, 0.2, 0.4)]
    vertebra = np.mean([phase < 30.0 for phase in phases], axis=0)
    endplate = np.mean([(phase < 2.0) | ((phase > 28.0) & (phase < 30.0)) for phase in phases], axis=0)
    outer, inner = _oval((left, back + 26.0), (23.0, 17.0), step), _oval((left, back + 26.0), (21.0, 15.0), step)
    _paint(values, 80.0, outer)
    _paint(values, BONE, outer * vertebra)
    _paint(values, MARROW, inner * vertebra * (1.0 - endplate))
    _paint(values, BONE, _oval((left, back), (15.0, 13.0), step) * np.maximum(vertebra, 0.6))
    _paint(values, BONE, _oval((left, back - 24.0), (4.0, 14.0), step) * vertebra)
    _paint(values, 25.0, _oval((left, back), (10.0, 8.5), step))
