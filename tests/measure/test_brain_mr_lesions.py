"""Bright lesions on FLAIR."""

import numpy as np
import pytest

from phantoms.brain_mr import seen
from secondread.measure.brain_mr_lesions import ZONES, bright_lesions

FINE = (3.0, 1.0, 1.0)
LESIONS = (((10.0, 20.0, 36.0), 7.0), ((14.0, 20.0, -25.0), 5.0), ((15.0, -30.0, -53.0), 5.0))


def test_lesions_are_counted_and_measured() -> None:
    phantom, brain, fluid = seen(steps=FINE, lesions=LESIONS, noise=6.0)
    found = bright_lesions(brain, fluid)
    assert len(found.volumes_ml) == 3
    assert sum(found.volumes_ml) == pytest.approx(phantom.lesion_ml, rel=0.35)
    assert list(found.volumes_ml) == sorted(found.volumes_ml, reverse=True)


def test_each_lesion_lies_in_its_zone() -> None:
    _, brain, fluid = seen(steps=FINE, lesions=LESIONS, noise=6.0)
    found = bright_lesions(brain, fluid)
    assert {zone: found.of_zone(zone)[0] for zone in ZONES} == {"periventricular": 1, "deep": 1, "juxtacortical": 1}


def test_a_brain_without_lesions_has_none() -> None:
    _, brain, fluid = seen()
    found = bright_lesions(brain, fluid)
    assert found.volumes_ml == ()
    assert not found.inside.any()


def test_without_ventricles_nothing_lies_near_them() -> None:
    _, brain, fluid = seen(steps=FINE, lesions=LESIONS, noise=6.0)
    assert bright_lesions(brain, np.zeros_like(fluid)).of_zone("periventricular") == (0, 0.0)
