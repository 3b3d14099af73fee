"""The files of a folder, and the only picture among them."""

import os
from collections.abc import Mapping
from pathlib import Path

from secondread.core.errors import InputError
from secondread.formats.kinds import NAMES, OPEN


def files_in(folder: Path) -> list[Path]:
    """Every file below ``folder``, in order; without hidden files and folders, pipes and devices.

    Links to files are followed, links to folders are not. A folder that cannot be opened stands for what lies in it, so
    that somebody hears of it.
    """
    found: list[Path] = []

    def note(error: OSError) -> None:
        found.append(Path(error.filename))

    for place, below, names in os.walk(folder, onerror=note):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [file for name in names if not name.startswith(".") and (file := Path(place, name)).is_file()]
    return sorted(found)


def only_picture(kinds: Mapping[Path, str], where: str) -> Path:
    """The one file without DICOM tags that can be opened.

    Args:
        kinds: Each file of the folder, and its kind.
        where: Name of the folder for messages.

    Raises:
        InputError: If there is none, or nothing says which of several.
    """
    pictures = [file for file, kind in kinds.items() if kind in OPEN]
    if not pictures:
        raise InputError(f"{where}: found no image among its files ({len(kinds)}); needed {NAMES}.")
    if len(pictures) > 1:
        raise InputError(
            f"{where}: found {len(pictures)} pictures without DICOM tags, and nothing says that they belong to one "
            "patient. Name one file."
        )
    return pictures[0]
