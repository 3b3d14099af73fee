"""Palettes, plain and in segments, in both byte orders."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut

from dicom_factory import shared
from secondread.core.errors import FormatError
from secondread.dicom.header import calm
from secondread.dicom.palette import CHANNELS, look_up_colours
from secondread.dicom.pixels import decode, read_picture

TABLES = [[0, 10, 20, 255], [0, 30, 40, 255], [5, 50, 60, 255]]


def header(bits, tables=TABLES, first=0, count=4, *, little=True, segmented=False):
    """A header with a palette of ``bits`` bits: the same bytes as a file of that byte order."""
    dataset = Dataset()
    dataset.set_original_encoding(is_implicit_vr=False, is_little_endian=little)
    for channel, table in zip(CHANNELS, tables, strict=True):
        data = table if isinstance(table, bytes) else words(table, bits, little=little)
        setattr(dataset, f"{channel}PaletteColorLookupTableDescriptor", [count, first, bits])
        setattr(dataset, f"{'Segmented' if segmented else ''}{channel}PaletteColorLookupTableData", data)
    return dataset


def words(values, bits, *, little=True):
    return np.array(values, f"{'<' if little else '>'}u{bits // 8}").tobytes()


def colours(indices, elements):
    return look_up_colours(np.array(indices), elements, "x").tolist()


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("little", [True, False])
def test_a_palette_of_8_or_16_bits_is_looked_up(bits, little):
    assert colours([0, 1, 3], header(bits, little=little)) == [[0, 0, 5], [10, 30, 50], [255, 255, 255]]
    assert look_up_colours(np.array([0]), header(bits), "x").dtype.itemsize == bits // 8


def test_entries_of_8_bits_may_each_fill_a_word():
    assert colours([1, 2], header(8, [words(table, 16) for table in TABLES])) == [[10, 30, 50], [20, 40, 60]]


def test_a_palette_may_start_above_or_below_0_and_repeats_its_ends():
    assert colours([0, 2, 3, 9], header(8, first=2)) == [[0, 0, 5], [0, 0, 5], [10, 30, 50], [255, 255, 255]]
    signed = header(8, first=0xFFFE)  # -2, as a pattern of 16 bits
    signed.PixelRepresentation = 1
    assert colours([-9, -2, -1], signed) == [[0, 0, 5], [0, 0, 5], [10, 30, 50]]


def test_a_length_of_0_means_65536_entries_and_8_bits_may_have_more_than_256():
    ramp = [words(np.arange(65536), 16)] * 3
    assert colours([0, 300, 65535], header(16, ramp, count=0)) == [[0] * 3, [300] * 3, [65535] * 3]
    assert colours([300, 301], header(8, [bytes(300) + b"\7\x09"] * 3, count=302)) == [[7] * 3, [9] * 3]


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("little", [True, False])
def test_a_segmented_palette_is_unrolled(bits, little):
    # One value; a line to 30 in three steps; both again, from byte 0. Source: DICOM PS3.3 C.7.9.2.
    first = words([0, 1, 0, 1, 3, 30], bits, little=little)
    again = words([2, 2], bits, little=little) + words([0, 0], 16, little=little)
    found = header(bits, [first + again] * 3, count=8, little=little, segmented=True)
    assert [grey[0] for grey in colours(range(8), found)] == [0, 10, 20, 30, 0, 10, 20, 30]


@pytest.mark.parametrize(
    "data",
    [
        [1, 3, 30, 0, 0],  # a line from nowhere
        [0, 1, 7, 2, 1, 900, 0],  # an earlier segment beyond the end
        [0, 0, 0, 0, 0, 0],  # segments without entries
        [9, 1, 7],  # a kind that does not exist
        [0, 2, 7, 8],  # half of the entries
        [],
    ],
)
def test_damaged_segments_are_refused(data):
    with pytest.raises(FormatError, match="x: the palette is damaged"):
        colours([0], header(16, [data] * 3, segmented=True))


def test_an_indirect_segment_that_names_itself_or_repeats_for_ever_ends():
    endless = [0, 1, 7, *[2, 65535, 0, 0] * 2000]
    found = header(16, [endless] * 3, count=0, segmented=True)
    with pytest.raises(FormatError, match="palette is damaged"):
        colours([0], found)


@given(st.binary(max_size=40), st.sampled_from([8, 16]), st.booleans())
def test_any_segments_are_unrolled_or_refused(data, bits, little):
    try:
        found = colours([0, 9], header(bits, [data] * 3, little=little, segmented=True))
    except FormatError as error:
        assert "palette" in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert len(found) == 2


def test_a_palette_without_its_entries_or_with_an_impossible_descriptor_is_refused():
    for damage in (
        lambda found: delattr(found, "GreenPaletteColorLookupTableData"),
        lambda found: setattr(found, "BluePaletteColorLookupTableDescriptor", [4, 0, 12]),
        lambda found: setattr(found, "BluePaletteColorLookupTableDescriptor", [9, 0, 8]),
    ):
        found = header(8)
        damage(found)
        with pytest.raises(FormatError, match="x: the palette is damaged"):
            colours([0], found)


REAL = ["OBXXXX1A.dcm", "OBXXXX1A_rle.dcm", "OT-PAL-8-face.dcm", "gdcm-US-ALOKA-16.dcm", "gdcm-US-ALOKA-16_big.dcm"]


@pytest.mark.parametrize("name", REAL)
def test_real_palettes_are_looked_up_as_pydicom_looks_them_up(name):
    path = shared("pydicom-data", "data_store", "data", name)
    with calm():
        dataset = dcmread(path, force=True)
        witness = apply_color_lut(decode(read_picture(path), name), dataset)
    assert np.array_equal(in_colour(path), witness)


@pytest.mark.parametrize(
    ("big", "little"), [("OBXXXX1A_expb", "OBXXXX1A"), ("gdcm-US-ALOKA-16_big", "gdcm-US-ALOKA-16")]
)
def test_one_real_picture_has_the_same_colours_in_either_byte_order(big, little):
    first, second = (shared("pydicom-data", "data_store", "data", f"{name}.dcm") for name in (big, little))
    assert np.array_equal(in_colour(first), in_colour(second))


def in_colour(path):
    with calm():
        elements = read_picture(path)
        return look_up_colours(decode(elements, "x"), elements, "x")
