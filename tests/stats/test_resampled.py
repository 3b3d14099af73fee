"""Figures in resamples, each against the function that computes it from rows that were copied."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from secondread.stats.calibration import ece
from secondread.stats.operating import at_threshold
from secondread.stats.resampled import (
    area_interval,
    of_answers,
    of_calls,
    of_values,
    percentiles,
    rate_interval,
    resampled,
    weighted_auroc,
)

RANDOM = np.random.default_rng(11)
PATIENTS = np.repeat(np.arange(40), 3)
Y = np.repeat(RANDOM.random(40) < 0.4, 3)
P = np.round(np.clip(0.35 * Y + 0.6 * RANDOM.random(120), 0.0, 1.0), 2)  # with ties


def test_each_figure_is_that_of_the_copied_rows():
    times = RANDOM.integers(0, 4, size=(5, 120)).astype(float)
    found = of_answers(Y, P, 0.5)(np.arange(120), times)
    for k, row in enumerate(times.astype(int)):
        y, p = np.repeat(Y, row), np.repeat(P, row)
        point = at_threshold(y, p, 0.5)
        assert found["auroc"][k] == pytest.approx(roc_auc_score(y, p), abs=1e-12)
        assert found["sensitivity"][k] == pytest.approx(point.sensitivity.value)
        assert found["specificity"][k] == pytest.approx(point.specificity.value)
        assert found["ppv"][k] == pytest.approx(point.ppv.value)
        assert found["ece"][k] == pytest.approx(ece(y, p), abs=1e-12)
        assert found["in the large"][k] == pytest.approx(p.mean() - y.mean(), abs=1e-12)


def test_what_is_undefined_is_not_a_number():
    figures = of_answers([True, False], [0.2, 0.4], 0.5)
    only_well = figures(np.array([1]), np.ones((1, 1)))
    assert np.isnan([only_well["auroc"][0], only_well["sensitivity"][0], only_well["ppv"][0]]).all()
    assert only_well["specificity"][0] == 1.0
    assert np.isnan(weighted_auroc(np.zeros(0, bool), np.zeros(0), np.ones((2, 0)))).all()


def test_the_first_figure_is_of_the_data_and_every_resample_has_as_many_patients_of_each_class():
    count = [lambda rows, times: {"ill": times @ Y[rows].astype(float), "all": times.sum(axis=1)}][0]
    (found,) = resampled(count, [np.ones(120, bool)], PATIENTS, Y, n=50, seed=1)
    assert (found["ill"] == Y.sum()).all()
    assert (found["all"] == 120).all()


def test_rows_of_a_patient_are_drawn_together():
    first, second = (PATIENTS == 7) & (np.arange(120) % 3 == 0), (PATIENTS == 7) & (np.arange(120) % 3 == 1)
    one, two = resampled(lambda _, times: {"times": times.sum(axis=1)}, [first, second], PATIENTS, Y, n=60, seed=2)
    assert (one["times"] == two["times"]).all()
    assert len(set(one["times"].tolist())) > 1


def test_the_interval_of_a_mean_is_that_of_theory():
    """With one row a patient and one class the bootstrap error of a mean is s / sqrt(n)."""
    values = np.random.default_rng(5).normal(size=400)
    (found,) = resampled(of_values(values), [np.ones(400, bool)], np.arange(400), np.zeros(400, bool), n=4000, seed=3)
    interval = percentiles(found["mean"], "seed 3")
    error = values.std() / np.sqrt(400)
    assert interval.value == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - 1.96 * error, abs=0.1 * error)
    assert interval.high == pytest.approx(values.mean() + 1.96 * error, abs=0.1 * error)


def test_calls_give_the_rates_of_the_threshold_that_made_them():
    whole = [np.ones(120, bool)]
    (calls,) = resampled(of_calls(Y, P >= 0.5), whole, PATIENTS, Y, n=20, seed=4)
    (answers,) = resampled(of_answers(Y, P, 0.5), whole, PATIENTS, Y, n=20, seed=4)
    assert calls["sensitivity"] == pytest.approx(answers["sensitivity"])
    assert calls["specificity"] == pytest.approx(answers["specificity"])


def test_ten_of_ten_right_is_not_certainty():
    all_right = np.ones(101)
    assert rate_interval(all_right, 10, "").low == pytest.approx(0.7225, abs=1e-4)  # Wilson, 10 of 10
    assert area_interval(all_right, 10, 10, "").low < 0.9


def test_a_figure_that_is_undefined_in_most_resamples_has_no_interval():
    drawn = np.full(101, np.nan)
    drawn[:30] = 0.5
    assert percentiles(drawn, "") is None


def test_a_row_without_a_patient_is_refused():
    with pytest.raises(ValueError, match="without a key"):
        resampled(of_values([1.0, 2.0]), [np.ones(2, bool)], ["a", ""], [0, 1], n=2, seed=1)
