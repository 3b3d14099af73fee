"""Regions of a glioma. Source of the numbers: clinical reference, section 1.9."""

import numpy as np
import pytest

from grids import turn
from secondread.core.geometry import Geometry
from secondread.measure.brats_regions import SCHEMES, region_volumes, regions, scores_of_empty

UNIT = Geometry((10, 10, 10), np.eye(4))
VECTOR = {1: 100, 2: 500, 4: 200}


def label_map(counts):
    labels = np.zeros(1000, dtype=np.uint8)
    labels[: sum(counts.values())] = np.repeat(list(counts), list(counts.values()))
    return labels.reshape(UNIT.shape)


def values(counts, scheme, grid=UNIT):
    return {name: found.value for name, found in region_volumes(label_map(counts), grid, scheme=scheme).items()}


def test_the_published_example():
    expected = {"ET": 200.0, "TC": 300.0, "WT": 800.0}
    assert values(VECTOR, "BraTS 2017-2020") == values(VECTOR, "BraTS 2021") == expected
    assert values({1: 100, 2: 500, 3: 200}, "BraTS 2023") == expected
    assert values({1: 500, 2: 100, 3: 200}, "Decathlon Task01") == expected


def test_the_resection_cavity_is_no_tumour():
    found = values({1: 100, 2: 500, 3: 200, 4: 50}, "BraTS 2024 post-treatment")
    assert found == {"ET": 200.0, "TC": 300.0, "WT": 800.0, "RC": 50.0}


def test_the_same_numbers_mean_something_else_in_another_scheme():
    numbers = {1: 100, 2: 500, 3: 200}
    assert values(numbers, "BraTS 2023")["TC"] == 300.0
    assert values(numbers, "Decathlon Task01")["TC"] == 700.0


@pytest.mark.parametrize(("counts", "scheme"), [(VECTOR, "BraTS 2023"), ({1: 1, 2: 1, 3: 1}, "BraTS 2021")])
def test_a_label_that_a_scheme_does_not_have_gives_it_away(counts, scheme):
    with pytest.raises(ValueError, match="may be another scheme"):
        regions(label_map(counts), scheme=scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_regions_lie_within_one_another_and_their_scheme_is_told(scheme):
    labels = label_map(dict.fromkeys(SCHEMES[scheme], 60))
    found = regions(labels, scheme=scheme)
    assert (found["ET"] <= found["TC"]).all()
    assert (found["TC"] <= found["WT"]).all()
    assert not any((found["RC"] & found["WT"]).any() for _ in range("RC" in found))
    assert all(scheme in volume.method for volume in region_volumes(labels, UNIT, scheme=scheme).values())


def test_volumes_scale_with_spacing_and_stay_when_flipped_or_turned():
    labels = label_map(VECTOR)
    affine = np.eye(4)
    affine[:3, :3] = turn((0.3, -0.8, 1.1)) @ np.diag([5.0, 0.5, 0.5])
    grid = Geometry(UNIT.shape, affine)
    found = region_volumes(labels[::-1, :, ::-1], grid, scheme="BraTS 2021")
    assert {name: volume.value for name, volume in found.items()} == pytest.approx(
        {"ET": 250.0, "TC": 375.0, "WT": 1000.0}
    )


def test_what_the_challenge_gives_where_a_region_is_empty():
    how = {"shape": (155, 240, 240), "spacing_mm": (1.0, 1.0, 1.0)}
    assert scores_of_empty(drawn_empty=True, true_empty=True, **how) == (1.0, 0.0)
    assert scores_of_empty(drawn_empty=True, true_empty=False, **how) == (0.0, pytest.approx(373.13, abs=0.005))
    assert scores_of_empty(drawn_empty=False, true_empty=True, **how)[0] == 0.0
    assert scores_of_empty(drawn_empty=False, true_empty=False, **how) is None


def test_an_unknown_scheme_and_a_wrong_shape_are_refused():
    with pytest.raises(ValueError, match="scheme: found 'BraTS 2022'"):
        regions(label_map(VECTOR), scheme="BraTS 2022")
    with pytest.raises(ValueError, match="shape"):
        region_volumes(np.zeros((2, 2, 2), dtype=int), UNIT, scheme="BraTS 2021")
