"""From a received image to a point, and from a signature to what a person made of it."""

import json

import pytest
from sqlalchemy import select

import read_rooms
import rooms
from fakes import READER
from read_rooms import ACCEPT, REJECT, accepted, saved, sign
from reading_desk import arrived, chest, make_desk, only, read_all
from secondread.serve.database.connect import writing
from secondread.serve.database.tables import monitor_points, reads, studies
from secondread.serve.erasure.erase import erase
from secondread.serve.erasure.find import Wanted
from secondread.serve.monitor.points import file_points, stored_points

TAGS = {
    "Manufacturer": "Vega", "ManufacturerModelName": "V9", "StationName": "ROOM1", "PatientAge": "097Y",
    "PatientSex": "F", "PatientName": "Hong^Gildong",
}  # fmt: skip


def stored(room):
    return stored_points(room, 500, 500, {})


def test_a_read_that_is_filed_leaves_a_point_with_what_the_header_says_and_nothing_that_names_anybody(
    any_room, tmp_path
):
    room = any_room
    arrived(room, tmp_path, **TAGS)
    read_all(make_desk(room))
    (point,) = stored(room)
    assert (point.reader, point.outcome, point.at) == (READER, "refused", room.now())  # an adult; it reads children
    assert (point.tags["manufacturer"], point.tags["station"], point.tags["age"]) == ("Vega", "ROOM1", 90.0)
    assert point.waited is not None
    assert point.waited >= 30.0
    kept, study = str(only(room, monitor_points)["point"]), only(room, studies)
    for secret in ("Hong", "INVENTED", study["study_uid"], study["patient_key"], "2.25."):
        assert str(secret) not in kept


def test_of_a_study_that_is_read_again_the_latest_read_counts(room, tmp_path):
    desk = make_desk(room)
    arrived(room, tmp_path)
    read_all(desk)
    rooms.send_in(room, chest(tmp_path / "late.dcm", 1, 2))
    room.clock.go_on(60)
    read_all(desk)
    assert len(rooms.tables(room, select(monitor_points))) == 2
    (point,) = stored(room)
    assert point.at == room.now()


def test_a_patient_that_is_erased_is_gone_from_the_points_too(any_room, tmp_path):
    room = any_room
    arrived(room, tmp_path)
    read_all(make_desk(room))
    uid = str(only(room, studies)["study_uid"])
    erase(room, Wanted(study_uid=uid), by="admin", user_id=None, reason="request")
    assert stored(room) == []


@pytest.mark.parametrize(
    ("decision", "turned_round"),
    [
        (REJECT, True),
        ({"decision": "edited", "presence": "absent", "text": "Scar."}, True),
        ({"decision": "edited", "text": "A little larger than outlined."}, False),
        (ACCEPT, False),
    ],
)
def test_a_signature_says_whether_a_person_turned_a_reader_round(room, tmp_path, decision, turned_round):
    study = read_rooms.with_picture(room, tmp_path / "in")
    report = json.loads(str(only(room, reads)["report"]))
    with writing(room.database) as connection:
        row = {"study_id": 1, "read_id": 1, "waited": 1.0}
        file_points(connection, room, row, json.dumps({**report, "reads": report["reads"][:1]}), {})
    client = rooms.logged_in(room, organisation="City Hospital")
    others = {
        f"f{number}_{place}": ACCEPT
        for number, read in enumerate(report["reads"])
        for place, finding in enumerate(read["findings"])
        if finding["positive"]
    }
    assert saved(client, study, accepted(**{**others, "f0_0": decision})).status_code == 200
    assert only(room, monitor_points)["overridden"] is None
    assert sign(client, study).status_code == 201
    assert only(room, monitor_points)["overridden"] is turned_round
