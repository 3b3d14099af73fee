"""Left against right on head CT, from DICOM to findings; not validated, and it says so everywhere."""

import pytest

import dicom_factory
import fakes
from phantoms.head_ct import Blob, HeadCt, scanned, write
from secondread import pipeline
from secondread.core.geometry import Geometry
from secondread.core.report import Outcome, Priority
from secondread.core.volume import Volume
from secondread.readers.head_ct_ischaemia import DARK, INFARCT, NOT_VALIDATED, READER, REGIONAL, VESSEL

EARLY = Blob((-46.0, -8.0, 20.0), (20.0, 24.0, 9.0))
HOLE = Blob((38.0, 40.0, 20.0), (13.0, 15.0, 13.0), 8.0)
STROKE = HeadCt(yaw_deg=6.0, change=((EARLY, -6.0),), blobs=(HOLE,))
NONE = fakes.FakeBundles()


@pytest.fixture(scope="module")
def scan():
    return scanned(STROKE)


@pytest.fixture(scope="module")
def found(scan, tmp_path_factory):
    folder = write(tmp_path_factory.mktemp("head"), STROKE, scan)
    return pipeline.ask(READER, pipeline.open_examination(folder), NONE)


def by_code(answer):
    return {finding.code: finding for finding in answer.findings}


def test_regions_of_the_ischaemic_side_give_the_score(found):
    assert found.outcome is Outcome.FOUND
    finding = by_code(found)[REGIONAL]
    assert finding.positive
    assert finding.location.startswith("right: ")
    (ruling,) = finding.rulings
    assert ruling.value == 10 - finding.measurements[0].value
    assert READER.priority(found.findings) is Priority.URGENT


def test_the_outline_of_lower_regions_lies_on_the_darker_brain(found, scan):
    mask = by_code(found)[REGIONAL].mask
    assert mask.inside.shape == scan.values.shape
    assert scan.values[mask.inside].mean() < 29.0


def test_an_old_infarct_is_outlined_on_its_side(found, scan):
    finding = by_code(found)[INFARCT]
    assert finding.positive
    assert finding.location.startswith("left, back third")
    assert finding.measurements[0].value == pytest.approx(HOLE.volume_ml, rel=0.25)
    assert scan.values[finding.mask.inside].mean() < 16.0


def test_the_artery_is_not_looked_for_on_thick_slices_and_says_why(found):
    finding = by_code(found)[VESSEL]
    assert not finding.positive
    assert "5.0 mm apart" in finding.notes[0]


def test_every_finding_and_the_answer_say_that_nothing_is_validated(found):
    assert NOT_VALIDATED in found.warnings
    assert all(NOT_VALIDATED in finding.notes for finding in found.findings)
    assert READER.standing.level == "not validated"


def test_a_head_alike_on_both_sides_has_nothing_and_a_full_score(tmp_path):
    answer = pipeline.ask(READER, pipeline.open_examination(write(tmp_path / "head", HeadCt())), NONE)
    assert answer.outcome is Outcome.NOTHING_FOUND
    assert by_code(answer)[REGIONAL].rulings[0].value == 10
    assert READER.priority(answer.findings) is Priority.ROUTINE
    assert not any("ends within the head" in warning for warning in answer.warnings)


def test_half_a_head_is_read_with_a_warning(tmp_path):
    whole = scanned(HeadCt())
    lower = whole.values[: len(whole.values) * 6 // 10]
    half = Volume(lower, Geometry(lower.shape, whole.geometry.affine), "HU")
    answer = pipeline.ask(READER, pipeline.open_examination(write(tmp_path / "head", HeadCt(), half)), NONE)
    assert any("ends within the head: its highest slices" in warning for warning in answer.warnings)


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"BodyPartExamined": "ABDOMEN"}, "body-part"),
        ({"ContrastBolusAgent": "Iopamidol"}, "contrast"),
        ({"PatientAge": "012Y"}, "population"),
    ],
)
def test_what_it_must_not_read_it_refuses_with_the_reason(scan, tmp_path, tags, reason):
    study = pipeline.open_examination(write(tmp_path / "other", STROKE, scan, **tags))
    assert pipeline.ask(READER, study, NONE).refusal.reason == reason


def test_a_chest_x_ray_is_another_modality(tmp_path):
    study = pipeline.open_examination(dicom_factory.chest_xray(tmp_path / "chest.dcm"))
    assert pipeline.ask(READER, study, NONE).refusal.reason == "modality"


def test_a_real_dark_region_is_outlined_where_it_was_seen():
    answer = pipeline.ask(READER, pipeline.open_examination(dicom_factory.shared("tilt")), NONE)
    finding = by_code(answer)[DARK]
    assert finding.location.startswith("left, back third")
    assert 8.0 < finding.measurements[0].value < 30.0
