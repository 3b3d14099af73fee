"""Three planes of a brain side by side."""

import numpy as np
import pytest

from phantoms.brain_mr import laid_otherwise, mosaic, seen, volume_of
from secondread.measure.brain_mosaic import (
    batch_of,
    is_mosaic,
    plane_shares,
    three_classes,
    tiles_of_brain,
    tiles_of_picture,
    why_no_mosaic,
)
from secondread.measure.brain_mr import brain_mr


def test_a_mosaic_is_three_times_as_wide_as_high() -> None:
    assert is_mosaic((96, 288))
    assert is_mosaic((200, 600))
    assert not is_mosaic((256, 256))
    assert not is_mosaic((96, 200))


def test_planes_of_the_usual_size_pass() -> None:
    assert why_no_mosaic(tiles_of_picture(mosaic())) == ""


def test_a_larger_picture_of_the_same_planes_passes_too() -> None:
    assert why_no_mosaic(tiles_of_picture(np.kron(mosaic(), np.ones((3, 3), np.float32)))) == ""


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (lambda m: m + 0.2, "is not dark around the brain"),
        (lambda m: np.roll(m, 96, axis=1), "pixels where a brain has about"),
        (lambda m: m * (np.arange(288) % 96 < 48), "pixels where a brain has about|is not dark"),
        (lambda m: np.where(np.arange(288) % 96 < 48, 0.1, 1.0) * m, "two unlike halves|another shape"),
        (lambda m: m * 0.0, "does not show one brain"),
    ],
)
def test_other_pictures_are_told_from_it(spoilt: object, reason: str) -> None:
    found = why_no_mosaic(tiles_of_picture(np.asarray(spoilt(mosaic()), np.float32)))  # type: ignore[operator]
    assert found
    assert any(part in found for part in reason.split("|"))


def test_the_planes_of_a_volume_are_those_of_the_mosaic() -> None:
    phantom, _, _ = seen(skull=False)
    brain = brain_mr(volume_of(phantom.t1, phantom.steps), phantom.brain)
    tiles = tiles_of_brain(brain)
    assert batch_of(tiles).shape == (1, 1, 96, 288)
    rows = np.flatnonzero((tiles["axial"] > 0.06).any(1))
    columns = np.flatnonzero((tiles["axial"] > 0.06).any(0))
    assert np.ptp(columns) + 1 == pytest.approx(64, abs=5)
    assert np.ptp(rows) + 1 == pytest.approx(78, abs=5)


def test_the_same_planes_are_cut_however_the_file_is_laid() -> None:
    phantom, _, _ = seen(skull=False)
    plain = volume_of(phantom.t1, phantom.steps)
    other = laid_otherwise(plain, (1, 2, 0), (1, -1, -1))
    first = batch_of(tiles_of_brain(brain_mr(plain, phantom.brain)))
    second = batch_of(tiles_of_brain(brain_mr(other, phantom.brain)))
    assert np.allclose(first, second, atol=1e-4)


def test_shares_of_fluid_are_those_of_the_plane() -> None:
    tile = tiles_of_picture(mosaic(ventricle_px=(24, 5)))["axial"]
    found = plane_shares(tile)
    assert found.ventricles == pytest.approx(2 * 24 * 5 / (np.pi / 4 * 78 * 64), rel=0.3)
    assert found.fluid >= found.ventricles
    assert plane_shares(tiles_of_picture(mosaic(ventricle_px=(24, 9)))["axial"]).ventricles > found.ventricles


def test_three_classes_part_three_greys() -> None:
    values = np.repeat(np.array([0.1, 0.5, 0.9], np.float32), (200, 500, 300))
    low, high = three_classes(values)
    assert 0.1 < low <= 0.5 < high <= 0.9
