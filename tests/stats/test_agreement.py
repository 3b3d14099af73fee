import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secondread.stats.agreement import reader_agreement
from secondread.stats.calibration import brier, ece, reliability


def cohort(seed, cases=4, readers=3):
    """Probabilities and each reader's marks on small pictures, two of each patient; readers share a tendency."""
    random = np.random.default_rng(seed)
    p = random.random((cases, 5, 6)).round(2)
    marks = random.random((readers, cases, 5, 6)) < p**2
    return p, marks, np.arange(cases) // 2


cohorts = st.builds(cohort, st.integers(0, 2**32 - 1))


@settings(max_examples=25)
@given(cohorts, st.integers(1, 12))
def test_it_is_what_judging_every_reader_as_a_label_gives(case, bins):
    p, marks, patients = case
    found = reader_agreement(p, marks.mean(axis=0), patients, bins=bins, n=5, seed=1)
    labels, given_p = marks.reshape(-1), np.tile(p.ravel(), len(marks))
    assert found.brier == pytest.approx(brier(labels, given_p))
    assert found.ece.value == pytest.approx(ece(labels, given_p, bins))
    for ours, theirs in zip(found.bins, reliability(labels, given_p, bins), strict=True):
        assert (ours.low, ours.high, ours.pixels * len(marks)) == (theirs.low, theirs.high, theirs.n)
        assert ours.mean_probability == pytest.approx(theirs.mean_probability)
        assert ours.share.value == pytest.approx(theirs.observed.value)


@settings(max_examples=25)
@given(cohorts)
def test_no_map_has_a_lower_brier_score_than_the_share_itself(case):
    p, marks, patients = case
    share = marks.mean(axis=0)
    ideal = reader_agreement(share, share, patients, n=5, seed=1)
    assert ideal.distance.value == 0
    assert ideal.ece.value == pytest.approx(0, abs=1e-12)
    assert ideal.brier == ideal.disagreement <= reader_agreement(p, share, patients, n=5, seed=1).brier


def test_readers_who_agree_leave_nothing_but_the_distance():
    found = reader_agreement([[0.8, 0.2]], [[1, 0]], ["p"], n=5, seed=1)
    assert found.disagreement == 0
    assert found.brier == found.distance.value == pytest.approx(0.04)


def test_pixels_sorted_by_share_show_whether_the_map_knows_how_sure_readers_are():
    share = [[0, 1 / 3, 1 / 3 + 1e-9, 2 / 3, 1]]
    found = reader_agreement([[0.1, 0.3, 0.5, 0.6, 0.9]], share, ["p"], n=5, seed=1)
    assert [row.pixels for row in found.levels] == [1, 2, 1, 1]
    assert [row.mean_probability for row in found.levels] == pytest.approx([0.1, 0.4, 0.6, 0.9])


def test_empty_background_hides_an_error_until_it_is_left_out():
    p, share = np.zeros((1, 1000)), np.zeros((1, 1000))
    p[0, :10] = 0.9
    all_of_it = reader_agreement(p, share, ["p"], n=5, seed=1)
    what_was_drawn = reader_agreement(p, share, ["p"], least=0.1, n=5, seed=1)
    assert all_of_it.ece.value == pytest.approx(0.009)
    assert what_was_drawn.ece.value == pytest.approx(0.9)
    assert (what_was_drawn.pixels, what_was_drawn.left_out) == (10, 990)


def test_leaving_out_by_probability_leaves_a_calibrated_map_calibrated():
    random = np.random.default_rng(0)
    p = random.random((40, 500)) ** 4
    share = (random.random((4, 40, 500)) < p).mean(axis=0)
    found = reader_agreement(p, share, np.arange(40), least=0.2, n=200, seed=1)
    assert found.ece.value < 0.02
    assert all(row.share.low - 0.02 < row.mean_probability < row.share.high + 0.02 for row in found.bins)


def test_pixels_of_a_patient_add_no_certainty():
    random = np.random.default_rng(1)
    p = random.random((30, 20))
    share = np.clip(p + random.normal(0, 0.3, (30, 1)), 0, 1)
    once = reader_agreement(p, share, np.arange(30), n=300, seed=1)
    often = reader_agreement(np.tile(p, (1, 9)), np.tile(share, (1, 9)), np.arange(30), n=300, seed=1)
    assert (often.distance.low, often.distance.high) == pytest.approx((once.distance.low, once.distance.high))
    assert "30 patients" in once.ece.method


def test_pictures_may_differ_in_size_and_a_bin_tells_how_many_patients_it_has():
    found = reader_agreement(
        [np.full((2, 2), 0.15), [0.15, 0.95]], [np.zeros((2, 2)), [0.5, 1]], ["a", "b"], n=9, seed=1
    )
    assert [(row.pixels, row.patients) for row in found.bins] == [(5, 2), (1, 1)]
    assert found.bins[0].share.value == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (lambda: reader_agreement([[0.1]], [[0.1], [0.2]], ["a"], seed=1), "1 in probabilities, 2 in shares"),
        (lambda: reader_agreement([[0.1]], [[0.1, 0.2]], ["a"], seed=1), r"shape \(1,\) and shares of shape \(2,\)"),
        (lambda: reader_agreement([[0.1]], [[4]], ["a"], seed=1), "shares: found values from 4"),
        (lambda: reader_agreement([[-1]], [[1]], ["a"], seed=1), "probabilities: found values from -1"),
        (lambda: reader_agreement([[0.1]], [[1]], ["a"], least=0.5, seed=1), "no pixel with a probability of 0.5"),
        (lambda: reader_agreement([[0.1]], [[1]], ["a"], least=2, seed=1), "least: found 2"),
        (lambda: reader_agreement([[0.1]], [[1]], ["a"], bins=0, seed=1), "bins: found 0"),
    ],
)
def test_what_cannot_be_judged_is_refused(call, found):
    with pytest.raises(ValueError, match=found):
        call()
