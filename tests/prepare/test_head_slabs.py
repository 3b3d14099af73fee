"""Slices as the network of head CT saw them in training."""

import numpy as np
import pytest

from secondread.prepare.head_slabs import slabs_of


def ball(slices: int) -> np.ndarray:
    """A skull of bone around brain, float32 [k, j, i] in HU."""
    j, i = np.mgrid[-60:60, -50:50]
    r = np.hypot(j / 55.0, i / 45.0)
    plane = np.where(r < 0.85, 30.0, np.where(r < 1.0, 900.0, -1000.0))
    return np.repeat(plane[None].astype(np.float32), slices, axis=0)


@pytest.mark.parametrize(("spacing", "slices", "slabs"), [(5.0, 6, 6), (2.5, 12, 6), (1.0, 30, 6), (7.0, 6, 6)])
def test_slabs_are_about_five_millimetres_thick(spacing, slices, slabs):
    found = slabs_of(ball(slices), spacing, 112)
    assert found.batch.shape == (slabs, 3, 112, 112)
    assert found.spacing_mm == pytest.approx(spacing * found.thickness)


def test_a_slab_stands_between_the_one_below_and_the_one_above_and_ends_repeat():
    values = ball(4)
    values[2, 40:60, 40:60] = 70.0  # in the brain of the third slice
    batch = slabs_of(values, 5.0, 112).batch
    assert np.array_equal(batch[1, 2], batch[2, 1])
    assert np.array_equal(batch[3, 0], batch[2, 1])
    assert np.array_equal(batch[0, 0], batch[0, 1])
    assert np.array_equal(batch[3, 2], batch[3, 1])
    assert batch[2, 1].max() > batch[1, 1].max() + 0.3


def test_bone_and_what_lies_outside_are_the_grey_of_the_usual_brain():
    batch = slabs_of(ball(3), 5.0, 112).batch
    assert batch.min() > 0.45
    assert batch.max() < 0.65  # where bone was, its rim is a little brighter
    assert np.mean(np.abs(batch - 0.5) < 0.02) > 0.95


def test_an_answer_for_each_slab_is_one_for_each_slice():
    found = slabs_of(ball(13), 2.5, 112)
    values = found.of_slices(np.arange(len(found.first), dtype=float), 13)
    assert values.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5]
