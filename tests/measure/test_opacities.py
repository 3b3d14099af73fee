from functools import cache

import numpy as np
import pytest

from phantoms import chest_ct
from secondread.core.volume import Volume
from secondread.measure.lung_envelope import whole_lungs
from secondread.measure.lungs import find_lungs
from secondread.measure.opacities import measure_opacities, usual_hu


@cache
def ill():
    volume = chest_ct.with_opacities().volume
    lungs = find_lungs(volume)
    whole = whole_lungs(volume, lungs)
    return lungs, whole, measure_opacities(volume, whole)


def ml(inside):
    return float(inside.sum()) * chest_ct.with_opacities().volume.geometry.voxel_volume_mm3 / 1000.0


def test_consolidation_at_the_chest_wall_counts_as_lung():
    truth = chest_ct.with_opacities()
    lungs, whole, _ = ill()
    lost = truth.ill & ~lungs.both
    assert ml(lost) > 60.0
    assert ml(lost & whole.both) > 0.65 * ml(lost)
    assert ml(whole.both & ~(truth.right | truth.left)) < 1.1 * ml(lungs.both & ~(truth.right | truth.left)) + 1.0


def test_heart_and_diaphragm_do_not_become_lung():
    volume = chest_ct.plain().volume
    lungs = find_lungs(volume)
    assert whole_lungs(volume, lungs).both.sum() == pytest.approx(lungs.both.sum(), rel=0.003)


def test_the_share_of_the_lungs_is_about_what_it_is():
    truth = chest_ct.with_opacities()
    _, _, seen = ill()
    share = 100.0 * truth.ill.sum() / (truth.right | truth.left).sum()
    assert seen.percent == pytest.approx(share, rel=0.2)
    assert seen.percent < share  # what lies beyond the line across a notch is left out
    assert seen.total_ml == pytest.approx(ml(seen.inside), rel=0.1)


def test_ground_glass_and_consolidation_are_told_apart():
    _, _, seen = ill()
    glass = 4.0 / 3.0 * np.pi * 2.2**3
    assert seen.ml["ground glass"] == pytest.approx(glass, rel=0.25)
    assert seen.ml["consolidation"] > 5.0 * seen.ml["mixed"]


def test_places_are_named_by_side_and_third():
    _, _, seen = ill()
    assert seen.by_place["left", "middle"] > 5.0
    assert seen.by_place["right", "middle"] > 2.0
    assert seen.by_place["right", "upper"] == 0.0
    assert seen.by_side["left"] > seen.by_side["right"]


def test_vessels_of_healthy_lungs_are_no_opacity():
    volume = chest_ct.plain().volume
    seen = measure_opacities(volume, whole_lungs(volume, find_lungs(volume)))
    assert seen.percent < 0.1


def test_front_and_back_left_and_right_are_told_apart_however_the_array_runs():
    one = chest_ct.seen(chest_ct.Chest(opacities=(chest_ct.Opacity((-70.0, 55.0, 20.0), 20.0, -500.0),)))
    volume = chest_ct.turned(one.volume, (1, 2))
    seen = measure_opacities(volume, whole_lungs(volume, find_lungs(volume)))
    assert seen.posterior > 0.9
    assert seen.by_side["right"] > 0.8
    assert seen.by_side["left"] < 0.1


def test_an_opacity_in_the_middle_of_a_lung_is_not_peripheral():
    one = chest_ct.seen(chest_ct.Chest(opacities=(chest_ct.Opacity((-66.0, -5.0, 30.0), 18.0, -500.0),)))
    seen = measure_opacities(one.volume, whole_lungs(one.volume, find_lungs(one.volume)))
    assert seen.outer < 0.1
    assert seen.percent > 0.5


def test_a_lung_that_was_not_filled_is_not_called_ill():
    one = chest_ct.seen(chest_ct.Chest(lung_hu=-690.0))
    lungs = find_lungs(one.volume)
    seen = measure_opacities(one.volume, whole_lungs(one.volume, lungs))
    assert usual_hu(one.volume, lungs) == pytest.approx(-690.0, abs=10.0)
    assert seen.percent < 0.5
    assert any("breath" in warning for warning in seen.warnings)


def test_grey_is_no_attenuation():
    volume = chest_ct.plain().volume
    with pytest.raises(ValueError, match="HU"):
        measure_opacities(Volume(volume.values, volume.geometry, "grey"), ill()[1])
