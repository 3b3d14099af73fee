"""Phantoms in any orientation, and three programs that say where a segment of a DICOM file lies."""

from itertools import permutations, product
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import Dataset

import dicom_factory
from dicom_reads import PNEUMONIA, dumped
from secondread.core.code import SCT, Code
from secondread.core.mask import Mask
from secondread.core.study import Series
from secondread.core.volume import Volume
from secondread.dicom.load import load_volume
from secondread.dicom.open import open_dicom
from secondread.dicom.write import read_header

LUNG = Code(SCT, "39607008", "Lung")
SHAPE = (6, 7, 9)  # a frame of 63 bits, so that frames do not begin at whole bytes
MARKS = ((600, (1, 1, 2), (3, 3, 4)), (900, (4, 4, 6), (6, 6, 9)), (1200, (5, 0, 1), (6, 2, 2)))
PLACE = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing")
AXES = [np.array(axis, float) for axis in ((1, 0, 0), (0, 1, 0), (0, 0, 1))]
# Direction of rows, direction of columns, and whether the slices come along or against their normal: 6 x 4 x 2.
ORDERS = [
    ((*a * row, *b * column), along)
    for row, column in permutations(AXES, 2)
    for a, b, along in product((1, -1), (1, -1), (2.5, -2.5))
]


def phantom(folder: Path, **where: Any) -> tuple[list[Path], list[Dataset], Series, Volume]:
    """A CT series with three boxes of different size and brightness: paths, headers, series and volume."""
    stored = np.zeros(SHAPE, np.int16)
    for value, (k, j, i), (k2, j2, i2) in MARKS:
        stored[k:k2, j:j2, i:i2] = value
    paths = dicom_factory.ct_series(folder, SHAPE, stored=stored, RescaleIntercept="0", **where)
    series = open_dicom(paths).series[0]
    return paths, [read_header(path) for path in paths], series, load_volume(series)


def masks_of(volume: Volume) -> list[Mask]:
    """One mask a box, by its brightness."""
    values = [value for value, *_ in MARKS]
    return [
        Mask(np.isclose(volume.values, value), volume.geometry, PNEUMONIA if number == 0 else LUNG)
        for number, value in enumerate(values)
    ]


def centres_in_source(paths: list[Path]) -> list[NDArray[np.float64]]:
    """LPS mm of the middle of each box, by the tags of each slice alone."""
    points: dict[int, list[NDArray[np.float64]]] = {value: [] for value, *_ in MARKS}
    for path in paths:
        dataset = pydicom.dcmread(path)
        for value, found in points.items():
            rows, columns = np.nonzero(dataset.pixel_array == value)
            place = dataset.ImagePositionPatient, dataset.ImageOrientationPatient, dataset.PixelSpacing
            found.append(_world(rows, columns, *(np.array(part, float) for part in place)))
    return [np.concatenate(found).mean(axis=0) for found in points.values()]


def by_highdicom(path: Path) -> list[NDArray[np.float64]]:
    """LPS mm of the middle of each segment, as highdicom reads the file."""
    volume = highdicom.seg.segread(path).get_volume(allow_missing_positions=True)
    return [
        volume.map_indices_to_reference(np.argwhere(volume.array[..., n])).mean(axis=0)
        for n in range(volume.array.shape[3])
    ]


def by_pydicom(path: Path) -> list[NDArray[np.float64]]:
    """The same from the elements and bits alone."""
    dataset = pydicom.dcmread(path)
    shared = dataset.SharedFunctionalGroupsSequence[0]
    points: dict[int, list[NDArray[np.float64]]] = {}
    for bits, item in zip(unpacked(dataset), dataset.PerFrameFunctionalGroupsSequence, strict=True):
        place = (
            item.PlanePositionSequence[0].ImagePositionPatient,
            shared.PlaneOrientationSequence[0].ImageOrientationPatient,
            shared.PixelMeasuresSequence[0].PixelSpacing,
        )
        number = item.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        points.setdefault(number, []).append(_world(*np.nonzero(bits), *(np.array(part, float) for part in place)))
    return [np.concatenate(found).mean(axis=0) for _, found in sorted(points.items())]


def by_dcmtk(path: Path) -> list[NDArray[np.float64]]:
    """The same from what dcmdump prints."""
    told = printed(path, "Rows", "Columns", "PixelData", "ReferencedSegmentNumber", *PLACE)
    rows, columns = int(told["Rows"][0]), int(told["Columns"][0])
    stream = bytes(int(byte, 16) for byte in told["PixelData"][0].split("\\"))
    numbers = [int(text) for text in told["ReferencedSegmentNumber"]]
    positions, [cosines], [spacing] = ([_floats(text) for text in told[name]] for name in PLACE)
    bits = np.unpackbits(np.frombuffer(stream, np.uint8), bitorder="little")
    frames = bits[: len(numbers) * rows * columns].reshape(len(numbers), rows, columns)
    points: dict[int, list[NDArray[np.float64]]] = {}
    for number, position, frame in zip(numbers, positions, frames, strict=True):
        points.setdefault(number, []).append(_world(*np.nonzero(frame), position, cosines, spacing))
    return [np.concatenate(found).mean(axis=0) for _, found in sorted(points.items())]


def unpacked(dataset: Dataset) -> NDArray[np.uint8]:
    """The frames [n, j, i] of a one-bit object."""
    shape = int(dataset.NumberOfFrames), dataset.Rows, dataset.Columns
    bits = np.unpackbits(np.frombuffer(dataset.PixelData, np.uint8), bitorder="little")
    return bits[: np.prod(shape)].reshape(shape)


def printed(path: Path, *keywords: str) -> dict[str, list[str]]:
    """Every value of these elements, at any depth, as dcmdump prints it."""
    searched = [option for keyword in keywords for option in ("--search", keyword)]
    told: dict[str, list[str]] = {keyword: [] for keyword in keywords}
    for line in dumped(path, "dcmdump", "--load-all", "--print-all", "--search-all", *searched).splitlines():
        value, _, note = line.partition(" #")
        told[note.split()[-1]].append(value.split(" ", 2)[2].strip().strip("[]"))
    return told


def _floats(text: str) -> NDArray[np.float64]:
    return np.array([float(part) for part in text.split("\\")])


def _world(
    rows: NDArray[Any], columns: NDArray[Any], position: NDArray[Any], cosines: NDArray[Any], spacing: NDArray[Any]
) -> NDArray[np.float64]:
    """LPS mm of pixels. Source: DICOM PS3.3 equation C.7.6.2.1-1."""
    along_row, along_column = cosines[:3] * spacing[1], cosines[3:] * spacing[0]
    return np.asarray(position + columns[:, None] * along_row + rows[:, None] * along_column)
