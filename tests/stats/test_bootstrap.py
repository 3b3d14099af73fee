import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap as scipy_bootstrap

from secondread.stats.auroc import auroc
from secondread.stats.bootstrap import bootstrap, bootstrap_difference, resample_each


def mean(values):
    return float(values.mean())


@pytest.fixture
def values():
    return np.random.default_rng(3).normal(size=80)


def test_one_row_per_patient_gives_scipys_percentile_interval(values):
    ours = bootstrap(mean, np.arange(80), values, n=4000, seed=1)
    theirs = scipy_bootstrap(
        (values,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    assert ours.value == values.mean()
    assert ours.low == pytest.approx(theirs.low, abs=0.02)
    assert ours.high == pytest.approx(theirs.high, abs=0.02)


def test_the_same_seed_gives_the_same_interval_and_another_seed_another(values):
    first, again, other = (bootstrap(mean, np.arange(80), values, n=200, seed=s) for s in (1, 1, 2))
    assert first == again
    assert (first.low, first.high) != (other.low, other.high)


def test_the_interval_says_how_it_was_made(values):
    interval = bootstrap(mean, np.arange(80) // 2, values, n=50, seed=9, level=0.9)
    assert interval.method == "bootstrap percentile, 40 patients, 50 resamples, 0 skipped, seed 9"
    assert interval.level == 0.9


def test_repeated_pictures_of_a_patient_add_no_certainty(values):
    patients = np.arange(80)
    once = bootstrap(mean, patients, values, n=2000, seed=1)
    four_times = bootstrap(mean, np.tile(patients, 4), np.tile(values, 4), n=2000, seed=1)
    as_if_different = bootstrap(mean, np.arange(320), np.tile(values, 4), n=2000, seed=1)
    assert four_times.high - four_times.low == pytest.approx(once.high - once.low)
    assert as_if_different.high - as_if_different.low < 0.6 * (once.high - once.low)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=30), st.integers(0, 5))
@settings(max_examples=30)
def test_a_patient_is_drawn_with_all_rows_or_not_at_all(owners, seed):
    patients = np.array([f"p{k}" for k in owners])
    sizes = {p: np.count_nonzero(patients == p) for p in patients}

    def check(drawn, rows):
        assert len(drawn) == len(rows)
        np.testing.assert_array_equal(patients[rows], drawn)
        for patient, size in sizes.items():
            mine = rows[drawn == patient]
            assert len(mine) % size == 0
            times = np.unique(mine, return_counts=True)[1]
            assert (times == len(mine) // size).all()
        return float(len(drawn))

    bootstrap(check, patients, patients, np.arange(len(patients)), n=5, seed=seed)


def test_as_many_patients_are_drawn_as_there_are(values):
    sizes = bootstrap(lambda v: float(len(v)), np.arange(80), values, n=100, seed=1)
    assert (sizes.low, sizes.high) == (80, 80)


def test_resamples_without_a_class_are_skipped_and_counted():
    y, scores = [1, 0, 0, 0, 0, 0, 0, 0], np.arange(8) / 8
    interval = bootstrap(auroc, np.arange(8), y, scores, n=500, seed=1)
    skipped = int(interval.method.split(" resamples, ")[1].split(" skipped")[0])
    assert 120 < skipped < 230  # (7/8)^8 = 34 % of the draws miss the one positive case
    assert 0 <= interval.low <= interval.high <= 1


def test_paired_answers_that_are_the_same_do_not_differ():
    rng = np.random.default_rng(0)
    y, scores = rng.integers(0, 2, 60), rng.random(60)
    interval = bootstrap_difference(auroc, np.arange(60), y, scores, scores**3, n=100, seed=1)
    assert (interval.value, interval.low, interval.high) == (0.0, 0.0, 0.0)


def test_a_better_answer_is_seen_to_be_better():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    good, bad = y + rng.normal(size=200) * 0.5, rng.normal(size=200)
    there = bootstrap_difference(auroc, np.arange(200), y, good, bad, n=300, seed=1)
    back = bootstrap_difference(auroc, np.arange(200), y, bad, good, n=300, seed=1)
    assert there.value == auroc(y, good) - auroc(y, bad)
    assert there.low > 0
    assert (back.low, back.high) == (pytest.approx(-there.high), pytest.approx(-there.low))


def test_resamples_without_a_class_are_skipped_in_differences_too():
    y, scores = [1, 0, 0, 0, 0, 0, 0, 0], np.arange(8) / 8
    interval = bootstrap_difference(auroc, np.arange(8), y, scores, 1 - scores, n=100, seed=1)
    assert " 0 skipped" not in interval.method


@pytest.mark.parametrize(
    ("patients", "arrays", "keywords", "found"),
    [
        ([1, 2], ([1.0],), {}, "2 in patients, 1 in array 1"),
        ([1, 2], (), {}, "no array"),
        ([1, 2], (3.0,), {}, "no array"),
        ([[1, 2]], ([1.0],), {}, r"shape \(1, 2\)"),
        ([], ([],), {}, r"shape \(0,\)"),
        (["a", ""], ([1.0, 2.0],), {}, "1 rows without a key"),
        ([1, 2], ([1.0, 2.0],), {"n": 0}, "n: found 0"),
        ([1, 2], ([1.0, 2.0],), {"level": 2}, "level: found 2"),
    ],
)
def test_what_cannot_be_drawn_is_refused(patients, arrays, keywords, found):
    with pytest.raises(ValueError, match=found):
        bootstrap(mean, patients, *arrays, seed=1, **keywords)


def test_a_statistic_that_is_undefined_on_the_data_is_refused():
    with pytest.raises(ValueError, match="undefined on these data"):
        bootstrap(auroc, [1, 2], [1, 1], [0.1, 0.2], seed=1)


def test_an_interval_is_not_made_of_the_few_resamples_that_worked():
    def mostly_undefined(values):
        return 1.0 if len(np.unique(values)) == 5 else None

    with pytest.raises(ValueError, match=r"undefined in \d+ of 200 resamples"):
        bootstrap(mostly_undefined, np.arange(5), np.arange(5), n=200, seed=1)


def test_several_statistics_of_the_same_draws_are_what_each_of_them_is_alone(values):
    y = (values > 0.3).astype(float)

    def both(labels, numbers):
        return auroc(labels, numbers**2), mean(numbers)

    area, average = resample_each(both, np.arange(80) // 2, y, values, n=50, seed=4)
    assert area.interval() == bootstrap(lambda t, v: auroc(t, v**2), np.arange(80) // 2, y, values, n=50, seed=4)
    assert average.interval() == bootstrap(mean, np.arange(80) // 2, values, n=50, seed=4)
