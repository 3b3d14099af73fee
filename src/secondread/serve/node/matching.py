"""Attribute matching: what a key's value allows, as a condition of the database. Source: DICOM PS3.4 C.2.2.2."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_

Matcher = Callable[[Any, Sequence[str]], ColumnElement[bool] | None]  # None: everything matches
_ESCAPE = "\\"


def uids(column: Any, values: Sequence[str]) -> ColumnElement[bool] | None:
    """List of UID matching."""
    return column.in_(values) if values else None


def words(column: Any, values: Sequence[str]) -> ColumnElement[bool] | None:
    """Single value and wildcard matching; several values match any of them."""
    if not values or "*" in values:
        return None
    return or_(*(_word(column, value) for value in values))


def names(column: Any, values: Sequence[str]) -> ColumnElement[bool] | None:
    """The same for person names: case is ignored, and one of the alphabetic, ideographic, phonetic groups suffices."""
    if not values or "*" in values:
        return None
    either = []
    for value in values:
        pattern = _pattern(value.strip("=").rstrip("^"))
        forms = (pattern, f"{pattern}=%", f"%={pattern}", f"%={pattern}=%")
        either += [column.ilike(form, escape=_ESCAPE) for form in forms]
    return or_(*either)


def members(column: Any, values: Sequence[str]) -> ColumnElement[bool] | None:
    """For a column of words with spaces between: one of the values is among them."""
    if not values or "*" in values:
        return None
    spaced = " " + column + " "
    return or_(*(spaced.ilike(f"% {_pattern(value)} %", escape=_ESCAPE) for value in values))


def numbers(column: Any, values: Sequence[str]) -> ColumnElement[bool] | None:
    """Single value matching of whole numbers."""
    if not values or "*" in values:
        return None
    found = [int(value) for value in values if value.strip().lstrip("+-").isdecimal() and len(value) < 12]
    return column.in_(found) if found else false()


def dates(column: Any, values: Sequence[str]) -> ColumnElement[bool] | None:
    """Single value and range matching of dates."""
    return _ranges(column, values, lambda text: text.replace(".", ""), lambda text: text.replace(".", ""))


def times(column: Any, values: Sequence[str]) -> ColumnElement[bool] | None:
    """Single value and range matching of times: ``1022`` is all of that minute."""
    return _ranges(column, values, lambda text: text.replace(":", ""), lambda text: _until(text.replace(":", "")))


def _until(text: str) -> str:
    """The last time that begins with a text; stored times have seconds and may have a fraction.

    >>> _until("1022"), _until("102205.5")
    ('102259.999999', '102205.599999')
    """
    whole, _, fraction = text.partition(".")
    return f"{whole}{'235959'[len(whole) :]}.{fraction.ljust(6, '9')}"


def _ranges(
    column: Any, values: Sequence[str], low: Callable[[str], str], high: Callable[[str], str]
) -> ColumnElement[bool] | None:
    if not values or "*" in values:
        return None
    either = []
    for value in values:
        start, dash, end = value.partition("-")
        if not dash:
            end = start
        conditions = [column != ""]
        if start.strip():
            conditions.append(column >= low(start.strip()))
        if end.strip():
            conditions.append(column <= high(end.strip()))
        either.append(and_(*conditions))
    return or_(*either)


def _word(column: Any, value: str) -> ColumnElement[bool]:
    if "*" in value or "?" in value:
        return column.ilike(_pattern(value), escape=_ESCAPE)  # type: ignore[no-any-return]  # a column of any type
    return column == value  # type: ignore[no-any-return]  # likewise


def _pattern(value: str) -> str:
    r"""The pattern of SQL's LIKE.

    >>> _pattern("KIM*_?")
    'KIM%\\__'
    """
    for special in (_ESCAPE, "%", "_"):
        value = value.replace(special, _ESCAPE + special)
    return value.replace("*", "%").replace("?", "_")
