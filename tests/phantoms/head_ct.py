"""A head on CT with known truth: skull, brain, ventricles, septum, falx; turned, leaning, with blood or ischaemia.

The head is written as attenuation at points in its own coordinates (mm: u to the patient's left, v to the back, w up),
asked at the places of a scanner's voxels, averaged over the thickness of a slice, blurred and made noisy. Brain is
pushed aside by moving the points at which it is asked, so that the place of the septum is known exactly.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dicom_factory import ct_series
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume

Points = NDArray[np.float64]
INNER = (66.0, 84.0, 76.0)  # half axes of the inside of the skull, (u, v, w) in mm
SKULL_MM, SCALP_MM = 7.0, 6.0
BOTTOM_MM = -50.0  # the floor of the skull
AIR, SCALP, BONE, WATER, BRAIN, CORTEX, FALX, BLOOD = -1000.0, 10.0, 900.0, 6.0, 31.0, 38.0, 46.0, 66.0
SEPTUM_V, SEPTUM_W = -22.0, 4.0  # middle of the septum


@dataclass(frozen=True)
class Blob:
    """An ellipsoid of one attenuation: middle and half axes in (u, v, w) mm; ``inside`` the brain's space only."""

    middle: tuple[float, float, float]
    half: tuple[float, float, float]
    hu: float = BLOOD

    @property
    def volume_ml(self) -> float:
        return float(4.0 / 3.0 * np.pi * np.prod(self.half) / 1000.0)

    @property
    def abc_ml(self) -> float:
        """A x B x C / 2 of an ellipsoid with its axes along those of the head."""
        a, b = 2.0 * self.half[0], 2.0 * self.half[1]
        return float(a * b * 2.0 * self.half[2] / 2.0 / 1000.0)

    def at(self, points: Points) -> NDArray[np.bool_]:
        return np.asarray((((points - self.middle) / self.half) ** 2).sum(-1) <= 1.0)


@dataclass(frozen=True)
class HeadCt:
    """What the head is like and how it is scanned.

    Attributes:
        shift_mm: Displacement of the septum; positive to the patient's left.
        yaw_deg: The head turned in the slice. ``roll_deg``: leaning to a side. ``pitch_deg``: nodding.
        blobs: Put into the brain, the later ones over the earlier ones.
        change: (Blob, change in HU) of brain tissue, for early ischaemia.
        step_mm: Distance and thickness of slices. ``pixel_mm``: of a pixel.
        noise_hu: Standard deviation of the noise. ``blur_mm``: of the point spread in the slice.
    """

    shift_mm: float = 0.0
    yaw_deg: float = 0.0
    roll_deg: float = 0.0
    pitch_deg: float = 0.0
    blobs: tuple[Blob, ...] = ()
    change: tuple[tuple[Blob, float], ...] = ()
    step_mm: float = 5.0
    pixel_mm: float = 1.2
    noise_hu: float = 4.0
    blur_mm: float = 0.7
    seed: int = 1
    centre: tuple[float, float, float] = (3.0, -6.0, 10.0)
    ventricles: bool = True

    @property
    def turn(self) -> Points:
        """float64 [3, 3]: from patient (x, y, z) to head (u, v, w)."""
        a, b, c = np.deg2rad((self.yaw_deg, self.roll_deg, self.pitch_deg))
        yaw = np.array([[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, 1]])
        roll = np.array([[np.cos(b), 0, -np.sin(b)], [0, 1, 0], [np.sin(b), 0, np.cos(b)]])
        pitch = np.array([[1, 0, 0], [0, np.cos(c), np.sin(c)], [0, -np.sin(c), np.cos(c)]])
        return np.asarray(pitch @ roll @ yaw)


def attenuation(points: Points, head: HeadCt) -> Points:
    """HU at points [..., 3] of head coordinates."""
    out = np.full(points.shape[:-1], AIR)
    u, v, w = points[..., 0], points[..., 1], points[..., 2]
    inner = np.sqrt((u / INNER[0]) ** 2 + (v / INNER[1]) ** 2 + (w / INNER[2]) ** 2)
    radius = float(np.mean(INNER))
    away = (inner - 1.0) * radius  # about the distance to the inner table
    out[(away < SKULL_MM + SCALP_MM) & (w > BOTTOM_MM - SKULL_MM - SCALP_MM)] = SCALP
    out[(away < SKULL_MM) & (w > BOTTOM_MM - SKULL_MM)] = BONE
    cavity = (away < 0.0) & (w > BOTTOM_MM)
    out[cavity] = _brain(points[cavity], away[cavity], head)
    return out


def displacement(points: Points, head: HeadCt) -> Points:
    """How far the brain is pushed to the left at points, mm: all of it around the septum, nothing at the skull."""
    v, w, u = points[..., 1] - SEPTUM_V, points[..., 2] - SEPTUM_W, points[..., 0]

    def flat(x: Points, half: float, fall: float) -> Points:
        return np.asarray(0.5 + 0.5 * np.cos(np.pi * np.clip((np.abs(x) - half) / fall, 0.0, 1.0)))

    return np.asarray(head.shift_mm * flat(v, 16.0, 36.0) * flat(w, 14.0, 36.0) * flat(u, 12.0, 48.0))


