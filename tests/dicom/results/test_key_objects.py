from dataclasses import replace

import highdicom
import pytest
from pydicom import dcmread
from pydicom.uid import KeyObjectSelectionDocumentStorage, MultiFrameGrayscaleWordSecondaryCaptureImageStorage

import fakes
from dicom_reads import complaints, dumped, read, saved, source, structured
from result_reads import KOREAN, key_objects, mammogram
from secondread.core.errors import OutputError
from secondread.core.report import NOTICE, Evidence, Outcome


def test_a_selection_is_valid_and_another_program_reads_what_it_says(tmp_path):
    path = saved(key_objects([source(tmp_path)], read()), tmp_path)
    assert complaints(path) == []
    shown = dumped(path, "dsrdump", "--print-long-values")
    assert "Key Object Selection Document" in shown
    for text in (NOTICE, "Of Interest", "Found: Pneumonia.", "Question: Is there pneumonia?", "DX image"):
        assert text in shown


def test_the_title_asks_to_look_and_claims_no_more(tmp_path):
    document = highdicom.ko.KeyObjectSelectionDocument.from_dataset(
        dcmread(saved(key_objects([source(tmp_path)], read()), tmp_path))
    )
    title = document.content[0].ConceptNameCodeSequence[0]
    assert (title.CodeValue, title.CodingSchemeDesignator, title.CodeMeaning) == ("113000", "DCM", "Of Interest")


def test_every_image_is_marked_and_found_again_by_another_reader(tmp_path):
    headers = [
        mammogram(tmp_path, f"{view}{side}.dcm", side=side, view=view) for side in "LR" for view in ("CC", "MLO")
    ]
    path = saved(key_objects(headers, read()), tmp_path)
    assert complaints(path) == []
    document = highdicom.ko.KeyObjectSelectionDocument.from_dataset(dcmread(path))
    marked = [item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for item in document.content.get_references()]
    assert marked == [header.SOPInstanceUID for header in headers]
    for header in headers:
        assert document.resolve_reference(header.SOPInstanceUID) == (
            header.StudyInstanceUID,
            header.SeriesInstanceUID,
            header.SOPInstanceUID,
        )


def test_images_of_one_series_stand_together_in_the_evidence(tmp_path):
    one = mammogram(tmp_path, "1.dcm")
    other = mammogram(tmp_path, "2.dcm", SeriesInstanceUID=one.SeriesInstanceUID)
    [study] = key_objects([one, other], read()).CurrentRequestedProcedureEvidenceSequence
    [series] = study.ReferencedSeriesSequence
    assert len(series.ReferencedSOPSequence) == 2


def test_the_first_frame_of_several_is_the_one_marked(tmp_path):
    header = source(tmp_path, NumberOfFrames="3", SOPClassUID=MultiFrameGrayscaleWordSecondaryCaptureImageStorage)
    path = saved(key_objects([header], read()), tmp_path)
    [image] = [item for item in dcmread(path).ContentSequence if item.ValueType == "IMAGE"]
    assert image.ReferencedSOPSequence[0].ReferencedFrameNumber == 1
    assert complaints(path) == []


@pytest.mark.parametrize("outcome", [Outcome.NOTHING_FOUND, Outcome.REFUSED, Outcome.FAILED])
def test_a_read_that_found_nothing_marks_nothing(tmp_path, outcome):
    assert key_objects([source(tmp_path)], read(outcome)) is None


def test_an_undecided_read_asks_to_look_and_never_says_found(tmp_path):
    path = saved(key_objects([source(tmp_path)], read(Outcome.UNDECIDED)), tmp_path)
    assert complaints(path) == []
    shown = dumped(path, "dsrdump", "+Pl")
    assert "Undecided, a person has to decide: Pneumonia." in shown
    assert "Found:" not in shown


def test_only_positive_findings_are_named(tmp_path):
    [one] = read().findings
    absent = replace(one, code=replace(one.code, display="Fracture"), probability=0.1)
    shown = dumped(saved(key_objects([source(tmp_path)], read(findings=(one, absent))), tmp_path), "dsrdump", "+Pl")
    assert "Found: Pneumonia." in shown
    assert "Fracture" not in shown


def test_the_device_is_the_one_of_the_structured_report(tmp_path):
    header = source(tmp_path)
    made = (key_objects([header], read()), structured(header, read()))
    [one, other] = [[item.UID for item in root.ContentSequence if item.ValueType == "UIDREF"] for root in made]
    assert one == other
    assert len(one) == 1


def test_patient_and_study_are_those_of_the_source_and_the_series_is_new(tmp_path):
    header = source(tmp_path, **KOREAN)
    path = saved(key_objects([header], read()), tmp_path)
    written = dcmread(path)
    assert (written.SOPClassUID, written.Modality) == (KeyObjectSelectionDocumentStorage, "KO")
    assert (written.SpecificCharacterSet, str(written.PatientName)) == ("ISO_IR 192", KOREAN["PatientName"])
    assert written.StudyInstanceUID == header.StudyInstanceUID
    assert written.SeriesInstanceUID != header.SeriesInstanceUID
    assert written.SeriesDescription.endswith("not for primary diagnosis")
    assert complaints(path) == []


def test_the_same_seed_and_time_give_the_same_bytes_and_another_seed_does_not(tmp_path):
    header = source(tmp_path)
    first, again, other = (
        saved(key_objects([header], read(), seed), tmp_path, f"{n}.dcm").read_bytes() for n, seed in enumerate("aab")
    )
    assert first == again
    assert first != other


def test_images_of_two_studies_are_never_put_into_one_selection(tmp_path):
    here, elsewhere = mammogram(tmp_path, "1.dcm"), mammogram(tmp_path, "2.dcm", StudyInstanceUID="1.2.3")
    with pytest.raises(OutputError, match="make one result for each"):
        key_objects([here, elsewhere], read())


def test_an_image_that_was_not_read_is_never_marked(tmp_path):
    one, other = mammogram(tmp_path, "1.dcm"), mammogram(tmp_path, "2.dcm")
    evidence = Evidence(fakes.series(one.SOPInstanceUID))
    with pytest.raises(OutputError, match="is not the image that was read"):
        key_objects([one, other], read(evidence=evidence))
