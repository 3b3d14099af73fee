"""Share of the lungs and of lobes. Source: clinical reference, section 1.6."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.core.code import LOCAL, Code
from secondread.core.geometry import Geometry
from secondread.core.mask import Mask
from secondread.guidelines.ct_severity import Lobes, severity_score
from secondread.measure.involvement import lobe_involvement, lung_involvement

SHAPE = (4, 10, 10)
GRID = Geometry(SHAPE, np.diag([2.5, 0.7, 0.7, 1.0]))
CODE = Code(LOCAL, "region", "Region")


def region(inside: np.ndarray, grid: Geometry = GRID) -> Mask:
    return Mask(inside, grid, CODE)


def rows(first: int, last: int) -> np.ndarray:
    inside = np.zeros(SHAPE, dtype=bool)
    inside[:, first:last] = True
    return inside


LUNG = region(rows(0, 8))


def test_the_share_is_lesion_in_the_lung_over_the_lung():
    found = lung_involvement(region(rows(6, 8)), LUNG)
    assert (found.share.value, found.share.unit) == (25.0, "%")
    assert (found.outside.value, found.warnings) == (0.0, ())


def test_a_lesion_that_the_lung_mask_leaves_out_is_told():
    found = lung_involvement(region(rows(6, 10)), LUNG)
    assert (found.share.value, found.outside.value) == (25.0, 50.0)
    assert found.warnings[0].startswith("50.0 % of the lesion lies outside the lung mask")


def test_no_lesion_is_no_share():
    found = lung_involvement(region(np.zeros(SHAPE, dtype=bool)), LUNG)
    assert (found.share.value, found.outside.value, found.warnings) == (0.0, 0.0, ())


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10))
def test_neither_spacing_nor_flips_change_a_share(seed, spacing_mm):
    lesion = np.random.default_rng(seed).random(SHAPE) < 0.3
    same = lung_involvement(region(lesion), LUNG)
    other = Geometry(SHAPE, np.diag([spacing_mm, 1.0, 0.5, 1.0]))
    assert lung_involvement(region(lesion, other), region(LUNG.inside, other)) == same
    for axis in range(3):
        turned = region(np.flip(lesion, axis)), region(np.flip(LUNG.inside, axis))
        assert lung_involvement(*turned) == same


def test_lobes_are_measured_by_their_own_size_and_score_as_published():
    ends = {
        "right_upper": (0, 1),
        "right_middle": (1, 2),
        "right_lower": (2, 4),
        "left_upper": (4, 8),
        "left_lower": (8, 10),
    }
    lobes = {name: region(rows(*row)) for name, row in ends.items()}
    shares = lobe_involvement(region(rows(3, 5)), lobes)
    assert [shares[name].value for name in ends] == [0.0, 0.0, 50.0, 25.0, 0.0]
    fractions = {name: share.value / 100 for name, share in shares.items()}
    assert severity_score(Lobes(**fractions)).value == 4 + 2


def test_what_does_not_fit_is_refused():
    lesion, empty = region(rows(0, 2)), region(np.zeros(SHAPE, dtype=bool))
    other = region(rows(0, 2), Geometry(SHAPE, np.eye(4)))
    with pytest.raises(ValueError, match="lung: the mask is empty"):
        lung_involvement(lesion, empty)
    with pytest.raises(ValueError, match="does not lie on the grid"):
        lung_involvement(other, LUNG)
    with pytest.raises(ValueError, match="found none"):
        lobe_involvement(lesion, {})
    with pytest.raises(ValueError, match="left lower: the mask is empty"):
        lobe_involvement(lesion, {"left lower": empty})
    with pytest.raises(ValueError, match="do not overlap"):
        lobe_involvement(lesion, {"one": region(rows(0, 5)), "other": region(rows(4, 8))})
