"""Whether pictures that are the same, or nearly, have the same labels."""

import numpy as np

from secondread.learn.inspection.classes import Question
from secondread.learn.inspection.duplicates import Duplicates
from secondread.learn.inspection.finding import Found, counted
from secondread.learn.inspection.table import Table


def findings(table: Table, asked: tuple[Question, ...], found: Duplicates) -> list[Found]:
    """Identical and nearly identical pictures whose labels differ."""
    told = []
    for name, groups in (
        ("identical", list(found.identical)),
        ("nearly identical", [(pair.a, pair.b) for pair in found.near]),
    ):
        differ = [group for group in groups if differs(asked, group)]
        if differ:
            told.append(
                Found(
                    "warning",
                    "labels",
                    f"{counted(len(differ), 'group')} of {name} pictures with different labels",
                    "Look at them: at least one label is wrong, or nobody can tell from the picture.",
                    table.numbers(np.array([k for group in differ for k in group], dtype=np.intp)),
                )
            )
    return told


def differs(asked: tuple[Question, ...], rows: tuple[int, ...]) -> bool:
    """Whether a label that is known for all of these rows is not the same for all."""
    for question in asked:
        answers = question.answers[list(rows)]
        if (answers >= 0).all() and len(set(answers.tolist())) > 1:
            return True
    return False
