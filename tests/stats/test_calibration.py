import math

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression

from secondread.stats.calibration import (
    TEMPERATURES,
    brier,
    brier_multiclass,
    ece,
    ece_by_chance,
    fit_temperature,
    fit_temperature_and_biases,
    log_loss,
    reliability,
    softmax,
    top_label_ece,
)

Y = [0] * 5 + [1] * 5
P = [0.10, 0.30, 0.35, 0.40, 0.80, 0.20, 0.60, 0.70, 0.85, 0.90]

tenths = st.integers(0, 10).map(lambda k: k / 10)
binary = st.lists(st.tuples(st.integers(0, 1), st.one_of(tenths, st.floats(0, 1))), min_size=1, max_size=40).map(
    lambda rows: (np.array([y for y, _ in rows]), np.array([p for _, p in rows]))
)


@st.composite
def three_classes(draw):
    n = draw(st.integers(1, 20))
    logits = draw(st.lists(st.tuples(*[st.floats(-8, 8)] * 3), min_size=n, max_size=n))
    labels = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    return np.array(logits), np.array(labels)


def two_class_logits(p):
    p = np.asarray(p)
    return np.column_stack((np.zeros_like(p), np.log(p / (1 - p))))


def test_the_published_vectors_are_met():
    assert brier(Y, P) == pytest.approx(0.1945, abs=1e-12)
    assert log_loss(Y, P) == pytest.approx(0.575790, abs=5e-7)
    assert ece(Y, P, bins=5) == pytest.approx(0.29, abs=1e-12)
    assert ece(Y, P, bins=10) == pytest.approx(0.37, abs=1e-12)


def test_the_temperature_vector_is_met():
    logits = two_class_logits(P)
    temperature = fit_temperature(logits, Y)
    assert temperature == pytest.approx(1.221663, abs=5e-7)
    assert log_loss(Y, softmax(logits / temperature)) == pytest.approx(0.571395, abs=5e-7)


@given(three_classes())
def test_softmax_gives_probabilities_that_keep_the_order(case):
    logits, _ = case
    p = softmax(logits)
    np.testing.assert_allclose(p.sum(axis=1), 1.0)
    np.testing.assert_allclose(p[:, 0] * np.exp(logits[:, 1]), p[:, 1] * np.exp(logits[:, 0]), rtol=1e-9)


def test_softmax_of_huge_logits_does_not_overflow():
    assert softmax([1e300, 0.0, -1e300]).tolist() == [1.0, 0.0, 0.0]


@given(three_classes())
def test_log_loss_and_brier_agree_with_scikit_learn(case):
    logits, labels = case
    p = softmax(logits)
    assert log_loss(labels, p) == pytest.approx(sklearn.metrics.log_loss(labels, p, labels=[0, 1, 2]))
    witness = sklearn.metrics.brier_score_loss(labels, p, labels=[0, 1, 2], scale_by_half=False)
    assert brier_multiclass(labels, p) == pytest.approx(witness)


@given(three_classes())
def test_one_hot_rows_say_the_same_as_class_numbers(case):
    logits, labels = case
    p = softmax(logits)
    assert log_loss(np.eye(3)[labels], p) == log_loss(labels, p)


@given(binary)
def test_two_classes_agree_with_scikit_learn_whether_written_once_or_twice(case):
    y, p = case
    both = np.column_stack((1 - p, p))
    assert brier(y, p) == pytest.approx(sklearn.metrics.brier_score_loss(y, p, labels=[0, 1], pos_label=1), abs=1e-12)
    assert log_loss(y, p) == pytest.approx(sklearn.metrics.log_loss(y, both, labels=[0, 1]), rel=1e-9, abs=1e-12)
    assert log_loss(y, both) == log_loss(y, p)
    assert brier_multiclass(y, both) == pytest.approx(2 * brier(y, p))


def test_one_certain_error_is_dear_but_finite():
    assert 30 < log_loss([1], [0.0]) < 40


@st.composite
def binned(draw):
    """Both classes, and a number of bins; off the edges of bins that scikit-learn rounds another way than we do."""
    bins = draw(st.integers(1, 12))
    inside = st.builds(lambda k, u: (k + u) / bins, st.integers(0, bins - 1), st.floats(1e-6, 1 - 1e-6))
    probability = st.one_of(tenths, st.floats(0, 1)) if bins in {1, 2, 4, 8} else inside
    rows = draw(st.lists(st.tuples(st.integers(0, 1), probability), max_size=38))
    rows += [(0, draw(probability)), (1, draw(probability))]
    return np.array([y for y, _ in rows]), np.array([p for _, p in rows]), bins


