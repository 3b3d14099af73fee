"""The rule by which maps are called faithful, row by row."""

import pytest

from secondread.audit.maps.rating import rating, sentence, sign, text
from secondread.core.trust import RATINGS

UP, DOWN, HELD = [0.3, 0.1, 0.5], [-0.2, -0.3, -0.1], [0.0, -0.1, 0.1]
UNLIKE, ALIKE, HALF = [0.1, 0.0, 0.2], [0.9, 0.8, 1.0], [0.5, 0.4, 0.6]
SLIGHT, LEAST = [0.199, 0.19, 0.21], [0.2, 0.01, 0.4]
MARKS = {"marked_pictures": 12}

ROWS = [
    (20, 20, {"deletion": UP, "likeness": UNLIKE}, "faithful"),
    (20, 20, {"deletion": UP, "likeness": UNLIKE, "beyond_area": UP, **MARKS}, "faithful"),
    (20, 20, {"deletion": DOWN, "likeness": UNLIKE}, "unfaithful"),
    (20, 20, {"deletion": UP, "likeness": ALIKE}, "unfaithful"),
    (20, 20, {"deletion": UP, "likeness": UNLIKE, "beyond_area": DOWN, **MARKS}, "unfaithful"),
    (20, 20, {"deletion": HELD, "likeness": UNLIKE}, "not shown"),
    (20, 20, {"deletion": SLIGHT, "likeness": UNLIKE}, "not shown"),
    (20, 20, {"deletion": LEAST, "likeness": UNLIKE}, "faithful"),
    (20, 20, {"deletion": UP, "likeness": HALF}, "not shown"),
    (20, 20, {"deletion": UP, "likeness": UNLIKE, "beyond_area": HELD, **MARKS}, "not shown"),
    (20, 20, {"deletion": UP, "likeness": UNLIKE, "beyond_area": DOWN, "marked_pictures": 9}, "faithful"),
    (9, 9, {"deletion": UP, "likeness": UNLIKE}, "not measured"),
    (20, 4, {"deletion": UP, "likeness": UNLIKE}, "not measured"),
    (0, 0, {}, "not measured"),
]


@pytest.mark.parametrize(("pictures", "patients", "figures", "wanted"), ROWS)
def test_every_row_of_the_rule(pictures, patients, figures, wanted):
    found = rating(pictures, patients, figures)
    assert found == wanted
    assert found in RATINGS


def test_an_interval_that_holds_the_limit_says_nothing():
    assert [sign(figure, 0.0) for figure in (UP, DOWN, HELD, None)] == [1, -1, 0, 0]


def test_a_map_that_ignores_the_weights_is_never_called_faithful():
    assert rating(40, 40, {"deletion": UP, "likeness": [1.0, 1.0, 1.0]}) == "unfaithful"


def test_the_sentence_tells_the_figures_it_rests_on():
    figures = {
        "deletion": UP,
        "deletion_probability": [0.002, 0.001, 0.003],
        "insertion": HELD,
        "likeness": UNLIKE,
        "inside": [0.4, 0.3, 0.5],
        "area": [0.1, 0.1, 0.1],
        **MARKS,
    }
    told = sentence(20, figures)
    for part in (
        "20 test pictures",
        "0.30 (0.10 to 0.50) SD",
        "the probability by 0.002 (0.001 to 0.003)",
        "0.10 (0.00 to 0.20)",
        "0.40 (0.30 to 0.50)",
        "12 pictures",
    ):
        assert part in told
    assert "10 are needed" in sentence(3, {})


def test_small_figures_keep_their_digits():
    assert text([0.0123, -0.001, 0.02]) == "0.012 (-0.001 to 0.020)"
    assert text(None) == "an unknown amount"
