import numpy as np
import pytest

from phantoms.mammogram import Mass, mammogram
from secondread.core.image import Image
from secondread.measure.breast_masses import MOST, POSITIVE, candidates
from secondread.measure.breast_outline import Turn, breast


def outlined(seed: int = 5, *, known: bool = True, **settings):
    phantom = mammogram(seed, spacing_mm=0.25, **settings)
    values = (phantom.pixels / 4095.0).astype(np.float32)
    image = Image(values, (0.25, 0.25), "detector") if known else Image(values)
    return breast(image, Turn(rows=False, columns=False), muscle=settings.get("view") == "MLO")


@pytest.mark.parametrize("diameter", [28.0, 32.0])
def test_a_large_round_mass_in_fat_is_the_most_conspicuous_candidate(diameter):
    found_in = outlined(percent=4.0, masses=(Mass(diameter, 1.0, at=(75.0, 45.0)),))
    first = candidates(found_in)[0]
    place = [(n + 0.5) * step for n, step in zip(first.centre, found_in.step_mm, strict=True)]
    assert first.conspicuity >= POSITIVE
    assert place == pytest.approx((75.0, 45.0), abs=5.0)
    assert first.diameter_mm == pytest.approx(diameter, rel=0.3)


def test_a_mass_is_more_conspicuous_than_the_same_place_without_it():
    place = (75.0, 45.0)

    def score(masses):
        found_in = outlined(percent=10.0, masses=masses)
        near = [
            one.conspicuity
            for one in candidates(found_in)
            if np.hypot(one.centre[0] * 0.8 - place[0], one.centre[1] * 0.8 - place[1]) < 8
        ]
        return max(near, default=0.0)

    assert score((Mass(26.0, 0.9, at=place),)) > score(())


@pytest.mark.parametrize("view", ["CC", "MLO"])
def test_candidates_are_few_in_order_apart_and_inside_the_tissue(view):
    found_in = outlined(view=view, percent=30.0)
    found = candidates(found_in)
    assert len(found) <= MOST
    scores = [one.conspicuity for one in found]
    assert scores == sorted(scores, reverse=True)
    union = sum(one.inside.astype(int) for one in found)
    assert np.max(union, initial=0) <= 1
    for one in found:
        assert not (one.inside & ~found_in.tissue).any()
        assert 0.0 < one.roundness <= 1.0


def test_without_the_size_of_a_pixel_no_mass_can_be_sought():
    with pytest.raises(ValueError, match="spacing"):
        candidates(outlined(known=False))
