"""What headers say that decides whether a reader takes a series."""

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.sequence import Sequence

from dicom_factory import chest_xray, ct_series, shared
from secondread.dicom.describe import facts_of, kernel_of, plane_of
from secondread.dicom.open import open_dicom


def only_facts(paths):
    (series,) = open_dicom(paths).series
    return series.facts


def test_a_real_chest_ct_is_described_by_its_tags():
    facts = only_facts(list(shared("lung-ct", "A0002", "soft-kernel").iterdir()))
    assert (facts.slices, facts.body_parts, facts.disputed) == (30, ("chest",), False)
    assert (facts.plane, facts.thickness_mm, facts.kernel, facts.contrast) == ("axial", 8.0, "soft", None)
    assert facts.origin == "original"
    assert facts.spacing_mm is not None


def test_a_real_head_ct_with_a_tilted_gantry_is_axial_and_soft():
    facts = only_facts([path for path in shared("tilt").iterdir() if path.suffix == ".dcm"])
    assert (facts.slices, facts.body_parts, facts.plane, facts.kernel) == (28, ("head",), "axial", "soft")


def test_a_chest_x_ray_has_one_slice_and_no_plane(tmp_path):
    facts = only_facts([chest_xray(tmp_path / "x.dcm")])
    assert (facts.slices, facts.body_parts, facts.plane, facts.thickness_mm) == (1, ("chest",), "", None)


def test_spacing_comes_from_positions_and_not_from_the_thickness(tmp_path):
    facts = only_facts(ct_series(tmp_path / "ct", step=2.5, thickness=5.0))
    assert (facts.spacing_mm, facts.thickness_mm) == (2.5, 5.0)


def test_the_largest_distance_is_known_beside_the_median(tmp_path):
    paths = ct_series(tmp_path / "ct", (7, 8, 6))
    facts = only_facts([path for k, path in enumerate(paths) if k not in {4, 5}])
    assert (facts.spacing_mm, facts.widest_mm) == (2.5, 7.5)


@pytest.mark.parametrize(
    ("step", "numbers", "left_out"),
    [
        (5.0, (1, 3, 5, 7, 9), True),
        (5.0, (10, 8, 6, 2, 4), True),
        (5.0, (1, 2, 3, 4, 5), False),  # numbered anew, or a scanner's gaps
        (2.5, (1, 3, 5, 7, 9), False),  # two reconstructions numbered in turn
        (5.0, (1, 3, 5, 6, 8), False),
        (5.0, (None,) * 5, False),
    ],
)
def test_slices_look_left_out_where_they_are_far_apart_and_their_numbers_skip(tmp_path, step, numbers, left_out):
    each = {k: {"InstanceNumber": number} for k, number in enumerate(numbers)}
    assert only_facts(ct_series(tmp_path / "ct", step=step, thickness=2.5, each=each)).left_out is left_out


def test_every_second_slice_of_a_real_head_looks_left_out_though_its_thickness_changes():
    paths = sorted(path for path in shared("tilt").iterdir() if path.suffix == ".dcm")
    whole, second = only_facts(paths), only_facts(paths[::2])
    assert (whole.left_out, second.left_out) == (False, True)
    assert second.widest_mm == pytest.approx(14.0, abs=0.01)


@pytest.mark.parametrize(
    ("tags", "parts", "disputed"),
    [
        ({"BodyPartExamined": None, "SeriesDescription": "Abdomen venous"}, ("abdomen",), False),
        ({"BodyPartExamined": "CHEST", "SeriesDescription": "Head 5 mm"}, ("chest",), True),
        ({"BodyPartExamined": "CHEST", "ProtocolName": "Thorax/Abdomen"}, ("chest",), False),
        ({"BodyPartExamined": None, "ProtocolName": None, "SeriesDescription": None}, (), False),
    ],
)
def test_tags_come_before_descriptions_and_a_contradiction_is_marked(tmp_path, tags, parts, disputed):
    facts = only_facts(ct_series(tmp_path / "ct", **tags))
    assert (facts.body_parts, facts.disputed) == (parts, disputed)


