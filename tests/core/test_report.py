"""Found, nothing found, undecided, refused and failed are never mixed up, and no program signs."""

from dataclasses import replace
from itertools import product

import pytest

import fakes
from secondread.core.code import SCT, Code
from secondread.core.finding import Finding
from secondread.core.report import NOTICE, Evidence, Outcome, Priority, Read, Refusal, Report

PNEUMONIA = Code(SCT, "233604007", "Pneumonia")
POSITIVE, NEGATIVE = Finding(PNEUMONIA, 0.9, 0.5), Finding(PNEUMONIA, 0.1, 0.5)
UNSURE, LEANING = (Finding(PNEUMONIA, value, 0.5, undecided=(0.4, 0.6)) for value in (0.45, 0.55))
REFUSAL = Refusal("view", "Found a side view; needed a frontal view.", "Send the frontal picture.")
FINDINGS = {
    "none": (),
    "negative": (NEGATIVE,),
    "positive": (POSITIVE,),
    "both": (NEGATIVE, POSITIVE),
    "unsure": (NEGATIVE, UNSURE),
    "leaning": (LEANING,),
    "unsure and positive": (UNSURE, POSITIVE),
}
# Outcome, findings, refusal, failure: all that may stand together.
ALLOWED = {
    ("found", "positive", None, None),
    ("found", "both", None, None),
    ("found", "unsure and positive", None, None),
    ("nothing found", "negative", None, None),
    ("undecided", "unsure", None, None),
    ("undecided", "leaning", None, None),
    ("refused", "none", REFUSAL, None),
    ("failed", "none", None, "It stopped."),
}


def read(outcome, findings=(), refusal=None, failure=None, **more):
    return Read("reader", "Is there pneumonia?", outcome, findings, refusal, failure, **more)


def report(*reads, **changes):
    whole = {
        "study_uid": "1.2.3",
        "patient_key": "p-1",
        "reads": reads,
        "priority": Priority.UNREAD,
        "created_at": "2026-03-04T10:22:05+09:00",
    }
    return Report(**(whole | changes))


ANSWERS = [
    read(Outcome.FOUND, (POSITIVE,)),
    read(Outcome.NOTHING_FOUND, (NEGATIVE,)),
    read(Outcome.UNDECIDED, (UNSURE,)),
]
NO_ANSWERS = [read(Outcome.REFUSED, refusal=REFUSAL), read(Outcome.FAILED, failure="It stopped.")]


@pytest.mark.parametrize("combination", list(product(Outcome, FINDINGS, [None, REFUSAL], [None, "", "It stopped."])))
def test_a_read_exists_only_when_its_outcome_and_its_content_agree(combination):
    outcome, findings, refusal, failure = combination
    if (outcome.value, findings, refusal, failure) in ALLOWED:
        assert read(outcome, FINDINGS[findings], refusal, failure).outcome is outcome
    else:
        with pytest.raises(ValueError, match="reader: "):
            read(outcome, FINDINGS[findings], refusal, failure)


def test_an_outcome_given_as_a_word_is_held_to_the_same_rules():
    assert read("refused", refusal=REFUSAL).outcome is Outcome.REFUSED
    assert read("nothing found", (NEGATIVE,)).outcome is Outcome.NOTHING_FOUND
    with pytest.raises(ValueError, match="a refusal, and only a refusal"):
        read("refused")


@pytest.mark.parametrize("word", ["normal", "", "negative", "signed"])
def test_there_is_no_sixth_outcome(word):
    assert {outcome.value for outcome in Outcome} == {"found", "nothing found", "undecided", "refused", "failed"}
    with pytest.raises(ValueError, match="is not a valid Outcome"):
        read(word)


@pytest.mark.parametrize("missing", ["reason", "message", "next_step"])
def test_a_refusal_says_why_and_what_to_do(missing):
    with pytest.raises(ValueError, match="a reason, a message and a next step"):
        replace(REFUSAL, **{missing: ""})


@pytest.mark.parametrize("answer", ANSWERS + NO_ANSWERS, ids=lambda answer: answer.outcome)
def test_the_picture_is_no_part_of_what_makes_two_reads_equal_nor_of_their_text(answer):
    seen = replace(answer, evidence=Evidence(fakes.series(), fakes.image()))
    assert seen == answer
    assert "evidence" not in repr(seen)


@pytest.mark.parametrize("status", ["final", "signed", "", "Draft"])
def test_a_program_writes_drafts_only(status):
    assert report().status == "draft"
    with pytest.raises(ValueError, match="drafts only"):
        report(status=status)
    with pytest.raises(ValueError, match="drafts only"):
        replace(report(), status=status)


def test_silence_is_not_normal():
    for reads in ((), NO_ANSWERS[:1], NO_ANSWERS[1:], NO_ANSWERS):
        assert report(*reads).priority is Priority.UNREAD
        for priority in set(Priority) - {Priority.UNREAD}:
            with pytest.raises(ValueError, match="no reader answered, so the study is unread"):
                report(*reads, priority=priority)


@pytest.mark.parametrize("priority", Priority)
@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.outcome)
def test_one_answer_among_the_reads_lets_its_reader_say_how_urgent_it_is(answer, priority):
    assert report(NO_ANSWERS[0], answer, NO_ANSWERS[1], priority=priority).priority is priority


def test_a_report_names_what_was_passed_over_and_nothing_where_nothing_was():
    assert report().skipped == ()
    assert report(skipped=(("notes.txt", "not DICOM"),)).skipped == (("notes.txt", "not DICOM"),)


def test_the_notice_says_draft_not_for_diagnosis_and_who_must_look():
    assert all(words in NOTICE for words in ("Draft", "not for diagnosis", "qualified physician"))
