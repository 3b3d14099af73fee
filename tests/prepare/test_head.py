"""Heads stand upright in the middle, and only the brain is left of them."""

import numpy as np
import pytest
from scipy import ndimage

from secondread.prepare.head import BONE, SPREAD, prepare_head
from secondread.prepare.head_pose import Pose, ellipse, filled, pose_of, to_source, upright

BRAIN, BLOOD, SCALP = 50 / 120, 85 / 120, 60 / 120  # 30, 65 and 40 HU in the brain window
SIDE = 64
SIZES = (0.7, 0.9, 1.0, 1.0, 0.95)  # of the slices from the base to the top


def place(shape, turn_deg, centre, points):
    """(column, row) on the picture of points of the head, given in shares of its half length from its middle."""
    turn = np.radians(turn_deg)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray(points) @ matrix.T * (0.36 * min(shape)) + np.array(centre)


def head(shape=(128, 128), turn_deg=0.0, centre=None, offset=0.0, marks=()):
    """Slices of a head: scalp, bone, brain, and blood at the left of the picture; positive turns forehead to left."""
    centre = centre or (shape[1] / 2, shape[0] / 2)
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    found = []
    for size in SIZES:
        middle, right, down = place(shape, turn_deg, centre, [[0, 0], [1, 0], [0, 1]])
        across, along = (right - middle, down - middle)
        away = np.stack([columns - middle[0], rows - middle[1]], -1)
        x, y = away @ across / (across @ across), away @ along / (along @ along)
        reach = np.hypot(x / 0.78, y) / size
        grey = np.select([reach < 0.82, reach < 0.93, reach < 1], [BRAIN + offset, 1.0, SCALP + offset], 0.0)
        grey[(reach < 0.82) & (np.hypot((x + 0.38) / 0.15, y / 0.25) < 1)] = BLOOD + offset
        for mark in marks:
            at = place(shape, turn_deg, centre, [mark])[0]
            grey += 0.8 * np.exp(-((columns - at[0]) ** 2 + (rows - at[1]) ** 2) / (2 * 1.5**2))
        found.append(grey)
    return np.array(found, np.float32)


def middle_of(bright):
    """(column, row) of the weight of a picture."""
    rows, columns = np.mgrid[: bright.shape[0], : bright.shape[1]] + 0.5
    return np.array([(columns * bright).sum(), (rows * bright).sum()]) / bright.sum()


@pytest.mark.parametrize("turn_deg", [-40, -15, 20, 35])
def test_a_turned_head_comes_out_upright(turn_deg):
    plain, turned = prepare_head(head(), SIDE), prepare_head(head(turn_deg=turn_deg), SIDE)
    assert np.degrees(turned.pose.turn_rad) == pytest.approx(turn_deg, abs=1)
    assert np.abs(turned.slices - plain.slices).mean() < 0.01
    assert (turned.brain ^ plain.brain).mean() < 0.01


@pytest.mark.parametrize("turn_deg", [0, -30, 30])
def test_left_stays_left(turn_deg):
    slices = prepare_head(head(turn_deg=turn_deg), SIDE).slices
    column, row = middle_of(slices[2] > 0.6)
    assert column < SIDE / 2 - 8
    assert row == pytest.approx(SIDE / 2, abs=1)


def test_size_and_place_of_the_head_in_the_picture_do_not_matter():
    plain = prepare_head(head(), SIDE).slices
    for other in (head((200, 200)), head((160, 128), centre=(60, 95))):
        assert np.abs(prepare_head(other, SIDE).slices - plain).mean() < 0.01


def test_only_brain_is_left_and_its_usual_grey_is_one_half():
    """Bone, scalp and air look like nothing; blood is lighter by as much as its HU says."""
    found = prepare_head(head(), SIDE)
    assert found.slices.dtype == np.float32
    assert found.slices[~found.brain].max() < 0.7  # blood beside the edge of the brain
    assert np.median(found.slices[found.brain]) == pytest.approx(0.5, abs=1e-3)
    assert found.slices[2, :4].tolist() == np.full((4, SIDE), 0.5).tolist()
    blood = np.percentile(found.slices[2][found.brain[2]], 99)
    assert blood == pytest.approx(0.5 + (BLOOD - BRAIN) / SPREAD, abs=0.02)


