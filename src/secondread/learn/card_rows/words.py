"""Intervals, p values and summaries as a person reads them."""

from collections.abc import Mapping, Sequence
from typing import Any


def text(interval: Mapping[str, Any] | None, digits: int = 3) -> str:
    """An interval as a person reads it, with so many digits after the point.

    >>> text({"value": 0.91, "low": 0.88, "high": 0.934})
    '0.910 (0.880 to 0.934)'
    """
    if interval is None:
        return "not defined"
    value, low, high = (f"{interval[key]:.{digits}f}" for key in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def p_text(p: float | None) -> str:
    """A p value, never more exactly than it is known."""
    return "p not defined" if p is None else "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}"


def mean_and_median(summary: Mapping[str, Any] | None, unit: str = "case", digits: int = 3) -> str:
    """Mean and median of a measure over cases or patients, and in how many it is not defined."""
    if summary is None:
        return "not defined"
    left_out = f", not defined in {summary['undefined']} more" if summary["undefined"] else ""
    mean, median = (text(summary[key], digits) for key in ("mean", "median"))
    return f"mean {mean}, median {median}, {many(summary['cases'], unit)}{left_out}"


def many(count: int, noun: str) -> str:
    """A number and its noun.

    >>> many(1, "case"), many(2, "case")
    ('1 case', '2 cases')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def prefixed(name: str, rows: Mapping[str, str]) -> dict[str, str]:
    """The rows of a part, each with the name of the part before it."""
    return {f"{name}: {key}": value for key, value in rows.items()}


def columned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Left-aligned columns, two spaces apart.

    >>> columned([("a", "bcd"), ("ef", "g")])
    ['a   bcd', 'ef  g']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
