"""Gaps that turn round within strata, made by hand and counted by hand."""

import numpy as np
import pytest

from secondread.stats.resampled import of_answers
from secondread.stats.simpson import Pair, verdict, within


def cases(cells):
    """(group, third, ill and found, ill and missed): as arrays of ill cases, with as many well ones that are right."""
    group, third, p, y = [], [], [], []
    for name, stratum, found, missed in cells:
        n = found + missed
        group += [name] * 2 * n
        third += [stratum] * 2 * n
        p += [0.9] * found + [0.1] * missed + [0.1] * n
        y += [True] * n + [False] * n
    return np.array(group), np.array(third), np.array(p), np.array(y)


def pair(group, p, y, n=200):
    return Pair(of_answers(y, p, 0.5), group == "A", group == "B", y, np.arange(len(y)), n, 1)


def found(cells):
    group, third, p, y = cases(cells)
    every = within(pair(group, p, y), {"view": third})
    return next(one for one in every if one.measure == "sensitivity")


# Kidney stones, Charig et al., BMJ 1986;292:879-882: treatment A is better for small and for large stones, and worse
# over all.
KIDNEY = [("A", "small", 81, 6), ("B", "small", 234, 36), ("A", "large", 192, 71), ("B", "large", 55, 25)]


def test_the_kidney_stones_reverse():
    one = found(KIDNEY)
    assert one.verdict == "reverses"
    assert one.pooled == pytest.approx(273 / 350 - 289 / 350)
    strata = {part.name: part for part in one.strata}
    assert strata["small"].gap == pytest.approx(81 / 87 - 234 / 270)
    assert strata["large"].gap == pytest.approx(192 / 263 - 55 / 80)
    small, large = 87 * 270 / (87 + 270), 263 * 80 / (263 + 80)
    mean = (small * strata["small"].gap + large * strata["large"].gap) / (small + large)
    assert one.adjusted.value == pytest.approx(mean)
    assert one.moved.value == pytest.approx(one.pooled - mean)


def test_a_gap_that_is_the_same_in_every_stratum_stands():
    cells = [("A", "AP", 30, 10), ("B", "AP", 20, 20), ("A", "PA", 15, 5), ("B", "PA", 10, 10)]
    one = found(cells)
    assert one.verdict == "stands"
    assert one.adjusted.value == pytest.approx(0.25)


def test_a_gap_that_comes_from_the_view_alone_shrinks_to_nothing():
    cells = [("A", "AP", 36, 4), ("B", "AP", 9, 1), ("A", "PA", 5, 5), ("B", "PA", 20, 20)]
    one = found(cells)
    assert one.pooled == pytest.approx(41 / 50 - 29 / 50)
    assert one.adjusted.value == pytest.approx(0.0, abs=1e-12)
    assert one.verdict == "shrinks"


def test_strata_that_hold_one_side_only_are_not_compared():
    one = found([("A", "AP", 30, 10), ("B", "PA", 20, 20), ("A", "PA", 1, 1)])
    assert one.verdict == "not checked"
    assert one.pooled is None


def test_gaps_of_nothing_have_no_sign():
    assert verdict(0.004, -0.3) == "stands"
