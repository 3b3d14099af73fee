"""DICOMDIR: the table of contents of a disk, and the files that it names.

Source: DICOM PS3.3 F.3 (basic directory information object), PS3.10 8.2 (file IDs), PS3.12.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pydicom

from secondread.core.errors import FormatError, TooLargeError, short_path
from secondread.dicom.header import calm, read_elements, texts, value

NAME = "DICOMDIR"
MAX_RECORDS = 100_000
_DIRECTORY = b"1.2.840.10008.1.3.10"  # Source: DICOM PS3.4 B.5, Media Storage Directory Storage


@dataclass(frozen=True, slots=True)
class Contents:
    """What a DICOMDIR names.

    Attributes:
        files: Those that are there, in its order, each once.
        skipped: (name, reason) of those that are not.
    """

    files: tuple[Path, ...]
    skipped: tuple[tuple[str, str], ...]


def is_dicomdir(path: Path) -> bool:
    """Whether a file is a DICOMDIR, judged by its first bytes and not by its name."""
    try:
        with path.open("rb") as stream:
            start = stream.read(1024)
    except OSError:
        return False
    return start[128:132] == b"DICM" and _DIRECTORY in start


def find_dicomdir(folder: Path) -> Path | None:
    """The DICOMDIR that lies directly in ``folder``, if there is one."""
    named = (item for item in folder.iterdir() if item.name.upper().rstrip(".") == NAME)
    return next((item for item in sorted(named) if item.is_file() and is_dicomdir(item)), None)


def contents(path: Path) -> Contents:
    """The files that a DICOMDIR names, all of which must lie in its own folder or below it.

    Args:
        path: The DICOMDIR.

    Raises:
        FormatError: If it is damaged, names no file, or names one outside its folder.
        TooLargeError: If it has more than ``MAX_RECORDS`` records.
    """
    where = short_path(path)
    with calm():
        records = value(read_elements(path, ("DirectoryRecordSequence",)), "DirectoryRecordSequence")
        if not isinstance(records, pydicom.Sequence):
            raise FormatError(f"{where}: this DICOMDIR has no records. Give the folder with the images instead.")
        if len(records) > MAX_RECORDS:
            raise TooLargeError(f"{where}: found {len(records)} records, at most {MAX_RECORDS} are read.")
        named = [texts(record, "ReferencedFileID") for record in records]
    folder = path.parent.resolve()
    files: dict[Path, None] = {}
    skipped: dict[str, str] = {}
    for parts in filter(None, named):
        found = _file(folder, parts, where)
        if found is None:
            skipped[short_path(parts[-1])] = "named by the DICOMDIR, but not there"
        else:
            files[found] = None
    if not files:
        raise FormatError(
            f"{where}: found {len(skipped)} files named by it, and none of them is there. "
            "Copy the whole disk, or give the folder with the images."
        )
    return Contents(tuple(files), tuple(skipped.items()))


def _file(folder: Path, parts: tuple[str, ...], where: str) -> Path | None:
    """The file of a file ID, or None if it is missing; disks are often copied into lower case.

    Raises:
        FormatError: If it lies outside ``folder``.
    """
    if any(part in {"", ".", ".."} or set(part) & set("/\\:\0") for part in parts):
        raise FormatError(f"{where}: the DICOMDIR names a file outside its own folder. Do not trust this disk.")
    for place in _places(folder, parts):
        found = place.resolve()
        if not found.is_relative_to(folder):
            raise FormatError(f"{where}: the DICOMDIR names a file outside its own folder. Do not trust this disk.")
        if found.is_file():
            return found
    return None


def _places(folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    yield folder.joinpath(*parts)
    yield folder.joinpath(*(part.lower() for part in parts))
    yield folder.joinpath(*(part.upper() for part in parts))
