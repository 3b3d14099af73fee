from dataclasses import replace

import numpy as np
import pytest

from drift_points import other_network, stream
from secondread.audit.drift.judge import ALARM, OK, TOO_FEW, WATCH, judged
from secondread.audit.drift.monitors import RATE, Monitor
from secondread.audit.drift.watch import Rules, watched

RULES = Rules(reference=300, least=60)


def said(points, rules=RULES, **more):
    (one,) = watched(points, rules, **more)
    return {monitor.name: monitor for monitor in one.monitors}


def test_a_stream_that_does_not_change_raises_no_alarm():
    found = said(stream(900, 1))
    assert {one.status for one in found.values()} <= {OK, TOO_FEW}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"shift": 1.5}, "probability: pneumonia"),
        ({"refused": 0.4}, "refused"),
        ({"overridden": 0.5}, "overridden"),
        ({"vega": 0.9}, "tag: manufacturer"),
    ],
)
def test_a_change_raises_the_alarm_of_its_own_monitor_and_says_from_what_to_what(change, name):
    found = said([*stream(400, 2), *stream(300, 3, begin=400, **change)])
    assert found[name].status == ALARM
    assert found[name].told.startswith("Was ")
    assert found[name].p < 0.001
    assert abs(found[name].since - 100) <= 60
    assert found["turnaround"].status == OK


def test_refused_and_failed_reads_are_counted_as_such_and_never_as_negatives():
    points = [*stream(400, 4), *stream(400, 5, begin=400, refused=0.6)]
    found = said(points)
    assert found["positive"].status == OK  # the share among the answers stays
    assert found["positive"].n_current + sum(one.outcome == "refused" for one in points[300:]) == 500
    assert found["probability: pneumonia"].status == OK


def test_a_new_network_has_a_new_reference_and_the_old_one_is_not_compared_with_it():
    points = [*stream(400, 6), *other_network(stream(320, 7, begin=400, shift=2.0))]
    (one,) = watched(points, RULES)
    assert (one.weights[:1], one.reference, one.complete) == ("b", 300, True)
    assert all(monitor.status in {OK, TOO_FEW} for monitor in one.monitors)


def test_a_reference_that_a_person_began_forgets_what_was_before():
    points = [*stream(400, 8), *stream(700, 9, begin=400, shift=2.0)]
    assert said(points)["probability: pneumonia"].status == ALARM
    begun = {"chest-xray-pneumonia": points[400].at}
    assert said(points, begins=begun)["probability: pneumonia"].status == OK


def test_while_the_reference_is_gathered_nothing_is_said():
    (one,) = watched(stream(200, 10), RULES)
    assert (one.reference, one.complete) == (200, False)
    assert {monitor.status for monitor in one.monitors} == {TOO_FEW}


def rate_monitor(old, new, **more):
    monitor = Monitor("outcome", "refused", RATE, lambda point: None)
    (one,) = judged([monitor], [(old, new)], **more)
    return one


def asked(count, share, seed):
    random = np.random.default_rng(seed)
    return [(bool(random.random() < share), "day") for _ in range(count)]


@pytest.mark.parametrize(
    ("was", "now", "status"),
    [
        (1.0, 0.0, ALARM),
        (0.1, 0.0, ALARM),
        (0.6, 0.3, ALARM),
        (0.3, 0.6, WATCH),
        (1.0, 1.0, OK),
        (0.3, 0.3, OK),
        (0.02, 0.0, OK),
    ],  # of two studies in a hundred it cannot tell
)
def test_a_reader_that_is_gone_or_asked_far_less_is_an_alarm_and_one_that_is_asked_more_is_watched(was, now, status):
    studies = [*asked(350, was, 30), *asked(1500, now, 31)]
    found = said(stream(320, 15), asked={"chest-xray-pneumonia": studies})
    assert found["asked"].status == status
    assert found["asked"].told.startswith("Gone: was asked about ") == (now == 0.0 and status == ALARM)
    assert found["asked"].now == pytest.approx(now, abs=0.05)


def test_how_often_a_reader_is_asked_raises_no_more_false_alarms_than_any_other_monitor():
    points = stream(320, 16)
    shares = [{"chest-xray-pneumonia": asked(1300, 0.3, seed)} for seed in range(40)]
    assert [said(points, asked=one)["asked"].status for one in shares].count(ALARM) == 0


def test_a_reader_that_is_asked_about_other_studies_at_night_is_not_called_gone_every_night():
    random = np.random.default_rng(32)
    parts = [("day", "night")[number // 40 % 2] for number in range(1280)]
    studies = [(bool(random.random() < {"day": 0.8, "night": 0.1}[part]), part) for part in parts]
    assert said(stream(320, 17), asked={"chest-xray-pneumonia": studies})["asked"].status == OK


def test_a_change_that_is_sure_but_small_is_watched_and_no_alarm():
    random = np.random.default_rng(11)
    old, new = (random.random(20_000) < 0.50).tolist(), (random.random(20_000) < 0.56).tolist()
    assert rate_monitor(old, new).status == WATCH
    assert "small" in rate_monitor(old, new).told


def test_the_more_monitors_share_the_false_alarms_the_more_evidence_each_needs():
    random = np.random.default_rng(12)
    old = (random.random(400) < 0.1).tolist()
    new = (random.random(120) < 0.3).tolist()
    one = rate_monitor(old, new)
    assert one.status == ALARM
    assert rate_monitor(old, new, among=10**9).status != ALARM


def test_the_order_in_which_points_are_given_does_not_matter():
    points = stream(700, 13)
    assert watched(points, RULES) == watched(points[::-1], RULES)


def test_a_tag_that_is_never_there_is_no_monitor_and_one_that_is_sometimes_there_is():
    points = stream(400, 14)
    without = [replace(one, tags={}) for one in points[:200]]
    assert "tag: manufacturer" in said([*without, *points[200:]])
    assert "tag: manufacturer" not in said(without)


def test_other_people_at_the_weekend_are_no_change():
    weeks = [stream(40, 20 + k, begin=40 * k, shift=2.5 * (k % 4 == 3)) for k in range(24)]
    points = [replace(one, part="weekend" if k % 4 == 3 else "day") for k, week in enumerate(weeks) for one in week]
    assert said(points)["probability: pneumonia"].status == OK
    assert said([replace(one, part="") for one in points])["probability: pneumonia"].status != OK
