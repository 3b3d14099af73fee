"""Dense regions inside the skull, as fresh blood is: outlined by attenuation, with their place, by stated rules.

Fresh blood measures about 50 to 95 HU, brain 25 to 45, calcium and bone more than 100 (radiopaedia.org, "intracranial
haemorrhage", CT; Parizel et al., Eur Radiol 2001;11:1770). An outline therefore
- looks at attenuation smoothed as much as the noise asks for, within the skull alone, so that bone does not leak in;
- starts from 50 HU, or from 15 HU above this brain, or above its noise, whatever is highest, and ends halfway
  between this brain and the region's own core, which is where an edge lies that the scanner has blurred;
- leaves out what lies next to bone in the slice or in the next slice when it starts, and takes it back in at the end;
- leaves out what is thinner than 4 mm, smaller than 0.6 mL, calcified, or lies along the falx and its sinuses.

So thin blood along the falx, in furrows and over the brain is missed, and a dense sinus or tumour may be outlined.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.measure.head import BONE_HU, Bools, Floats, Head, depth_mm, noise_hu, tissue_hu
from secondread.measure.head_symmetry import Frame

LOWEST_HU, HIGHEST_HU, ABOVE_BRAIN_HU, NOISES = 50.0, 95.0, 15.0, 4.0
QUIET_HU = 2.5  # noise to which the attenuation is smoothed
CALCIUM_HU, CALCIUM_SHARE = 100.0, 0.1
NEXT_TO_BONE_MM, GROWTH_MM = 2.0, 3.0
THIN_MM, LEAST_ML = 4.0, 0.6
FALX_MM, FALX_SHARE = 5.0, 0.6
SINUS_MM, SINUS_DEPTH_MM = 9.0, 14.0  # so wide the falx ends in its sinuses, near the skull
DENSER_HU = 6.0  # than the mirror image, by its densest within 3 mm
TOP_SHARE = 0.4  # of the largest slice: smaller ones lie at the vertex, where bone is mixed in
BASE_SHARE = 0.5  # of the largest slice: smaller ones lie at the base, where bone is mixed in too
AT_SKULL_MM = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    """One dense region.

    Attributes:
        inside: bool [k, j, i] on the head's working grid.
        volume_ml: By voxels.
        mean_hu: Of its voxels.
        skull_share: Share of its surface in the slice that lies within 4 mm of the inner table.
        middle_mm: float64 [3]: its middle in the head's frame: up, to the back, to the left.
        low_mm: Height of its lowest point in the head's frame.
    """

    inside: Bools
    volume_ml: float
    mean_hu: float
    skull_share: float
    middle_mm: NDArray[np.float64]
    low_mm: float


@dataclass(frozen=True, slots=True)
class Level:
    """What counts as dense in a head.

    Attributes:
        brain_hu: Median of this brain.
        noise_hu: Of a voxel of the working grid.
        start_hu: From which on a region may start.
    """

    brain_hu: float
    noise_hu: float
    start_hu: float


def level_of(head: Head) -> Level:
    """The brain's own attenuation and noise, and the attenuation from which on a region may start."""
    brain, noise = tissue_hu(head), noise_hu(head)
    quiet = min(noise, QUIET_HU)
    return Level(brain, noise, max(LOWEST_HU, brain + ABOVE_BRAIN_HU, brain + NOISES * quiet))


def dense_regions(head: Head, frame: Frame, flagged: NDArray[np.bool_] | None = None) -> tuple[Dense, ...]:
    """Dense regions of a head, the largest first.

    Args:
        head: On its working grid.
        frame: Its plane of symmetry.
        flagged: bool [k]: slices of the working grid; only regions that reach one of them count, and they are outlined
            whole. None for all.
    """
    level = level_of(head)
    if not np.isfinite(level.start_hu):
        return ()
    look = _Look(head, frame, level, smoothed(head, level.noise_hu), depth_mm(head), _near_bone(head))
    found = []
    parts, _ = scipy.ndimage.label(_cores(look), np.ones((3, 3, 3), np.bool_))
    for n, box in enumerate(scipy.ndimage.find_objects(parts), 1):
        wide = tuple(slice(max(0, s.start - 8), s.stop + 8) for s in box)
        core = parts[wide] == n
        if core.sum() * head.voxel_ml < LEAST_ML / 6.0:
            continue
        region = _grown(look, core, wide)
        if _counts(look, region, wide):
            whole = np.zeros(head.cavity.shape, np.bool_)
            whole[wide] = region
            found.append(whole)
    if flagged is not None:
        found = [one for one in found if (one.any(axis=(1, 2)) & flagged).any()]
    return tuple(sorted((_described(look, one) for one in _apart(found)), key=lambda one: -one.volume_ml))


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """A head with what every region is judged by."""

    head: Head
    frame: Frame
    level: Level
    smooth: Floats
    depth: Floats
    near_bone: Bools


def _cores(look: _Look) -> Bools:
    """Where regions may start: dense, away from bone, in slices that are neither at the vertex nor at the base."""
    head = look.head
    core = head.cavity & ~look.near_bone & (look.smooth >= look.level.start_hu) & (look.smooth <= HIGHEST_HU + 5.0)
    areas = head.cavity.sum(axis=(1, 2))
    widest = int(areas.argmax())
    above = np.arange(len(areas)) > widest
    core[areas < np.where(above, TOP_SHARE, BASE_SHARE) * areas.max()] = False
    return np.stack([scipy.ndimage.binary_opening(plane, iterations=1) for plane in core])


