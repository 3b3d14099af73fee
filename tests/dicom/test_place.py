"""Values onto a grid that the slices do not fill by themselves."""

import numpy as np
import pytest
import SimpleITK
from pydicom import dcmread
from scipy.ndimage import map_coordinates

from dicom_factory import ct_series, shared
from secondread.dicom.load import load_volume
from secondread.dicom.open import open_dicom


def volume(paths):
    return load_volume(open_dicom(paths).series[0])


def by_simpleitk(paths, geometry, tilted_step):
    """Even slices resampled onto an upright grid by SimpleITK: the slices stacked as if upright, and a shear."""
    slices = sorted((dcmread(path) for path in paths), key=lambda item: float(item.ImagePositionPatient[2]))
    row, column = np.reshape(slices[0].ImageOrientationPatient, (2, 3)).astype(float)
    normal = np.cross(row, column)
    along = float(tilted_step @ normal)
    stacked = np.stack([item.pixel_array * float(item.RescaleSlope) + float(item.RescaleIntercept) for item in slices])
    picture = SimpleITK.GetImageFromArray(np.maximum(stacked, -1024).astype(np.float32))
    down, right = (float(mm) for mm in slices[0].PixelSpacing)
    origin = np.array(slices[0].ImagePositionPatient, float)
    direction = np.column_stack([row, column, normal])
    picture.SetOrigin(origin.tolist())
    picture.SetSpacing((right, down, along))
    picture.SetDirection(direction.ravel().tolist())
    upright = SimpleITK.Image([*geometry.shape[::-1]], SimpleITK.sitkFloat32)
    upright.SetOrigin(geometry.world((0, 0, 0)).tolist())
    upright.SetSpacing(geometry.spacing_mm[::-1])
    upright.SetDirection(direction.ravel().tolist())
    sideways = tilted_step - along * normal
    shear = SimpleITK.AffineTransform(3)
    shear.SetMatrix((np.eye(3) - np.outer(sideways / along, normal)).ravel().tolist())
    shear.SetCenter(origin.tolist())
    return SimpleITK.GetArrayFromImage(SimpleITK.Resample(picture, upright, shear, SimpleITK.sitkLinear, -1024.0))


def test_a_real_tilt_is_sheared_to_the_voxels_simpleitk_interpolates():
    paths = sorted(shared("tilt").glob("*.dcm"))[:14]  # those that are evenly spaced
    found = volume(paths)
    assert "tilted by 18.5 degrees" in found.warnings[0]
    assert found.made == ()
    witness = by_simpleitk(paths, found.geometry, np.array([0, 0, 4.22]))
    inside = found.values > -1024
    assert inside.mean() > 0.4
    assert np.abs(found.values - witness)[inside].max() < 1.0  # HU


def test_a_real_tilt_with_uneven_gaps_is_resampled_on_the_true_positions():
    paths = sorted(shared("tilt").glob("*.dcm"))
    found = volume(paths)
    assert found.geometry.shape == (37, 611, 512)
    assert found.geometry.spacing_mm == pytest.approx((4.0025, 0.48828, 0.48828), abs=1e-4)
    assert found.made[0] == 14  # up to there the slices lie on the grid
    slices = sorted((dcmread(path) for path in paths), key=lambda item: float(item.ImagePositionPatient[2]))
    places = np.random.default_rng(0).integers((0, 150, 100), (37, 450, 400), (500, 3))
    hu = [np.maximum(item.pixel_array * 1.0 + float(item.RescaleIntercept), -1024) for item in slices]
    wanted = [between(slices, hu, found.geometry.world(place)) for place in places]
    differences = np.abs(found.values[tuple(places.T)] - wanted)
    assert np.std(wanted) > 300
    # A slice within a hundredth of a step of a place of the grid is taken as it is: at the edge of bone that shows.
    assert np.median(differences) < 0.2
    assert differences.max() < 20


def between(slices, hu, point):
    """The value at a point of the world, linear between the true planes of the slices and within them."""
    row, column = np.reshape(slices[0].ImageOrientationPatient, (2, 3)).astype(float)
    offsets = [point - np.array(item.ImagePositionPatient, float) for item in slices]
    along = np.array([offset @ np.cross(row, column) for offset in offsets])  # falls from slice to slice
    before = int(np.clip((along >= 0).sum() - 1, 0, len(slices) - 2))
    values = []
    for n in (before, before + 1):
        down, right = (float(mm) for mm in slices[n].PixelSpacing)
        at = [[offsets[n] @ column / down], [offsets[n] @ row / right]]
        values.append(map_coordinates(hu[n], at, order=1, cval=-1024)[0])
    share = along[before] / (along[before] - along[before + 1])
    return (1 - share) * values[0] + share * values[1]


def test_beside_tilted_slices_is_air_in_ct_and_the_lowest_value_in_mr(tmp_path):
    stored = np.full((5, 8, 6), 1200, np.int16)
    stored[2, 3, 3] = 777
    ct = volume(ct_series(tmp_path / "ct", stored=stored, tilt_deg=20))
    mr = volume(ct_series(tmp_path / "mr", stored=stored, tilt_deg=20, Modality="MR"))
    assert ct.geometry.shape == mr.geometry.shape
    assert ct.geometry.shape[1] > 8
    assert set(np.unique(ct.values[0])) == {-1024.0, 176.0}
    outside = ct.values == -1024
    assert outside.any()
    assert (mr.values[outside] == mr.values[~outside].min()).all()


def test_a_missing_slice_of_a_tilted_stack_is_made_on_the_upright_grid(tmp_path):
    k, j, _ = np.indices((6, 40, 6))
    paths = ct_series(
        tmp_path / "ct", (6, 40, 6), stored=(100 * k).astype(np.int16) + (0 * j).astype(np.int16), tilt_deg=10
    )
    found = volume([path for path in paths if path.stem != "003"])
    assert found.made == (3,)
    assert len(found.warnings) == 2
    assert found.values[3, 20, 3] == pytest.approx(300 - 1024)


def test_memory_stays_near_the_volume(tmp_path):
    import tracemalloc

    paths = ct_series(tmp_path / "ct", (40, 64, 64))
    series = open_dicom(paths).series[0]
    tracemalloc.start()
    found = load_volume(series)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.5 * found.values.nbytes
