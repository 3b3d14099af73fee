"""How long it takes to look through a folder of many DICOM files: headers to one study, no pixels.

    python benchmarks/scan.py [--files N] [--runs N]

The files are small CT slices of an invented patient with some hundred elements each, private ones and a sequence among
them. Beside our scan stand pydicom's reader with the same elements asked for, file after file, and our scan in
threads and in processes, which is why it runs in neither. The disk's caches are warm for all. Ratios are taken pair by
pair, each run beside one of our scan.
"""

import argparse
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pydicom
from machine import facts, line, seconds_of, spread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from secondread import sources
from secondread.dicom.describe import FACTS
from secondread.dicom.header import IDENTITY, calm
from secondread.dicom.scan import scan
from secondread.formats.folder import files_in

KEYWORDS = (*IDENTITY, *FACTS)
PLAIN = "2.25.1000000"  # as long as every UID that takes its place
WORKERS = 2


def main() -> None:
    """Measure in turns, so that a busy moment hits all alike."""
    parser = argparse.ArgumentParser(description="Scanning a folder.")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    print(f"Scanning {args.files} files, {facts('secondread', 'pydicom', 'numpy')}")
    with tempfile.TemporaryDirectory(prefix="secondread-") as place, calm():
        folder = Path(place)
        make(folder, args.files)
        paths = files_in(folder)
        ways: dict[str, Callable[[], object]] = {
            "our scan, one file after the other": partial(ours, paths),
            f"our scan, {WORKERS} threads": partial(in_pool, ThreadPoolExecutor, paths),
            f"our scan, {WORKERS} processes": partial(in_pool, ProcessPoolExecutor, paths),
            "pydicom, the same elements": partial(plain_pydicom, paths),
        }
        compare(ways, args.runs)
        line("folder to study, whole", spread([seconds_of(lambda: sources.open_study(folder)) for _ in range(3)]))


def make(folder: Path, files: int) -> None:
    """Write one slice and copies of it with a UID and a position of their own."""
    header = pydicom.Dataset()
    header.SOPClassUID, header.SOPInstanceUID = CTImageStorage, PLAIN
    header.StudyInstanceUID, header.SeriesInstanceUID = "2.25.1", "2.25.2"
    header.Modality, header.PatientID, header.BodyPartExamined = "CT", "INVENTED-1", "CHEST"
    header.ImageType, header.PatientSex, header.PatientAge = ["ORIGINAL", "PRIMARY", "AXIAL"], "F", "040Y"
    header.ImageOrientationPatient, header.PixelSpacing = [1, 0, 0, 0, 1, 0], [0.7, 0.7]
    header.ImagePositionPatient, header.SliceThickness = ["0", "0", "1000000"], "1"
    step = pydicom.Dataset()
    step.CodeValue, step.CodingSchemeDesignator, step.CodeMeaning = "1", "99SECONDREAD", "invented"
    header.ProcedureCodeSequence = [step]
    for group in (0x0009, 0x0019, 0x0021):
        block = header.private_block(group, "INVENTED", create=True)
        for element in range(22):
            block.add_new(element, "LO", "something private")
    header.Rows = header.Columns = 8
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated = header.BitsStored = 16
    header.HighBit, header.PixelRepresentation = 15, 0
    header.PixelData = np.zeros((8, 8), np.uint16).tobytes()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    pydicom.dcmwrite(folder / "first", header, enforce_file_format=True)
    content = (folder / "first").read_bytes()
    (folder / "first").unlink()
    for n in range(files):
        below = folder / f"{n // 1000:03d}"
        below.mkdir(exist_ok=True)
        own = content.replace(PLAIN.encode(), f"2.25.{1_000_000 + n}".encode())
        (below / f"{n:06d}").write_bytes(own.replace(b"0\\0\\1000000", f"0\\0\\{1_000_000 + n}".encode()))


def ours(paths: list[Path]) -> int:
    """Headers read; the count keeps the work from being left out."""
    return sum(isinstance(found, pydicom.Dataset) for _, found in scan(paths, KEYWORDS))


def kept(paths: list[Path]) -> list[object]:
    """Headers of a part, to be sent back."""
    return list(scan(paths, KEYWORDS))


def in_pool(pool: type[ThreadPoolExecutor] | type[ProcessPoolExecutor], paths: list[Path]) -> int:
    """The same, in parts that two workers take."""
    parts = [paths[n : n + 500] for n in range(0, len(paths), 500)]
    with pool(WORKERS) as workers:
        return sum(map(len, workers.map(kept, parts)))


def plain_pydicom(paths: list[Path]) -> int:
    """As its documentation shows it."""
    return sum(len(pydicom.dcmread(path, specific_tags=list(KEYWORDS), stop_before_pixels=True)) > 0 for path in paths)


def compare(ways: dict[str, Callable[[], object]], runs: int) -> None:
    """Every way in every turn; ratios against the first way of the same turn."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(runs + 1):
        for name, action in ways.items():
            seconds = seconds_of(action)
            if turn:  # the first one fills the caches of the disk
                times[name].append(seconds)
    first, *others = ways
    line(first, spread(times[first]))
    for name in others:
        line(name, spread(times[name]))
        ratio = spread([other / own for other, own in zip(times[name], times[first], strict=True)])
        line("  times as long as ours", f"{ratio.median:8.2f}     (quartiles {ratio.low:.2f} to {ratio.high:.2f})")


if __name__ == "__main__":
    main()
