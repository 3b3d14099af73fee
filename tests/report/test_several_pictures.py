"""A read of several pictures: what was seen on another one is never drawn on the first."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydicom import dcmread

import dicom_factory
import fakes
from dicom_reads import complaints, content, planar
from fhir_witness import resources, validate
from hl7_witness import parse, rows
from secondread.core.code import LOCAL, SCT, Code
from secondread.core.finding import Finding, Limit
from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.report import Evidence
from secondread.core.study import FileRef, Series
from secondread.dicom.uids import uid_source
from secondread.report.exchange import bundles_of, series_of
from secondread.report.fhir import to_fhir_json
from secondread.report.hl7 import to_oru
from secondread.report.write import EVERY_FORMAT, write_outputs

NOW = datetime(2026, 3, 4, 1, 22, 5, tzinfo=UTC)
MASS = Code(SCT, "129788004", "Mammographic breast mass")
SIZE = Measurement("diameter", 22.0, "mm", "by hand")
LARGE = Limit(10.0, "own rule")


def view(folder, side, **tags):
    path = dicom_factory.mammogram(folder / f"{side}.dcm", fakes.dicom_pixels(60, 80), side=side, **tags)
    header = dcmread(path)
    file = FileRef(path, header.SOPClassUID, header.SOPInstanceUID)
    return Series(header.SeriesInstanceUID, "MG", "dicom", (file,), laterality=side, study_uid=header.StudyInstanceUID)


@pytest.fixture
def both(tmp_path):
    """The right view leads, the left one was read with it."""
    right, left = view(tmp_path, "R"), view(tmp_path, "L")
    return Evidence(right, Image(fakes.chest(60, 80), (0.2, 0.2), "detector"), others=(left,))


def mass(*, here=False, code=MASS):
    drawn = fakes.chest(60, 80) > 0.9
    drawn[10:20, 30:40] = True
    mask = Mask(drawn, (0.2, 0.2), code) if here else None
    side = "right" if here else "left"
    return Finding(code, location=f"{side} breast", measurements=(SIZE,), limit=LARGE, mask=mask)


def write(desk, read, out, formats=EVERY_FORMAT):
    uid = dcmread(read.evidence.series.files[0].path).StudyInstanceUID
    report = desk.report(read, study_uid=uid)
    files = write_outputs(report, desk.cards, out, formats=formats, uid=uid_source("seed"), now=NOW)
    return {file.name.removeprefix(f"{fakes.READER}."): file for file in files}


def instances(study):
    return {image.ReferencedSOPInstanceUID for one in study.ReferencedSeriesSequence for image in one[0x00081199]}


def test_a_finding_of_the_other_picture_is_tied_to_none(desk, both, tmp_path):
    files = write(desk, desk.found(findings=(mass(),), evidence=both), tmp_path / "out")
    assert {name for name in files if name.endswith(".dcm")} == {"sr.dcm", "sc.dcm", "ko.dcm", "pdf.dcm"}
    assert [name for name, path in files.items() if name.endswith(".dcm") and complaints(path)] == []
    assert planar(files["sr.dcm"]) == []
    (group,) = content(files["sr.dcm"]).get_image_measurement_groups()
    assert group.source_images == []
    document = dcmread(files["sr.dcm"])
    (right,), (left,) = (one.files for one in (both.series, *both.others))
    assert instances(document.CurrentRequestedProcedureEvidenceSequence[0]) == {right.sop_instance_uid}
    assert instances(document.PertinentOtherEvidenceSequence[0]) == {left.sop_instance_uid}
    marked = {item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for item in images(files["ko.dcm"])}
    assert marked == {right.sop_instance_uid, left.sop_instance_uid}


def images(path):
    return [item for item in dcmread(path).ContentSequence if item.ValueType == "IMAGE"]


def test_only_what_has_a_mask_is_drawn_on_the_leading_picture(desk, both, tmp_path):
    read = desk.found(findings=(mass(here=True), mass()), evidence=both)
    files = write(desk, read, tmp_path / "out")
    assert [name for name, path in files.items() if name.endswith(".dcm") and complaints(path)] == []
    layers = {item.GraphicLayer: item for item in dcmread(files["pr.dcm"]).GraphicAnnotationSequence}
    assert len(layers["AI_LABELS"].TextObjectSequence) == 1
    assert "cad.dcm" not in files


def test_a_single_mammogram_gets_a_cad_report_only_where_every_call_can_be_told(desk, both, tmp_path):
    alone = replace(both, others=())
    described = Finding(Code(LOCAL, "density", "Density"), measurements=(SIZE,))
    told = desk.found(findings=(mass(here=True), described), evidence=alone)
    assert "cad.dcm" in write(desk, told, tmp_path / "told")
    own_code = desk.found(findings=(mass(here=True, code=Code(LOCAL, "odd", "Odd")),), evidence=alone)
    assert "cad.dcm" not in write(desk, own_code, tmp_path / "own")
    assert "cad.dcm" not in write(desk, desk.found(findings=(mass(),), evidence=alone), tmp_path / "placeless")


def test_a_read_of_the_second_study_of_an_examination_is_written_into_its_own(desk, tmp_path):
    other = view(tmp_path, "L", StudyInstanceUID=dicom_factory.uid("another study"))
    read = desk.nothing_found(evidence=Evidence(other, Image(fakes.chest(60, 80))))
    files = write_outputs(
        desk.report(read, study_uid=dicom_factory.uid("study")),
        desk.cards,
        tmp_path / "out",
        formats=("dicom",),
        uid=uid_source("seed"),
        now=NOW,
    )
    assert {dcmread(file).StudyInstanceUID for file in files} == {other.study_uid}


def test_fhir_and_hl7_name_every_series_that_was_read_each_in_its_own_study(desk, both, tmp_path):
    elsewhere = view(tmp_path, "B", StudyInstanceUID=dicom_factory.uid("another study"))
    first = desk.nothing_found(evidence=both)
    second = replace(desk.nothing_found(evidence=Evidence(elsewhere, both.image)), reader="second")
    report = desk.report(first, second, study_uid=both.series.study_uid)
    bundle = json.loads(to_fhir_json(report, desk.cards))
    validate(bundle)
    here, there = resources(bundle, "ImagingStudy")
    assert [one["uid"] for one in here["series"]] == [both.series.uid, both.others[0].uid]
    assert [one["uid"] for one in there["series"]] == [elsewhere.uid]
    assert there["identifier"][0]["value"] == f"urn:oid:{elsewhere.study_uid}"
    studies = [one["derivedFrom"][0]["reference"].removeprefix("urn:uuid:") for one in resources(bundle, "Observation")]
    assert studies == [here["id"], there["id"]]
    message = to_oru(report, desk.cards, message_id="1")
    parse(message)
    told = [(row[4], row[5]) for row in rows(message) if row[3].startswith("113014")]
    assert told == [("S1", both.series.study_uid), ("S2", elsewhere.study_uid)]


def test_pictures_that_share_a_series_are_all_named_in_it(desk, both):
    twin = replace(both.others[0], uid=both.series.uid)
    (series,) = series_of(desk.report(desk.nothing_found(evidence=replace(both, others=(twin,)))))
    assert {file.sop_instance_uid for file in series.files} == {
        one.files[0].sop_instance_uid for one in (both.series, *both.others)
    }


def test_the_networks_that_rules_asked_are_named(desk):
    known = {"method": "rules", "version": "1", "also_asked": "one two", "asked_one": "2.0 abc fake engine"}
    names = [
        (one.name, one.version, one.sha256, one.engine)
        for one in bundles_of(desk.found(provenance=known), {"rules": desk.card})[1:]
    ]
    assert names == [("one", "2.0", "abc", "fake engine"), ("two", "", "", "")]
