"""NumPy arrays (``.npy``) as grey pictures; never a pickle."""

import warnings
from io import BytesIO
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from secondread.core.errors import FormatError
from secondread.core.image import Image
from secondread.core.limits import check_size

# What NumPy's reader of headers raises, which has Python parse them as a literal.
DAMAGED = (
    ValueError,
    KeyError,
    TypeError,
    SyntaxError,
    EOFError,
    OverflowError,
    RecursionError,
    MemoryError,
    TokenError,
)
MAGIC = b"\x93NUMPY"


def npy_size(content: bytes, where: str) -> tuple[int, int]:
    """(rows, columns) of the picture in a ``.npy`` file, judged by its header.

    Raises:
        FormatError: If the header is damaged, or what follows is no grey picture [j, i].
        TooLargeError: If it announces too many pixels.
    """
    shape, _, _, _ = _header(content, where)
    return shape


def npy_picture(content: bytes, where: str) -> Image:
    """The grey picture in a ``.npy`` file.

    Returns:
        float32 [j, i] in [0, 1]; whole numbers are scaled by the full range of their kind. No spacing.

    Raises:
        FormatError: If it is cut short, or its numbers are no grey values.
        TooLargeError: If its header announces too many pixels.

    Source: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
    """
    shape, by_columns, dtype, start = _header(content, where)
    if len(content) - start < shape[0] * shape[1] * dtype.itemsize:
        raise FormatError(f"{where}: the array is cut short. Save it again.")
    flat = np.frombuffer(content, dtype, count=shape[0] * shape[1], offset=start)
    values = flat.reshape(shape, order="F" if by_columns else "C")
    grey = _grey(values, where)
    grey.flags.writeable = False
    return Image(grey)


def _header(content: bytes, where: str) -> tuple[tuple[int, int], bool, np.dtype[Any], int]:
    """Shape, whether columns come first, the kind of numbers, and where they begin."""
    stream = BytesIO(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers in an old spelling, which are understood
            read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[npy.read_magic(stream)]
            shape, by_columns, dtype = read(stream)
    except DAMAGED as error:
        raise FormatError(f"{where}: the header of the NumPy array is damaged. Save it again.") from error
    if len(shape) == 3:
        raise FormatError(
            f"{where}: found an array of three axes, a volume that does not say where it lies in the patient; needed "
            "one picture [row, column]. Save a volume as NIfTI, MetaImage or NRRD, with its geometry."
        )
    if len(shape) != 2:
        raise FormatError(f"{where}: found an array of {len(shape)} axes, needed one picture [row, column].")
    if dtype.kind not in "uf" or (dtype.kind == "u" and dtype.itemsize > 2) or dtype.itemsize > 8:
        raise FormatError(
            f"{where}: found numbers of the kind {dtype.name[:32]}, needed uint8, uint16, or floats from 0 to 1. "
            "Convert the array."
        )
    rows, columns = (int(side) for side in shape)
    check_size(where, rows=rows, columns=columns)
    return (rows, columns), bool(by_columns), dtype, stream.tell()


def _grey(values: NDArray[Any], where: str) -> NDArray[np.float32]:
    if values.dtype.kind == "u":
        full = np.iinfo(values.dtype).max
        return np.ascontiguousarray(values, np.float32) / np.float32(full)
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
        raise FormatError(f"{where}: found values outside 0 to 1, or that are no numbers. Scale the array to 0 to 1.")
    return np.array(values, np.float32, order="C")
