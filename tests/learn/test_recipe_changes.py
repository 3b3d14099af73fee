"""What a recipe says about preparing and changing pictures: refused by name, kept in the card, the same everywhere."""

from dataclasses import replace

import numpy as np
import pytest

import fakes
import toy
from secondread.core.errors import RecipeError
from secondread.core.prepare_step import PrepareStep
from secondread.engine.card import parse_card, render_card
from secondread.formats.raster import load_raster, open_raster
from secondread.learn.data import load
from secondread.learn.recipe import read_recipe
from secondread.prepare.model_space import to_model_space

STEPS = 'modalities = ["CR"]\nprepare = [{ step = "clahe", clip = 3.0, tiles = 4 }, { step = "median" }]'


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("flip_is_harmless = true", ""), "situs"),
        (("flip = 0.5", "flip = 1.5"), "augment.flip does not fit"),
        (("flip = 0.5", "flip = 0.5\nelastic = 0.3"), "augment.elastic does not fit; needed a number from 0 to 0.1"),
        (
            ('modalities = ["CR"]', STEPS.replace("clahe", "clahee")),
            "input: prepare 1: step 'clahee' is unknown. Did you",
        ),
        (('modalities = ["CR"]', STEPS.replace("clip = 3.0", "clip = 0.1")), "clip is 0.1; needed"),
        (('modalities = ["CR"]', STEPS.replace("median", "foreground")), "input.prepare does not fit"),
        (('modalities = ["CR"]', 'modalities = ["CR"]\nprepare = ["clahe"]'), "needed a table with a name"),
    ],
)
def test_a_mistake_is_refused_by_its_key(root, change, said):
    with pytest.raises(RecipeError, match="recipe toy") as caught:
        read_recipe(toy.make_recipe(root, change=change))
    assert said in str(caught.value)


def test_a_picture_is_prepared_alike_for_training_and_for_serving(root):
    recipe = read_recipe(toy.make_recipe(root, change=('modalities = ["CR"]', STEPS)))
    trained = load(recipe, root, "val").images[0, 0]
    name = load(recipe, root, "val").names[0].partition(":")[2]
    served = to_model_space(load_raster(open_raster(root / "toy" / name).series[0]), recipe.input).tensor[0, 0]
    assert np.abs(trained / 255 - served).max() <= 0.5 / 255 + 1e-6
    plain = replace(recipe, input=replace(recipe.input, prepare=()))
    assert np.abs(load(plain, root, "val").images[0, 0].astype(int) - trained).max() > 20


def test_a_card_keeps_the_steps():
    steps = (PrepareStep("window", (("centre", 40), ("width", 80.5))), PrepareStep("fit", (("size_px", (8, 9)),)))
    card = fakes.card()
    card = replace(card, input=replace(card.input, prepare=steps))
    assert parse_card(render_card(card), "fake/card.toml") == card
    assert "prepare" not in render_card(fakes.card())
