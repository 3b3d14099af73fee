"""Voxels that a text header describes: plain or deflated numbers, beside the header or behind it."""

import hashlib
import math
import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import FormatError, TooLargeError, short_path
from secondread.core.geometry import Geometry
from secondread.core.identity import study_pseudonym, uid_of
from secondread.core.limits import MAX_VOXELS, check_size
from secondread.core.study import FileRef, Series, Study
from secondread.core.volume import Volume

MAX_HEADER = 2**16  # bytes; the headers of volumes have some dozens of short lines
_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Stored:
    """A volume as a text header describes it.

    Attributes:
        header: The file with the header.
        data: The file with the numbers; the same, or one beside it.
        start: Bytes before the numbers; -1 where the numbers are the last of the file.
        packing: ``raw``, ``zlib`` or ``gzip``.
        dtype: Kind and byte order of the numbers.
        geometry: The grid in LPS mm over (k, j, i); i runs fastest.
    """

    header: Path
    data: Path
    start: int
    packing: str
    dtype: np.dtype[np.generic]
    geometry: Geometry

    @property
    def size_bytes(self) -> int:
        """What the numbers take unpacked."""
        return math.prod(self.geometry.shape) * self.dtype.itemsize


def header_lines(path: Path, *, last: str) -> tuple[list[str], int]:
    """The lines of a text header, and how many bytes they take.

    Args:
        path: The file; text first, in ASCII or UTF-8.
        last: What the last line begins with; ``""`` where an empty line or the end of the file closes the header.

    Raises:
        FormatError: If the file is missing, empty, or its header does not end.
    """
    where = short_path(path)
    start = _first_bytes(path, where)
    lines: list[str] = []
    offset = 0
    while offset < len(start):
        end = start.find(b"\n", offset)
        if end < 0 and len(start) == MAX_HEADER:
            break
        line = start[offset : end if end >= 0 else len(start)].decode("utf-8", "replace").rstrip("\r")
        offset = end + 1 if end >= 0 else len(start)
        if not line.strip() and not last:
            return lines, offset
        lines.append(line)
        if last and line.lstrip().startswith(last):
            return lines, offset
    if last or len(start) == MAX_HEADER:
        raise FormatError(f"{where}: the header does not end as it should. It is cut short; export the volume again.")
    return lines, offset


def _first_bytes(path: Path, where: str) -> bytes:
    try:
        with path.open("rb") as stream:
            start = stream.read(MAX_HEADER)
    except OSError as error:
        raise FormatError(f"{where}: the file is missing or cannot be opened. Check the path.") from error
    if not start:
        raise FormatError(f"{where}: the file is empty (0 bytes). Copy it again from its source.")
    return start


def numbers_of(text: str, count: int, what: str, where: str) -> list[float]:
    """``count`` finite numbers from a line of the header.

    Raises:
        FormatError: If there are more or fewer, or one is no finite number.
    """
    try:
        found = [float(part) for part in text.split()]
    except ValueError:
        found = []
    if len(found) != count or not all(map(math.isfinite, found)):
        raise FormatError(f"{where}: {what} is not {count} finite numbers. Export the volume again.")
    return found


def sizes_of(text: str, what: str, where: str) -> tuple[int, int, int]:
    """Voxels along (x, y, z), within what is read.

    Raises:
        FormatError: If they are not three positive whole numbers.
        TooLargeError: If they announce too many voxels.
    """
    found = numbers_of(text, 3, what, where)
    columns, rows, slices = (int(number) for number in found)
    if [columns, rows, slices] != found:
        raise FormatError(f"{where}: {what} is not three whole numbers. Export the volume again.")
    check_size(where, rows=rows, columns=columns, frames=slices, limit=MAX_VOXELS)
    return columns, rows, slices


def beside(header: Path, name: str) -> Path:
    """The data file ``name`` that a header refers to; it must lie in the header's own folder or below it.

    Raises:
        FormatError: If it lies elsewhere, also by way of a link, or is not there.
    """
    where = short_path(header)
    folder = header.parent.resolve()
    try:
        target = (folder / name.replace("\\", "/")).resolve()
        inside = target.is_relative_to(folder) and not Path(name).is_absolute()
        there = inside and target.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # a zero byte, a name too long, links in a circle
        raise FormatError(f"{where}: the name of its data file cannot be used. Export the volume again.") from error
    if not inside:
        raise FormatError(f"{where}: its data file lies outside its own folder. Put both into one folder.")
    if not there:
        raise FormatError(f"{where}: its data file {short_path(name)} is missing. Put both into one folder.")
    return target


