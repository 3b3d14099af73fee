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
    CAUSE,
    NOW,
    PNEUMONIA,
    SHAPE,
    box,
    complaints,
    dumped,
    read,
    report_of,
    saved,
    source,
    structured,
)
from secondread import __version__
from secondread.core.errors import OutputError
from secondread.core.finding import Finding
from secondread.core.report import NOTICE, Evidence, Outcome, Refusal
from secondread.dicom.sr import build_sr
from secondread.dicom.uids import uid_source

WHOLE = [[0, 0], [SHAPE[1], 0], [SHAPE[1], SHAPE[0]], [0, SHAPE[0]], [0, 0]]
EXPECTED = {
    Outcome.FOUND: ("All algorithms succeeded; with findings", "Succeeded", "Read, with findings."),
    Outcome.NOTHING_FOUND: ("All algorithms succeeded; without findings", "Succeeded", "does not mean that the"),
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


def back(path):
    """What highdicom makes of the file."""
    return highdicom.sr.srread(path)


def planar(path):
    return back(path).content.get_planar_roi_measurement_groups()


def evaluations(group):
    """Question and answer; highdicom counts the family of the algorithm among them."""
    found = [(item.name, item.value) for item in group.get_qualitative_evaluations()]
    return [(name, value) for name, value in found if name != codes.DCM.AlgorithmFamily]


def texts(content, name=codes.DCM.Comment):
    return [item.TextValue for item in find_content_items(content[0], name=name, recursive=True)]


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("modality", ["DX", "CR"])
def test_every_outcome_is_a_valid_report_that_says_which_it_is(tmp_path, outcome, modality):
    path = saved(structured(source(tmp_path, Modality=modality), read(outcome)), tmp_path)
    assert complaints(path) == []
    shown = dumped(path, "dsrdump", "--print-long-values")
    assert "Comprehensive 3D SR Document" in shown
    for text in (*EXPECTED[outcome], NOTICE, "Question: Is there pneumonia?", "Warning: View AP.", "Priority: routine"):
        assert text in shown
    for other in set(Outcome) - {outcome}:
        assert EXPECTED[other][2] not in shown


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
    evidence = back(saved(structured(header, read(outcome)), tmp_path)).get_evidence(current_procedure_only=True)
    assert evidence == [(header.StudyInstanceUID, header.SeriesInstanceUID, header.SOPInstanceUID, header.SOPClassUID)]


def test_a_finding_carries_its_code_site_certainty_threshold_and_presence(tmp_path):
    [group] = planar(saved(structured(source(tmp_path), read()), tmp_path))
    assert (group.finding_type.value, group.finding_type.scheme_designator) == (PNEUMONIA.value, PNEUMONIA.system)
    assert [site.value for site in group.finding_sites] == [codes.SCT.Lung]
    certainty, threshold, ratio = group.get_measurements()
    assert (certainty.name, certainty.value, certainty.unit) == (codes.DCM.CertaintyOfFinding, 87.5, codes.UCUM.Percent)
    assert (threshold.name.value, threshold.value, threshold.unit) == ("threshold", 50.0, codes.UCUM.Percent)
    assert (ratio.name.meaning, ratio.value, ratio.unit.value) == ("Cardiothoracic ratio", 0.48, "1")
    [(question, answer)] = evaluations(group)
    assert (question.value, answer) == (PNEUMONIA.value, codes.SCT.Present)


def test_a_negative_finding_is_absent_and_has_the_whole_picture_as_its_region(tmp_path):
    [group] = planar(saved(structured(source(tmp_path), read(Outcome.NOTHING_FOUND)), tmp_path))
    [(question, answer)] = evaluations(group)
    assert (question.value, answer) == (PNEUMONIA.value, codes.cid241.Absent)
    assert group.roi.value.tolist() == WHOLE


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED])
def test_what_was_not_read_has_no_finding_but_a_region_that_viewers_show(tmp_path, outcome):
    [group] = planar(saved(structured(source(tmp_path), read(outcome)), tmp_path))
    assert group.finding_type is None
    assert group.get_measurements() == []
    assert group.roi.value.tolist() == WHOLE
    answers = [answer.meaning for _, answer in evaluations(group)]
    assert answers == list(EXPECTED[outcome][:2])


@pytest.mark.parametrize("edges", [(10, 20, 5, 9), (0, 40, 0, 32), (39, 40, 31, 32), (0, 1, 3, 30)])
def test_a_known_box_of_the_map_comes_back_at_its_columns_and_rows(tmp_path, edges):
    top, bottom, left, right = edges
    finding = Finding(PNEUMONIA, 0.9, 0.5, map=box(top, bottom, left, right))
    path = saved(structured(source(tmp_path), read(findings=(finding,))), tmp_path)
    corners = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
    [group] = planar(path)
    assert group.roi.value.tolist() == corners
    witness = ",".join(f"{column}/{row}" for column, row in corners)
    assert f"(POLYLINE,{witness})" in dumped(path, "dsrdump", "--print-long-values")


