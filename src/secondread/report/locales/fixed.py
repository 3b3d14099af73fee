"""Sentences that a program wrote from a fixed table, put into another language; everything else stays as written."""

import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

SENTENCE_END = re.compile(r"(?<=\.)( )(?=[A-Z])")
LISTS = re.compile("(; )"), re.compile("(, )")
UNIT = re.compile(r"\b(?:mm[23²³]?|cm2?|mL)(?!\w)")
ENGLISH = re.compile("[a-z]")  # a code, a number or a unit is the same in every language

Pairs = Mapping[str, str]
REMEMBERED = 4096  # texts: reports say the same again and again, and a text is asked for in many ways to split it
Part = tuple[str, bool]  # words, and whether they stay in the language they were written in


def translated(text: str, pairs: Pairs) -> tuple[Part, ...] | None:
    """The parts of a text in the other language; None where nothing of it is in the table.

    Args:
        text: As the program wrote it.
        pairs: English to the other language, both with the same placeholders in braces.

    >>> translated("left lung, upper third", {"left lung": "왼쪽 폐", "{height} third": "{height} 1/3", "upper": "위"})
    (('왼쪽 폐', False), (', ', False), ('위', False), (' 1/3', False))
    """
    return _translated(text, _table(tuple(pairs.items())))


@dataclass(frozen=True, slots=True, eq=False)
class _Template:
    """An English text with placeholders.

    Attributes:
        other: In the other language.
        first: Whether a value comes first.
        words: The longest between its values, sooner looked for than a pattern.
        patterns: What it fits.
    """

    other: str
    first: bool
    words: str
    patterns: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    pairs: Pairs
    templates: tuple[_Template, ...]


@cache
def _table(pairs: tuple[tuple[str, str], ...]) -> _Table:
    return _Table(dict(pairs), tuple(_template(english, other) for english, other in pairs if "{" in english))


def _template(english: str, other: str) -> _Template:
    parts = [(re.escape(before), name) for before, name, _, _ in string.Formatter().parse(english)]
    words = max((before for before, _, _, _ in string.Formatter().parse(english)), key=len)
    first = english.startswith("{")
    # Each value as short as can be, and as long as can be where one comes first: "its greys and its noise and
    # sharpness" is split at the first "and", "its noise and sharpness and its greys" at the last.
    patterns = tuple(
        re.compile("".join(before + (f"(?P<{name}>{value})" if name else "") for before, name in parts))
        for value in ((".+?", ".+") if first else (".+?",))
    )
    return _Template(other, first, words, patterns)


@lru_cache(REMEMBERED)
def _translated(text: str, table: _Table) -> tuple[Part, ...] | None:
    if text in table.pairs:
        return ((table.pairs[text], False),)
    if len(sentences := SENTENCE_END.split(text)) > 1:
        return _listed(sentences, table, any)
    fits = []
    for fit in _fits(text, table):
        if not _kept(fit):
            return fit
        fits.append(fit)
    return next(iter(fits), None)


def _fits(text: str, table: _Table) -> Iterator[tuple[Part, ...]]:
    """What each template that fits makes of a text, and what it is as a list.

    Where a value comes first, as in "{first} or {second}", the rest of a template proves little: such a one comes last,
    and counts only where every value is known.
    """
    yield from (fit for template in table.templates if not template.first for fit in _made(text, template, table))
    yield from filter(None, (_listed(between.split(text), table, all) for between in LISTS))
    yield from (fit for template in table.templates if template.first for fit in _made(text, template, table))


def _made(text: str, template: _Template, table: _Table) -> Iterator[tuple[Part, ...]]:
    if template.words not in text:
        return
    for match in filter(None, (pattern.fullmatch(text) for pattern in template.patterns)):
        values = {}
        for name, value in match.groupdict().items():
            values[name] = _value(value, table)
            if template.first and _kept(values[name]):
                break
        else:
            yield _filled(template.other, values)


def _kept(parts: tuple[Part, ...]) -> bool:
    return any(kept for _, kept in parts)


def _value(text: str, table: _Table) -> tuple[Part, ...]:
    return _translated(text, table) or ((text, bool(ENGLISH.search(UNIT.sub("", text)))),)


def _listed(split: list[str], table: _Table, enough: Callable[[Iterable[bool]], bool]) -> tuple[Part, ...] | None:
    """Several texts and what stands between them, in turn, where enough of the texts are known."""
    if len(split) == 1 or not enough(_translated(text, table) is not None for text in split[::2]):
        return None
    values = (((text, False),) if n % 2 else _value(text, table) for n, text in enumerate(split))
    return tuple(part for value in values for part in value)


def _filled(other: str, values: Mapping[str, tuple[Part, ...]]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for before, name, _, _ in string.Formatter().parse(other):
        parts += [(before, False)] if before else []
        parts += values[name] if name is not None else ()
    return tuple(parts)
