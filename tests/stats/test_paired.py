from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, ttest_rel, wilcoxon

from secondread.stats.auroc import auroc, compare_delong
from secondread.stats.bootstrap import bootstrap_difference
from secondread.stats.froc import froc_statistic
from secondread.stats.marks import Marks
from secondread.stats.paired import compare, holm, is_different, mcnemar, wilcoxon_by_patient


def mean(values):
    return float(values.mean())


@pytest.fixture
def scores():
    """Two related scores of 120 cases, the first somewhat better."""
    random = np.random.default_rng(2)
    y = random.integers(0, 2, 120)
    shared = random.normal(size=120)
    return y, y + shared + 0.6 * random.normal(size=120), 0.6 * y + shared + 0.6 * random.normal(size=120)


def test_the_difference_is_that_of_the_bootstrap_and_its_p_says_what_the_interval_says(scores):
    y, a, b = scores
    for level in (0.5, 0.8, 0.9, 0.95, 0.99):
        found = compare(auroc, np.arange(120), (y, a), (y, b), n=400, seed=3, level=level)
        assert found.difference == bootstrap_difference(auroc, np.arange(120), y, a, b, n=400, seed=3, level=level)
        apart = found.difference.low > 0 or found.difference.high < 0
        assert apart == (found.p < 1 - level)


def test_the_p_value_is_near_that_of_delong_and_of_the_paired_t_test(scores):
    y, a, b = scores
    ours = compare(auroc, np.arange(120), (y, a), (y, b), n=1000, seed=3).p
    assert ours == pytest.approx(compare_delong(y, a, b).p, abs=0.05)
    first, second = np.random.default_rng(1).normal((0.05, 0), 0.2, (100, 2)).T
    ours = compare(mean, np.arange(100), (first,), (second,), n=2000, seed=3).p
    assert ours == pytest.approx(ttest_rel(first, second).pvalue, abs=0.02)


def test_equals_are_called_different_about_as_often_as_promised():
    random = np.random.default_rng(0)
    values = random.normal(size=(200, 2, 50))
    called = [compare(mean, np.arange(50), (a,), (b,), n=100, seed=1).p < 0.1 for a, b in values]
    assert 0.05 < np.mean(called) < 0.16


def test_an_answer_does_not_differ_from_itself(scores):
    y, a, _ = scores
    found = compare(auroc, np.arange(120), (y, a), (y, 2 * a), n=50, seed=1)
    assert (found.difference.value, found.p) == (0, 1)


def test_no_p_value_is_zero_and_turning_the_question_round_keeps_it():
    a, b = np.full(20, 0.9), np.full(20, 0.5)
    there, back = (
        compare(mean, range(20), (a,), (b,), n=199, seed=1),
        compare(mean, range(20), (b,), (a,), n=199, seed=1),
    )
    assert there.p == back.p == 0.01
    assert there.difference.value == -back.difference.value == pytest.approx(0.4)


def test_more_pictures_of_the_same_patients_make_no_difference_significant():
    a, b = np.random.default_rng(4).normal((0.05, 0), 0.2, (30, 2)).T
    once = compare(mean, np.arange(30), (a,), (b,), n=500, seed=1)
    often = compare(mean, np.tile(np.arange(30), 5), (np.tile(a, 5),), (np.tile(b, 5),), n=500, seed=1)
    assert often.p == once.p


def test_two_detectors_are_compared_on_the_same_pictures():
    found, lost = Marks([0.9], [[True]], "p"), Marks([0.9], [[False]], "p")
    good, bad = [found] * 20, [found, lost] * 10
    ours, theirs = (froc_statistic(marks, (0.0,)) for marks in (good, bad))
    test = is_different(lambda of: ours(of) - theirs(of), np.arange(20), np.arange(20), n=99, seed=1)
    assert test.difference.value == 1.0
    assert test.p == 0.02


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_only_the_cases_on_which_two_classifiers_disagree_decide(pairs):
    a, b = np.array(pairs).T
    found = mcnemar(a, b)
    assert found.both + found.only_a + found.only_b + found.neither == len(pairs)
    disagree = int((a != b).sum())
    assert found.p == pytest.approx(binomtest(int((a & ~b).sum()), disagree).pvalue if disagree else 1.0)
    assert mcnemar(b, a).p == found.p


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_the_signed_ranks_are_those_of_scipy(seed, n):
    a, b = np.random.default_rng(seed).random((2, n))
    found = wilcoxon_by_patient(a, b, np.arange(n))
    assert found.p == pytest.approx(wilcoxon(a, b).pvalue)
    assert found.a_better + found.b_better == found.patients == n
    assert wilcoxon_by_patient(b, a, np.arange(n)).median_difference == -found.median_difference


def test_differences_of_the_same_size_share_a_rank_in_spite_of_rounding():
    a, b = np.array([0.3, 0.2, 0.9, 0.4]), np.array([0.2, 0.1, 1.0, 0.5])
    assert len(set(np.abs(a - b))) > 1
    found = wilcoxon_by_patient(a, b, range(4))
    assert (found.a_better, found.b_better, found.p) == (2, 2, 1.0)


def test_the_pictures_of_a_patient_count_once():
    a, b = np.random.default_rng(0).random((2, 12))
    once = wilcoxon_by_patient(a, b, np.arange(12))
    often = wilcoxon_by_patient(np.repeat(a, 5), np.repeat(b, 5), np.repeat(np.arange(12), 5))
    assert (often.p, often.patients) == (once.p, 12)


def test_where_nobody_differs_there_is_no_difference():
    found = wilcoxon_by_patient([0.5, 0.6, 0.7], [0.5, 0.6, 0.7], list("abc"))
    assert (found.equal, found.median_difference, found.p) == (3, 0, 1)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_raises_each_value_to_the_worst_bonferroni_of_the_groups_it_is_in(p_values):
    numbers = range(len(p_values))
    groups = [group for size in range(1, len(p_values) + 1) for group in combinations(numbers, size)]
    worst = [
        max(min(1.0, len(group) * min(p_values[k] for k in group)) for group in groups if number in group)
        for number in numbers
    ]
    assert holm(p_values) == pytest.approx(worst)


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (lambda: compare(mean, [1, 2], ([1.0, 2.0],), ([1.0],), seed=1), "1 in array 2"),
        (lambda: mcnemar([1, 0], [1]), "2 in right_a, 1 in right_b"),
        (lambda: mcnemar([2, 0], [1, 0]), "right_a: found the labels 0, 2"),
        (lambda: wilcoxon_by_patient([1], [1, 2], ["a"]), "1 in a, 2 in b"),
        (lambda: wilcoxon_by_patient([np.nan], [1], ["a"]), "a: found 1 NaN"),
        (lambda: holm([]), "p_values: found no cases"),
        (lambda: holm([1.2]), "p_values: found values from 1.2"),
    ],
)
def test_what_cannot_be_compared_is_refused(call, found):
    with pytest.raises(ValueError, match=found):
        call()
