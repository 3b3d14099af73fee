"""Voxels never travel without their grid and their unit."""

import numpy as np
import pytest
from hypothesis import given

from grids import few, geometries
from secondread.core.geometry import Geometry
from secondread.core.volume import UNITS, Volume

GRID = Geometry((2, 3, 4), np.eye(4))


@few
@given(geometries)
def test_a_volume_has_one_value_for_each_place_of_its_grid(geometry):
    values = np.zeros(geometry.shape, np.float32)
    assert Volume(values, geometry, "HU").values.shape == geometry.shape
    with pytest.raises(ValueError, match="the grid"):
        Volume(np.concatenate([values, values], axis=1), geometry, "HU")


def test_slices_rows_and_columns_in_another_order_do_not_fit():
    with pytest.raises(ValueError, match=r"\(4, 3, 2\), the grid \(2, 3, 4\)"):
        Volume(np.zeros((4, 3, 2)), GRID, "HU")


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_a_volume_wears_its_unit(unit):
    assert Volume(np.zeros(GRID.shape), GRID, unit).unit == unit


@pytest.mark.parametrize("unit", ["", "hu", "pixels"])
def test_a_volume_without_a_known_unit_is_refused(unit):
    with pytest.raises(ValueError, match="unit"):
        Volume(np.zeros(GRID.shape), GRID, unit)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_voxel_that_is_not_finite_spoils_the_volume(bad):
    values = np.zeros(GRID.shape, np.float32)
    values[1, 2, 3] = bad
    with pytest.raises(ValueError, match="finite"):
        Volume(values, GRID, "HU")


@pytest.mark.parametrize("made", [(2, 1), (1, 1), (-1,), (3,)])
def test_made_slices_are_slices_of_the_volume_each_once_in_order(made):
    with pytest.raises(ValueError, match="made slices"):
        Volume(np.zeros((3, 2, 2), np.float32), Geometry((3, 2, 2), np.eye(4)), "HU", made=made)
