"""How many readers and cases a study of two modalities needs.

Source: Hillis, Obuchowski and Berbaum, Academic Radiology 2011;18:129-142.
"""

import math
from dataclasses import dataclass

from scipy.stats import f as f_distribution
from scipy.stats import ncf

from secondread.stats.mrmc import Components

MOST_CASES = 100_000


@dataclass(frozen=True, slots=True)
class Power:
    """What a study would find.

    Attributes:
        readers: How many.
        cases: How many, healthy and diseased in the shares of the pilot.
        power: Probability of finding the effect.
        ncp: Noncentrality of the statistic.
        ddf: Degrees of freedom of the error.
    """

    readers: int
    cases: int
    power: float
    ncp: float
    ddf: float


def power(
    parts: Components, pilot_cases: int, *, readers: int, cases: int, effect: float, alpha: float = 0.05
) -> Power:
    """Power of a study with so many readers and cases, both random.

    Args:
        parts: Variance components of a pilot study.
        pilot_cases: Cases of the pilot.
        readers: Of the study, at least 2.
        cases: Of the study.
        effect: Difference of the mean figures of merit that shall be found.
        alpha: Significance level.

    Raises:
        ValueError: If there are too few readers or cases, or the numbers leave no variance.
    """
    if readers < 2 or cases < 4 or pilot_cases < 4:
        raise ValueError(f"found {readers} readers, {cases} and {pilot_cases} cases; needed at least 2, 4 and 4")
    scale = pilot_cases / cases
    between, apart = max(parts.modality_reader, 0.0), max(parts.cov2 - parts.cov3, 0.0)
    of_cases = scale * (parts.error - parts.cov1 + (readers - 1) * apart)
    error, own = between + of_cases, between + scale * (parts.error - parts.cov1 - apart)
    if error <= 0.0 or own <= 0.0:
        raise ValueError("found variance components that leave no error; needed a pilot in which figures vary")
    ncp = readers * effect**2 / 2.0 / error
    ddf = (readers - 1) * (error / own) ** 2
    limit = float(f_distribution.ppf(1.0 - alpha, 1.0, ddf))
    return Power(readers, cases, float(ncf.sf(limit, 1.0, ddf, ncp)), ncp, ddf)


def cases_needed(
    parts: Components, pilot_cases: int, *, readers: int, effect: float, wanted: float = 0.8, alpha: float = 0.05
) -> Power | None:
    """The fewest cases that reach the wanted power; None when no number does, because readers differ too much."""

    def at(cases: int) -> Power:
        return power(parts, pilot_cases, readers=readers, cases=cases, effect=effect, alpha=alpha)

    if at(MOST_CASES).power < wanted:
        return None
    low, high = 3, MOST_CASES  # low is too few, high is enough
    while high - low > 1:
        middle = math.floor((low + high) / 2)
        low, high = (low, middle) if at(middle).power >= wanted else (middle, high)
    return at(high)
