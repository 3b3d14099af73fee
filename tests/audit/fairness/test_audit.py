"""The audit of answers that were made unfair, against scikit-learn and counting by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import false_discovery_control
from sklearn.metrics import confusion_matrix, roc_auc_score

from secondread.audit.fairness.audit import audit
from secondread.audit.fairness.results import LEAST, Answers
from secondread.core.errors import ManifestError
from secondread.stats.calibration import ece
from secondread.stats.paired import holm
from unfair import unfair, unfair_results


def group_of(found, column, name):
    return next(one for one in found.groups if (one.column, one.name) == (column, name))


def gap_of(found, column, measure):
    return next(gap for gap in found.gaps if (gap.column, gap.measure) == (column, measure))


@pytest.mark.parametrize("sex", ["F", "M"])
def test_figures_of_a_group_are_those_of_its_cases_alone(found, sex):
    seen = found.results.answers
    mine = seen.groups["sex"] == sex
    y, p = seen.y[mine], seen.p[mine]
    well_right, false, missed, ill_right = confusion_matrix(y, p >= 0.5).ravel()
    figures = group_of(found, "sex", sex).figures
    assert figures["auroc"].value == pytest.approx(roc_auc_score(y, p))
    assert figures["sensitivity"].value == pytest.approx(ill_right / (ill_right + missed))
    assert figures["specificity"].value == pytest.approx(well_right / (well_right + false))
    assert figures["ppv"].value == pytest.approx(ill_right / (ill_right + false))
    assert figures["ece"].value == pytest.approx(ece(y, p))
    assert figures["in the large"].value == pytest.approx(p.mean() - y.mean())
    assert all(one.low <= one.value <= one.high for one in figures.values())


def test_the_unfair_threshold_is_found_and_the_fair_ranking_is_not_blamed(found):
    gap = gap_of(found, "sex", "sensitivity")
    assert gap.difference.value < -0.2
    assert gap.difference.high < 0.0
    assert gap.raised.holm < 0.05
    assert gap_of(found, "sex", "auroc").raised.holm > 0.05
    assert gap_of(found, "site", "sensitivity").raised.holm > 0.05


def test_a_gap_is_the_group_less_all_the_others(found):
    pair = [group_of(found, "sex", sex).figures["sensitivity"].value for sex in ("F", "M")]
    assert gap_of(found, "sex", "sensitivity").difference.value == pytest.approx(pair[0] - pair[1])
    assert [gap.group for gap in found.gaps if gap.column == "sex" and gap.measure == "auroc"] == ["F"]


def test_p_values_count_the_tests_of_columns_together_and_those_of_pairs_together(found):
    for family, pairs in (("columns", False), ("pairs", True)):
        tested = [gap.raised for gap in found.gaps if gap.raised is not None and ("&" in gap.column) == pairs]
        p = [one.p for one in tested]
        assert [gap.raised for gap in found.families[family]] == tested
        assert [one.holm for one in tested] == pytest.approx(holm(p))
        assert [one.benjamini_hochberg for one in tested] == pytest.approx(false_discovery_control(p))
    assert {gap.measure for gap in found.gaps if gap.raised is None} == {"ppv", "ece"}


def test_looking_at_pairs_does_not_hide_a_gap_of_a_column_that_was_asked_about():
    """The more pairs there are, the more tests; what is said of sex stays what it is."""
    seen = unfair(harm=0.6)
    random = np.random.default_rng(4)
    more = {f"column {k}": random.choice(["a", "b"], len(seen)) for k in range(3)}
    cases = replace(seen, groups={"sex": seen.groups["sex"], **more})
    alone, besides = (
        audit(unfair_results(answers=cases, validation=None, resamples=60, intersections=on)) for on in (False, True)
    )
    assert gap_of(besides, "sex", "sensitivity").raised == gap_of(alone, "sex", "sensitivity").raised
    assert len(besides.families["pairs"]) > len(besides.families["columns"]) == len(alone.families["columns"])
    p = [gap.raised.p for gap in besides.gaps if gap.raised is not None]
    mine = [gap for gap in besides.gaps if gap.raised is not None].index(gap_of(besides, "sex", "sensitivity"))
    assert gap_of(besides, "sex", "sensitivity").raised.holm < 0.05 < holm(p)[mine]


def test_best_and_worst_group_are_named_with_what_chance_does(found):
    spread = next(one for one in found.spreads if (one.column, one.measure) == ("sex", "equal opportunity"))
    assert (spread.best, spread.worst) == ("M", "F")
    assert spread.difference.value > spread.chance.by_chance
    odds = next(one for one in found.spreads if (one.column, one.measure) == ("sex", "equalised odds"))
    rates = [
        one for one in found.spreads if one.column == "sex" and one.measure in {"equal opportunity", "specificity"}
    ]
    assert odds.difference == max((one.difference for one in rates), key=lambda interval: interval.value)
    assert found.worst("sensitivity").name.startswith("F")


def test_intersections_are_looked_at_and_a_case_without_one_value_has_none(found):
    pairs = {one.name: one for one in found.groups if one.column == "sex & site"}
    assert set(pairs) == {"F & A", "F & B", "M & A", "M & B"}
    seen = found.results.answers
    assert pairs["F & A"].n == int(((seen.groups["sex"] == "F") & (seen.groups["site"] == "A")).sum())
    without = audit(unfair_results(intersections=False, resamples=20))
    assert not [one for one in without.groups if "&" in one.column]


def test_a_small_group_is_counted_and_not_judged_and_an_unstated_one_is_no_group():
    seen = unfair()
    sex = seen.groups["sex"].copy()
    sex = np.where(np.arange(len(seen)) < 2 * LEAST - 1, "X", np.where(np.arange(len(seen)) >= 480, "", sex))
    found = audit(unfair_results(answers=replace(seen, groups={"sex": sex}), validation=None, resamples=20))
    small = group_of(found, "sex", "X")
    assert small.suppressed
    assert small.figures == {}
    assert (small.n, small.positives) == (19, int(seen.y[:19].sum()))
    assert found.unstated == {"sex": 20}
    assert "" not in {one.name for one in found.groups}
    assert not [gap for gap in found.gaps if gap.group == "X"]


def test_a_gap_that_another_column_explains_is_held_against_it():
    """Women are X-rayed AP more often, and AP is called positive more readily: within a view nothing is left."""
    random = np.random.default_rng(8)
    n = 1200
    y, female = random.random(n) < 0.5, random.random(n) < 0.5
    bed = random.random(n) < np.where(female, 0.8, 0.2)
    p = 1.0 / (1.0 + np.exp(-(1.5 * y - 0.75 + random.normal(size=n) + np.where(bed, 1.2, -1.2))))
    groups = {"sex": np.where(female, "F", "M"), "view": np.where(bed, "AP", "PA")}
    cases = Answers(y, p, np.arange(n), groups)
    found = audit(unfair_results(answers=cases, validation=None, resamples=100, intersections=False))
    held = next(one.within for one in found.held if (one.column, one.within.measure) == ("sex", "sensitivity"))
    assert held.pooled > 0.15
    assert held.verdict in {"shrinks", "reverses"}
    assert held.moved.low > 0.0


def test_the_same_seed_gives_the_same_audit_and_another_another():
    once, again, other = (audit(unfair_results(resamples=20, seed=seed, intersections=False)) for seed in (5, 5, 6))
    assert once.gaps == again.gaps
    assert once.gaps != other.gaps


def test_too_few_cases_to_judge_anything_are_refused():
    seen = unfair(n=24)
    with pytest.raises(ManifestError, match="at least 10 of each"):
        audit(unfair_results(answers=replace(seen, y=np.arange(24) < 9)))
