from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.core.card import InputContract
from secondread.core.errors import CardError
from secondread.core.image import Image
from secondread.core.prepare_step import PrepareStep
from secondread.prepare.model_space import centre_slices, covered, to_model_space

modes = st.sampled_from(["squeeze", "pad"])
sides = st.integers(31, 230)
inputs = st.integers(40, 120)
places = st.tuples(st.floats(0.4, 0.6), st.floats(0.4, 0.6))


def contract(size, resize="squeeze"):
    return InputContract(*size, resize, ("CR",))


def blob(shape, centre, sigma):
    rows, columns = np.indices(shape)
    far = ((rows - centre[0]) / sigma[0]) ** 2 + ((columns - centre[1]) / sigma[1]) ** 2
    return np.exp(-far / 2).astype(np.float32)


def centroid(picture):
    mass = picture.astype(np.float64)
    return tuple((np.indices(picture.shape) * mass).sum((1, 2)) / mass.sum())


@given(modes, sides, st.floats(0.5, 2), inputs, inputs, places)
def test_a_spot_found_in_model_space_comes_back_to_within_half_a_pixel(mode, rows, aspect, height, width, place):
    shape = (rows, max(31, round(rows * aspect)))
    centre = tuple(p * (n - 1) for p, n in zip(place, shape, strict=True))
    image = Image(blob(shape, centre, [n / 12 for n in shape]))
    prepared = to_model_space(image, contract((height, width), mode))
    found = centroid(prepared.tensor[0, 0])
    back = prepared.to_source(blob((height, width), found, (1.6, 1.6)))
    assert back.shape == shape
    assert centroid(back) == pytest.approx(centre, abs=0.5)


@given(modes, sides, sides, inputs, inputs)
def test_an_even_picture_is_even_in_model_space(mode, rows, columns, height, width):
    tensor = to_model_space(Image(np.full((rows, columns), 0.3, np.float32)), contract((height, width), mode)).tensor
    assert tensor.shape == (1, 1, height, width)
    assert tensor.dtype == np.float32
    inside = tensor[tensor > 0]
    np.testing.assert_allclose(inside, 0.3, rtol=1e-6)
    assert mode == "pad" or inside.size == tensor.size


@given(modes, sides, sides, inputs, inputs, st.integers(1, 9), st.integers(1, 9))
def test_an_even_map_of_any_resolution_is_even_on_the_picture(mode, rows, columns, height, width, h, w):
    prepared = to_model_space(Image(np.zeros((rows, columns), np.float32)), contract((height, width), mode))
    back = prepared.to_source(np.full((h, w), -1.75, np.float32))
    assert back.shape == (rows, columns)
    np.testing.assert_allclose(back, -1.75, rtol=1e-6)


@given(sides, sides, inputs, inputs)
def test_padding_keeps_the_aspect_to_half_a_pixel_and_the_picture_in_the_middle(rows, columns, height, width):
    tensor = to_model_space(Image(np.ones((rows, columns), np.float32)), contract((height, width), "pad")).tensor[0, 0]
    lit_rows, lit_columns = np.flatnonzero(tensor.any(1)), np.flatnonzero(tensor.any(0))
    scale = min(height / rows, width / columns)
    assert len(lit_rows) == pytest.approx(rows * scale, abs=0.5 + 1e-9)
    assert len(lit_columns) == pytest.approx(columns * scale, abs=0.5 + 1e-9)
    assert len(lit_rows) == height or len(lit_columns) == width
    for lit, side in ((lit_rows, height), (lit_columns, width)):
        assert abs(lit[0] - (side - 1 - lit[-1])) <= 1


def test_what_a_map_says_of_the_padding_does_not_reach_the_picture():
    prepared = to_model_space(Image(np.ones((40, 80), np.float32)), contract((80, 80), "pad"))
    padding_only = np.zeros((80, 80), np.float32)
    padding_only[:19] = padding_only[61:] = 1.0
    assert not prepared.to_source(padding_only).any()


def test_a_coarse_map_lights_the_corner_it_means():
    prepared = to_model_space(Image(np.ones((40, 80), np.float32)), contract((64, 64), "pad"))
    coarse = np.zeros((4, 4), np.float32)
    coarse[1, 0] = 1.0
    back = prepared.to_source(coarse)
    rows, columns = np.unravel_index(back.argmax(), back.shape)
    assert rows <= 10
    assert columns <= 10


def test_a_very_long_picture_keeps_at_least_one_line():
    tensor = to_model_space(Image(np.ones((1, 900), np.float32)), contract((32, 32), "pad")).tensor
    assert tensor[0, 0].any(1).sum() == 1


def test_steps_of_the_contract_come_first_and_maps_still_find_their_way():
    dim = Image(np.linspace(0.4, 0.5, 300, dtype=np.float32).reshape(15, 20))
    stretched = replace(contract((30, 20), "pad"), prepare=(PrepareStep("percentiles", (("low", 0), ("high", 100))),))
    plain, seen = (to_model_space(dim, how) for how in (replace(stretched, prepare=()), stretched))
    covered = plain.tensor > 0
    np.testing.assert_allclose(seen.tensor[covered], (plain.tensor[covered] - 0.4) * 10, atol=1e-4)
    assert seen.to_source(seen.tensor[0, 0]).shape == dim.shape


def test_a_step_that_moves_pixels_is_refused_in_a_contract():
    cut = replace(contract((30, 20), "pad"), prepare=(PrepareStep("foreground"),))
    with pytest.raises(CardError, match="decided by resize alone"):
        to_model_space(Image(np.ones((4, 4), np.float32)), cut)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_the_centre_is_cut_out_or_padded_pixel_by_pixel_and_comes_back(rows, columns, height, width):
    values = np.random.default_rng(rows * 41 + columns).random((rows, columns)).astype(np.float32) + np.float32(0.5)
    prepared = to_model_space(Image(values), contract((height, width), "centre"))
    tensor = prepared.tensor[0, 0]
    kept = (min(rows, height), min(columns, width))
    assert tensor.shape == (height, width)
    assert np.count_nonzero(tensor) == kept[0] * kept[1]
    back = prepared.to_source(tensor)
    inside = back > 0
    assert (back[inside] == values[inside]).all()
    assert np.count_nonzero(inside) == kept[0] * kept[1]
    top, left, high, wide = covered((rows, columns), contract((height, width), "centre"))
    assert (high, wide) == (rows, columns)
    for j, i in np.argwhere(inside)[:: max(1, inside.sum() // 5)]:
        assert tensor[j + top, i + left] == values[j, i]


def test_the_middle_of_what_is_cut_stays_the_middle():
    for have, want in ((10, 6), (6, 10), (11, 6), (7, 7)):
        (source,), (target,) = centre_slices((have,), (want,))
        middle = (source.start + source.stop) / 2 - have / 2, (target.start + target.stop) / 2 - want / 2
        assert np.abs(middle).max() <= 0.5
        assert source.stop - source.start == target.stop - target.start == min(have, want)
