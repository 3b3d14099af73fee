"""How much writing the detector finds, and how much else it takes: on noise like tissue, in letters of many sizes."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from secondread.dicom.deidentification.burned_text import find_border_marks, find_text

SHAPE = (200, 320)


def tissue(seed, level=90):
    """Speckle in bands, as ultrasound has it; [j, i] uint8."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=SHAPE), (1.5, 4))
    return np.clip(level + 25 * noise / noise.std(), 0, 200).astype(np.uint8)


def write(picture, text, size, at, grey):
    """The picture with a text, and where the text's pixels are."""
    ink = Image.new("L", picture.shape[::-1], 0)
    ImageDraw.Draw(ink).text(at, text, fill=255, font=ImageFont.load_default(size))
    weight = np.asarray(ink, dtype=float) / 255
    return (picture * (1 - weight) + grey * weight).astype(np.uint8), weight > 0.5


@pytest.mark.parametrize("size", [10, 12, 16, 20, 26])
@pytest.mark.parametrize("background", ["empty", "tissue"])
def test_rows_of_letters_are_found(size, background):
    below = np.zeros(SHAPE, np.uint8) if background == "empty" else tissue(size)
    picture, ink = write(below, "Zebulon 1977-07-07", size, (20, 60), 255)
    assert find_text(picture)[ink].mean() > 0.95


def test_dark_letters_on_a_bright_ground_are_found():
    picture, ink = write(np.full(SHAPE, 230, np.uint8), "PATIENT 0042", 16, (20, 60), 10)
    assert find_text(picture)[ink].mean() > 0.95


def test_tissue_is_left_alone():
    taken = [find_text(tissue(seed)).mean() for seed in range(5)]
    assert max(taken) < 0.02


def test_small_things_in_an_empty_border_go_and_the_picture_stays():
    picture = np.zeros(SHAPE, np.uint8)
    picture[60:180, 40:280] = tissue(1)[60:180, 40:280]
    marked, ink = write(picture, "K", 14, (300, 10), 200)
    found = find_border_marks(marked)
    assert found[ink].all()
    assert not found[60:180, 40:280].any()


def test_a_picture_without_a_border_has_no_marks_in_it():
    assert not find_border_marks(tissue(2)).any()
