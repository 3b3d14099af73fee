"""Results from a table: one row a case, with its label, its probability and the groups it belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.audit.fairness.ages import EDGES, binned, years
from secondread.audit.fairness.results import Answers
from secondread.audit.table import FIRST_LINE, read_table
from secondread.core.errors import ManifestError, short_path

CASE, PATIENT, LABEL, PROBABILITY = "case", "patient", "label", "probability"
FIXED = (CASE, PATIENT, LABEL, PROBABILITY)
AGE = "age"
MOST = 20  # values of a column; more of them are no groups
Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which columns are groups.

    Attributes:
        groups: Their names; none: every column that is not ``FIXED``.
        age_edges: Years at which a range of ages begins, above 0 and rising.
    """

    groups: tuple[str, ...] = ()
    age_edges: tuple[int, ...] = field(default=EDGES)


def answers_of(path: Path, wanted: Wanted) -> Answers:
    """The answers in a table.

    Raises:
        ManifestError: If the table cannot be read, lacks a column, or a cell is not what it should be.
    """
    rows = rows_of(path, (CASE, LABEL, PROBABILITY))
    return made_of(rows, [number(path, n, row) for n, row in enumerate(rows)], path, wanted)


def made_of(rows: Rows, p: Sequence[float], path: Path, wanted: Wanted) -> Answers:
    """Answers of rows of a table and a probability for each.

    Raises:
        ManifestError: If a cell is not what it should be.
    """
    chosen = wanted.groups or tuple(name for name in rows[0] if name not in FIXED)
    return Answers(
        np.array([label(path, n, row) for n, row in enumerate(rows)], dtype=np.bool_),
        np.array(p, dtype=np.float64),
        np.array([row.get(PATIENT) or row[CASE] for row in rows], dtype=np.str_),
        {name: groups_of(name, rows, path, wanted) for name in chosen},
        names=tuple(row[CASE] for row in rows),
    )


def check_apart(audited: Answers, validation: Answers, path: Path) -> None:
    """What remedies are fitted on is not what judges them.

    Args:
        audited: The cases that are judged.
        validation: The others.
        path: Of the table of the others.

    Raises:
        ManifestError: If a case or a patient stands in both.
    """
    cases = len(set(audited.names) & set(validation.names))
    patients = len(set(audited.patients.tolist()) & set(validation.patients.tolist()))
    if cases or patients:
        raise ManifestError(
            f"{short_path(path)}: found in the audited table too: {cases} of its cases, {patients} of its patients; "
            "needed other people, because what is fitted on a case is judged too well by it. Leave them out of one "
            "table, or give two people two names."
        )


def rows_of(path: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a table with the columns that are needed.

    Raises:
        ManifestError: As :func:`read_table`, or if it names a case twice.
    """
    rows = read_table(path, needed)
    names = [row[needed[0]] for row in rows]
    if len(set(names)) < len(names) or not all(names):
        raise ManifestError(f"{short_path(path)}: found a {needed[0]} twice, or without a name; needed each once.")
    return rows


def groups_of(name: str, rows: Rows, path: Path, wanted: Wanted) -> NDArray[np.str_]:
    """The group of each row in one column; ages in ranges.

    Raises:
        ManifestError: If there is no such column, it has too many values to be groups, or an age is none.
    """
    if name not in rows[0]:
        known = ", ".join(one for one in rows[0] if one not in FIXED)
        raise ManifestError(f"{short_path(path)}: found no column {name!r} to group by; it has {known or 'none'}.")
    values = [row[name].strip() for row in rows]
    if name == AGE:
        try:
            return binned([years(value) for value in values], wanted.age_edges)
        except ValueError as error:
            raise ManifestError(
                f"{short_path(path)}: the column age needs years, as 63 or 063Y; found another."
            ) from error
    if len(set(values)) > MOST:
        raise ManifestError(
            f"{short_path(path)}: the column {name!r} has {len(set(values))} different values; groups need at most "
            f"{MOST}. Put them in ranges, or name the columns to group by with --groups."
        )
    return np.array(values, dtype=np.str_)


def label(path: Path, n: int, row: Mapping[str, str]) -> bool:
    """Whether a row is positive.

    Raises:
        ManifestError: If the cell is neither 0 nor 1.
    """
    if row[LABEL].strip() not in {"0", "1"}:
        raise ManifestError(
            f"{short_path(path)}: line {n + FIRST_LINE}: the label is not 0 or 1. Leave out or correct it."
        )
    return row[LABEL].strip() == "1"


def number(path: Path, n: int, row: Mapping[str, str]) -> float:
    """The probability of a row.

    Raises:
        ManifestError: If the cell is no number in [0, 1].
    """
    try:
        value = float(row[PROBABILITY])
    except ValueError:
        value = float("nan")
    if not 0.0 <= value <= 1.0:
        raise ManifestError(
            f"{short_path(path)}: line {n + FIRST_LINE}: the probability is no number from 0 to 1. Correct it."
        )
    return value
