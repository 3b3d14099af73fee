"""Marks in the patient through DICOM and NIfTI, whichever way the slices lie; SimpleITK and nibabel as witnesses."""

from itertools import permutations, product

import nibabel
import numpy as np
import pytest
import SimpleITK

from dicom_factory import ct_series
from grids import turn
from secondread.dicom.load import load_volume
from secondread.dicom.open import open_dicom
from secondread.formats.nifti import load_nifti, open_nifti, save_nifti

SHAPE, SPACING_MM, STEP_MM, ORIGIN_MM = (7, 11, 9), (0.7, 0.8), 2.5, (-31.0, 12.0, 57.0)
MARKS = {(1, 2, 6): 900, (5, 8, 1): 500, (5, 8, 2): 300, (3, 9, 7): 700}  # under no turn or flip the same
AXES = [
    np.array([np.eye(3)[axis] * sign for axis, sign in zip(order, signs, strict=True)])
    for order in permutations(range(3))
    for signs in product((1.0, -1.0), repeat=3)
]
TURNS = [turn(angles) for angles in ((0.1, 0.2, 0.3), (-0.7, 1.1, 0.4), (2.0, -0.5, 0.9), (0.02, 0.0, -0.01))]


def phantom(folder, axes, **options):
    """Write slices along axes[0] with columns along axes[1] and rows along axes[2]; LPS mm of the heaviest point.

    Slices are numbered in the direction of axes[0], whichever side of the planes that is.
    """
    stored = np.full(SHAPE, 1024, np.int16)
    for place, hu in MARKS.items():
        stored[place] += hu
    each = {
        k: {"ImagePositionPatient": [f"{mm:.9f}"[:16] for mm in np.array(ORIGIN_MM) + k * STEP_MM * axes[0]]}
        for k in range(SHAPE[0])
    }
    paths = ct_series(
        folder, SHAPE, spacing=SPACING_MM, stored=stored, orientation=(*axes[2], *axes[1]), each=each, **options
    )
    steps = np.array(list(MARKS)) * (STEP_MM, *SPACING_MM)
    return paths, np.average(np.array(ORIGIN_MM) + steps @ axes, axis=0, weights=list(MARKS.values()))


def centre(values, world):
    """LPS mm of the heaviest point of voxels [k, j, i]."""
    places = np.argwhere(values > 0)
    return np.average([world(place) for place in places], axis=0, weights=[values[tuple(p)] for p in places])


def by_simpleitk(paths):
    """The series as SimpleITK reads it; it needs the order, and takes the positions from the files."""
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(paths[0].parent)))
    return reader.Execute()


@pytest.mark.parametrize("axes", [*AXES, *TURNS], ids=lambda axes: ",".join(f"{a:g}" for a in axes.round(2).ravel()))
def test_a_mark_lies_where_it_was_put_in_all_48_axis_orders_and_obliquely(tmp_path, axes):
    paths, wanted = phantom(tmp_path / "ct", axes)
    volume = load_volume(open_dicom(paths).series[0])
    assert np.abs(centre(volume.values, volume.geometry.world) - wanted).max() < 0.01
    assert volume.warnings == ()

    witness = by_simpleitk(paths)
    seen = SimpleITK.GetArrayFromImage(witness)
    found = centre(seen, lambda p: witness.TransformIndexToPhysicalPoint([int(n) for n in p[::-1]]))
    assert np.abs(found - wanted).max() < 0.01
    for place in [(0, 0, 0), (6, 10, 8), *MARKS]:  # every voxel, at the same point of the world, has the same value
        point = volume.geometry.world(place)
        assert witness[witness.TransformPhysicalPointToIndex(point.tolist())] == volume.values[place]

    save_nifti(volume, tmp_path / "x.nii")
    again = load_nifti(open_nifti(tmp_path / "x.nii").series[0])
    assert np.abs(centre(again.values, again.geometry.world) - wanted).max() < 0.01
    picture = nibabel.load(tmp_path / "x.nii")
    ras = centre(picture.get_fdata(), lambda p: (picture.affine @ [*p, 1])[:3])
    assert np.abs(ras * (-1, -1, 1) - wanted).max() < 0.01


@pytest.mark.parametrize("axes", [AXES[0], AXES[13], TURNS[0]], ids=["axial", "sagittal", "oblique"])
@pytest.mark.parametrize("tilt_deg", [20, -12.5])
def test_a_mark_lies_where_it_was_put_after_a_gantry_tilt(tmp_path, axes, tilt_deg):
    axes = axes * np.sign(np.linalg.det(axes))
    paths, _ = phantom(tmp_path / "ct", axes, tilt_deg=tilt_deg)
    angle = np.deg2rad(tilt_deg)
    normal = np.cross(axes[2], axes[1])
    column = np.cos(angle) * axes[1] - np.sin(angle) * normal
    marks = np.array(list(MARKS)) * (STEP_MM, *SPACING_MM)
    world = ORIGIN_MM + marks @ np.array([axes[0], column, axes[2]])
    wanted = np.average(world, axis=0, weights=list(MARKS.values()))
    volume = load_volume(open_dicom(paths).series[0])
    weight = np.where(volume.values > -1024, volume.values, 0)
    assert np.abs(centre(weight, volume.geometry.world) - wanted).max() < 0.01
    assert weight.sum() == pytest.approx(sum(MARKS.values()), rel=1e-5)
    affine = volume.geometry.affine[:3, :3] / volume.geometry.spacing_mm
    assert affine.T @ affine == pytest.approx(np.eye(3), abs=1e-6)  # upright
