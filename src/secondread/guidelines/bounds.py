"""Whether what a rule is given can be true at all, how it is rounded, and odds as a probability."""

import math
from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal

from secondread.core.ruling import Input


def check(inputs: Mapping[str, Input], ranges: Mapping[str, tuple[float, float]]) -> None:
    """Refuse a number outside its range; None is left to the rule.

    Args:
        inputs: What the rule is given, by name with its unit.
        ranges: Smallest and largest value, both allowed, by the same names.

    Raises:
        ValueError: Naming the input, what was found and what was needed.

    >>> check({"age_years": 60.0, "diameter_mm": None}, {"age_years": (0, 120), "diameter_mm": (0.1, 300)})
    """
    for name, (low, high) in ranges.items():
        value = inputs.get(name)
        if value is None:
            continue
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and math.isfinite(value) and low <= value <= high):  # type: ignore[arg-type, operator]
            raise ValueError(f"{name}: found {value!r}; needed a number from {low:g} to {high:g}")


def choose(inputs: Mapping[str, Input], choices: Mapping[str, Collection[str]]) -> None:
    """Refuse a word that is none of the rule's words; None is left to the rule.

    Raises:
        ValueError: Naming the input, what was found and what was needed.
    """
    for name, words in choices.items():
        value = inputs.get(name)
        if value is not None and value not in words:
            raise ValueError(f"{name}: found {value!r}; needed one of {sorted(words)}")


def half_up(value: float, places: int = 0) -> float:
    """Round as people do: a half goes up. Python's ``round`` goes to the even neighbour.

    The digits that are printed are rounded, not the binary fraction behind them.

    >>> half_up(8.5), round(8.5), half_up(5.95, 1)
    (9.0, 8, 6.0)
    """
    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def probability(log_odds: float) -> float:
    """The logistic function, 1 / (1 + e^-x), for any finite x.

    >>> probability(0.0)
    0.5
    """
    small = math.exp(-abs(log_odds))
    return (1.0 if log_odds >= 0 else small) / (1.0 + small)
