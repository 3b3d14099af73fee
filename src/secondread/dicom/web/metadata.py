"""Headers of stored objects in the JSON model, and single binary values. Source: DICOM PS3.18 section 10.4."""

from pathlib import Path
from typing import Any

import pydicom

from secondread.core.errors import FormatError, short_path
from secondread.dicom.header import DAMAGED, DEFER_BYTES, calm
from secondread.dicom.limits import check_inflated
from secondread.dicom.syntaxes import transfer_syntax
from secondread.dicom.web.dicom_json import BulkUri, Json, element, to_json

PIXEL_DATA = "7FE00010"


def metadata(path: Path, bulk_uri: BulkUri) -> Json:
    """The header of a file; pixels and other long binary values are named by URIs.

    Raises:
        FormatError: If the file is damaged.
        TooLargeError: If its compressed header inflates beyond all reason.
    """
    dataset = _header(path)
    content = to_json(dataset, bulk_uri)
    with calm():
        content["00083002"] = element("UI", str(transfer_syntax(dataset)))  # AvailableTransferSyntaxUID
        if "Rows" in dataset:
            content[PIXEL_DATA] = {"vr": "OW", "BulkDataURI": bulk_uri(PIXEL_DATA)}
    return dict(sorted(content.items()))


def binary_value(path: Path, place: str) -> bytes | None:
    """One binary value by its path of tags and item numbers, as :func:`metadata` names it; None when there is none.

    Raises:
        FormatError: If the file is damaged.
    """
    found: Any = _header(path)
    with calm():
        try:
            for step in place.split("/"):
                found = found[int(step) - 1] if isinstance(found, pydicom.Sequence) else found[int(step, 16)].value
        except DAMAGED:
            return None
    return bytes(found) if isinstance(found, bytes | bytearray) else None


def _header(path: Path) -> pydicom.Dataset:
    deflated = check_inflated(path)
    with calm():
        try:
            return pydicom.dcmread(path, stop_before_pixels=True, defer_size=None if deflated else DEFER_BYTES)
        except DAMAGED as error:
            raise FormatError(f"{short_path(path)}: the DICOM file is damaged. Send it again.") from error
