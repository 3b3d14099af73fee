from dataclasses import replace

import pytest
from highdicom.sr.utils import find_content_items
from pydicom.sr.codedict import codes

from dicom_reads import CAUSE, PNEUMONIA, SHAPE, box, content, dumped, planar, read, saved, source, structured, texts
from secondread.core.errors import OutputError
from secondread.core.finding import Finding
from secondread.core.report import Outcome

WHOLE = [[0, 0], [SHAPE[1], 0], [SHAPE[1], SHAPE[0]], [0, SHAPE[0]], [0, 0]]


def evaluations(group):
    """Question and answer; highdicom counts the family of the algorithm among them."""
    found = [(item.name, item.value) for item in group.get_qualitative_evaluations()]
    return [(name, value) for name, value in found if name != codes.DCM.AlgorithmFamily]


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
    status = {Outcome.REFUSED: "Not Attempted", Outcome.FAILED: "Failed"}[outcome]
    answers = [answer.meaning for _, answer in evaluations(group)]
    assert answers == ["No algorithms succeeded; without findings", status]


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
    tree = content(saved(structured(source(tmp_path), read()), tmp_path))
    [group] = tree.get_image_measurement_groups()
    assert group.finding_type.value == CAUSE.value
    assert [(number.name, number.value) for number in group.get_measurements()] == [
        (codes.DCM.CertaintyOfFinding, 25.0)
    ]
    assert evaluations(group) == []
    assert any("not a finding of its own" in text for text in texts(tree))


def test_what_refines_an_absent_finding_is_not_shown_as_one_more(tmp_path):
    absent = Finding(PNEUMONIA, 0.125, 0.5, details=((CAUSE, 0.1),))
    path = saved(structured(source(tmp_path), read(Outcome.NOTHING_FOUND, findings=(absent,))), tmp_path)
    assert content(path).get_image_measurement_groups() == []
    assert [group.finding_type.value for group in planar(path)] == [PNEUMONIA.value]


def test_tracking_uids_differ_between_findings_and_the_image_library_shows_the_source(tmp_path):
    two = read(findings=(Finding(PNEUMONIA, 0.9, 0.5), Finding(CAUSE, 0.1, 0.5)))
    header = source(tmp_path)
    tree = content(saved(structured(header, two), tmp_path))
    tracked = [group.tracking_uid for group in tree.get_planar_roi_measurement_groups()]
    assert len(set(tracked)) == 2
    [library] = find_content_items(tree[0], name=codes.DCM.ImageLibrary)
    [image] = find_content_items(library, value_type="IMAGE", recursive=True)
    assert image.referenced_sop_instance_uid == header.SOPInstanceUID


def test_a_source_of_several_frames_is_referred_to_by_its_first(tmp_path):
    header = source(tmp_path)
    header.NumberOfFrames = 3
    path = saved(structured(header, read(Outcome.REFUSED)), tmp_path)
    [group] = planar(path)
    [image] = find_content_items(group.roi, value_type="IMAGE")
    assert image.referenced_frame_numbers == [1]


def test_an_image_class_the_dictionary_does_not_know_is_referred_to_all_the_same(tmp_path):
    header = source(tmp_path)
    header.SOPClassUID = "1.2.3.4.5"
    [group] = planar(saved(structured(header, read()), tmp_path))
    assert group.roi.value.tolist()[0] == [5, 10]
