import numpy as np
import pytest

from phantoms.mammogram import mammogram
from secondread.core.image import Image
from secondread.measure.breast_density import density, group, levels
from secondread.measure.breast_outline import Turn, breast

AS_IT_IS = Turn(rows=False, columns=False)


def found(percent: float, view: str = "CC", seed: int = 3, **changes):
    phantom = mammogram(seed, view=view, percent=percent, spacing_mm=0.25)
    values = (phantom.pixels / 4095.0).astype(np.float32)
    image = Image(values, (0.25, 0.25), "detector") if changes.get("known", True) else Image(values)
    gamma = changes.get("gamma", 1.0)
    return phantom, density(
        breast(Image(image.values**gamma, image.spacing_mm, image.spacing_source), AS_IT_IS, muscle=view == "MLO")
    )


@pytest.mark.parametrize(
    ("view", "percent"), [("CC", 2), ("CC", 20), ("CC", 60), ("MLO", 10), ("MLO", 40), ("MLO", 90)]
)
def test_percent_density_is_near_the_truth(view, percent):
    phantom, measured = found(percent, view)
    assert measured.percent == pytest.approx(phantom.percent, abs=12.0)


def test_more_glands_are_more_density():
    found_ = [found(percent)[1].percent for percent in (5, 20, 45, 70)]
    assert found_ == sorted(found_)


def test_dense_tissue_lies_inside_the_breast_and_not_in_the_muscle():
    phantom = mammogram(8, view="MLO", percent=30.0, spacing_mm=0.25)
    image = Image((phantom.pixels / 4095.0).astype(np.float32), (0.25, 0.25), "detector")
    outlined = breast(image, AS_IT_IS, muscle=True)
    dense = density(outlined).dense
    assert not (dense & ~outlined.tissue).any()


def test_a_window_that_is_a_bit_brighter_changes_little():
    assert found(25.0, gamma=0.85)[1].percent == pytest.approx(found(25.0)[1].percent, abs=5.0)


def test_density_needs_no_spacing():
    assert found(30.0, known=False)[1].percent == pytest.approx(found(30.0)[1].percent, abs=4.0)


def test_one_kind_of_tissue_is_fat_unless_it_is_as_bright_as_muscle():
    random = np.random.default_rng(0)
    values = random.normal(0.5, 0.03, 5000).astype(np.float32)
    assert levels(values, below_skin=0.45, muscle=1.0)[1] > values.max()
    fat, level, two = levels(values, below_skin=0.2, muscle=0.5)
    assert not two
    assert fat < level < 0.5
    assert levels(values, below_skin=0.45)[1] > values.max()
    assert levels(values, below_skin=0.2)[1] < 0.5


def test_groups_are_quartiles():
    assert [group(percent) for percent in (0.0, 24.9, 25.0, 49.9, 50.0, 74.9, 75.0, 100.0)] == list("aabbccdd")
    with pytest.raises(ValueError, match="0 to 100"):
        group(101.0)
