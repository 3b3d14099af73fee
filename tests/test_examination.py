"""Several examinations in one call: what may stand in one report, what may not, and what nobody read."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import dicom_factory
import fakes
from secondread import pipeline
from secondread.core.clinical import Clinical
from secondread.core.code import Code
from secondread.core.errors import InputError
from secondread.core.finding import Finding
from secondread.core.reader import Answer
from secondread.core.report import Outcome
from secondread.readers.chest_xray_pneumonia import READER as PNEUMONIA
from secondread.sources import open_examination, open_study

NOW = "2026-03-04T10:22:05+09:00"
OTHER = {"StudyInstanceUID": dicom_factory.uid("another study")}


@pytest.fixture
def mixed(tmp_path):
    """An X-ray, and a CT of another study of the same patient."""
    dicom_factory.chest_xray(tmp_path / "mixed" / "chest.dcm", fakes.dicom_pixels())
    dicom_factory.ct_series(tmp_path / "mixed" / "ct", **OTHER)
    return tmp_path / "mixed"


@pytest.fixture(autouse=True)
def folder(tmp_path):
    (tmp_path / "mixed").mkdir()


def compares(case, networks):
    del networks
    seen = case.prior.study.uid if case.prior else "none"
    return Answer((Finding(Code("SCT", "1", "Change"), 0.9, 0.5, location=f"{seen} {case.clinical.gcs}"),))


COMPARING = replace(PNEUMONIA, name="change", compares=True, answer=compares, gate=None)


def test_studies_of_one_patient_with_different_modalities_are_read_in_one_report(mixed):
    report = pipeline.read(mixed, [PNEUMONIA], fakes.FakeBundles(), created_at=NOW)
    assert [read.outcome for read in report.reads] == [Outcome.FOUND]
    ((series, reason),) = report.unread
    assert series.startswith("CT chest 5 pictures (series …")
    assert "no reader" in reason


def test_one_study_alone_can_still_be_chosen(mixed):
    study = open_examination(mixed, study_uid=OTHER["StudyInstanceUID"])
    assert {series.modality for series in study.series} == {"CT"}
    with pytest.raises(InputError, match="found 2 studies"):
        open_study(mixed)


@pytest.mark.parametrize(
    ("tags", "complaint"),
    [
        ({"PatientID": "SOMEBODY ELSE"}, "one and the same patient"),
        ({"PatientID": ""}, "one and the same patient"),
        ({"PatientID": None}, "one and the same patient"),
    ],
)
def test_two_patients_or_an_unnamed_one_are_never_in_one_report(tmp_path, tags, complaint):
    dicom_factory.chest_xray(tmp_path / "mixed" / "chest.dcm", fakes.dicom_pixels())
    dicom_factory.ct_series(tmp_path / "mixed" / "ct", **OTHER, **tags)
    with pytest.raises(InputError, match=complaint) as caught:
        open_examination(tmp_path / "mixed")
    assert "SOMEBODY" not in str(caught.value)
    assert "INVENTED" not in str(caught.value)


def test_one_modality_at_two_times_is_not_mixed_but_named_as_prior(tmp_path):
    dicom_factory.ct_series(tmp_path / "mixed" / "now")
    dicom_factory.ct_series(tmp_path / "mixed" / "then", **OTHER, SeriesInstanceUID=dicom_factory.uid("then"))
    with pytest.raises(InputError, match="--prior"):
        open_examination(tmp_path / "mixed")


def test_a_reader_that_compares_refuses_without_an_earlier_examination(tmp_path):
    path = dicom_factory.chest_xray(tmp_path / "now.dcm", fakes.dicom_pixels())
    (read,) = pipeline.read(path, [COMPARING], fakes.FakeBundles(), created_at=NOW).reads
    assert (read.outcome, read.refusal.reason) == (Outcome.REFUSED, "no-prior")


def test_a_reader_that_compares_is_given_the_earlier_examination_and_what_is_known(tmp_path):
    now = dicom_factory.chest_xray(tmp_path / "now.dcm", fakes.dicom_pixels())
    then = dicom_factory.chest_xray(tmp_path / "then.dcm", fakes.dicom_pixels(), **OTHER)
    report = pipeline.read(now, [COMPARING], fakes.FakeBundles(), created_at=NOW, prior=then, clinical=Clinical(gcs=14))
    assert report.reads[0].findings[0].location == f"{OTHER['StudyInstanceUID']} 14"
    assert len(report.reads[0].provenance["input_sha256"].split()) == 2
    assert report.provenance["clinical"] == "age_years sex gcs"
    assert report.provenance["prior_patient"] == "same"
    picture = tmp_path / "then.png"
    Image.fromarray((fakes.chest() * 255).astype("uint8")).save(picture)
    unsure = pipeline.read(now, [COMPARING], fakes.FakeBundles(), created_at=NOW, prior=picture)
    assert unsure.provenance["prior_patient"] == "not stated"


@pytest.mark.parametrize(
    ("tags", "complaint"), [({**OTHER, "PatientID": "SOMEBODY ELSE"}, "another patient"), ({}, "same study")]
)
def test_an_earlier_examination_of_somebody_else_or_the_same_one_is_no_prior(tmp_path, tags, complaint):
    now = dicom_factory.chest_xray(tmp_path / "now.dcm", fakes.dicom_pixels())
    then = dicom_factory.chest_xray(tmp_path / "then.dcm", fakes.dicom_pixels(), **tags)
    with pytest.raises(InputError, match=complaint) as caught:
        pipeline.read(now, [COMPARING], fakes.FakeBundles(), created_at=NOW, prior=then)
    assert "SOMEBODY" not in str(caught.value)


def test_age_and_sex_come_from_the_tags_unless_they_are_given():
    study = fakes.study()
    known = pipeline.with_tags(Clinical(), study)
    assert (known.age_years, known.sex, known.known) == (3.0, "F", ("age_years", "sex"))
    assert pipeline.with_tags(Clinical(age_years=40.0), study).age_years == 40.0
    assert pipeline.with_tags(Clinical(), replace(study, age_years=None, sex="O")).known == ()


@pytest.mark.parametrize("age", [999.0, 226.0, -1.0])
def test_an_age_in_the_tags_that_cannot_be_is_not_known_and_stops_nothing(age):
    assert pipeline.with_tags(Clinical(), replace(fakes.study(), age_years=age)).age_years is None


def test_a_refused_comparison_with_a_named_prior_is_never_passed_over(mixed, tmp_path):
    now = dicom_factory.chest_xray(tmp_path / "now.dcm", fakes.dicom_pixels())
    report = pipeline.read(now, [PNEUMONIA, COMPARING], fakes.FakeBundles(), created_at=NOW, prior=mixed / "ct")
    compared = report.reads[1]
    assert (compared.refusal.reason, compared.refusal.message[:22]) == ("modality", "Earlier examination: F")
    assert compared in report.concerned
    assert report.provenance["prior_study_uid"] == OTHER["StudyInstanceUID"]


def test_the_picture_that_two_readers_read_is_loaded_once_and_held_once(tmp_path, monkeypatch):
    path = dicom_factory.chest_xray(tmp_path / "now.dcm", fakes.dicom_pixels())
    loaded = []
    opening = pipeline.load_colour
    monkeypatch.setattr(pipeline, "load_colour", lambda series: loaded.append(series) or opening(series))
    twice = [PNEUMONIA, replace(PNEUMONIA, name="again")]
    first, second = pipeline.read(path, twice, fakes.FakeBundles(), created_at=NOW).reads
    assert len(loaded) == 1
    assert first.evidence.image is second.evidence.image
    assert first.findings[0].probability == second.findings[0].probability


@pytest.mark.parametrize("value", [{"gcs": 2}, {"gcs": 16}, {"age_years": -1.0}, {"sex": "X"}, {"indication": "why"}])
def test_a_clinical_value_out_of_range_says_what_was_needed(value):
    with pytest.raises(ValueError, match=next(iter(value))) as caught:
        Clinical(**value)
    assert "needed" in str(caught.value)


def test_a_coloured_picture_is_refused_by_a_reader_of_grey_ones_and_not_an_error(tmp_path):
    from PIL import Image as Pillow

    path = tmp_path / "coloured.png"
    Pillow.fromarray(np.full((96, 96, 3), (200, 30, 30), np.uint8)).save(path)
    (read,) = pipeline.read(path, [PNEUMONIA], fakes.FakeBundles(), created_at=NOW).reads
    assert (read.outcome, read.refusal.reason) == (Outcome.REFUSED, "colour")
