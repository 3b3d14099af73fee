"""Where images come from, end to end: files to volumes, with other programs or a known place as witness."""

import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st

from dicom_factory import ct_series
from grids import rotations
from secondread.core.errors import FormatError
from secondread.sources import load, open_study


def loaded(folder):
    (series,) = open_study(folder).series
    return load(series)


def decimals(numbers):
    return [f"{number:.10f}"[:16] for number in numbers]


def marked(folder, rotation, about, degrees):
    """A CT whose gantry is tilted about the rows or the columns, with a soft marker at a known place."""
    shape, spacing, step = (20, 34, 30), np.array([0.7, 0.9]), 1.5
    row, column, normal = rotation.T
    angle = np.radians(degrees)
    if about == "rows":
        column = np.cos(angle) * column - np.sin(angle) * normal
    else:
        row = np.cos(angle) * row - np.sin(angle) * normal
    k, j, i = np.indices(shape)[..., None]
    first = np.array([12.0, -140.0, 33.0])
    world = first + k * step * normal + j * spacing[0] * column + i * spacing[1] * row
    place = first + 8 * step * normal + 18.3 * spacing[0] * column + 13.6 * spacing[1] * row
    values = 3000 * np.exp(-((world - place) ** 2).sum(-1) / (2 * 2.5**2))
    each = {n: {"ImagePositionPatient": decimals(first + n * step * normal)} for n in range(shape[0])}
    ct_series(
        folder,
        shape,
        spacing=tuple(spacing),
        stored=values.round().astype(np.int16),
        each=each,
        ImageOrientationPatient=decimals((*row, *column)),
        RescaleSlope="1",
        RescaleIntercept="0",
    )
    return place


@pytest.mark.parametrize("about", ["rows", "columns"])
@pytest.mark.parametrize("degrees", [20, -20, 7.3])
def test_a_marker_keeps_its_place_when_a_tilt_about_either_axis_is_sheared_away(tmp_path, about, degrees):
    oblique = np.linalg.qr(np.array([[3.0, 1, 2], [-1, 4, 1], [2, 0, 5]]))[0]
    for number, rotation in enumerate((np.eye(3), oblique * np.sign(np.linalg.det(oblique)))):
        place = marked(tmp_path / str(number), rotation, about, degrees)
        volume = loaded(tmp_path / str(number))
        weight = np.maximum(volume.values, 0)
        centre = [float((axis * weight).sum() / weight.sum()) for axis in np.indices(weight.shape)]
        assert np.linalg.norm(volume.geometry.world(centre) - place) < 0.01


@given(rotations, st.tuples(*[st.floats(0.3, 3.0)] * 3), st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_slices_in_any_direction_with_rescales_of_their_own_are_what_simpleitk_reads(
    tmp_path_factory, rotation, lengths, number
):
    folder, rng, shape = tmp_path_factory.mktemp("series"), np.random.default_rng(number), (5, 6, 7)
    row, column = rotation[:, 0], rotation[:, 1]
    normal = np.cross(row, column)
    stored = rng.integers(-1000, 2000, shape).astype(np.int16)
    each = {
        k: {
            "ImagePositionPatient": decimals(np.array([5.0, -90.0, 700.0]) + k * lengths[2] * normal),
            "RescaleSlope": str(1 + k / 2),
            "RescaleIntercept": str(7 * k - 1000),
        }
        for k in range(shape[0])
    }
    paths = ct_series(folder, shape, spacing=lengths[:2], stored=stored, orientation=(*row, *column), each=each)
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames([str(path) for path in paths])
    witness, volume = reader.Execute(), loaded(folder)
    for place in np.ndindex(shape):
        there = witness.TransformIndexToPhysicalPoint([int(n) for n in place[::-1]])
        assert np.allclose(volume.geometry.world(place), there, atol=1e-3)
    for k in range(shape[0]):
        alone = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(paths[k])))[0]
        assert np.allclose(volume.values[k], alone, atol=1e-2)


def test_slices_of_a_gamma_camera_are_refused_by_their_modality(tmp_path):
    ct_series(tmp_path / "a", (3, 4, 4), Modality="NM")
    with pytest.raises(FormatError, match="found modality 'NM'"):
        loaded(tmp_path / "a")
