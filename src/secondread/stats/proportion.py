"""Counts and how far they can be trusted."""

import math

from secondread.stats.checks import fraction
from secondread.stats.interval import Interval, normal_quantile


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Interval of a proportion by Wilson's score method: sensible for small n and at 0 and n.

    Args:
        successes: Between 0 and ``n``.
        n: Number of cases, at least 1.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: If the counts do not fit or the level leaves (0, 1).

    Source: Wilson, Journal of the American Statistical Association 1927;22:209-212.

    >>> str(wilson(45, 50))
    '0.900 (0.786 to 0.957)'
    """
    _check_counts(successes, n)
    z, p = normal_quantile(level), successes / n
    share = z * z / n
    centre = (p + share / 2) / (1.0 + share)
    reach = math.sqrt(share * (p * (1.0 - p) + share / 4)) / (1.0 + share)
    low, high = min(centre - reach, p), max(centre + reach, p)  # rounding must not leave the value outside
    return Interval(p, max(0.0, low), min(1.0, high), "Wilson", level)


def clopper_pearson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Exact interval of a proportion: never covers too little, wider than Wilson's.

    Args:
        successes: Between 0 and ``n``.
        n: Number of cases, at least 1.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: If the counts do not fit or the level leaves (0, 1).

    Source: Clopper and Pearson, Biometrika 1934;26:404-413, as quantiles of the beta distribution.
    """
    from scipy.special import betaincinv

    _check_counts(successes, n)
    tail = (1.0 - fraction("level", level)) / 2
    low = float(betaincinv(successes, n - successes + 1, tail)) if successes > 0 else 0.0
    high = float(betaincinv(successes + 1, n - successes, 1.0 - tail)) if successes < n else 1.0
    return Interval(successes / n, low, high, "Clopper-Pearson", level)


def mcnemar_exact(b: int, c: int) -> float:
    """Two-sided p value for two tests of the same cases, from the cases on which they disagree.

    Args:
        b: Cases that only the first got right.
        c: Cases that only the second got right.

    Returns:
        The exact binomial p value; 1 when they never disagree.

    Raises:
        ValueError: If a count is negative.

    Source: McNemar, Psychometrika 1947;12:153-157, with the exact binomial distribution.

    >>> mcnemar_exact(1, 5)
    0.21875
    """
    if min(b, c) < 0:
        raise ValueError(f"found the counts {b} and {c}; needed counts of at least 0")
    n = b + c
    ways = tail = 1
    for k in range(min(b, c)):
        ways = ways * (n - k) // (k + 1)  # n over k + 1, from n over k
        tail += ways
    return min(1.0, 2 * tail / (1 << n))


def buderer_n(sensitivity: float, half_width: float, level: float = 0.95, prevalence: float = 1.0) -> int:
    """How many subjects a study needs to state a sensitivity with a given precision.

    Args:
        sensitivity: Expected, in (0, 1).
        half_width: Of the interval aimed at, in (0, 1).
        level: Confidence level in (0, 1).
        prevalence: Share of ill subjects in (0, 1]; with 1 the answer is the number of ill subjects. The same
            formula serves specificity, with the share of well subjects.

    Raises:
        ValueError: If an argument is out of range.

    Source: Buderer, Academic Emergency Medicine 1996;3:895-900.

    >>> buderer_n(0.90, 0.05), buderer_n(0.90, 0.05, prevalence=0.20)
    (139, 692)
    """
    expected, width = fraction("sensitivity", sensitivity), fraction("half_width", half_width)
    if not 0.0 < prevalence <= 1.0:
        raise ValueError(f"prevalence: found {prevalence:g}; needed a number above 0 and up to 1")
    ill = normal_quantile(level) ** 2 * expected * (1.0 - expected) / width**2
    return math.ceil(ill / prevalence)


def _check_counts(successes: int, n: int) -> None:
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"found {successes} successes of {n} cases; needed at least one case and 0 to n successes")
