"""Many files at once: the header of each, or the reason why there is none.

One file after the other on purpose: see ``benchmarks/scan.py``. Plain headers are indexed, which is several times
faster than parsing them; whatever is not plain goes to pydicom.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pydicom

from secondread.core.errors import InputError
from secondread.dicom.header import read_elements
from secondread.dicom.indexed import index, tags_of

Tell = Callable[[dict[str, Any]], None]
EVERY = 100  # files between two words of progress


def scan(
    paths: Sequence[Path], keywords: Sequence[str], tell: Tell | None = None
) -> Iterator[tuple[Path, pydicom.Dataset | InputError]]:
    """Each file with its elements, or with the error that says why it has none; pixels are not read.

    Args:
        paths: Files; they come back in this order.
        keywords: DICOM keywords to keep.
        tell: Told every 100 files and at the end: ``{"event": "scan", "done": 200, "of": 10000}``.
    """
    tags = tags_of((*keywords, "SpecificCharacterSet"))
    for done, path in enumerate(paths, start=1):
        yield path, _elements(path, keywords, tags)
        if tell is not None and (done % EVERY == 0 or done == len(paths)):
            tell({"event": "scan", "done": done, "of": len(paths)})


def _elements(path: Path, keywords: Sequence[str], tags: frozenset[int]) -> pydicom.Dataset | InputError:
    try:
        plain = index(path, tags) if path.is_file() else None
    except OSError:  # said better by what comes next
        plain = None
    if plain is not None:
        return plain.elements
    try:
        return read_elements(path, keywords)
    except InputError as error:
        return error
