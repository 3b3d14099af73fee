"""Slices to one grid."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset

from secondread.core.errors import GeometryError
from secondread.core.geometry import flip_ras_lps, flip_xyz_kji
from secondread.dicom.stack import Slice, arrange, slice_of

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


def test_gantry_tilt_of_the_published_example_gives_the_published_spacing_and_an_upright_grid():
    orientation = tilted(20)
    stack = arrange(slices(orientation=orientation, size=(40, 30)), "x")
    grid = stack.geometry
    assert grid.spacing_mm == pytest.approx((2.3492, 0.7, 0.8), abs=5e-5)
    row, column = np.array(orientation[:3]), np.array(orientation[3:])
    assert grid.affine[:3, 0] == pytest.approx(grid.spacing_mm[0] * np.cross(row, column))
    assert grid.affine[:3, 1] == pytest.approx(0.7 * column)
    assert grid.affine[:3, 2] == pytest.approx(0.8 * row)
    (warning,) = stack.warnings
    assert "tilted by 20.0 degrees" in warning


@given(st.floats(-30, 30))
def test_gantry_tilt_puts_every_slice_where_its_header_says(degrees):
    stack = arrange(slices(orientation=tilted(degrees), direction=(0.0, 0.0, 1.0), size=(40, 30)), "x")
    for n in range(4):
        j, i = stack.shear.shifts[n] if stack.shear.warning else (0.0, 0.0)
        assert stack.geometry.world((n, j, i)) == pytest.approx([-100, -120, 50 + 2.5 * n], abs=1e-6)
    assert (stack.shear.shifts >= 0).all()
    more = np.subtract(stack.shear.size, (40, 30))
    assert (np.ceil(stack.shear.shifts.max(axis=0) - 1e-3) == more).all()


def test_a_tilt_too_small_to_see_stays_in_the_affine():
    stack = arrange(slices(orientation=tilted(0.05)), "x")
    assert stack.is_plain
    assert stack.geometry.affine[:3, 0] == pytest.approx([0, 0, 2.5])


def test_slices_shifted_to_and_fro_are_refused():
    stack = slices()
    x, y, z = stack[1].position
    stack[1] = Slice("1", (x + 3, y, z), AXIAL, (0.7, 0.8), (4, 3))
    with pytest.raises(GeometryError, match="shifted sideways by up to 3 mm"):
        arrange(stack, "x")


def test_the_published_orientation_gives_the_published_affine_in_lps_and_ras():
    grid = arrange(slices(), "x").geometry
    over_xyz = flip_xyz_kji(grid.affine)
    assert over_xyz.diagonal() == pytest.approx([0.8, 0.7, 2.5, 1])
    assert over_xyz[:3, 3] == pytest.approx([-100, -120, 50])
    ras = flip_ras_lps(over_xyz)
    assert ras.diagonal() == pytest.approx([-0.8, -0.7, 2.5, 1])
    assert ras[:3, 3] == pytest.approx([100, 120, 50])


def test_one_missing_slice_is_made_and_told():
    stack = arrange(slices((0, 2.5, 7.5, 10, 12.5)), "x")
    assert (stack.made, stack.geometry.shape[0]) == ((2,), 6)
    assert stack.geometry.spacing_mm[0] == pytest.approx(2.5)
    (warning,) = stack.warnings
    assert warning.startswith("One slice is missing after number 2 of the 5 found, 2.5 mm apart")


@pytest.mark.parametrize("places", [(0, 2.5, 10, 12.5, 15, 17.5), (0, 2.5, 7.5, 10, 15, 17.5, 20)])
def test_more_than_one_missing_slice_is_refused_with_the_numbers(places):
    after = ", ".join(str(k + 1) for k in np.flatnonzero(np.diff(places) > 3))
    with pytest.raises(GeometryError, match=f"slices are missing, 2 in all, after number {after} of the {len(places)}"):
        arrange(slices(places), "x")


def test_rounded_positions_are_no_uneven_gaps():
    places = [round(0.625 * k, 1) for k in range(40)]
    assert arrange(slices(places), "x").geometry.spacing_mm[0] == pytest.approx(0.625, abs=0.002)


@pytest.mark.parametrize(
    "places", [(0, 2.5, 5, 8.5), (0, 2.5, 6.25, 8.75, 11.25), (0, 0.1, 0.2, 0.25, 0.35), (0, 5, 8, 13, 16)]
)
def test_uneven_gaps_are_resampled_where_the_widest_is_at_most_twice_the_narrowest(places):
    stack = arrange(slices(places), "x")
    gaps = np.diff(places)
    count = stack.geometry.shape[0]
    assert stack.geometry.world((count - 1, 0, 0)) == pytest.approx([-100, -120, 50 + places[-1]])
    assert 0 not in stack.made
    assert count - 1 not in stack.made
    assert stack.made
    (warning,) = stack.warnings
    assert f"unevenly spaced, {gaps.min():.4g} to {gaps.max():.4g} mm" in warning


def test_uneven_gaps_that_only_drift_away_from_a_grid_are_resampled():
    assert "unevenly spaced" in arrange(slices(np.cumsum([1.0] * 20 + [1.09] * 20)), "x").warnings[0]


@pytest.mark.parametrize("places", [(0, 1, 2, 5.2), (0, 1, 2.2, 4.7, 6)])
def test_uneven_gaps_wider_than_twice_the_narrowest_are_refused_with_their_range(places):
    gaps = np.diff(places)
    with pytest.raises(GeometryError, match=f"not evenly spaced. Found gaps of {gaps.min():.4g} to {gaps.max():.4g}"):
        arrange(slices(places), "x")


def test_uneven_gaps_of_any_width_are_resampled_where_the_slices_are_thick_enough_to_fill_them():
    places, thickness = (0, 4, 8, 9.1, 16.1, 23.1), (4, 4, 4, 7, 7, 7)
    thick = [replace(item, thickness_mm=mm) for item, mm in zip(slices(places), thickness, strict=True)]
    assert "1.1 to 7 mm" in arrange(thick, "x").warnings[0]
    with pytest.raises(GeometryError, match="not evenly spaced"):
        arrange(slices(places), "x")


def test_thick_slices_above_thin_ones_are_uneven_and_not_missing():
    places, thickness = (0, 5, 10, 15, 22.5, 32.5, 42.5), (5, 5, 5, 5, 10, 10, 10)
    thick = [replace(item, thickness_mm=mm) for item, mm in zip(slices(places), thickness, strict=True)]
    assert "unevenly spaced, 5 to 10 mm" in arrange(thick, "x").warnings[0]
    with pytest.raises(GeometryError, match="slices are missing, 2 in all"):
        arrange(slices(places), "x")


def test_duplicated_places_that_no_tag_tells_apart_are_refused():
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


@pytest.mark.parametrize("kind", ["projection", "reformat"])
def test_derived_images_are_left_out_of_the_stack_and_told_where_there_are_slices(kind):
    made = [replace(item, uid=f"d{item.uid}", derived=kind) for item in slices()]
    stack = arrange([*made, *slices()], "x")
    assert stack.order == ("0", "1", "2", "3")
    assert "4 of 8 images are no slices" in stack.warnings[0]


def test_a_stack_of_derived_images_alone_is_a_volume_and_projections_say_so():
    assert arrange([replace(item, derived="reformat") for item in slices()], "x").warnings == ()
    (warning,) = arrange([replace(item, derived="projection") for item in slices()], "x").warnings
    assert "projections" in warning


@pytest.mark.parametrize(
    ("image_type", "kind"),
    [
        (["DERIVED", "SECONDARY", "MPR"], "reformat"),
        (["DERIVED", "SECONDARY", "REFORMATTED", "AVERAGE"], "reformat"),
        (["DERIVED", "PRIMARY", "AXIAL", "MIP"], "projection"),
        (["DERIVED", "PRIMARY", "PROJECTION IMAGE"], "projection"),
        (["ORIGINAL", "PRIMARY", "AXIAL"], ""),
        (["DERIVED", "PRIMARY", "AXIAL"], ""),
    ],
)
def test_derived_images_are_known_by_their_type(image_type, kind):
    header = Dataset()
    header.ImageType = image_type
    assert slice_of("1", header).derived == kind


@pytest.mark.parametrize("far", ["1e7", "1e200", "1e308"])
def test_a_slice_a_thousand_kilometres_away_is_refused_before_anything_is_computed_with_it(far):
    found = slices((0.0, 1.0, 2.0))
    found[1] = replace(found[1], position=(0.0, 0.0, -float(far)))
    with pytest.raises(GeometryError, match="lies more than 1,000,000 mm away"):
        arrange(found, "x")


@pytest.mark.parametrize("spacing_mm", [(1e-300, 1e-300), (1e300, 1.0)])
def test_a_pixel_spacing_that_no_scanner_has_is_refused(spacing_mm):
    with pytest.raises(GeometryError, match="needed two positive lengths in mm"):
        arrange(slices(spacing_mm=spacing_mm, direction=(0.0, 0.6, 0.8)), "x")


def test_a_gap_of_hundreds_of_slices_is_refused_even_where_stated_thickness_covers_it():
    with pytest.raises(GeometryError, match=r"an even grid would have 100,003 slices"):
        arrange(slices((0.0, 1.0, 2.0, 3.0, 100003.4), thickness_mm=2e5), "x")


def test_tilted_slices_too_narrow_to_be_shifted_are_refused():
    with pytest.raises(GeometryError, match="4 x 1 pixels cannot be shifted upright"):
        arrange(slices(size=(4, 1), direction=(0.0, 0.6, 0.8)), "x")
