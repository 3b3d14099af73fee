import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import pairwise_distances

from secondread.stats.two_samples import (
    categories,
    chance_index,
    energy_distance,
    energy_test,
    kolmogorov_smirnov,
    numeric_index,
    stability_index,
)


def test_the_stability_index_is_the_sum_over_cells():
    p, q = np.array([500.5, 300.5, 200.5]) / 1001.5, np.array([200.5, 400.5, 400.5]) / 1001.5
    assert stability_index([500, 300, 200], [200, 400, 400]) == pytest.approx(
        stats.entropy(p, q) + stats.entropy(q, p)
    )  # the symmetric form of the Kullback-Leibler divergence


def test_samples_from_one_place_have_the_index_that_chance_gives():
    random = np.random.default_rng(0)
    found = [
        stability_index(random.multinomial(500, [0.1] * 10).tolist(), random.multinomial(200, [0.1] * 10).tolist())
        for _ in range(400)
    ]
    assert np.mean(found) == pytest.approx(chance_index(10, 500, 200), rel=0.08)
    assert np.mean(np.array(found) > 0.1) > 0.05  # which is why the raw index alone is no alarm


def test_a_number_that_moved_by_its_spread_is_far_beyond_the_alarm_and_one_that_did_not_is_near_nothing():
    random = np.random.default_rng(1)
    old = random.normal(size=500)
    assert numeric_index(old, random.normal(1.0, size=300)) > 0.5
    assert numeric_index(old, random.normal(size=300)) < 0.05
    assert numeric_index(np.zeros(50), np.zeros(60)) == 0.0


def test_the_energy_distance_is_that_of_scipy_on_a_line_and_of_its_definition_in_space():
    random = np.random.default_rng(2)
    x, y = random.normal(size=40), random.normal(0.7, 1.5, 30)
    assert energy_distance(x, y) == pytest.approx(stats.energy_distance(x, y) ** 2)
    x, y = random.normal(size=(20, 3)), random.normal(0.5, size=(25, 3))
    between, first, second = (pairwise_distances(a, b).mean() for a, b in ((x, y), (x, x), (y, y)))
    assert energy_distance(x, y) == pytest.approx(2 * between - first - second)


def test_the_permutation_test_finds_a_shift_in_space_and_is_even_without_one():
    random = np.random.default_rng(3)
    assert energy_test(random.normal(size=(60, 4)), random.normal(0.8, size=(60, 4)), permutations=199).p == 0.005
    p = [
        energy_test(random.normal(size=(25, 2)), random.normal(size=(25, 2)), permutations=99, seed=k).p
        for k in range(60)
    ]
    assert stats.kstest(p, "uniform").pvalue > 0.01
    with pytest.raises(ValueError, match="of 2 and of 3"):
        energy_test(np.zeros((4, 2)), np.zeros((4, 3)))


def test_categories_are_compared_as_scipy_does():
    two = categories([90, 10], [70, 30])
    assert (two.method, two.p) == ("Fisher", pytest.approx(stats.fisher_exact([[90, 10], [70, 30]]).pvalue))
    three = categories([50, 30, 20], [20, 40, 40])
    assert three.p == pytest.approx(stats.chi2_contingency([[50, 30, 20], [20, 40, 40]], correction=False).pvalue)
    assert categories([7, 0], [9, 0]).p == 1.0


def test_rare_categories_are_judged_by_random_tables():
    rare = categories([40, 3, 0, 1], [38, 1, 3, 1])
    assert "random tables" in rare.method
    wanted = stats.fisher_exact([[40, 3, 0, 1], [38, 1, 3, 1]], method=stats.MonteCarloMethod(n_resamples=2000, rng=1))
    assert rare.p == pytest.approx(wanted.pvalue, abs=0.1)
    with pytest.raises(ValueError, match="without cases"):
        categories([0, 0], [1, 2])


def test_kolmogorov_smirnov_is_that_of_scipy():
    random = np.random.default_rng(4)
    x, y = random.normal(size=50), random.normal(0.5, size=70)
    assert kolmogorov_smirnov(x, y).statistic == stats.ks_2samp(x, y).statistic
