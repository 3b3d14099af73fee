"""Windows, percentiles, scores and the body they are taken over."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.prepare.foreground import foreground, otsu
from secondread.prepare.percentiles import percentiles
from secondread.prepare.window import window
from secondread.prepare.zscore import zscore


def body(shape=(40, 40)):
    """float32: a bright ring with a dark hole in air, and a small bright thing beside it."""
    y, x = np.indices(shape)
    far = np.hypot(y - 20, x - 22)
    values = np.random.default_rng(2).normal(5, 1, shape)
    values[(far < 14) & (far > 4)] += 100
    values[2:5, 1:3] += 100
    return values.astype(np.float32)


@given(st.lists(st.floats(-2000, 3000, width=32), min_size=2, max_size=30), st.floats(-500, 500), st.floats(1, 2000))
def test_brighter_tissue_is_never_darker_on_screen(hu, centre, width):
    grey = window(np.sort(np.array(hu, np.float32)), centre=centre, width=width)
    assert (np.diff(grey) >= 0).all()
    assert 0 <= grey.min() <= grey.max() <= 1


def test_the_level_of_otsu_is_that_of_simpleitk():
    sitk = pytest.importorskip("SimpleITK")
    judge = sitk.OtsuThresholdImageFilter()
    judge.SetNumberOfHistogramBins(256)
    judge.Execute(sitk.GetImageFromArray(body()))
    between = np.sort(body().ravel())
    assert (between > otsu(body())).sum() == (between > judge.GetThreshold()).sum()


def test_the_body_is_the_largest_thing_with_its_holes_filled():
    found = foreground(body())
    assert found[20, 22]
    assert not found[3, 2]
    assert foreground(np.ones((4, 4), np.float32)).all()


def test_air_does_not_count_where_only_the_body_should():
    wide = np.pad(body(), 60, constant_values=5.0)
    inside = np.s_[60:100, 60:100]
    for scale in (lambda v: percentiles(v, low=2, high=98, body_only=True), zscore):
        assert np.allclose(scale(wide)[inside], scale(body()), atol=0.02)
    assert not np.allclose(percentiles(wide, low=2, high=98)[inside], percentiles(body(), low=2, high=98), atol=0.02)


@given(st.floats(0.1, 50), st.floats(-100, 100))
def test_scales_do_not_depend_on_the_unit_of_the_file(factor, offset):
    values = body()
    for scale in (zscore, percentiles):
        assert np.allclose(scale(values * np.float32(factor) + np.float32(offset)), scale(values), atol=5e-3)


def test_the_mean_is_grey_and_a_deviation_is_the_share_that_reach_says():
    values = np.random.default_rng(1).normal(100, 15, (50, 50)).astype(np.float32)
    found = zscore(values, reach=5, body_only=False)
    assert found.mean() == pytest.approx(0.5, abs=1e-3)
    assert found.std() == pytest.approx(0.1, rel=1e-3)
    assert np.array_equal(zscore(np.full((3, 3), 7, np.float32)), np.full((3, 3), 0.5, np.float32))


def test_pictures_of_one_grey_become_black_by_percentiles():
    assert not percentiles(np.full((3, 3), 7, np.float32)).any()


@pytest.mark.parametrize(
    ("call", "told"),
    [(window, {"centre": 0, "width": 0}), (percentiles, {"low": 5, "high": 5}), (zscore, {"reach": 0})],
)
def test_what_cannot_be_is_refused(call, told):
    with pytest.raises(ValueError, match="needed"):
        call(body(), **told)
