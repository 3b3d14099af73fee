"""Attention rollout beside a computation by hand."""

import numpy as np
import pytest

from secondread.explain.rollout import rollout

FIRST = np.array([[[0.2, 0.8], [0.5, 0.5]], [[0.6, 0.4], [0.1, 0.9]]])
SECOND = np.array([[[1.0, 0.0], [0.25, 0.75]]])


def test_two_layers_by_hand():
    # heads averaged: [[.4, .6], [.3, .7]]; with the half that stays: [[.7, .3], [.15, .85]]
    # second: [[1, 0], [.125, .875]]; second times first:
    wanted = [[0.7, 0.3], [0.125 * 0.7 + 0.875 * 0.15, 0.125 * 0.3 + 0.875 * 0.85]]
    np.testing.assert_allclose(rollout([FIRST, SECOND]), wanted)


def test_without_what_passes_unchanged_it_is_the_product_of_the_layers():
    np.testing.assert_allclose(rollout([FIRST, SECOND], own=0.0), SECOND[0] @ FIRST.mean(axis=0))


def test_what_all_tokens_pass_unchanged_stays_where_it_is():
    np.testing.assert_array_equal(rollout([FIRST], own=1.0), np.eye(2))


def test_rows_always_sum_to_one():
    scores = np.random.default_rng(0).random((5, 3, 7, 7))
    layers = list(scores / scores.sum(-1, keepdims=True))
    np.testing.assert_allclose(rollout(layers).sum(axis=1), 1.0)


@pytest.mark.parametrize("layers", [[], [FIRST, np.full((1, 3, 3), 1 / 3)], [2.0 * FIRST]])
def test_what_is_not_a_stack_of_attention_is_refused(layers):
    with pytest.raises(ValueError, match=r"needed|softmax"):
        rollout(layers)
