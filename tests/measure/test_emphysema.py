"""Low attenuation of the lungs. Source: clinical reference, section 1.6."""

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from secondread.core.code import LOCAL, Code
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.core.volume import Volume
from secondread.measure.emphysema import Acquisition, low_attenuation_percent, measure_emphysema, percentile_15_hu

EXAMPLE_HU = [-960, -955, -950, -940, -900, -850, -980, -700, -600, -930]
GOOD = Acquisition(slice_thickness_mm=1.0, sharp_kernel=False, inspiration=True, contrast=False)
LUNG = Code(LOCAL, "lung", "Lung")
SHAPE = (4, 6, 5)
GRID = Geometry(SHAPE, np.diag([1.0, 0.7, 0.7, 1.0]))


def scan(seed: int = 0) -> Volume:
    """Lung with holes in it."""
    return Volume(np.random.default_rng(seed).uniform(-1000, -800, SHAPE), GRID, "HU")


def region(inside: np.ndarray) -> Mask:
    return Mask(inside, GRID, LUNG)


EVERYWHERE = region(np.ones(SHAPE, dtype=bool))
NOWHERE = region(np.zeros(SHAPE, dtype=bool))


def test_the_example_of_the_reference_counts_strictly_below_950():
    assert low_attenuation_percent(EXAMPLE_HU) == 30.0
    assert low_attenuation_percent([-950]) == 0.0


def test_the_percentile_lies_between_neighbours():
    assert percentile_15_hu(np.arange(-1000, -899)) == pytest.approx(-985)
    assert percentile_15_hu(EXAMPLE_HU) == pytest.approx(-960 + 0.35 * 5)


def test_an_independent_program_counts_the_same():
    volume = scan()
    image = SimpleITK.GetImageFromArray(volume.values)
    low = SimpleITK.BinaryThreshold(image, -5000, float(np.nextafter(np.float32(-950), np.float32(-5000))))
    expected = 100.0 * SimpleITK.GetArrayFromImage(low).mean()
    assert measure_emphysema(volume, EVERYWHERE, NOWHERE, GOOD).laa950.value == pytest.approx(expected)


@given(arrays.arrays(np.float64, st.integers(1, 50), elements=st.floats(-1000, 0)), st.floats(0, 50))
def test_a_denser_lung_has_less_emphysema(hu, more):
    assert low_attenuation_percent(hu + more) <= low_attenuation_percent(hu)
    assert percentile_15_hu(hu + more) >= percentile_15_hu(hu) - 1e-9


def test_flips_change_nothing():
    volume, half = scan(), np.arange(120).reshape(SHAPE) % 3 > 0
    same = measure_emphysema(volume, region(half), NOWHERE, GOOD)
    for axis in range(3):
        turned = Volume(np.flip(volume.values, axis), GRID, "HU")
        flipped = measure_emphysema(turned, region(np.flip(half, axis)), NOWHERE, GOOD)
        assert flipped.laa950 == same.laa950
        assert flipped.perc15.value == pytest.approx(same.perc15.value)


def test_air_in_the_airways_is_no_emphysema():
    values = np.full(SHAPE, -850.0)
    values[:, :2] = -1000.0
    trachea = region(values == -1000.0)
    volume = Volume(values, GRID, "HU")
    without = measure_emphysema(volume, EVERYWHERE, trachea, GOOD)
    assert (without.laa950.value, without.perc15.value, without.warnings) == (0.0, -850.0, ())
    held = measure_emphysema(volume, EVERYWHERE, None, GOOD)
    assert held.laa950.value == pytest.approx(100 / 3)
    assert any("trachea" in warning for warning in held.warnings)


@pytest.mark.parametrize(
    ("taken", "word"),
    [
        ({"slice_thickness_mm": 5.0}, "slices of 5.0 mm"),
        ({"slice_thickness_mm": None}, "thickness is not known"),
        ({"sharp_kernel": True}, "a sharp kernel raises"),
        ({"sharp_kernel": None}, "the kernel is not known"),
        ({"inspiration": False}, "without a full breath"),
        ({"inspiration": None}, "breath was full is not known"),
        ({"contrast": True}, "contrast raises"),
        ({"contrast": None}, "contrast was given is not known"),
    ],
)
def test_how_the_scan_was_taken_limits_the_numbers(taken, word):
    warnings = measure_emphysema(scan(), EVERYWHERE, NOWHERE, replace(GOOD, **taken)).warnings
    assert len(warnings) == 1
    assert word in warnings[0]


def test_what_does_not_fit_is_refused():
    elsewhere = Mask(EVERYWHERE.inside, Geometry(SHAPE, np.diag([2.0, 0.7, 0.7, 1.0])), LUNG)
    grey = Volume(scan().values, GRID, "grey")
    for volume, lung, airways, word in (
        (grey, EVERYWHERE, NOWHERE, "needed HU"),
        (scan(), elsewhere, NOWHERE, "grid"),
        (scan(), EVERYWHERE, elsewhere, "grid"),
        (scan(), NOWHERE, None, "found 0 values"),
        (scan(), EVERYWHERE, EVERYWHERE, "found 0 values"),
    ):
        with pytest.raises(ValueError, match=word):
            measure_emphysema(volume, lung, airways, GOOD)
