import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from secondread.stats.conformal import (
    Quantile,
    by_class,
    conformal_quantile,
    coverage,
    expected_counts,
    least_cases,
    one_each,
    risk_threshold,
    sets,
    undecided_range,
    wrong_where_empty,
)

SCORES = [0.05, 0.10, 0.15, 0.20, 0.22, 0.30, 0.35, 0.40, 0.60]
probabilities = st.lists(st.floats(0, 1), min_size=9, max_size=30)


def test_the_published_vector_is_met():
    found = conformal_quantile(SCORES, 0.2)
    assert (found.k, found.value, found.known) == (8, 0.40, True)


def test_too_few_cases_leave_every_answer_in_the_set():
    few = conformal_quantile(SCORES[:8], 0.1)
    assert (few.k, few.n, few.value, few.known) == (9, 8, np.inf, False)
    assert sets([[0.999, 0.001]], (few, few)).all()


def test_nine_cases_are_the_fewest_for_nine_of_ten():
    assert least_cases(0.1) == 9
    assert conformal_quantile(SCORES, 0.1).known


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2])
def test_the_rank_is_that_of_numpys_higher_quantile(alpha):
    scores = np.random.default_rng(1).random(100)
    level = np.ceil(101 * (1 - alpha)) / 100
    assert conformal_quantile(scores, alpha).value == np.quantile(scores, min(level, 1.0), method="inverted_cdf")


def test_coverage_holds_within_each_class_over_many_calibrations():
    random = np.random.default_rng(3)
    missed = []
    for _ in range(400):
        y = random.integers(0, 2, 120)
        p = 1 / (1 + np.exp(-(2.0 * random.normal(size=120) + 1.5 * (y - 0.8))))  # far from calibrated
        quantiles = by_class(y[:60], np.column_stack((1 - p, p))[:60], 0.1)
        held = sets(np.column_stack((1 - p, p))[60:], quantiles)
        missed.append([1 - held[y[60:] == c, c].mean() for c in (0, 1)])
    for share in np.mean(missed, axis=0):
        assert 0.05 < share < 0.105  # at most alpha, up to the noise of 400 draws


@given(st.integers(0, 40), st.integers(9, 60))
def test_expected_counts_are_those_of_the_beta_binomial(n, calibration):
    quantile = conformal_quantile(np.linspace(0, 1, calibration), 0.1)
    witness = scipy.stats.betabinom(n, quantile.k, calibration + 1 - quantile.k).pmf(np.arange(n + 1))
    assert expected_counts(n, quantile) == pytest.approx(witness, abs=1e-10)


def test_a_count_that_the_method_promises_lies_inside_and_others_do_not():
    quantile = conformal_quantile(np.linspace(0, 1, 50), 0.1)
    verdicts = [coverage([True] * k + [False] * (100 - k), (quantile,)).verdict for k in (70, 90, 100)]
    assert verdicts == ["below", "inside", "above"]


def test_counts_over_both_answers_are_the_sum_of_two_draws():
    a, b = conformal_quantile(np.linspace(0, 1, 30), 0.1), conformal_quantile(np.linspace(0, 1, 200), 0.1)
    found = coverage([True] * 60, (a, b), of=[0] * 20 + [1] * 40)
    random = np.random.default_rng(5)
    drawn = sum(random.binomial(n, random.beta(q.k, q.n + 1 - q.k, 200_000)) for n, q in ((20, a), (40, b)))
    assert found.expected == pytest.approx(np.quantile(drawn, (0.025, 0.975)), abs=1)


OPEN, CLOSED = (2, 10), (1, 10)  # wrong calls between the two sets: more than one in ten, and just that


