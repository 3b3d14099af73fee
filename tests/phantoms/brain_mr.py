"""Brains on MR with known truth, and series of slices of them as DICOM."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from dicom_factory import ct_series
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.brain_mr import BrainMr, brain_mr, ventricles

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Steps = tuple[float, float, float]
FIELD_MM = (186.0, 230.0, 196.0)  # up, back, left
BRAIN_MM = (70.0, 86.0, 70.0)  # half its height, length and width


@dataclass(frozen=True)
class Phantom:
    """A head on an axial grid; k to the head, j to the back, i to the patient's left.

    Attributes:
        flair: float32 [k, j, i], any grey scale.
        t1: The same head, T1-weighted.
        steps: Distances of voxels in mm.
        brain: bool [k, j, i], with its fluid.
        fluid: The ventricles.
        lesion: What is bright on FLAIR; may be empty.
        shift_mm: Of the wall between the frontal horns, above 0 to the left.
        fluid_ml: Volume of the ventricles, of voxels of 1 mm before slices were made.
        lesion_ml: The same of the lesions.
    """

    flair: Floats
    t1: Floats
    steps: Steps
    brain: Bools
    fluid: Bools
    lesion: Bools
    shift_mm: float
    fluid_ml: float
    lesion_ml: float


def head(
    steps: Steps = (4.0, 1.0, 1.0),
    *,
    shift_mm: float = 0.0,
    lesions: tuple[tuple[tuple[float, float, float], float], ...] = (),
    turn_deg: float = 0.0,
    horns: tuple[float, float] = (1.0, 1.0),
    skull: bool = True,
    noise: float = 2.0,
) -> Phantom:
    """A head of ellipsoids: scalp, skull, brain with folds, two ventricles with a wall between them, lesions.

    Args:
        steps: Distances of voxels along k, j and i in mm.
        shift_mm: By which the ventricles are pushed to the left.
        lesions: ((up, back, left) of the middle in mm from the middle of the brain, radius in mm).
        turn_deg: By which the head is turned about the long axis; the face to the patient's left when positive.
        horns: Width of the left and the right ventricle, relative to the usual one.
        skull: Whether scalp and skull are there.
        noise: Standard deviation, where the brain is 100.
    """
    shape = tuple(round(mm / step) for mm, step in zip(FIELD_MM, steps, strict=True))
    fine = (max(1, round(steps[0])), 1, 1)  # a slice is the mean of thinner ones
    up, back, left = _places(shape, steps, fine, turn_deg)
    fold = 1.5 * np.abs(np.sin(back / 5.0) * np.sin(up / 6.0))  # makes the surface uneven, as sulci do
    brain = _ball(up, back, left, BRAIN_MM, fold / BRAIN_MM[2])
    brain &= (up > -20.0) | (back > -12.0)  # the frontal lobes lie on the roof of the orbits,
    brain &= (up > -55.0) | (back > 25.0)  # and only the cerebellum reaches the bottom
    fluid = np.zeros(brain.shape, np.bool_)
    for side, wide in zip((1.0, -1.0), horns, strict=True):
        width = 9.0 * wide
        fluid |= _ball(up - 8.0, back + 8.0, left - shift_mm - side * (width + 1.5), (12.0, 34.0, width))
    lesion = np.zeros(brain.shape, np.bool_)
    for (a, b, c), radius in lesions:
        lesion |= _ball(up - a, back - b, left - c, (radius,) * 3)
    lesion &= brain & ~fluid
    flair = _grey(brain, fluid, lesion, (100.0, 25.0, 190.0), _rings(up, back, left, skull))
    t1 = _grey(brain, fluid, lesion, (110.0, 30.0, 80.0), _rings(up, back, left, skull))
    white = _ball(up, back, left, (56.0, 71.0, 56.0)) & brain & ~fluid & ~lesion
    t1[white] = 150.0
    random = np.random.default_rng(7)
    pictures = [_thick(one, fine[0]) + random.normal(0.0, noise, shape).astype(np.float32) for one in (flair, t1)]
    regions = [_thick(one.astype(np.float32), fine[0]) >= 0.5 for one in (brain, fluid, lesion)]
    voxel_ml = steps[0] / fine[0] * steps[1] * steps[2] / 1000.0
    sizes = (float(fluid.sum()) * voxel_ml, float(lesion.sum()) * voxel_ml)
    return Phantom(pictures[0].clip(0), pictures[1].clip(0), steps, *regions, shift_mm, *sizes)


def _places(shape: tuple[int, ...], steps: Steps, fine: tuple[int, int, int], turn_deg: float) -> tuple[Floats, ...]:
    many = [n * parts for n, parts in zip(shape, fine, strict=True)]
    side = [step / parts for step, parts in zip(steps, fine, strict=True)]
    axes = [(np.arange(n) - (n - 1) / 2.0) * mm for n, mm in zip(many, side, strict=True)]
    up, j, i = (one.astype(np.float32) for one in np.meshgrid(*axes, indexing="ij"))
    angle = np.deg2rad(turn_deg)
    back = np.cos(angle) * j + np.sin(angle) * i
    left = -np.sin(angle) * j + np.cos(angle) * i
    return up, back.astype(np.float32), left.astype(np.float32)


def _ball(up: Floats, back: Floats, left: Floats, radii: tuple[float, ...], add: Floats | float = 0.0) -> Bools:
    a, b, c = radii
    return np.asarray((up / a) ** 2 + (back / b) ** 2 + (left / c) ** 2 + add <= 1.0)


def _rings(up: Floats, back: Floats, left: Floats, skull: bool) -> tuple[Bools, Bools]:
    if not skull:
        nothing = np.zeros(up.shape, np.bool_)
        return nothing, nothing
    return _ball(up, back, left, (86.0, 102.0, 86.0)), _ball(up, back, left, (79.0, 95.0, 79.0))


def _grey(
    brain: Bools, fluid: Bools, lesion: Bools, levels: tuple[float, float, float], rings: tuple[Bools, Bools]
) -> Floats:
    scalp, bone = rings
    grey = np.zeros(brain.shape, np.float32)
    grey[scalp] = 210.0
    grey[bone] = 12.0
    grey[brain] = levels[0]
    grey[fluid] = levels[1]
    grey[lesion] = levels[2]
    return np.asarray(ndimage.gaussian_filter(grey, (0.0, 0.5, 0.5)))


def _thick(values: Floats, parts: int) -> Floats:
    k, j, i = values.shape
    return np.asarray(values.reshape(k // parts, parts, j, i).mean(axis=1))


def volume_of(values: NDArray[Any], steps: Steps) -> Volume:
    """The slices as a volume: k to the head, j to the back, i to the left."""
    affine = np.zeros((4, 4))
    affine[3, 3] = 1.0
    affine[2, 0], affine[1, 1], affine[0, 2] = steps
    k, j, i = values.shape
    return Volume(np.ascontiguousarray(values, np.float32), Geometry((k, j, i), affine), "grey")


def laid_otherwise(volume: Volume, order: tuple[int, int, int], signs: tuple[int, int, int]) -> Volume:
    """The same patient, the array's axes in another order and direction."""
    values = np.transpose(volume.values, order)[tuple(slice(None, None, sign) for sign in signs)]
    affine = volume.geometry.affine[:, [*order, 3]].copy()
    for axis, sign in enumerate(signs):
        if sign < 0:
            affine[:, 3] += affine[:, axis] * (values.shape[axis] - 1)
            affine[:, axis] *= -1.0
    k, j, i = values.shape
    return Volume(np.ascontiguousarray(values), Geometry((k, j, i), affine), volume.unit)


