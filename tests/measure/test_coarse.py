import numpy as np
import pytest

from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.coarse import closed, coarse, dilated, opened, parts_of

MM = (1.0, 1.0, 1.0)


def volume(shape=(7, 9, 11), spacing=(1.0, 0.5, 0.5), flip=False):
    affine = np.zeros((4, 4))
    affine[2, 0], affine[1, 1], affine[0, 2], affine[3, 3] = -spacing[0] if flip else spacing[0], *spacing[1:], 1.0
    values = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    return Volume(values, Geometry(shape, affine), "HU")


def test_blocks_hold_the_mean_of_their_voxels_and_cover_every_voxel():
    one = volume()
    work = coarse(one, 2.0)
    assert work.blocks == (2, 4, 4)
    assert work.spacing_mm == (2.0, 2.0, 2.0)
    assert work.values[0, 0, 0] == pytest.approx(one.values[:2, :4, :4].mean(), abs=1e-6)
    assert work.values[-1, -1, -1] == pytest.approx(one.values[6:, 8:, 8:].mean(), abs=1e-6)


def test_a_mask_of_blocks_goes_back_to_the_grid_of_the_volume_also_when_slices_run_to_the_feet():
    for flip in (False, True):
        one = volume(flip=flip)
        work = coarse(one, 2.0)
        top = np.zeros(work.values.shape, np.bool_)
        top[0] = True  # the lowest blocks of the patient
        back = work.source(work.fine(top))
        assert back.shape == one.values.shape
        heights = one.geometry.world(np.argwhere(back))[:, 2]
        assert heights.max() < one.geometry.world(np.argwhere(~back))[:, 2].min()


def test_closing_fills_a_narrow_notch_and_opening_cuts_a_thin_neck():
    block = np.zeros((20, 40, 40), np.bool_)
    block[5:15, 5:35, 5:35] = True
    notched = block.copy()
    notched[8:12, 18:22, 5:15] = False
    assert closed(notched, MM, 4.0)[10, 20, 10]
    necked = block.copy()
    necked[10, 20, 35:40] = True
    assert not opened(necked, MM, 3.0)[10, 20, 38]
    assert opened(necked, MM, 3.0)[10, 20, 20]


def test_what_lies_within_a_distance_is_counted_in_millimetres():
    dot = np.zeros((11, 11, 11), np.bool_)
    dot[5, 5, 5] = True
    grown = dilated(dot, (2.0, 1.0, 1.0), 2.0)
    assert grown[6, 5, 5]
    assert not grown[7, 5, 5]
    assert grown[5, 5, 7]


def test_parts_come_with_the_largest_first():
    two = np.zeros((3, 9, 9), np.bool_)
    two[1, 1, 1] = two[1, 5:8, 5:8] = True
    assert [size for size, _ in parts_of(two)] == [9, 1]
    assert parts_of(np.zeros((2, 2, 2), np.bool_)) == []
