import numpy as np
import pytest
from numpy.typing import NDArray

from phantoms.breast_ultrasound import Phantom
from secondread.measure.lesion_shape import largest_part, shape_of


def ellipse(width: float, depth: float, angle: float = 0.0) -> tuple[NDArray[np.bool_], tuple[float, float]]:
    phantom = Phantom(width_mm=width, depth_mm=depth, angle_deg=angle)
    return phantom.inside(), phantom.pixel_mm


def test_extents_axes_and_area_of_an_ellipse_are_those_it_was_drawn_with():
    shape = shape_of(*ellipse(14.0, 8.0))
    assert shape.width == pytest.approx(14.0, abs=0.15)
    assert shape.depth == pytest.approx(8.0, abs=0.15)
    assert shape.long == pytest.approx(14.0, abs=0.05)
    assert shape.short == pytest.approx(8.0, abs=0.05)
    assert shape.area == pytest.approx(np.pi * 7 * 4, rel=0.01)
    assert shape.diameter == pytest.approx(np.sqrt(14 * 8), rel=0.01)


def test_a_turned_ellipse_keeps_its_axes_while_its_extents_change():
    shape = shape_of(*ellipse(14.0, 8.0, angle=90.0))
    assert shape.depth_to_width == pytest.approx(14 / 8, abs=0.03)
    assert shape.elongation == pytest.approx(14 / 8, abs=0.02)


@pytest.mark.parametrize(("width", "depth", "word"), [(14, 8, "oval"), (8, 14, "oval"), (10, 9.5, "round")])
def test_an_ellipse_is_oval_or_round_by_its_elongation(width, depth, word):
    shape = shape_of(*ellipse(width, depth))
    assert shape.word == word
    assert shape.rule.startswith(word.capitalize())


def test_spikes_and_corners_are_irregular():
    phantom = Phantom(spikes=(7, 0.25))
    assert shape_of(phantom.inside(), phantom.pixel_mm).word == "irregular"
    triangle = np.tri(80, dtype=bool)
    assert shape_of(triangle).solidity > 0.98
    assert shape_of(triangle).word == "irregular"


@pytest.mark.parametrize("turned", [np.fliplr, np.flipud, lambda inside: np.rot90(inside, 2)])
def test_a_mirrored_outline_has_the_same_shape(turned):
    phantom = Phantom(spikes=(5, 0.15), angle_deg=20.0)
    straight, mirrored = (shape_of(part, phantom.pixel_mm) for part in (phantom.inside(), turned(phantom.inside())))
    assert mirrored.solidity == pytest.approx(straight.solidity)
    assert mirrored.ellipse_gap == pytest.approx(straight.ellipse_gap, abs=1e-6)
    assert mirrored.depth_to_width == pytest.approx(straight.depth_to_width)


def test_lengths_scale_with_the_pixels_and_ratios_do_not():
    inside, (row_mm, column_mm) = ellipse(14.0, 8.0)
    small, large = shape_of(inside, (row_mm, column_mm)), shape_of(inside, (3 * row_mm, 3 * column_mm))
    assert large.long == pytest.approx(3 * small.long)
    assert large.area == pytest.approx(9 * small.area)
    assert large.depth_to_width == pytest.approx(small.depth_to_width)
    assert large.solidity == pytest.approx(small.solidity)


def test_the_same_lesion_on_pixels_that_are_not_square_is_the_same_lesion():
    square, flat = Phantom(width_mm=14, depth_mm=9), Phantom(width_mm=14, depth_mm=9, pixel_mm=(0.08, 0.2))
    one, other = (shape_of(phantom.inside(), phantom.pixel_mm) for phantom in (square, flat))
    assert other.depth_to_width == pytest.approx(one.depth_to_width, abs=0.03)
    assert other.elongation == pytest.approx(one.elongation, abs=0.02)
    assert other.word == one.word == "oval"


def test_the_largest_part_is_taken_without_its_holes():
    inside = np.zeros((40, 40), bool)
    inside[5:25, 5:25], inside[10:14, 10:14], inside[30:34, 30:34] = True, False, True
    part, count = largest_part(inside)
    assert count == 2
    assert part.sum() == 400


def test_nothing_has_no_part_and_a_few_pixels_have_no_shape():
    assert largest_part(np.zeros((5, 5), bool))[1] == 0
    with pytest.raises(ValueError, match="at least 25"):
        shape_of(np.ones((4, 4), bool))


def test_every_number_has_a_unit_and_a_method():
    assert {m.unit for m in shape_of(*ellipse(14.0, 8.0)).measurements} == {"1"}