@given(binned())
def test_the_bins_are_scikit_learns_and_lose_nobody(case):
    y, p, bins = case
    rows = reliability(y, p, bins)
    observed, predicted = calibration_curve(y, p, n_bins=bins)
    np.testing.assert_allclose([r.observed.value for r in rows], observed)
    np.testing.assert_allclose([r.mean_probability for r in rows], predicted)
    assert sum(r.n for r in rows) == len(y)
    assert all(r.low - 1e-12 <= r.mean_probability <= r.high + 1e-12 for r in rows)


@given(binary, st.integers(1, 12))
def test_the_calibration_error_is_the_mean_gap_of_the_reliability_rows(case, bins):
    y, p = case
    by_rows = sum(r.n * abs(r.mean_probability - r.observed.value) for r in reliability(y, p, bins)) / len(y)
    assert ece(y, p, bins) == pytest.approx(by_rows, abs=1e-12)
    assert 0 <= ece(y, p, bins) <= 1
    assert ece(y, p, bins) >= abs(np.mean(y) - np.mean(p)) - 1e-12


@pytest.mark.parametrize(("p", "low"), [(0.0, 0.0), (0.1, 0.0), (0.3, 0.2), (0.7, 0.6), (1.0, 0.9)])
def test_a_probability_on_an_edge_belongs_to_the_lower_bin(p, low):
    (row,) = reliability([1], [p])
    assert row.low == pytest.approx(low)


def test_probabilities_that_come_true_have_no_calibration_error():
    y = [1, 0, 0, 0, 1, 1, 1, 0]
    assert ece(y, [0.25] * 4 + [0.75] * 4) == 0.0


def test_the_top_label_error_asks_only_whether_the_winner_was_right():
    p = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.1, 0.8, 0.1]]
    assert top_label_ece([0, 1, 2, 2], p) == pytest.approx(0.05)
    assert top_label_ece([0, 1, 2, 0], p) == pytest.approx(0.05)
    one_right_one_wrong = [[0.95, 0.05], [0.55, 0.45]]
    assert top_label_ece([0, 1], one_right_one_wrong, bins=10) == pytest.approx((0.05 + 0.55) / 2)
    assert top_label_ece([0, 1], one_right_one_wrong, bins=2) == pytest.approx(0.25)


@given(binary)
def test_for_two_classes_the_top_label_error_is_the_error_of_the_confidence(case):
    y, p = case
    both = np.column_stack((1 - p, p))
    right = (p > 0.5) == y
    assert top_label_ece(y, both) == pytest.approx(ece(right, np.maximum(p, 1 - p)), abs=1e-12)


def test_chance_alone_makes_a_calibration_error_that_shrinks_with_the_number_of_cases():
    # One bin, p = 0.5: the error is |mean label - 0.5|, whose mean is sqrt(2 / pi) times its standard deviation.
    few, many = (ece_by_chance(np.full(n, 0.5), n=4000) for n in (100, 10_000))
    assert few.value == pytest.approx(np.sqrt(2 / np.pi) * 0.5 / 10, rel=0.05)
    assert many.value == pytest.approx(few.value / 10, rel=0.1)
    assert few.high == pytest.approx(2.24 * 0.5 / 10, rel=0.1)
    assert few.low < few.value < few.high


def test_certain_probabilities_have_no_error_by_chance_and_the_draws_follow_the_seed():
    certain = ece_by_chance([0.0, 1.0])
    assert (certain.value, certain.low, certain.high) == (0.0, 0.0, 0.0)
    assert ece_by_chance(P, seed=1) == ece_by_chance(P, seed=1) != ece_by_chance(P, seed=2)


def test_an_error_by_chance_needs_draws():
    with pytest.raises(ValueError, match="needed at least one draw"):
        ece_by_chance([0.5], n=0)


@given(three_classes())
def test_no_other_temperature_is_more_likely(case):
    logits, labels = case
    best = fit_temperature(logits, labels)
    assert TEMPERATURES[0] <= best <= TEMPERATURES[1]
    # Not through log_loss, whose floor hides how wrong a certain error is.
    rows = np.arange(len(labels))

    def surprise(temperature):
        scaled = logits / temperature
        return (np.logaddexp.reduce(scaled, axis=1) - scaled[rows, labels]).mean()

    for other in (TEMPERATURES[0], best * 0.9, best * 1.1, 1.0, TEMPERATURES[1]):
        if TEMPERATURES[0] <= other <= TEMPERATURES[1]:
            assert surprise(best) <= surprise(other) + 1e-9


@given(st.floats(0.2, 5.0))
def test_stretched_logits_get_the_stretch_back(stretch):
    logits = two_class_logits(P)
    assert fit_temperature(logits * stretch, Y) == pytest.approx(1.221663 * stretch, rel=1e-5)


def test_a_temperature_without_a_finite_best_is_an_end_of_the_range():
    logits = np.array([[2.0, 0.0], [0.0, 2.0]])
    assert fit_temperature(logits, [0, 1]) == TEMPERATURES[0]
    assert fit_temperature(logits, [1, 0]) == TEMPERATURES[1]


