"""Two volumes are laid on each other where they truly lie, whatever their grids are."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - as its documentation writes it

from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.formats.nifti import load_nifti, open_nifti
from secondread.prepare.register import MOST_TURN_DEG, Rigid, nearby, register, resampled_like, rotated
from secondread.prepare.shrink import shrunk

TORSO = Path(__file__).resolve().parents[3] / "shared" / "data" / "ct-torso" / "example_ct.nii.gz"


@pytest.fixture(scope="module")
def torso():
    if not TORSO.exists():
        pytest.skip("needs the shared test data: ct-torso")
    volume = load_nifti(open_nifti(TORSO).series[0])
    return Volume(volume.values, volume.geometry, "HU")


def organs(shape=(40, 44, 48), spacing=4.0):
    """An uneven body of ellipsoids in HU, [k, j, i] = (feet to head, front to back, right to left)."""
    affine = np.eye(4)
    affine[:3, :3] = np.array([[0, 0, spacing], [0, spacing, 0], [spacing, 0, 0]])
    affine[:3, 3] = (-90.0, -80.0, 20.0)
    grid = Geometry(shape, affine)
    place = grid.world(np.indices(shape).transpose(1, 2, 3, 0))
    values = np.full(shape, -1000.0)
    parts = [((5, 8, 100), (80, 66, 90), 40), ((-30, 0, 110), (28, 40, 55), -800), ((35, 5, 105), (24, 36, 50), -820)]
    parts += [
        ((5, 50, 100), (14, 12, 85), 250),
        ((-20, -20, 60), (22, 18, 14), 120),
        ((10, -30, 120), (16, 14, 22), 60),
    ]
    for centre, half, hu in parts:
        values[(((place - centre) / half) ** 2).sum(-1) < 1.0] = hu
    return Volume(values.astype(np.float32), grid, "HU")


def image_of(volume):
    """The volume as SimpleITK keeps it, whose axes run (i, j, k)."""
    image = sitk.GetImageFromArray(volume.values)
    k, j, i = volume.geometry.spacing_mm
    image.SetSpacing((i, j, k))
    image.SetOrigin(tuple(volume.geometry.affine[:3, 3]))
    directions = (volume.geometry.affine[:3, :3] / volume.geometry.spacing_mm)[:, ::-1]
    image.SetDirection(tuple(directions.ravel()))
    return image


def moved_by_simpleitk(volume, turn_deg, shift_mm, spacing=(3.5, 2.9, 2.9), noise_hu=20.0):
    """(volume moved by SimpleITK on a larger grid of its own, its transform from the old to the new place)."""
    image = image_of(volume)
    motion = sitk.Euler3DTransform()
    motion.SetCenter(tuple(volume.geometry.world((np.array(volume.geometry.shape) - 1) / 2)))
    motion.SetRotation(*np.radians(turn_deg))
    motion.SetTranslation(tuple(map(float, shift_mm)))
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in volume.geometry.shape])).reshape(3, -1).T
    places = np.array([motion.TransformPoint(tuple(map(float, p))) for p in volume.geometry.world(corners)])
    low, high = places.min(0), places.max(0)
    size = [int(n) for n in np.ceil((high - low) / spacing[::-1]) + 1]
    out = sitk.Resample(
        image,
        size,
        motion.GetInverse(),
        sitk.sitkLinear,
        tuple(low),
        spacing[::-1],
        np.eye(3).ravel().tolist(),
        -1000.0,
    )
    values = sitk.GetArrayFromImage(out) + np.random.default_rng(7).normal(0.0, noise_hu, size[::-1])
    affine = np.eye(4)
    affine[:3, :3] = np.diag(spacing[::-1])[:, ::-1]
    affine[:3, 3] = low
    return Volume(values.astype(np.float32), Geometry(values.shape, affine), "HU"), motion


def errors(volume, found, motion):
    """(largest distance in mm within the body, angle in degrees) between what was found and SimpleITK's motion."""
    inside = np.argwhere(volume.values > -500)[::997]
    points = volume.geometry.world(inside)
    true = np.array([motion.TransformPoint(tuple(map(float, p))) for p in points])
    turned = np.array(motion.GetMatrix()).reshape(3, 3)
    rest = Rigid(
        np.block([[found.matrix[:3, :3] @ turned.T, np.zeros((3, 1))], [np.zeros((1, 3)), 1.0]]), 1.0, 1.0, (0, 0, 0)
    )
    return float(np.linalg.norm(found.to_moving(points) - true, axis=1).max()), rest.turn_deg


@pytest.mark.parametrize(
    ("turn", "shift"), [((4.0, -3.0, 6.0), (12.0, -18.0, 30.0)), ((-10.0, 8.0, -12.0), (-40.0, 25.0, -160.0))]
)
def test_a_torso_moved_by_simpleitk_is_found_within_a_millimetre_and_a_degree(torso, turn, shift):
    moved, motion = moved_by_simpleitk(torso, turn, shift)
    found = register(torso, moved)
    distance_mm, angle_deg = errors(torso, found, motion)
    assert distance_mm < 1.0
    assert angle_deg < 1.0
    assert found.trusted
    assert found.agreement > 0.95


