"""What a data set is, as far as a recipe needs it: its task, its size, how rare its labels are."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from secondread.core.errors import ManifestError, short_path
from secondread.learn.inspection import classes, look, masks
from secondread.learn.inspection import columns as heads
from secondread.learn.inspection.classes import Question
from secondread.learn.inspection.columns import Column
from secondread.learn.inspection.snippet import snippet
from secondread.learn.inspection.table import Table, open_table
from secondread.learn.manifest import SPLITS, fingerprint

Say = Callable[[dict[str, Any]], None]
LOOKED_AT = 400  # rows whose files are opened, spread evenly over the set
DARK = 8  # of 255: as dark as what lies around a body
YES = "1"


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """A data set.

    Attributes:
        name: Of its folder.
        path: Where it is.
        data: The table ``[[data]]`` of a recipe for it.
        labels: Names of the labels; none when it has masks only.
        independent: Whether labels are columns of 0 and 1, instead of excluding each other.
        structures: Names of what masks show.
        size: Rows and columns, the median; of volumes the largest slices, rows and columns.
        alike: Whether all pictures have nearly the same shape.
        coloured: Whether channels differ.
        dark: Share of the pixels that are nearly black.
        lowest: Smallest value as stored.
        modality: What a column of that name says of every row; else "".
        rows: Pictures of each split.
        patients: Patients of each split.
        positive: Training pictures of each label.
        fewest: Patients of the rarest label in the test split, or of the rarer answer to it.
        drawn: Share of the pictures on whose mask something is drawn; 1 without masks.
        guessed: Columns that were taken for labels.
    """

    name: str
    path: Path
    data: Mapping[str, Any]
    labels: tuple[str, ...]
    independent: bool
    structures: tuple[str, ...]
    size: tuple[int, ...]
    alike: bool
    coloured: bool
    dark: float
    lowest: float
    modality: str
    rows: Mapping[str, int]
    patients: Mapping[str, int]
    positive: Mapping[str, int]
    fewest: int
    drawn: float
    guessed: tuple[str, ...]

    @property
    def volumes(self) -> bool:
        """Whether its pictures have slices."""
        return len(self.size) == 3

    @property
    def longest(self) -> int:
        """The longer side in pixels."""
        return max(self.size[-2:])


def look_at(path: Path, say: Say, labels: Sequence[str] = ()) -> Facts:
    """The facts of the data set in a folder.

    Args:
        path: Folder with ``manifest.csv``.
        say: Told how far the work is.
        labels: Columns that hold labels; guessed if none are named.

    Raises:
        ManifestError: If it is no data set, a split is empty, a file cannot be read, or nothing there can be learnt.
    """
    table = open_table(path)
    if table.stacks:
        raise ManifestError(f"data set {short_path(path)}: --auto needs a folder with manifest.csv; write a recipe.")
    check_splits(table)
    columns = heads.columns(table, labels)
    if not labels:
        columns = without_doubtful(table, columns)
    asked = classes.questions(table, columns)
    check_labels(table, asked)
    some = replace(table, rows=tuple(table.rows[n] for n in spread(len(table))))
    looks = look.look(some, say)
    if looks.problems:
        raise ManifestError(f"data set {table.name}: {next(iter(looks.problems.values()))}")
    outlined = masks.look(some, looks, say)
    data = tomllib.loads(snippet(table, looks, columns, asked, (outlined, None), fingerprint(path)))["data"][0]
    names = tuple(dict.fromkeys([*data.get("columns", data.get("classes", {})).values()]))
    structures = tuple(dict.fromkeys(data.get("mask_values", {}).values()))
    if not names and not structures:
        raise ManifestError(
            f"data set {table.name}: found neither labels nor masks. Name a column of labels with --label, or add a "
            "column mask."
        )
    if len({len(size) for size in looks.sizes}) > 1:
        raise ManifestError(f"data set {table.name}: found pictures and volumes; needed one kind. Take the others out.")
    sizes = np.array(looks.sizes, dtype=np.float64)
    shapes = sizes[:, -1] / sizes[:, -2]
    middle = sizes.max(0) if sizes.shape[1] == 3 else np.median(sizes, axis=0)
    said = {cell.upper() for cell in table.column("modality").tolist()}
    return Facts(
        name=table.name,
        path=path,
        data=data,
        labels=names,
        independent="columns" in data,
        structures=structures,
        size=tuple(round(float(side)) for side in middle),
        alike=bool(shapes.max() <= 1.1 * shapes.min()),
        coloured=bool((looks.channels == 3).any()),
        dark=float((looks.small <= DARK).mean()),
        lowest=float(np.nanmin(looks.lowest)),
        modality=said.pop() if len(said) == 1 else "",
        rows={name: int((table.splits == name).sum()) for name in SPLITS},
        patients={name: len(np.unique(table.patients[table.splits == name])) for name in SPLITS},
        positive=positive(table, data),
        fewest=fewest(table, data),
        drawn=1.0 if outlined is None else float((outlined.drawn == masks.DRAWN).mean()),
        guessed=() if labels else tuple(c.name for c in columns if c.role == "label"),
    )


def spread(rows: int) -> list[int]:
    """Numbers of rows that are looked at, evenly spread.

    >>> spread(3), len(spread(100_000))
    ([0, 1, 2], 400)
    """
    found: list[int] = np.unique(np.linspace(0, rows - 1, min(rows, LOOKED_AT)).astype(int)).tolist()
    return found


def check_splits(table: Table) -> None:
    """Every split has a row.

    Raises:
        ManifestError: If not.
    """
    missing = [name for name in SPLITS if not (table.splits == name).any()]
    if missing:
        raise ManifestError(
            f"data set {table.name}: no row is of the split {missing[0]!r}; needed {', '.join(SPLITS)}. Divide the "
            "patients, each into one split, before anything is learnt."
        )


def without_doubtful(table: Table, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Guessed columns; beside masks one of few values is a label only if its name, or its yes and no, say so."""
    if "mask" not in table.columns:
        return tuple(columns)
    sure = {c.name for c in columns if c.name.lower() in heads.LABEL_NAMES or heads.is_yes_no(table.column(c.name))}
    return tuple(replace(c, role="other") if c.role == "label" and c.name not in sure else c for c in columns)


