import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from secondread.stats.proportion import buderer_n, clopper_pearson, mcnemar_exact, wilson

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.sampled_from([0.5, 0.9, 0.95, 0.99])


@pytest.mark.parametrize(
    ("method", "successes", "n", "low", "high"),
    [
        (wilson, 45, 50, 0.786398, 0.956524),
        (wilson, 50, 50, 0.928652, 1.0),
        (wilson, 0, 20, 0.0, 0.161125),
        (clopper_pearson, 45, 50, 0.781865, 0.966725),
    ],
)
def test_the_published_vectors_are_met(method, successes, n, low, high):
    interval = method(successes, n)
    assert interval.value == successes / n
    assert (interval.low, interval.high) == (pytest.approx(low, abs=5e-7), pytest.approx(high, abs=5e-7))


@given(counts, levels)
def test_both_methods_agree_with_scipy(count, level):
    witness = binomtest(*count)
    for method, name in ((wilson, "wilson"), (clopper_pearson, "exact")):
        low, high = witness.proportion_ci(confidence_level=level, method=name)
        interval = method(*count, level=level)
        assert interval.low == pytest.approx(low, abs=1e-9)
        assert interval.high == pytest.approx(high, abs=1e-9)


@given(counts, levels)
def test_every_interval_holds_its_value_stays_in_bounds_and_has_a_width(count, level):
    for method in (wilson, clopper_pearson):
        interval = method(*count, level=level)
        assert 0 <= interval.low <= interval.value <= interval.high <= 1
        assert interval.low < interval.high


@given(st.integers(1, 5000), levels)
def test_none_and_all_reach_the_ends_exactly(n, level):
    for method in (wilson, clopper_pearson):
        assert method(0, n, level=level).low == 0.0
        assert method(n, n, level=level).high == 1.0


@given(counts)
def test_counting_failures_instead_mirrors_the_interval(count):
    successes, n = count
    for method in (wilson, clopper_pearson):
        there, back = method(successes, n), method(n - successes, n)
        assert there.low == pytest.approx(1 - back.high, abs=1e-12)


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_counts_that_do_not_fit_are_refused(successes, n):
    for method in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match=f"found {successes} successes of {n}"):
            method(successes, n)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_outside_zero_to_one_is_refused(level):
    for method in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match=f"level: found {level}"):
            method(1, 2, level=level)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_exact_test_of_paired_answers_is_the_binomial_one(b, c):
    expected = binomtest(b, b + c).pvalue if b + c else 1.0
    assert mcnemar_exact(b, c) == pytest.approx(expected, rel=1e-9)
    assert mcnemar_exact(b, c) == mcnemar_exact(c, b)


def test_thousands_of_disagreements_are_still_counted_exactly():
    assert mcnemar_exact(2500, 2500) == 1.0
    assert mcnemar_exact(2400, 2600) == pytest.approx(binomtest(2400, 5000).pvalue, rel=1e-9)


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="found the counts -1 and 3"):
        mcnemar_exact(-1, 3)


def test_the_sample_size_vector_is_met():
    assert buderer_n(0.90, 0.05) == 139
    assert buderer_n(0.90, 0.05, prevalence=0.20) == 692


@pytest.mark.parametrize(
    ("arguments", "found"), [((1.0, 0.05), "sensitivity"), ((0.9, 0.0), "half_width"), ((0.9, 0.05, 0.95, 0), "prev")]
)
def test_a_sample_size_without_sense_is_refused(arguments, found):
    with pytest.raises(ValueError, match=found):
        buderer_n(*arguments)
