"""The phase of contrast follows from attenuations, and what fits none is unknown."""

import numpy as np
import pytest

from phantoms.torso_ct import ARTERIAL, PLAIN, PORTAL, torso
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.coarse_grid import coarse
from secondread.measure.contrast_phase import aorta_hu, phase_of, urine_ml
from secondread.measure.vertebrae import column, patient


@pytest.mark.parametrize(
    ("hu", "phase", "contrast"),
    [
        ({"aorta": 42, "liver": 55, "spleen": 48, "kidneys": (31, 30)}, "unenhanced", False),
        ({"aorta": 35, "liver": 10, "spleen": 45, "kidneys": (28,)}, "unenhanced", False),  # a fat liver
        ({"aorta": 320, "liver": 68, "spleen": 110, "kidneys": (150, 140)}, "arterial", True),
        ({"aorta": 150, "liver": 110, "spleen": 120, "kidneys": (180, 185)}, "portal venous", True),
        ({"aorta": 110, "liver": 90, "kidneys": (160,), "urine": 4.0}, "excretory", True),
        ({"aorta": 90, "liver": 70, "kidneys": (90,)}, "unknown", None),
        ({"aorta": None, "liver": 60}, "unknown", None),
        ({"aorta": 45}, "unknown", None),
    ],
)
def test_phases_by_their_attenuations(hu, phase, contrast):
    answer = phase_of(**hu)
    assert answer.name == phase
    assert answer.contrast is contrast
    assert "HU" in answer.why or "neither" in answer.why


def grid_of(hu: dict[str, float]):
    phantom = torso(hu, height_mm=120.0, without=("liver", "spleen"))
    k, j, i = phantom.step_mm
    affine = np.array([[0, 0, i, 0], [0, j, 0, 0], [k, 0, 0, 0], [0, 0, 0, 1.0]])
    return coarse(Volume(phantom.values, Geometry(phantom.values.shape, affine), "HU"), 3.0)


@pytest.mark.parametrize("hu", [PLAIN, ARTERIAL, PORTAL], ids=["plain", "arterial", "portal"])
def test_the_aorta_is_found_before_the_spine(hu):
    grid = grid_of(hu)
    spine = column(grid, patient(grid))
    assert spine is not None
    assert aorta_hu(grid, spine) == pytest.approx(hu["aorta"], abs=5.0)


def test_bright_urine_is_measured_in_ml():
    grid = grid_of(PLAIN)
    inside = np.zeros(grid.values.shape, bool)
    inside[10:12, 10:12, 10:12] = True
    values = grid.values.copy()
    values[inside] = 800.0
    bright = type(grid)(values, grid.step_mm, grid.place, grid.order)
    assert urine_ml(bright, inside) == pytest.approx(8 * grid.voxel_ml)
