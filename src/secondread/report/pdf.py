"""The report as PDF: A4, tagged, fit for archives, and the same bytes for the same report."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from secondread.core.card import ModelCard
from secondread.core.errors import OutputError, UsageError
from secondread.core.report import Report
from secondread.report.picture import Picture
from secondread.report.view.page import page_view

if TYPE_CHECKING:
    import typst

HERE = Path(__file__).parent
STANDARDS: "list[typst.PDFStandard]" = ["a-2a", "ua-1"]  # ISO 19005-2 level A, ISO 14289-1
_MARKS = "‑–—•€−"  # noqa: RUF001 - the hyphens and dashes are meant
_BLANKS = re.compile("[ \t\n\r\f\v\x1c-\x1f\x85\u2028\u2029]+")


def to_pdf(
    report: Report, cards: Mapping[str, ModelCard], pictures: Sequence[Picture | None], *, language: str = "en"
) -> bytes:
    """The report as a PDF file, PDF/A-2a and PDF/UA-1; it says what the HTML page says, but the evaluation's tables.

    Only the fonts of this package and those inside typst are used, and the file's date is that of the report, so the
    bytes depend on the arguments and the version of typst alone. Texts travel as data, never as markup.

    Args:
        report: What was read; ``created_at`` has an offset.
        cards: Model cards by the name of the bundle, or of the reader; needed for every answered read.
        pictures: What to show of each read, as :func:`secondread.report.picture.picture` makes it.
        language: ``en`` or ``ko``. What comes from a model card or a reader stays in English.

    Raises:
        UsageError: If the card of an answered read is missing, or belongs to other weights, or there is no such
            language, or the report's time is no ISO 8601 time with offset.
        OutputError: If the page cannot be set.
    """
    page = page_view(report, cards, pictures, language)
    when = {"pdf_standards": STANDARDS, "timestamp": _moment(report.created_at)}
    return typeset(HERE / "templates" / "report.typ", lambda folder: _data(page, folder), "report.pdf", **when)


def typeset(template: Path, data: Callable[[Path], Any], what: str, **more: Any) -> bytes:
    """A template of typst filled with data, as PDF; it may import those beside it.

    Args:
        template: Reads ``page.json`` beside it.
        data: Given the only folder that the typesetter can read, in which it may leave pictures: JSON values.
        what: Is set, for the message.
        more: Passed on to typst.

    Raises:
        OutputError: If the page cannot be set.
    """
    import typst

    with TemporaryDirectory(prefix="secondread-") as place:
        root = Path(place)
        (root / "page.json").write_text(json.dumps(data(root)), encoding="utf-8")
        for part in template.parent.glob("*.typ"):
            (root / part.name).write_bytes(part.read_bytes())
        try:
            made: bytes = typst.compile(
                root / template.name,
                root=root,
                font_paths=fonts(),
                ignore_system_fonts=True,
                format="pdf",
                package_path=root,
                package_cache_path=root,
                **more,
            )
        except typst.TypstError as error:
            raise OutputError(
                f"{what}: the page could not be set. Write it as HTML instead, and report the failure."
            ) from error
        return made


def printable(text: str) -> str:
    r"""A text in the letters the fonts have; any other letter by its number, and blanks as one space each.

    The fonts have the characters of Windows code page 949 (KS X 1001 and every Hangul syllable) and the Latin,
    Greek and Cyrillic letters of Europe.

    >>> printable("폐렴 Müller\t\U0001f600")
    '폐렴 Müller [U+1F600]'
    """
    composed = unicodedata.normalize("NFC", _BLANKS.sub(" ", text))
    return "".join(letter if has_glyph(letter) else f"[U+{ord(letter):04X}]" for letter in composed)


def has_glyph(letter: str) -> bool:
    """Whether the fonts can show a character."""
    if unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cn", "Cs"}:
        return False
    if "\N{NO-BREAK SPACE}" <= letter <= "\N{LATIN SMALL LETTER Z WITH CARON}" or letter in _MARKS:
        return True
    if "Α" <= letter <= "ώ" or "А" <= letter <= "я":  # noqa: RUF001 - Greek and Cyrillic are meant
        return True
    try:
        letter.encode("cp949")
    except UnicodeEncodeError:
        return False
    return True


def _data(value: Any, folder: Path) -> Any:
    """A page as JSON values; pictures become files in ``folder`` and their names."""
    if isinstance(value, bytes):
        kind = "png" if value.startswith(b"\x89PNG") else "jpg"
        name = f"{len(list(folder.iterdir()))}.{kind}"
        (folder / name).write_bytes(value)
        return name
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return [_data(one, folder) for one in value]
    if is_dataclass(value):
        return {field.name: _data(getattr(value, field.name), folder) for field in fields(value)}
    return value


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"created_at: found {text!r}; needed an ISO 8601 time with its offset.") from error
    if moment.tzinfo is None:
        raise UsageError(f"created_at: found {text!r}; needed an ISO 8601 time with its offset.")
    return moment


@cache
def fonts() -> "typst.Fonts":
    """The fonts of this package and those inside typst; reading them takes longer than setting a page."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[HERE / "fonts"])
