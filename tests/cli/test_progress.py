"""Long work, as a person or a program follows it."""

import io
import sys

from secondread.cli.progress import scanning

EVENTS = [{"event": "scan", "done": done, "of": 250} for done in (100, 200, 250)]


class Terminal(io.StringIO):
    """Standard error as a person has it."""

    def isatty(self) -> bool:
        return True


def terminal(monkeypatch) -> Terminal:
    """From here on standard error is a terminal; a fixture would be too early, since pytest then puts its own there."""
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("TERM", "xterm")
    return shown


def test_a_scan_shows_a_bar_on_the_terminal_and_leaves_standard_output_alone(monkeypatch, capsys):
    shown = terminal(monkeypatch)
    with scanning() as say:
        for event in EVENTS:
            say(event)
    assert "Looking through the files" in shown.getvalue()
    assert "250/250" in shown.getvalue()
    assert capsys.readouterr().out == ""


def test_a_scan_says_nothing_where_there_is_no_terminal(capsys):
    with scanning() as say:
        for event in EVENTS:
            say(event)
    assert capsys.readouterr() == ("", "")


def test_without_an_event_nothing_is_shown(monkeypatch):
    shown = terminal(monkeypatch)
    with scanning():
        pass
    assert "Looking" not in shown.getvalue()
