"""Slices of heads as a network is given them."""

import numpy as np
import pytest
from PIL import Image

from secondread.core.card import InputContract
from secondread.core.errors import ManifestError
from secondread.learn.data import numbers_of
from secondread.learn.manifest import Row
from secondread.learn.pictures import Pictures
from secondread.learn.recipe import DataSet
from secondread.prepare.head import prepare_head

ITEM = DataSet("heads", "", picture="head", numbers=("slice",))
CONTRACT = InputContract(32, 32, "squeeze", ("CT",), channels=3)


@pytest.fixture
def rows(tmp_path):
    """Two patients with slices 3, 4, 5 and 7 of a skull around noise."""
    random, found = np.random.default_rng(2), []
    y, x = np.mgrid[:64, :64] + 0.5
    reach = np.hypot((x - 32) / 22, (y - 32) / 28)
    for patient in "ab":
        for number in (3, 4, 5, 7):
            grey = np.select([reach < 0.85, reach < 1], [random.normal(110, 20, (64, 64)).clip(70, 190), 255], 0)
            name = f"{patient}{number}.png"
            Image.fromarray(grey.astype(np.uint8)).save(tmp_path / name)
            found.append(Row(name, "", patient, "train", {"slice": str(number)}))
    return found


def test_the_brain_of_a_slice_lies_between_those_of_its_neighbours(rows, tmp_path):
    pictures = Pictures(ITEM, tmp_path, CONTRACT, rows)
    seen = pictures.of(rows[1])
    assert (seen.shape, seen.dtype) == ((3, 32, 32), np.uint8)
    mine = [np.asarray(Image.open(tmp_path / row.source), np.float32) / 255 for row in rows[:4]]
    known = np.rint(prepare_head(np.stack(mine), 32).slices * 255)
    np.testing.assert_array_equal(seen, known[:3])


def test_where_a_neighbour_is_missing_the_slice_itself_stands_in(rows, tmp_path):
    pictures = Pictures(ITEM, tmp_path, CONTRACT, rows)
    last = pictures.of(rows[3])
    np.testing.assert_array_equal(last[0], last[1])
    np.testing.assert_array_equal(last[2], last[1])
    first = pictures.of(rows[4])
    np.testing.assert_array_equal(first[0], first[1])
    assert (first[2] != first[1]).any()


def test_slices_of_one_patient_must_have_one_size(rows, tmp_path):
    Image.fromarray(np.zeros((50, 64), np.uint8)).save(tmp_path / "a5.png")
    with pytest.raises(ManifestError, match="needed one"):
        Pictures(ITEM, tmp_path, CONTRACT, rows).of(rows[0])


def test_the_height_of_a_slice_is_told_beside_its_number(rows):
    found = numbers_of(ITEM, rows)
    assert found["slice"].tolist() == [3, 4, 5, 7] * 2
    assert found["height from slice"].tolist() == [0, 0.25, 0.5, 1] * 2
