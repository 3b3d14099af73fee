"""The pictures of an evaluation: that they show what was measured."""

import numpy as np
import pytest
from PIL import Image

import toy
from secondread.learn.data import load
from secondread.learn.examples import Examples
from secondread.learn.judge import judge
from secondread.learn.predict import Predictions
from secondread.learn.recipe import read_recipe

pytest.importorskip("matplotlib")

from secondread.learn import plots


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


def result(test: Examples, found: Predictions, threshold: float) -> dict:
    """As much of an evaluation as the pictures need."""
    p = 1.0 / (1.0 + np.exp(found.logits[:, 0] - found.logits[:, 1]))
    return {
        "calibration": {"method": "temperature", "temperature": 1.0, "fitted_on": "nothing"},
        "questions": {"spot": judge(test.labels, p, p, test.patients, threshold)},
    }


@pytest.mark.parametrize(("noise", "threshold"), [(0.5, 0.5), (0.0, 0.5), (0.5, 0.999999)])
def test_curves_and_cases_are_drawn_also_where_no_case_was_missed_or_none_found(
    noise, threshold, recipe, test, tmp_path
):
    found = answers(test, noise)
    plots.draw(tmp_path / "pictures", recipe, test, found, result(test, found, threshold))
    written = sorted((tmp_path / "pictures").iterdir())
    assert [path.name for path in written] == ["spot-curves.png", "spot-maps.png"]
    for path in written:
        with Image.open(path) as picture:
            assert min(picture.size) > 400


def test_each_line_of_cases_holds_one_kind_of_answer(recipe, test):
    found = answers(test, 0.5)
    p = 1.0 / (1.0 + np.exp(found.logits[:, 0] - found.logits[:, 1]))
    lines = plots.kinds(test.labels, p, 0.5)
    assert [words for words, _ in lines] == ["found rightly", "missed", "found wrongly", "left rightly"]
    assert sorted(np.concatenate([index for _, index in lines]).tolist()) == list(range(len(test)))
    for (_, index), (true, called) in zip(lines, ((1, True), (1, False), (0, True), (0, False)), strict=True):
        assert (test.labels[index] == true).all()
        assert ((p[index] >= 0.5) == called).all()
