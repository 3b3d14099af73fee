"""The house stays livable: sizes, names, and no trace of the machine it was built on."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_FILE_MB, MAX_TREE_MB = 16, 60
NOBODY_KNOWS = {"utils", "util", "helpers", "helper", "common", "base", "misc"}
HOME_OF_A_MACHINE = re.compile(rb"(?<![\w.~-])/(?:root|home|Users|work)/[\w.]")


def tracked() -> list[Path]:
    """Every file that is, or would be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    files = [ROOT / path for path in listed.stdout.split("\0") if path]
    return [file for file in files if file.is_file()]


def test_the_repository_stays_small():
    sizes = {file.relative_to(ROOT).as_posix(): file.stat().st_size / 1e6 for file in tracked()}
    assert {name: size for name, size in sizes.items() if size > MAX_FILE_MB} == {}
    assert sum(sizes.values()) < MAX_TREE_MB


def test_no_file_names_a_place_on_the_machine_it_was_made_on():
    found = {
        file.relative_to(ROOT).as_posix(): match[0]
        for file in tracked()
        if (match := HOME_OF_A_MACHINE.search(file.read_bytes()))
    }
    assert found == {}


def test_the_search_for_places_of_a_machine_finds_them():
    assert HOME_OF_A_MACHINE.search(b'open("' + b"/home" + b'/someone/file")')
    assert not HOME_OF_A_MACHINE.search(b"https://example.org" + b"/home" + b"/page")


def test_every_file_has_a_name_that_says_what_is_in_it():
    names = {part for file in tracked() for part in (*file.relative_to(ROOT).parent.parts, file.stem)}
    assert names & NOBODY_KNOWS == set()


def test_ci_runs_what_a_person_runs():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-1] == "exec make check"


@pytest.mark.skipif(not os.environ.get("CI"), reason="a machine of your own may lack them")
@pytest.mark.parametrize(
    "program", ["Orthanc", "dciodvfy", "dcm2pdf", "dcmdump", "dcmp2pgm", "dcmpschk", "dsrdump", "pdftotext", "dcmsend"]
)
def test_ci_has_the_independent_witnesses(program):
    assert shutil.which(program)


def find_python(folder: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    """Run ``.ci/find-python`` where only these programs are called like a Python."""
    for kind in ("python3.13", "python3.12", "python3.11", "python3", "python"):
        program = folder / kind
        program.write_text(f"#!/bin/sh\n{programs.get(kind.replace('.', '_'), 'exit 127')}\n", encoding="utf-8")
        program.chmod(0o755)
    for tool in ("bash", "grep", "sort", "sh"):
        (folder / tool).symlink_to(shutil.which(tool))
    return subprocess.run(
        ["bash", str(ROOT / ".ci" / "find-python")],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_newest_python_that_runs_makes_the_environment(tmp_path):
    assert find_python(tmp_path, python3_12="exit 0", python3="exit 0").stdout == "python3.12\n"


def test_a_python_by_another_name_will_do(tmp_path):
    assert find_python(tmp_path, python="exit 0").stdout == "python\n"


def test_a_python_without_venv_is_passed_over_and_then_named(tmp_path):
    no_venv = 'case "$2" in *venv*) exit 1;; esac'
    assert find_python(tmp_path, python3_13=no_venv, python3="exit 0").stdout == "python3\n"


def test_without_venv_the_message_says_what_to_install(tmp_path):
    done = find_python(tmp_path, python3='case "$2" in *venv*) exit 1;; esac')
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr


def test_without_a_python_the_message_says_what_to_do(tmp_path):
    done = find_python(tmp_path)
    assert done.returncode == 1
    assert "3.11" in done.stderr
    assert "make demo PYTHON=" in done.stderr
