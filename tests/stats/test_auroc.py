import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from secondread.stats.auroc import (
    auroc,
    average_precision,
    compare_delong,
    delong,
    delong_se,
    hanley_mcneil_se,
    newcombe_auroc,
    roc_points,
)

Y = [0] * 5 + [1] * 5
P = [0.10, 0.30, 0.35, 0.40, 0.80, 0.20, 0.60, 0.70, 0.85, 0.90]
PAIR_Y = [0] * 6 + [1] * 6
PAIR_A = [0.05, 0.10, 0.20, 0.35, 0.50, 0.65, 0.30, 0.55, 0.60, 0.75, 0.85, 0.95]
PAIR_B = [0.30, 0.15, 0.45, 0.25, 0.60, 0.40, 0.35, 0.50, 0.20, 0.70, 0.55, 0.90]


@st.composite
def graded(draw, least=1):
    """Labels with both classes, and scores that often tie."""
    n_pos = draw(st.integers(least, 12))
    n_neg = draw(st.integers(least, 12))
    n = n_pos + n_neg
    y = draw(st.permutations([1] * n_pos + [0] * n_neg))
    scores = draw(st.lists(st.integers(-6, 6), min_size=n, max_size=n))
    return np.array(y), np.array(scores, dtype=float)


def pairs_won(y, scores):
    """Every pair compared one by one: [positive, negative], ties half."""
    gap = scores[y == 1][:, None] - scores[y == 0][None, :]
    return (np.sign(gap) + 1) / 2


def test_the_published_vector_is_met():
    assert auroc(Y, P) == pytest.approx(0.76, abs=1e-12)
    assert average_precision(Y, P) == pytest.approx(0.821111, abs=5e-7)
    assert delong_se(Y, P) == pytest.approx(0.176635, abs=5e-7)


def test_the_interval_of_the_vector_stays_below_one_where_the_plain_one_does_not():
    area = delong(Y, P)
    assert (area.low, area.high) == (pytest.approx(0.321838, abs=5e-7), pytest.approx(0.954813, abs=5e-7))
    assert area.value + NormalDist().inv_cdf(0.975) * delong_se(Y, P) == pytest.approx(1.106199, abs=5e-7)


@given(graded())
def test_the_area_counts_every_pair_and_agrees_with_scikit_learn(case):
    y, scores = case
    assert auroc(y, scores) == pytest.approx(pairs_won(y, scores).mean(), abs=1e-12)
    assert auroc(y, scores) == pytest.approx(roc_auc_score(y, scores), abs=1e-12)


@given(graded())
def test_only_the_order_of_the_scores_matters(case):
    y, scores = case
    stretched = np.exp(scores / 3)
    assert auroc(y, stretched) == auroc(y, scores)
    assert delong_se(y, stretched) == delong_se(y, scores)
    assert average_precision(y, stretched) == average_precision(y, scores)


@given(graded())
def test_turning_the_scores_round_turns_the_area_round(case):
    y, scores = case
    assert auroc(y, -scores) == pytest.approx(1 - auroc(y, scores), abs=1e-12)
    assert auroc(1 - y, -scores) == pytest.approx(auroc(y, scores), abs=1e-12)


def test_scores_that_say_nothing_have_an_area_of_one_half():
    assert auroc([0, 1, 1, 0, 1], [3.0] * 5) == 0.5


@pytest.mark.parametrize("y", [[0, 0, 0], [1, 1, 1]])
def test_without_both_classes_there_is_no_area(y):
    scores = [0.1, 0.2, 0.3]
    assert auroc(y, scores) is None
    assert average_precision(y, scores) is None
    assert delong(y, scores) is None
    assert delong_se(y, scores) is None
    with pytest.raises(ValueError, match="at least 1 of each"):
        roc_points(y, scores)


@given(graded())
def test_average_precision_agrees_with_scikit_learn(case):
    y, scores = case
    assert average_precision(y, scores) == pytest.approx(average_precision_score(y, scores), abs=1e-12)


@given(graded())
def test_the_curve_is_scikit_learns_and_encloses_the_area(case):
    y, scores = case
    curve = roc_points(y, scores)
    fpr, tpr, thresholds = roc_curve(y, scores, drop_intermediate=False)
    np.testing.assert_allclose(curve.false_positive_rate, fpr)
    np.testing.assert_allclose(curve.sensitivity, tpr)
    np.testing.assert_array_equal(curve.thresholds, thresholds)
    assert np.trapezoid(curve.sensitivity, curve.false_positive_rate) == pytest.approx(auroc(y, scores), abs=1e-12)


@given(graded(least=2))
def test_delongs_error_is_that_of_the_pairs_taken_one_by_one(case):
    y, scores = case
    won = pairs_won(y, scores)
    by_hand = won.mean(axis=1).var(ddof=1) / len(won) + won.mean(axis=0).var(ddof=1) / won.shape[1]
    assert delong_se(y, scores) == pytest.approx(math.sqrt(by_hand), abs=1e-9)


