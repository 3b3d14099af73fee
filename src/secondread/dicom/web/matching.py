"""Whether a data set of the JSON model is what a query asks for. Source: DICOM PS3.4 section C.2.2.2."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from secondread.dicom.web.dicom_json import Json, items
from secondread.dicom.web.query import Match

_END = "~"  # sorts after every letter of a date or time


def matches(content: Json, filters: Mapping[str, Match]) -> bool:
    """Whether all filters match; one into a sequence matches when any of its items does.

    >>> matches({"00741000": {"vr": "CS", "Value": ["SCHEDULED"]}}, {"00741000": Match(("SCHEDULED",))})
    True
    """
    return all(any(_is(value, match) for value in _values(content, path)) for path, match in filters.items())


def _values(content: Json, path: str) -> Iterator[str]:
    tag, dot, rest = path.partition(".")
    if dot:
        for item in items(content, tag):
            yield from _values(item, rest)
        return
    found = content.get(tag)
    for value in found.get("Value", []) if isinstance(found, Mapping) else []:
        yield from _texts(value)


def _texts(value: Any) -> Iterator[str]:
    """A value as text; a name gives each of its groups."""
    if isinstance(value, Mapping):
        yield from (str(group) for group in value.values())
    elif value is not None:
        yield str(value)


def _is(value: str, match: Match) -> bool:
    if match.between is not None:
        low, high = match.between
        return value >= low and (not high or value <= high + _END)
    if match.pattern:
        form = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in match.pattern)
        return re.fullmatch(form, value, re.IGNORECASE | re.DOTALL) is not None
    return value in match.one_of
