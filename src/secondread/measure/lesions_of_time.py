"""Lesions of one examination that are worth comparing: nodules of a chest CT, outlined parts of a brain on FLAIR."""

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.volume import Volume
from secondread.measure.brain_mr_place import place_of
from secondread.measure.flair_outline import Outlined
from secondread.measure.lungs import find_lungs
from secondread.measure.match_lesions import Lesion, lesion_of
from secondread.measure.nodule_candidates import find_nodules

Bools = NDArray[np.bool_]
LEAST_MM = 3.0  # smaller than what is told, so that a nodule just below that is not called new later
MOST = 40  # the largest
SOLID_HU = -300.0  # mean of the inner part; above it a nodule is called solid, below it not solid
LEAST_ML = 0.5  # of a region on FLAIR: a ball of 10 mm


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Lesions of one examination.

    Attributes:
        lesions: The largest first.
        warnings: What a reviewer must know about how they were found.
        field: bool [k, j, i], where a lesion may be outlined again, such as both lungs; None where that is not done.
    """

    lesions: tuple[Lesion, ...]
    warnings: tuple[str, ...]
    field: Bools | None = None


def nodules_of(volume: Volume) -> Found:
    """Candidates for nodules in both lungs.

    Raises:
        NoLungsError: If no lung is found.
    """
    lungs = find_lungs(volume)
    candidates = find_nodules(volume, lungs, smallest_mm=LEAST_MM)
    lesions = []
    for one in candidates[:MOST]:
        box = tuple(slice(c, c + n) for c, n in zip(one.corner, one.inside.shape, strict=True))
        lesions.append(
            lesion_of(
                one.inside,
                (box[0], box[1], box[2]),
                volume.geometry,
                edge=(volume.values, one.edge_hu),
                kind="solid" if one.mean_hu > SOLID_HU else "not solid",
                place=f"{one.side} lung, {one.third} third",
            )
        )
    left = len(candidates) - len(lesions)
    more = (f"Only the {MOST} largest of {len(candidates)} candidates were compared.",) if left else ()
    return Found(tuple(lesions), (*lungs.warnings, *more), lungs.both)


def outlined_again(volume: Volume, field: Bools, lesion: Lesion, centre_mm: NDArray[np.float64]) -> Lesion | None:
    """A lesion outlined at a place where no candidate was found, by a plain rule; None where that gives no round thing.

    What is brighter than the level of the lesion, in the field, connected to the place and within 1.6 of its radii and
    4 mm; what is thinner than half of its thickest part is cut off. It must stay clear of the end of that ball.

    Args:
        volume: In which it is outlined.
        field: bool [k, j, i] of the same grid.
        lesion: As it was outlined, there or in the other examination.
        centre_mm: LPS mm of the place.
    """
    grid, spacing = volume.geometry, np.array(volume.geometry.spacing_mm)
    reach = 1.6 * lesion.radius_mm + 4.0
    middle = grid.index(centre_mm)
    low = np.maximum(np.floor(middle - reach / spacing), 0).astype(int)
    high = np.minimum(np.ceil(middle + reach / spacing) + 1, grid.shape).astype(int)
    if (low >= high).any():
        return None
    box = (slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2]))
    away = np.linalg.norm((np.indices(high - low).transpose(1, 2, 3, 0) + low - middle) * spacing, axis=-1)
    labels, _ = scipy.ndimage.label((volume.values[box] > lesion.level) & field[box] & (away <= reach))
    near = np.where(labels > 0, away, np.inf)
    if near.min() > 0.5 * lesion.radius_mm + float(spacing.max()):
        return None
    part = labels == labels[np.unravel_index(int(near.argmin()), near.shape)]
    deep = scipy.ndimage.distance_transform_edt(np.pad(part, 1), sampling=spacing)[1:-1, 1:-1, 1:-1]
    cores, _ = scipy.ndimage.label(deep > 0.5 * deep.max())
    core = cores == cores[np.unravel_index(int(np.where(cores > 0, away, np.inf).argmin()), away.shape)]
    back = scipy.ndimage.distance_transform_edt(~core, sampling=spacing) <= 0.5 * deep.max() + 1.2 * float(
        spacing.min()
    )
    whole = part & back
    if (whole & (away > reach - float(spacing.min()))).any():
        return None
    tight = scipy.ndimage.find_objects(whole.astype(np.uint8))[0]
    fits = tuple(slice(a.start + n, a.stop + n) for a, n in zip(tight, low, strict=True))
    edge = (volume.values, lesion.level)
    return lesion_of(whole[tight], (fits[0], fits[1], fits[2]), grid, edge=edge, kind=lesion.kind, place=lesion.place)


def abnormal_of(outlined: Outlined, flair: Volume) -> Found:
    """Connected parts of what was outlined on FLAIR, with values in units of the usual grey of the brain.

    Args:
        outlined: By the network.
        flair: The volume it was outlined on, as :func:`in_usual_grey` makes it.
    """
    labels, count = scipy.ndimage.label(outlined.inside)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:] * outlined.brain.voxel_ml
    numbers = sorted((n for n in range(count) if sizes[n] >= LEAST_ML), key=lambda n: (-sizes[n], n))
    lesions = []
    for n in numbers[:MOST]:
        part = labels == n + 1
        place = place_of(outlined.brain, part, np.zeros_like(part)).words
        whole = outlined.brain.to_source(part)
        box = scipy.ndimage.find_objects(whole.astype(np.uint8))[0]
        inside = whole[box]
        level = (1.0 + float(np.median(flair.values[box][inside]))) / 2.0  # half the way from brain to lesion
        lesions.append(lesion_of(inside, box, flair.geometry, kind="abnormal on FLAIR", place=place, level=level))
    return Found(tuple(lesions), outlined.warnings)


def in_usual_grey(outlined: Outlined, flair: Volume) -> Volume:
    """The FLAIR divided by the median grey of its brain, so that two scanners can be compared."""
    return Volume(flair.values / np.float32(max(outlined.brain.usual, 1e-6)), flair.geometry, "1")


def brightness_at(volume: Volume, points_mm: NDArray[np.float64], level: float) -> float:
    """Share of these places, LPS mm [n, 3], at which a volume is brighter than a level; 0 outside of it."""
    if not math.isfinite(level) or not len(points_mm):
        return 0.0
    index = np.moveaxis(volume.geometry.index(points_mm), -1, 0)
    low = np.clip(np.floor(index.min(1)).astype(int) - 1, 0, np.array(volume.values.shape) - 1)
    high = np.clip(np.ceil(index.max(1)).astype(int) + 2, low + 1, volume.values.shape)
    part = volume.values[tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))]
    found = scipy.ndimage.map_coordinates(part, index - low[:, None], order=1, mode="constant", cval=-np.inf)
    return float((found > level).mean())
