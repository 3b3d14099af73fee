"""The report as one page: nothing fetched, no script, prints on A4, readable on a phone."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from secondread.core.card import ModelCard
from secondread.core.errors import UsageError
from secondread.core.finding import Finding
from secondread.core.image import Image
from secondread.core.report import NOTICE, Outcome, Read, Report
from secondread.core.version import __version__
from secondread.report import wording
from secondread.report.colours import NAMES
from secondread.report.overlay import jpeg_bytes, png_bytes, scale_bar
from secondread.report.picture import Picture, picture

if TYPE_CHECKING:
    import jinja2

SKIPPED_SHOWN = 20  # a CD carries hundreds of files of its viewer
SPACING = {
    "patient": "in the patient",
    "calibrated": "calibrated",
    "detector": "at the detector: lengths are magnified",
    "scanned-film": "on the scanned film",
}


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding as the page shows it."""

    finding: Finding
    probability: str
    threshold: str
    meaning: str
    rule: str | None
    expected: tuple[tuple[str, str], ...]
    card: ModelCard


@dataclass(frozen=True, slots=True)
class ReadView:
    """A read as the page shows it; pictures are data URIs."""

    read: Read
    tone: str
    headline: str
    card: ModelCard | None
    findings: tuple[FindingView, ...]
    picture: Picture | None
    plain: str | None
    overlaid: str | None
    about_picture: str


def to_html(report: Report, cards: Mapping[str, ModelCard]) -> str:
    """The page of a report.

    Args:
        report: What was read.
        cards: Model cards by the name of the bundle, or of the reader; needed for every answered read.

    Raises:
        UsageError: If the card of an answered read is missing, or belongs to other weights.
    """
    return page(report, cards, [picture(read) for read in report.reads])


def page(report: Report, cards: Mapping[str, ModelCard], pictures: list[Picture | None]) -> str:
    """As :func:`to_html`, with the pictures of the reads already made."""
    views = [_view(read, card_of(read, cards), shown) for read, shown in zip(report.reads, pictures, strict=True)]
    used = {view.card.name: view.card for view in views if view.card is not None}
    bar = _data_uri("png", png_bytes(scale_bar(256, 16))) if any(view.overlaid for view in views) else None
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            notice=NOTICE,
            program=f"secondread {__version__}",
            priority=wording.PRIORITIES[report.priority],
            views=views,
            provenances=[("Report", report.provenance), *((read.reader, read.provenance) for read in report.reads)],
            cards=[used[name] for name in sorted(used)],
            bar=bar,
            colours=NAMES,
            not_read=list(_not_read(report)),
            wording=wording,
        )
    )


def card_of(read: Read, cards: Mapping[str, ModelCard]) -> ModelCard | None:
    """The card of the bundle that a read names in its provenance; None only where there is no answer.

    Args:
        read: An answer, refusal or failure.
        cards: Model cards by the name of the bundle, or of the reader that asked it.

    Raises:
        UsageError: If an answered read has no card, or the card belongs to other weights than the read.
    """
    name = read.provenance.get("bundle", read.reader)
    card = cards.get(name) or cards.get(read.reader)
    if card is None:
        if not read.findings:
            return None
        raise UsageError(f"read of {read.reader!r}: no model card for bundle {name!r}. Pass the card it was read with.")
    weights = read.provenance.get("sha256", card.sha256["model.onnx"])
    if weights != card.sha256["model.onnx"]:
        raise UsageError(
            f"read of {read.reader!r}: made with weights {weights[:12]}, but the card of {card.name!r} belongs to "
            f"{card.sha256['model.onnx'][:12]}. Thresholds hold for their own weights only; pass that card."
        )
    return card


def _view(read: Read, card: ModelCard | None, shown: Picture | None) -> ReadView:
    return ReadView(
        read=read,
        tone=read.outcome.name.lower().replace("_", "-"),
        headline=wording.headline(read),
        card=card,
        findings=() if card is None else tuple(_finding(finding, card) for finding in read.findings),
        picture=shown,
        plain=None if shown is None else _data_uri("jpeg", jpeg_bytes(shown.plain[..., 0])),
        overlaid=None if shown is None or shown.overlaid is None else _data_uri("jpeg", jpeg_bytes(shown.overlaid)),
        about_picture="" if shown is None else _about(read, shown),
    )


def _finding(finding: Finding, card: ModelCard) -> FindingView:
    probability, threshold = wording.percents(finding.probability, finding.threshold)
    point = wording.operating_point(finding, card)
    return FindingView(
        finding=finding,
        probability=probability,
        threshold=threshold,
        meaning=wording.meaning(finding),
        rule=None if point is None else point.rule,
        expected=wording.expected(point, card),
        card=card,
    )


def _about(read: Read, shown: Picture) -> str:
    """What the picture is and what was done to show it."""
    rows, columns = shown.original
    parts = ["", "", f"{columns} x {rows} pixels", ""]
    if read.evidence is not None:
        series = read.evidence.series
        parts[:2] = [series.modality, f"view {series.view}" if series.view else ""]
        parts[3] = _spacing(read.evidence.image)
    small = shown.plain.shape[:2]
    done = "" if small == shown.original else f"reduced to {small[1]} x {small[0]} and "
    return ", ".join(part for part in parts if part) + f". Shown {done}compressed for this page: not for diagnosis."


def _spacing(image: Image | None) -> str:
    if image is None or image.spacing_mm is None:
        return ""
    down, across = (f"{spacing:.4g}" for spacing in image.spacing_mm)
    step = down if down == across else f"{down} x {across}"
    return f"pixel spacing {step} mm {SPACING[image.spacing_source]}"


def _not_read(report: Report) -> Iterator[tuple[str, str]]:
    """(reader, file or subject, sentence): what this report says nothing about, and why."""
    for read in report.reads:
        if read.outcome is Outcome.REFUSED and read.refusal is not None:
            yield read.reader, f"Not read: {read.refusal.message}"
        elif read.outcome is Outcome.FAILED:
            yield read.reader, "Not read: the reader failed."
        else:
            names = ", ".join(finding.code.display for finding in read.findings)
            only = "Only the picture shown was read." if read.evidence else ""
            yield read.reader, f"This reader looks only for: {names}. Any other finding was not looked for. {only}"
    yield "other information", "No earlier examination and no clinical information was used."
    if any(read.evidence and read.evidence.series.kind != "dicom" for read in report.reads):
        yield "DICOM results", wording.NEEDS_DICOM
    for name, reason in report.skipped[:SKIPPED_SHOWN]:
        yield name, f"Not read: {reason}"
    more = len(report.skipped) - SKIPPED_SHOWN
    if more > 0:
        yield f"{more} more files", "Not read: the JSON report names each with its reason."


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode('ascii')}"


@cache
def _environment() -> "jinja2.Environment":
    """Templates that escape everything and stop at a name that is not there."""
    import jinja2

    folder = Path(__file__).parent / "templates"
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