def smoothed(head: Head, noise: float) -> Floats:
    """Attenuation within the skull, smoothed in the slice as far as the noise asks for; outside unchanged."""
    sigma = float(np.clip(noise / QUIET_HU, 0.6, 2.0)) / head.spacing_mm[1]
    out = head.values.copy()
    for k in np.flatnonzero(head.cavity.any(axis=(1, 2))):
        inside = head.cavity[k].astype(np.float32)
        total = scipy.ndimage.gaussian_filter(np.clip(head.values[k], -20.0, 140.0) * inside, sigma)
        weight = scipy.ndimage.gaussian_filter(inside, sigma)
        here = head.cavity[k]
        out[k][here] = total[here] / weight[here]
    return out


def _near_bone(head: Head) -> Bools:
    """Within 2 mm of bone in the slice, or over or under the bone of the next slice, whose part it may hold."""
    bone = head.values > BONE_HU
    reach = max(1, round(NEXT_TO_BONE_MM / head.spacing_mm[1]))
    wide = np.stack([scipy.ndimage.binary_dilation(plane, iterations=reach) for plane in bone])
    wide[1:] |= bone[:-1]
    wide[:-1] |= bone[1:]
    return wide


def _grown(look: _Look, core: Bools, box: tuple[slice, ...]) -> Bools:
    """A core with what surrounds it down to halfway between brain and core, up to 3 mm, and its holes."""
    values, cavity, level = look.smooth[box], look.head.cavity[box], look.level
    middle = (float(np.median(values[core])) + level.brain_hu) / 2.0
    edge = min(max(middle, level.brain_hu + 8.0), level.start_hu)
    room = cavity & (values >= edge) & (values <= CALCIUM_HU)
    reach = max(1, round(GROWTH_MM / look.head.spacing_mm[1]))
    grown = np.stack(
        [scipy.ndimage.binary_dilation(c, iterations=reach, mask=r | c) for c, r in zip(core, room, strict=True)]
    )
    beside = np.zeros_like(grown)
    beside[1:] |= grown[:-1]
    beside[:-1] |= grown[1:]
    more = np.stack([scipy.ndimage.binary_opening(plane) for plane in beside & room])  # the ends in the next slices
    return np.stack([scipy.ndimage.binary_fill_holes(plane) for plane in grown | more])


def _counts(look: _Look, region: Bools, box: tuple[slice, ...]) -> bool:
    """Whether a region is large, thick and soft enough, no falx or sinus, and denser than its mirror image."""
    head = look.head
    if region.sum() * head.voxel_ml < LEAST_ML:
        return False
    thick = max(
        float(scipy.ndimage.distance_transform_edt(np.pad(p, 1), sampling=head.spacing_mm[1:]).max()) for p in region
    )
    if 2.0 * thick < THIN_MM:
        return False
    if float((head.values[box][region] > CALCIUM_HU).mean()) > CALCIUM_SHARE:
        return False
    points = (np.argwhere(region) + np.array([s.start for s in box])) * np.asarray(head.spacing_mm)
    side = (points - look.frame.origin) @ look.frame.axes[2]
    sinus = (np.abs(side) <= SINUS_MM) & (look.depth[box][region] <= SINUS_DEPTH_MM)
    if float(((np.abs(side) <= FALX_MM) | sinus).mean()) >= FALX_SHARE:
        return False
    return _denser_than_mirror(
        look, float(look.smooth[box][region].mean()), points - 2.0 * side[:, None] * look.frame.axes[2]
    )


def _denser_than_mirror(look: _Look, mean: float, points: NDArray[np.float64]) -> bool:
    """Whether the mirror image of a region is clearly less dense: what is alike on both sides is anatomy."""
    index = np.rint(points / np.asarray(look.head.spacing_mm)).astype(int)
    shape = np.array(look.head.values.shape)
    index = index[((index >= 0) & (index < shape)).all(axis=1)]
    if not len(index):
        return True
    low, high = np.maximum(index.min(axis=0) - 4, 0), np.minimum(index.max(axis=0) + 5, shape)
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    values = np.where(look.head.cavity[box] & ~look.near_bone[box], look.smooth[box], -np.inf)
    densest = scipy.ndimage.maximum_filter(values, size=(1, 7, 7))[tuple((index - low).T)]
    known = densest[np.isfinite(densest)]
    return known.size == 0 or mean - float(known.mean()) >= DENSER_HU


def _apart(regions: list[Bools]) -> list[Bools]:
    """Regions that grew into each other become one."""
    if not regions:
        return []
    parts, count = scipy.ndimage.label(np.any(np.stack(regions), axis=0), np.ones((3, 3, 3), np.bool_))
    return [parts == n for n in range(1, count + 1)]


def _described(look: _Look, inside: Bools) -> Dense:
    head = look.head
    place = (np.argwhere(inside) * np.asarray(head.spacing_mm) - look.frame.origin) @ look.frame.axes.T
    edge = np.stack([plane & ~scipy.ndimage.binary_erosion(plane) for plane in inside])
    return Dense(
        inside,
        float(inside.sum()) * head.voxel_ml,
        float(head.values[inside].mean()),
        float((look.depth[edge] <= AT_SKULL_MM).mean()),
        place.mean(axis=0),
        float(place[:, 0].min()),
    )
