"""Many files out of the house: each without its patient and under a new name, or held back with the reason."""

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID

from secondread.core.errors import FormatError, InputError, OutputError, short_path
from secondread.core.version import __version__
from secondread.dicom.deidentification import burned_in
from secondread.dicom.deidentification.confidentiality import Options
from secondread.dicom.deidentification.deidentify import deidentify
from secondread.dicom.deidentification.leftovers import remove_leftovers
from secondread.dicom.deidentification.pseudonyms import Keys
from secondread.dicom.deidentification.releasable import face, is_directory, name_of_kind, reason_against
from secondread.dicom.header import DAMAGED, is_dicom
from secondread.dicom.identity import discreet
from secondread.dicom.limits import check_inflated
from secondread.dicom.syntaxes import DEFLATED_FRAMES, FRAGMENTED, name_of, transfer_syntax
from secondread.dicom.uids import uid_source

Tell = Callable[[dict[str, Any]], None]
EVERY = 100  # files between two words of progress
PICTURE = ("PixelData", "Rows", "Columns", "BitsAllocated", "BitsStored", "PhotometricInterpretation")
DAMAGED_FILE = "its file is damaged or incomplete"
FACES = (
    "slices of a head, or of a body part that is not stated: a face could be rebuilt from them, as nothing is defaced"
)


@dataclass(frozen=True, slots=True)
class Held:
    """A file that was not released.

    Attributes:
        number: Its place among the files found, from 1; its name may name the patient.
        name: The last part of its path, for the person at the screen only.
        kind: Name of its SOP class.
        reason: Why.
    """

    number: int
    name: str
    kind: str
    reason: str


@dataclass(slots=True)
class Release:
    """What became of the files of one run.

    Attributes:
        found: Files looked at.
        skipped: Files that are no DICOM, or only list other files.
        written: New files, relative to the output folder.
        held: Files held back.
        done: (action, keyword) to count, over all files written.
        masked: New file to the share of its area that was masked, of pictures searched for text; 0 if none was found.
        faces: Files whose slices may show a face.
    """

    found: int = 0
    skipped: int = 0
    written: list[str] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    masked: dict[str, float] = field(default_factory=dict)
    faces: int = 0


def release(paths: Sequence[Path], out: Path, options: Options, secret: bytes, tell: Tell | None = None) -> Release:
    """Write every file that may be released into ``out``, as ``<patient>/<study>/<series>/<number>.dcm``.

    A file appears whole or not at all. No name in the tree comes from the source.

    Args:
        paths: Files of any kind; DICOM is told by its bytes.
        out: A folder that exists.
        options: What is kept beyond the basic profile.
        secret: Under the same secret, a patient, an object and an interval become the same again.
        tell: Told of progress: ``{"event": "deidentify", "done": 200, "of": 10000}``.

    Raises:
        OutputError: If a file cannot be written.
    """
    keys, result = Keys.of(secret), Release(found=len(paths))
    places: Counter[Path] = Counter()
    for number, path in enumerate(paths, start=1):
        if not is_dicom(path):
            result.skipped += 1
        else:
            _one(path, number, options, keys, result, lambda clean: _save(clean, out, places))
        if tell is not None and (number % EVERY == 0 or number == len(paths)):
            tell({"event": "deidentify", "done": number, "of": len(paths)})
    return result


@discreet()
def _one(
    path: Path, number: int, options: Options, keys: Keys, result: Release, save: Callable[[pydicom.Dataset], str]
) -> None:
    """One file: read, judged, masked, cleaned, written; what happened goes to ``result``."""
    kind = "not known"
    try:
        source = _read(path)
        if is_directory(source):
            result.skipped += 1
            return
        kind = name_of_kind(source)
        share = _pixels(source, options)
        clean, done = _clean(source, options, keys)
        name = save(clean)
    except InputError as error:
        result.held.append(Held(number, short_path(path), kind, str(error)))
        return
    result.written.append(name)
    result.done.update(done)
    result.faces += face(source)
    if share is not None:
        result.masked[name] = share


