"""The timeline shows a lesion where it is, at one scale, whichever way the arrays run."""

import numpy as np
import pytest

from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.explain.timeline import OUTLINE, PANEL_PX, Course, Shot, panel, side_by_side, timeline
from secondread.prepare.register import rotated

GRID = Geometry((20, 50, 60), np.diag([3.0, 1.5, 1.0, 1.0])[[2, 1, 0, 3]])
CENTRE = np.array((30.0, 36.0, 30.0))
SETTINGS = {
    "shown_with": (40.0, 400.0),
    "days": 90,
    "what": "volume",
    "unit": "mm3",
    "noise": 0.25,
    "noise_words": "25 %",
}


def shot(turn=None, flipped=False, mark=(10.0, 0.0, 0.0)):
    """A ball with a bright mark on the patient's left, seen from a turned person or on a flipped grid."""
    affine = np.array(GRID.affine)
    if flipped:
        affine[:3, 3] = GRID.world((19, 49, 59))
        affine[:3, :3] *= -1.0
    grid = Geometry(GRID.shape, affine)
    turn = np.eye(3) if turn is None else turn
    away = (grid.world(np.indices(GRID.shape).transpose(1, 2, 3, 0)) - CENTRE) @ turn
    values = np.where(np.linalg.norm(away, axis=-1) < 6.0, 40.0, -160.0)
    values[np.linalg.norm(away - mark, axis=-1) < 3.5] = 240.0
    inside = np.linalg.norm(away, axis=-1) < 6.0
    box = tuple(slice(int(n.min()), int(n.max()) + 1) for n in np.nonzero(inside))
    return Shot(Volume(values.astype(np.float32), grid, "HU"), CENTRE, inside[box], box, 900.0)


def outline(rgb):
    return (rgb == np.array(OUTLINE, np.uint8)).all(-1)


def brightest(rgb):
    grey = np.where(outline(rgb), 0, rgb[..., 0])
    return np.argwhere(grey == grey.max()).mean(0)


def test_the_left_of_the_patient_is_on_the_right_and_the_outline_around_the_middle():
    rgb = panel(shot(), np.eye(3), 60.0, (40.0, 400.0))
    row, column = brightest(rgb)
    scale = PANEL_PX / 60.0
    assert row == pytest.approx(PANEL_PX / 2, abs=3)
    assert column == pytest.approx(PANEL_PX / 2 + 10 * scale, abs=4)
    drawn = np.argwhere(outline(rgb))
    assert drawn.mean(0) == pytest.approx([PANEL_PX / 2] * 2, abs=3)
    assert (drawn.max(0) - drawn.min(0)) / scale == pytest.approx([12.0, 12.0], abs=2.5)


def test_flipped_arrays_make_the_same_picture():
    one, other = (panel(shot(flipped=flag), np.eye(3), 60.0, (40.0, 400.0)) for flag in (False, True))
    assert np.abs(one.astype(int) - other.astype(int)).mean() < 4.0


def test_the_earlier_person_is_turned_back():
    turn = rotated(np.radians((0.0, 0.0, 30.0)))
    straight = panel(shot(), np.eye(3), 60.0, (40.0, 400.0))
    turned = panel(shot(turn=turn.T), turn.T, 60.0, (40.0, 400.0))
    assert brightest(turned) == pytest.approx(brightest(straight), abs=4)


def course(title="1: growing", before=None, after=None):
    return Course(title, before or shot(), after or shot(), np.eye(3), 12.0)


def test_one_row_for_each_lesion_and_the_same_picture_every_time():
    one, two, again = (timeline([course()] * n, **SETTINGS) for n in (1, 2, 2))
    assert two.rgb.shape[0] - one.rgb.shape[0] > PANEL_PX
    assert np.array_equal(two.rgb, again.rgb)
    assert "25 %" in one.caption


def test_a_lesion_that_is_not_seen_has_no_outline():
    seen = shot()
    unseen = Shot(seen.volume, CENTRE, None, None, 0.0)
    assert not outline(panel(unseen, np.eye(3), 60.0, (40.0, 400.0))).any()
    assert timeline([course(before=unseen)], **SETTINGS).rgb.any()


def test_what_lies_outside_of_the_volume_is_dark():
    away = Shot(shot().volume, np.array((500.0, 500.0, 500.0)), None, None, 0.0)
    assert panel(away, np.eye(3), 60.0, (40.0, 400.0)).max() <= 1


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        timeline([], **SETTINGS)


def test_a_section_is_shown_at_both_times():
    drawn = side_by_side(course("section"), shown_with=(40.0, 400.0), days=None)
    assert outline(drawn.rgb).any()
    assert drawn.rgb.shape[1] > 2 * PANEL_PX
