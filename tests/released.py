"""De-identification as its tests ask for it: one object in, one object and its bytes out."""

from io import BytesIO
from typing import Any

import pydicom
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from dicom_factory import uid
from secondread.dicom.deidentification.confidentiality import Options
from secondread.dicom.deidentification.deidentify import deidentify
from secondread.dicom.deidentification.pseudonyms import Keys
from secondread.dicom.header import calm

KEYS = Keys.of(b"a secret of the tests")
SENTINEL = "Zebulon7"
SENTINEL_UID = "1.2.3.76543.21"
EVERYTHING = Options(
    dates="modified", descriptors=True, device=True, characteristics=True, safe_private=True, clean_pixels=True
)
# What a value of each type looks like when it tells on the patient; of numbers, one that would be noticed.
TELLING: dict[str, Any] = {
    "AS": "077Y",
    "DA": "19770707",
    "DT": "19770707070707",
    "TM": "070707",
    "DS": "7654.321",
    "IS": "7654321",
    "UI": SENTINEL_UID,
    "CS": SENTINEL.upper(),
    "AE": SENTINEL,
    **dict.fromkeys(("US", "SS"), 7654),
    **dict.fromkeys(("UL", "SL", "UV", "SV"), 7654321),
    **dict.fromkeys(("FL", "FD"), 7654.5),
    **dict.fromkeys(("OB", "OW", "OL", "OF", "OD", "OV", "UN"), SENTINEL.encode()),
}


def vr_of(tag: int) -> str:
    """The type of a tag; LO for those that pydicom does not know yet."""
    try:
        return dictionary_VR(BaseTag(tag)).partition(" or ")[0]
    except KeyError:
        return "LO"


def telling(vr: str) -> Any:
    """A value that must not survive."""
    if vr == "SQ":
        item = Dataset()
        item.PatientComments = item.CodeMeaning = item.InstitutionName = SENTINEL
        item.CodeValue, item.UID = SENTINEL, SENTINEL_UID
        return Sequence([item])
    return TELLING.get(vr, SENTINEL)


def ct(**tags: Any) -> Dataset:
    """The least of a CT object."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.Modality = CTImageStorage, "CT"
    dataset.SOPInstanceUID, dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uid(1), uid(2), uid(3)
    dataset.PatientID = "A-1"
    with calm():
        for keyword, value in tags.items():
            setattr(dataset, keyword, value)
    return dataset


def cleaned(source: Dataset, options: Options | None = None) -> Dataset:
    """The data set that may leave the house, after a trip through its bytes."""
    return pydicom.dcmread(BytesIO(written(source, options)))


def written(source: Dataset, options: Options | None = None) -> bytes:
    """Its bytes."""
    clean, _ = deidentify(source, options or Options(), KEYS)
    clean.file_meta = FileMetaDataset()
    clean.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = BytesIO()
    pydicom.dcmwrite(stream, clean, enforce_file_format=True)
    return stream.getvalue()


def through_bytes(source: Dataset) -> Dataset:
    """The source as it is read from a file: its elements are not parsed yet."""
    source.file_meta = FileMetaDataset()
    source.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = BytesIO()
    pydicom.dcmwrite(stream, source, enforce_file_format=True)
    stream.seek(0)
    return pydicom.dcmread(stream)
