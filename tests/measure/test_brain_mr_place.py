"""Where a region lies in the brain."""

import numpy as np
import pytest

from phantoms.brain_mr import seen
from secondread.measure.brain_mr_place import lobe_names, place_of


def ball(brain: object, centre: tuple[float, float, float], radius: float) -> np.ndarray:
    """A ball, its middle given as (up, back, left) in mm from the middle of the picture."""
    steps, shape = brain.steps, brain.values.shape  # type: ignore[attr-defined]
    axes = [(np.arange(n) - (n - 1) / 2) * mm - at for n, mm, at in zip(shape, steps, centre, strict=True)]
    k, j, i = np.meshgrid(*axes, indexing="ij")
    return k**2 + j**2 + i**2 <= radius**2


def distances(place: object) -> dict[str, float]:
    return {one.name: one.value for one in place.distances}  # type: ignore[attr-defined]


@pytest.mark.parametrize(("left", "side"), [(40.0, "left"), (-40.0, "right"), (0.0, "both sides")])
def test_the_side_is_the_patients(left: float, side: str) -> None:
    _, brain, fluid = seen()
    assert place_of(brain, ball(brain, (25.0, -30.0, left), 9.0), fluid).side == side


def test_distances_are_those_of_the_ball() -> None:
    _, brain, fluid = seen()
    found = distances(place_of(brain, ball(brain, (8.0, 0.0, 40.0), 8.0), fluid))
    assert found["distance to the middle plane"] == pytest.approx(32.0, abs=1.5)
    assert found["distance to the surface of the brain"] == pytest.approx(21.5, abs=3.0)
    assert found["distance to the ventricles"] == pytest.approx(12.5, abs=3.0)


def test_a_region_at_the_edge_reaches_the_surface() -> None:
    _, brain, fluid = seen()
    region = ball(brain, (8.0, 0.0, 64.0), 8.0) & brain.inside
    assert distances(place_of(brain, region, fluid))["distance to the surface of the brain"] == 0.0


def test_without_ventricles_no_distance_to_them_is_told() -> None:
    _, brain, fluid = seen()
    found = distances(place_of(brain, ball(brain, (8.0, 0.0, 40.0), 8.0), np.zeros_like(fluid)))
    assert "distance to the ventricles" not in found


def test_what_reaches_over_the_middle_crosses_it() -> None:
    _, brain, fluid = seen()
    assert place_of(brain, ball(brain, (25.0, -30.0, 0.0), 9.0), fluid).crosses
    assert not place_of(brain, ball(brain, (25.0, -30.0, 40.0), 9.0), fluid).crosses


@pytest.mark.parametrize(
    ("up", "back", "out", "lobe"),
    [
        (0.7, 0.2, 0.4, "frontal"),
        (0.8, 0.7, 0.4, "parietal"),
        (0.6, 0.9, 0.3, "occipital"),
        (0.4, 0.45, 0.8, "temporal"),
        (0.2, 0.8, 0.3, "cerebellum or brain stem"),
    ],
)
def test_the_coarse_rule_names_the_lobes(up: float, back: float, out: float, lobe: str) -> None:
    assert lobe_names(*(np.array([n]) for n in (up, back, out))).tolist() == [lobe]
