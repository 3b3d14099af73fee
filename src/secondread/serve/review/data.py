"""Reviews as data: a row for each change, without the names of patients or people."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import reads, review_events, studies
from secondread.serve.room import Room

# What ``docs/reference/review-data.md`` tells of each; a test compares the two.
FIELDS = (
    "event", "study", "patient", "reviewer", "at", "read_version", "revision", "action", "reader", "finding",
    "finding_code", "probability", "threshold", "positive", "unsure", "before", "after", "seconds", "ai_shown",
)  # fmt: skip
_BATCH = 1000


def rows(room: Room) -> Iterator[dict[str, Any]]:
    """Every event, oldest first. Studies and people stand under names that nobody can turn back without the room's key.

    What people wrote is given as they wrote it: whoever takes the data out must know that a text may name somebody.
    """
    last = 0
    while True:
        with reading(room.database) as connection:
            found = connection.execute(
                select(review_events, reads.c.version, reads.c.report, studies.c.study_uid, studies.c.patient_key)
                .join(reads, reads.c.id == review_events.c.read_id)
                .join(studies, studies.c.id == reads.c.study_id)
                .where(review_events.c.id > last)
                .order_by(review_events.c.id)
                .limit(_BATCH)
            ).all()
        for row in found:
            yield _row(room, row)
        if len(found) < _BATCH:
            return
        last = found[-1].id


def _row(room: Room, row: Any) -> dict[str, Any]:
    finding = _finding(row)
    code = finding.get("code")
    return {
        "event": row.id,
        "study": _name(room, "study", row.study_uid),
        "patient": row.patient_key,
        "reviewer": _name(room, "reviewer", str(row.user_id)),
        "at": row.at,
        "read_version": row.version,
        "revision": row.revision,
        "action": row.action,
        "reader": row.reader,
        "finding": row.finding,
        "finding_code": f"{code['system']} {code['value']} {code['display']}" if code else "",
        "probability": finding.get("probability"),
        "threshold": finding.get("threshold"),
        "positive": finding.get("positive"),
        "unsure": finding.get("unsure"),
        "before": _told(room, row.before),
        "after": _told(room, row.after),
        "seconds": row.seconds,
        "ai_shown": row.ai_shown,
    }


def _told(room: Room, stored: str) -> Any:
    """What stood there; images that were drawn on stand under names too."""
    told = json.loads(stored) if stored else None
    for line in (told or {}).get("outlines") or ():
        for name in ("seriesUid", "sopInstanceUid"):
            line[name] = _name(room, name, line[name])
    return told


def _finding(row: Any) -> dict[str, Any]:
    """The finding of the draft that an event is about."""
    if not row.reader or row.finding is None:
        return {}
    read = next((one for one in json.loads(row.report)["reads"] if one["reader"] == row.reader), None)
    found: dict[str, Any] = read["findings"][row.finding] if read else {}
    return found


def _name(room: Room, kind: str, value: str) -> str:
    return hmac.new(room.secret, f"review {kind} {value}".encode(), hashlib.sha256).hexdigest()[:16]
