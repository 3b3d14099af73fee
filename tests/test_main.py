"""The program as the shell sees it."""

import os
import subprocess
import sys

import dicom_factory
from secondread.cli import EXIT_INTERRUPTED, EXIT_UNHEARD
from secondread.core.errors import EXIT_REFUSED

STOPPED = """
import signal, sys
import secondread.cli
from secondread.__main__ import main

secondread.cli.from_environment = lambda environment: signal.raise_signal(signal.SIGTERM)
sys.argv = ["secondread", "readers"]
main()
"""


def test_a_request_to_stop_is_an_interruption_so_that_nothing_unpacked_stays_behind():
    program = subprocess.run([sys.executable, "-c", STOPPED], capture_output=True, text=True, check=False)
    assert program.returncode == EXIT_INTERRUPTED
    assert program.stderr.startswith("Interrupted")


def test_a_terminal_that_knows_few_letters_still_gets_the_summary(tmp_path):
    path = dicom_factory.ct_series(tmp_path / "ct")[0]
    program = subprocess.run(
        [sys.executable, "-m", "secondread", "read", str(path), "--format", "json"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert program.returncode == EXIT_REFUSED
    assert program.stdout.startswith(rb"Study \u2026")
    assert program.stderr == b""


def test_when_nobody_reads_the_output_any_more_the_program_leaves_in_silence():
    command = [sys.executable, "-m", "secondread", "readers"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        program.stdout.close()
        said = program.stderr.read()
    assert program.returncode == EXIT_UNHEARD
    assert said == b""
