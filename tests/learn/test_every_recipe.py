"""Every recipe, trained for one epoch on a few patients: what the lab asks of a recipe is there, and all of it runs."""

import json
import tomllib
from functools import partial
from pathlib import Path

import pytest
import tomli_w

pytest.importorskip("torch")

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
RECIPES = sorted(path.stem for path in (ROOT / "recipes").glob("*.toml"))
PATIENTS = 4
pytestmark = pytest.mark.filterwarnings("default")  # torch's exporter warns about its own future


def tiny(name):
    """A recipe cut down to a few patients, one epoch, one seed and two folds."""
    table = tomllib.loads((ROOT / "recipes" / f"{name}.toml").read_text(encoding="utf-8"))
    for item in (*table["data"], *table.get("external", [])):
        item["at_most"] = PATIENTS
    table["train"] |= {"epochs": 1, "batch": 4, "seeds": [1], "ensemble": False, "precision": "fp32", "store": "half"}
    if "cross_validation" in table:
        table["cross_validation"] = {"folds": 2}
    table.pop("export", None)
    return table


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_trains_exports_and_evaluates_a_tiny_version_of_its_bundle(name, tmp_path, monkeypatch):
    from secondread.engine.bundle import load_bundle
    from secondread.learn import cross_validation, evaluate, external, judge, judge_marks, judge_outlines, looks
    from secondread.learn.train import train

    for module in (cross_validation, evaluate, external, judge, judge_marks, judge_outlines):
        monkeypatch.setattr(module, "RESAMPLES", 50, raising=False)
    monkeypatch.setattr(looks, "CASES", 2)
    monkeypatch.setattr(looks, "deletion_gain", partial(looks.deletion_gain, fractions=(0.2,), repeats=1))

    if not DATA.is_dir():
        pytest.skip("needs ../shared/data beside the checkout")
    table, recipe = tiny(name), tmp_path / f"{name}.toml"
    recipe.write_text(tomli_w.dumps(table), encoding="utf-8")
    bundle = load_bundle(train(recipe, DATA, tmp_path / "out", threads=1))
    result = json.loads((bundle.folder / "evaluation.json").read_text(encoding="utf-8"))
    assert list(bundle.card.labels) == table["model"].get("labels", [])
    assert list(bundle.card.structures) == table["model"].get("structures", [])
    assert set(result["structures_found"]) == set(bundle.card.structures)
    assert set(result["external"]) == {item["path"] for item in table.get("external", [])}
    assert len(result["acceptance"]) == len(table.get("accept", []))
    assert (result["cross_validation"] is not None) == ("cross_validation" in table)
