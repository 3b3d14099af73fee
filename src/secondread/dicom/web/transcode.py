"""A stored object as Explicit VR Little Endian, which every receiver reads. Source: DICOM PS3.18 section 8.7.3.5.2."""

from pathlib import Path

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
            dataset = pydicom.dcmread(source)
            syntax = uid.UID(dataset.file_meta.TransferSyntaxUID)
            if "PixelData" in dataset and (syntax not in NATIVE or syntax == uid.ExplicitVRBigEndian):
                _decode(dataset, where)
            dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
            dataset.save_as(target, implicit_vr=False, little_endian=True, enforce_file_format=True)
    except DAMAGED as error:
        raise FormatError(f"{where}: the DICOM file is damaged. Send it again.") from error


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
