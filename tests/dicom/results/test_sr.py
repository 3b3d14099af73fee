from dataclasses import replace
from datetime import UTC, datetime

import highdicom
import numpy as np
import pytest
from highdicom.sr.utils import find_content_items
from pydicom import dcmread
from pydicom.sr.codedict import codes
from pydicom.uid import Comprehensive3DSRStorage

import fakes
from dicom_reads import (
    NOW,
    PNEUMONIA,
    SHAPE,
    complaints,
    content,
    dumped,
    planar,
    read,
    report_of,
    saved,
    source,
    structured,
    texts,
)
from secondread.core.errors import OutputError
from secondread.core.finding import Finding
from secondread.core.report import NOTICE, Evidence, Outcome, Refusal
from secondread.core.version import __version__
from secondread.dicom.results.sr import build_sr
from secondread.dicom.uids import uid_source

EXPECTED = {
    Outcome.FOUND: ("All algorithms succeeded; with findings", "Succeeded", "Read, with findings."),
    Outcome.NOTHING_FOUND: ("All algorithms succeeded; without findings", "Succeeded", "does not mean that the"),
    Outcome.UNDECIDED: ("All algorithms succeeded; with findings", "Undetermined", "Read, undecided."),
    Outcome.REFUSED: (
        "No algorithms succeeded; without findings",
        "Not Attempted",
        "Refused, not read (out-of-distribution): This looks like a hand. Send a chest.",
    ),
    Outcome.FAILED: (
        "No algorithms succeeded; without findings",
        "Failed",
        "Failed, not read: MemoryError while reading.",
    ),
}


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("modality", ["DX", "CR"])
def test_every_outcome_is_a_valid_report_that_says_which_it_is(tmp_path, outcome, modality):
    path = saved(structured(source(tmp_path, Modality=modality), read(outcome)), tmp_path)
    assert complaints(path) == []
    shown = dumped(path, "dsrdump", "--print-long-values")
    assert "Comprehensive 3D SR Document" in shown
    priority = "Priority: routine" if outcome not in {Outcome.REFUSED, Outcome.FAILED} else "Priority: unread"
    for text in (*EXPECTED[outcome], NOTICE, "Question: Is there pneumonia?", "Warning: View AP.", priority):
        assert text in shown
    for other in set(Outcome) - {outcome}:
        assert EXPECTED[other][2] not in shown


def test_an_undecided_finding_is_undetermined_with_its_range_and_keeps_its_region(tmp_path):
    path = saved(structured(source(tmp_path), read(Outcome.UNDECIDED)), tmp_path)
    [group] = planar(path)
    [seen] = [item for item in group.get_qualitative_evaluations() if item.name.meaning == "Pneumonia"]
    assert (seen.value.value, seen.value.scheme_designator, seen.value.meaning) == ("373068000", "SCT", "Undetermined")
    assert "Undecided: from 37.5 % to 75.0 % this network cannot tell. A person has to decide." in texts(content(path))
    assert group.roi.value.shape[0] > 4  # the outline of its map, not the whole picture
    assert "Cause: viral" not in dumped(path, "dsrdump", "--print-long-values")


@pytest.mark.parametrize("outcome", Outcome)
def test_a_machine_writes_complete_preliminary_unverified_reports(tmp_path, outcome):
    written = dcmread(saved(structured(source(tmp_path), read(outcome)), tmp_path))
    assert written.SOPClassUID == Comprehensive3DSRStorage
    assert (written.CompletionFlag, written.PreliminaryFlag) == ("COMPLETE", "PRELIMINARY")
    assert written.VerificationFlag == "UNVERIFIED"
    assert "VerifyingObserverSequence" not in written


@pytest.mark.parametrize("outcome", Outcome)
def test_the_evidence_names_the_source_image(tmp_path, outcome):
    header = source(tmp_path)
    document = highdicom.sr.srread(saved(structured(header, read(outcome)), tmp_path))
    evidence = document.get_evidence(current_procedure_only=True)
    assert evidence == [(header.StudyInstanceUID, header.SeriesInstanceUID, header.SOPInstanceUID, header.SOPClassUID)]


