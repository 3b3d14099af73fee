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

from secondread.learn import contact_sheets, plots
from secondread.learn.judge_outlines import dices


@pytest.fixture
def recipe(tmp_path):
    toy.make_set(tmp_path)
    return read_recipe(toy.make_recipe(tmp_path))


@pytest.fixture
def test(recipe, tmp_path):
    return load(recipe, tmp_path, "test")


def answers(test: Examples, noise: float) -> Predictions:
    """Of a network that finds spots by their brightest pixel; maps of 4 x 4."""
    cells = test.grey.reshape(len(test), 4, 8, 4, 8).max((2, 4)).astype(np.float32) / 255.0
    side = 4.0 * (cells.max((1, 2)) - 0.75) + np.random.default_rng(1).normal(0.0, noise, len(test))
    cam = np.stack([np.zeros_like(cells), cells], 1)
    return Predictions(
        np.stack([np.zeros_like(side), 4.0 * side], 1).astype(np.float64), cam, np.zeros((len(test), 1), np.float32)
    )


def result(test: Examples, found: Predictions, threshold: float) -> dict:
    """As much of an evaluation as the pictures need."""
    p = 1.0 / (1.0 + np.exp(found.logits[:, 0] - found.logits[:, 1]))
    return {
        "calibration": {"method": "temperature", "temperature": 1.0, "fitted_on": "nothing"},
        "classes": None,
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


def test_a_sheet_of_outlines_orders_cases_and_tells_where_there_are_none(tmp_path, monkeypatch):
    """Of ten cases the worst five, the middle five and the best five; nothing was drawn on the empty one."""
    side = np.arange(11)
    true = np.zeros((11, 8, 8), np.uint8)
    true[:10, :4] = 1
    found = np.zeros(true.shape, bool)
    for n in range(10):
        found[n, : 4 - n % 4, : 8 - n // 4] = True
    names = np.array([str(n) for n in side])
    test = Examples(np.zeros((11, 3, 8, 8), np.uint8), side, names, {}, names, masks=true)
    seen = {}
    monkeypatch.setattr(contact_sheets, "sheet", lambda _path, _title, rows, _draw: seen.update(rows))
    contact_sheets.contours(tmp_path / "x.png", "lesion", test, 0, found)
    quality = np.array(dices(found[:10], true[:10] == 1))
    assert sorted(quality[seen["worst"]]) == sorted(quality)[:5]
    assert sorted(quality[seen["best"]]) == sorted(quality)[5:]
    assert len(seen["middle"]) == 5
    assert len(seen["drawn on nothing"]) == 0


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 4, 8, 8)])
def test_outlines_of_pictures_and_volumes_are_drawn(shape, tmp_path):
    true = np.zeros((3, *shape[1:]), np.uint8)
    true[:2, ..., 2:5, 2:6] = 1
    names = np.array(["a", "b", "c"])
    test = Examples(np.zeros((3, *shape), np.uint8), np.zeros(3, np.int64), names, {}, names, masks=true)
    contact_sheets.contours(tmp_path / "x.png", "lesion", test, 0, true == 1)
    with Image.open(tmp_path / "x.png") as picture:
        pixels = np.asarray(picture.convert("RGB"), dtype=int)
    assert (pixels[..., 2] - pixels[..., 0]).max() > 100, "the edge of the mask is blue"
    assert (pixels[..., 0] - pixels[..., 2]).max() > 100, "what was drawn is orange"


def test_of_a_volume_the_slice_with_most_of_the_structure_is_shown():
    true, found = np.zeros((2, 4, 8, 8), bool)
    true[1, 0, 0] = True
    true[3, :2] = True
    images = np.zeros((1, 1, 4, 8, 8), np.uint8) + np.arange(4, dtype=np.uint8)[:, None, None]
    test = Examples(images, np.zeros(1, np.int64), np.array(["a"]), {}, np.array(["a"]))
    grey, _, mask = contact_sheets.slice_of(test, 0, found, true)
    assert grey.max() == 3
    assert mask.sum() == 16


def test_marks_are_sorted_into_found_missed_and_false(tmp_path, monkeypatch):
    outlines = np.zeros((3, 1, 40, 40), np.uint8)
    for n, (row, column) in enumerate([(10, 10), (30, 30), (20, 20)]):
        outlines[n, 0, row - 4 : row + 5, column - 4 : column + 5] = 250
    boxes = (np.array([[5.0, 5, 15, 15]]), np.array([[5.0, 5, 15, 15]]), np.zeros((0, 4)))
    names = np.array(["a", "b", "c"])
    test = Examples(np.zeros((3, 1, 40, 40), np.uint8), np.zeros(3, np.int64), names, {}, names, boxes=boxes)
    seen, whole = {}, contact_sheets.sheet

    def kept(path, title, rows, draw):
        seen.update(rows)
        whole(path, title, rows, draw)

    monkeypatch.setattr(contact_sheets, "sheet", kept)
    contact_sheets.marks(tmp_path / "x.png", "lesion", test, outlines, 0, 0.5)
    assert [list(seen[name]) for name in ("found", "missed")] == [[0], [1]]
    assert sorted(seen["false marks"]) == [1, 2]
    assert (tmp_path / "x.png").exists()
