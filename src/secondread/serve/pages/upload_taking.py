"""One uploaded file: a DICOM object into the room, an archive unpacked first, anything else refused with a reason.

A picture or a NIfTI volume says neither whose it is nor when it was made, and wrapping it would invent both; so it is
refused here, and read with ``secondread read``, where nothing is filed under a patient.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from secondread.core.errors import InputError, TooLargeError
from secondread.formats.archive import is_zip, unpack
from secondread.formats.kinds import kind_by_start
from secondread.serve.room import Room
from secondread.serve.storage.arrive import arrival_of
from secondread.serve.storage.take_in import ConflictError, Kept, Known, take_in

_START = 132  # DICOM PS3.10 7.1: 128 bytes, then DICM
_LEFT_BEHIND = frozenset({".ds_store", "thumbs.db", "desktop.ini", "dicomdir"})  # of no use here, and no mistake either
_OUTCOMES = {Kept.STORED: "stored", Kept.ALREADY_HERE: "already-here"}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file.

    Attributes:
        name: As the person's computer calls it; shown to that person only.
        outcome: ``stored``, ``already-here``, ``refused`` or ``skipped``.
        why: Key of a phrase where it was refused or skipped.
        study_uid: Of the study it belongs to, where it was stored or is here.
    """

    name: str
    outcome: str
    why: str = ""
    study_uid: str = ""


def take_file(room: Room, part: Path, name: str, source: str, known: Known) -> Iterator[Taken]:
    """Take in a whole file from the folder of incoming files; ``part`` is gone when all is taken.

    Args:
        room: The room.
        part: The file.
        name: What it was called.
        source: Who sends it.
        known: Rows that earlier files of the same upload needed.

    Raises:
        OSError: If there is no room on the disk.
    """
    try:
        if is_zip(part):
            yield from _archive(room, part, name, source, known)
        else:
            yield _one(room, part, name, source, known)
    finally:
        part.unlink(missing_ok=True)


def summed(taken: list[Taken]) -> Counter[str]:
    """How many there are of each outcome."""
    return Counter(one.outcome for one in taken)


def _archive(room: Room, part: Path, name: str, source: str, known: Known) -> Iterator[Taken]:
    with tempfile.TemporaryDirectory(dir=room.folders.incoming, prefix="zip-") as place:
        folder = Path(place)
        try:
            unpack(part, folder)
        except TooLargeError:
            yield Taken(name, "refused", "upload.why.archive-large")
            return
        except InputError:
            yield Taken(name, "refused", "upload.why.archive")
            return
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        if not files:
            yield Taken(name, "refused", "upload.why.empty")
        for file in files:
            inner = f"{name}/{file.relative_to(folder).as_posix()}"
            if is_zip(file):
                yield Taken(inner, "refused", "upload.why.nested")
            else:
                yield _one(room, file, inner, source, known)


def _one(room: Room, part: Path, name: str, source: str, known: Known) -> Taken:
    last = name.rpartition("/")[2].lower()
    if last in _LEFT_BEHIND or "__MACOSX/" in name:
        return Taken(name, "skipped", "upload.why.left-behind")
    with part.open("rb") as stream:
        start = stream.read(_START)
    if not start:
        return Taken(name, "refused", "upload.why.empty")
    if start[128:] != b"DICM":
        return Taken(name, "refused", f"upload.why.{'picture' if kind_by_start(start, name) else 'not-dicom'}")
    try:
        arrival = arrival_of(part, source)
        return Taken(name, _OUTCOMES[take_in(room, arrival, known)], study_uid=arrival.entry.study_uid)
    except ConflictError:
        return Taken(name, "refused", "upload.why.conflict")
    except InputError:
        return Taken(name, "refused", "upload.why.damaged")
