"""Sentences that a program wrote from a fixed table, put into another language; everything else stays as written."""

import re
import string
from collections.abc import Callable, Mapping
from functools import cache

SENTENCE_END = re.compile(r"(?<=\.) (?=[A-Z])")
ENGLISH = re.compile("[a-z]")  # a code, a number or a unit in capitals is the same in every language

Pairs = Mapping[str, str]
Part = tuple[str, bool]  # words, and whether they stay in the language they were written in


def translated(text: str, pairs: Pairs) -> tuple[Part, ...] | None:
    """The parts of a text in the other language; None where nothing of it is in the table.

    Args:
        text: As the program wrote it.
        pairs: English to the other language, both with the same placeholders in braces.

    >>> translated("left lung, upper third", {"left lung": "왼쪽 폐", "{height} third": "{height} 1/3", "upper": "위"})
    (('왼쪽 폐', False), (', ', False), ('위', False), (' 1/3', False))
    """
    if text in pairs:
        return ((pairs[text], False),)
    if len(sentences := SENTENCE_END.split(text)) > 1:
        return _listed(sentences, " ", pairs, any)
    for english, pattern, other in _templates(tuple(pairs.items())):
        if (match := pattern.fullmatch(text)) is not None:
            values = {name: _value(value, pairs) for name, value in match.groupdict().items()}
            # Where a value comes first, as in "{first} or {second}", the rest of the template proves nothing.
            if not english.startswith("{") or not any(kept for value in values.values() for _, kept in value):
                return _filled(other, values)
    return _listed(re.split("[,;] ", text), ", ", pairs, all)


def _value(text: str, pairs: Pairs) -> tuple[Part, ...]:
    return translated(text, pairs) or ((text, bool(ENGLISH.search(text))),)


def _listed(
    texts: list[str], between: str, pairs: Pairs, enough: Callable[[list[bool]], bool]
) -> tuple[Part, ...] | None:
    """Several texts one after the other, where enough of them are known."""
    if len(texts) == 1 or not enough([translated(text, pairs) is not None for text in texts]):
        return None
    parts = [part for text in texts for part in (*_value(text, pairs), (between, False))]
    return tuple(parts[:-1])


def _filled(other: str, values: Mapping[str, tuple[Part, ...]]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for before, name, _, _ in string.Formatter().parse(other):
        parts += [(before, False)] if before else []
        parts += values[name] if name is not None else ()
    return tuple(parts)


@cache
def _templates(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    return tuple((english, _pattern(english), other) for english, other in pairs if "{" in english)


def _pattern(english: str) -> re.Pattern[str]:
    pattern = ""
    for before, name, _, _ in string.Formatter().parse(english):
        pattern += re.escape(before) + (f"(?P<{name}>.+?)" if name is not None else "")
    return re.compile(pattern)
