"""Several p values read together: of twenty comparisons of equals, one is "significant"."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from secondread.stats.checks import as_probabilities
from secondread.stats.paired import holm


@dataclass(frozen=True, slots=True)
class Raised:
    """A p value, and what is left of it among all the others.

    Attributes:
        p: As it is alone.
        holm: Raised so that any false alarm among all is no more frequent than the level.
        benjamini_hochberg: Raised so that the share of false alarms among all alarms is no more than the level.
    """

    p: float
    holm: float
    benjamini_hochberg: float


def benjamini_hochberg(p_values: ArrayLike) -> tuple[float, ...]:
    """P values raised so that comparing each with q keeps the expected share of false alarms among the alarms at q.

    It holds for independent tests and for tests that depend positively on each other; it finds more than Holm's.

    Args:
        p_values: Of all comparisons made, also of those that are not shown [n].

    Returns:
        The raised values in the given order, at most 1.

    Raises:
        ValueError: If there is none, or one leaves [0, 1].

    Source: Benjamini and Hochberg, Journal of the Royal Statistical Society B 1995;57:289-300.

    >>> benjamini_hochberg([0.01, 0.04, 0.03])
    (0.03, 0.04, 0.04)
    """
    p = as_probabilities("p_values", p_values)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    raised = np.minimum.accumulate(scaled[::-1])[::-1]
    result = np.empty_like(p)
    result[order] = np.minimum(raised, 1.0)
    return tuple(result.tolist())


def raised(p_values: Sequence[float]) -> tuple[Raised, ...]:
    """Each p value with both corrections; nothing where there is none.

    Raises:
        ValueError: If one leaves [0, 1].
    """
    if not p_values:
        return ()
    both = zip(p_values, holm(p_values), benjamini_hochberg(p_values), strict=True)
    return tuple(Raised(*three) for three in both)
