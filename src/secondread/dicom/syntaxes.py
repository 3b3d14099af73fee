"""Transfer syntaxes: which decoder reads each, and what reads those that are not read here."""

import pydicom
from pydicom import uid
from pydicom.pixels.decoders.base import get_decoder

from secondread.core.errors import FormatError
from secondread.dicom.header import identifier

# One decoder for each syntax, so that two machines give the same numbers: (pydicom's plug-in, package to install).
# Chosen for silence and safety on damaged files first, speed second: where there is a choice, none that prints or
# ends the program. So RLE is read by pydicom itself: pylibjpeg-rle is four times faster, but panics on damaged runs.
_PILLOW, _GDCM = ("pillow", "pillow"), ("gdcm", "python-gdcm")
_OPENJPEG, _CHARLS = ("pylibjpeg", "pylibjpeg-openjpeg"), ("pyjpegls", "pyjpegls")
DECODERS = {
    uid.JPEGBaseline8Bit: _PILLOW,
    uid.JPEGExtended12Bit: _PILLOW,  # of 8 bits; see TWELVE_BIT
    uid.JPEGLossless: _GDCM,
    uid.JPEGLosslessSV1: _GDCM,
    uid.JPEGLSLossless: _CHARLS,
    uid.JPEGLSNearLossless: _CHARLS,
    uid.JPEG2000Lossless: _OPENJPEG,
    uid.JPEG2000: _OPENJPEG,
    uid.HTJ2KLossless: _OPENJPEG,
    uid.HTJ2KLosslessRPCL: _OPENJPEG,
    uid.HTJ2K: _OPENJPEG,
    uid.RLELossless: ("pydicom", "pydicom"),
}
# GDCM reads lossy JPEG of 12 bits exactly, but pydicom asks it only under the name of the lossless processes; it looks
# at the codestream either way.
TWELVE_BIT = uid.JPEGLossless
NATIVE = frozenset(
    {
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
    }
)
# Frames in fragments that hold them as they are, or deflated. Source: DICOM PS3.5 A.4.13 (deflated), PS3.6 Annex A.
FRAGMENTED = uid.UID("1.2.840.10008.1.2.1.98")
DEFLATED_FRAMES = uid.UID("1.2.840.10008.1.2.8.1")
PLAIN = frozenset({*NATIVE, FRAGMENTED, DEFLATED_FRAMES, uid.RLELossless})
# What pydicom has no name for. Source: DICOM PS3.6 Annex A.
_NAMES = {
    FRAGMENTED: "Encapsulated Uncompressed Explicit VR Little Endian",
    DEFLATED_FRAMES: "Deflated Image Frame Compression",
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
}
_MULTI_COMPONENT = "a decoder for JPEG 2000 Part 2 does"
_ON_A_SERVER = "its pixels lie on a server, and a JPIP client fetches them"
_VIDEO = "a video player such as FFmpeg does, after the stream is taken out of the file"
# Start of the identifier to what reads it.
_READ_BY = {
    "1.2.840.10008.1.2.4.92": _MULTI_COMPONENT,
    "1.2.840.10008.1.2.4.93": _MULTI_COMPONENT,
    "1.2.840.10008.1.2.4.94": _ON_A_SERVER,
    "1.2.840.10008.1.2.4.95": _ON_A_SERVER,
    "1.2.840.10008.1.2.4.20": _ON_A_SERVER,
    "1.2.840.10008.1.2.4.10": _VIDEO,
    "1.2.840.10008.1.2.4.11": "a program with libjxl does",
    "1.2.840.10008.1.2.4.53": "DCMTK's dcmdjpeg does",
    "1.2.840.10008.1.2.4.55": "DCMTK's dcmdjpeg does",
    "1.2.840.10008.1.2.7": "it is a live stream, and a receiver for SMPTE ST 2110 plays it",
}


def transfer_syntax(elements: pydicom.Dataset) -> uid.UID:
    """The declared syntax; files without meta information hold what the parser found."""
    meta = getattr(elements, "file_meta", None)
    if meta is not None and "TransferSyntaxUID" in meta:
        return uid.UID(identifier(meta, "TransferSyntaxUID"))
    implicit, little = elements.original_encoding
    if little is False:
        return uid.ExplicitVRBigEndian
    return uid.ImplicitVRLittleEndian if implicit else uid.ExplicitVRLittleEndian


def is_compressed(elements: pydicom.Dataset) -> bool:
    """Whether a decoder made the values, so that they already lie in the lowest bits."""
    return transfer_syntax(elements) not in PLAIN


def name_of(syntax: uid.UID) -> str:
    """The name a person knows a syntax by.

    >>> name_of(uid.UID("1.2.840.10008.1.2.4.110"))
    'JPEG XL Lossless'
    """
    return _NAMES.get(syntax, syntax.name) or "that the file names"


def plugin_for(syntax: uid.UID, where: str) -> str:
    """The decoder for a syntax; "" where none is needed.

    Raises:
        FormatError: If the syntax is not read, or the package that reads it is not installed.
    """
    if syntax in NATIVE or syntax in {FRAGMENTED, DEFLATED_FRAMES}:
        return ""
    if syntax not in DECODERS:
        other = next((reader for start, reader in _READ_BY.items() if syntax.startswith(start)), "")
        raise FormatError(
            f"{where}: the transfer syntax {name_of(syntax)} is not read{f' ({other})' if other else ''}. "
            "Send the image uncompressed or as JPEG 2000."
        )
    plugin, package = DECODERS[syntax]
    if plugin not in get_decoder(syntax).available_plugins:
        raise FormatError(
            f"{where}: the transfer syntax {syntax.name} needs the package {package}. Install it: pip install {package}"
        )
    return plugin
