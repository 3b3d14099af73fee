"""A chest at two times: nodules that grow, stay, come and go; the person lies differently and breathes differently."""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from scipy import ndimage

from phantoms import chest_ct
from phantoms.chest_ct import Chest, Nodule
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.prepare.register import rotated

# LPS mm of the present examination, and diameters (earlier, now); 0 where it is not there.
GROWING = ((-70.0, -20.0, 40.0), 8.0, 11.0)
STABLE = ((72.0, 10.0, 20.0), 10.0, 10.0)
NEW = ((-85.0, 15.0, -20.0), 0.0, 8.0)
GONE = ((85.0, -10.0, 45.0), 8.0, 0.0)
SHRINKING = ((60.0, 30.0, -10.0), 12.0, 9.0)
LESIONS = (GROWING, STABLE, NEW, GONE, SHRINKING)
EARLIER, NOW = "20240102", "20240701"  # 181 days
DAYS = 181
CHEST = Chest(spacing_mm=(2.5, 1.5, 1.5), noise_hu=12.0, vessels=1)


@dataclass(frozen=True)
class Times:
    """Both examinations and the truth.

    Attributes:
        before: The earlier volume.
        after: The present one.
        matrix: float64 [4, 4], from LPS mm of the present to those of the earlier one.
        volumes_mm3: (earlier, now) of each of ``LESIONS``, 0 where it is not there.
    """

    before: Volume
    after: Volume
    matrix: np.ndarray
    volumes_mm3: tuple[tuple[float, float], ...]


@cache
def times(
    chest: Chest = CHEST,
    *,
    turn_deg: tuple[float, float, float] = (2.0, -1.5, 4.0),
    shift_mm: tuple[float, float, float] = (6.0, -9.0, 12.0),
    lesions: tuple[tuple[tuple[float, float, float], float, float], ...] = LESIONS,
) -> Times:
    """Both examinations; the earlier one is turned about the middle of the chest and shifted."""
    seen, sizes = [], []
    for time in (0, 1):
        there = [n for n, one in enumerate(lesions) if one[1 + time] > 0]
        nodules = tuple(Nodule(lesions[n][0], lesions[n][1 + time]) for n in there)
        shown = chest_ct.seen(replace(chest, nodules=nodules), seed=time + 1)
        seen.append(shown.volume)
        sizes.append(dict(zip(there, shown.nodule_mm3, strict=True)))
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotated(np.radians(turn_deg)), shift_mm
    truth = tuple((sizes[0].get(n, 0.0), sizes[1].get(n, 0.0)) for n in range(len(lesions)))
    return Times(moved(seen[0], matrix), seen[1], matrix, truth)


def moved(volume: Volume, matrix: np.ndarray) -> Volume:
    """The person moved by a motion in LPS mm, on the same grid shifted along; air where nothing was measured."""
    grid = volume.geometry
    affine = np.array(grid.affine)
    affine[:3, 3] += np.round(matrix[:3, 3] / 0.25) * 0.25
    step = np.linalg.inv(grid.affine) @ np.linalg.inv(matrix) @ affine
    values = ndimage.affine_transform(volume.values, step[:3, :3], step[:3, 3], order=1, cval=-1000.0)
    return Volume(values.astype(np.float32), Geometry(grid.shape, affine), volume.unit)


def write(folder: Path, two: Times, **tags: object) -> tuple[Path, Path]:
    """Both as DICOM series of one invented patient; (folder of the earlier one, folder of the present one)."""
    before = chest_ct.write(
        folder / "before",
        two.before,
        StudyDate=EARLIER,
        StudyInstanceUID="2.25.101",
        SeriesInstanceUID="2.25.102",
        **tags,
    )
    after = chest_ct.write(
        folder / "after", two.after, StudyDate=NOW, StudyInstanceUID="2.25.201", SeriesInstanceUID="2.25.202", **tags
    )
    return before, after
