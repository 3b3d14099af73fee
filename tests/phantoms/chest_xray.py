"""A frontal chest X-ray whose lungs and heart are known: greys of a projection, seen blurred and noisy, as DICOM.

The chest is drawn in millimetres: two lungs that end below at the domes of the diaphragm, ribs across them, a spine,
an oval heart, shoulders and the arms beside it. The curves are not those of the program's template. The patient's
right is on the left of the picture.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

import dicom_factory

Bools = NDArray[np.bool_]
APEX_MM, FIELD_MM = 60.0, 400.0


@dataclass(frozen=True)
class Chest:
    """One chest X-ray.

    Attributes:
        heart_mm: Distance of the heart's border from the midline to the patient's right and left.
        thorax_mm: Inner width of the chest.
        height_mm: From the apex to the domes.
        pixel_mm: Side of a pixel; the field is 400 mm wide and high.
        lean_deg: How far the chest leans in the picture, clockwise.
        without_left: Whether the left lung is as white as the heart.
        noise: Standard deviation of the grey, whose whole range is 1.
    """

    heart_mm: tuple[float, float] = (45.0, 95.0)
    thorax_mm: float = 280.0
    height_mm: float = 230.0
    pixel_mm: float = 1.0
    lean_deg: float = 0.0
    without_left: bool = False
    noise: float = 0.01

    @property
    def ratio(self) -> float:
        """The true cardiothoracic ratio."""
        return sum(self.heart_mm) / self.thorax_mm


def truth(chest: Chest) -> tuple[Bools, Bools, Bools]:
    """Right lung, left lung and heart, bool [j, i], upright."""
    x, y = _millimetres(chest)
    half, height = chest.thorax_mm / 2, chest.height_mm
    down = np.clip(y / (0.6 * height), 0.0, 1.0)
    outer = half * (1.0 - (1.0 - down) ** 2.4) ** (1 / 2.4)
    dome = height + 26.0 * ((np.abs(x) - 0.5 * half) / (0.5 * half)) ** 2
    heart = _heart(chest, x, y) & (y <= height + 15.0)
    field = (y >= 0.0) & (y <= dome) & (np.abs(x) >= 24.0 + 6.0 * np.sin(y / 35.0)) & (np.abs(x) <= outer) & ~heart
    return field & (x < 0.0), field & (x > 0.0), heart


def grey(chest: Chest, seed: int = 0) -> NDArray[np.float32]:
    """The picture, float32 [j, i] in [0, 1]."""
    x, y = _millimetres(chest)
    right, left, heart = truth(chest)
    values = np.where((np.abs(x) < 190.0) & (y > -35.0 + 0.0016 * x**2), 0.62, 0.04)
    values = np.where((np.abs(x) < 40.0) & (y <= 0.0), 0.6, values)
    values = np.where((np.abs(x) < 34.0) & (y > 0.0), 0.78, values)
    values = np.where((y > chest.height_mm) & (np.abs(x) < chest.thorax_mm / 2 + 12.0), 0.84, values)
    ribs = 0.07 * (np.sin((y - 0.14 * np.abs(x)) / 5.2) > 0.35)
    lungs = right | (left & (not chest.without_left))
    values = np.where(left & chest.without_left, 0.78, values)
    values = np.where(lungs, 0.22 + ribs, np.where(heart, 0.8, values))
    values = ndimage.gaussian_filter(values, 1.2 / chest.pixel_mm)
    if chest.lean_deg:
        values = ndimage.rotate(values, -chest.lean_deg, reshape=False, order=1, mode="nearest")
    rough = np.random.default_rng(seed).normal(0.0, chest.noise, values.shape)
    return np.clip(values + rough, 0.0, 1.0).astype(np.float32)


def write_dicom(path: Path, chest: Chest | None = None, **tags: Any) -> Path:
    """The picture as a DX file: a PA picture of a person of 50 years unless ``tags`` say otherwise."""
    chest = chest or Chest()
    spacing = [str(chest.pixel_mm)] * 2
    told = {"PatientAge": "050Y", "ViewPosition": "PA", "ImagerPixelSpacing": spacing} | tags
    return dicom_factory.chest_xray(path, np.rint(4095 * grey(chest)).astype(np.uint16), **told)


def _heart(chest: Chest, x: NDArray[np.float64], y: NDArray[np.float64]) -> Bools:
    right, left = chest.heart_mm
    return ((x - (left - right) / 2) / ((left + right) / 2)) ** 2 + ((y - 0.82 * chest.height_mm) / 72.0) ** 2 <= 1.0


def _millimetres(chest: Chest) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x to the patient's left from the midline, y downwards from the apex of the lungs."""
    count = round(FIELD_MM / chest.pixel_mm)
    along = (np.arange(count) + 0.5) * chest.pixel_mm
    x, y = np.meshgrid(along - FIELD_MM / 2, along - APEX_MM)
    return x, y
