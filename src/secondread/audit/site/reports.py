"""What the reports of a site's cases say of one operating point: the answer, or why there is none, and the distance."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secondread.accept.outside import REASON
from secondread.core.card import ModelCard
from secondread.core.errors import SiteError, short_path
from secondread.engine.site import Site

STRANGE = f"refused as {REASON}"


@dataclass(frozen=True, slots=True)
class Said:
    """What a report says of one operating point.

    Attributes:
        p: Probability that the bundle as it was shipped gave, the highest of several; None where there is no answer.
        distance: How far the input lies from what the bundle knows, the largest of several; None where it is not told.
        why: Why there is no answer, in words; empty where there is one.
    """

    p: float | None
    distance: float | None
    why: str = ""


def said_in(reports: Path, card: ModelCard, point: str, site: Site | None) -> dict[str, Said]:
    """Study Instance UID to what its report says; an answer counts before a report without one.

    Args:
        reports: Folder with reports as JSON, at any depth.
        card: Of the bundle.
        point: Name of the operating point.
        site: What the reports were made with, where that was a calibrated bundle; it is undone.

    Raises:
        SiteError: If a report was made with other weights or another site's calibration.
    """
    found: dict[str, Said] = {}
    for path in sorted(reports.rglob("*.json")):
        report = _report(path)
        if report is None:
            continue
        study, said = str(report["study_uid"]), _said(report["reads"], card, point, (site, short_path(path)))
        if study not in found or said.p is not None:
            found[study] = said
    return found


def _said(reads: list[Any], card: ModelCard, point: str, given: tuple[Site | None, str]) -> Said:
    """The answer of a report, or of the reads that were refused the reason and the distance."""
    answers: list[float] = []
    far: list[float] = []
    for read in reads:
        mine = [f for f in read["findings"] if f.get("point") == {"bundle": card.name, "name": point}]
        if mine:
            undo = _undoing(read["provenance"], card, *given)
            local = None if undo is None else undo.point(point)
            answers += [p if local is None else local.undone(p) for p in (float(f["probability"]) for f in mine)]
            far += _distances(read, card, undo)
    if answers:
        return Said(max(answers), max(far) if far else None)
    refused = [read for read in reads if _refusal(read) == REASON and any(True for _ in _of(read, card))]
    far = [value for read in refused for value in _distances(read, card, _undoing(read["provenance"], card, *given))]
    if far:
        return Said(None, max(far), STRANGE)
    return Said(None, None, _why(reads, card))


def _of(read: Mapping[str, Any], card: ModelCard) -> Iterator[float]:
    return (float(told["value"]) for told in read.get("distances", ()) if told["bundle"] == card.name)


def _distances(read: Mapping[str, Any], card: ModelCard, undo: Site | None) -> list[float]:
    """Distances from what the bundle knows, as it was shipped."""
    scale = 1.0 if undo is None else undo.outside_scale
    return [value / scale for value in _of(read, card)]


def _refusal(read: Mapping[str, Any]) -> str:
    """The reason of a refusal; empty where the read was not refused."""
    told = read.get("refusal")
    return str(told["reason"]) if told else ""


def _why(reads: list[Any], card: ModelCard) -> str:
    """Why a report has no answer: of the reads that asked the bundle, or of all where none did."""
    asked = [read for read in reads if _asked(read.get("provenance", {}), card)] or reads
    reasons = sorted({reason for read in asked if (reason := _refusal(read))})
    if reasons:
        return f"refused ({', '.join(reasons)})"
    return "failed" if any(read.get("failure") for read in asked) else "with a report that does not answer the question"


def _asked(told: Mapping[str, str], card: ModelCard) -> bool:
    return told.get("bundle") == card.name or f"asked_{card.name}" in told


def _report(path: Path) -> Any:
    """The report in a file, or None where it holds something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and {"study_uid", "reads", "schema_version"} <= set(content) else None


def _undoing(told: Mapping[str, str], card: ModelCard, site: Site | None, where: str) -> Site | None:
    """The site's calibration that a read was made with, or None.

    Raises:
        SiteError: If it was made with other weights, or with a calibration that is not at hand.
    """
    if told.get("bundle") == card.name:
        weights, made_with = told.get("sha256", ""), told.get("site_sha256", "")
    else:
        words = told.get(f"asked_{card.name}", "").split(" ")
        weights = words[1] if len(words) > 1 else ""
        made_with = words[-1] if "site" in words else ""
    if weights != card.weights:
        raise SiteError(
            f"{where}: made with the network {weights[:12] or 'that it does not name'}…; needed {card.weights[:12]}…. "
            "Read these cases again with the bundle that is installed."
        )
    if made_with and (site is None or site.sha256 != made_with):
        raise SiteError(
            f"{where}: made with a site's calibration that is not at hand. Name its folder with --site, or read these "
            "cases again without one."
        )
    return site if made_with else None
