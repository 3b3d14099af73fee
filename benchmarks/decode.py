"""How long one frame takes from the DICOM file to its stored values, in every transfer syntax.

    python benchmarks/decode.py [--runs N] [--slice FILE]

One CT slice of 512 x 512 and 16 bits, written in each syntax, then opened and decoded by this package, by pydicom with
its own choice of decoder (``pixel_array``), by GDCM and by SimpleITK, each as its manual says. They take turns, so that
a busy moment hits all; every one is checked to give the same numbers. "not read" is what the program answers.
"""

import argparse
import os
import sys
import tempfile
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import gdcm
import imagecodecs
import numpy as np
import pydicom
import SimpleITK as sitk  # noqa: N813 - the name of its manual
from machine import facts, line, seconds_of, spread
from pydicom import uid
from pydicom.encaps import encapsulate

from secondread.dicom.frames import decode_frames
from secondread.dicom.header import calm
from secondread.dicom.pixels import read_picture
from secondread.dicom.syntaxes import DEFLATED_FRAMES, FRAGMENTED, name_of

ROOT = Path(__file__).parents[1]
SLICE = ROOT.parent / "shared" / "data" / "dicom" / "lung-ct" / "A0002" / "soft-kernel" / "1-10.dcm"
OURS = "secondread"
Pixels = np.ndarray
GDCM_TYPES = {gdcm.PixelFormat.UINT8: np.uint8, gdcm.PixelFormat.UINT12: np.uint16, gdcm.PixelFormat.UINT16: np.uint16}


@dataclass(frozen=True, slots=True)
class Syntax:
    """One transfer syntax and how a frame is encoded for it; None where the file is written as it is."""

    uid: uid.UID
    encode: Callable[[Pixels], bytes] | None = None
    tolerance: int = 0


def deflated(pixels: Pixels) -> bytes:
    """Deflate without a header, as the syntax asks for."""
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return squeeze.compress(pixels.tobytes()) + squeeze.flush()


def jpeg(pixels: Pixels, **options: object) -> bytes:
    """JPEG of 12 bits."""
    return bytes(imagecodecs.jpeg8_encode(pixels, bitspersample=12, **options))


SYNTAXES = (
    Syntax(uid.ExplicitVRLittleEndian),
    Syntax(uid.ImplicitVRLittleEndian),
    Syntax(uid.ExplicitVRBigEndian),
    Syntax(uid.DeflatedExplicitVRLittleEndian),
    Syntax(FRAGMENTED, lambda p: p.tobytes()),
    Syntax(DEFLATED_FRAMES, deflated),
    Syntax(uid.RLELossless),
    Syntax(uid.JPEGExtended12Bit, lambda p: jpeg(p, level=90), 1),
    Syntax(uid.JPEGLossless, lambda p: jpeg(p, lossless=True, predictor=6)),
    Syntax(uid.JPEGLosslessSV1, lambda p: jpeg(p, lossless=True, predictor=1)),
    Syntax(uid.JPEGLSLossless, lambda p: bytes(imagecodecs.jpegls_encode(p))),
    Syntax(uid.JPEGLSNearLossless, lambda p: bytes(imagecodecs.jpegls_encode(p, level=2))),
    Syntax(uid.JPEG2000Lossless, lambda p: bytes(imagecodecs.jpeg2k_encode(p, codecformat="j2k", reversible=True))),
    Syntax(
        uid.JPEG2000,
        lambda p: bytes(imagecodecs.jpeg2k_encode(p, level=85, codecformat="j2k", reversible=False)),
        1,
    ),
    Syntax(uid.HTJ2KLossless, lambda p: bytes(imagecodecs.htj2k_encode(p, reversible=True))),
)


def write(path: Path, source: Path, syntax: Syntax) -> Path:
    """The slice in one syntax; values unsigned, since not every encoder knows a sign."""
    original = pydicom.dcmread(source)
    dataset, pixels = pydicom.Dataset(), original.pixel_array
    dataset.update({element.tag: element for element in original})  # of no byte order yet
    dataset.file_meta, dataset.preamble = original.file_meta, original.preamble
    pixels = (pixels - pixels.min()).astype(np.uint16)
    dataset.PixelRepresentation, dataset.BitsStored, dataset.HighBit = 0, 12, 11
    for keyword in ("PixelPaddingValue", "SmallestImagePixelValue", "LargestImagePixelValue"):
        dataset.pop(keyword, None)
    dataset.PixelData = pixels.tobytes()
    dataset.file_meta.TransferSyntaxUID = syntax.uid
    little, implicit = syntax.uid != uid.ExplicitVRBigEndian, syntax.uid == uid.ImplicitVRLittleEndian
    if syntax.encode:
        frame = syntax.encode(pixels)
        dataset.PixelData = encapsulate([frame + b"\0" * (len(frame) % 2)])
        dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
    elif syntax.uid == uid.RLELossless:
        dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
        dataset.compress(uid.RLELossless, pixels, encoding_plugin="pydicom", generate_instance_uid=False)
    elif not little:
        dataset.PixelData = pixels.astype(">u2").tobytes()
    dataset.save_as(path, implicit_vr=implicit, little_endian=little, force_encoding=True)
    return path


