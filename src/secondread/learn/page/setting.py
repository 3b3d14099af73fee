"""A page set as HTML that prints well, or as PDF."""

from base64 import b64encode
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from secondread.core.errors import OutputError, UsageError, short_path
from secondread.learn.page.blocks import Chart, Page
from secondread.report.pdf import printable, typeset

SUFFIXES = (".html", ".pdf")
FONT = "Secondread Gothic KR"


def check_name(path: Path) -> None:
    """Raise UsageError unless the name of the file says what it shall be."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{short_path(path)}: is no page that can be written; needed a name with .html or .pdf")


def write_page(page: Page, path: Path, *, tagged: bool = True) -> None:
    """Write a page as HTML or PDF, by the name of the file; ``tagged`` is as for :func:`as_pdf`.

    Raises:
        UsageError: If the name has another suffix.
        OutputError: If it cannot be set or written.
    """
    check_name(path)
    content = as_pdf(page, tagged=tagged) if path.suffix.lower() == ".pdf" else as_html(page).encode("utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise OutputError(
            f"{short_path(path)}: cannot be written ({error.strerror}). Make room, or choose another --page."
        ) from error


def as_html(page: Page) -> str:
    """One file, nothing fetched, no script; it prints on A4."""
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["drawn"] = lambda chart: Markup(chart.svg)  # noqa: S704 - its texts were escaped when drawn
    environment.filters["uri"] = lambda png: f"data:image/png;base64,{b64encode(png).decode('ascii')}"
    template = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
    return environment.from_string(template).render(page=page)


def as_pdf(page: Page, *, tagged: bool = True) -> bytes:
    """The same on A4.

    Args:
        page: What is set.
        tagged: Whether readers of screens find its structure; without, the file is a quarter as large.

    Raises:
        OutputError: If the page cannot be set.
    """
    return typeset(Path(__file__).parent / "page.typ", lambda folder: plain(page, folder), "the page", pdf_tags=tagged)


def plain(value: Any, folder: Path) -> Any:
    """A page as JSON values; drawings and pictures become files in ``folder`` and their names."""
    if isinstance(value, Chart):
        svg = value.svg.replace('font-family="sans-serif"', f'font-family="{FONT}"')
        return {"svg": file_in(folder, svg.encode("utf-8"), "svg"), "alt": value.alt, "caption": value.caption}
    if isinstance(value, bytes):
        return file_in(folder, value, "png")
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return [plain(one, folder) for one in value]
    if is_dataclass(value):
        found = {field.name: plain(getattr(value, field.name), folder) for field in fields(value)}
        return found | ({"kind": value.kind} if hasattr(value, "kind") else {})
    return value


def file_in(folder: Path, content: bytes, suffix: str) -> str:
    """Write a file of the next number and return its name."""
    name = f"{len(list(folder.iterdir()))}.{suffix}"
    (folder / name).write_bytes(content)
    return name