def test_program_and_algorithm_are_named_with_their_versions(tmp_path):
    tree = content(saved(structured(source(tmp_path), read()), tmp_path))
    [observer] = tree.get_observer_contexts(observer_type=codes.DCM.Device)
    device = observer.observer_identifying_attributes
    assert (device.name, device.model_name) == ("secondread", f"secondread {__version__}")
    assert set(texts(tree, codes.DCM.AlgorithmName)) == {"chest-xray-pneumonia"}
    assert set(texts(tree, codes.DCM.AlgorithmVersion)) == {"1.2.3"}
    assert set(texts(tree, codes.DCM.AlgorithmParameters)) == {"engine=fake"}


def test_patient_and_study_are_those_of_the_source_and_the_series_is_new(tmp_path):
    header = source(tmp_path, StudyDescription="Thorax", AccessionNumber="A1", PatientBirthDate="20200101")
    written = dcmread(saved(structured(header, read()), tmp_path))
    for keyword in (
        "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate", "StudyTime",
        "StudyID", "AccessionNumber", "ReferringPhysicianName", "StudyDescription",
    ):  # fmt: skip
        assert written[keyword].value == header[keyword].value
    assert written.SeriesInstanceUID not in (header.SeriesInstanceUID, written.SOPInstanceUID)
    assert (written.Modality, written.Manufacturer) == ("SR", "secondread")
    assert written.SeriesNumber >= 900
    assert written.SeriesDescription == "AI chest-xray-pneumonia 1.2.3 \u2013 not for primary diagnosis"
    assert written.DeviceSerialNumber == fakes.NO_HASH


def test_dates_are_told_in_the_zone_the_source_states(tmp_path):
    seoul = dcmread(saved(structured(source(tmp_path), read()), tmp_path))
    assert (seoul.ContentDate, seoul.ContentTime, seoul.TimezoneOffsetFromUTC) == ("20240506", "070809.250000", "+0900")
    london = dcmread(saved(structured(source(tmp_path, TimezoneOffsetFromUTC="+0000"), read()), tmp_path))
    assert (london.ContentDate, london.ContentTime, london.TimezoneOffsetFromUTC) == (
        "20240505",
        "220809.250000",
        "+0000",
    )


def test_a_time_without_a_zone_is_refused(tmp_path):
    with pytest.raises(ValueError, match="without a zone"):
        structured(source(tmp_path), read(), now=NOW.replace(tzinfo=None))


def test_the_same_seed_and_time_give_the_same_bytes_and_another_seed_does_not(tmp_path):
    header = source(tmp_path)
    first, again, other = (
        saved(structured(header, read(), seed), tmp_path, f"{n}.dcm").read_bytes() for n, seed in enumerate("aab")
    )
    assert first == again
    assert first != other


def test_a_korean_name_survives(tmp_path):
    name = "Hong^Gildong=洪^吉洞=홍^길동"
    header = source(tmp_path, SpecificCharacterSet=["", "ISO 2022 IR 149"], PatientName=name)
    path = saved(structured(header, read()), tmp_path)
    written = dcmread(path)
    assert (written.SpecificCharacterSet, str(written.PatientName)) == ("ISO_IR 192", name)
    assert complaints(path) == []
    assert name in dumped(path, "dcmdump", "--search", "PatientName")
    assert written.SeriesDescription.endswith(" - not for primary diagnosis")


def test_a_source_with_nothing_but_its_uids_gives_a_valid_report(tmp_path):
    bare = dict.fromkeys(
        (
            "SpecificCharacterSet", "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "PatientAge",
            "StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "Modality",
            "BodyPartExamined", "PatientOrientation", "ImagerPixelSpacing",
        )
    )  # fmt: skip
    header = source(tmp_path, **{**bare, "Modality": "DX"})
    del header.Modality
    path = saved(structured(header, read()), tmp_path)
    assert complaints(path) == []
    written = dcmread(path)
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "AccessionNumber"):
        assert keyword in written
        assert not written[keyword].value


def test_odd_values_of_the_source_are_mended_or_left_out(tmp_path):
    header = source(
        tmp_path,
        PatientBirthDate="1999.12.31",
        StudyDate="20240230",
        StudyTime="10:15:00",
        PatientSex="female",
        PatientAge="4",
        StudyID="a study id of more than 16 characters",
        StudyDescription="d" * 80,
        TimezoneOffsetFromUTC="nowhere",
    )
    path = saved(structured(header, read()), tmp_path)
    written = dcmread(path)
    assert (written.PatientBirthDate, written.StudyDate, written.StudyTime) == ("19991231", "", "101500")
    assert (written.PatientSex, written.StudyID) == ("", "a study id of mo")
    assert (written.StudyDescription, written.TimezoneOffsetFromUTC) == ("d" * 64, "+0900")
    assert "PatientAge" not in written
    assert complaints(path) == []


