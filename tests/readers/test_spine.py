"""The reader of the spine, from DICOM to findings, on X-ray and on CT."""

import numpy as np
import pytest

import dicom_factory
import fakes
from phantoms import spine as phantom
from phantoms import torso_ct
from secondread import pipeline
from secondread.core.report import Outcome, Priority
from secondread.readers.spine import READER

CURVE = phantom.curved(32.0)


def asked(path):
    return pipeline.ask(READER, pipeline.open_examination(path), fakes.FakeBundles())


def by_name(read):
    return {finding.code.display: finding for finding in read.findings}


def xray(folder, vertebrae=CURVE, *, mirrored=False, **tags):
    picture = phantom.xray(vertebrae)
    whole = {"AnatomicRegionSequence": None, **tags}
    picture = np.ascontiguousarray(picture[:, ::-1]) if mirrored else picture
    return asked(phantom.write_xray(folder / "x.dcm", picture, **whole))


@pytest.fixture(scope="module")
def wedged(tmp_path_factory):
    column = tuple(phantom.Vertebra(front_mm=13.0 if n == 3 else 27.0, hu=95.0) for n in range(7))
    return asked(phantom.write_ct(tmp_path_factory.mktemp("wedged") / "ct", phantom.ct(column)))


def test_a_curve_on_x_ray_is_measured_graded_and_placed(tmp_path):
    read = xray(tmp_path)
    (curve,) = read.findings
    assert read.outcome is Outcome.FOUND
    assert curve.measurements[0].value == pytest.approx(32.0, abs=2.5)
    assert curve.rulings[0].value == "moderate"
    assert "from the 1st to the 9th of 9" in curve.location
    assert "bows to the left" in curve.location


def test_a_mirrored_picture_that_says_so_has_the_same_side(tmp_path):
    read = xray(tmp_path, mirrored=True, PatientOrientation=["R", "F"])
    assert "bows to the left" in read.findings[0].location
    assert any("patient's right" in warning for warning in read.warnings)


def test_a_straight_spine_is_not_positive(tmp_path):
    read = xray(tmp_path, phantom.curved(0.0))
    assert read.outcome is Outcome.NOTHING_FOUND
    assert read.findings[0].rulings[0].value == "no scoliosis"


def test_the_mask_lies_on_the_vertebrae_of_the_curve(tmp_path):
    mask = xray(tmp_path).findings[0].mask
    assert mask.area_mm2 == pytest.approx(9 * 2 * 19.2 * 27.0, rel=0.25)


def test_an_x_ray_is_drawn_with_its_endplates(tmp_path):
    (drawn,) = xray(tmp_path).illustrations
    assert (drawn.rgb[..., 0] != drawn.rgb[..., 2]).sum() > 200


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"BodyPartExamined": "CHEST"}, "body-part"),
        ({"BodyPartExamined": ""}, "body-part"),
        ({"ViewPosition": "LL"}, "view"),
        ({"PatientOrientation": ["A", "F"]}, "view"),
        ({"PatientOrientation": ["F", "R"]}, "orientation"),
        ({"ImagerPixelSpacing": None}, "quality"),
    ],
)
def test_pictures_that_are_no_frontal_spine_are_refused_by_their_tags(tmp_path, tags, reason):
    read = xray(tmp_path, **tags)
    assert read.outcome is Outcome.REFUSED
    assert read.refusal.reason == reason


def test_a_picture_without_a_spine_is_refused_by_its_content(tmp_path):
    noise = np.random.default_rng(1).random((500, 400)).astype(np.float32)
    path = phantom.write_xray(tmp_path / "x.dcm", noise, AnatomicRegionSequence=None)
    assert asked(path).refusal.reason == "content"


def test_a_vertebra_that_lost_half_its_front_height_is_found_on_ct_and_urgent(wedged):
    loss = by_name(wedged)["Height loss of a vertebral body"]
    assert wedged.outcome is Outcome.FOUND
    assert loss.positive
    assert loss.location == "3rd vertebra from below of 5 measured"
    assert 28.0 < loss.measurements[0].value < 45.0  # 41 % where it is measured
    assert any("grade 2 by measurement" in note or "grade 3 by measurement" in note for note in loss.notes)
    middle = loss.mask.grid.world(np.argwhere(loss.mask.inside)).mean(axis=0)
    whole = loss.mask.grid.world((np.asarray(loss.mask.grid.shape) - 1) / 2)
    assert abs(middle[2] - whole[2]) < 6.0


def test_spongy_bone_is_measured_for_each_vertebra_and_no_level_is_named(wedged):
    bone = by_name(wedged)["Attenuation of spongy bone of vertebrae"]
    assert len(bone.measurements) == 5
    assert all(measured.value == pytest.approx(95.0, abs=6.0) for measured in bone.measurements)
    assert bone.rulings[0].reason == "not computable: l1_hu is not known" or "l1_hu" in bone.rulings[0].reason
    assert not bone.positive


def test_a_ct_says_that_the_patient_lay(wedged):
    curve = by_name(wedged)["Cobb angle"]
    assert not curve.positive
    assert any("lay during the picture" in warning for warning in curve.rulings[0].warnings)
    assert any("not named" in warning for warning in wedged.warnings)


def test_an_abdominal_ct_is_read_too(tmp_path):
    phantom_ct = torso_ct.torso(height_mm=240.0)
    read = asked(torso_ct.write(tmp_path / "ct", phantom_ct))
    assert read.outcome is not Outcome.FAILED
    values = [measured.value for measured in by_name(read)["Attenuation of spongy bone of vertebrae"].measurements]
    assert values == pytest.approx([torso_ct.MARROW] * len(values), abs=15.0)


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"Modality": "MR"}, "modality"),
        ({"BodyPartExamined": "CHEST"}, "body-part"),
        ({"BodyPartExamined": "HEAD"}, "body-part"),
        ({"BodyPartExamined": "LSPINE", "step": 5.0, "thickness": 5.0}, "thickness"),
        ({"BodyPartExamined": "LSPINE"}, "content"),
    ],
)
def test_other_volumes_are_refused(tmp_path, tags, reason):
    dicom_factory.ct_series(tmp_path / "ct", **tags)
    read = asked(tmp_path)
    assert read.outcome is Outcome.REFUSED
    assert read.refusal.reason == reason


def test_a_mammogram_and_a_chest_x_ray_are_refused(tmp_path):
    dicom_factory.mammogram(tmp_path / "m.dcm")
    assert asked(tmp_path / "m.dcm").refusal.reason == "modality"
    dicom_factory.chest_xray(tmp_path / "c.dcm", fakes.dicom_pixels())
    assert asked(tmp_path / "c.dcm").refusal.reason == "body-part"


def test_priority_is_urgent_above_forty_percent_only(wedged):
    expected = Priority.URGENT if wedged.findings[0].measurements[0].value > 40.0 else Priority.ROUTINE
    assert READER.priority(wedged.findings) is expected
    assert READER.priority(()) is Priority.ROUTINE
