"""Text and JSON on stdout."""

import json
from collections.abc import Callable
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


def show_event(as_json: bool) -> Callable[[dict[str, object]], None]:
    """Something that prints an event of long work: one line of JSON, or one line for a person."""

    def say(event: dict[str, object]) -> None:
        if as_json:
            print(json.dumps(event, ensure_ascii=False, sort_keys=True, allow_nan=False), flush=True)
        else:
            print("  ".join(f"{key} {value}" for key, value in event.items()), flush=True)

    return say
