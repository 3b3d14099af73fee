"""Which arithmetic is taken, and that it stays."""

from dataclasses import replace

import pytest

import toy
from secondread.learn.data import load
from secondread.learn.recipe import read_recipe

pytest.importorskip("torch")

from secondread.learn.determinism import deterministic
from secondread.learn.precision import settle


@pytest.fixture(scope="module")
def auto(root):
    return read_recipe(toy.make_recipe(root, change=('precision = "fp32"', 'precision = "auto"')))


def pretend(monkeypatch, **seconds):
    monkeypatch.setattr("secondread.learn.precision.seconds_a_step", lambda recipe, *_: seconds[recipe.train.precision])


def test_a_recipe_that_names_its_precision_is_left_alone(root, tmp_path):
    recipe = read_recipe(toy.make_recipe(root))
    assert settle(recipe, None, tmp_path / "precision", None) is recipe
    assert not (tmp_path / "precision").exists()


@pytest.mark.parametrize(("bf16", "taken"), [(0.5, "bf16"), (0.95, "fp32"), (2.0, "fp32")])
def test_bf16_is_taken_only_where_it_is_clearly_faster(bf16, taken, auto, tmp_path, monkeypatch):
    pretend(monkeypatch, fp32=1.0, bf16=bf16)
    seen = []
    assert settle(auto, None, tmp_path / "precision", seen.append).train.precision == taken
    assert seen == [{"event": "precision", "taken": taken, "seconds_a_step": {"fp32": 1.0, "bf16": bf16}}]


def test_a_continued_training_keeps_its_arithmetic(auto, tmp_path, monkeypatch):
    pretend(monkeypatch, fp32=1.0, bf16=0.5)
    settle(auto, None, tmp_path / "precision", lambda _: None)
    pretend(monkeypatch, fp32=1.0, bf16=2.0)
    seen = []
    assert settle(auto, None, tmp_path / "precision", seen.append).train.precision == "bf16"
    assert seen == []


def test_an_answer_that_was_cut_short_is_found_again(auto, tmp_path, monkeypatch):
    (tmp_path / "precision").write_text("bf")
    pretend(monkeypatch, fp32=1.0, bf16=2.0)
    assert settle(auto, None, tmp_path / "precision", lambda _: None).train.precision == "fp32"


def test_a_deterministic_training_does_not_look_at_the_clock(auto, tmp_path, monkeypatch):
    pretend(monkeypatch, fp32=1.0, bf16=0.1)
    with deterministic():
        assert settle(auto, None, tmp_path / "precision", lambda _: None).train.precision == "fp32"
    assert settle(auto, None, tmp_path / "precision", lambda _: None).train.precision == "fp32"


def test_a_training_of_a_single_step_can_be_timed(root, tmp_path):
    short = read_recipe(toy.make_recipe(root, epochs=1, change=('precision = "fp32"', 'precision = "auto"')))
    one_batch = replace(short, train=replace(short.train, batch=64))
    settled = settle(one_batch, load(short, root, "train"), tmp_path / "precision", lambda _: None)
    assert settled.train.precision in {"bf16", "fp32"}


def test_both_kinds_of_steps_are_really_run(auto, root, tmp_path):
    seen = []
    settled = settle(auto, load(auto, root, "train"), tmp_path / "precision", seen.append)
    assert settled.train.precision in {"bf16", "fp32"}
    assert all(seconds > 0 for seconds in seen[0]["seconds_a_step"].values())
