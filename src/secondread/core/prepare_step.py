"""A step of preparation as data: its name and its numbers, as they stand in a recipe and in a card."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from secondread.core.errors import CardError

Value = bool | int | float | str | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PrepareStep:
    """One step; what its name means is in :mod:`secondread.prepare.chain`.

    Attributes:
        step: Name of the step.
        values: (key, value) of what the step is told, in the order written.
    """

    step: str
    values: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def from_table(cls, table: Any, where: str) -> "PrepareStep":
        """A step from a TOML table such as ``{ step = "clahe", clip = 2.0 }``.

        Raises:
            CardError: If it is no table, has no name, or holds something else than numbers, texts and lists of numbers.

        >>> PrepareStep.from_table({"step": "fit", "size_px": [64, 64]}, "card")
        PrepareStep(step='fit', values=(('size_px', (64, 64)),))
        """
        if not isinstance(table, Mapping) or not isinstance(table.get("step"), str):
            raise CardError(f'{where}: found {table!r}; needed a table with a name, such as {{ step = "clahe" }}.')
        return cls(table["step"], tuple((key, _value(table[key], key, where)) for key in table if key != "step"))

    def to_table(self) -> dict[str, Any]:
        """The same as a table that TOML can write."""
        plain = {key: list(value) if isinstance(value, tuple) else value for key, value in self.values}
        return {"step": self.step, **plain}


def steps_from(tables: Any, where: str) -> tuple[PrepareStep, ...]:
    """Steps from a list of TOML tables.

    Raises:
        CardError: If one is no step.
    """
    if not isinstance(tables, Sequence) or isinstance(tables, str):
        raise CardError(f"{where}: found {tables!r}; needed a list of tables.")
    return tuple(PrepareStep.from_table(table, f"{where} {n}") for n, table in enumerate(tables, 1))


def steps_to(steps: Iterable[PrepareStep]) -> list[dict[str, Any]]:
    """Steps as a list of tables that TOML can write: the inverse of :func:`steps_from`."""
    return [step.to_table() for step in steps]


def _value(found: Any, key: str, where: str) -> Value:
    if isinstance(found, bool | str) or (isinstance(found, int | float) and math.isfinite(found)):
        return found
    if isinstance(found, list | tuple) and all(type(item) in {int, float} and math.isfinite(item) for item in found):
        return tuple(found)
    raise CardError(f"{where}: {key} is {found!r}; needed a finite number, a text, or a list of numbers.")
