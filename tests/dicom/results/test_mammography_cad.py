from dataclasses import replace

import pytest
from pydicom import dcmread
from pydicom.uid import MammographyCADSRStorage

import dicom_factory
from dicom_reads import PNEUMONIA, box, complaints, dumped, saved
from result_reads import CLUSTER, KOREAN, MASS, breast, cad, mammogram, masked
from secondread.core.code import Code
from secondread.core.errors import OutputError
from secondread.core.report import NOTICE, Outcome
from secondread.dicom.results.mammography_cad import can_be_told

EXPECTED = {
    Outcome.FOUND: ("All algorithms succeeded; with findings", "Succeeded", "Read, with findings."),
    Outcome.UNDECIDED: ("All algorithms succeeded; with findings", "Succeeded", "Read, undecided."),
    Outcome.NOTHING_FOUND: ("All algorithms succeeded; without findings", "Succeeded", "Successful Detections"),
    Outcome.REFUSED: ("No algorithms succeeded; without findings", "Not Attempted", "Refused, not read"),
    Outcome.FAILED: ("No algorithms succeeded; without findings", "Failed", "Failed Detections"),
}


def items(root, name):
    """All items of that concept name, in order."""
    found = []
    for item in root.get("ContentSequence", []):
        if "ConceptNameCodeSequence" in item and item.ConceptNameCodeSequence[0].CodeMeaning == name:
            found.append(item)
        found += items(item, name)
    return found


def values(root, name):
    return [item.ConceptCodeSequence[0].CodeMeaning for item in items(root, name)]


def four_views(folder):
    return [mammogram(folder, f"{side}-{view}.dcm", side=side, view=view) for side in "RL" for view in ("CC", "MLO")]


def at(root, position):
    """The item at a position; the root is (1,)."""
    item = root
    for place in position[1:]:
        item = item.ContentSequence[place - 1]
    return item


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_a_valid_report_that_says_which_it_is(tmp_path, outcome):
    path = saved(cad([mammogram(tmp_path)], breast(outcome)), tmp_path)
    assert complaints(path) == []
    # dsrdump refuses a tree that breaks the relationship constraints of PS3.3 table A.35.5-2
    shown = dumped(path, "dsrdump", "--print-long-values")
    assert "Mammography CAD SR Document" in shown
    for text in (*EXPECTED[outcome], NOTICE, "Question: Is there a mass?"):
        assert text in shown
    for other in set(Outcome) - {outcome}:
        assert not all(text in shown for text in EXPECTED[other])


@pytest.mark.parametrize("outcome", Outcome)
def test_summaries_and_marks_follow_the_outcome(tmp_path, outcome):
    document = cad([mammogram(tmp_path)], breast(outcome))
    assert values(document, "CAD Processing and Findings Summary") == [EXPECTED[outcome][0]]
    assert values(document, "Summary of Detections") == [EXPECTED[outcome][1]]
    assert values(document, "Summary of Analyses") == ["Not Attempted"]
    assert len(items(document, "Individual Impression/Recommendation")) == (
        outcome in {Outcome.FOUND, Outcome.UNDECIDED}
    )
    tried = values(document, "Detection Performed")
    expected = ["Mammography breast density", "Calcification Cluster"]
    assert tried == ([] if outcome is Outcome.REFUSED else expected)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_machine_writes_complete_preliminary_unverified_reports(tmp_path, outcome):
    written = dcmread(saved(cad([mammogram(tmp_path)], breast(outcome)), tmp_path))
    assert (written.SOPClassUID, written.Modality) == (MammographyCADSRStorage, "SR")
    assert (written.CompletionFlag, written.PreliminaryFlag) == ("COMPLETE", "PRELIMINARY")
    assert written.VerificationFlag == "UNVERIFIED"
    assert written.ContentTemplateSequence[0].TemplateIdentifier == "4000"


