"""Remedies mend what they should, cost what they cost, and never see the cases that they are judged on."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from secondread.audit.fairness.audit import audit
from secondread.audit.fairness.layer import reweighing
from secondread.audit.fairness.mitigation import remedies
from secondread.audit.fairness.ways import in_the_large, moved, ways
from secondread.stats.operating import threshold_for_sensitivity
from unfair import unfair, unfair_results


def of_sex(found):
    return {one.way: one for one in found.remedies if one.column == "sex"}


def test_thresholds_of_groups_mend_an_unfair_threshold(found):
    before, after = of_sex(found)["as it is"], of_sex(found)["thresholds"]
    assert before.opportunity.value > 0.2
    assert after.opportunity.value < 0.1
    assert after.changed.high < 0.0
    assert after.worst.value > before.worst.value
    assert after.uses_group
    assert before.changed is None


def test_calibration_of_groups_mends_it_too_and_both_tell_their_price(found):
    before, after = of_sex(found)["as it is"], of_sex(found)["recalibration"]
    assert after.opportunity.value < before.opportunity.value / 2
    assert after.specificity.value < before.specificity.value


def test_a_threshold_is_fitted_on_validation_alone():
    results = unfair_results()
    calls = next(way for way in ways("sex", results) if way.name == "thresholds").called
    known, seen = results.validation, results.answers
    aim = (known.p[known.y] >= 0.5).mean()
    for sex in ("F", "M"):
        fit, mine = known.groups["sex"] == sex, seen.groups["sex"] == sex
        own = threshold_for_sensitivity(known.y[fit], known.p[fit], aim)
        assert (calls[mine] == (seen.p[mine] >= own)).all()
    blind = replace(results, answers=replace(seen, y=~seen.y))
    assert (next(way for way in ways("sex", blind) if way.name == "thresholds").called == calls).all()


def test_the_weighted_threshold_is_one_for_all_and_needs_no_group():
    way = next(way for way in ways("sex", unfair_results()) if way.name == "weighted threshold")
    p = unfair_results().answers.p
    assert not way.uses_group
    assert p[way.called].min() > p[~way.called].max()


def test_calibration_in_the_large_reaches_the_share_of_positive_cases():
    y, p = unfair().y, unfair().p
    shift = in_the_large(y, p)
    assert expit(logit(p) + shift).mean() == pytest.approx(y.mean(), abs=1e-9)
    assert moved(p, shift) == pytest.approx(expit(logit(p) + shift), abs=1e-9)


def test_reweighing_makes_group_and_label_independent():
    random = np.random.default_rng(4)
    group = np.where(random.random(300) < 0.3, "F", "M")
    y = random.random(300) < np.where(group == "F", 0.7, 0.2)
    weights = reweighing(group, y)
    shares = {sex: weights[(group == sex) & y].sum() / weights[group == sex].sum() for sex in ("F", "M")}
    assert shares["F"] == pytest.approx(shares["M"])
    assert weights.sum() == pytest.approx(300)
    assert weights[group == "F"].sum() == pytest.approx((group == "F").sum())


def test_a_new_last_layer_is_learnt_where_embeddings_are_at_hand():
    parts = []
    for seed in (1, 2, 3):
        cases = unfair(seed=seed, n=400)
        noise = np.random.default_rng(seed + 50).normal(size=(400, 3))
        parts.append(replace(cases, embeddings=np.column_stack((logit(cases.p), noise))))
    test, val, train = parts
    found, _ = remedies(unfair_results(answers=test, validation=val, learnt=train, resamples=50))
    assert [one.way for one in found if one.column == "sex"] == [
        "as it is",
        "thresholds",
        "recalibration",
        "last layer",
        "reweighting",
    ]
    assert all(0.5 < one.sensitivity.value < 1.0 for one in found)


def test_where_nothing_can_be_fitted_the_reason_is_told():
    assert remedies(unfair_results(validation=None))[1] == {"sex": "no validation", "site": "no validation"}
    assert remedies(unfair_results(validation=unfair(n=20)))[1]["sex"] == "small validation"
    seen = unfair()
    alone = replace(seen, groups={"sex": np.full(len(seen), "F")})
    assert remedies(unfair_results(answers=alone))[1] == {"sex": "one group"}


def test_a_group_without_validation_keeps_what_it_had():
    known = unfair(seed=2)
    only_men = replace(
        known, groups={name: values[known.groups["sex"] == "M"] for name, values in known.groups.items()}
    )
    men = known.groups["sex"] == "M"
    only_men = replace(only_men, y=known.y[men], p=known.p[men], patients=known.patients[men])
    found = audit(unfair_results(validation=only_men, resamples=20, intersections=False))
    assert of_sex(found)["thresholds"].left_out == ("F",)
