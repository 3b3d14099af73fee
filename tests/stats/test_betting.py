import math

import numpy as np
import pytest

from secondread.stats.betting import BLOCK, DIVISIONS, STRENGTHS, benjamini_hochberg_e, evidence, ranks


def test_a_rank_is_the_share_that_is_larger_with_equals_put_in_order_by_lot():
    found = ranks([1.0, 2.0, 2.0, 3.0], [2.0, 0.0], seed=5)
    lots = np.random.default_rng(5).random(2)
    assert found.tolist() == pytest.approx([(1 + 3 * lots[0]) / 5, (5 + lots[1]) / 6])


def test_the_ranks_of_the_first_values_stay_when_more_come():
    random = np.random.default_rng(1)
    old, new = random.integers(0, 3, 50), random.integers(0, 3, 80)
    assert ranks(old, new, 7)[:30].tolist() == ranks(old, new[:30], 7).tolist()


def test_ranks_of_a_stream_that_does_not_change_are_even():
    from scipy.stats import kstest

    random = np.random.default_rng(2)
    given = random.random(4000) < 0.07  # nearly all are equal
    assert kstest(ranks(given[:500], given[500:], 3), "uniform").pvalue > 0.01


def test_the_evidence_is_what_a_gambler_wins_who_bets_value_by_value():
    """The closed form against a gambler with one purse for each division, strength and beginning."""
    even = np.random.default_rng(4).beta(0.6, 1.2, 3 * BLOCK + 7)
    purses = []
    for division in DIVISIONS:
        edges = (0.0, *division, 1.0)
        sizes = np.diff(edges)
        cells = np.searchsorted(division, even, side="right")
        for strength in STRENGTHS:
            for number, start in enumerate(range(0, len(even), BLOCK)):
                seen, purse = strength * sizes, 1.0 / ((number + 1) * (number + 2))
                for cell in cells[start:]:
                    purse *= seen[cell] / seen.sum() / sizes[cell]
                    seen = seen + (np.arange(len(sizes)) == cell)
                purses.append(purse)
    kept = 1.0 / (math.ceil(len(even) / BLOCK) + 1)
    wanted = sum(purses) / (len(DIVISIONS) * len(STRENGTHS)) + kept
    assert evidence(even).log_e == pytest.approx(math.log(wanted), abs=1e-9)


def test_without_a_change_twenty_is_reached_in_no_more_than_one_stream_of_twenty_at_any_look():
    random = np.random.default_rng(6)
    reached = 0
    for seed in range(100):
        values = random.normal(size=500)
        even = ranks(values[:200], values[200:], seed)
        reached += any(evidence(even[:end]).log_e >= math.log(20.0) for end in range(50, 301, 50))
    assert reached <= 100 * 0.05


@pytest.mark.parametrize("seen", [7, BLOCK, 2 * BLOCK + 3])
def test_the_game_is_fair_whatever_came_before(seen):
    before = np.random.default_rng(7).beta(0.5, 1.0, seen)
    next_ones = (np.arange(200) + 0.5) / 200  # the finest cuts lie between these
    after = [math.exp(evidence([*before, one]).log_e) for one in next_ones]
    assert np.mean(after) == pytest.approx(math.exp(evidence(before).log_e), rel=1e-9)


def test_a_change_is_found_and_dated():
    random = np.random.default_rng(8)
    values = np.concatenate([random.normal(size=600), random.normal(1.0, size=150)])
    found = evidence(ranks(values[:400], values[400:], 1))
    assert found.log_e > math.log(1000.0)
    assert abs(found.since - 200) <= 2 * BLOCK
    assert found.p == pytest.approx(math.exp(-found.log_e))


def test_nothing_to_look_at_is_no_evidence():
    assert evidence(ranks([1.0], [], 0)).p == 1.0
    with pytest.raises(ValueError, match="outside"):
        evidence([1.2])


def test_e_values_speak_as_the_definition_says():
    random = np.random.default_rng(9)
    for _ in range(50):
        logs = random.normal(3.0, 3.0, 8)
        level = 0.1
        in_order = sorted(np.exp(logs), reverse=True)
        many = max((k for k in range(1, 9) if k * in_order[k - 1] / 8 >= 1 / level), default=0)
        limit = in_order[many - 1] if many else math.inf
        assert benjamini_hochberg_e(logs, level) == tuple((np.exp(logs) >= limit).tolist())


def test_nights_that_differ_from_days_are_no_change_where_each_is_compared_with_its_own():
    random = np.random.default_rng(10)
    night = np.arange(1500) % 100 >= 80
    values = random.normal(size=1500) + 2.0 * night
    groups = ["night" if one else "day" for one in night]
    apart = ranks(values[:500], values[500:], 1, (groups[:500], groups[500:]))
    together = ranks(values[:500], values[500:], 1)
    most = [max(evidence(even[:end]).log_e for end in range(100, 1001, 100)) for even in (apart, together)]
    assert most[0] < math.log(20.0) < most[1]
    with pytest.raises(ValueError, match="groups"):
        ranks(values[:500], values[500:], 1, (groups[:500], groups))