def _read(path: Path) -> pydicom.Dataset:
    """The whole object.

    Raises:
        InputError: Without the file's name, since the sentence goes into the report.
    """
    try:
        check_inflated(path)
        source = pydicom.dcmread(path, force=True)
        syntax = transfer_syntax(source)
    except (*DAMAGED, InputError) as error:
        raise FormatError(DAMAGED_FILE) from error
    if not len(source) or not syntax:
        raise FormatError(DAMAGED_FILE)
    if syntax in {FRAGMENTED, DEFLATED_FRAMES}:  # pydicom knows them as no transfer syntax
        raise FormatError(f"its transfer syntax {name_of(syntax)} is not written here. Send it uncompressed")
    return source


def _pixels(source: pydicom.Dataset, options: Options) -> float | None:
    """Make the pixels fit to be released, and return the share that was masked; None where nothing was looked for.

    Raises:
        InputError: If the object must be held back.
    """
    if reason := reason_against(source):
        raise FormatError(reason)
    try:
        remove_leftovers(source)
    except DAMAGED as error:
        raise FormatError(DAMAGED_FILE) from error
    text = burned_in.expected(source)
    if not text:
        return None
    if not options.clean_pixels:
        raise FormatError(f"{text}. Mask it with --clean-pixels")
    try:
        return burned_in.mask_text(source, "picture with text")
    except (*DAMAGED, MemoryError) as error:
        raise FormatError(f"{text}, and its pixels cannot be decoded to mask it") from error


def _clean(source: pydicom.Dataset, options: Options, keys: Keys) -> tuple[pydicom.Dataset, Counter[tuple[str, str]]]:
    """The object as it may leave, and what was done.

    Raises:
        InputError: If its elements are so damaged that they cannot be judged, or it is no picture any more.
    """
    try:
        clean, done = deidentify(source, options, keys)
        clean.file_meta = _meta(clean, source)
    except DAMAGED as error:
        raise FormatError(DAMAGED_FILE) from error
    if "PixelData" in source and any(keyword not in clean for keyword in PICTURE if keyword in source):
        raise FormatError("what describes its pixels is not of the form that the standard asks for")
    return clean, done


def _meta(clean: pydicom.Dataset, source: pydicom.Dataset) -> FileMetaDataset:
    """New file meta information; of the old one, only how the bytes are coded. Source: DICOM PS3.10 7.1."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = clean.SOPClassUID
    meta.MediaStorageSOPInstanceUID = clean.SOPInstanceUID
    meta.TransferSyntaxUID = transfer_syntax(source)
    meta.ImplementationClassUID = UID(uid_source("secondread")("implementation class"))
    meta.ImplementationVersionName = f"SECONDREAD{__version__}"[:16]
    return meta


def _save(clean: pydicom.Dataset, out: Path, places: Counter[Path]) -> str:
    """Write the next file of its series, and return its name in ``out``.

    Raises:
        InputError: If the object is not fit to be written.
        OutputError: If the folder cannot be written to.
    """
    folder = Path(str(clean.PatientID), clean.StudyInstanceUID, clean.SeriesInstanceUID)
    name = folder / f"{places[folder] + 1:05d}.dcm"
    part = out / f".{secrets.token_hex(8)}.part"
    try:
        (out / folder).mkdir(parents=True, exist_ok=True)
        pydicom.dcmwrite(part, clean, enforce_file_format=True, overwrite=False)
        part.replace(out / name)
    except OSError as error:
        raise OutputError(
            f"{short_path(out)}: cannot be written ({error.strerror or type(error).__name__}). "
            "A folder with room that may be written to is needed; choose another with --out."
        ) from error
    except DAMAGED as error:
        raise FormatError("it breaks rules of DICOM so that it cannot be written again") from error
    finally:
        part.unlink(missing_ok=True)
    places[folder] += 1
    return name.as_posix()
