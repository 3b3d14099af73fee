"""What can be guessed without looking at anatomy: from grey levels, and from how, where and of whom pictures are.

Everything is fitted on the training split and judged on validation; the test split is never asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.learn.inspection.classes import Question
from secondread.learn.inspection.columns import Column
from secondread.learn.inspection.finding import Found, some
from secondread.learn.inspection.look import Looks
from secondread.learn.inspection.table import Table
from secondread.learn.shortcut import logistic
from secondread.stats.auroc import auroc, delong
from secondread.stats.bootstrap import bootstrap
from secondread.stats.interval import Interval

Floats = NDArray[np.float64]
GREY = "24 grey numbers"
LEAST = 2  # pictures for and against a label, in both splits
PATIENTS = 5  # for and against, in validation: of fewer no finding is made
RESAMPLES, SEED = 300, 20261127
CONTINUOUS = 8  # different numbers from which on a column is a quantity, not a kind
RARE, MOST = 5, 40  # kinds with fewer training rows are one; and no more kinds than this
STRONG, TELLING = 0.65, 0.55  # lower bounds of an area that a person should know of


@dataclass(frozen=True, slots=True)
class Guess:
    """How well one label is guessed from one source on the validation split.

    Attributes:
        label: Which.
        source: ``GREY``, or a column.
        role: ``grey``, or the column's.
        positive: Positive validation pictures.
        n: Validation pictures.
        patients: Validation patients on the side, for or against the label, that has fewer.
        area: AUROC; its interval drawn by patient where a patient has several pictures. None with too few.
    """

    label: str
    source: str
    role: str
    positive: int
    n: int
    patients: int
    area: Interval | None

    def above(self, bound: float) -> bool:
        """Whether the label is guessed at least this well, and by enough patients to say so."""
        return self.area is not None and self.patients >= PATIENTS and self.area.low > bound

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        area = self.area
        told = area and {"value": area.value, "low": area.low, "high": area.high, "method": area.method}
        return {
            "label": self.label,
            "source": self.source,
            "role": self.role,
            "positive": self.positive,
            "n": self.n,
            "patients": self.patients,
            "auroc": told,
        }


def guesses(table: Table, looks: Looks, columns: Sequence[Column], asked: Sequence[Question]) -> list[Guess]:
    """Every label from every source: grey levels, size of the picture, and every column but the labels."""
    train = (table.splits == "train") & looks.readable
    sources: list[tuple[str, str, Floats]] = [(GREY, "grey", looks.features)]
    shapes = _shapes(looks)
    if looks.readable.any() and np.ptp(shapes[looks.readable], axis=0).any():
        sources.append(("size of the picture", "circumstance", shapes))
    sources += [
        (column.name, column.role, encoded(table.column(column.name), column.number, train))
        for column in columns
        if column.role in {"circumstance", "other"}
    ]
    one_each = [question for question in asked if not _mirrored(question, asked)]
    return [_guess(table, looks.readable, question, source) for question in one_each for source in sources]


def _shapes(looks: Looks) -> Floats:
    """Height, width, and their ratio, float64 [n, 3]; 0 for what cannot be read."""
    sides = np.array([size[-2:] if size else (0, 0) for size in looks.sizes], dtype=np.float64)
    return np.column_stack([sides, sides[:, 0] / np.maximum(sides[:, 1], 1.0)])


def _mirrored(question: Question, asked: Sequence[Question]) -> bool:
    """Whether it is the second of two labels that exclude each other: guessed as well as the first."""
    beside = [other for other in asked if other.column == question.column and other.kind == "value"]
    return len(beside) == 2 and question is beside[0]


def encoded(cells: NDArray[np.str_], number: bool, train: NDArray[np.bool_]) -> Floats:
    """A column as numbers, float64 [n, k]: a quantity with its square and its absence, or one column a kind."""
    empty = cells == ""
    if number and len(np.unique(cells[~empty])) > CONTINUOUS:
        values = np.array([float(cell) if cell else np.nan for cell in cells.tolist()])
        known = values[train & ~empty]
        centre, width = (known.mean(), known.std()) if len(known) else (0.0, 1.0)
        scaled = np.where(empty, 0.0, (np.nan_to_num(values) - centre) / max(width, 1e-9))
        return np.column_stack([scaled, scaled**2, empty])
    kinds, counts = np.unique(cells[train], return_counts=True)
    kept = kinds[np.argsort(-counts, kind="stable")][: min(MOST, int((counts >= RARE).sum()))]
    if not len(kept):
        return np.zeros((len(cells), 1))
    return np.column_stack([cells == kind for kind in kept]).astype(np.float64)


def _guess(table: Table, usable: NDArray[np.bool_], question: Question, source: tuple[str, str, Floats]) -> Guess:
    name, role, features = source
    known = usable & (question.answers >= 0)
    train, val = (known & (table.splits == split) for split in ("train", "val"))
    y, judged, owners = question.answers[train], question.answers[val], table.patients[val]
    of_each = min(len(np.unique(owners[judged == answer])) for answer in (0, 1))
    counts = (int(judged.sum()), len(judged), of_each)
    if min(_fewest(y), _fewest(judged)) < LEAST:
        return Guess(question.name, name, role, *counts, None)
    scores = logistic().fit(features[train], y).decision_function(features[val])
    return Guess(question.name, name, role, *counts, _area(judged, scores, owners))


def _fewest(y: NDArray[np.int64]) -> int:
    return min(int((y == 1).sum()), int((y == 0).sum()))


def _area(y: NDArray[np.int64], scores: Floats, owners: NDArray[np.intp]) -> Interval | None:
    """AUROC: DeLong's interval, or by drawing patients where a patient has several pictures."""
    if len(np.unique(owners)) == len(owners):
        return delong(y, scores)
    try:
        return bootstrap(auroc, owners, y, scores, n=RESAMPLES, seed=SEED)
    except ValueError:  # too few patients: most resamples lack a class
        return None


def findings(told: Sequence[Guess]) -> list[Found]:
    """Labels that are guessed without looking."""
    found = []
    grey = [guess for guess in told if guess.role == "grey"]
    strong = [guess for guess in grey if guess.above(STRONG)]
    if strong:
        found.append(
            Found(
                "warning",
                "shortcuts",
                f"{GREY} alone guess {_list(strong)} (AUROC on validation)",
                "A network that does not clearly beat this has learnt no anatomy; look at its maps, and print this "
                "figure beside every result.",
            )
        )
    for role, grade, todo in (
        (
            "circumstance",
            "warning",
            "Balance the labels over it, or train and judge within each of its values; report by it as a subgroup.",
        ),
        ("other", "note", "If it is an answer itself, that is as it should be; otherwise treat it as a confounder."),
    ):
        for source in dict.fromkeys(guess.source for guess in told if guess.role == role):
            telling = [guess for guess in told if guess.source == source and guess.above(TELLING)]
            if telling:
                what = f"{source} alone guesses {_list(telling)} (AUROC on validation)"
                found.append(Found(grade, "shortcuts", what, todo))
    unknown = [guess.label for guess in grey if guess.area is None or guess.patients < PATIENTS]
    if unknown:
        found.append(
            Found(
                "note",
                "shortcuts",
                f"No baseline to rely on for {some(unknown)}: fewer than {PATIENTS} patients for or against in val",
                "Judge them in cross-validation.",
            )
        )
    return found


def _list(told: Sequence[Guess]) -> str:
    ranked = sorted(told, key=lambda guess: -(guess.area.value if guess.area else 0.0))
    return some([f"{guess.label} {guess.area}" for guess in ranked], 4)