def check_labels(table: Table, asked: Sequence[Question]) -> None:
    """Labels are values of one column, or columns of 0 and 1.

    Raises:
        ManifestError: If several columns could be the one, labels stand together in a cell, or independent ones are
            not written as 1 and 0.
    """
    held = tuple(dict.fromkeys(q.column for q in asked))
    if len(held) > 1 and any(q.kind != "yes or no" for q in asked):
        raise ManifestError(
            f"data set {table.name}: the labels could stand in any of {', '.join(held)}. Name one with --label, or "
            "several that hold 1 and 0."
        )
    joined = [q.column for q in asked if q.kind == "part"]
    if joined:
        raise ManifestError(
            f"data set {table.name}: column {joined[0]!r} holds several labels in one cell. Give each label a column "
            "of 1 and 0."
        )
    several = [q.column for q in asked if q.kind == "yes or no"]
    for column in several if len(several) > 1 else ():
        found = set(table.column(column).tolist()) - {"1", "0", ""}
        if found:
            raise ManifestError(
                f"data set {table.name}: column {column!r} says yes and no in other words than 1 and 0. Write 1, 0, or "
                "nothing where it is not known."
            )


def holders(table: Table, data: Mapping[str, Any]) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]:
    """Which rows have each label, bool [n]."""
    if "columns" in data:
        return {name: table.column(column) == YES for column, name in data["columns"].items()}
    cells = table.column(data.get("label", "label"))
    return {name: cells == value for value, name in data.get("classes", {}).items()}


def positive(table: Table, data: Mapping[str, Any]) -> dict[str, int]:
    """Training pictures of each label."""
    return {name: int((held & (table.splits == "train")).sum()) for name, held in holders(table, data).items()}


def fewest(table: Table, data: Mapping[str, Any]) -> int:
    """Patients of the test split behind the figure with the fewest; without labels all of them."""
    test, owners = table.splits == "test", table.patients
    counts = [
        min(len(np.unique(owners[test & held])), len(np.unique(owners[test & ~held])))
        for held in holders(table, data).values()
    ]
    return min(counts, default=len(np.unique(owners[test])))
