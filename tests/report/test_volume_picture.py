"""What is shown of a volume: the slice that matters, upright, with outlines where the masks are."""

import numpy as np
import pytest

from secondread.core.code import LOCAL, Code
from secondread.core.finding import Finding, Limit
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.report import Evidence, Outcome
from secondread.core.volume import Volume
from secondread.prepare.shown import axes_of, axial, back_to_source
from secondread.report import wording
from secondread.report.picture import picture

SPOT = Code(LOCAL, "spot", "Spot")
SHAPE = (6, 40, 48)
SIZE = (Measurement("diameter", 5.0, "mm", "by hand"),)


def head(flips=(1, 1, 1), order=(0, 1, 2)):
    """A volume with a bright spot at the patient's left front in the fourth slice from the feet, stored any way."""
    values = np.zeros(SHAPE, np.float32)
    values[3, 5:10, 38:44] = 100.0  # front = small j, left = large i
    inside = values > 0
    affine = np.array([[0, 0, 1.0, 0], [0, 1.0, 0, 0], [4.0, 0, 0, 0], [0, 0, 0, 1]])
    for axis, sign in enumerate(flips):
        if sign < 0:
            affine[:3, 3] += affine[:3, axis] * (values.shape[axis] - 1)
            affine[:3, axis] *= -1
            values, inside = np.flip(values, axis), np.flip(inside, axis)
    affine[:, :3] = affine[:, :3][:, list(order)]
    values, inside = np.transpose(values, order), np.transpose(inside, order)
    geometry = Geometry(values.shape, affine)
    return Volume(values, geometry, "grey"), Mask(inside, geometry, SPOT)


def shown(desk, volume, mask, *, positive=True):
    limit = Limit(1.0 if positive else 9.0, "a rule")
    finding = Finding(SPOT, measurements=SIZE, limit=limit, mask=mask)
    outcome = Outcome.FOUND if positive else Outcome.NOTHING_FOUND
    read = desk.read(outcome, findings=(finding,))
    return picture(desk.read(outcome, findings=(finding,), evidence=Evidence(read.evidence.series, volume=volume)))


@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, 1), (1, -1, 1), (1, 1, -1), (-1, -1, -1)])
@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1)])
def test_however_it_is_stored_the_left_front_is_at_the_top_right_of_the_picture(desk, flips, order):
    seen = shown(desk, *head(flips, order))
    rows, columns = np.nonzero(seen.plain[..., 0] > 128)
    height, width = seen.plain.shape[:2]
    assert rows.mean() < 0.3 * height
    assert columns.mean() > 0.7 * width
    coloured = np.nonzero((seen.overlaid != seen.plain).any(axis=2))
    assert coloured[0].mean() == pytest.approx(rows.mean(), abs=0.02 * height)
    assert coloured[1].mean() == pytest.approx(columns.mean(), abs=0.02 * width)


def test_the_slice_of_the_mask_is_shown_and_numbered_from_one(desk):
    assert shown(desk, *head()).slice == (4, 6)


@pytest.mark.parametrize(("flip", "expected"), [(1, (4, "feet")), (-1, (3, "head"))])
def test_the_number_of_a_slice_says_from_which_end_it_counts(desk, flip, expected):
    seen = shown(desk, *head((flip, 1, 1)))
    assert (seen.slice[0], seen.first) == expected
    first = {"feet": "4 of 6 counted from the feet", "head": "3 of 6 counted from the head"}[seen.first]
    assert wording.plain(wording.slice_shown(*seen.slice, seen.first)) == f"slice {first}"


@pytest.mark.parametrize("flips", [(1, 1, 1), (1, -1, 1), (1, 1, -1)])
def test_the_picture_says_where_its_rows_and_columns_run_once_it_is_turned(desk, flips):
    assert shown(desk, *head(flips)).runs == ("L", "P")
    assert shown(desk, *head(flips, (1, 0, 2))).runs == ("L", "F")
    assert shown(desk, *head(flips, (2, 0, 1))).runs == ("P", "F")


def test_a_slice_of_long_pixels_is_shown_with_square_ones(desk):
    volume, mask = head(order=(1, 0, 2))  # coronal: rows 4 mm apart, columns 1 mm
    height, width = shown(desk, volume, mask).plain.shape[:2]
    assert height / width == pytest.approx(6 * 4.0 / 48, rel=0.02)


def test_what_was_not_found_is_not_outlined(desk):
    seen = shown(desk, *head(), positive=False)
    assert (seen.overlaid, seen.outlined) == (None, ())


@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, -1)])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_axial_and_back_to_source_undo_each_other(flips, order):
    volume, mask = head(flips, order)
    values, found = axial(volume)
    assert values.shape == SHAPE
    assert np.flatnonzero((values > 0).any(axis=(1, 2))).tolist() == [3]
    np.testing.assert_array_equal(back_to_source(values > 0, found), mask.inside)
    assert found == axes_of(volume.geometry.affine)
