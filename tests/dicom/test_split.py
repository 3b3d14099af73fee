"""One series to its stacks."""

import pytest
from pydicom.uid import SecondaryCaptureImageStorage

from dicom_factory import ct_series
from secondread.core.errors import GeometryError
from secondread.dicom.load import load_volume
from secondread.dicom.open import open_dicom

ONE = {"SeriesInstanceUID": "2.25.7", "FrameOfReferenceUID": "2.25.8"}
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def stacks(folder, *tags, shape=(4, 6, 5), **options):
    """Stacks of the same places in one series, each with its own tags."""
    paths = []
    for n, own in enumerate(tags):
        paths += ct_series(folder / str(n), shape, Modality="MR", **ONE, **options, **own)
    return paths


def parts(paths):
    return {series.part: len(series.files) for series in open_dicom(paths).series}


def test_one_stack_is_one_series_without_a_part(tmp_path):
    assert parts(stacks(tmp_path, {})) == {"": 4}


@pytest.mark.parametrize(
    ("keyword", "values", "names"),
    [
        ("AcquisitionNumber", ("1", "2"), ("AcquisitionNumber 1", "AcquisitionNumber 2")),
        ("TemporalPositionIdentifier", ("1", "10"), ("TemporalPositionIdentifier 1", "TemporalPositionIdentifier 10")),
        ("EchoTime", ("9.2", "4.60"), ("EchoTime 4.6", "EchoTime 9.2")),
        ("DiffusionBValue", (0.0, 1000.0), ("DiffusionBValue 0", "DiffusionBValue 1000")),
        ("ContentTime", ("101500", "101530.25"), ("ContentTime 1 of 2", "ContentTime 2 of 2")),
        ("TriggerTime", ("0", "412.5"), ("TriggerTime 0", "TriggerTime 412.5")),
        (
            "ImageType",
            (["ORIGINAL", "PRIMARY", "M"], ["ORIGINAL", "PRIMARY", "P"]),
            ("ImageType M", "ImageType P"),
        ),
    ],
)
def test_duplicated_places_are_split_by_the_tag_that_tells_them_apart(tmp_path, keyword, values, names):
    paths = stacks(tmp_path, *({keyword: value} for value in values))
    study = open_dicom(paths)
    assert tuple(series.part for series in study.series) == names
    assert [load_volume(series).geometry.shape for series in study.series] == [(4, 6, 5)] * 2
    assert {series.uid for series in study.series} == {"2.25.7"}


def test_duplicated_places_are_split_by_the_first_tag_that_does_it(tmp_path):
    both = [{"EchoTime": "4.6", "ImageType": ["A", "B", "M"]}, {"EchoTime": "9.2", "ImageType": ["A", "B", "P"]}]
    assert parts(stacks(tmp_path, *both)) == {"EchoTime 4.6": 4, "EchoTime 9.2": 4}


def test_duplicated_places_of_echoes_with_magnitude_and_phase_are_split_by_both(tmp_path):
    four = [{"EchoTime": echo, "ImageType": ["A", "B", kind]} for echo in ("4.6", "9.2") for kind in "MP"]
    assert set(parts(stacks(tmp_path, *four))) == {
        f"EchoTime {echo}, ImageType {kind}" for echo in ("4.6", "9.2") for kind in "MP"
    }


def test_a_tag_that_is_missing_on_one_side_tells_duplicated_places_apart_too(tmp_path):
    assert parts(stacks(tmp_path, {"TriggerTime": "5"}, {})) == {"TriggerTime 5": 4, "TriggerTime not given": 4}


def test_an_acquisition_number_on_every_slice_tells_nothing_apart(tmp_path):
    numbered = {k: {"AcquisitionNumber": str(k)} for k in range(4)}
    paths = stacks(tmp_path, {}, each=numbered)
    assert parts(paths) == {"": 4}
    again = ct_series(
        tmp_path / "x", (4, 6, 5), Modality="MR", **ONE, EchoTime="8",
        each={k: {"AcquisitionNumber": str(4 + k)} for k in range(4)},
    )  # fmt: skip
    assert parts([*paths, *again]) == {"EchoTime 3": 4, "EchoTime 8": 4}


