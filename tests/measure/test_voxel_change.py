"""Where two volumes differ most."""

import numpy as np
import pytest

from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.voxel_change import changed_most
from secondread.prepare.register import Rigid

GRID = Geometry((40, 50, 50), np.diag([3.0, 2.0, 2.0, 1.0])[[2, 1, 0, 3]])
STILL = Rigid(np.eye(4), 1.0, 1.0, (50.0, 50.0, 60.0))


def body(hu=None, radius=12.0):
    place = GRID.world(np.indices(GRID.shape).transpose(1, 2, 3, 0))
    values = np.where(((place - (50, 50, 60)) ** 2).sum(-1) < 45**2, 40.0, -1000.0)
    if hu is not None:
        values[((place - (40, 55, 70)) ** 2).sum(-1) < radius**2] = hu
    return Volume(values.astype(np.float32), GRID, "HU")


@pytest.mark.parametrize(("hu", "brighter"), [(500.0, True), (-900.0, False)])
def test_the_largest_change_is_found_where_it_is(hu, brighter):
    found = changed_most(body(), body(hu), STILL)
    assert found.brighter is brighter
    assert found.centre_mm == pytest.approx((40, 55, 70), abs=3.0)
    assert found.largest_ml == pytest.approx(4 / 3 * np.pi * 12**3 / 1000, rel=0.5)
    assert GRID.world(np.argwhere(found.inside).mean(0)) == pytest.approx((40, 55, 70), abs=3.0)


def test_nothing_changed_is_said_so():
    found = changed_most(body(), body(), STILL)
    assert (found.largest_ml, found.centre_mm, found.inside.any()) == (0.0, None, False)
    assert found.mean_percent == pytest.approx(0.0, abs=0.01)


def test_a_difference_below_a_millilitre_is_no_region():
    assert changed_most(body(), body(500.0, radius=5.0), STILL).centre_mm is None
