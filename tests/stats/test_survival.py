import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf, logrank

from secondread.stats.cox import cox
from secondread.stats.proportion import wilson
from secondread.stats.survival import concordance, kaplan_meier, log_rank, survival_at

MERCAPTOPURINE = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
RELAPSE = [1] * 9 + [0] * 12
TIMES = MERCAPTOPURINE + PLACEBO
EVENTS = RELAPSE + [1] * 21
TREATED = [1] * 21 + [0] * 21


@st.composite
def cohorts(draw, least=2):
    """Times that often tie, events, and a group or score of each case."""
    n = draw(st.integers(least, 25))
    columns = [(0, 9), (0, 1), (0, 1), (-3, 3)]
    return [np.array(draw(st.lists(st.integers(*ends), min_size=n, max_size=n))) for ends in columns]


def one_by_one(times, events, scores):
    """Every pair looked at: what it gives, and whether it can be compared."""
    won = pairs = 0.0
    for i in range(len(times)):
        for j in range(len(times)):
            first = times[i] < times[j] or (times[i] == times[j] and not events[j])
            if i != j and events[i] and first:
                pairs += 1
                won += (scores[i] < scores[j]) + (scores[i] == scores[j]) / 2
    return won / pairs if pairs else None


def test_the_published_survival_of_the_treated_is_met():
    curve = kaplan_meier(MERCAPTOPURINE, RELAPSE)
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.survival == pytest.approx([0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5)
    assert (curve.at_risk.tolist(), curve.events.tolist()) == ([21, 17, 15, 12, 11, 7, 6], [3, 1, 1, 1, 1, 1, 1])


def test_the_published_medians_are_met():
    assert kaplan_meier(MERCAPTOPURINE, RELAPSE).median == 23
    assert kaplan_meier(PLACEBO, [1] * 21).median == 8


def test_the_published_interval_at_ten_weeks_is_met():
    at_ten = survival_at(kaplan_meier(MERCAPTOPURINE, RELAPSE), 10)
    assert (at_ten.low, at_ten.high) == (pytest.approx(0.5032, abs=5e-5), pytest.approx(0.8894, abs=5e-5))


def test_the_published_log_rank_test_is_met():
    test = log_rank(TIMES, EVENTS, TREATED)
    assert test.chi2 == pytest.approx(16.7929, abs=5e-5)
    assert test.p == pytest.approx(4.169e-5, abs=5e-9)
    assert test.observed == (21, 9)
    assert sum(test.expected) == pytest.approx(30)


def test_the_published_cox_regression_is_met():
    model = cox(TIMES, EVENTS, TREATED, ["treated"])
    (treated,) = model.terms
    assert treated.beta == pytest.approx(-1.572125, abs=5e-7)
    assert treated.se == pytest.approx(0.412397, abs=5e-7)
    assert treated.hazard_ratio.value == pytest.approx(0.2076, abs=5e-5)
    assert model.concordance == pytest.approx(0.690042, abs=5e-7)


def test_breslows_ties_give_the_other_published_number():
    assert cox(TIMES, EVENTS, TREATED, ties="Breslow").terms[0].beta == pytest.approx(-1.5092, abs=5e-5)


def test_the_published_concordance_is_met_and_turns_with_the_sign():
    times, events, scores = [5, 10, 15, 20, 25], [1, 1, 0, 1, 1], np.array([1, 3, 2, 5, 4])
    assert concordance(times, events, scores) == 0.75
    assert concordance(times, events, -scores) == 0.25


@given(cohorts())
def test_survival_and_its_bounds_agree_with_scipy(cohort):
    times, events, _, _ = cohort
    curve = kaplan_meier(times, events)
    theirs = ecdf(CensoredData(uncensored=times[events == 1], right=times[events == 0])).sf
    assert curve.survival == pytest.approx(theirs.evaluate(curve.times), abs=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has no bounds at 0 and 1, and says so
        bounds = theirs.confidence_interval(method="log-log")
    for time in curve.times[curve.survival > 0]:
        ours = survival_at(curve, time)
        assert ours.low == pytest.approx(bounds.low.evaluate(time), abs=1e-9)
        assert ours.high == pytest.approx(bounds.high.evaluate(time), abs=1e-9)


@given(cohorts())
def test_the_log_rank_test_agrees_with_scipy(cohort):
    times, events, group, _ = cohort
    if len(set(group)) == 2 and (test := log_rank(times, events, group)) is not None:
        samples = [
            CensoredData(uncensored=times[(group == g) & (events == 1)], right=times[(group == g) & (events == 0)])
            for g in (0, 1)
        ]
        theirs = logrank(*samples)
        assert test.chi2 == pytest.approx(theirs.statistic**2, abs=1e-9)
        assert test.p == pytest.approx(theirs.pvalue, abs=1e-9)


@given(cohorts())
def test_concordance_counts_every_pair(cohort):
    times, events, _, scores = cohort
    assert concordance(times, events, scores) == pytest.approx(one_by_one(times, events, scores), abs=1e-12)


@given(cohorts(), st.randoms(use_true_random=False))
def test_the_order_of_the_cases_changes_nothing(cohort, random):
    times, events, group, scores = cohort
    order = random.sample(range(len(times)), len(times))
    before, after = kaplan_meier(times, events), kaplan_meier(times[order], events[order])
    assert (before.times.tolist(), before.survival.tolist()) == (after.times.tolist(), after.survival.tolist())
    assert concordance(times, events, scores) == concordance(times[order], events[order], scores[order])
    if len(set(group)) == 2:
        assert log_rank(times, events, group) == log_rank(times[order], events[order], group[order])


@given(cohorts(), st.floats(0, 12))
def test_survival_lies_in_its_interval_and_that_within_zero_and_one(cohort, time):
    times, events, _, _ = cohort
    found = survival_at(kaplan_meier(times, events), time)
    if found is None:
        assert time > times.max()
    else:
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.low < found.high


@given(cohorts())
def test_the_bounds_of_the_median_lie_around_it(cohort):
    curve = kaplan_meier(cohort[0], cohort[1])
    low, middle, high = (np.inf if t is None else t for t in (curve.median_low, curve.median, curve.median_high))
    assert low <= middle <= high


def test_without_censoring_survival_is_the_share_still_there():
    curve = kaplan_meier(PLACEBO, [1] * 21)
    for time in range(24):
        assert survival_at(curve, time).value == pytest.approx(np.mean(np.array(PLACEBO) > time))


def test_before_the_first_event_the_interval_is_that_of_the_people_still_followed():
    assert survival_at(kaplan_meier([1, 4, 5, 6], [0, 1, 1, 0]), 3) == wilson(3, 3)


def test_when_nobody_is_left_survival_stays_zero_with_an_upper_bound():
    curve = kaplan_meier(PLACEBO, [1] * 21)
    assert survival_at(curve, 23).value == survival_at(curve, 99).value == 0
    assert 0 < survival_at(curve, 23).high <= survival_at(curve, 22).high
    assert survival_at(kaplan_meier([3] * 20, [1] * 20), 3).high == wilson(0, 20).high


def test_beyond_the_last_visit_nothing_is_known():
    curve = kaplan_meier(MERCAPTOPURINE, RELAPSE)
    assert survival_at(curve, 35) is not None
    assert survival_at(curve, 35.1) is None


def test_a_survival_that_ought_to_be_one_half_is_not_missed_by_rounding():
    curve = kaplan_meier([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 0, 0, 0, 0])
    assert curve.median == 4


def test_without_events_there_is_no_median_no_test_and_no_concordance():
    times, none = [3, 5, 8, 9], [0, 0, 0, 0]
    curve = kaplan_meier(times, none)
    assert (len(curve.times), curve.median, curve.median_low, curve.median_high) == (0, None, None, None)
    assert survival_at(curve, 5).value == 1
    assert log_rank(times, none, [0, 1, 0, 1]) is None
    assert concordance(times, none, [1, 2, 3, 4]) is None


def test_a_group_followed_only_after_the_other_has_gone_cannot_be_compared():
    assert log_rank([1, 1, 2, 3], [0, 0, 1, 1], [0, 0, 1, 1]) is None


def test_two_events_at_one_time_are_not_compared_but_an_event_and_a_censored_case_are():
    assert concordance([4, 4], [1, 1], [1, 2]) is None
    assert concordance([4, 4], [1, 0], [1, 2]) == 1
    assert concordance([4, 4], [1, 0], [2, 2]) == 0.5


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: kaplan_meier([1, -2], [1, 1]), "needed times of 0 or more"),
        (lambda: kaplan_meier([1, 2], [1, 2]), "needed only 0 and 1"),
        (lambda: kaplan_meier([1, 2, 3], [1, 1]), "needed one for each case"),
        (lambda: kaplan_meier([], []), "needed at least one"),
        (lambda: kaplan_meier([1, np.nan], [1, 1]), "needed finite numbers"),
        (lambda: kaplan_meier([1, 2], [1, 1], level=1.0), "level"),
        (lambda: survival_at(kaplan_meier([1], [1]), -1), "needed a finite time"),
        (lambda: log_rank([1, 2], [1, 1], [1, 1]), "found only the group 1"),
        (lambda: concordance([1, 2], [1, 1], [1]), "needed one for each case"),
    ],
)
def test_what_has_no_meaning_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
