"""Whether a person may see what the program said, where the room asks for their own look first."""

from sqlalchemy import select

from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import reads, review_events, studies
from secondread.serve.people.person import Person
from secondread.serve.people.rights import Right
from secondread.serve.review.changes import Change
from secondread.serve.review.store import add_events, locked
from secondread.serve.room import Room
from secondread.serve.trail.record import record


def may_see_ai(room: Room, person: Person, study_uid: str) -> bool:
    """Whether findings, maps and outlines may be sent to this person.

    Always, unless ``[access] hide_until_looked`` is set. Then a person who reviews must have recorded a look of their
    own at this study; others see it after anybody has. A signed study is shown to all.
    """
    if not room.settings.access.hide_until_looked:
        return True
    looked = (
        select(review_events.c.id)
        .join(reads, reads.c.id == review_events.c.read_id)
        .join(studies, studies.c.id == reads.c.study_id)
        .where(studies.c.study_uid == study_uid, review_events.c.action == "looked")
        .limit(1)
    )
    if Right.REVIEW in person.rights:
        looked = looked.where(review_events.c.user_id == person.id)
    with reading(room.database) as connection:
        signed = connection.execute(select(studies.c.state).where(studies.c.study_uid == study_uid)).scalar()
        return signed == "signed" or connection.execute(looked).one_or_none() is not None


def record_look(
    room: Room, person: Person, study_uid: str, *, impression: str, seconds: float | None, address: str = ""
) -> None:
    """Note that the person has looked at the images themselves; from now on they see what the program said.

    Args:
        room: The room.
        person: Who looked.
        study_uid: At what.
        impression: What they saw, in their words; may be empty.
        seconds: How long they looked, or None.
        address: Where the request came from.

    Raises:
        UsageError: If the study has no read.
    """
    with writing(room.database) as connection:
        review = locked(connection, study_uid)
        look = Change("looked", after={"impression": impression[:20_000]})
        add_events(connection, room, person, review, (look,), seconds=seconds, ai_shown=False)
        record(room, actor=person.name, action="look", study_uid=study_uid, address=address, connection=connection)
