"""A stored object as Explicit VR Little Endian, which every receiver reads. Source: DICOM PS3.18 section 8.7.3.5.2."""

import warnings
from pathlib import Path

import numpy as np
import pydicom
from pydicom import uid

from secondread.core.errors import FormatError, short_path
from secondread.dicom.frames import decode_frames
from secondread.dicom.header import DAMAGED, calm, code, whole
from secondread.dicom.limits import check_inflated
from secondread.dicom.syntaxes import NATIVE, plugin_for
from secondread.dicom.web.raw_frames import little

PLAIN = str(uid.ExplicitVRLittleEndian)
_COLOUR = frozenset({"YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "YBR_PARTIAL_420"})
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_WIDTH = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}  # bytes of a number: DICOM PS3.5 table 6.2-1
_LOST = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")


def can_be_plain(syntax: str) -> bool:
    """Whether objects of a transfer syntax can be given without compression.

    >>> can_be_plain("1.2.840.10008.1.2.4.80"), can_be_plain("1.2.840.10008.1.2.4.102")
    (True, False)
    """
    if uid.UID(syntax) in NATIVE:
        return True
    try:
        plugin_for(uid.UID(syntax), "")
    except FormatError:
        return False
    return True


def write_plain(source: Path, target: Path) -> None:
    """Write the object in ``source`` to ``target`` as Explicit VR Little Endian; its identifiers stay as they are.

    Raises:
        FormatError: If it is damaged, or its pixels cannot be decoded.
        TooLargeError: If its header announces too many pixels.
    """
    where = short_path(source)
    check_inflated(source)
    try:
        with calm():
            dataset = _whole(source)
            syntax = uid.UID(dataset.file_meta.TransferSyntaxUID)
            if "Rows" in dataset and not any(keyword in dataset for keyword in _PIXELS):
                raise FormatError(f"{where}: the file was cut short before its pixels. Send it again.")
            if "PixelData" in dataset and (syntax not in NATIVE or syntax == uid.ExplicitVRBigEndian):
                _decode(dataset, where)
            turned = syntax == uid.ExplicitVRBigEndian
            if turned:
                dataset.walk(_turn)
            dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
            how = {"force_encoding": True} if turned else {"enforce_file_format": True}
            pydicom.dcmwrite(target, dataset, implicit_vr=False, little_endian=True, **how)
    except (*DAMAGED, UserWarning) as error:
        raise FormatError(f"{where}: the DICOM file is damaged. Send it again.") from error


def _whole(source: Path) -> pydicom.Dataset:
    """All elements. Of a file that was cut short pydicom gives those before the cut, with a warning: here an error."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="End of file reached")
        return pydicom.dcmread(source)


def _turn(_dataset: pydicom.Dataset, element: pydicom.DataElement) -> None:
    """Numbers that pydicom keeps as bytes, from big endian to little. Decoded pixels have been turned already."""
    width = _WIDTH.get(element.VR)
    if width and element.keyword != "PixelData" and isinstance(element.value, bytes):
        element.value = np.frombuffer(element.value, f"u{width}").byteswap().tobytes()


def _decode(dataset: pydicom.Dataset, where: str) -> None:
    """Pixels without compression, and the elements that speak of them."""
    data = little(decode_frames(dataset, where), dataset)
    photometric = code(dataset, "PhotometricInterpretation")
    allocated = whole(dataset, "BitsAllocated", 8)
    if whole(dataset, "SamplesPerPixel", 1) == 3:
        dataset.PlanarConfiguration = 0
        if photometric in _COLOUR:
            dataset.PhotometricInterpretation = "RGB"  # decoders here give red, green and blue
    for keyword in _LOST:
        if keyword in dataset:
            delattr(dataset, keyword)
    kind = "OB" if allocated <= 8 else "OW"
    element = pydicom.DataElement("PixelData", kind, data + b"\0" * (len(data) % 2))
    element.is_undefined_length = False
    dataset["PixelData"] = element
