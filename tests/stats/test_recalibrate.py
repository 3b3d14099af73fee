import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from secondread.stats.recalibrate import (
    METHODS,
    Logistic,
    choose,
    drawn_in,
    folds_of,
    isotonic,
    out_of_fold,
    platt,
    pool_adjacent,
    temperature,
    to_logits,
)


def drawn(n, seed=0, slope=1.0, shift=0.0):
    random = np.random.default_rng(seed)
    z = random.normal(0, 2, n)
    return z, (random.random(n) < scipy.special.expit(slope * z + shift)).astype(int)


def test_the_temperature_vector_is_met():
    y = [0] * 5 + [1] * 5
    p = [0.10, 0.30, 0.35, 0.40, 0.80, 0.20, 0.60, 0.70, 0.85, 0.90]
    assert 1 / temperature(to_logits(p), y).slope == pytest.approx(1.221663, abs=1e-6)


def test_platt_is_the_logistic_regression_of_drawn_in_labels():
    z, y = drawn(300, slope=0.5, shift=1.0)
    n_pos, n_neg = y.sum(), (1 - y).sum()
    high, low = (n_pos + 1) / (n_pos + 2), 1 / (n_neg + 2)
    # a label of 0.9 is a positive case of weight 0.9 and a negative one of weight 0.1
    aims = np.where(y == 1, high, low)
    model = LogisticRegression(C=1e12, tol=1e-12, max_iter=10_000)
    both = np.concatenate([z, z])[:, None]
    model.fit(both, np.repeat([1, 0], len(z)), sample_weight=np.concatenate([aims, 1 - aims]))
    found = platt(z, y)
    assert found.slope == pytest.approx(model.coef_[0, 0], rel=1e-4)
    assert found.shift == pytest.approx(model.intercept_[0], abs=1e-4)


def test_platt_gives_what_scikit_learn_calibrates_to():
    z, y = drawn(400, seed=3, slope=0.4, shift=-0.7)
    witness = _SigmoidCalibration().fit(z, y).predict(z)
    assert platt(z, y)(z) == pytest.approx(witness, abs=1e-5)


@given(st.lists(st.tuples(st.integers(-50, 50).map(lambda k: k / 10), st.integers(0, 1)), min_size=1, max_size=50))
def test_the_steps_are_those_of_scikit_learn(rows):
    z, y = np.array([a for a, _ in rows]), np.array([b for _, b in rows])
    witness = IsotonicRegression(out_of_bounds="clip").fit(z, y)
    edge = 1 / (len(z) + 2)
    assert isotonic(z, y)(z) == pytest.approx(np.clip(witness.predict(z), edge, 1 - edge), abs=1e-6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_pooling_rises_and_keeps_the_mean(values):
    found = pool_adjacent(np.array(values), np.ones(len(values)))
    assert (np.diff(found) >= -1e-12).all()
    assert found.mean() == pytest.approx(np.mean(values))


def test_many_cases_overcome_the_prior_and_few_do_not():
    z, y = drawn(20_000, slope=0.5, shift=1.0)
    many = drawn_in(z, y, slope_sd=0.3, shift_sd=1.5)
    few = drawn_in(z[:25], y[:25], slope_sd=0.3, shift_sd=1.5)
    assert (many.slope, many.shift) == pytest.approx((0.5, 1.0), abs=0.06)
    free = platt(z[:25], y[:25])
    assert abs(np.log(few.slope)) < abs(np.log(free.slope))


def test_a_shift_alone_brings_the_mean_to_the_frequency():
    z, y = drawn(3000, shift=1.2)
    found = drawn_in(z, y, slope_sd=0.0, shift_sd=100.0)
    assert found.slope == 1.0
    assert found(z).mean() == pytest.approx(y.mean(), abs=1e-4)


def test_the_method_is_chosen_that_the_cases_need():
    patients = np.arange(2000)
    true = choose(*drawn(2000, seed=8), patients, seed=1)
    assert not true.clear
    wrong = choose(*drawn(2000, seed=9, slope=0.3), patients, seed=1)
    assert wrong.best != "as shipped"
    assert wrong.clear
    assert wrong.log_loss[wrong.best] < wrong.log_loss["as shipped"]
    shifted = choose(*drawn(2000, seed=9, shift=2.0), patients, seed=1)
    assert shifted.best in {"Platt", "isotonic"}  # a temperature cannot shift


def test_no_patient_is_in_two_folds_and_ill_ones_are_spread():
    patients = np.repeat([f"p{n}" for n in range(40)], 3)
    y = (np.repeat(np.arange(40), 3) < 10).astype(int)
    fold = folds_of(patients, y, 5, 0)
    assert all(len(set(fold[patients == name])) == 1 for name in set(patients))
    assert np.bincount(fold[y == 1]).tolist() == [6] * 5


def test_a_case_is_never_judged_by_a_curve_that_saw_it():
    seen = []

    def spy(z, y):
        seen.append(set(z.tolist()))
        return Logistic()

    z, y = drawn(40)
    out_of_fold(z, y, np.arange(40), spy, 4, 0)
    assert all(len(part) == 30 for part in seen)
    assert set.intersection(*seen) == set()


def test_methods_are_named_as_the_card_names_them():
    assert list(METHODS) == ["as shipped", "temperature", "Platt", "isotonic"]