def test_the_volume_brought_over_is_what_simpleitk_brings_over(torso):
    moved, motion = moved_by_simpleitk(torso, (4.0, -3.0, 6.0), (12.0, -18.0, 30.0), noise_hu=0.0)
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(motion.GetMatrix()).reshape(3, 3)
    matrix[:3, 3] = motion.TransformPoint((0.0, 0.0, 0.0))
    ours = resampled_like(moved, torso.geometry, Rigid(matrix, 1.0, 1.0, (0, 0, 0)))
    theirs = sitk.Resample(image_of(moved), image_of(torso), motion, sitk.sitkLinear, -1000.0)
    inner = (slice(5, -5),) * 3
    assert np.abs(ours - sitk.GetArrayFromImage(theirs))[inner].max() < 1.0
    assert np.abs(ours - torso.values)[inner].mean() < 25.0


def test_the_way_the_array_runs_does_not_matter():
    body = organs()
    moved, motion = moved_by_simpleitk(body, (3.0, 2.0, -5.0), (8.0, -6.0, 14.0), spacing=(4.0, 4.0, 4.0))
    affine = np.array(moved.geometry.affine)
    affine[:3, 3] = moved.geometry.world((0, moved.values.shape[1] - 1, 0))
    affine[:3, 1] *= -1.0
    turned = np.ascontiguousarray(np.transpose(moved.values[:, ::-1], (2, 0, 1)))
    other = Volume(turned, Geometry(turned.shape, affine[:, [2, 0, 1, 3]]), "HU")
    for one in (moved, other):
        distance_mm, angle_deg = errors(body, register(body, one), motion)
        assert (distance_mm < 1.5, angle_deg < 1.0) == (True, True)


def test_part_of_the_body_is_found_in_the_whole(torso):
    half = Volume(torso.values[40:85], Geometry((45, 101, 122), _shifted(torso.geometry, (40, 0, 0))), "HU")
    found = register(half, torso)
    assert np.abs(found.matrix - np.eye(4)).max() < 0.1
    assert found.overlap > 0.95


def test_a_volume_agrees_wholly_with_itself_and_twice_to_the_bit():
    body = organs()
    first, second = register(body, body), register(body, body)
    assert first.agreement == pytest.approx(1.0, abs=1e-6)
    assert (first.turn_deg, first.shift_mm) == (pytest.approx(0.0, abs=0.01), pytest.approx(0.0, abs=0.01))
    assert np.array_equal(first.matrix, second.matrix)


def test_what_grew_does_not_pull_the_motion():
    body = organs()
    grown = np.array(body.values)
    place = body.geometry.world(np.indices(body.geometry.shape).transpose(1, 2, 3, 0))
    grown[np.linalg.norm(place - (-30.0, 0.0, 120.0), axis=-1) < 22.0] = 40.0
    found = register(body, Volume(grown, body.geometry, "HU"))
    assert np.linalg.norm(found.to_moving((0.0, 0.0, 100.0)) - (0.0, 0.0, 100.0)) < 0.5


def test_an_organ_that_moved_within_the_body_is_found_again():
    body = organs()
    breathed = np.array(body.values)
    place = body.geometry.world(np.indices(body.geometry.shape).transpose(1, 2, 3, 0))
    old, new = np.array((-30.0, 0.0, 110.0)), np.array((-30.0, 4.0, 121.0))
    still = np.array(body.values)
    for values, centre in ((still, old), (breathed, new)):
        for part, hu in (((0, 0, 0), 40.0), ((10, 12, 6), -200.0), ((-8, -9, 14), 0.0)):
            values[np.linalg.norm(place - centre - part, axis=-1) < 7.0] = hu
    earlier, now = (Volume(values, body.geometry, "HU") for values in (still, breathed))
    motion = register(now, earlier)
    found = nearby(shrunk(now, 4.0), shrunk(earlier, 4.0), motion, old, 30.0)
    assert np.linalg.norm(motion.to_fixed(old) - new) > 9.0
    assert np.linalg.norm(found - new) < 2.5


def test_another_person_is_not_trusted(torso):
    assert not register(torso, organs(spacing=6.0)).trusted


def test_volumes_of_two_units_are_refused():
    body = organs()
    with pytest.raises(ValueError, match="one unit"):
        register(body, Volume(body.values, body.geometry, "grey"))


def test_the_way_there_and_back_ends_where_it_began():
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotated((0.1, -0.2, 0.3)), (5.0, -6.0, 7.0)
    motion = Rigid(matrix, 1.0, 1.0, (1.0, 2.0, 3.0))
    points = np.random.default_rng(0).normal(0.0, 100.0, (20, 3))
    assert np.abs(motion.to_fixed(motion.to_moving(points)) - points).max() < 1e-9
    assert motion.turn_deg == pytest.approx(np.degrees(np.linalg.norm((0.1, -0.2, 0.3))))
    assert motion.turn_deg < MOST_TURN_DEG


def _shifted(grid, index):
    affine = np.array(grid.affine)
    affine[:3, 3] = grid.world(index)
    return affine
