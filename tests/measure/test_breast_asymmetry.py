import numpy as np
import pytest

from phantoms.mammogram import mammogram
from secondread.core.image import Image
from secondread.measure.breast_asymmetry import POSITIVE_POINTS, inside, number, regions
from secondread.measure.breast_density import density
from secondread.measure.breast_outline import Turn, breast

EXTRA = (60.0, 62.0, 26.0)  # above the nipple line, at the front


def side(seed: int, **settings):
    phantom = mammogram(seed, spacing_mm=0.25, percent=settings.pop("percent", 12.0), shared=9, **settings)
    image = Image((phantom.pixels / 4095.0).astype(np.float32), (0.25, 0.25), "detector")
    found = breast(image, Turn(rows=False, columns=False), muscle=False)
    return found, density(found)


@pytest.fixture(scope="module")
def right():
    return side(70)


@pytest.fixture(scope="module")
def denser():
    return side(71, extra_dense=EXTRA, percent=18.0)


def test_a_breast_and_itself_do_not_differ(right):
    assert all(one.difference == 0.0 for one in regions(right, right))


def test_sides_that_share_their_tissue_stay_below_the_limit(right):
    assert abs(regions(right, side(72))[0].difference) < POSITIVE_POINTS


def test_a_dense_area_of_one_side_is_found_on_that_side_and_in_its_region(right, denser):
    first = regions(right, denser)[0]
    assert first.difference > POSITIVE_POINTS
    assert (first.band, first.half) == ("upper", "front")
    other_way = regions(denser, right)[0]
    assert other_way.difference == pytest.approx(-first.difference)


def test_regions_part_the_tissue_and_nothing_else(right):
    found, _ = right
    numbers = number(found)
    assert ((numbers >= 0) == found.tissue).all()
    parts = [inside(found, one) for one in regions(right, right)]
    assert max(sum(part.astype(int) for part in parts).ravel()) == 1
