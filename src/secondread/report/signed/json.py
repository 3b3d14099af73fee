"""The signed report as JSON. Its schema is ``signed.schema.json`` beside this file."""

import json
from typing import Any

from secondread.core.signature import Held, SignedReport
from secondread.report.json import code_to_dict, measurement_to_dict
from secondread.report.json import to_dict as draft_to_dict
from secondread.report.signed.words import say

SCHEMA_VERSION = 1


def to_json(signed: SignedReport) -> str:
    """As text: sorted keys, a newline at the end; the same report gives the same bytes."""
    return json.dumps(to_dict(signed), allow_nan=False, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def to_dict(signed: SignedReport) -> dict[str, Any]:
    """As plain values. The draft stands in it whole, and is a draft still."""
    return {
        "schema_version": SCHEMA_VERSION,
        "notice": say("en", "notice"),
        "status": signed.status,
        "number": signed.number,
        "study_uid": signed.draft.study_uid,
        "patient_key": signed.draft.patient_key,
        "signer": {
            "name": signed.signer.name, "organisation": signed.signer.organisation, "login": signed.signer.login
        },
        "signed_at": signed.signed_at,
        "language": signed.language,
        "findings_text": signed.findings_text,
        "impression": signed.impression,
        "addenda": [{"name": name, "at": at, "text": text} for name, at, text in signed.addenda],
        "held": [_held(one) for one in signed.held],
        "rejected": [
            {
                "read": one.source[0],
                "finding": one.source[1],
                "name": signed.finding(one.source).code.display,
                "reason": one.reason,
                "comment": one.comment,
            }
            for one in signed.rejected
        ],
        "undecided": [{"read": read, "finding": finding} for read, finding in signed.undecided],
        "draft": draft_to_dict(signed.draft),
    }  # fmt: skip


def _held(one: Held) -> dict[str, Any]:
    return {
        "code": code_to_dict(one.code),
        "present": one.present,
        "verdict": str(one.verdict),
        "read": None if one.source is None else one.source[0],
        "finding": None if one.source is None else one.source[1],
        "location": one.location,
        "text": one.text,
        "measurements": [measurement_to_dict(m) for m in one.measurements],
        "outlines": [
            {
                "series_uid": line.series_uid,
                "sop_instance_uid": line.sop_instance_uid,
                "frame": line.frame,
                "points": [[float(column), float(row)] for column, row in line.points],
            }
            for line in one.outlines
        ],
    }
