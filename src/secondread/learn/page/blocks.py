"""What a page is made of, whichever program sets it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing.

    Attributes:
        svg: The whole element.
        alt: What it shows, for those who do not see it.
        caption: Below it; none for a drawing in a table.
    """

    svg: str
    alt: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences, each a paragraph."""

    texts: tuple[str, ...]
    kind = "words"


@dataclass(frozen=True, slots=True)
class Listing:
    """Points under a name; ``tone`` is ``plain`` or ``warning``."""

    title: str
    items: tuple[str, ...]
    tone: str = "plain"
    kind = "listing"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts and small drawings; a cell ``reached`` or ``missed`` is a verdict."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str | Chart, ...], ...]
    kind = "table"


@dataclass(frozen=True, slots=True)
class Charts:
    """Drawings side by side."""

    charts: tuple[Chart, ...]
    kind = "charts"


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture of cases.

    Attributes:
        png: The file.
        alt: What it shows.
        caption: Below it.
    """

    png: bytes
    alt: str
    caption: str
    kind = "picture"


Block = Words | Listing | Table | Charts | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page under a heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole.

    Attributes:
        title: Name and version of what it is about.
        subtitle: One line below it.
        notice: What must be read first.
        sections: In order.
        language: BCP 47 tag of its words.
        about: What kind of page it is, for the name of its window.
    """

    title: str
    subtitle: str
    notice: str
    sections: tuple[Section, ...]
    language: str = "en"
    about: str = "evaluation"
