"""Answers that tell nothing, or the opposite, are not calibrated; DeLong and scikit-learn as witnesses."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from secondread.audit.site.calibrating import risen, verdict
from secondread.audit.site.cases import Cases
from secondread.audit.site.ranking import check_ranking, ranked, ranking
from secondread.core.errors import ManifestError
from secondread.stats.auroc import delong
from secondread.stats.interval import Interval
from secondread.stats.operating import at_threshold


def cases(y, p, patients=None, **more):
    people = np.arange(len(y)).astype(str) if patients is None else patients
    return Cases("ill", tuple(map(str, range(len(y)))), people, np.asarray(y), np.asarray(p), **more)


def drawn(n=200, apart=1.2, seed=3):
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, n)
    return y, 1 / (1 + np.exp(-(apart * y + random.normal(size=n))))


def test_the_area_and_its_interval_are_those_of_scikit_learn_and_delong_where_every_case_is_a_patient():
    y, p = drawn()
    found, witness = ranking(cases(y, p), 1), delong(y, p)
    assert found.value == pytest.approx(roc_auc_score(y, p))
    assert (found.low, found.high) == pytest.approx((witness.low, witness.high), abs=0.015)


def test_pictures_of_few_patients_make_the_interval_wider():
    y, p = drawn(50)
    once = ranking(cases(y, p), 1)
    four = ranking(cases(np.tile(y, 4), np.tile(p, 4), np.tile(np.arange(50), 4).astype(str)), 1)
    assert four.high - four.low == pytest.approx(once.high - once.low, abs=0.02)


@pytest.mark.parametrize(
    ("p", "sentence"),
    [
        (1 - drawn()[1], "Are the labels swapped"),
        (np.full(200, 0.5), "the same probability, 0.5, in all of them"),
    ],
)
def test_answers_that_tell_nothing_or_the_opposite_are_refused_with_the_reason(p, sentence):
    found = cases(drawn()[0], p)
    with pytest.raises(ManifestError, match=sentence):
        check_ranking(found, ranking(found, 1))


@pytest.mark.parametrize(("refused", "asked"), [(0, False), (3, True)])
def test_answers_that_are_not_shown_to_beat_chance_are_told_so_and_where_some_were_refused_what_to_do(refused, asked):
    found = cases(drawn()[0], np.random.default_rng(11).random(200), refused=refused)
    area = ranking(found, 1)
    check_ranking(found, area)
    assert "not shown to be better than chance" in ranked(found, area)
    assert ("--outside warn" in ranked(found, area)) == asked


def test_nothing_is_said_of_answers_that_rank():
    found = cases(*drawn())
    check_ranking(found, ranking(found, 1))
    assert ranked(found, ranking(found, 1)) == ""


def test_what_calls_gain_is_the_difference_of_sensitivity_and_specificity():
    y, p = drawn()
    before, after = (at_threshold(y, p, threshold) for threshold in (0.5, 0.7))
    by_hand = sum(getattr(after, rate).value - getattr(before, rate).value for rate in ("sensitivity", "specificity"))
    assert risen(y, (p >= 0.5).astype(int), (p >= 0.7).astype(int)) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("gain", "change", "words"),
    [
        ((0.1, 0.3), (0.1, 0.2), "probabilities: better than as shipped; calls: better than as shipped"),
        ((0.0, 0.0), (-0.2, 0.2), "probabilities: not shown to need it"),
        ((0.1, 0.3), (-0.2, -0.1), "calls: worse than as shipped"),
    ],
)
def test_the_verdict_says_what_the_intervals_say(gain, change, words):
    middle = [Interval(sum(ends) / 2, *ends, "drawn") for ends in (gain, change)]
    assert words in verdict("", *middle)
    assert verdict("poor", *middle).startswith("answers: poor; probabilities: ")
