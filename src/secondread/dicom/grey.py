"""Stored values to the grey a person sees, each step once and in the one right order.

    stored bits → padding → modality (HU for CT) → VOI → inversion → [0, 1]

Source: DICOM PS3.3 C.11.1 (modality LUT), C.11.2 (VOI LUT), C.7.6.3.1.2 (photometric interpretation), PS3.4 N.2
(order of the pipeline). The whole chain is a function of one stored value. So it is worked out once for every value
that can be stored, in float64, and looked up for every pixel.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.dicom.voi import Window, stretch, window

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bits:
    """How a number lies in its container.

    Attributes:
        stored: Number of bits that belong to the value.
        high: Position of its highest bit.
        signed: Two's complement.
    """

    stored: int
    high: int
    signed: bool

    def __post_init__(self) -> None:
        if not 1 <= self.stored <= self.high + 1 <= 32:
            raise ValueError(f"{self.stored} bits cannot end at bit {self.high}")


@dataclass(frozen=True, slots=True)
class Rescale:
    """Modality transform: value = stored x slope + intercept."""

    slope: float = 1.0
    intercept: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """A table: ``entries[value - first]``; values outside take the nearest entry. Source: PS3.3 C.11.1.1.1."""

    first: int
    entries: Floats


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything a header says about turning its stored values into grey.

    Attributes:
        bits: Layout of the stored values.
        padding: (lowest, highest) stored value that means "no image here", or None.
        modality: Stored value to the quantity measured.
        voi: That quantity to grey; None stretches the middle 99 % of the picture.
        inverted: Low values are bright (MONOCHROME1, or presentation LUT shape INVERSE: one inversion either way).
    """

    bits: Bits
    padding: tuple[int, int] | None = None
    modality: Rescale | Lookup = field(default_factory=Rescale)
    voi: Window | Lookup | None = None
    inverted: bool = False


def stored_values(raw: NDArray[Any], bits: Bits) -> NDArray[Any]:
    """The numbers in ``raw``, freed of unused and overlay bits and with their sign.

    Args:
        raw: Whole numbers of 8, 16 or 32 bits, any shape; their own signedness is ignored.
        bits: Which bits count.

    Returns:
        Whole numbers of the same width, signed or not as ``bits`` says.

    Source: DICOM PS3.5 section 8.1.1.

    >>> stored_values(np.array([0x0FFF, 0x0800, 0xF001], np.uint16), Bits(12, 11, signed=True)).tolist()
    [-1, -2048, 1]
    """
    width = 8 * raw.dtype.itemsize
    # Push what lies above the value out of the container, then pull the value down: the sign follows by itself.
    high = np.left_shift(raw.view(f"u{raw.dtype.itemsize}"), width - 1 - bits.high)
    pulled = high.view(f"{'i' if bits.signed else 'u'}{raw.dtype.itemsize}") >> (width - bits.stored)
    return np.asarray(pulled)


def measured(stored: NDArray[Any], modality: Rescale | Lookup) -> Floats:
    """Stored values to what was measured (HU for CT), float64 of the same shape."""
    if isinstance(modality, Lookup):
        return look_up(stored, modality)
    return stored.astype(np.float64) * modality.slope + modality.intercept


def look_up(values: NDArray[Any], lookup: Lookup) -> Floats:
    """Read ``values`` in a table; what lies outside takes its first or last entry.

    >>> look_up(np.array([0, 10, 11, 99]), Lookup(10, np.array([5.0, 7.0]))).tolist()
    [5.0, 5.0, 7.0, 7.0]
    """
    index = np.clip(np.floor(values.astype(np.float64)) - lookup.first, 0, len(lookup.entries) - 1)
    return np.asarray(lookup.entries[index.astype(np.intp)])


def grey(raw: NDArray[Any], recipe: Recipe) -> tuple[NDArray[np.float32], NDArray[np.bool_] | None]:
    """The picture as a person sees it: bright is dense.

    Args:
        raw: Values as decoded, whole numbers [j, i].
        recipe: How to show them.

    Returns:
        float32 [j, i] in [0, 1], and bool [j, i], True where there is no image, or None if there is image everywhere.
        Padding is shown black.
    """
    levels, places = _levels(raw)
    stored = stored_values(levels, recipe.bits)
    low, high = recipe.padding or (1, 0)
    padded = (stored >= low) & (stored <= high)
    values = measured(stored, recipe.modality)
    if isinstance(recipe.voi, Window):
        shown = window(values, recipe.voi)
    elif isinstance(recipe.voi, Lookup):
        shown = look_up(values, recipe.voi)
    else:
        shown = stretch(values, _counts(places, len(levels)) * ~padded)
    if recipe.inverted:
        shown = 1.0 - shown
    shown[padded] = 0.0
    outside = _gather(padded, places) if padded.any() else None
    if outside is not None and not outside.any():
        outside = None
    return _gather(shown.astype(np.float32), places), outside


def _levels(raw: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Every value that can occur, and for each pixel the place of its value among them."""
    unsigned = np.ascontiguousarray(raw).view(f"u{raw.dtype.itemsize}")
    if raw.dtype.itemsize <= 2:
        return np.arange(1 << (8 * raw.dtype.itemsize), dtype=unsigned.dtype), unsigned
    levels, places = np.unique(unsigned, return_inverse=True)
    return levels, places.reshape(raw.shape)


def _counts(places: NDArray[Any], levels: int) -> NDArray[np.int64]:
    """How often each level occurs; in blocks of rows that stay in the cache."""
    counts = np.zeros(levels, np.int64)
    for block in _blocks(len(places)):
        counts += np.bincount(places[block].ravel(), minlength=levels)
    return counts


def _gather(table: NDArray[Any], places: NDArray[Any]) -> NDArray[Any]:
    """``table[places]``; in blocks of rows that stay in the cache, about twice as fast."""
    found = np.empty(places.shape, table.dtype)
    for block in _blocks(len(places)):
        np.take(table, places[block], mode="clip", out=found[block])
    return found


def _blocks(rows: int, size: int = 64) -> list[slice]:
    return [slice(start, start + size) for start in range(0, rows, size)]
