import json

import pytest
from sqlalchemy import select, update

import rooms
from patients import NAME, NUMBER, OTHER, KilledError, files, gone, grown, image
from secondread.core.errors import InputError, UsageError
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import (
    audit_events,
    audit_subjects,
    deliveries,
    erasures,
    instances,
    jobs,
    signatures,
    studies,
)
from secondread.serve.erasure.erase import HeldError, set_hold
from secondread.serve.erasure.find import NotHereError, Wanted
from secondread.serve.storage.place import folder_name
from secondread.serve.trail.erased import was_erased
from secondread.serve.trail.record import record
from secondread.serve.trail.verify import verify

STAYS = {
    "alembic_version",
    "users",
    "sessions",
    "log_in_failures",
    "tokens",
    "audit_events",
    "erasures",
    "erased_studies",
}


def filled(room, tmp_path):
    """Two studies of one patient and one of another, each with all that belongs to it."""
    rooms.add_person(room, "radiologist", "dr1")
    for number, study in ((NUMBER, "1.2.276.1"), (NUMBER, "1.2.276.2"), (OTHER, "1.2.276.3")):
        rooms.send_in(room, *(image(tmp_path, number, study, one) for one in (1, 2)))
        grown(room, study)
    return room


@pytest.fixture
def ward(room, tmp_path):
    return filled(room, tmp_path)


@pytest.fixture
def any_ward(any_room, tmp_path):
    return filled(any_room, tmp_path)


def test_nothing_of_an_erased_patient_is_left_and_everything_of_another(any_ward):
    before, files_before = rooms.counts(any_ward), len(files(any_ward))
    receipts = gone(any_ward)
    after = rooms.counts(any_ward)
    for name in before.keys() - STAYS:
        assert after[name] == before[name] // 3, name
    assert len(files(any_ward)) == files_before // 3
    assert not any(folder_name("1.2.276.1").split("/")[1] in str(path) for path in any_ward.folders.top.rglob("*"))
    assert len(receipts) == 2
    (left,) = rooms.tables(any_ward, select(studies))
    assert left["patient_id"] == OTHER


def test_the_chain_stays_whole_and_tells_that_something_was_erased_but_not_whose(any_ward):
    gone(any_ward)
    with reading(any_ward.database) as connection:
        assert verify(connection).broken_at is None
    entries = rooms.tables(any_ward, select(audit_events).order_by(audit_events.c.seq))
    assert [entry["action"] for entry in entries].count("erase") == 2
    assert [entry["action"] for entry in entries].count("erasure-finished") == 2
    known = {row["study_uid"] for row in rooms.tables(any_ward, select(audit_subjects))}
    assert known == {"1.2.276.3"}
    for text in (NAME, NUMBER, "1.2.276.1"):
        assert not any(text in entry["entry"] for entry in entries)


def test_the_receipt_proves_without_telling(ward):
    stored = {row["sha256"] for row in rooms.tables(ward, select(instances).where(instances.c.study_id == 1))}
    receipt = json.loads(gone(ward, Wanted(study_uid="1.2.276.1"))[0].text)
    import hashlib

    assert receipt["content"] == hashlib.sha256("".join(sorted(stored)).encode()).hexdigest()
    assert (receipt["instances"], receipt["reads"], receipt["by"]) == (2, 1, "chief")
    assert not any(text in json.dumps(receipt) for text in (NAME, NUMBER, "1.2.276"))
    (row,) = rooms.tables(ward, select(erasures))
    assert row["finished_at"]


def test_who_asks_for_an_erased_study_is_told_that_it_is_gone_and_does_not_bring_its_uid_back(ward):
    gone(ward)
    assert was_erased(ward, "1.2.276.1")
    assert not was_erased(ward, "1.2.276.3")
    record(ward, actor="dr1", action="view", study_uid="1.2.276.1")
    assert "1.2.276.1" not in {row["study_uid"] for row in rooms.tables(ward, select(audit_subjects))}


