"""Many files out: whole or not at all, under names of our own, with an account that names nobody."""

import json
import shutil
import subprocess
from pathlib import Path

import pydicom
import pytest

import dicom_factory
from released import SENTINEL
from secondread.core.errors import OutputError
from secondread.dicom.deidentification.confidentiality import Options
from secondread.dicom.deidentification.release import release
from secondread.dicom.deidentification.release_report import ACTIONS, to_dict, to_json

SECRET = b"a secret of the tests"
PIXELS = Options(clean_pixels=True)


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def originals(tmp_path):
    """Two patients: a CT of three slices and an X-ray whose file names and folder tell who they are."""
    slices = dicom_factory.ct_series(
        tmp_path / SENTINEL, (3, 8, 6), PatientID=SENTINEL, PatientName=f"{SENTINEL}^A", PatientComments=SENTINEL
    )
    return [*slices, dicom_factory.chest_xray(tmp_path / f"{SENTINEL}.dcm", PatientID="B-2")]


def test_the_tree_is_patient_study_series_number_and_says_nothing_of_the_source(originals, out):
    result = release(originals, out, Options(), SECRET)
    assert len(result.written) == 4
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*.dcm")) == sorted(result.written)
    for name in result.written:
        clean = pydicom.dcmread(out / name)
        parts = Path(name).parts
        assert parts[:3] == (clean.PatientID, clean.StudyInstanceUID, clean.SeriesInstanceUID)
    assert {Path(name).name for name in result.written if name.startswith("p-")} == {
        "00001.dcm",
        "00002.dcm",
        "00003.dcm",
    }
    assert len({Path(name).parts[0] for name in result.written}) == 2


def test_nothing_of_the_patient_is_in_any_byte_or_name(originals, out):
    result = release(originals, out, Options(), SECRET)
    (out / "deidentified.json").write_text(to_json(result, Options()), encoding="utf-8")
    for path in out.rglob("*"):
        assert SENTINEL not in path.name
        assert path.is_dir() or SENTINEL.encode() not in path.read_bytes()


def test_the_file_itself_begins_anew(originals, out):
    source = pydicom.dcmread(originals[0])
    source.preamble = SENTINEL.encode().ljust(128)
    source.file_meta.SourceApplicationEntityTitle = SENTINEL
    source.save_as(originals[0])
    [name] = release(originals[:1], out, Options(), SECRET).written
    clean = pydicom.dcmread(out / name)
    assert clean.preamble == b"\0" * 128
    assert "SourceApplicationEntityTitle" not in clean.file_meta
    assert clean.file_meta.MediaStorageSOPInstanceUID == clean.SOPInstanceUID != source.SOPInstanceUID
    assert clean.file_meta.ImplementationVersionName.startswith("SECONDREAD")


def test_the_pixels_of_every_slice_are_the_same(originals, out):
    names = release(originals, out, Options(), SECRET).written
    for before, name in zip(originals, names, strict=True):
        assert pydicom.dcmread(out / name).PixelData == pydicom.dcmread(before).PixelData


def test_the_same_secret_gives_the_same_bytes(originals, tmp_path):
    trees = []
    for run in ("one", "two"):
        (tmp_path / run).mkdir()
        names = release(originals, tmp_path / run, Options(dates="modified"), SECRET).written
        trees.append({name: (tmp_path / run / name).read_bytes() for name in names})
    assert trees[0] == trees[1]


def test_what_may_hold_text_in_its_pixels_is_held_back_or_masked(tmp_path, out):
    path = dicom_factory.shared("pydicom-data", "data_store", "data", "US1_UNCI.dcm")
    held = release([path], out, Options(), SECRET)
    assert (held.written, len(held.held)) == ([], 1)
    assert "--clean-pixels" in held.held[0].reason
    [name] = release([path], out, PIXELS, SECRET).written
    assert pydicom.dcmread(out / name).BurnedInAnnotation == "NO"


