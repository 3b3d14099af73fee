"""Which lesion of an examination is which of an earlier one: one to one, by their places after registration.

A pair may lie at most ``limit_mm`` apart, or the radius of the larger of the two where that is more. Of all ways to
pair them the one with the most pairs is taken, and of these the one with the smallest sum of distances.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.code import LOCAL, Code
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.measure.diameters import Edge, largest_diameters
from secondread.measure.nodule_size import effective_diameter_mm

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Box = tuple[slice, slice, slice]
LESION = Code(LOCAL, "lesion", "Lesion")


@dataclass(frozen=True, slots=True, eq=False)
class Lesion:
    """A lesion of one examination.

    Attributes:
        centre_mm: float64 [3], LPS mm of its centre of mass in its own examination.
        volume_mm3: Volume.
        long_mm: Longest diameter within a slice.
        short_mm: Longest diameter perpendicular to it in that slice.
        box: Where its mask lies on the grid of the volume.
        inside: bool, the mask within the box.
        kind: Such as ``solid``, or empty.
        place: In plain words, or empty.
        level: Grey value at its edge, in the unit of the volume; what is brighter belongs to it.
    """

    centre_mm: Floats
    volume_mm3: float
    long_mm: float
    short_mm: float
    box: Box
    inside: Bools
    kind: str = ""
    place: str = ""
    level: float = math.nan

    @property
    def mean_mm(self) -> float:
        """Mean of both diameters."""
        return (self.long_mm + self.short_mm) / 2.0

    @property
    def radius_mm(self) -> float:
        """Radius of the ball of its volume."""
        return effective_diameter_mm(self.volume_mm3) / 2.0

    def whole(self, grid: Geometry) -> Bools:
        """Its mask on the grid of the volume, bool [k, j, i]."""
        full = np.zeros(grid.shape, np.bool_)
        full[self.box] = self.inside
        return full


@dataclass(frozen=True, slots=True)
class Pair:
    """What became of a lesion.

    Attributes:
        before: Its number in the earlier examination, or None for a new one.
        after: Its number in the present one, or None for one that is not seen any more.
        apart_mm: Distance of the two after registration, or None.
    """

    before: int | None
    after: int | None
    apart_mm: float | None = None


def lesion_of(
    inside: Bools,
    box: Box,
    grid: Geometry,
    *,
    edge: tuple[NDArray[np.float32], float] | None = None,
    kind: str = "",
    place: str = "",
    level: float = math.nan,
) -> Lesion:
    """Measure the lesion whose mask fills ``inside`` of ``box``.

    Args:
        inside: bool, of the shape of the box.
        box: On the grid.
        grid: Of the volume.
        edge: Values of the volume [k, j, i], and the grey level of the edge of the lesion, which makes diameters exact.
        kind: See :class:`Lesion`.
        place: The same.
        level: Of the edge where it is known but too rough for diameters; that of ``edge`` where it is given.

    Raises:
        ValueError: If the mask is empty.
    """
    index = np.argwhere(inside).astype(np.float64)
    if not len(index):
        raise ValueError("lesion: found an empty mask; needed at least one voxel")
    start = np.array([part.start for part in box], np.float64)
    affine = np.array(grid.affine)
    affine[:3, 3] = grid.world(start)
    mask = Mask(inside, Geometry(inside.shape, affine), LESION)
    known = None if edge is None else Edge(edge[0][box], edge[1])
    size = largest_diameters(mask, known)
    volume = len(index) * grid.voxel_volume_mm3
    level = level if edge is None else edge[1]
    centre = grid.world(start + index.mean(0))
    return Lesion(centre, volume, size.long_mm, size.short_mm, box, inside, kind, place, level)


def pairs(before: Sequence[Lesion], after: Sequence[Lesion], moved_mm: Floats, limit_mm: float) -> tuple[Pair, ...]:
    """Pairs in the order of the present lesions, then what is not seen any more.

    Args:
        before: Lesions of the earlier examination.
        after: Of the present one.
        moved_mm: float64 [n, 3], where the centre of each earlier lesion is expected in the present examination.
        limit_mm: Largest distance of two small lesions that are one.

    Raises:
        ValueError: If the places are not one for each earlier lesion, or the limit is not positive.
    """
    if moved_mm.shape != (len(before), 3):
        raise ValueError(f"pairs: found places {moved_mm.shape} for {len(before)} lesions; needed one each")
    if not limit_mm > 0.0:
        raise ValueError(f"limit_mm: found {limit_mm}; needed a positive distance")
    found: dict[int, tuple[int, float]] = {}
    if before and after:
        apart = np.linalg.norm(moved_mm[:, None] - np.stack([one.centre_mm for one in after])[None], axis=2)
        reach = np.array([[max(limit_mm, a.radius_mm, b.radius_mm) for b in after] for a in before])
        far = float(apart.max() + reach.max() + 1.0) * (len(before) + len(after))  # dearer than all pairs together
        rows, columns = scipy.optimize.linear_sum_assignment(np.where(apart <= reach, apart, far))
        found = {
            int(column): (int(row), float(apart[row, column]))
            for row, column in zip(rows, columns, strict=True)
            if apart[row, column] <= reach[row, column]
        }
    now = [Pair(*found[n][:1], n, found[n][1]) if n in found else Pair(None, n) for n in range(len(after))]
    taken = {row for row, _ in found.values()}
    return (*now, *(Pair(n, None) for n in range(len(before)) if n not in taken))


def points_of(lesion: Lesion, grid: Geometry) -> Floats:
    """LPS mm [n, 3] of its voxels in its own examination."""
    return grid.world(np.argwhere(lesion.inside) + [part.start for part in lesion.box])


def merged(after: Sequence[Lesion], moved_mm: Floats, found: Sequence[Pair]) -> tuple[int, ...]:
    """Earlier lesions that are not seen any more but lie inside a present one: they may have grown together."""
    gone = [pair.before for pair in found if pair.after is None and pair.before is not None]
    return tuple(
        n
        for n in gone
        if any(float(np.linalg.norm(moved_mm[n] - one.centre_mm)) <= math.hypot(one.radius_mm, 2.0) for one in after)
    )
