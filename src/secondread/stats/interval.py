"""A number and how far it can be trusted."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from secondread.stats.checks import fraction


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval.

    Attributes:
        value: The estimate.
        low: Lower bound, in the unit of ``value``.
        high: Upper bound, in the unit of ``value``.
        method: How the bounds were made, in words.
        level: Confidence level in (0, 1).

    Raises:
        ValueError: If a number is not finite, the bounds are crossed, or the level leaves (0, 1).

    >>> str(Interval(0.912, 0.89, 0.934, "Wilson"))
    '0.912 (0.890 to 0.934)'
    """

    value: float
    low: float
    high: float
    method: str
    level: float = 0.95

    def __post_init__(self) -> None:
        if not all(math.isfinite(v) for v in (self.value, self.low, self.high)):
            raise ValueError(f"an interval needs finite numbers; found {self.value}, {self.low} and {self.high}")
        if self.low > self.high:
            raise ValueError(f"the lower bound {self.low} lies above the upper bound {self.high}")
        fraction("level", self.level)

    def rounded(self, digits: int) -> list[float]:
        """[value, low, high], as files hold it.

        >>> Interval(0.91234, 0.88, 0.934, "Wilson").rounded(3)
        [0.912, 0.88, 0.934]
        """
        return [round(number, digits) for number in (self.value, self.low, self.high)]

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def normal_quantile(level: float) -> float:
    """How many standard errors a two-sided interval of that level reaches to each side.

    Raises:
        ValueError: If the level leaves (0, 1).

    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    return NormalDist().inv_cdf(0.5 + fraction("level", level) / 2)