def test_identifiers_an_archive_matches_on_are_never_cut(tmp_path):
    header = source(tmp_path, AccessionNumber="A12345678901234567890", PatientID="P" * 70)
    written = structured(header, read())
    assert (written.AccessionNumber, written.PatientID) == ("A12345678901234567890", "P" * 70)


def test_a_source_that_is_no_picture_gives_a_valid_report_without_a_region(tmp_path):
    header = source(tmp_path)
    del header.Rows
    path = saved(structured(header, read(Outcome.REFUSED)), tmp_path)
    assert complaints(path) == []
    assert EXPECTED[Outcome.REFUSED][2] in dumped(path, "dsrdump", "--print-long-values")
    assert planar(path) == []


def test_a_report_is_never_filed_in_another_study(tmp_path):
    header = source(tmp_path)
    elsewhere = replace(report_of(header, read()), study_uid="1.2.3")
    with pytest.raises(OutputError, match="only into its own study"):
        build_sr(elsewhere, read(), None, [header], uid_source("a"), NOW)


def test_a_result_is_never_filed_with_an_image_that_was_not_read(tmp_path):
    evidence = Evidence(fakes.series("1.2.3.4"), fakes.image(np.zeros(SHAPE, np.float32)))
    with pytest.raises(OutputError, match="is not the image that was read"):
        structured(source(tmp_path), read(evidence=evidence))


@pytest.mark.parametrize("missing", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"])
def test_a_source_that_cannot_be_referred_to_is_refused_by_name_of_the_attribute(tmp_path, missing):
    header = source(tmp_path)
    draft = report_of(header, read())
    del header[missing]
    with pytest.raises(OutputError, match=f"found no {missing}"):
        build_sr(draft, read(), fakes.card(), [header], uid_source("a"), NOW)


def test_the_reason_of_a_refusal_is_coded_too(tmp_path):
    one = read(Outcome.REFUSED, refusal=Refusal("view", "Lateral.", "Send a frontal view."))
    tree = content(saved(structured(source(tmp_path), one), tmp_path))
    reasons = find_content_items(tree[0], value_type="CODE", recursive=True)
    assert [item.value.value for item in reasons if item.name.value == "refusal-reason"] == ["view"]


def test_our_own_code_scheme_is_declared(tmp_path):
    written = dcmread(saved(structured(source(tmp_path), read()), tmp_path))
    assert [item.CodingSchemeDesignator for item in written.CodingSchemeIdentificationSequence] == ["99SECONDREAD"]


def test_a_read_in_utc_has_a_signed_offset(tmp_path):
    written = structured(source(tmp_path), read(), now=datetime(2024, 1, 1, tzinfo=UTC))
    assert written.TimezoneOffsetFromUTC == "+0000"


def test_every_entry_of_the_provenance_stands_in_the_parameters_of_the_algorithm(tmp_path):
    made_with = {"sha256": "ab" * 32, "thresholds": "pneumonia=0.5 viral=0.25", "engine": "onnxruntime 1.2"}
    tree = content(saved(structured(source(tmp_path), replace(read(), provenance=made_with)), tmp_path))
    found = texts(tree, codes.DCM.AlgorithmParameters)
    assert found
    assert all(text.split("; ") == [f"{key}={made_with[key]}" for key in sorted(made_with)] for text in found)


def test_a_probability_just_below_its_threshold_is_not_lifted_onto_it(tmp_path):
    near = Finding(PNEUMONIA, 0.84999999, 0.85)
    tree = content(saved(structured(source(tmp_path), read(Outcome.NOTHING_FOUND, findings=(near,))), tmp_path))
    numbers = find_content_items(tree[0], value_type="NUM", recursive=True)
    assert [item.value for item in numbers if item.unit.value == "%"] == [84.999999, 85.0]


def test_the_files_that_were_read_are_no_parameters_of_the_algorithm(tmp_path):
    made_with = {"engine": "onnxruntime 1.2", "input_sop_instance_uids": "1.2.3 1.2.4", "input_sha256": "ab cd"}
    tree = content(saved(structured(source(tmp_path), replace(read(), provenance=made_with)), tmp_path))
    assert set(texts(tree, codes.DCM.AlgorithmParameters)) == {"engine=onnxruntime 1.2"}
