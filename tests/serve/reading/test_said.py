from dataclasses import replace

import pytest

import reader_codes
from secondread.core.code import LOCAL, SCT, Code
from secondread.core.finding import Finding, Limit
from secondread.core.measurement import Measurement
from secondread.core.report import Outcome, Priority, Read, Refusal, Report, answered_with
from secondread.core.trust import Check
from secondread.readers import choose
from secondread.serve.pages.words import phrases
from secondread.serve.pages.words.reading import AREA
from secondread.serve.reading.said import SHORT, outcome_of, said, said_also, short_name
from secondread.serve.reading.standing import PHRASES

ONE = choose(["chest-xray-pneumonia"])[0]


def finding(name, probability=0.9, threshold=0.5):
    return Finding(Code(LOCAL, name.lower().replace(" ", "-"), name), probability, threshold)


def reader(name, priority=Priority.ROUTINE):
    return replace(ONE, name=name, priority=lambda _findings: priority)


def answered(name, *findings):
    return Read(name, "?", answered_with(findings), findings=findings)


def report(*reads):
    answers = any(read.findings for read in reads)
    return Report("1.2", "p", reads, Priority.ROUTINE if answers else Priority.UNREAD, "2026-01-01T00:00:00+00:00")


REFUSED = Read("r", "?", Outcome.REFUSED, refusal=Refusal("view", "Found LL.", "Send PA."))
OTHERS = Read("c", "?", Outcome.REFUSED, refusal=Refusal("population", "Found an adult.", "Ask another."))
UNSURE = Read(
    "u", "?", Outcome.UNDECIDED, findings=(Finding(Code(LOCAL, "n", "Nodule"), 0.55, 0.5, undecided=(0.4, 0.6)),)
)
FAILED = Read("f", "?", Outcome.FAILED, failure="It stopped.")


def test_the_most_urgent_finding_is_said_first():
    whole = report(answered("calm", finding("Cardiomegaly")), answered("urgent", finding("Bleeding")))
    readers = [reader("calm"), reader("urgent", Priority.CRITICAL)]
    assert said(whole, readers).text == "Bleeding, Cardiomegaly"


def test_of_one_reader_the_finding_furthest_above_its_threshold_is_said_first():
    whole = report(answered("r", finding("Close", 0.55), finding("Far", 0.99), finding("Absent", 0.1)))
    assert said(whole, [reader("r")]).text == "Far, Close"


def test_three_words_are_the_most():
    names = ("Pleural effusion", "Lung mass", "Nodule", "Hernia")
    whole = report(answered("r", *(finding(name) for name in names)))
    assert said(whole, [reader("r")]).text == "Pleural effusion, Nodule +2"


def test_the_same_finding_of_two_readers_is_said_once():
    whole = report(answered("a", finding("Nodule")), answered("b", finding("Nodule")))
    assert said(whole, [reader("a"), reader("b")]).text == "Nodule"


def test_what_is_undecided_is_never_said_as_found():
    both = answered("r", finding("Nodule", 0.9), replace(finding("Mass", 0.6), undecided=(0.4, 0.7)))
    assert said(report(both), [reader("r")]).text == "Nodule"


def test_what_stands_beside_the_findings_is_kept_for_the_list():
    found = answered("r", finding("Nodule"))
    assert said_also(report(found)) == ""
    assert said_also(report(found, OTHERS)) == ""
    assert said_also(report(found, REFUSED)) == "refused"
    assert said_also(report(found, FAILED, UNSURE)) == "failed undecided"
    both = answered("r", finding("Nodule"), replace(finding("Mass", 0.6), undecided=(0.4, 0.7)))
    warned = replace(both, checks=(Check("view", "warned", "The view is not stated."), Check("motion", "passed")))
    assert said_also(report(both)) == "undecided"
    assert said_also(report(warned)) == "undecided warned"
    assert said_also(report(replace(found, warnings=("Marks say where to look.",)))) == ""


def test_a_measured_finding_is_said_too():
    measured = Finding(
        Code(LOCAL, "w", "Wide heart"), measurements=(Measurement("r", 0.6, "1", "m"),), limit=Limit(0.5, "a rule")
    )
    assert said(report(answered("r", measured)), [reader("r")]).text == "Wide heart"


@pytest.mark.parametrize(
    ("reads", "key", "outcome"),
    [
        ((answered("r", finding("Nodule", 0.1)), OTHERS), "reading.nothing-found", "draft"),
        ((answered("r", finding("Nodule", 0.1)), REFUSED, OTHERS), "reading.partly-refused", "draft"),
        ((answered("r", Finding(Code(LOCAL, "d", "Density"))), REFUSED), "reading.partly-refused", "draft"),
        ((answered("r", finding("Nodule", 0.1)), REFUSED, FAILED), "reading.partly-failed", "draft"),
        ((UNSURE,), "reading.undecided", "draft"),
        ((answered("r", finding("Nodule", 0.1)), UNSURE, REFUSED), "reading.undecided", "draft"),
        ((REFUSED,), "reading.refused", "refused"),
        ((REFUSED, FAILED), "reading.failed", "failed"),
        ((FAILED, answered("r", finding("Nodule", 0.1))), "reading.partly-failed", "draft"),
        ((FAILED, UNSURE), "reading.undecided", "draft"),
        ((answered("r", Finding(Code(LOCAL, "d", "Density"))),), "reading.described", "draft"),
    ],
)
def test_where_nothing_is_positive_the_end_of_the_read_is_said(reads, key, outcome):
    words = said(report(*reads), [reader("r")])
    assert (words.key, words.text) == (key, AREA[key][0])
    assert outcome_of(report(*reads)) == outcome


def test_every_phrase_is_at_most_three_words_in_both_languages_and_never_normal():
    assert set(PHRASES) == set(AREA)
    for key, (english, korean) in AREA.items():
        assert PHRASES[key] == english
        for text in (english, korean):
            assert len(text.split()) <= 3
            assert "normal" not in text.lower()
            assert "정상" not in text


def test_every_short_name_has_at_most_three_words():
    assert {name: text for name, text in SHORT.items() if len(text.split()) > 3} == {}


def test_every_short_name_can_be_said_in_korean_too():
    assert {text for text in SHORT.values() if f"said.{text.lower()}" not in phrases("ko").texts} == set()


def test_every_name_that_a_reader_can_say_is_short_and_has_a_korean_word():
    maps = {"Class activation", "Occlusion sensitivity"}  # how a map was made; no finding
    names = {short_name(code): where for code, where in reader_codes.codes().items()}
    assert len(names) > 60
    assert {name: where for name, where in names.items() if name.endswith("…")} == {}
    known = phrases("ko").texts
    assert {name for name in names if f"said.{name.lower()}" not in known} == maps


def test_a_long_name_that_nobody_shortened_shows_that_it_goes_on():
    assert short_name(Code(LOCAL, "1", "Region of the lung that is dark")) == "Region of the…"
    assert short_name(Code(SCT, "8186001", "Cardiomegaly")) == "Cardiomegaly"
    assert short_name(Code(LOCAL, "lung-nodules", "Nodules in the lungs, as many as were found")) == "Lung nodules"
