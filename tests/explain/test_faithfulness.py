import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.ndimage import label

from secondread.explain.faithfulness import (
    FRACTIONS,
    border_region,
    deletion,
    deletion_gain,
    energy_share,
    random_deletion,
)

SPOT = (slice(6, 10), slice(20, 24))


@pytest.fixture
def image():
    """Noise on grey, with a bright spot of 16 pixels."""
    grey = 0.3 + 0.02 * np.random.default_rng(1).random((32, 32)).astype(np.float32)
    grey[SPOT] = 1.0
    return grey


@pytest.fixture
def honest():
    """A map that marks the spot."""
    values = np.zeros((32, 32), dtype=np.float32)
    values[SPOT] = 1.0
    return values


def looks_at_the_spot(batch):
    """A network that uses nothing but the spot."""
    return batch[:, 0, SPOT[0], SPOT[1]].astype(np.float64).mean(axis=(1, 2))


class Recorder:
    """Remembers what it was asked."""

    def __init__(self):
        self.batches = []

    def __call__(self, batch):
        self.batches.append(batch)
        return np.zeros(len(batch))


def changed(batch, image):
    return batch[:, 0] != image


def test_an_honest_map_makes_the_score_fall_at_once(image, honest):
    curve = deletion(looks_at_the_spot, image, honest)
    assert curve.shape == (len(FRACTIONS),)
    assert curve[0] == looks_at_the_spot(image[None, None])[0]
    assert curve[1] < 0.6  # 5 % of 1024 pixels hold the whole spot


def test_an_honest_map_gains_and_a_map_of_the_opposite_loses(image, honest):
    assert deletion_gain(looks_at_the_spot, image, honest, seed=1) > 0.1
    assert deletion_gain(looks_at_the_spot, image, 1 - honest, seed=1) < 0


def test_a_network_that_looks_nowhere_gains_nothing(image, honest):
    assert deletion_gain(lambda batch: np.full(len(batch), 0.7), image, honest, seed=1) == pytest.approx(0.0)


def test_the_gain_is_the_mean_distance_of_the_two_curves(image, honest):
    marked = deletion(looks_at_the_spot, image, honest)[1:]
    by_chance = random_deletion(looks_at_the_spot, image, seed=4, repeats=3)[:, 1:]
    gain = deletion_gain(looks_at_the_spot, image, honest, seed=4, repeats=3)
    assert gain == pytest.approx(np.mean(by_chance.mean(axis=0) - marked))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.integers(0, 9))
def test_exactly_the_strongest_share_is_taken_and_the_rest_is_untouched(fractions, seed):
    rng = np.random.default_rng(seed)
    image = rng.random((9, 12)).astype(np.float32)
    values = rng.permutation(108).reshape(9, 12).astype(np.float32)
    ask = Recorder()
    deletion(ask, image, values, fractions)
    (batch,) = ask.batches
    assert batch.shape == (len(fractions), 1, 9, 12)
    assert batch.dtype == np.float32
    for taken, share in zip(changed(batch, image), fractions, strict=True):
        np.testing.assert_array_equal(taken, values >= 108 - round(share * 108))


def test_what_is_filled_in_has_no_edges(image, honest):
    ask = Recorder()
    deletion(ask, image, honest, [1.0])
    filled = ask.batches[0][0, 0]
    assert np.abs(np.diff(filled)).max() < 0.05 < np.abs(np.diff(image)).max()
    assert filled.mean() == pytest.approx(image.mean(), abs=0.02)


def test_the_empty_part_of_a_map_is_taken_from_everywhere(image):
    ask = Recorder()
    deletion(ask, image, np.zeros((32, 32)), [0.5])
    taken = changed(ask.batches[0], image)[0]
    quarters = [taken[j : j + 16, i : i + 16].mean() for j in (0, 16) for i in (0, 16)]
    assert min(quarters) > 0.35
    assert max(quarters) < 0.65


@given(st.integers(0, 200), st.sampled_from([(16, 16), (9, 20), (7, 12)]))
def test_a_random_block_is_connected_grows_and_has_the_area_asked_for(seed, shape):
    image = np.random.default_rng(seed).random(shape).astype(np.float32)
    ask = Recorder()
    random_deletion(ask, image, (0.1, 0.4, 0.8), seed=seed, repeats=2)
    assert len(ask.batches) == 2
    for batch in ask.batches:
        small, middle, large = changed(batch, image)
        for block, share in ((small, 0.1), (middle, 0.4), (large, 0.8)):
            assert np.count_nonzero(block) == round(share * image.size)
            assert label(block)[1] == 1
        assert not (small & ~middle).any()
        assert not (middle & ~large).any()


