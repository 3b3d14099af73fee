from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from phantoms.breast_ultrasound import Phantom, grey
from secondread.measure.lesion_shape import DENT
from secondread.measure.ultrasound_features import SIDE, SMOOTH, Margin, Patch, behind, echo, edge_steepness, patch_of


def patch(phantom: Phantom, seed: int = 0) -> Patch:
    return patch_of(grey(phantom, seed).astype(np.float32) / 255, phantom.inside(), phantom.pixel_mm)


CASES = [
    (Phantom(contrast_db=-60.0), "anechoic"),
    (Phantom(contrast_db=-14.0), "hypoechoic"),
    (Phantom(contrast_db=0.0), "isoechoic"),
    (Phantom(contrast_db=9.0), "hyperechoic"),
    (Phantom(contrast_db=-20.0, mixed_db=18.0), "heterogeneous"),
]


@pytest.mark.parametrize(("phantom", "word"), CASES, ids=[word for _, word in CASES])
def test_the_echo_pattern_follows_the_echo_of_the_lesion(phantom, word):
    for seed in range(3):
        found = echo(patch(phantom, seed))
        assert found is not None
        assert found.word == word
        assert found.rule.startswith(word.capitalize())


@pytest.mark.parametrize(("behind_db", "word"), [(-12.0, "shadowing"), (12.0, "enhancement"), (0.0, "none")])
def test_what_lies_behind_is_compared_with_what_lies_beside(behind_db, word):
    for seed in range(3):
        found = behind(patch(Phantom(behind_db=behind_db), seed))
        assert found is not None
        assert found.word == word


def test_a_picture_that_darkens_with_depth_shows_no_shadow():
    phantom = Phantom()
    rows = np.linspace(1.0, 0.35, phantom.shape[0], dtype=np.float32)[:, None]
    found = behind(patch_of(grey(phantom).astype(np.float32) / 255 * rows, phantom.inside(), phantom.pixel_mm))
    assert found is not None
    assert found.word == "none"


def test_a_shadow_behind_one_half_and_light_behind_the_other_are_combined():
    phantom = Phantom()
    values, inside = grey(phantom).astype(np.float32) / 255, phantom.inside()
    below = (np.cumsum(inside, 0) > 0) & ~inside & inside.any(0)
    left = below & (phantom.places()[1] < 0)
    values = np.where(left, values * 0.4, np.where(below, np.minimum(values * 1.8, 1.0), values)).astype(np.float32)
    found = behind(patch_of(values, inside, phantom.pixel_mm))
    assert found is not None
    assert found.word == "combined"
    assert found.left < 0 < found.right


def test_a_mirrored_picture_says_the_same_with_left_and_right_exchanged():
    phantom = Phantom(behind_db=-8.0, centre_mm=(14.0, 16.0))
    values, inside = grey(phantom).astype(np.float32) / 255, phantom.inside()
    straight = patch_of(values, inside)
    mirrored = patch_of(np.fliplr(values), np.fliplr(inside))
    one, other = behind(straight), behind(mirrored)
    assert one is not None
    assert other is not None
    assert other.whole == pytest.approx(one.whole, abs=0.03)
    assert other.left == pytest.approx(one.right, abs=0.08)
    assert edge_steepness(mirrored) == pytest.approx(edge_steepness(straight), rel=0.1)


def test_nothing_is_said_of_what_lies_behind_where_the_picture_ends_or_is_black():
    phantom = Phantom()
    values, inside = grey(phantom).astype(np.float32) / 255, phantom.inside()
    last = int(np.flatnonzero(inside.any(1))[-1])
    assert behind(patch_of(values[: last + 3], inside[: last + 3])) is None
    black = values.copy()
    black[last - 40 :] *= 0.02
    assert behind(patch_of(black, inside)) is None


def test_a_smeared_edge_is_less_steep_than_a_sharp_one():
    sharp, smeared = (edge_steepness(patch(Phantom(fuzzy_mm=mm))) for mm in (0.0, 1.5))
    assert sharp is not None
    assert smeared is not None
    assert smeared < 0.7 * sharp


@pytest.mark.parametrize(
    ("solidity", "steepness", "word", "said"),
    [
        (0.98, 5.0, "circumscribed", "Circumscribed:"),
        (0.98, 2.0, "not circumscribed", "Not circumscribed, as the edge is not sharp:"),
        (0.80, 5.0, "not circumscribed", "Not circumscribed, as the outline is dented:"),
        (0.80, None, "not circumscribed", "Not circumscribed, as the outline is dented:"),
        (0.98, None, None, "Not said, as the edge is not seen well enough:"),
    ],
)
def test_a_margin_is_circumscribed_where_it_is_smooth_and_sharp(solidity, steepness, word, said):
    margin = Margin(solidity, steepness)
    assert margin.word == word
    assert margin.rule.startswith(said)
    assert margin.measurements


def test_dents_mean_the_same_for_shape_and_margin():
    assert SMOOTH == DENT


def test_the_same_lesion_in_a_finer_picture_gives_the_same_words():
    coarse, fine = (patch(Phantom(behind_db=-12.0, pixel_mm=mm)) for mm in ((0.16, 0.16), (0.08, 0.08)))
    for measure in (echo, behind):
        one, other = measure(coarse), measure(fine)
        assert one is not None
        assert other is not None
        assert one.word == other.word


def test_the_lesion_is_brought_to_one_size():
    for scale in (1.0, 2.5):
        phantom = Phantom(width_mm=8 * scale, depth_mm=5 * scale, centre_mm=(16.0, 19.0))
        inside = patch(phantom).inside
        assert 2 * np.sqrt(inside.sum() / np.pi) == pytest.approx(SIDE, abs=1.0)


def test_what_is_hidden_does_not_count():
    phantom = Phantom(contrast_db=-14.0)
    values, inside = grey(phantom).astype(np.float32) / 255, phantom.inside()
    hidden = ndimage.binary_dilation(phantom.inside(0.6)) & inside
    painted = np.where(hidden, np.float32(1.0), values)
    seen, unseen = echo(patch_of(painted, inside, hidden=hidden)), echo(patch_of(values, inside))
    assert seen is not None
    assert unseen is not None
    assert seen.ratio == pytest.approx(unseen.ratio, abs=0.08)
    assert echo(patch_of(painted, inside, hidden=np.ones_like(inside))) is None
    assert edge_steepness(patch_of(painted, inside, hidden=np.ones_like(inside))) is None


def test_a_lesion_as_wide_as_the_picture_has_nothing_beside_it():
    phantom = replace(Phantom(), width_mm=40.0, depth_mm=16.0, field_mm=(38.0, 24.0), centre_mm=(16.0, 12.0))
    assert echo(patch(phantom)) is None
