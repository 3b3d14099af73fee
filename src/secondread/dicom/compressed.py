"""One frame that lies in fragments, to its stored values: judged first, then decoded by one chosen decoder."""

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import uid
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import as_pixel_options

from secondread.core.errors import FormatError
from secondread.dicom import codestream
from secondread.dicom.header import DAMAGED, whole
from secondread.dicom.jpeg_guard import heard, is_sound, speak
from secondread.dicom.layout import check_length, frame_bytes
from secondread.dicom.syntaxes import DEFLATED_FRAMES, FRAGMENTED, TWELVE_BIT, name_of, transfer_syntax

_GUARDED = {uid.JPEGLossless, uid.JPEGLosslessSV1}
Values = NDArray[Any]
Options = dict[str, Any]


def split(data: bytes, elements: pydicom.Dataset, where: str) -> list[bytes]:
    """The compressed bytes of every frame.

    Raises:
        FormatError: If the fragments are damaged, or are not as many as the header says.
    """
    frames = whole(elements, "NumberOfFrames", 1)
    try:
        offsets = as_pixel_options(elements).get("extended_offsets")
        found = list(generate_frames(data, number_of_frames=frames, extended_offsets=offsets))
    except DAMAGED as error:
        raise FormatError(f"{where}: the compressed pixels are damaged. Send the file again.") from error
    if len(found) != frames:
        raise FormatError(
            f"{where}: the file holds {len(found)} compressed frames, its header speaks of {frames}. "
            "Send the original file."
        )
    return found


def decode_fragment(frame: bytes, elements: pydicom.Dataset, plugin: str, where: str) -> Values:
    """The stored values of one compressed frame, [j, i] or [j, i, 3].

    Args:
        frame: Its bytes, as :func:`split` gives them.
        elements: The header.
        plugin: Its decoder, as :func:`~secondread.dicom.syntaxes.plugin_for` names it.
        where: File name for messages.

    Raises:
        FormatError: If the frame is damaged, or decodes to something else than the header says.
    """
    syntax = transfer_syntax(elements)
    options = as_pixel_options(elements) | {"number_of_frames": 1, "correct_unused_bits": False}
    options.pop("extended_offsets", None)
    if syntax == FRAGMENTED:
        return _plain(frame, elements, options, where)
    if syntax == DEFLATED_FRAMES:
        return _plain(_inflated(frame, elements, where), elements, options, where)
    if syntax == uid.RLELossless:
        if whole(elements, "BitsAllocated", 0) == 1:
            return _plain(_packed_bits(frame, elements, options, where), elements, options, where)
        return quietly(lambda: _decoded(frame, syntax, plugin, options), syntax, where)
    return _of_codestream(frame, elements, plugin, options, where)


def quietly(decoder: Callable[[], Values], syntax: uid.UID, where: str) -> Values:
    """What a decoder gives, in the byte order of the machine; its errors are ours.

    Raises:
        FormatError: If it fails.
    """
    try:
        array = decoder()
    except (*DAMAGED, MemoryError) as error:
        raise FormatError(
            f"{where}: the pixels ({name_of(syntax)}) are damaged and cannot be decoded. Send the file again."
        ) from error
    return np.asarray(array, dtype=array.dtype.newbyteorder("="))


def _decoded(frame: bytes, syntax: uid.UID, plugin: str, options: Options) -> Values:
    data = encapsulate([frame], has_bot=False)
    array, _ = get_decoder(syntax).as_array(data, index=0, decoding_plugin=plugin, **options)
    return array


def _plain(frame: bytes, elements: pydicom.Dataset, options: Options, where: str) -> Values:
    """A frame whose bytes lie as they would in an uncompressed little-endian file."""
    check_length(len(frame), elements, 1, where)
    options |= {"pixel_keyword": "PixelData", "allow_excess_frames": False}
    decoder = get_decoder(uid.ExplicitVRLittleEndian)
    return quietly(lambda: decoder.as_array(frame, index=0, **options)[0], transfer_syntax(elements), where)