def test_a_phase_that_is_cut_short_still_comes_apart(tmp_path):
    paths = stacks(tmp_path, {"TemporalPositionIdentifier": "1"}, {"TemporalPositionIdentifier": "2"})
    assert parts(paths[:6]) == {"TemporalPositionIdentifier 1": 4, "TemporalPositionIdentifier 2": 2}


def test_duplicated_places_that_nothing_tells_apart_stay_together_and_are_refused(tmp_path):
    paths = stacks(tmp_path, {}, {"RescaleSlope": "2", "RescaleIntercept": "0"})
    (series,) = open_dicom(paths).series
    with pytest.raises(GeometryError, match="same place, and no tag tells them apart"):
        load_volume(series)


def test_mixed_orientations_are_split_by_plane_and_the_larger_stack_comes_first(tmp_path):
    paths = stacks(tmp_path, {}) + ct_series(tmp_path / "sag", (5, 6, 5), orientation=SAGITTAL, Modality="MR", **ONE)
    assert parts(paths) == {"sagittal": 5, "axial": 4}
    assert open_dicom(paths).series[0].part == "sagittal"
    for series in open_dicom(paths).series:
        assert load_volume(series).geometry.shape[0] == len(series.files)


def test_mixed_orientations_of_one_plane_are_counted(tmp_path):
    paths = stacks(tmp_path, {}) + ct_series(tmp_path / "b", (4, 6, 5), tilt_deg=10, Modality="MR", **ONE)
    assert parts(paths) == {"axial 1": 4, "axial 2": 4}


@pytest.mark.parametrize(
    ("options", "tags", "names"),
    [
        ({"shape": (4, 6, 7)}, {}, {"6 x 5", "6 x 7"}),
        ({"spacing": (0.5, 0.5)}, {}, {"0.7 x 0.8 mm", "0.5 x 0.5 mm"}),
        ({}, {"FrameOfReferenceUID": "2.25.9"}, {"frame of reference 2.25.8", "frame of reference 2.25.9"}),
    ],
)
def test_mixed_sizes_spacings_and_frames_of_reference_are_split(tmp_path, options, tags, names):
    other = ct_series(tmp_path / "b", **{"shape": (4, 6, 5), **options}, **{"Modality": "MR", **ONE, **tags})
    assert set(parts(stacks(tmp_path, {}) + other)) == names


def test_localizers_derived_images_and_captures_have_series_of_their_own(tmp_path):
    each = {
        0: {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]},
        1: {"ImageType": ["DERIVED", "SECONDARY", "MIP"]},
        2: {"ImageType": ["DERIVED", "SECONDARY", "MPR"]},
        3: {"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]},
        4: {"SOPClassUID": SecondaryCaptureImageStorage},
    }
    paths = ct_series(tmp_path / "ct", (9, 4, 4), each=each)
    assert parts(paths) == {"": 4, "localizer": 1, "projection": 1, "reformat": 1, "capture": 2}
    assert open_dicom(paths).series[0].part == ""


def test_a_file_of_several_frames_stays_alone(tmp_path):
    assert sorted(parts(stacks(tmp_path, {}, each={3: {"NumberOfFrames": 2}}))) == ["", "file 4 of several frames"]


def test_slices_that_do_not_say_where_they_lie_stay_together(tmp_path):
    assert parts(stacks(tmp_path, {"ImagePositionPatient": None})) == {"": 4}


def test_a_part_names_no_time_of_day(tmp_path):
    assert "1015" not in " ".join(parts(stacks(tmp_path, {"ContentTime": "101500"}, {"ContentTime": "101530"})))
