"""Single comparisons: one measure of both, its paired difference and a p value."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondread.learn.comparing.sides import Side
from secondread.learn.evaluate import LEAST
from secondread.learn.examples import UNKNOWN
from secondread.learn.judge import RESAMPLES, SEED
from secondread.learn.judge_marks import marked
from secondread.learn.judge_outlines import dices
from secondread.learn.recipe import Question
from secondread.stats.auroc import auroc, compare_delong
from secondread.stats.froc import froc, froc_statistic
from secondread.stats.interval import Interval, normal_quantile
from secondread.stats.paired import PairedTest, compare, is_different, mcnemar, wilcoxon_by_patient

Floats = NDArray[np.float64]
BY_CASE, BY_PATIENT = "DeLong, by case", "bootstrap by patient"
FEWEST = 5  # patients without whom nothing is compared


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison.

    Attributes:
        about: Name of the question or structure.
        measure: What is compared.
        a: Of the first bundle.
        b: Of the second.
        difference: First less second, with an interval where the test gives one.
        test: How p was found.
        p: Two-sided, or None where the test cannot say anything.
        cases: How many cases it is about.
        favours: ``a``, ``b``, or nothing when both are equal.
    """

    about: str
    measure: str
    a: float
    b: float
    difference: Interval | None
    test: str
    p: float | None
    cases: int
    favours: str


def higher(one: float, other: float) -> str:
    """Which of two is favoured when more is better."""
    return "a" if one > other else "b" if other > one else ""


def of_question(question: Question, theirs: Question, a: Side, b: Side) -> list[Row] | str:
    """Areas, and right answers at each bundle's own threshold; or why they are not compared."""
    y, other = a.truth(question), b.truth(theirs)
    known = np.flatnonzero((y != UNKNOWN) & (other != UNKNOWN))
    if (y[known] != other[known]).any():
        return f"the recipes disagree about the truth of {int((y[known] != other[known]).sum())} cases"
    y, patients = y[known], a.test.patients[known]
    rarer = int(min((y == 1).sum(), (y == 0).sum()))
    least = LEAST if a.recipe.model.activation == "sigmoid" else 2
    if rarer < least or len(np.unique(patients)) < FEWEST:
        return f"too few cases ({rarer})"
    p, q = a.yes(question)[known], b.yes(theirs)[known]
    called = [scores >= one.card.threshold(question.name) for scores, one in ((p, a), (q, b))]
    rows = areas(question.name, y, p, q, patients)
    for measure, mine in (("accuracy", y >= 0), ("sensitivity", y == 1), ("specificity", y == 0)):
        right = [(answer == (y == 1))[mine].astype(np.float64) for answer in called]
        rows.append(right_answers(question.name, f"{measure} at its own threshold", right, patients[mine]))
    return rows


def areas(name: str, y: NDArray[np.int64], p: Floats, q: Floats, patients: NDArray[np.str_]) -> list[Row]:
    """Areas under the ROC curves, by DeLong's test and by drawing patients."""
    test = compare_delong(y, p, q)
    error = math.sqrt(max(test.variance_a + test.variance_b - 2.0 * test.covariance, 0.0))
    gap, reach = test.auc_a - test.auc_b, normal_quantile(0.95) * error
    interval = Interval(gap, gap - reach, gap + reach, BY_CASE, 0.95)
    better = higher(test.auc_a, test.auc_b)
    by_patient = compare(auroc, patients, (y, p), (y, q), n=RESAMPLES, seed=SEED)
    return [
        Row(name, "AUROC", test.auc_a, test.auc_b, interval, BY_CASE, test.p, len(y), better),
        Row(name, "AUROC", test.auc_a, test.auc_b, by_patient.difference, BY_PATIENT, by_patient.p, len(y), better),
    ]


def right_answers(name: str, measure: str, right: Sequence[Floats], patients: NDArray[np.str_]) -> Row:
    """Shares of right answers: McNemar's test, or patients drawn where a patient has several cases."""
    one, other = (float(part.mean()) for part in right)
    drawn = paired(patients, *right)
    several = len(np.unique(patients)) < len(patients)
    test, p = (BY_PATIENT, drawn.p) if several else ("McNemar, exact", mcnemar(*right).p)
    return Row(name, measure, one, other, drawn.difference, test, p, len(patients), higher(one, other))


def of_structure(name: str, a: Side, b: Side) -> list[Row] | str:
    """Dice of each case that shows the structure; each bundle on its own grid; or why it is not compared."""
    pairs = [one.masks(name) for one in (a, b)]
    has = np.flatnonzero(np.all([true.reshape(len(true), -1).any(1) for _, true in pairs], axis=0))
    patients = a.test.patients[has]
    if len(np.unique(patients)) < FEWEST:
        return f"too few patients ({len(np.unique(patients))})"
    ours, theirs = (np.array(dices(found[has], true[has])) for found, true in pairs)
    ranks = wilcoxon_by_patient(ours, theirs, patients)
    medians = (float(np.median(ours)), float(np.median(theirs)))
    means = paired(patients, ours, theirs)
    better, in_ranks = higher(mean(ours), mean(theirs)), higher(ranks.a_better, ranks.b_better)
    return [
        Row(name, "mean Dice", mean(ours), mean(theirs), means.difference, BY_PATIENT, means.p, len(has), better),
        Row(name, "median Dice", *medians, None, "Wilcoxon, by patient", ranks.p, len(has), in_ranks),
    ]


def of_marks(name: str, rate: float, a: Side, b: Side) -> list[Row] | str:
    """Lesions found at one rate of false marks a picture; or why they are not compared."""
    kept = []
    for one in (a, b):
        assert one.outlines is not None
        kept.append(marked(one.test, one.outlines, one.recipe.model.structures.index(name)))
    lesions = [sum(marks.hits.shape[1] for marks in part) for part in kept]
    if lesions[0] != lesions[1]:
        return f"found {lesions[0]} lesions for the one and {lesions[1]} for the other"
    if not lesions[0]:
        return "no lesion"
    first, second = (froc_statistic(part, (rate,)) for part in kept)

    def less(drawn: Any) -> float | None:
        one, other = first(drawn), second(drawn)
        return None if one is None or other is None else one - other

    test = is_different(less, a.test.patients, np.arange(len(a.test)), n=RESAMPLES, seed=SEED)
    ours, theirs = (froc(part).at(rate) for part in kept)
    measure = f"lesions found at {rate:g} false mark{'' if rate == 1 else 's'} a picture"
    better = higher(ours, theirs)
    return [Row(f"{name} marks", measure, ours, theirs, test.difference, BY_PATIENT, test.p, len(a.test), better)]


def paired(patients: NDArray[np.str_], one: Floats, other: Floats) -> PairedTest:
    """The mean of single numbers, on the same draws of patients."""
    return compare(mean, patients, (one,), (other,), n=RESAMPLES, seed=SEED)


def mean(values: Any) -> float:
    """Mean of an array."""
    return float(np.mean(values))
