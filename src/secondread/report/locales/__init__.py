"""The words of a report in each language, and which parts of a sentence stay in their own."""

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module

from secondread.core.code import Code
from secondread.core.errors import UsageError
from secondread.report.locales.fixed import translated

LANGUAGES = ("en", "ko")
WRITTEN_IN = "en"  # the language of model cards and of what readers say


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of a model card or a reader inside a sentence of another language."""

    text: str


Part = str | Quoted
Text = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The table of one language.

    Attributes:
        language: BCP 47 tag, one of ``LANGUAGES``.
        texts: Key to sentence, with named placeholders in braces.
        terms: (code system, value) to the name of a concept; what is not there keeps its display text.
        fixed: Sentences that readers write from fixed tables, in English, to this language.
    """

    language: str
    texts: Mapping[str, str]
    terms: Mapping[tuple[str, str], str]
    fixed: Mapping[str, str] = field(default_factory=dict)

    def say(self, key: str, **values: str | int | Text) -> Text:
        """The sentence of a key, with its placeholders filled in.

        Raises:
            KeyError: If the table lacks the key, or a placeholder has no value.

        >>> words("ko").say("outcome.found", names=(Quoted("Scoliosis"),))
        ('의심 소견 있음: ', Quoted(text='Scoliosis'))
        """
        parts: list[Part] = []
        for before, name, _, _ in string.Formatter().parse(self.texts[key]):
            parts.append(before)
            if name is not None:
                value = values[name]
                parts += value if isinstance(value, tuple) else [str(value)]
        return tuple(part for part in parts if part)

    def plain(self, key: str, **values: str | int | Text) -> str:
        """As :meth:`say`, without telling the languages apart."""
        return plain(self.say(key, **values))

    def quote(self, text: str) -> Text:
        """Words that stay in the language they were written in."""
        return (text,) if self.language == WRITTEN_IN else (Quoted(text),)

    def told(self, text: str) -> Text:
        """What a reader wrote: in this language where it comes from a fixed table, else as it was written.

        >>> words("ko").told("both sides, upper third")
        ('양쪽', ', ', '위쪽 1/3')
        """
        parts = translated(text, self.fixed) if self.fixed else None
        return self.quote(text) if parts is None else tuple(Quoted(part) if kept else part for part, kept in parts)

    def term(self, code: Code) -> Text:
        """The name of a concept, or its display text where this language has no name for it."""
        name = self.terms.get((code.system, code.value))
        return self.quote(code.display) if name is None else (name,)


def words(language: str) -> Words:
    """The table of a language.

    Raises:
        UsageError: If there is none.
    """
    if language not in LANGUAGES:
        raise UsageError(f"language {language!r}: no report is written in it; needed one of {', '.join(LANGUAGES)}.")
    table = import_module(f"{__name__}.{language}")
    return Words(language, table.TEXTS, table.TERMS, table.FIXED)


def plain(text: Text) -> str:
    """The letters of a text.

    >>> plain(("Found: ", Quoted("Pneumonia")))
    'Found: Pneumonia'
    """
    return "".join(part if isinstance(part, str) else part.text for part in text)


def joined(texts: Iterable[Text], between: str = ", ") -> Text:
    """Texts one after the other.

    >>> joined([("a",), ("b", "c")])
    ('a', ', ', 'b', 'c')
    """
    parts: list[Part] = []
    for text in texts:
        parts += ([between] if parts else []) + list(text)
    return tuple(parts)
