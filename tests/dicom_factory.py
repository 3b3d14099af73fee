"""Synthetic DICOM files: valid objects of an invented patient, the same bytes on every run.

Every keyword after the named ones is a DICOM keyword that replaces (or, given None, removes) an element.
"""

import hashlib
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    CTImageStorage,
    DigitalMammographyXRayImageStorageForPresentation,
    DigitalXRayImageStorageForPresentation,
    DigitalXRayImageStorageForProcessing,
    ExplicitVRLittleEndian,
    MRImageStorage,
    SecondaryCaptureImageStorage,
)

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "dicom"
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def shared(*parts: str) -> Path:
    """A real file or folder of the shared test data; the test is skipped where it is missing."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs the shared test data: {'/'.join(parts)}")
    return path


def uid(*parts: object) -> str:
    """A UID that depends on the parts only."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return f"2.25.{int.from_bytes(digest[:16], 'big')}"


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """One item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def chest_xray(path: Path, pixels: ArrayLike | None = None, **tags: Any) -> Path:
    """Write a frontal chest X-ray of ``pixels`` (uint8 or uint16 [j, i]): DX, or CR with ``Modality="CR"``."""
    values = gradient() if pixels is None else np.asarray(pixels)
    modality, intent = tags.get("Modality", "DX"), tags.get("PresentationIntentType", "FOR PRESENTATION")
    dataset = _patient_and_study(modality, "projection", path.name)
    _add_pixels(dataset, values)
    dataset.update(deepcopy(_CHEST))
    if modality == "DX":
        dataset.update(deepcopy(_DX))
        processing = intent == "FOR PROCESSING"
        dataset.SOPClassUID = (
            DigitalXRayImageStorageForProcessing if processing else DigitalXRayImageStorageForPresentation
        )
        dataset.AnatomicRegionSequence = Sequence([code("51185008", "SCT", "Thorax")])
        dataset.PixelIntensityRelationshipSign = -1 if dataset.PhotometricInterpretation == "MONOCHROME1" else 1
    else:
        dataset.SOPClassUID = ComputedRadiographyImageStorage if modality == "CR" else SecondaryCaptureImageStorage
    return write(path, dataset, tags)


def mammogram(path: Path, pixels: ArrayLike | None = None, *, side: str = "L", view: str = "CC", **tags: Any) -> Path:
    """Write a mammogram for presentation of ``pixels`` (uint8 or uint16 [j, i]); view CC or MLO."""
    dataset = _patient_and_study("MG", "mammogram", path.name)
    _add_pixels(dataset, gradient() if pixels is None else np.asarray(pixels))
    dataset.update(deepcopy(_DX))
    dataset.update(deepcopy(_MG))
    dataset.SOPClassUID = DigitalMammographyXRayImageStorageForPresentation
    dataset.ImageLaterality = side
    dataset.PatientOrientation = ["A", "R" if side == "L" else "L"] if view == "CC" else ["A", "F"]
    views = {"CC": ("399162004", "cranio-caudal"), "MLO": ("399368009", "medio-lateral oblique")}
    dataset.ViewCodeSequence = Sequence([code(views[view][0], "SCT", views[view][1])])
    dataset.ViewCodeSequence[0].ViewModifierCodeSequence = Sequence()
    return write(path, dataset, tags)


def ct_series(
    folder: Path,
    shape: tuple[int, int, int] = (5, 8, 6),
    *,
    spacing: tuple[float, float] = (0.7, 0.8),
    step: float = 2.5,
    thickness: float = 2.5,
    tilt_deg: float = 0.0,
    origin: tuple[float, float, float] = (-100.0, -120.0, 50.0),
    orientation: tuple[float, ...] = AXIAL,
    stored: NDArray[Any] | None = None,
    each: Mapping[int, Mapping[str, Any]] | None = None,
    **tags: Any,
) -> list[Path]:
    """Write one CT (or, with ``Modality="MR"``, MR) series of ``shape`` (k, j, i); paths come in slice order.

    Args:
        folder: Made if missing.
        shape: Slices, rows, columns.
        spacing: (between rows, between columns) in mm.
        step: Distance of neighbouring positions in mm.
        thickness: SliceThickness in mm.
        tilt_deg: Gantry tilt: the planes are turned about the row direction, the steps are not.
        origin: LPS mm of the first voxel.
        orientation: Image Orientation (Patient) before the tilt.
        stored: Stored values [k, j, i]; made up when None.
        each: Slice number to tags of that slice alone.
        tags: Tags of all slices.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values = ramp(shape) if stored is None else stored
    row, column = np.array(orientation[:3], float), np.array(orientation[3:], float)
    normal = np.cross(row, column)
    angle = np.deg2rad(tilt_deg)
    tilted = np.cos(angle) * column - np.sin(angle) * normal
    modality = tags.get("Modality", "CT")
    paths = []
    for k in range(shape[0]):
        dataset = _patient_and_study(modality, "stack", folder.name)
        _add_pixels(dataset, values[k])
        dataset.update(deepcopy(_CT if modality == "CT" else _MR))
        dataset.SOPClassUID = CTImageStorage if modality == "CT" else MRImageStorage
        dataset.SOPInstanceUID = uid("instance", folder.name, k)
        dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = uid("frame", folder.name), ""
        # Numbered against the order in space, as some archives do: a reader must not trust it.
        dataset.InstanceNumber = shape[0] - k
        dataset.ImagePositionPatient = [_ds(v) for v in np.array(origin) + k * step * normal]
        dataset.ImageOrientationPatient = [_ds(v) for v in (*row, *tilted)]
        dataset.PixelSpacing = [_ds(v) for v in spacing]
        dataset.SliceThickness = _ds(thickness)
        paths.append(write(folder / f"{k:03d}.dcm", dataset, {**tags, **((each or {}).get(k, {}))}))
    return paths


