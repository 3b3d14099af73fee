"""Whether what was measured by hand can be a length, an area or a volume."""

import math


def check_positive(**values: float) -> None:
    """Refuse a number that is not above 0 and finite.

    Raises:
        ValueError: Naming the number, what was found and what was needed.

    >>> check_positive(long_mm=8.0, short_mm=6.5)
    """
    for name, value in values.items():
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name}: found {value!r}; needed a positive finite number")