def test_brain_is_what_the_skull_encloses():
    pictures = head()
    found = prepare_head(pictures, 160)
    inside = to_source(found.brain.astype(np.float32), found.pose)[2] > 0.5
    enclosed = np.isin(pictures[2], np.float32([BRAIN, BLOOD]))
    assert 2 * (inside & enclosed).sum() / (inside.sum() + enclosed.sum()) > 0.95
    assert (pictures[2][inside] > BONE).mean() < 0.005


def test_a_tube_that_reads_higher_changes_next_to_nothing():
    plain, higher = prepare_head(head(), SIDE).slices, prepare_head(head(offset=0.05), SIDE).slices
    assert np.abs(plain - higher).mean() < 0.002


@pytest.mark.parametrize("mark", [(0.2, 0.3), (-0.1, -0.5), (0.35, -0.2)])
def test_a_marker_comes_back_within_a_pixel(mark):
    shape, turn_deg = (140, 128), 25.0
    pictures = head(shape, turn_deg, marks=[mark])
    pose = pose_of(pictures, 160)
    bare = upright(head(shape, turn_deg), pose)
    seen = middle_of((upright(pictures, pose) - bare)[2].clip(0.05) - 0.05)
    (back,) = pose.points_to_source([seen], 2)
    (true,) = place(shape, turn_deg, (shape[1] / 2, shape[0] / 2), [mark])
    assert np.hypot(*(back - true)) < 0.5
    np.testing.assert_allclose(pose.points_to_grid([true], 2)[0], seen, atol=0.7)


@pytest.mark.parametrize("side", [160, 20])
def test_a_map_lands_where_its_points_land(side):
    """Also one that is coarser than the grid, as an activation map is."""
    pose = pose_of(head((140, 128), 25.0), 160)
    coarse = pose.on_side(side)
    found = np.zeros((len(SIZES), side, side), np.float32)
    found[3, side // 4, side // 2] = 1.0
    centre = middle_of(to_source(found, pose)[3])
    (there,) = coarse.points_to_source([[side // 2 + 0.5, side // 4 + 0.5]], 3)
    assert np.hypot(*(centre - there)) < 0.5 * max(1.0, coarse.step / 4)


def test_points_go_there_and_back():
    pose = Pose(np.array([[60.0, 70.0], [61.0, 71.0]]), 0.4, 1.3, (128, 128), 96)
    points = np.random.default_rng(0).uniform(0, 96, (20, 2))
    np.testing.assert_allclose(pose.points_to_grid(pose.points_to_source(points, 1), 1), points, atol=1e-9)
    np.testing.assert_allclose(pose.points_to_source([[48, 48]], 0), [[60, 70]])


def test_a_slice_without_a_head_is_empty_and_does_not_disturb_the_others():
    pictures = head()
    more = prepare_head(np.concatenate([pictures, np.zeros((1, 128, 128), np.float32)]), SIDE)
    assert (more.slices[-1] == 0.5).all()
    np.testing.assert_array_equal(more.slices[:-1], prepare_head(pictures, SIDE).slices)


def test_pictures_without_any_head_give_no_brain():
    found = prepare_head(np.zeros((2, 40, 60), np.float32), 16)
    assert not found.brain.any()
    assert (found.slices == 0.5).all()
    assert found.pose.centres.tolist() == [[30, 20], [30, 20]]


def test_a_round_head_is_left_as_it_lies():
    rows, columns = np.mgrid[:64, :64] + 0.5
    disc = (np.hypot(rows - 32, columns - 32) < 25).astype(np.float32)
    assert pose_of(np.stack([disc] * 5), 32).turn_rad == 0.0


def test_what_a_shape_encloses_is_filled_as_by_scipy():
    random = np.random.default_rng(0)
    for density in (0.3, 0.6, 0.8):
        shape = random.random((40, 50)) < density
        np.testing.assert_array_equal(filled(shape), ndimage.binary_fill_holes(shape))


def test_an_ellipse_is_measured():
    rows, columns = np.mgrid[:200, :200] + 0.5
    found = ellipse(np.hypot((rows - 90) / 60, (columns - 110) / 40) < 1)
    np.testing.assert_allclose(found.centre, [110, 90], atol=0.1)
    assert found.length == pytest.approx(120, rel=0.01)
    assert found.width == pytest.approx(80, rel=0.01)


@pytest.mark.parametrize(
    ("slices", "side"), [(np.zeros((4, 4)), 8), (np.zeros((0, 4, 4)), 8), (np.zeros((1, 4, 4)), 0)]
)
def test_what_is_no_slices_is_refused(slices, side):
    with pytest.raises(ValueError, match="needed"):
        pose_of(slices.astype(np.float32), side)
