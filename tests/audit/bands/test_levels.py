"""Levels of a band, and how often they hold."""

import numpy as np
import pytest

from secondread.audit.bands.levels import HELD, NEVER, choose, held, holding_level, pure_level, sizes


def case(seed):
    """A disc, and a probability that falls about an edge that is a little off."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:48, :48]
    true = (rows - 24) ** 2 + (columns - 24) ** 2 <= 100
    away = np.hypot(rows - 24 - random.normal(0, 1.5), columns - 24 - random.normal(0, 1.5)) - 10 - random.normal(0, 1)
    return np.rint(255 / (1 + np.exp(away / 1.5))).astype(np.uint8), true


@pytest.mark.parametrize("seed", range(5))
def test_levels_are_those_of_a_plain_search(seed):
    probability, true = case(seed)
    holding = [g for g in range(256) if ((probability >= g) & true).sum() >= HELD * true.sum()]
    assert holding_level(probability, true) == pytest.approx(max(holding) / 255)
    wrong = [g for g in range(256) if ((probability >= g) & true).sum() < HELD * (probability >= g).sum()]
    assert pure_level(probability, true) == pytest.approx((max(wrong) + 1) / 255 if wrong else 0.0)


def test_a_missed_structure_is_held_by_everything_only():
    true = np.ones((4, 4), np.bool_)
    assert holding_level(np.zeros((4, 4), np.uint8), true) == 0.0
    assert pure_level(np.full((4, 4), 255, np.uint8), ~true) == NEVER


def test_lines_hold_as_often_as_they_promise():
    counts = []
    for turn in range(12):
        levels = choose([case(1000 * turn + n) for n in range(40)])
        test = [case(1000 * turn + 500 + n) for n in range(40)]
        assert levels.inner.level >= levels.outer.level
        counts += [held(levels.outer, test, outer=True).count, held(levels.inner, test, outer=False).count]
        between, ratio = sizes(levels, test)
        assert between >= 30
        assert ratio > 1
    assert np.mean(counts) / 40 == pytest.approx(0.91, abs=0.03)


def test_few_cases_give_a_weaker_promise_or_no_line():
    levels = choose([case(n) for n in range(5)])
    assert levels.outer.quantile.alpha == 0.2
    assert choose([case(n) for n in range(3)]).outer is None
