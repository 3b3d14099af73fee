"""Compressed frames are judged before a decoder trusts them."""

import struct

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import get_frame

from secondread.dicom.codestream import is_complete, size

REAL = ["MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "SC_rgb_jpeg_dcmtk.dcm", "SC_rgb_jpeg_gdcm.dcm"]


@pytest.mark.parametrize("name", REAL)
def test_jpeg_2000_jpeg_ls_and_jpeg_state_the_size_their_header_states(name):
    dataset = dcmread(get_testdata_file(name, download=False))
    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    assert size(frame) == (dataset.Rows, dataset.Columns)
    assert is_complete(frame)
    assert not is_complete(frame[: len(frame) // 2])


def test_an_offset_of_the_jpeg_2000_grid_is_not_part_of_the_picture():
    assert size(b"\xff\x4f\xff\x51\x00\x29\x00\x00" + struct.pack(">IIII", 30, 20, 10, 5)) == (15, 20)


@pytest.mark.parametrize("frame", [b"", b"\xff\xd8\xff", b"\xff\x4f\xff\x51\x00", b"RLE", b"\xff\xd8\xff\xff\xff"])
def test_a_frame_without_a_size_says_so(frame):
    assert size(frame) is None
