"""The one resizer: reading and training must see the same picture."""

import numpy as np
from numpy.typing import NDArray


def resize(values: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Resample a picture to another number of rows and columns.

    A triangle filter whose width grows with the reduction, so shrinking averages and does not alias. Pixel
    centres lie at half indices: index x of n source pixels lands at (x + 0.5) * m / n - 0.5 of m. The filter
    is nowhere negative, so nothing becomes brighter than the brightest pixel or darker than the darkest.

    Args:
        values: float32 [j, i], any unit.
        shape: (rows, columns) wanted, each at least 1.

    Returns:
        float32 [rows, columns], a new array.

    Raises:
        ValueError: If ``values`` is not a picture, or ``shape`` is not positive.

    Source: Pillow, Image.resize, mode F, Resampling.BILINEAR.

    >>> resize(np.array([[0.0, 0.0, 1.0, 1.0]], dtype=np.float32), (1, 2)).round(3)
    array([[0.143, 0.857]], dtype=float32)
    """
    from PIL import Image

    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"resize: found an array of shape {values.shape}; needed [rows, columns], not empty")
    if min(shape) < 1:
        raise ValueError(f"resize: the shape wanted is {shape}; each side must be at least 1")
    picture = Image.fromarray(np.ascontiguousarray(values, dtype=np.float32))
    return np.array(picture.resize((shape[1], shape[0]), Image.Resampling.BILINEAR), dtype=np.float32)
