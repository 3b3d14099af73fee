"""RECIST 1.1: sums of targets, against the baseline to shrink and against the nadir to grow."""

from dataclasses import replace

import pytest

from secondread.guidelines.recist import NODES, RecistCase, Target, add_up, is_target, recist

CASE = RecistCase(100.0, 100.0, 100.0, targets_gone=False, non_targets="none", new_lesion=False)


def judged(baseline, nadir, now, **more):
    changed = {"baseline_sum_mm": baseline, "nadir_sum_mm": nadir, "sum_mm": now, **more}
    return recist(replace(CASE, **changed)).value


@pytest.mark.parametrize(
    ("baseline", "nadir", "now", "response"),
    [
        (100, 100, 70, "PR"),
        (100, 100, 71, "SD"),
        (100, 50, 60, "PD"),  # +20 % and +10 mm on the nadir, although -40 % on the baseline
        (100, 20, 24, "PR"),  # +20 % but only +4 mm
        (20, 20, 24, "SD"),  # the same without shrinkage before
        (25, 25, 30, "PD"),  # +20 % and +5 mm, both just reached
        (100, 100, 119, "SD"),  # +19 mm but only +19 %
        (10.5, 10.5, 12.6, "SD"),
        (52.5, 52.5, 63.0, "PD"),  # +20 % in decimals
    ],
)
def test_published_thresholds(baseline, nadir, now, response):
    assert judged(baseline, nadir, now) == response


def test_growth_counts_from_the_nadir_and_needs_five_millimetres():
    grown = judged(24, 20, 24)  # nadir 20, now 24
    assert grown == "SD"
    assert judged(40, 20, 25) == "PD"


def test_targets_gone_with_a_small_node_left_are_a_complete_response():
    before = [Target(NODES, longest_mm=30.0, short_axis_mm=18.0), Target("liver", longest_mm=22.0)]
    after = add_up([Target(NODES, longest_mm=20.0, short_axis_mm=9.0), Target("liver", seen="gone")])
    assert add_up(before).sum_mm == 40.0
    assert (after.sum_mm, after.complete, after.gone) == (9.0, True, True)
    assert judged(40, 40, after.sum_mm, targets_gone=after.gone) == "CR"


def test_a_node_of_ten_millimetres_has_not_gone():
    assert not add_up([Target(NODES, short_axis_mm=10.0)]).gone
    assert add_up([Target(NODES, short_axis_mm=9.9)]).gone


def test_a_new_lesion_is_progression_whatever_shrank_and_whatever_is_missing():
    assert judged(100, 100, 40, new_lesion=True) == "PD"
    assert recist(RecistCase(new_lesion=True)).value == "PD"
    assert recist(RecistCase(non_targets="PD")).value == "PD"


@pytest.mark.parametrize(
    ("gone", "now", "others", "overall"),
    [
        (True, 0, "none", "CR"),
        (True, 0, "CR", "CR"),
        (True, 0, "non-CR/non-PD", "PR"),
        (True, 0, "NE", "PR"),
        (False, 60, "non-CR/non-PD", "PR"),
        (False, 60, "NE", "PR"),
        (False, 90, "non-CR/non-PD", "SD"),
        (False, 90, "NE", "SD"),
        (True, 0, "PD", "PD"),
    ],
)
def test_the_table_of_overall_responses(gone, now, others, overall):
    assert judged(100, 100, now, targets_gone=gone, non_targets=others) == overall


def test_the_row_that_could_not_be_checked_says_so():
    ruling = recist(replace(CASE, sum_mm=0.0, targets_gone=True, non_targets="NE"))
    assert any(warning.startswith("unverified") for warning in ruling.warnings)


def test_a_target_that_cannot_be_assessed_is_not_evaluable_unless_the_rest_already_grew():
    rest = add_up([Target("lung", longest_mm=30.0), Target("liver", seen="not assessable")])
    assert (rest.sum_mm, rest.complete, rest.gone) == (30.0, False, False)
    assert judged(60, 50, 30, targets_complete=False) == "NE"
    assert judged(60, 20, 30, targets_complete=False) == "PD"


def test_too_small_to_measure_counts_five_millimetres():
    assert add_up([Target("lung", seen="too small"), Target("liver", longest_mm=20.0)]).sum_mm == 25.0


@pytest.mark.parametrize(
    ("lesion", "slice_mm", "fit"),
    [
        (Target("lung", longest_mm=10.0), 5.0, True),
        (Target("lung", longest_mm=9.9), 1.0, False),
        (Target("lung", longest_mm=13.0), 7.0, False),  # less than two slices
        (Target("lung", longest_mm=14.0), 7.0, True),
        (Target(NODES, longest_mm=30.0, short_axis_mm=14.9), 1.0, False),  # the short axis counts
        (Target(NODES, longest_mm=16.0, short_axis_mm=15.0), 1.0, True),
        (Target("lung", seen="too small"), 1.0, False),
    ],
)
def test_what_may_be_a_target(lesion, slice_mm, fit):
    assert is_target(lesion, slice_mm=slice_mm) == fit


@pytest.mark.parametrize(
    "targets",
    [
        [],
        [Target("liver", longest_mm=20.0)] * 3,
        [Target(NODES, short_axis_mm=20.0)] * 3,  # nodes are one organ
        [Target(organ, longest_mm=20.0) for organ in "abcdef"],
        [Target(NODES, longest_mm=20.0)],
        [Target("lung", longest_mm=float("nan"))],
    ],
)
def test_targets_that_break_the_rule_are_refused(targets):
    with pytest.raises(ValueError, match="found"):
        add_up(targets)


@pytest.mark.parametrize("name", ["baseline_sum_mm", "nadir_sum_mm", "sum_mm", "non_targets", "new_lesion"])
def test_what_is_missing_is_named(name):
    assert recist(replace(CASE, **{name: None})).reason == f"not computable: {name} is not known"


def test_growth_is_told_even_when_the_rest_is_not_known():
    assert recist(RecistCase(100.0, 50.0, 60.0)).value == "PD"


def test_without_a_lesion_at_baseline_there_is_nothing_to_compare():
    assert recist(replace(CASE, baseline_sum_mm=0.0, nadir_sum_mm=0.0)).reason.startswith("not applicable")


@pytest.mark.parametrize("wrong", [{"nadir_sum_mm": 101.0}, {"sum_mm": -1.0}, {"non_targets": "fine"}])
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        recist(replace(CASE, **wrong))
