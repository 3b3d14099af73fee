"""``secondread deidentify`` as a person types it."""

import json
import stat
import zipfile

import pydicom
import pytest

import dicom_factory
from command_line import complaint
from released import SENTINEL
from secondread.cli import run
from secondread.core.errors import OutputError

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def originals(tmp_path):
    folder = tmp_path / "originals"
    dicom_factory.ct_series(folder / "ct", (2, 8, 6), PatientID=SENTINEL, StudyDate="20240101", PatientAge="095Y")
    return folder


def deidentify(source, out, *options, key="project.key"):
    return run(["deidentify", str(source), "--out", str(out), "--key", str(key), *options])


def clean(out):
    return [pydicom.dcmread(path) for path in sorted(out.rglob("*.dcm"))]


def test_a_key_is_made_for_its_owner_alone_and_never_printed(originals, here, tmp_path, capsys):
    assert deidentify(originals, tmp_path / "out") == 0
    key = here / "project.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(bytes.fromhex(key.read_text())) == 32
    printed = capsys.readouterr().out
    assert "Keep it secret" in printed
    assert key.read_text().strip() not in printed


def test_the_same_key_gives_the_same_copies_and_a_new_one_others(originals, tmp_path):
    for out, key in (("a", "one.key"), ("b", "one.key"), ("c", "two.key")):
        assert deidentify(originals, tmp_path / out, key=key) == 0
    names = [sorted(p.relative_to(tmp_path / out) for p in (tmp_path / out).rglob("*.dcm")) for out in "abc"]
    assert names[0] == names[1] != names[2]


def test_the_options_keep_what_they_say(originals, tmp_path):
    options = ("--keep-dates", "modified", "--keep-characteristics", "--keep-device", "--keep-descriptors")
    assert deidentify(originals, tmp_path / "out", *options, "--keep-safe-private", "--clean-pixels") == 0
    for copy in clean(tmp_path / "out"):
        assert copy.PatientAge == "090Y"
        assert copy.StudyDate.startswith("2023")
        assert len(copy.DeidentificationMethodCodeSequence) == 7


def test_json_says_what_the_report_says_and_nobody_is_named(originals, tmp_path, capsys):
    assert deidentify(originals, tmp_path / "out", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((tmp_path / "out" / "deidentified.json").read_text())
    assert printed["files"]["written"] == 2
    assert SENTINEL not in json.dumps(printed)


def test_a_zip_will_do(originals, tmp_path):
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        for path in originals.rglob("*.dcm"):
            archive.write(path, path.name)
    assert deidentify(tmp_path / "study.zip", tmp_path / "out") == 0
    assert len(clean(tmp_path / "out")) == 2


def test_what_is_held_back_is_said_and_nothing_released_is_an_exit_code(tmp_path, capsys):
    path = dicom_factory.chest_xray(tmp_path / "x.dcm", BurnedInAnnotation="YES")
    assert deidentify(path, tmp_path / "out") == 10
    assert "x.dcm: the file says that text is burned into its pixels" in capsys.readouterr().out
    assert clean(tmp_path / "out") == []


def test_masked_pictures_must_be_looked_at(tmp_path, capsys):
    path = dicom_factory.shared("pydicom-data", "data_store", "data", "US1_UNCI.dcm")
    assert deidentify(path, tmp_path / "out", "--clean-pixels") == 0
    assert "Look at each" in capsys.readouterr().out


def test_links_are_not_followed(originals, tmp_path):
    secret = dicom_factory.chest_xray(tmp_path / "elsewhere.dcm")
    (originals / "link.dcm").symlink_to(secret)
    assert deidentify(originals, tmp_path / "out") == 0
    assert len(clean(tmp_path / "out")) == 2


@pytest.mark.parametrize("place", ["full", "file", "inside", "link"])
def test_nothing_is_written_over_or_between_the_originals(originals, tmp_path, capsys, place):
    out = {"full": originals, "inside": originals / "out"}.get(place, tmp_path / "taken")
    if place == "file":
        out.write_text("mine")
    if place == "link":
        out.symlink_to(originals)
    before = sorted(tmp_path.rglob("*"))
    assert deidentify(originals, out) in {2, 7}
    assert "--out" in complaint(capsys)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_key_beside_the_copies_is_refused(originals, tmp_path, capsys):
    assert deidentify(originals, tmp_path / "out", key=tmp_path / "out" / "key") == 2
    assert "travel with the copies" in complaint(capsys)
    assert not (tmp_path / "out").exists()


def test_a_short_key_is_refused(originals, tmp_path, capsys):
    (tmp_path / "short.key").write_text("abc")
    assert deidentify(originals, tmp_path / "out", key=tmp_path / "short.key") == 2
    assert "at least 16" in complaint(capsys)


def test_a_key_in_no_folder_is_refused(originals, tmp_path, capsys):
    assert deidentify(originals, tmp_path / "out", key=tmp_path / "nowhere" / "key") == 2
    assert "cannot be made" in complaint(capsys)


def test_an_empty_folder_is_an_error(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert deidentify(tmp_path / "empty", tmp_path / "out") == 3
    assert "holds no files" in complaint(capsys)


def test_a_key_is_needed(originals, tmp_path, capsys):
    assert run(["deidentify", str(originals), "--out", str(tmp_path / "out")]) == 2
    assert "--key" in complaint(capsys)


def test_a_run_that_breaks_off_leaves_no_copies(originals, tmp_path, monkeypatch, capsys):
    def fail(*_):
        raise OutputError("deidentified.json: cannot be written. Make room.")

    monkeypatch.setattr("secondread.cli.deidentify.save", fail)
    assert deidentify(originals, tmp_path / "out") == 7
    complaint(capsys)
    assert not (tmp_path / "out").exists()
    assert list(tmp_path.glob(".*.part")) == []


def test_an_empty_folder_is_filled(originals, tmp_path):
    (tmp_path / "out").mkdir()
    assert deidentify(originals, tmp_path / "out") == 0
    assert (tmp_path / "out" / "deidentified.json").exists()
