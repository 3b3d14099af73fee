import json
import re
import threading

from sqlalchemy import select

import rooms
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import audit_events, audit_subjects
from secondread.serve.trail.record import GENESIS, canonical, chained, record, subject_of
from secondread.serve.trail.verify import verify

# Two entries and their hashes, calculated by another program.
FIRST = {"seq": 1, "ts": "2025-01-01T00:00:00Z", "actor": "dr1", "action": "view", "object": "1.2.3"}
SECOND = {"seq": 2, "ts": "2025-01-01T00:00:05Z", "actor": "dr1", "action": "accept", "object": "1.2.3"}
HASHES = (
    "780d708d519b62a48650618899986535fcf58361529f9590059150e5a8d1bfcd",
    "50fd145370734460b0a9f099030ce111dcfa25800bf5651cf60804af6921ea64",
)


def test_hashes_are_those_that_another_program_calculates():
    first = chained(GENESIS, canonical(FIRST))
    assert (first, chained(first, canonical(SECOND))) == HASHES


def test_an_entry_names_the_study_by_a_name_that_only_the_room_can_resolve(any_room):
    record(any_room, actor="dr1", action="view", study_uid="1.2.840.99.5")
    record(any_room, actor="dr1", action="view", study_uid="1.2.840.99.5")
    rows = rooms.tables(any_room, select(audit_events))
    assert all("1.2.840.99.5" not in row["entry"] for row in rows)
    assert len({row["subject"] for row in rows}) == 1
    (subject,) = rooms.tables(any_room, select(audit_subjects))
    assert dict(subject) == {"subject": subject_of(any_room, "1.2.840.99.5"), "study_uid": "1.2.840.99.5"}


def test_an_entry_belongs_to_the_change_it_tells_of(any_room):
    with writing(any_room.database) as connection:
        record(any_room, actor="dr1", action="sign", connection=connection)
        connection.rollback()
    assert not rooms.tables(any_room, select(audit_events))


def test_many_at_once_make_one_chain(any_room):
    failures = []

    def work(number):
        try:
            for turn in range(10):
                record(any_room, actor=f"dr{number}", action="view", study_uid=f"1.2.{turn}")
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with reading(any_room.database) as connection:
        verdict = verify(connection)
    assert (verdict.entries, verdict.broken_at) == (80, None)


NAMES = ("x" * 500, "dr\x00\n1", "김 의사", "half \ud800 pair", "")


def test_any_name_can_be_kept_and_the_chain_stays_whole(any_room):
    for name in NAMES:
        record(any_room, actor=name, action="denied", detail={"why": name, "number": 1, "list": ["a", 2]})
    with reading(any_room.database) as connection:
        assert verify(connection).broken_at is None
    rows = rooms.tables(any_room, select(audit_events))
    assert len(rows) == len(NAMES)
    assert all(json.loads(row["entry"])["actor"] == row["actor"] for row in rows)


def test_what_is_no_uid_is_kept_as_a_name_only(any_room):
    texts = ("1" * 65, "../etc", "x\x00", "1.2 OR 1=1")
    for text in texts:
        record(any_room, actor="dr1", action="denied", study_uid=text)
    assert not rooms.tables(any_room, select(audit_subjects))
    rows = rooms.tables(any_room, select(audit_events).order_by(audit_events.c.seq))
    assert [row["subject"] for row in rows] == [subject_of(any_room, text) for text in texts]


def test_a_uid_among_the_details_is_kept_as_a_hash_and_an_address_as_it_is(room):
    detail = {"sr": "1.2.840.113619.2.55.3", "item": "2.25.123456789012345", "from": "192.0.2.7", "of": 3}
    record(room, actor="dr1", action="sign", detail=detail)
    (row,) = rooms.tables(room, select(audit_events))
    kept = json.loads(row["entry"])["detail"]
    assert (kept["from"], kept["of"]) == ("192.0.2.7", 3)
    assert re.fullmatch(r"u-[0-9a-f]{32}", kept["sr"])
    assert kept["sr"] != kept["item"]
