"""What every message to another system needs from a report: its time, its procedure, what made it, clean text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from secondread.core.card import ModelCard
from secondread.core.code import LN, Code
from secondread.core.errors import UsageError
from secondread.core.finding import Finding
from secondread.core.report import NOTICE, Outcome, Read, Report
from secondread.core.study import Series
from secondread.core.version import __version__
from secondread.dicom.codes import IMAGING_REPORT, PROCEDURES
from secondread.report import wording
from secondread.report.html import card_of

# Source: DICOM PS3.16 CID 7000 Diagnostic Imaging Report Document Title and CID 646; names as LOINC has them.
OF_REGION = {
    ("CT", "CHEST"): Code(LN, "24627-2", "CT Chest"),
    ("CT", "HEAD"): Code(LN, "24725-4", "CT Head"),
    ("MR", "BRAIN"): Code(LN, "24590-2", "MR Brain"),
    ("MR", "HEAD"): Code(LN, "24590-2", "MR Brain"),
}
NOT_RULED_OUT = "This does not rule out disease."
UNDECIDED = "This is neither a finding nor its absence: a person has to decide."
NO_ANSWER = "This is not an answer: treat the question as not asked."
# Source: DICOM PS3.16 CID 7001 Diagnostic Imaging Report Headings.
IMPRESSION = Code(LN, "19005-8", "Impressions")
# What XML 1.0 section 2.2 has no character for; the stricter of the two forms that FHIR is written in.
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONTROL = re.compile("[\x7f-\x84\x86-\x9f]")


@dataclass(frozen=True, slots=True)
class Software:
    """A program or a network that took part in a read.

    Attributes:
        name: Name of the program or of the bundle.
        version: Its version, or ``""``.
        sha256: SHA-256 of the weights in hexadecimal digits; empty for the program.
        engine: What ran the weights; empty for the program.
        card: Card of the bundle, or None.
    """

    name: str
    version: str
    sha256: str = ""
    engine: str = ""
    card: ModelCard | None = None


def program_of(report: Report) -> Software:
    """The program that made the report, as its provenance names it."""
    name, _, version = report.provenance.get("program", f"secondread {__version__}").partition(" ")
    return Software(name, version)


def bundles_of(read: Read, cards: Mapping[str, ModelCard]) -> tuple[Software, ...]:
    """The bundle or method that answered, the bundles that a method asked, and the gate; none where none is named.

    Raises:
        UsageError: If the card of an answered read is missing, or belongs to other weights.
    """
    known, card = read.provenance, card_of(read, cards)
    name = known.get("bundle") or known.get("method") or (card.name if card else "")
    if not name:
        return ()
    weights = known.get("sha256", card.weights if card else "")
    version = known.get("version", card.version if card else "")
    reader = Software(name, version, weights, known.get("engine", ""), card)
    asked = tuple(_asked(one, known, cards.get(one)) for one in known.get("also_asked", "").split())
    if not known.get("gate_bundle"):
        return (reader, *asked)
    of_gate = {key: known.get(f"gate_{key}", "") for key in ("version", "sha256", "engine")}
    return reader, *asked, Software(known["gate_bundle"], **of_gate, card=cards.get(known["gate_bundle"]))


def _asked(name: str, known: Mapping[str, str], card: ModelCard | None) -> Software:
    """A network that a reader with a card of its own asked, as the provenance names it."""
    version, weights, engine = [*known.get(f"asked_{name}", "").split(" ", 2), "", ""][:3]
    return Software(name, version, weights, engine, card)


def made_at(report: Report) -> datetime:
    """When the report was made, with its zone.

    Raises:
        UsageError: If the report's time is not ISO 8601 with an offset of whole minutes.
    """
    try:
        moment = datetime.fromisoformat(report.created_at)
    except ValueError:
        moment = None
    offset = moment.utcoffset() if moment else None
    if moment is None or offset is None or offset % timedelta(minutes=1):
        raise UsageError(
            "report: created_at is not a time with an offset, and other systems need one. Give it as "
            "2026-03-04T10:22:05+09:00."
        )
    return moment


def series_of(report: Report) -> tuple[Series, ...]:
    """The DICOM series that were read, each once with all its files that were, in the order of the reads."""
    found: dict[str, Series] = {}
    for read in report.reads:
        chosen = () if read.evidence is None else (read.evidence.series, *read.evidence.others)
        for series in (one for one in chosen if one.kind == "dicom"):
            known = found.get(series.uid, series)
            files = {file.sop_instance_uid: file for file in (*known.files, *series.files)}
            found[series.uid] = replace(known, files=tuple(files.values()))
    return tuple(found.values())


def procedure_of(report: Report) -> Code:
    """What was examined, by the modality and region of the series that were read; LOINC."""
    series = series_of(report)
    if len({one.modality for one in series}) != 1:
        return IMAGING_REPORT
    modality, region = series[0].modality, series[0].body_part
    if {one.body_part for one in series} == {region} and (modality, region) in OF_REGION:
        return OF_REGION[modality, region]
    return PROCEDURES.get(modality, IMAGING_REPORT)


def conclusion(report: Report) -> tuple[str, ...]:
    """The report in a few lines: notice, priority, how each read ended with its warnings, what was passed over."""
    lines = [NOTICE, f"Priority: {wording.PRIORITIES[report.priority]}."]
    for read in report.concerned:
        lines.append(f"{read.question} {wording.headline(read)}.")
        lines += [NOT_RULED_OUT] if read.outcome is Outcome.NOTHING_FOUND else []
        lines += [UNDECIDED] if read.outcome is Outcome.UNDECIDED else []
        lines += [] if read.findings else [why_not(read)]
        lines += [f"Warning: {warning}" for warning in read.warnings]
    if report.unread:
        lines.append(f"Series that were not read: {len(report.unread)}.")
    if report.skipped:
        lines.append(f"Files of this study that were not read: {len(report.skipped)}.")
    return tuple(lines)


def not_reached(finding: Finding) -> str:
    """What must be said of a finding that is undecided or not positive; empty where it is, or no call is made."""
    if finding.unsure and finding.undecided is not None:
        low, high = wording.percents(*finding.undecided)
        return f"Undecided: from {low} to {high} this network cannot tell. {UNDECIDED}"
    if finding.positive or finding.basis == "description":
        return ""
    where = "Below its threshold" if finding.probability is not None else "Not beyond its limit"
    return f"{where}. {NOT_RULED_OUT}"


def why_not(read: Read) -> str:
    """Why there is no answer, and what can be done; empty for an answer."""
    if read.refusal is not None:
        return f"{read.refusal.message} Next step: {read.refusal.next_step}"
    return read.failure or ""


def in_percent(share: float) -> Decimal:
    """The share in percent with the digits it has: no binary noise.

    >>> in_percent(0.07)
    Decimal('7.00')
    """
    return Decimal(repr(float(share))) * 100


def clean(text: str) -> str:
    r"""The text with what cannot travel (control characters, lone surrogates) as replacement characters.

    >>> clean("a\x00b\n")
    'a�b\n'
    """
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text))
