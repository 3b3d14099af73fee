"""What each column of a manifest is for: a guess by name and values, which the caller may overrule."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from secondread.core.errors import ManifestError
from secondread.learn.inspection.finding import Found, some
from secondread.learn.inspection.table import Table

FIXED = ("file", "mask", "patient", "split", "boxes")
LABEL_NAMES = frozenset({"label", "labels", "class", "diagnosis", "finding", "findings", "finding labels", "target"})
FEW = 20  # values of a column that can still be labels
KINDS = 60  # texts of a column that is not a name of each row
YES_NO = (frozenset({"0", "1"}), frozenset({"0.0", "1.0"}), frozenset({"no", "yes"}), frozenset({"false", "true"}))
YES = frozenset({"1", "1.0", "yes", "true"})
# Words in the names of columns that tell how, where and of whom a picture was taken.
CIRCUMSTANCES = frozenset(
    {
        *("age", "bmi", "ethnicity", "education", "gender", "race", "ses", "sex", "weight"),
        *("city", "country", "date", "day", "hospital", "institution", "region", "site", "source", "study", "year"),
        *("camera", "coil", "detector", "device", "gantry", "machine", "magnet", "manufacturer", "model", "scanner"),
        *(
            "kernel",
            "kv",
            "kvp",
            "mas",
            "te",
            "tr",
            "thickness",
            "contrast",
            "protocol",
            "sequence",
            "series",
            "strength",
        ),
        *("station", "vendor", "scanning"),
        *("eye", "lateral", "laterality", "orientation", "plane", "position", "projection", "side", "view"),
        *("central", "height", "native", "resolution", "slice", "slices", "spacing", "width", "zoom"),
    }
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: Its head.
        role: One of ``FIXED``; ``label``; ``circumstance`` (how, where and of whom a picture was taken: should not
            tell the label); ``other`` (may be an answer itself); ``constant``; ``identifier`` (too many texts).
        distinct: Different values, without the empty one.
        empty: Cells without a value.
        number: Whether every value is a number.
    """

    name: str
    role: str
    distinct: int
    empty: int
    number: bool


def columns(table: Table, named: Sequence[str]) -> tuple[Column, ...]:
    """Every column with its role; ``named`` are the labels, if the caller names some.

    Raises:
        ManifestError: If the table has no such column.
    """
    unknown = [name for name in named if name not in table.columns or name in FIXED]
    if unknown:
        left = [name for name in table.columns if name not in FIXED]
        raise ManifestError(
            f"data set {table.name}: found no label column {unknown[0]!r}. Give --label one of: {', '.join(left)}."
        )
    plain = [_column(name, table.column(name)) for name in table.columns]
    labels = set(named) or _guess([column for column in plain if column.role == "other"], table)
    return tuple(Column(c.name, "label" if c.name in labels else c.role, c.distinct, c.empty, c.number) for c in plain)


def _column(name: str, cells: NDArray[np.str_]) -> Column:
    values = {str(cell) for cell in cells} - {""}
    number = bool(values) and all(_is_number(value) for value in values)
    if name in FIXED:
        role = name
    elif len(values) <= 1:
        role = "constant"
    elif CIRCUMSTANCES & set(re.split(r"[^a-z]+", name.lower())):
        role = "circumstance"
    else:
        role = "identifier" if len(values) > KINDS and not number else "other"
    return Column(name, role, len(values), int((cells == "").sum()), number)


def _guess(left: list[Column], table: Table) -> set[str]:
    """Columns called like labels; else all of yes and no; else all of few values."""
    called = {c.name for c in left if c.name.lower() in LABEL_NAMES}
    yes_no = {c.name for c in left if is_yes_no(table.column(c.name))}
    return called or yes_no or {c.name for c in left if c.distinct <= FEW}


def is_yes_no(cells: NDArray[np.str_]) -> bool:
    """Whether a column holds both a yes and a no, and nothing else."""
    return frozenset(cell.lower() for cell in cells.tolist() if cell) in YES_NO


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) is not None


def findings(table: Table, all_columns: Sequence[Column], named: Sequence[str]) -> list[Found]:
    """Which columns were taken for labels, and which are left."""
    labels = [column.name for column in all_columns if column.role == "label"]
    if named:
        return []
    if not labels:
        if "mask" in table.columns:
            return []
        return [Found("warning", "labels", "No column looks like a label", "Name the columns with --label, one each.")]
    few = [c.name for c in all_columns if c.role in {"circumstance", "other"} and c.distinct <= FEW]
    beside = f"; {some(few)} also have few values" if few else ""
    return [
        Found(
            "note",
            "labels",
            f"Taken for {'a label' if len(labels) == 1 else 'labels'} by name and values: {some(labels, FEW)}{beside}",
            "If that is wrong, name the labels with --label, one each.",
        )
    ]
