"""Bright lesions on FLAIR: how many, how much, and where they lie between the ventricles and the surface of the brain.

A voxel counts when it is brighter than the median of the brain by 2.5 robust standard deviations (1.4826 times the
median absolute deviation). A rule of our own, in the manner of the many programs that threshold FLAIR; it knows nothing
of what is bright: gliosis, oedema, tumour and artefact look alike to it.

unverified: that white-matter lesions within 10 mm of a ventricle are periventricular (a rule in use). Juxtacortical,
within 8 mm of the surface of the brain, is our own.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.measure.brain_mr import Bools, BrainMr

DEVIATIONS = 2.5
RIM_MM = 4.0  # nearer to the surface lie folds of the cortex, fat and the edge of the outline
LOWEST = 0.22  # share of the height of the brain below which pulsation and bone make artefacts
LEAST_ML = 0.05
PERIVENTRICULAR_MM, JUXTACORTICAL_MM = 10.0, 8.0
ZONES = ("periventricular", "deep", "juxtacortical")


@dataclass(frozen=True, slots=True, eq=False)
class Lesions:
    """What was found.

    Attributes:
        inside: bool [k, j, i].
        parts: int [k, j, i], 0 where there is none; lesions are numbered from the largest.
        volumes_ml: Of each lesion, the largest first.
        zones: Of each lesion, one of :data:`ZONES`.
        level: Grey from which on a voxel counts.
    """

    inside: Bools
    parts: NDArray[np.intp]
    volumes_ml: tuple[float, ...]
    zones: tuple[str, ...]
    level: float

    def of_zone(self, zone: str) -> tuple[int, float]:
        """(number, volume in mL) of the lesions of a zone."""
        found = [ml for ml, where in zip(self.volumes_ml, self.zones, strict=True) if where == zone]
        return len(found), float(sum(found))


def bright_level(brain: BrainMr) -> float:
    """Grey from which on a voxel counts as bright."""
    values = brain.values[brain.inside & (brain.depth_mm > RIM_MM)]
    middle = float(np.median(values))
    spread = 1.4826 * float(np.median(np.abs(values - middle)))
    return middle + DEVIATIONS * spread


def bright_lesions(brain: BrainMr, fluid: Bools) -> Lesions:
    """Bright lesions of at least 0.05 mL, away from the surface and the base of the brain.

    Args:
        brain: Of a FLAIR series.
        fluid: Its ventricles; where none were seen, no lesion is periventricular.
    """
    level = bright_level(brain)
    bright = brain.inside & (brain.values >= level) & (brain.depth_mm > RIM_MM) & (brain.shares[0] >= LOWEST)
    bright = scipy.ndimage.binary_opening(bright, np.ones((1, 2, 2), np.bool_))
    parts, count = scipy.ndimage.label(bright)
    sizes = np.bincount(parts.ravel(), minlength=count + 1)[1:] * brain.voxel_ml
    kept = [n for n in np.argsort(-sizes, kind="stable") if sizes[n] >= LEAST_ML]
    numbers = np.zeros(count + 1, np.intp)
    numbers[[n + 1 for n in kept]] = np.arange(1, len(kept) + 1)
    numbered = numbers[parts]
    zones = _zones(brain, numbered, len(kept), fluid)
    return Lesions(numbered > 0, numbered, tuple(float(sizes[n]) for n in kept), zones, level)


def _zones(brain: BrainMr, parts: NDArray[np.intp], count: int, fluid: Bools) -> tuple[str, ...]:
    """Of each lesion: by its nearest voxel to the ventricles, else by its nearest to the surface."""
    if not count:
        return ()
    index = np.arange(1, count + 1)
    far = np.full(count, np.inf)
    if fluid.any():
        away = scipy.ndimage.distance_transform_edt(~fluid, sampling=brain.steps)
        far = np.asarray(scipy.ndimage.minimum(away, parts, index))
    shallow = np.asarray(scipy.ndimage.minimum(brain.depth_mm, parts, index))
    return tuple(
        ZONES[0] if near <= PERIVENTRICULAR_MM else ZONES[2] if depth <= JUXTACORTICAL_MM else ZONES[1]
        for near, depth in zip(far, shallow, strict=True)
    )
