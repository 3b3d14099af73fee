"""Slices to one grid."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.core.errors import GeometryError
from secondread.dicom.stack import Slice, arrange

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def slices(places=(0.0, 2.5, 5.0, 7.5), *, orientation=AXIAL, direction=(0.0, 0.0, 1.0), **others):
    origin = np.array([-100.0, -120.0, 50.0])
    facts = {"orientation": orientation, "spacing_mm": (0.7, 0.8), "size": (4, 3), **others}
    return [
        Slice(uid=str(number), position=tuple(origin + place * np.array(direction)), **facts)
        for number, place in enumerate(places)
    ]


def tilted(degrees):
    angle = math.radians(degrees)
    return (1.0, 0.0, 0.0, 0.0, math.cos(angle), -math.sin(angle))


def test_the_published_example_gives_the_published_affine():
    grid = arrange(slices(), "x").geometry
    assert grid.spacing_mm == pytest.approx((2.5, 0.7, 0.8))
    assert grid.world((0, 0, 0)).tolist() == [-100, -120, 50]
    assert grid.world((1, 2, 3)) == pytest.approx([-100 + 3 * 0.8, -120 + 2 * 0.7, 50 + 2.5])


@given(st.permutations(range(6)), st.sampled_from([AXIAL, (0, 1, 0, 0, 0, -1), (1, 0, 0, 0, 0, -1)]))
def test_order_follows_the_position_along_the_normal_and_nothing_else(order, orientation):
    normal = np.cross(orientation[:3], orientation[3:])
    given_order = slices([3.0 * place for place in order], orientation=orientation, direction=normal)
    stack = arrange(given_order, "x")
    assert [order[int(uid)] for uid in stack.order] == list(range(6))
    for k, uid in enumerate(stack.order):
        assert stack.geometry.world((k, 0, 0)) == pytest.approx(given_order[int(uid)].position)


def test_an_oblique_stack_is_placed_where_its_slices_lie():
    orientation = tilted(20)
    normal = np.cross(orientation[:3], orientation[3:])
    grid = arrange(slices(orientation=orientation, direction=normal), "x").geometry
    assert grid.spacing_mm == pytest.approx((2.5, 0.7, 0.8))
    column = np.array(orientation[3:])
    assert grid.world((0, 2, 0)) == pytest.approx(np.array([-100, -120, 50]) + 2 * 0.7 * column)


def test_gantry_tilt_is_refused_by_its_name_and_angle():
    with pytest.raises(GeometryError, match=r"gantry was tilted by 20\.0 degrees"):
        arrange(slices(orientation=tilted(20)), "x")


def test_slices_shifted_to_and_fro_are_refused():
    stack = slices()
    x, y, z = stack[1].position
    stack[1] = Slice("1", (x + 3, y, z), AXIAL, (0.7, 0.8), (4, 3))
    with pytest.raises(GeometryError, match="shifted sideways by up to 3 mm"):
        arrange(stack, "x")


def test_a_missing_slice_is_counted_and_placed():
    with pytest.raises(GeometryError, match=r"slices are missing, 2 in all, after number 2 of the 6 found"):
        arrange(slices((0, 2.5, 10, 12.5, 15, 17.5)), "x")


@pytest.mark.parametrize("places", [(0, 2.5, 5, 8.5), (0, 1, 3, 7, 15), (0, 2.5, 6.25, 8.75, 11.25)])
def test_uneven_gaps_are_refused_with_their_range(places):
    gaps = np.diff(places)
    with pytest.raises(GeometryError, match=f"not evenly spaced. Found gaps of {gaps.min():.4g} to {gaps.max():.4g}"):
        arrange(slices(places), "x")


def test_gaps_that_drift_away_from_a_regular_grid_are_refused():
    gaps = [1.0] * 20 + [1.09] * 20
    with pytest.raises(GeometryError, match="not evenly spaced"):
        arrange(slices(np.cumsum(gaps)), "x")


def test_rounded_positions_are_no_uneven_gaps():
    places = [round(0.625 * k, 1) for k in range(40)]
    assert arrange(slices(places), "x").geometry.spacing_mm[0] == pytest.approx(0.625, abs=0.002)


def test_on_a_fine_grid_the_tolerance_is_fine_too():
    with pytest.raises(GeometryError, match="not evenly spaced"):
        arrange(slices((0, 0.1, 0.2, 0.25, 0.35)), "x")


def test_two_slices_at_one_place_are_refused():
    with pytest.raises(GeometryError, match="same place"):
        arrange(slices((0, 2.5, 2.5, 5)), "x")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"orientation": (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)}, "different orientations"),
        ({"size": (4, 4)}, r"different sizes \(4 x 3, 4 x 4\)"),
        ({"spacing_mm": (0.7, 0.81)}, "pixel spacing differs"),
        ({"frame": "2.25.9"}, "different frames of reference"),
        ({"position": ()}, "does not say where it lies"),
        ({"orientation": (1.0, 0.0)}, "does not say where it lies"),
        ({"spacing_mm": ()}, "does not say where it lies"),
        ({"position": (0.0, 0.0, math.nan)}, "does not say where it lies"),
        ({"spacing_mm": (0.7, 0.0)}, "two positive lengths"),
    ],
)
def test_one_slice_that_differs_spoils_the_stack(change, sentence):
    stack = slices()
    facts = {"position": stack[-1].position, "orientation": AXIAL, "spacing_mm": (0.7, 0.8), "size": (4, 3)}
    stack[-1] = Slice(uid="odd", **{**facts, **change})
    with pytest.raises(GeometryError, match=sentence):
        arrange(stack, "x")


def test_an_orientation_that_is_no_rotation_is_refused():
    with pytest.raises(GeometryError, match="two perpendicular unit vectors"):
        arrange(slices(orientation=(1.0, 0.0, 0.0, 0.5, 1.0, 0.0)), "x")


def test_localizers_are_left_out_and_fewer_than_three_slices_are_no_volume():
    localizer = Slice("l", (0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0, 0.0, -1.0), (1.0, 1.0), (9, 9), is_anatomy=False)
    assert arrange([localizer, *slices()], "x").order == ("0", "1", "2", "3")
    with pytest.raises(GeometryError, match="found 2 slices, a volume needs at least 3"):
        arrange([localizer, *slices((0, 2.5))], "x")