def test_no_word_of_a_description_is_kept(tmp_path):
    facts = only_facts(ct_series(tmp_path / "ct", SeriesDescription="Chest of Jane Doe", ProtocolName="Doe"))
    assert "Doe" not in repr(facts)


@pytest.mark.parametrize(
    ("agent", "contrast"),
    [("Iohexol 350", True), ("조영제", True), ("NONE", False), ("no", False), ("", None), (None, None)],
)
def test_contrast_is_known_only_where_an_agent_is_named(tmp_path, agent, contrast):
    tags = {"ContrastBolusAgent": agent, "SpecificCharacterSet": "ISO_IR 192"}
    assert only_facts(ct_series(tmp_path / "ct", **tags)).contrast is contrast


@pytest.mark.parametrize(
    ("image_type", "origin"),
    [
        (["ORIGINAL", "PRIMARY", "AXIAL"], "original"),
        (["DERIVED", "SECONDARY", "MPR"], "derived"),
        (["DERIVED", "SECONDARY", "MIP"], "projection"),
        (["DERIVED", "PRIMARY", "PROJECTION IMAGE", "MAX_IP"], "projection"),
        (["ORIGINAL", "PRIMARY", "LOCALIZER"], "localizer"),
        (None, "unknown"),
    ],
)
def test_image_types_become_origins(tmp_path, image_type, origin):
    header = Dataset()
    if image_type:
        header.ImageType = image_type
    assert facts_of([header]).origin == origin


@pytest.mark.parametrize(
    ("name", "manufacturer", "kernel"),
    [
        ("B30f", "SIEMENS", "soft"),
        ("B45f", "SIEMENS", "soft"),
        ("B80s", "SIEMENS", "sharp"),
        ("Br40d\\3", "Siemens Healthineers", "soft"),
        ("Hr68h", "SIEMENS", "sharp"),
        ("STANDARD", "GE MEDICAL SYSTEMS", "soft"),
        ("STD+", "GE MEDICAL SYSTEMS", "soft"),
        ("BONEPLUS", "GE MEDICAL SYSTEMS", "sharp"),
        ("LUNG", "GE MEDICAL SYSTEMS", "sharp"),
        ("DETAIL", "GE MEDICAL SYSTEMS", "unknown"),
        ("YC", "Philips", "unknown"),
        ("FC51", "TOSHIBA", "unknown"),
        ("B70f", "", "unknown"),
        ("", "", "unknown"),
    ],
)
def test_a_kernel_is_soft_or_sharp_only_where_its_name_tells(name, manufacturer, kernel):
    assert kernel_of(name, manufacturer) == kernel


@pytest.mark.parametrize(
    ("degrees", "plane"), [(0, "axial"), (20, "axial"), (45, "oblique"), (70, "coronal"), (90, "coronal")]
)
def test_a_plane_keeps_its_name_up_to_25_degrees(degrees, plane):
    angle = np.deg2rad(degrees)
    assert plane_of((1, 0, 0, 0, np.cos(angle), -np.sin(angle))) == plane


@pytest.mark.parametrize("orientation", [(), (1, 0, 0), (0, 0, 0, 0, 0, 0), (1, 0, 0, 1, 0, 0)])
def test_without_two_directions_there_is_no_plane(orientation):
    assert plane_of(orientation) == ""


def test_an_enhanced_image_is_described_by_its_shared_groups():
    def item(**elements):
        made = Dataset()
        for keyword, value in elements.items():
            setattr(made, keyword, value)
        return made

    header = item(NumberOfFrames=40, ImageType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"])
    plane = item(ImageOrientationPatient=[0, 1, 0, 0, 0, -1])
    measures = item(SliceThickness="1.25")
    groups = item(PlaneOrientationSequence=Sequence([plane]), PixelMeasuresSequence=Sequence([measures]))
    header.SharedFunctionalGroupsSequence = Sequence([groups])
    facts = facts_of([header])
    assert (facts.slices, facts.plane, facts.thickness_mm) == (40, "sagittal", 1.25)
