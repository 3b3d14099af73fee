"""The reader of the abdomen, from DICOM to findings."""

import numpy as np
import pytest

import dicom_factory
import fakes
from phantoms import torso_ct
from secondread import pipeline
from secondread.core.report import Outcome, Priority
from secondread.readers.abdomen_ct import READER

STONES = (("right kidney", (0.0, -3.0, 30.0), 7.0), ("right kidney", (0.0, -3.0, -24.0), 4.0))


def asked(folder):
    return pipeline.ask(READER, pipeline.open_examination(folder), fakes.FakeBundles())


def by_name(read):
    return {finding.code.display: finding for finding in read.findings}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    phantom = torso_ct.torso({"liver": 40.0, "kidney": 28.0}, height_mm=210.0, without=("left kidney",))
    return phantom, asked(torso_ct.write(tmp_path_factory.mktemp("plain") / "ct", phantom))


@pytest.fixture(scope="module")
def turned(tmp_path_factory):
    """The same, stored with rows from left to right and columns from back to front: a patient lying on the belly."""
    phantom = torso_ct.torso(stones=STONES)
    folder = tmp_path_factory.mktemp("turned") / "ct"
    upside = torso_ct.Torso(phantom.values[:, ::-1, ::-1], phantom.step_mm, phantom.ml, phantom.hu)
    return phantom, asked(torso_ct.write(folder, upside, orientation=(-1.0, 0, 0, 0, -1.0, 0)))


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    phantom = torso_ct.torso(torso_ct.PORTAL, stones=STONES)
    return asked(torso_ct.write(tmp_path_factory.mktemp("portal") / "ct", phantom, ContrastBolusAgent="NONE"))


def test_stones_are_counted_sized_and_placed(turned):
    _, read = turned
    stones = by_name(read)["Renal stone"]
    assert read.outcome is Outcome.FOUND
    assert stones.positive
    assert stones.measurements[0].value == 2
    assert stones.measurements[1].value == pytest.approx(7.0, abs=2.5)
    assert stones.location == "right kidney 2"
    assert any("Right kidney, upper third" in note for note in stones.notes)
    assert any("Right kidney, lower third" in note for note in stones.notes)


def test_volumes_and_attenuations_of_the_organs(turned):
    phantom, read = turned
    for name in ("Liver", "Spleen", "Right kidney", "Left kidney"):
        volume, attenuation = by_name(read)[name].measurements
        assert volume.value == pytest.approx(phantom.ml[name.lower()], rel=0.12)
        kind = "kidney" if "kidney" in name else name.lower()
        assert attenuation.value == pytest.approx(phantom.hu[kind], abs=4.0)


def test_a_fat_liver_is_called_by_the_published_limit_on_unenhanced_ct(plain):
    _, read = plain
    fat = by_name(read)["Fat in the liver on CT"]
    assert fat.positive
    assert fat.rulings[0].value == "moderate to severe"
    assert any("read from the pixels" in note for note in fat.notes)


def test_masks_lie_on_the_right_side_whichever_way_the_picture_is_stored(turned):
    phantom, read = turned
    stones = by_name(read)["Renal stone"]
    assert stones.location == "right kidney 2"
    grid = stones.mask.grid
    for name in ("Liver", "Spleen", "Right kidney", "Left kidney"):
        mask = by_name(read)[name].mask
        truth = phantom.inside[name.lower()][:, ::-1, ::-1]
        assert 2.0 * (mask.inside & truth).sum() / (mask.inside.sum() + truth.sum()) > 0.88
    left_of_middle = grid.world(np.argwhere(stones.mask.inside)).mean(axis=0)[0]
    middle = grid.world((np.asarray(grid.shape) - 1) / 2)[0]
    assert left_of_middle < middle  # LPS: the patient's right has the smaller x


def test_no_fat_is_called_in_a_normal_liver(turned):
    fat = by_name(turned[1])["Fat in the liver on CT"]
    assert not fat.positive
    assert fat.rulings[0].value in {"none shown", "possible"}


def test_with_contrast_neither_fat_nor_stones_are_judged(portal):
    assert portal.outcome is Outcome.NOTHING_FOUND
    findings = by_name(portal)
    phase = findings["Contrast phase: portal venous"]
    assert phase.measurements[0].value == pytest.approx(torso_ct.PORTAL["aorta"], abs=5.0)
    assert findings["Fat in the liver on CT"].rulings[0].reason.startswith("not applicable")
    assert "as bright as stones" in findings["Renal stone"].notes[0]
    assert not findings["Renal stone"].measurements


def test_what_was_not_found_is_warned_of_by_name(plain):
    _, read = plain
    assert any("left kidney was not measured" in warning for warning in read.warnings)
    assert by_name(read)["Left kidney"].notes[0].startswith("Not measured")


def test_every_answer_has_a_picture_and_is_routine(plain):
    _, read = plain
    assert read.illustrations[0].rgb.std() > 10
    assert READER.priority(read.findings) is Priority.ROUTINE


@pytest.mark.parametrize(
    ("tags", "reason"),
    [({"Modality": "MR"}, "modality"), ({"BodyPartExamined": "HEAD"}, "body-part")],
)
def test_other_series_are_refused_by_their_tags(tmp_path, tags, reason):
    dicom_factory.ct_series(tmp_path / "ct", **tags)
    read = asked(tmp_path)
    assert read.outcome is Outcome.REFUSED
    assert read.refusal.reason == reason


def test_children_are_refused(tmp_path):
    phantom = torso_ct.torso(height_mm=60.0)
    read = asked(torso_ct.write(tmp_path / "ct", phantom, PatientAge="004Y"))
    assert read.refusal.reason == "population"


def test_thick_slices_are_refused(tmp_path):
    dicom_factory.ct_series(tmp_path / "ct", BodyPartExamined="ABDOMEN", step=8.0, thickness=8.0)
    assert asked(tmp_path).refusal.reason == "thickness"


def test_an_x_ray_and_a_mammogram_are_refused(tmp_path):
    dicom_factory.chest_xray(tmp_path / "a.dcm", fakes.dicom_pixels())
    assert asked(tmp_path / "a.dcm").refusal.reason == "modality"
    dicom_factory.mammogram(tmp_path / "b.dcm")
    assert asked(tmp_path / "b.dcm").refusal.reason == "modality"


def test_voxels_that_show_no_abdomen_are_refused_whatever_the_tags_say(tmp_path):
    dicom_factory.ct_series(
        tmp_path / "ct", (30, 40, 40), BodyPartExamined="ABDOMEN", spacing=(4.0, 4.0), PatientAge="050Y"
    )
    assert asked(tmp_path).refusal.reason == "content"
