import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from secondread.stats.bootstrap import resample
from secondread.stats.calibration import brier, ece
from secondread.stats.equal_mass import adaptive_ece, brier_parts, equal_mass_reliability, less_bias

cases = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=60).map(
    lambda rows: (np.array([y for y, _ in rows]), np.array([p for _, p in rows]))
)


def drawn(n, seed=0, power=1.0):
    random = np.random.default_rng(seed)
    p = random.random(n)
    return (random.random(n) < p**power).astype(int), p


def test_bins_hold_equally_many_cases_and_are_those_of_scikit_learn():
    y, p = drawn(200)
    rows = equal_mass_reliability(y, p, 10)
    observed, mean = calibration_curve(y, p, n_bins=10, strategy="quantile")
    assert [row.n for row in rows] == [20] * 10
    assert [row.mean_probability for row in rows] == pytest.approx(mean)
    assert [row.observed.value for row in rows] == pytest.approx(observed)


def test_the_adaptive_error_is_the_mean_gap_of_those_bins():
    y, p = drawn(200, power=2.0)
    observed, mean = calibration_curve(y, p, n_bins=10, strategy="quantile")
    assert adaptive_ece(y, p) == pytest.approx(np.abs(observed - mean).mean())


def test_equal_probabilities_share_a_bin():
    assert adaptive_ece([0, 1, 0, 1], [0.5] * 4) == 0.0
    assert len(equal_mass_reliability([0, 1, 0, 1], [0.5] * 4)) == 1


@given(cases)
def test_the_parts_add_up_to_the_brier_score(case):
    y, p = case
    parts = brier_parts(y, p)
    whole = parts.reliability - parts.resolution + parts.uncertainty + parts.within
    assert parts.brier == pytest.approx(brier(y, p))
    assert whole == pytest.approx(parts.brier, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 10)), min_size=1, max_size=60))
def test_one_probability_a_bin_leaves_nothing_within(rows):
    y, p = np.array([a for a, _ in rows]), np.array([b / 10 - 0.05 for _, b in rows])
    parts = brier_parts(y, p)
    assert parts.within == pytest.approx(0.0, abs=1e-12)
    # Murphy's partition by direct computation
    groups = [(y[p == v].mean(), v, (p == v).mean()) for v in np.unique(p)]
    assert parts.reliability == pytest.approx(sum(w * (v - o) ** 2 for o, v, w in groups), abs=1e-12)
    assert parts.resolution == pytest.approx(sum(w * (o - y.mean()) ** 2 for o, v, w in groups), abs=1e-12)


def test_true_probabilities_have_no_reliability_term_to_speak_of():
    y, p = drawn(20_000, seed=2)
    assert brier_parts(y, p).reliability < 0.001
    assert brier_parts(y, p).uncertainty == pytest.approx(0.25, abs=0.001)


def test_the_part_of_chance_is_taken_off():
    y, p = drawn(150, seed=4)  # true probabilities: what is left is chance
    found = resample(ece, np.arange(150), y, p, n=400, seed=1)
    left = less_bias(found)
    assert found.interval().low > 0.0
    assert left.low == 0.0
    assert left.value < found.value


def test_a_real_error_stays():
    y, p = drawn(2000, seed=4, power=3.0)
    left = less_bias(resample(ece, np.arange(2000), y, p, n=400, seed=1))
    assert left.low > 0.1
    assert left.value == pytest.approx(0.25, abs=0.03)  # the mean of p - p**3
