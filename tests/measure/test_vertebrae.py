"""The column of a CT: its canal, its bodies, their heights and their spongy bone."""

import numpy as np
import pytest

from phantoms import spine as phantom
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.coarse_grid import coarse, on_source
from secondread.measure.cobb_angle import largest_cobb_angle
from secondread.measure.endplates import vertebrae
from secondread.measure.straight_spine import BESIDE_MM, straight_spine
from secondread.measure.vertebrae import column, patient
from secondread.measure.vertebral_bodies import Body, bodies, grade, losses_percent, region, whole

STEP = (2.0, 1.5, 1.5)
COLUMN = tuple(
    phantom.Vertebra(
        tilt_deg=one.tilt_deg,
        front_mm=18.0 if n == 3 else 27.0,
        hu=90.0 if n == 3 else 150.0,
    )
    for n, one in enumerate(phantom.curved(30.0, 7))
)


def volume_of(values: np.ndarray, flips: tuple[int, int, int] = (1, 1, 1)) -> Volume:
    """Axes turned round in the array and in the geometry."""
    affine = np.zeros((4, 4))
    for axis, (world, flip) in enumerate(zip((2, 1, 0), flips, strict=True)):
        affine[world, axis] = flip * STEP[axis]
    affine[3, 3] = 1.0
    turned = np.ascontiguousarray(values[:: flips[0], :: flips[1], :: flips[2]])
    return Volume(turned, Geometry(turned.shape, affine), "HU")


@pytest.fixture(scope="module")
def values():
    return phantom.ct(COLUMN)


def measured(volume: Volume):
    grid = coarse(volume, 3.0)
    canal = column(grid, patient(grid))
    assert canal is not None
    spine = straight_spine(volume, grid, canal)
    view = spine.front_view
    found = whole(spine, vertebrae(view, (1.0, 1.0), np.full(len(view), float(BESIDE_MM)), 14.0))
    return grid, canal, spine, found, bodies(spine, found)


@pytest.fixture(scope="module")
def answer(values):
    return measured(volume_of(values))


def test_the_canal_is_followed_within_a_voxel(values, answer):
    grid, canal, _, _, _ = answer
    placed = phantom.stacked(COLUMN)
    for k in range(canal.first + 5, canal.last - 5, 7):
        up = (k + 0.5) * grid.step_mm[0] - values.shape[0] * STEP[0] / 2
        left = np.interp(up, [one.up for one in placed[::-1]], [one.left for one in placed[::-1]])
        j, i = canal.canal[k]
        assert (i - (grid.values.shape[2] - 1) / 2) * grid.step_mm[2] == pytest.approx(left, abs=4.0)
        assert (j - (grid.values.shape[1] - 1) / 2) * grid.step_mm[1] == pytest.approx(30.0, abs=4.0)


def test_the_whole_vertebrae_are_found_with_their_spongy_bone(answer):
    *_, those = answer
    assert len(those) == 5
    assert [round(body.hu / 10.0) * 10 for body in those] == [150, 150, 90, 150, 150]


def test_heights_are_right_but_for_the_blur(answer):
    *_, those = answer
    for n, body in enumerate(those):
        front, back = (19.3, 25.7) if n == 2 else (27.0, 27.0)  # 0.72 of half the depth before and behind the middle
        assert -0.5 < body.front_mm - front < 2.5  # blur moves edges outwards
        assert -0.5 < body.back_mm - back < 2.5


def test_the_wedged_vertebra_and_no_other_has_lost_height(answer):
    *_, those = answer
    losses = losses_percent(those)
    assert int(np.argmax(losses)) == 2
    assert 16.0 < losses[2] < 28.0  # 25 % where it is measured
    assert all(loss < 10.0 for n, loss in enumerate(losses) if n != 2)


def test_the_curve_from_the_front_is_that_of_the_vertebrae_shown(answer):
    _, _, spine, found, _ = answer
    lines = [(spine.in_front_mm(one.upper), spine.in_front_mm(one.lower)) for one in found]
    assert largest_cobb_angle(lines, (1.0, 1.0))[0].value == pytest.approx(20.0, abs=3.0)  # 5 of 7 are whole


@pytest.mark.parametrize("flips", [(-1, -1, -1), (1, -1, 1)])
def test_flips_of_array_and_geometry_change_nothing(values, answer, flips):
    *_, those = measured(volume_of(values, flips))
    for one, other in zip(those, answer[-1], strict=True):
        assert one.hu == pytest.approx(other.hu, abs=2.0)
        assert one.front_mm == pytest.approx(other.front_mm, abs=0.6)


def test_the_region_of_a_body_lies_in_spongy_bone(values, answer):
    grid, _, spine, found, _ = answer
    inside = on_source(region(spine, found[2], grid), grid)
    assert np.median(values[inside]) == pytest.approx(90.0, abs=12.0)
    assert inside.sum() * np.prod(STEP) / 1000.0 == pytest.approx(np.pi * 23.0 * 16.0 * 22.5 / 1000.0, rel=0.3)


def test_soft_tissue_has_no_column():
    values = np.full((60, 80, 80), -1000.0, np.float32)
    values[:, 10:70, 10:70] = 40.0
    grid = coarse(volume_of(values), 3.0)
    assert column(grid, patient(grid)) is None


def test_air_is_no_patient():
    grid = coarse(volume_of(np.full((20, 20, 20), -1000.0, np.float32)), 3.0)
    assert not patient(grid).any()


def test_a_body_lower_than_both_its_neighbours_has_lost_height_though_it_is_flat():
    tall, low = Body(0.0, 27.0, 27.0, 27.0, 27.0, 150.0), Body(0.0, 16.0, 16.0, 16.0, 16.0, 150.0)
    assert losses_percent([tall, low, tall])[1] == pytest.approx(100.0 * (1.0 - 16.0 / 27.0))


@pytest.mark.parametrize(("loss", "expected"), [(0.0, 0), (19.9, 0), (20.0, 1), (25.0, 2), (40.0, 2), (40.1, 3)])
def test_grades_by_measurement(loss, expected):
    assert grade(loss) == expected
