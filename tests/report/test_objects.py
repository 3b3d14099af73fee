"""What a read becomes in DICOM: over slices, on a picture, and where an object does not apply."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

import dicom_factory
import fakes
from dicom_reads import complaints, content, dumped, planar
from mask_witnesses import by_highdicom, by_pydicom, centres_in_source, masks_of, phantom
from secondread.core.geometry import Geometry
from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.core.measurement import Measurement
from secondread.core.report import Evidence
from secondread.core.study import FileRef, Series
from secondread.core.volume import Volume
from secondread.dicom.open import open_dicom
from secondread.dicom.uids import uid_source
from secondread.report.write import EVERY_FORMAT, write_outputs

NOW = datetime(2026, 3, 4, 1, 22, 5, tzinfo=UTC)
NAME = fakes.READER


class Slices:
    """A series of slices with three boxes in it, and the masks a reader drew around them."""

    def __init__(self, folder):
        self.paths, self.headers, series, volume = phantom(folder / "series")
        self.masks = masks_of(volume)
        self.evidence = Evidence(series, volume=volume)

    def findings(self, desk):
        volume = self.masks[0].volume_ml
        measured = (Measurement("Volume", volume, "mL", "voxels inside times voxel volume"),)
        shared = {"map": None, "details": ()}
        return (
            desk.finding(mask=self.masks[0], measurements=measured, **shared),
            desk.finding(0.1, mask=self.masks[1], measurements=(), location=None, **shared),
        )

    def uids(self, *slices):
        return {self.headers[k].SOPInstanceUID for k in slices}


@pytest.fixture
def slices(tmp_path):
    return Slices(tmp_path)


def write(desk, reads, out, formats=EVERY_FORMAT):
    report = desk.report(*reads)
    files = write_outputs(report, desk.cards, out, formats=formats, uid=uid_source("seed"), now=NOW)
    return {file.name.removeprefix(f"{NAME}."): file for file in files}


def picture(path: Path) -> Evidence:
    header = dcmread(path)
    file = FileRef(path, header.SOPClassUID, header.SOPInstanceUID)
    series = Series(header.SeriesInstanceUID, header.Modality, "dicom", (file,), view="AP")
    return Evidence(series, Image(fakes.chest(60, 80), (0.2, 0.2), "detector"))


def listed(study):
    series = study.ReferencedSeriesSequence
    return {image.ReferencedSOPInstanceUID for one in series for image in one.ReferencedSOPSequence}


def test_a_read_over_slices_is_written_in_every_form_that_applies_and_its_mask_lies_where_it_was_drawn(
    desk, slices, tmp_path
):
    files = write(desk, [desk.found(findings=slices.findings(desk), evidence=slices.evidence)], tmp_path / "out")
    whole = {"report.json", "report.html", "report.pdf", "report.fhir.json", "report.hl7"}
    assert set(files) == whole | {"sr.dcm", "sc.dcm", "seg.dcm", "ko.dcm", "pdf.dcm"}
    assert {name: complaints(path) for name, path in files.items() if name.endswith(".dcm")} == {
        name: [] for name in files if name.endswith(".dcm")
    }
    drawn = centres_in_source(slices.paths)[:2]
    for witness in (by_highdicom, by_pydicom):
        assert np.linalg.norm(np.subtract(witness(files["seg.dcm"]), drawn), axis=1).max() < 0.1
    seg, report = dcmread(files["seg.dcm"]), dcmread(files["sr.dcm"])
    assert seg.FrameOfReferenceUID == slices.headers[0].FrameOfReferenceUID
    groups = content(files["sr.dcm"]).get_volumetric_roi_measurement_groups()
    assert [group.tracking_uid for group in groups] == [one.TrackingUID for one in seg.SegmentSequence]
    everything = slices.uids(*range(len(slices.headers)))
    assert listed(report.CurrentRequestedProcedureEvidenceSequence[0]) == everything | {seg.SOPInstanceUID}


def test_the_key_images_of_a_read_over_slices_are_those_under_the_masks_of_what_was_found(desk, slices, tmp_path):
    found = desk.found(findings=slices.findings(desk), evidence=slices.evidence)
    (file,) = write(desk, [found], tmp_path / "out", ["ko"]).values()
    marked = dcmread(file)
    images = [item.ReferencedSOPSequence[0] for item in marked.ContentSequence if item.ValueType == "IMAGE"]
    # the first box lies in slices 1 and 2; the second, in 4 and 5, was not found
    assert [image.ReferencedSOPInstanceUID for image in images] == sorted(slices.uids(1, 2))
    assert listed(marked.CurrentRequestedProcedureEvidenceSequence[0]) == slices.uids(1, 2)


def test_a_finding_over_slices_that_nobody_drew_marks_the_whole_series(desk, slices, tmp_path):
    one = replace(slices.findings(desk)[0], mask=None)
    (file,) = write(desk, [desk.found(findings=(one,), evidence=slices.evidence)], tmp_path / "out", ["ko"]).values()
    assert listed(dcmread(file).CurrentRequestedProcedureEvidenceSequence[0]) == slices.uids(*range(6))


@pytest.mark.parametrize("outcome", ["nothing_found", "refused", "failed"])
def test_what_holds_for_slices_as_a_whole_is_pinned_to_none_of_them(desk, slices, tmp_path, outcome):
    evidence = replace(slices.evidence, volume=None) if outcome == "failed" else slices.evidence
    files = write(desk, [getattr(desk, outcome)(evidence=evidence)], tmp_path / "out")
    shown = {"sc.dcm"} if outcome == "nothing_found" else set()
    assert {name for name in files if name.endswith(".dcm")} == {"sr.dcm", "pdf.dcm"} | shown
    assert complaints(files["sr.dcm"]) == []
    assert planar(files["sr.dcm"]) == []
    shown = dumped(files["sr.dcm"], "dsrdump")
    assert "Source of Measurement" not in shown
    assert shown.count("Source image for image processing operation") == len(slices.headers)


def test_the_page_of_a_read_over_slices_does_not_speak_of_a_picture(desk, slices, tmp_path):
    (file,) = write(desk, [desk.nothing_found(evidence=slices.evidence)], tmp_path / "out", ["html"]).values()
    assert "the picture shown" not in file.read_text(encoding="utf-8")


def test_an_image_with_a_frame_of_reference_but_no_position_gets_all_but_a_map(desk, tmp_path):
    path = dicom_factory.chest_xray(tmp_path / "a.dcm", fakes.dicom_pixels(60, 80), FrameOfReferenceUID="1.2.3.4")
    files = write(desk, [desk.found(evidence=picture(path))], tmp_path / "out")
    assert {"sr.dcm", "seg.dcm", "sc.dcm", "pr.dcm"} <= set(files)
    assert "pm.dcm" not in files


def test_a_picture_that_has_a_place_in_the_patient_gets_its_map(desk, tmp_path):
    place = {"ImagePositionPatient": ["0", "0", "0"], "ImageOrientationPatient": ["1", "0", "0", "0", "0", "-1"]}
    path = dicom_factory.chest_xray(
        tmp_path / "a.dcm",
        fakes.dicom_pixels(60, 80),
        FrameOfReferenceUID="1.2.3.4",
        PixelSpacing=["0.2", "0.3"],
        **place,
    )
    file = write(desk, [desk.found(evidence=picture(path))], tmp_path / "out", ["parametric-map"])["pm.dcm"]
    assert complaints(file) == []
    assert dcmread(file).FrameOfReferenceUID == "1.2.3.4"


def test_a_colour_picture_gets_no_grey_presentation_state(desk, tmp_path):
    path = dicom_factory.chest_xray(tmp_path / "a.dcm", fakes.dicom_pixels(60, 80), PhotometricInterpretation="RGB")
    files = write(desk, [desk.found(evidence=picture(path))], tmp_path / "out", ["dicom", "gsps"])
    assert set(files) == {"sr.dcm", "seg.dcm", "sc.dcm"}


@pytest.mark.parametrize(("outcome", "written"), [("refused", {"cad.dcm"}), ("failed", set())])
def test_a_mammogram_without_an_answer_has_a_cad_report_only_where_nothing_was_tried(desk, tmp_path, outcome, written):
    path = dicom_factory.mammogram(tmp_path / "a.dcm", fakes.dicom_pixels(60, 80))
    files = write(desk, [getattr(desk, outcome)(evidence=picture(path))], tmp_path / "out", ["cad"])
    assert set(files) == written
    for file in files.values():
        assert complaints(file) == []
        assert "Not Attempted" in dumped(file, "dsrdump")


def test_an_archive_gets_the_whole_report_once_however_many_readers_were_asked(desk, tmp_path):
    evidence = picture(dicom_factory.chest_xray(tmp_path / "a.dcm", fakes.dicom_pixels(60, 80)))
    reads = [desk.found(evidence=evidence), replace(desk.refused(evidence=evidence), reader="second")]
    assert set(write(desk, reads, tmp_path / "out", ["dicom-pdf"])) == {"pdf.dcm"}


def grid_of(header):
    """The grid of the first two frames of an enhanced image, by its own words."""
    frames, shared = header.PerFrameFunctionalGroupsSequence, header.SharedFunctionalGroupsSequence[0]
    first, second = (np.array(frame.PlanePositionSequence[0].ImagePositionPatient, float) for frame in frames[:2])
    right, down = np.reshape(np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float), (2, 3))
    rows_mm, columns_mm = map(float, shared.PixelMeasuresSequence[0].PixelSpacing)
    affine = np.eye(4)
    affine[:3] = np.stack([second - first, down * rows_mm, right * columns_mm, first], axis=1)
    return Geometry((2, header.Rows, header.Columns), affine)


def test_of_a_file_of_many_slices_the_ones_under_the_mask_are_marked_by_their_frames(desk, tmp_path):
    path = dicom_factory.shared("pydicom-data", "data_store", "data", "eCT_Supplemental.dcm")
    header = dcmread(path, stop_before_pixels=True)
    grid, series = grid_of(header), open_dicom([path]).series[0]
    inside = np.zeros(grid.shape, bool)
    inside[1, 100:110, 200:220] = True
    one = desk.finding(mask=Mask(inside, grid, desk.finding().code), map=None, details=())
    volume = Volume(np.zeros(grid.shape, np.float32), grid, "HU")
    read = desk.found(findings=(one,), evidence=Evidence(series, volume=volume))
    report = desk.report(read, study_uid=header.StudyInstanceUID)
    files = write_outputs(report, desk.cards, tmp_path / "out", formats=EVERY_FORMAT, uid=uid_source("a"), now=NOW)
    kinds = {file.name.split(".")[1]: dcmread(file) for file in files if file.suffix == ".dcm"}
    assert set(kinds) == {"sr", "sc", "seg", "ko", "pdf"}
    drawn = kinds["seg"].PerFrameFunctionalGroupsSequence[0].DerivationImageSequence[0].SourceImageSequence[0]
    [marked] = [item for item in kinds["ko"].ContentSequence if item.ValueType == "IMAGE"]
    assert (drawn.ReferencedFrameNumber, marked.ReferencedSOPSequence[0].ReferencedFrameNumber) == (2, 2)
    [listed_once] = kinds["sr"].CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[:1]
    assert [image.ReferencedSOPInstanceUID for image in listed_once.ReferencedSOPSequence] == [header.SOPInstanceUID]
