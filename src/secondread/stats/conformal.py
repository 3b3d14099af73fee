"""Sets of answers that hold the right one as often as promised, however wrong the network may be."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.bootstrap import patients_of
from secondread.stats.checks import Bools, Floats, Ints, as_probabilities, fraction, numbers, same_length
from secondread.stats.interval import Interval
from secondread.stats.proportion import wilson


@dataclass(frozen=True, slots=True)
class Quantile:
    """The score up to which an answer stays in the set.

    Attributes:
        value: The k-th smallest score of the calibration cases; infinity where they are too few.
        k: ceil((n + 1)(1 - alpha)).
        n: Calibration cases.
        alpha: How often the right answer may be missed, in (0, 1).
    """

    value: float
    k: int
    n: int
    alpha: float

    @property
    def known(self) -> bool:
        """Whether there were enough cases; else the set holds every answer."""
        return self.k <= self.n


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often the set held what was true, beside what it should be.

    Attributes:
        covered: Cases whose set held the truth.
        n: Cases.
        share: Their share, with Wilson interval.
        expected: (lowest, highest) number of covered cases in the middle 95 % of all calibrations and tests of these
            sizes: a count inside is what the method promises, outside the cases are unlike those of the calibration.
    """

    covered: int
    n: int
    share: Interval
    expected: tuple[int, int]

    @property
    def verdict(self) -> str:
        """``inside``, ``below`` or ``above`` what is expected."""
        if self.covered < self.expected[0]:
            return "below"
        return "above" if self.covered > self.expected[1] else "inside"


def conformal_quantile(scores: ArrayLike, alpha: float) -> Quantile:
    """The k-th smallest of the scores of the true answers, k = ceil((n + 1)(1 - alpha)).

    Args:
        scores: How strange the true answer looked in each calibration case [n]; the cases are independent.
        alpha: In (0, 1).

    Raises:
        ValueError: If a score is not a number, or alpha leaves (0, 1).

    Source: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005; Lei et al., Journal of the
    American Statistical Association 2018;113:1094-1111 (split conformal).

    >>> conformal_quantile([0.05, 0.10, 0.15, 0.20, 0.22, 0.30, 0.35, 0.40, 0.60], 0.2).value
    0.4
    """
    values = np.sort(np.asarray(scores, dtype=np.float64).ravel())
    if np.isnan(values).any():
        raise ValueError("scores: found NaN; needed numbers, infinity where nothing would be enough")
    n = len(values)
    k = math.ceil((n + 1) * (1.0 - fraction("alpha", alpha)) - 1e-9)  # 0.9 x 10 is 9, not 9.000000000000002
    return Quantile(float(values[k - 1]) if k <= n else math.inf, k, n, alpha)


def least_cases(alpha: float) -> int:
    """How many calibration cases a quantile needs.

    >>> least_cases(0.1)
    9
    """
    return math.ceil(1.0 / fraction("alpha", alpha) - 1e-9) - 1


def by_class(labels: ArrayLike, probabilities: ArrayLike, alpha: float) -> tuple[Quantile, ...]:
    """One quantile a class, so that coverage holds within each class and not only in the mean.

    The score is 1 - probability of the true class.

    Args:
        labels: Class numbers [n] of independent cases.
        probabilities: [n, class].
        alpha: In (0, 1).

    Raises:
        ValueError: If labels and probabilities do not fit.

    Source: Vovk, Conditional validity of inductive conformal predictors, Machine Learning 2013;92:349-376 (Mondrian).
    """
    p, true = np.asarray(probabilities, dtype=np.float64), np.asarray(labels, dtype=np.int64)
    same_length(labels=true, probabilities=p)
    return tuple(conformal_quantile(1.0 - p[true == c, c], alpha) for c in range(p.shape[1]))


