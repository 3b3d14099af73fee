"""The yes/no questions of a bundle with their answers on both splits, and the groups they are looked at in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.audit.assessed import Assessed
from secondread.learn.examples import Examples
from secondread.learn.judge import SEED, score
from secondread.learn.recipe import Question
from secondread.learn.trial import Trial
from secondread.stats.interval import Interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.str_]
DIGITS = 5
GROUPS = ("sex", "view", "device", "native", "site")  # what is known of people and machines, never an answer
AGES = (0, 18, 40, 60, 75, 200)
BRIEF = 3  # more questions than this share one row on the card
DRAWN = SEED + 7  # one case of each patient


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """One question on one split; only cases whose answer is known.

    Attributes:
        y: Truth 0/1 [n].
        p: Calibrated probability of yes [n].
        raw: Probability before calibration [n].
        patients: [n].
        groups: Column to the group of each case [n].
    """

    y: Ints
    p: Floats
    raw: Floats
    patients: Texts
    groups: Mapping[str, Texts]

    def few(self, least: int = 2) -> bool:
        """Whether an answer has fewer cases than this."""
        return min(int(self.y.sum()), int((1 - self.y).sum())) < least


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A question with its answers.

    Attributes:
        name: Of the question and its operating point.
        threshold: Operating point.
        val: Answers on validation.
        test: Answers on test.
    """

    name: str
    threshold: float
    val: Answers
    test: Answers


def questions(assessed: Assessed) -> list[Asked]:
    """Every question of the bundle."""
    trial = assessed.trial
    return [
        Asked(q.name, trial.threshold(q), _answers(trial, "val", q), _answers(trial, "test", q))
        for q in trial.recipe.questions
    ]


def _answers(trial: Trial, split: str, question: Question) -> Answers:
    known, part = trial.known(split, question), trial.splits[split]
    logits = trial.found[split].logits[known]
    return Answers(
        y=trial.truth(split, question)[known],
        p=trial.yes(logits, question),
        raw=score(trial.raw(logits), trial.recipe.model.labels, question),
        patients=part.patients[known],
        groups={name: values[known] for name, values in groups_of(part).items()},
    )


def groups_of(part: Examples) -> dict[str, Texts]:
    """The groups of people and machines that a set knows, str [n] each; ages in bands."""
    found = {name: np.asarray(part.groups[name]) for name in GROUPS if name in part.groups}
    if "age" in part.numbers:
        found["age"] = bands(part.numbers["age"])
    return {name: np.where(values == "", "not stated", values) for name, values in found.items()}


def bands(ages: Floats) -> Texts:
    """Bands of ``AGES`` in years, ``not stated`` where an age is not known."""
    told = [f"{low} to {high - 1} years" for low, high in pairwise(AGES)]
    names = np.array([*told[:-1], f"{AGES[-2]} years or more"])
    which = np.clip(np.digitize(ages, AGES) - 1, 0, len(names) - 1)
    return np.where(np.isnan(ages), "not stated", names[which])


def told(value: Interval) -> list[float]:
    """[value, low, high], rounded."""
    return value.rounded(DIGITS)


def rounded(value: float) -> float:
    """Rounded for the file."""
    return round(float(value), DIGITS)


def text(ends: Sequence[float]) -> str:
    """[value, low, high] for the card."""
    return f"{ends[0]:.3f} ({ends[1]:.3f} to {ends[2]:.3f})"


def percent(share: float) -> str:
    """A share for the card."""
    return f"{100.0 * share:.0f} %"


def named(entries: Iterable[Mapping[str, Any]], key: str) -> list[tuple[str, Any]]:
    """(question, value) of those entries that have one."""
    return [(entry["name"], entry[key]) for entry in entries if entry.get(key) is not None]
