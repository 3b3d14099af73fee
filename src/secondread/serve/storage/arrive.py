"""A file from anywhere (an upload, STOW, a result of ours) to an :class:`~secondread.serve.storage.take_in.Arrival`."""

import hashlib
import secrets
from pathlib import Path

from pydicom.filereader import read_file_meta_info

from secondread.core.errors import FormatError, short_path
from secondread.dicom.header import DAMAGED, calm
from secondread.dicom.index_entry import read_entry
from secondread.serve.room import Room
from secondread.serve.storage.take_in import Arrival

_PREAMBLE = 132


def incoming_file(room: Room) -> Path:
    """A new name in the folder of incoming files; whoever writes it removes it when it fails."""
    return room.folders.incoming / f"{secrets.token_hex(12)}.part"


def arrival_of(part: Path, source: str, *, own: bool = False) -> Arrival:
    """A Part 10 file that lies whole in the folder of incoming files.

    Raises:
        FormatError: If it is no DICOM file, is damaged or lacks a UID.
    """
    entry = read_entry(part)
    return Arrival(part, entry, data_set_hash(part), source, own)


def data_set_hash(file: Path) -> str:
    """SHA-256 of a Part 10 file from the end of its file meta information on.

    Two copies of one object that came by different ways differ in that header only.

    Raises:
        FormatError: If the header cannot be read.
    """
    with calm():
        try:
            length = read_file_meta_info(file).FileMetaInformationGroupLength
        except DAMAGED as error:
            raise FormatError(f"{short_path(file)}: the DICOM file is damaged. Send it again.") from error
    with file.open("rb") as stream:
        stream.seek(_PREAMBLE + 12 + int(length))  # 12 bytes of the group length element itself: DICOM PS3.10 7.1
        return hashlib.file_digest(stream, "sha256").hexdigest()
