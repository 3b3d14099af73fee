"""One question: the truth, the score, the operating point."""

import numpy as np
import pytest

from secondread.learn.choices import RULES as KNOWN
from secondread.learn.judge import RULE_TEXT, RULES, choose_threshold, judge, score, subgroups, terciles, truth
from secondread.learn.recipe import Question

LABELS = ("normal", "bacterial", "viral")
ILL = Question("ill", ("bacterial", "viral"))


@pytest.fixture
def answers():
    random = np.random.default_rng(3)
    y = np.tile([0, 1], 60)
    return y, np.clip(0.35 + 0.3 * y + random.normal(0, 0.2, y.size), 0.0, 1.0)


def test_every_rule_of_a_recipe_is_known_and_told_in_words():
    assert set(RULES) == set(RULE_TEXT) == KNOWN


def test_classes_that_mean_yes_are_added_up():
    assert score(np.array([[0.5, 0.3, 0.2]]), LABELS, ILL).tolist() == [0.5]
    assert truth(np.array([0, 1, 2]), LABELS, ILL).tolist() == [0, 1, 1]


@pytest.mark.parametrize("rule", ["sensitivity", "specificity"])
def test_a_rule_reaches_what_it_promises_on_the_data_it_is_fixed_on(rule, answers):
    y, p = answers
    threshold = choose_threshold(Question("ill", ("viral",), rule, 0.9), y, p)
    called = p >= threshold
    reached = called[y == 1].mean() if rule == "sensitivity" else (~called[y == 0]).mean()
    assert reached >= 0.9
    assert judge(y, p, p, np.arange(y.size).astype(str), threshold)[rule]["value"] == pytest.approx(reached)


def test_a_threshold_is_a_probability_that_a_card_can_hold(answers):
    y, _ = answers
    for p in (np.zeros(y.size), np.ones(y.size), y.astype(float)):
        for rule in KNOWN:
            assert 0.0 < choose_threshold(Question("ill", ("viral",), rule, 1.0), y, p) < 1.0


def test_ten_pictures_of_each_patient_do_not_make_the_interval_narrower(answers):
    y, p = (values[:40] for values in answers)
    patients = np.arange(y.size).astype(str)
    once = judge(y, p, p, patients, 0.5)
    often = judge(*(np.repeat(values, 10) for values in (y, p, p, patients)), 0.5)
    width = {
        name: [part[name]["high"] - part[name]["low"] for part in (once, often)]
        for name in ("auroc", "auroc_by_patient")
    }
    assert width["auroc_by_patient"][1] == pytest.approx(width["auroc_by_patient"][0])
    assert width["auroc"][1] < 0.5 * width["auroc"][0]
    assert (often["n"], often["patients"]) == (400, 40)


def test_a_group_without_a_value_is_named_and_a_small_one_is_not_judged(answers):
    y, p = answers
    groups = np.array(["F"] * 100 + [""] * 20)
    rows = {row["group"]: row for row in subgroups("sex", groups, y, p, 0.5)}
    assert rows["sex F"]["auroc"]["value"] > 0.5
    assert not rows["sex not stated"]["suppressed"]
    few = subgroups("sex", groups[82:], y[82:], p[82:], 0.5)[0]
    assert (few["suppressed"], few["auroc"], few["sensitivity"], few["n"]) == (True, None, None, 18)


def test_thirds_by_grey_hold_as_many_pictures_each():
    images = np.arange(90, dtype=np.uint8).reshape(90, 1, 1)
    found = terciles(images)
    assert [int((found == name).sum()) for name in ("dark third", "middle third", "bright third")] == [30, 30, 30]
    assert (found[0], found[-1]) == ("dark third", "bright third")
