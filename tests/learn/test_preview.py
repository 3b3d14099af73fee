"""What a preview shows: a picture as it is, prepared and changed, each with its outline; only of the training split."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="needs the extra `learn`")

import toy  # noqa: E402
from secondread.core.prepare_step import PrepareStep  # noqa: E402
from secondread.learn.augmentation import Augmentation  # noqa: E402
from secondread.learn.data import load  # noqa: E402
from secondread.learn.preview import Shown, strips  # noqa: E402
from secondread.learn.preview_sheet import COLOURS, SIDE, flat, legend, sheet, tile  # noqa: E402
from secondread.learn.recipe import DataSet, Synthesis, read_recipe  # noqa: E402
from secondread.learn.tables import build  # noqa: E402

STRONG = Augmentation(flip=0.5, rotate_deg=30, elastic=0.05, shift=0.1, flip_is_harmless=True)


@pytest.fixture
def recipe(root):
    return replace(read_recipe(toy.make_recipe(root)), augment=STRONG)


@pytest.fixture
def outlined(tmp_path, recipe):
    """A recipe for bright squares on black, their masks being the squares; no picture but those for training exists."""
    folder = tmp_path / "squares"
    folder.mkdir()
    rows = []
    for n in range(6):
        values = np.zeros((32, 32), np.uint8)
        values[8 : 14 + n, 10:22] = 255
        Image.fromarray(values).save(folder / f"{n}.png")
        rows.append({"file": f"{n}.png", "mask": f"{n}.png", "patient": str(n), "split": "train"})
    rows.append({"file": "missing.png", "mask": "missing.png", "patient": "9", "split": "test"})
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    item = build(DataSet, {"path": "squares", "sha256": "", "mask": "mask", "mask_values": {"*": "square"}}, "test")
    return replace(recipe, model=replace(recipe.model, labels=(), structures=("square",)), data=(item,), questions=())


def test_each_class_has_a_strip_and_the_first_picture_is_the_one_of_the_data_set(root, recipe):
    found = strips(recipe, root, samples=3)
    assert [strip.title for strip in found] == ["toy: plain", "toy: spot"]
    train = load(recipe, root, "train").images.astype(np.float32) / 255
    for number, strip in enumerate(found):
        same = [n for n, image in enumerate(train) if np.array_equal(image, strip.plain.grey)]
        assert load(recipe, root, "train").labels[same].tolist() == [number]
        assert strip.prepared is None
        assert len({shown.grey.tobytes() for shown in strip.changed}) == 3


def test_masks_move_with_their_pictures_and_only_training_is_looked_at(tmp_path, outlined):
    found = strips(outlined, tmp_path, samples=4)
    assert [strip.title for strip in found] == ["squares"] * 3
    sizes = [int((strip.plain.mask > 0).sum()) for strip in found]
    assert sizes == sorted(sizes, reverse=True)
    for strip in found:
        for shown in (strip.plain, *strip.changed):
            assert ((shown.grey[0] > 0.5) == (shown.mask > 0)).mean() > 0.98
        assert any((shown.mask != strip.plain.mask).any() for shown in strip.changed)


def test_steps_are_shown_before_and_after(tmp_path, outlined):
    steps = (PrepareStep("zscore", (("reach", 9), ("body_only", False))),)
    (strip, *_) = strips(replace(outlined, input=replace(outlined.input, prepare=steps)), tmp_path, samples=1)
    assert strip.plain.grey.max() == 1
    assert 0.5 < strip.prepared.grey.max() < 0.8
    assert strip.changed[0].grey.max() < 0.8


def test_made_pictures_have_strips_of_their_own(root, recipe):
    made = replace(recipe, synthesise=(Synthesis("spot", "invert", "plain", 0.5),))
    assert [strip.title for strip in strips(made, root)][2:] == ["spot: invert of plain"]
    assert len(strips(made, root, most=2)) == 2


def test_a_seed_decides_everything(root, recipe):
    once, twice, other = (sheet(strips(recipe, root, seed=seed), recipe, seed) for seed in (3, 3, 4))
    assert np.array_equal(once, twice)
    assert once.shape != other.shape or not np.array_equal(once, other)


def test_an_outline_runs_around_its_region_in_the_colour_of_the_legend():
    mask = np.zeros((22, 22), np.uint8)
    mask[6:14, 8:16] = 2
    drawn = tile(Shown(np.full((1, 22, 22), 0.5, np.float32), mask))
    assert drawn.shape == (SIDE, SIDE, 3)
    line = np.argwhere((drawn == COLOURS[1]).all(2))
    scale = SIDE / 22
    assert np.abs(line.min(0) - [6 * scale, 8 * scale]).max() <= 2
    assert np.abs(line.max(0) - [14 * scale, 16 * scale]).max() <= 2


def test_a_volume_is_cut_through_the_middle_of_its_mask():
    grey, mask = np.zeros((1, 8, 10, 12), np.float32), np.zeros((8, 10, 12), np.uint8)
    grey[0, 5:7, 2:4, 9:11], mask[5:7, 2:4, 9:11] = 1, 1
    colour, seen = flat(Shown(grey, mask))
    assert seen.sum() == 3 * 4
    assert np.array_equal(colour[..., 0] > 0, seen > 0)
    assert not flat(Shown(grey))[0].any()


@pytest.mark.parametrize(("channels", "shown"), [(1, (0, 0, 0)), (3, (0, 1, 2)), (5, (1, 2, 3)), (4, (2, 2, 2))])
def test_several_channels_are_shown_as_colours_where_they_can_be(channels, shown):
    grey = np.arange(channels, dtype=np.float32)[:, None, None].repeat(4, 1).repeat(4, 2)
    assert tuple(flat(Shown(grey))[0][0, 0]) == shown


def test_the_legend_tells_every_number_that_is_not_at_its_default(recipe):
    said = " ".join(legend(recipe, 7, 60))
    for part in ("rotate_deg = 30", "elastic = 0.05", "flip_is_harmless = true", "seed 7", "1 x 32 x 32", "nothing"):
        assert part in " ".join(said.split())
    assert "lowres" not in said