def _inflated(frame: bytes, elements: pydicom.Dataset, where: str) -> bytes:
    """A deflated frame, never more of it than the header speaks of. Source: DICOM PS3.5 A.4.13, RFC 1951."""
    inflate, needed = zlib.decompressobj(-zlib.MAX_WBITS), frame_bytes(elements)
    try:
        found = inflate.decompress(frame, needed + 2)  # a padding byte may follow
    except zlib.error as error:
        raise FormatError(f"{where}: the deflated pixels are damaged. Send the file again.") from error
    if len(found) > needed + 1:
        raise FormatError(
            f"{where}: the deflated pixels hold more than the {needed:,} bytes the header speaks of. "
            "Send the original file."
        )
    return found


def _packed_bits(frame: bytes, elements: pydicom.Dataset, options: Options, where: str) -> bytes:
    """A run-length encoded frame of single bits, which are packed eight to a byte before they are encoded."""
    as_bytes = options | {"rows": 1, "columns": frame_bytes(elements), "bits_allocated": 8, "bits_stored": 8}
    syntax = uid.RLELossless
    return quietly(lambda: _decoded(frame, syntax, "pydicom", as_bytes), syntax, where).tobytes()


def _of_codestream(frame: bytes, elements: pydicom.Dataset, plugin: str, options: Options, where: str) -> Values:
    """A frame of one of the JPEG family."""
    syntax = decoder = transfer_syntax(elements)
    bits = _check_codestream(frame, elements, syntax, where)
    if syntax == uid.JPEGExtended12Bit and bits > 8:
        decoder, plugin = TWELVE_BIT, "gdcm"
    if decoder in _GUARDED and not is_sound(frame):
        raise FormatError(f"{where}: the compressed pixels ({syntax.name}) are damaged. Send the file again.")
    options["correct_unused_bits"] = not (wider := _is_wider(bits, elements))
    if plugin != "gdcm":
        array = quietly(lambda: _decoded(frame, decoder, plugin, options), syntax, where)
    else:
        array = quietly(lambda: _heedful(frame, decoder, options), syntax, where)
    if wider:
        _check_range(array, elements, where)
    return array


def _is_wider(bits: int, elements: pydicom.Dataset) -> bool:
    """Whether the codestream has room for grey values larger than the header speaks of, as it often has."""
    return whole(elements, "SamplesPerPixel", 1) == 1 and bits > whole(elements, "BitsStored", bits) > 0


def _check_range(array: Values, elements: pydicom.Dataset, where: str) -> None:
    """Refuse values of more bits than are stored: without their upper bits they would be other greys."""
    stored = whole(elements, "BitsStored", 0)
    above = array.view(f"i{array.dtype.itemsize}") >> stored  # with signed values also what repeats their sign
    signs = array.view(f"i{array.dtype.itemsize}") >> (stored - 1)
    signed = whole(elements, "PixelRepresentation", 0) == 1
    if not ((above == 0) | (signed & (signs == -1))).all():
        raise FormatError(
            f"{where}: the compressed picture has values of more than the {stored} bits its header speaks of. "
            "Send the original file."
        )


def _heedful(frame: bytes, syntax: uid.UID, options: Options) -> Values:
    """What GDCM gives, which only mutters about damaged data instead of failing."""
    with heard() as lines:
        array = _decoded(frame, syntax, "gdcm", options)
    if any("Corrupt JPEG data" in line for line in lines):
        raise ValueError("the decoder had to fill up missing data")
    speak(lines)
    return array


def _check_codestream(frame: bytes, elements: pydicom.Dataset, syntax: uid.UID, where: str) -> int:
    """Refuse a frame that is cut short, or that decodes to something else than the header says; its bits."""
    found = codestream.coded(frame)
    if found is None or not codestream.is_complete(frame):
        raise FormatError(f"{where}: the compressed pixels ({syntax.name}) are cut short. Send the file again.")
    rows, columns = whole(elements, "Rows", 0), whole(elements, "Columns", 0)
    if (found.rows, found.columns) != (rows, columns):
        raise FormatError(
            f"{where}: the compressed picture has {found.rows} x {found.columns} pixels, its header says "
            f"{rows} x {columns}. Send the original file."
        )
    samples, allocated = whole(elements, "SamplesPerPixel", 1), whole(elements, "BitsAllocated", 0)
    if found.samples != samples or found.bits > max(allocated, 8):
        raise FormatError(
            f"{where}: the compressed picture has {found.samples} samples of {found.bits} bits, its header says "
            f"{samples} of {allocated}. Send the original file."
        )
    return found.bits
