import numpy as np
import pytest

from secondread.accept.outside import REASON, with_distances
from secondread.core.code import SCT, Code
from secondread.core.finding import Finding
from secondread.core.reader import Answer
from secondread.core.report import Refusal
from secondread.core.trust import Distance
from secondread.engine.watch import Strange

ANSWER = Answer((Finding(Code(SCT, "233604007", "Pneumonia"), 0.9, 0.5),), ("As it was.",))


def strange(value: float, inputs: int = 1) -> Strange:
    parts = (("embedding", 0.5), ("grain", value), ("greys", max(0.0, value - 0.1)))
    return Strange(Distance("lungs", value, parts, inputs), np.full((1, 8, 8), 0.5, np.float32))


def test_a_strange_input_is_refused_with_what_was_strange_and_a_picture():
    answer = with_distances(ANSWER, [strange(3.0)], "refuse", many=False)
    assert answer.refusal.reason == REASON
    assert "strange: its noise and sharpness and its greys. Its distance is 3.00," in answer.refusal.message
    assert answer.findings == ()
    assert answer.distances[0].value == 3.0
    assert len(answer.illustrations) == 1


def test_with_a_warning_the_answer_stays():
    answer = with_distances(ANSWER, [strange(3.0)], "warn", many=False)
    assert answer.findings == ANSWER.findings
    assert answer.warnings[0] == "As it was."
    assert "unlike those that the network lungs was trained on" in answer.warnings[1]
    assert len(answer.illustrations) == 1


def test_strange_candidates_are_warned_of_and_do_not_refuse_the_examination():
    answer = with_distances(ANSWER, [strange(3.0, inputs=5)], "refuse", many=True)
    assert answer.refusal is None
    assert "(the one in the middle of 5)" in answer.warnings[1]


@pytest.mark.parametrize("outside", ["refuse", "warn"])
def test_an_input_like_the_training_changes_nothing_but_is_told(outside):
    answer = with_distances(ANSWER, [strange(1.0)], outside, many=False)
    assert (answer.findings, answer.warnings, answer.illustrations) == (ANSWER.findings, ANSWER.warnings, ())
    assert [one.value for one in answer.distances] == [1.0]


def test_a_refusal_of_the_reader_stays_what_it_is():
    refused = Answer(refusal=Refusal("content", "Found a hand.", "Send a chest."))
    assert with_distances(refused, [strange(3.0)], "refuse", many=False).refusal.reason == "content"
