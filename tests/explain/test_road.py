"""Missing pixels are guessed from what surrounds them."""

import numpy as np
import pytest

from secondread.explain.road import WEIGHTS, imputed


def only(shape, *places):
    gone = np.zeros(shape, dtype=bool)
    for place in places:
        gone[place] = True
    return gone


def test_one_missing_pixel_is_the_weighted_mean_of_its_neighbours():
    picture = np.array([[[0.6, 0.3, 0.0], [0.3, 0.9, 0.9], [0.0, 0.9, 0.0]]], np.float32)
    filled = imputed(picture, only((3, 3), (1, 1)), seed=0, noise=0.0)
    assert filled[0, 1, 1] == pytest.approx((0.3 + 0.3 + 0.9 + 0.9) / 6 + 0.6 / 12, abs=1e-6)


def test_a_slope_goes_on_through_a_hole():
    picture = np.tile(np.linspace(0.1, 0.9, 33, dtype=np.float32), (33, 1))[None]
    gone = only((33, 33), (slice(8, 20), slice(10, 25)))
    np.testing.assert_allclose(imputed(picture, gone, seed=0, noise=0.0), picture, atol=0.01)


def test_it_solves_the_equations_that_a_dense_solver_does():
    rng = np.random.default_rng(1)
    picture, gone = rng.random((2, 9, 7), dtype=np.float32), rng.random((9, 7)) < 0.6
    numbers = {place: n for n, place in enumerate(zip(*np.nonzero(gone), strict=True))}
    system, known = np.zeros((len(numbers),) * 2), np.zeros((2, len(numbers)))
    for (j, i), n in numbers.items():
        for (down, across), share in WEIGHTS.items():
            beside = (j + down, i + across)
            if not (0 <= beside[0] < 9 and 0 <= beside[1] < 7):
                continue
            system[n, n] += share
            if beside in numbers:
                system[n, numbers[beside]] -= share
            else:
                known[:, n] += share * picture[:, beside[0], beside[1]]
    wanted = np.linalg.solve(system, known.T).T
    found = imputed(picture, gone, seed=0, noise=0.0)
    np.testing.assert_allclose(found[:, gone], wanted, atol=0.005)
    np.testing.assert_array_equal(found[:, ~gone], picture[:, ~gone])


def test_the_weights_of_the_neighbours_sum_to_one():
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)
    assert len(WEIGHTS) == 8


def test_the_noise_is_that_of_the_seed_and_of_the_size_asked_for():
    picture, gone = np.full((1, 60, 60), 0.5, np.float32), np.ones((60, 60), bool)
    gone[:2] = False
    first, again, other = (imputed(picture, gone, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert first[:, gone].std() == pytest.approx(0.01, rel=0.1)


def test_where_nothing_is_left_the_mean_grey_is():
    picture = np.linspace(0.0, 1.0, 64, dtype=np.float32).reshape(1, 8, 8)
    np.testing.assert_allclose(imputed(picture, np.ones((8, 8), bool), seed=0, noise=0.0), 0.5, atol=1e-6)


def test_nothing_leaves_the_range_of_grey():
    picture = np.ones((1, 16, 16), np.float32)
    filled = imputed(picture, only((16, 16), (slice(2, 14), slice(2, 14))), seed=0, noise=0.2)
    assert filled.max() <= 1.0
    assert filled.min() >= 0.0


def test_a_region_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="needed"):
        imputed(np.ones((1, 4, 4), np.float32), np.ones((4, 5), bool), seed=0)