def test_no_byte_of_the_name_is_left_in_the_rooms_folder(room, tmp_path):
    rooms.add_person(room, "radiologist", "dr1")
    rooms.send_in(room, image(tmp_path, NUMBER, "1.2.276.1", 1), image(tmp_path, OTHER, "1.2.276.3", 1))
    grown(room, "1.2.276.1")
    traces = (NUMBER.encode(), b"1.2.276.1.1.1")
    assert all(
        any(trace in path.read_bytes() for path in room.folders.top.rglob("*") if path.is_file()) for trace in traces
    )
    gone(room)
    left = [path for path in room.folders.top.rglob("*") if path.is_file()]
    assert left
    for trace in traces:
        assert [path.name for path in left if trace in path.read_bytes()] == []


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [
        (Wanted(), UsageError),
        (Wanted(NUMBER, study_uid="1.2.276.1"), UsageError),
        (Wanted("KH-47"), NotHereError),
        (Wanted("%"), NotHereError),
        (Wanted(study_uid="1.2.276"), NotHereError),
        (Wanted(NUMBER, "another issuer"), InputError),
    ],
)
def test_it_must_be_clear_who_is_meant(room, tmp_path, wanted, kind):
    rooms.send_in(room, image(tmp_path, NUMBER, "1.2.276.1", 1))
    with pytest.raises(kind):
        gone(room, wanted)
    assert rooms.tables(room, select(studies))


def test_a_number_that_two_hospitals_gave_needs_the_issuer(room, tmp_path):
    rooms.send_in(room, image(tmp_path, NUMBER, "1.2.1", 1, "North"), image(tmp_path, NUMBER, "1.2.2", 1, "South"))
    with pytest.raises(UsageError, match="2 issuers gave this number"):
        gone(room)
    gone(room, Wanted(NUMBER, "South"))
    assert [row["study_uid"] for row in rooms.tables(room, select(studies))] == ["1.2.1"]


@pytest.mark.parametrize("reason", ["", "  ", "x"])
def test_nothing_is_erased_without_a_reason(ward, reason):
    with pytest.raises(UsageError, match="needed a reason"):
        gone(ward, reason=reason)
    assert rooms.counts(ward)["studies"] == 3


def test_a_legal_hold_of_one_study_keeps_all_that_were_asked_for(ward):
    assert set_hold(ward, Wanted(study_uid="1.2.276.2"), by="chief", held=True, reason="court order 7/26.") == 1
    before = len(files(ward))
    with pytest.raises(HeldError, match=r"must be kept: court order 7/26\."):
        gone(ward)
    assert (rooms.counts(ward)["studies"], len(files(ward))) == (3, before)
    set_hold(ward, Wanted(study_uid="1.2.276.2"), by="chief", held=False)
    gone(ward)
    assert rooms.counts(ward)["studies"] == 1


def test_a_study_that_is_being_read_or_sent_is_not_erased_under_the_hands(any_ward):
    with writing(any_ward.database) as connection:
        connection.execute(update(jobs).where(jobs.c.study_id == 1).values(state="running"))
    with pytest.raises(HeldError, match="being read now"):
        gone(any_ward)
    with writing(any_ward.database) as connection:
        connection.execute(update(jobs).values(state="cancelled"))
        connection.execute(update(deliveries).values(lease_until="2026-03-04T10:00:30.000000Z"))
    with pytest.raises(HeldError, match="being sent now"):
        gone(any_ward)
    any_ward.clock.go_on(31)
    gone(any_ward)


def test_a_report_that_was_signed_just_now_is_filed_first(ward):
    with writing(ward.database) as connection:
        connection.execute(update(signatures).where(signatures.c.study_id == 1).values(at=ward.now()))
    with pytest.raises(HeldError, match="being filed"):
        gone(ward)
    ward.clock.go_on(61)
    gone(ward)


def test_a_kill_before_the_end_of_the_transaction_erases_nothing(ward, monkeypatch):
    from secondread.serve.erasure import erase as first_half

    def killed(*_args, **_values):
        raise KilledError

    monkeypatch.setattr(first_half, "record", killed)
    before = rooms.counts(ward), len(files(ward))
    with pytest.raises(KilledError):
        gone(ward)
    assert (rooms.counts(ward), len(files(ward))) == before


def test_erasing_twice_is_possible_when_the_patient_came_again(room, tmp_path):
    for _ in range(2):
        rooms.send_in(room, image(tmp_path, NUMBER, "1.2.276.1", 1))
        gone(room)
    assert len(rooms.tables(room, select(erasures))) == 2
    assert was_erased(room, "1.2.276.1")
