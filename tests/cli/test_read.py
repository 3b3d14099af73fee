import json
from pathlib import Path

import pydicom
import pytest

import dicom_factory
import fakes
from command_line import complaint, read
from secondread.core.errors import EXIT_FAILED, EXIT_REFUSED, UsageError

pytestmark = pytest.mark.usefixtures("here")


def test_a_read_writes_its_report_and_says_what_it_found_and_where(chest_xray, bundles, here, capsys):
    assert read(chest_xray, bundles) == 0
    (folder,) = here.iterdir()
    said = capsys.readouterr().out
    assert "Pneumonia: more than 99 %" in said
    assert "not for diagnosis" in said
    assert {file.name for file in folder.iterdir()} == {
        "report.json",
        "report.html",
        "chest-xray-pneumonia.sr.dcm",
        "chest-xray-pneumonia.sc.dcm",
    }
    for file in folder.iterdir():
        assert str(file.relative_to(here)) in said
    assert str(here) not in said  # folder names often carry the patient's name
    study = str(pydicom.dcmread(chest_xray).StudyInstanceUID)
    assert folder.name.startswith("secondread-report-")
    assert study.endswith(folder.name.removeprefix("secondread-report-"))


def test_a_negative_read_never_says_normal(tmp_path, chest_xray, capsys):
    bundles = fakes.write_bundles(tmp_path / "negative", bias=(20.0, 0.0, 0.0))
    assert read(chest_xray, bundles) == 0
    said = capsys.readouterr().out
    assert "No target finding above threshold" in said
    assert "Bacterial" not in said  # no cause of what is not there
    assert "normal" not in said


def test_with_json_stdout_is_one_document_with_the_report_and_its_files(chest_xray, bundles, tmp_path, capsys):
    assert read(chest_xray, bundles, "--json", "--out", str(tmp_path / "out")) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["report"] == json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert {Path(file) for file in said["files"]} == set((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("formats", "files"), [("json", {"report.json"}), ("html,json", {"report.json", "report.html"})]
)
def test_only_the_formats_asked_for_are_written(chest_xray, bundles, tmp_path, formats, files):
    assert read(chest_xray, bundles, "--format", formats, "--out", str(tmp_path / "out")) == 0
    assert {file.name for file in (tmp_path / "out").iterdir()} == files


def test_two_runs_with_the_same_arguments_write_the_same_bytes(chest_xray, bundles, tmp_path):
    for name in ("one", "two"):
        assert read(chest_xray, bundles, "--uid-seed", "a run", "--out", str(tmp_path / name)) == 0
    first, second = ({f.name: f.read_bytes() for f in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert len(first) == 4
    assert first == second


def test_without_a_seed_new_objects_get_new_uids(chest_xray, bundles, tmp_path):
    for name in ("one", "two"):
        assert read(chest_xray, bundles, "--out", str(tmp_path / name)) == 0
    first, second = (pydicom.dcmread(tmp_path / n / "chest-xray-pneumonia.sr.dcm") for n in ("one", "two"))
    assert first.SOPInstanceUID != second.SOPInstanceUID


def test_a_zip_archive_gives_all_outputs_and_leaves_nothing_unpacked(chest_xray, bundles, tmp_path, monkeypatch):
    import shutil
    import tempfile

    (tmp_path / "study").mkdir()
    chest_xray.rename(tmp_path / "study" / "chest.dcm")
    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "study"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))  # others may be at work in the usual one
    assert read(packed, bundles, "--out", str(tmp_path / "out")) == 0
    assert (tmp_path / "out" / "chest-xray-pneumonia.sc.dcm").exists()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_file_name_of_another_code_page_stops_nothing(chest_xray, bundles, tmp_path, capsys):
    study = tmp_path / "study"
    study.mkdir()
    chest_xray.rename(study / "chest.dcm")
    try:
        (study / "\udcb1\udce6.txt").touch()  # EUC-KR bytes, as on many Korean discs
    except OSError:
        pytest.skip("this file system knows UTF-8 names only")
    assert read(study, bundles, "--json", "--out", str(tmp_path / "out")) == 0
    said = json.loads(capsys.readouterr().out)["report"]
    assert said["skipped"] == [{"file": "\N{REPLACEMENT CHARACTER}" * 2 + ".txt", "reason": "not DICOM (empty)"}]
    assert "\N{REPLACEMENT CHARACTER}" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_plain_picture_gives_json_and_html_but_no_dicom_and_says_so(bundles, tmp_path, capsys):
    from PIL import Image

    Image.fromarray(fakes.png_pixels()).save(tmp_path / "a.png")
    assert read(tmp_path / "a.png", bundles, "--out", str(tmp_path / "out")) == 0
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"report.json", "report.html"}
    assert "need a DICOM input" in capsys.readouterr().out
    assert read(tmp_path / "a.png", bundles, "--format", "dicom", "--out", str(tmp_path / "bare")) == 0
    assert "Written: nothing." in capsys.readouterr().out


