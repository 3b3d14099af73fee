"""One map for a yes/no question."""

import numpy as np
import pytest

from secondread.explain.support import support


def test_what_speaks_against_is_cut_at_zero():
    cam = np.array([[[1.0, 0.0]], [[0.0, 3.0]]])
    assert support(cam, [0.3, 0.7], [1]).tolist() == [[0.0, 3.0]]


def test_classes_that_mean_yes_are_averaged_by_their_probability():
    cam = np.array([[[0.0]], [[2.0]], [[4.0]]])
    assert support(cam, [0.2, 0.6, 0.2], [1, 2])[0, 0] == pytest.approx(2.5)


def test_a_question_that_leaves_no_other_side_is_an_error():
    with pytest.raises(ValueError, match="one side"):
        support(np.zeros((2, 1, 1)), [0.5, 0.5], [0, 1])


def test_what_speaks_for_another_independent_label_speaks_not_against():
    cam = np.array([[[1.0, -2.0, 0.5]], [[3.0, 3.0, 3.0]]])
    assert support(cam, [0.9, 0.8], [0], apart=True).tolist() == [[1.0, 0.0, 0.5]]
    assert support(cam[:1], [0.1], [0], apart=True).tolist() == [[1.0, 0.0, 0.5]]
    assert support(cam, [0.9, 0.8], [0]).tolist() == [[0.0, 0.0, 0.0]]
