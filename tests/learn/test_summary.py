"""What stands in a card is what was measured, in words that are true."""

import pytest

from secondread.learn.summary import asked_for, card_results, card_subgroups, counted

AREA = {"value": 0.91, "low": 0.88, "high": 0.934}


def test_a_split_tells_pictures_made_from_others_and_patients_apart():
    assert counted({"pictures": 90, "made": 30, "patients": 20}) == "90 pictures (30 made from the others), 20 patients"
    assert counted({"pictures": 90, "made": 0, "patients": 90}) == "90 pictures, each counted as a patient"


def test_what_was_asked_for_and_missed_is_told():
    row = {"question": "ill", "measure": "ece", "at_least": None, "at_most": 0.03, "reached": 0.0456, "accepted": False}
    assert asked_for(row) == ("Asked for: ill, ece at most 0.03", "missed with 0.0456")


@pytest.mark.parametrize(
    ("place", "reached", "silent", "row"),
    [
        ("test", None, (), ("", "missed: it could not be measured")),
        ("cross-validation", 0.9, (), (" in cross-validation", "reached with 0.9000")),
        ("breast-us-busi", 0.9, (), (" on breast-us-busi", "reached with 0.9000")),
        ("test", 0.9, ("ill",), ("", "missed: the question is not answered")),
    ],
)
def test_what_was_asked_for_tells_on_which_patients(place, reached, silent, row):
    asked = {"question": "ill", "measure": "auroc", "at_least": 0.8, "at_most": None, "on": place}
    where, verdict = row
    found = asked_for(asked | {"reached": reached, "accepted": reached is not None}, silent)
    assert found == (f"Asked for: ill, auroc at least 0.8{where}", verdict)


def test_an_evaluation_of_outlines_alone_has_rows_and_no_classes():
    split = {"pictures": 4, "made": 0, "patients": 2}
    result = {
        "classes": None,
        "questions": {},
        "acceptance": [],
        "splits": dict.fromkeys(("train", "val", "test"), split),
    }
    assert list(card_results(result)) == ["Data"]


def test_a_group_that_is_too_small_has_no_figure():
    rows = [
        {"group": "sex F", "n": 80, "suppressed": False, "auroc": AREA},
        {"group": "sex M", "n": 7, "suppressed": True, "auroc": None},
    ]
    part = {"n": 87, "positives": 40, "auroc_by_patient": AREA, "subgroups": rows}
    result = {"classes": None, "questions": {"ill": part}}
    assert [row["value"] for row in card_subgroups(result)] == [
        "0.910 (0.880 to 0.934)",
        "too few cases",
    ]
