"""How far answers move."""

import numpy as np
import pytest

from secondread.audit.probes.moved import (
    Moved,
    dice_rows,
    difference,
    judged,
    judged_outline,
    moved,
    pulled,
    redrawn,
)
from secondread.learn.examples import UNKNOWN
from secondread.stats.interval import Interval

PATIENTS = np.array([f"p{n // 2}" for n in range(80)])
TRUTH = np.tile([0, 1], 40)
BEFORE = np.random.default_rng(1).uniform(0.05, 0.95, 80) * 0.5 + TRUTH * 0.4


def test_nothing_moves_where_nothing_changes():
    found = moved(BEFORE, BEFORE, PATIENTS, TRUTH, 0.5, seed=1)
    assert (found.absolute.value, found.shift.value, found.flips.value) == (0, 0, 0)
    assert found.order is not None
    assert (found.order.low, found.order.high) == (0, 0)
    assert judged(found, costs=False) == ()


def test_figures_are_those_of_a_direct_count():
    after = np.clip(BEFORE + np.random.default_rng(2).normal(0.05, 0.2, 80), 0, 1)
    found = moved(BEFORE, after, PATIENTS, TRUTH, 0.5, seed=1)
    assert found.absolute.value == pytest.approx(np.abs(after - BEFORE).mean())
    assert found.flips.value == sum((a >= 0.5) != (b >= 0.5) for a, b in zip(BEFORE, after, strict=True)) / 80


def test_the_change_of_the_area_is_that_of_sklearn():
    metrics = pytest.importorskip("sklearn.metrics")
    after = np.random.default_rng(3).uniform(0, 1, 80)
    witness = metrics.roc_auc_score(TRUTH, after) - metrics.roc_auc_score(TRUTH, BEFORE)
    assert difference(TRUTH, BEFORE, after) == pytest.approx(witness)


def test_cases_without_a_label_count_for_the_movement_but_not_for_the_order():
    y = TRUTH.copy()
    y[:20] = UNKNOWN
    after = BEFORE.copy()
    after[:20] = 1 - BEFORE[:20]
    found = moved(BEFORE, after, PATIENTS, y, 0.5, seed=1)
    assert found.flips.value > 0
    assert found.order is not None
    assert found.order.value == 0


def test_too_few_cases_of_a_class_give_no_area():
    y = np.where(np.arange(80) < 10, 1, 0)
    assert moved(BEFORE, BEFORE, PATIENTS, y, 0.5, seed=1).order is None


def test_a_pull_counts_towards_the_class_of_the_donor_in_spreads_of_the_log_odds():
    special = pytest.importorskip("scipy.special")
    donor = 1 - TRUTH
    same = np.full(80, 0.5)
    other = np.where(donor == 1, 0.7, 0.3)
    found = pulled(BEFORE, other, same, donor, PATIENTS, seed=1)
    assert found is not None
    assert found.value == pytest.approx(special.logit(0.7) / special.logit(BEFORE).std())
    assert pulled(BEFORE, other, same, np.full(80, UNKNOWN), PATIENTS, seed=1) is None


def squeezed(p, slope):
    """The same answers of a network that is less sure: its log odds times ``slope``."""
    return 1 / (1 + (1 / p - 1) ** slope)


def test_a_network_whose_probabilities_all_lie_near_the_middle_does_not_escape():
    after = squeezed(np.clip(BEFORE + 0.12, 0.01, 0.99), 1.0)
    sure = moved(BEFORE, after, PATIENTS, TRUTH, 0.5, seed=1)
    unsure = moved(squeezed(BEFORE, 0.02), squeezed(after, 0.02), PATIENTS, TRUTH, 0.5, seed=1)
    assert unsure.absolute.high < 0.01
    assert unsure.shift.value == pytest.approx(sure.shift.value)
    assert "one way" in judged(unsure, costs=True)
    assert judged(unsure, costs=True) == judged(sure, costs=True)


def test_answers_that_are_all_one_number_are_judged_too():
    flat = np.full(80, 0.5)
    assert moved(flat, flat, PATIENTS, TRUTH, 0.5, seed=1).shift.value == 0
    assert judged(moved(flat, flat + 0.1, PATIENTS, TRUTH, 0.4, seed=1), costs=True) == ("one way",)


def of(value, low, high):
    return Interval(value, low, high, "by hand")


QUIET = of(0.01, 0.0, 0.02)


@pytest.mark.parametrize(
    ("found", "ways", "costly"),
    [
        (Moved(QUIET, QUIET, of(0.2, 0.1, 0.3)), ("decisions",), ()),
        (Moved(QUIET, QUIET, of(0.2, 0.04, 0.4)), (), ()),
        (Moved(QUIET, QUIET, QUIET, order=of(-0.1, -0.2, -0.05)), ("order",), ()),
        (Moved(QUIET, of(-0.3, -0.4, -0.19), QUIET), (), ()),
        (Moved(QUIET, of(-0.3, -0.4, -0.21), QUIET), ("one way",), ("one way",)),
        (Moved(QUIET, QUIET, QUIET, pull=of(0.2, 0.11, 0.3)), ("pull",), ("pull",)),
    ],
)
def test_the_rule_asks_the_near_end_of_the_interval(found, ways, costly):
    assert judged(found, costs=False) == ways
    assert judged(found, costs=True) == costly


def test_an_outline_that_shrinks_is_told():
    masks = np.zeros((40, 16, 16), np.bool_)
    masks[:, 4:12, 4:12] = True
    smaller = np.zeros_like(masks)
    smaller[:, 5:11, 5:11] = True
    found = redrawn(masks, smaller, masks, PATIENTS[:40], seed=1)
    assert found is not None
    assert found.dice is not None
    assert found.dice.value == pytest.approx(2 * 36 / (64 + 36) - 1)
    assert found.size.value == pytest.approx(36 / 64 - 1)
    assert judged_outline(found, costs=False) == ("Dice", "size")
    assert redrawn(np.zeros_like(masks), masks, masks, PATIENTS[:40], seed=1) is None


def test_two_empty_outlines_agree():
    nothing = np.zeros((1, 9), np.bool_)
    assert dice_rows(nothing, nothing).tolist() == [1.0]
