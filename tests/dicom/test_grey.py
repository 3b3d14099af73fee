"""The grey pipeline: each step once, in the one right order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from secondread.dicom.grey import Bits, Lookup, Recipe, Rescale, grey, look_up, measured, stored_values
from secondread.dicom.voi import Window

TWELVE = Bits(12, 11, signed=False)
pictures = arrays(np.uint16, (5, 4), elements=st.integers(0, 4095))


def test_twelve_signed_bits_in_sixteen_are_extended_by_their_sign():
    found = stored_values(np.array([0x0FFF, 0x0800, 0x07FF], np.uint16), Bits(12, 11, signed=True))
    assert found.tolist() == [-1, -2048, 2047]


@given(arrays(np.uint16, 6, elements=st.integers(0, 4095)), st.integers(0, 15))
def test_overlay_bits_above_the_value_change_nothing(values, overlay):
    assert np.array_equal(stored_values(values | np.uint16(overlay << 12), TWELVE), values)


@given(arrays(np.uint16, 6, elements=st.integers(0, 4095)))
def test_a_value_kept_in_the_high_bits_is_brought_down(values):
    assert np.array_equal(stored_values(values << np.uint16(4), Bits(12, 15, signed=False)), values)


@given(st.one_of(arrays(np.int8, 6), arrays(np.int16, 6), arrays(np.int32, 6)))
def test_full_containers_keep_their_numbers(values):
    bits = Bits(8 * values.itemsize, 8 * values.itemsize - 1, signed=True)
    assert np.array_equal(stored_values(values.view(f"u{values.itemsize}"), bits), values)


@pytest.mark.parametrize(("stored", "high"), [(0, 11), (13, 11), (40, 39)])
def test_impossible_bits_are_refused(stored, high):
    with pytest.raises(ValueError, match="bits cannot end"):
        Bits(stored, high, signed=False)


def test_a_table_starts_at_its_first_value_and_repeats_its_ends():
    table = Lookup(-2, np.array([5.0, 6.0, 8.0]))
    assert look_up(np.array([-9, -2, -1, 0, 9], np.int16), table).tolist() == [5, 5, 6, 8, 8]
    assert look_up(np.array([0, 1], np.uint16), Lookup(1, np.array([3.0, 4.0]))).tolist() == [3, 3]


@given(pictures, st.floats(0.01, 10), st.floats(-2000, 2000), st.floats(-2000, 4000), st.floats(2, 5000))
def test_the_whole_chain_is_window_after_rescale(raw, slope, intercept, centre, width):
    shown, padding = grey(raw, Recipe(TWELVE, modality=Rescale(slope, intercept), voi=Window(centre, width)))
    by_hand = np.clip((raw * slope + intercept - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)
    assert padding is None
    assert shown.dtype == np.float32
    assert np.allclose(shown, by_hand, atol=1e-6)


@given(pictures, st.one_of(st.none(), st.just(Window(2000, 1500)), st.just(Window(2000, 1500, "SIGMOID"))))
def test_monochrome1_is_the_negative_of_monochrome2(raw, voi):
    plain, _ = grey(raw, Recipe(TWELVE, voi=voi))
    inverse, _ = grey(raw, Recipe(TWELVE, voi=voi, inverted=True))
    assert np.allclose(plain + inverse, 1, atol=1e-6)


@given(pictures)
def test_without_a_window_the_middle_99_percent_fill_the_scale(raw):
    shown, _ = grey(raw, Recipe(TWELVE, modality=Rescale(2.0, -1000.0)))
    low, high = np.percentile(raw, [0.5, 99.5])
    if high > low:
        assert np.allclose(shown, np.clip((raw - low) / (high - low), 0, 1), atol=1e-6)


def test_padding_is_compared_before_rescale_kept_out_of_the_percentiles_and_shown_black():
    raw = np.full((10, 10), 4000, np.uint16)
    raw[2:8, 2:8] = np.arange(36).reshape(6, 6) + 100
    recipe = Recipe(TWELVE, padding=(4000, 4000), modality=Rescale(1.0, -1024.0))
    shown, padding = grey(raw, recipe)
    inside = raw[2:8, 2:8]
    low, high = np.percentile(inside, [0.5, 99.5])
    assert np.array_equal(padding, raw == 4000)
    assert np.allclose(shown[2:8, 2:8], np.clip((inside - low) / (high - low), 0, 1), atol=1e-6)
    assert not shown[padding].any()
    inverse, _ = grey(raw, Recipe(TWELVE, padding=(4000, 4000), inverted=True))
    assert not inverse[padding].any()


def test_a_padding_range_counts_with_both_ends():
    raw = np.arange(16, dtype=np.uint8).reshape(4, 4)
    _, padding = grey(raw, Recipe(Bits(8, 7, signed=False), padding=(3, 5), voi=Window(8, 16)))
    assert np.flatnonzero(padding).tolist() == [3, 4, 5]
    assert grey(raw, Recipe(Bits(8, 7, signed=False), padding=(99, 99)))[1] is None


def test_a_modality_table_feeds_a_voi_table():
    modality, voi = Lookup(0, np.array([10.0, 30.0, 20.0])), Lookup(10, np.linspace(0, 1, 21))
    shown, _ = grey(np.array([[0, 1, 2]], np.uint8), Recipe(Bits(8, 7, signed=False), modality=modality, voi=voi))
    assert shown.tolist() == [[0, 1, 0.5]]


@given(arrays(np.uint32, (3, 5)))
def test_numbers_of_32_bits_go_the_same_way(raw):
    shown, _ = grey(raw, Recipe(Bits(32, 31, signed=True), voi=Window(0, 2**31, "LINEAR_EXACT")))
    assert np.allclose(shown, np.clip(raw.view(np.int32) / 2**31 + 0.5, 0, 1), atol=1e-6)


def test_hounsfield_units_come_from_slope_and_intercept_alone():
    assert measured(np.array([0, 1024], np.uint16), Rescale(1.0, -1024.0)).tolist() == [-1024, 0]
