"""The pictures of an evaluation: that they show what was measured."""

import numpy as np
import pytest
from PIL import Image

import toy
from secondread.learn.data import Examples, load
from secondread.learn.judge import judge
from secondread.learn.predict import Predictions
from secondread.learn.recipe import read_recipe

pytest.importorskip("matplotlib")

from secondread.learn import plots  # noqa: E402 - matplotlib decides whether this file runs


@pytest.fixture
def recipe(tmp_path):
    toy.make_set(tmp_path)
    return read_recipe(toy.make_recipe(tmp_path))


@pytest.fixture
def test(recipe, tmp_path):
    return load(recipe, tmp_path, "test")


def answers(test: Examples, noise: float) -> Predictions:
    """Of a network that finds spots by their brightest pixel; maps of 4 x 4."""
    cells = test.images.reshape(len(test), 4, 8, 4, 8).max((2, 4)).astype(np.float32) / 255.0
    side = 4.0 * (cells.max((1, 2)) - 0.75) + np.random.default_rng(1).normal(0.0, noise, len(test))
    cam = np.stack([np.zeros_like(cells), cells], 1)
    return Predictions(np.stack([np.zeros_like(side), 4.0 * side], 1).astype(np.float64), cam)


def drawn(folder, recipe, test, found, monkeypatch):
    """What ``draw`` writes, and the titles over the cases."""
    titles, real = [], plots.case
    monkeypatch.setattr(
        plots,
        "case",
        lambda place, picture, strength, title: (titles.append(title), real(place, picture, strength, title)),
    )
    p = 1.0 / (1.0 + np.exp(found.logits[:, 0] - found.logits[:, 1]))
    part = judge(test.labels, p, p, test.patients, 0.5)
    result = {"calibration": {"temperature": 1.0}, "questions": {"spot": part}}
    plots.draw(folder, recipe, test, found, result)
    return titles
