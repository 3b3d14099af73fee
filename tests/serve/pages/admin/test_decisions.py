import pytest

import rooms
import worklists
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import review_events
from secondread.serve.moments import after
from secondread.serve.pages.admin.decisions import decisions


@pytest.fixture
def event(any_room):
    worklists.add_study(any_room, 1, state="draft")
    user = rooms.add_person(any_room, "radiologist")
    read = rooms.add_read(any_room, 1)

    def add(action, reader="", finding=None, *, at=None, seconds=None):
        values = {"action": action, "reader": reader, "finding": finding, "seconds": seconds}
        with writing(any_room.database) as connection:
            connection.execute(
                review_events.insert().values(read_id=read, user_id=user, at=at or any_room.now(), **values)
            )

    return add


def found(room):
    with reading(room.database) as connection:
        return decisions(connection, since=after(room.now(), -86400))


def test_the_last_decision_about_a_finding_counts_and_one_that_was_taken_back_does_not(any_room, event):
    event("accepted", "chest", 0, seconds=4.0)
    event("rejected", "chest", 0, seconds=6.0)
    event("accepted", "chest", 1)
    event("edited", "head", 0)
    event("accepted", "head", 1)
    event("reopened", "head", 1)
    event("text")
    result = found(any_room)
    assert result.readers == {
        "chest": {"accepted": 1, "edited": 0, "rejected": 1},
        "head": {"accepted": 0, "edited": 1, "rejected": 0},
    }
    assert result.seconds["chest"] == 10.0


def test_added_findings_are_counted_less_those_that_were_removed_again(any_room, event):
    for action in ("added", "added", "removed", "changed"):
        event(action)
    assert found(any_room).added == 1


def test_what_was_decided_before_the_period_does_not_count(any_room, event):
    event("accepted", "chest", 0, at=after(any_room.now(), -90000))
    assert found(any_room).readers == {}
