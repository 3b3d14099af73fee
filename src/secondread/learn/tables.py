"""From a TOML table to a frozen dataclass: every key must be a field, and every value of the field's type."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from typing import Any, get_args, get_origin, get_type_hints

from secondread.core.errors import RecipeError
from secondread.core.prepare_step import PrepareStep


def build(kind: Any, table: Any, where: str) -> Any:
    """A dataclass from a TOML table, recursively; every key must be a field and every field of the right type.

    Raises:
        RecipeError: Naming the key.
    """
    if kind is PrepareStep:
        return PrepareStep.from_table(table, where)
    if not isinstance(table, Mapping):
        raise RecipeError(f"{where}: found {type(table).__name__}, needed a table")
    types = get_type_hints(kind)
    unknown = sorted(set(table) - set(types))
    if unknown:
        near = get_close_matches(unknown[0], types, 1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        raise RecipeError(f"{where}: unknown key {unknown[0]!r}.{meant} Known keys: {', '.join(types)}.")
    for item in fields(kind):
        if item.default is MISSING and item.default_factory is MISSING and item.name not in table:
            raise RecipeError(f"{where}: key {item.name!r} is missing. Add it.")
    return kind(**{key: convert(types[key], value, f"{where}: {key}") for key, value in table.items()})


def convert(kind: Any, value: Any, where: str) -> Any:
    """A TOML value as the annotated type.

    Raises:
        RecipeError: If it does not fit.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if hasattr(kind, "__dataclass_fields__"):
        return build(kind, value, where)
    if origin is tuple:
        if not isinstance(value, list) or (arguments[-1] is not ... and len(value) != len(arguments)):
            raise RecipeError(f"{where}: found {value!r}, needed a list")
        return tuple(convert(arguments[0], item, where) for item in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise RecipeError(f"{where}: found {value!r}, needed a table")
        return {key: convert(arguments[1], item, f"{where}: {key}") for key, item in value.items()}
    if type(None) in arguments:
        return convert(next(a for a in arguments if a is not type(None)), value, where)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise RecipeError(f"{where}: found {value!r}, needed {kind.__name__}")
    return value