def test_logits_that_say_nothing_are_left_alone():
    assert fit_temperature(np.ones((4, 3)), [0, 1, 2, 0]) == 1.0


def test_temperature_and_biases_of_two_classes_are_a_logistic_regression():
    rng = np.random.default_rng(3)
    z = rng.normal(0.0, 2.0, 300)
    y = (rng.random(300) < 1.0 / (1.0 + np.exp(-(0.6 * z - 0.9)))).astype(int)
    temperature, biases = fit_temperature_and_biases(np.column_stack((np.zeros(300), z)), y)
    witness = LogisticRegression(C=np.inf, tol=1e-10).fit(z[:, None], y)
    assert 1.0 / temperature == pytest.approx(witness.coef_[0, 0], rel=1e-4)
    assert biases[1] - biases[0] == pytest.approx(witness.intercept_[0], rel=1e-4)
    assert sum(biases) == pytest.approx(0.0, abs=1e-12)


@given(three_classes())
def test_biases_make_the_labels_no_less_likely(case):
    logits, labels = case
    if len(set(labels.tolist())) < 3:
        with pytest.raises(ValueError, match="does not occur"):
            fit_temperature_and_biases(logits, labels)
        return
    temperature, biases = fit_temperature_and_biases(logits, labels)
    alone = log_loss(labels, softmax(logits / fit_temperature(logits, labels)))
    assert log_loss(labels, softmax(logits / temperature + np.array(biases))) <= alone + 1e-6


def test_biases_take_back_the_weight_of_a_class():
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 3, 3000)
    honest = 1.5 * np.eye(3)[labels] + rng.normal(0.0, 1.0, (3000, 3))
    _, fair = fit_temperature_and_biases(honest, labels)
    _, biases = fit_temperature_and_biases(honest + np.array([0.0, 0.0, 0.7]), labels)
    temperature = fit_temperature_and_biases(honest, labels)[0]
    shift = (np.array(biases) - np.array(fair)) * temperature
    np.testing.assert_allclose(shift - shift[0], [0.0, 0.0, -0.7], atol=1e-3)


@pytest.mark.parametrize(
    "logits", [[[2.0, 0.0], [0.0, 2.0]], [[0.0, 1.0], [0.0, 2.0]]], ids=["by temperature", "only with biases"]
)
def test_where_no_case_is_wrong_the_biases_stay_zero(logits):
    assert fit_temperature_and_biases(logits, [0, 1]) == (fit_temperature(logits, [0, 1]), (0.0, 0.0))


@pytest.mark.parametrize("measure", [brier, ece, reliability, log_loss])
@pytest.mark.parametrize(
    ("y", "p", "found"),
    [
        ([0, 1], [0.5], "2 in y, 1 in p"),
        ([0, 1], [0.5, 1.5], r"from 0\.5 to 1\.5"),
        ([0, 1], [0.5, math.nan], "1 NaN"),
        ([0, 2], [0.5, 0.5], "y: found"),
        ([], [], "no cases"),
    ],
)
def test_what_is_no_probability_of_a_case_is_refused(measure, y, p, found):
    with pytest.raises(ValueError, match=found):
        measure(y, p)


@pytest.mark.parametrize("measure", [log_loss, brier_multiclass, top_label_ece])
@pytest.mark.parametrize(
    ("labels", "p", "found"),
    [
        ([0, 1], [[0.5, 0.5]], "2 in .*, 1 in probabilities"),
        ([0], [[0.5, 0.4]], "miss the sum of 1 by up to 0.1"),
        ([2], [[0.5, 0.5]], "class numbers from 2 to 2; needed 0 to 1"),
        ([-1], [[0.5, 0.5]], "class numbers from -1"),
        ([0.5], [[0.5, 0.5]], "not whole numbers"),
    ],
)
def test_what_does_not_fit_the_classes_is_refused(measure, labels, p, found):
    with pytest.raises(ValueError, match=found):
        measure(labels, p)


@pytest.mark.parametrize("rows", [[[1, 1]], [[0, 0]], [[0.5, 0.5]], [[1, 0, 0]]])
def test_rows_that_are_not_one_hot_are_refused(rows):
    with pytest.raises(ValueError, match="not one-hot over 2 classes"):
        log_loss(rows, [[0.5, 0.5]])


def test_no_bin_is_too_few():
    with pytest.raises(ValueError, match="bins: found 0"):
        ece(Y, P, bins=0)


def test_a_temperature_needs_logits_that_fit_the_labels():
    with pytest.raises(ValueError, match="2 in labels, 1 in logits"):
        fit_temperature([[0.0, 1.0]], [0, 1])
    with pytest.raises(ValueError, match="logits: found 1 axes"):
        fit_temperature([0.0, 1.0], [0, 1])
    with pytest.raises(ValueError, match="logits: found 1 NaN"):
        fit_temperature([[0.0, math.nan]], [0])