def study_of(stored: Stored, kind: str) -> Study:
    """The one volume of a file, not yet read; its UIDs are derived from the bytes."""
    digest = hashlib.sha256()
    for path in dict.fromkeys((stored.header, stored.data)):
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    content = digest.digest()
    study_uid = uid_of(content, "study")
    _, rows, columns = stored.geometry.shape
    file = FileRef(stored.header, "", uid_of(content))
    series = Series(uid_of(content, "series"), modality="", kind=kind, files=(file,), size=(rows, columns))
    return Study(study_uid, study_pseudonym(study_uid), (series,))


def load_series(series: Series, kind: str, name: str, stored_in: Callable[[Path], Stored]) -> Volume:
    """The volume of a series, whose only file is of the kind ``kind``, called ``name`` in messages.

    Raises:
        FormatError: If it is of another kind, or cannot be read.
    """
    path = series.files[0].path
    if series.kind != kind:
        raise FormatError(f"{short_path(path)}: found a series of kind {series.kind}, needed {name} file.")
    return load(stored_in(path))


def load(stored: Stored) -> Volume:
    """The numbers on their grid; unit ``grey``, since such a file does not say what its numbers are.

    Returns:
        float32 [k, j, i].

    Raises:
        FormatError: If the numbers are damaged, too few or too many, or not finite.
    """
    where = short_path(stored.header)
    content = _plain(stored, where) if stored.packing == "raw" else _unpacked(stored, where)
    values = np.frombuffer(content, stored.dtype).reshape(stored.geometry.shape)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows becomes infinite and is refused below
        voxels = _native(values)
    if not np.isfinite(voxels).all():
        raise FormatError(f"{where}: found voxels that are not finite numbers (NaN or infinite). Replace them first.")
    voxels.flags.writeable = False
    return Volume(voxels, stored.geometry, "grey")


def _native(values: NDArray[np.generic]) -> NDArray[np.float32]:
    return values.astype(np.float32)


def _plain(stored: Stored, where: str) -> bytes:
    """Numbers that are not packed."""
    size = stored.data.stat().st_size
    start = stored.start if stored.start >= 0 else size - stored.size_bytes
    if start < 0 or size - start < stored.size_bytes:
        raise FormatError(
            f"{where}: the voxels are cut short. Found {max(0, size - max(start, 0))} bytes, needed "
            f"{stored.size_bytes}; copy the volume again."
        )
    with stored.data.open("rb") as stream:
        stream.seek(start)
        return stream.read(stored.size_bytes)


def _unpacked(stored: Stored, where: str) -> bytearray:
    """Numbers that are deflated; no more is unpacked than the header promises."""
    window = zlib.MAX_WBITS | (16 if stored.packing == "gzip" else 0)
    inflate = zlib.decompressobj(window)
    content = bytearray()
    try:
        with stored.data.open("rb") as stream:
            stream.seek(max(stored.start, 0), os.SEEK_SET)
            while not inflate.eof and len(content) <= stored.size_bytes:
                block = inflate.unconsumed_tail or stream.read(_CHUNK)
                if not block:
                    break
                content += inflate.decompress(block, _CHUNK)
    except zlib.error as error:
        raise FormatError(f"{where}: the packed voxels are damaged. Copy the volume again.") from error
    if len(content) > stored.size_bytes:
        raise TooLargeError(f"{where}: the packed voxels are more than the header announces. Do not trust this file.")
    if len(content) < stored.size_bytes:
        raise FormatError(
            f"{where}: the voxels are cut short. Found {len(content)} bytes, needed {stored.size_bytes}; "
            "copy the volume again."
        )
    return content


def number_type(name: str, known: dict[str, str], order: str, where: str) -> np.dtype[np.generic]:
    """The kind of number that a header names.

    Args:
        name: As the header writes it.
        known: Names to NumPy codes without byte order, e.g. ``i2``.
        order: ``<`` or ``>``; ``""`` where the header does not say.
        where: File name for messages.

    Raises:
        FormatError: If it is unknown, or its byte order is not stated.
    """
    code = known.get(name)
    if code is None:
        raise FormatError(
            f"{where}: numbers of the kind {name[:32]!r} are not read. Export as float or 16-bit numbers."
        )
    if not order and not code.endswith("1"):
        raise FormatError(f"{where}: the header does not say the byte order of its numbers. Export the volume again.")
    return np.dtype(f"{order or '<'}{code}")


def only(found: Sequence[str], allowed: Sequence[str], what: str, where: str) -> None:
    """Refuse values of a header field that are not read.

    Raises:
        FormatError: If one of ``found`` is not among ``allowed``.
    """
    for item in found:
        if item not in allowed:
            raise FormatError(
                f"{where}: found {what} {item[:32]!r}, needed {' or '.join(allowed)}. Export the volume so."
            )
