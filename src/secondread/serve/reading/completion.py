"""When a study is complete: nothing more came for a while, or as many images are here as were announced.

What decides is how many images no job was asked to read yet, not the state that the page shows: so a late image counts
whatever the study was doing when it came.
"""

from sqlalchemy import ColumnElement, Connection, and_, exists, literal, or_, select, update

from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import jobs, studies
from secondread.serve.moments import after
from secondread.serve.monitor.switches import all_off, off_readers
from secondread.serve.reading import standing
from secondread.serve.reading.queue import enqueue_read
from secondread.serve.reading.routing import PRIORITIES, facts_of, route_for
from secondread.serve.room import Room
from secondread.serve.service import Loop

LOOK_SECONDS = 0.5


def expect(connection: Connection, study_uid: str, count: int) -> bool:
    """Say how many images a study has, so that it is read as soon as they are here.

    Returns:
        Whether the study is known; one that nothing came of yet is not.
    """
    found = connection.execute(update(studies).where(studies.c.study_uid == study_uid).values(expected_instances=count))
    return found.rowcount == 1


def complete_at(room: Room, last_received_at: str, count: int, expected: int | None) -> str:
    """When a study of ``count`` images is complete, if nothing more comes.

    As many as were announced: at once. Fewer: not before ``incomplete_seconds``, because somebody knows of more. More,
    or nothing was announced: after the quiet period.
    """
    settings = room.settings.reading
    if count == expected:
        return last_received_at
    fewer = expected is not None and count < expected
    return after(last_received_at, max(settings.quiet_seconds, settings.incomplete_seconds if fewer else 0.0))


def complete_due(room: Room, listening_since: str = "") -> int:
    """Queue every study that became complete; returns how many were queued or passed over by their route.

    Args:
        room: The room.
        listening_since: Before this moment nobody could send anything, so no silence before it counts.
    """
    with reading(room.database) as connection:
        due = connection.execute(
            select(studies.c.id).where(_due(room, listening_since)).order_by(studies.c.last_received_at).limit(1000)
        ).scalars()
        found = list(due)
    return sum(_complete(room, study_id) for study_id in found)


def service(room: Room) -> Loop:
    """Looks for complete studies for as long as the room runs."""
    started = room.now()

    def look() -> float:
        complete_due(room, started)
        return min(LOOK_SECONDS, max(room.settings.reading.quiet_seconds / 4, 0.05))

    return Loop("completion", look)


def _due(room: Room, listening_since: str) -> ColumnElement[bool]:
    settings, count, expected = room.settings.reading, studies.c.instance_count, studies.c.expected_instances
    quiet = and_(_silent(room, settings.quiet_seconds, listening_since), or_(expected.is_(None), count > expected))
    given_up = _silent(room, max(settings.quiet_seconds, settings.incomplete_seconds), listening_since)
    at_work = exists().where(jobs.c.study_id == studies.c.id, jobs.c.state.in_(("waiting", "running")))
    return and_(studies.c.instance_count > studies.c.asked_instances, or_(count == expected, quiet, given_up), ~at_work)


def _silent(room: Room, seconds: float, listening_since: str) -> ColumnElement[bool]:
    """Nothing came for so long, and somebody could have sent something."""
    long_ago = after(room.now(), -seconds)
    return and_(studies.c.last_received_at <= long_ago, literal(listening_since <= long_ago))


def _complete(room: Room, study_id: int) -> bool:
    """Queue one study, or pass it over. What happened since the look is seen to when its read begins."""
    with writing(room.database) as connection:
        decision = route_for(room.settings, facts_of(connection, study_id))
        if decision.ignore:
            return _pass_over(connection, room, study_id)
        if all_off(decision.readers, off_readers(connection)):
            return _pass_over(connection, room, study_id, standing.SWITCHED_OFF)
        job = enqueue_read(
            connection, room, study_id, priority=PRIORITIES.index(decision.priority), reason=decision.why[-1]
        )
        return job is not None


def _pass_over(connection: Connection, room: Room, study_id: int, key: str = standing.IGNORED) -> bool:
    study = standing.locked(connection, study_id)
    if study is None or study.asked_instances >= study.instance_count:
        return False
    standing.passed_over(connection, room, study, key)
    return True
