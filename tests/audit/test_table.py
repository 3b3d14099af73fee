"""Every command that is given a table says the same of the same fault, and ends with the same code."""

import pytest

from secondread.audit.table import read_table
from secondread.cli import run
from secondread.core.errors import ManifestError

GOOD = "Case, label ,note\na,1, fine \nb,0,\n\n"
SECRET = "Hong^Gildong"


def written(folder, content):
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_names_and_cells_are_taken_without_spaces_and_names_as_they_are_needed(tmp_path):
    rows = read_table(written(tmp_path, b"\xef\xbb\xbf" + GOOD.encode()), ("case", "label"))
    assert rows == [{"case": "a", "label": "1", "note": "fine"}, {"case": "b", "label": "0", "note": ""}]


FAULTS = {
    "semicolons": (b"{semicolons}\n", "line 1: found columns separated by semicolons; needed commas"),
    "no names": (SECRET.encode() + b",1.2.3,1\n", "line 1: found numbers where the columns are named; needed"),
    "no first line": (b"", "line 1: found the columns none; needed"),
    "no such column": (f"{SECRET.lower()}x\n1\n".encode(), "needed"),
    "a column twice": (b"{heads},{first}\n", "twice"),
    "no row": (b"{heads}\n", "found no row below the first line"),
    "too few cells": (b"{heads},more\n" + SECRET.encode() + b"\n", "line 2: found 1 cells; needed"),
    "a line with nothing": (b"{heads}\n\n{heads}\n", "line 2: found 0 cells; needed"),
    "another encoding": ("{heads}\né\n".encode("utf-16"), "cannot be read as a table (UnicodeDecodeError)"),
    "an open quote": (b'{heads}\n"' + SECRET.encode() + b"\n", "cannot be read as a table (Error)"),
}
COMMANDS = {
    "audit": (("case", "label", "probability"), ["audit", "TABLE", "--threshold", "0.5"]),
    "reader-study": (("reader", "modality", "case", "truth", "rating"), ["reader-study", "TABLE"]),
    "calibrate": (
        ("study", "patient", "label"),
        ["calibrate", "dementia", "--name", "here", "--site", "FOLDER", "--cases", "TABLE"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("command", COMMANDS)
def test_the_same_fault_has_the_same_words_and_code_in_every_command(command, fault, tmp_path, capsys):
    (content, words), (heads, arguments) = FAULTS[fault], COMMANDS[command]
    encoding = "utf-16" if fault == "another encoding" else "utf-8"
    text = content.decode(encoding).replace("{heads}", ",".join(heads)).replace("{first}", heads[0])
    text = text.replace("{semicolons}", ";".join(heads))
    path = written(tmp_path, text.encode(encoding))
    places = {"TABLE": str(path), "FOLDER": str(tmp_path / "site")}
    assert run([places.get(one, one) for one in arguments]) == 5
    said = capsys.readouterr().err
    assert said.startswith("ManifestError: table.csv: ")
    assert words in said
    assert SECRET not in said
    assert str(tmp_path) not in said


@pytest.mark.parametrize("command", COMMANDS)
def test_a_table_that_is_not_there_is_told_by_its_name(command, tmp_path, capsys):
    places = {"TABLE": str(tmp_path / "none.csv"), "FOLDER": str(tmp_path / "site")}
    assert run([places.get(one, one) for one in COMMANDS[command][1]]) == 5
    assert "ManifestError: none.csv: cannot be opened (No such file or directory)" in capsys.readouterr().err


def test_a_column_of_another_name_is_told_with_those_that_are_there(tmp_path):
    with pytest.raises(ManifestError, match="found the columns case, label, note; needed truth, age too"):
        read_table(written(tmp_path, GOOD.lower()), ("case", "truth", "age"))
