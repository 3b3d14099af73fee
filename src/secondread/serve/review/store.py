"""Reviews in the database: loaded, and saved so that nobody's work is lost.

A save names the revision that it is based on. Where another was saved meanwhile it is refused, and told by whom and
what; the refused work stays with the person who made it. Every change is a row of ``review_events``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from secondread.core.errors import UsageError, short_uid
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import reads, review_events, reviews, studies, users
from secondread.serve.people.person import Person
from secondread.serve.review.changes import Change, changes
from secondread.serve.review.content import EMPTY, checked
from secondread.serve.room import Room
from secondread.serve.trail.record import record

WITHOUT_REVISION = frozenset({"looked", "signed", "addendum"})  # events that change no content


class OutdatedError(UsageError):
    """What the page shows is not what is stored: somebody saved or signed, or the study was read again."""

    def __init__(
        self, sentence: str, current: "Review | None" = None, since: "tuple[dict[str, Any], ...]" = ()
    ) -> None:
        super().__init__(sentence)
        self.current = current
        self.since = since


@dataclass(frozen=True, slots=True)
class Review:
    """A review as it is stored.

    Attributes:
        study_id: Row of the study.
        study_uid: Study Instance UID.
        state: Of the study.
        read_id: Row of the read it is about: the latest.
        read_version: Its version.
        folder: Of the read, below the folder of results.
        report: Its report.json.
        revision: Of what was saved; 0 when nothing was.
        content: As :func:`secondread.serve.review.content.checked` makes it.
        saved_by: Name that is shown of who saved last, or "".
        saved_at: When, or "".
    """

    study_id: int
    study_uid: str
    state: str
    read_id: int
    read_version: int
    folder: str
    report: Mapping[str, Any]
    revision: int
    content: Mapping[str, Any]
    saved_by: str
    saved_at: str


def load(room: Room, study_uid: str, version: int | None = None) -> Review | None:
    """The review of a read of a study, the latest unless told otherwise; None while there is no such read."""
    with reading(room.database) as connection:
        return loaded(connection, study_uid, version)


def loaded(connection: Connection, study_uid: str, version: int | None = None) -> Review | None:
    """As :func:`load`, in a transaction."""
    wanted = studies.c.study_uid == study_uid
    row = connection.execute(
        select(
            studies.c.id.label("study_id"), studies.c.state, reads.c.id.label("read_id"), reads.c.version,
            reads.c.folder, reads.c.report, reviews.c.revision, reviews.c.content, reviews.c.saved_at,
            users.c.display_name, users.c.name,
        )
        .select_from(
            studies.join(reads, reads.c.study_id == studies.c.id)
            .outerjoin(reviews, reviews.c.read_id == reads.c.id)
            .outerjoin(users, users.c.id == reviews.c.user_id)
        )
        .where(wanted if version is None else wanted & (reads.c.version == version))
        .order_by(reads.c.version.desc())
        .limit(1)
    ).one_or_none()  # fmt: skip
    return None if row is None else _review(row, study_uid)


def _review(row: Any, study_uid: str) -> Review:
    report = json.loads(row.report)
    return Review(
        study_id=row.study_id,
        study_uid=study_uid,
        state=row.state,
        read_id=row.read_id,
        read_version=row.version,
        folder=row.folder,
        report=report,
        revision=row.revision or 0,
        content=json.loads(row.content) if row.revision else checked(EMPTY, report),
        saved_by=(row.display_name or row.name or "") if row.revision else "",
        saved_at=row.saved_at or "",
    )


@dataclass(frozen=True, slots=True)
class Save:
    """What a page wants stored.

    Attributes:
        read_version: Of the read that the page shows.
        revision: That the page started from.
        content: The whole content.
        seconds: Since the page was opened or last saved, while it was in front; None where nobody measured.
        ai_shown: Whether AI content was on the screen.
    """

    read_version: int
    revision: int
    content: object
    seconds: float | None = None
    ai_shown: bool = True


def save(room: Room, person: Person, study_uid: str, wanted: Save, *, address: str = "") -> Review:
    """Store a review; a row for each change.

    Raises:
        UsageError: If the study has no read, or the content is not of the shape it must have.
        OutdatedError: If the page is not up to date; nothing is stored.
    """
    with writing(room.database) as connection:
        before = locked(connection, study_uid)
        check_current(connection, before, wanted.read_version, wanted.revision)
        content = checked(wanted.content, before.report)
        made = tuple(changes(before.content, content))
        if not made:
            return before
        now = room.now()
        connection.execute(
            update(reviews)
            .where(reviews.c.read_id == before.read_id)
            .values(
                revision=before.revision + 1,
                content=json.dumps(content, ensure_ascii=False),
                user_id=person.id,
                saved_at=now,
            )
        )
        add_events(connection, room, person, before, made, seconds=wanted.seconds, ai_shown=wanted.ai_shown)
        record(
            room,
            actor=person.name,
            action="review",
            study_uid=study_uid,
            address=address,
            detail={"read": before.read_version, "revision": before.revision + 1},
            connection=connection,
        )
        after = loaded(connection, study_uid)
    assert after is not None
    return after


def locked(connection: Connection, study_uid: str) -> Review:
    """The review, its row made where it is missing and locked until the transaction ends.

    Raises:
        UsageError: If the study is not here or has no read.
    """
    review = loaded(connection, study_uid)
    if review is None:
        raise UsageError(f"study {short_uid(study_uid)}: there is no read of it to review yet.")
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(reviews).values(read_id=review.read_id).on_conflict_do_nothing())
    connection.execute(select(reviews.c.id).where(reviews.c.read_id == review.read_id).with_for_update()).one()
    again = loaded(connection, study_uid)
    assert again is not None
    return again


def check_current(connection: Connection, stored: Review, read_version: int, revision: int) -> None:
    """Refuse what is based on another read or revision than the stored one, or comes after the signature.

    Raises:
        OutdatedError: With what is stored, and what changed since that revision.
    """
    if stored.state == "signed":
        raise OutdatedError("This study is signed. What is to be added goes into an addendum.", stored)
    if stored.read_version != read_version:
        raise OutdatedError(
            f"The study was read again meanwhile (version {stored.read_version}; this page shows {read_version}). "
            "Load the page again; what was reviewed before stays stored with its own version.",
            stored,
        )
    if stored.revision != revision:
        raise OutdatedError(
            f"{stored.saved_by} saved a change meanwhile. Nothing of yours is lost: it stays in this page, and can be "
            "merged.",
            stored,
            events_since(connection, stored.read_id, revision),
        )


def events_since(connection: Connection, read_id: int, revision: int) -> tuple[dict[str, Any], ...]:
    """Who changed what after a revision, oldest first."""
    rows = connection.execute(
        select(review_events, users.c.display_name, users.c.name)
        .join(users, users.c.id == review_events.c.user_id)
        .where(review_events.c.read_id == read_id, review_events.c.revision > revision)
        .order_by(review_events.c.id)
    )
    return tuple(
        {
            "who": row.display_name or row.name,
            "at": row.at,
            "action": row.action,
            "reader": row.reader,
            "finding": row.finding,
            "before": json.loads(row.before) if row.before else None,
            "after": json.loads(row.after) if row.after else None,
        }
        for row in rows
    )


def add_events(
    connection: Connection,
    room: Room,
    person: Person,
    review: Review,
    made: tuple[Change, ...],
    *,
    seconds: float | None,
    ai_shown: bool,
) -> None:
    """A row for each change; the seconds of one save are shared evenly among its rows, so that they add up."""
    known = review.report["reads"]
    share = None if seconds is None or not 0 <= seconds < 86_400 else seconds / len(made)
    for change in made:
        connection.execute(
            review_events.insert().values(
                read_id=review.read_id,
                user_id=person.id,
                at=room.now(),
                revision=review.revision + (change.action not in WITHOUT_REVISION),
                action=change.action,
                reader="" if change.read is None else known[change.read]["reader"],
                finding=change.finding,
                before=_json(change.before),
                after=_json(change.after),
                seconds=share,
                ai_shown=ai_shown,
            )
        )


def _json(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
