"""From the bytes of one DICOM file to its stored values: sizes first, then one chosen decoder."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import uid
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder

from secondread.core.errors import FormatError, short_path
from secondread.dicom import codestream
from secondread.dicom.header import (
    DAMAGED,
    GREY,
    IDENTITY,
    PIXELS,
    PLACE,
    code,
    identifier,
    read_elements,
    value,
    whole,
)
from secondread.dicom.limits import check_size
from secondread.dicom.lossless import heard, is_sound, speak

# One decoder for each syntax, so that two machines give the same numbers: (pydicom's plug-in, package to install).
# Chosen for silence and safety on damaged files first, speed second: where there is a choice, none that prints or
# ends the program. pydicom's own RLE is fast enough (30 ms for five million pixels).
_PILLOW, _GDCM = ("pillow", "pillow"), ("gdcm", "python-gdcm")
_OPENJPEG = ("pylibjpeg", "pylibjpeg-openjpeg")
DECODERS = {
    uid.JPEGBaseline8Bit: _PILLOW,
    uid.JPEGExtended12Bit: _PILLOW,
    uid.JPEGLossless: _GDCM,
    uid.JPEGLosslessSV1: _GDCM,
    uid.JPEGLSLossless: ("pyjpegls", "pyjpegls"),
    uid.JPEGLSNearLossless: ("pyjpegls", "pyjpegls"),
    uid.JPEG2000Lossless: _OPENJPEG,
    uid.JPEG2000: _OPENJPEG,
    uid.HTJ2KLossless: _OPENJPEG,
    uid.HTJ2KLosslessRPCL: _OPENJPEG,
    uid.HTJ2K: _OPENJPEG,
    uid.RLELossless: ("pydicom", "pydicom"),
}
_NATIVE = {
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
}


def read_picture(path: Path, *, defer_pixels: bool = False) -> pydicom.Dataset:
    """All elements of one file that its picture needs, pixels included.

    Args:
        path: The file.
        defer_pixels: Leave the pixels in the file until they are decoded.

    Raises:
        FormatError: If the file is damaged or holds no picture.
    """
    elements = read_elements(path, (*IDENTITY, *PLACE, *GREY, *PIXELS), defer_pixels=defer_pixels)
    if "PixelData" not in elements:
        raise FormatError(
            f"{short_path(path)}: the file holds no pixels of whole numbers, or was cut short before them."
        )
    return elements


def check_header(elements: pydicom.Dataset, where: str) -> None:
    """Refuse, before anything is decoded, a picture that is too large or whose layout makes no sense.

    Raises:
        FormatError: If a count or the bit layout is impossible, or the file holds several frames.
        TooLargeError: If it announces too many pixels.
    """
    rows, columns = whole(elements, "Rows", 0), whole(elements, "Columns", 0)
    frames, samples = whole(elements, "NumberOfFrames", 1), whole(elements, "SamplesPerPixel", 1)
    check_size(where, rows=rows, columns=columns, frames=frames, samples=samples)
    if frames != 1:
        raise FormatError(f"{where}: found {frames} frames in one file, needed 1. Send the frames as single images.")
    if samples != (3 if _is_colour(code(elements, "PhotometricInterpretation")) else 1):
        raise FormatError(f"{where}: the photometric interpretation and {samples} samples per pixel do not fit.")
    allocated = whole(elements, "BitsAllocated", 0)
    if allocated not in (8, 16, 32):
        raise FormatError(f"{where}: found {allocated} bits allocated, needed 8, 16 or 32. Send the original image.")


def _is_colour(photometric: str) -> bool:
    return photometric.startswith(("RGB", "YBR"))


def decode(elements: pydicom.Dataset, where: str) -> NDArray[Any]:
    """The stored values as they lie in the file: [j, i], or [j, i, 3] red, green, blue.

    Unused bits are not yet removed from native data.

    Args:
        elements: As :func:`read_picture` gives them.
        where: File name for messages.

    Raises:
        FormatError: If the layout, the transfer syntax or the compressed data cannot be read, or data are missing.
        TooLargeError: If the header announces too many pixels.
    """
    check_header(elements, where)
    syntax = _transfer_syntax(elements)
    plugin = _plugin(syntax, elements, where)
    data = _pixel_data(elements, where)
    if plugin:
        _check_frame(data, elements, syntax, where)
    else:
        _check_length(len(data), elements, where)
    options: dict[str, Any] = {"decoding_plugin": plugin} if plugin else {"view_only": True}
    options |= {"correct_unused_bits": is_compressed(elements), "allow_excess_frames": False}
    try:
        array = _heedful(elements, syntax, options) if plugin == "gdcm" else _array(elements, syntax, options)
    except (*DAMAGED, MemoryError) as error:
        raise FormatError(
            f"{where}: the pixels ({syntax.name}) are damaged and cannot be decoded. Send the file again."
        ) from error
    return np.asarray(array, dtype=array.dtype.newbyteorder("="))


def _array(elements: pydicom.Dataset, syntax: uid.UID, options: dict[str, Any]) -> NDArray[Any]:
    array, _ = get_decoder(syntax).as_array(elements, **options)
    return array


def _heedful(elements: pydicom.Dataset, syntax: uid.UID, options: dict[str, Any]) -> NDArray[Any]:
    """The same by GDCM, which only mutters about damaged data instead of failing."""
    with heard() as lines:
        array = _array(elements, syntax, options)
    if any("Corrupt JPEG data" in line for line in lines):
        raise ValueError("the decoder had to fill up missing data")
    speak(lines)
    return array


def is_compressed(elements: pydicom.Dataset) -> bool:
    """Whether a decoder made the values, so that they already lie in the lowest bits."""
    return _transfer_syntax(elements) not in {*_NATIVE, uid.RLELossless}


def _transfer_syntax(elements: pydicom.Dataset) -> uid.UID:
    """The declared syntax; files without meta information hold what the parser found."""
    meta = getattr(elements, "file_meta", None)
    if meta is not None and "TransferSyntaxUID" in meta:
        return uid.UID(identifier(meta, "TransferSyntaxUID"))
    implicit, little = elements.original_encoding
    if little is False:
        return uid.ExplicitVRBigEndian
    return uid.ImplicitVRLittleEndian if implicit else uid.ExplicitVRLittleEndian


def _plugin(syntax: uid.UID, elements: pydicom.Dataset, where: str) -> str:
    """The decoder for a compressed syntax; "" for native pixels."""
    if syntax in _NATIVE:
        return ""
    if syntax not in DECODERS:
        name = syntax.name or "it names"
        raise FormatError(
            f"{where}: the transfer syntax {name} is not read. Send the image uncompressed or as JPEG 2000."
        )
    if syntax == uid.JPEGExtended12Bit and whole(elements, "BitsStored", 8) > 8:
        raise FormatError(
            f"{where}: lossy 12-bit JPEG ({syntax.name}) is not read. Send the image uncompressed or as JPEG 2000."
        )
    plugin, package = DECODERS[syntax]
    if plugin not in get_decoder(syntax).available_plugins:
        raise FormatError(
            f"{where}: the transfer syntax {syntax.name} needs the package {package}. Install it: pip install {package}"
        )
    return plugin


def _pixel_data(elements: pydicom.Dataset, where: str) -> bytes:
    data = value(elements, "PixelData")
    if not isinstance(data, bytes):
        raise FormatError(f"{where}: the pixels are missing or cut short. Send the file again.")
    return data


def _check_length(found: int, elements: pydicom.Dataset, where: str) -> None:
    rows, columns = whole(elements, "Rows", 0), whole(elements, "Columns", 0)
    samples = whole(elements, "SamplesPerPixel", 1)
    if code(elements, "PhotometricInterpretation") == "YBR_FULL_422":
        samples = 2  # two neighbours share their colour. Source: DICOM PS3.3 C.7.6.3.1.2
    needed = math.ceil(rows * columns * samples * whole(elements, "BitsAllocated", 0) / 8)
    if found < needed:
        raise FormatError(
            f"{where}: the file is cut short: {found:,} bytes of pixels, needed {needed:,}. Send the file again."
        )
    if found >= 2 * needed + 2:
        raise FormatError(
            f"{where}: the file holds {found:,} bytes of pixels, more than the {needed:,} its header speaks of. "
            "Send the original file."
        )


def _check_frame(data: bytes, elements: pydicom.Dataset, syntax: uid.UID, where: str) -> None:
    """Refuse a compressed frame that is cut short, or that decodes to another size than the header says."""
    try:
        frame = get_frame(data, 0, number_of_frames=1)
    except DAMAGED as error:
        raise FormatError(f"{where}: the compressed pixels are damaged. Send the file again.") from error
    if syntax == uid.RLELossless:
        return
    if syntax in {uid.JPEGLossless, uid.JPEGLosslessSV1} and not is_sound(frame):
        raise FormatError(f"{where}: the compressed pixels ({syntax.name}) are damaged. Send the file again.")
    found = codestream.size(frame)
    needed = whole(elements, "Rows", 0), whole(elements, "Columns", 0)
    if found is None or not codestream.is_complete(frame):
        raise FormatError(f"{where}: the compressed pixels ({syntax.name}) are cut short. Send the file again.")
    if found != needed:
        raise FormatError(
            f"{where}: the compressed picture has {found[0]} x {found[1]} pixels, its header says "
            f"{needed[0]} x {needed[1]}. Send the original file."
        )
