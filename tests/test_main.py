"""The program as the shell sees it."""

import signal
import subprocess
import sys

import pytest

from secondread import __main__
from secondread.cli import EXIT_INTERRUPTED, EXIT_UNHEARD


@pytest.fixture
def handler():
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("handler")
def test_a_request_to_stop_is_an_interruption_so_that_nothing_unpacked_stays_behind(monkeypatch, capsys):
    def asked_to_stop(environment):
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("secondread.cli.from_environment", asked_to_stop)
    monkeypatch.setattr(sys, "argv", ["secondread", "readers"])
    with pytest.raises(SystemExit) as left:
        __main__.main()
    assert left.value.code == EXIT_INTERRUPTED
    assert capsys.readouterr().err.startswith("Interrupted")


def test_when_nobody_reads_the_output_any_more_the_program_leaves_in_silence():
    command = [sys.executable, "-m", "secondread", "readers"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        program.stdout.close()
        said = program.stderr.read()
    assert program.returncode == EXIT_UNHEARD
    assert said == b""
