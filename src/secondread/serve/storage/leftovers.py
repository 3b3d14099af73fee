"""What a process that ended in the middle of receiving left behind: it was never acknowledged, so it is removed."""

import tempfile
from contextlib import suppress
from pathlib import Path

from secondread.serve.room import Room

OF_THE_NODE = "dimse-"  # only one process of a room has the node, so at its start nobody writes these
_STILL_WRITTEN_SECONDS = 3600.0  # others may be: by workers, which go on while the server starts


def remove_leftovers(room: Room) -> None:
    """Remove what the node left behind, and what nobody has written to for an hour."""
    folder = room.folders.incoming
    with tempfile.NamedTemporaryFile(dir=folder, prefix="now-") as stamp:  # the time as this disk tells it
        now = Path(stamp.name).stat().st_mtime
    for file in folder.iterdir():
        with suppress(FileNotFoundError):
            if file.name.startswith(OF_THE_NODE) or now - file.stat().st_mtime > _STILL_WRITTEN_SECONDS:
                file.unlink()