def sets(probabilities: ArrayLike, quantiles: tuple[Quantile, ...]) -> Bools:
    """Which classes are in the set of each case, bool [n, class].

    Raises:
        ValueError: If there is not one quantile a class.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    if p.ndim != 2 or p.shape[1] != len(quantiles):
        raise ValueError(f"probabilities: found the shape {p.shape}; needed one column for each of {len(quantiles)}")
    return np.asarray(1.0 - p <= np.array([q.value for q in quantiles]))


def undecided_range(
    negative: Quantile, positive: Quantile, threshold: float, between: tuple[int, int]
) -> tuple[float, float] | None:
    """The probabilities of yes at which the call or the set leaves both answers open.

    The set holds yes from 1 - q(yes) up and no up to q(no). A call that its own set contradicts (the threshold lies
    outside) is undecided too, which can only raise the coverage of what is decided. Where the two do not overlap the
    set between them is empty: both answers would be unusual there. That is left open where more than ``alpha`` of the
    calls between them were wrong; else an empty set goes with the call.

    Args:
        negative: Of the cases whose answer is no, with the score = probability of yes.
        positive: Of the cases whose answer is yes, with the score = probability of no.
        threshold: Yes at or above it.
        between: Wrong calls where the set is empty, and all calls there, as :func:`wrong_where_empty` counts them.

    Returns:
        (lowest, highest), both included; None where no probability is undecided.

    Raises:
        ValueError: If a quantile is not known.
    """
    if not (negative.known and positive.known):
        raise ValueError(f"found {negative.n} and {positive.n} cases; needed {least_cases(negative.alpha)} of each")
    low, high = 1.0 - positive.value, negative.value
    wrong, empty = between
    if low > high and wrong > negative.alpha * empty:
        low, high = high, low
    if low > threshold > high:
        return None
    return max(0.0, min(low, threshold)), min(1.0, max(high, threshold))


def wrong_where_empty(
    y: ArrayLike, p: ArrayLike, negative: Quantile, positive: Quantile, threshold: float
) -> tuple[int, int]:
    """How many calls are wrong where the set is empty, and how many there are.

    The sets alone cannot tell: about ``alpha`` of the cases of a faultless network lie there as well.

    Args:
        y: 0 or 1 of independent calibration cases [n].
        p: Probability of yes [n].
        negative: As :func:`undecided_range` takes it.
        positive: The same.
        threshold: Yes at or above it.
    """
    truth, chances = np.asarray(y), as_probabilities("p", p)
    same_length(y=truth, p=chances)
    empty = (chances > negative.value) & (chances < 1.0 - positive.value)
    wrong = (chances >= threshold) != (truth == 1)
    return int((wrong & empty).sum()), int(empty.sum())


def one_each(patients: ArrayLike, seed: int) -> Ints:
    """Numbers of the rows of one case drawn from each patient, in order.

    Pictures of one patient are alike, and the method counts independent cases. What then holds, holds for one picture
    drawn from each of new patients.

    Source: Dunn, Wasserman and Ramdas, Distribution-free prediction sets for two-layer hierarchical models, Journal
    of the American Statistical Association 2023;118:2491-2502 (subsampling once).
    """
    names, owner = patients_of(patients)
    order = np.random.default_rng(seed).permutation(len(owner))
    first = np.full(len(names), -1, dtype=np.int64)
    first[owner[order[::-1]]] = order[::-1]
    return np.sort(first)


def coverage(held: ArrayLike, quantiles: tuple[Quantile, ...], of: ArrayLike | None = None) -> Coverage:
    """How often the set held the truth in independent test cases, and whether that is as promised.

    Args:
        held: Whether it did, bool [n].
        quantiles: Those that decided; each is known.
        of: Which of them decided each case [n]; the first for all where none is named.

    Raises:
        ValueError: If there is no case, or a quantile is not known.
    """
    inside = np.asarray(held, dtype=np.bool_)
    which = np.zeros(len(inside), dtype=np.int64) if of is None else np.asarray(of, dtype=np.int64)
    same_length(held=inside, of=which)
    chances = np.ones(1)
    for number in np.unique(which).tolist():
        chances = np.convolve(chances, expected_counts(int((which == number).sum()), quantiles[number]))
    rises = np.cumsum(chances)
    low, high = (int(np.searchsorted(rises, at - 1e-12)) for at in (0.025, 0.975))
    return Coverage(int(inside.sum()), len(inside), wilson(int(inside.sum()), len(inside)), (low, high))


def expected_counts(n: int, quantile: Quantile) -> Floats:
    """Chance of 0 to n covered among n new cases, [n + 1], over all calibrations of that size: beta-binomial.

    Coverage given the calibration is Beta(k, n_calibration + 1 - k) when scores do not tie.

    Raises:
        ValueError: If the quantile is not known.

    Source: Vovk, Machine Learning 2013;92:349-376, proposition 2; Angelopoulos and Bates, Conformal prediction: a
    gentle introduction, Foundations and Trends in Machine Learning 2023;16:494-591, section 3.2.
    """
    from scipy.special import betaln, gammaln

    if not quantile.known:
        raise ValueError(f"found {quantile.n} calibration cases; needed {least_cases(quantile.alpha)}")
    a, b, j = quantile.k, quantile.n + 1 - quantile.k, np.arange(n + 1)
    ways = gammaln(n + 1) - gammaln(j + 1) - gammaln(n - j + 1)
    return np.asarray(np.exp(ways + betaln(j + a, n - j + b) - betaln(a, b)))


def risk_threshold(losses: ArrayLike, alpha: float) -> int | None:
    """The first column whose mean loss is small enough for the mean loss of new cases to be at most alpha.

    Args:
        losses: In [0, 1], [n, column]: of each independent case, never rising from one column to the next.
        alpha: In (0, 1).

    Returns:
        Number of the column; None where not even the last is enough.

    Raises:
        ValueError: If a loss leaves [0, 1] or rises.

    Source: Angelopoulos, Bates, Fisch, Lei and Schuster, Conformal risk control, ICLR 2024, equation 4.
    """
    values = numbers("losses", losses, (2,))
    as_probabilities("losses", values.ravel())
    if (np.diff(values, axis=1) > 1e-12).any():
        raise ValueError("losses: found one that rises; needed losses that fall from column to column")
    n = len(values)
    enough = np.flatnonzero((values.sum(axis=0) + 1.0) / (n + 1) <= fraction("alpha", alpha))
    return int(enough[0]) if len(enough) else None
