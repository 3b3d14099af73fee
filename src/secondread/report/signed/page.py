"""The signed report as a page and as PDF: what a person signed, with what the program said beside it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from secondread.core.report import Outcome
from secondread.core.signature import Held, Rejected, SignedReport
from secondread.core.version import __version__
from secondread.report import wording
from secondread.report.html import templates_in
from secondread.report.locales import plain, words
from secondread.report.pdf import STANDARDS, printable, typeset
from secondread.report.signed.words import say

HERE = Path(__file__).parent


def to_html(signed: SignedReport, shown: Mapping[int, bytes] | None = None) -> str:
    """One page, nothing fetched, no script.

    Args:
        signed: What a person signed.
        shown: Number of a read of the draft to the JPEG of its picture, small.
    """
    style = (HERE.parent / "templates" / "style.css").read_text(encoding="utf-8")
    return templates_in(HERE).get_template("signed.html").render(page=page_of(signed, shown), style=style)


def to_pdf(signed: SignedReport, shown: Mapping[int, bytes] | None = None) -> bytes:
    """A4, PDF/A-2a and PDF/UA-1; the bytes depend on the report, its pictures and the version of typst alone.

    Args:
        signed: What a person signed.
        shown: Number of a read of the draft to the JPEG of its picture, small.

    Raises:
        OutputError: If the page cannot be set.
    """
    page = page_of(signed, shown)
    when = {"pdf_standards": STANDARDS, "timestamp": datetime.fromisoformat(signed.signed_at)}
    return typeset(HERE / "signed.typ", lambda folder: _printable(page, folder), "report.pdf", **when)


def page_of(signed: SignedReport, shown: Mapping[int, bytes] | None = None) -> dict[str, Any]:
    """Everything the page says, as texts; and its pictures, as (JPEG, the picture in words)."""
    language, draft = signed.language, signed.draft
    heading = say(language, "heading.addendum", number=signed.number) if signed.number else say(language, "heading")
    patient = draft.patient_key or say(language, "patient.none")
    signer = ", ".join(part for part in (signed.signer.name, signed.signer.organisation) if part)
    undecided = len(signed.undecided)
    return {
        "language": language,
        "title": say(language, "title", patient=patient),
        "notice": say(language, "notice"),
        "heading": heading,
        "foot": say(language, "foot"),
        "number": say(language, "page", page="{page}", pages="{pages}"),
        "facts": [
            [say(language, "patient"), patient],
            [say(language, "status"), say(language, f"status.{signed.status}")],
            [say(language, "signed-by"), signer],
            [say(language, "signed-at"), wording.moment(signed.signed_at)],
            [say(language, "study"), draft.study_uid],
        ],
        "texts": list(_texts(signed)),
        "held_title": say(language, "held"),
        "held_none": say(language, "held.none"),
        "held_columns": [say(language, f"column.{key}") for key in ("finding", "call", "details", "program")],
        "held": [_held_row(signed, one) for one in signed.held],
        "rejected_title": say(language, "rejected"),
        "rejected_columns": [say(language, f"column.{key}") for key in ("finding", "program", "reason")],
        "rejected": [_rejected_row(signed, one) for one in signed.rejected],
        "pictures_title": say(language, "pictures"),
        "pictures_told": say(language, "pictures.told"),
        "pictures": list(_pictures(signed, shown or {})),
        "undecided": say(language, "undecided", count=undecided) if undecided else "",
        "unread_title": say(language, "unread"),
        "unread": [
            [read.question, plain(wording.outcome(read, words(language)))]
            for read in draft.concerned
            if read.outcome in (Outcome.REFUSED, Outcome.FAILED)
        ]
        + [[series, reason] for series, reason in draft.unread],
        "models_title": say(language, "models"),
        "models": [[f"secondread {__version__}"], *([name] for name in sorted(_models(signed)))],
    }


def _texts(signed: SignedReport) -> Iterator[list[Any]]:
    """The paragraphs that the person wrote, each under its heading, as lines."""
    language = signed.language
    for key, text in (("findings", signed.findings_text), ("impression", signed.impression)):
        yield [say(language, key), (text.strip() or say(language, "nothing-written")).splitlines()]
    for number, (name, at, text) in enumerate(signed.addenda, start=1):
        heading = say(language, "addendum", number=number, name=name, time=wording.moment(at))
        yield [heading, text.strip().splitlines()]


def _pictures(signed: SignedReport, shown: Mapping[int, bytes]) -> Iterator[list[Any]]:
    """(JPEG, the picture in words) of each read of which the person held a finding; the same picture once."""
    done: set[bytes] = set()
    for number, jpeg in sorted(shown.items()):
        mine = [one for one in signed.held if one.source is not None and one.source[0] == number]
        names = dict.fromkeys(plain(words(signed.language).term(one.code)) for one in mine if one.present is not False)
        if names and jpeg not in done:
            done.add(jpeg)
            reader = signed.draft.reads[number].reader
            yield [jpeg, say(signed.language, "picture.alt", reader=reader, names=", ".join(names))]


def said_by_program(signed: SignedReport, source: tuple[int, int]) -> str:
    """The program's number and call, and who it was."""
    number, call = wording.called(signed.finding(source), words(signed.language))
    return f"{', '.join(part for part in (number, plain(call)) if part)} ({signed.draft.reads[source[0]].reader})"


def _rejected_row(signed: SignedReport, one: Rejected) -> list[str]:
    language = signed.language
    reason = say(language, f"reason.{one.reason}")
    return [
        plain(words(language).term(signed.finding(one.source).code)),
        said_by_program(signed, one.source),
        f"{reason}: {one.comment}" if one.comment.strip() else reason,
    ]


def _held_row(signed: SignedReport, one: Held) -> list[str]:
    language = signed.language
    there = "described" if one.present is None else "present" if one.present else "absent"
    numbers = [f"{m.name}: {wording.amount(m, words(language))} ({m.method})" for m in one.measurements]
    return [
        plain(words(language).term(one.code)),
        f"{say(language, there)} ({say(language, f'verdict.{one.verdict}')})",
        "; ".join(part for part in (one.location, *numbers, one.text.strip()) if part),
        said_by_program(signed, one.source) if one.source else say(language, "program.none"),
    ]


def _models(signed: SignedReport) -> set[str]:
    found = set()
    for read in signed.draft.reads:
        known: Mapping[str, str] = read.provenance
        if read.findings:
            name = known.get("bundle") or known.get("method") or read.reader
            weights = f", SHA-256 {known['sha256'][:12]}" if known.get("sha256") else ""
            found.add(f"{name} {known.get('version', '')}".strip() + weights)
    return found


def _printable(value: Any, folder: Path) -> Any:
    """The same in letters the fonts have; pictures become files in ``folder`` and their names."""
    if isinstance(value, bytes):
        name = f"{len(list(folder.iterdir()))}.jpg"
        (folder / name).write_bytes(value)
        return name
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_printable(one, folder) for one in value]
    return {key: _printable(one, folder) for key, one in value.items()} if isinstance(value, dict) else value
