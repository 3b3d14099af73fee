"""The report as one page: nothing fetched, no script, prints on A4, readable on a phone."""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from secondread.core.card import ModelCard
from secondread.core.report import Report
from secondread.report.locales import Text, plain
from secondread.report.picture import Picture, picture
from secondread.report.view.page import card_of, page_view

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

__all__ = ["card_of", "page", "to_html"]


def to_html(report: Report, cards: Mapping[str, ModelCard], *, language: str = "en") -> str:
    """The page of a report.

    Args:
        report: What was read.
        cards: Model cards by the name of the bundle, or of the reader; needed for every answered read.
        language: ``en`` or ``ko``. What comes from a model card or a reader stays in English and is marked so.

    Raises:
        UsageError: If the card of an answered read is missing, or belongs to other weights, or there is no such
            language.
    """
    return page(report, cards, [picture(read) for read in report.reads], language=language)


def page(
    report: Report, cards: Mapping[str, ModelCard], pictures: list[Picture | None], *, language: str = "en"
) -> str:
    """As :func:`to_html`, with the pictures of the reads already made."""
    return _environment().get_template("report.html").render(page=page_view(report, cards, pictures, language))


def _marked(text: Text) -> "Markup":
    """A text escaped, with the words of another language marked as such."""
    from markupsafe import Markup, escape

    english = Markup('<span lang="en">{}</span>')
    return Markup("").join(escape(part) if isinstance(part, str) else english.format(part.text) for part in text)


def _data_uri(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode('ascii')}"


@cache
def templates_in(folder: Path) -> "jinja2.Environment":
    """The templates of a folder; they escape everything and stop at a name that is not there.

    Besides jinja's own filters: ``text`` and ``letters`` of a text with its languages, ``uri`` of a picture.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"text": _marked, "letters": plain, "uri": _data_uri}
    return environment


@cache
def _environment() -> "jinja2.Environment":
    return templates_in(Path(__file__).parent / "templates")
