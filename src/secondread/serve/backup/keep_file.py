"""One file of the room into a backup, verified."""

import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path

from secondread.core.errors import FormatError
from secondread.serve.backup.index import Named
from secondread.serve.backup.layout import FILES, PART, Entry, stored_at
from secondread.serve.storage.arrive import data_set_hash
from secondread.serve.storage.place import sync

_CHUNK = 1 << 20


def keep_file(named: Named, folder: Path, target: Path, earlier: Mapping[str, Entry]) -> tuple[Entry | None, bool]:
    """Copy a file unless the backup has it; its place in the list, and whether it was copied.

    A file that is missing or damaged in the room stays as the last backup has it; None where that has none.

    Raises:
        OSError: If the backup cannot be written.
    """
    file, known = folder / named.path, earlier.get(named.path)
    if known is not None and not stored_at(target, known.sha256).is_file():
        known = None
    try:
        state = file.stat()
        if known is not None and (state.st_size, state.st_mtime_ns) == (known.size, known.changed_ns):
            return known, False
        source = file.open("rb")
    except OSError:
        return known, False
    part = target / FILES / f"{secrets.token_hex(8)}{PART}"
    try:
        with source, part.open("xb") as copy:
            digest = hashlib.sha256()
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                copy.write(chunk)
        if named.data_sha256 and _data_sha256(part) != named.data_sha256:
            return known, False
        place = stored_at(target, digest.hexdigest())
        copied = not place.is_file()
        if copied:
            sync(part)
            place.parent.mkdir(exist_ok=True, mode=0o700)
            part.replace(place)
        return Entry(named.path, place.stat().st_size, digest.hexdigest(), state.st_mtime_ns), copied
    finally:
        part.unlink(missing_ok=True)


def _data_sha256(file: Path) -> str:
    try:
        return data_set_hash(file)
    except FormatError:
        return ""
