"""Tables with something in every corner go down and up, and up again changes nothing."""

import json

import pytest
from sqlalchemy import select

import outbox_desk as desk
import rooms
from secondread.serve.config.room import Destination
from secondread.serve.database import migrate
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import (
    audit_events,
    deliveries,
    instances,
    jobs,
    monitor_alarms,
    monitor_points,
    reader_switches,
    reads,
    review_events,
    reviews,
    signatures,
    studies,
)
from secondread.serve.trail.record import record


def filled(tmp_path, url):
    """A room whose tables refer to one another."""
    room = rooms.make_room(tmp_path, desk.settings_for(Destination("shelf", "folder", path=tmp_path)), url=url)
    study, user, now = desk.study_in(room, tmp_path), rooms.add_person(room, "radiologist"), room.now()
    with writing(room.database) as connection:

        def add(table, **values):
            return connection.execute(table.insert().values(values)).inserted_primary_key[0]

        job = add(jobs, kind="read", study_id=study, key="k", not_before=now, created_at=now)
        read = add(
            reads, study_id=study, version=1, input_digest="d", job_id=job, folder="f", outcome="draft", priority=2,
            instance_count=1, report="{}", created_at=now,
        )  # fmt: skip
        add(reviews, read_id=read, user_id=user)
        add(review_events, read_id=read, user_id=user, at=now, action="accept")
        add(signatures, study_id=study, read_id=read, number=0, user_id=user, at=now, folder="s")
    desk.queue(room, study)
    record(room, actor="dr1", action="view", study_uid="1.2.3")
    return room


def test_a_room_goes_back_to_its_first_version_with_all_it_held_but_the_monitors(tmp_path, database_url):
    room = filled(tmp_path, database_url)
    now, user = room.now(), rooms.add_person(room, "administrator")
    with writing(room.database) as connection:
        point = {"study_id": 1, "read_id": 1, "at": now, "reader": "r", "weights": "w", "outcome": "found"}
        connection.execute(monitor_points.insert().values(**point, point="{}"))
        alarm = {"key": "k", "reader": "r", "area": "input", "monitor": "m", "said": "{}", "at": now}
        connection.execute(monitor_alarms.insert().values(**alarm, not_before=now, user_id=user))
        connection.execute(reader_switches.insert().values(reader="r", off=True, user_id=user))
    held = rooms.counts(room)
    migrate.downgrade(room.database, "0001")
    migrate.upgrade(room.database)
    monitors = {"monitor_points", "monitor_alarms", "monitor_looks", "reader_switches"}
    assert rooms.counts(room) == {name: 0 if name in monitors else count for name, count in held.items()}
    room.database.dispose()


@pytest.mark.parametrize(("others", "told"), [(1, "failed undecided warned"), (2, "failed refused undecided warned")])
def test_what_stands_beside_the_findings_of_studies_read_before_is_told_from_their_latest_read(
    tmp_path, database_url, others, told
):
    room = filled(tmp_path, database_url)
    unsure = {"outcome": "found", "findings": [{"unsure": False}, {"unsure": True}], "checks": [{"verdict": "warned"}]}
    refused = [{"outcome": "refused", "refusal": {"reason": reason}} for reason in ("population", "quality")]
    with writing(room.database) as connection:
        report = json.dumps({"reads": [unsure, {"outcome": "failed", "findings": []}, *refused[:others]]})
        connection.execute(reads.update().values(report=report))
        connection.execute(studies.update().values(read_version=1))
    migrate.downgrade(room.database, "0002")
    migrate.upgrade(room.database)
    assert [row["said_also"] for row in rooms.tables(room, select(studies))] == [told]
    room.database.dispose()


def test_tables_that_hold_something_go_down_and_come_back_empty(tmp_path, database_url):
    room = filled(tmp_path, database_url)
    held = rooms.counts(room)
    for table in (studies, instances, jobs, reads, signatures, deliveries, audit_events):
        assert held[table.name] > 0
    migrate.upgrade(room.database)
    assert rooms.counts(room) == held
    migrate.downgrade(room.database, "base")
    migrate.upgrade(room.database)
    assert set(rooms.counts(room).values()) == {0}
    desk.study_in(room, tmp_path, "another")
    room.database.dispose()
