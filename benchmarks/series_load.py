"""A CT series to a volume in HU: serial pydicom and numpy, SimpleITK, and ours, in turns, with the same voxels.

    python benchmarks/series_load.py [--slices 300] [--runs 9]

All start from a list of paths and end with float32 HU in slice order. ``pydicom, plainly`` stacks the slices and
converts them, as most scripts do; ``pydicom, one array`` fills an array made beforehand. ``ours`` opens the study,
groups it by series and then loads it; ``ours, opened`` is the loading alone, headers included. The headers have 80
elements, as those of usual scanners. Peak memory is that of a process of its own.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import SimpleITK
from machine import facts, seconds_of, spread

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from dicom_factory import ct_series
from secondread.dicom.load import load_volume
from secondread.dicom.open import open_dicom

OURS = "ours"
ROWS = 512
Load = Callable[[list[Path]], np.ndarray]


def by_pydicom_plainly(paths: list[Path]) -> np.ndarray:
    """The way of most scripts."""
    slices = [pydicom.dcmread(path) for path in paths]
    slices.sort(key=lambda item: float(item.ImagePositionPatient[2]))
    return np.stack([item.pixel_array * item.RescaleSlope + item.RescaleIntercept for item in slices]).astype(
        np.float32
    )


def by_pydicom(paths: list[Path]) -> np.ndarray:
    """The same without a second copy of the volume."""
    slices = [pydicom.dcmread(path) for path in paths]
    slices.sort(key=lambda item: float(item.ImagePositionPatient[2]))
    volume = np.empty((len(slices), ROWS, ROWS), np.float32)
    for k, item in enumerate(slices):
        volume[k] = item.pixel_array.astype(np.float32) * np.float32(item.RescaleSlope) + np.float32(
            item.RescaleIntercept
        )
    return volume


def by_simpleitk(paths: list[Path]) -> np.ndarray:
    """SimpleITK's series reader; it sorts the files by position itself."""
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(paths[0].parent)))
    reader.SetOutputPixelType(SimpleITK.sitkFloat32)
    return SimpleITK.GetArrayFromImage(reader.Execute())


def ours(paths: list[Path]) -> np.ndarray:
    """Study, then volume."""
    return load_volume(open_dicom(paths).series[0]).values


WAYS: dict[str, Load] = {
    "pydicom, plainly": by_pydicom_plainly,
    "pydicom, one array": by_pydicom,
    "SimpleITK series reader": by_simpleitk,
    OURS: ours,
}
# What scanners write besides.
MORE = {
    "InstitutionName": "Invented", "StationName": "CT1", "StudyDescription": "Chest", "SeriesDescription": "Lung 1.0",
    "ProtocolName": "Chest", "ScanOptions": "HELIX", "DataCollectionDiameter": "500", "ReconstructionDiameter": "358",
    "DistanceSourceToDetector": "1040", "DistanceSourceToPatient": "570", "GantryDetectorTilt": "0",
    "TableHeight": "150", "RotationDirection": "CW", "ExposureTime": "500", "XRayTubeCurrent": "200", "Exposure": "100",
    "FilterType": "WEDGE", "GeneratorPower": "24", "FocalSpots": ["0.7", "0.8"], "ConvolutionKernel": "B30f",
    "SingleCollimationWidth": 0.6, "TotalCollimationWidth": 38.4, "TableSpeed": 46.0, "TableFeedPerRotation": 23.0,
    "SpiralPitchFactor": 0.6, "CTDIvol": 7.5, "SliceLocation": "0", "WindowCenter": ["40", "-600"],
    "WindowWidth": ["400", "1200"], "WindowCenterWidthExplanation": ["SOFT", "LUNG"],
}  # fmt: skip


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description="Speed and memory of loading a CT series.")
    parser.add_argument("--slices", type=int, default=300, help="slices of 512 x 512; default 300")
    parser.add_argument("--runs", type=int, default=9, help="repetitions, in turns; default 9")
    parser.add_argument("--peak", nargs=2, metavar=("WAY", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        print(peak_of(*options.peak))
        return
    print(f"{options.slices} CT slices, {ROWS} x {ROWS}, 16 bits, uncompressed, files in the page cache")
    print(facts("secondread", "pydicom", "SimpleITK", "numpy") + "\n")
    with tempfile.TemporaryDirectory(prefix="secondread-bench-") as folder:
        paths = synthetic(Path(folder) / "ct", options.slices)
        check_equal(paths)
        compare(paths, options.runs)
        memory(paths, options.slices)


def synthetic(folder: Path, slices: int) -> list[Path]:
    """A series of noise, in files whose names say nothing of their order."""
    rng = np.random.default_rng(0)
    stored = rng.integers(-1024, 3072, (slices, ROWS, ROWS), dtype=np.int16)
    each = {k: {"InstanceNumber": int(n)} for k, n in enumerate(rng.permutation(slices))}
    paths = ct_series(
        folder, stored.shape, spacing=(0.7, 0.7), step=1.0, thickness=1.0, stored=stored, each=each, **MORE
    )
    names = [folder / f"{n:05d}.dcm" for n in rng.permutation(slices) + slices]
    for path, name in zip(paths, names, strict=True):
        path.rename(name)
    return sorted(names)


def check_equal(paths: list[Path]) -> None:
    """Leave with a sentence when the ways do not give the same voxels."""
    first, *others = (way(paths) for way in WAYS.values())
    if not all(np.array_equal(first, other) for other in others):
        sys.exit("The voxels differ: a comparison of their speed would mean nothing.")
    print(f"All {first.size:,} voxels are equal in all ways.\n")


def compare(paths: list[Path], runs: int) -> None:
    """Print the time of every way, and for the others the ratio of each round to ours."""
    series = open_dicom(paths).series[0]
    ways = {name: lambda way=way: way(paths) for name, way in WAYS.items()}
    ways |= {"ours, opened": lambda: load_volume(series)}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(runs + 1):
        for name, way in ways.items():
            seconds = seconds_of(way)
            if turn:
                times[name].append(seconds)
    for name, found in times.items():
        print(f"{name:<28}{spread(found)}")
    for name in list(times)[:3]:
        for mine in (OURS, "ours, opened"):
            ratio = spread([theirs / own for theirs, own in zip(times[name], times[mine], strict=True)])
            print(f"{name} / {mine:<14}{ratio.median:8.2f}  (quartiles {ratio.low:.2f} to {ratio.high:.2f})")


def memory(paths: list[Path], slices: int) -> None:
    """Print what each way adds to a fresh process at most, next to the size of the volume."""
    size = slices * ROWS * ROWS * 4 / 2**20
    print(f"\nPeak memory beyond the imports; the volume is {size:.0f} MiB of float32")
    for name in WAYS:
        run = [sys.executable, __file__, "--peak", name, str(paths[0].parent)]
        peak = float(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
        print(f"{name:<28}{peak:8.0f} MiB  ({peak / size:.2f} x the volume)")


def peak_of(name: str, folder: str) -> float:
    """MiB that one way adds to this process at most."""
    paths = sorted(Path(folder).iterdir())
    before = resident("VmRSS")
    WAYS[name](paths)
    return resident("VmHWM") - before


def resident(field: str) -> float:
    """MiB of this process: ``VmRSS`` now, ``VmHWM`` at most. Source: Linux, proc(5)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024


if __name__ == "__main__":
    main()
