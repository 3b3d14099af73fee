"""Neighbouring slices answer together."""

import numpy as np
import pytest

from secondread.engine.neighbours import together


def test_slices_that_agree_stay_as_they_are():
    assert together(np.full((5, 2), 0.3), 1.0) == pytest.approx(0.3)


def test_a_single_loud_slice_is_quieted_and_several_are_not():
    alone, several = np.full((9, 1), 0.05), np.full((9, 1), 0.05)
    alone[4], several[3:6] = 0.9, 0.9
    assert together(alone, 1.0).max() < 0.5 < together(several, 1.0).max()


def test_certainty_stays_finite():
    assert np.isfinite(together(np.array([[0.0], [1.0]]), 1.0)).all()
