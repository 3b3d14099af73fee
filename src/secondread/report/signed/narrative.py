"""The text of a report from the findings that a person holds: a paragraph of findings, and an impression.

It is a beginning for the person to edit, made from templates; nothing is in it that they do not hold.
"""

from collections.abc import Sequence

from secondread.core.signature import Held
from secondread.report.locales import plain, words
from secondread.report.signed.words import say
from secondread.report.wording import amount


def findings_text(held: Sequence[Held], language: str) -> str:
    """What is there, a line each; then what was described; then what was looked for and not seen, in one line."""
    there = [_line("text.present", one, language) for one in held if one.present]
    described = [_line("text.described", one, language) for one in held if one.present is None]
    absent = list(dict.fromkeys(_name(one, language) for one in held if one.present is False))
    lines = [*there, *described, *([say(language, "text.absent", names=", ".join(absent))] if absent else [])]
    return "\n".join(lines) or say(language, "text.none")


def impression(held: Sequence[Held], language: str) -> str:
    """What is there, numbered where it is more than one; else that nothing is held, which does not mean normal."""
    there = [
        say(language, "impression.present", name=_name(one, language), place=_place(one)) for one in held if one.present
    ]
    if not there:
        return say(language, "impression.none")
    return there[0] if len(there) == 1 else "\n".join(f"{n}. {line}" for n, line in enumerate(there, start=1))


def _line(key: str, one: Held, language: str) -> str:
    shown = ", ".join(f"{m.name} {amount(m, words(language))}" for m in one.measurements)
    line = say(language, key, name=_name(one, language), place=_place(one), numbers=f": {shown}" if shown else "")
    return f"{line} {one.text.strip()}".strip()


def _name(one: Held, language: str) -> str:
    return plain(words(language).term(one.code))


def _place(one: Held) -> str:
    return f", {one.location.strip()}" if one.location.strip() else ""
