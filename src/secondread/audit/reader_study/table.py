"""The tables of a reader study: who rated what with which modality, and the truth."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from secondread.audit.table import FIRST_LINE, read_table
from secondread.core.errors import ManifestError, short_path
from secondread.stats.checks import Bools, Floats
from secondread.stats.reader_figures import Marks

RATING_COLUMNS = ("reader", "modality", "case", "truth", "rating")
MARK_COLUMNS = ("reader", "modality", "case", "lesion", "rating")
TRUTH_COLUMNS = ("case", "lesion")
MISSED = -math.inf
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """One rating a case of every reader with every modality.

    Attributes:
        modalities: Names, in the order of the file.
        readers: Names, in the order of the file.
        values: float64 [modality, reader, case].
        diseased: bool [case].
    """

    modalities: tuple[str, ...]
    readers: tuple[str, ...]
    values: Floats
    diseased: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """Marks of every reader with every modality.

    Attributes:
        modalities: Names, in the order of the file.
        readers: Names, in the order of the file.
        marks: [modality][reader].
    """

    modalities: tuple[str, ...]
    readers: tuple[str, ...]
    marks: tuple[tuple[Marks, ...], ...]


def ratings_of(path: Path, program: str = "") -> Ratings:
    """Read a table of ratings: every reader rated every case with every modality once, a program at least once.

    Args:
        path: One row a rating.
        program: Name of the reader that is a program and read alone, or empty.

    Raises:
        ManifestError: If it cannot be read, lacks a column or a rating, or says something twice or against itself.
    """
    rows, where = read_table(path, RATING_COLUMNS), short_path(path)
    modalities, readers, cases = modalities_of(rows, program), names(rows, "reader"), names(rows, "case")
    truth = truths(rows, where)
    found: dict[tuple[str, str, str], float] = {}
    for line, row in each_modality(rows, program):
        key = (row["modality"], row["reader"], row["case"])
        if key in found:
            raise ManifestError(
                f"{where}: line {line}: a case is rated twice by one reader with one modality. Keep one."
            )
        found[key] = number(row["rating"], where, line)
    missing = [(m, r, c) for m in modalities for r in readers for c in cases if (m, r, c) not in found]
    if missing:
        first = "1 rating is missing, that" if len(missing) == 1 else f"{len(missing)} ratings are missing, the first"
        raise ManifestError(
            f"{where}: {first} of reader {missing[0][1]!r} with modality "
            f"{missing[0][0]!r}. Needed every case rated by every reader with every modality; leave out the others."
        )
    values = np.array([[[found[m, r, c] for c in cases] for r in readers] for m in modalities])
    return Ratings(modalities, readers, values, np.array([truth[case] == "1" for case in cases]))


def truths(rows: Sequence[Row], where: str) -> dict[str, str]:
    """The truth of each case, 0 or 1.

    Raises:
        ManifestError: If it is something else, or a case has two.
    """
    truth: dict[str, tuple[str, int]] = {}
    for line, row in enumerate(rows, FIRST_LINE):
        if row["truth"] not in {"0", "1"}:
            raise ManifestError(f"{where}: line {line}: found the truth {row['truth']!r}; needed 0 or 1. Correct it.")
        before, there = truth.setdefault(row["case"], (row["truth"], line))
        if before != row["truth"]:
            raise ManifestError(
                f"{where}: line {line}: found two truths of one case, {before} on line {there}, {row['truth']} here; "
                "needed one a case. Correct one of the lines."
            )
    return {case: value for case, (value, _) in truth.items()}


def modalities_of(rows: Sequence[Row], program: str) -> tuple[str, ...]:
    """The modalities that people used, in the order of the file; the program's too, where it has several."""
    people = names([row for row in rows if row["reader"] != program], "modality")
    return people if people and is_alone(rows, program) else names(rows, "modality")


def is_alone(rows: Sequence[Row], program: str) -> bool:
    """Whether a program has one modality, or an empty cell: it reads alone, whatever people read with."""
    return len({row["modality"] for row in rows if row["reader"] == program}) == 1


def each_modality(rows: Sequence[Row], program: str) -> Iterator[tuple[int, Row]]:
    """Line and row; what a program said once counts beside every modality of the people."""
    modalities, alone = modalities_of(rows, program), is_alone(rows, program)
    for line, row in enumerate(rows, FIRST_LINE):
        if alone and row["reader"] == program:
            yield from ((line, {**row, "modality": name}) for name in modalities)
        else:
            yield line, row


def marks_of(path: Path, truth: Path, program: str = "") -> Marked:
    """Read a table of marks, and the table of all cases with their lesions.

    Args:
        path: One row a mark; ``lesion`` names the lesion that was hit and is empty for a false mark.
        truth: One row a lesion; a healthy case has one row with an empty lesion.
        program: Name of the reader that is a program and read alone, or empty.

    Raises:
        ManifestError: If one cannot be read, lacks a column, or names a case or lesion that there is not.
    """
    rows, where = read_table(path, MARK_COLUMNS), short_path(path)
    lesions: dict[str, list[str]] = {}
    for one in read_table(truth, TRUTH_COLUMNS):
        lesions.setdefault(one["case"], []).extend([one["lesion"]] if one["lesion"] else [])
    highest: dict[tuple[str, str, str, str], float] = {}
    for line, row in each_modality(rows, program):
        if row["case"] not in lesions or (row["lesion"] and row["lesion"] not in lesions[row["case"]]):
            raise ManifestError(
                f"{where}: line {line}: names a case or lesion that {short_path(truth)} does not. Add it."
            )
        key = (row["modality"], row["reader"], row["case"], row["lesion"])
        highest[key] = max(highest.get(key, MISSED), number(row["rating"], where, line))
    modalities, readers = modalities_of(rows, program), names(rows, "reader")
    healthy, diseased = [c for c in lesions if not lesions[c]], [c for c in lesions if lesions[c]]

    def of(modality: str, reader: str) -> Marks:
        false = np.array([highest.get((modality, reader, case, ""), MISSED) for case in healthy])
        hits = tuple(
            np.array([highest.get((modality, reader, case, lesion), MISSED) for lesion in lesions[case]])
            for case in diseased
        )
        return Marks(false, hits)

    return Marked(modalities, readers, tuple(tuple(of(m, r) for r in readers) for m in modalities))


def names(rows: Sequence[Row], column: str) -> tuple[str, ...]:
    """The values of a column, each once, in the order of the file."""
    return tuple(dict.fromkeys(row[column] for row in rows))


def number(text: str, where: str, line: int) -> float:
    """A finite number.

    Raises:
        ManifestError: If it is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ManifestError(f"{where}: line {line}: found a rating that is no number; needed one. Correct it.")
    return value
