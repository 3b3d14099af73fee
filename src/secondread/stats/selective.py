"""What is gained by leaving the least sure cases to a person."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.bootstrap import bootstrap
from secondread.stats.checks import Floats, as_probabilities, fraction, numbers, same_length
from secondread.stats.interval import Interval

POINTS = 20


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """Mean loss of the surest cases, for every share of them.

    Attributes:
        coverage: Share of cases decided, rising to 1, [n].
        risk: Mean loss of those, [n].
    """

    coverage: Floats
    risk: Floats

    @property
    def area(self) -> float:
        """Mean of the risks: the area below the curve."""
        return float(self.risk.mean())

    def at(self, share: float) -> float:
        """Risk of the surest ``share`` of the cases, at least one.

        Raises:
            ValueError: If the share leaves (0, 1].
        """
        n = len(self.risk)
        return float(self.risk[max(1, round(fraction("share", share, ends=True) * n)) - 1])

    def points(self, most: int = POINTS) -> list[list[float]]:
        """At most so many [coverage, risk], evenly spread and ending at all cases."""
        shares = np.linspace(1.0 / most, 1.0, most)
        chosen = np.unique(np.maximum(1, np.round(shares * len(self.risk)).astype(int))) - 1
        return [[round(float(self.coverage[k]), 4), round(float(self.risk[k]), 4)] for k in chosen]


def sureness(p: ArrayLike, threshold: float) -> Floats:
    """The probability that each call is right, [n], taken from the probability itself.

    Raises:
        ValueError: If a value is no probability, or the threshold leaves (0, 1).

    Source: Chow, On optimum recognition error and reject tradeoff, IEEE Transactions on Information Theory 1970;
    16:41-46: leaving out the cases in which it is smallest leaves the fewest errors, if it is true.
    """
    values = as_probabilities("p", p)
    return np.where(values >= fraction("threshold", threshold), values, 1.0 - values)


def risk_coverage(losses: ArrayLike, sure: ArrayLike) -> RiskCoverage:
    """The curve. Equally sure cases count with their common mean, so that their order changes nothing.

    Args:
        losses: Of each case [n], e.g. 1 where the call is wrong.
        sure: How sure each is [n]; the surest are decided first.

    Raises:
        ValueError: If a number is not finite or the lengths differ.

    Source: El-Yaniv and Wiener, Journal of Machine Learning Research 2010;11:1605-1641 (the curve); Geifman, Uziel and
    El-Yaniv, Bias-reduced uncertainty estimation for deep neural classifiers, ICLR 2019 (the area).
    """
    values, how = numbers("losses", losses), numbers("sure", sure)
    same_length(losses=values, sure=how)
    _, where = np.unique(-how, return_inverse=True)
    means = np.bincount(where, weights=values) / np.bincount(where)
    spread = means[where][np.argsort(where, kind="stable")]
    many = np.arange(1, len(values) + 1)
    return RiskCoverage(many / len(values), np.cumsum(spread) / many)


def aurc(losses: ArrayLike, sure: ArrayLike) -> float:
    """Area below the risk-coverage curve: the mean loss itself where sureness says nothing."""
    return risk_coverage(losses, sure).area


def aurc_interval(patients: ArrayLike, losses: ArrayLike, sure: ArrayLike, *, n: int = 2000, seed: int) -> Interval:
    """:func:`aurc` with its interval over patients."""
    return bootstrap(aurc, patients, losses, sure, n=n, seed=seed)


def spared(patients: ArrayLike, losses: ArrayLike, sure: ArrayLike, share: float, *, seed: int) -> Interval:
    """Risk of all cases less that of the surest ``share``, with its interval over patients."""

    def gain(loss: Floats, how: Floats) -> float:
        return float(np.mean(loss)) - risk_coverage(loss, how).at(share)

    return bootstrap(gain, patients, losses, sure, n=1000, seed=seed)
