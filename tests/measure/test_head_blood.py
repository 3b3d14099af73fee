"""Dense regions inside the skull against bleedings of known volume, and what is left out by rule."""

import numpy as np
import pytest

from phantoms.head_ct import Blob, HeadCt, scanned
from secondread.core.code import LOCAL, Code
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.measure.haemorrhage import abc_of_mask
from secondread.measure.head import head_of
from secondread.measure.head_blood import Dense, dense_regions, level_of
from secondread.measure.head_place import above_tentorium, place_of, side_of
from secondread.measure.head_symmetry import frame_of

DEEP = Blob((-30.0, 8.0, 14.0), (15.0, 20.0, 14.0))


def regions(phantom: HeadCt) -> tuple[Dense, ...]:
    head = head_of(scanned(phantom))
    frame = frame_of(head)
    assert frame is not None
    return dense_regions(head, frame)


@pytest.mark.parametrize("phantom", [HeadCt(blobs=(DEEP,)), HeadCt(blobs=(DEEP,), yaw_deg=12.0, roll_deg=8.0)])
def test_a_bleeding_has_its_volume_within_five_percent_and_lies_in_the_brain(phantom):
    (found,) = regions(phantom)
    assert found.volume_ml == pytest.approx(DEEP.volume_ml, rel=0.05)
    assert found.skull_share < 0.15
    assert found.middle_mm[2] == pytest.approx(-30.0, abs=1.5)


def test_abc_half_of_an_ellipsoid_is_near_its_own():
    head = head_of(scanned(HeadCt(blobs=(DEEP,))))
    frame = frame_of(head)
    assert frame is not None
    (found,) = dense_regions(head, frame)
    grid = Geometry(head.values.shape, np.diag((*head.spacing_mm, 1.0)))
    measured = abc_of_mask(Mask(found.inside, grid, Code(LOCAL, "x", "X")), weighted=False).volume.value
    assert measured == pytest.approx(DEEP.abc_ml, rel=0.12)


def test_blood_at_the_inner_table_is_told_from_blood_in_the_brain():
    lens = Blob((62.0, 0.0, 12.0), (12.0, 30.0, 22.0), 62.0)
    (found,) = regions(HeadCt(blobs=(lens,)))
    assert found.skull_share > 0.3
    assert found.middle_mm[2] > 40.0


def test_what_is_calcified_small_or_along_the_falx_is_left_out():
    chalk = Blob((30.0, 10.0, 15.0), (6.0, 6.0, 6.0), 220.0)
    speck = Blob((-30.0, 10.0, 15.0), (3.0, 3.0, 3.0))
    assert regions(HeadCt(blobs=(chalk, speck))) == ()


def test_what_both_sides_share_is_anatomy():
    pair = (Blob((30.0, 10.0, 12.0), (9.0, 9.0, 9.0), 56.0), Blob((-30.0, 10.0, 12.0), (9.0, 9.0, 9.0), 56.0))
    assert regions(HeadCt(blobs=pair)) == ()
    assert len(regions(HeadCt(blobs=pair[:1]))) == 1


def test_only_regions_that_reach_a_flagged_slice_count_and_they_are_outlined_whole():
    head = head_of(scanned(HeadCt(blobs=(DEEP,))))
    frame = frame_of(head)
    assert frame is not None
    (whole,) = dense_regions(head, frame)
    flagged = np.zeros(len(head.values), np.bool_)
    assert dense_regions(head, frame, flagged) == ()
    flagged[int(np.flatnonzero(whole.inside.any(axis=(1, 2)))[0])] = True
    (kept,) = dense_regions(head, frame, flagged)
    assert kept.volume_ml == whole.volume_ml


def test_the_level_follows_the_brain_but_never_falls_below_50_hu():
    assert level_of(head_of(scanned(HeadCt()))).start_hu == 50.0


def test_a_place_is_told_by_side_third_and_height():
    head = head_of(scanned(HeadCt(yaw_deg=20.0)))
    frame = frame_of(head)
    assert frame is not None
    k, j, i = np.indices(head.values.shape)
    points = np.stack([k, j, i], axis=-1) * head.spacing_mm - frame.origin
    up, back, left = (points @ axis for axis in frame.axes)
    region = head.cavity & (left < -20.0) & (back < -40.0) & (abs(up) < 10.0)
    assert place_of(head, frame, region).startswith("right, front third, ")
    assert above_tentorium(head, frame, region) is True
    low = head.cavity & (back > 40.0) & (up < -20.0)
    assert above_tentorium(head, frame, low) is None
    assert side_of(np.array([-3.0, 2.0])) == "midline"
    assert side_of(np.array([-30.0, 30.0])) == "both sides"
