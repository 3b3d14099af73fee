"""Whether a computed number reaches a threshold of a published table."""

# Relative slack: 12.6 is 20 % more than 10.5, in binary arithmetic too.
SLACK = 1e-9


def reaches(value: float, threshold: float) -> bool:
    """Whether ``value`` is at or above ``threshold``, not fooled by the last bit.

    >>> reaches(12.6 - 10.5, 0.2 * 10.5), reaches(29.99, 30.0)
    (True, False)
    """
    return value >= threshold - SLACK * abs(threshold)
