"""From a picture of any size to the network's input, and from the network's maps back to the picture."""

import numpy as np
from numpy.typing import NDArray

from secondread.core.card import InputContract
from secondread.core.image import Image
from secondread.core.reader import Prepared
from secondread.prepare.chain import regreyed
from secondread.prepare.resize import Box, resize


def to_model_space(image: Image, contract: InputContract) -> Prepared:
    """Bring a picture to the size the card asks for.

    ``squeeze`` fills the input and ignores the aspect. ``pad`` keeps the aspect, centres the picture and sets
    what is left to 0 (black). ``centre`` does not resample: it cuts around the centre, or sets what is left to 0.

    The contract's steps of preparation come first, on the grid of the picture.

    Args:
        image: Grey in [0, 1].
        contract: The size, and how to reach it.

    Returns:
        The tensor float32 [1, 1, height, width], and the way back for maps [h, w] of any resolution that cover
        the whole tensor: onto the grid of ``image``, in the unit of the map, padding left out.

    >>> contract = InputContract(4, 4, "pad", ("CR",))
    >>> to_model_space(Image(np.ones((2, 4), np.float32)), contract).tensor[0, 0, :, 0].tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    size = (contract.height_px, contract.width_px)
    values = regreyed(contract.prepare, image.values)
    if contract.resize == "centre":
        return _cut(values, size)
    top, left, rows, columns = covered(image.shape, contract)
    tensor = np.zeros((1, 1, *size), dtype=np.float32)
    tensor[0, 0, top : top + rows, left : left + columns] = resize(values, (rows, columns))
    box = (top / size[0], left / size[1], (top + rows) / size[0], (left + columns) / size[1])
    return Prepared(tensor, lambda values: _from_part(values, box, image.shape))


def _cut(values: NDArray[np.float32], size: tuple[int, int]) -> Prepared:
    """The centre of a picture, pixel by pixel."""
    source, target = centre_slices(values.shape, size)
    tensor = np.zeros((1, 1, *size), dtype=np.float32)
    tensor[0, 0][target] = values[source]

    def back(found: NDArray[np.float32]) -> NDArray[np.float32]:
        whole = np.zeros(values.shape, dtype=np.float32)
        whole[source] = resize(found, size)[target]
        return whole

    return Prepared(tensor, back)


def centre_slices(shape: tuple[int, ...], size: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Where the centre of an array of ``shape`` lies in it, and where it goes in one of ``size``.

    >>> centre_slices((10, 4), (6, 6))
    ((slice(2, 8, None), slice(0, 4, None)), (slice(0, 6, None), slice(1, 5, None)))
    """
    pairs = [(min(have, want), have, want) for have, want in zip(shape, size, strict=True)]
    source = tuple(slice((have - kept) // 2, (have - kept) // 2 + kept) for kept, have, _ in pairs)
    target = tuple(slice((want - kept) // 2, (want - kept) // 2 + kept) for kept, _, want in pairs)
    return source, target


def covered(shape: tuple[int, int], contract: InputContract) -> tuple[int, int, int, int]:
    """(top, left, rows, columns) of the part of the input that a picture of ``shape`` covers, in pixels.

    Where the centre is cut out, the picture may reach beyond the input; top and left are then below 0.
    """
    size = (contract.height_px, contract.width_px)
    if contract.resize == "centre":
        source, target = centre_slices(shape, size)
        top, left = (there.start - here.start for here, there in zip(source, target, strict=True))
        return top, left, *shape
    return (0, 0, *size) if contract.resize == "squeeze" else _centred(shape, size)


def _centred(shape: tuple[int, int], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """(top, left, rows, columns) of a picture of ``shape`` that fits into ``size``: whole pixels, at least one."""
    scale = min(size[0] / shape[0], size[1] / shape[1])
    rows, columns = (max(1, min(limit, round(side * scale))) for side, limit in zip(shape, size, strict=True))
    return (size[0] - rows) // 2, (size[1] - columns) // 2, rows, columns


def _from_part(values: NDArray[np.float32], part: Box, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Resample a part of a map, given in fractions of its height and width, to ``shape``."""
    height, width = values.shape
    return resize(values, shape, (part[0] * height, part[1] * width, part[2] * height, part[3] * width))
