"""What is known about the person besides the images, from a file: plain JSON, or a FHIR R4 Bundle.

Nothing of the person is ever in a message: neither a value nor a date, only the name of the field and what it needed.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from secondread.core.clinical import Clinical
from secondread.core.errors import FormatError, InputError, short_path
from secondread.formats.clinical_fhir import from_bundle

MAX_BYTES = 16 * 2**20
_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def read_clinical(path: Path) -> tuple[Clinical, tuple[str, ...]]:
    """The clinical context in a file, and in sentences what of the file was not understood and therefore left out.

    Args:
        path: JSON in UTF-8: either an object whose keys are the fields of :class:`Clinical`, or a FHIR R4 Bundle.

    Raises:
        InputError: If there is no such file, or it is larger than 16 MiB.
        FormatError: If it is no JSON object, or holds an unknown field or a value that cannot be.
    """
    where = short_path(path)
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise InputError(f"{where}: the clinical file cannot be read. Check the name and the permissions.") from error
    if size > MAX_BYTES:
        raise InputError(f"{where}: the clinical file has {size:,} bytes; needed at most {MAX_BYTES:,}.")
    found = _object(content, where)
    if "resourceType" not in found:
        return _clinical(found, where), ()
    if found["resourceType"] != "Bundle":
        raise FormatError(f"{where}: found a FHIR resource that is no Bundle; needed a Bundle, or plain fields.")
    facts, told = from_bundle(found, where)
    return _clinical(facts, where), told


def _object(content: bytes, where: str) -> dict[str, Any]:
    """The JSON object; a key that stands there twice, NaN and infinity are refused."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a key stands there twice")
        return dict(pairs)

    def number(_: str) -> float:
        raise ValueError("no finite number")

    try:
        found = json.loads(content.decode("utf-8-sig"), object_pairs_hook=once, parse_constant=number)
    except (ValueError, RecursionError):  # the message could quote the file, so it is not passed on
        found = None
    if not isinstance(found, dict):
        raise FormatError(
            f"{where}: needed one JSON object in UTF-8, each key once, numbers finite. Check it with a JSON editor."
        )
    return found


def _clinical(found: Mapping[str, Any], where: str) -> Clinical:
    """The fields as a :class:`Clinical`, each of its own type and in its range."""
    types = get_type_hints(Clinical)
    known = [field.name for field in fields(Clinical)]
    if unknown := [key for key in found if key not in types]:
        names = ", ".join(repr(short_path(key)) for key in unknown[:3])
        raise FormatError(f"{where}: found the unknown field {names}; known are {', '.join(known)}.")
    given: dict[str, Any] = {key: _of_type(value, get_args(types[key])[0], key, where) for key, value in found.items()}
    try:
        return Clinical(**given)
    except ValueError as error:  # "age_years: found 200, needed 0 to 130": the value found is the person's
        name, needed = str(error).partition(":")[0], str(error).rpartition("needed ")[2]
        raise FormatError(f"{where}: {name} has a value that cannot be; needed {needed}.") from None


def _of_type(value: object, kind: type, key: str, where: str) -> object:
    """The value, a whole number as a number where a number is needed; None stays unknown."""
    finite = not isinstance(value, float) or math.isfinite(value)
    if value is None or (isinstance(value, kind) and finite and not (kind is int and isinstance(value, bool))):
        return value
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) < 2**53 else float("inf")  # too large for any range
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    raise FormatError(f"{where}: {key} needs {_WORDS[kind]}, or null where it is not known.")
