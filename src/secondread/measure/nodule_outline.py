"""What of a candidate a network that outlines nodules slice by slice takes for it, and how both outlines are joined.

The network was taught on slices of 64 native pixels around a nodule, between their neighbours, whose grey lets lung be
about 16 and soft tissue about 121 of 255 in most of its pictures: a window from -1000 to 1200 HU. Readers mark nodules
generously, and so does the network: it decides what belongs to the nodule, and attenuation where its edge runs.
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from secondread.core.volume import Volume
from secondread.measure.nodule_candidates import Candidate
from secondread.measure.nodule_size import effective_diameter_mm
from secondread.prepare.fit import moved_by_pixels
from secondread.prepare.parts import largest
from secondread.prepare.placement import Placement
from secondread.prepare.shown import axes_of, axial, to_axial
from secondread.prepare.window import window

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
WINDOW_HU = (100.0, 2200.0)  # centre and width; fitted to the grey of the training and validation pictures
PIXEL_MM, STEP_MM = (0.45, 1.0), 5.0  # smallest and largest pixel, largest distance of slices the network knows
FILLS = 0.9  # share of the picture's side up to which a nodule may reach
LEAST_SHARE = 0.7  # of the outline by attenuation that the network must confirm


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """What the network is asked about one candidate.

    Attributes:
        batch: float32 [slice, 3, side, side] in [0, 1]: each slice between its neighbours.
        first: k of the first slice on the axial grid.
        corner: (row, column) of the first pixel of the pictures on the axial grid; may lie outside it.
    """

    batch: Floats
    first: int
    corner: tuple[int, int]

    @property
    def middle(self) -> int:
        """The slice in the middle of the nodule."""
        return len(self.batch) // 2


def pictures(volume: Volume, nodule: Candidate, side: int) -> Pictures | None:
    """The slices of a candidate as the network wants them; None where it was not taught on such pictures."""
    values, order = axial(volume)
    step, row, column = (volume.geometry.spacing_mm[axis] for axis, _ in order)
    small, large = PIXEL_MM
    if not (small <= row <= large and small <= column <= large and step <= STEP_MM):
        return None
    box = turned_box(nodule, volume)
    if max((s.stop - s.start) for s in box[1:]) > FILLS * side:
        return None
    first, last = max(0, box[0].start - 1), min(len(values), box[0].stop + 1)
    rows, columns = (round((s.start + s.stop - 1) / 2) - side // 2 for s in box[1:])
    place = Placement(
        values.shape[1:], (side, side), (float(rows), float(columns)), (float(rows + side), float(columns + side))
    )
    centre, width = WINDOW_HU
    seen = {
        k: moved_by_pixels(np.ascontiguousarray(window(values[k], centre=centre, width=width)), place)
        for k in range(max(0, first - 1), min(len(values), last + 1))
    }
    batch = [[seen.get(k + d, seen[k]) for d in (-1, 0, 1)] for k in range(first, last)]
    return Pictures(np.array(batch, np.float32), first, (rows, columns))


def turned_box(nodule: Candidate, volume: Volume) -> tuple[slice, slice, slice]:
    """Where a candidate's box lies on the axial grid."""
    found = []
    for axis, sign in axes_of(volume.geometry.affine):
        start, size, n = nodule.corner[axis], nodule.inside.shape[axis], volume.geometry.shape[axis]
        low = start if sign > 0 else n - start - size
        found.append(slice(low, low + size))
    k, j, i = found
    return k, j, i


def joined(volume: Volume, nodule: Candidate, asked: Pictures, drawn: Bools) -> tuple[Candidate, float] | None:
    """The candidate with the outline of both, and the overlap (Dice) of the two.

    Args:
        volume: CT in HU.
        nodule: Outlined by attenuation.
        asked: What the network was asked.
        drawn: bool [slice, side, side], what it drew.

    Returns:
        None where the network leaves out too much of it: the outline by attenuation then stands.
    """
    whole = np.zeros(volume.geometry.shape, np.bool_)
    turned = to_axial(whole, axes_of(volume.geometry.affine))
    side = drawn.shape[1]
    (top, left), (rows, columns) = asked.corner, turned.shape[1:]
    j, i = slice(max(0, top), min(rows, top + side)), slice(max(0, left), min(columns, left + side))
    turned[asked.first : asked.first + len(drawn), j, i] = drawn[
        :, j.start - top : j.stop - top, i.start - left : i.stop - left
    ]
    place = tuple(slice(c, c + n) for c, n in zip(nodule.corner, nodule.inside.shape, strict=True))
    both = nodule.inside & whole[place]
    kept = largest(both)
    if not kept.any() or kept.sum() < LEAST_SHARE * nodule.inside.sum():
        return None
    mine, _ = scipy.ndimage.label(whole)
    numbers = np.unique(mine[place][kept])
    network = float(np.isin(mine, numbers).sum())
    overlap = 2.0 * float(both.sum()) / (float(nodule.inside.sum()) + network)
    mm3 = nodule.volume_mm3 * float(kept.sum()) / float(nodule.inside.sum())
    return replace(nodule, inside=kept, volume_mm3=mm3, diameter_mm=effective_diameter_mm(mm3)), overlap
