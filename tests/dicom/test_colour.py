"""Photometric interpretations: each converted exactly once."""

import numpy as np
import pytest

from dicom_factory import chest_xray, shared
from secondread.core.errors import FormatError
from secondread.dicom.colour import coloured, is_grey
from secondread.dicom.header import calm
from secondread.dicom.pixels import decode, read_picture


def rgb(path):
    """Red, green and blue of a file, 8 bits each."""
    with calm():
        elements = read_picture(path)
        values, bits = coloured(decode(elements, path.name), elements, path.name)
    assert values.dtype.itemsize * 8 == bits
    return values


def colour_file(path, photometric, data, **tags):
    """A capture of 2 x 2 pixels of 8 bits."""
    capture = {"Modality": "OT", "SamplesPerPixel": 3, "PlanarConfiguration": 0, "PixelData": bytes(data)}
    return chest_xray(path, np.zeros((2, 2), np.uint8), PhotometricInterpretation=photometric, **{**capture, **tags})


def test_ybr_becomes_rgb_once(tmp_path):
    # Red in YBR: [76, 85, 255]. Converted a second time it would be brown.
    found = rgb(colour_file(tmp_path / "x.dcm", "YBR_FULL", [76, 85, 255] * 4))
    assert found.reshape(-1, 3).tolist() == [[254, 0, 0]] * 4


def test_ybr_422_shares_its_colour_between_two_neighbours(tmp_path):
    # Y1 Y2 Cb Cr of each pair. Source: DICOM PS3.3 C.7.6.3.1.2.
    found = rgb(colour_file(tmp_path / "x.dcm", "YBR_FULL_422", [76, 76, 85, 255, 50, 90, 128, 128]))
    assert found.tolist() == [[[254, 0, 0], [254, 0, 0]], [[50, 50, 50], [90, 90, 90]]]


def test_planar_configuration_says_whether_colours_lie_pixel_by_pixel_or_plane_by_plane(tmp_path):
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    planes = pixels.transpose(2, 0, 1).tobytes()
    by_pixel = colour_file(tmp_path / "a.dcm", "RGB", pixels.tobytes())
    by_plane = colour_file(tmp_path / "b.dcm", "RGB", planes, PlanarConfiguration=1)
    assert np.array_equal(rgb(by_pixel), pixels)
    assert np.array_equal(rgb(by_plane), pixels)


def test_a_real_picture_is_the_same_by_pixel_and_by_plane():
    first, second = (shared("pydicom-data", "data_store", "data", f"color-p{kind}.dcm") for kind in "xl")
    assert np.array_equal(rgb(first), rgb(second))


def test_grey_colour_and_what_nobody_knows_are_told_apart(tmp_path):
    for photometric, expected in (("MONOCHROME1", True), ("MONOCHROME2", True), ("YBR_RCT", False)):
        with calm():
            elements = read_picture(chest_xray(tmp_path / "x.dcm", PhotometricInterpretation=photometric))
        assert is_grey(elements, "x") is expected
    with calm(), pytest.raises(FormatError, match="'HSV' is not read"):
        is_grey(read_picture(chest_xray(tmp_path / "x.dcm", PhotometricInterpretation="HSV")), "x")
