"""Independent labels of a row of a manifest: which of them are known, and whether they hold."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from secondread.core.errors import ManifestError
from secondread.learn.examples import UNKNOWN

if TYPE_CHECKING:
    from secondread.learn.recipe import DataSet, Recipe

MARKS = {"1": 1, "0": 0}  # of ``data.columns``


@dataclass(frozen=True, slots=True)
class Answer:
    """How the values of a column of text answer one label.

    Attributes:
        column: Where they stand.
        yes: Values that mean the label holds.
        no: Values that mean it does not; any other value means that it is not known.
    """

    column: str
    yes: tuple[str, ...]
    no: tuple[str, ...]

    def of(self, cells: Mapping[str, str]) -> int:
        """1, 0, or ``UNKNOWN``, also where there is no such column."""
        if self.column not in cells:
            return UNKNOWN
        value = cells[self.column].strip()
        return 1 if value in self.yes else 0 if value in self.no else UNKNOWN


def marks_of(item: "DataSet", cells: Mapping[str, str]) -> dict[str, int]:
    """Each label that the set answers, with 1, 0 or ``UNKNOWN`` for this row."""
    found = {label: MARKS.get(cells.get(column, ""), UNKNOWN) for column, label in item.columns.items()}
    return found | {label: answer.of(cells) for label, answer in item.answers.items()}


def check_answers(item: "DataSet", rows: list[dict[str, str]], where: str) -> None:
    """Every column and value that the answers of a set name is there. For a set of training; others may lack them.

    Raises:
        ManifestError: If not.
    """
    for label, answer in item.answers.items():
        there = {row[answer.column].strip() for row in rows} if answer.column in rows[0] else set()
        missing = [value for value in (*answer.yes, *answer.no) if value not in there]
        if answer.column not in rows[0]:
            what, near = f"column {answer.column!r}", meant(answer.column, rows[0])
        elif missing:
            what, near = f"value {missing[0]!r} in the column {answer.column!r}", meant(missing[0], there)
        else:
            continue
        raise ManifestError(
            f"data set {where}: the manifest has no {what}, and data.answers of the recipe names it for "
            f"{label!r}.{near} Correct one of them."
        )


def meant(name: str, known: Mapping[str, str] | set[str]) -> str:
    """A question after the nearest known name, with a space before it; empty if none is near.

    >>> meant("malignat", {"benign", "malignant"}), meant("x", {"benign"})
    (" Did you mean 'malignant'?", '')
    """
    near = get_close_matches(name, sorted(known), 1)
    return f" Did you mean {near[0]!r}?" if near else ""


def about_labels(recipe: "Recipe") -> Iterator[tuple[bool, str, str]]:
    """Rules of a recipe: the labels that its sets name, and what answers those that are independent."""
    labels, many = recipe.model.labels, recipe.model.activation == "sigmoid"
    for item in (*recipe.data, *recipe.external):
        unknown = sorted({*item.classes.values(), *item.columns.values(), *item.answers} - {*labels})
        needed = f"labels among {sorted(labels)}"
        if unknown:
            needed += f"; {unknown[0]!r} is not one.{meant(unknown[0], set(labels))}".rstrip(".?")
        yield not unknown, "data.classes, data.columns and data.answers", needed
        yield many or not item.answers, "data.answers", 'model.activation = "sigmoid"'
        twice = {*item.columns.values()} & {*item.answers}
        yield not twice, "data.answers", f"one of data.columns and data.answers for {min(twice, default='')!r}"
        for label, answer in item.answers.items():
            full = bool(answer.column and answer.yes and answer.no)
            yield full, f"data.answers of {label!r}", "a column, a value of yes and one of no"
            both = {*answer.yes} & {*answer.no}
            yield not both, f"data.answers of {label!r}", f"{min(both, default='')!r} in yes or in no, not in both"
        plain = item.format == "manifest" or not (item.columns or item.answers)
        yield plain, "data.columns and data.answers", "a set with a manifest"
    answered = {label for item in recipe.data for label in (*item.columns.values(), *item.answers)}
    left = [label for label in labels if label not in answered]
    key, lacking = "data.columns and data.answers", f"an answer to {left[0]!r} in at least one set" if left else ""
    yield not (many and left), key, lacking
