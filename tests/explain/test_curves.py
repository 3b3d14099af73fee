"""An order that takes the right places first beats chance, both ways."""

import numpy as np
import pytest

from secondread.explain.curves import (
    alone,
    by_blur,
    by_road,
    centre_map,
    curves,
    edge_map,
    gains,
    order_of,
    random_discs,
    removed,
)

SPOT = (slice(4, 12), slice(20, 28))
SHARES = (0.1, 0.3)


@pytest.fixture
def picture():
    """Grey with a bright spot of 64 of 1,024 pixels."""
    grey = np.full((1, 32, 32), 0.2, np.float32)
    grey[(0, *SPOT)] = 0.9
    return grey


@pytest.fixture
def honest():
    values = np.zeros((32, 32), np.float32)
    values[SPOT] = 1.0
    return values


def sees_the_spot(batch):
    """Two answers: how bright the spot is, and the opposite."""
    bright = batch[:, 0, SPOT[0], SPOT[1]].astype(np.float64).mean(axis=(1, 2))
    return np.stack([bright, 1.0 - bright], axis=1)


@pytest.mark.parametrize("fill", [by_road(0), by_blur])
def test_an_honest_map_beats_chance_by_deletion_and_by_insertion(picture, honest, fill):
    chance = np.stack([curves(sees_the_spot, picture, disc, fill, SHARES) for disc in random_discs((32, 32), 4, 1)])
    marked = curves(sees_the_spot, picture, order_of(honest), fill, SHARES)
    deletion, insertion = gains(marked[..., 0], chance[..., 0])
    assert deletion > 0.1
    assert insertion > 0.1


def test_the_opposite_answer_has_the_opposite_gain(picture, honest):
    fill = by_road(0)
    chance = np.stack([curves(sees_the_spot, picture, disc, fill, SHARES) for disc in random_discs((32, 32), 3, 1)])
    marked = curves(sees_the_spot, picture, order_of(honest), fill, SHARES)
    ours, opposite = (gains(marked[..., n], chance[..., n]) for n in (0, 1))
    assert ours == pytest.approx((-opposite[0], -opposite[1]))


def test_gains_are_the_areas_between_the_curves():
    marked = np.array([[0.2, 0.1], [0.8, 0.9]])
    chance = np.array([[[0.6, 0.5], [0.3, 0.2]], [[0.8, 0.7], [0.5, 0.4]]])
    assert gains(marked, chance) == pytest.approx((0.5, 0.5))


def test_each_share_of_the_area_is_taken_and_the_rest_stays(picture):
    noise = np.random.default_rng(0).random((1, 32, 32), dtype=np.float32)
    order = order_of(noise[0])
    for gone, left, share in zip(
        removed(noise, order, by_road(0), SHARES), alone(noise, order, by_road(0), SHARES), SHARES, strict=True
    ):
        untouched, kept = gone == noise, left == noise
        assert untouched.sum() == 1024 - round(share * 1024)
        assert (kept != untouched).all()


def test_equal_values_are_scattered_not_taken_from_the_top():
    first = order_of(np.zeros((32, 32)))[:100]
    assert (first // 32).mean() == pytest.approx(15.5, abs=3.0)


def test_the_middle_and_the_edge_are_opposite_guesses():
    middle, edge = centre_map((9, 13)), edge_map((9, 13))
    assert np.unravel_index(middle.argmax(), middle.shape) == (4, 6)
    assert np.unravel_index(edge.argmin(), edge.shape) == (4, 6)
    assert middle[0, 0] == 0.0
    assert edge[0, 0] == pytest.approx(1.0)


def test_discs_are_connected_and_come_back_with_their_seed():
    from scipy.ndimage import label

    discs = random_discs((20, 30), 3, 5)
    for disc, again in zip(discs, random_discs((20, 30), 3, 5), strict=True):
        np.testing.assert_array_equal(disc, again)
        region = np.zeros(600, bool)
        region[disc[:100]] = True
        assert label(region.reshape(20, 30))[1] == 1


def test_a_share_of_everything_is_refused(picture, honest):
    with pytest.raises(ValueError, match="share"):
        removed(picture, order_of(honest), by_blur, (1.0,))
