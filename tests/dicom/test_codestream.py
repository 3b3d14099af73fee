"""Compressed frames are judged before a decoder trusts them."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import get_frame

from secondread.dicom.codestream import Coded, coded, is_complete

REAL = ["MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "SC_rgb_jpeg_dcmtk.dcm", "SC_rgb_jpeg_gdcm.dcm"]


@pytest.mark.parametrize("name", REAL)
def test_jpeg_2000_jpeg_ls_and_jpeg_state_what_their_header_states(name):
    dataset = dcmread(get_testdata_file(name, download=False))
    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    assert coded(frame) == Coded(dataset.Rows, dataset.Columns, dataset.SamplesPerPixel, dataset.BitsStored)
    assert is_complete(frame)
    assert not is_complete(frame[: len(frame) // 2])


def test_an_offset_of_the_jpeg_2000_grid_is_not_part_of_the_picture():
    tiles = struct.pack(">IIII", 30, 20, 0, 0)
    fields = struct.pack(">IIII", 30, 20, 10, 5) + tiles + struct.pack(">HB", 1, 0x80 | 11)  # signed, 12 bits
    assert coded(b"\xff\x4f\xff\x51\x00\x29\x00\x00" + fields) == Coded(15, 20, 1, 12)


@pytest.mark.parametrize("frame", [b"", b"\xff\xd8\xff", b"\xff\x4f\xff\x51\x00", b"RLE", b"\xff\xd8\xff\xff\xff"])
def test_a_frame_that_does_not_say_what_it_is_gives_nothing(frame):
    assert coded(frame) is None


@given(st.binary(max_size=60))
def test_any_bytes_are_looked_at_without_a_fault(content):
    for start in (b"", b"\xff\xd8\xff", b"\xff\x4f\xff\x51"):
        found = coded(start + content)
        assert found is None or found.samples < 2**16
