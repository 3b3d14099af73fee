"""Steps in a row: what they are told, what they refuse, and that masks and maps find the way."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from secondread.core.errors import CardError, SpacingError
from secondread.core.prepare_step import steps_from, steps_to
from secondread.prepare.chain import GREY, MOVING, apply, check_steps, keys_of
from secondread.prepare.placement import Placement


def steps(*tables):
    return steps_from(list(tables), "recipe toy.toml: prepare")


def ball(*shape):
    """float32 [1, *shape]: a bright ball off the centre, in air."""
    grid = np.indices(shape)
    far = sum((axis - side * 0.4) ** 2 for axis, side in zip(grid, shape, strict=True))
    return (100.0 * (far < (min(shape) / 4) ** 2)).astype(np.float32)[None]


def test_steps_survive_being_written_as_toml_and_read_again():
    chosen = steps({"step": "window", "centre": 40, "width": 80.0}, {"step": "fit", "size_px": [64, 48]})
    text = tomli_w.dumps({"prepare": steps_to(chosen)})
    assert steps_from(tomllib.loads(text)["prepare"], "card") == chosen


def test_no_steps_leave_everything_as_it_is():
    values = ball(12, 9)
    ready = apply((), values, (1.0, 2.0))
    assert np.array_equal(ready.values, values)
    assert (ready.place, ready.spacing_mm) == (Placement.whole((12, 9)), (1.0, 2.0))


def test_each_channel_gets_grey_of_its_own_but_all_are_cut_alike():
    values = np.concatenate([ball(20, 20), 3.0 * np.roll(ball(20, 20), 4, axis=1)])
    ready = apply(steps({"step": "percentiles", "low": 0, "high": 100}, {"step": "foreground"}), values)
    assert ready.values.max(axis=(1, 2)).tolist() == [1.0, 1.0]
    seen = np.argwhere(values.max(0) > 0)
    assert ready.values.shape[1:] == tuple(seen.max(0) - seen.min(0) + 1)


@pytest.mark.parametrize("shape", [(31, 20), (14, 22, 17)])
def test_a_mask_moves_with_its_picture_and_comes_back(shape):
    values = ball(*shape)
    mask = (values[0] > 50).astype(np.int64)
    chosen = steps(
        {"step": "foreground", "margin_px": 2},
        {"step": "resample", "to_mm": 0.6},
        {"step": "fit", "size_px": [40] * len(shape)},
    )
    ready = apply(chosen, values, (1.0,) * len(shape))
    moved = ready.place.mask_to_after(mask)
    assert moved.shape == ready.values.shape[1:]
    seen = ready.values[0] > 50
    assert 2 * (moved * seen).sum() / (moved.sum() + seen.sum()) > 0.9  # a ball of a few pixels
    assert (ready.place.mask_to_before(moved) == mask).mean() > 0.99
    assert np.allclose(ready.spacing_mm, 0.6)


@given(
    st.tuples(st.integers(4, 30), st.integers(4, 30)),
    st.floats(0.4, 2.5),
    st.tuples(st.integers(4, 40), st.integers(4, 40)),
)
def test_points_go_forward_and_back_within_half_a_pixel(shape, spacing, size):
    chosen = steps({"step": "resample", "to_mm": spacing}, {"step": "fit", "size_px": list(size)})
    place = apply(chosen, np.ones((1, *shape), np.float32), (1.0, 1.0)).place
    points = np.array([[0.5, 0.5], [shape[0] / 2, shape[1] / 2], [1.0, shape[1] - 0.5]])
    assert np.abs(place.points_to_before(place.points_to_after(points)) - points).max() < 1e-6


def test_a_bright_spot_is_found_where_its_point_is_said_to_lie():
    values = np.zeros((1, 40, 60), np.float32)
    values[0, 21:25, 33:37] = 1.0
    ready = apply(
        steps({"step": "resample", "to_mm": [0.5, 0.8]}, {"step": "fit", "size_px": [50, 50]}), values, (1.0, 1.0)
    )
    weights = ready.values[0] / ready.values[0].sum()
    centre = [float(((axis + 0.5) * weights).sum()) for axis in np.indices(weights.shape)]
    assert np.abs(ready.place.points_to_after([[23.0, 35.0]])[0] - centre).max() < 0.1
    assert np.abs(ready.place.map_to_before(ready.values[0]) - values[0]).mean() < 0.01


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"step": "persentiles"}, "Did you mean 'percentiles'?"),
        ({"step": "percentiles", "lowest": 1}, "Did you mean 'low'?"),
        ({"step": "window", "centre": 40}, "key 'width' is missing"),
        ({"step": "window", "centre": "forty", "width": 80}, "needed float"),
        ({"step": "window", "centre": 40, "width": 0}, "needed a number above 0"),
        ({"step": "fit", "size_px": [8]}, "for each of 2 axes"),
        ({"centre": 40}, "needed a table with a name"),
        ({"step": "fit", "size_px": {"rows": 8}}, "a list of numbers"),
        ({"step": "window", "centre": float("nan"), "width": 1}, "finite number"),
    ],
)
def test_a_mistake_in_a_step_is_named_before_anything_is_prepared(table, said):
    with pytest.raises(CardError, match=r"recipe toy\.toml") as caught:
        check_steps(steps(table), 2, "recipe toy.toml")
    assert said in str(caught.value)


def test_steps_that_are_no_list_are_refused():
    with pytest.raises(CardError, match="needed a list of tables"):
        steps_from({"step": "clahe"}, "card")


def test_without_spacing_nothing_is_resampled():
    with pytest.raises(SpacingError, match="not known"):
        apply(steps({"step": "resample", "to_mm": 1.0}), ball(8, 8))


@pytest.mark.parametrize("name", [*GREY, *MOVING])
def test_every_step_works_on_pictures_and_on_volumes_and_says_what_it_can_be_told(name):
    needed = {"window": {"centre": 50, "width": 100}, "resample": {"to_mm": 2.0}}.get(name, {})
    for shape in ((24, 20), (10, 12, 14)):
        told = needed | ({"size_px": [9] * len(shape)} if name == "fit" else {})
        ready = apply(steps({"step": name, **told}), ball(*shape), (1.0,) * len(shape))
        assert ready.values.ndim == len(shape) + 1
        assert np.isfinite(ready.values).all()
        assert set(told) <= set(keys_of(name))


def test_the_page_of_preparation_lists_every_step_with_its_keys_and_defaults():
    kinds = {float: "number", int: "whole number", bool: "true or false", tuple[float, ...]: "list of numbers"}
    expected = [
        [
            f"`{name}`",
            f"`{key}`",
            kinds[item.annotation],
            "required" if item.default is item.empty else f"`{str(item.default).lower()}`",
        ]
        for name in [*GREY, *MOVING]
        for key, item in keys_of(name).items()
    ]
    page = Path(__file__).parents[2] / "docs" / "reference" / "preparation.md"
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert [[cell.strip() for cell in line.split("|")[1:5]] for line in lines] == expected
