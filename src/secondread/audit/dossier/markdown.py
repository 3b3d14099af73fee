"""Markdown as a dossier needs it: headings, tables, and the mark of what only people can fill."""

from collections.abc import Iterable, Mapping, Sequence

from secondread.core.report import NOTICE

PERSON = "**To be filled by a person**"


def page(title: str, *parts: str) -> str:
    """A page with its notice."""
    return "\n\n".join([f"# {title}", f"**{NOTICE}**", *(part for part in parts if part)]) + "\n"


def section(title: str, *parts: str) -> str:
    """A part under a heading; empty when it has no content."""
    content = [part for part in parts if part]
    return "\n\n".join([f"## {title}", *content]) if content else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; empty without rows."""
    lines = [f"| {' | '.join(cell(text) for text in row)} |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *lines])


def pairs(head: Sequence[str], found: Mapping[str, str]) -> str:
    """A table of two columns."""
    return table(head, found.items())


def cell(text: str) -> str:
    """A text that cannot break its table."""
    return " ".join(str(text).replace("|", "\\|").split())


def listing(texts: Iterable[str]) -> str:
    """Points."""
    return "\n".join(f"- {text}" for text in texts)
