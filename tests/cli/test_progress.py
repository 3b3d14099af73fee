"""Long work, as a person or a program follows it."""

import io
import json
import re
import sys

from secondread.cli.progress import progress, scanning

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


def epoch(seed, number, of=10, **more):
    return {"event": "epoch", "seed": seed, "epoch": number, "of": of, "loss": 0.5, "seconds": 60.0, **more}


def shown_on_a_terminal(monkeypatch, events) -> str:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "140")
    with progress(as_json=False) as say:
        for event in events:
            say(event)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())  # without colours and moves


def test_a_terminal_shows_the_losses_and_the_time_that_is_left(monkeypatch):
    events = [{"event": "data", "train": 64}, epoch(1, 1), epoch(1, 2, validation_loss=0.75)]
    shown = shown_on_a_terminal(monkeypatch, events)
    assert "data: train 64" in shown
    assert "seed 1, loss 0.500, validation 0.750" in shown
    assert "2/10" in shown
    assert "0:08:00 left" in shown


def test_a_continued_training_does_not_count_the_epochs_of_before_into_its_pace(monkeypatch):
    shown = shown_on_a_terminal(monkeypatch, [epoch(1, 8)])
    assert "8/10" in shown
    assert "0:02:00 left" in shown


def test_each_seed_has_a_bar_of_its_own_and_what_is_done_needs_no_time(monkeypatch):
    shown = shown_on_a_terminal(monkeypatch, [epoch(1, 1, 1), epoch(2, 1, 4)])
    last = [line for line in shown.splitlines() if "seed" in line][-2:]
    assert "seed 1" in last[0]
    assert "left" not in last[0]
    assert "seed 2" in last[1]
    assert "0:03:00 left" in last[1]


def test_a_program_gets_every_event_as_a_line_of_json(capsys):
    events = [{"event": "data", "train": 64}, epoch(1, 1, validation_loss=0.75)]
    with progress(as_json=True) as say:
        for event in events:
            say(event)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == events


def test_of_several_processes_those_after_the_first_are_silent(capsys):
    with progress(as_json=True, silent=True) as say:
        say(epoch(1, 1))
    assert capsys.readouterr() == ("", "")
