"""Backup, restore and the version of the tables, as a person types them."""

import json

import pytest

import command_line
import dicom_factory
import rooms
from secondread.cli import run
from secondread.serve.config.load import load_settings
from secondread.serve.database import migrate
from secondread.serve.room import open_room


@pytest.fixture
def file(tmp_path):
    """The settings file of a room with one image."""
    file = tmp_path / "room.toml"
    file.write_text('[storage]\nfolder = "the room"\n')
    room = open_room(load_settings(file))
    migrate.upgrade(room.database)
    rooms.send_in(room, dicom_factory.chest_xray(tmp_path / "scan.dcm"))
    room.database.dispose()
    return file


def last_line(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_room_is_backed_up_and_restored_with_its_own_settings_where_there_are_none(file, tmp_path, capsys):
    out, again = tmp_path / "backup", tmp_path / "elsewhere" / "room.toml"
    again.parent.mkdir()
    assert run(["backup", str(out), "--settings", str(file), "--json"]) == 0
    done = last_line(capsys)
    assert (done["event"], done["files"], done["copied"], done["missing"]) == ("done", 1, 1, 0)
    assert run(["restore", str(out), "--settings", str(again), "--json"]) == 0
    restored = last_line(capsys)
    assert (restored["files"], restored["damaged"], restored["upgrade_needed"]) == (1, 0, False)
    assert again.read_bytes() == file.read_bytes()
    assert (again.parent / "the room" / "room.db").exists()
    assert run(["restore", str(out), "--settings", str(again)]) == 7
    assert "is not empty" in command_line.complaint(capsys)


def test_a_backup_that_lacks_a_file_says_so_and_ends_with_an_error(file, tmp_path, capsys):
    next((tmp_path / "the room" / "images").rglob("*.dcm")).unlink()
    assert run(["backup", str(tmp_path / "backup"), "--settings", str(file), "--json"]) == 7
    out, err = capsys.readouterr()
    assert json.loads(out.splitlines()[-1])["missing"] == 1
    assert "1 files that the database names" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["backup", "out", "--folder", "nowhere"], "there is no such folder"),
        (["backup", "out", "--keep", "0"], "--keep is 0"),
        (["restore", "out"], "--settings FILE or --folder DIR"),
        (["restore", "out", "--folder", "new"], "holds no backup"),
        (["restore", "out", "--settings", "none.toml"], "holds no backup"),
        (["database", "version", "--folder", "nowhere"], "there is no such folder"),
        (["database", "downgrade"], "downgrade needs --to"),
        (["database", "downgrade", "--to", "base"], "add --erase"),
        (["database", "sideways"], "sideways"),
    ],
)
def test_what_cannot_be_done_is_told(arguments, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    assert told in command_line.complaint(capsys)


def test_the_version_of_the_tables_is_shown_raised_and_lowered(tmp_path, capsys):
    folder = tmp_path / "room"
    folder.mkdir()

    def ask(*arguments):
        assert run(["database", *arguments, "--folder", str(folder), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    latest = migrate.latest()
    assert ask("version") == {"before": None, "version": None, "latest": latest}
    assert ask("upgrade") == {"before": None, "version": latest, "latest": latest}
    assert ask("version")["version"] == latest
    assert ask("downgrade", "--to", "base", "--erase") == {"before": latest, "version": None, "latest": latest}
    assert run(["database", "upgrade", "--to", "9999", "--folder", str(folder)]) == 2
    assert "version '9999' cannot be reached; this program knows 0001" in command_line.complaint(capsys)
    assert run(["database", "version", "--folder", str(folder)]) == 0
    assert capsys.readouterr().out == f"tables: version none, this program works with {latest}\n"