def test_an_undecided_read_without_a_place_to_mark_is_not_told_as_one_of_nothing():
    assert can_be_told(breast(Outcome.UNDECIDED))
    assert can_be_told(breast(Outcome.NOTHING_FOUND, map=None))
    unplaced = breast(Outcome.UNDECIDED, map=None)
    below = replace(unplaced, findings=(replace(unplaced.findings[0], probability=0.45),))
    assert not can_be_told(below)


@pytest.mark.parametrize(("code", "seen"), [(MASS, "Mammography breast density"), (CLUSTER, "Calcification Cluster")])
def test_a_known_box_comes_back_with_its_centre_outline_type_and_certainty(tmp_path, code, seen):
    document = dcmread(saved(cad([mammogram(tmp_path)], breast(code=code)), tmp_path))
    [finding] = items(document, "Single Image Finding")
    assert finding.ConceptCodeSequence[0].CodeMeaning == seen
    [centre], [outline] = items(finding, "Center"), items(finding, "Outline")
    # box() covers rows 10 to 19 and columns 5 to 8
    assert (centre.GraphicType, list(centre.GraphicData)) == ("POINT", [7, 15])
    assert (outline.GraphicType, list(outline.GraphicData)) == ("POLYLINE", [5, 10, 9, 10, 9, 20, 5, 20, 5, 10])
    [certainty] = items(finding, "Certainty of Finding")
    assert certainty.MeasuredValueSequence[0].NumericValue == 87.5
    assert values(finding, "Rendering Intent")[0].startswith("Presentation Required")
    assert [item.TextValue for item in items(finding, "Algorithm Version")] == ["1.2.3"]


def test_a_mask_goes_before_the_map_and_its_largest_area_is_the_mark(tmp_path):
    one = breast(mask=masked((1, 3, 1, 3), (20, 30, 10, 20)))
    [outline] = items(cad([mammogram(tmp_path)], one), "Outline")
    assert list(outline.GraphicData) == [10, 20, 20, 20, 20, 30, 10, 30, 10, 20]


def test_each_image_stands_in_the_library_with_side_view_and_date(tmp_path):
    headers = four_views(tmp_path)
    path = saved(cad(headers, breast(), seen_on=[3]), tmp_path)
    assert complaints(path) == []
    [library] = items(dcmread(path), "Image Library")
    assert [image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for image in library.ContentSequence] == [
        header.SOPInstanceUID for header in headers
    ]
    assert values(library, "Image Laterality") == ["Right breast"] * 2 + ["Left breast"] * 2
    assert values(library, "Image View") == ["cranio-caudal", "medio-lateral oblique"] * 2
    assert [item.Date for item in items(library, "Study Date")] == ["20240102"] * 4


def test_marks_and_detections_refer_to_their_images_in_the_library(tmp_path):
    headers = four_views(tmp_path)
    path = saved(cad(headers, breast(), seen_on=[2]), tmp_path)
    document = dcmread(path)
    for item in (*items(document, "Center"), *items(document, "Outline")):
        [link] = item.ContentSequence
        assert link.RelationshipType == "SELECTED FROM"
        image = at(document, list(link.ReferencedContentItemIdentifier))
        assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == headers[2].SOPInstanceUID
    for tried in items(document, "Detection Performed"):
        links = [one.ReferencedContentItemIdentifier for one in tried.ContentSequence if "ValueType" not in one]
        reached = [at(document, list(link)).ReferencedSOPSequence[0].ReferencedSOPInstanceUID for link in links]
        assert reached == [header.SOPInstanceUID for header in headers]
    assert "selected from 1.2.3" in dumped(path, "dsrdump", "--number-nested-items")


