"""The tutorial from images to reading runs as it stands: its code, its commands, its lines for the recipe."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from secondread.cli import run
from secondread.engine.bundle import load_bundle

pytest.importorskip("torch")
tomli_w = pytest.importorskip("tomli_w")

PAGE = Path(__file__).parents[1] / "docs" / "tutorial" / "from-images-to-reading.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands():
    return [
        line.removeprefix("$ ") for kind, block in BLOCKS if kind == "console" for line in block.splitlines() if line
    ]


def fill_in(recipe, lines):
    """What a person does with the lines for ``[model]``: put them in the place of those of the same name."""
    tables = tomllib.loads(recipe.read_text(encoding="utf-8"))
    new = tomllib.loads(lines)
    assert set(new) <= set(tables["model"])
    tables["model"] |= new
    recipe.write_text(tomli_w.dumps(tables), encoding="utf-8")


def test_the_tutorial_takes_fewer_than_ten_commands():
    assert 5 < len(commands()) < 10


def test_the_tutorial_leads_from_images_to_a_report(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("secondread.learn.judge.RESAMPLES", 50)
    monkeypatch.setattr("secondread.learn.automatic.recipe.seconds", lambda _recipe: 0.3)  # a busy machine is slower
    names = {"__name__": "page"}
    for kind, block in BLOCKS:
        if kind == "python":
            exec(compile(block, PAGE.name, "exec"), names)  # our own page
        elif kind == "toml":
            fill_in(tmp_path / "spots.toml", block)
        for line in block.splitlines() if kind == "console" else ():
            program, *arguments = shlex.split(line.removeprefix("$ "))
            assert program == "secondread"
            assert run(arguments) == 0, line
    assert (tmp_path / "spots.png").stat().st_size > 0
    assert "spot" in (tmp_path / "spots.html").read_text(encoding="utf-8")
    card = load_bundle(tmp_path / "runs" / "spots" / "spots").card
    assert "Pictures of people." in card.not_for
    report = json.loads((tmp_path / "spots-report" / "report.json").read_text(encoding="utf-8"))
    (read,) = report["reads"]
    assert read["reader"] == "spots"
    assert read["outcome"] in {"found", "nothing found"}
    assert [finding["code"]["display"] for finding in read["findings"]] == ["spot"]
    assert "Not for: Pictures of people." in read["warnings"]
    assert "Pictures of people." in (tmp_path / "spots-report" / "report.html").read_text(encoding="utf-8")
    assert "spot" in capsys.readouterr().out
