"""Text and JSON on stdout."""

import json
from typing import Any


def show(text: str) -> None:
    """Print text for a person."""
    print(text)


def show_json(value: Any) -> None:
    """Print one JSON document: keys in order, no NaN."""
    print(json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False))


def table(rows: list[tuple[str, ...]]) -> str:
    """Left-aligned columns, two spaces apart.

    >>> print(table([("a", "bcd"), ("ef", "g")]))
    a   bcd
    ef  g
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
