import pytest

import rooms
import worklists
from secondread.serve.database.connect import reading, writing
from secondread.serve.database.tables import reviews
from secondread.serve.moments import after
from secondread.serve.pages.worklist_filter import Filter, filter_of, query_of
from secondread.serve.pages.worklist_query import window
from secondread.serve.people.person import Person
from secondread.serve.people.rights import Right


def person(number=1, *, hides_names=False):
    return Person(
        id=number, name="dr", display_name="Dr", organisation="", role="radiologist", rights=frozenset(Right),
        how="session", csrf="", language="en", hides_names=hides_names, must_change_password=False,
    )  # fmt: skip


def listed(room, asked=None, who=None, **how):
    with reading(room.database) as connection:
        return window(connection, who or person(), asked or Filter(), now=room.now(), **how)


def uids(found):
    return [row["study_uid"] for row in found.rows]


@pytest.mark.parametrize("order", ["urgent", "newest"])
def test_pages_follow_each_other_without_a_gap_or_a_study_twice_in_both_directions(any_room, order):
    worklists.add_studies(any_room, 57)
    asked = Filter(state="all", order=order)
    whole = uids(listed(any_room, asked, limit=100))
    forwards, page = [], listed(any_room, asked, limit=10)
    assert page.before is None
    while True:
        forwards.append(uids(page))
        if page.after is None:
            break
        page = listed(any_room, asked, start=page.after, limit=10)
    assert [uid for page in forwards for uid in page] == whole
    assert len(set(whole)) == 57
    backwards = [uids(page)]
    while page.before is not None:
        page = listed(any_room, asked, start=page.before, backwards=True, limit=10)
        backwards.append(uids(page))
    assert backwards[::-1] == forwards


def test_the_most_urgent_is_first_and_of_equals_the_one_that_waits_longest(room):
    now = room.now()
    for number, (priority, waited) in enumerate([(2, 900), (0, 10), (0, 500), (3, 9000)]):
        worklists.add_study(room, number, state="draft", priority=priority, first_received_at=after(now, -waited))
    assert [(row["priority"], row["first_received_at"]) for row in listed(room).rows] == [
        (0, after(now, -500)), (0, after(now, -10)), (2, after(now, -900)), (3, after(now, -9000)),
    ]  # fmt: skip


def test_what_is_signed_is_not_on_the_list_until_it_is_asked_for(room):
    signed = worklists.add_study(room, 1, state="signed")
    failed = worklists.add_study(room, 2, state="failed")
    assert uids(listed(room)) == [failed]
    assert uids(listed(room, Filter(state="signed"))) == [signed]
    assert len(uids(listed(room, Filter(state="all")))) == 2


def test_a_search_finds_by_name_number_accession_and_description_in_any_case(any_room):
    wanted = worklists.add_study(
        any_room, 1, state="draft", patient_name="Hong^Gildong=洪^吉洞=홍^길동", patient_id="MRN-77",
        accession_number="ACC-5", study_description="CT Abdomen 50% dose",
    )  # fmt: skip
    worklists.add_study(any_room, 2, state="draft", patient_name="Adams^Ruth", study_description="Chest PA")
    for words in ("hong", "gildong HONG", "길동", "mrn-77", "acc-5", "abdomen", "50% dose", "Hong^Gildong"):
        assert uids(listed(any_room, Filter(words=words))) == [wanted], words
    assert uids(listed(any_room, Filter(words="5% dose_"))) == []  # signs of LIKE are letters here
    assert uids(listed(any_room, Filter(words="hong chest"))) == []


def test_who_sees_pseudonyms_cannot_find_a_patient_by_the_name(room):
    worklists.add_study(
        room, 1, state="draft", patient_name="Hong^Gildong", patient_key="p-00ff", study_description="CT"
    )
    blind = person(hides_names=True)
    for words in ("hong", "P000001", "A00000001"):
        assert uids(listed(room, Filter(words=words), blind)) == []
    assert len(uids(listed(room, Filter(words="p-00ff"), blind))) == 1


def test_what_the_readers_say_is_a_filter_and_refused_or_failed_is_none_of_it(room):
    said = {
        "found": worklists.add_study(room, 1, state="draft", said="Pneumonia", said_key=""),
        "undecided": worklists.add_study(room, 2, state="draft", said="Undecided", said_key="reading.undecided"),
        "nothing-found": worklists.add_study(
            room, 3, state="draft", said="Nothing found", said_key="reading.nothing-found"
        ),
    }
    worklists.add_study(room, 4, state="refused", said="Pneumonia", said_key="")
    worklists.add_study(room, 5, state="failed", said="Undecided", said_key="reading.undecided")
    worklists.add_study(room, 6, state="reading", said="", said_key="")
    for kind, uid in said.items():
        assert uids(listed(room, Filter(said=kind))) == [uid]
        assert query_of(filter_of({"said": kind})) == {"said": kind}


def test_a_study_with_something_undecided_is_listed_as_such_whatever_was_found_beside_it(room):
    uid = worklists.add_study(room, 1, state="draft", said="Nodule", said_key="", said_also="undecided warned")
    worklists.add_study(room, 2, state="draft", said="Nodule", said_key="", said_also="failed warned")
    worklists.add_study(room, 3, state="draft", said="Partly failed", said_key="reading.partly-failed")
    assert uids(listed(room, Filter(said="undecided"))) == [uid]
    assert uids(listed(room, Filter(said="nothing-found"))) == []


def test_filters_narrow_by_modality_priority_period_and_date(room):
    now = room.now()
    both = worklists.add_study(
        room, 1, state="draft", modalities="CT PT", priority=0, study_date="20260301", first_received_at=after(now, -60)
    )
    worklists.add_study(
        room, 2, state="draft", modalities="MR", priority=2, study_date="20260101", first_received_at=after(now, -9e5)
    )
    undated = worklists.add_study(room, 3, state="draft", modalities="OCT", priority=1, study_date="")
    for asked in (
        Filter(modality="PT"), Filter(modality="CT"), Filter(priority="critical"), Filter(date_from="20260201"),
    ):  # fmt: skip
        assert uids(listed(room, asked)) == [both], asked
    assert both in uids(listed(room, Filter(period="day")))
    assert undated not in uids(listed(room, Filter(date_to="20260401")))


def test_own_work_is_what_i_saved_and_nobody_signed(room):
    study = worklists.add_study(room, 1, state="draft")
    worklists.add_study(room, 2, state="draft")
    user = rooms.add_person(room, "radiologist")
    read = rooms.add_read(room, 1)
    with writing(room.database) as connection:
        connection.execute(reviews.insert().values(read_id=read, user_id=user))
    assert uids(listed(room, Filter(mine=True), person(user))) == [study]
    assert uids(listed(room, Filter(mine=True), person(user + 1))) == []
