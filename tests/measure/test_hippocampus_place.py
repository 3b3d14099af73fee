"""Where hippocampi are cut out of a brain, and what is believed."""

import numpy as np
import pytest

from phantoms.brain_mr import laid_otherwise, seen, volume_of
from secondread.core.geometry import Geometry
from secondread.measure.brain_mosaic import extent_of
from secondread.measure.brain_mr import brain_mr
from secondread.measure.hippocampus_place import CUT, cut_around, is_cut, largest_part, on_brain, start, why_none


def box(shape: tuple[int, int, int] = CUT, half: tuple[int, int, int] = (6, 18, 6)) -> np.ndarray:
    """A block in the middle, its front half 1, its back half 2 (j runs to the front)."""
    labels = np.zeros(shape, np.intp)
    k, j, i = (n // 2 for n in shape)
    labels[k - half[0] : k + half[0], j : j + half[1], i - half[2] : i + half[2]] = 1
    labels[k - half[0] : k + half[0], j - half[1] : j, i - half[2] : i + half[2]] = 2
    return labels


def grid(shape: tuple[int, int, int], mm: float) -> Geometry:
    return Geometry(shape, np.diag([mm, mm, mm, 1.0])[[2, 1, 0, 3]])


def test_a_volume_of_the_size_of_a_cut_is_one() -> None:
    assert is_cut(grid((35, 51, 38), 1.0))
    assert not is_cut(grid((35, 51, 38), 2.0))
    assert not is_cut(grid((180, 220, 180), 1.0))


def test_a_cut_runs_to_the_head_the_front_and_the_right() -> None:
    _, brain, _ = seen(steps=(2.0, 1.0, 1.0))
    centre = np.array([85.0, 115.0, 95.0])
    cut = cut_around(brain, centre)
    assert cut.values.shape == CUT
    moved = cut.place(np.array([[39.0, 55.0, 39.0]]))[0] - centre
    assert moved.tolist() == [19.5, -27.5, -19.5]


def test_left_and_right_are_looked_for_on_their_sides() -> None:
    _, brain, _ = seen(steps=(2.0, 1.0, 1.0))
    extent = extent_of(brain)
    left, right = (start(brain, side, extent) for side in ("left", "right"))
    assert left[2] > brain.frame.origin[2] > right[2]
    assert left[0] == pytest.approx(right[0], abs=1.0)


def test_labels_come_back_to_where_they_were_cut_out() -> None:
    phantom, _, _ = seen(steps=(2.0, 1.0, 1.0))
    volume = laid_otherwise(volume_of(phantom.flair, phantom.steps), (0, 2, 1), (1, -1, -1))
    brain = brain_mr(volume, phantom.brain)
    centre = np.array([80.0, 110.0, 70.0])
    found = on_brain(brain, cut_around(brain, centre), box())
    places = np.argwhere(found > 0) * np.asarray(brain.steps)
    assert np.allclose(places.mean(0), centre, atol=1.5)
    front = np.argwhere(found == 1)[:, 1].mean()
    assert front < np.argwhere(found == 2)[:, 1].mean()
    assert float((found > 0).sum()) * brain.voxel_ml == pytest.approx((box() > 0).sum() / 1000.0, rel=0.1)


def test_what_looks_like_a_hippocampus_is_believed() -> None:
    assert why_none(box(), 1e-3) == ""


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (box(half=(1, 4, 1)), "mL"),
        (np.where(box() == 1, 0, box()), "two parts"),
        (np.roll(box(), 14, axis=0), "edge"),
        (np.maximum(np.roll(box(half=(6, 18, 3)), -9, axis=2), np.roll(box(half=(6, 18, 3)), 9, axis=2)), "several"),
    ],
)
def test_what_does_not_is_not(labels: np.ndarray, reason: str) -> None:
    assert reason in why_none(labels, 1e-3)


def test_specks_are_left_out() -> None:
    labels = box()
    labels[1, 1, 1] = 2
    assert np.array_equal(largest_part(labels), box())
