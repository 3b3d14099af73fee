"""DICOM files: headers in, whole objects out."""

import secrets
from pathlib import Path

from pydicom import Dataset, dcmread, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from secondread.core.errors import FormatError, OutputError, short_path
from secondread.core.version import __version__
from secondread.dicom.header import DAMAGED
from secondread.dicom.identity import discreet
from secondread.dicom.uids import uid_source


@discreet()
def save(dataset: Dataset, path: Path) -> None:
    """Write a Part 10 file in Explicit VR Little Endian: the whole file appears at once, or none.

    The same data set gives the same bytes.

    Args:
        dataset: Holds SOPClassUID and SOPInstanceUID.
        path: The file; its folder must exist.

    Raises:
        OutputError: If it cannot be written there.

    Source: DICOM PS3.10 section 7 (file format), PS3.5 A.2 (encoding).
    """
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(uid_source("secondread")("implementation class"))
    meta.ImplementationVersionName = f"SECONDREAD{__version__}"[:16]
    dataset.file_meta = meta
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        dcmwrite(part, dataset, enforce_file_format=True, overwrite=False)
        part.replace(path)
    except OSError as error:
        raise OutputError(
            f"{short_path(path)}: cannot be written ({error.strerror or type(error).__name__}). "
            "A folder with room that may be written to is needed; choose another with --out."
        ) from error
    finally:
        part.unlink(missing_ok=True)


@discreet()
def read_header(path: Path) -> Dataset:
    """Everything of a DICOM file but its pixels.

    Args:
        path: A DICOM file, with or without preamble.

    Raises:
        FormatError: If it is not one, or it is damaged.
    """
    try:
        header = dcmread(path, stop_before_pixels=True, force=True)
    except DAMAGED as error:
        raise FormatError(_not_dicom(path, type(error).__name__)) from error
    if "SOPClassUID" not in header:
        raise FormatError(_not_dicom(path, "no SOP Class UID"))
    return header


def _not_dicom(path: Path, found: str) -> str:
    return (
        f"{short_path(path)}: the DICOM header cannot be read ({found}); a complete DICOM file is needed. "
        "Send the file again from its archive."
    )
