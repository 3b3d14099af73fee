"""Text and JSON on stdout."""

import json
import sys
import textwrap
from collections.abc import Sequence
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


def wrapped(lines: Sequence[str], width: int = 110) -> str:
    """Long sentences in lines of at most ``width`` characters; what follows the first stands further in.

    >>> print(wrapped(["  one two three"], width=10))
      one two
        three
    """
    return "\n".join(
        textwrap.fill(line, width, subsequent_indent=" " * (len(line) - len(line.lstrip()) + 2), break_on_hyphens=False)
        for line in lines
    )


def table(rows: list[tuple[str, ...]]) -> str:
    """Left-aligned columns, two spaces apart.

    >>> print(table([("a", "bcd"), ("ef", "g")]))
    a   bcd
    ef  g
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
