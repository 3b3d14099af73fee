"""Writing the audit trail: each entry carries the hash of the one before, so a change is seen.

``h_i = SHA256(h_{i-1} || canonical JSON of entry i)``, the first after 64 zeros. Patients and studies stand in it under
names that only ``audit_subjects`` can resolve, so that erasing a patient leaves the chain whole.

One entry is added at a time: SQLite has one writer anyway; on PostgreSQL a lock is held until the transaction ends.
So record last in a transaction: two that hold rows of each other and the lock would wait for ever.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from secondread.serve.database.connect import writing
from secondread.serve.database.tables import audit_events, audit_subjects, studies
from secondread.serve.room import Room
from secondread.serve.trail.erased import erased

GENESIS = "0" * 64
_UID = re.compile(r"[0-9.]{1,64}")  # DICOM PS3.5, 6.2: what else a path holds is nobody's study
_IN_DETAIL = re.compile(r"2\.25\.[0-9]{10,}|[0-9]+(\.[0-9]+){4,}")  # no address has so many parts
_LOCK = 0x7365636F6E647264  # any number that nothing else locks; the letters "secondrd"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something, and from where.

    Attributes:
        name: Of the user, AE title, or ``secondread``.
        address: Where the request came from, or ``""``.
    """

    name: str
    address: str = ""


def canonical(entry: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no spaces. What is no character (half of a pair) becomes a question mark.

    >>> canonical({"b": 1, "a": "x"})
    '{"a":"x","b":1}'
    """
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")


def chained(previous: str, entry: str) -> str:
    """The hash of an entry after ``previous``.

    >>> chained(GENESIS, '{"action":"view","actor":"dr1","object":"1.2.3","seq":1,"ts":"2025-01-01T00:00:00Z"}')
    '780d708d519b62a48650618899986535fcf58361529f9590059150e5a8d1bfcd'
    """
    return hashlib.sha256((previous + entry).encode()).hexdigest()


def subject_of(room: Room, study_uid: str) -> str:
    """The name of a study in the trail."""
    return "t-" + hmac.new(room.secret, f"trail {study_uid}".encode(), hashlib.sha256).hexdigest()[:32]


def record(  # noqa: PLR0913 - who, what, on what, from where, with what outcome
    room: Room,
    *,
    actor: str,
    action: str,
    study_uid: str = "",
    address: str = "",
    outcome: str = "success",
    detail: Mapping[str, Any] | None = None,
    connection: Connection | None = None,
) -> None:
    """Add one entry.

    Args:
        room: The room.
        actor: Name of the user, AE title, or ``secondread``.
        action: A word of :data:`secondread.serve.trail.actions.ACTIONS`.
        study_uid: Study it was about, or ``""``.
        address: Where the request came from, or ``""``.
        outcome: ``success``, ``denied`` or ``failure``.
        detail: More, without anything that names a patient; a UID in it is kept as a keyed hash.
        connection: The transaction it belongs to: both happen, or neither. None: one of its own.
    """
    if connection is None:
        with writing(room.database) as own:
            record(
                room, actor=actor, action=action, study_uid=study_uid, address=address, outcome=outcome,
                detail=detail, connection=own,
            )  # fmt: skip
        return
    actor = _plain(actor)[:128]
    _wait_for_turn(connection)
    subject = ""
    if study_uid:
        subject = subject_of(room, study_uid)
        known = connection.execute(select(audit_subjects.c.subject).where(audit_subjects.c.subject == subject))
        if known.one_or_none() is None and _UID.fullmatch(study_uid) and not _is_gone(connection, room, study_uid):
            connection.execute(audit_subjects.insert().values(subject=subject, study_uid=study_uid))
    last = connection.execute(
        select(audit_events.c.seq, audit_events.c.hash).order_by(audit_events.c.seq.desc()).limit(1)
    ).one_or_none()
    seq, previous = (1, GENESIS) if last is None else (last.seq + 1, last.hash)
    now = room.now()
    entry = canonical(
        {
            "seq": seq,
            "ts": now,
            "actor": actor,
            "action": action,
            "object": subject,
            "address": address,
            "outcome": outcome,
            "detail": {name: _without_uid(room, value) for name, value in (detail or {}).items()},
        }
    )
    connection.execute(
        audit_events.insert().values(
            seq=seq, at=now, entry=entry, hash=chained(previous, entry), actor=actor, action=action, subject=subject
        )
    )


def _without_uid(room: Room, value: Any) -> Any:
    """A UID leads to the patient in every archive that has a copy: its hash still tells whether it is a given one."""
    if isinstance(value, str) and _IN_DETAIL.fullmatch(value):
        return "u-" + hmac.new(room.secret, f"trail {value}".encode(), hashlib.sha256).hexdigest()[:32]
    return value


def _is_gone(connection: Connection, room: Room, study_uid: str) -> bool:
    """Whether a study was erased and did not come again: who asks for it must not bring its UID back."""
    here = select(studies.c.id).where(studies.c.study_uid == study_uid)
    return erased(connection, room, study_uid) and connection.execute(here).first() is None


def _plain(name: str) -> str:
    """A name that any database can hold."""
    return "".join(letter for letter in name.encode("utf-8", "replace").decode() if letter.isprintable())


def _wait_for_turn(connection: Connection) -> None:
    """Source: PostgreSQL documentation, 13.3.5 Advisory Locks."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
