from copy import deepcopy

import numpy as np
import pytest

from mask_witnesses import phantom
from secondread.core.errors import OutputError
from secondread.core.geometry import Geometry
from secondread.dicom.results.planes import decimal, flat_plane, source_frames, stacked_planes


@pytest.fixture
def series(tmp_path):
    _, headers, _, volume = phantom(tmp_path / "series")
    return headers, volume


def test_every_slice_has_the_source_that_lies_there(series):
    headers, volume = series
    planes = stacked_planes(volume.geometry, headers[::-1])
    assert [frame.header.SOPInstanceUID for frame in planes.sources] == [header.SOPInstanceUID for header in headers]
    assert np.all(np.diff(planes.place) > 0)


def test_a_position_rounded_in_the_header_is_taken_over_from_it(series):
    headers, volume = series
    x, y, z = headers[3].ImagePositionPatient
    headers[3].ImagePositionPatient = [x, y, float(z) + 0.04]
    planes = stacked_planes(volume.geometry, headers)
    assert planes.sources[3] is not None
    assert planes.positions[3][2] == pytest.approx(float(z) + 0.04)


@pytest.mark.parametrize("moved", [(0, 0, 0.2), (0.2, 0, 0), (0, -0.2, 0)])
def test_a_slice_off_its_place_is_no_source(series, moved):
    headers, volume = series
    headers[3].ImagePositionPatient = list(np.add([float(mm) for mm in headers[3].ImagePositionPatient], moved))
    planes = stacked_planes(volume.geometry, headers)
    assert [k for k, frame in enumerate(planes.sources) if frame is None] == [3]
    assert np.allclose(planes.positions[3], volume.geometry.world((3, 0, 0)))


def test_a_turned_or_sheared_grid_has_its_own_planes(series):
    headers, volume = series
    mirrored = volume.geometry.affine @ np.diag([1.0, 1.0, -1.0, 1.0])
    assert set(stacked_planes(Geometry(volume.geometry.shape, mirrored), headers).sources) == {None}
    sheared = volume.geometry.affine.copy()
    sheared[:3, 0] += (0.0, 0.5, 0.0)
    planes = stacked_planes(Geometry(volume.geometry.shape, sheared), headers)
    assert [frame is None for frame in planes.sources] == [False] + [True] * 5
    assert planes.step_mm == pytest.approx(2.5)


def test_rows_that_are_not_perpendicular_to_columns_cannot_be_written(series):
    headers, volume = series
    skewed = volume.geometry.affine.copy()
    skewed[:3, 1] += 0.1 * skewed[:3, 2]
    with pytest.raises(OutputError, match="not perpendicular"):
        stacked_planes(Geometry(volume.geometry.shape, skewed), headers)


def test_two_sources_at_one_place_and_no_frame_of_reference_are_refused(series):
    headers, volume = series
    twin = deepcopy(headers[2])
    twin.SOPInstanceUID = "1.2.3"
    with pytest.raises(OutputError, match="two lie at slice 2"):
        stacked_planes(volume.geometry, [*headers, twin])
    assert stacked_planes(volume.geometry, [*headers, headers[2]]).sources[2] is not None
    for header in headers:
        del header.FrameOfReferenceUID
    with pytest.raises(OutputError, match="0 frames of reference"):
        stacked_planes(volume.geometry, headers)


def test_a_picture_that_does_not_say_where_it_lies_has_no_frame_of_reference(series):
    headers, _ = series
    assert flat_plane((7, 9), headers[:1]).frame_of_reference == headers[0].FrameOfReferenceUID
    del headers[0].ImagePositionPatient
    plane = flat_plane((7, 9), headers[:1])
    assert (plane.frame_of_reference, plane.positions) == ("", None)


def test_a_plain_image_of_several_frames_is_referred_to_by_its_first(series):
    headers, _ = series
    [frame] = source_frames(headers[0])
    assert frame.number is None
    headers[0].NumberOfFrames = 3
    [frame] = source_frames(headers[0])
    assert frame.number == 1


@pytest.mark.parametrize("number", [-0.0, 1 / 3, -123.456789012345678, 1e-20, 12345678.90123])
def test_a_decimal_fits_its_type_and_keeps_its_value(number):
    text = decimal(number)
    assert len(text) <= 16
    assert text != "-0.0"
    assert float(text) == pytest.approx(number, rel=1e-9, abs=1e-9)
