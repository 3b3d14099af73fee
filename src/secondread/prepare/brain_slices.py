"""Slices of a brain MR as a network of several sequences sees them: each between its neighbours, in a square field."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import InputContract
from secondread.core.image import Image
from secondread.prepare.model_space import to_model_space

Floats = NDArray[np.float32]
BRIGHTEST = 99.9  # percentile of a series that becomes white
APART_MM = 4.0  # neighbours are taken about so far away: thin slices would show the same thing thrice
WIDEST_MM, CUT_MM = 280.0, 256.0  # a wider field is cut to this around the middle of the brain


@dataclass(frozen=True, slots=True)
class Field:
    """The square field of the network within slices of another shape.

    Attributes:
        top: First row of the field in the slices; below 0 where it reaches beyond them.
        left: First column.
        rows: Its rows, in pixels of the slices.
        columns: Its columns.
    """

    top: int
    left: int
    rows: int
    columns: int

    def cut(self, plane: Floats) -> Floats:
        """A slice [j, i] on the field, 0 where there is none."""
        out = np.zeros((self.rows, self.columns), np.float32)
        (a, b), (c, d) = self._spans(plane.shape)
        out[a - self.top : b - self.top, c - self.left : d - self.left] = plane[a:b, c:d]
        return out

    def back(self, field: Floats, shape: tuple[int, int]) -> Floats:
        """The inverse of :meth:`cut`, 0 outside of the field."""
        out = np.zeros(shape, np.float32)
        (a, b), (c, d) = self._spans(shape)
        out[a:b, c:d] = field[a - self.top : b - self.top, c - self.left : d - self.left]
        return out

    def _spans(self, shape: tuple[int, ...]) -> tuple[tuple[int, int], tuple[int, int]]:
        rows = (max(0, self.top), min(shape[0], self.top + self.rows))
        return rows, (max(0, self.left), min(shape[1], self.left + self.columns))


def field_of(shape: tuple[int, int], steps_mm: tuple[float, float], middle: tuple[float, float]) -> Field:
    """A square in mm that holds the whole slice, or, where that is too wide, the surroundings of ``middle``.

    Args:
        shape: (rows, columns) of the slices.
        steps_mm: Distances of rows and of columns.
        middle: (row, column) of the middle of the brain.

    >>> field_of((100, 200), (1.0, 1.0), (50.0, 100.0))
    Field(top=-50, left=0, rows=200, columns=200)
    """
    side = max(n * mm for n, mm in zip(shape, steps_mm, strict=True))
    centre = (shape[0] / 2.0, shape[1] / 2.0)
    if side > WIDEST_MM:
        side, centre = CUT_MM, (middle[0] + 0.5, middle[1] + 0.5)
    rows, columns = (round(side / mm) for mm in steps_mm)
    return Field(round(centre[0] - rows / 2.0), round(centre[1] - columns / 2.0), rows, columns)


def grey(values: Floats) -> Floats:
    """A series in [0, 1]: from its darkest voxel to its percentile 99.9."""
    low, high = float(values.min()), float(np.percentile(values, BRIGHTEST))
    return np.asarray(((values - low) / max(high - low, 1e-6)).clip(0.0, 1.0), np.float32)


def five_channels(
    before: Floats, flair: Floats, after: Floats, k: int, step: int, field: Field, contract: InputContract
) -> Floats:
    """float32 [5, h, w]: FLAIR of the slice below, before contrast, FLAIR, after contrast, FLAIR of the slice above.

    At an end of the series the slice itself stands for its neighbour, as in the training data.
    """
    below = flair[k - step] if k - step >= 0 else flair[k]
    above = flair[k + step] if k + step < len(flair) else flair[k]
    planes = (below, before[k], flair[k], after[k], above)
    return np.stack([to_model_space(Image(field.cut(plane)), contract).tensor[0, 0] for plane in planes])


def on_slice(found: Floats, field: Field, shape: tuple[int, int], contract: InputContract) -> Floats:
    """A map [h, w] of the network's input on the slice, float32 [j, i]."""
    prepared = to_model_space(Image(np.zeros((field.rows, field.columns), np.float32)), contract)
    return field.back(prepared.to_source(found), shape)
