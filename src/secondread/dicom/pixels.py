"""From the bytes of a DICOM file to its stored values, frame by frame: sizes first, then one chosen decoder."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pydicom
from numpy.typing import NDArray
from pydicom.pixels.decoders.base import get_decoder

from secondread.core.errors import FormatError, short_path
from secondread.dicom.compressed import decode_fragment, quietly, split
from secondread.dicom.header import GREY, IDENTITY, PIXELS, PLACE, read_elements, value, whole
from secondread.dicom.layout import check_layout, check_length, is_colour
from secondread.dicom.syntaxes import NATIVE, plugin_for, transfer_syntax

FRAMES = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
Values = NDArray[Any]


def read_picture(path: Path, *, more: Sequence[str] = (), defer_pixels: bool = False) -> pydicom.Dataset:
    """All elements of one file that its picture needs, pixels included.

    Args:
        path: The file.
        more: Keywords of further elements to keep.
        defer_pixels: Leave the pixels in the file until they are decoded.

    Raises:
        FormatError: If the file is damaged or holds no picture.
    """
    keywords = (*IDENTITY, *PLACE, *GREY, *PIXELS, *FRAMES, *more)
    elements = read_elements(path, keywords, defer_pixels=defer_pixels)
    if "PixelData" not in elements:
        raise FormatError(
            f"{short_path(path)}: the file holds no pixels of whole numbers, or was cut short before them."
        )
    return elements


def check_header(elements: pydicom.Dataset, where: str) -> None:
    """Refuse, before anything is decoded, a picture that is too large, whose layout makes no sense, or that moves.

    Raises:
        FormatError: If a count or the bit layout is impossible, or the file holds several frames.
        TooLargeError: If it announces too many pixels.
    """
    check_layout(elements, where)
    frames = whole(elements, "NumberOfFrames", 1)
    if frames != 1:
        raise FormatError(f"{where}: found {frames} frames in one file, needed 1. Send the frames as single images.")


def decode(elements: pydicom.Dataset, where: str) -> Values:
    """The stored values of a single picture as they lie in the file: [j, i], or [j, i, 3] red, green, blue.

    Unused bits are not yet removed from native data.

    Args:
        elements: As :func:`read_picture` gives them.
        where: File name for messages.

    Raises:
        FormatError: If the layout, the transfer syntax or the compressed data cannot be read, or data are missing.
        TooLargeError: If the header announces too many pixels.
    """
    check_header(elements, where)
    return next(each_frame(elements, where, (0,)))


def each_frame(elements: pydicom.Dataset, where: str, wanted: Sequence[int]) -> Iterator[Values]:
    """The stored values of the frames ``wanted``, decoded one at a time: [j, i] or [j, i, 3].

    Args:
        elements: As :func:`read_picture` gives them, of any number of frames; checked by ``check_layout``.
        where: File name for messages.
        wanted: Numbers of frames that exist, from 0.

    Raises:
        FormatError: If the transfer syntax or the compressed data cannot be read, or data are missing.
    """
    yield from map(frame_reader(elements, where), wanted)


def frame_reader(elements: pydicom.Dataset, where: str) -> Callable[[int], Values]:
    """What gives the stored values of a frame by its number, in any order; the file is taken apart once.

    Args:
        elements: As :func:`read_picture` gives them, of any number of frames; checked by ``check_layout``.
        where: File name for messages.

    Raises:
        FormatError: If the transfer syntax cannot be read, or data are missing; each frame may raise it too.
    """
    syntax = transfer_syntax(elements)
    plugin = plugin_for(syntax, where)
    if syntax in NATIVE:
        return native(elements, where).__getitem__
    fragments = split(_pixel_data(elements, where), elements, where)

    def decoded(number: int) -> Values:
        place = where if len(fragments) == 1 else f"{where}, frame {number + 1}"
        return decode_fragment(fragments[number], elements, plugin, place)

    return decoded


def native(elements: pydicom.Dataset, where: str) -> Values:
    """All stored values of uncompressed data, [t, j, i] or [t, j, i, 3], looking into the bytes where they can.

    Raises:
        FormatError: If data are missing.
    """
    syntax = transfer_syntax(elements)
    check_length(len(_pixel_data(elements, where)), elements, whole(elements, "NumberOfFrames", 1), where)
    options: dict[str, Any] = {"view_only": True, "correct_unused_bits": False, "allow_excess_frames": False}
    array = quietly(lambda: get_decoder(syntax).as_array(elements, **options)[0], syntax, where)
    return array if array.ndim == 3 + is_colour(elements) else array[None]


def _pixel_data(elements: pydicom.Dataset, where: str) -> bytes:
    data = value(elements, "PixelData")
    if not isinstance(data, bytes):
        raise FormatError(f"{where}: the pixels are missing or cut short. Send the file again.")
    return data
