"""Which other sources are strange to a network, and which of their pictures its distance may learn from."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `learn`")

from secondread.audit.parts.outside import kind_of
from secondread.audit.shifts import lessons as made
from secondread.audit.shifts import sets
from secondread.audit.shifts.elsewhere import SOURCES
from secondread.audit.shifts.shift import Shift
from secondread.learn.recipe import read_recipe

RECIPES = sorted((Path(__file__).parents[3] / "recipes").glob("*.toml"))
NAMES = list(SOURCES)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_no_set_is_far_that_shows_what_the_network_is_given(path):
    recipe = read_recipe(path)
    far = {name for name, kind in sets.kinds_for(recipe).items() if kind == "far"}
    assert not {SOURCES[name].shows for name in far} & sets.shown_by(recipe)


def test_a_set_that_holds_pictures_of_another_is_neither_near_nor_far():
    found = sets.kinds_for(read_recipe(RECIPES[0].with_name("pneumoniamnist-28.toml")))
    assert "chest X-ray of children (Kermany)" not in found
    assert found["chest X-ray of adults (TBX11K)"] == "near"


@pytest.fixture
def brought(monkeypatch):
    """Splits that were asked for; each picture of a source is its number among them."""
    splits: list[str] = []

    def bring(name, kind, contract, _root, drawn, _tiles):
        splits.append(drawn.split)
        images = np.full((2, *contract.tensor_shape), NAMES.index(name), np.uint8)
        return Shift(name, kind, images, np.array(["a", "b"]))

    monkeypatch.setattr(sets, "bring", bring)
    monkeypatch.setattr(made, "attacked", lambda _bundle, images, _epsilon: images)
    return splits


def lessons_of(split):
    pictures = np.random.default_rng(0).integers(0, 255, (4, 1, 28, 28)).astype(np.uint8)
    recipe = read_recipe(RECIPES[0].with_name("pneumoniamnist-28.toml"))
    trial = SimpleNamespace(recipe=recipe, splits={split: SimpleNamespace(images=pictures)})
    seen = SimpleNamespace(trial=trial, bundle=None, data_root=Path("nowhere"))
    return list(made.lessons(seen, split, np.arange(4)))


@pytest.mark.parametrize("split", ["train", "val"])
def test_lessons_are_made_of_the_split_that_is_asked_for_and_of_no_other(split, brought):
    lessons_of(split)
    assert set(brought) == {split}


@pytest.mark.usefixtures("brought")
def test_without_a_kind_no_set_is_left_that_shows_it():
    of_sources = [one for one in lessons_of("train") if one.kind in {source.shows for source in SOURCES.values()}]
    shown = {(one.kind, SOURCES[NAMES[one.images[0, 0, 0, 0]]].shows) for one in of_sources}
    assert all(kind == examination for kind, examination in shown)
    assert sum(one.kind == "head CT" for one in of_sources) == 2, "two sets show it: both are left out together"


def test_every_set_is_judged_without_the_lesson_of_its_own_kind():
    blank, who = np.zeros((1, 1, 4, 4), np.uint8), np.array(["a"])
    for name, kind, needed in (
        ("head CT (MedNIST)", "far", "head CT"),
        ("torso CT", "far", "torso CT"),
        ("inverted", "broken", "inverted"),
        (f"{made.ATTACK} (2/255)", "broken", made.ATTACK),
    ):
        assert kind_of(Shift(name, kind, blank, who)) == needed
