"""Files that are moved into place together, or not at all."""

from collections.abc import Iterable
from pathlib import Path


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there: the same file system, so that a rename is one step."""
    return folder if folder.exists() else existing(folder.parent)


def move_all(moves: Iterable[tuple[Path, Path]]) -> None:
    """Rename each (source, target) in turn; when a step fails, every step is taken back."""
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            source.rename(target)
            done.append((source, target))
    except BaseException:
        for source, target in reversed(done):
            target.rename(source)
        raise
