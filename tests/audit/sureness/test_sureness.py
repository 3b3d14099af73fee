import numpy as np
import pytest

from secondread.audit.sureness.asked import Answers, Asked, bands
from secondread.audit.sureness.calibrating import calibration_of
from secondread.audit.sureness.conforming import conformal_of
from secondread.audit.sureness.deciding import deciding, expected_dice
from secondread.audit.sureness.lesions import lesions_of, missed
from secondread.audit.sureness.places import place_error, place_table, rank_correlation
from secondread.audit.sureness.sizes import margin, off
from secondread.stats.marks import Marks


def answers(n, seed, shift=0.0):
    random = np.random.default_rng(seed)
    patients = np.array([f"{seed}/{k // 2}" for k in range(n)])  # two pictures a patient
    z = np.repeat(random.normal(0, 2, n // 2), 2) + random.normal(0, 0.3, n)
    y = np.repeat(random.random(n // 2) < 1 / (1 + np.exp(-z[::2])), 2).astype(np.int64)
    p = 1 / (1 + np.exp(-z - shift))
    sex = np.where(np.arange(n) // 2 % 2, "F", "M")
    return Answers(y, p, p, patients, {"sex": sex})


def asked(shift=0.0, n=400):
    return Asked("ill", 0.5, answers(n, 1), answers(n, 2, shift))


def test_coverage_is_counted_by_patient_and_lies_where_it_should():
    found = conformal_of(asked())
    rows = {row["group"]: row for row in found["coverage"]}
    assert set(rows) == {"negative", "positive", "all", "sex F", "sex M"}
    assert rows["all"]["n"] == 200  # of 400 pictures
    assert {row["verdict"] for row in rows.values()} == {"inside"}
    assert sum(part["patients"] for part in found["validation"]) == 200


def test_people_unlike_those_of_validation_fall_out():
    found = conformal_of(asked(shift=3.0))
    rows = {row["group"]: row["verdict"] for row in found["coverage"]}
    assert (rows["negative"], rows["positive"]) == ("below", "above")


def test_too_few_patients_leave_no_range_and_say_so():
    found = conformal_of(asked(n=20))
    assert found["range"] is None
    assert not found["available"]


def test_what_the_range_leaves_is_right_more_often():
    question = asked()
    low, high = conformal_of(question)["range"]
    found = deciding(question, (low, high))
    inside = ((question.test.p >= low) & (question.test.p <= high)).mean()
    assert found["decided"]["undecided"] == pytest.approx(inside, abs=1e-5)
    assert found["decided"]["accuracy"][0] > 1 - found["risk"][0]


def test_true_probabilities_are_left_and_false_ones_are_seen():
    true, false = calibration_of(asked()), calibration_of(asked(shift=2.0))
    assert not true["choice"]["clear"]
    assert true["ece"][2] == 0.0 or true["ece"][2] < 0.05
    assert false["ece"][2] > 0.1
    assert {row["group"] for row in false["subgroups"]} == {"sex F", "sex M"}
    assert all(row["excess"][1] > 0.1 for row in false["subgroups"])


def test_ages_stand_in_bands():
    assert bands(np.array([0, 17.9, 18, 75, np.nan])).tolist() == [
        "0 to 17 years", "0 to 17 years", "18 to 39 years", "75 years or more", "not stated",
    ]  # fmt: skip


def test_places_whose_probability_is_the_share_of_the_readers_have_no_error():
    outline = np.array([[64, 128], [191, 255]], np.uint8)
    assert place_error(place_table(outline, outline / 255)[None]) == pytest.approx(0.0)
    assert place_error(place_table(outline, np.ones((2, 2)))[None]) == pytest.approx(1 - outline.mean() / 255)


def test_far_places_do_not_count():
    assert place_table(np.zeros((5, 5), np.uint8), np.zeros((5, 5)))[:, 0].sum() == 0


def test_a_rank_correlation_of_nothing_is_none():
    assert rank_correlation(np.ones(3), np.arange(3.0)) is None
    assert rank_correlation(np.array([1.0, 2, 9]), np.arange(3.0)) == pytest.approx(1.0)


def test_the_margin_is_how_far_the_drawn_region_must_grow():
    found, true = np.zeros((1, 20, 20), bool), np.zeros((1, 20, 20), bool)
    found[0, 5:10, 5:10] = true[0, 5:10, 5:13] = True
    assert margin(found, found) == 0.0
    assert margin(found, true) == 3.0
    assert margin(np.zeros_like(found), true) == np.inf
    assert off(found, true) == pytest.approx(np.log(40 / 25))


def test_the_dice_that_a_network_expects_of_itself():
    assert expected_dice(np.full((2, 2), 255, np.uint8), np.ones((2, 2), bool)) == 1.0
    half = np.array([[255, 0], [0, 0]], np.uint8)
    assert expected_dice(half, np.ones((2, 2), bool)) == pytest.approx(2 / 5)


def test_a_lesion_is_missed_above_the_score_of_its_best_mark():
    part = Marks([0.8, 0.4], [[True, False], [False, True]], "a")
    losses = missed([part])[0]
    assert losses[0] == 1.0
    assert losses[-1] == 0.0
    assert sorted(set(losses)) == [0.0, 0.5, 1.0]
    found = lesions_of([part] * 30, [part] * 30)
    assert (found["wanted"], found["threshold"], found["missed"][0]) == (0.1, 0.4, 0.0)
