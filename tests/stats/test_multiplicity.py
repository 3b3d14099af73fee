"""P values read together, against scipy and against the closed test that Holm's procedure shortens."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from secondread.stats.multiplicity import benjamini_hochberg, raised
from secondread.stats.paired import holm

# Benjamini and Hochberg 1995, section 4.1: p values of 15 comparisons of two treatments of myocardial infarction.
PUBLISHED = (0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528)
PUBLISHED += (0.7590, 1.0)


def closed(p):
    """Each hypothesis is as sure as the least sure set of hypotheses that holds it, each set tested by Bonferroni."""
    n = range(len(p))
    sets = [one for size in range(1, len(p) + 1) for one in combinations(n, size)]
    return [max(min(1.0, len(one) * min(p[k] for k in one)) for one in sets if i in one) for i in n]


def test_benjamini_and_hochberg_find_in_their_own_example_what_they_found():
    found = benjamini_hochberg(PUBLISHED)
    assert sum(p <= 0.05 for p in found) == 4  # they reject four hypotheses
    assert sum(p <= 0.05 for p in holm(PUBLISHED)) == 3  # and Bonferroni's, Hochberg's and Holm's procedures three


def test_benjamini_and_hochberg_raise_p_values_as_scipy_does():
    p = np.random.default_rng(3).random(40) ** 3
    assert benjamini_hochberg(p) == pytest.approx(false_discovery_control(p, method="bh"), abs=1e-12)


def test_holm_is_the_closed_test_of_bonferroni():
    p = (np.random.default_rng(4).random(9) ** 2).tolist()
    assert holm(p) == pytest.approx(closed(p), abs=1e-12)


def test_each_p_value_keeps_its_place_and_benjamini_hochberg_never_asks_more_than_holm():
    found = raised([0.04, 0.01, 0.9, 0.01])
    assert [one.p for one in found] == [0.04, 0.01, 0.9, 0.01]
    assert all(one.p <= one.benjamini_hochberg <= one.holm for one in found)
    assert raised([]) == ()


def test_what_is_no_p_value_is_refused():
    with pytest.raises(ValueError, match="p_values"):
        benjamini_hochberg([0.2, 1.2])
