"""The inside of a skull, its plane of symmetry, and the way back to the file, on phantoms with known truth."""

import numpy as np
import pytest

from phantoms.head_ct import BRAIN, Blob, HeadCt, scanned
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.head import averaged, head_of, noise_hu, tissue_hu
from secondread.measure.head_symmetry import frame_of, straight_of


@pytest.fixture(scope="module")
def turned():
    """A head that is turned, leans and nods, with its truth."""
    phantom = HeadCt(yaw_deg=14.0, roll_deg=-9.0, pitch_deg=8.0)
    return phantom, scanned(phantom)


def flipped(volume: Volume, axis: int) -> Volume:
    """The same voxels in the patient, stored the other way along an axis."""
    affine = volume.geometry.affine.copy()
    affine[:3, 3] += affine[:3, axis] * (volume.values.shape[axis] - 1)
    affine[:3, axis] *= -1.0
    values = np.ascontiguousarray(np.flip(volume.values, axis))
    return Volume(values, Geometry(volume.values.shape, affine), "HU")


def test_the_inside_of_the_skull_has_the_volume_of_the_phantom(turned):
    _, volume = turned
    whole = 4.0 / 3.0 * np.pi * 66.0 * 84.0 * 76.0 / 1000.0
    share = 0.5 + 0.75 * (50 / 76) - 0.25 * (50 / 76) ** 3  # of an ellipsoid cut off 50 mm below its middle
    assert head_of(volume).cavity_ml == pytest.approx(whole * share, rel=0.06)  # the inner table is met early


def test_brain_and_noise_are_measured_on_the_working_grid(turned):
    phantom, volume = turned
    head = head_of(volume)
    assert tissue_hu(head) == pytest.approx(BRAIN, abs=1.5)
    assert 1.0 < noise_hu(head) <= phantom.noise_hu


def test_the_plane_of_symmetry_is_found_in_a_turned_and_leaning_head(turned):
    phantom, volume = turned
    head = head_of(volume)
    frame = frame_of(head)
    assert frame is not None
    left = frame.axes[2, ::-1]  # in (x, y, z)
    assert np.degrees(np.arccos(left @ phantom.turn[0])) < 1.0
    middle = np.array(phantom.centre) - volume.geometry.affine[:3, 3]
    on_grid = middle[::-1] - [(step - 1) * mm / step / 2 for step, mm in zip(head.steps, head.spacing_mm, strict=True)]
    assert abs((on_grid - frame.origin) @ frame.axes[2]) < 0.5


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_how_the_file_stores_its_axes_changes_nothing(turned, axis):
    _, volume = turned
    straight, other = head_of(volume), head_of(flipped(volume, axis))
    if all(n % step == 0 for n, step in zip(volume.values.shape, straight.steps, strict=True)):
        assert np.allclose(straight.values, other.values)
    assert other.cavity_ml == pytest.approx(straight.cavity_ml, rel=0.01)


def test_a_region_of_the_working_grid_comes_back_to_the_file_where_it_was():
    volume = scanned(HeadCt(step_mm=2.5, blobs=(Blob((30.0, 10.0, 15.0), (12.0, 12.0, 12.0)),)))
    for stored in (volume, flipped(volume, 2), flipped(volume, 0)):
        head = head_of(stored)
        dense = head.cavity & (head.values > 55.0) & (head.values < 80.0)
        back = head.to_source(dense)
        assert back.shape == stored.values.shape
        assert stored.values[back].mean() > 50.0


def test_a_mirror_image_of_the_straight_head_is_alike(turned):
    _, volume = turned
    head = head_of(volume)
    frame = frame_of(head)
    assert frame is not None
    straight = straight_of(head, frame)
    inside = straight.cavity
    assert (inside & inside[..., ::-1]).sum() / inside.sum() > 0.97
    assert np.abs(straight.values - straight.values[..., ::-1])[inside & inside[..., ::-1]].mean() < 8.0


def test_no_skull_gives_an_empty_inside_and_no_plane():
    volume = Volume(
        np.full((6, 40, 40), -1000.0, np.float32), Geometry((6, 40, 40), np.diag((5.0, 3.0, 3.0, 1.0))), "HU"
    )
    head = head_of(volume)
    assert not head.cavity.any()
    assert frame_of(head) is None


def test_averages_of_blocks_leave_the_remainder_out_and_refuse_too_few_voxels():
    assert averaged(np.arange(5.0, dtype=np.float32).reshape(5, 1, 1), (2, 1, 1)).ravel().tolist() == [0.5, 2.5]
    with pytest.raises(ValueError, match="needed at least"):
        averaged(np.zeros((1, 4, 4), np.float32), (2, 1, 1))


def test_an_open_skull_is_bridged_from_its_neighbours():
    volume = scanned(HeadCt())
    values = np.array(volume.values)
    middle = values.shape[0] // 2
    values[middle, :, : values.shape[2] // 2][values[middle, :, : values.shape[2] // 2] > 140.0] = 20.0
    opened = head_of(Volume(values, volume.geometry, "HU"))
    closed = head_of(volume)
    assert opened.cavity[middle].sum() == pytest.approx(closed.cavity[middle].sum(), rel=0.12)
