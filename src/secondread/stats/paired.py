"""Whether one of two answers to the same cases is better, or only luckier.

For two areas under ROC curves DeLong's test is in :func:`secondread.stats.auroc.compare_delong`. The tests here are for
everything else. Several p values belong together in :func:`holm`: of twenty comparisons of equals one is "significant".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from secondread.stats.bootstrap import Statistic, patients_of, resample
from secondread.stats.checks import as_probabilities, numbers, same_length, truth
from secondread.stats.interval import Interval
from secondread.stats.proportion import mcnemar_exact


@dataclass(frozen=True, slots=True)
class PairedTest:
    """Two answers compared by drawing patients.

    Attributes:
        difference: Measure of the first less measure of the second, with its interval.
        p: Two-sided p value; at least 2 / (resamples + 1).
    """

    difference: Interval
    p: float


@dataclass(frozen=True, slots=True)
class McnemarTest:
    """Two yes-or-no answers compared where they disagree.

    Attributes:
        both: Cases that both got right.
        only_a: Cases that only the first got right.
        only_b: Cases that only the second got right.
        neither: Cases that both got wrong.
        p: Two-sided exact p value.
    """

    both: int
    only_a: int
    only_b: int
    neither: int
    p: float


@dataclass(frozen=True, slots=True)
class WilcoxonTest:
    """Two measures of the same patients compared by the ranks of their differences.

    Attributes:
        patients: Number of patients.
        equal: Patients without any difference; they are left out of the ranks.
        a_better: Patients whose first measure is higher.
        b_better: Patients whose second measure is higher.
        median_difference: First less second, over all patients.
        p: Two-sided p value; 1 when nobody differs.
    """

    patients: int
    equal: int
    a_better: int
    b_better: int
    median_difference: float
    p: float


def compare(
    statistic: Statistic,
    patients: ArrayLike,
    a: Sequence[ArrayLike],
    b: Sequence[ArrayLike],
    *,
    n: int = 2000,
    seed: int,
    level: float = 0.95,
) -> PairedTest:
    """Whether a measure differs between two answers, both measured on the same draws of patients.

    Args:
        statistic: Called with the drawn rows of the arrays of one answer; gives a number, or None where undefined.
        patients: Patient key of every row [rows].
        a: Arrays [rows, ...] of the first answer, e.g. ``(y, scores_a)``.
        b: Arrays [rows, ...] of the second, of the same cases in the same order, e.g. ``(y, scores_b)``.
        n: Number of resamples.
        seed: Of the draws.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: As for :func:`secondread.stats.bootstrap.bootstrap`.

    >>> mean = lambda dice: float(dice.mean())
    >>> compare(mean, range(4), ([0.75, 1.0, 0.75, 0.5],), ([0.5, 0.5, 0.5, 0.5],), n=99, seed=1).difference.value
    0.25
    """
    split = len(a)

    def difference(*drawn: NDArray[Any]) -> float | None:
        of_a, of_b = statistic(*drawn[:split]), statistic(*drawn[split:])
        return None if of_a is None or of_b is None else of_a - of_b

    return is_different(difference, patients, *a, *b, n=n, seed=seed, level=level)


def is_different(
    difference: Statistic, patients: ArrayLike, *arrays: ArrayLike, n: int = 2000, seed: int, level: float = 0.95
) -> PairedTest:
    """Whether a difference is other than 0, for measures that :func:`compare` cannot call.

    The p value is the one at which the percentile interval would just reach 0: twice the smaller share of resamples
    on one side of 0, those at 0 counting on both, and the data themselves counting as one draw more.

    Args:
        difference: Called with the drawn rows; gives first less second, or None where undefined.
        patients: Patient key of every row [rows].
        *arrays: Arrays [rows, ...] that are drawn together.
        n: Number of resamples.
        seed: Of the draws.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: As for :func:`secondread.stats.bootstrap.bootstrap`.

    Source: why one is added: Phipson and Smyth, Permutation P-values should never be zero, Statistical Applications
        in Genetics and Molecular Biology 2010;9:39.
    """
    found = resample(difference, patients, *arrays, n=n, seed=seed)
    smaller = min(int((found.drawn <= 0.0).sum()), int((found.drawn >= 0.0).sum()))
    return PairedTest(found.interval(level), min(1.0, 2.0 * (smaller + 1) / (len(found.drawn) + 1)))


def mcnemar(right_a: ArrayLike, right_b: ArrayLike) -> McnemarTest:
    """Whether two classifiers get the same cases right equally often.

    For sensitivities give the positive cases only, for specificities the negative ones. The cases must be independent:
    one of each patient. With several of a patient use :func:`compare`.

    Args:
        right_a: Whether the first answer is right, 0/1 [n].
        right_b: Whether the second answer is right, 0/1 [n].

    Raises:
        ValueError: If a value is not 0 or 1 or the numbers differ.

    Source: McNemar, Psychometrika 1947;12:153-157, with the exact binomial distribution.

    >>> mcnemar([1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 1]).p
    0.21875
    """
    first, second = truth("right_a", right_a), truth("right_b", right_b)
    same_length(right_a=first, right_b=second)
    both, only_a, only_b, neither = (
        int(np.count_nonzero(cell)) for cell in (first & second, first & ~second, ~first & second, ~first & ~second)
    )
    return McnemarTest(both, only_a, only_b, neither, mcnemar_exact(only_a, only_b))


def wilcoxon_by_patient(a: ArrayLike, b: ArrayLike, patients: ArrayLike) -> WilcoxonTest:
    """Whether a measure that every case has, such as Dice, is higher with one of two answers.

    The differences of a patient's cases are averaged first, because the test takes its rows to be independent. It
    asks whether the differences lie symmetrically about 0, not whether their mean is 0.

    Args:
        a: The measure with the first answer [n], finite.
        b: The measure with the second answer [n], of the same cases in the same order.
        patients: Patient key of every case [n].

    Returns:
        The exact p value where differences are few and none are equal in size, else that of the normal
        approximation with its correction for equal ones, as scipy chooses.

    Raises:
        ValueError: If a value is not finite or the numbers differ.

    Source: Wilcoxon, Biometrics Bulletin 1945;1:80-83.
    """
    from scipy.stats import wilcoxon

    first, second = numbers("a", a), numbers("b", b)
    names, owner = patients_of(patients)
    same_length(a=first, b=second, patients=owner)
    mean = np.bincount(owner, weights=first - second) / np.bincount(owner)
    difference = np.round(mean, 12)  # or rounding errors would rank what is equal
    apart = difference[difference != 0.0]
    return WilcoxonTest(
        patients=len(names),
        equal=len(names) - len(apart),
        a_better=int(np.count_nonzero(apart > 0.0)),
        b_better=int(np.count_nonzero(apart < 0.0)),
        median_difference=float(np.median(difference)),
        p=float(wilcoxon(apart).pvalue) if len(apart) else 1.0,
    )


def holm(p_values: ArrayLike) -> tuple[float, ...]:
    """P values raised so that, read together, they mislead no more often than one of them alone.

    Comparing each with 0.05 keeps the chance of any false alarm among them at 0.05, whatever their dependence.

    Args:
        p_values: Of all comparisons made, also of those that are not shown [n].

    Returns:
        The raised values in the given order, at most 1.

    Raises:
        ValueError: If there is none, or one leaves [0, 1].

    Source: Holm, Scandinavian Journal of Statistics 1979;6:65-70.

    >>> holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)
    """
    p = as_probabilities("p_values", p_values)
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    result = np.empty_like(p)
    result[order] = np.minimum(raised, 1.0)
    return tuple(result.tolist())
