"""Arrays that cannot be changed behind the back of whoever holds them."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def frozen(values: Any, dtype: DTypeLike, ndim: tuple[int, ...]) -> NDArray[Any]:
    """A read-only, C-ordered array of ``dtype``; a private copy unless ``values`` already is one.

    Raises:
        ValueError: If the number of dimensions is not in ``ndim``, or an axis is empty.
    """
    array = np.asarray(values)
    if array.ndim not in ndim:
        raise ValueError(f"found {array.ndim} dimensions, needed {' or '.join(map(str, ndim))}")
    if array.size == 0:
        raise ValueError(f"found an empty array of shape {array.shape}")
    if array.dtype == np.dtype(dtype) and array.flags.c_contiguous and _is_read_only(array):
        return array
    copy = np.array(array, dtype=dtype, order="C")
    copy.flags.writeable = False
    return copy


def _is_read_only(array: NDArray[Any]) -> bool:
    """Whether nothing that ``array`` looks into can be written: other arrays down to their owner, or ``bytes``."""
    owner: object = array
    while isinstance(owner, np.ndarray):
        if owner.flags.writeable:
            return False
        owner = owner.base
    return owner is None or isinstance(owner, bytes)
