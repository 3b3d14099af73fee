"""Results from a table: one row a case, with its label, its probability and the groups it belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secondread.audit.cells import LINE, check_once, label_of, line_of, numbered, probability_of
from secondread.audit.fairness.ages import EDGES, binned, years
from secondread.audit.fairness.results import Answers
from secondread.audit.table import read_table
from secondread.core.errors import ManifestError, short_path

CASE, PATIENT, LABEL, PROBABILITY = "case", "patient", "label", "probability"
FIXED = (CASE, PATIENT, LABEL, PROBABILITY, LINE)
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
    where = short_path(path)
    p = [probability_of(where, line_of(row), row[PROBABILITY]) for row in rows]
    return made_of(rows, p, path, wanted)


def made_of(rows: Rows, p: Sequence[float], path: Path, wanted: Wanted) -> Answers:
    """Answers of rows of a table and a probability for each.

    Raises:
        ManifestError: If a cell is not what it should be.
    """
    where = short_path(path)
    chosen = wanted.groups or tuple(name for name in rows[0] if name not in FIXED)
    return Answers(
        np.array([label_of(where, line_of(row), row[LABEL]) for row in rows], dtype=np.bool_),
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
    """The rows of a table with the columns that are needed, each with its line.

    Raises:
        ManifestError: As :func:`read_table`, or if it names a case twice.
    """
    rows = numbered(read_table(path, needed))
    check_once(short_path(path), needed[0], rows)
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
        return binned([age_of(short_path(path), row) for row in rows], wanted.age_edges)
    if len(set(values)) > MOST:
        raise ManifestError(
            f"{short_path(path)}: the column {name!r} has {len(set(values))} different values; groups need at most "
            f"{MOST}. Put them in ranges, or name the columns to group by with --groups."
        )
    return np.array(values, dtype=np.str_)


def age_of(where: str, row: Mapping[str, str]) -> float:
    """Years; NaN where the cell is empty.

    Raises:
        ManifestError: If the cell holds something else.
    """
    try:
        return years(row[AGE])
    except ValueError as error:
        raise ManifestError(
            f"{where}: line {line_of(row)}: found an age that is none; needed years, as 63 or 063Y. Correct it."
        ) from error
