"""Pictures are taken as they are stored, and shown as a person can look at them."""

import numpy as np
import pytest
from PIL import Image

from secondread.core.errors import FormatError
from secondread.learn.inspection.pixels import one_grey, read, squeezed, visible
from small_set import noise, save


def test_grey_stored_as_colour_is_one_channel_and_colour_is_three(tmp_path):
    grey = noise(1)
    save(tmp_path / "grey.png", np.stack([grey] * 3, axis=2))
    save(tmp_path / "colour.png", np.stack([grey, grey, 255 - grey], axis=2))
    assert read(tmp_path / "grey.png").values.shape == (1, 48, 48)
    assert np.array_equal(read(tmp_path / "grey.png").values[0], grey)
    assert read(tmp_path / "colour.png").values.shape == (3, 48, 48)


def test_a_mask_of_one_bit_is_0_and_1(tmp_path):
    inside = noise(2) > 100
    Image.fromarray(inside).save(tmp_path / "mask.png")
    assert np.array_equal(read(tmp_path / "mask.png").values[0], inside)


def test_sixteen_bits_are_kept_and_shown_from_dark_to_bright(tmp_path):
    deep = (noise(3).astype(np.uint16) * 40 + 1000).astype(np.uint16)
    save(tmp_path / "deep.png", deep)
    pixels = read(tmp_path / "deep.png")
    assert pixels.values.max() == deep.max()
    assert visible(pixels).min() == 0
    assert visible(pixels).max() == 255


def test_a_volume_has_a_spacing_and_is_shown_by_its_middle_slice(tmp_path):
    volume = np.zeros((5, 6, 7), np.float32)
    volume[2, 1:4, 2:5] = 800.0
    save(tmp_path / "v.nii.gz", volume)
    pixels = read(tmp_path / "v.nii.gz")
    assert pixels.size == (5, 6, 7)
    assert pixels.spacing_mm == pytest.approx((2.0, 1.0, 1.0))
    assert (one_grey(visible(pixels)) > 0).sum() == 9


def test_squeezing_keeps_the_mean_grey():
    grey = noise(4, side=96)
    assert squeezed(grey, 16).mean() == pytest.approx(grey.mean(), abs=0.6)


@pytest.mark.parametrize("content", [None, b"", b"no picture", b"\x89PNG\r\n\x1a\n cut short"])
def test_what_is_missing_or_no_picture_is_refused_by_name(tmp_path, content):
    if content is not None:
        (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(FormatError, match=r"x\.png"):
        read(tmp_path / "x.png")
