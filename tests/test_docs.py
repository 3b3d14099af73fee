"""The README and the docs say what is so: code runs, commands parse, links lead somewhere, tables are complete."""

import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import get_type_hints

import pytest

import secondread
from secondread import cli
from secondread.core import card
from secondread.core.prepare_step import PrepareStep
from secondread.engine import card as card_file
from secondread.learn import choices as named
from secondread.learn import recipe

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "examples" / "README.md", *sorted(DOCS.rglob("*.md"))]
TYPES = {
    str: "text",
    int: "whole number",
    float: "number",
    float | None: "number",
    bool: "true or false",
    tuple[str, ...]: "list of texts",
    tuple[int, ...]: "list of whole numbers",
    tuple[float, float] | None: "two numbers",
    tuple[float, ...]: "list of numbers",
    tuple[PrepareStep, ...]: "list of tables",
    tuple[tuple[tuple[float, float], ...], ...]: "list of lists of points",
    recipe.Mapping[str, str]: "table of texts",
    recipe.Mapping[str, float]: "table of numbers",
    recipe.Mapping[str, recipe.Answer]: "table of tables",
    recipe.Positives: "table",
    recipe.Mapping[str, tuple[float, float]]: "table of two numbers",
    recipe.Mapping[str, tuple[str, ...]]: "table of lists of texts",
}
OTHER_PROGRAMS = {"source", "head", "tensorboard", "torchrun"}


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    """The page without its code blocks."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def commands() -> list[tuple[str, str]]:
    lines = [(name(page), line) for page in PAGES for block in blocks(page, "console") for line in block.splitlines()]
    return [(page, line.removeprefix("$ ")) for page, line in lines if line.startswith("$ ")]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A working folder with the example images and a picture of one's own, as a reader of the docs would have."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    shutil.copy(ROOT / "examples" / "child-viral.dcm", tmp_path / "chest.dcm")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name)
def test_python_on_a_page_runs_from_top_to_bottom(page, desk):
    names = {"__name__": "page"}
    for block in blocks(page, "python"):
        exec(compile(block, name(page), "exec"), names)  # our own pages


@pytest.mark.parametrize(("page", "line"), commands())
def test_a_command_on_a_page_is_one_that_exists(page, line):
    program, *arguments = shlex.split(line.split(">")[0])
    if program == "secondread":
        cli.parser().parse_args(arguments)
    elif program == "make":
        assert set(arguments) <= make_targets()
    elif program == "pip":
        assert {extra for part in re.findall(r"\[(.*)\]", line) for extra in part.split(",")} <= set(extras())
    else:
        assert program in OTHER_PROGRAMS


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_command_named_in_a_sentence_exists(page):
    known = {command.__name__.rpartition(".")[2].rstrip("_").replace("_", "-") for command in cli.COMMANDS}
    named = re.findall(r"`secondread ([a-z]+(?:-[a-z]+)*)", prose(page))
    assert set(named) <= known
    assert set(re.findall(r"`make ([a-z-]+)`", prose(page))) <= make_targets()


def make_targets() -> set[str]:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert phony
    return set(phony[1].split())


def extras() -> list[str]:
    return list(
        tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    )


def links(page: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if not target.startswith(("https://", "http://")):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files_and_headings_that_exist(page):
    for target in links(page):
        path, _, heading = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        assert goal.exists(), f"{name(page)}: {target}"
        if heading:
            titles = re.findall(r"^#+ (.*)$", goal.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


def test_every_page_can_be_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [(page.parent / target.partition("#")[0]).resolve() for target in links(page)]
    assert set(PAGES) <= reached


def test_everything_in_the_shop_window_is_on_the_python_page():
    page = (DOCS / "reference" / "python-api.md").read_text(encoding="utf-8")
    assert [thing for thing in secondread.__all__ if not re.search(rf"`{thing}\b", page)] == []


def rows(page: Path, heading: str) -> list[tuple[str, str, str]]:
    """(key, type, default) of the table below a heading."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert section, f"no section {heading}"
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section[1].splitlines() if line[:1] == "|"]
    return [(row[0].strip("`"), row[1], row[2].strip("`")) for row in cells[2:]]


def expected(kind: type, keys: tuple[str, ...] | None = None) -> list[tuple[str, str, str]]:
    """(key, type, default) of a dataclass, in the order of ``keys`` or of its own."""
    types, by_name = get_type_hints(kind), {item.name: item for item in fields(kind)}
    return [(key, TYPES[types[key]], default(by_name[key])) for key in keys or tuple(by_name)]


def default(item: object) -> str:
    """A field's default as TOML writes it."""
    value = item.default if item.default_factory is MISSING else item.default_factory()
    if value is MISSING:
        return "required"
    known = {None: "none", True: "true", False: "false"}
    if isinstance(value, bool) or value is None:
        return known[value]
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, recipe.Positives):
        return "{}"
    return repr(list(value)) if isinstance(value, tuple) else repr(value)


SECTIONS = {
    "model": recipe.ModelText,
    "input": card.InputContract,
    "data": recipe.DataSet,
    "network": recipe.Network,
    "train": recipe.Schedule,
    "augment": recipe.Augmentation,
    "questions": recipe.Question,
    "accept": recipe.Acceptance,
    "synthesise": recipe.Synthesis,
    "regions": recipe.Region,
    "marks": recipe.Marks,
    "cross_validation": recipe.CrossValidation,
    "export": recipe.ExportPlan,
}


def test_the_recipe_page_has_a_section_for_every_table():
    assert {*SECTIONS, "external"} == {item.name for item in fields(recipe.Recipe)}


@pytest.mark.parametrize(("section", "kind"), SECTIONS.items(), ids=SECTIONS)
def test_the_recipe_page_lists_every_key_with_its_type_and_default(section, kind):
    assert rows(DOCS / "reference" / "recipe.md", section) == expected(kind)


@pytest.mark.parametrize(
    "choices", ["BACKBONES", "OUTLINERS", "STEMS", "FORMATS", "PICTURES", "SYNTHESES", "RULES", "MEASURES"]
)
def test_the_recipe_page_names_every_choice(choices):
    page = (DOCS / "reference" / "recipe.md").read_text(encoding="utf-8")
    assert [choice for choice in getattr(named, choices) if f"`{choice}`" not in page] == []


CARD_SECTIONS = {
    "model": expected(card.ModelCard, card_file.MODEL_KEYS),
    "input": expected(card.InputContract, card_file.INPUT_KEYS),
    "calibration": expected(card.Calibration, card_file.CALIBRATION_KEYS),
    "thresholds": expected(card.Threshold, card_file.THRESHOLD_KEYS),
}


@pytest.mark.parametrize(("section", "keys"), CARD_SECTIONS.items(), ids=CARD_SECTIONS)
def test_the_card_page_lists_every_key_with_its_type_and_default(section, keys):
    assert rows(DOCS / "reference" / "card.md", section) == keys


def test_the_card_page_has_every_section_and_every_column_of_the_subgroups():
    page = DOCS / "reference" / "card.md"
    titles = re.findall(r"^## (\w+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(titles) == set(card_file.SECTIONS) - {"schema"}
    assert tuple(key for key, _, _ in rows(page, "subgroups")) == card_file.SUBGROUP_KEYS
