import pytest
from sqlalchemy import select

import rooms
from reading_desk import chest
from secondread.core.errors import UsageError
from secondread.serve.config.room import RoomSettings, Route
from secondread.serve.database.connect import reading
from secondread.serve.database.tables import studies
from secondread.serve.reading.routing import StudyFacts, check_readers, facts_of, route_for
from secondread.serve.storage.arrive import arrival_of, incoming_file
from secondread.serve.storage.take_in import take_in

CHEST = StudyFacts(
    frozenset({"CT"}), frozenset({"CHEST"}), frozenset({"Thorax low dose", "lung 1.0 B70f"}), frozenset({"CT_ED_2"})
)


def decide(*routes, facts=CHEST):
    return route_for(RoomSettings(routes=routes), facts)


def test_without_routes_every_reader_is_asked_and_nothing_is_sent():
    decision = decide()
    assert (decision.readers, decision.destinations, decision.ignore) == ((), (), False)
    assert decision.why == ("there are no routes",)


def test_the_first_route_that_matches_counts():
    routes = (
        Route("mammography", modality=("MG",), readers=("mammogram",)),
        Route("lungs", modality=("CT",), readers=("chest-ct-lungs",), send_to=("pacs",), priority="urgent"),
        Route("all", send_to=("nowhere",)),
    )
    decision = decide(*routes)
    assert (decision.route, decision.readers, decision.destinations, decision.priority) == (
        "lungs", ("chest-ct-lungs",), ("pacs",), "urgent",
    )  # fmt: skip
    assert decision.why == (
        "route 'mammography' does not match: modality is CT; needed one of MG",
        "route 'lungs' matches",
    )


def test_a_study_that_no_route_names_is_asked_of_every_reader():
    decision = decide(Route("mammography", modality=("MG",), ignore=True))
    assert (decision.route, decision.readers, decision.ignore) == ("", (), False)
    assert decision.why[-1] == "no route matches: every reader, no destination"


@pytest.mark.parametrize(
    ("route", "matches"),
    [
        (Route("r"), True),
        (Route("r", modality=("ct",)), True),
        (Route("r", modality=("MR", "CT")), True),
        (Route("r", modality=("MR",)), False),
        (Route("r", body_part=("CHEST", "ABDOMEN")), True),
        (Route("r", body_part=("HEAD",)), False),
        (Route("r", description=("*low dose*",)), True),
        (Route("r", description=("THORAX*",)), True),
        (Route("r", description=("lung ?.0*",)), True),
        (Route("r", description=("low dose",)), False),
        (Route("r", source=("CT_ED_*",)), True),
        (Route("r", source=("CT_ED",)), False),
        (Route("r", modality=("CT",), source=("MR_1",)), False),
    ],
)
def test_every_key_of_a_route_must_fit_and_one_of_its_list_is_enough(route, matches):
    assert (decide(route).route == "r") is matches


def test_a_study_that_states_nothing_fits_only_routes_that_ask_nothing():
    asking = Route("asks", body_part=("CHEST",))
    assert decide(asking, Route("asks nothing"), facts=StudyFacts()).why == (
        "route 'asks' does not match: body part is not stated; needed one of CHEST",
        "route 'asks nothing' matches",
    )


def test_descriptions_are_not_repeated_because_people_write_names_in_them():
    facts = StudyFacts(descriptions=frozenset({"DOE JANE"}))
    assert "DOE" not in " ".join(decide(Route("r", description=("x",)), facts=facts).why)


def test_the_facts_of_a_study_are_those_of_its_images_not_of_results_of_ours(room, tmp_path):
    rooms.send_in(room, chest(tmp_path / "1.dcm", StudyDescription="Film", SeriesDescription="ap"), source="XRAY")
    part = incoming_file(room)
    chest(part, image="sr", SeriesInstanceUID="1.2.3", Modality="SR", SeriesDescription="AI", BodyPartExamined="X")
    take_in(room, arrival_of(part, "secondread", own=True))
    (row,) = rooms.tables(room, select(studies.c.id))
    with reading(room.database) as connection:
        facts = facts_of(connection, row["id"])
    assert facts == StudyFacts(
        frozenset({"DX"}), frozenset({"CHEST"}), frozenset({"Film", "ap"}), frozenset({"XRAY"})
    )  # fmt: skip


def test_a_route_that_names_a_reader_that_is_not_there_is_an_error():
    settings = RoomSettings(routes=(Route("r", readers=("lungs",)),))
    with pytest.raises(UsageError, match=r"\[\[route\]\] r: readers names 'lungs'; needed one of chest-ct-lungs"):
        check_readers(settings, ("chest-ct-lungs",))
