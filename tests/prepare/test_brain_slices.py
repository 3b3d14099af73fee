"""Slices of several sequences as a network sees them."""

import numpy as np
import pytest

from secondread.core.card import InputContract
from secondread.prepare.brain_slices import field_of, five_channels, grey, on_slice

CONTRACT = InputContract(32, 32, "squeeze", ("MR",), channels=5)


def test_a_wide_slice_becomes_square_by_black_above_and_below() -> None:
    field = field_of((100, 200), (1.0, 1.0), (50.0, 100.0))
    square = field.cut(np.ones((100, 200), np.float32))
    assert square.shape == (200, 200)
    assert square.sum() == 100 * 200


def test_pixels_that_are_not_square_fill_a_square_in_millimetres() -> None:
    field = field_of((100, 200), (2.0, 1.0), (50.0, 100.0))
    assert (field.rows, field.columns) == (100, 200)


def test_a_field_that_is_too_wide_is_cut_around_the_brain() -> None:
    field = field_of((400, 400), (1.0, 1.0), (150.0, 260.0))
    assert (field.rows, field.columns) == (256, 256)
    assert field.top + 128 == pytest.approx(150, abs=1)
    assert field.left + 128 == pytest.approx(260, abs=1)


@pytest.mark.parametrize(
    ("shape", "steps"), [((100, 200), (1.0, 1.0)), ((400, 380), (1.0, 1.0)), ((90, 90), (2.0, 2.0))]
)
def test_what_was_cut_comes_back_where_it_was(shape: tuple[int, int], steps: tuple[float, float]) -> None:
    plane = np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape)
    field = field_of(shape, steps, (shape[0] / 2, shape[1] / 2))
    back = field.back(field.cut(plane), shape)
    seen = back > 0
    assert np.array_equal(back[seen], plane[seen])
    assert seen.sum() > 0.4 * plane.size


def test_the_channels_are_below_before_flair_after_and_above() -> None:
    flair = np.stack([np.full((32, 32), n / 10, np.float32) for n in range(5)])
    before, after = flair + 0.5, flair + 0.05
    field = field_of((32, 32), (1.0, 1.0), (16.0, 16.0))
    told = [float(one.mean()) for one in five_channels(before, flair, after, 2, 1, field, CONTRACT)]
    assert told == pytest.approx([0.1, 0.7, 0.2, 0.25, 0.3], abs=1e-6)


def test_at_an_end_the_slice_stands_for_its_neighbour() -> None:
    flair = np.stack([np.full((32, 32), n / 10, np.float32) for n in range(3)])
    field = field_of((32, 32), (1.0, 1.0), (16.0, 16.0))
    lowest, highest = (five_channels(flair, flair, flair, k, 1, field, CONTRACT) for k in (0, 2))
    assert float(lowest[0].mean()) == pytest.approx(0.0)
    assert float(highest[4].mean()) == pytest.approx(0.2)


def test_an_outline_lands_on_the_pixels_that_the_network_saw() -> None:
    plane = np.zeros((100, 200), np.float32)
    plane[20:40, 150:180] = 1.0
    field = field_of(plane.shape, (1.0, 1.0), (50.0, 100.0))
    stack = np.stack([plane] * 3)
    seen = five_channels(stack, stack, stack, 1, 1, field, CONTRACT)[2]
    back = on_slice(seen, field, (100, 200), CONTRACT) >= 0.5
    assert 2 * (back & (plane > 0)).sum() / (back.sum() + plane.sum()) > 0.85


def test_grey_runs_from_black_to_nearly_the_brightest() -> None:
    values = np.linspace(100.0, 900.0, 10_000, dtype=np.float32).reshape(10, 100, 10)
    found = grey(values)
    assert found.min() == 0.0
    assert found.max() == 1.0