def _brain(points: Points, away: Points, head: HeadCt) -> Points:
    asked = points.copy()
    if head.shift_mm:
        asked[:, 0] -= displacement(points, head)
    u, v, w = asked.T
    out = np.where(away > -3.0, CORTEX, BRAIN)
    out = np.where((away > -6.0) & (np.sin(8.0 * np.arctan2(v, u)) > 0.85), WATER + 10.0, out)
    for blob, hu in head.change:
        out = np.where(blob.at(asked) & (away < -2.0), out + hu, out)
    if head.ventricles:
        out = np.where(ventricles(asked), WATER, out)
    # The falx stays with the skull where it is fixed, and follows the brain elsewhere.
    falx = (np.abs(u) < 1.0) & ((w > 26.0) | (v > 40.0) | (v < -52.0)) & (w > -5.0)
    out = np.where(falx, FALX, out)
    out = np.where(Blob((0.0, 22.0, 2.0), (2.5, 2.5, 2.5)).at(asked), 160.0, out)  # a calcified pineal body
    for blob in head.blobs:
        out = np.where(blob.at(points), blob.hu, out)
    return np.asarray(out)


def ventricles(points: Points) -> NDArray[np.bool_]:
    """Frontal horns and bodies at both sides of a septum of 2 mm, trigones, and the third ventricle."""
    u, v, w = points.T
    side = np.abs(u)
    spread = 1.0 + np.clip((v - SEPTUM_V) / 14.0, 0.0, None) * 3.0  # they part behind
    horn = ((side - spread - 5.0) / 5.0) ** 2 + ((v + 14.0) / 30.0) ** 2 + ((w - SEPTUM_W - 3.0) / 11.0) ** 2 < 1.0
    trigone = ((side - 24.0) / 6.0) ** 2 + ((v - 26.0) / 14.0) ** 2 + ((w - 4.0) / 9.0) ** 2 < 1.0
    third = (u / 2.5) ** 2 + ((v - 4.0) / 13.0) ** 2 + ((w + 12.0) / 9.0) ** 2 < 1.0
    return np.asarray((horn & (side > 1.0)) | trigone | third)


@lru_cache(8)
def scanned(head: HeadCt) -> Volume:
    """The head in a scanner's voxels: float32 [k, j, i] in HU; k to the head, j to the back, i to the left."""
    reach = np.array(INNER) + SKULL_MM + SCALP_MM + 8.0
    lengths = np.abs(head.turn.T) @ reach
    shape = tuple(int(np.ceil(2.0 * mm / size)) for mm, size in zip(lengths[::-1], _sizes(head), strict=True))
    affine = np.zeros((4, 4))
    affine[2, 0], affine[1, 1], affine[0, 2], affine[3, 3] = *_sizes(head), 1.0
    start = np.array(head.centre) - np.array(
        [(n - 1) * s / 2 for n, s in zip(shape[::-1], _sizes(head)[::-1], strict=True)]
    )
    affine[:3, 3] = start
    values = np.zeros(shape, np.float32)
    parts = 4 * max(1, round(head.step_mm / 5.0))
    for k in range(shape[0]):
        values[k] = _slice(head, start, shape, k, parts)
    return Volume(values, Geometry(shape, affine), "HU")  # type: ignore[arg-type]


def _sizes(head: HeadCt) -> tuple[float, float, float]:
    return head.step_mm, head.pixel_mm, head.pixel_mm


# Places within a pixel at which the layers of a slice are asked in turn, in pixels.
PLACES = ((-0.25, -0.25), (0.25, 0.25), (-0.25, 0.25), (0.25, -0.25))


def _slice(head: HeadCt, start: Points, shape: tuple[int, ...], k: int, parts: int) -> NDArray[np.float32]:
    """One slice: the mean of layers, each asked at another place of the pixel, blurred, with noise."""
    mean = np.zeros(shape[1:])
    for part in range(parts):
        down, right = PLACES[part % len(PLACES)]
        j, i = np.arange(shape[1]) + down, np.arange(shape[2]) + right
        y, x = np.meshgrid(start[1] + j * head.pixel_mm, start[0] + i * head.pixel_mm, indexing="ij")
        z = start[2] + (k + (part + 0.5) / parts - 0.5) * head.step_mm
        points = np.stack([x, y, np.full(x.shape, z)], axis=-1) - head.centre
        mean += attenuation(points @ head.turn.T, head) / parts
    random = np.random.default_rng([head.seed, k])
    noise = ndimage.gaussian_filter(random.standard_normal(mean.shape), 0.7)
    blurred = ndimage.gaussian_filter(mean, head.blur_mm / head.pixel_mm)
    return np.asarray(blurred + noise * head.noise_hu / noise.std(), np.float32)


def septum_shift(head: HeadCt) -> float:
    """Truth: displacement of the septum at its middle, mm; positive to the patient's left."""
    place = np.array([[head.shift_mm, SEPTUM_V, SEPTUM_W]])
    return float(displacement(place, head)[0])


def write(folder: Path, head: HeadCt, volume: Volume | None = None, **tags: object) -> Path:
    """The scanned head as a DICOM series of an adult; tags replace those of the series."""
    scan = scanned(head) if volume is None else volume
    stored = np.round(scan.values + 1024.0).clip(0, 4095).astype(np.int16)
    origin = tuple(float(x) for x in scan.geometry.affine[:3, 3])
    given = {"BodyPartExamined": "HEAD", "PatientAge": "061Y", "ConvolutionKernel": "H31s"} | tags
    ct_series(
        folder,
        scan.values.shape,
        spacing=(head.pixel_mm, head.pixel_mm),
        step=head.step_mm,
        thickness=head.step_mm,
        origin=origin,  # type: ignore[arg-type]
        stored=stored,
        **given,
    )
    return folder
