import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `learn`")

from secondread.audit.shifts.photographs import PARTS, grey_of, photographs, sources
from secondread.core.card import InputContract

CONTRACT = InputContract(height_px=32, width_px=32, resize="squeeze", modalities=("CR",), channels=3)


def test_sixteen_photographs_each_as_a_whole_and_in_parts():
    made = photographs(CONTRACT, 7)
    names, counts = np.unique(made.owners, return_counts=True)
    assert (len(names), set(counts.tolist())) == (16, {1 + PARTS})
    assert made.images.shape == (64, 3, 32, 32)
    assert np.array_equal(made.images[:, 0], made.images[:, 2]), "one picture in every channel"
    assert len(np.unique(made.images.reshape(64, -1), axis=0)) == 64, "no part twice"
    assert np.array_equal(made.images, photographs(CONTRACT, 7).images)


def test_photographs_are_grey_from_black_to_white():
    for name, grey in sources():
        assert grey.ndim == 2, name
        assert 0.0 <= grey.min() < grey.max() <= 1.0, name
    red = np.zeros((2, 2, 3), np.uint8)
    red[..., 0] = 255
    assert grey_of(red) == pytest.approx(0.299)
