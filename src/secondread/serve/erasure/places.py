"""Where files of a study lie: its folder of images, of results, and of what can be made again."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from secondread.serve.room import Room
from secondread.serve.storage.place import folder_name


def places_of(room: Room, study_uid: str, images: Iterable[str], results: Iterable[str]) -> list[str]:
    """Every file and folder that there is of a study, below the room's folder.

    What no row knows is taken too: a file of a receipt that broke off, the results of a cancelled read.

    Args:
        room: The room.
        study_uid: The study.
        images: Paths that the index knows, below the folder of images.
        results: Folders that the reads know, below the folder of results.
    """
    folders = room.folders
    found = {folders.images / path for path in images} | {folders.results / folder for folder in results}
    place = folder_name(study_uid)
    for top in (folders.images, folders.results):
        found |= set(_inside(top / place))
    found |= set(folders.cache.glob(f"*/{place}"))
    return sorted(path.relative_to(folders.top).as_posix() for path in found)


def _inside(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from folder.iterdir()
