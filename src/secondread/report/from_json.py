"""A report from its JSON again: everything but the pixels, which the caller hands over.

The way back of :mod:`secondread.report.json`, and of its schema 2, which had fewer fields. Texts, numbers and codes
come back as they went; what was no number at all (an input of a guideline that is not a number) went as null and comes
back as None.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from secondread.core.code import Code
from secondread.core.finding import Finding, Limit, Map
from secondread.core.illustration import Illustration
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.report import Evidence, Outcome, Priority, Read, Refusal, Report
from secondread.core.ruling import Ruling
from secondread.core.trust import IN_GRAPH, Check, Distance, SimilarCase

Entry = Mapping[str, Any]


def report_of(entry: Entry, reads: Sequence[Read]) -> Report:
    """The report of a JSON object, with reads that were made of its ``reads``."""
    return Report(
        study_uid=entry["study_uid"],
        patient_key=entry["patient_key"],
        reads=tuple(reads),
        priority=Priority(entry["priority"]),
        created_at=entry["created_at"],
        status=entry["status"],
        provenance=dict(entry["provenance"]),
        skipped=tuple((one["file"], one["reason"]) for one in entry["skipped"]),
        unread=tuple((one["series"], one["reason"]) for one in entry["unread"]),
    )


def read_of(
    entry: Entry,
    findings: Sequence[Finding],
    evidence: Evidence | None = None,
    illustrations: Sequence[Illustration] = (),
    thumbnails: Mapping[int, bytes] | None = None,
) -> Read:
    """One of its ``reads``, with findings that were made of its ``findings``, and the pictures of its similar cases."""
    refusal, pictures = entry["refusal"], thumbnails or {}
    return Read(
        reader=entry["reader"],
        question=entry["question"],
        outcome=Outcome(entry["outcome"]),
        findings=tuple(findings),
        refusal=refusal and Refusal(**refusal),
        failure=entry["failure"],
        warnings=tuple(entry["warnings"]),
        provenance=dict(entry["provenance"]),
        seconds=entry.get("seconds"),
        evidence=evidence,
        illustrations=tuple(illustrations),
        checks=tuple(Check(**one) for one in entry.get("checks", ())),
        distances=tuple(_distance(one) for one in entry.get("distances", ())),
        similar=tuple(_similar(one, pictures.get(n)) for n, one in enumerate(entry.get("similar", ()))),
    )


def _distance(entry: Entry) -> Distance:
    parts = tuple((one["name"], one["value"]) for one in entry["parts"])
    return Distance(entry["bundle"], entry["value"], parts, entry["inputs"])


def _similar(entry: Entry, thumbnail: bytes | None) -> SimilarCase:
    """Its picture is not in the JSON."""
    facts = tuple((one["name"], one["value"]) for one in entry["facts"])
    return SimilarCase(entry["bundle"], entry["answer"], entry["distance"], entry["source"], facts, thumbnail)


def finding_of(entry: Entry, mask: Mask | None = None, support: Map | None = None) -> Finding:
    """One finding. Whether it is positive follows from its numbers again; the word in the JSON is not believed."""
    limit, point, undecided = entry["limit"], entry.get("point"), entry.get("undecided")
    return Finding(
        code=code_of(entry["code"]),
        probability=entry["probability"],
        threshold=entry["threshold"],
        location=entry["location"],
        measurements=tuple(measurement_of(one) for one in entry["measurements"]),
        details=tuple((code_of(one["code"]), one["probability"]) for one in entry["details"]),
        mask=mask,
        map=support,
        limit=limit and Limit(limit["value"], limit["rule"], limit["below"]),
        rulings=tuple(_ruling(one) for one in entry["rulings"]),
        notes=tuple(entry["notes"]),
        point=point and (point["bundle"], point["name"]),
        undecided=undecided and (undecided[0], undecided[1]),
    )


def method_of(entry: Entry) -> str:
    """How a map was made; older reports do not say it, and knew one way only."""
    method: str = entry.get("method", IN_GRAPH)
    return method


def code_of(entry: Entry) -> Code:
    """A coded concept."""
    return Code(entry["system"], entry["value"], entry["display"])


def measurement_of(entry: Entry) -> Measurement:
    """A number with its unit."""
    return Measurement(entry["name"], entry["value"], entry["unit"], entry["method"], entry["uncertainty"])


def _ruling(entry: Entry) -> Ruling:
    return Ruling(**{**entry, "inputs": dict(entry["inputs"]), "warnings": tuple(entry["warnings"])})
