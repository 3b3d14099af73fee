"""Pictures of a series made once and kept: one file of frames, one that says where each begins.

A folder a study, so that erasing a study erases what was made of it. Everything here can be made again.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secondread.serve.room import Room
from secondread.serve.storage.place import folder_name
from secondread.serve.view.package import Frame

VERSION = 3
INDEX, FRAMES = "index.json", "frames.bin"


def study_folder(room: Room, study_uid: str) -> Path:
    """Where what was made of a study lies."""
    return room.folders.cache / "view" / folder_name(study_uid)


def forget(room: Room, study_uid: str) -> None:
    """Remove everything that was made of a study."""
    shutil.rmtree(study_folder(room, study_uid), ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Made:
    """A series in the cache.

    Attributes:
        folder: Where it lies.
        description: As :class:`secondread.serve.view.shown.Shown` has it.
        places: For each picture (first byte, kind, rows, columns, scale, offset).
    """

    folder: Path
    description: dict[str, Any]
    places: list[list[Any]]

    def frame(self, number: int) -> Frame:
        """A picture by its number.

        Raises:
            OSError: If the cache was removed.
        """
        first, length, kind, rows, columns, scale, offset = self.places[number]
        with (self.folder / FRAMES).open("rb") as stream:
            data = os.pread(stream.fileno(), length, first)
        if len(data) != length:
            raise OSError("a file of the cache is cut short")
        return Frame(kind, rows, columns, scale, offset, data)


def find(folder: Path) -> Made | None:
    """What :func:`make` wrote, or None."""
    try:
        index = json.loads((folder / INDEX).read_text())
        return Made(folder, index["description"], index["places"]) if index["version"] == VERSION else None
    except (OSError, ValueError, KeyError):
        return None


def make(folder: Path, description: dict[str, Any], frame: Callable[[int], Frame], part: str) -> Made:
    """Write all pictures of a series; the folder appears whole or not at all.

    Args:
        folder: Its place.
        description: Of the series.
        frame: Number to picture.
        part: A name that nobody else uses, for the folder while it is made.

    Raises:
        OSError: If there is no room on the disk.
        InputError: If a picture cannot be decoded.
    """
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = folder.parent / f".{part}"
    new.mkdir(mode=0o700)
    try:
        places, first = [], 0
        with (new / FRAMES).open("wb") as stream:
            for number in range(description["count"]):
                one = frame(number)
                stream.write(one.data)
                places.append([first, len(one.data), one.kind, one.rows, one.columns, one.scale, one.offset])
                first += len(one.data)
        (new / INDEX).write_text(json.dumps({"version": VERSION, "description": description, "places": places}))
        new.rename(folder)
    except OSError:
        if (made := find(folder)) is not None:  # another process was faster
            return made
        raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return Made(folder, description, places)
