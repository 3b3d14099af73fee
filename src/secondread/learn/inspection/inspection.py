"""The whole inspection of one data set: every part asked once, what was found gathered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secondread.core.errors import ManifestError
from secondread.learn.inspection import agreement, baseline, boxes, classes, duplicates, look, masks, patients
from secondread.learn.inspection import columns as heads
from secondread.learn.inspection.finding import GRADES, Found, by_grade
from secondread.learn.inspection.snippet import snippet
from secondread.learn.inspection.table import Table, open_table
from secondread.learn.manifest import fingerprint

Say = Callable[[dict[str, Any]], None]
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """What was seen and found.

    Attributes:
        table: The data set.
        sha256: The hash that a recipe names; None if a file is missing.
        columns: Every column with its role.
        asked: The labels as yes/no questions.
        looks: What was seen of each picture.
        masks: Of each mask; None without a column of masks.
        boxes: Of each box; None without a column of boxes.
        copies: Identical and nearly identical pictures.
        guesses: What can be guessed without looking at anatomy.
        found: Findings, the gravest first.
        snippet: The start of a recipe.
    """

    table: Table
    sha256: str | None
    columns: tuple[heads.Column, ...]
    asked: tuple[classes.Question, ...]
    looks: look.Looks
    masks: masks.Masks | None
    boxes: boxes.Boxes | None
    copies: duplicates.Duplicates
    guesses: tuple[baseline.Guess, ...]
    found: tuple[Found, ...]
    snippet: str

    @property
    def counts(self) -> dict[str, int]:
        """Grade to number of findings."""
        return {grade: sum(item.grade == grade for item in self.found) for grade in GRADES}


def inspect(path: Path, say: Say, *, labels: Sequence[str] = (), limit: float = duplicates.ALIKE) -> Inspection:
    """Look at every picture, mask, box, label and patient of a data set.

    Args:
        path: Folder with ``manifest.csv``, or an ``.npz`` file.
        say: Told how far the work is: events with ``done`` and ``of``.
        labels: Columns that hold labels; guessed if none are named.
        limit: Likeness from which on two pictures count as nearly the same.

    Raises:
        ManifestError: If it is no data set, or a named column is not there.
    """
    table = open_table(path)
    columns = heads.columns(table, labels)
    looks = look.look(table, say)
    drawn = masks.look(table, looks, say)
    boxed = boxes.look(table, looks)
    asked = classes.questions(table, columns)
    of_masks = classes.of_masks(drawn.drawn, asked) if drawn else None
    asked = (*asked, of_masks) if of_masks else asked
    copies = duplicates.search(table, looks, say, limit)
    guesses = baseline.guesses(table, looks, columns, asked)
    found = [
        *patients.findings(table),
        *look.findings(table, looks),
        *heads.findings(table, columns, labels),
        *classes.findings(table, asked),
        *agreement.findings(table, asked, copies),
        *(masks.findings(table, drawn) if drawn else []),
        *(boxes.findings(table, boxed, columns) if boxed else []),
        *duplicates.findings(table, copies),
        *baseline.findings(guesses),
    ]
    sha256 = _hash(path)
    start = snippet(table, looks, columns, asked, (drawn, boxed), sha256)
    return Inspection(
        table, sha256, columns, asked, looks, drawn, boxed, copies, tuple(guesses), by_grade(found), start
    )


def _hash(path: Path) -> str | None:
    try:
        return fingerprint(path)
    except ManifestError:  # a file is missing, which is a finding already
        return None
