"""Zip archives: unpacked into a folder of their own, never outside it, never without bounds."""

import lzma
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from secondread.core.errors import FormatError, InputError, TooLargeError, short_path

MAX_FILES = 20_000
MAX_BYTES = 4 * 1024**3
# A study of images shrinks a few times, a blank one some dozens of times. Deflate cannot pass 1032.
MAX_RATIO = 200
RATIO_FREE_BYTES = 64 * 1024**2
_CHUNK = 1024 * 1024
# Source: PKWARE APPNOTE.TXT 4.3.7 (local file header) and 4.3.16 (the end record, first when the archive is empty).
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
# What zipfile and its decoders raise on damaged archives. Anything else is a fault of this program and must be seen.
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, UnicodeError, EOFError, RuntimeError, OSError)


def check_there(source: Path) -> None:
    """Refuse what is neither a file nor a folder before it is opened: a named pipe would be waited on for ever.

    Raises:
        InputError: If ``source`` is missing, cannot be looked at, or is something else.
    """
    where = short_path(source)
    try:
        mode = source.stat().st_mode
    except FileNotFoundError as error:
        raise InputError(f"{where}: no such file or folder. Check the path.") from error
    except (OSError, ValueError) as error:  # a name that is too long, or holds a zero byte
        raise InputError(f"{where}: cannot be opened ({type(error).__name__}). Check the path.") from error
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise InputError(f"{where}: found neither a file nor a folder, but a pipe or device. Save it as a file first.")


def first_bytes(path: Path, count: int) -> bytes:
    """The first bytes of a file, ``count`` of them if it has as many.

    Raises:
        InputError: If it cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(count)
    except OSError as error:
        raise InputError(
            f"{short_path(path)}: cannot be opened ({error.strerror}). Check that it is a file that you may read."
        ) from error


def is_zip(path: Path) -> bool:
    """Whether the file begins as a zip archive does.

    Raises:
        InputError: If it cannot be opened.
    """
    return first_bytes(path, 4) in ZIP_STARTS


@contextmanager
def unpacked(source: Path) -> Iterator[Path]:
    """The folder a zip archive unpacks to, for as long as the context lasts; anything else as it is.

    Raises:
        FormatError: If the archive is damaged, encrypted, or names a place outside its folder.
        TooLargeError: If it holds more files or bytes than may be unpacked.
        InputError: If ``source`` does not exist, or is neither a file nor a folder.
    """
    check_there(source)
    if source.is_dir() or not is_zip(source):
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="secondread-") as place:
        folder = Path(place) / (source.stem.strip(".") or "archive")  # so that messages name the archive
        folder.mkdir()
        unpack(source, folder)
        yield folder


def unpack(source: Path, folder: Path) -> None:
    """Unpack the zip archive ``source`` into the empty ``folder``; links and nested archives stay packed.

    Raises:
        FormatError: If the archive is damaged, encrypted, or names a place outside ``folder``.
        TooLargeError: If it holds more files or bytes than may be unpacked.
    """
    where = short_path(source)
    try:
        with zipfile.ZipFile(source) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and not _is_link(m)]
            _check_sizes(members, where)
            _check_names(members, where)
            left = MAX_BYTES
            for member in members:
                target = folder / _inside(member, where)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as packed, target.open("xb") as plain:
                    left -= _copy(packed, plain, min(left, member.file_size), where)
    except DAMAGED as error:
        raise FormatError(
            f"{where}: the zip archive cannot be unpacked ({type(error).__name__}). It is damaged, encrypted or of "
            "an unknown kind, or the disk is full; unpack it by hand and give the folder."
        ) from error


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)


def _check_sizes(members: list[zipfile.ZipInfo], where: str) -> None:
    size, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if len(members) > MAX_FILES or size > MAX_BYTES or (size > RATIO_FREE_BYTES and size > MAX_RATIO * packed):
        raise TooLargeError(
            f"{where}: the archive announces {len(members)} files and {size} bytes from {packed}; allowed are "
            f"{MAX_FILES} files, {MAX_BYTES} bytes and {MAX_RATIO} times the packed size. Unpack one study by hand "
            "and give the folder."
        )


def _check_names(members: list[zipfile.ZipInfo], where: str) -> None:
    """Refuse two files of one name: the second would take the place of the first, and a slice would be gone."""
    places = {_inside(member, where) for member in members}
    if len(places) < len(members):
        raise FormatError(
            f"{where}: {len(members) - len(places)} of {len(members)} files in the archive have the name of another. "
            "Unpack it by hand into separate folders and give the folder above them."
        )


def _inside(member: zipfile.ZipInfo, where: str) -> PurePosixPath:
    """The member's path, once it is sure to lie inside the folder."""
    name = member.filename.replace("\\", "/")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or ":" in name or not path.parts:
        raise FormatError(f"{where}: the archive names a file outside its own folder. Do not trust it.")
    return path


def _copy(packed: IO[bytes], plain: IO[bytes], allowed: int, where: str) -> int:
    """Copy at most ``allowed`` bytes, whatever the header promised; returns how many."""
    written = 0
    while chunk := packed.read(_CHUNK):
        written += len(chunk)
        if written > allowed:
            raise TooLargeError(f"{where}: a packed file is larger than it announces. Do not trust this archive.")
        plain.write(chunk)
    return written
