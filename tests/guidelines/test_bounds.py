"""What a rule refuses to take, and how it rounds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondread.guidelines.bounds import check, choose, half_up, probability


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1.0, 121.0, "60", True])
def test_what_cannot_be_true_is_refused_by_name(wrong):
    with pytest.raises(ValueError, match=r"age_years: found .*; needed a number from 0 to 120"):
        check({"age_years": wrong}, {"age_years": (0, 120)})


def test_what_is_not_known_is_left_to_the_rule():
    check({"age_years": None}, {"age_years": (0, 120), "diameter_mm": (0, 300)})
    choose({"kind": None}, {"kind": ("solid",)})


def test_a_word_that_is_none_of_the_rule_s_is_refused():
    with pytest.raises(ValueError, match=r"kind: found 'subsolid'; needed one of \['part-solid', 'solid'\]"):
        choose({"kind": "subsolid"}, {"kind": ("solid", "part-solid")})


def test_halves_go_up_where_python_goes_to_the_even_neighbour():
    assert (half_up(8.5), round(8.5)) == (9.0, 8)
    assert half_up(5.95, 1) == 6.0  # its binary fraction lies below 5.95, and round gives 6.0 or 5.9 by chance
    assert half_up(0.49999999999999994) == 0.0  # floor(x + 0.5) gives 1


@given(st.floats(-700, 700))
def test_a_probability_and_its_complement_add_up_to_one(log_odds):
    assert probability(log_odds) + probability(-log_odds) == pytest.approx(1.0)
    assert probability(log_odds) == pytest.approx(1 / (1 + math.exp(-log_odds)))
