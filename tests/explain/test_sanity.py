"""How alike two maps are, beside independent implementations."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from secondread.explain.sanity import rank_correlation, structural_similarity

A, B = np.random.default_rng(0).random((2, 16, 20))


def test_the_rank_correlation_is_that_of_scipy_with_ties_too():
    ties = np.round(A + 0.5 * B, 1)
    assert rank_correlation(ties, B) == pytest.approx(spearmanr(ties.ravel(), B.ravel()).statistic)


def test_it_does_not_depend_on_the_scale_of_a_map():
    assert rank_correlation(A, 7.0 * A**3 + 1.0) == pytest.approx(1.0)


def test_a_map_that_was_wiped_out_is_not_alike():
    assert rank_correlation(A, np.zeros_like(A)) == 0.0


def test_the_structural_similarity_is_that_of_scikit_image():
    metrics = pytest.importorskip("skimage.metrics")
    mixed = 0.7 * A + 0.3 * B
    one, other = ((values - values.min()) / np.ptp(values) for values in (A, mixed))
    wanted = metrics.structural_similarity(one, other, data_range=1.0)
    assert structural_similarity(A, mixed) == pytest.approx(wanted, abs=1e-9)


def test_a_map_is_wholly_similar_to_itself_and_less_to_another():
    assert structural_similarity(A, A) == pytest.approx(1.0)
    assert structural_similarity(A, B) < 0.3


def test_maps_of_two_shapes_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        structural_similarity(A, B[:10])
    with pytest.raises(ValueError, match="one shape"):
        rank_correlation(A, B[:10])
