"""Every key of the viewer does one thing, is explained in both languages, and stands in the documentation."""

import re
from pathlib import Path

from secondread.serve.pages.words.viewer import AREA

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "src" / "secondread" / "serve" / "static"


def keys():
    """(keys, what they do) of each entry of the viewer's table."""
    script = (STATIC / "viewer-keys.js").read_text(encoding="utf-8")
    found = re.findall(r'\{ keys: \[(.*?)\], does: "(.*?)"', script)
    return [(re.findall(r'"(.*?)"', listed), does) for listed, does in found]


def test_no_key_does_two_things():
    every = [key for listed, _ in keys() for key in listed]
    assert len(every) == len(set(every)) > 40


def test_the_documentation_has_the_same_table():
    page = (ROOT / "docs" / "how-to" / "view-a-study.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`[^`]+` ?)+) \| (.*) \|$", page.partition("## Keys")[2], re.MULTILINE)
    documented = [(re.findall(r"`([^`]+)`", listed), does) for listed, does in rows]
    assert documented == [(listed, AREA[f"viewer.key.{does}"][0]) for listed, does in keys()]


def test_every_phrase_that_a_script_says_is_there():
    scripts = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("viewer*.js"))
    said = set(re.findall(r'\bsay\("([a-z0-9.-]+)"\)', scripts))
    assert len(said) > 30
    assert sorted(key for key in said if f"viewer.{key}" not in AREA) == []
    assert all(english and korean for english, korean in AREA.values())


def test_every_phrase_is_said_somewhere():
    folder = ROOT / "src" / "secondread" / "serve" / "pages" / "templates"
    pages = (folder / "study.html").read_text(encoding="utf-8")
    scripts = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("viewer*.js")) + pages
    made = ("key.", "window.", "plane.", "layout.", "style.", "tool.")  # put together from a name
    unused = [
        key
        for key in AREA
        if not key[7:].startswith(made) and f'"{key[7:]}"' not in scripts and f'"{key}"' not in scripts
    ]
    assert [key for key in unused if f"'{key}'" not in scripts] == []
