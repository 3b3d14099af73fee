"""From a head CT in HU to what a network saw in training: brain alone, slices of 5 mm between their neighbours."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.prepare.head import WINDOW_HU, prepare_head
from secondread.prepare.resize import resize
from secondread.prepare.window import window

SLAB_MM = 5.0  # thickness of the slices the network learnt from
LONGER_SIDE = 256  # of their pictures
LEVELS = 255.0  # they were bytes, before and after the brain was brought upright


@dataclass(frozen=True, slots=True, eq=False)
class Slabs:
    """Slices as a network sees them.

    Attributes:
        batch: float32 [n, 3, side, side]: the slab below, the slab, the slab above; at an end the slab itself again.
        first: float64 [n]: lowest slice of the volume in each slab, counted upwards.
        thickness: Slices of the volume to a slab.
        spacing_mm: Distance between slabs.
    """

    batch: NDArray[np.float32]
    first: NDArray[np.intp]
    thickness: int
    spacing_mm: float

    def of_slices(self, values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
        """A number for each slab as one for each slice of the volume; slices of no slab take the nearest one's."""
        slab = np.clip((np.arange(count) - self.first[0]) // self.thickness, 0, len(self.first) - 1)
        return np.asarray(values[slab])


def slabs_of(values: NDArray[np.float32], spacing_mm: float, side: int) -> Slabs:
    """Average thin slices to about 5 mm, show them in the brain window, and bring the brain upright.

    Args:
        values: float32 [k, j, i] in HU; k to the head, j to the back, i to the left.
        spacing_mm: Between slices.
        side: Rows and columns wanted.
    """
    thickness = max(1, round(SLAB_MM / spacing_mm))
    count = max(1, len(values) // thickness)
    first = np.arange(count) * thickness
    grey = np.stack([_picture(values[k : k + thickness]) for k in first])
    brain = np.rint(prepare_head(grey, side).slices * LEVELS).astype(np.float32) / np.float32(LEVELS)
    here = np.arange(count)
    beside = np.stack([np.maximum(here - 1, 0), here, np.minimum(here + 1, count - 1)], axis=1)
    beside[0, 0], beside[-1, 2] = 0, count - 1
    return Slabs(brain[beside], first, thickness, spacing_mm * thickness)


def _picture(slices: NDArray[np.float32]) -> NDArray[np.float32]:
    """One slab in the brain window, at most 256 pixels a side, in 256 levels: float32 [j, i] in [0, 1]."""
    grey = window(slices.mean(axis=0, dtype=np.float32), centre=WINDOW_HU[0], width=WINDOW_HU[1])
    longer = max(grey.shape)
    if longer > LONGER_SIDE:
        rows, columns = (max(1, round(length * LONGER_SIDE / longer)) for length in grey.shape)
        grey = resize(grey, (rows, columns))
    return np.asarray(np.rint(grey * LEVELS) / LEVELS, np.float32)
