"""Recipes."""

import json
from pathlib import Path

import pytest

import toy
from secondread.core.errors import RecipeError
from secondread.engine.bundle import load_card, shipped
from secondread.learn.recipe import read_recipe

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.toml"))


@pytest.fixture
def root(tmp_path):
    toy.make_set(tmp_path)
    return tmp_path


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_shipped_recipe_fits_the_schema_and_is_named_like_its_bundle(path):
    assert read_recipe(path).model.name == path.stem


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_shipped_card_says_what_its_recipe_says(path):
    recipe, card = read_recipe(path), load_card(shipped() / path.stem)
    for name in (
        "version",
        "role",
        "labels",
        "intended_use",
        "not_for",
        "licence",
        "training_data",
        "sources",
        "limits",
    ):
        assert getattr(card, name) == getattr(recipe.model, name), name
    assert card.input == recipe.input
    asked = [question.name for question in recipe.questions]
    assert [point.name for point in card.thresholds][: len(asked)] == asked
    outlined = len(recipe.model.structures) == 1
    result = json.loads((shipped() / path.stem / "evaluation.json").read_text(encoding="utf-8"))
    bands = result["trust"]["bands"].get("points", ())
    assert len(card.thresholds) == len(asked) + outlined + len(recipe.marks) + len(bands)


def test_a_recipe_keeps_what_it_says(root):
    recipe = read_recipe(toy.make_recipe(root, epochs=3, seeds="[4, 5]"))
    assert recipe.train.seeds == (4, 5)
    assert recipe.train.epochs == 3
    assert recipe.regions[0].polygons[0][2] == (0.5, 1.0)
    assert recipe.input.views == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("flip = 0.5", "flop = 0.5"), "unknown key 'flop'"),
        (("epochs = 4", ""), "key 'epochs' is missing"),
        (("schema = 1", "schema = 2"), "schema is 2, needed 1"),
        (("schema = 1", ""), "schema is None"),
        (("batch = 8", 'batch = "8"'), "batch: found '8', needed int"),
        (('"resnet18"', '"vgg"'), "network.backbone"),
        (("seeds = [1]", "seeds = [1, 1]"), "train.seeds"),
        (('positive = ["spot"]', 'positive = ["blob"]'), "questions.positive"),
        (('positive = ["spot"]', 'positive = ["spot", "plain"]'), "questions.positive"),
        (('resize = "squeeze"', 'resize = "stretch"'), "resize"),
        (('question = "spot"', 'question = "other"'), "accept.question"),
        (("[model]", "[model"), "not readable as TOML"),
        (('spot = "spot" }', 'spot = "blob" }'), "data.classes"),
        (('name = "toy"', 'name = "../toy"'), "model.name"),
        (('role = "benchmark"', 'role = "oracle"'), "model.role"),
        (('not_for = ["Anything else."]', 'not_for = [" "]'), "model.not_for"),
        (('["plain", "spot"]\nlicence', '["spot", "spot"]\nlicence'), "model.labels"),
        (('"resnet18"', '"densenet121"'), "only with a ResNet"),
        (('"resnet18"', '"resnet18"\nweights = "photos"'), "network.weights"),
        (('"resnet18"', '"resnet18"\nweights = "imagenet"'), "random with this backbone"),
        (("epochs = 4", 'epochs = 4\ncalibration = "platt"'), "train.calibration"),
        (("epochs = 4", "epochs = 4\nfine_map = true"), "train.fine_map"),
        (("learning_rate = 5e-3", "learning_rate = 0.0"), "train.learning_rate"),
        (("ema = 0.9", "ema = 1.0"), "ema"),
        (('precision = "fp32"', 'precision = "fp8"'), "train.precision"),
        (('measure = "auroc"', 'measure = "charm"'), "accept.measure"),
        (("at_least = 0.6", ""), "accept does not fit"),
        (("[[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]", "[[0.0, 0.0], [0.5, 0.0]]"), "regions.polygons"),
        (("[[regions]]", "[[questions]]\nname = 'spot'\npositive = ['spot']\n[[regions]]"), "a name of its own"),
    ],
)
def test_a_recipe_that_does_not_fit_is_named_with_its_key(root, change, words):
    with pytest.raises(RecipeError, match=r"recipe toy\.toml") as caught:
        read_recipe(toy.make_recipe(root, change=change))
    assert words in str(caught.value)
    assert str(root) not in str(caught.value)


@pytest.mark.parametrize(
    ("how", "share", "height", "words"),
    [("rotate", 0.5, 48, "square"), ("crop", 0.0, 32, "synthesise.share"), ("crop", 1.5, 32, "synthesise.share")],
)
def test_pictures_that_cannot_be_made_are_refused(root, how, share, height, words):
    path = toy.make_recipe(root, change=("height_px = 32", f"height_px = {height}"))
    asked = f'\n[[synthesise]]\nlabel = "spot"\nhow = "{how}"\nsource = "plain"\nshare = {share}\n'
    path.write_text(path.read_text() + asked)
    with pytest.raises(RecipeError, match=words):
        read_recipe(path)


def test_a_missing_recipe_says_so(tmp_path):
    with pytest.raises(RecipeError, match="no such file"):
        read_recipe(tmp_path / "none.toml")
