"""Points, boxes and masks between a picture and the network's input, by the way that its pixels went."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.core.card import InputContract
from secondread.prepare.model_space import covered


def points_to_model(points: ArrayLike, shape: tuple[int, int], contract: InputContract) -> NDArray[np.float64]:
    """Where points of a picture lie on the network's input.

    Args:
        points: [n, 2] pairs (column, row); (0, 0) is the top left corner of the first pixel, as in DICOM PS3.3
            C.18.6.1.2. The corners of a box are two such points.
        shape: (rows, columns) of the picture.
        contract: How the picture reaches the input.

    Returns:
        float64 [n, 2], same convention.

    >>> points_to_model([[40.0, 20.0]], (40, 80), InputContract(16, 16, "pad", ("CR",))).tolist()
    [[8.0, 8.0]]
    """
    start, extent = _part(shape, contract)
    return start + np.asarray(points, np.float64) / (shape[1], shape[0]) * extent


def points_to_source(points: ArrayLike, shape: tuple[int, int], contract: InputContract) -> NDArray[np.float64]:
    """Where points of the network's input lie on the picture: the inverse of :func:`points_to_model`.

    A point of the padding comes to lie outside the picture.

    >>> points_to_source([[8.0, 8.0]], (40, 80), InputContract(16, 16, "pad", ("CR",))).tolist()
    [[40.0, 20.0]]
    """
    start, extent = _part(shape, contract)
    return (np.asarray(points, np.float64) - start) / extent * (shape[1], shape[0])


def mask_to_source(inside: NDArray[np.bool_], shape: tuple[int, int], contract: InputContract) -> NDArray[np.bool_]:
    """A mask on the network's input as a mask on the picture: each pixel asks the place its centre came to lie on.

    Args:
        inside: bool [h, w], any resolution that covers the whole input.
        shape: (rows, columns) of the picture.
        contract: How the picture reached the input.

    Returns:
        bool [rows, columns].
    """
    height, width = inside.shape
    side = np.array((width / contract.width_px, height / contract.height_px))
    columns, rows = (np.arange(n) + 0.5 for n in (shape[1], shape[0]))
    places = points_to_model(np.stack([columns, np.zeros_like(columns)], 1), shape, contract) * side
    i = np.clip(places[:, 0].astype(np.intp), 0, width - 1)
    places = points_to_model(np.stack([np.zeros_like(rows), rows], 1), shape, contract) * side
    j = np.clip(places[:, 1].astype(np.intp), 0, height - 1)
    return np.asarray(inside[np.ix_(j, i)])


def _part(shape: tuple[int, int], contract: InputContract) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(column, row) where the picture begins on the input, and how far it extends."""
    top, left, rows, columns = covered(shape, contract)
    return np.array((left, top), np.float64), np.array((columns, rows), np.float64)
