import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from references import reference
from secondread.audit.shifts.judged import examinations_refused, judged, rate
from secondread.audit.shifts.rows import rows_of
from secondread.audit.shifts.shift import Shift

OWNERS = np.array(["a", "a", "a", "b", "b", "b"])
IMAGES = np.zeros((6, 1, 4, 4), np.uint8)
SHIFT = Shift("inverted", "broken", IMAGES, OWNERS)


def test_a_patient_is_refused_where_the_slice_in_the_middle_is():
    each = np.array([[0.1], [1.2], [3.0], [0.1], [0.2], [9.0]])
    share, low, high = examinations_refused(reference(), each, OWNERS)
    assert share == 0.5
    assert low < 0.5 < high


def test_an_interval_counts_patients_and_not_pictures():
    of_six = rate(np.array([True] * 3 + [False] * 3), np.arange(6).astype(str))
    of_two = rate(np.array([True] * 3 + [False] * 3), OWNERS)
    assert of_six.value == of_two.value == 0.5
    assert of_two.high - of_two.low > of_six.high - of_six.low


def test_the_area_is_that_of_sklearn_and_a_gate_refuses_beside_the_distance():
    random = np.random.default_rng(0)
    known, strange = random.normal(0.4, 0.2, 40), random.normal(0.8, 0.3, 6)
    gate = np.array([True, False, False, False, False, False])
    own = Shift("hands", "far", IMAGES, np.arange(6).astype(str))
    told = judged(own, strange, known, np.arange(40).astype(str), gate)
    needed = roc_auc_score(np.repeat([0, 1], [40, 6]), np.concatenate([known, strange]))
    assert told["auroc"][0] == pytest.approx(needed, abs=1e-6)
    assert told["refused"][0] == pytest.approx((strange > 1).mean(), abs=1e-6)
    assert told["refused_with_gate"][0] == pytest.approx(((strange > 1) | gate).mean(), abs=1e-6)


def test_what_nothing_changed_is_neither_refused_nor_passed():
    strange = np.array([2.0, 0.1, 2.0, 0.1, 2.0, 0.1])
    gate = np.zeros(6, np.bool_)
    kept = np.array([True, False] * 3)
    blurred = Shift("out of focus", "broken", IMAGES, OWNERS, kept)
    found = judged(blurred, strange, np.array([0.1, 0.2]), np.array(["x", "y"]), gate)
    assert found["inputs"] == 3
    assert found["refused"][0] == found["refused_with_gate"][0] == found["auroc"][0] == 1.0


def told(name: str, kind: str, refused: float, **more) -> dict:
    return {
        "set": name,
        "kind": kind,
        "inputs": 50,
        "auroc": [0.99, 0.98, 1.0],
        "refused": [refused, refused, 1.0],
        **more,
    }


def test_a_card_tells_the_worst_set_and_what_is_refused_without_its_lesson():
    sets = [
        told("hand", "far", 1.0, never_shown={"auroc": [0.9, 0.8, 1.0], "refused": [0.5, 0.4, 0.6]}),
        told("photograph", "far", 0.9),
        told("blank", "broken", 1.0, examinations_refused=[1.0, 0.8, 1.0]),
        told("upside down", "usual", 0.06),
    ]
    rows = rows_of({"test": {"inputs": 10, "accepted": [0.95, 0.9, 1.0]}, "sets": sets})
    assert rows["far inputs refused"].startswith("95 % of 100; least of photograph: 90 %")
    assert rows["far inputs of a kind left out of the lessons, refused"].startswith("50 % of 50; least of hand")
    assert rows["upside down, as in training, refused"].startswith("6 %")
    assert "of blank: 100 %" in rows["broken examinations refused, by the slice in the middle"]
    assert rows["near inputs refused"] == "no such set"
