"""Single comparisons agree with other programs and with what must hold."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import binomtest, wilcoxon
from sklearn.metrics import roc_auc_score

from secondread.core.card import Threshold
from secondread.learn.comparing import rows
from secondread.learn.comparing.sides import Side
from secondread.learn.examples import Examples
from secondread.learn.recipe import Question
from tiny_bundle import make_card

N = 80
ILL = Question("ill", ("ill",))


@pytest.fixture(autouse=True)
def _fewer_draws(monkeypatch):
    monkeypatch.setattr(rows, "RESAMPLES", 200)


def a_side(p: np.ndarray, y: np.ndarray, patients: np.ndarray, threshold: float = 0.5, **more) -> Side:
    """Answers without a network."""
    grid = np.zeros((len(y), 1, 8, 8), np.uint8)
    test = Examples(grid, y, patients, {}, np.arange(len(y)).astype(str), masks=more.get("masks"), boxes=())
    card = make_card(labels=("well", "ill"), thresholds=(Threshold("ill", threshold, "a test"),))
    structures = ("lesion", "other") if "masks" in more else ()
    model = SimpleNamespace(labels=("well", "ill"), activation=more.get("activation", "softmax"), structures=structures)
    recipe = SimpleNamespace(model=model, questions=(ILL,), marks=())
    return Side(card, recipe, test, np.stack([1 - p, p], 1), more.get("outlines"))


@pytest.fixture
def answers():
    random = np.random.default_rng(4)
    y = (np.arange(N) % 2).astype(np.int64)
    good = np.clip(y * 0.5 + random.normal(0.25, 0.15, N), 0.01, 0.99)
    bad = random.uniform(0.01, 0.99, N)
    return y, good, bad, np.arange(N).astype(str)


def test_areas_are_those_of_scikit_learn_and_the_better_one_is_favoured(answers):
    y, good, bad, patients = answers
    by_case, by_patient, *_ = rows.of_question(ILL, ILL, a_side(bad, y, patients), a_side(good, y, patients))
    assert by_case.a == pytest.approx(roc_auc_score(y, bad))
    assert by_case.b == pytest.approx(roc_auc_score(y, good))
    assert by_case.favours == by_patient.favours == "b"
    assert max(by_case.p, by_patient.p) < 0.05
    assert by_case.difference.high < 0


def test_right_answers_are_compared_by_the_exact_binomial_test(answers):
    y, good, bad, patients = answers
    a, b = a_side(good, y, patients, 0.4), a_side(bad, y, patients, 0.7)
    accuracy, sensitivity, specificity = rows.of_question(ILL, ILL, a, b)[2:]
    first, second = (good >= 0.4) == (y == 1), (bad >= 0.7) == (y == 1)
    for row, mine in ((accuracy, y >= 0), (sensitivity, y == 1), (specificity, y == 0)):
        only_a, only_b = (int((one & ~other)[mine].sum()) for one, other in ((first, second), (second, first)))
        assert row.p == pytest.approx(binomtest(only_a, only_a + only_b).pvalue)
        assert (row.a, row.b) == (pytest.approx(first[mine].mean()), pytest.approx(second[mine].mean()))
        assert row.test == "McNemar, exact"


def test_several_cases_of_a_patient_are_not_counted_as_many_patients(answers):
    y, good, bad, _ = answers
    owners = (np.arange(N) // 4).astype(str)
    found = rows.of_question(ILL, ILL, a_side(good, y, owners), a_side(bad, y, owners))
    assert {row.test for row in found[2:]} == {rows.BY_PATIENT}


def test_a_bundle_does_not_differ_from_itself(answers):
    y, good, _, patients = answers
    one = a_side(good, y, patients)
    for row in rows.of_question(ILL, ILL, one, one):
        assert row.p == 1.0
        assert row.favours == ""


def test_what_cannot_be_compared_says_why(answers):
    y, good, bad, patients = answers
    a = a_side(good, y, patients)
    turned = a_side(bad, np.where(np.arange(N) < 3, 1 - y, y), patients)
    assert rows.of_question(ILL, ILL, a, turned) == "the recipes disagree about the truth of 3 cases"
    hardly = (np.arange(N) == 0).astype(np.int64)
    few = a_side(good, hardly, patients)
    assert rows.of_question(ILL, ILL, few, few) == "too few cases (1)"
    rare = a_side(good, (np.arange(N) < 14).astype(np.int64), patients, activation="sigmoid")
    assert rows.of_question(ILL, ILL, rare, rare) == "too few cases (14)"


def drawn(*cuts: int) -> np.ndarray:
    """uint8 [n, 2, 8, 8]: the first structure in all rows above the cut."""
    found = np.zeros((len(cuts), 2, 8, 8), np.uint8)
    for n, cut in enumerate(cuts):
        found[n, 0, :cut] = 255
    return found


def test_dice_is_compared_by_patient_as_scipy_does():
    y, patients = np.zeros(8, np.int64), np.array(list("aabbcdef"))
    masks = np.zeros((8, 8, 8), np.uint8)
    masks[:, :4] = 1
    ours, theirs = drawn(4, 4, 4, 3, 4, 4, 4, 3), drawn(2, 3, 2, 1, 3, 2, 1, 1)
    a, b = (a_side(np.full(8, 0.5), y, patients, masks=masks, outlines=part) for part in (ours, theirs))
    mean, median = rows.of_structure("lesion", a, b)
    dice = [
        np.array([2 * min(c, 4) / (c + 4) for c in cuts])
        for cuts in ([4, 4, 4, 3, 4, 4, 4, 3], [2, 3, 2, 1, 3, 2, 1, 1])
    ]
    assert (mean.a, mean.b) == (pytest.approx(dice[0].mean()), pytest.approx(dice[1].mean()))
    apart = dice[0] - dice[1]
    means = [apart[patients == name].mean() for name in "abcdef"]
    assert median.p == pytest.approx(wilcoxon(np.round(means, 12)).pvalue)
    assert mean.favours == median.favours == "a"


def test_an_outline_of_few_patients_is_not_compared():
    masks = np.ones((4, 8, 8), np.uint8)
    one = a_side(
        np.full(4, 0.5), np.zeros(4, np.int64), np.array(list("abcd")), masks=masks, outlines=drawn(4, 4, 4, 4)
    )
    assert rows.of_structure("lesion", one, one) == "too few patients (4)"
