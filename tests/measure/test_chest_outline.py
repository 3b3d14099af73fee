from functools import cache

import numpy as np
import pytest

from phantoms.chest_xray import Chest, grey, truth
from secondread.core.image import Image
from secondread.core.mask import Mask
from secondread.measure.cardiothoracic_ratio import from_masks
from secondread.measure.chest_outline import ChestOutline, outline
from secondread.readers.chest_xray_heart_size import HEART, LUNG
from secondread.stats.overlap import dice


@cache
def found(chest: Chest) -> ChestOutline:
    return outline(Image(grey(chest)))


def ratio(seen: ChestOutline) -> float:
    return from_masks(
        Mask(seen.heart, None, HEART), Mask(seen.lungs, None, LUNG), projection="PA", upright=True
    ).ratio.value


def test_both_lungs_are_outlined_each_on_its_side():
    right, left, _ = truth(Chest())
    seen = found(Chest())
    assert dice(seen.right, right) > 0.95
    assert dice(seen.left, left) > 0.95
    assert not (seen.right & seen.left).any()
    assert not (seen.lungs & seen.heart).any()


@pytest.mark.parametrize(
    "chest",
    [
        Chest(),
        Chest(heart_mm=(50.0, 110.0)),
        Chest(heart_mm=(40.0, 85.0), thorax_mm=250.0, height_mm=200.0),
        Chest(heart_mm=(50.0, 90.0), thorax_mm=300.0),
        Chest(noise=0.04),
    ],
    ids=["usual", "large heart", "small person", "wide chest", "noisy"],
)
def test_the_ratio_of_a_known_chest_is_found_within_two_hundredths(chest):
    assert ratio(found(chest)) == pytest.approx(chest.ratio, abs=0.02)


def test_a_larger_heart_has_a_larger_ratio():
    ratios = [ratio(found(Chest(heart_mm=(right, 2 * right)))) for right in (40.0, 46.0, 52.0, 58.0)]
    assert ratios == sorted(ratios)


def test_the_ratio_does_not_depend_on_the_size_of_the_pixels():
    assert ratio(found(Chest(pixel_mm=0.5))) == pytest.approx(ratio(found(Chest())), abs=0.01)


def test_the_outline_lies_on_the_grid_of_the_picture_whatever_its_shape():
    picture = grey(Chest())[:, 20:-20]
    seen = outline(Image(picture))
    assert seen.right.shape == seen.left.shape == seen.heart.shape == picture.shape


def test_a_mirrored_picture_shows_the_heart_on_the_other_side():
    straight = found(Chest())
    mirrored = outline(Image(np.ascontiguousarray(grey(Chest())[:, ::-1])))
    middle = grey(Chest()).shape[1] / 2
    assert np.argwhere(straight.heart)[:, 1].mean() > middle
    assert np.argwhere(mirrored.heart)[:, 1].mean() < np.argwhere(straight.heart)[:, 1].mean()


@pytest.mark.parametrize("degrees", [-4.0, 4.0])
def test_a_leaning_chest_is_noticed_with_its_direction(degrees):
    lean = found(Chest(lean_deg=degrees)).tilt_deg - found(Chest()).tilt_deg
    assert np.sign(lean) == -np.sign(degrees)
    assert abs(lean) == pytest.approx(abs(degrees), abs=2.5)


def test_a_white_lung_is_not_dark():
    seen = found(Chest(without_left=True))
    assert seen.darkness[1] < 0.45 * seen.darkness[0]
    assert min(found(Chest()).darkness) > 0.45 * max(found(Chest()).darkness)


def test_a_chest_that_fills_the_picture_touches_its_edge():
    assert not found(Chest()).at_edge
    assert outline(Image(grey(Chest())[:, 80:-80])).at_edge


def test_the_same_picture_gives_the_same_outline():
    again = outline(Image(grey(Chest())))
    assert (again.heart == found(Chest()).heart).all()
    assert again.place == found(Chest()).place


@pytest.mark.parametrize("seed", [0, 1])
def test_noise_fits_worse_than_any_chest(seed):
    noise = np.random.default_rng(seed).random((200, 200), dtype=np.float32)
    assert outline(Image(noise)).place.score < 3.0 < found(Chest()).place.score
