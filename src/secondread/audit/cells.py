"""Cells of a table that a person wrote: read, or refused with the line and what stands there, and nobody's name."""

import re
from collections.abc import Mapping, Sequence

from secondread.audit.table import FIRST_LINE
from secondread.core.errors import ManifestError

NUMBER = re.compile(r"[-+]?\d{0,3}([.,]\d{0,6})?\s?%?")  # too short for the number of a patient
# fmt: off
WORDS = frozenset({
    "yes", "no", "y", "n", "true", "false", "t", "f", "positive", "negative", "pos", "neg", "malignant",
    "benign", "normal", "abnormal", "present", "absent", "none", "nan", "na", "null", "unknown", "inf", "-inf",
    "예", "아니오", "아니요", "양성", "음성", "있음", "없음", "악성", "정상",
})
# fmt: on
PERCENT = (2.0, 100.0)  # a number that is no probability, and may be one in percent
LINE = " line"  # where a row stands; no column is called so, because spaces around names are cut


def told(cell: str) -> str:
    """What a cell holds, where that can be told: a short number or a usual word; of anything else how long it is.

    >>> told("yes"), told("12%"), told(""), told("Hong Gildong")
    ("'yes'", "'12%'", 'nothing', 'a text of 12 characters')
    """
    if not cell:
        return "nothing"
    return repr(cell) if NUMBER.fullmatch(cell) or cell.lower() in WORDS else f"a text of {len(cell)} characters"


def label_of(where: str, line: int, cell: str, mend: str = "Correct it.") -> int:
    """0 or 1.

    Raises:
        ManifestError: If the cell is neither.
    """
    if cell not in {"0", "1"}:
        raise ManifestError(f"{where}: line {line}: found the label {told(cell)}; needed 0 for no or 1 for yes. {mend}")
    return int(cell)


def probability_of(where: str, line: int, cell: str) -> float:
    """A number from 0 to 1.

    Raises:
        ManifestError: If the cell is none.
    """
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if 0.0 <= value <= 1.0:
        return value
    mend = "Correct it."
    if cell.endswith("%") or PERCENT[0] <= value <= PERCENT[1]:
        mend = "Is it in percent? Divide by 100."
    elif "," in cell:
        mend = "Write a point before the decimals."
    raise ManifestError(
        f"{where}: line {line}: found the probability {told(cell)}; needed a number from 0 to 1. {mend}"
    )


def numbered(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Rows of a table that know their line, so that some of them can be left out."""
    return [{**row, LINE: str(line)} for line, row in enumerate(rows, FIRST_LINE)]


def line_of(row: Mapping[str, str]) -> int:
    """The line of a row that is :func:`numbered`."""
    return int(row[LINE])


def check_once(where: str, column: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Every row has a name in this column, and each another.

    Args:
        where: Which table.
        column: Its name.
        rows: As :func:`numbered` gives them.

    Raises:
        ManifestError: If not.
    """
    first: dict[str, int] = {}
    for row in rows:
        line, cell = line_of(row), row[column]
        if not cell:
            raise ManifestError(f"{where}: line {line}: found no {column}; needed one in every row. Add it.")
        if cell in first:
            raise ManifestError(
                f"{where}: line {line}: found the {column} of line {first[cell]} again; needed each once. Keep one of "
                "the two lines."
            )
        first[cell] = line
