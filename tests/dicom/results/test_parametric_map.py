import highdicom
import numpy as np
import pydicom
import pytest

import fakes
from dicom_reads import NOW, SHAPE, complaints, dumped, read, saved, source
from mask_witnesses import phantom
from secondread.core.code import DCM, Code
from secondread.core.errors import OutputError
from secondread.dicom.results.parametric_map import ValueMap, build_parametric_map
from secondread.dicom.uids import uid_source

ACTIVATION = Code(DCM, "130402", "Class activation")


def build(what, headers):
    return build_parametric_map(what, read(), fakes.card(), headers, uid_source("a"), NOW)


@pytest.fixture
def series(tmp_path):
    _, headers, _, volume = phantom(tmp_path / "series")
    values = np.random.default_rng(0).random(volume.geometry.shape, np.float32)
    return headers, ValueMap(values, volume.geometry, ACTIVATION, "Pneumonia")


@pytest.mark.parametrize("body_part", ["CHEST", "BREAST", None])
def test_a_map_over_slices_is_valid_and_every_value_comes_back_at_its_place(tmp_path, series, body_part):
    headers, what = series
    for header in headers:
        header.BodyPartExamined = body_part
    path = saved(build(what, headers[::-1]), tmp_path)
    assert complaints(path) == []
    found = highdicom.pm.ParametricMap.from_dataset(pydicom.dcmread(path)).get_volume()
    places = what.grid.index(found.map_indices_to_reference(np.argwhere(np.ones(found.array.shape, bool))))
    assert np.allclose(places, np.rint(places), atol=1e-6)
    k, j, i = np.rint(places).astype(int).T
    assert np.array_equal(found.array.ravel(), what.values[k, j, i])


def test_the_values_say_what_they_are(tmp_path, series):
    headers, what = series
    path = saved(build(what, headers), tmp_path)
    written = pydicom.dcmread(path)
    [mapping] = written.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence
    assert (mapping.RealWorldValueSlope, mapping.RealWorldValueIntercept) == (1.0, 0.0)
    assert mapping.MeasurementUnitsCodeSequence[0].CodeValue == "1"
    [quantity] = mapping.QuantityDefinitionSequence
    assert quantity.ConceptNameCodeSequence[0].CodeMeaning == "Quantity"
    assert quantity.ConceptCodeSequence[0].CodeValue == ACTIVATION.value
    assert "Class activation" in dumped(path, "dcmdump", "--search", "ContentDescription")
    for frame in written.PerFrameFunctionalGroupsSequence:
        [image] = frame.DerivationImageSequence[0].SourceImageSequence
        assert image.ReferencedSOPInstanceUID in {header.SOPInstanceUID for header in headers}


def test_a_map_of_one_slice_has_its_place(tmp_path, series):
    headers, what = series
    one = ValueMap(what.values[2], None, ACTIVATION, "Pneumonia")
    path = saved(build(one, headers[2:3]), tmp_path)
    assert complaints(path) == []
    written = pydicom.dcmread(path)
    [frame] = written.PerFrameFunctionalGroupsSequence
    assert frame.PlanePositionSequence[0].ImagePositionPatient == headers[2].ImagePositionPatient
    assert np.array_equal(written.pixel_array, one.values)


def test_a_map_of_a_chest_x_ray_without_a_place_in_the_patient_is_refused(tmp_path):
    with pytest.raises(OutputError, match="has no frame of reference"):
        build(ValueMap(np.zeros(SHAPE, np.float32), None, ACTIVATION, "Pneumonia"), [source(tmp_path)])


def test_two_maps_of_one_read_are_two_objects_of_one_series(series):
    headers, what = series
    first, second = build(what, headers), build(ValueMap(what.values, what.grid, ACTIVATION, "Effusion"), headers)
    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert first.SeriesInstanceUID == second.SeriesInstanceUID


@pytest.mark.parametrize(
    ("values", "about"),
    [(np.full((2, 2), np.nan, np.float32), "x"), (np.zeros((2, 2, 2), np.float32), "x"), (np.zeros((2, 2)), " ")],
)
def test_values_that_are_not_finite_placed_and_named_are_no_map(values, about):
    with pytest.raises(ValueError, match="a map"):
        ValueMap(values, None, ACTIVATION, about)
