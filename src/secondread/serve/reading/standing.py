"""Where a study stands: arriving → reading → draft | refused | failed → signed.

A signed study stays signed whatever comes; a study with images that no read covers is arriving again.
"""

from typing import Any

from sqlalchemy import Connection, Row, select, update

from secondread.serve.database.tables import reads, studies
from secondread.serve.room import Room

UNREAD = 3
FAILED, CANCELLED, IGNORED = "reading.failed", "reading.cancelled", "reading.ignored"
SWITCHED_OFF = "reading.switched-off"
UNUSABLE = "reading.unusable"


def locked(connection: Connection, study_id: int) -> Row[Any] | None:
    """The study's row, which nobody else changes until the transaction ends; None when it was erased."""
    return connection.execute(
        select(studies).where(studies.c.id == study_id).with_for_update(key_share=True)
    ).one_or_none()


def queued(connection: Connection, room: Room, study_id: int) -> None:
    """A read of all its images is waiting."""
    study = locked(connection, study_id)
    if study is not None:
        _change(
            connection, room, study,
            state=_unless_signed(study, "reading"),
            asked_instances=study.instance_count,
        )  # fmt: skip


def passed_over(connection: Connection, room: Room, study: Row[Any], key: str = IGNORED) -> None:
    """It is kept and not read, as its route says, or because all readers of its route are switched off."""
    said = {} if study.read_version else {"said": PHRASES[key], "said_key": key, "priority": UNREAD}
    _change(
        connection, room, study,
        state=_unless_signed(study, "refused"),
        asked_instances=study.instance_count,
        **said,
    )  # fmt: skip


def begun(connection: Connection, room: Room, study: Row[Any], covered: int) -> None:
    """Its images are being read: so many of them."""
    _change(connection, room, study, state=_unless_signed(study, "reading"), asked_instances=covered)


def failed(connection: Connection, room: Room, study_id: int) -> None:
    """Reading was given up."""
    ended(connection, room, study_id, "failed", FAILED)


def cancelled(connection: Connection, room: Room, study_id: int) -> None:
    """Reading was called off: what an earlier read said stands again."""
    study = locked(connection, study_id)
    if study is None:
        return
    earlier = _latest_outcome(connection, study)
    if earlier is None:
        ended(connection, room, study_id, "refused", CANCELLED)
    else:
        _change(connection, room, study, state=_after(study, earlier, study.asked_instances))


def stands(connection: Connection, room: Room, study_id: int, outcome: str, covered: int) -> None:
    """An earlier read covers its images: what that said stands again."""
    study = locked(connection, study_id)
    if study is not None:
        _change(connection, room, study, state=_after(study, outcome, covered))


def ended(connection: Connection, room: Room, study_id: int, outcome: str, key: str) -> None:
    """It ended without a report: refused or failed, for the reason of a phrase."""
    study = locked(connection, study_id)
    if study is None:
        return
    said = {} if study.read_version else {"said": PHRASES[key], "said_key": key, "priority": UNREAD}
    _change(connection, room, study, state=_after(study, outcome, study.asked_instances), **said)


def drafted(connection: Connection, room: Room, study: Row[Any], covered: int, **read: Any) -> None:
    """A version of its read is finished.

    Args:
        connection: A transaction that writes.
        room: The room.
        study: Its row, locked.
        covered: How many of its images were read.
        read: ``outcome``, ``version``, ``priority``, ``said``, ``said_key``, ``said_also``.
    """
    signed = study.state == "signed"
    times = {} if signed else {"drafted_at": room.now(), "opened_at": None}
    _change(
        connection, room, study,
        state=_after(study, read["outcome"], covered),
        read_version=read["version"],
        priority=read["priority"],
        said=read["said"],
        said_key=read["said_key"],
        said_also=read["said_also"],
        late_images=signed or study.instance_count > covered,
        **times,
    )  # fmt: skip


def _after(study: Row[Any], outcome: str, covered: int) -> str:
    """The state after a read of ``covered`` images: images that came since make the study arrive again."""
    return _unless_signed(study, "arriving" if study.instance_count > covered else outcome)


def _unless_signed(study: Row[Any], state: str) -> str:
    return "signed" if study.state == "signed" else state


def _latest_outcome(connection: Connection, study: Row[Any]) -> str | None:
    outcome: str | None = connection.execute(
        select(reads.c.outcome).where(reads.c.study_id == study.id, reads.c.version == study.read_version)
    ).scalar_one_or_none()
    return outcome


def _change(connection: Connection, room: Room, study: Row[Any], **values: Any) -> None:
    connection.execute(update(studies).where(studies.c.id == study.id).values(changed_at=room.now(), **values))


# In English, as the table keeps it; both languages stand in ``serve.pages.words.reading``.
PHRASES = {
    FAILED: "Reading failed",
    CANCELLED: "Reading cancelled",
    IGNORED: "Not read",
    SWITCHED_OFF: "Readers switched off",
    "reading.nothing-found": "Nothing found",
    "reading.described": "Described only",
    "reading.undecided": "Undecided",
    "reading.partly-failed": "Partly failed",
    "reading.partly-refused": "Partly refused",
    "reading.refused": "Reading refused",
    UNUSABLE: "Images not usable",
}
