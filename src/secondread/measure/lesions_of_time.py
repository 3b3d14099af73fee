"""Lesions of one examination that are worth comparing: nodules of a chest CT, outlined parts of a brain on FLAIR."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

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
    """

    lesions: tuple[Lesion, ...]
    warnings: tuple[str, ...]


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
    return Found(tuple(lesions), (*lungs.warnings, *more))


def abnormal_of(outlined: Outlined, flair: Volume) -> Found:
    """Connected parts of what was outlined on FLAIR, with values in units of the usual grey of the brain.

    Args:
        outlined: By the network.
        flair: The volume it was outlined on, as :func:`in_usual_grey` makes it.
    """
    labels, count = ndimage.label(outlined.inside)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:] * outlined.brain.voxel_ml
    numbers = sorted((n for n in range(count) if sizes[n] >= LEAST_ML), key=lambda n: (-sizes[n], n))
    lesions = []
    for n in numbers[:MOST]:
        part = labels == n + 1
        place = place_of(outlined.brain, part, np.zeros_like(part)).words
        whole = outlined.brain.to_source(part)
        box = ndimage.find_objects(whole.astype(np.uint8))[0]
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
    found = ndimage.map_coordinates(part, index - low[:, None], order=1, mode="constant", cval=-np.inf)
    return float((found > level).mean())
