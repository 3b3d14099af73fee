"""Differences between groups: the published vector, and tests against exact enumeration."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import hypergeom, ttest_ind

from secondread.stats.gaps import by_error, equal_opportunity, equalised_odds, newcombe_difference, shuffled
from secondread.stats.proportion import wilson
from secondread.stats.resampled import of_values, resampled


def test_equal_opportunity_is_the_difference_of_the_reference_vector():
    assert equal_opportunity([0.92, 0.85]) == pytest.approx(0.07)


def test_equalised_odds_is_the_larger_of_both_differences():
    assert equalised_odds([0.92, 0.85], [0.70, 0.80]) == pytest.approx(0.10)
    assert equalised_odds([0.92, 0.80], [0.70, 0.80]) == pytest.approx(0.12)


def test_one_group_alone_cannot_be_compared():
    with pytest.raises(ValueError, match="at least two"):
        equal_opportunity([0.9])
    with pytest.raises(ValueError, match="at least two"):
        shuffled([1, 0], ["a", "a"], [1, 2], seed=1)


def test_newcombe_gives_the_interval_of_his_own_table():
    """Newcombe 1998, table II, (a) 56/70 - 48/80, method 10: 0.0524 to 0.3339."""
    found = newcombe_difference(wilson(56, 70), wilson(48, 80))
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    certain = newcombe_difference(wilson(10, 10), wilson(0, 10))  # (f): 0.6075 to 1
    assert (certain.low, certain.high) == pytest.approx((0.6075, 1.0), abs=5e-5)


def test_the_shuffled_p_value_is_that_of_every_possible_deal():
    """With one row a patient the number of right answers in a group is hypergeometric."""
    right = np.array([1] * 14 + [0] * 11, bool)
    group = np.array(["a"] * 9 + ["b"] * 5 + ["a"] * 2 + ["b"] * 9)
    found = shuffled(right, group, np.arange(25), n=20000, seed=5)
    a, hits = int((group == "a").sum()), int(right.sum())
    k = np.arange(max(0, hits + a - 25), min(a, hits) + 1)
    apart = np.abs(k / a - (hits - k) / (25 - a))
    exact = hypergeom(25, hits, a).pmf(k)[apart >= found.largest - 1e-9].sum()
    assert found.largest == pytest.approx(9 / 11 - 5 / 14)
    assert found.p == pytest.approx(exact, abs=0.005)


def test_rows_of_a_patient_are_dealt_together():
    """Four patients with many equal rows: there are six deals, so p is about 2/6, whatever the number of rows."""
    owner = np.repeat(np.arange(4), 25)
    group = np.where(owner < 2, "a", "b")
    found = shuffled(owner < 2, group, owner, n=4000, seed=6)
    shares = [
        abs(sum(k < 2 for k in deal) / 2 - sum(k < 2 for k in {0, 1, 2, 3} - set(deal)) / 2)
        for deal in combinations(range(4), 2)
    ]
    assert found.p == pytest.approx(sum(share >= 1.0 for share in shares) / 6, abs=0.03)


def test_by_chance_three_equal_groups_lie_apart():
    random = np.random.default_rng(7)
    found = shuffled(random.random(90) < 0.8, np.repeat(["a", "b", "c"], 30), np.arange(90), n=2000, seed=8)
    assert found.by_chance > 0.15
    assert found.p > 0.05


def test_the_p_value_of_a_difference_of_means_is_that_of_the_z_test():
    random = np.random.default_rng(9)
    values = np.append(random.normal(0.0, 1.0, 200), random.normal(0.25, 1.0, 200))
    first = np.arange(400) < 200
    a, b = resampled(of_values(values), [first, ~first], np.arange(400), first, n=4000, seed=3)
    exact = ttest_ind(values[first], values[~first], equal_var=False).pvalue
    assert by_error(a["mean"] - b["mean"]) == pytest.approx(exact, rel=0.15)


def test_a_difference_that_does_not_vary_has_no_p_value():
    assert by_error(np.full(100, 0.3)) is None
    assert by_error(np.full(100, np.nan)) is None
