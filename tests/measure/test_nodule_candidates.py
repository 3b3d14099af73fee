import numpy as np
import pytest

from phantoms import chest_ct
from phantoms.chest_ct import NODULES
from secondread.core.volume import Volume
from secondread.measure.nodule_candidates import find_nodules


def lungs():
    return chest_ct.outlined().lungs


def candidates():
    return chest_ct.outlined().candidates


def nearest(name):
    return chest_ct.outlined().nearest(name)


@pytest.mark.parametrize("name", NODULES)
def test_a_nodule_is_found_where_it_is_and_as_large_as_it_is(name):
    one = nearest(name)
    truth = chest_ct.with_nodules().nodule_mm3[list(NODULES).index(name)]
    assert np.linalg.norm(np.array(NODULES[name].centre_mm) - one.centre_mm) < 1.5
    usual = NODULES[name].diameter_mm >= 8 and name not in {"spiky", "at the pleura", "calcified"}
    tolerance = 0.05 if usual else 0.15
    assert one.volume_mm3 == pytest.approx(truth, rel=tolerance)


def test_vessels_and_their_forks_are_no_candidates():
    assert len(candidates()) == len(NODULES)


def test_candidates_come_with_the_largest_first():
    sizes = [one.volume_mm3 for one in candidates()]
    assert sizes == sorted(sizes, reverse=True)


def test_a_candidate_knows_its_side_and_its_pleura():
    assert nearest("ball").side == "right"
    assert nearest("spiky").side == "left"
    assert nearest("at the pleura").pleura_mm == 0.0
    assert nearest("ball").pleura_mm > 15.0


def test_the_outline_lies_around_the_centre_on_the_grid_of_the_volume():
    volume = chest_ct.with_nodules().volume
    for one in candidates():
        mask = one.mask(volume.geometry.shape)
        assert mask.sum() == one.inside.sum()
        assert mask[one.centre]
        assert np.allclose(volume.geometry.world(np.argwhere(mask).mean(axis=0)), one.centre_mm, atol=0.01)


def test_it_does_not_matter_how_the_array_runs():
    turned = chest_ct.outlined((0, 2))
    for name in ("ball", "spiky", "glass"):
        one = turned.nearest(name)
        assert np.linalg.norm(np.array(NODULES[name].centre_mm) - one.centre_mm) < 1.5
        assert one.side == nearest(name).side
        assert turned.volume.values[one.mask(turned.volume.geometry.shape)].mean() > -720


def test_small_ones_are_left_out_when_asked_for():
    found = find_nodules(chest_ct.with_nodules().volume, lungs(), smallest_mm=13.0)
    assert {round(one.diameter_mm) for one in found} <= {14, 20, 23, 24, 25}


def test_lungs_of_another_volume_are_refused():
    volume = chest_ct.plain().volume
    with pytest.raises(ValueError, match="its own lungs"):
        find_nodules(volume, lungs())
    with pytest.raises(ValueError, match="HU"):
        find_nodules(Volume(volume.values, volume.geometry, "grey"), lungs())
