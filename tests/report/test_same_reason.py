"""What is told once: the same words about the same picture, and never an answer."""

from dataclasses import replace

import pytest

from secondread.core.report import Refusal
from secondread.core.trust import Check, Distance
from secondread.report.same_reason import by_reason

OTHERS = {
    "reason": {"refusal": Refusal("population", "Found view LL; needed a frontal view.", "Send the frontal picture.")},
    "message": {"refusal": Refusal("view", "Found view RL; needed a frontal view.", "Send the frontal picture.")},
    "next step": {"refusal": Refusal("view", "Found view LL; needed a frontal view.", "Ask another reader.")},
    "warning": {"warnings": ("Burned-in text.",)},
    "check": {"checks": (Check("view", "refused", "A lateral view."),)},
    "distance": {"distances": (Distance("a-network", 1.5),)},
    "picture": {"provenance": {"input_sop_instance_uids": "2.25.2"}},
}


def test_readers_that_refuse_or_fail_alike_stand_together_where_the_first_stood(desk):
    reads = [desk.refused(), desk.failed(), desk.refused(), desk.failed(), desk.refused()]
    assert by_reason(reads) == [[0, 2, 4], [1, 3]]


def test_who_says_it_what_it_was_asked_and_how_long_it_took_part_nobody(desk):
    first = desk.refused(checks=(Check("person", "not checked", "Made for people of 18 years and more."),))
    ages = (Check("person", "not checked", "Made for people of 1 to 5 years."),)
    assert by_reason([first, replace(first, reader="b", question="Another?", seconds=2.0, checks=ages)]) == [[0, 1]]


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_whatever_else_is_told_parts_them(desk, change):
    assert by_reason([desk.refused(), desk.refused(**change), desk.refused()]) == [[0, 2], [1]]


def test_what_is_drawn_parts_them_too(desk):
    assert by_reason([desk.refused()] * 3, ["a", "b", "a"]) == [[0, 2], [1]]


def test_answers_are_never_told_together(desk):
    assert by_reason([desk.found(), desk.found(), desk.undecided(), desk.nothing_found()]) == [[0], [1], [2], [3]]
