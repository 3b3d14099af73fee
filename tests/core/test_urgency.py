"""The answer that presses stands first, whatever the readers are called."""

from dataclasses import replace

import fakes
from secondread.core.code import LOCAL, Code
from secondread.core.finding import Finding
from secondread.core.report import Evidence, Outcome, Priority, Read, Refusal
from secondread.core.urgency import by_urgency, most_urgent
from secondread.readers import choose

ANY = choose(["chest-xray-pneumonia"])[0]
CODE = Code(LOCAL, "n", "Nodule")
REFUSAL = Refusal("view", "Found LL.", "Send PA.")
FOUND = Read("found", "?", Outcome.FOUND, findings=(Finding(CODE, 0.9, 0.5),))
NOT_FOUND = Read("not-found", "?", Outcome.NOTHING_FOUND, findings=(Finding(CODE, 0.1, 0.5),))
UNSURE = Read("unsure", "?", Outcome.UNDECIDED, findings=(Finding(CODE, 0.55, 0.5, undecided=(0.4, 0.6)),))
REFUSED = Read("refused", "?", Outcome.REFUSED, refusal=REFUSAL)
SEEN = replace(REFUSED, reader="refused-what-it-saw", evidence=Evidence(fakes.series()))
FAILED = Read("failed", "?", Outcome.FAILED, failure="It stopped.")


def ordered(*asked):
    """The names of reads, each given with the priority its reader would give it."""
    readers = [replace(ANY, name=read.reader, priority=lambda _, p=p: p) for read, p in asked]
    return [read.reader for read in by_urgency(readers, [read for read, _ in asked])]


def test_the_most_urgent_answer_stands_first_whatever_its_outcome():
    pressing = replace(NOT_FOUND, reader="described-and-urgent")
    asked = [(FOUND, Priority.ROUTINE), (REFUSED, Priority.CRITICAL), (pressing, Priority.URGENT)]
    assert ordered(*asked) == ["described-and-urgent", "found", "refused"]


def test_of_equally_urgent_ones_what_was_found_then_what_is_undecided():
    asked = [(read, Priority.ROUTINE) for read in (NOT_FOUND, REFUSED, SEEN, UNSURE, FAILED, FOUND)]
    assert ordered(*asked) == ["found", "unsure", "not-found", "failed", "refused-what-it-saw", "refused"]


def test_what_is_alike_keeps_the_order_of_the_readers():
    asked = [(replace(FOUND, reader=name), Priority.URGENT) for name in ("b", "c", "a")]
    assert ordered(*asked) == ["b", "c", "a"]


def test_a_study_without_an_answer_is_unread():
    assert most_urgent([ANY, ANY], [REFUSED, FAILED]) is Priority.UNREAD
