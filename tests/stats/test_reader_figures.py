"""Figures of merit of readers against a count of every pair, and their covariances against leaving each case out."""

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from secondread.stats.placements import covariance, placements
from secondread.stats.reader_figures import Marks, afroc_figures, roc_figures

Y = np.array([0, 0, 0, 0, 1, 1, 1])


@pytest.fixture
def ratings():
    return np.random.default_rng(7).integers(1, 6, (2, 3, len(Y))).astype(float)


def test_the_area_is_that_of_scikit_learn(ratings):
    found = roc_figures(ratings, Y).values
    assert found == pytest.approx(np.array([[roc_auc_score(Y, r) for r in row] for row in ratings]))


def test_the_covariance_is_that_of_leaving_each_case_out_in_turn(ratings):
    flat = ratings.reshape(6, -1)
    without = np.array(
        [[roc_auc_score(np.delete(Y, k), np.delete(r, k)) for k in np.argsort(Y, kind="stable")] for r in flat]
    )
    n = len(Y)
    assert roc_figures(ratings, Y).covariance == pytest.approx(np.cov(without, bias=True) * (n - 1), abs=1e-12)


def test_with_many_cases_the_jackknife_comes_near_to_delong():
    rng = np.random.default_rng(1)
    y = np.repeat([0, 1], 200)
    scores = rng.normal(size=(1, 2, 400)) + y
    figures = roc_figures(scores, y)
    places = [placements(y == 1, row) for row in scores[0]]
    assert figures.covariance[0, 1] == pytest.approx(covariance(*places), rel=0.02)
    assert figures.covariance[0, 0] == pytest.approx(covariance(places[0], places[0]), rel=0.02)


def marks(seed):
    rng = np.random.default_rng(seed)
    false = np.where(rng.random(5) < 0.4, -math.inf, rng.integers(1, 5, 5))
    lesions = tuple(np.where(rng.random(n) < 0.3, -math.inf, rng.integers(1, 6, n)) for n in (1, 3, 2))
    return Marks(false.astype(float), lesions)


def by_hand(one, *, weighted):
    total, weight = 0.0, 0.0
    for part in one.lesions:
        for lesion in part:
            share = 1.0 / len(part) if weighted else 1.0
            weight += share
            total += share * np.mean([1.0 if lesion > f else 0.5 if lesion == f else 0.0 for f in one.false])
    return total / weight


@pytest.mark.parametrize("weighted", [True, False])
def test_the_afroc_area_counts_every_lesion_against_every_healthy_case(weighted):
    table = [[marks(1), marks(2)], [marks(3), marks(4)]]
    found = afroc_figures(table, weighted=weighted).values
    assert found == pytest.approx(np.array([[by_hand(one, weighted=weighted) for one in row] for row in table]))


def test_a_reader_who_marks_every_lesion_and_nothing_else_reaches_one():
    perfect = Marks(np.full(3, -math.inf), (np.array([1.0]), np.array([2.0, 5.0])))
    assert afroc_figures([[perfect]]).values == pytest.approx(1.0)


def test_readers_of_other_lesions_are_refused():
    with pytest.raises(ValueError, match="other cases or lesions"):
        afroc_figures([[marks(1), Marks(np.zeros(5), (np.zeros(1),))]])


def test_ratings_of_other_cases_than_the_truth_are_refused():
    with pytest.raises(ValueError, match="needed as many"):
        roc_figures(np.zeros((2, 2, 5)), Y)