def test_a_damaged_file_a_note_and_a_directory_do_not_stop_the_others(originals, tmp_path, out):
    damaged, note = tmp_path / "damaged.dcm", tmp_path / "note.txt"
    damaged.write_bytes(originals[0].read_bytes()[:400])
    note.write_text(SENTINEL)
    directory = dicom_factory.shared("pydicom-data", "data_store", "data").rglob("DICOMDIR")
    result = release([damaged, note, *list(directory)[:1], *originals], out, Options(), SECRET)
    assert len(result.written) == 4
    assert result.skipped >= 1
    assert [held.name for held in result.held] == ["damaged.dcm"]


@pytest.mark.parametrize("fault", ["nested", "wrong type"])
def test_an_object_that_cannot_be_judged_is_held_back(originals, out, fault, monkeypatch):
    if fault == "nested":

        def too_deep(*_):
            raise RecursionError(SENTINEL)

        monkeypatch.setattr("secondread.dicom.deidentification.release.deidentify", too_deep)
    else:
        source = pydicom.dcmread(originals[0])
        source["Rows"] = pydicom.DataElement("Rows", "OW", b"\x08\x00")
        source.save_as(originals[0])
    [held] = release(originals[:1], out, Options(), SECRET).held
    assert SENTINEL not in held.reason
    assert [path for path in out.rglob("*") if path.is_file()] == []


def test_a_searched_picture_in_which_nothing_was_found_must_be_looked_at_too(tmp_path, out):
    path = dicom_factory.chest_xray(tmp_path / "plain.dcm", BurnedInAnnotation="YES")
    source = pydicom.dcmread(path)
    source.PixelData = bytes(len(source.PixelData))
    source.save_as(path)
    assert list(release([path], out, PIXELS, SECRET).masked.values()) == [0.0]


def test_a_file_that_cannot_be_written_leaves_no_part_behind(originals, out, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("secondread.dicom.deidentification.release.pydicom.dcmwrite", fail)
    with pytest.raises(OutputError, match="No space left"):
        release(originals, out, Options(), SECRET)
    assert [path for path in out.rglob("*") if path.is_file()] == []


def test_progress_is_told(originals, out):
    told = []
    release(originals, out, Options(), SECRET, told.append)
    assert told == [{"event": "deidentify", "done": 4, "of": 4}]


def test_the_report_counts_and_gives_reasons_without_names(originals, tmp_path, out):
    bad = tmp_path / f"{SENTINEL}-damaged.dcm"
    bad.write_bytes(originals[0].read_bytes()[:400])
    options = Options(dates="modified", descriptors=True)
    report = to_dict(release([bad, *originals], out, options, SECRET), options)
    assert report["files"] == {"found": 5, "skipped": 0, "written": 4, "held_back": 1}
    assert report["held_back"][0]["file"] == 1
    assert report["actions"]["removed"]["PatientComments"] == 3
    assert report["methods"][0].startswith("113100")
    assert set(report["actions"]) <= set(ACTIONS.values())
    assert SENTINEL not in json.dumps(report)


@pytest.mark.skipif(not shutil.which("dciodvfy"), reason="needs dicom3tools")
@pytest.mark.parametrize("name", ["US1_J2KR.dcm", "OBXXXX1A.dcm", "CT_small.dcm", "MR_small.dcm"])
def test_the_validator_finds_no_new_fault_in_a_real_object(name, out):
    path = dicom_factory.shared("pydicom-data", "data_store", "data", "US1_J2KR.dcm").with_name(name)
    if not path.exists():
        path = Path(pydicom.data.get_testdata_file(name))
    [written] = release([path], out, PIXELS, SECRET).written
    assert faults(out / written) <= faults(path)


def faults(path):
    found = subprocess.run(["dciodvfy", str(path)], capture_output=True, check=False)
    return {line for line in (found.stdout + found.stderr).splitlines() if line.startswith(b"Error")}