@cache
def seen(**kind: Any) -> tuple[Phantom, BrainMr, Bools]:
    """A phantom, the brain found on its FLAIR, and its ventricles; made once for all tests."""
    phantom = head(**kind)
    brain = brain_mr(volume_of(phantom.flair, phantom.steps))
    return phantom, brain, ventricles(brain, phantom.lesion if phantom.lesion.any() else None)


def write_series(folder: Path, values: NDArray[Any], steps: Steps, description: str, **tags: Any) -> list[Path]:
    """An axial MR series of the head as DICOM; the patient's right is on the left of each slice."""
    stored = np.rint(np.clip(values, 0, 4000)).astype(np.uint16)
    return ct_series(
        folder,
        stored.shape,
        spacing=steps[1:],
        step=steps[0],
        thickness=steps[0],
        stored=stored,
        **{"Modality": "MR", "SeriesDescription": description, "PatientAge": "050Y", **tags},
    )


def write_study(folder: Path, phantom: Phantom, *, t1: bool = True) -> Path:
    """FLAIR, and T1 before and after contrast, of one phantom."""
    write_series(folder / "flair", phantom.flair * 4, phantom.steps, "AX FLAIR")
    if t1:
        write_series(folder / "before", phantom.t1 * 3, phantom.steps, "AX T1", ContrastBolusAgent="NONE")
        write_series(folder / "after", phantom.t1 * 5, phantom.steps, "AX T1 +C", ContrastBolusAgent="Gadobutrol")
    return folder


def mosaic(ventricle_px: tuple[int, int] = (24, 6)) -> Floats:
    """Axial, coronal and sagittal planes of a brain without its skull, float32 [96, 288] in [0, 1].

    Args:
        ventricle_px: Length and width of each of the two ventricles in the axial plane.
    """
    row, column = np.mgrid[0:96, 0:96] + 0.5
    tiles = []
    for high, wide, power in ((78, 64, 2.0), (68, 75, 2.2), (66, 80, 1.6)):
        far = np.abs((row - 48) / (high / 2)) ** power + np.abs((column - 48) / (wide / 2)) ** power
        tiles.append(np.where(far <= 1.0, np.where(far <= 0.7, 0.9, 0.55), 0.0).astype(np.float32))
    long, wide = ventricle_px
    for side in (-1, 1):
        middle = 48 + side * (wide / 2 + 1.5)
        inside = (np.abs(row - 44) <= long / 2) & (np.abs(column - middle) <= wide / 2)
        tiles[0][inside] = 0.12
    return np.concatenate(tiles, axis=1)
