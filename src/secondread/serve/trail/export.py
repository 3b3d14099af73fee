"""The trail as FHIR: one AuditEvent a line, or one bundle."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Row, select

from secondread.serve.database.connect import reading
from secondread.serve.database.tables import audit_subjects
from secondread.serve.room import Room
from secondread.serve.trail.audit_event import audit_event
from secondread.serve.trail.verify import entries


@dataclass(frozen=True, slots=True)
class Span:
    """Which entries.

    Attributes:
        since: First day, ``YYYY-MM-DD`` in UTC, or empty for the start.
        until: Last day, or empty for the end.
        names_studies: Whether the UIDs of studies are told, instead of their names in the trail.
    """

    since: str = ""
    until: str = ""
    names_studies: bool = False


def lines(room: Room, span: Span) -> Iterator[str]:
    """One AuditEvent a line, as JSON."""
    with reading(room.database) as connection:
        for row in entries(connection):
            day = row.at[:10]
            if (span.since and day < span.since) or (span.until and day > span.until):
                continue
            uid = _study(connection, row) if span.names_studies else ""
            event = audit_event(row.entry, row.hash, observer=room.settings.dicom.ae_title, study_uid=uid)
            yield json.dumps(event, ensure_ascii=False)


def bundle_text(room: Room, span: Span) -> Iterator[str]:
    """The same as pieces of one Bundle, which is never whole in memory."""
    yield '{"resourceType":"Bundle","type":"collection","entry":['
    for number, line in enumerate(lines(room, span)):
        yield f'{"," if number else ""}\n{{"resource":{line}}}'
    yield "\n]}\n"


def _study(connection: Connection, row: Row[tuple[str, ...]]) -> str:
    """Its UID, while the patient is not erased."""
    known = select(audit_subjects.c.study_uid).where(audit_subjects.c.subject == row.subject)
    return str(connection.execute(known).scalar_one_or_none() or "") if row.subject else ""
