"""Blood inside the skull, from DICOM to findings, with a network that says what the test wants and the real one."""

import shutil

import numpy as np
import pytest

import dicom_factory
import fakes
from phantoms.head_ct import Blob, HeadCt, scanned, write
from secondread import pipeline
from secondread.core.clinical import Clinical
from secondread.core.report import Outcome, Priority
from secondread.engine.bundle import find_bundles, load_card, shipped
from secondread.engine.bundles import Bundles
from secondread.readers.head_ct_haemorrhage import DENSE, HAEMORRHAGE, READER, SHIFT, VENTRICLES

LARGE = Blob((32.0, 16.0, 14.0), (19.0, 25.0, 18.0))
BLEEDING = HeadCt(shift_mm=-7.0, yaw_deg=8.0, roll_deg=4.0, blobs=(LARGE,))
CARD = load_card(find_bundles([shipped()])["head-ct-haemorrhage"])


def network(any_logit: float) -> fakes.FakeBundles:
    """The shipped card with a network that says the same of every slice."""
    return fakes.FakeBundles({READER.bundles[0]: (any_logit, 0.0, 0.0, 0.0, 0.0, 0.0)}, cards={CARD.name: CARD})


@pytest.fixture(scope="module")
def scan():
    return scanned(BLEEDING)


@pytest.fixture(scope="module")
def folder(scan, tmp_path_factory):
    return write(tmp_path_factory.mktemp("head"), BLEEDING, scan)


@pytest.fixture(scope="module")
def found(folder):
    known = Clinical(gcs=9, age_years=83.0, infratentorial=False)
    return pipeline.ask(READER, pipeline.open_examination(folder), network(9.0), known)


def by_code(answer):
    return {finding.code: finding for finding in answer.findings}


def test_a_large_bleeding_with_a_shift_is_found_measured_and_critical(found):
    assert found.outcome is Outcome.FOUND
    finding = by_code(found)
    assert finding[HAEMORRHAGE].positive
    assert finding[DENSE].measurements[0].value == pytest.approx(LARGE.volume_ml, rel=0.06)
    assert finding[DENSE].location.startswith("left, ")
    assert "ABC/2" in finding[DENSE].measurements[1].name
    assert finding[SHIFT].positive
    assert finding[SHIFT].location == "to the patient's right"
    assert finding[SHIFT].measurements[0].value == pytest.approx(7.0, abs=1.0)
    assert READER.priority(found.findings) is Priority.CRITICAL


def test_the_outline_lies_on_the_blood_in_the_file(found, scan):
    mask = by_code(found)[DENSE].mask
    assert mask.inside.shape == scan.values.shape
    assert scan.values[mask.inside].mean() == pytest.approx(LARGE.hu, abs=4.0)
    middle = scan.geometry.world(np.argwhere(mask.inside).mean(axis=0))
    expected = np.array(LARGE.middle) @ BLEEDING.turn + BLEEDING.centre
    assert np.abs(middle - expected).max() < 2.0


def test_a_large_dense_region_counts_although_the_network_says_no_and_the_score_names_what_is_missing(found, folder):
    (ruling,) = by_code(found)[HAEMORRHAGE].rulings
    assert ruling.value is not None
    assert ruling.inputs["age_years"] == 83.0
    answer = pipeline.ask(READER, pipeline.open_examination(folder), network(-9.0), Clinical(age_years=83.0))
    assert not by_code(answer)[HAEMORRHAGE].positive
    assert by_code(answer)[DENSE].positive
    assert any("did not flag" in note for note in by_code(answer)[DENSE].notes)
    (without,) = by_code(answer)[HAEMORRHAGE].rulings
    assert without.value is None
    assert "gcs" in without.reason


def test_kinds_come_as_details_with_the_warning_that_they_rest_on_few_people(found):
    finding = by_code(found)[HAEMORRHAGE]
    assert len(finding.details) == 4
    assert any("very few patients" in note for note in finding.notes)


def test_every_picture_it_draws_has_a_caption_and_colours(found):
    assert [picture.title for picture in found.illustrations] == ["Outlined blood", "Midline"]


def test_a_quiet_head_has_nothing_and_is_routine(tmp_path):
    study = pipeline.open_examination(write(tmp_path / "head", HeadCt()))
    answer = pipeline.ask(READER, study, network(-9.0))
    assert answer.outcome is Outcome.NOTHING_FOUND
    assert READER.priority(answer.findings) is Priority.ROUTINE
    assert by_code(answer)[HAEMORRHAGE].rulings == ()