def test_views_are_told_as_the_header_codes_them(tmp_path):
    def view(**tags):
        [library] = items(cad([mammogram(tmp_path, **tags)], breast()), "Image Library")
        return [
            (item.ConceptCodeSequence[0].CodingSchemeDesignator, item.ConceptCodeSequence[0].CodeValue)
            for item in (*items(library, "Image View"), *items(library, "Image View Modifier"))
        ]

    retired, other = (
        dicom_factory.code("R-10226", "SRT", "old"),
        dicom_factory.code("399260004", "SCT", "medial-lateral"),
    )
    other.ViewModifierCodeSequence = [dicom_factory.code("399163009", "SCT", "Magnification")]
    assert view(ViewCodeSequence=[retired]) == [("SCT", "399368009")]
    assert view(ViewCodeSequence=[other]) == [("SCT", "399260004"), ("SCT", "399163009")]
    assert view(ViewCodeSequence=None, ViewPosition="MLO") == [("SCT", "399368009")]
    assert view(ViewCodeSequence=None, ViewPosition="XX") == []
    assert view(ViewCodeSequence=[dicom_factory.code("", "SCT", "")]) == []


def test_a_header_that_says_neither_side_nor_view_gives_a_valid_report(tmp_path):
    bare = dict.fromkeys(("ImageLaterality", "ViewCodeSequence", "StudyDate", "PatientName", "PatientID"))
    path = saved(cad([mammogram(tmp_path, **bare)], breast()), tmp_path)
    assert complaints(path) == []
    [library] = items(dcmread(path), "Image Library")
    assert "ContentSequence" not in library.ContentSequence[0]


def test_only_positive_findings_are_marks(tmp_path):
    [one] = breast().findings
    absent = replace(one, code=CLUSTER, probability=0.1, map=None)
    document = cad([mammogram(tmp_path)], replace(breast(), findings=(one, absent)))
    assert values(document, "Single Image Finding") == ["Mammography breast density"]


def test_a_positive_finding_without_a_place_is_refused(tmp_path):
    with pytest.raises(OutputError, match="a CAD mark has a place"):
        cad([mammogram(tmp_path)], breast(map=None))


@pytest.mark.parametrize("code", [PNEUMONIA, Code("99SECONDREAD", "odd", "Odd")])
def test_what_is_no_finding_of_a_mammogram_is_refused(tmp_path, code):
    with pytest.raises(OutputError, match="CID 6014"):
        cad([mammogram(tmp_path)], breast(code=code))
    with pytest.raises(OutputError, match="CID 6014"):
        cad([mammogram(tmp_path)], breast(), looked_for=[code])


def test_a_mark_on_another_grid_is_refused(tmp_path):
    with pytest.raises(OutputError, match="map it back"):
        cad([mammogram(tmp_path)], breast(map=box(shape=(9, 30))))


@pytest.mark.parametrize("wrong", [{"seen_on": [1]}, {"seen_on": [0, 0]}, {"seen_on": [-1]}, {"looked_for": ()}])
def test_what_does_not_fit_together_is_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match="does not fit"):
        cad([mammogram(tmp_path)], breast(), **wrong)


def test_with_several_images_each_finding_needs_its_own(tmp_path):
    with pytest.raises(ValueError, match="needed the one that each finding was seen on"):
        cad(four_views(tmp_path), breast())


def test_patient_and_study_are_those_of_the_source_and_the_series_is_new(tmp_path):
    header = mammogram(tmp_path, **KOREAN)
    path = saved(cad([header], breast()), tmp_path)
    written = dcmread(path)
    assert (written.SpecificCharacterSet, str(written.PatientName)) == ("ISO_IR 192", KOREAN["PatientName"])
    assert written.StudyInstanceUID == header.StudyInstanceUID
    assert written.SeriesInstanceUID != header.SeriesInstanceUID
    assert complaints(path) == []


def test_the_same_seed_and_time_give_the_same_bytes_and_another_seed_does_not(tmp_path):
    header = mammogram(tmp_path)
    first, again, other = (
        saved(cad([header], breast(), seed), tmp_path, f"{n}.dcm").read_bytes() for n, seed in enumerate("aab")
    )
    assert first == again
    assert first != other


def test_images_of_two_studies_are_never_put_into_one_report(tmp_path):
    here, elsewhere = mammogram(tmp_path, "1.dcm"), mammogram(tmp_path, "2.dcm", StudyInstanceUID="1.2.3")
    with pytest.raises(OutputError, match="make one result for each"):
        cad([here, elsewhere], breast(), seen_on=[0])
