import numpy as np
import pytest

from secondread.stats.auroc import delong
from secondread.stats.operating import at_threshold
from secondread.stats.subgroups import by_group


@pytest.fixture
def cohort():
    """40 women, 40 men, 12 children with 3 positive cases among them."""
    rng = np.random.default_rng(5)
    groups = np.repeat(["women", "men", "children"], [40, 40, 12])
    y = np.concatenate((np.tile([0, 1], 40), np.repeat([0, 1], [9, 3])))
    return groups, y, np.clip(y * 0.4 + rng.random(92) * 0.6, 0, 1)


def test_each_group_is_judged_as_if_it_were_alone(cohort):
    groups, y, scores = cohort
    rows = {row.group: row for row in by_group(groups, y, scores, 0.5)}
    for name in ("women", "men"):
        mine = groups == name
        point = at_threshold(y[mine], scores[mine], 0.5)
        assert rows[name].auroc == delong(y[mine], scores[mine])
        assert rows[name].sensitivity == point.sensitivity
        assert rows[name].specificity == point.specificity
        assert (rows[name].n, rows[name].positives, rows[name].suppressed) == (40, 20, False)


def test_a_group_with_few_cases_is_counted_but_not_judged(cohort):
    row = by_group(*cohort, 0.5)[0]
    assert (row.group, row.n, row.positives, row.suppressed) == ("children", 12, 3, True)
    assert row.auroc is row.sensitivity is row.specificity is None


def test_few_negative_cases_suppress_as_few_positive_ones_do(cohort):
    groups, y, scores = cohort
    assert by_group(groups, 1 - y, scores, 0.5)[0].suppressed


def test_the_limit_is_the_first_number_that_is_shown(cohort):
    assert not by_group(*cohort, 0.5, min_positives=3)[0].suppressed
    assert by_group(*cohort, 0.5, min_positives=4)[0].suppressed


def test_a_group_of_one_class_is_suppressed_even_at_the_lowest_limit():
    (row,) = by_group(["a", "a"], [1, 1], [0.1, 0.9], 0.5, min_positives=1)
    assert row.suppressed


def test_groups_come_in_alphabetical_order_and_hold_everybody(cohort):
    rows = by_group(*cohort, 0.5)
    assert [row.group for row in rows] == ["children", "men", "women"]
    assert sum(row.n for row in rows) == 92


@pytest.mark.parametrize(
    ("groups", "keywords", "found"),
    [
        (["a"], {}, "1 in groups, 2 in y"),
        (["a", ""], {}, "1 cases without a group name"),
        (["a", None], {}, "1 cases without a group name"),
        (["a", "a"], {"min_positives": 0}, "min_positives: found 0"),
    ],
)
def test_groups_that_do_not_fit_are_refused(groups, keywords, found):
    with pytest.raises(ValueError, match=found):
        by_group(groups, [0, 1], [0.1, 0.9], 0.5, **keywords)
