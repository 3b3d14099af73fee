"""Grey pictures stored in three channels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from secondread.core.channels import grey_channel


@given(arrays(np.uint8, (4, 5)))
def test_three_equal_channels_give_that_channel(grey):
    assert np.array_equal(grey_channel(np.stack([grey] * 3, axis=-1)), grey)


@given(arrays(np.uint8, (3, 3, 3)), st.integers(0, 10))
def test_a_picture_is_grey_exactly_when_no_pixel_exceeds_the_tolerance(colour, tolerance):
    spread = colour.astype(int).max(axis=-1) - colour.astype(int).min(axis=-1)
    assert (grey_channel(colour, tolerance) is not None) == (spread.max() <= tolerance)
