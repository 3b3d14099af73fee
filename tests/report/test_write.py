"""All files of a report appear at once, or none does, and nothing of anybody else's is touched."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

import fakes
from report_desk import corner_map
from secondread.core.errors import OutputError, UsageError
from secondread.core.image import Image
from secondread.core.report import Evidence, Priority
from secondread.dicom.results import sr
from secondread.dicom.uids import uid_source
from secondread.report.caption import sheet
from secondread.report.picture import picture
from secondread.report.write import EVERY_FORMAT, check_free, write_outputs

NOW = datetime(2026, 3, 4, 1, 22, 5, tzinfo=UTC)
NAME = fakes.READER
MODALITIES = {"sr": "SR", "seg": "SEG", "pr": "PR", "ko": "KO", "sc": "OT", "pdf": "DOC"}


def write(desk, report, out, **options):
    return write_outputs(report, desk.cards, out, **{"uid": uid_source("seed"), "now": NOW, **options})


def everything_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture
def report(desk, dicom_evidence):
    return desk.report(desk.found(evidence=dicom_evidence()))


def test_an_answer_about_a_dicom_image_is_written_in_five_forms(desk, report, tmp_path):
    files = write(desk, report, tmp_path / "new" / "out")
    objects = [f"{NAME}.{kind}.dcm" for kind in ("sr", "seg", "sc")]
    assert [file.name for file in files] == ["report.json", "report.html", *objects]
    assert all(file.parent == tmp_path / "new" / "out" for file in files)
    assert everything_below(tmp_path / "new") == sorted(["out", *(f"out/{file.name}" for file in files)])
    assert json.loads(files[0].read_text(encoding="utf-8"))["study_uid"] == report.study_uid
    assert dcmread(files[2]).StudyInstanceUID == dcmread(tmp_path / "source.dcm").StudyInstanceUID


def test_the_captured_picture_is_the_one_of_the_page_with_its_words(desk, report, tmp_path):
    *_, file = write(desk, report, tmp_path / "out")
    read = report.reads[0]
    np.testing.assert_array_equal(dcmread(file).pixel_array, sheet(report, read, desk.card, picture(read)))


def test_everything_that_can_be_written_is_written_and_read_by_what_reads_it(desk, report, tmp_path):
    files = write(desk, report, tmp_path / "out", formats=EVERY_FORMAT, language="ko")
    whole = ["report.json", "report.html", "report.pdf", "report.fhir.json", "report.hl7"]
    kinds = {path.name.split(".")[1]: dcmread(path) for path in files if path.suffix == ".dcm"}
    assert [file.name for file in files] == [*whole, *(f"{NAME}.{kind}.dcm" for kind in kinds)]
    assert {kind: item.Modality for kind, item in kinds.items()} == MODALITIES
    assert {item.StudyInstanceUID for item in kinds.values()} == {report.study_uid}
    assert len({item.SeriesInstanceUID for item in kinds.values()}) == len(kinds)
    pdf = files[2].read_bytes()
    assert kinds["pdf"].EncapsulatedDocument[: kinds["pdf"].EncapsulatedDocumentLength] == pdf
    assert b64encode(pdf).decode() in files[3].read_text(encoding="utf-8")
    assert files[4].read_bytes().startswith(b"MSH|^~\\&|")


def test_a_structured_report_points_at_the_segmentation_beside_it(desk, report, tmp_path):
    files = {
        path.name.split(".")[1]: dcmread(path) for path in write(desk, report, tmp_path / "out", formats=["dicom"])
    }
    assert files["seg"].SOPInstanceUID.encode() in (tmp_path / "out" / f"{NAME}.sr.dcm").read_bytes()


def test_messages_about_two_studies_have_ids_of_their_own_whatever_the_seed(desk, report, tmp_path):
    other = replace(report, study_uid="1.2.3", reads=(desk.refused(),), priority=Priority.UNREAD)
    ids = {
        write(desk, one, tmp_path / name, formats=["hl7"])[0].read_text(encoding="utf-8").split("|")[9]
        for name, one in (("one", report), ("again", report), ("other", other))
    }
    assert len(ids) == 2


def test_without_a_dicom_image_the_report_is_still_written_in_every_form_of_its_own(desk, tmp_path):
    raster = Evidence(fakes.series(kind="raster"), Image(fakes.chest(60, 80)))
    files = write(desk, desk.report(desk.found(evidence=raster)), tmp_path / "out", formats=EVERY_FORMAT)
    assert {path.suffix for path in files} == {".json", ".html", ".pdf", ".hl7"}


def test_a_language_reaches_the_page(desk, report, tmp_path):
    (page,) = write(desk, report, tmp_path / "out", formats=["html"], language="ko")
    assert '<html lang="ko">' in page.read_text(encoding="utf-8")


def test_two_runs_write_the_same_bytes(desk, report, tmp_path):
    first, second = (write(desk, report, tmp_path / name, formats=EVERY_FORMAT) for name in ("one", "two"))
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


@pytest.mark.parametrize("outcome", ["refused", "failed"])
def test_a_read_without_an_answer_gets_a_structured_report_and_no_picture(desk, dicom_evidence, tmp_path, outcome):
    read = getattr(desk, outcome)(evidence=dicom_evidence())
    files = write(desk, desk.report(read), tmp_path / "out", formats=["dicom"])
    assert [file.name for file in files] == [f"{NAME}.sr.dcm"]


def test_a_failure_to_load_the_picture_is_filed_with_the_image_it_is_about(desk, dicom_evidence, tmp_path):
    read = desk.failed(evidence=replace(dicom_evidence(), image=None))
    json_file, page, file = write(desk, desk.report(read), tmp_path / "out")
    assert (json_file.name, page.name, file.name) == ("report.json", "report.html", f"{NAME}.sr.dcm")
    assert "<img" not in page.read_text(encoding="utf-8")
    report, source = dcmread(file), dcmread(tmp_path / "source.dcm")
    evidence = report.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    assert evidence.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID
    assert report.PatientID == source.PatientID


def test_a_read_that_never_got_an_image_refers_to_that_of_another_read(desk, dicom_evidence, tmp_path):
    reads = (replace(desk.refused(), reader="other"), desk.nothing_found(evidence=dicom_evidence()))
    files = write(desk, desk.report(*reads), tmp_path / "out", formats=["dicom"])
    assert [file.name for file in files] == [f"{NAME}.sr.dcm", f"{NAME}.sc.dcm", "other.sr.dcm"]


def test_without_a_dicom_input_there_are_no_dicom_objects(desk, tmp_path):
    raster = Evidence(fakes.series(kind="raster"), Image(fakes.chest(60, 80)))
    files = write(desk, desk.report(desk.found(evidence=raster)), tmp_path / "out")
    assert [file.name for file in files] == ["report.json", "report.html"]
    assert "DICOM objects need a DICOM input" in files[1].read_text(encoding="utf-8")
    assert write(desk, desk.report(desk.found(evidence=raster)), tmp_path / "bare", formats=["dicom"]) == ()


@pytest.mark.parametrize(("formats", "found"), [(["json", "docx"], "'docx'"), ([], "none")])
def test_an_unknown_format_is_refused_with_the_known_ones(desk, report, tmp_path, formats, found):
    with pytest.raises(UsageError, match=f"found {found}; needed one or more of json, html, dicom"):
        write(desk, report, tmp_path / "out", formats=formats)
    assert not (tmp_path / "out").exists()


def test_when_one_file_cannot_be_made_there_is_none_at_all(desk, report, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OutputError("the source lacks something")

    monkeypatch.setattr(sr, "build_sr", fail)
    before = everything_below(tmp_path)
    with pytest.raises(OutputError, match="the source lacks something"):
        write(desk, report, tmp_path / "deep" / "out")
    assert everything_below(tmp_path) == before


def test_when_one_file_cannot_be_made_the_earlier_report_stays(desk, report, tmp_path):
    files = write(desk, report, tmp_path / "out")
    kept = [file.read_bytes() for file in files]
    broken = replace(report, reads=(desk.found(findings=(desk.finding(map=replace(corner_map(), peak=np.nan)),)),))
    with pytest.raises(ValueError, match="Out of range"):
        write(desk, broken, tmp_path / "out", overwrite=True)
    assert [file.read_bytes() for file in files] == kept
    assert everything_below(tmp_path / "out") == sorted(file.name for file in files)


def test_an_earlier_report_is_replaced_whole_and_only_on_request(desk, report, tmp_path):
    out = tmp_path / "out"
    write(desk, report, out)
    with pytest.raises(OutputError, match="out: holds 5 files already"):
        write(desk, report, out)
    write(desk, report, out, formats=["json"], overwrite=True)
    assert everything_below(out) == ["report.json"]
    assert everything_below(tmp_path) == ["out", "out/report.json", "source.dcm"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_that_is_there_is_filled_and_stays_the_same_folder(desk, report, tmp_path, monkeypatch, overwrite):
    out = tmp_path / "out"
    out.mkdir()
    if overwrite:
        write(desk, report, out, formats=["html"])
    before = out.stat().st_ino
    monkeypatch.chdir(out)
    files = write(desk, report, Path(), overwrite=overwrite)
    assert out.stat().st_ino == before  # a mount cannot be replaced, nor may the folder that somebody stands in
    assert sorted(map(str, files)) == everything_below(out)
    assert len(files) == 5


@pytest.mark.parametrize("fault", [OSError("disk full"), KeyboardInterrupt()])
def test_when_a_step_into_a_folder_fails_every_step_is_taken_back(desk, report, tmp_path, monkeypatch, fault):
    out = tmp_path / "out"
    kept = {file: file.read_bytes() for file in write(desk, report, out)}
    rename = Path.rename

    def stop(source, target):
        if source.parent.name == "new" and source.suffix == ".dcm":
            raise fault
        return rename(source, target)

    monkeypatch.setattr(Path, "rename", stop)
    changed = replace(report, patient_key="another")
    with pytest.raises((OutputError, KeyboardInterrupt)):
        write(desk, changed, out, overwrite=True)
    assert {file: file.read_bytes() for file in out.iterdir()} == kept


def test_the_files_are_named_as_the_folder_was_and_not_by_where_it_lies(desk, report, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the folders above may carry the patient's name
    assert write(desk, report, Path("out"), formats=["json"]) == (Path("out/report.json"),)


def test_a_folder_that_holds_anything_else_is_never_replaced(desk, report, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="holds files that are no report"):
        write(desk, report, out, overwrite=True)
    assert (out / "thesis.txt").read_text() == "years of work"


def test_a_file_in_the_way_is_not_overwritten(desk, report, tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputError, match="out: is a file"):
        check_free(tmp_path / "out", overwrite=True)
    with pytest.raises(OutputError, match="out: is a file"):
        write(desk, report, tmp_path / "out", overwrite=True)


def test_a_place_that_cannot_be_written_gives_one_sentence(desk, report, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"out: cannot be written \(Not a directory\)"):
        write(desk, report, tmp_path / "file" / "out")
    with pytest.raises(OutputError, match=r"cannot be written \(File name too long\)"):
        check_free(tmp_path / ("n" * 300))


def test_an_image_that_is_gone_is_named_without_its_folder(desk, report, tmp_path):
    (tmp_path / "source.dcm").unlink()
    with pytest.raises(OutputError, match=r"^source\.dcm: the image that was read is gone"):
        write(desk, report, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("names", [("../x",), ("a b",), ("Twice",), ("same", "same"), ("",)])
def test_a_reader_whose_name_is_no_file_name_is_refused(desk, tmp_path, names):
    reads = [replace(desk.nothing_found(), reader=name) for name in names]
    with pytest.raises(OutputError, match="its name must be plain"):
        write(desk, desk.report(*reads), tmp_path / "out")