def gradient(rows: int = 40, columns: int = 32) -> NDArray[np.uint16]:
    """A 12-bit picture [j, i] that is the same under no flip or turn."""
    return (np.arange(rows)[:, None] * 60 + np.arange(columns)[None, :] * 50).astype(np.uint16)


def ramp(shape: tuple[int, int, int]) -> NDArray[np.int16]:
    """Signed stored values [k, j, i], different in every voxel of a small stack."""
    k, j, i = np.indices(shape)
    return (k * 100 + j * 10 + i - 200).astype(np.int16)


def write(path: Path, dataset: Dataset, tags: Mapping[str, Any]) -> Path:
    """Write ``dataset`` as a Part 10 file, after replacing or removing the elements in ``tags``."""
    for keyword, value in tags.items():
        if value is None:
            dataset.pop(keyword, None)
        else:
            setattr(dataset, keyword, value)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = uid("factory")
    FileDataset(path, dataset, file_meta=meta, preamble=b"\0" * 128).save_as(path, enforce_file_format=True)
    return path


def _ds(number: float) -> str:
    """A decimal string of at most 16 characters. Source: DICOM PS3.5 section 6.2, VR DS."""
    return f"{number:.10f}"[:16]


def _patient_and_study(modality: str, kind: str, name: str) -> Dataset:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName, dataset.PatientID = "Doe^Jane", "INVENTED-1"
    dataset.PatientBirthDate, dataset.PatientSex, dataset.PatientAge = "", "F", "004Y"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uid("study"), uid("series", kind, name)
    dataset.SOPInstanceUID = uid("instance", kind, name)
    dataset.StudyDate, dataset.StudyTime = "20240102", "101500"
    dataset.ContentDate, dataset.ContentTime = "20240102", "101501"
    dataset.AcquisitionDate, dataset.AcquisitionTime = "20240102", "101501"
    dataset.ReferringPhysicianName, dataset.StudyID, dataset.AccessionNumber = "", "1", ""
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = modality, 1, 1
    dataset.Manufacturer, dataset.ManufacturerModelName = "Invented", "Factory"
    dataset.DeviceSerialNumber, dataset.SoftwareVersions = "1", "1"
    dataset.BurnedInAnnotation = "NO"
    return dataset


def _add_pixels(dataset: Dataset, values: NDArray[Any]) -> None:
    if values.dtype not in (np.uint8, np.uint16, np.int16):
        raise ValueError(f"the factory stores uint8, uint16 and int16; found {values.dtype}")
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = values.shape
    dataset.BitsAllocated = values.dtype.itemsize * 8
    dataset.BitsStored = 12 if values.dtype == np.uint16 and values.max() < 4096 else dataset.BitsAllocated
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(values.dtype == np.int16)
    data = np.ascontiguousarray(values).tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)


def _dataset(**elements: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


_CHEST = _dataset(
    ImageType=["ORIGINAL", "PRIMARY"],
    BodyPartExamined="CHEST",
    ViewPosition="AP",
    PatientOrientation=["L", "F"],
    ImagerPixelSpacing=["0.2", "0.2"],
    LossyImageCompression="00",
)
_DX = _dataset(
    ImageType=["ORIGINAL", "PRIMARY", ""],
    PresentationIntentType="FOR PRESENTATION",
    ImageLaterality="U",
    AcquisitionContextSequence=Sequence(),
    DetectorType="DIRECT",
    DetectorConfiguration="AREA",
    PixelIntensityRelationship="LOG",
    RescaleIntercept="0",
    RescaleSlope="1",
    RescaleType="US",
    PresentationLUTShape="IDENTITY",
    WindowCenter="2048",
    WindowWidth="4096",
    VOILUTFunction="LINEAR",
    PositionerType="NONE",
)
_MG = _dataset(
    ImageType=["ORIGINAL", "PRIMARY", ""],
    BodyPartExamined="BREAST",
    AnatomicRegionSequence=Sequence([code("76752008", "SCT", "Breast")]),
    PixelIntensityRelationshipSign=1,
    ImagerPixelSpacing=["0.1", "0.1"],
    LossyImageCompression="00",
    BreastImplantPresent="NO",
    PositionerType="MAMMOGRAPHIC",
    OrganExposed="BREAST",
)
_CT = _dataset(
    ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
    BodyPartExamined="CHEST",
    PatientPosition="HFS",
    RescaleIntercept="-1024",
    RescaleSlope="1",
    RescaleType="HU",
    KVP="120",
    AcquisitionNumber="1",
)
_MR = _dataset(
    ImageType=["ORIGINAL", "PRIMARY", "OTHER"],
    BodyPartExamined="HEAD",
    PatientPosition="HFS",
    ScanningSequence="GR",
    SequenceVariant="NONE",
    ScanOptions="",
    MRAcquisitionType="3D",
    RepetitionTime="10",
    EchoTime="3",
    EchoTrainLength="1",
    AcquisitionNumber="1",
)
