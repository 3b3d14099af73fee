"""Examples of several kinds of sets, and what happens where one set says less than another."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import toy
import toy_tasks
from secondread.core.errors import ManifestError
from secondread.learn.data import judged_of, load, load_set
from secondread.learn.examples import UNKNOWN, Examples, join, take
from secondread.learn.manifest import SPLITS
from secondread.learn.recipe import Recipe, read_recipe
from secondread.learn.synthesise import whole_split


@pytest.fixture(scope="module")
def outlines(tmp_path_factory):
    return toy_tasks.make_outlines(tmp_path_factory.mktemp("sets"), counts={"train": 12, "val": 6, "test": 6})


def recipe_of(folder, tables) -> Recipe:
    return read_recipe(toy_tasks.write_recipe(folder, tables))


def test_rows_without_a_label_stay_for_their_masks_only_where_the_recipe_says_so(outlines):
    kept = load(recipe_of(outlines, toy_tasks.OUTLINES), outlines.parent, "train")
    assert np.bincount(kept.labels + 1).tolist() == [4, 4, 4]  # four unknown, four small, four large
    assert kept.masks is not None
    assert (kept.masks.any((1, 2)) == (kept.labels != UNKNOWN)).all()
    data = toy_tasks.OUTLINES["data"] | {"unlabelled": False}
    fewer = load(recipe_of(outlines, toy_tasks.OUTLINES | {"data": data}), outlines.parent, "train")
    assert np.bincount(fewer.labels + 1).tolist() == [0, 4, 4]


def test_masks_are_those_of_the_pictures_they_stand_beside(outlines):
    part = load(recipe_of(outlines, toy_tasks.OUTLINES), outlines.parent, "val")
    assert part.masks is not None
    for name, image, mask in zip(part.names, part.images[:, 0], part.masks, strict=True):
        file = outlines / name.split(":")[1]
        assert (image == np.asarray(Image.open(file))).all()
        if mask.any():
            stored = np.asarray(Image.open(str(file).replace("images", "masks")))
            assert (mask == (stored == 255)).all()
            assert image[mask == 1].mean() > image[mask == 0].mean() + 60


def test_cells_that_are_neither_one_nor_zero_are_unknown(tmp_path):
    folder = toy_tasks.make_findings(tmp_path)
    rows = toy.read_manifest(folder)
    rows[0]["spot"], rows[1]["spot"], rows[2]["spot"] = "2", "-1", "yes"
    toy.write_manifest(folder, rows)
    part = load(recipe_of(folder, toy_tasks.FINDINGS), tmp_path, "train")
    marks = {"1": 1, "0": 0}
    mine = [row for row in rows if row["split"] == "train"]
    assert part.labels.tolist() == [[marks.get(row["spot"], -1), marks.get(row["stripe"], -1)] for row in mine]
    assert (part.labels[:3, 0] == UNKNOWN).all()
    assert part.numbers["age"].tolist() == [float(row["age"]) for row in mine]


def test_numbers_that_cannot_be_are_not_known(tmp_path):
    folder = toy_tasks.make_findings(tmp_path)
    rows = toy.read_manifest(folder)
    rows[0]["age"], rows[1]["age"], rows[2]["age"] = "411", "", "40"
    toy.write_manifest(folder, rows)
    data = toy_tasks.FINDINGS["data"] | {"plausible": {"age": [0, 120]}}
    ages = load(recipe_of(folder, toy_tasks.FINDINGS | {"data": data}), tmp_path, "train").numbers["age"]
    assert (np.isnan(ages[:2]).all(), ages[2]) == (True, 40.0)


def test_a_set_of_which_only_training_sees_some_rows_knows_which(outlines):
    data = toy_tasks.OUTLINES["data"] | {"judge_only": {"site": ["north", "west"]}}
    recipe = recipe_of(outlines, toy_tasks.OUTLINES | {"data": data})
    everything = join([load_set(item, recipe, outlines.parent, SPLITS) for item in recipe.data])
    assert (judged_of(recipe, outlines.parent, everything) == (everything.groups["site"] != "south")).all()
    plain = recipe_of(outlines, toy_tasks.OUTLINES)
    assert judged_of(plain, outlines.parent, everything).all()


def test_a_set_without_a_row_of_a_split_is_empty_there_and_not_an_error(outlines):
    recipe = recipe_of(outlines, toy_tasks.OUTLINES)
    rows = [row for row in toy.read_manifest(outlines) if row["split"] != "val"]
    other = outlines.parent / "other"
    other.mkdir()
    for name in ("images", "masks"):
        (other / name).symlink_to(outlines / name)
    toy.write_manifest(other, rows)
    assert len(load(recipe_of(other, toy_tasks.OUTLINES), outlines.parent, "val")) == 0
    assert len(load(recipe, outlines.parent, "val")) == 6


def test_a_column_of_masks_that_is_not_there_is_an_error(outlines):
    data = toy_tasks.OUTLINES["data"] | {"mask": "outline"}
    with pytest.raises(ManifestError, match="no column 'outline'"):
        load(recipe_of(outlines, toy_tasks.OUTLINES | {"data": data}), outlines.parent, "train")


def small(**more: object) -> Examples:
    texts = np.array(["a", "b"])
    whole = {"images": np.zeros((2, 1, 4, 4), np.uint8), "labels": np.array([0, 1]), "patients": texts, "names": texts}
    return Examples(**({"groups": {}} | whole | more))


def test_what_one_set_lacks_is_empty_after_joining():
    mask, box = np.ones((2, 4, 4), np.uint8), (np.ones((1, 4)), np.ones((2, 4)))
    first = small(groups={"sex": np.array(["F", "M"])}, masks=mask, numbers={"age": np.array([1.0, 2.0])})
    both = join([first, small(boxes=box)])
    assert both.groups["sex"].tolist() == ["F", "M", "", ""]
    assert both.masks is not None
    assert both.masks.any((1, 2)).tolist() == [True, True, False, False]
    assert np.isnan(both.numbers["age"]).tolist() == [False, False, True, True]
    assert [len(boxes) for boxes in both.boxes] == [0, 0, 1, 2]


def test_where_one_set_has_one_reader_and_another_several_all_shares_are_known():
    mask = np.zeros((2, 4, 4), np.uint8)
    mask[:, 0] = 1
    both = join([small(masks=mask), small(masks=mask, shares=np.full((2, 4, 4), 64, np.uint8))])
    assert both.shares is not None
    assert both.shares[:, 0, 0].tolist() == [255, 255, 64, 64]
    assert both.shares[:, 3, 0].tolist() == [0, 0, 64, 64]
    assert join([small(masks=mask)] * 2).shares is None


def test_taking_some_keeps_everything_in_the_order_asked_for():
    whole = small(
        masks=np.stack([np.full((4, 4), n, np.uint8) for n in (1, 2)]),
        shares=np.stack([np.full((4, 4), n, np.uint8) for n in (3, 4)]),
        boxes=(np.full((1, 4), 5.0), np.full((2, 4), 6.0)),
        numbers={"age": np.array([7.0, 8.0])},
        groups={"sex": np.array(["F", "M"])},
    )
    turned = take(whole, np.array([1, 0]))
    assert turned.masks is not None
    assert turned.shares is not None
    found = (turned.labels[0], turned.masks[0, 0, 0], turned.shares[0, 0, 0], len(turned.boxes[0]))
    assert found == (1, 2, 4, 2)
    assert (turned.numbers["age"][0], turned.groups["sex"][0], turned.names[0]) == (8.0, "M", "b")


def test_one_picture_of_each_example_is_the_middle_of_what_the_network_sees():
    channels = np.arange(5, dtype=np.uint8)[None, :, None, None] * np.ones((2, 1, 4, 4), np.uint8)
    assert (replace(small(), images=channels).grey == 2).all()
    slices = np.arange(6, dtype=np.uint8)[None, None, :, None, None] * np.ones((2, 1, 1, 4, 4), np.uint8)
    assert (replace(small(), images=slices).grey == 3).all()


def test_a_split_without_a_picture_is_refused_before_anything_is_learnt(outlines):
    tables = {"model": {"structures": ["spot"], "labels": []}, "questions": [], "accept": [], "marks": []}
    data = {key: value for key, value in toy_tasks.OUTLINES["data"].items() if key != "classes"}
    nobody = toy_tasks.OUTLINES | tables | {"data": data | {"judge_only": {"site": ["nowhere"]}}}
    recipe = recipe_of(outlines, nobody)
    assert len(whole_split(recipe, outlines.parent, "train")) == 12
    with pytest.raises(ManifestError, match=r"split 'val': found no picture"):
        whole_split(recipe, outlines.parent, "val")