def test_random_places_come_from_the_seed(image):
    first, again, other = (random_deletion(looks_at_the_spot, image, seed=s, repeats=4) for s in (1, 1, 2))
    assert first.shape == (4, len(FRACTIONS))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_picture_given_is_not_changed(image, honest):
    before = image.copy()
    deletion(looks_at_the_spot, image, honest)
    random_deletion(looks_at_the_spot, image, seed=1, repeats=1)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"map_": np.zeros((3, 3))}, r"map: found shape \(3, 3\), the image has \(32, 32\)"),
        ({"map_": np.full((32, 32), math.nan)}, "map: found NaN"),
        ({"image": np.zeros(32)}, r"image: found shape \(32,\)"),
        ({"fractions": ()}, "at least one"),
        ({"fractions": (0.1, 1.5)}, r"fractions: found \(0\.1, 1\.5\)"),
        ({"predict": lambda batch: np.zeros((len(batch), 2))}, r"scores of shape \(6, 2\)"),
        ({"predict": lambda batch: np.full(len(batch), math.nan)}, "one finite each"),
    ],
)
def test_what_cannot_be_measured_is_refused(image, honest, change, found):
    arguments = {"predict": looks_at_the_spot, "image": image, "map_": honest, "fractions": FRACTIONS} | change
    with pytest.raises(ValueError, match=found):
        deletion(**arguments)


def test_a_gain_needs_something_taken_and_somewhere_to_compare(image, honest):
    with pytest.raises(ValueError, match="none above 0"):
        deletion_gain(looks_at_the_spot, image, honest, (0.0,), seed=1)
    with pytest.raises(ValueError, match="repeats: found 0"):
        random_deletion(looks_at_the_spot, image, seed=1, repeats=0)


maps = hnp.arrays(np.float32, (6, 7), elements=st.floats(0, 1, width=32)).filter(lambda m: m.sum() > 0.01)
regions = hnp.arrays(np.bool_, (6, 7))


@given(maps, regions)
def test_energy_inside_and_outside_make_the_whole(values, region):
    inside, outside = energy_share(values, region), energy_share(values, ~region)
    assert 0 <= inside <= 1
    assert inside + outside == pytest.approx(1.0)
    assert energy_share(values * 4, region) == pytest.approx(inside)


@given(regions)
def test_a_flat_map_has_the_share_of_the_area(region):
    assert energy_share(np.ones((6, 7)), region) == pytest.approx(region.mean())


@pytest.mark.parametrize(
    ("values", "region", "found"),
    [
        (np.zeros((2, 2)), np.ones((2, 2), bool), "only zeros"),
        (np.array([[1.0, -1.0]]), np.ones((1, 2), bool), "negative values"),
        (np.ones((2, 2)), np.ones((2, 3), bool), r"found bool \(2, 3\)"),
        (np.ones((2, 2)), np.ones((2, 2), int), "found int64"),
    ],
)
def test_a_map_that_has_no_share_is_refused(values, region, found):
    with pytest.raises(ValueError, match=found):
        energy_share(values, region)


@given(st.integers(1, 60), st.integers(1, 60), st.floats(0.01, 0.49))
def test_the_frame_has_the_same_look_from_every_side(rows, columns, fraction):
    frame = border_region((rows, columns), fraction)
    for turned in (frame[::-1], frame[:, ::-1], border_region((columns, rows), fraction).T):
        np.testing.assert_array_equal(turned, frame)
    assert frame[0].all()
    assert frame[:, 0].all()


def test_the_frame_is_as_wide_as_asked_and_leaves_the_middle():
    frame = border_region((100, 50), 0.1)
    assert not frame[10:90, 5:45].any()
    assert frame.sum() == 100 * 50 - 80 * 40


@pytest.mark.parametrize(("shape", "fraction"), [((0, 5), 0.1), ((5, 5), 0.0), ((5, 5), 0.5), ((5, 5), math.nan)])
def test_a_frame_without_pixels_or_without_a_middle_is_refused(shape, fraction):
    with pytest.raises(ValueError, match="needed pixels and a fraction"):
        border_region(shape, fraction)


def test_a_place_is_taken_out_of_every_channel_and_filled_by_its_own_surroundings(image, honest):
    other = np.linspace(0.2, 0.8, image.size, dtype=np.float32).reshape(image.shape)
    seen = Recorder()
    deletion(seen, np.stack([image, other]), honest, [16 / image.size])
    (batch,) = seen.batches
    assert batch.shape == (1, 2, 32, 32)
    for channel, plain in zip(batch[0], (image, other), strict=True):
        alone = Recorder()
        deletion(alone, plain, honest, [16 / image.size])
        assert (channel == alone.batches[0][0, 0]).all()
        assert ((channel != plain) <= (honest > 0)).all()


def test_a_map_gains_whichever_channel_the_network_uses(image, honest):
    dark = np.full_like(image, 0.1)
    for pair in (np.stack([image, dark]), np.stack([dark, image])):
        n = int(pair[1].max() == 1.0)
        gain = deletion_gain(lambda batch, n=n: looks_at_the_spot(batch[:, n : n + 1]), pair, honest, seed=1)
        assert gain == deletion_gain(looks_at_the_spot, image, honest, seed=1) > 0.3


def test_one_channel_is_the_same_with_and_without_its_axis(image, honest):
    assert (deletion(looks_at_the_spot, image, honest) == deletion(looks_at_the_spot, image[None], honest)).all()
    blocks = [random_deletion(looks_at_the_spot, picture, seed=2, repeats=2) for picture in (image, image[None])]
    assert (blocks[0] == blocks[1]).all()
