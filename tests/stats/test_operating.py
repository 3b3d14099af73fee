import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from secondread.stats.operating import (
    accuracy_threshold,
    at_threshold,
    net_benefit,
    npv_at_prevalence,
    ppv_at_prevalence,
    threshold_for_sensitivity,
    threshold_for_specificity,
    youden_threshold,
)
from secondread.stats.proportion import wilson

Y = [0] * 5 + [1] * 5
P = [0.10, 0.30, 0.35, 0.40, 0.80, 0.20, 0.60, 0.70, 0.85, 0.90]
rates = st.floats(0, 1)


@st.composite
def graded(draw):
    n_pos, n_neg = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    y = draw(st.permutations([1] * n_pos + [0] * n_neg))
    score = st.one_of(st.integers(0, 8).map(lambda k: k / 8), st.floats(0, 1))
    return np.array(y), np.array(draw(st.lists(score, min_size=len(y), max_size=len(y))))


def every_choice(y, scores):
    """All that any threshold can give: at every score, and above them all."""
    for threshold in [*np.unique(scores), 2.0]:
        called = scores >= threshold
        yield threshold, called[y == 1].mean(), (~called)[y == 0].mean(), (called == y).mean()


def test_the_vector_of_sensitivity_at_a_specificity_is_met():
    threshold = threshold_for_specificity(Y, P, 0.80)
    assert threshold == 0.60
    assert at_threshold(Y, P, threshold).sensitivity.value == 0.80


@given(graded(), st.floats(-0.1, 1.1))
def test_the_counts_are_scikit_learns_and_the_rates_are_theirs(case, threshold):
    y, scores = case
    point = at_threshold(y, scores, threshold)
    (tn, fp), (fn, tp) = confusion_matrix(y, scores >= threshold, labels=[0, 1])
    assert (point.tn, point.fp, point.fn, point.tp) == (tn, fp, fn, tp)
    assert point.sensitivity == wilson(tp, tp + fn)
    assert point.specificity == wilson(tn, tn + fp)
    assert point.accuracy == wilson(tp + tn, len(y))
    assert point.ppv == (wilson(tp, tp + fp) if tp + fp else None)
    assert point.npv == (wilson(tn, tn + fn) if tn + fn else None)


def test_a_score_on_the_threshold_is_positive():
    assert at_threshold([0, 1], [0.2, 0.5], 0.5).tp == 1


def test_where_nothing_is_called_positive_there_is_no_predictive_value():
    point = at_threshold([0, 1], [0.2, 0.5], 0.9)
    assert point.ppv is None
    assert point.npv.value == 0.5


@given(graded())
def test_youdens_threshold_reaches_the_best_sum(case):
    y, scores = case
    point = at_threshold(y, scores, youden_threshold(y, scores))
    best = max(se + sp for _, se, sp, _ in every_choice(y, scores))
    assert point.sensitivity.value + point.specificity.value == pytest.approx(best, abs=1e-12)


@given(graded())
def test_the_accuracy_threshold_reaches_the_best_accuracy(case):
    y, scores = case
    point = at_threshold(y, scores, accuracy_threshold(y, scores))
    assert point.accuracy.value == max(right for *_, right in every_choice(y, scores))


def test_the_threshold_stands_in_the_middle_of_the_gap():
    assert youden_threshold([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.9]) == pytest.approx(0.4)
    assert accuracy_threshold([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.9]) == pytest.approx(0.4)


def test_of_equally_good_places_the_more_sensitive_one_wins():
    # Between .1 and .2: sensitivity 1, specificity .5. Between .3 and .4: sensitivity .5, specificity 1.
    y, scores = [0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4]
    assert youden_threshold(y, scores) == pytest.approx(0.15)
    assert accuracy_threshold(y, scores) == pytest.approx(0.15)


def test_where_scores_are_worse_than_useless_everybody_is_positive_for_youden():
    assert youden_threshold([1, 1, 0, 0], [0.1, 0.2, 0.6, 0.9]) == 0.1


def test_where_calling_nobody_is_most_accurate_the_threshold_lies_above_every_score():
    y, scores = [1, 0, 0, 0], [0.1, 0.2, 0.6, 0.9]
    assert accuracy_threshold(y, scores) == math.nextafter(0.9, 1)


def test_where_calling_nobody_is_only_as_accurate_the_cases_are_still_told_apart():
    assert accuracy_threshold([0, 1, 0], [0.1, 0.5, 0.9]) == pytest.approx(0.3)


def test_neighbouring_floats_are_still_told_apart():
    high = math.nextafter(0.5, 1)
    threshold = youden_threshold([0, 1], [0.5, high])
    assert 0.5 < threshold <= high


