"""Sizes and bits are judged by the header alone."""

import pytest
from pydicom.dataset import Dataset

from secondread.core.errors import FormatError, TooLargeError
from secondread.dicom.layout import check_layout, check_length, frame_bytes


def header(**elements):
    dataset = Dataset()
    defaults = {"Rows": 40, "Columns": 32, "SamplesPerPixel": 1, "BitsAllocated": 16}
    for keyword, value in {**defaults, "PhotometricInterpretation": "MONOCHROME2", **elements}.items():
        setattr(dataset, keyword, value)
    return dataset


@pytest.mark.parametrize(
    ("elements", "frames", "expected"),
    [
        ({}, 1, 2560),
        ({"BitsAllocated": 8}, 3, 3840),
        ({"BitsAllocated": 1, "Rows": 3, "Columns": 3}, 1, 2),
        ({"BitsAllocated": 1, "Rows": 3, "Columns": 3}, 3, 4),  # frames of single bits follow without a gap
        ({"BitsAllocated": 8, "SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"}, 1, 3840),
        ({"BitsAllocated": 8, "SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL_422"}, 1, 2560),
    ],
)
def test_frames_take_as_many_bytes_as_their_header_says(elements, frames, expected):
    assert frame_bytes(header(**elements), frames) == expected


def test_data_may_be_padded_but_neither_cut_nor_a_frame_too_long():
    for found in (5120, 5121, 7681):
        check_length(found, header(), 2, "x")
    with pytest.raises(FormatError, match="x: the file is cut short: 5,119 bytes of pixels, needed 5,120"):
        check_length(5119, header(), 2, "x")
    with pytest.raises(FormatError, match="7,682 bytes of pixels, more than the 5,120"):
        check_length(7682, header(), 2, "x")


def test_one_frame_and_all_frames_together_have_a_largest_size():
    check_layout(header(Rows=10_000, Columns=10_000), "x")
    with pytest.raises(TooLargeError, match="10001 x 10000 pixels"):
        check_layout(header(Rows=10_001, Columns=10_000), "x")
    check_layout(header(Rows=512, Columns=512, NumberOfFrames=2048), "x")
    with pytest.raises(TooLargeError, match="512 x 512 pixels x 2049 frames"):
        check_layout(header(Rows=512, Columns=512, NumberOfFrames=2049), "x")
    with pytest.raises(FormatError, match="0 frames"):
        check_layout(header(NumberOfFrames=0), "x")
