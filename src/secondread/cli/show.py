"""Text and JSON on stdout."""

import json
import sys
from typing import Any

from secondread.core.report import NOTICE


def show(text: str) -> None:
    """Print text for a person; what the terminal cannot show is written as an escape."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))


def show_result(text: str) -> None:
    """Print what was found, and what it is not for."""
    show(f"{text}\n\n{NOTICE}")


def show_json(value: Any) -> None:
    """Print one JSON document: keys in order, no NaN, and ASCII, which every terminal and pipe can carry."""
    print(json.dumps(value, sort_keys=True, indent=2, allow_nan=False))


def table(rows: list[tuple[str, ...]]) -> str:
    """Left-aligned columns, two spaces apart.

    >>> print(table([("a", "bcd"), ("ef", "g")]))
    a   bcd
    ef  g
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
