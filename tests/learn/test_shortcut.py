"""The baseline knows grey levels and borders, and nothing of anatomy."""

import numpy as np
import pytest

from secondread.learn.examples import Examples
from secondread.learn.shortcut import FEATURES, from_numbers, numbers, shortcut_probabilities

pytest.importorskip("sklearn")


def examples(images, labels):
    names, pictures = np.arange(len(labels)).astype(str), np.asarray(images, np.uint8)
    return Examples(pictures if pictures.ndim == 4 else pictures[:, None], np.asarray(labels), names, {}, names)


@pytest.fixture
def random():
    return np.random.default_rng(4)


def test_every_picture_has_as_many_numbers_as_the_card_says(random):
    found = numbers(random.integers(0, 256, (5, 20, 30)).astype(np.uint8))
    assert found.shape == (5, FEATURES) == (5, 24)
    assert np.isfinite(found).all()
    assert found[:, :14].sum(1) == pytest.approx(1.0)


def test_shuffling_what_lies_inside_changes_no_grey_level_statistic(random):
    images = random.integers(0, 256, (4, 32, 32)).astype(np.uint8)
    inside = images[:, 2:-2, 2:-2].reshape(4, -1)
    mixed = images.copy()
    mixed[:, 2:-2, 2:-2] = random.permuted(inside, axis=1).reshape(4, 28, 28)
    assert numbers(mixed)[:, :22] == pytest.approx(numbers(images)[:, :22])


def test_it_finds_what_brightness_gives_away_and_not_what_place_does(random):
    labels = np.tile([0, 1], 60)
    grey = random.integers(60, 120, (120, 24, 24))
    bright = examples(grey + 40 * labels[:, None, None], labels)
    placed = grey.copy()
    rows = np.where(labels == 1, 5, 14)
    for picture, row in zip(placed, rows, strict=True):
        picture[row : row + 5, 10:15] = 255
    for told, low, high in ((bright, 0.99, 1.0), (examples(placed, labels), 0.2, 0.8)):
        half = [examples(told.images[k::4], told.labels[k::4]) for k in (0, 1, 2, 3)]
        train = examples(np.concatenate([half[0].images, half[1].images]), [0] * 30 + [1] * 30)
        test = examples(np.concatenate([half[2].images, half[3].images]), [0] * 30 + [1] * 30)
        right = (shortcut_probabilities(train, test, 2).argmax(1) == test.labels).mean()
        assert low <= right <= high


def test_a_label_it_never_saw_gets_the_probability_0(random):
    some = examples(random.integers(0, 256, (20, 16, 16)), np.tile([0, 2], 10))
    found = shortcut_probabilities(some, some, 3)
    assert (found[:, 1] == 0.0).all()
    assert found.sum(1) == pytest.approx(1.0)


@pytest.mark.parametrize("labels", [np.full(4, -1), np.zeros((4, 0), np.int64)])
def test_without_labels_there_is_nothing_to_say(labels, random):
    """Whether labels would exclude each other or be independent."""
    some = examples(random.integers(0, 256, (4, 16, 16)), labels)
    assert shortcut_probabilities(some, some, 0).shape == (4, 0)


def test_a_number_that_nobody_here_has_gives_no_answer():
    assert from_numbers(np.ones((4, 1)), np.array([0, 1, 0, 1]), np.zeros((0, 1)), 2).shape == (0, 2)
    assert not from_numbers(np.ones((2, 1)), np.array([-1, 1]), np.ones((3, 1)), 2).any()
