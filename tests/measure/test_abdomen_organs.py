"""Liver, spleen and kidneys of a phantom are found where they are, and what is not there is told."""

import numpy as np
import pytest

from phantoms.torso_ct import ARTERIAL, Torso, torso
from secondread.core.geometry import Geometry
from secondread.core.volume import Volume
from secondread.measure.abdomen_organs import NAMES, Organs, organs
from secondread.measure.coarse_grid import CoarseGrid, coarse, on_source
from secondread.measure.vertebrae import column, patient


def looked_at(phantom: Torso) -> tuple[CoarseGrid, Organs]:
    k, j, i = phantom.step_mm
    affine = np.array([[0, 0, i, 0], [0, j, 0, 0], [k, 0, 0, 0], [0, 0, 0, 1.0]])
    grid = coarse(Volume(phantom.values, Geometry(phantom.values.shape, affine), "HU"), 3.0)
    body = patient(grid)
    spine = column(grid, body)
    assert spine is not None
    return grid, organs(grid, body, spine)


@pytest.fixture(scope="module", params=[ARTERIAL], ids=["arterial"])
def whole(request):
    phantom = torso(request.param)
    return phantom, *looked_at(phantom)


def test_every_organ_is_outlined_where_it_lies(whole):
    phantom, grid, found = whole
    assert set(found.found) == set(NAMES)
    for name, organ in found.found.items():
        inside, truth = on_source(organ.inside, grid), phantom.inside[name]
        dice = 2.0 * (inside & truth).sum() / (inside.sum() + truth.sum())
        assert dice > 0.88, name


def test_volumes_come_within_a_tenth(whole):
    phantom, grid, found = whole
    for name, organ in found.found.items():
        assert organ.inside.sum() * grid.voxel_ml == pytest.approx(phantom.ml[name], rel=0.12), name


def test_organs_do_not_overlap(whole):
    _, _, found = whole
    assert np.sum([organ.inside for organ in found.found.values()], axis=0).max() == 1


def test_what_grew_has_the_attenuation_of_the_organ(whole):
    phantom, _, found = whole
    for name, organ in found.found.items():
        assert organ.centre_hu == pytest.approx(phantom.hu["kidney" if "kidney" in name else name], abs=6.0), name


def test_a_missing_kidney_and_a_missing_spleen_are_told_and_nothing_is_outlined_in_their_place():
    _, found = looked_at(torso(without=("left kidney", "spleen")))
    assert set(found.found) == {"liver", "right kidney"}
    assert set(found.reasons) == {"left kidney", "spleen"}
    assert all(found.reasons.values())


def test_a_scan_that_cuts_the_liver_says_so():
    phantom = torso(height_mm=150.0)
    _, found = looked_at(phantom)
    assert found.found["liver"].cut