def test_blood_in_a_ventricle_is_told_and_critical(tmp_path):
    phantom = HeadCt(blobs=(Blob((-7.0, -14.0, 7.0), (4.0, 26.0, 9.0)), Blob((-24.0, 26.0, 4.0), (6.0, 13.0, 8.0))))
    study = pipeline.open_examination(write(tmp_path / "head", phantom))
    answer = pipeline.ask(READER, study, network(9.0))
    assert by_code(answer)[VENTRICLES].positive
    assert READER.priority(answer.findings) is Priority.CRITICAL


def test_the_real_network_flags_the_bleeding_and_measures_are_the_same_again(found, folder):
    answer = pipeline.ask(READER, pipeline.open_examination(folder), Bundles([shipped()]), held=pipeline.Held("warn"))
    assert by_code(answer)[HAEMORRHAGE].positive
    for code in (DENSE, VENTRICLES, SHIFT):
        assert by_code(answer)[code].measurements == by_code(found)[code].measurements


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"BodyPartExamined": "CHEST"}, "body-part"),
        ({"ContrastBolusAgent": "Iopamidol"}, "contrast"),
        ({"ConvolutionKernel": "H70h", "Manufacturer": "SIEMENS"}, "quality"),
        ({"PatientAge": "009Y"}, "population"),
        ({"Modality": "MR", "RescaleIntercept": None}, "modality"),
    ],
)
def test_what_it_must_not_read_it_refuses_with_the_reason(scan, tmp_path, tags, reason):
    study = pipeline.open_examination(write(tmp_path / "other", BLEEDING, scan, **tags))
    answer = pipeline.ask(READER, study, network(9.0))
    assert answer.outcome is Outcome.REFUSED
    assert answer.refusal.reason == reason


def test_a_body_without_a_head_is_refused_by_what_the_voxels_show(tmp_path):
    stored = np.full((20, 80, 80), 1040 + 30, np.int16)
    stored[:, :10], stored[:, -10:], stored[:, :, :10], stored[:, :, -10:] = 24, 24, 24, 24
    dicom_factory.ct_series(
        tmp_path / "box",
        stored.shape,
        spacing=(3.0, 3.0),
        step=5.0,
        thickness=5.0,
        stored=stored,
        BodyPartExamined="HEAD",
        PatientAge="060Y",
    )
    answer = pipeline.ask(READER, pipeline.open_examination(tmp_path / "box"), network(9.0))
    assert answer.refusal.reason == "content"


def test_contrast_medium_that_no_tag_tells_of_is_refused_by_the_voxels(tmp_path):
    vessels = tuple(Blob((x, y, -10.0), (7.0, 7.0, 22.0), 260.0) for x, y in ((-15.0, -8.0), (15.0, -8.0)))
    study = pipeline.open_examination(write(tmp_path / "cta", HeadCt(blobs=vessels)))
    assert pipeline.ask(READER, study, network(9.0)).refusal.reason == "contrast"


def test_slices_too_far_apart_are_refused(tmp_path):
    study = pipeline.open_examination(write(tmp_path / "thick", HeadCt(step_mm=10.0)))
    assert pipeline.ask(READER, study, network(9.0)).refusal.reason == "thickness"


def test_a_tilted_gantry_with_uneven_gaps_is_read_on_a_real_head():
    study = pipeline.open_examination(dicom_factory.shared("tilt"))
    answer = pipeline.ask(READER, study, network(-9.0))
    assert answer.outcome is Outcome.NOTHING_FOUND
    shift = by_code(answer)[SHIFT]
    assert shift.measurements[0].value < 1.5  # looked at: the septum stands in the middle
    assert any("gantry" in warning for warning in answer.warnings)
    assert not any("ends within the head" in warning for warning in answer.warnings)


def test_half_a_real_head_is_read_with_a_warning(tmp_path):
    slices = sorted(dicom_factory.shared("tilt").glob("*.dcm"))
    for path in slices[len(slices) // 2 :]:
        shutil.copy(path, tmp_path)
    answer = pipeline.ask(READER, pipeline.open_examination(tmp_path), network(-9.0))
    (told,) = (check for check in answer.checks if check.name == "missing-part")
    assert told.verdict == "warned"
    assert told.told in answer.warnings
    assert "its lowest slices" in told.told
