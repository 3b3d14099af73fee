"""The shipped recipes, trained again: the figures of the shipped bundles are reproducible."""

import json
from pathlib import Path

import pytest

from secondread.engine.bundle import shipped

pytest.importorskip("torch")

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


@pytest.mark.parametrize(("name", "seeds"), [("chest-xray-gate", "[1]"), ("pneumoniamnist-28", "[1]")])
def test_a_recipe_gives_the_figures_of_its_bundle_within_their_interval(name, seeds, tmp_path):
    from secondread.learn.train import train

    if not DATA.is_dir():
        pytest.skip("needs ../shared/data beside the checkout")
    text = (ROOT / "recipes" / f"{name}.toml").read_text()
    recipe = tmp_path / f"{name}.toml"
    recipe.write_text(text.replace("seeds = [1, 2, 3]", f"seeds = {seeds}"))
    folder = train(recipe, DATA, tmp_path / "out")
    again = json.loads((folder / "evaluation.json").read_text())
    before = json.loads((shipped() / name / "evaluation.json").read_text())
    for question, part in before["questions"].items():
        interval = part["auroc_by_patient"]
        assert interval["low"] <= again["questions"][question]["auroc"]["value"] <= interval["high"]
