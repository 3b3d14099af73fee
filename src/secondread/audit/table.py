"""A table that a person wrote: CSV with named columns, read alike wherever one is asked for."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from secondread.core.errors import ManifestError, short_path

FIRST_LINE = 2  # below the head
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
NUMBER = re.compile(r"[\d.,+-]+")


def read_table(path: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a table, each column name to its cell, without spaces around them.

    Row n stands in line n + ``FIRST_LINE``. A name that is needed may be written in capitals.

    Args:
        path: CSV in UTF-8, with the names of the columns in its first line.
        needed: Columns without which nothing can be done; there may be others.

    Raises:
        ManifestError: If it cannot be opened or is no such table, lacks a column, names one twice, holds no row, or a
            row has another number of cells. Nothing of the cells is told.
    """
    where, wanted = short_path(path), f"needed a CSV table in UTF-8 with the columns {', '.join(needed)}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except OSError as error:
        raise ManifestError(f"{where}: cannot be opened ({error.strerror}); {wanted}. Check the path.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(
            f"{where}: cannot be read as a table ({type(error).__name__}); {wanted}. Save it so."
        ) from error
    while lines and not lines[-1]:
        lines.pop()
    heads = heads_of(where, lines[0] if lines else [], needed)
    for number, line in enumerate(lines[1:], FIRST_LINE):
        if len(line) != len(heads):
            raise ManifestError(
                f"{where}: line {number}: found {len(line)} cells; needed {len(heads)}, one a column. Correct it."
            )
    if len(lines) < FIRST_LINE:
        raise ManifestError(f"{where}: found no row below the first line; needed one for each case. Add them.")
    return [dict(zip(heads, (cell.strip() for cell in line), strict=True)) for line in lines[1:]]


def heads_of(where: str, first: Sequence[str], needed: Sequence[str]) -> list[str]:
    """The names of the columns.

    Raises:
        ManifestError: If one is missing, or stands there twice, or the line holds something else.
    """
    check_separated(where, first, needed)
    plain = {name.lower(): name for name in needed}
    heads = [plain.get(head.strip().lower(), head.strip()) for head in first]
    check_columns(where, heads, needed)
    twice = [head for head, count in Counter(heads).items() if count > 1]
    if twice:
        raise ManifestError(f"{where}: line 1: found the column {twice[0]!r} twice; needed each name once. Rename one.")
    return heads


def check_separated(where: str, first: Sequence[str], needed: Sequence[str]) -> None:
    """The first line names columns, and commas separate them.

    Raises:
        ManifestError: If not; of a first line that holds a case nothing is told.
    """
    whole = first[0] if len(first) == 1 else ""
    found = [words for sign, words in SEPARATORS.items() if sign in whole]
    if found and len(needed) > 1:
        raise ManifestError(
            f"{where}: line 1: found columns separated by {found[0]}; needed commas, and points before decimals. Save "
            "the table as CSV with commas."
        )
    if any(NUMBER.fullmatch(cell.strip()) for cell in first) and not {cell.strip().lower() for cell in first} & {
        name.lower() for name in needed
    }:
        raise ManifestError(
            f"{where}: line 1: found numbers where the columns are named; needed {', '.join(needed)}. Add a first line "
            "with the names of the columns."
        )


def check_columns(where: str, heads: Sequence[str], needed: Sequence[str]) -> None:
    """Every needed column is there.

    Raises:
        ManifestError: If one is not.
    """
    missing = [name for name in needed if name not in heads]
    if missing:
        raise ManifestError(
            f"{where}: line 1: found the columns {', '.join(heads) or 'none'}; needed {', '.join(missing)} too. Name "
            "the columns so in the first line."
        )
