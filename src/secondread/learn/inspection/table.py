"""The rows of a data set, whether it is a folder with a manifest or an ``.npz`` file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import ManifestError
from secondread.learn.manifest import SPLITS, rows_of

FIRST_LINE = 2  # of a manifest, below its head


@dataclass(frozen=True, eq=False)  # no slots: what is asked again and again is kept
class Table:
    """A data set, its pictures not yet read.

    Attributes:
        name: Of the folder or file.
        path: Where it is.
        rows: Column to cell, one a picture.
        columns: In their order.
        stacks: For an ``.npz`` file: split to its pictures [n, h, w] or [n, h, w, 3].
    """

    name: str
    path: Path
    rows: tuple[Mapping[str, str], ...]
    columns: tuple[str, ...]
    stacks: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> NDArray[np.str_]:
        """The cells of one column, str [n]; all empty if there is no such column."""
        return np.array([row.get(name, "").strip() for row in self.rows], dtype=np.str_)

    def row_number(self, n: int) -> int:
        """The number a person finds the row by: the line of the manifest, or the picture's place in the file."""
        return n + (0 if self.stacks else FIRST_LINE)

    def numbers(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> tuple[int, ...]:
        """The numbers of several rows, given as a mask [n] or as places."""
        places = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        return tuple(self.row_number(int(n)) for n in places)

    @cached_property
    def splits(self) -> NDArray[np.str_]:
        """Str [n]."""
        return self.column("split")

    @cached_property
    def patients(self) -> NDArray[np.intp]:
        """A number for each row's patient, intp [n]; a row without one is a patient of its own."""
        names = self.column("patient")
        own = np.array([name or f"\0{n}" for n, name in enumerate(names)], dtype=np.str_)
        return np.unique(own, return_inverse=True)[1]


def open_table(path: Path) -> Table:
    """The rows of the folder or ``.npz`` file at ``path``.

    Raises:
        ManifestError: If it is no data set.
    """
    if path.suffix == ".npz":
        return _npz(path)
    rows = rows_of(path.resolve() if path.name in {"", ".", ".."} else path)
    return Table(path.resolve().name, path, tuple(rows), tuple(rows[0]))


def _npz(path: Path) -> Table:
    """A file laid out as MedMNIST does; it names no patients.

    Source: MedMNIST v2 (Yang et al., Scientific Data 2023): ``<split>_images`` and ``<split>_labels``.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            stacks = {name: held[f"{name}_images"] for name in SPLITS}
            marks = {name: held[f"{name}_labels"] for name in SPLITS}
    except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
        raise ManifestError(
            f"data set {path.name}: not laid out as MedMNIST does; needed <split>_images and <split>_labels of "
            f"{', '.join(SPLITS)}."
        ) from error
    rows = [
        {"file": f"{name}_images[{n}]", **_marks(marks[name][n]), "split": name}
        for name in SPLITS
        for n in range(len(stacks[name]))
    ]
    if not rows:
        raise ManifestError(f"data set {path.name}: holds no pictures. Give another file.")
    return Table(path.name, path, tuple(rows), tuple(rows[0]), stacks)


def _marks(marks: NDArray[Any]) -> dict[str, str]:
    """The label, or one column each of several independent ones."""
    flat = np.ravel(marks)
    if len(flat) == 1:
        return {"label": str(flat[0])}
    return {f"label_{k}": str(mark) for k, mark in enumerate(flat)}
