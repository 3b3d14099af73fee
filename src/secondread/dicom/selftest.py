"""Whether geometry survives being written and read back on this machine."""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from secondread.core.errors import GeometryError
from secondread.dicom.load import load_volume
from secondread.dicom.open import open_dicom

# An oblique grid with four different sizes, so that no exchange of axes or signs can hide.
SHAPE, SPACING_MM, STEP_MM, ORIGIN_MM = (5, 7, 9), (0.7, 0.8), 2.5, (-100.0, -120.0, 50.0)
ROW, COLUMN = (0.8, 0.6, 0.0), (-0.6, 0.8, 0.0)  # directions of increasing column and row index, LPS
MARK = (3, 2, 6)  # slice, row, column of the one bright voxel
MARK_HU = 321.0


def check_geometry(folder: Path) -> None:
    """Write a small CT series into ``folder``, read it back, and find its bright voxel where it was put.

    Raises:
        GeometryError: If it comes back anywhere else.
    """
    paths = [_write_slice(folder / f"{k}.dcm", k) for k in reversed(range(SHAPE[0]))]
    volume = load_volume(open_dicom(paths).series[0])
    place = np.argwhere(volume.values == MARK_HU)
    if len(place) != 1:
        raise GeometryError(f"self-test: wrote one voxel of {MARK_HU} HU, read {len(place)} back")
    found, wanted = volume.geometry.world(place[0]), _world(*MARK)
    if not np.allclose(found, wanted, atol=1e-3):
        raise GeometryError(f"self-test: a voxel put at {wanted.round(3)} came back at {found.round(3)} mm (LPS)")


def _world(k: int, j: int, i: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """LPS mm of a voxel. Source: DICOM PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1."""
    row, column = np.array(ROW), np.array(COLUMN)
    steps = i * SPACING_MM[1] * row + j * SPACING_MM[0] * column + k * STEP_MM * np.cross(row, column)
    return np.array(ORIGIN_MM) + np.asarray(steps, dtype=np.float64)


def _write_slice(path: Path, k: int) -> Path:
    pixels = np.full(SHAPE[1:], 1024, dtype="<u2")
    if k == MARK[0]:
        pixels[MARK[1:]] = 1024 + int(MARK_HU)
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = UID(f"2.25.{1000 + k}")
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID = "2.25.1", "2.25.2", "2.25.3"
    dataset.Modality, dataset.PatientID, dataset.PatientName = "CT", "SELFTEST", "Self^Test"
    dataset.ImageType, dataset.InstanceNumber = ["ORIGINAL", "PRIMARY", "AXIAL"], k + 1
    dataset.ImageOrientationPatient = [*ROW, *COLUMN]
    dataset.ImagePositionPatient = [float(v) for v in _world(k, 0, 0)]
    dataset.PixelSpacing, dataset.SliceThickness = list(SPACING_MM), STEP_MM
    dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = 1, -1024, "HU"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = *SHAPE[1:], 1
    dataset.PhotometricInterpretation, dataset.PixelRepresentation = "MONOCHROME2", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelData = pixels.tobytes()
    dataset.save_as(path, enforce_file_format=True)
    return path
