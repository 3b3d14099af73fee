"""Hostile files: sound ones, damaged in every way that hypothesis finds, must end in a picture or in an error of ours.

A crash, a hang, a foreign exception or a file outside the case's folder is a finding. The suite runs a few hundred
cases (``test_fuzzing.py``), ``benchmarks/fuzz.py`` as many as are asked for.
"""

import gzip
import io
import signal
import struct
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from secondread import sources
from secondread.core.errors import SecondreadError
from secondread.formats.archive import unpacked

SECONDS = 20
PLACES = (0, 1, 2, 4, 8, 16, 64, 128, 132, 140, 256, 348, 352)
EXTREMES = (b"\0", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\x80", b"\\")
# Names of members of an archive; most of them lead out of the folder it is unpacked to.
MEMBERS = (
    "a.dcm",
    "in/a.dcm",
    "../out.dcm",
    "/out.dcm",
    "in/../../out.dcm",
    "..\\out.dcm",
    "C:\\out.dcm",
    "a/" * 300 + "b",
)


@dataclass
class Tally:
    """How the cases of a format ended."""

    read: int = 0
    refused: int = 0
    findings: list[str] = field(default_factory=list)


def mutations(length: int) -> st.SearchStrategy[list[tuple[str, int, bytes, int]]]:
    """Lists of (kind, place, bytes, count) that damage a file of ``length`` bytes."""
    start = st.sampled_from([p for p in PLACES if p < length] or [0])
    # Hypothesis prefers small numbers, and a file damaged in its first bytes tells little: count from the end too.
    anywhere = st.integers(0, max(0, length - 1))
    place = st.one_of(
        anywhere, anywhere.map(lambda back: length - 1 - back), st.integers(0, min(length, 4096) - 1), start
    )
    kind = st.sampled_from(
        ("flip", "write", "length16", "length32", "flip", "write", "insert", "delete", "repeat", "cut")
    )
    content = st.one_of(st.sampled_from(EXTREMES), st.binary(min_size=1, max_size=8))
    return st.lists(st.tuples(kind, place, content, st.integers(1, 64)), min_size=1, max_size=3)


def damage(original: bytes, steps: list[tuple[str, int, bytes, int]]) -> bytes:
    """Apply mutations one after the other."""
    data = bytearray(original)
    for kind, where, content, count in steps:
        place = where % (len(data) + 1)
        if kind == "write":
            data[place : place + len(content)] = content
        elif kind == "insert":
            data[place:place] = content
        elif kind == "delete":
            del data[place : place + count]
        elif kind == "repeat":
            data[place:place] = data[place : place + count]
        elif kind == "cut":
            del data[place:]
        elif kind == "flip" and place < len(data):
            data[place] ^= 1 << (count % 8)
        elif kind.startswith("length"):
            form, size = ("<H", 2) if kind == "length16" else ("<I", 4)
            number = int.from_bytes(content, "big") % 256**size
            data[place : place + size] = struct.pack(form, number)
    return bytes(data)


def read_whole(path: Path) -> None:
    """What a reader would ask of a file: open it and load every series.

    Raises:
        SecondreadError: If it is not readable; anything else is a finding.
    """
    with unpacked(path) as place:
        for series in sources.open_study(place).series:
            sources.load(series)


def corpus(folder: Path) -> dict[str, list[Path]]:
    """Small sound files by format, made anew or taken from the shared data."""
    from PIL import Image

    import dicom_factory

    folder.mkdir(parents=True, exist_ok=True)
    grey = dicom_factory.gradient(24, 20)
    found: dict[str, list[Path]] = {
        "dicom": [dicom_factory.chest_xray(folder / "a.dcm", grey)],
        "png": [],
        "jpeg": [],
        "tiff": [],
        "nifti": [],
        "numpy": [],
        "zip": [],
    }
    found["dicom"] += dicom_factory.ct_series(folder / "ct", (3, 8, 6))[:1]
    found["dicom"] += encoded(found["dicom"][0], folder)
    real = dicom_factory.SHARED / "pydicom-data" / "data_store" / "data"
    found["dicom"] += [path for path in sorted(real.glob("*.dcm")) if path.stat().st_size < 60_000]
    byte = (grey // 16).astype(np.uint8)
    for name, pixels, kind in (("g8.png", byte, "png"), ("g16.png", grey, "png"), ("g.jpg", byte, "jpeg"),
                               ("g8.tif", byte, "tiff"), ("g16.tif", grey, "tiff")):  # fmt: skip
        Image.fromarray(pixels).save(folder / name)
        found[kind].append(folder / name)
    found["nifti"] = nifti(folder)
    np.save(folder / "g.npy", byte)
    found["numpy"] = [folder / "g.npy"]
    with zipfile.ZipFile(folder / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(found["dicom"][0], "in/a.dcm")
    with zipfile.ZipFile(folder / "ct.zip", "w") as archive:
        for path in sorted((folder / "ct").iterdir()):
            archive.write(path, path.name)
    found["zip"] = [folder / "z.zip", folder / "ct.zip"]
    return found | volumes(folder)


def encoded(picture: Path, folder: Path) -> list[Path]:
    """The same picture in several transfer syntaxes, and as a film."""
    import imagecodecs
    from pydicom import dcmread, uid
    from pydicom.encaps import encapsulate

    made = []
    for syntax in (uid.RLELossless, uid.JPEGLSLossless):
        image = dcmread(picture)
        image.compress(syntax)
        made.append((syntax, image))
    pixels = dcmread(picture).pixel_array
    for syntax, stream in (
        (uid.JPEG2000Lossless, imagecodecs.jpeg2k_encode(pixels, level=0, codecformat="j2k")),
        (uid.JPEGLosslessSV1, imagecodecs.ljpeg_encode(pixels)),
        (uid.HTJ2KLossless, imagecodecs.htj2k_encode(pixels)),
    ):
        image = dcmread(picture)
        image.file_meta.TransferSyntaxUID = syntax
        image.PixelData = encapsulate([stream])
        made.append((syntax, image))
    image = dcmread(picture)
    image.file_meta.TransferSyntaxUID = uid.DeflatedExplicitVRLittleEndian
    made.append((uid.DeflatedExplicitVRLittleEndian, image))
    film = dcmread(picture)
    film.Modality, film.NumberOfFrames, film.FrameTime = "US", 3, "40"
    film.PixelData = film.PixelData * 3
    made.append((uid.ExplicitVRLittleEndian, film))
    paths = [folder / f"{n}-{syntax.keyword}.dcm" for n, (syntax, _) in enumerate(made)]
    for path, (_, image) in zip(paths, made, strict=True):
        image["PixelData"].VR = "OB" if image.file_meta.TransferSyntaxUID.is_encapsulated else "OW"
        image.save_as(path, enforce_file_format=True)
    return paths


def nifti(folder: Path) -> list[Path]:
    """One plain and one compressed."""
    import nibabel

    image = nibabel.Nifti1Image(np.arange(60, dtype=np.int16).reshape(3, 4, 5), np.diag([1, 2, 3, 1]))
    nibabel.save(image, folder / "v.nii")
    (folder / "v.nii.gz").write_bytes(gzip.compress((folder / "v.nii").read_bytes(), mtime=0))
    return [folder / "v.nii", folder / "v.nii.gz"]


def volumes(folder: Path) -> dict[str, list[Path]]:
    """MetaImage and NRRD, by the program that most of them come from."""
    import SimpleITK

    image = SimpleITK.GetImageFromArray(np.arange(60, dtype=np.int16).reshape(3, 4, 5))
    made = {"metaimage": ("v.mha", "vz.mha"), "nrrd": ("v.nrrd", "vz.nrrd")}
    for names in made.values():
        for name in names:
            SimpleITK.WriteImage(image, str(folder / name), useCompression="z." in name)
    return {kind: [folder / name for name in names] for kind, names in made.items()}


def unwrapped(name: str, content: bytes) -> bytes:
    """What lies inside a compressed file; damage there passes its check sum."""
    if name.endswith(".gz"):
        return gzip.decompress(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(archive.namelist()[0])


def wrapped(name: str, content: bytes, member: str) -> bytes:
    """The compressed file again; a zip holds it under the name ``member``."""
    if name.endswith(".gz"):
        return gzip.compress(content, mtime=0)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
    return whole.getvalue()


def one_case(data: bytes, name: str, place: Path, tally: Tally) -> None:
    """Read damaged bytes under the name of the sound file; note how it ended."""
    path = place / name
    path.write_bytes(data)
    before = {entry.name for entry in place.iterdir()}
    signal.signal(signal.SIGALRM, hang)
    signal.alarm(SECONDS)
    try:
        read_whole(path)
        tally.read += 1
    except SecondreadError:
        tally.refused += 1
    except BaseException as error:
        tally.findings.append(f"{name}: {type(error).__name__}: {error}"[:300])
        raise
    finally:
        signal.alarm(0)
    if {entry.name for entry in place.iterdir()} != before:
        raise AssertionError(f"{name}: something was written beside the file")


def hang(_signal: int, _frame: object) -> None:
    """End a case that takes too long."""
    raise TimeoutError(f"no end after {SECONDS} seconds")


def run(kind: str, files: list[Path], cases: int, number: int, place: Path) -> Tally:
    """``cases`` mutations of the files of one format."""
    tally = Tally()
    originals = {path.name: path.read_bytes() for path in files}

    @seed(number)
    @settings(max_examples=cases, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def case(data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(originals)), label=kind)
        content = originals[name]
        inside = name.endswith((".gz", ".zip")) and data.draw(st.booleans(), label="inside")
        content = unwrapped(name, content) if inside else content
        content = damage(content, data.draw(mutations(len(content)), label="mutations"))
        if inside:
            content = wrapped(name, content, data.draw(st.sampled_from(MEMBERS), label="member"))
        one_case(content, name, place, tally)

    case()
    return tally
