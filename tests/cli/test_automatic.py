"""``secondread train --auto`` as typed, where options do not go together: one sentence, nothing written."""

import pytest

from command_line import complaint
from secondread.cli import run

pytest.importorskip("torch")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "RECIPE and --auto"),
        (["mine.toml", "--auto", "images", "--minutes", "1"], "RECIPE and --auto"),
        (["--auto", "images"], "--minutes is None"),
        (["--auto", "images", "--minutes", "0"], "--minutes is 0"),
        (["--auto", "images", "--minutes", "nan"], "--minutes is nan"),
        (["--auto", "images", "--minutes", "1", "--resume"], "--resume"),
        (["mine.toml", "--plan"], "--plan goes with --auto"),
        (["mine.toml", "--recipe-out", "other.toml"], "--recipe-out goes with --auto"),
    ],
)
def test_options_that_do_not_go_together_are_usage_errors(here, capsys, arguments, words):
    assert run(["train", *arguments]) == 2
    said = complaint(capsys)
    assert said.startswith("UsageError: ")
    assert words in said
    assert list(here.iterdir()) == []