def test_a_map_that_never_reaches_half_of_its_peak_gives_the_whole_picture(tmp_path):
    faint = replace(box(), values=box().values * 0.4)
    finding = Finding(PNEUMONIA, 0.9, 0.5, map=faint)
    [group] = planar(saved(structured(source(tmp_path), read(findings=(finding,))), tmp_path))
    assert group.roi.value.tolist() == WHOLE


def test_a_map_on_another_grid_is_refused(tmp_path):
    finding = Finding(PNEUMONIA, 0.9, 0.5, map=box(shape=(80, 64)))
    with pytest.raises(OutputError, match=r"shape \(80, 64\), its image \(40, 32\)"):
        structured(source(tmp_path), read(findings=(finding,)))


def test_a_detail_is_a_group_of_its_own_without_region_threshold_or_presence(tmp_path):
    content = back(saved(structured(source(tmp_path), read()), tmp_path)).content
    [group] = content.get_image_measurement_groups()
    assert group.finding_type.value == CAUSE.value
    assert [(number.name, number.value) for number in group.get_measurements()] == [
        (codes.DCM.CertaintyOfFinding, 25.0)
    ]
    assert evaluations(group) == []
    assert any("not a finding of its own" in text for text in texts(content))


def test_program_and_algorithm_are_named_with_their_versions(tmp_path):
    content = back(saved(structured(source(tmp_path), read()), tmp_path)).content
    [observer] = content.get_observer_contexts(observer_type=codes.DCM.Device)
    device = observer.observer_identifying_attributes
    assert (device.name, device.model_name) == ("secondread", f"secondread {__version__}")
    assert set(texts(content, codes.DCM.AlgorithmName)) == {"chest-xray-pneumonia"}
    assert set(texts(content, codes.DCM.AlgorithmVersion)) == {"1.2.3"}
    assert set(texts(content, codes.DCM.AlgorithmParameters)) == {"engine=fake"}


def test_tracking_uids_differ_between_findings_and_the_image_library_shows_the_source(tmp_path):
    two = read(findings=(Finding(PNEUMONIA, 0.9, 0.5), Finding(CAUSE, 0.1, 0.5)))
    header = source(tmp_path)
    content = back(saved(structured(header, two), tmp_path)).content
    tracked = [group.tracking_uid for group in content.get_planar_roi_measurement_groups()]
    assert len(set(tracked)) == 2
    [library] = find_content_items(content[0], name=codes.DCM.ImageLibrary)
    [image] = find_content_items(library, value_type="IMAGE", recursive=True)
    assert image.referenced_sop_instance_uid == header.SOPInstanceUID


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
        BodyPartExamined="THORAX, AS THE TECHNICIAN SAW IT",
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


def test_a_source_of_several_frames_is_referred_to_by_its_first(tmp_path):
    header = source(tmp_path)
    header.NumberOfFrames = 3
    path = saved(structured(header, read(Outcome.REFUSED)), tmp_path)
    [group] = planar(path)
    [image] = find_content_items(group.roi, value_type="IMAGE")
    assert image.referenced_frame_numbers == [1]


def test_a_source_that_is_no_picture_gives_a_valid_report_without_a_region(tmp_path):
    header = source(tmp_path)
    del header.Rows
    path = saved(structured(header, read(Outcome.REFUSED)), tmp_path)
    assert complaints(path) == []
    assert EXPECTED[Outcome.REFUSED][2] in dumped(path, "dsrdump", "--print-long-values")
    assert planar(path) == []


def test_an_image_class_the_dictionary_does_not_know_is_referred_to_all_the_same(tmp_path):
    header = source(tmp_path)
    header.SOPClassUID = "1.2.3.4.5"
    [group] = planar(saved(structured(header, read()), tmp_path))
    assert group.roi.value.tolist()[0] == [5, 10]


def test_a_report_is_never_filed_in_another_study(tmp_path):
    header = source(tmp_path)
    elsewhere = replace(report_of(header, read()), study_uid="1.2.3")
    with pytest.raises(OutputError, match="only into its own study"):
        build_sr(elsewhere, read(), None, header, uid_source("a"), NOW)


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
        build_sr(draft, read(), fakes.card(), header, uid_source("a"), NOW)


def test_the_reason_of_a_refusal_is_coded_too(tmp_path):
    one = read(Outcome.REFUSED, refusal=Refusal("view", "Lateral.", "Send a frontal view."))
    content = back(saved(structured(source(tmp_path), one), tmp_path)).content
    reasons = find_content_items(content[0], value_type="CODE", recursive=True)
    assert [item.value.value for item in reasons if item.name.value == "refusal-reason"] == ["view"]


def test_our_own_code_scheme_is_declared(tmp_path):
    written = dcmread(saved(structured(source(tmp_path), read()), tmp_path))
    assert [item.CodingSchemeDesignator for item in written.CodingSchemeIdentificationSequence] == ["99SECONDREAD"]


def test_a_read_in_utc_has_a_signed_offset(tmp_path):
    written = structured(source(tmp_path), read(), now=datetime(2024, 1, 1, tzinfo=UTC))
    assert written.TimezoneOffsetFromUTC == "+0000"
