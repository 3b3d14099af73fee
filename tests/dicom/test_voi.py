"""Windows and the stretch that stands in for them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from secondread.dicom.voi import FUNCTIONS, Window, stretch, window

windows = st.builds(
    Window, centre=st.floats(-3000, 3000), width=st.floats(1, 5000), function=st.sampled_from(FUNCTIONS)
)


@pytest.mark.parametrize(
    ("function", "value", "grey"),
    [
        ("LINEAR", 40, 129.1139),
        ("LINEAR_EXACT", 40, 127.5),
        ("SIGMOID", 0, 30.3967),
        ("SIGMOID", 40, 127.5),
        ("SIGMOID", 80, 224.6033),
        ("SIGMOID", 120, 250.4135),
    ],
)
def test_a_window_of_centre_40_and_width_80_gives_the_published_grey(function, value, grey):
    assert 255 * window([value], Window(40, 80, function))[0] == pytest.approx(grey, abs=5e-5)


def test_the_ends_of_a_linear_window_lie_where_the_standard_puts_them():
    # PS3.3 C.11.2.1.2.1: 0 at c - 0.5 - (w - 1) / 2, full at c - 0.5 + (w - 1) / 2.
    assert window([0, 1, 78, 79], Window(40, 80)).tolist() == pytest.approx([0, 1 / 79, 78 / 79, 1])


def test_a_linear_window_of_width_one_is_a_threshold():
    assert window([39.5, 39.6, 41], Window(40, 1)).tolist() == [0, 1, 1]


@given(windows, arrays(np.float64, 20, elements=st.floats(-1e5, 1e5)))
def test_brighter_tissue_is_never_darker_on_screen(shape, values):
    shown = window(np.sort(values), shape)
    assert (np.diff(shown) >= 0).all()
    assert shown.min() >= 0
    assert shown.max() <= 1


@pytest.mark.parametrize(
    ("width", "function"),
    [(0.5, "LINEAR"), (0, "LINEAR_EXACT"), (-1, "SIGMOID"), (np.nan, "LINEAR"), (10, "CUBIC")],
)
def test_a_window_that_cannot_be_applied_cannot_be_made(width, function):
    with pytest.raises(ValueError, match="window"):
        Window(40, width, function)


@given(arrays(np.int16, st.integers(2, 400), elements=st.integers(-50, 50)))
def test_the_stretch_ends_at_the_percentiles_numpy_finds(pixels):
    values, counts = np.unique(pixels, return_counts=True)
    low, high = np.percentile(pixels, [0.5, 99.5])
    if low == high:
        low, high = pixels.min(), pixels.max()
    wanted = np.clip((values - low) / (high - low), 0, 1) if high > low else np.zeros(len(values))
    assert np.allclose(stretch(values.astype(float), counts), wanted, atol=1e-12)


def test_levels_that_do_not_occur_do_not_move_the_stretch():
    values, counts = np.arange(100.0), np.zeros(100, np.int64)
    counts[[10, 20]] = 50
    shown = stretch(values, counts)
    assert shown[[10, 15, 20]].tolist() == [0, 0.5, 1]
    assert not stretch(values, np.zeros(100, np.int64)).any()