@given(graded(), st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_every_interval_holds_the_area_stays_in_bounds_and_has_a_width(case, level):
    area = delong(*case, level=level)
    assert 0 <= area.low <= area.value <= area.high <= 1
    assert area.low < area.high
    assert area.level == level


@given(graded())
def test_a_higher_level_gives_a_wider_interval(case):
    narrow, wide = delong(*case, level=0.8), delong(*case, level=0.99)
    assert wide.low <= narrow.low
    assert narrow.high <= wide.high


def test_perfect_separation_on_few_cases_is_not_called_certain():
    area = delong([0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6])
    assert area.value == area.high == 1
    assert 0.3 < area.low < 0.9
    assert area.method == "Newcombe"


def test_useless_scores_are_not_called_certain():
    area = delong([0, 0, 1, 1], [1, 1, 1, 1])
    assert area.low < 0.3
    assert area.high > 0.7


def test_newcombes_interval_is_that_of_the_single_case_effect_sizes():
    # SingleCaseES (R), nonoverlap of all pairs, A = 20 20 26 25 22 23, B = 28 25 24 27 30 30 29.
    y, scores = [0] * 6 + [1] * 7, [20, 20, 26, 25, 22, 23, 28, 25, 24, 27, 30, 30, 29]
    area = newcombe_auroc(auroc(y, scores), 6, 7)
    assert (area.low, area.high) == (pytest.approx(0.5973193600, abs=1e-9), pytest.approx(0.9859976894, abs=1e-9))
    area = newcombe_auroc(auroc(y, scores), 6, 7, level=0.90)
    assert (area.low, area.high) == (pytest.approx(0.6591091902, abs=1e-9), pytest.approx(0.9822247871, abs=1e-9))


@given(st.floats(0, 1), st.integers(1, 500), st.integers(1, 500))
def test_newcombes_interval_mirrors_and_stays_in_bounds(area, n_pos, n_neg):
    there, back = newcombe_auroc(area, n_pos, n_neg), newcombe_auroc(1 - area, n_pos, n_neg)
    assert 0 <= there.low <= there.value <= there.high <= 1
    assert there.low == pytest.approx(1 - back.high, abs=1e-6)
    assert there.high == pytest.approx(1 - back.low, abs=1e-6)


@pytest.mark.parametrize(("area", "n_pos", "n_neg", "error"), [(0.85, 50, 100, 0.036720), (0.90, 100, 100, 0.022629)])
def test_hanley_and_mcneils_vectors_are_met(area, n_pos, n_neg, error):
    assert hanley_mcneil_se(area, n_pos, n_neg) == pytest.approx(error, abs=5e-7)


def test_the_paired_vector_is_met():
    test = compare_delong(PAIR_Y, PAIR_A, PAIR_B)
    assert (test.auc_a, test.auc_b) == (pytest.approx(0.861111, abs=5e-7), pytest.approx(0.722222, abs=5e-7))
    assert test.variance_a == pytest.approx(0.01265432, abs=5e-9)
    assert test.variance_b == pytest.approx(0.02654321, abs=5e-9)
    assert test.covariance == pytest.approx(0.00864198, abs=5e-9)
    assert test.z == pytest.approx(0.938233, abs=5e-7)
    assert test.p == pytest.approx(0.348125, abs=5e-7)


@given(graded(least=2), st.data())
def test_comparing_the_other_way_round_only_changes_the_sign(case, data):
    y, a = case
    b = np.array(data.draw(st.lists(st.integers(-6, 6), min_size=len(y), max_size=len(y))), dtype=float)
    there, back = compare_delong(y, a, b), compare_delong(y, b, a)
    assert (there.auc_a, there.variance_a, there.covariance) == (back.auc_b, back.variance_b, back.covariance)
    assume(there.z is not None)
    assert there.z == -back.z
    assert there.p == back.p
    assert 0 <= there.p <= 1


@given(graded(least=2))
def test_scores_that_rank_alike_do_not_differ(case):
    y, scores = case
    test = compare_delong(y, scores, np.exp(scores))
    assert (test.z, test.p) == (0.0, 1.0)


def test_a_difference_without_an_error_is_not_given_a_p_value():
    test = compare_delong([0, 0, 1, 1], [1, 2, 3, 4], [1, 1, 1, 1])
    assert (test.auc_a, test.auc_b, test.z, test.p) == (1.0, 0.5, None, None)


def test_one_case_of_a_class_is_too_few_to_compare():
    with pytest.raises(ValueError, match="found 1 positive and 2 negative cases; needed at least 2"):
        compare_delong([0, 0, 1], [1, 2, 3], [1, 2, 3])
    with pytest.raises(ValueError, match="3 in a, 2 in b"):
        compare_delong([0, 0, 1], [1, 2, 3], [1, 2])


@pytest.mark.parametrize("measure", [auroc, average_precision, delong, delong_se, roc_points])
@pytest.mark.parametrize(
    ("y", "scores", "found"),
    [
        ([0, 1, 1], [0.1, 0.2], "3 in y, 2 in scores"),
        ([0, 1], [0.1, math.nan], "1 NaN or infinite among 2"),
        ([0, 1], [0.1, math.inf], "1 NaN or infinite among 2"),
        ([0, 2], [0.1, 0.2], "labels 0, 2"),
        ([0, 0.5], [0.1, 0.2], "labels 0, 0.5"),
        ([0, math.nan], [0.1, 0.2], "1 NaN"),
        (["a", "b"], [0.1, 0.2], "not numbers"),
        ([0, 1], [0.1, None], "1 NaN"),
        ([[0, 1]], [0.1, 0.2], "2 axes"),
        ([], [], "no cases"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_what_was_found(measure, y, scores, found):
    with pytest.raises(ValueError, match=found):
        measure(y, scores)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, math.nan])
def test_a_level_outside_zero_to_one_is_refused(level):
    with pytest.raises(ValueError, match="level"):
        delong(Y, P, level=level)


def test_an_area_outside_zero_to_one_is_refused():
    with pytest.raises(ValueError, match=r"auc: found 1\.2"):
        hanley_mcneil_se(1.2, 10, 10)
    with pytest.raises(ValueError, match="0 negative"):
        newcombe_auroc(0.9, 10, 0)
