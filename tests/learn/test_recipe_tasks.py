"""Recipes of outlines, independent labels, volumes and folds: what does not fit together is refused by its key."""

from collections.abc import Mapping
from typing import Any

import pytest

import toy_tasks
from secondread.core.errors import RecipeError
from secondread.learn.recipe import CrossValidation, read_recipe


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return toy_tasks.make_outlines(tmp_path_factory.mktemp("sets"), counts={"train": 2})


def laid_over(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    whole = {key: dict(value) if isinstance(value, Mapping) else value for key, value in base.items()}
    for name, value in change.items():
        whole[name] = whole.get(name, {}) | value if isinstance(value, Mapping) else value
    return whole


@pytest.mark.parametrize("tables", [toy_tasks.OUTLINES, toy_tasks.FINDINGS, toy_tasks.VOLUMES])
def test_the_recipes_of_these_tests_fit(folder, tables):
    recipe = read_recipe(toy_tasks.write_recipe(folder, tables))
    assert recipe.model.structures == tuple(tables["model"].get("structures", ()))
    assert not recipe.cross_validation.wanted


@pytest.mark.parametrize(
    ("tables", "change", "words"),
    [
        (toy_tasks.OUTLINES, {"network": {"decoder": []}}, "network.decoder does not fit"),
        (toy_tasks.OUTLINES, {"network": {"head_level": 4}}, "network.head_level does not fit"),
        (toy_tasks.OUTLINES, {"input": {"width_px": 36}}, "input does not fit; needed sides that are multiples of 8"),
        (toy_tasks.OUTLINES, {"data": {"mask_values": {"255": "lesion"}}}, "structures among"),
        (toy_tasks.OUTLINES, {"data": {"mask_values": {}}}, "data.mask_values does not fit"),
        (toy_tasks.OUTLINES, {"data": {"boxes": "b", "box_kinds": {"x": "spot"}}}, "needed masks or boxes, not both"),
        (toy_tasks.OUTLINES, {"data": {"picture": "mosaic", "parts": ["a"]}}, "needed none for mosaics"),
        (toy_tasks.OUTLINES, {"train": {"mixup": 0.2}}, "train.mixup does not fit"),
        (toy_tasks.OUTLINES, {"marks": [{"structure": "lesion"}]}, "marks.structure does not fit"),
        (toy_tasks.OUTLINES, {"data": {"picture": "colour"}}, "input.channels does not fit; needed 3"),
        (toy_tasks.FINDINGS, {"data": {"columns": {"spot": "mark"}}}, "labels among"),
        (
            toy_tasks.FINDINGS,
            {"questions": [{"name": "any", "positive": ["spot", "stripe"]}]},
            "needed one independent label each",
        ),
        (toy_tasks.FINDINGS, {"model": {"activation": "tanh"}}, "model.activation does not fit"),
        (toy_tasks.FINDINGS, {"network": {"pooling": "mask"}}, "network.pooling does not fit"),
        (toy_tasks.FINDINGS, {"cross_validation": {"folds": 1}}, "cross_validation.folds does not fit"),
        (toy_tasks.FINDINGS, {"cross_validation": {"by": "hospital"}}, "cross_validation.by does not fit"),
        (
            toy_tasks.FINDINGS,
            {"cross_validation": {"folds": 2}, "train": {"patience": 3}},
            "needed 3 or more where train.patience needs one of them",
        ),
        (
            toy_tasks.FINDINGS,
            {"accept": [{"question": "spot", "measure": "auroc", "at_least": 0.5, "on": "cross-validation"}]},
            "accept.on does not fit; needed test",
        ),
        (toy_tasks.VOLUMES, {"network": {"backbone": "densenet121", "widths": []}}, "network.backbone does not fit"),
        (toy_tasks.VOLUMES, {"input": {"depth_px": 18}}, "input does not fit; needed sides that are multiples of 4"),
        (toy_tasks.VOLUMES, {"input": {"depth_px": 0}}, "input.depth_px does not fit"),
        (toy_tasks.VOLUMES, {"data": {"picture": "grey"}}, "input.depth_px does not fit"),
        (toy_tasks.VOLUMES, {"data": {"readers": 4}}, "data.readers does not fit"),
        (toy_tasks.VOLUMES, {"network": {"widths": [8]}}, "network.widths does not fit"),
    ],
)
def test_what_does_not_fit_together_is_named(folder, tables, change, words):
    with pytest.raises(RecipeError, match=words):
        read_recipe(toy_tasks.write_recipe(folder, laid_over(tables, change)))


@pytest.mark.parametrize(
    ("plan", "wanted"), [({}, False), ({"folds": 4}, True), ({"by": "site"}, True), ({"epochs": 3}, False)]
)
def test_a_column_to_leave_out_is_reason_enough_for_folds(plan, wanted):
    assert CrossValidation(**plan).wanted == wanted
