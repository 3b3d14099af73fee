from functools import cache

import numpy as np
import pytest

from phantoms import chest_ct
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.lungs import SIDES, THIRDS, NoLungsError, find_lungs


@cache
def plain():
    return find_lungs(chest_ct.plain().volume)


def centre_x(inside, geometry):
    return geometry.world(np.argwhere(inside).mean(axis=0))[0]


def test_lungs_are_as_large_as_they_are():
    for side in SIDES:
        assert plain().volume_ml(side) == pytest.approx(chest_ct.plain().lung_ml[side], rel=0.015)
    assert plain().warnings == ()
    assert plain().cut == ()


def test_each_lung_covers_its_own_and_no_other_place():
    truth = chest_ct.plain()
    for side in SIDES:
        inside, true = plain().side(side), {"right": truth.right, "left": truth.left}[side]
        assert 2.0 * (inside & true).sum() / (inside.sum() + true.sum()) > 0.985
    assert not (plain().right & plain().left).any()


def test_the_airway_is_air_of_about_its_size_and_no_lung():
    truth = chest_ct.plain()
    found = plain().airway
    assert found.sum() == pytest.approx(truth.airway.sum(), rel=0.15)
    assert not (found & plain().both).any()
    assert chest_ct.plain().volume.values[found].mean() < -800


def test_the_right_lung_is_the_patients_right_however_the_array_runs():
    volume = chest_ct.turned(chest_ct.plain().volume, (0, 1, 2))
    lungs = find_lungs(volume)
    assert centre_x(lungs.right, volume.geometry) < 0 < centre_x(lungs.left, volume.geometry)
    assert lungs.volume_ml("right") == pytest.approx(plain().volume_ml("right"), rel=0.01)
    upper, lower = (np.argwhere(lungs.third("right", third)).mean(axis=0) for third in ("upper", "lower"))
    assert volume.geometry.world(upper)[2] > volume.geometry.world(lower)[2]


def test_a_mirrored_patient_has_the_smaller_lung_on_the_right():
    lungs = find_lungs(chest_ct.mirrored(chest_ct.plain().volume))
    assert lungs.volume_ml("right") < lungs.volume_ml("left")


def test_thirds_are_a_lung_and_as_high_as_each_other():
    for side in SIDES:
        parts = [plain().third(side, third) for third in THIRDS]
        assert np.array_equal(np.sum(parts, axis=0), plain().side(side))
        heights = [np.ptp(np.argwhere(part)[:, 0]) for part in parts]
        assert max(heights) - min(heights) <= 1


def test_a_place_is_named_by_side_and_third():
    geometry = plain().geometry
    for x, z, expected in ((-70.0, 90.0, ("right", "upper")), (72.0, -50.0, ("left", "lower"))):
        k, j, i = (round(n) for n in geometry.index((x, 40.0, z)))
        assert plain().place((k, j, i)) == expected
    assert plain().place((0, 0, 0)) is None


def test_lungs_that_touch_are_cut_apart_and_said_to_be():
    truth = chest_ct.seen(chest_ct.Chest(joined=True))
    lungs = find_lungs(truth.volume)
    for side in SIDES:
        assert lungs.volume_ml(side) == pytest.approx(truth.lung_ml[side], rel=0.02)
    assert any("touch" in warning for warning in lungs.warnings)


def test_a_scan_that_ends_within_the_lungs_says_so():
    volume = chest_ct.plain().volume
    affine = volume.geometry.affine.copy()
    middle = Volume(volume.values[40:], Geometry((volume.values.shape[0] - 40, *volume.values.shape[1:]), affine), "HU")
    assert find_lungs(middle).cut == ("bottom",)


def test_without_air_in_a_body_there_are_no_lungs():
    volume = chest_ct.plain().volume
    solid = np.where(volume.values > -400, volume.values, 40.0).astype(np.float32)
    with pytest.raises(NoLungsError, match="at least one lung"):
        find_lungs(Volume(solid, volume.geometry, "HU"))
    with pytest.raises(NoLungsError, match="no body"):
        find_lungs(Volume(np.full_like(solid, -1000.0), volume.geometry, "HU"))


def test_grey_is_no_attenuation():
    volume = chest_ct.plain().volume
    with pytest.raises(ValueError, match="HU"):
        find_lungs(Volume(volume.values, volume.geometry, "grey"))
