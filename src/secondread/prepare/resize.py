"""The one resizer: reading and training must see the same picture."""

import numpy as np
from numpy.typing import NDArray

from secondread.prepare.weights import averaging

Box = tuple[float, float, float, float]
COARSE = 64  # up to this side an enlargement is one product of three matrices, which is faster


def resize(
    values: NDArray[np.float32], shape: tuple[int, int], box: Box | None = None, *, gap: float = 3.0
) -> NDArray[np.float32]:
    """Resample a picture, or a part of it, to another number of rows and columns.

    A triangle filter whose width grows with the reduction, so shrinking averages and does not alias. Pixel
    centres lie at half indices: index x of n source pixels lands at (x + 0.5) * m / n - 0.5 of m. The filter
    is nowhere negative, so nothing becomes brighter than the brightest pixel or darker than the darkest.

    Args:
        values: float32 [j, i], any unit.
        shape: (rows, columns) wanted, each at least 1.
        box: (top, left, bottom, right) of the part, in pixels of ``values`` counted from its upper left corner;
            need not be whole. The whole picture when None.
        gap: When shrinking at least twice as much as this, blocks of pixels are averaged first, so that the filter
            still shrinks by this factor; smaller is faster and a little less sharp.

    Returns:
        float32 [rows, columns], a new array.

    Raises:
        ValueError: If ``values`` is not a picture, ``shape`` is not positive, or ``box`` is empty or sticks out.

    Source: Pillow, Image.resize, mode F, Resampling.BILINEAR, reducing_gap.

    >>> resize(np.array([[0.0, 0.0, 1.0, 1.0]], dtype=np.float32), (1, 2)).round(3)
    array([[0.143, 0.857]], dtype=float32)
    """
    from PIL import Image

    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"resize: found an array of shape {values.shape}; needed [rows, columns], not empty")
    if min(shape) < 1:
        raise ValueError(f"resize: the shape wanted is {shape}; each side must be at least 1")
    top, left, bottom, right = box or (0.0, 0.0, *map(float, values.shape))
    if not (0.0 <= top < bottom <= values.shape[0] and 0.0 <= left < right <= values.shape[1]):
        raise ValueError(f"resize: the box is {box}; needed a part of a picture of shape {values.shape}")
    if max(values.shape) <= COARSE and bottom - top <= shape[0] and right - left <= shape[1]:
        down, across = _shares(values.shape[0], shape[0], top, bottom), _shares(values.shape[1], shape[1], left, right)
        larger = (down @ values.astype(np.float32, copy=False)) @ across.T
        return np.clip(larger, values.min(), values.max(), out=larger)  # rounding must not leave the range
    picture = Image.fromarray(np.ascontiguousarray(values, dtype=np.float32))
    part = (left, top, right, bottom)
    resampled = picture.resize((shape[1], shape[0]), Image.Resampling.BILINEAR, box=part, reducing_gap=gap)
    return np.array(resampled, dtype=np.float32)


def _shares(pixels: int, wanted: int, low: float, high: float) -> NDArray[np.float32]:
    """float32 [wanted, pixels]: how much of each source pixel an enlargement of low..high takes; rows sum to 1."""
    side = (high - low) / wanted
    return averaging(low + (np.arange(wanted) + 0.5) * side, pixels, side)
