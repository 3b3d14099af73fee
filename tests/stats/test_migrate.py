import numpy as np
import pytest
import scipy.stats

from secondread.stats.migrate import migrated, steady_threshold, threshold_by
from secondread.stats.operating import threshold_for_sensitivity, youden_threshold


def drawn(n=200, seed=0):
    random = np.random.default_rng(seed)
    y = (random.random(n) < 0.4).astype(int)
    return y, 1 / (1 + np.exp(-(random.normal(size=n) + 2.0 * y - 1.0)))


def test_a_rule_gives_what_it_names():
    y, p = drawn()
    assert threshold_by("youden", y, p) == youden_threshold(y, p)
    assert threshold_by("sensitivity 0.9", y, p) == threshold_for_sensitivity(y, p, 0.9)


@pytest.mark.parametrize("rule", ["", "best", "sensitivity", "sensitivity high", "youden 3", "specificity 2"])
def test_a_rule_that_is_none_is_refused(rule):
    with pytest.raises(ValueError, match="rule: found"):
        threshold_by(rule, *drawn())


def test_the_median_threshold_jumps_less_than_that_of_the_cases_themselves():
    found = [
        (steady_threshold("youden", *drawn(50, s), n=100, seed=0), youden_threshold(*drawn(50, s))) for s in range(40)
    ]
    steady, plain = np.std(found, axis=0)
    assert steady < plain


def test_a_new_scale_gets_a_new_threshold_and_the_same_calls():
    y, old = drawn()
    threshold = steady_threshold("youden", y, old, seed=3)
    new = old**3  # the same order on another scale
    found = migrated(y, old, new, old_threshold=threshold, rule="youden", seed=3)
    assert found.new.threshold == pytest.approx(threshold**3, rel=0.2)
    assert found.changed <= 4
    assert found.inherited.sensitivity.value < found.new.sensitivity.value - 0.2  # what inheriting would cost


def test_changed_calls_are_tested_as_scipy_tests_them():
    y, old = drawn()
    new = drawn(seed=0)[1] * 0.5 + 0.5 * np.random.default_rng(9).random(200)
    found = migrated(y, old, new, old_threshold=0.5, rule="youden", seed=1)
    right = (old >= 0.5) == y, (new >= found.new.threshold) == y
    lost, won = int((right[0] & ~right[1]).sum()), int((~right[0] & right[1]).sum())
    assert found.p == pytest.approx(scipy.stats.binomtest(lost, lost + won).pvalue)
    assert found.changed == lost + won
