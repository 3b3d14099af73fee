"""A table of ``card.toml``, read key by key."""

import math
from collections.abc import Mapping
from typing import Any

from secondread.core.errors import CardError
from secondread.core.prepare_step import PrepareStep, steps_from

SECTIONS = {
    "schema": "the number of the schema",
    "model": "a table",
    "input": "a table",
    "calibration": "a table",
    "sha256": "a table",
    "thresholds": "a list of tables",
    "results": "a table",
    "subgroups": "a list of tables",
    "outside": "a table",
    "maps": "a list of tables",
}


class Table:
    """A TOML table read key by key; a key that is not known stops it at once.

    Args:
        where: The file.
        section: What messages call the table.
        content: Key to value.
        known: The keys it may have; None when any will do.

    Raises:
        CardError: If a key is unknown, or one that is asked for is missing or of another type.
    """

    def __init__(self, where: str, section: str, content: Mapping[str, Any], known: tuple[str, ...] | None) -> None:
        self.where, self._section, self._content = where, section, content
        unknown = sorted(set(content) - set(known)) if known is not None else []
        if unknown:
            raise CardError(
                f"{where}: {section} has the unknown key {unknown[0]!r}; known are {', '.join(known or ())}. "
                "Correct its spelling or take it out."
            )

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def _value(self, key: str, needed: str) -> Any:
        if key not in self._content:
            raise CardError(f"{self.where}: {self._section} has no {key!r}; needed {needed}. Add it.")
        return self._content[key]

    def _wrong(self, key: str, needed: str) -> CardError:
        found = self._content[key]
        shown = repr(found) if len(repr(found)) <= 60 else f"a {type(found).__name__}"
        return CardError(f"{self.where}: {key!r} of {self._section} is {shown}; needed {needed}. Correct it.")

    def text(self, key: str) -> str:
        """A text that is not empty."""
        needed = "a text that is not empty"
        value = self._value(key, needed)
        if not isinstance(value, str) or not value:
            raise self._wrong(key, needed)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Texts that are not empty."""
        needed = "a list of texts that are not empty"
        value = self._value(key, needed)
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self._wrong(key, needed)
        return tuple(value)

    def number(self, key: str) -> float:
        """A finite number."""
        needed = "a finite number"
        value = self._value(key, needed)
        if not _is_number(value):
            raise self._wrong(key, needed)
        return float(value)

    def numbers(self, key: str) -> tuple[float, ...]:
        """Finite numbers."""
        needed = "a list of finite numbers"
        value = self._value(key, needed)
        if not isinstance(value, list) or not all(map(_is_number, value)):
            raise self._wrong(key, needed)
        return tuple(map(float, value))

    def positive(self, key: str) -> float:
        """A number above 0."""
        value = self.number(key)
        if value <= 0:
            raise self._wrong(key, "a number above 0")
        return value

    def whole(self, key: str) -> int:
        """A whole number, not negative."""
        needed = "a whole number, not negative"
        value = self._value(key, needed)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._wrong(key, needed)
        return value

    def interval(self, key: str) -> tuple[float, float]:
        """Two numbers, the lower first."""
        needed = "two numbers, the lower first"
        value = self._value(key, needed)
        if not (isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)) and value[0] <= value[1]):
            raise self._wrong(key, needed)
        return float(value[0]), float(value[1])

    def steps(self, key: str) -> tuple[PrepareStep, ...]:
        """Steps of preparation."""
        return steps_from(self._value(key, "a list of tables"), f"{self.where}: {key!r} of {self._section}")

    def table(self, key: str, known: tuple[str, ...] | None) -> "Table":
        """A table within this one."""
        value = self._value(key, f"{SECTIONS[key]} [{key}]")
        if not isinstance(value, dict):
            raise self._wrong(key, f"{SECTIONS[key]} [{key}]")
        return Table(self.where, f"[{key}]", value, known)

    def tables(self, key: str, known: tuple[str, ...]) -> list["Table"]:
        """A list of tables, which may be empty."""
        needed = f"{SECTIONS[key]} [[{key}]], which may be empty"
        value = self._value(key, needed)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self._wrong(key, needed)
        return [Table(self.where, f"[[{key}]] {n}", row, known) for n, row in enumerate(value, 1)]

    def named_texts(self, key: str) -> dict[str, str]:
        """A table whose keys are free and whose values are texts."""
        table = self.table(key, None)
        return {name: table.text(name) for name in table._content}  # noqa: SLF001 - another table of this class


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
