"""Lobar score of pneumonia on CT. Source: clinical reference, section 1.6; Pan 2020."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.guidelines.ct_severity import Lobes, lobe_points, severity_score

EXAMPLE = Lobes(0.00, 0.03, 0.25, 0.49, 0.80)


def test_the_example_of_the_reference():
    ruling = severity_score(EXAMPLE)
    assert (ruling.value, ruling.unit) == (0 + 1 + 2 + 3 + 5, "{score}")


@pytest.mark.parametrize(
    ("share", "points"),
    [
        (0, 0), (1e-6, 1), (0.0499, 1), (0.05, 2), (0.25, 2), (0.255, 3), (0.4999, 3), (0.495, 3), (0.50, 4), (0.75, 4),
        (0.7501, 5), (1, 5),
    ],
)  # fmt: skip
def test_every_step_with_its_edge_and_without_a_gap(share, points):
    assert lobe_points(share) == points


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_disease_never_scores_less(one, other):
    assert lobe_points(min(one, other)) <= lobe_points(max(one, other))


def test_the_score_runs_from_0_to_25():
    assert severity_score(Lobes(0, 0, 0, 0, 0)).value == 0
    assert severity_score(Lobes(1, 1, 1, 1, 1)).value == 25


@pytest.mark.parametrize("name", [field.name for field in fields(Lobes)])
def test_a_lobe_without_outline_is_not_taken_for_healthy(name):
    assert severity_score(replace(EXAMPLE, **{name: None})).reason == f"not computable: {name} is not known"


@pytest.mark.parametrize("wrong", [-0.1, 1.1, 49, float("nan")])
def test_a_percentage_is_no_share(wrong):
    with pytest.raises(ValueError, match="share of a lobe"):
        severity_score(replace(EXAMPLE, left_upper=wrong))