def test_a_refused_study_has_its_own_exit_code_and_a_report_that_says_why(bundles, tmp_path, capsys):
    path = dicom_factory.chest_xray(tmp_path / "hand.dcm", fakes.dicom_pixels(), BodyPartExamined="HAND")
    assert read(path, bundles, "--out", str(tmp_path / "out")) == EXIT_REFUSED
    said = capsys.readouterr().out
    assert "HAND" in said
    assert "What to do" in said
    written = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert written["priority"] == "unread"
    assert written["reads"][0]["refusal"]["reason"] == "body-part"


def test_an_unknown_modality_is_refused(bundles, tmp_path):
    path = dicom_factory.chest_xray(tmp_path / "odd.dcm", fakes.dicom_pixels(), Modality="QQ")
    assert read(path, bundles, "--json", "--out", str(tmp_path / "out")) == EXIT_REFUSED
    written = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert "QQ" in written["reads"][0]["refusal"]["message"]


def test_a_failed_read_has_its_own_exit_code_and_a_report(chest_xray, bundles, tmp_path, monkeypatch, capsys):
    from secondread.engine.bundles import Bundles

    def stop(self, name, batch):
        raise RuntimeError("Doe^Jane")

    monkeypatch.setattr(Bundles, "run", stop)
    assert read(chest_xray, bundles, "--out", str(tmp_path / "out")) == EXIT_FAILED
    said = capsys.readouterr()
    assert "Failed: not read" in said.out
    assert "Doe" not in said.out + said.err
    assert json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["reads"][0]["failure"]


@pytest.mark.parametrize(
    ("tags", "left", "code"),
    [({}, None, 0), ({"ViewPosition": "LL"}, None, EXIT_REFUSED), ({}, -4000, EXIT_FAILED)],
    ids=["answered", "refused", "failed"],
)
def test_only_the_dicom_objects_know_the_patient(bundles, tmp_path, capfd, tags, left, code):
    study = tmp_path / "Secret^Name"
    dicom_factory.ct_series(study / "ct", PatientName="Secret^Name", PatientID="ID-777")
    patient = {"PatientName": "Secret^Name", "PatientID": "ID-777", "PatientBirthDate": "20210203"}
    path = dicom_factory.chest_xray(study / "chest.dcm", fakes.dicom_pixels(), **patient, **tags)
    path.write_bytes(path.read_bytes()[:left])
    assert read(study, bundles, "--json", "--out", str(tmp_path / "out")) == code
    texts = [*capfd.readouterr(), *(file.read_text(encoding="utf-8") for file in (tmp_path / "out").glob("report.*"))]
    assert len(texts) == 4
    for secret in ("Secret", "ID-777", "20210203", "2021-02-03"):
        assert not any(secret in text for text in texts), secret
    for file in (tmp_path / "out").glob("*.dcm"):
        assert pydicom.dcmread(file).PatientID == "ID-777"


