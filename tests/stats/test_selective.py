import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.stats.selective import aurc, aurc_interval, risk_coverage, spared, sureness

rows = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5)), min_size=1, max_size=40)


@given(rows)
def test_the_curve_ends_at_the_mean_loss(cases):
    losses, sure = zip(*cases, strict=True)
    found = risk_coverage(losses, sure)
    assert found.risk[-1] == pytest.approx(np.mean(losses))
    assert found.coverage[-1] == 1.0


def test_without_ties_it_is_the_running_mean():
    random = np.random.default_rng(0)
    losses, sure = random.integers(0, 2, 50), random.permutation(50)
    ranked = losses[np.argsort(-sure)]
    direct = [ranked[: k + 1].mean() for k in range(50)]
    assert risk_coverage(losses, sure).risk == pytest.approx(direct)
    assert aurc(losses, sure) == pytest.approx(np.mean(direct))


@given(rows, st.integers(0, 3))
def test_the_order_of_equally_sure_cases_does_not_matter(cases, seed):
    losses, sure = (np.array(part) for part in zip(*cases, strict=True))
    order = np.random.default_rng(seed).permutation(len(losses))
    assert risk_coverage(losses[order], sure[order]).risk == pytest.approx(risk_coverage(losses, sure).risk)


def test_equal_sureness_saves_nothing():
    assert aurc([1, 0, 0, 0], [1, 1, 1, 1]) == 0.25


def test_the_best_order_has_the_area_of_the_source():
    # 2 errors of 10, both last: risks 0 (8 times), 1/9, 2/10
    assert aurc([0] * 8 + [1] * 2, range(10, 0, -1)) == pytest.approx((1 / 9 + 0.2) / 10)


def test_a_call_is_as_sure_as_its_own_probability():
    assert sureness([0.9, 0.2, 0.3], 0.25) == pytest.approx([0.9, 0.8, 0.3])


def test_the_surest_calls_are_right_as_often_as_they_say():
    random = np.random.default_rng(1)
    p = random.random(20_000)
    wrong = ((p >= 0.5) != (random.random(20_000) < p)).astype(float)
    found = risk_coverage(wrong, sureness(p, 0.5))
    # of true probabilities spread evenly, the surest half lies outside [0.25, 0.75]: its risk is 1/8
    assert found.at(0.5) == pytest.approx(0.125, abs=0.01)
    assert found.at(1.0) == pytest.approx(0.25, abs=0.01)


def test_at_most_twenty_points_are_kept_and_the_last_is_all():
    points = risk_coverage(np.ones(500), np.arange(500)).points()
    assert len(points) == 20
    assert points[-1] == [1.0, 1.0]


def test_intervals_are_drawn_by_patient():
    random = np.random.default_rng(2)
    sure = random.random(100)
    losses = (random.random(100) < 0.6 * (1 - sure)).astype(float)
    one = aurc_interval(np.arange(100), losses, sure, n=300, seed=1)
    twice = aurc_interval(np.repeat(np.arange(100), 2), np.repeat(losses, 2), np.repeat(sure, 2), n=300, seed=1)
    assert twice.high - twice.low == pytest.approx(one.high - one.low, rel=0.2)  # copies add no knowledge
    gain = spared(np.arange(100), losses, sure, 0.8, seed=1)
    assert gain.low <= losses.mean() - risk_coverage(losses, sure).at(0.8) <= gain.high