def ours(path: Path) -> Pixels:
    """This package, sizes and bytes checked first."""
    with calm():
        return decode_frames(read_picture(path), path.name)[0]


def by_pydicom(path: Path) -> Pixels:
    """The usual way: ``pixel_array``, with whatever decoder pydicom prefers."""
    return pydicom.dcmread(path).pixel_array


def by_gdcm(path: Path) -> Pixels:
    """GDCM through its Python wrapper."""
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    if not reader.Read():
        raise ValueError("not read")
    image = reader.GetImage()
    kind = GDCM_TYPES[image.GetPixelFormat().GetScalarType()]
    raw = image.GetBuffer().encode("utf-8", "surrogateescape")
    return np.frombuffer(raw, kind).reshape(image.GetDimension(1), image.GetDimension(0))


def by_sitk(path: Path) -> Pixels:
    """SimpleITK, which applies the rescale: undone outside the measured time."""
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))[0]


WAYS = {OURS: ours, "pydicom": by_pydicom, "GDCM": by_gdcm, "SimpleITK": by_sitk}


def stored(way: str, values: Pixels, path: Path) -> Pixels:
    """Stored values, whatever a way gave."""
    if way != "SimpleITK":
        return values
    header = pydicom.dcmread(path, stop_before_pixels=True)
    return np.round((values - float(header.RescaleIntercept)) / float(header.RescaleSlope))


def readers(path: Path, tolerance: int) -> dict[str, Callable[[], Pixels]]:
    """The ways that read a file; all must agree with ours."""
    expected, found = ours(path).astype(int), {}
    for name, way in WAYS.items():
        try:
            values = stored(name, way(path), path)
        except Exception as error:  # noqa: BLE001 - whatever a program answers is its answer
            line(f"  {name}", f"    not read ({type(error).__name__})")
            continue
        apart = int(np.abs(values.astype(int) - expected).max())
        if apart > tolerance:
            line(f"  {name}", f"    read otherwise: up to {apart} apart")
            continue
        found[name] = lambda way=way: way(path)
    return found


@contextmanager
def quiet() -> Iterator[None]:
    """Without what GDCM writes to standard error about sound files."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def compare(path: Path, syntax: Syntax, runs: int) -> None:
    """Print every way that reads a file, and for the others the ratio of each round to ours."""
    print(f"{name_of(syntax.uid)} ({path.stat().st_size / 2**10:.0f} KiB)")
    ways = readers(path, syntax.tolerance)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(runs + 2):
        for name, way in ways.items():
            seconds = seconds_of(way)
            if turn >= 2:
                times[name].append(seconds)
    for name, found in times.items():
        ratio = spread([theirs / mine for mine, theirs in zip(times[OURS], found, strict=True)])
        shown = f"   x {ratio.median:.2f} (quartiles {ratio.low:.2f} to {ratio.high:.2f})" if name != OURS else ""
        line(f"  {name}", f"{spread(found)}{shown}")


def main() -> None:
    """Write the slice in every syntax and compare."""
    parser = argparse.ArgumentParser(description="Speed of decoding.")
    parser.add_argument("--runs", type=int, default=15, help="repetitions; default 15")
    parser.add_argument("--slice", type=Path, default=SLICE, help="an uncompressed CT slice")
    options = parser.parse_args()
    print(f"One slice of 512 x 512, {facts('secondread', 'pydicom', 'python-gdcm', 'SimpleITK', 'numpy')}")
    print("Opened and decoded; x is how many times longer than secondread in the same round\n")
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    with tempfile.TemporaryDirectory(prefix="secondread-bench-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, syntax in enumerate(SYNTAXES):
            path = write(Path(folder) / f"{number}.dcm", options.slice, syntax)
            with quiet():
                compare(path, syntax, options.runs)


if __name__ == "__main__":
    main()
