"""The yes/no questions that the labels of a data set hold, and how many pictures answer each with yes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.learn.inspection.columns import LABEL_NAMES, YES, Column, is_yes_no
from secondread.learn.inspection.finding import Found, counted, some
from secondread.learn.inspection.table import Table
from secondread.learn.manifest import SPLITS

UNKNOWN = -1
FEWEST = 15  # positive pictures in the test split, below which a figure says little
PATIENTS = 2  # of each answer, in each split: a training asks for them
SEVERAL = re.compile(r"\s*[|;+,]\s*")  # between the labels of one picture


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Does a picture show this?

    Attributes:
        name: The label.
        column: Where it stands.
        answers: int64 [n]: 1, 0, or ``UNKNOWN`` for an empty cell.
        kind: How the column holds it: ``yes or no``, ``value`` (one excludes the others), ``part`` of cells such as
            ``a+b``, or ``mask`` (something is drawn).
    """

    name: str
    column: str
    answers: NDArray[np.int64]
    kind: str


def questions(table: Table, columns: Sequence[Column]) -> tuple[Question, ...]:
    """One question a column of yes and no; else one a value, or one a part of values such as ``a+b``."""
    found: list[Question] = []
    for column in columns:
        if column.role == "label":
            found += of_column(column.name, table.column(column.name))
    return tuple(found)


def of_column(name: str, cells: NDArray[np.str_]) -> list[Question]:
    """The questions of one column."""
    empty = cells == ""
    if is_yes_no(cells):
        yes = np.array([cell.lower() in YES for cell in cells.tolist()])
        called = f"{name} {cells[yes][0]}" if name.lower() in LABEL_NAMES else name
        return [Question(called, name, np.where(empty, UNKNOWN, yes).astype(np.int64), "yes or no")]
    values = sorted({str(cell) for cell in cells} - {""})
    parts = several(values)
    if parts:
        holds = [set(SEVERAL.split(str(cell))) for cell in cells]
        marks = {part: np.array([part in held for held in holds]) for part in parts}
    else:
        marks = {value: cells == value for value in values}
    return [
        Question(value, name, np.where(empty, UNKNOWN, yes).astype(np.int64), "part" if parts else "value")
        for value, yes in marks.items()
    ]


def several(values: Sequence[str]) -> list[str]:
    """The labels of which some values are made, each of which also stands alone; none if that is not so.

    >>> several(["active", "active+old", "old"]), several(["grade 1, 2", "grade 3"])
    (['active', 'old'], [])
    """
    parts = {part for value in values for part in SEVERAL.split(value)}
    return sorted(parts) if parts < set(values) else []


def of_masks(drawn: NDArray[np.int64], asked: Sequence[Question]) -> Question | None:
    """Whether anything is drawn: a question where some masks are empty and some are not, and no label tells it."""
    told = any(np.array_equal(answers, drawn) for q in asked for answers in (q.answers, 1 - q.answers))
    if told or not ((drawn == 1).any() and (drawn == 0).any()):
        return None
    return Question("mask drawn", "mask", drawn, "mask")


def balance(table: Table, asked: Sequence[Question]) -> list[dict[str, Any]]:
    """For each question and split: positives, answers known, and how many patients each is of."""
    return [
        {"label": question.name, "column": question.column, "splits": _counts(table, question)} for question in asked
    ]


def _counts(table: Table, question: Question) -> dict[str, dict[str, int]]:
    owners, splits = table.patients, table.splits
    counts = {}
    for name in SPLITS:
        here = splits == name
        yes, no = here & (question.answers == 1), here & (question.answers == 0)
        counts[name] = {
            "positive": int(yes.sum()),
            "known": int(yes.sum() + no.sum()),
            "positive_patients": len(np.unique(owners[yes])),
            "negative_patients": len(np.unique(owners[no])),
        }
    return counts


def findings(table: Table, asked: Sequence[Question]) -> list[Found]:
    """Small classes, labels that one split alone has, and empty cells."""
    rows = [(question, _counts(table, question)) for question in asked]
    found = _empty(table, asked)
    alone = [q.name for q, counts in rows if sum(counts[split]["positive"] > 0 for split in SPLITS) == 1]
    if alone:
        found.append(
            Found(
                "warning",
                "labels",
                f"{counted(len(alone), 'label')} in one split only: {some(alone)}",
                "Split the patients anew, or leave these labels out.",
            )
        )
    short = [q.name for q, counts in rows if q.name not in alone and _too_few(counts)]
    if short:
        found.append(
            Found(
                "warning",
                "labels",
                f"{counted(len(short), 'label')} with fewer than {PATIENTS} patients for or against in a split: "
                f"{some(short)}",
                "Join labels, or leave these out: a threshold or a figure for them would rest on one person.",
            )
        )
    small = [(q.name, counts["test"]["positive"]) for q, counts in rows]
    small = [(name, count) for name, count in small if count < FEWEST]
    if small:
        told = some([f"{name} {count}" for name, count in small], 14)
        found.append(
            Found(
                "warning",
                "labels",
                f"{counted(len(small), 'label')} with fewer than {FEWEST} positive pictures in test: {told}",
                "Show no score for them, or judge them in cross-validation, by patient.",
            )
        )
    joined = [q.column for q in asked if q.kind == "part"]
    if joined:
        found.append(
            Found(
                "note",
                "labels",
                f"{some(list(dict.fromkeys(joined)))} holds several labels in one cell",
                "Give each label a column of 0 and 1, and name these with `columns` in the recipe: `classes` takes a "
                "cell as a whole.",
            )
        )
    return found


def _too_few(counts: Mapping[str, Mapping[str, int]]) -> bool:
    return any(
        min(part["positive_patients"], part["negative_patients"]) < PATIENTS
        for part in counts.values()
        if part["known"]
    )


def _empty(table: Table, asked: Sequence[Question]) -> list[Found]:
    found = []
    for column in dict.fromkeys(q.column for q in asked if q.kind != "mask"):
        empty = table.column(column) == ""
        if empty.any():
            found.append(
                Found(
                    "warning",
                    "labels",
                    f"{counted(int(empty.sum()), 'row')} with an empty cell in {column}",
                    "Fill them in; a recipe leaves such rows out, unless `unlabelled` is set.",
                    table.numbers(empty),
                )
            )
    return found
