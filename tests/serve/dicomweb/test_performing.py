"""The room as performer: a work item that names a study here makes it read it."""

import pytest
from sqlalchemy import select, update

import rooms
from secondread.dicom.web import procedure_step as step
from secondread.dicom.web.dicom_json import element, first, items
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import instances, jobs, series, studies
from secondread.serve.dicomweb import cancelling, workitems
from secondread.serve.dicomweb.performing import is_ours, look
from secondread.serve.reading import queue

CHEST = rooms.EXAMPLES / "child-viral.dcm"
UID = "1.2.826.5"


def study_uid(room) -> str:
    (row,) = rooms.tables(room, select(studies))
    return row["study_uid"]


def ordered(room, study: str, **changes: object) -> None:
    """An item as a task manager would have made it."""
    content = {
        step.STATE: element("CS", step.SCHEDULED),
        step.PRIORITY: element("CS", "HIGH"),
        step.LABEL: element("LO", "AI read"),
        step.READINESS: element("CS", "READY"),
        step.INPUT: step.sequence({step.STUDY: element("UI", study)}),
    }
    with writing(room.database) as connection:
        workitems.create(connection, room, content | changes, UID)


def item(room) -> dict[str, object]:
    with reading(room.database) as connection:
        return workitems.content_of(workitems.found(connection, UID))


def state(room) -> str:
    return first(item(room), step.STATE)


def end(room, outcome: str, error: str = "") -> None:
    """As if a worker had done the job."""
    claim = queue.claim(room, "worker")
    with writing(room.database) as connection:
        queue.done(connection, room, claim, "read")
        connection.execute(update(jobs).where(jobs.c.id == claim.job_id).values(state=outcome, error=error))
        connection.execute(update(series).values(own=True))  # stands in for results that the worker files


def test_an_ordered_study_is_read_before_others_and_the_item_completed_with_its_results(any_room):
    rooms.send_in(any_room, CHEST)
    ordered(any_room, study_uid(any_room))
    look(any_room)
    (job,) = rooms.tables(any_room, select(jobs))
    assert (job["priority"], job["state"], state(any_room)) == (0, "waiting", step.IN_PROGRESS)
    look(any_room)
    assert state(any_room) == step.IN_PROGRESS
    end(any_room, "done")
    look(any_room)
    content = item(any_room)
    assert first(content, step.STATE) == step.COMPLETED
    assert step.missing_to_complete(content) == []
    (output,) = items(items(content, step.PERFORMED)[0], "00404033")
    assert first(output, step.STUDY) == study_uid(any_room)
    assert len(items(output, "00081199")) == 1
    assert step.TRANSACTION not in content


@pytest.mark.parametrize(("outcome", "error"), [("failed", "the network could not be run"), ("cancelled", "")])
def test_a_read_that_came_to_nothing_cancels_the_item_and_says_why(room, outcome, error):
    rooms.send_in(room, CHEST)
    ordered(room, study_uid(room))
    look(room)
    end(room, outcome, error)
    look(room)
    assert state(room) == step.CANCELED
    assert step.reason_of(item(room)) == (error or "the read was cancelled")


def test_an_item_waits_until_its_study_is_here(room):
    ordered(room, "1.2.3")
    look(room)
    assert state(room) == step.SCHEDULED


def test_an_item_that_names_its_objects_waits_for_them_and_then_for_nothing_more(room):
    rooms.send_in(room, CHEST)
    (image,) = rooms.tables(room, select(instances))

    def naming(*uids: str) -> dict[str, object]:
        references = step.sequence(*({"00081155": element("UI", uid)} for uid in uids))
        return {step.INPUT: step.sequence({step.STUDY: element("UI", study_uid(room)), "00081199": references})}

    ordered(room, study_uid(room), **naming(image["sop_instance_uid"], "1.2.3.4"))
    look(room)
    assert state(room) == step.SCHEDULED
    with writing(room.database) as connection:
        workitems.change(connection, room, UID, naming(image["sop_instance_uid"]), "")
    look(room)
    assert state(room) == step.IN_PROGRESS
    (study,) = rooms.tables(room, select(studies))
    assert study["expected_instances"] == 1


def test_a_study_that_is_read_already_is_not_queued_twice(room):
    rooms.send_in(room, CHEST)
    with writing(room.database) as connection:
        (study_id,) = connection.execute(select(studies.c.id)).scalars()
        queue.enqueue_read(connection, room, study_id)
    ordered(room, study_uid(room))
    look(room)
    assert len(rooms.tables(room, select(jobs))) == 1
    assert state(room) == step.IN_PROGRESS


def test_a_request_to_cancel_stops_the_read(room):
    rooms.send_in(room, CHEST)
    ordered(room, study_uid(room))
    look(room)
    assert cancelling.request(room, UID, {step.REASON: element("LT", "wrong patient")}) == ""
    (job,) = rooms.tables(room, select(jobs))
    assert (job["state"], state(room)) == ("cancelled", step.CANCELED)
    look(room)
    assert step.reason_of(item(room)) == "wrong patient"


NOW = "20260304100000+0000"


@pytest.mark.parametrize(
    ("changes", "ours"),
    [
        ({}, True),
        ({step.READINESS: element("CS", "INCOMPLETE")}, False),
        ({step.START: element("DT", "20260304110000+0000")}, False),
        ({step.START: element("DT", "20260303")}, True),
        ({step.STATION: step.sequence(step.code("SECONDREAD", "L", "x"))}, True),
        ({step.STATION: step.sequence(step.code("OTHER_AI", "L", "x"))}, False),
        ({step.PERFORMERS: step.sequence({"00404037": element("PN", "Doe^Jane")})}, False),
    ],
)
def test_what_is_meant_for_somebody_else_or_for_later_is_left_alone(changes, ours):
    content = {step.READINESS: element("CS", "READY"), step.START: element("DT", "20260304090000+0000")}
    assert is_ours(content | changes, NOW, "SECONDREAD") is ours
