"""The page of the room's settings says what the classes say."""

import re
import tomllib
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from secondread.serve.config import room
from secondread.serve.config.load import LISTS, TABLES, settings_from

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "room-settings.md"
SECTIONS = {**TABLES, **{name: kind for name, (_, kind) in LISTS.items()}, "dicom.peer": room.Peer}
INNER = {("dicom", "peers")}  # a list of tables, which has a section of its own
TYPES = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    Path | None: "path",
    tuple[str, ...]: "list of texts",
    tuple[Path, ...]: "list of paths",
    dict[str, str]: "table of texts",
}


def described() -> dict[str, list[tuple[str, str, str]]]:
    """Section to (key, type, default) of each row of its table."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {}
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| `([^`]+)` \| .+ \|$", text, re.MULTILINE)
        found[name] = rows
    return found


def default(item: Field[Any]) -> str:
    """As TOML writes it."""
    value = item.default if item.default_factory is MISSING else item.default_factory()
    if value is MISSING:
        return "required"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | Path):
        return f'"{value}"'
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{one}"' for one in value) + "]"
    return repr(value)


def test_the_page_has_a_section_for_every_table():
    assert set(described()) == set(SECTIONS)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_page_lists_every_key_with_its_type_and_default(section):
    kind = SECTIONS[section]
    types = get_type_hints(kind)
    wanted = [
        (one.name, TYPES[types[one.name]], default(one)) for one in fields(kind) if (section, one.name) not in INNER
    ]
    assert described()[section] == wanted


@pytest.mark.parametrize(
    "page",
    [
        "reference/room-settings.md",
        "how-to/route-studies.md",
        "how-to/send-results-back.md",
        "how-to/run-a-reading-room.md",
    ],
)
def test_the_example_on_a_page_is_settings_that_load(page):
    text = (PAGE.parents[1] / page).read_text(encoding="utf-8")
    (example,) = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    settings_from(tomllib.loads(example), Path())