@given(graded())
def test_the_order_of_the_cases_does_not_matter(case):
    y, scores = case
    for rule in (youden_threshold, accuracy_threshold):
        assert rule(y[::-1], scores[::-1]) == rule(y, scores)


@given(graded(), rates)
def test_a_promised_sensitivity_is_kept_at_the_highest_score_that_keeps_it(case, at_least):
    y, scores = case
    threshold = threshold_for_sensitivity(y, scores, at_least)
    keep = [t for t, se, *_ in every_choice(y, scores) if se >= at_least and t in scores]
    assert threshold == max(keep)


@given(graded(), rates)
def test_a_promised_specificity_is_kept_at_the_lowest_score_that_keeps_it(case, at_least):
    y, scores = case
    threshold = threshold_for_specificity(y, scores, at_least)
    assert at_threshold(y, scores, threshold).specificity.value >= at_least
    keep = [t for t, _, sp, _ in every_choice(y, scores) if sp >= at_least and t in scores]
    assert threshold == (min(keep) if keep else math.nextafter(scores.max(), 2))


@pytest.mark.parametrize("rule", [threshold_for_sensitivity, threshold_for_specificity])
def test_a_promise_outside_zero_to_one_is_refused(rule):
    with pytest.raises(ValueError, match=r"at_least: found 1\.5"):
        rule(Y, P, 1.5)


@pytest.mark.parametrize("rule", [youden_threshold, accuracy_threshold])
@pytest.mark.parametrize(
    ("y", "scores", "found"),
    [
        ([1, 1], [0.1, 0.2], "2 positive and 0 negative"),
        ([0, 1], [0.1], "2 in y, 1 in scores"),
        ([0, 1], [0.1, math.nan], "NaN"),
        ([0, 3], [0.1, 0.2], "labels 0, 3"),
    ],
)
def test_cases_without_both_classes_or_scores_are_refused(rule, y, scores, found):
    with pytest.raises(ValueError, match=found):
        rule(y, scores)
    with pytest.raises(ValueError, match=found):
        at_threshold(y, scores, 0.5)


def test_a_threshold_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="threshold: found nan"):
        at_threshold(Y, P, math.nan)


def test_a_good_test_of_a_rare_disease_is_mostly_wrong_when_positive():
    assert ppv_at_prevalence(0.90, 0.90, 0.01) == pytest.approx(0.0833, abs=5e-5)
    assert npv_at_prevalence(0.90, 0.90, 0.01) == pytest.approx(0.99888, abs=5e-6)


@given(graded(), rates)
def test_at_the_prevalence_of_the_cases_predictive_values_are_the_counted_ones(case, threshold):
    y, scores = case
    point = at_threshold(y, scores, threshold)
    args = (point.sensitivity.value, point.specificity.value, y.mean())
    for computed, counted in ((ppv_at_prevalence(*args), point.ppv), (npv_at_prevalence(*args), point.npv)):
        if counted is not None:
            assert computed == pytest.approx(counted.value, abs=1e-9)


def test_a_test_that_never_says_yes_has_no_positive_predictive_value():
    assert ppv_at_prevalence(0.0, 1.0, 0.3) is None
    assert npv_at_prevalence(1.0, 0.0, 0.3) is None


@pytest.mark.parametrize(
    ("arguments", "name"), [((1.1, 0, 0), "sensitivity"), ((1, -1, 0), "specificity"), ((1, 1, 2), "prevalence")]
)
def test_rates_outside_zero_to_one_are_refused(arguments, name):
    for value in (ppv_at_prevalence, npv_at_prevalence):
        with pytest.raises(ValueError, match=name):
            value(*arguments)


def test_the_net_benefit_vectors_are_met():
    # 1000 cases: 80 true positive, 150 false positive.
    y = np.repeat([1, 1, 0, 0], [80, 20, 150, 750])
    called = np.repeat([0.5, 0.0, 0.5, 0.0], [80, 20, 150, 750])
    assert net_benefit(y, called, 0.10) == pytest.approx(0.063333, abs=5e-7)
    everybody = np.ones(1000)
    assert net_benefit(y, everybody, 0.10) == pytest.approx(0.0, abs=1e-12)
    assert net_benefit(y, everybody, 0.20) == pytest.approx(-0.125, abs=1e-12)


def test_a_net_benefit_counts_a_probability_on_the_threshold_as_positive():
    assert net_benefit([0, 1], [0.2, 0.5], 0.5) == 0.5


def test_a_net_benefit_needs_probabilities():
    with pytest.raises(ValueError, match="from -1 to 3"):
        net_benefit([0, 1], [-1.0, 3.0], 0.5)
    with pytest.raises(ValueError, match="threshold: found 1"):
        net_benefit([0, 1], [0.1, 0.9], 1.0)