@given(probabilities, probabilities, st.floats(0.01, 0.99), st.floats(0, 1), st.booleans())
def test_what_is_decided_has_a_set_that_does_not_contradict_the_call(no, yes, threshold, p, empty_is_open):
    negative, positive = conformal_quantile(no, 0.1), conformal_quantile(1 - np.array(yes), 0.1)
    ends = undecided_range(negative, positive, threshold, OPEN if empty_is_open else CLOSED)
    if ends is None or not ends[0] <= p <= ends[1]:
        held = set(np.flatnonzero(sets([[1 - p, p]], (negative, positive))[0]).tolist())
        assert held <= {int(p >= threshold)}
        assert held or not empty_is_open, "with empty sets open, what is decided has exactly one answer"


def test_both_answers_are_open_between_the_two_quantiles():
    for empty_is_open in (True, False):
        found = undecided_range(
            Quantile(0.7, 9, 9, 0.1), Quantile(0.8, 9, 9, 0.1), 0.5, OPEN if empty_is_open else CLOSED
        )
        assert found == pytest.approx((0.2, 0.7))


def test_where_the_sets_are_empty_the_range_depends_on_how_often_the_calls_were_wrong_there():
    negative, positive = Quantile(0.1, 9, 9, 0.1), Quantile(0.2, 9, 9, 0.1)
    assert undecided_range(negative, positive, 0.5, CLOSED) is None
    assert undecided_range(negative, positive, 0.05, CLOSED) == (0.05, 0.1)
    assert undecided_range(negative, positive, 0.5, OPEN) == pytest.approx((0.1, 0.8))
    assert undecided_range(negative, positive, 0.9, OPEN) == pytest.approx((0.1, 0.9))


def test_wrong_calls_are_counted_where_no_answer_is_usual():
    negative, positive = Quantile(0.1, 9, 9, 0.1), Quantile(0.2, 9, 9, 0.1)
    y = [0, 0, 0, 1, 1, 1, 1]
    p = [0.1, 0.3, 0.6, 0.3, 0.7, 0.8, 0.9]
    assert wrong_where_empty(y, p, negative, positive, 0.5) == (2, 4)
    overlap = Quantile(0.9, 9, 9, 0.1)
    assert wrong_where_empty(y, p, overlap, overlap, 0.5) == (0, 0)


def test_a_range_needs_enough_cases():
    with pytest.raises(ValueError, match="needed 9 of each"):
        undecided_range(conformal_quantile([0.1], 0.1), conformal_quantile(SCORES, 0.1), 0.5, OPEN)


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=30), st.integers(0, 5))
def test_one_case_of_each_patient_is_drawn(patients, seed):
    chosen = [patients[n] for n in one_each(patients, seed)]
    assert sorted(chosen) == sorted(set(patients))


def test_every_case_of_a_patient_can_be_drawn():
    assert {int(one_each(["a", "a", "a"], seed)[0]) for seed in range(40)} == {0, 1, 2}


def test_the_controlled_risk_follows_the_published_rule():
    losses = np.array([[1.0, 0.5, 0.0]] * 3 + [[1.0, 0.0, 0.0]] * 16)
    # (n R + 1) / (n + 1) at the second column: (1.5 + 1) / 20 = 0.125; at the third 0.05
    assert risk_threshold(losses, 0.13) == 1
    assert risk_threshold(losses, 0.1) == 2
    assert risk_threshold(losses, 0.04) is None


def test_the_risk_of_new_cases_is_controlled_in_the_mean():
    random, found = np.random.default_rng(7), []
    for _ in range(600):
        scores = random.random((40, 5)) ** random.uniform(0.5, 2.0, (40, 1))
        levels = np.linspace(1, 0, 51)
        losses = np.stack([(scores < level).mean(1) for level in levels], axis=1)
        column = risk_threshold(losses[:20], 0.2)
        found.append(losses[20:, column].mean())
    assert 0.1 < np.mean(found) <= 0.205


def test_losses_that_rise_are_refused():
    with pytest.raises(ValueError, match="rises"):
        risk_threshold([[0.0, 1.0]], 0.1)
