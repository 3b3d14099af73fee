"""The report as JSON: one documented schema, the names of the Python objects, no pixels.

The schema is ``report.schema.json`` beside this file; its page is ``docs/reference/report-json.md``.
"""

import json
import math
from typing import Any

from secondread.core.code import Code
from secondread.core.errors import SpacingError
from secondread.core.finding import Finding, Limit, Map
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.report import NOTICE, Read, Report
from secondread.core.ruling import Ruling
from secondread.core.trust import Distance, SimilarCase
from secondread.report.extent import Extent, extent

SCHEMA_VERSION = 3


def to_json(report: Report) -> str:
    """The report as text: sorted keys, numbers in full, a newline at the end; the same report gives the same bytes.

    Raises:
        ValueError: If a number is not finite; JSON has no word for that.
    """
    return json.dumps(to_dict(report), allow_nan=False, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def to_dict(report: Report) -> dict[str, Any]:
    """The report as plain dictionaries, lists, texts and numbers."""
    return {
        "schema_version": SCHEMA_VERSION,
        "notice": NOTICE,
        "status": report.status,
        "study_uid": report.study_uid,
        "patient_key": report.patient_key,
        "created_at": report.created_at,
        "priority": str(report.priority),
        "provenance": dict(report.provenance),
        "reads": [_read(read) for read in report.reads],
        "skipped": [{"file": name, "reason": reason} for name, reason in report.skipped],
        "unread": [{"series": series, "reason": reason} for series, reason in report.unread],
    }


def _read(read: Read) -> dict[str, Any]:
    refusal = read.refusal
    entry: dict[str, Any] = {
        "reader": read.reader,
        "question": read.question,
        "outcome": str(read.outcome),
        "findings": [_finding(finding) for finding in read.findings],
        "refusal": refusal and {"reason": refusal.reason, "message": refusal.message, "next_step": refusal.next_step},
        "failure": read.failure,
        "warnings": list(read.warnings),
        "provenance": dict(read.provenance),
        "checks": [{"name": check.name, "verdict": check.verdict, "told": check.told} for check in read.checks],
        "distances": [_distance(distance) for distance in read.distances],
        "similar": [_similar(case) for case in read.similar],
    }
    if read.seconds is not None:
        entry["seconds"] = float(read.seconds)
    return entry


def _distance(distance: Distance) -> dict[str, Any]:
    return {
        "bundle": distance.bundle,
        "value": float(distance.value),
        "outside": distance.outside,
        "parts": [{"name": name, "value": float(value)} for name, value in distance.parts],
        "inputs": distance.inputs,
    }


def _similar(case: SimilarCase) -> dict[str, Any]:
    """Without its picture."""
    return {
        "bundle": case.bundle,
        "answer": case.answer,
        "distance": float(case.distance),
        "source": case.source,
        "facts": [{"name": name, "value": value} for name, value in case.facts],
        "pictured": case.thumbnail is not None,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": code_to_dict(finding.code),
        "basis": finding.basis,
        "probability": None if finding.probability is None else float(finding.probability),
        "threshold": None if finding.threshold is None else float(finding.threshold),
        "limit": finding.limit and _limit(finding.limit, finding.measurements[0].unit),
        "positive": bool(finding.positive),
        "undecided": finding.undecided and [float(end) for end in finding.undecided],
        "unsure": bool(finding.unsure),
        "point": finding.point and {"bundle": finding.point[0], "name": finding.point[1]},
        "location": finding.location,
        "measurements": [measurement_to_dict(one) for one in finding.measurements],
        "details": [{"code": code_to_dict(code), "probability": float(p)} for code, p in finding.details],
        "mask": finding.mask and _mask(finding.mask),
        "map": finding.map and _map(finding.map),
        "rulings": [_ruling(ruling) for ruling in finding.rulings],
        "notes": list(finding.notes),
    }


def _limit(limit: Limit, unit: str) -> dict[str, Any]:
    return {"value": float(limit.value), "unit": unit, "below": bool(limit.below), "rule": limit.rule}


def _ruling(ruling: Ruling) -> dict[str, Any]:
    return {
        "guideline": ruling.guideline,
        "edition": ruling.edition,
        "source": ruling.source,
        "inputs": {name: _scalar(value) for name, value in ruling.inputs.items()},
        "value": _scalar(ruling.value),
        "unit": ruling.unit,
        "advice": ruling.advice,
        "warnings": list(ruling.warnings),
        "reason": ruling.reason,
    }


def _scalar(value: Any) -> Any:
    """A number of any library as one of Python; what is no number at all as null, as a value that is not known."""
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain


def code_to_dict(code: Code) -> dict[str, str]:
    """A code, as every JSON of ours has it."""
    return {"system": code.system, "value": code.value, "display": code.display}


def measurement_to_dict(measurement: Measurement) -> dict[str, Any]:
    """A measurement, as every JSON of ours has it."""
    return {
        "name": measurement.name,
        "value": float(measurement.value),
        "unit": measurement.unit,
        "method": measurement.method,
        "uncertainty": None if measurement.uncertainty is None else float(measurement.uncertainty),
    }


def _map(support: Map) -> dict[str, Any]:
    return {
        "quantity": code_to_dict(support.quantity),
        "method": support.method,
        "peak": float(support.peak),
        "shape": list(support.values.shape),
        "strong": _extent(extent(support.values >= 0.5)),
    }


def _mask(mask: Mask) -> dict[str, Any]:
    flat = mask.inside.ndim == 2
    try:
        size = {"area_mm2": mask.area_mm2} if flat else {"volume_ml": mask.volume_ml}
    except SpacingError:
        size = {}
    return {
        "code": code_to_dict(mask.code),
        "shape": list(mask.inside.shape),
        "inside": _extent(extent(mask.inside)),
        "area_mm2": size.get("area_mm2"),
        "volume_ml": size.get("volume_ml"),
    }


def _extent(region: Extent | None) -> dict[str, Any] | None:
    if region is None:
        return None
    box = {axis: list(edges) for axis, edges in region.bounding_box.items()}
    return {"pixels": region.pixels, "centroid": region.centroid, "bounding_box": box}