def test_a_folder_in_use_is_not_replaced_unasked(chest_xray, bundles, tmp_path, capsys):
    out = tmp_path / "out"
    assert read(chest_xray, bundles, "--out", str(out), "--format", "json") == 0
    before = (out / "report.json").read_bytes()
    capsys.readouterr()
    assert read(chest_xray, bundles, "--out", str(out)) == 7
    assert "--overwrite" in complaint(capsys)
    assert {file.name for file in out.iterdir()} == {"report.json"}
    assert (out / "report.json").read_bytes() == before
    assert read(chest_xray, bundles, "--out", str(out), "--overwrite") == 0
    assert len(list(out.iterdir())) == 4


def test_a_pseudonym_key_keeps_a_patient_the_same_across_studies(bundles, tmp_path):
    key = tmp_path / "key"
    key.write_bytes(b"0123456789abcdef")
    keys = set()
    for study in ("2.25.11", "2.25.12"):
        path = dicom_factory.chest_xray(tmp_path / f"{study}.dcm", fakes.dicom_pixels(), StudyInstanceUID=study)
        out = tmp_path / f"out-{study}"
        assert read(path, bundles, "--pseudonym-key-file", str(key), "--format", "json", "--out", str(out)) == 0
        keys.add(json.loads((out / "report.json").read_text(encoding="utf-8"))["patient_key"])
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--reader", "fortune-teller"], "chest-xray-pneumonia"),
        (["--format", "docx"], "docx"),
        (["--threads", "0"], "--threads"),
        (["--threads", "99999"], "1 to 1024"),
        (["--engine", "abacus"], "abacus"),
        (["--created-at", "yesterday"], "ISO 8601"),
        (["--created-at", "2025-01-31T09:30:00"], "offset"),
        (["--bundle-dir", "nowhere"], "nowhere"),
        (["--pseudonym-key-file", "nowhere"], "nowhere"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_arguments_that_do_not_fit_are_usage_errors(chest_xray, bundles, here, capsys, options, words):
    assert read(chest_xray, bundles, *options) == 2
    said = complaint(capsys)
    assert said.startswith("UsageError: ")
    assert words in said
    assert list(here.iterdir()) == []


def test_a_bundle_folder_that_holds_none_or_is_one_itself_is_a_usage_error(chest_xray, bundles, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    one = next(path for path in bundles.iterdir() if path.is_dir())
    for folder, words in ((tmp_path / "empty", "holds no bundle"), (one, "is itself a bundle")):
        assert read(chest_xray, bundles, "--bundle-dir", str(folder)) == 2
        assert words in complaint(capsys)


def test_an_unwritable_place_is_an_output_error(chest_xray, bundles, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert read(chest_xray, bundles, "--out", str(tmp_path / "file")) == 7
    assert complaint(capsys).startswith("OutputError: ")


def test_maps_are_made_as_the_option_or_the_setting_says_and_the_option_wins(
    chest_xray, bundles, tmp_path, monkeypatch
):
    def told(name, *options):
        assert read(chest_xray, bundles, "--format", "json", "--out", str(tmp_path / name), *options) == 0
        report = json.loads((tmp_path / name / "report.json").read_text(encoding="utf-8"))
        return report["provenance"]["maps"], report["reads"][0]["findings"][0]["map"]["method"]

    assert told("plain") == ("best-rated", "in the graph"), "none was measured"
    assert told("option", "--map", "occlusion") == ("occlusion", "occlusion")
    monkeypatch.setenv("SECONDREAD_MAPS", "occlusion")
    assert told("setting") == ("occlusion", "occlusion")
    assert told("both", "--map", "in-graph") == ("in-graph", "in the graph")


def test_a_way_to_make_maps_that_is_not_known_is_a_usage_error(chest_xray, bundles, capsys, monkeypatch):
    assert read(chest_xray, bundles, "--map", "gradcam") == UsageError.exit_code
    told = complaint(capsys)
    assert all(word in told for word in ("--map", "gradcam", "in-graph", "occlusion"))
    monkeypatch.setenv("SECONDREAD_MAPS", "gradcam")
    assert read(chest_xray, bundles) == UsageError.exit_code
    assert complaint(capsys) == "UsageError: maps is 'gradcam'; needed one of best-rated, in-graph, occlusion\n"
